//! A page as headings, items of lists and texts between them.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::super::table::{CellText, Token, Tokens, apply_html, apply_markdown};

/// More pieces than this are not read.
const MOST: usize = 100_000;

/// A part of a page.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Level and text.
    Heading(u8, String),
    /// An item of an outermost list, with the lists inside it.
    Item(String),
    /// A paragraph.
    Text(String),
}

/// Elements whose text belongs to no announcement.
const ASIDE: [&str; 4] = ["nav", "footer", "aside", "header"];

/// Whether a body is HTML and not Markdown.
pub fn is_html(content_type: Option<&str>, text: &str) -> bool {
    let start: String = text.trim_start().chars().take(2048).collect();
    let start = start.to_ascii_lowercase();
    let declared = content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    start.starts_with('<')
        && (declared || start.contains("<!doctype html") || start.contains("<html"))
}

/// What is being gathered.
enum Open {
    Nothing,
    Heading(u8, CellText),
    Item(CellText),
    Text(CellText),
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn close(&mut self, open: &mut Open) {
        let piece = match std::mem::replace(open, Open::Nothing) {
            Open::Nothing => return,
            Open::Heading(level, text) => Piece::Heading(level, folded(text)),
            Open::Item(text) => Piece::Item(folded(text)),
            Open::Text(text) => Piece::Text(folded(text)),
        };
        let (Piece::Heading(_, text) | Piece::Item(text) | Piece::Text(text)) = &piece;
        if !text.is_empty() && self.0.len() < MOST {
            self.0.push(piece);
        }
    }
}

fn folded(text: CellText) -> String {
    text.finish().text.replace('\n', " ")
}

/// The pieces of Markdown.
pub fn of_markdown(text: &str) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    let mut open = Open::Nothing;
    let mut lists = 0_usize;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                pieces.close(&mut open);
                open = Open::Heading(number(level), CellText::default());
            }
            Event::End(TagEnd::Heading(_)) => pieces.close(&mut open),
            Event::Start(Tag::List(_)) => lists += 1,
            Event::End(TagEnd::List(_)) => lists = lists.saturating_sub(1),
            Event::Start(Tag::Item) if lists == 1 => {
                pieces.close(&mut open);
                open = Open::Item(CellText::default());
            }
            Event::End(TagEnd::Item) if lists == 1 => pieces.close(&mut open),
            Event::Start(Tag::Paragraph | Tag::Table(_)) if lists == 0 => {
                pieces.close(&mut open);
                open = Open::Text(CellText::default());
            }
            Event::End(TagEnd::Paragraph | TagEnd::Table) if lists == 0 => pieces.close(&mut open),
            Event::Start(Tag::Item | Tag::Paragraph | Tag::TableCell) => {
                if let Some(text) = open.text() {
                    text.push(" ");
                }
            }
            event => {
                if let Some(text) = open.text() {
                    apply_markdown(&event, text);
                }
            }
        }
    }
    pieces.close(&mut open);
    pieces.0
}

/// The pieces of HTML; what stands in menus and footers is left out, and what follows the article.
pub fn of_html(text: &str) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    let mut open = Open::Nothing;
    let (mut lists, mut aside) = (0_usize, 0_usize);
    let mut in_article = false;
    for (token, _) in Tokens::new(text, false) {
        match &token {
            Token::Open(name, _) if ASIDE.contains(&name.as_str()) => aside += 1,
            Token::Close(name) if ASIDE.contains(&name.as_str()) => aside = aside.saturating_sub(1),
            _ if aside > 0 => {}
            Token::Open(name, _) if name == "article" => in_article = true,
            Token::Close(name) if name == "article" && in_article => break,
            Token::Open(name, _) if level(name).is_some() => {
                pieces.close(&mut open);
                open = Open::Heading(level(name).unwrap_or(6), CellText::default());
                lists = 0;
            }
            Token::Close(name) if level(name).is_some() => pieces.close(&mut open),
            Token::Open(name, _) if matches!(name.as_str(), "ul" | "ol") => {
                if lists == 0 {
                    pieces.close(&mut open);
                }
                lists += 1;
            }
            Token::Close(name) if matches!(name.as_str(), "ul" | "ol") => {
                lists = lists.saturating_sub(1);
            }
            Token::Open(name, _) if name == "li" && lists <= 1 => {
                pieces.close(&mut open);
                open = Open::Item(CellText::default());
            }
            Token::Close(name) if name == "li" && lists <= 1 => pieces.close(&mut open),
            Token::Open(name, _) if matches!(name.as_str(), "p" | "table") && lists == 0 => {
                pieces.close(&mut open);
                open = Open::Text(CellText::default());
            }
            Token::Close(name) if matches!(name.as_str(), "p" | "table") && lists == 0 => {
                pieces.close(&mut open);
            }
            token => {
                if let Some(text) = open.text() {
                    apply_html(token, text);
                }
            }
        }
    }
    pieces.close(&mut open);
    pieces.0
}

impl Open {
    fn text(&mut self) -> Option<&mut CellText> {
        match self {
            Self::Nothing => None,
            Self::Heading(_, text) | Self::Item(text) | Self::Text(text) => Some(text),
        }
    }
}

fn level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
