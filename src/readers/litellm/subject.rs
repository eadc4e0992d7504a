//! Which offering an entry of the map is about: its key without what LiteLLM puts before the provider's own id.

use std::collections::{HashMap, HashSet};

use super::{Mapping, Provider};
use crate::market::{Region, Subject};
use crate::readers::Context;

/// The subjects of the map's keys. A key loses LiteLLM's prefix (`xai/grok-9`, `vertex_ai/claude-9@20270101`) and, for Bedrock,
/// region and commitment (`bedrock/eu-west-1/6-month-commitment/acme.titan-v1`; facts: aggregators.md §2), unless two keys of
/// one provider would become one: then they stay as they are.
pub struct Subjects<'a> {
    mapping: &'a Mapping,
    context: &'a Context<'a>,
    ambiguous: HashSet<Subject>,
}

impl<'a> Subjects<'a> {
    /// Of all keys of one map, each with its provider.
    pub fn new<'k>(
        mapping: &'a Mapping,
        context: &'a Context<'a>,
        keys: impl Iterator<Item = (&'k str, &'k Provider)>,
    ) -> Self {
        let mut subjects = Self {
            mapping,
            context,
            ambiguous: HashSet::new(),
        };
        let mut first: HashMap<Subject, &str> = HashMap::new();
        for (key, provider) in keys {
            let subject = subjects.spelled(key, provider);
            let before = *first.entry(subject.clone()).or_insert(key);
            if before != key {
                subjects.ambiguous.insert(subject);
            }
        }
        subjects
    }

    /// The subject of a key.
    pub fn of(&self, key: &str, provider: &Provider) -> Subject {
        let subject = self.spelled(key, provider);
        if self.ambiguous.contains(&subject) {
            self.verbatim(key, provider)
        } else {
            subject
        }
    }

    fn verbatim(&self, key: &str, provider: &Provider) -> Subject {
        Subject {
            region: self.context.region.clone(),
            deployment: provider.deployment.clone(),
            ..Subject::offering(provider.id.as_str(), key)
        }
    }

    fn spelled(&self, key: &str, provider: &Provider) -> Subject {
        let subject = self.verbatim(key, provider);
        let prefix = self
            .mapping
            .prefixes
            .iter()
            .find(|p| key.starts_with(p.as_str()));
        let Some(rest) = prefix.and_then(|prefix| key.strip_prefix(prefix.as_str())) else {
            return subject;
        };
        let (region, rest) = match rest.split_once('/') {
            Some((region, rest)) if region == "*" || is_region(region) => (Some(region), rest),
            _ => (None, rest),
        };
        let (term, rest) = match rest.split_once('/') {
            Some((term, rest)) if term.ends_with("-month-commitment") => (Some(term), rest),
            _ => (None, rest),
        };
        // bedrock/invoke/… and the like name an interface of LiteLLM's own
        if rest.is_empty()
            || (region.is_some() || prefix.is_some_and(|p| p == "bedrock/")) && rest.contains('/')
        {
            return subject;
        }
        Subject {
            native_id: rest.into(),
            region: region.map_or(subject.region, Region::from),
            deployment: term.map(Into::into).or(subject.deployment),
            ..subject
        }
    }
}

/// `us-east-1`, `us-gov-west-1`, `ap-northeast-3`.
fn is_region(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.split_last() {
        Some((last, first)) => {
            first.len() >= 2
                && first.iter().all(letters)
                && !last.is_empty()
                && last.bytes().all(|b| b.is_ascii_digit())
        }
        None => false,
    }
}
