//! What a reading says otherwise than the accepted state.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::Outcome;
use crate::market::{
    Attribute, Claim, Content, DetectionState, PendingKey, PendingWhat, Reading, StateEdit,
    Subject, SubjectKey, SubjectKind, Value,
};

/// One difference between a reading and the accepted state. It borrows from both: where everything differs there are many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<'a> {
    pub key: PendingKey,
    pub subject: &'a Subject,
    pub what: What<'a>,
}

/// [`PendingWhat`], borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What<'a> {
    Added(&'a [Claim]),
    Removed,
    Changed(Option<&'a Claim>),
}

impl<'a> From<&'a PendingWhat> for What<'a> {
    fn from(what: &'a PendingWhat) -> Self {
        match what {
            PendingWhat::Added(claims) => Self::Added(claims),
            PendingWhat::Removed => Self::Removed,
            PendingWhat::Changed(claim) => Self::Changed(claim.as_ref()),
        }
    }
}

impl From<What<'_>> for PendingWhat {
    fn from(what: What<'_>) -> Self {
        match what {
            What::Added(claims) => Self::Added(claims.to_vec()),
            What::Removed => Self::Removed,
            What::Changed(claim) => Self::Changed(claim.cloned()),
        }
    }
}

/// The differences of a reading, and what it says nothing of.
#[derive(Debug, Default)]
pub struct Differences<'a> {
    /// In the order of their keys.
    pub found: Vec<Difference<'a>>,
    /// What is pending and neither confirmed nor contradicted by this reading.
    pub untouched: HashSet<PendingKey>,
    /// When what was removed had ended, where the reading says so.
    pub ended: HashMap<SubjectKey, Timestamp>,
}

/// Compares a reading with the accepted state.
pub fn of_reading<'a>(state: &'a DetectionState, reading: &'a Reading) -> Differences<'a> {
    let mut found = Vec::new();
    let mut present = HashSet::with_capacity(reading.entries.len());
    for entry in &reading.entries {
        present.insert(entry.key);
        let Content::Stated { claims, .. } = &entry.content else {
            continue;
        };
        let presence = PendingKey {
            subject: entry.key,
            attribute: None,
        };
        let is_clear = |attribute: &Attribute| {
            reading.unclear.is_empty() || !reading.unclear.contains(&(entry.key, attribute.clone()))
        };
        if let Some(accepted) = state.accepted.get(&entry.key) {
            let old = accepted.values.iter();
            values(
                entry.key,
                &entry.subject,
                old.collect(),
                claims,
                is_clear,
                &mut found,
            );
        } else if let Some(PendingWhat::Added(first)) =
            state.pending.get(&presence).map(|pending| &pending.what)
        {
            let old = first
                .iter()
                .map(|claim| (&claim.attribute, &claim.value))
                .collect();
            values(entry.key, &entry.subject, old, claims, is_clear, &mut found);
            found.push(Difference {
                key: presence,
                subject: &entry.subject,
                what: What::Added(first),
            });
        } else {
            found.push(Difference {
                key: presence,
                subject: &entry.subject,
                what: What::Added(claims),
            });
        }
    }
    // a new spelling of which nothing is said must not be torn from the old one that is gone
    let is_torn = state.pending.values().any(|pending| {
        matches!(pending.what, PendingWhat::Added(_))
            && !present.contains(&pending.subject.key())
            && !reading.lacks(&pending.subject)
    });
    if reading.complete && !is_torn {
        for key in state.index.keys().filter(|key| !present.contains(key)) {
            let Some(accepted) = state.accepted.get(key) else {
                continue;
            };
            // an item that scrolls out of a feed is no removal, and no new item when it scrolls in again
            if accepted.subject.kind == SubjectKind::Announcement
                || !reading.lacks(&accepted.subject)
            {
                continue;
            }
            found.push(Difference {
                key: PendingKey {
                    subject: *key,
                    attribute: None,
                },
                subject: &accepted.subject,
                what: What::Removed,
            });
        }
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    let untouched = state
        .pending
        .iter()
        .filter(|(key, pending)| {
            let is_unsaid = !present.contains(&key.subject)
                && match pending.what {
                    // what is named is there, though nothing is said of it
                    PendingWhat::Removed => is_torn || !reading.complete,
                    _ => !reading.lacks(&pending.subject),
                };
            let unclear = key.attribute.as_ref().is_some_and(|attribute| {
                reading.unclear.contains(&(key.subject, attribute.clone()))
            });
            is_unsaid || unclear
        })
        .map(|(key, _)| key.clone())
        .collect();
    let ended = reading.ended.iter();
    let ended = ended
        .filter(|(key, _)| state.index.contains_key(key))
        .map(|(key, end)| (*key, *end));
    Differences {
        found,
        untouched,
        ended: ended.collect(),
    }
}

/// Everything that is pending, as a reading equal to the last one shows it.
pub fn again(state: &DetectionState) -> Differences<'_> {
    let mut found: Vec<Difference<'_>> = state
        .pending
        .iter()
        .map(|(key, pending)| Difference {
            key: key.clone(),
            subject: &pending.subject,
            what: What::from(&pending.what),
        })
        .collect();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    Differences {
        found,
        ..Differences::default()
    }
}

fn values<'a>(
    key: SubjectKey,
    subject: &'a Subject,
    old: BTreeMap<&Attribute, &Value>,
    claims: &'a [Claim],
    is_clear: impl Fn(&Attribute) -> bool,
    found: &mut Vec<Difference<'a>>,
) {
    let mut differ = |attribute: &Attribute, claim: Option<&'a Claim>| {
        found.push(Difference {
            key: PendingKey {
                subject: key,
                attribute: Some(attribute.clone()),
            },
            subject,
            what: What::Changed(claim),
        });
    };
    let mut stated = HashSet::with_capacity(claims.len());
    for claim in claims {
        stated.insert(&claim.attribute);
        let differs = old
            .get(&claim.attribute)
            .is_none_or(|value| **value != claim.value);
        if differs && is_clear(&claim.attribute) {
            differ(&claim.attribute, Some(claim));
        }
    }
    for attribute in old.keys().filter(|attribute| !stated.contains(*attribute)) {
        if is_clear(attribute) {
            differ(attribute, None);
        }
    }
}

/// The fingerprints after this reading, in the order of their keys: known for entries that say exactly and clearly what
/// is accepted, unknown for all others.
pub fn settle(
    state: &DetectionState,
    reading: &Reading,
    differences: &Differences<'_>,
    outcome: &Outcome,
) -> Vec<StateEdit> {
    let pended: HashSet<SubjectKey> = outcome
        .edits
        .iter()
        .filter_map(|edit| match edit {
            StateEdit::Pend(key, _) => Some(key.subject),
            _ => None,
        })
        .chain(differences.untouched.iter().map(|key| key.subject))
        .collect();
    let unclear = unclear_subjects(reading);
    let opened: HashSet<SubjectKey> = outcome
        .edits
        .iter()
        .filter_map(|edit| match edit {
            StateEdit::Open(subject, _) => Some(subject.key()),
            _ => None,
        })
        .collect();
    let mut fingerprints = BTreeMap::new();
    for entry in &reading.entries {
        let Content::Stated { fingerprint, .. } = &entry.content else {
            continue;
        };
        let accepted = state.index.contains_key(&entry.key) || opened.contains(&entry.key);
        let settled =
            fingerprint.filter(|_| !pended.contains(&entry.key) && !unclear.contains(&entry.key));
        let before = state.index.get(&entry.key).copied().flatten();
        if accepted && (before != settled || opened.contains(&entry.key)) {
            fingerprints.insert(entry.key, settled);
        }
    }
    for difference in &differences.found {
        let missing = difference.what == What::Removed && pended.contains(&difference.key.subject);
        if missing
            && state
                .index
                .get(&difference.key.subject)
                .copied()
                .flatten()
                .is_some()
        {
            fingerprints.insert(difference.key.subject, None);
        }
    }
    fingerprints
        .into_iter()
        .map(|(key, fingerprint)| StateEdit::Settle(key, fingerprint))
        .collect()
}

/// The subjects of which a reading says something that the reader could not read: they are read again until it can.
pub fn unclear_subjects(reading: &Reading) -> HashSet<SubjectKey> {
    reading.unclear.iter().map(|(key, _)| *key).collect()
}
