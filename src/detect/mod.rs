//! Accepted state + reading → changes and the edits that make the next state. Pure: the rules of what makes a change true.
//!
//! A difference is *pending* until it has been in enough consecutive complete readings for long enough; any complete
//! reading without it drops it. A reading that would change too much at once is *held*: it counts as first sight only.

mod confirm;
mod differences;
mod editorial;
mod flap;
mod guard;
mod landscape;
mod make;
mod outage;
mod rebase;
mod record;
mod rename;
mod rules;
mod severity;
mod told;

use std::collections::HashSet;

use jiff::Timestamp;

use crate::market::{
    Authority, BodyHash, Change, Content, DetectionState, Entry, Hash, ProviderId, Reading,
    SourceId, StateEdit, SubjectKey,
};

pub use editorial::{Parts, edited_providers, mark_editorial};
pub use landscape::{Holding, Verdict, says_less, standing};
pub use make::{Story, about_source};
pub use outage::{is_maintained, is_told_by_incident, named_by_incidents};
pub use rebase::rebase;
pub use rules::{RuleOverrides, Rules};
pub use severity::severity;
pub use told::told;

/// What detection must know of a source besides its state.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Which source.
    pub id: &'a SourceId,
    /// The provider that the probe asks: whose the source's own events are.
    pub provider: &'a ProviderId,
    /// How far it is to be believed.
    pub authority: Authority,
    /// Whether an offering in it can be bought; else it only states attributes of offerings.
    pub lists: bool,
    /// Its rules.
    pub rules: &'a Rules,
}

/// Which reading is being compared.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// When it was fetched.
    pub at: Timestamp,
    /// Its body.
    pub body: BodyHash,
    /// The body of the accepted reading before it.
    pub previous: Option<BodyHash>,
}

impl Seen {
    /// The reading's identity: the same for two writers who saw the same body of the source at the same time.
    pub fn reading(&self, source: &SourceId) -> Hash {
        Hash::of_parts(&[
            &source.to_string(),
            &self.at.to_string(),
            &self.body.hex(64),
        ])
    }
}

/// A reading of one provider that would have changed too much at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    /// Of which provider.
    pub provider: ProviderId,
    /// Subjects that are missing for the first time.
    pub missing: u64,
    /// Of so many.
    pub subjects: u64,
    /// Values that differ for the first time.
    pub differing: u64,
    /// Of so many.
    pub values: u64,
}

/// What a reading leads to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What is recorded, in a stable order.
    pub changes: Vec<Change>,
    /// How the accepted state changes.
    pub edits: Vec<StateEdit>,
    /// What was held.
    pub suspects: Vec<Suspect>,
}

/// The accepted subjects whose values [`compare`] needs for this reading: those it states anew, those it lacks, those with
/// something pending.
pub fn touched(state: &DetectionState, reading: &Reading) -> HashSet<SubjectKey> {
    let mut present = HashSet::with_capacity(reading.entries.len());
    let mut touched = touched_by_pending(state);
    for entry in &reading.entries {
        present.insert(entry.key);
        if entry.content != Content::Settled && state.index.contains_key(&entry.key) {
            touched.insert(entry.key);
        }
    }
    if reading.complete {
        touched.extend(state.index.keys().filter(|key| !present.contains(key)));
    }
    touched
}

/// The accepted subjects whose values [`repeat`] needs.
pub fn touched_by_pending(state: &DetectionState) -> HashSet<SubjectKey> {
    state
        .pending
        .keys()
        .map(|key| key.subject)
        .filter(|key| state.index.contains_key(key))
        .collect()
}

/// The first accepted reading of a source: everything it states is accepted, nothing is raised. Each entry is let go of once
/// its edits are made.
pub fn baseline(reading: Reading) -> impl Iterator<Item = StateEdit> {
    let unclear = differences::unclear_subjects(&reading);
    let edits = move |entry: Entry| {
        let Content::Stated {
            claims,
            fingerprint,
        } = entry.content
        else {
            return [None, None];
        };
        let clear = fingerprint.filter(|_| !unclear.contains(&entry.key));
        [
            Some(StateEdit::Open(entry.subject, claims)),
            Some(StateEdit::Settle(entry.key, clear)),
        ]
    };
    reading.entries.into_iter().flat_map(edits).flatten()
}

/// Compares a reading with what is accepted.
pub fn compare(
    source: &Source<'_>,
    state: &DetectionState,
    reading: &Reading,
    seen: &Seen,
) -> Outcome {
    let differences = differences::of_reading(state, reading);
    let suspects = guard::suspects(source, state, &differences, seen.at);
    let mut outcome = confirm::judge(source, state, &differences, &suspects, seen);
    outcome
        .edits
        .extend(differences::settle(state, reading, &differences, &outcome));
    outcome.suspects = suspects;
    outcome
}

/// A reading equal to the last one that was compared: everything that is pending has been seen once more. Only for a
/// last reading that was complete and left nothing unclear or unsaid: after any other, what is pending may not have been in it,
/// and its body is to be read and compared again.
pub fn repeat(source: &Source<'_>, state: &DetectionState, seen: &Seen) -> Outcome {
    let differences = differences::again(state);
    confirm::judge(source, state, &differences, &[], seen)
}

#[cfg(test)]
mod tests;
