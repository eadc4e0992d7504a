//! Printing: a table for people, JSON or CSV for programs. A reader who closes the pipe early is no error.

mod layout;
mod table;

use std::borrow::Cow;
use std::io::{IsTerminal, Write};

use serde_json::{Value as Json, json};

pub use layout::{fitted, in_words, labelled, room, shortened, width, wrapped};
pub use table::{table, table_in, unbroken};

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Columns for people.
    Table,
    /// One JSON array.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
}

/// Prints a text and ends the line.
pub fn say(text: &str) {
    print(&format!("{text}\n"));
}

/// Prints a text as it is. If nobody reads any more, the process ends quietly; if it cannot be written, it ends with 1 and says so.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            super::tell_error(&anyhow::Error::new(error).context("stdout cannot be written"));
            std::process::exit(1);
        }
    }
}

/// Whether colour may be used on stdout: a terminal, and no `NO_COLOR`.
pub fn colour() -> bool {
    std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A text without the control characters by which a scraped name could move the cursor or recolour the terminal.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Prints objects in a format for programs. All objects have the keys of the first, in its order.
pub fn objects(format: Format, objects: &[serde_json::Map<String, Json>]) {
    match format {
        Format::Json => {
            let all = Json::Array(objects.iter().cloned().map(Json::Object).collect());
            say(&escaped(&format!("{all:#}")));
        }
        Format::Csv => {
            let Some(first) = objects.first() else { return };
            let header: Vec<String> = first.keys().map(|key| field(key)).collect();
            let mut text = header.join(",") + "\n";
            for object in objects {
                let row: Vec<String> = object.values().map(csv_value).collect();
                text.push_str(&row.join(","));
                text.push('\n');
            }
            print(&text);
        }
        Format::Jsonl | Format::Table => {
            // one write: a list of many thousand lines is no many thousand calls of the system
            let lines = objects
                .iter()
                .map(|object| json!(object).to_string() + "\n");
            print(&escaped(&lines.collect::<String>()));
        }
    }
}

/// JSON with the control characters escaped that it lets stand as they are: they stand in its texts alone.
fn escaped(json: &str) -> Cow<'_, str> {
    let stands = |c: char| ('\u{7f}'..='\u{9f}').contains(&c);
    if !json.contains(stands) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match stands(c) {
            true => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => text.push(c),
        }
    }
    Cow::Owned(text)
}

fn csv_value(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => field(text),
        other => field(&other.to_string()),
    }
}

/// Quoted where needed; a text that a spreadsheet would take for a formula is led by an apostrophe. Of control characters
/// only the end of a line stays: a table is also looked at in a terminal.
fn field(text: &str) -> String {
    let kept = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    let text: String = text.chars().map(kept).collect();
    let text = match text.chars().next() {
        // the wide forms are operators where such letters are written
        Some('=' | '+' | '@' | '-' | '\n' | '＝' | '＋' | '－' | '＠')
            if text.parse::<f64>().is_err() =>
        {
            format!("'{text}")
        }
        _ => text,
    };
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_no_control_characters() {
        let hostile = json!({ "a\u{9b}31m": "\u{1b}[2J\u{7f}é" });
        let escaped = escaped(&hostile.to_string()).into_owned();
        assert_eq!(escaped, r#"{"a\u009b31m":"\u001b[2J\u007fé"}"#);
        let read: Json = serde_json::from_str(&escaped).expect("JSON");
        assert_eq!(read, hostile);
    }

    #[test]
    fn csv_fields_are_quoted_and_are_no_formulas() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=cmd()", "'=cmd()"),
            ("＝cmd()", "'＝cmd()"),
            ("-1.5", "-1.5"),
            ("\u{1b}[2Ja\u{9b}31m\t=b\r", " [2Ja 31m =b "),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(field(text), expected);
        }
    }
}
