//! Columns of forms that have no objects: what a source says is told in four of them.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::market::{Cell, Column, ColumnKind, Value, milliseconds};

/// What the cells of a flat column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlatKind {
    /// Text; exact numbers, money and days in it are spelled out.
    Text,
    /// A moment.
    Time,
    /// A yes or no.
    Flag,
    /// A whole number.
    Count,
    /// A figure: milliseconds, or one of ours.
    Figure,
}

/// A flat column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flat {
    /// Its name.
    pub name: Cow<'static, str>,
    /// What its cells hold.
    pub kind: FlatKind,
}

/// What stands in a flat column.
#[derive(Debug, Clone, PartialEq)]
pub enum FlatCell<'a> {
    /// Nothing.
    Missing,
    /// A text by other hands.
    Foreign(Cow<'a, str>),
    /// A number, a day or a word of ours, spelled out.
    Exact(Cow<'a, str>),
    /// A moment.
    Time(Timestamp),
    /// A yes or no.
    Flag(bool),
    /// A whole number.
    Count(i64),
    /// A figure.
    Figure(f64),
}

/// What is told of a value beside itself: how sure a day is, and what an amount is of.
const BESIDE: [&str; 3] = ["certainty", "currency", "unit"];

/// The flat columns of a table's: `old` is followed by `old_certainty`, `old_currency`, `old_unit`.
pub fn flat(columns: &[Column]) -> Vec<Flat> {
    let mut all = Vec::new();
    for column in columns {
        let kind = match column.kind {
            ColumnKind::Text | ColumnKind::Texts | ColumnKind::Value => FlatKind::Text,
            ColumnKind::Time => FlatKind::Time,
            ColumnKind::Flag => FlatKind::Flag,
            ColumnKind::Count => FlatKind::Count,
            ColumnKind::Millis | ColumnKind::Figure => FlatKind::Figure,
        };
        all.push(Flat {
            name: Cow::Borrowed(column.name),
            kind,
        });
        if column.kind == ColumnKind::Value {
            all.extend(BESIDE.map(|what| Flat {
                name: Cow::Owned(format!("{}_{what}", column.name)),
                kind: FlatKind::Text,
            }));
        }
    }
    all
}

/// Gives `take` the flat cells of a row, in the order of the flat columns.
pub fn flattened<'a>(
    columns: &[Column],
    cells: &'a [Cell<'a>],
    mut take: impl FnMut(FlatCell<'a>),
) {
    for (column, cell) in columns.iter().zip(cells) {
        if column.kind == ColumnKind::Value {
            parts(cell).into_iter().for_each(&mut take);
        } else {
            take(one(cell));
        }
    }
}

fn one<'a>(cell: &'a Cell<'a>) -> FlatCell<'a> {
    match cell {
        Cell::Missing => FlatCell::Missing,
        Cell::Text(text) => FlatCell::Foreign(Cow::Borrowed(text)),
        Cell::Time(at) => FlatCell::Time(*at),
        Cell::Flag(flag) => FlatCell::Flag(*flag),
        Cell::Count(count) => FlatCell::Count(*count),
        Cell::Millis(duration) => FlatCell::Figure(milliseconds(*duration)),
        Cell::Figure(figure) => FlatCell::Figure(*figure),
        // a list, and a value in a column of another kind
        Cell::Texts(_) | Cell::Value(_) => FlatCell::Foreign(cell.to_json().to_string().into()),
    }
}

/// A value, and what is told beside it.
fn parts<'a>(cell: &'a Cell<'a>) -> [FlatCell<'a>; 4] {
    const NONE: FlatCell<'static> = FlatCell::Missing;
    let exact = |text: String| FlatCell::Exact(text.into());
    let word = |word: &'a str| FlatCell::Exact(word.into());
    let foreign = |text: &'a str| FlatCell::Foreign(text.into());
    match cell {
        Cell::Missing => [NONE; 4],
        Cell::Flag(flag) => [exact(flag.to_string()), NONE, NONE, NONE],
        Cell::Value(Value::Date(date)) => {
            let certainty = word(date.certainty.word());
            [exact(date.text()), certainty, NONE, NONE]
        }
        Cell::Value(Value::Price(price)) => {
            let amount = exact(price.amount.to_string());
            let unit = foreign(price.unit.word());
            [amount, NONE, word(price.currency.code()), unit]
        }
        Cell::Value(Value::Number(number)) => [exact(number.to_string()), NONE, NONE, NONE],
        Cell::Value(Value::Flag(flag)) => [exact(flag.to_string()), NONE, NONE, NONE],
        Cell::Value(Value::Stage(stage)) => [word(stage.word()), NONE, NONE, NONE],
        Cell::Value(Value::Interface(interface)) => [word(interface.word()), NONE, NONE, NONE],
        Cell::Value(Value::Text(text)) => [foreign(text), NONE, NONE, NONE],
        Cell::Value(Value::Set(_)) => {
            let members = cell.to_json().to_string();
            [FlatCell::Foreign(members.into()), NONE, NONE, NONE]
        }
        Cell::Value(Value::Unclear) => [NONE; 4],
        other => [one(other), NONE, NONE, NONE],
    }
}
