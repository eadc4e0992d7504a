//! How contents are written down: JSON, tables, and what a page that is worked over looks like.

use jiff::civil::Date;
use serde_json::Value as Json;

use super::super::Moment;
use super::super::script::Bent;

/// A day as English pages have it: `January 20, 2027`.
pub fn english(day: Date) -> String {
    day.strftime("%B %-d, %Y").to_string()
}

/// JSON, narrow or wide by chance.
pub fn json(moment: &Moment<'_>, value: &Json) -> Vec<u8> {
    let wide = moment.variant.is_multiple_of(2);
    let written = match wide {
        true => serde_json::to_vec_pretty(value),
        false => serde_json::to_vec(value),
    };
    written.unwrap_or_default()
}

/// Markdown or another text, with more or less room at its end by chance.
pub fn text(moment: &Moment<'_>, text: &str) -> Vec<u8> {
    let mut text = text.trim_end().to_string();
    let more = 1 + (moment.variant % 4) as usize;
    text.extend(std::iter::repeat_n('\n', more));
    text.into_bytes()
}

/// A table of a page.
#[derive(Debug, Clone, Default)]
pub struct Table {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Without rows.
    pub fn new(headers: &[&str]) -> Self {
        Self {
            headers: headers.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
        }
    }

    /// With a row more.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// With a row more, of as many cells as there are.
    pub fn cells(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Worked over as its page is just now.
    #[must_use]
    pub fn bent(mut self, moment: &Moment<'_>, page: &str) -> Self {
        match moment.bent(page) {
            Some(Bent::Headers) => {
                let headers = self.headers.iter_mut().enumerate();
                headers.for_each(|(place, header)| *header = format!("Detail {}", place + 1));
            }
            Some(Bent::Half) => {
                let half = self.rows.len().div_ceil(2);
                self.rows.truncate(half);
            }
            Some(Bent::Notice | Bent::Cut) | None => {}
        }
        self
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule: Vec<String> = self.headers.iter().map(|_| "---".to_string()).collect();
        let mut text = line(&self.headers) + &line(&rule);
        self.rows.iter().for_each(|row| text += &line(row));
        text
    }

    /// As HTML.
    pub fn html(&self) -> String {
        let line = |tag: &str, cells: &[String]| {
            let cells: String = cells
                .iter()
                .map(|cell| format!("<{tag}>{cell}</{tag}>"))
                .collect();
            format!("<tr>{cells}</tr>\n")
        };
        let rows: String = self.rows.iter().map(|row| line("td", row)).collect();
        format!(
            "<table>\n<thead>{}</thead>\n<tbody>{rows}</tbody>\n</table>\n",
            line("th", &self.headers)
        )
    }
}

/// What takes a page's place while it is a notice, or ends in the middle.
pub fn broken(moment: &Moment<'_>, page: &str, body: Vec<u8>) -> Vec<u8> {
    match moment.bent(page) {
        Some(Bent::Notice) => {
            b"# We are moving\n\nThis page is being rebuilt. Please come back later.\n".to_vec()
        }
        Some(Bent::Cut) => body.get(..body.len() / 2).unwrap_or(&body).to_vec(),
        _ => body,
    }
}
