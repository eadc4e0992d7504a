//! What a report is made of, before it becomes text, Markdown, HTML or JSON: every form renders the same blocks.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

use crate::market::Severity;
use crate::render::chart::Chart;
use crate::render::line::one_line;

/// A whole report, ready to be rendered.
#[derive(Debug, Clone)]
pub struct Document {
    pub title: String,
    /// One sentence on the whole.
    pub summary: String,
    /// The three to five figures that stand at the head.
    pub keys: Vec<KeyFigure>,
    pub sections: Vec<Section>,
    /// Of the days and times that people read.
    pub zone: TimeZone,
}

impl Document {
    /// Its pictures, in their order.
    pub fn figures(&self) -> impl Iterator<Item = &Figure> {
        let blocks = self.sections.iter().flat_map(|section| &section.blocks);
        blocks.filter_map(|block| match block {
            Block::Figure(figure) => Some(figure),
            _ => None,
        })
    }
}

/// A number at the head of the report, and the section that tells more of it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyFigure {
    /// What it is called in JSON.
    pub key: &'static str,
    pub value: Cell,
    /// What it counts: `need a decision`.
    pub label: &'static str,
    /// The key of the section.
    pub section: &'static str,
}

/// A heading with what stands below it.
#[derive(Debug, Clone)]
pub struct Section {
    /// What it is called in JSON and in the address of its heading.
    pub key: &'static str,
    pub title: &'static str,
    pub blocks: Vec<Block>,
}

impl Section {
    /// A section of those blocks that have something to say; none if none has.
    pub fn of(
        key: &'static str,
        title: &'static str,
        blocks: impl IntoIterator<Item = Block>,
    ) -> Option<Self> {
        let blocks: Vec<Block> = blocks
            .into_iter()
            .filter(|block| !block.is_empty())
            .collect();
        (!blocks.is_empty()).then_some(Self { key, title, blocks })
    }
}

/// One part of a section.
#[derive(Debug, Clone)]
pub enum Block {
    Items(Items),
    Table(Table),
    Lines(Lines),
    Figure(Figure),
}

impl Block {
    fn is_empty(&self) -> bool {
        match self {
            Self::Items(items) => items.items.is_empty(),
            Self::Table(table) => table.rows.is_empty(),
            Self::Lines(lines) => lines.lines.is_empty(),
            Self::Figure(_) => false,
        }
    }
}

/// How many of a list people are shown, and where they find the others. Programs get them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub limit: usize,
    /// The command that lists the rest: `bellwether changes --since 2026-11-09 --until 2026-11-16`.
    pub more: String,
}

impl Bound {
    /// How many of `count` are shown where every list is cut to a part of its length, and how many are not.
    pub fn split(&self, count: usize, part: usize) -> (usize, usize) {
        let shown = count.min((self.limit / part.max(1)).max(1));
        (shown, count - shown)
    }
}

/// Changes by their causes.
#[derive(Debug, Clone)]
pub struct Items {
    pub items: Vec<Item>,
    pub bound: Bound,
}

/// Changes of one cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub severity: Severity,
    /// When the first of them was seen.
    pub seen_at: Timestamp,
    /// `azure: gpt-4o retires …`: one bounded line.
    pub said: String,
    pub source: String,
    /// The watches that it touches.
    pub watches: Vec<String>,
    /// The evidence, where it is an address of the web.
    pub url: Option<String>,
    /// Their ids, the gravest first.
    pub ids: Vec<String>,
}

impl Item {
    /// `watched: production`, where it touches a watch.
    pub fn watched(&self) -> Option<String> {
        let is_watched = !self.watches.is_empty();
        is_watched.then(|| format!("watched: {}", self.watches.join(", ")))
    }
}

/// Rows of cells.
#[derive(Debug, Clone)]
pub struct Table {
    /// What it is called in JSON.
    pub key: &'static str,
    /// What stands above it, where a section has several.
    pub title: Option<String>,
    pub columns: Vec<Column>,
    /// As many cells each as there are columns.
    pub rows: Vec<Vec<Cell>>,
    pub bound: Bound,
    /// What a reader must know to read it.
    pub note: Option<String>,
}

/// What the cells of a column are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What it is called in JSON.
    pub key: String,
    pub title: String,
    pub kind: ColumnKind,
}

/// How a column is set. On a phone a name stands above its numbers, and a text below them, each on lines of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// What the row is about, set to the left.
    Name,
    /// Words, set to the left.
    Text,
    /// Numbers and signs, set to the right.
    Number,
}

impl Column {
    /// A column of names.
    pub fn name(key: &str, title: &str) -> Self {
        Self::of(key, title, ColumnKind::Name)
    }

    /// A column of words.
    pub fn text(key: &str, title: &str) -> Self {
        Self::of(key, title, ColumnKind::Text)
    }

    /// A column of numbers.
    pub fn number(key: &str, title: &str) -> Self {
        Self::of(key, title, ColumnKind::Number)
    }

    fn of(key: &str, title: &str, kind: ColumnKind) -> Self {
        Self {
            key: key.to_string(),
            title: one_line(title, 60),
            kind,
        }
    }
}

/// One cell of a table: harmless, bounded text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    pub text: String,
    /// What programs get; the text where there is nothing.
    pub value: Option<Json>,
    /// The evidence, where it is an address of the web.
    pub link: Option<String>,
    pub tone: Tone,
    /// What stands below it in small: where it is from, what to type to know more.
    pub detail: String,
}

impl Cell {
    /// A cell that says this.
    pub fn of(text: &str) -> Self {
        Self {
            text: one_line(text, 240),
            ..Self::default()
        }
    }

    /// What programs get instead of the text.
    pub fn with_value(self, value: impl Into<Json>) -> Self {
        Self {
            value: Some(value.into()),
            ..self
        }
    }

    /// What stands below it in small.
    pub fn with_detail(self, detail: &str) -> Self {
        Self {
            detail: one_line(detail, 400),
            ..self
        }
    }

    /// How it is meant.
    pub fn with_tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

/// How something is meant: no colour says what the words do not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Caution,
    Bad,
    Quiet,
}

impl Tone {
    /// Its name in a page's style.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Caution => "caution",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }
}

/// Sentences, one below the other.
#[derive(Debug, Clone)]
pub struct Lines {
    pub lines: Vec<Line>,
    pub bound: Bound,
    pub tone: Tone,
}

/// A sentence: harmless, bounded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// The evidence, where it is an address of the web.
    pub link: Option<String>,
}

impl Line {
    /// A sentence without a link.
    pub fn of(text: &str) -> Self {
        Self {
            text: one_line(text, 400),
            link: None,
        }
    }
}

/// A picture with what stands below it.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What it is called in JSON, in a mail's `cid:` and as a file: letters, digits and hyphens.
    pub key: &'static str,
    pub chart: Chart,
    /// What it is drawn from, for programs.
    pub data: Json,
    /// Where its figures are from, in one sentence; empty where the picture says it.
    pub caption: String,
}
