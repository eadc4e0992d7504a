//! The offerings of one model, each with what the best source says of every attribute of it.
//!
//! Sources speak of an offering in their own spellings: an API lists a native id in a region, a price list names a display
//! name and a reach, a page a version. All that speak of one model at one provider are brought together here, by identity;
//! what a source says holds for an offering unless it says that it is about another version, region or reach.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::closeness::{Closeness, closeness};
use super::general::{drop_general, end_with_what_is_sold};
use super::spread::{self, Spread};
use crate::market::{
    Attribute, Authority, DateKind, FORGOTTEN_AFTER, Identity, OfferingFact, Reach, Region,
    SourceId, Stage, StageSet, Subject, Value, normal_form,
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
    /// Whether it names neither region nor reach, though the offering has one: a premium for staying may come on top.
    pub general: bool,
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

    /// Its stage at a moment: retired once its last day is over, whatever its list still says (facts: azure.md §2.3).
    pub fn stage_at(&self, now: Timestamp) -> Stage {
        match self.is_over(now) {
            true => Stage::Retired,
            false => self.stage(),
        }
    }

    /// Whether the day on which it retires for sure is over, whatever its stage still says.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let day = self.facts.get(&Attribute::Date(DateKind::Retires));
        matches!(day.map(|fact| &fact.value), Some(Value::Date(day)) if day.is_over(now))
    }

    /// How far its traffic may travel, where its deployment says so.
    pub fn reach(&self) -> Option<Reach> {
        self.subject.reach()
    }
}

/// A fact with what its native id denotes.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) fact: &'a OfferingFact,
    pub(super) identity: &'a Identity,
}

impl Said<'_> {
    /// Whether both share one subject in memory: facts come by subject, so that most do, and no text need be compared.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.fact.subject, &other.fact.subject)
    }
}

/// An offering with what each source says of each attribute of it, the best first.
pub(super) struct Heard<'a> {
    pub(super) subject: &'a Subject,
    pub(super) identity: &'a Identity,
    listed_by: Vec<(Authority, &'a SourceId)>,
    pub(super) facts: BTreeMap<&'a Attribute, Vec<&'a OfferingFact>>,
}

impl Heard<'_> {
    /// The highest authority that lists it; `None` where sources only speak of it.
    pub(super) fn authority(&self) -> Option<Authority> {
        self.listed_by.first().map(|(authority, _)| *authority)
    }
}

/// The offerings of one model. `facts` are of any offerings; those whose identity is another model's are passed over.
///
/// What a registry alone lists is left out where the provider itself lists the same version, and a native id without region and
/// deployment where the provider lists it with them: it is the same offering told with less detail. Where nobody lists
/// anything, what sources speak of stands for what is offered.
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
    let heard = by_provider.values().flat_map(|said| of_provider(said));
    heard.map(offer).collect()
}

fn offer(heard: Heard<'_>) -> Offer {
    let all: BTreeMap<Attribute, Vec<Stated>> = heard
        .facts
        .into_iter()
        .map(|(attribute, facts)| {
            let stated = facts
                .into_iter()
                .filter_map(|fact| stated(fact, heard.subject));
            (attribute.clone(), stated.collect())
        })
        .collect();
    let spreads = spread::spreads(&all);
    let listed_by = heard.listed_by.into_iter();
    Offer {
        subject: heard.subject.clone(),
        version: heard.identity.version.clone(),
        listed_by: listed_by.map(|(_, source)| source.clone()).collect(),
        facts: all
            .into_iter()
            .filter_map(|(attribute, stated)| Some((attribute, stated.into_iter().next()?)))
            .collect(),
        spreads,
    }
}

/// The offerings of one model at one provider, of which `said` is everything that is said.
pub(super) fn of_provider<'a>(said: &[Said<'a>]) -> Vec<Heard<'a>> {
    let mut heard = listed(said);
    drop_retold(&mut heard);
    drop_general(&mut heard);
    // what is said without a region holds in every region, what is said of one holds there
    let mut by_region: BTreeMap<&str, Vec<Said<'a>>> = BTreeMap::new();
    for run in said.chunk_by(|one, next| one.is_beside(next)) {
        if let Some(first) = run.first() {
            let region = first.fact.subject.region.as_str();
            by_region.entry(region).or_default().extend(run);
        }
    }
    let of_region = |region: &str| by_region.get(region).map(Vec::as_slice).unwrap_or_default();
    for offering in &mut heard {
        let region = &offering.subject.region;
        let elsewhere = Region::unstated();
        let here = of_region(region.as_str());
        let anywhere: &[Said<'a>] = match region.is_stated() {
            true => of_region(elsewhere.as_str()),
            false => &[],
        };
        let candidates = here.iter().chain(anywhere);
        offering.facts = best_facts(offering.subject, offering.identity, candidates);
    }
    end_with_what_is_sold(&mut heard);
    heard
}

/// The offerings that are listed, or spoken of where none is, without what is said of them.
fn listed<'a>(said: &[Said<'a>]) -> Vec<Heard<'a>> {
    let lists = said.iter().any(|said| said.fact.attribute.is_none());
    let mut heard: Vec<Heard<'a>> = Vec::new();
    for run in said.chunk_by(Said::is_beside) {
        let Some(Said { fact, identity }) = run.first() else {
            continue;
        };
        let listings = run.iter().filter(|said| said.fact.attribute.is_none());
        let listed_by: Vec<_> = listings
            .map(|said| (said.fact.authority, &*said.fact.source))
            .collect();
        if lists && listed_by.is_empty() {
            continue;
        }
        heard.push(Heard {
            subject: &fact.subject,
            identity,
            listed_by,
            facts: BTreeMap::new(),
        });
    }
    // whoever asks may bring the facts of one offering apart
    if !heard.is_sorted_by(|one, next| one.subject < next.subject) {
        heard.sort_by(|one, next| one.subject.cmp(next.subject));
        heard.dedup_by(|next, one| {
            let is_same = one.subject == next.subject;
            if is_same {
                one.listed_by.append(&mut next.listed_by);
            }
            is_same
        });
    }
    for offering in &mut heard {
        let sources = &mut offering.listed_by;
        sources.sort_by_key(|(authority, source)| (Reverse(*authority), *source));
        sources.dedup();
    }
    heard
}

/// Leaves out what registries alone tell of offerings that the provider itself lists.
fn drop_retold(heard: &mut Vec<Heard<'_>>) {
    let is_retold = |offering: &Heard<'_>| {
        let best = offering.authority();
        best.is_none_or(|best| best == Authority::Registry)
    };
    if !heard.iter().any(is_retold) {
        return;
    }
    // the spellings and versions that the provider itself lists; one id's offerings stand together
    let mut own: BTreeSet<String> = BTreeSet::new();
    for of_one_id in heard.chunk_by(|one, next| one.subject.native_id == next.subject.native_id) {
        if let Some(listed) = of_one_id.iter().find(|offering| !is_retold(offering)) {
            own.extend(sameness(listed.subject, listed.identity));
        }
    }
    heard.retain(|offering| {
        !is_retold(offering)
            || !sameness(offering.subject, offering.identity)
                .iter()
                .any(|key| own.contains(key))
    });
}

/// What two subjects share if they are one offering in two sources' words: a spelling, or a version.
fn sameness(subject: &Subject, identity: &Identity) -> Vec<String> {
    let spelling = normal_form(subject.native_id.as_str());
    let version = identity.version.clone().or_else(|| identity.model.clone());
    [Some(spelling), version].into_iter().flatten().collect()
}

/// Every attribute with what the sources say of it that holds for the offering, the best first.
fn best_facts<'a, 'b>(
    subject: &Subject,
    identity: &Identity,
    said: impl Iterator<Item = &'b Said<'a>>,
) -> BTreeMap<&'a Attribute, Vec<&'a OfferingFact>>
where
    'a: 'b,
{
    type Ranked<'a> = Vec<(bool, Closeness, &'a OfferingFact)>;
    let mut close: Vec<(&'a Attribute, Closeness, &'a OfferingFact)> = said
        .filter_map(|said| {
            let closeness = closeness(subject, identity, said)?;
            Some((said.fact.attribute.as_deref()?, closeness, said.fact))
        })
        .collect();
    // most offerings are spoken of by one source in its own words: nothing is to be weighed
    if let Some((_, _, first)) = close.first()
        && close.iter().all(|(_, _, fact)| {
            Arc::ptr_eq(&fact.source, &first.source) && Arc::ptr_eq(&fact.subject, &first.subject)
        })
    {
        let mut facts: BTreeMap<&'a Attribute, Vec<&'a OfferingFact>> = BTreeMap::new();
        for (attribute, _, fact) in close {
            facts.entry(attribute).or_default().push(fact);
        }
        return facts;
    }
    drop_borrowed(&mut close);
    let latest = close.iter().filter_map(|(_, _, fact)| fact.confirmed_at);
    let latest = latest.max();
    // whoever has not been read for long does not stand against those who have
    let is_heard = |fact: &OfferingFact| match (fact.confirmed_at, latest) {
        (Some(at), Some(latest)) => latest.duration_since(at) <= FORGOTTEN_AFTER,
        _ => true,
    };
    let mut ranked: BTreeMap<&'a Attribute, Ranked<'a>> = BTreeMap::new();
    for (attribute, closeness, fact) in close {
        let entry = (is_heard(fact), closeness, fact);
        ranked.entry(attribute).or_default().push(entry);
    }
    let in_order = |mut facts: Ranked<'a>| {
        facts.sort_by(|a, b| {
            let key = |(is_heard, closeness, fact): &(bool, Closeness, &OfferingFact)| {
                Reverse((*is_heard, fact.authority, *closeness, fact.since))
            };
            key(a)
                .cmp(&key(b))
                .then_with(|| a.2.source.cmp(&b.2.source))
                .then_with(|| a.2.value.cmp(&b.2.value))
        });
        prefer_what_is_covered(&mut facts);
        facts.into_iter().map(|(_, _, fact)| fact).collect()
    };
    ranked
        .into_iter()
        .map(|(attribute, facts)| (attribute, in_order(facts)))
        .collect()
}

/// Puts a stage before the best source's where that source's word covers it, too: whoever has a word of its own for it knows
/// better, as long as it is heard.
fn prefer_what_is_covered(facts: &mut [(bool, Closeness, &OfferingFact)]) {
    let Some(((is_heard, _, best), others)) = facts.split_first() else {
        return;
    };
    let knows_better = |(heard, _, fact): &(bool, Closeness, &OfferingFact)| {
        let stage = fact.value.as_deref();
        heard == is_heard
            && fact.covers == StageSet::default()
            && (stage == best.value.as_deref() || best.covers.holds(stage))
    };
    if best.covers != StageSet::default()
        && let Some(at) = others.iter().position(knows_better)
        && let Some(up_to) = facts.get_mut(..=at + 1)
    {
        up_to.rotate_right(1);
    }
}

/// Leaves out prices of a model that a source states, where it prices this very version: what it states no price of has none.
fn drop_borrowed(close: &mut Vec<(&Attribute, Closeness, &OfferingFact)>) {
    let is_price = |attribute: &Attribute| matches!(attribute, Attribute::Price(_));
    let mut closest: BTreeMap<&SourceId, u8> = BTreeMap::new();
    for (_, closeness, fact) in close.iter().filter(|(attribute, ..)| is_price(attribute)) {
        let best = closest.entry(&fact.source).or_default();
        *best = closeness.native_id.max(*best);
    }
    close.retain(|(attribute, closeness, fact)| {
        !is_price(attribute)
            || closest
                .get(&*fact.source)
                .is_none_or(|best| closeness.native_id == *best)
    });
}

fn stated(fact: &OfferingFact, subject: &Subject) -> Option<Stated> {
    let other = &fact.subject;
    Some(Stated {
        value: Value::clone(fact.value.as_deref()?),
        general: !other.region.is_stated()
            && other.reach().is_none()
            && (subject.reach().is_some() || subject.region.is_stated()),
        source: SourceId::clone(&fact.source),
        authority: fact.authority,
        since: fact.since,
        confirmed_at: fact.confirmed_at,
    })
}
