//! A reading that would change too much at once is more likely broken than true.

use std::collections::HashMap;

use jiff::Timestamp;

use super::differences::{Difference, Differences, What};
use super::rules::GUARD_BASE;
use super::{Source, Suspect};
use crate::market::{
    AcceptedSubject, Attribute, Certainty, DateKind, DetectionState, ProviderId, SubjectKind, Value,
};

/// The providers of which this reading lacks or changes too much for the first time.
pub fn suspects(
    source: &Source<'_>,
    state: &DetectionState,
    differences: &Differences<'_>,
    now: Timestamp,
) -> Vec<Suspect> {
    let mut counts: HashMap<&ProviderId, (u64, u64)> = HashMap::new();
    for difference in &differences.found {
        if difference.subject.kind != SubjectKind::Offering || is_known(state, difference) {
            continue;
        }
        let (missing, differing) = counts.entry(&difference.subject.provider).or_default();
        let accepted = state.accepted.get(&difference.key.subject);
        match (difference.what, &difference.key.attribute, accepted) {
            (What::Removed, _, Some(accepted)) if !has_ended(accepted, now) => *missing += 1,
            (What::Changed(_), Some(attribute), Some(accepted))
                if accepted.values.contains_key(attribute) =>
            {
                *differing += 1;
            }
            _ => {}
        }
    }
    let mut suspects: Vec<Suspect> = counts
        .into_iter()
        .filter_map(|(provider, (missing, differing))| {
            let totals = state.totals.get(provider).copied().unwrap_or_default();
            let exceeds = |part: u64, whole: u64, share: f64| part as f64 > whole as f64 * share;
            let held = totals.subjects >= GUARD_BASE
                && (exceeds(missing, totals.subjects, source.rules.max_loss)
                    || exceeds(differing, totals.values, source.rules.max_churn));
            held.then(|| Suspect {
                provider: provider.clone(),
                missing,
                subjects: totals.subjects,
                differing,
                values: totals.values,
            })
        })
        .collect();
    suspects.sort_by(|a, b| a.provider.cmp(&b.provider));
    suspects
}

fn is_known(state: &DetectionState, difference: &Difference<'_>) -> bool {
    state
        .pending
        .get(&difference.key)
        .is_some_and(|pending| same((&pending.what).into(), difference.what))
}

/// Whether two sights are of one difference: the same value, whatever its spelling or rank.
pub fn same(a: What<'_>, b: What<'_>) -> bool {
    match (a, b) {
        (What::Added(_), What::Added(_)) => true,
        (What::Removed, What::Removed) => true,
        (What::Changed(a), What::Changed(b)) => {
            a.map(|claim| &claim.value) == b.map(|claim| &claim.value)
        }
        _ => false,
    }
}

/// Whether an offering is past its own committed end: its vanishing is no loss and no news.
pub fn has_ended(accepted: &AcceptedSubject, now: Timestamp) -> bool {
    match accepted.values.get(&Attribute::Date(DateKind::Retires)) {
        Some(Value::Date(date)) => date.certainty == Certainty::Firm && date.starts() <= now,
        _ => false,
    }
}
