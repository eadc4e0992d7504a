//! What a row states only from a moment on that it names.

use super::super::notes::Notes;
use super::Mapping;
use super::row::{Place, Row};
use crate::market::{Claim, Content, Dated, LifecycleDate, Reading, Subject, Value};

/// Makes the claims from `first` on true from the row's moment: not stated where it has none, unclear where it cannot be read.
pub fn settle(
    place: &Place,
    row: &Row<'_>,
    claims: &mut Vec<Claim>,
    first: usize,
    subject: &Subject,
    notes: &mut Notes,
) {
    let text = row.one(place);
    let date = text.as_deref().map(LifecycleDate::from_text);
    match date {
        None | Some(Ok(None)) => claims.truncate(first),
        Some(Ok(Some(date))) => {
            for claim in claims.iter_mut().skip(first) {
                claim.true_from = Some(date.starts());
            }
        }
        Some(Err(_)) => {
            let found = format!("'{}'", text.unwrap_or_default());
            let id = subject.native_id.as_str();
            notes.add(place.text(), id, "a moment", &found);
            for claim in claims.iter_mut().skip(first) {
                claim.value = Value::Unclear;
            }
        }
    }
}

/// Takes such claims out of the reading's entries, to be told by whoever knows the time (see [`Reading::as_of`]).
pub fn set_apart(mapping: &Mapping, reading: &mut Reading) {
    if !mapping.is_dated() {
        return;
    }
    for entry in &mut reading.entries {
        let Content::Stated { claims, .. } = &mut entry.content else {
            continue;
        };
        for claim in claims.extract_if(.., |claim| claim.true_from.is_some()) {
            let from = claim.true_from.unwrap_or_default();
            reading.dated.push(Dated {
                key: entry.key,
                from,
                claims: vec![claim],
                whole: false,
            });
        }
    }
    reading.dated.sort_by_key(|dated| dated.from);
}
