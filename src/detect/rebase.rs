//! What is accepted, made to say what another reader reads in the same body.

use std::collections::{HashMap, HashSet};

use crate::market::{AcceptedSubject, Content, Reading, StateEdit, SubjectKey};

/// The edits that make everything accepted say what a reading says: no change, since the source said nothing new.
pub fn rebase(accepted: &HashMap<SubjectKey, AcceptedSubject>, reading: Reading) -> Vec<StateEdit> {
    let mut edits = Vec::new();
    let mut present = HashSet::with_capacity(reading.entries.len());
    for entry in reading.entries {
        present.insert(entry.key);
        let Content::Stated {
            claims,
            fingerprint,
        } = entry.content
        else {
            continue;
        };
        match accepted.get(&entry.key) {
            None => edits.push(StateEdit::Open(entry.subject, claims)),
            Some(accepted) => {
                for attribute in accepted.values.keys() {
                    if !claims.iter().any(|claim| claim.attribute == *attribute) {
                        edits.push(StateEdit::Set(
                            entry.subject.clone(),
                            attribute.clone(),
                            None,
                        ));
                    }
                }
                for claim in claims {
                    if accepted.values.get(&claim.attribute) != Some(&claim.value) {
                        let attribute = claim.attribute.clone();
                        edits.push(StateEdit::Set(
                            entry.subject.clone(),
                            attribute,
                            Some(claim),
                        ));
                    }
                }
            }
        }
        edits.push(StateEdit::Settle(entry.key, fingerprint));
    }
    let mut gone: Vec<_> = accepted
        .iter()
        .filter(|(key, _)| !present.contains(*key))
        .collect();
    gone.sort_by_key(|(key, _)| **key);
    edits.extend(
        gone.into_iter()
            .map(|(_, accepted)| StateEdit::Close(accepted.subject.clone())),
    );
    edits
}
