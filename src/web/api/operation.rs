//! An operation of the API: what can be asked, and what is answered.

use std::borrow::Cow;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::parameter::{self, Parameter};
use super::parameters::{CURSOR, LIMIT};
use super::shape::Shape;
use crate::web::answer::{Answer, JSON};
use crate::web::refusal::Refusal;
use crate::web::route::{Accept, Asked};

/// One row, as JSON.
pub(super) type Row = Map<String, Json>;

/// An operation of the API.
pub(super) struct Operation {
    /// Where it is asked.
    pub path: &'static str,
    /// Its name in the document.
    pub id: &'static str,
    /// What it answers, in a few words.
    pub summary: &'static str,
    /// What is to be known besides.
    pub description: &'static str,
    /// What can be asked.
    pub parameters: &'static [Parameter],
    /// What a row of the list is, or the one answer.
    pub shape: Shape,
    /// Whether it answers a list.
    pub is_list: bool,
    /// How it is answered.
    pub run: fn(&Given<'_>) -> Result<Found, Refusal>,
    /// How long an answer holds while the store comes no further.
    pub holds: SignedDuration,
}

/// What is found.
pub(super) enum Found {
    /// A part of a list, and where it goes on.
    Part {
        rows: Vec<Row>,
        next: Option<String>,
    },
    /// One thing.
    One(Json),
}

/// What is asked, all of which has been checked.
pub(super) struct Given<'a> {
    pub asked: &'a Asked<'a>,
}

impl<'a> Given<'a> {
    /// Everything that is asked, once it fits the table.
    fn new(operation: &Operation, asked: &'a Asked<'a>) -> Result<Self, Refusal> {
        for parameter in operation.all_parameters() {
            parameter.values(&asked.query)?;
        }
        // a filter that a script left empty must not show everything
        if let Some(key) = asked.query.empty() {
            let key: String = key.chars().take(80).collect();
            return Err(Refusal::Wrong(format!(
                "{key}: expected a value, found none: leave it out to ask for everything"
            )));
        }
        asked.query.finish()?;
        Ok(Self { asked })
    }

    fn one(&self, parameter: &Parameter) -> Option<&str> {
        let values = parameter.values(&self.asked.query).ok()?;
        values.first().copied()
    }

    /// A text, if it is given.
    pub fn text(&self, parameter: &Parameter) -> Option<String> {
        self.one(parameter).map(str::to_string)
    }

    /// Every text that is given.
    pub fn texts(&self, parameter: &Parameter) -> Vec<String> {
        let values = parameter.values(&self.asked.query).unwrap_or_default();
        values.into_iter().map(str::to_string).collect()
    }

    /// A word, understood.
    pub fn word<T>(&self, parameter: &Parameter, from: impl Fn(&str) -> Option<T>) -> Option<T> {
        from(self.one(parameter)?)
    }

    /// Every word, understood.
    pub fn words<T>(&self, parameter: &Parameter, from: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let values = parameter.values(&self.asked.query).unwrap_or_default();
        values.into_iter().filter_map(from).collect()
    }

    /// Whether it is wanted.
    pub fn flag(&self, parameter: &Parameter) -> bool {
        self.word(parameter, parameter::flag).unwrap_or(false)
    }

    /// A moment, if it is given; a day begins in the zone of people.
    pub fn time(&self, parameter: &Parameter) -> Option<Timestamp> {
        let zone = &self.asked.site.means.settings.zone;
        parameter::moment(self.one(parameter)?, zone, self.asked.now)
    }

    /// From a moment, else so long ago, until another, else now.
    pub fn span(
        &self,
        since: &Parameter,
        until: &Parameter,
        usual: SignedDuration,
    ) -> [Timestamp; 2] {
        let now = self.asked.now;
        let earlier = || now.checked_sub(usual).unwrap_or(Timestamp::MIN);
        [
            self.time(since).unwrap_or_else(earlier),
            self.time(until).unwrap_or(now),
        ]
    }

    /// A day, if it is given.
    pub fn day(&self, parameter: &Parameter) -> Option<Date> {
        self.word(parameter, parameter::day)
    }

    /// A number, if it is given.
    pub fn number(&self, parameter: &Parameter) -> Option<u64> {
        self.word(parameter, parameter::number)
    }

    /// A share, if it is given.
    pub fn share(&self, parameter: &Parameter) -> Option<Decimal> {
        self.word(parameter, parameter::share)
    }

    /// How many rows are wanted.
    pub fn limit(&self) -> usize {
        let limit = self.number(&LIMIT).and_then(|n| usize::try_from(n).ok());
        limit.unwrap_or(100)
    }

    /// Where the list goes on, as an earlier answer to the same question said.
    pub fn cursor<T>(&self, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
        let Some(text) = self.one(&CURSOR) else {
            return Ok(None);
        };
        let refused = || {
            Refusal::Wrong(
                "cursor: expected the next of an answer to the same question, found another text; \
                 leave it out to begin anew"
                    .to_string(),
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
        let text = String::from_utf8(bytes).map_err(|_| refused())?;
        let (question, place) = text.split_once('.').ok_or_else(refused)?;
        let place = read(place).filter(|_| question == self.question());
        place.map(Some).ok_or_else(refused)
    }

    /// A cursor that says where the list goes on.
    pub fn next(&self, place: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}.{place}", self.question()))
    }

    /// What is asked but for the part of the list, so that a cursor is not taken for that of another list.
    fn question(&self) -> String {
        let asked = self.asked.query.besides(&[LIMIT.name, CURSOR.name]);
        short_hash(&format!("{}?{asked}", self.asked.path))
    }

    /// The part of a list that is asked for. `key` tells its rows apart, in the order of the list: where rows have come or gone
    /// since, it goes on after the same one.
    pub fn part<T>(
        &self,
        all: &[T],
        key: impl Fn(&T) -> String,
        object: impl Fn(&T) -> Row,
    ) -> Result<Found, Refusal> {
        let read = |place: &str| {
            let (at, hash) = place.split_once('.')?;
            Some((at.parse::<usize>().ok()?, hash.to_string()))
        };
        let begin = match self.cursor(read)? {
            None => 0,
            Some((at, hash)) => {
                let is_it = |one: &T| short_hash(&key(one)) == hash;
                let last = at.checked_sub(1);
                match last.and_then(|last| all.get(last)).is_some_and(is_it) {
                    true => at,
                    false => all.iter().position(is_it).map_or(at, |last| last + 1),
                }
            }
        };
        let end = begin.saturating_add(self.limit()).min(all.len());
        let part = all.get(begin.min(end)..end).unwrap_or(&[]);
        let next = match part.last() {
            Some(last) if end < all.len() => {
                Some(self.next(&format!("{end}.{}", short_hash(&key(last)))))
            }
            _ => None,
        };
        Ok(Found::Part {
            rows: part.iter().map(object).collect(),
            next,
        })
    }

    /// The part of a list of rows that are there already, told apart by all that they say.
    pub fn part_of_rows(&self, rows: &[Row]) -> Result<Found, Refusal> {
        let key = |row: &Row| serde_json::to_string(row).unwrap_or_default();
        self.part(rows, key, Row::clone)
    }
}

fn short_hash(text: &str) -> String {
    let hash = blake3::hash(text.as_bytes()).to_hex();
    hash[..12].to_string()
}

impl Operation {
    /// What can be asked, with what all lists have.
    pub fn all_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let of_lists: &[Parameter] = match self.is_list {
            true => &[LIMIT, CURSOR],
            false => &[],
        };
        self.parameters.iter().chain(of_lists)
    }
}

#[derive(Serialize)]
struct Part<'a> {
    data: &'a [Row],
    next: Option<&'a str>,
}

/// Answers an operation.
pub(super) fn answer(operation: &Operation, asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let given = Given::new(operation, asked)?;
    let fault = |error: serde_json::Error| Refusal::Internal(error.to_string());
    match (operation.run)(&given)? {
        Found::One(one) => Ok(Answer::new(JSON, serde_json::to_vec(&one).map_err(fault)?)),
        Found::Part { rows, next } => {
            let link = next.as_deref().map(|next| link(asked, next));
            let answer = match asked.accept {
                Accept::Lines => {
                    let mut lines = Vec::new();
                    for row in &rows {
                        serde_json::to_writer(&mut lines, row).map_err(fault)?;
                        lines.push(b'\n');
                    }
                    Answer::new(LINES, lines)
                }
                _ => {
                    let next = next.as_deref();
                    let part = Part { data: &rows, next };
                    Answer::new(JSON, serde_json::to_vec(&part).map_err(fault)?)
                }
            };
            Ok(answer.with_link(link))
        }
    }
}

/// One JSON object a line.
pub(super) const LINES: &str = "application/x-ndjson";
/// Why a request is refused (RFC 9457).
pub(in crate::web) const PROBLEM: &str = "application/problem+json";

/// The address of the next part (RFC 8288).
fn link(asked: &Asked<'_>, next: &str) -> String {
    let besides = asked.query.besides(&[CURSOR.name]);
    let and = if besides.is_empty() { "" } else { "&" };
    let path: Cow<'_, str> = asked.path.as_str().into();
    format!("<{path}?{besides}{and}cursor={next}>; rel=\"next\"")
}

/// A refusal as programs read it (RFC 9457).
pub(in crate::web) fn problem(status: StatusCode, detail: &str) -> Answer {
    let title = status.canonical_reason().unwrap_or("Refused");
    let body = json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
    });
    Answer::new(PROBLEM, body.to_string()).with_status(status)
}
