//! Printing: a table for people, JSON or CSV for programs. A reader who closes the pipe early is no error.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};

use serde_json::{Value as Json, json};

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

/// Prints a text as it is. If nobody reads any more, the process ends quietly.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if written.is_err_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe) {
        std::process::exit(0);
    }
}

/// Whether colour may be used on stdout: a terminal, and no `NO_COLOR`.
pub fn colour() -> bool {
    std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Tables are made for so many columns, whatever the terminal has.
const NARROWEST: usize = 40;

/// How many columns there are to print on: `COLUMNS`, else the terminal's own, else 100.
pub fn width() -> usize {
    let stated = std::env::var("COLUMNS").ok();
    let stated = stated.and_then(|columns| columns.trim().parse::<usize>().ok());
    let own = || terminal_size::terminal_size_of(std::io::stdout());
    stated
        .or_else(|| own().map(|(width, _)| usize::from(width.0)))
        .unwrap_or(100)
        .max(NARROWEST)
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
            say(&format!("{all:#}"));
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
            print(&lines.collect::<String>());
        }
    }
}

fn csv_value(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => field(text),
        other => field(&other.to_string()),
    }
}

/// Quoted where needed; a text that a spreadsheet would take for a formula is led by an apostrophe.
fn field(text: &str) -> String {
    let text = match text.chars().next() {
        Some('=' | '+' | '@' | '-') if text.parse::<f64>().is_err() => format!("'{text}"),
        _ => text.to_string(),
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// As many regions by name as have place, and how many more there are.
pub fn in_words(regions: &BTreeSet<&str>, width: usize) -> String {
    let mut named = String::new();
    for (place, region) in regions.iter().enumerate() {
        let more = regions.len() - place - 1;
        let next = match place {
            0 => (*region).to_string(),
            _ => format!("{named}, {region}"),
        };
        let spare = if more > 0 {
            format!(" +{more}").len()
        } else {
            0
        };
        if next.chars().count() + spare > width {
            let rest = regions.len() - place;
            return match place {
                0 => format!("{rest} regions"),
                _ => format!("{named} +{rest}"),
            };
        }
        named = next;
    }
    named
}

/// A text in lines of at most `width`, a word that is longer aside: the first begins with the first indent, all others with
/// the second.
pub fn wrapped(text: &str, indents: [&str; 2], width: usize) -> String {
    let [first, further] = indents;
    let mut lines = String::new();
    let mut line = first.to_string();
    let mut is_begun = false;
    for word in text.split(' ') {
        if is_begun && line.chars().count() + 1 + word.chars().count() > width {
            lines.push_str(&line);
            lines.push('\n');
            line = further.to_string();
        } else if is_begun {
            line.push(' ');
        }
        line.push_str(word);
        is_begun = true;
    }
    lines + &line + "\n"
}

/// Columns of texts, each as wide as its widest cell, at most `widest`.
pub fn table(header: &[&str], rows: &[Vec<String>], widest: usize) -> String {
    let cut = |text: &str| -> String {
        let text = clean(text);
        if text.chars().count() <= widest {
            return text;
        }
        let mut short: String = text.chars().take(widest.saturating_sub(1)).collect();
        short.push('\u{2026}');
        short
    };
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| cut(cell)).collect())
        .collect();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .chain(header.get(column).map(|head| head.chars().count()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| {
                format!(
                    "{cell}{}",
                    " ".repeat(width - cell.chars().count().min(*width))
                )
            })
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let head: Vec<String> = header.iter().map(|head| (*head).to_string()).collect();
    let mut text = line(&head);
    for row in &rows {
        text.push_str(&line(row));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_line_up_and_cannot_move_the_cursor() {
        let rows = vec![
            vec!["gpt\u{1b}[31m-4o".to_string(), "1".to_string()],
            vec!["a name that is far too long".to_string(), "22".to_string()],
        ];
        insta::assert_snapshot!(table(&["MODEL", "N"], &rows, 14), @r"
        MODEL           N
        gpt [31m-4o     1
        a name that i…  22
        ");
    }

    #[test]
    fn csv_fields_are_quoted_and_are_no_formulas() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=cmd()", "'=cmd()"),
            ("-1.5", "-1.5"),
        ] {
            assert_eq!(field(text), expected);
        }
    }

    #[test]
    fn regions_are_named_as_far_as_they_have_place() {
        let regions = BTreeSet::from(["eu-west-1", "us-east-1", "us-west-2"]);
        for (width, expected) in [
            (80, "eu-west-1, us-east-1, us-west-2"),
            (24, "eu-west-1, us-east-1 +1"),
            (14, "eu-west-1 +2"),
            (5, "3 regions"),
        ] {
            assert_eq!(in_words(&regions, width), expected);
        }
    }
}
