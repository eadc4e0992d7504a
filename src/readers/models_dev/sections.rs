//! The registry's text in one pass: the models of the providers that are read, each with its raw text.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Keys of other providers that are kept, for messages.
const MOST_OTHERS: usize = 5;

/// The registry, as far as it is read.
#[derive(Default)]
pub struct Sections<'a> {
    /// By the registry's id.
    pub read: HashMap<String, Section<'a>>,
    /// Some of the others.
    pub others: Vec<String>,
}

/// One provider.
#[derive(Deserialize)]
pub struct Section<'a> {
    /// Its models.
    #[serde(borrow)]
    pub models: Models<'a>,
}

/// Models by their native ids, in the order of the text.
pub struct Models<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

/// A text that is borrowed where it holds no escapes.
#[derive(Deserialize)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads the sections of these providers.
pub fn read<'a>(
    text: &'a str,
    providers: &BTreeMap<String, String>,
) -> Result<Sections<'a>, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let sections = Reader(providers).deserialize(&mut json)?;
    json.end()?;
    Ok(sections)
}

struct Reader<'m>(&'m BTreeMap<String, String>);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Sections<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Sections<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of providers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut sections = Sections::default();
        while let Some(Word(id)) = map.next_key::<Word<'de>>()? {
            if self.0.contains_key(id.as_ref()) {
                let section = map.next_value::<Section<'de>>();
                let section =
                    section.map_err(|error| A::Error::custom(format!("{id}: {error}")))?;
                sections.read.insert(id.into_owned(), section);
            } else {
                map.next_value::<IgnoredAny>()?;
                if sections.others.len() < MOST_OTHERS {
                    sections.others.push(id.into_owned());
                }
            }
        }
        Ok(sections)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Models<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Models<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of models")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut models = Vec::new();
                while let Some((Word(id), raw)) = map.next_entry::<Word<'de>, &'de RawValue>()? {
                    models.push((id, raw));
                }
                Ok(Models(models))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}
