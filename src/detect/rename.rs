//! A key that vanishes while one of equal normal form appears in the same reading is renamed.

use std::collections::HashMap;

use super::differences::{Difference, What};
use crate::market::{DetectionState, Hash, PendingKey, SubjectKind, normal_form};

/// Pairs of an addition and the removal that it renames: from the addition's key to the removal's.
pub fn pairs(
    state: &DetectionState,
    differences: &[Difference<'_>],
    this_reading: Hash,
) -> HashMap<PendingKey, PendingKey> {
    type Place<'a> = (&'a str, String, &'a str, Option<&'a str>, Hash);
    let mut places: HashMap<Place<'_>, (Vec<&Difference<'_>>, Vec<&Difference<'_>>)> =
        HashMap::new();
    for difference in differences {
        if difference.subject.kind != SubjectKind::Offering || difference.key.attribute.is_some() {
            continue;
        }
        let first = state
            .pending
            .get(&difference.key)
            .map_or(this_reading, |pending| pending.first_reading);
        let subject = difference.subject;
        let place = places
            .entry((
                subject.provider.as_str(),
                normal_form(subject.native_id.as_str()),
                subject.region.as_str(),
                subject.deployment.as_deref(),
                first,
            ))
            .or_default();
        match difference.what {
            What::Added(_) => place.0.push(difference),
            What::Removed => place.1.push(difference),
            What::Changed(_) => {}
        }
    }
    places
        .into_values()
        .filter_map(
            |(added, removed)| match (added.as_slice(), removed.as_slice()) {
                ([added], [removed]) => Some((added.key.clone(), removed.key.clone())),
                _ => None,
            },
        )
        .collect()
}
