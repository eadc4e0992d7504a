//! One row of a JSON body, and the templates and conditions that are evaluated on it.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::path::{Followed, Found, NoPath, Path, shape};

/// Longer identifiers are refused: no provider's are.
const LONGEST_ID: usize = 512;

/// A path from one level of a row: the item itself is level 0, then the declared inner lists in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    level: usize,
    path: Path,
    text: Box<str>,
}

impl Place {
    /// Reads a path. One that begins with the name of a level is followed from that level's element, any other from the item.
    pub fn parse(text: &str, levels: &[String]) -> Result<Self, NoPath> {
        let path: Path = text.parse()?;
        let level = path
            .first_field()
            .and_then(|field| levels.iter().position(|name| name == field));
        Ok(Self {
            level: level.map_or(0, |at| at + 1),
            path: level.map_or_else(|| path.clone(), |_| path.without_first()),
            text: text.trim().into(),
        })
    }

    /// As it was declared.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it can lead to several values.
    pub fn is_many(&self) -> bool {
        self.path.is_many()
    }

    /// Whether its values stand under keys.
    pub fn has_key(&self) -> bool {
        self.path.has_key()
    }
}

/// The item and the elements of its inner lists that make one row.
#[derive(Debug, Clone)]
pub struct Row<'a>(pub Vec<Option<Found<'a>>>);

impl<'a> Row<'a> {
    /// Follows a place.
    pub fn follow(&self, place: &Place) -> Followed<'a> {
        match self.0.get(place.level).copied().flatten() {
            Some(Found {
                value: Some(value),
                key,
            }) => place.path.follow(value, key),
            _ => Followed::Missing,
        }
    }

    /// The one plain text at a place, if there is exactly one.
    pub fn one(&self, place: &Place) -> Option<Cow<'a, str>> {
        match self.follow(place) {
            Followed::Found(found) => match found.as_slice() {
                [one] => plain(*one).ok(),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A value that has a plain text: a text, a number by its shortest spelling, yes or no, a key. The error is what it is instead.
pub fn plain(found: Found<'_>) -> Result<Cow<'_, str>, &'static str> {
    match found.value {
        None => found.key.map(Cow::Borrowed).ok_or("nothing"),
        Some(Json::String(text)) => Ok(Cow::Borrowed(text)),
        Some(Json::Number(number)) => Ok(Cow::Owned(number.to_string())),
        Some(Json::Bool(flag)) => Ok(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Some(other) => Err(shape(other)),
    }
}

/// Whether a value is a text without any characters but blanks: some providers write `""` for null.
fn is_blank(found: Found<'_>) -> bool {
    found
        .value
        .and_then(Json::as_str)
        .is_some_and(|text| text.trim().is_empty())
}

/// A text made of a row's values: `{model.name}@{model.version}`, a bare path, or `=constant`. `{id before .}` is a value as
/// far as the first point in it, and all of it where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    text: Box<str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(Box<str>),
    Value {
        place: Place,
        /// Only what stands before this.
        before: Option<Box<str>>,
    },
}

impl Part {
    fn value(text: &str, levels: &[String]) -> Result<Self, NoPath> {
        let (path, before) = match text.split_once(" before ") {
            Some((path, mark)) if !mark.trim().is_empty() => (path, Some(mark.trim().into())),
            _ => (text, None),
        };
        Ok(Self::Value {
            place: Place::parse(path, levels)?,
            before,
        })
    }
}

impl Template {
    /// Reads a template over the levels of a mapping.
    pub fn parse(text: &str, levels: &[String]) -> Result<Self, NoPath> {
        let mut parts = Vec::new();
        if let Some(constant) = text.strip_prefix('=') {
            parts.push(Part::Literal(constant.into()));
        } else if text.contains('{') {
            let mut rest = text;
            while let Some((before, after)) = rest.split_once('{') {
                let (path, after) = after
                    .split_once('}')
                    .ok_or_else(|| NoPath(format!("'{text}' lacks a closing brace")))?;
                if !before.is_empty() {
                    parts.push(Part::Literal(before.into()));
                }
                parts.push(Part::value(path, levels)?);
                rest = after;
            }
            if !rest.is_empty() {
                parts.push(Part::Literal(rest.into()));
            }
        } else {
            parts.push(Part::value(text, levels)?);
        }
        Ok(Self {
            parts,
            text: text.into(),
        })
    }

    /// As it was declared.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text for a row; `None` if any of its values is missing, blank, not plain, or the whole too long.
    pub fn fill(&self, row: &Row<'_>) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => out.push_str(literal),
                Part::Value { place, before } => {
                    let value = row.one(place)?;
                    let value = match before.as_deref() {
                        Some(mark) => value.split(mark).next().unwrap_or(""),
                        None => &value,
                    };
                    let value = value.trim();
                    if value.is_empty() {
                        return None;
                    }
                    out.push_str(value);
                }
            }
        }
        (!out.is_empty() && out.len() <= LONGEST_ID).then_some(out)
    }
}

/// What must hold of the values at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// One of them is one of these.
    Is(Vec<String>),
    /// One of them begins with one of these.
    StartsWith(Vec<String>),
    /// One of them ends with one of these.
    EndsWith(Vec<String>),
    /// One of them contains one of these.
    Contains(Vec<String>),
    /// There is a value that is not blank (or, for `false`, there is none).
    Present(bool),
    /// One of them is the value at this other place; not where there is none.
    SameAs(Place),
}

/// A condition on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Where the values stand.
    pub place: Place,
    /// What must hold of them.
    pub test: Test,
}

impl Condition {
    /// Whether the row fulfils it. Texts are compared as they are; a list stands for its elements.
    pub fn holds(&self, row: &Row<'_>) -> bool {
        let values = match row.follow(&self.place) {
            Followed::Found(values) => values,
            Followed::Missing | Followed::Misshapen(_) => Vec::new(),
        };
        let any = |test: &dyn Fn(&str) -> bool| {
            values.iter().any(|found| match found.value {
                Some(Json::Array(elements)) => elements.iter().any(|element| {
                    let value = Some(element);
                    plain(Found { value, key: None }).is_ok_and(|text| test(&text))
                }),
                _ => plain(*found).is_ok_and(|text| test(&text)),
            })
        };
        match &self.test {
            Test::Is(words) => any(&|text| words.iter().any(|word| word == text)),
            Test::StartsWith(heads) => any(&|text| heads.iter().any(|head| text.starts_with(head))),
            Test::EndsWith(tails) => any(&|text| tails.iter().any(|tail| text.ends_with(tail))),
            Test::Contains(parts) => any(&|text| parts.iter().any(|part| text.contains(part))),
            Test::Present(wanted) => values.iter().any(|found| !is_blank(*found)) == *wanted,
            Test::SameAs(other) => row
                .one(other)
                .is_some_and(|other| any(&|text| text == other)),
        }
    }
}
