//! The tables of HTML.

use super::cell::CellText;
use super::grid::{Budget, Grid, RawCell, RawRow};
use super::markdown;
use super::outline::Outline;
use super::tags::{Attributes, Token, Tokens, decoded};
use crate::market::Failure;

/// Tables inside tables; a page that goes deeper is not read.
const MOST_NESTED: usize = 64;

/// Every table of `text`, an inner table apart from the one it stands in. `jsx`: the text stands inside Markdown.
pub fn tables(
    text: &str,
    jsx: bool,
    outline: &mut Outline,
    budget: &mut Budget,
) -> Result<Vec<Grid>, Failure> {
    let mut page = Page {
        jsx,
        open: Vec::new(),
        heading: None,
        code: None,
    };
    let mut grids = Vec::new();
    for (token, _) in Tokens::new(text, jsx) {
        if matches!(&token, Token::Open(name, _) if name == "td" || name == "th") {
            budget.gather()?;
        }
        match &token {
            Token::Open(name, _) if name == "table" => page.begin_table()?,
            Token::Close(name) if name == "table" => {
                if let Some(table) = page.open.pop() {
                    grids.extend(table.finish(jsx, outline, budget)?);
                }
            }
            _ => page.read(&token, outline),
        }
    }
    if page.open.is_empty() {
        Ok(grids)
    } else {
        Err(Failure::Truncated {
            detail: "the page ends inside a table".to_string(),
        })
    }
}

/// How far the text goes until every table that begins in its first `within` bytes has ended.
pub fn end_of_tables(text: &str, within: usize) -> usize {
    let mut open = 0_usize;
    let mut end = within;
    for (token, behind) in Tokens::new(text, true) {
        match &token {
            Token::Open(name, _) if name == "table" => open += 1,
            Token::Close(name) if name == "table" => open = open.saturating_sub(1),
            _ => {}
        }
        // a text that runs on is Markdown again, a tag that runs on is still a tag
        let runs_on = open > 0 || !matches!(token, Token::Text(_));
        end = if runs_on { behind.max(within) } else { within };
        if open == 0 && behind >= within {
            break;
        }
    }
    end
}

/// What a tag inside a cell or heading does to its text.
pub fn apply(token: &Token<'_>, text: &mut CellText) {
    match token {
        Token::Text(raw) => text.push(&decoded(raw)),
        Token::Open(name, attributes) => match name.as_str() {
            "code" | "kbd" | "samp" | "tt" => text.begin_code(),
            "sup" => text.begin_raised(),
            "del" | "s" | "strike" => text.begin_struck(),
            "img" => text.push(&decoded(attributes.alt.unwrap_or(""))),
            "a" => text.link(&decoded(attributes.href.unwrap_or(""))),
            name if breaks_line(name) => text.break_line(),
            _ => {}
        },
        Token::Close(name) => match name.as_str() {
            "code" | "kbd" | "samp" | "tt" => text.end_code(),
            "sup" => text.end_raised(),
            "del" | "s" | "strike" => text.end_struck(),
            name if breaks_line(name) => text.break_line(),
            _ => {}
        },
    }
}

fn breaks_line(name: &str) -> bool {
    matches!(
        name,
        "br" | "hr" | "p" | "div" | "li" | "ul" | "ol" | "dl" | "dt" | "dd" | "pre" | "section"
    )
}

#[derive(Default)]
struct OpenTable {
    rows: Vec<RawRow>,
    row: Option<RawRow>,
    cell: Option<(CellText, usize, usize, bool)>,
    in_head: bool,
    caption: Option<CellText>,
    captioned: String,
}

impl OpenTable {
    fn begin_cell(&mut self, attributes: &Attributes<'_>, head: bool, jsx: bool) {
        self.end_cell(jsx);
        let in_head = self.in_head;
        self.row.get_or_insert_with(|| RawRow {
            cells: Vec::new(),
            head: in_head,
        });
        let (colspan, rowspan) = (attributes.colspan, attributes.rowspan);
        self.cell = Some((
            CellText::default(),
            colspan.unwrap_or(1),
            rowspan.unwrap_or(1),
            head,
        ));
    }

    fn end_cell(&mut self, jsx: bool) {
        let Some((text, colspan, rowspan, head)) = self.cell.take() else {
            return;
        };
        let cell = if jsx {
            markdown::cell(text)
        } else {
            text.finish()
        };
        if let Some(row) = &mut self.row {
            row.cells.push(RawCell {
                cell,
                colspan,
                rowspan,
                head,
            });
        }
    }

    fn end_row(&mut self, jsx: bool) {
        self.end_cell(jsx);
        self.rows.extend(self.row.take());
    }

    fn end_caption(&mut self) {
        if let Some(text) = self.caption.take() {
            self.captioned = text.finish().text;
        }
    }

    fn read(&mut self, token: &Token<'_>, jsx: bool) {
        match token {
            Token::Open(name, attributes) => match name.as_str() {
                "thead" | "tbody" | "tfoot" => {
                    self.end_row(jsx);
                    self.in_head = name == "thead";
                    return;
                }
                "tr" => {
                    self.end_row(jsx);
                    self.row = Some(RawRow {
                        cells: Vec::new(),
                        head: self.in_head,
                    });
                    return;
                }
                "td" | "th" => return self.begin_cell(attributes, name == "th", jsx),
                "caption" => {
                    self.caption = Some(CellText::default());
                    return;
                }
                _ => {}
            },
            Token::Close(name) => match name.as_str() {
                "thead" | "tbody" | "tfoot" => {
                    self.end_row(jsx);
                    self.in_head = false;
                    return;
                }
                "tr" => return self.end_row(jsx),
                "td" | "th" => return self.end_cell(jsx),
                "caption" => return self.end_caption(),
                _ => {}
            },
            Token::Text(_) => {}
        }
        if let Some((text, ..)) = &mut self.cell {
            apply(token, text);
        } else if let Some(text) = &mut self.caption {
            apply(token, text);
        }
    }

    fn finish(
        mut self,
        jsx: bool,
        outline: &Outline,
        budget: &mut Budget,
    ) -> Result<Vec<Grid>, Failure> {
        self.end_row(jsx);
        self.end_caption();
        let grids = Grid::lay_out(self.rows, &outline.path(), &self.captioned, budget)?;
        Ok(grids.into_iter().map(|grid| grid.under(outline)).collect())
    }
}

struct Page {
    jsx: bool,
    open: Vec<OpenTable>,
    heading: Option<(u8, CellText)>,
    code: Option<CellText>,
}

impl Page {
    fn begin_table(&mut self) -> Result<(), Failure> {
        if self.open.len() >= MOST_NESTED {
            return Err(Failure::Unreadable {
                expected: format!("tables nested at most {MOST_NESTED} deep"),
                found: "deeper ones".to_string(),
            });
        }
        self.open.push(OpenTable::default());
        Ok(())
    }

    fn read(&mut self, token: &Token<'_>, outline: &mut Outline) {
        if let Some(table) = self.open.last_mut() {
            table.read(token, self.jsx);
            return;
        }
        match token {
            Token::Open(name, _) if heading_level(name).is_some() => {
                self.end_heading(outline);
                self.heading = heading_level(name).map(|level| (level, CellText::default()));
            }
            Token::Close(name) if heading_level(name).is_some() => self.end_heading(outline),
            _ => match (&mut self.heading, &mut self.code, token) {
                (Some((_, text)), _, _) => apply(token, text),
                (None, None, Token::Open(name, _)) if name == "code" => {
                    self.code = Some(CellText::default());
                }
                (None, Some(_), Token::Close(name)) if name == "code" => {
                    let text = self.code.take().unwrap_or_default();
                    outline.name(&text.finish().text);
                }
                (None, Some(text), _) => apply(token, text),
                (None, None, Token::Open(name, _) | Token::Close(name)) if breaks_line(name) => {
                    outline.end_paragraph();
                }
                (None, None, _) => {}
            },
        }
    }

    fn end_heading(&mut self, outline: &mut Outline) {
        if let Some((level, text)) = self.heading.take() {
            outline.enter(level, text.finish().text);
        }
    }
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}
