//! What the editors of a registry do to their catalogue, and nobody to the market.

use std::collections::HashMap;

use super::Source;
use crate::market::{
    Attribute, Authority, Change, ChangeKind, DetectionState, ProviderId, Severity, SubjectKind,
};

/// A field that changes at once in more than this share of a provider's entries, in hundredths, was worked over.
const WORKED_OVER: u64 = 30;
/// Of fewer entries a share says nothing.
const SHARE_BASE: u64 = 10;

/// Marks the changes of a registry's reading that are its editors' work as documented: a field that is worked over in a whole
/// provider's entries or in the whole catalogue, and a provider that is listed from now on. A key that they spell otherwise is
/// worth no more than to be found.
pub fn mark(source: &Source<'_>, state: &DetectionState, changes: &mut [Change]) {
    if source.authority != Authority::Registry {
        return;
    }
    let mut by_provider: HashMap<(ProviderId, Attribute), u64> = HashMap::new();
    let mut in_all: HashMap<Attribute, u64> = HashMap::new();
    for (change, attribute) in changes.iter().filter_map(of_offering) {
        let provider = change.subject.provider.clone();
        *by_provider
            .entry((provider, attribute.clone()))
            .or_default() += 1;
        *in_all.entry(attribute.clone()).or_default() += 1;
    }
    let subjects = |provider: &ProviderId| state.totals.get(provider).map_or(0, |t| t.subjects);
    let all: u64 = state.totals.values().map(|totals| totals.subjects).sum();
    let is_most = |part: Option<&u64>, whole: u64| {
        whole >= SHARE_BASE
            && part.is_some_and(|part| part.saturating_mul(100) > whole.saturating_mul(WORKED_OVER))
    };
    for change in changes {
        let provider = &change.subject.provider;
        let editorial = match of_offering(change) {
            Some((_, attribute)) => {
                let key = (provider.clone(), attribute.clone());
                is_most(by_provider.get(&key), subjects(provider))
                    || is_most(in_all.get(attribute), all)
            }
            None => change.kind == ChangeKind::OfferingAdded && subjects(provider) == 0,
        };
        change.documented |= editorial;
        if editorial || change.kind == ChangeKind::OfferingRenamed {
            change.severity = Severity::Info;
        }
    }
}

fn of_offering(change: &Change) -> Option<(&Change, &Attribute)> {
    let attribute = change.attribute.as_ref()?;
    (change.subject.kind == SubjectKind::Offering).then_some((change, attribute))
}
