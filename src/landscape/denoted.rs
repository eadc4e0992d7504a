//! Which model each fact is about.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::offer::{Offer, offers};
use crate::market::{Identity, OfferingFact, Subject};

/// What the native ids of facts denote; each is looked at once, however many regions sell it.
#[derive(Debug)]
pub struct Denoted<'a> {
    facts: &'a [OfferingFact],
    identities: HashMap<(&'a str, &'a str), Identity>,
}

impl<'a> Denoted<'a> {
    /// Looks at all facts, which stand offering by offering.
    pub fn new(facts: &'a [OfferingFact]) -> Self {
        let identities = facts
            .chunk_by(|one, next| {
                Arc::ptr_eq(&one.subject, &next.subject) || key(&one.subject) == key(&next.subject)
            })
            .filter_map(|facts| {
                let subject: &Subject = &facts.first()?.subject;
                Some((key(subject), subject.identity()?))
            })
            .collect();
        Self { facts, identities }
    }

    /// Every fact about an offering, with what its native id denotes.
    pub fn facts(&self) -> impl Iterator<Item = (&'a OfferingFact, &Identity)> {
        // looked up once an offering, not once a fact
        let offerings = self
            .facts
            .chunk_by(|one, next| Arc::ptr_eq(&one.subject, &next.subject));
        let known = |facts: &'a [OfferingFact]| {
            let identity = self.identities.get(&key(&facts.first()?.subject))?;
            Some(facts.iter().map(move |fact| (fact, identity)))
        };
        offerings.filter_map(known).flatten()
    }

    /// The offerings of every model.
    pub fn offers(&self) -> BTreeMap<String, Vec<Offer>> {
        self.by_model()
            .map(|(model, offers)| (model.to_string(), offers))
            .collect()
    }

    /// Every model in order with its offerings, which are put together when it is its turn.
    pub fn by_model(&self) -> impl Iterator<Item = (&str, Vec<Offer>)> {
        let mut by_model: BTreeMap<&str, Vec<(&OfferingFact, &Identity)>> = BTreeMap::new();
        for (fact, identity) in self.facts() {
            if let Some(model) = &identity.model {
                by_model.entry(model).or_default().push((fact, identity));
            }
        }
        by_model
            .into_iter()
            .map(|(model, facts)| (model, offers(model, facts)))
    }
}

impl Denoted<'_> {
    /// The offerings of which nobody knows which model they are, by provider and native id.
    pub fn unknown_offers(&self) -> BTreeMap<(String, String), Vec<Offer>> {
        let mut by_name: BTreeMap<(&str, &str), Vec<(&OfferingFact, Identity)>> = BTreeMap::new();
        for (fact, identity) in self.facts() {
            if identity.model.is_none() {
                let name = key(&fact.subject);
                // it is taken for a model of its own
                let own = Identity {
                    model: Some(name.1.to_string()),
                    ..identity.clone()
                };
                by_name.entry(name).or_default().push((fact, own));
            }
        }
        let all = by_name.into_iter();
        all.map(|((provider, native_id), facts)| {
            let facts = facts.iter().map(|(fact, own)| (*fact, own));
            let offers = offers(native_id, facts);
            ((provider.to_string(), native_id.to_string()), offers)
        })
        .collect()
    }
}

fn key(subject: &Subject) -> (&str, &str) {
    (subject.provider.as_str(), subject.native_id.as_str())
}
