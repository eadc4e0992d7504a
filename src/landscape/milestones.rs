//! The days on which versions of models are deprecated and retire, provider by provider.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::denoted::Denoted;
use super::offer::{Offer, offers};
use crate::market::{
    Attribute, Certainty, DateKind, Identity, LifecycleDate, Milestone, OfferingFact, Subject,
    Value,
};

/// The days that are told.
const KINDS: [DateKind; 2] = [DateKind::Deprecated, DateKind::Retires];

/// What must be known of offerings to tell their days.
pub fn asked_of_milestones() -> Vec<Attribute> {
    let days = KINDS.map(Attribute::Date);
    days.into_iter().chain([Attribute::Replacement]).collect()
}

/// Who sells what under which name, and which day of its life.
type Key = (String, String, DateKind);

/// The days that sources state, in the order of who sells what. `facts` stand offering by offering.
///
/// What holds for a version at a provider is one day, wherever it is sold; where the provider states several for it (a deployment
/// that ends sooner), each is one of its own.
pub fn milestones(facts: &[OfferingFact]) -> Vec<Milestone> {
    let denoted = Denoted::new(facts);
    let mut found: BTreeMap<Key, Vec<Milestone>> = BTreeMap::new();
    let mut told: BTreeSet<(String, String)> = BTreeSet::new();
    let mut add = |name: &str, offers: &[Offer]| {
        for offer in offers {
            let name = offer.version.as_deref().unwrap_or(name);
            told.insert((offer.subject.provider.to_string(), name.to_string()));
            for milestone in KINDS
                .into_iter()
                .filter_map(|kind| of_offer(name, offer, kind))
            {
                add_to(&mut found, milestone);
            }
        }
    };
    for (model, offers) in denoted.offers() {
        add(&model, &offers);
    }
    for ((_, native_id), offers) in denoted.unknown_offers() {
        add(&native_id, &offers);
    }
    // a version that nobody lists beside others that are
    let mut unlisted: BTreeMap<(&str, &str), Vec<(&OfferingFact, &Identity)>> = BTreeMap::new();
    for (fact, identity) in denoted.facts() {
        let (Some(model), Some(version)) = (&identity.model, &identity.version) else {
            continue;
        };
        let provider = fact.subject.provider.to_string();
        if !told.contains(&(provider, version.clone())) {
            let of_version = unlisted.entry((model, version)).or_default();
            of_version.push((fact, identity));
        }
    }
    for ((model, version), facts) in unlisted {
        for offer in offers(model, facts) {
            for milestone in KINDS
                .into_iter()
                .filter_map(|kind| of_offer(version, &offer, kind))
            {
                add_to(&mut found, milestone);
            }
        }
    }
    found.into_values().flat_map(marked).collect()
}

fn of_offer(name: &str, offer: &Offer, kind: DateKind) -> Option<Milestone> {
    let stated = offer.facts.get(&Attribute::Date(kind))?;
    let Value::Date(date) = stated.value else {
        return None;
    };
    let subject = &offer.subject;
    let replacement = offer.facts.get(&Attribute::Replacement);
    let replacements = replacement.map_or_else(BTreeSet::new, |fact| match &fact.value {
        Value::Set(members) => members.iter().map(ToString::to_string).collect(),
        other => BTreeSet::from([other.to_string()]),
    });
    let region = subject.region.is_stated();
    let region = region.then(|| subject.region.to_string());
    Some(Milestone {
        provider: subject.provider.to_string(),
        name: name.to_string(),
        kind,
        date,
        mark: place(subject),
        only: BTreeSet::new(),
        regions: region.into_iter().collect(),
        deployments: subject.deployment.iter().map(ToString::to_string).collect(),
        native_ids: BTreeSet::from([subject.native_id.to_string()]),
        sources: BTreeSet::from([format!("{} ({})", stated.source, stated.authority.word())]),
        replacements,
        since: stated.since,
    })
}

/// The place of an offering: deployment and region.
fn place(subject: &Subject) -> String {
    let deployment = subject.deployment.as_deref().unwrap_or_default();
    format!("{deployment} {}", subject.region)
}

/// Adds what is stated of one offering to its day.
fn add_to(found: &mut BTreeMap<Key, Vec<Milestone>>, one: Milestone) {
    let key = (one.provider.clone(), one.name.clone(), one.kind);
    let days = found.entry(key).or_default();
    let Some(day) = days.iter_mut().find(|day| day.date == one.date) else {
        days.push(one);
        return;
    };
    day.mark = day.mark.clone().min(one.mark);
    day.since = day.since.max(one.since);
    day.regions.extend(one.regions);
    day.deployments.extend(one.deployments);
    day.native_ids.extend(one.native_ids);
    day.sources.extend(one.sources);
    day.replacements.extend(one.replacements);
}

/// The days of one kind in the order of their places, with what tells them apart. The first has no mark, so that it stays the
/// same one when others come.
fn marked(mut days: Vec<Milestone>) -> Vec<Milestone> {
    days.sort_by(|one, other| one.mark.cmp(&other.mark));
    let all: BTreeSet<&BTreeSet<String>> = days.iter().map(|day| &day.deployments).collect();
    let by_deployment = all.len() == days.len();
    let are_several = days.len() > 1;
    for day in days.iter_mut().filter(|_| are_several) {
        day.only = match by_deployment {
            true => day.deployments.clone(),
            false => day.regions.clone(),
        };
    }
    if let Some(first) = days.first_mut() {
        first.mark.clear();
    }
    days
}

/// What ceased to be said of days that had begun by then, of months whose last day had: it came true, and was not taken back. Only
/// what is firm can come true.
pub fn came_true(ceased: impl IntoIterator<Item = (OfferingFact, Timestamp)>) -> Vec<OfferingFact> {
    let is_true = |date: &LifecycleDate, at: Timestamp| {
        let last_day = date.ends().saturating_sub(SignedDuration::from_hours(24));
        let due = last_day.map_or(date.starts(), |day| day.max(date.starts()));
        date.certainty == Certainty::Firm && due <= at
    };
    let ceased = ceased.into_iter();
    let kept = ceased.filter(|(fact, at)| match fact.value.as_deref() {
        Some(Value::Date(date)) => is_true(date, *at),
        _ => false,
    });
    kept.map(|(fact, _)| fact).collect()
}

#[cfg(test)]
mod tests;
