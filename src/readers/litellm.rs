//! LiteLLM's price map: one flat object of model names with what they cost (facts: aggregators.md §2).

mod entry;
mod price;
mod subject;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::notes::Notes;
use super::{Body, Context, encoding, json};
use crate::market::{
    Certainty, Claim, Content, Entry, Failure, Fingerprint, ProviderId, Reading, Subject,
    SubjectKey,
};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 3;

/// Keys of the map that are no models: its documentation, and its rules for names that it does not hold.
const NO_MODELS: [&str; 2] = ["sample_spec", "fallback_generalizations"];

/// How the map is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// LiteLLM's words for providers (`litellm_provider`) with ours; entries of others are left out.
    pub providers: BTreeMap<String, Provider>,
    /// What LiteLLM puts before a provider's own ids, each with its slash.
    pub prefixes: Vec<String>,
}

impl Mapping {
    /// Whose a word of LiteLLM is: `vertex_ai-anthropic_models` is a part of `vertex_ai` where it is not named itself.
    fn provider(&self, word: &str) -> Option<&Provider> {
        let whole = || Some(word.split_once('-')?.0);
        let named = self.providers.get(word);
        named.or_else(|| self.providers.get(whole()?))
    }
}

/// One of our providers, as LiteLLM splits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Ours.
    pub id: ProviderId,
    /// The deployment that LiteLLM's word stands for, where it keeps several of one provider apart.
    pub deployment: Option<Box<str>>,
    /// How sure its `deprecation_date` is: LiteLLM copies days from the providers' pages and leaves out "not sooner than" (facts:
    /// aggregators.md §2, anthropic.md).
    pub certainty: Certainty,
}

/// The map's entries in their order, each with its raw text.
struct RawMap<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// A text that is borrowed where it holds no escapes.
#[derive(Deserialize)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

/// What must be known of an entry to know its subject.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Head<'a> {
    #[serde(borrow, default)]
    litellm_provider: Option<Word<'a>>,
}

impl<'de> Deserialize<'de> for RawMap<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawMap<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of models")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((Word(key), raw)) = map.next_entry::<Word<'de>, &'de RawValue>()? {
                    entries.push((key, raw));
                }
                Ok(RawMap(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// Reads the map. An entry whose raw text is settled is not read again. A key that stands twice holds what it says last, as in
/// any JSON reader, with a note. An object in which no entry names a provider is [`Failure::Unreadable`].
///
/// LiteLLM writes 0 both for free and for unknown: a price of 0 is only stated where the entry has another price that is not 0.
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    let RawMap(entries) =
        serde_json::from_str(&text).map_err(|error| json::not_json(&error, &text))?;
    let mut notes = Notes::default();
    let mut with_provider = 0_usize;
    let mut ours = Vec::new();
    for (name, raw) in &entries {
        let Some(word) = provider_word(name, raw, &mut notes) else {
            continue;
        };
        with_provider += 1;
        if let Some(provider) = mapping.provider(&word) {
            ours.push((name.as_ref(), *raw, provider));
        }
    }
    if with_provider == 0 {
        let keys: Vec<&str> = entries
            .iter()
            .take(8)
            .map(|(name, _)| name.as_ref())
            .collect();
        return Err(Failure::Unreadable {
            expected: "models with litellm_provider".to_string(),
            found: super::folding::shortened(&format!("an object with {}", keys.join(", ")), 200),
        });
    }
    let keys = ours.iter().map(|(name, _, provider)| (*name, *provider));
    let subjects = subject::Subjects::new(mapping, context, keys);
    let mut read = Entries::default();
    for (name, raw, provider) in ours {
        let subject = subjects.of(name, provider);
        read.add(subject, raw, provider.certainty, context, &mut notes);
    }
    let reading = read.into_reading(context.complete, notes);
    let is_told = |entry: &Entry| {
        entry.content != Content::Settled || context.settled.contains_key(&entry.key)
    };
    if !reading.entries.is_empty() && !reading.entries.iter().any(is_told) {
        return Err(Failure::Unreadable {
            expected: "models as objects".to_string(),
            found: "none that could be read".to_string(),
        });
    }
    Ok(reading)
}

/// LiteLLM's word for whose an entry is; `None`, with a note where that was not expected, for what is no model.
fn provider_word<'a>(name: &str, raw: &'a RawValue, notes: &mut Notes) -> Option<Cow<'a, str>> {
    if NO_MODELS.contains(&name) {
        return None;
    }
    match serde_json::from_str::<Head<'_>>(raw.get()) {
        Ok(head) => {
            if head.litellm_provider.is_none() {
                notes.add("litellm_provider", name, "a provider", "nothing");
            }
            head.litellm_provider.map(|Word(word)| word)
        }
        Err(error) => {
            let expected = "an object with litellm_provider";
            notes.add("an entry", name, expected, &error.to_string());
            None
        }
    }
}

/// The entries so far, each subject once.
#[derive(Default)]
struct Entries {
    settled: HashMap<SubjectKey, Subject>,
    stated: HashMap<SubjectKey, (Subject, Vec<Claim>, Fingerprint)>,
}

impl Entries {
    fn add(
        &mut self,
        subject: Subject,
        raw: &RawValue,
        certainty: Certainty,
        context: &Context<'_>,
        notes: &mut Notes,
    ) {
        let key = subject.key();
        let fingerprint = Fingerprint::of(raw.get().as_bytes());
        let was_settled = self.settled.remove(&key).is_some();
        if self.stated.remove(&key).is_some() || was_settled {
            let name = subject.native_id.as_str();
            notes.add(
                "the map",
                name,
                "each key once",
                "a key twice; its last value is taken",
            );
        }
        if context.settled.get(&key) == Some(&fingerprint) {
            self.settled.insert(key, subject);
            return;
        }
        let name = subject.native_id.as_str();
        match entry::claims(name, raw.get(), certainty, notes) {
            Some(claims) => {
                self.stated.insert(key, (subject, claims, fingerprint));
            }
            // it is there, and nothing is told of it
            None => {
                self.settled.insert(key, subject);
            }
        }
    }

    fn into_reading(self, complete: bool, notes: Notes) -> Reading {
        let mut prints = HashMap::with_capacity(self.stated.len());
        let rows: Vec<(Subject, Vec<Claim>)> = self
            .stated
            .into_iter()
            .map(|(key, (subject, claims, print))| {
                prints.insert(key, print);
                (subject, claims)
            })
            .collect();
        let mut reading = Reading::from_claims(rows, complete);
        for entry in &mut reading.entries {
            if let Content::Stated { fingerprint, .. } = &mut entry.content {
                *fingerprint = prints.get(&entry.key).copied();
            }
        }
        let settled = self.settled.into_iter().map(|(key, subject)| Entry {
            subject,
            key,
            content: Content::Settled,
        });
        reading.entries.extend(settled);
        notes.put_into(&mut reading);
        reading
    }
}
