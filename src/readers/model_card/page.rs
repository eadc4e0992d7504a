//! A card's Markdown as what its sections state: labelled items, and tables with what stands above them.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::super::folding::shortened;
use super::super::table::{options, prepared};
use crate::market::Failure;
use crate::readers::markdown;

/// In a cell: what the picture of a check mark says.
pub const YES: char = '\u{2713}';
/// In a cell: what the picture of a cross says.
pub const NO: char = '\u{2717}';

/// More cells than this are refused; a card has about two hundred.
const MOST_CELLS: usize = 20_000;

/// A text is cut to so many bytes.
const LONGEST: usize = 8 * 1024;

/// One table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Which section it stands in: its place among [`Page::sections`].
    pub section: usize,
    /// The headings above it, then the last line in bold, all in small letters.
    pub above: Vec<String>,
    /// The last line of prose above it, as it is.
    pub line: String,
    /// The header, in small letters.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The column whose header holds one of these words.
    pub fn column(&self, words: &[&str]) -> Option<usize> {
        let holds = |header: &String| words.iter().any(|word| header.contains(word));
        self.header.iter().position(holds)
    }
}

/// A card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The first heading.
    pub title: String,
    /// Items such as `**Model launch date:** June 9, 2026`: the label in small letters, and what it says.
    pub items: Vec<(String, String)>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The prose of each part under a heading of the first two levels, in small letters.
    pub sections: Vec<String>,
}

/// Reads a card's Markdown.
pub fn read(text: &str) -> Result<Page, Failure> {
    markdown::check(text)?;
    let text = prepared(text);
    let mut reader = Reader::default();
    reader.page.sections.push(String::new());
    for event in Parser::new_ext(&text, options()) {
        reader.hear(event)?;
    }
    Ok(reader.page)
}

#[derive(Debug, Default)]
struct Reader {
    page: Page,
    outline: Vec<(u8, String)>,
    bold: String,
    line: String,
    table: Option<Table>,
    in_head: bool,
    cells: usize,
    text: String,
    /// How much of the text stands in bold.
    strong: String,
    depth: usize,
    in_item: bool,
    /// The label of the item that is being read, once its bold part has ended.
    label: Option<String>,
    in_picture: bool,
}

impl Reader {
    fn hear(&mut self, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Start(tag) => self.begin(&tag),
            Event::End(tag) => return self.end(tag),
            Event::Text(text) | Event::Code(text) => self.push(&text),
            Event::SoftBreak => self.push(" "),
            Event::HardBreak => self.push("\n"),
            Event::Html(tag) | Event::InlineHtml(tag) if is_break(&tag) => self.push("\n"),
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, text: &str) {
        if self.in_picture || self.text.len() > LONGEST {
            return;
        }
        self.text.push_str(text);
        if self.depth > 0 {
            self.strong.push_str(text);
        }
    }

    fn begin(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Heading { .. } | Tag::Paragraph | Tag::TableCell => self.clear(),
            Tag::Item => {
                self.clear();
                self.in_item = true;
                self.label = None;
            }
            // a list in an item is no part of what the item says
            Tag::List(_) => self.end_item(),
            Tag::Strong => self.depth += 1,
            Tag::Image { dest_url, .. } => {
                let icon = dest_url.rsplit('/').next().unwrap_or("");
                let mark = match icon {
                    "icon-yes.png" => Some(YES),
                    "icon-no.png" => Some(NO),
                    _ => None,
                };
                if let Some(mark) = mark {
                    self.push(&format!("{mark} "));
                }
                self.in_picture = mark.is_some();
            }
            Tag::Table(_) => {
                let mut above: Vec<String> =
                    self.outline.iter().map(|(_, text)| text.clone()).collect();
                above.push(self.bold.clone());
                self.table = Some(Table {
                    section: self.page.sections.len().saturating_sub(1),
                    above,
                    line: std::mem::take(&mut self.line),
                    ..Table::default()
                });
            }
            Tag::TableHead => self.in_head = true,
            Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) -> Result<(), Failure> {
        match tag {
            TagEnd::Strong => {
                self.depth = self.depth.saturating_sub(1);
                let begun = self.strong.trim() == self.text.trim();
                if self.in_item && self.label.is_none() && begun {
                    self.label = Some(label(&self.strong));
                    self.text.clear();
                }
            }
            TagEnd::Image => self.in_picture = false,
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::Paragraph if !self.in_item => self.end_paragraph(),
            TagEnd::Item => self.end_item(),
            TagEnd::TableHead => self.in_head = false,
            TagEnd::TableCell => return self.end_cell(),
            TagEnd::Table => self.page.tables.extend(self.table.take()),
            _ => {}
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.text.clear();
        self.strong.clear();
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let level = level as u8;
        let text = folded(&self.text);
        if level <= 2 {
            self.page.sections.push(String::new());
        }
        if self.page.title.is_empty() {
            self.page.title.clone_from(&text);
        }
        self.outline.retain(|(other, _)| *other < level);
        self.outline.push((level, text.to_lowercase()));
        self.bold.clear();
        self.line.clear();
    }

    fn end_paragraph(&mut self) {
        let text = folded(&self.text);
        if text.is_empty() {
            return;
        }
        if folded(&self.strong) == text {
            self.bold = text.to_lowercase();
            self.line.clear();
        } else {
            self.line.clone_from(&text);
        }
        if let Some(section) = self.page.sections.last_mut()
            && section.len() < LONGEST
        {
            section.push_str(&text.to_lowercase());
            section.push('\n');
        }
    }

    fn end_item(&mut self) {
        if let Some(label) = self.label.take().filter(|label| !label.is_empty()) {
            let said = folded(self.text.trim().trim_start_matches(':'));
            self.page.items.push((label, shortened(&said, 500)));
        }
        self.in_item = false;
        self.clear();
    }

    fn end_cell(&mut self) -> Result<(), Failure> {
        self.cells += 1;
        if self.cells > MOST_CELLS {
            return Err(Failure::Unreadable {
                expected: format!("a card of at most {MOST_CELLS} cells"),
                found: "more".to_string(),
            });
        }
        let lines: Vec<String> = self.text.lines().map(folded).collect();
        let lines: Vec<&str> = lines
            .iter()
            .map(String::as_str)
            .filter(|line| !line.is_empty())
            .collect();
        let text = shortened(&lines.join("\n"), 2_000);
        if let Some(table) = &mut self.table {
            if self.in_head {
                table.header.push(text.to_lowercase().replace('\n', " "));
            } else if let Some(row) = table.rows.last_mut() {
                row.push(text);
            }
        }
        Ok(())
    }
}

fn is_break(tag: &str) -> bool {
    let tag = tag.trim().to_ascii_lowercase();
    tag.starts_with("<br")
}

fn label(strong: &str) -> String {
    let text = folded(strong).to_lowercase();
    text.trim_end_matches(':').trim_end().to_string()
}

/// One kind of blank and hyphen.
fn folded(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' => '-',
            c => c,
        })
        .collect();
    super::super::folding::folded(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_tables_and_what_stands_above_them_are_read() {
        let page = read(
            "# Card\n<a name=\"x\"></a>\n\nProse first.\n+ **Launch date:** May 1, 2026\n+  **Two words** : [View](https://x)\n+ plain\n\n\
             ## Regions \u{2014} all\n\n***At a glance***\n\nProse.\n\n**Endpoint `one`**\n\nID: `a.b`\n\n| **Region** | Geo |\n| --- | --- |\n\
             | us-east-1 (N. Virginia) | ![a](https://h/icon-yes.png) Text<br />![b](https://h/icon-no.png) Video |\n| `x` | ![logo](https://h/logo.png) |\n",
        )
        .expect("a page");
        assert_eq!(page.title, "Card");
        let items = [("launch date", "May 1, 2026"), ("two words", "View")];
        assert_eq!(
            page.items,
            items.map(|(label, said)| (label.to_string(), said.to_string()))
        );
        let table = &page.tables[0];
        assert_eq!(table.above, ["card", "regions - all", "endpoint one"]);
        assert_eq!(table.line, "ID: a.b");
        assert_eq!(table.header, ["region", "geo"]);
        assert_eq!(
            table.rows,
            [
                ["us-east-1 (N. Virginia)", "\u{2713} Text\n\u{2717} Video"],
                ["x", "logo"]
            ]
        );
        assert_eq!(table.section, 2);
        assert!(page.sections[2].contains("prose."));
    }

    #[test]
    fn a_page_is_bounded() {
        let row = "| a | b |\n";
        let text = format!("{row}| - | - |\n{}", row.repeat(20_000));
        assert!(read(&text).is_err());
    }
}
