//! `[templates]`: the user's own templates of alerts, digests and reminders.

use std::path::Path;

use super::settings::Outside;
use super::tree::Table;
use crate::render::Templates;

/// Which key names the file of which template.
const KEYS: [(&str, &str); 4] = [
    ("subject", "subject.txt"),
    ("text", "message.txt"),
    ("page", "message.html"),
    ("head", "head.html"),
];

/// Reads the section. A template that does not write every trial message is a problem.
pub(super) fn templates(table: &Table<'_>, outside: &Outside<'_>) -> Templates {
    let mut templates = Templates::default();
    for (key, name) in KEYS {
        let Some(path) = table.text(key) else {
            continue;
        };
        let source = (outside.file)(Path::new(&path))
            .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is no text".to_string()));
        if let Err(error) = source.and_then(|source| templates.replace(name, source)) {
            let expected = "a file with a template of minijinja: `bellwether alert templates` shows the shipped ones";
            table.problem(key, expected, format!("'{path}': {error}"));
        }
    }
    templates
}
