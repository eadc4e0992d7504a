//! Comma-separated values (RFC 4180): a header, lines that end with CRLF, a quote doubled within quotes.
//!
//! A text by other hands that a spreadsheet would take for a formula is led by an apostrophe, and so is one that begins with an
//! apostrophe: whoever reads the file with a program takes one leading apostrophe off the cells of texts. Numbers, times and
//! days are as they are. What is missing is an empty cell, an empty text is `""`.

use std::borrow::Cow;
use std::io::{Result, Write};

use super::flat::{FlatCell, flat, flattened};
use crate::market::{Cell, Column};

pub struct Csv<W> {
    columns: &'static [Column],
    out: W,
    line: String,
}

impl<W: Write> Csv<W> {
    pub fn new(columns: &'static [Column], mut out: W) -> Result<Self> {
        let names: Vec<String> = flat(columns)
            .iter()
            .map(|column| quoted(&column.name).into_owned())
            .collect();
        out.write_all(names.join(",").as_bytes())?;
        out.write_all(b"\r\n")?;
        Ok(Self {
            columns,
            out,
            line: String::new(),
        })
    }

    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        let line = &mut self.line;
        line.clear();
        let mut is_first = true;
        flattened(self.columns, cells, |cell| {
            if !is_first {
                line.push(',');
            }
            is_first = false;
            line.push_str(&written(&cell));
        });
        line.push_str("\r\n");
        self.out.write_all(line.as_bytes())
    }

    pub fn finish(mut self) -> Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

fn written<'a>(cell: &'a FlatCell<'_>) -> Cow<'a, str> {
    match cell {
        FlatCell::Missing => Cow::Borrowed(""),
        FlatCell::Foreign(text) => match guarded(text) {
            Cow::Borrowed(text) => quoted(text),
            Cow::Owned(text) => Cow::Owned(quoted(&text).into_owned()),
        },
        FlatCell::Exact(text) => quoted(text),
        FlatCell::Time(at) => at.to_string().into(),
        FlatCell::Flag(flag) => flag.to_string().into(),
        FlatCell::Count(count) => count.to_string().into(),
        FlatCell::Figure(figure) => figure.to_string().into(),
    }
}

/// A text that no spreadsheet takes for a formula.
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        // the wide forms are operators where such letters are written
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\'' | '＝' | '＋' | '－' | '＠') => {
            Cow::Owned(format!("'{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}

fn quoted(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !matches!(c, ',' | '"' | ' ') && !c.is_control();
    // a space is kept by whoever trims cells, if it stands within quotes
    if !text.is_empty() && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
}
