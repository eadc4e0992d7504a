//! A TOML file walked key by key, so that every problem is found at once, each with its line, and no key goes unread.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::market::decimal_from_json;

/// One thing that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file's name as the user knows it.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// The key's path: `probe.models.request.url`.
    pub key: String,
    /// What was expected there.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

/// Everything that is wrong, in the order of files and lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<Problem>);

struct File {
    name: String,
    line_starts: Vec<usize>,
    problems: RefCell<Vec<Problem>>,
}

impl File {
    fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }
}

/// A table of a file. Reading a key marks it as known; [`Table::finish`] reports the others.
pub struct Table<'a> {
    file: Rc<File>,
    path: String,
    at: usize,
    entries: &'a DeTable<'a>,
    known: RefCell<BTreeSet<&'static str>>,
    sound: Cell<bool>,
}

/// Walks the TOML `text` of the file called `name`. Gives what `read` made of it, or every problem that was found.
pub fn walk<T>(
    name: &str,
    text: &str,
    read: impl FnOnce(&Table<'_>) -> Option<T>,
) -> Result<T, Problems> {
    let file = Rc::new(File {
        name: name.to_string(),
        line_starts: std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect(),
        problems: RefCell::default(),
    });
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = file.line(error.span().map_or(0, |span| span.start));
        file.problems.borrow_mut().push(Problem {
            file: name.to_string(),
            line,
            key: String::new(),
            expected: "TOML".to_string(),
            found: error.message().trim().replace('\n', "; "),
        });
    }
    let made = if errors.is_empty() {
        let table = Table::over(Rc::clone(&file), String::new(), 0, root.get_ref());
        let made = read(&table);
        table.finish();
        made
    } else {
        None
    };
    let mut problems = file.problems.take();
    problems.sort();
    problems.dedup();
    match made {
        Some(made) if problems.is_empty() => Ok(made),
        _ if problems.is_empty() => Err(Problems(vec![Problem {
            file: name.to_string(),
            line: 1,
            key: String::new(),
            expected: "a complete file".to_string(),
            found: "one that lacks something required".to_string(),
        }])),
        _ => Err(Problems(problems)),
    }
}

impl<'a> Table<'a> {
    fn over(file: Rc<File>, path: String, at: usize, entries: &'a DeTable<'a>) -> Self {
        Self {
            file,
            path,
            at,
            entries,
            known: RefCell::default(),
            sound: Cell::new(true),
        }
    }

    /// The table's own path in the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The line on which the table begins, counted from 1.
    pub fn line(&self) -> usize {
        self.file.line(self.at)
    }

    /// Whether nothing wrong has been found in this table itself so far.
    pub fn is_sound(&self) -> bool {
        self.sound.get()
    }

    fn key_path(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_string()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn report(
        &self,
        at: usize,
        key: String,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        self.sound.set(false);
        // one problem is one line, whatever the text holds
        let found: String = found.into();
        let found = found.replace(char::is_control, " ");
        self.file.problems.borrow_mut().push(Problem {
            file: self.file.name.clone(),
            line: self.file.line(at),
            key,
            expected: expected.into(),
            found,
        });
    }

    /// Reports that the value of `key` is not what was expected; at the table's own line if the key is not there.
    pub fn problem(&self, key: &str, expected: impl Into<String>, found: impl Into<String>) {
        let at = self.span(key).map_or(self.at, |span| span.start);
        self.report(at, self.key_path(key), expected, found);
    }

    /// As [`Self::problem`], of one of the user's own words in the table `key`.
    pub fn problem_at(
        &self,
        key: &str,
        word: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        let inner = self
            .entries
            .get(key)
            .and_then(|value| value.get_ref().as_table());
        let span = inner.and_then(|entries| {
            let mut names = entries.iter();
            let (name, _) = names.find(|(name, _)| name.get_ref() == word)?;
            Some(name.span())
        });
        let at = span
            .or_else(|| self.span(key))
            .map_or(self.at, |span| span.start);
        self.report(at, self.key_path(key), expected, found);
    }

    fn span(&self, key: &str) -> Option<Range<usize>> {
        self.entries
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(name, _)| name.span())
    }

    fn value(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.borrow_mut().insert(key);
        self.entries.get(key)
    }

    fn wrong_type(&self, key: &str, expected: &str, value: &Spanned<DeValue<'_>>) {
        self.report(
            value.span().start,
            self.key_path(key),
            expected,
            format!(
                "{} {}",
                article(value.get_ref().type_str()),
                value.get_ref().type_str()
            ),
        );
    }

    /// Whether the key is there.
    pub fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// A text, if the key is there.
    pub fn text(&self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => {
                self.wrong_type(key, "a text", value);
                None
            }
        }
    }

    /// A text that must be there and not be blank.
    pub fn required_text(&self, key: &'static str, expected: &str) -> Option<String> {
        if !self.has(key) {
            self.problem(key, expected, "nothing");
            return None;
        }
        let text = self.text(key)?;
        if text.trim().is_empty() {
            self.problem(key, expected, "an empty text");
            return None;
        }
        Some(text)
    }

    /// A text, if the key is there, as `parse` reads it. An error of `parse` is what was found wrong with it.
    pub fn parsed<T, E: fmt::Display>(
        &self,
        key: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(key)?;
        parse(&text)
            .map_err(|e| self.problem(key, expected, format!("'{text}' ({e})")))
            .ok()
    }

    /// One word of a closed set, if the key is there.
    pub fn word<T>(
        &self,
        key: &'static str,
        expected: &str,
        from_word: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(key)?;
        let value = from_word(&text);
        if value.is_none() {
            self.problem(key, expected, format!("'{text}'"));
        }
        value
    }

    /// A yes or no, if the key is there.
    pub fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => {
                self.wrong_type(key, "true or false", value);
                None
            }
        }
    }

    /// A whole number within `range`, if the key is there.
    pub fn integer(&self, key: &'static str, range: Range<i64>) -> Option<i64> {
        let value = self.value(key)?;
        let expected = format!("a whole number from {} to {}", range.start, range.end - 1);
        let number = match value.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => {
                self.wrong_type(key, &expected, value);
                return None;
            }
        };
        match number.filter(|number| range.contains(number)) {
            Some(number) => Some(number),
            None => {
                let found = value
                    .get_ref()
                    .as_integer()
                    .map_or(String::new(), |n| n.to_string());
                self.problem(key, expected, found);
                None
            }
        }
    }

    /// A share from 0 to 1, if the key is there.
    pub fn share(&self, key: &'static str) -> Option<f64> {
        self.exact_share(key)?.to_f64()
    }

    /// A share from 0 to 1 as it is written, if the key is there.
    pub fn exact_share(&self, key: &'static str) -> Option<Decimal> {
        let value = self.value(key)?;
        let text = match value.get_ref() {
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) => number.as_str(),
            _ => {
                self.wrong_type(key, "a share from 0.0 to 1.0", value);
                return None;
            }
        };
        let share =
            decimal_from_json(text).filter(|share| (Decimal::ZERO..=Decimal::ONE).contains(share));
        if share.is_none() {
            self.problem(key, "a share from 0.0 to 1.0", text);
        }
        share
    }

    /// A list of texts; empty if the key is not there. A single text stands for a list of one.
    pub fn texts(&self, key: &'static str) -> Vec<String> {
        let value = self.value(key);
        value.map_or_else(Vec::new, |value| self.texts_of(key, value))
    }

    fn texts_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<String> {
        let items = match value.get_ref() {
            DeValue::String(text) => return vec![text.to_string()],
            DeValue::Array(items) => items,
            _ => {
                self.wrong_type(key, "a list of texts", value);
                return Vec::new();
            }
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => texts.push(text.to_string()),
                _ => self.wrong_type(key, "a list of texts", item),
            }
        }
        texts
    }

    /// A table inside, if the key is there. The caller finishes it.
    pub fn table(&self, key: &'static str) -> Option<Table<'a>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Table(entries) => {
                Some(self.inner(key.to_string(), value.span().start, entries))
            }
            _ => {
                self.wrong_type(key, "a table", value);
                None
            }
        }
    }

    /// Whether the key is there and a table.
    pub fn is_table(&self, key: &'static str) -> bool {
        self.value(key)
            .is_some_and(|value| value.get_ref().as_table().is_some())
    }

    /// A list of tables inside (`[[key]]`); empty if the key is not there. The caller finishes each.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let items = match value.get_ref() {
            DeValue::Array(items) => items,
            _ => {
                self.wrong_type(key, "a list of tables", value);
                return Vec::new();
            }
        };
        let mut tables = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item.get_ref() {
                DeValue::Table(entries) => {
                    let name = entries.get("name").and_then(|name| name.get_ref().as_str());
                    let label =
                        name.map_or_else(|| format!("{key}[{index}]"), |n| format!("{key}.{n}"));
                    tables.push(self.inner(label, item.span().start, entries));
                }
                _ => self.wrong_type(key, "a list of tables", item),
            }
        }
        tables
    }

    /// A table whose keys are the user's own words and whose values are texts; empty if the key is not there.
    pub fn text_map(&self, key: &'static str) -> BTreeMap<String, String> {
        let Some(value) = self.value(key) else {
            return BTreeMap::new();
        };
        let Some(entries) = value.get_ref().as_table() else {
            self.wrong_type(key, "a table of texts", value);
            return BTreeMap::new();
        };
        let mut map = BTreeMap::new();
        for (name, item) in entries {
            match item.get_ref() {
                DeValue::String(text) => {
                    map.insert(name.get_ref().to_string(), text.to_string());
                }
                _ => self.wrong_type(&format!("{key}.{}", name.get_ref()), "a text", item),
            }
        }
        map
    }

    /// As [`Self::text_map`] with lists of texts, for which a single text may stand.
    pub fn texts_map(&self, key: &'static str) -> BTreeMap<String, Vec<String>> {
        let Some(value) = self.value(key) else {
            return BTreeMap::new();
        };
        let Some(entries) = value.get_ref().as_table() else {
            self.wrong_type(key, "a table of texts", value);
            return BTreeMap::new();
        };
        let entries = entries.iter();
        entries
            .map(|(name, item)| {
                let name = name.get_ref().to_string();
                let texts = self.texts_of(&format!("{key}.{name}"), item);
                (name, texts)
            })
            .collect()
    }

    /// Tables under the user's own names (`[key.NAME]`); empty if the key is not there. The caller finishes each.
    pub fn named_tables(&self, key: &'static str) -> Vec<(String, Table<'a>)> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(entries) = value.get_ref().as_table() else {
            self.wrong_type(key, "a table of tables", value);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (name, item) in entries {
            let label = format!("{key}.{}", name.get_ref());
            match item.get_ref() {
                DeValue::Table(inner) => tables.push((
                    name.get_ref().to_string(),
                    self.inner(label, item.span().start, inner),
                )),
                _ => self.wrong_type(&label, "a table", item),
            }
        }
        tables
    }

    fn inner(&self, key: String, at: usize, entries: &'a DeTable<'a>) -> Table<'a> {
        Table::over(Rc::clone(&self.file), self.key_path(&key), at, entries)
    }

    /// Reports every key that was never asked for.
    pub fn finish(&self) {
        let known = self.known.borrow();
        for (name, _) in self.entries {
            if !known.contains(name.get_ref().as_ref()) {
                let expected = format!(
                    "one of {}",
                    known.iter().copied().collect::<Vec<_>>().join(", ")
                );
                self.report(
                    name.span().start,
                    self.key_path(name.get_ref()),
                    expected,
                    format!("the unknown key '{}'", name.get_ref()),
                );
            }
        }
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_found_at_once_with_its_line() {
        let text = "name = 3\nport = 70000\ncolour = \"red\"\n\n[inner]\nshare = 2\nwhat = 1\n";
        let result = walk("test.toml", text, |root| {
            let _ = root.required_text("name", "a name");
            let _ = root.integer("port", 1..65_536);
            let _ = root.required_text("host", "a host name");
            let inner = root.table("inner")?;
            let _ = inner.share("share");
            inner.finish();
            Some(())
        });
        let shown = result.expect_err("five problems").to_string();
        insta::assert_snapshot!(shown, @r"
        test.toml:1: host: expected a host name, found nothing
        test.toml:1: name: expected a text, found an integer
        test.toml:2: port: expected a whole number from 1 to 65535, found 70000
        test.toml:3: colour: expected one of host, inner, name, port, found the unknown key 'colour'
        test.toml:6: inner.share: expected a share from 0.0 to 1.0, found 2
        test.toml:7: inner.what: expected one of share, found the unknown key 'what'
        ");
    }

    #[test]
    fn broken_toml_names_its_line() {
        let problems = walk("half.toml", "a = 1\nb = \n", |_| Some(())).expect_err("broken");
        assert_eq!(problems.0[0].line, 2);
    }
}
