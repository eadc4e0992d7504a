//! What a request asks for: the parts of its path and its query, bounded and looked at key by key, so that no key goes unread.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::refusal::Refusal;

/// Keys of a query at most.
const MOST: usize = 64;

/// What a request asks for.
#[derive(Debug, Default)]
pub(super) struct Query {
    path: BTreeMap<String, String>,
    values: Vec<(String, String)>,
    /// A key of which nothing stands behind the equals sign.
    empty: Option<String>,
    known: RefCell<BTreeSet<&'static str>>,
}

impl Query {
    /// Of the named parts of a path, and of the text after the question mark. What is left empty, as forms do, is not asked.
    pub fn new(path: BTreeMap<String, String>, text: &str) -> Result<Self, Refusal> {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        let pairs = pairs.map(|(key, value)| (key.into_owned(), value.trim().to_string()));
        let (empty, values): (Vec<_>, Vec<_>) = pairs
            .take(2 * MOST + 1)
            .partition(|(_, value)| value.is_empty());
        if values.len() > MOST || empty.len() > MOST {
            return Err(Refusal::Wrong(format!(
                "expected at most {MOST} parameters, found more"
            )));
        }
        Ok(Self {
            path,
            values,
            empty: empty.into_iter().next().map(|(key, _)| key),
            known: RefCell::default(),
        })
    }

    /// A named part of the path.
    pub fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// The value of a key that may stand once.
    pub fn one(&self, key: &'static str) -> Result<Option<&str>, Refusal> {
        match self.all(key).as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(Refusal::Wrong(format!(
                "{key}: expected one value, found several"
            ))),
        }
    }

    /// Every value of a key.
    pub fn all(&self, key: &'static str) -> Vec<&str> {
        self.known.borrow_mut().insert(key);
        let of_key = self.values.iter().filter(|(name, _)| name == key);
        of_key.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a key, understood.
    pub fn parsed<T>(
        &self,
        key: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(text) = self.one(key)? else {
            return Ok(None);
        };
        parse(text).map(Some).ok_or_else(|| {
            let found: String = text.chars().take(80).collect();
            Refusal::Wrong(format!("{key}: expected {expected}, found '{found}'"))
        })
    }

    /// Whether a box is ticked.
    pub fn flag(&self, key: &'static str) -> Result<bool, Refusal> {
        let expected = "true or false";
        let flag = self.parsed(key, expected, |text| match text {
            "true" | "1" | "on" | "yes" => Some(true),
            "false" | "0" | "off" | "no" => Some(false),
            _ => None,
        })?;
        Ok(flag.unwrap_or(false))
    }

    /// The address of a page with what was asked of it, one key set otherwise, or left out.
    pub fn address(&self, path: &str, key: &str, value: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let others = self.values.iter().filter(|(name, _)| name != key);
        others.for_each(|(name, value)| {
            query.append_pair(name, value);
        });
        if let Some(value) = value {
            query.append_pair(key, value);
        }
        match query.finish() {
            query if query.is_empty() => path.to_string(),
            query => format!("{path}?{query}"),
        }
    }

    /// A key of which nothing is asked: forms do so, and scripts by mistake.
    pub fn empty(&self) -> Option<&str> {
        self.empty.as_deref()
    }

    /// What is asked but for these keys, as it stands in an address.
    pub fn besides(&self, keys: &[&str]) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        let others = self.values.iter();
        for (key, value) in others.filter(|(key, _)| !keys.contains(&key.as_str())) {
            text.append_pair(key, value);
        }
        text.finish()
    }

    /// Refuses a key that nobody has read: a misspelt filter must not show everything.
    pub fn finish(&self) -> Result<(), Refusal> {
        let known = self.known.borrow();
        let is_known = |key: &String| known.contains(key.as_str());
        match self.values.iter().find(|(key, _)| !is_known(key)) {
            None => Ok(()),
            Some((key, _)) => {
                let key: String = key.chars().take(80).collect();
                let names: Vec<&str> = known.iter().copied().collect();
                Err(Refusal::Wrong(match names.is_empty() {
                    true => format!("expected no parameters, found '{key}'"),
                    false => format!("expected {}, found '{key}'", names.join(", ")),
                }))
            }
        }
    }
}
