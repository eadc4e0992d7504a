//! The offerings of one model, each with what the best source says of every attribute of it.
//!
//! Sources speak of an offering in their own spellings: an API lists a native id in a region, a price list names a display
//! name and a reach, a page a version. All that speak of one model at one provider are brought together here, by identity;
//! what a source says holds for an offering unless it says that it is about another version, region or reach.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::spread::{self, Spread};
use crate::market::{
    Attribute, Authority, Identity, OfferingFact, Reach, SourceId, Stage, Subject, Value,
    normal_form,
};

/// What one source says, as far as it holds for an offering.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// What it says.
    pub value: Value,
    /// Who says it.
    pub source: SourceId,
    /// How far that is to be believed.
    pub authority: Authority,
    /// Since when it says so.
    pub since: Timestamp,
    /// Its last good reading, which still said so.
    pub confirmed_at: Option<Timestamp>,
}

/// An offering of a model with what is believed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The offering.
    pub subject: Subject,
    /// Which dated version it is, where its native id tells.
    pub version: Option<String>,
    /// Who lists it, the highest authority first; empty where sources only speak of it.
    pub listed_by: Vec<SourceId>,
    /// What the best source says of each attribute.
    pub facts: BTreeMap<Attribute, Stated>,
    /// Where sources differ about its prices.
    pub spreads: Vec<Spread>,
}

impl Offer {
    /// Its stage; unknown where no source says.
    pub fn stage(&self) -> Stage {
        match self.facts.get(&Attribute::Stage).map(|fact| &fact.value) {
            Some(Value::Stage(stage)) => *stage,
            _ => Stage::Unknown,
        }
    }

    /// How far its traffic may travel, where its deployment says so.
    pub fn reach(&self) -> Option<Reach> {
        self.subject.reach()
    }
}

/// A fact with what its native id denotes.
struct Said<'a> {
    fact: &'a OfferingFact,
    identity: &'a Identity,
}

/// How closely a fact is about an offering: the greater, the closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Closeness {
    native_id: u8,
    region: bool,
    deployment: u8,
}

/// The offerings of one model. `facts` are of any offerings; those whose identity is another model's are passed over.
///
/// What a registry alone lists is left out where the provider itself lists the same version: it is the same offering told
/// with less detail. Where nobody lists anything, what sources speak of stands for what is offered.
pub fn offers<'a>(
    model: &str,
    facts: impl IntoIterator<Item = (&'a OfferingFact, &'a Identity)>,
) -> Vec<Offer> {
    let mut by_provider: BTreeMap<&str, Vec<Said<'a>>> = BTreeMap::new();
    for (fact, identity) in facts {
        if identity.model.as_deref() == Some(model) {
            let provider = fact.subject.provider.as_str();
            let said = Said { fact, identity };
            by_provider.entry(provider).or_default().push(said);
        }
    }
    by_provider
        .values()
        .flat_map(|said| of_provider(said))
        .collect()
}

fn of_provider(said: &[Said<'_>]) -> Vec<Offer> {
    let is_listing = |said: &&Said<'_>| said.fact.attribute.is_none();
    let mut subjects: BTreeMap<&Subject, &Identity> = said
        .iter()
        .filter(is_listing)
        .map(|said| (&said.fact.subject, said.identity))
        .collect();
    if subjects.is_empty() {
        subjects = said
            .iter()
            .map(|said| (&said.fact.subject, said.identity))
            .collect();
    }
    let listed_by = |subject: &Subject| -> Vec<(Authority, SourceId)> {
        let mut sources: Vec<(Authority, SourceId)> = said
            .iter()
            .filter(is_listing)
            .filter(|said| said.fact.subject == *subject)
            .map(|said| (said.fact.authority, said.fact.source.clone()))
            .collect();
        sources.sort_by_key(|(authority, source)| (Reverse(*authority), source.clone()));
        sources.dedup();
        sources
    };
    // the spellings and versions that the provider itself lists
    let own: BTreeSet<String> = subjects
        .iter()
        .filter(|(subject, _)| {
            let best = listed_by(subject).first().map(|(authority, _)| *authority);
            best.is_some_and(|best| best > Authority::Registry)
        })
        .flat_map(|(subject, identity)| sameness(subject, identity))
        .collect();
    let mut offers = Vec::new();
    for (subject, identity) in &subjects {
        let listed = listed_by(subject);
        let is_registry_only = listed
            .first()
            .is_none_or(|(best, _)| *best == Authority::Registry);
        if is_registry_only
            && sameness(subject, identity)
                .iter()
                .any(|key| own.contains(key))
        {
            continue;
        }
        let facts = best_facts(subject, identity, said);
        let spreads = spread::spreads(&facts);
        offers.push(Offer {
            subject: (*subject).clone(),
            version: identity.version.clone(),
            listed_by: listed.into_iter().map(|(_, source)| source).collect(),
            facts: facts
                .into_iter()
                .filter_map(|(attribute, mut stated)| {
                    (!stated.is_empty()).then(|| (attribute, stated.swap_remove(0)))
                })
                .collect(),
            spreads,
        });
    }
    offers
}

/// What two subjects share if they are one offering in two sources' words: a spelling, or a version.
fn sameness(subject: &Subject, identity: &Identity) -> Vec<String> {
    let spelling = normal_form(subject.native_id.as_str());
    let version = identity.version.clone().or_else(|| identity.model.clone());
    [Some(spelling), version].into_iter().flatten().collect()
}

/// Every attribute with what the sources say of it that holds for the offering, the best first.
fn best_facts(
    subject: &Subject,
    identity: &Identity,
    said: &[Said<'_>],
) -> BTreeMap<Attribute, Vec<Stated>> {
    let mut ranked: BTreeMap<&Attribute, Vec<(Authority, Closeness, &OfferingFact)>> =
        BTreeMap::new();
    for said in said {
        let (Some(attribute), Some(closeness)) =
            (&said.fact.attribute, closeness(subject, identity, said))
        else {
            continue;
        };
        let entry = (said.fact.authority, closeness, said.fact);
        ranked.entry(attribute).or_default().push(entry);
    }
    ranked
        .into_iter()
        .map(|(attribute, mut facts)| {
            facts.sort_by(|a, b| {
                let key = |(authority, closeness, fact): &(Authority, Closeness, &OfferingFact)| {
                    Reverse((*authority, *closeness, fact.since))
                };
                key(a)
                    .cmp(&key(b))
                    .then_with(|| a.2.source.cmp(&b.2.source))
                    .then_with(|| a.2.value.cmp(&b.2.value))
            });
            let stated = facts.into_iter().filter_map(|(_, _, fact)| stated(fact));
            (attribute.clone(), stated.collect())
        })
        .collect()
}

fn stated(fact: &OfferingFact) -> Option<Stated> {
    Some(Stated {
        value: fact.value.clone()?,
        source: fact.source.clone(),
        authority: fact.authority,
        since: fact.since,
        confirmed_at: fact.confirmed_at,
    })
}

/// How closely a fact is about the offering; `None` if it is about another one.
fn closeness(subject: &Subject, identity: &Identity, said: &Said<'_>) -> Option<Closeness> {
    let other = &said.fact.subject;
    let native_id = match (&identity.version, &said.identity.version) {
        _ if other.native_id == subject.native_id => 3,
        (Some(ours), Some(theirs)) if ours != theirs => return None,
        (Some(_), Some(_)) => 2,
        _ => 1,
    };
    let region = match (other.region.is_stated(), subject.region.is_stated()) {
        (true, _) if other.region == subject.region => true,
        (true, _) => return None,
        (false, _) => false,
    };
    let deployment = match (&other.deployment, &subject.deployment) {
        (None, _) => 0,
        (theirs, ours) if theirs == ours => 2,
        _ => match (other.reach(), subject.reach()) {
            (Some(theirs), Some(ours)) if theirs == ours => 1,
            _ => return None,
        },
    };
    Some(Closeness {
        native_id,
        region,
        deployment,
    })
}
