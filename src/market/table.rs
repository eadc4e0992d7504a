//! What a table's columns are, whatever form its rows are written in: each table states them once, for JSON, CSV and Parquet.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json, json};

use super::Value;

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// A word, a name, any text.
    Text,
    /// A moment.
    Time,
    /// A yes or no.
    Flag,
    /// A whole number.
    Count,
    /// A duration in milliseconds, to the microsecond.
    Millis,
    /// A figure of ours, which is no money.
    Figure,
    /// What a source says of an attribute.
    Value,
    /// Several texts.
    Texts,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, which is the key in JSON.
    pub name: &'static str,
    /// What its cells hold.
    pub kind: ColumnKind,
}

impl Column {
    /// A column.
    pub const fn new(name: &'static str, kind: ColumnKind) -> Self {
        Self { name, kind }
    }
}

/// What stands in a row's column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Unknown, or there is none.
    Missing,
    /// Of a column of texts.
    Text(Cow<'a, str>),
    /// Of a column of moments.
    Time(Timestamp),
    /// Of a column of yes and no; of one of values: the offering is listed.
    Flag(bool),
    /// Of a column of whole numbers.
    Count(i64),
    /// Of a column of durations.
    Millis(SignedDuration),
    /// Of a column of figures.
    Figure(f64),
    /// Of a column of values.
    Value(&'a Value),
    /// Of a column of several texts.
    Texts(&'a [String]),
}

impl<'a> Cell<'a> {
    /// A text that is there or not.
    pub fn text<T: Into<Cow<'a, str>>>(text: Option<T>) -> Self {
        text.map_or(Self::Missing, |text| Self::Text(text.into()))
    }

    /// A duration that is there or not.
    pub fn millis(duration: Option<SignedDuration>) -> Self {
        duration.map_or(Self::Missing, Self::Millis)
    }

    /// A value that is there or not.
    pub fn value(value: Option<&'a Value>) -> Self {
        value.map_or(Self::Missing, Self::Value)
    }

    /// As JSON says it; null where it is missing.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Missing => Json::Null,
            Self::Text(text) => json!(text),
            Self::Time(at) => json!(at.to_string()),
            Self::Flag(flag) => json!(flag),
            Self::Count(count) => json!(count),
            Self::Millis(duration) => json!(milliseconds(*duration)),
            Self::Figure(figure) => json!(figure),
            Self::Value(value) => value.to_json(),
            Self::Texts(texts) => json!(texts),
        }
    }
}

/// A duration in milliseconds, to the microsecond.
pub fn milliseconds(duration: SignedDuration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// The rows of a table.
pub trait Tabular {
    /// Its columns, in their order. What scripts read: columns may come, and none goes or changes its meaning.
    const COLUMNS: &'static [Column];

    /// What stands in each column, in the same order.
    fn cells(&self) -> Vec<Cell<'_>>;

    /// The row as JSON: every column is a key.
    fn object(&self) -> Map<String, Json> {
        let cells = self.cells().into_iter();
        let named = Self::COLUMNS.iter().zip(cells);
        named
            .map(|(column, cell)| (column.name.to_string(), cell.to_json()))
            .collect()
    }
}
