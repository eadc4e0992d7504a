//! Where a value stands in JSON: `data[].model.name`, `models{}`, `'gpt-4.1'.price`, `@key`.

use std::fmt;
use std::str::FromStr;

use serde_json::Value as Json;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The field of that name.
    Field(Box<str>),
    /// Every element of a list.
    Elements,
    /// Every value of an object; its key is then `@key`.
    Values,
    /// The key under which the nearest value of an object stood.
    Key,
}

/// Steps from one value to others. Without any step it is the value itself, written `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
    text: Box<str>,
}

/// A text that is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a path is fields joined by dots, [] for every element, {{}} for every value, @key, or @ for the value itself: {0}"
)]
pub struct NoPath(pub(super) String);

/// A value with the key of the nearest `{}` on the way to it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The value; `None` where the path ends in `@key`.
    pub value: Option<&'a Json>,
    /// The key.
    pub key: Option<&'a str>,
}

/// What stands where a path was followed.
#[derive(Debug)]
pub enum Followed<'a> {
    /// These values, none if a list was empty.
    Found(Vec<Found<'a>>),
    /// A field on the way is not there, or is null.
    Missing,
    /// Something on the way has another shape: what it was.
    Misshapen(&'static str),
}

impl Path {
    /// The first field's name, if the path begins with a field.
    pub fn first_field(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Field(name)) => Some(name),
            _ => None,
        }
    }

    /// The path from the first field on.
    pub fn without_first(&self) -> Self {
        Self {
            steps: self.steps.get(1..).unwrap_or_default().to_vec(),
            text: self.text.clone(),
        }
    }

    /// Whether the path can lead to several values.
    pub fn is_many(&self) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(step, Step::Elements | Step::Values))
    }

    /// Whether the path passes an object's values, so that there is a key.
    pub fn has_key(&self) -> bool {
        self.steps.contains(&Step::Values)
    }

    /// The path as far as its first `[]` or `{}`, that included, and the rest.
    pub fn split_at_first_many(&self) -> (Self, Self) {
        let many = |step: &Step| matches!(step, Step::Elements | Step::Values);
        let at = self
            .steps
            .iter()
            .position(many)
            .map_or(self.steps.len(), |at| at + 1);
        let part = |steps: &[Step]| Self {
            steps: steps.to_vec(),
            text: self.text.clone(),
        };
        let (head, tail) = self.steps.split_at(at);
        (part(head), part(tail))
    }

    /// Follows the path from a value that stands under `key`.
    pub fn follow<'a>(&self, from: &'a Json, key: Option<&'a str>) -> Followed<'a> {
        let mut now = vec![Found {
            value: Some(from),
            key,
        }];
        let mut missing = None;
        for step in &self.steps {
            let mut next = Vec::with_capacity(now.len());
            for found in &now {
                if let Err(reason) = advance(step, *found, &mut next) {
                    missing = Some(reason);
                }
            }
            now = next;
        }
        now.retain(|found| found.value.is_none_or(|value| !value.is_null()));
        match missing {
            Some(reason) if now.is_empty() => reason.map_or(Followed::Missing, Followed::Misshapen),
            _ if now.is_empty() && !self.is_many() => Followed::Missing,
            _ => Followed::Found(now),
        }
    }
}

/// One step. The error is what stood in the way, or `None` if nothing stood there.
fn advance<'a>(
    step: &Step,
    found: Found<'a>,
    next: &mut Vec<Found<'a>>,
) -> Result<(), Option<&'static str>> {
    if *step == Step::Key {
        if found.key.is_some() {
            next.push(Found {
                value: None,
                key: found.key,
            });
        }
        return Ok(());
    }
    let value = found.value.ok_or(None)?;
    match (step, value) {
        (_, Json::Null) => return Err(None),
        (Step::Field(name), Json::Object(fields)) => next.push(Found {
            value: Some(fields.get(name.as_ref()).ok_or(None)?),
            key: found.key,
        }),
        (Step::Elements, Json::Array(elements)) => {
            next.extend(elements.iter().map(|element| Found {
                value: Some(element),
                key: found.key,
            }));
        }
        (Step::Values, Json::Object(fields)) => {
            next.extend(fields.iter().map(|(key, value)| Found {
                value: Some(value),
                key: Some(key),
            }));
        }
        (_, other) => return Err(Some(shape(other))),
    }
    Ok(())
}

/// What kind of JSON a value is, in words.
pub fn shape(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Path {
    type Err = NoPath;

    fn from_str(text: &str) -> Result<Self, NoPath> {
        let refuse = || NoPath(text.chars().take(120).collect());
        let mut steps = Vec::new();
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(refuse());
        }
        if rest == "@" {
            rest = "";
        }
        let mut first = true;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("[]") {
                steps.push(Step::Elements);
                rest = after;
            } else if let Some(after) = rest.strip_prefix("{}") {
                steps.push(Step::Values);
                rest = after;
            } else {
                let field = if first {
                    rest
                } else {
                    rest.strip_prefix('.').ok_or_else(refuse)?
                };
                let (step, after) = field_step(field).ok_or_else(refuse)?;
                steps.push(step);
                rest = after;
            }
            first = false;
            if steps.last() == Some(&Step::Key) && !rest.is_empty() {
                return Err(refuse());
            }
        }
        Ok(Self {
            steps,
            text: text.trim().into(),
        })
    }
}

fn field_step(text: &str) -> Option<(Step, &str)> {
    if let Some(after) = text.strip_prefix("@key") {
        return Some((Step::Key, after));
    }
    let (name, after) = match text.strip_prefix('\'') {
        Some(quoted) => quoted.split_once('\'')?,
        None => text.split_at(text.find(['.', '[', '{', '@', '\'']).unwrap_or(text.len())),
    };
    (!name.is_empty()).then(|| (Step::Field(name.into()), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(path: &str) -> String {
        let json = json!({
            "data": [{"id": "a", "tags": ["x", "y"]}, {"id": "b", "tags": null}, {"id": null}],
            "by": {"one": {"price": 1}, "two": {"price": 2}},
            "gpt-4.1": {"ok": true},
            "none": null,
        });
        let path: Path = match path.parse() {
            Ok(path) => path,
            Err(_) => return "no path".to_string(),
        };
        match path.follow(&json, Some("root")) {
            Followed::Missing => "missing".to_string(),
            Followed::Misshapen(what) => format!("met {what}"),
            Followed::Found(all) => all
                .iter()
                .map(|found| match found.value {
                    Some(Json::Object(_)) => format!("object {}", found.key.unwrap_or("")),
                    Some(value) => value.to_string(),
                    None => found.key.unwrap_or("").to_string(),
                })
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    #[test]
    fn paths_lead_to_values() {
        for (path, expected) in [
            ("data[].id", "\"a\" \"b\""),
            ("data[].tags[]", "\"x\" \"y\""),
            ("by{}", "object one object two"),
            ("by{}.price", "1 2"),
            ("by{}.@key", "one two"),
            ("@key", "root"),
            ("@", "object root"),
            ("'gpt-4.1'.ok", "true"),
            ("none", "missing"),
            ("absent.deeper", "missing"),
            ("by[]", "met an object"),
            ("data{}", "met a list"),
            ("data.id", "met a list"),
            ("", "no path"),
            ("a..b", "no path"),
            ("a.", "no path"),
            ("@key.a", "no path"),
            ("'open", "no path"),
            ("a]b[", "no path"),
        ] {
            assert_eq!(shown(path), expected, "{path}");
        }
    }
}
