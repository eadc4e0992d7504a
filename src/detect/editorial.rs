//! What the editors of a registry do to their catalogue, and nobody to the market.

use std::collections::HashMap;

use super::Source;
use crate::market::{
    Attribute, Authority, Change, ChangeKind, ProviderId, Severity, SubjectKind, Totals,
};

/// A field that changes at once in more than this share of a catalogue's entries, in hundredths, was worked over.
const WORKED_OVER: u64 = 30;
/// Of fewer entries a share says nothing.
const SHARE_BASE: u64 = 10;

/// A part of a registry: a provider, or what it keeps apart of one in a deployment of its own.
type Part = (ProviderId, Option<Box<str>>);

/// How many entries each deployment of a provider has that a registry keeps apart.
pub type Parts = HashMap<(ProviderId, Box<str>), u64>;

/// The providers whose parts [`mark_editorial`] must know: those of which a registry's reading changes something.
pub fn edited_providers<'a>(source: &Source<'_>, changes: &'a [Change]) -> Vec<&'a ProviderId> {
    let is_registry = source.authority == Authority::Registry;
    let changes = changes.iter().filter(|_| is_registry);
    let apart = changes.filter(|change| change.subject.kind == SubjectKind::Offering);
    let mut providers: Vec<&ProviderId> = apart.map(|change| &change.subject.provider).collect();
    providers.sort_unstable();
    providers.dedup();
    providers
}

/// Marks the changes of a registry's reading that are its editors' work as documented: a field that is worked over in all of a
/// provider's entries or in the whole catalogue, and a provider that is listed from now on. A key that they spell otherwise is
/// worth no more than to be found. `totals` and `parts` count what was accepted before.
pub fn mark_editorial(
    source: &Source<'_>,
    totals: &HashMap<ProviderId, Totals>,
    parts: &Parts,
    changes: &mut [Change],
) {
    if source.authority != Authority::Registry {
        return;
    }
    let mut in_part: HashMap<(Part, Attribute), u64> = HashMap::new();
    let mut in_all: HashMap<Attribute, u64> = HashMap::new();
    for (part, attribute) in changes.iter().filter_map(field) {
        *in_part.entry((part, attribute.clone())).or_default() += 1;
        *in_all.entry(attribute.clone()).or_default() += 1;
    }
    let entries = |(provider, deployment): &Part| match deployment {
        Some(deployment) => {
            let key = (provider.clone(), deployment.clone());
            parts.get(&key).copied().unwrap_or_default()
        }
        None => {
            let all = totals.get(provider).map_or(0, |totals| totals.subjects);
            let apart = parts.iter().filter(|((of, _), _)| of == provider);
            all.saturating_sub(apart.map(|(_, count)| count).sum())
        }
    };
    let all: u64 = totals.values().map(|totals| totals.subjects).sum();
    let is_most = |count: Option<&u64>, whole: u64| {
        let is_most = |count: &u64| count.saturating_mul(100) > whole.saturating_mul(WORKED_OVER);
        whole >= SHARE_BASE && count.is_some_and(is_most)
    };
    for change in changes {
        let is_editorial = match field(change) {
            Some((part, attribute)) => {
                let whole = entries(&part);
                is_most(in_part.get(&(part, attribute.clone())), whole)
                    || is_most(in_all.get(attribute), all)
            }
            None => change.kind == ChangeKind::OfferingAdded && entries(&part(change)) == 0,
        };
        change.documented |= is_editorial;
        if is_editorial || change.kind == ChangeKind::OfferingRenamed {
            change.severity = Severity::Info;
        }
    }
}

fn part(change: &Change) -> Part {
    let subject = &change.subject;
    (subject.provider.clone(), subject.deployment.clone())
}

fn field(change: &Change) -> Option<(Part, &Attribute)> {
    let attribute = change.attribute.as_ref()?;
    (change.subject.kind == SubjectKind::Offering).then(|| (part(change), attribute))
}
