//! What can be asked of an operation: one table from which both the reading and refusing of requests and the OpenAPI document
//! come, so that neither says what the other does not.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::json;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, Schema};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Required, SchemaFormat, Type};

use crate::market::decimal_from_json;
use crate::schedule::duration_from_text;
use crate::web::query::Query;
use crate::web::refusal::Refusal;

/// Characters of a text at most.
const LONGEST: usize = 300;
/// Values of a parameter that may be repeated at most.
const MOST: usize = 20;
/// What an age looks like.
const AGE: &str = "^([1-9]|[1-9][0-9]|[1-3][0-5][0-9])d$|^[1-9][0-9]{0,2}[hms]$";
/// What a cursor looks like.
const CURSOR: &str = "^[A-Za-z0-9_-]{1,400}$";

/// What a parameter's value may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Any text of at most 300 characters.
    Text,
    /// One of some words.
    Word(fn() -> Vec<&'static str>),
    /// One of some words, or several.
    Words(fn() -> Vec<&'static str>),
    /// Any text, or several.
    Texts,
    /// true or false.
    Flag,
    /// A moment: RFC 3339, a day, or an age.
    Time,
    /// A day.
    Day,
    /// A whole number between two.
    Number(u64, u64),
    /// A share from 0 to 1.
    Share,
    /// Where a list goes on.
    Cursor,
    /// A part of the path.
    Part,
}

/// What can be asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it means.
    pub what: &'static str,
    /// One that can be asked.
    pub example: &'static str,
}

impl Parameter {
    /// Reads and checks every value: what is refused says what was expected.
    pub fn values<'q>(&self, query: &'q Query) -> Result<Vec<&'q str>, Refusal> {
        let values = match self.kind {
            Kind::Part => vec![query.part(self.name)],
            Kind::Texts | Kind::Words(_) => query.all(self.name),
            _ => query.one(self.name)?.into_iter().collect(),
        };
        if values.len() > MOST {
            let (name, found) = (self.name, values.len());
            return Err(Refusal::Wrong(format!(
                "{name}: expected at most {MOST} values, found {found}"
            )));
        }
        for value in &values {
            if !self.takes(value) {
                let found: String = value.chars().take(80).collect();
                let (name, expected) = (self.name, self.expected());
                return Err(Refusal::Wrong(format!(
                    "{name}: expected {expected}, found '{found}'"
                )));
            }
        }
        Ok(values)
    }

    fn takes(&self, value: &str) -> bool {
        match self.kind {
            Kind::Text | Kind::Texts | Kind::Part => value.chars().count() <= LONGEST,
            Kind::Word(words) | Kind::Words(words) => words().contains(&value),
            Kind::Flag => flag(value).is_some(),
            Kind::Time => moment(value, &TimeZone::UTC, Timestamp::UNIX_EPOCH).is_some(),
            Kind::Day => day(value).is_some(),
            Kind::Number(least, most) => number(value).is_some_and(|n| (least..=most).contains(&n)),
            Kind::Share => share(value).is_some(),
            Kind::Cursor => {
                let is_known = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
                (1..=400).contains(&value.len()) && value.bytes().all(is_known)
            }
        }
    }

    fn expected(&self) -> String {
        match self.kind {
            Kind::Text | Kind::Texts | Kind::Part => {
                format!("a text of at most {LONGEST} characters")
            }
            Kind::Word(words) | Kind::Words(words) => format!("one of {}", words().join(", ")),
            Kind::Flag => "true or false".to_string(),
            Kind::Time => "a time such as 2026-11-01, 2026-11-01T06:00:00Z or 7d".to_string(),
            Kind::Day => "a day such as 2026-11-09".to_string(),
            Kind::Number(least, most) => format!("a whole number from {least} to {most}"),
            Kind::Share => "a share from 0 to 1, such as 0.25".to_string(),
            Kind::Cursor => "the next of an answer to the same question".to_string(),
        }
    }

    /// As the OpenAPI document says it.
    pub fn document(&self) -> utoipa::openapi::path::Parameter {
        let is_part = matches!(self.kind, Kind::Part);
        let builder = ParameterBuilder::new()
            .name(self.name)
            .description(Some(self.what))
            .parameter_in(if is_part {
                ParameterIn::Path
            } else {
                ParameterIn::Query
            })
            .required(if is_part {
                Required::True
            } else {
                Required::False
            })
            .example(Some(self.in_json()))
            .schema(Some(self.schema()));
        match self.kind {
            Kind::Texts | Kind::Words(_) => builder
                .style(Some(ParameterStyle::Form))
                .explode(Some(true))
                .build(),
            _ => builder.build(),
        }
    }

    fn in_json(&self) -> serde_json::Value {
        match self.kind {
            Kind::Texts | Kind::Words(_) => json!([self.example]),
            Kind::Flag => json!(self.example == "true"),
            Kind::Number(..) => json!(number(self.example)),
            Kind::Share => {
                let share: Result<f64, _> = self.example.parse();
                json!(share.unwrap_or_default())
            }
            _ => json!(self.example),
        }
    }

    fn schema(&self) -> RefOr<Schema> {
        let text = || {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(LONGEST))
        };
        let words = |words: fn() -> Vec<&'static str>| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(words()))
        };
        let several =
            |of: ObjectBuilder| ArrayBuilder::new().items(of).max_items(Some(MOST)).into();
        let form = |format| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(format)))
        };
        match self.kind {
            Kind::Text | Kind::Part => text().into(),
            Kind::Texts => several(text()),
            Kind::Word(all) => words(all).into(),
            Kind::Words(all) => several(words(all)),
            Kind::Flag => ObjectBuilder::new().schema_type(Type::Boolean).into(),
            Kind::Time => AnyOfBuilder::new()
                .item(form(KnownFormat::DateTime))
                .item(form(KnownFormat::Date))
                .item(
                    ObjectBuilder::new()
                        .schema_type(Type::String)
                        .pattern(Some(AGE)),
                )
                .into(),
            Kind::Day => form(KnownFormat::Date).into(),
            Kind::Number(least, most) => ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(least as f64))
                .maximum(Some(most as f64))
                .into(),
            Kind::Share => ObjectBuilder::new()
                .schema_type(Type::Number)
                .minimum(Some(0.0))
                .maximum(Some(1.0))
                .into(),
            Kind::Cursor => ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some(CURSOR))
                .into(),
        }
    }
}

pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

pub(super) fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

pub(super) fn day(text: &str) -> Option<Date> {
    // a date with a time is no day
    text.parse().ok().filter(|_| text.len() == 10)
}

pub(super) fn share(text: &str) -> Option<Decimal> {
    decimal_from_json(text).filter(|share| (Decimal::ZERO..=Decimal::ONE).contains(share))
}

/// A moment, a day in a zone, or an age.
pub(super) fn moment(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let of_day = || Some(day(text)?.to_zoned(zone.clone()).ok()?.timestamp());
    let age = || now.checked_sub(duration_from_text(text).ok()?).ok();
    text.parse::<Timestamp>().ok().or_else(of_day).or_else(age)
}
