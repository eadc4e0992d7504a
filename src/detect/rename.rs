//! A key that vanishes while one of equal normal form appears in the same reading is renamed; in a registry also one that
//! vanishes while another key of the same model appears.

use std::collections::{HashMap, HashSet};
use std::hash::Hash as Key;

use super::Source;
use super::differences::{Difference, What};
use crate::market::{Authority, DetectionState, Hash, PendingKey, SubjectKind, normal_form};

/// From the addition's key to that of the removal that it renames.
type Pairs = HashMap<PendingKey, PendingKey>;

/// Pairs of an addition and the removal that it renames: from the addition's key to the removal's.
pub fn pairs(
    source: &Source<'_>,
    state: &DetectionState,
    differences: &[Difference<'_>],
    this_reading: Hash,
) -> Pairs {
    let presences: Vec<(&Difference<'_>, Hash)> = differences
        .iter()
        .filter(|one| one.subject.kind == SubjectKind::Offering && one.key.attribute.is_none())
        .map(|one| {
            let pending = state.pending.get(&one.key);
            (
                one,
                pending.map_or(this_reading, |pending| pending.first_reading),
            )
        })
        .collect();
    let mut pairs = Pairs::new();
    pair(&presences, &mut pairs, |one| {
        Some(normal_form(one.subject.native_id.as_str()))
    });
    if source.authority == Authority::Registry {
        // another variant (`:free`) is another offering
        let variant = |one: &Difference<'_>| {
            let native_id = one.subject.native_id.as_str();
            native_id
                .rsplit_once(':')
                .map(|(_, variant)| variant.to_lowercase())
        };
        pair(&presences, &mut pairs, |one| {
            Some((one.subject.identity()?.model?, variant(one)))
        });
    }
    pairs
}

/// Whether two keys may stand for one version of a model.
fn is_one_version(one: &Difference<'_>, other: &Difference<'_>) -> bool {
    let version = |of: &Difference<'_>| of.subject.identity()?.version;
    match (version(one), version(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// Adds the pairs of one addition and one removal which are alone with what `form` says of them, in one place and first seen
/// in one reading.
fn pair<T: Key + Eq>(
    presences: &[(&Difference<'_>, Hash)],
    pairs: &mut Pairs,
    form: impl Fn(&Difference<'_>) -> Option<T>,
) {
    type Place<'a, T> = (&'a str, T, &'a str, Option<&'a str>, Hash);
    type Both<'a> = (Vec<&'a Difference<'a>>, Vec<&'a Difference<'a>>);
    let paired: HashSet<&PendingKey> = pairs.keys().chain(pairs.values()).collect();
    let mut places: HashMap<Place<'_, T>, Both<'_>> = HashMap::new();
    for (one, first) in presences {
        let Some(form) = (!paired.contains(&one.key)).then(|| form(one)).flatten() else {
            continue;
        };
        let subject = one.subject;
        let place = (
            subject.provider.as_str(),
            form,
            subject.region.as_str(),
            subject.deployment.as_deref(),
            *first,
        );
        let place = places.entry(place).or_default();
        match one.what {
            What::Added(_) => place.0.push(one),
            What::Removed => place.1.push(one),
            What::Changed(_) => {}
        }
    }
    let found: Vec<(PendingKey, PendingKey)> = places
        .into_values()
        .filter_map(
            |(added, removed)| match (added.as_slice(), removed.as_slice()) {
                ([added], [removed]) if is_one_version(added, removed) => {
                    Some((added.key.clone(), removed.key.clone()))
                }
                _ => None,
            },
        )
        .collect();
    pairs.extend(found);
}
