//! Secrets, which the configuration only names.

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretString;

use super::settings::Outside;
use super::tree::Table;

/// Reads `[credentials]`.
pub(super) fn credentials(
    root: &Table<'_>,
    outside: &Outside<'_>,
) -> BTreeMap<String, SecretString> {
    let mut found = BTreeMap::new();
    for (name, table) in root.named_tables("credentials") {
        if let Some(value) = secret(&table, outside) {
            found.insert(name, value);
        }
        table.finish();
    }
    found
}

/// A secret is never written in the file: `{ env = "NAME" }` or `{ file = "PATH" }`.
pub(super) fn secret(table: &Table<'_>, outside: &Outside<'_>) -> Option<SecretString> {
    match (table.text("env"), table.text("file")) {
        (Some(variable), None) => match (outside.variable)(&variable) {
            Some(value) if !value.trim().is_empty() => {
                Some(SecretString::from(value.trim().to_string()))
            }
            _ => {
                table.problem(
                    "env",
                    format!("the environment variable {variable} to be set"),
                    "nothing in it",
                );
                None
            }
        },
        (None, Some(path)) => match (outside.file)(Path::new(&path)) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) if !text.trim().is_empty() => {
                    Some(SecretString::from(text.trim().to_string()))
                }
                _ => {
                    table.problem(
                        "file",
                        "a file that holds only the secret",
                        "an empty or unreadable one",
                    );
                    None
                }
            },
            Err(error) => {
                table.problem("file", "a readable file", error);
                None
            }
        },
        _ => {
            table.problem(
                "env",
                "either { env = \"NAME\" } or { file = \"PATH\" }",
                "neither or both",
            );
            None
        }
    }
}
