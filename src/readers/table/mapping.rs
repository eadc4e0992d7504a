//! What a probe file says about the tables of a page.

use std::borrow::Cow;

use super::cell::compared;
use super::grid::Grid;
use super::when::When;
use crate::market::{Attribute, Value};
use crate::readers::convert::Conversion;
use crate::readers::quirks::Quirk;

/// What a page is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Told apart by the body itself: some hosts serve both under one address.
    #[default]
    Auto,
    /// HTML.
    Html,
    /// Markdown or MDX.
    Markdown,
}

/// How a page's tables are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// What the page is written in.
    pub format: Format,
    /// A rewrite of the text before it is parsed.
    pub quirk: Option<Quirk>,
    /// Whether lists of Markdown are tables of one column called `item`, with the paragraph above them as caption.
    pub lists: bool,
    /// The tables that matter. A table is read by the first that it fits.
    pub tables: Vec<TableMapping>,
}

/// The names that one column has had, most usual first: `API model name|Model`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    shown: String,
    compared: Vec<String>,
}

impl Names {
    /// From names separated by `|`. `None` if one of them is blank.
    pub fn new(text: &str) -> Option<Self> {
        let names: Vec<String> = text.split('|').map(compared).collect();
        (!names.iter().any(String::is_empty)).then(|| Self {
            shown: text.to_string(),
            compared: names,
        })
    }

    /// As written in the probe file.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The column of this name.
    pub fn find(&self, grid: &Grid) -> Option<usize> {
        grid.column(&self.compared)
    }
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A text.
    Literal(String),
    /// A cell's text.
    Column(Names),
}

/// A text made of a row's cells: `{Model name|Model}@{Version}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub Vec<Part>);

impl Template {
    /// Reads a template. `None` if a brace is not closed or a name blank.
    pub fn new(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let (names, behind) = after.split_once('}')?;
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_string()));
            }
            parts.push(Part::Column(Names::new(names)?));
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_string()));
        }
        Some(Self(parts))
    }

    /// The columns that it is made of.
    pub fn columns(&self) -> impl Iterator<Item = &Names> {
        self.0.iter().filter_map(|part| match part {
            Part::Column(names) => Some(names),
            Part::Literal(_) => None,
        })
    }
}

/// Where in its cell an id stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ids {
    /// The whole text is the id.
    #[default]
    Cell,
    /// Each inline code is an id, and the prose around it is none; the whole text where there is no code. Such an id has no blanks.
    Code,
}

/// Which of two claims on one attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// The one under the heading of the later date.
    HeadingDate,
    /// This table's.
    Highest,
}

/// A cell of several dates: the one behind a phrase is that of certain deployments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The phrase that leads to the date.
    pub after: String,
    /// The deployments that it is for; none stands for those that the page does not name.
    pub deployments: Vec<String>,
}

/// A column that states an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its names.
    pub header: Names,
    /// What it states.
    pub attribute: Attribute,
    /// How its cells are read.
    pub conversion: Conversion,
    /// Whether a table without it is another table than the probe knows.
    pub required: bool,
    /// Whether its lines belong one by one to the regions of the row.
    pub per_region: bool,
    /// Phrases that lead to dates of single deployments.
    pub cases: Vec<Case>,
    /// Only what stands behind this phrase is read; a cell without it states nothing.
    pub after: Option<String>,
    /// Only the amount that stands before this word is read; a cell without it states nothing.
    pub before: Option<String>,
}

impl Column {
    /// The part of a cell's text that the column reads; `None` if the cell has no such part.
    pub fn part<'a>(&self, text: &'a str) -> Option<Cow<'a, str>> {
        let find = |text: &str, phrase: &String| {
            text.to_ascii_lowercase().find(&phrase.to_ascii_lowercase())
        };
        let mut part = text;
        if let Some(phrase) = &self.after {
            part = part.get(find(part, phrase)? + phrase.len()..)?;
        }
        if let Some(word) = &self.before {
            part = part.get(..find(part, word)?)?;
            part = part.get(part.rfind('$').unwrap_or(0)..)?;
        }
        Some(part.trim().into())
    }
}

/// The column of a row's regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions {
    /// Its names.
    pub header: Names,
    /// What separates them; none means that regions are the words shaped like `us-east-1`, and other words are remarks.
    pub separators: Vec<String>,
}

/// How the tables of one kind are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableMapping {
    /// The columns by which such a table is known: all of them are there.
    pub header: Vec<Names>,
    /// It stands under a heading, or has a caption, that contains one of these (in the compared form); empty for any.
    pub headings: Vec<String>,
    /// Whether a page without such a table is no longer the page that the probe knows.
    pub required: bool,
    /// The native id of a row.
    pub native_id: Template,
    /// Where in its cell the id stands.
    pub ids: Ids,
    /// The id is what stands behind one of these in a link of the cell; empty for ids that are text.
    pub link_ids: Vec<String>,
    /// Whether a row may name no id: it is then about nothing that can be called.
    pub blank_ids: bool,
    /// What separates several ids in one cell.
    pub separators: Vec<String>,
    /// First words of remarks in parentheses that are no part of the id.
    pub strip: Vec<String>,
    /// Whether a remark such as `(>272K context length)` says from how many tokens on the row's prices hold.
    pub context_bands: bool,
    /// A row is about no model if its id's cell has one of these words.
    pub skip: Vec<String>,
    /// The row's regions; the source's own where the table has no such column.
    pub regions: Option<Regions>,
    /// Whether the columns that are not declared otherwise are regions: the words of their cells that say that the row's model
    /// is offered there; empty for tables of another kind.
    pub region_columns: Vec<String>,
    /// The row's deployment.
    pub deployment: Option<Template>,
    /// The column that names the service tier of the row's prices.
    pub tier: Option<Names>,
    /// Which of two claims holds.
    pub rank: Option<Rank>,
    /// What the date of a heading above the table states of its rows.
    pub heading_date: Option<Attribute>,
    /// The phrase that leads to that date; without it the date begins the heading.
    pub heading_phrase: Option<String>,
    /// Whether the table has its rows as columns.
    pub transpose: bool,
    /// What rows state by their label or a cell; the first rule that holds.
    pub when: Vec<When>,
    /// What every row of the table states.
    pub set: Vec<(Attribute, Value)>,
    /// What the columns state.
    pub columns: Vec<Column>,
    /// Columns that are known and not read.
    pub ignore: Vec<Names>,
}

impl TableMapping {
    /// Whether a table is of this kind.
    pub fn fits(&self, grid: &Grid) -> bool {
        let under = |part: &String| {
            grid.headings
                .iter()
                .chain([&grid.caption])
                .any(|heading| compared(heading).contains(part.as_str()))
        };
        self.header.iter().all(|names| names.find(grid).is_some())
            && (self.headings.is_empty() || self.headings.iter().any(under))
    }

    /// The columns by which it is known, for messages.
    pub fn shown(&self) -> String {
        let names: Vec<&str> = self.header.iter().map(Names::shown).collect();
        names.join(", ")
    }
}
