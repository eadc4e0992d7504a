//! What is accepted, made to say what another reader reads in the same body.

use std::collections::{HashMap, HashSet};

use super::differences::unclear_subjects;
use crate::market::{
    AcceptedSubject, Attribute, Claim, Content, Entry, Pending, PendingKey, PendingWhat, Reading,
    StateEdit, SubjectKey, SubjectKind,
};

/// The edits that make everything accepted say what a reading of the same body says: no change, since the source said
/// nothing new. What is pending was not accepted of that body either: it stays pending, so that nothing is swallowed.
pub fn rebase(
    accepted: &HashMap<SubjectKey, AcceptedSubject>,
    pending: &HashMap<PendingKey, Pending>,
    mut reading: Reading,
) -> Vec<StateEdit> {
    let mut edits = Vec::new();
    let mut present = HashSet::with_capacity(reading.entries.len());
    let waiting: HashSet<SubjectKey> = pending.keys().map(|key| key.subject).collect();
    let unclear = unclear_subjects(&reading);
    for entry in std::mem::take(&mut reading.entries) {
        present.insert(entry.key);
        let Entry {
            subject,
            key,
            content:
                Content::Stated {
                    claims,
                    fingerprint,
                },
        } = entry
        else {
            continue;
        };
        let presence = PendingKey {
            subject: key,
            attribute: None,
        };
        match (accepted.get(&key), pending.get(&presence)) {
            (Some(accepted), _) => {
                let stays = |attribute: &Attribute| {
                    let of = PendingKey {
                        subject: key,
                        attribute: Some(attribute.clone()),
                    };
                    pending.contains_key(&of) || reading.unclear.contains(&(key, attribute.clone()))
                };
                edits.extend(values(accepted, claims, stays));
            }
            (None, Some(first)) if matches!(first.what, PendingWhat::Added(_)) => {
                let what = PendingWhat::Added(claims);
                let read_anew = Pending {
                    what,
                    ..first.clone()
                };
                edits.push(StateEdit::Pend(presence, read_anew));
                continue;
            }
            (None, _) => edits.push(StateEdit::Open(subject, claims)),
        }
        let is_settled = !waiting.contains(&key) && !unclear.contains(&key);
        edits.push(StateEdit::Settle(key, fingerprint.filter(|_| is_settled)));
    }
    if !reading.complete {
        return edits;
    }
    let mut gone: Vec<_> = accepted
        .iter()
        .filter(|(key, accepted)| {
            // an item that has scrolled out of a feed is no new one when it scrolls in again
            !present.contains(*key)
                && !waiting.contains(*key)
                && accepted.subject.kind != SubjectKind::Announcement
                && reading.lacks(&accepted.subject)
        })
        .collect();
    gone.sort_by_key(|(key, _)| **key);
    edits.extend(
        gone.into_iter()
            .map(|(_, accepted)| StateEdit::Close(accepted.subject.clone())),
    );
    edits
}

/// The values of one subject, but for those that stay as they are.
fn values(
    accepted: &AcceptedSubject,
    claims: Vec<Claim>,
    stays: impl Fn(&Attribute) -> bool,
) -> Vec<StateEdit> {
    let mut edits = Vec::new();
    let mut set = |attribute: &Attribute, claim| {
        if !stays(attribute) {
            let subject = accepted.subject.clone();
            edits.push(StateEdit::Set(subject, attribute.clone(), claim));
        }
    };
    for attribute in accepted.values.keys() {
        if !claims.iter().any(|claim| claim.attribute == *attribute) {
            set(attribute, None);
        }
    }
    for claim in claims {
        if accepted.values.get(&claim.attribute) != Some(&claim.value) {
            let attribute = claim.attribute.clone();
            set(&attribute, Some(claim));
        }
    }
    edits
}
