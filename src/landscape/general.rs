//! Offerings that name neither where nor how they are sold: a page's row, a registry's key, a list of what an account may call.
//! They say that a model is there, and yield to offerings of the same provider that say what is sold.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::matrix::{believed, rank};
use super::offer::Heard;
use crate::market::{
    Attribute, Authority, DateKind, OfferingFact, Purchase, Stage, Subject, Value,
};

#[cfg(test)]
mod tests;

/// Leaves out offerings that name neither region nor deployment where the provider lists the same native id by them, on no lower
/// authority: it is the same thing, told with less detail.
pub(super) fn drop_general(heard: &mut Vec<Heard<'_>>) {
    let mut sold: BTreeMap<&str, Authority> = BTreeMap::new();
    // one id's offerings stand together, the general one first
    for of_one_id in heard.chunk_by(|one, next| one.subject.native_id == next.subject.native_id) {
        if let [first, others @ ..] = of_one_id
            && is_general(first.subject)
            && let Some(authority) = others.iter().filter_map(sold_by).max()
        {
            sold.insert(first.subject.native_id.as_str(), authority);
        }
    }
    heard.retain(|offering| {
        let sold = sold.get(offering.subject.native_id.as_str()).copied();
        !is_general(offering.subject) || sold.is_none() || sold < offering.authority()
    });
}

/// Where all that is sold of a model is on its way out, general words for the same version or for the model end with it, unless
/// a higher authority says them. A stage and a last day belong together.
pub(super) fn end_with_what_is_sold(heard: &mut [Heard<'_>]) {
    let (stage, retires) = (Attribute::Stage, Attribute::Date(DateKind::Retires));
    let last_day = |sold: &Heard<'_>| match believed(sold, &retires) {
        Some(Value::Date(day)) => Some(Reverse(day.starts())),
        _ => None,
    };
    // what is stated of what is sold, the best first: of a long list most is the same version, or nothing is stated
    let stated = heard.iter().filter(|other| sold_by(other).is_some());
    let mut stated: Vec<_> = stated
        .filter_map(|sold| {
            let fact = *sold.facts.get(&stage)?.first()?;
            (!is_general(&fact.subject)).then_some((sold, fact, rank(stage_of(fact))))
        })
        .collect();
    stated.sort_by_key(|(sold, _, worth)| (*worth, last_day(sold)));
    let mut ends = Vec::new();
    for (at, offering) in heard.iter().enumerate() {
        if stated.is_empty() || !is_general(offering.subject) {
            continue;
        }
        let is_other_version =
            |other: &Heard<'_>| offering.identity.is_version_of(other.identity) == Some(false);
        let best = stated.iter().find(|(sold, ..)| !is_other_version(sold));
        let Some(&(sold, fact, worth)) = best else {
            continue;
        };
        let is_ending = matches!(
            stage_of(fact),
            Stage::Legacy | Stage::Deprecated | Stage::Retired
        );
        let said = offering.facts.get(&stage).and_then(|facts| facts.first());
        let outvotes = said
            .is_none_or(|said| said.authority <= fact.authority && rank(stage_of(said)) < worth);
        if is_ending && outvotes {
            let of = |attribute| sold.facts.get_key_value(attribute);
            let facts = [of(&stage), of(&retires)].into_iter().flatten();
            let facts: Vec<_> = facts.map(|(name, facts)| (*name, facts.clone())).collect();
            ends.push((at, facts));
        }
    }
    for (at, facts) in ends {
        if let Some(offering) = heard.get_mut(at) {
            offering.facts.extend(facts);
        }
    }
}

/// Whether it names neither where nor how it is sold.
fn is_general(subject: &Subject) -> bool {
    !subject.region.is_stated() && subject.deployment.is_none()
}

/// Who lists an offering that can be bought by the token and says where or how; `None` if it is no such offering.
fn sold_by(offering: &Heard<'_>) -> Option<Authority> {
    let by_token = |term| Purchase::of_term(term) == Purchase::OnDemand;
    let bought = offering.subject.deployment.as_deref();
    let is_sold = !is_general(offering.subject) && bought.is_none_or(by_token);
    is_sold.then(|| offering.authority()).flatten()
}

fn stage_of(fact: &OfferingFact) -> Stage {
    match fact.value.as_deref() {
        Some(Value::Stage(stage)) => *stage,
        _ => Stage::Unknown,
    }
}
