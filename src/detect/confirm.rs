//! Which differences have been seen often and long enough, and what recording them does.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::differences::{Difference, Differences, What};
use super::guard::same;
use super::rules::{FLAPPING_HOURS, FLAPPING_READINGS};
use super::{Outcome, Seen, Source, Suspect, flap, rename};
use crate::market::{
    DetectionState, Hash, Pending, PendingKey, StateEdit, SubjectKey, SubjectKind,
};

/// Judges every difference of a reading.
pub fn judge(
    source: &Source<'_>,
    state: &DetectionState,
    differences: &Differences<'_>,
    suspects: &[Suspect],
    seen: &Seen,
) -> Outcome {
    let reading = seen.reading(source.id);
    let renames = rename::pairs(source, state, &differences.found, reading);
    let renamed_to = renames
        .iter()
        .map(|(added, removed)| (removed.clone(), added.clone()))
        .collect();
    let mut judge = Judge {
        source,
        state,
        suspects,
        seen,
        reading,
        ended: &differences.ended,
        outcome: Outcome::default(),
        renames,
        renamed_to,
    };
    let confirmed = judge.confirm(differences);
    judge.record(&confirmed);
    judge.drop_unseen(differences);
    judge
        .outcome
        .changes
        .sort_by(|a, b| (a.key, &a.attribute, &a.id.0).cmp(&(b.key, &b.attribute, &b.id.0)));
    judge.outcome
}

/// One reading being judged.
pub struct Judge<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) state: &'a DetectionState,
    pub(super) suspects: &'a [Suspect],
    pub(super) seen: &'a Seen,
    /// [`Seen::reading`], computed once.
    pub(super) reading: Hash,
    /// When what was removed had ended, where the reading says so.
    ended: &'a HashMap<SubjectKey, Timestamp>,
    pub(super) outcome: Outcome,
    /// From the new spelling to the old one.
    pub(super) renames: HashMap<PendingKey, PendingKey>,
    /// From the old spelling to the new one.
    pub(super) renamed_to: HashMap<PendingKey, PendingKey>,
}

/// What is to be recorded, by its key.
pub type Confirmed<'a> = HashMap<&'a PendingKey, (&'a Difference<'a>, Pending)>;

impl Judge<'_> {
    /// Splits the differences: what stays pending becomes an edit, what is confirmed is returned.
    fn confirm<'d>(&mut self, differences: &'d Differences<'d>) -> Confirmed<'d> {
        let mut ready: Confirmed<'d> = HashMap::new();
        let mut waiting: Vec<&Difference<'_>> = Vec::new();
        for difference in differences
            .found
            .iter()
            .filter(|d| !differences.untouched.contains(&d.key))
        {
            let before = self.before(difference);
            let held = before.is_none()
                && self
                    .suspects
                    .iter()
                    .any(|s| s.provider == difference.subject.provider);
            let (readings, hours) = self.needed(difference);
            let first_seen = before.map_or(self.seen.at, |before| before.first_seen);
            let long_enough = self.seen.at.duration_since(first_seen) >= hours;
            let seen = before.map_or(1, |before| before.readings.saturating_add(1));
            if !held && seen >= readings && long_enough {
                ready.insert(&difference.key, (difference, self.sight(difference)));
            } else {
                waiting.push(difference);
            }
        }
        // a value of a subject that is itself still pending waits for it
        let waits: Vec<&PendingKey> = ready
            .keys()
            .filter(|key| {
                let presence = PendingKey {
                    subject: key.subject,
                    attribute: None,
                };
                key.attribute.is_some()
                    && !self.state.index.contains_key(&key.subject)
                    && !ready.contains_key(&presence)
            })
            .copied()
            .collect();
        let waits = waits.into_iter().filter_map(|key| ready.remove(key));
        waiting.extend(waits.map(|(difference, _)| difference));
        waiting.sort_by(|a, b| a.key.cmp(&b.key));
        // and the fingerprints of what differs: where all waits, a list that grows would be there twice for a moment
        let room = waiting.len() + self.state.accepted.len();
        self.outcome.edits.reserve_exact(room);
        for difference in waiting {
            let pending = StateEdit::Pend(difference.key.clone(), self.sight(difference));
            self.outcome.edits.push(pending);
        }
        ready
    }

    /// The difference as it is pending from earlier sights of it.
    fn before(&self, difference: &Difference<'_>) -> Option<&Pending> {
        let pending = self.state.pending.get(&difference.key);
        pending.filter(|before| same((&before.what).into(), difference.what))
    }

    /// The difference as pending after this sight of it.
    fn sight(&self, difference: &Difference<'_>) -> Pending {
        match self.before(difference) {
            Some(before) => Pending {
                readings: before.readings.saturating_add(1),
                ..before.clone()
            },
            None => Pending {
                subject: difference.subject.clone(),
                what: difference.what.into(),
                first_seen: self.seen.at,
                first_reading: self.reading,
                first_body: self.seen.body,
                readings: 1,
            },
        }
    }

    /// When what was removed had ended, where the reading says so. An end to come is none.
    pub(super) fn end(&self, subject: SubjectKey) -> Option<Timestamp> {
        let end = self.ended.get(&subject).copied();
        end.filter(|end| *end <= self.seen.at)
    }

    /// In how many readings and for how long; the two sides of a rename wait for each other.
    fn needed(&self, difference: &Difference<'_>) -> (u32, SignedDuration) {
        let kind = difference.subject.kind;
        let alone = self.needed_alone(kind, &difference.key, difference.what);
        let other = if let Some(removed) = self.renames.get(&difference.key) {
            self.needed_alone(kind, removed, What::Removed)
        } else if let Some(added) = self.renamed_to.get(&difference.key) {
            self.needed_alone(kind, added, What::Added(&[]))
        } else {
            alone
        };
        (alone.0.max(other.0), alone.1.max(other.1))
    }

    fn needed_alone(
        &self,
        kind: SubjectKind,
        key: &PendingKey,
        what: What<'_>,
    ) -> (u32, SignedDuration) {
        let (readings, hours) = match what {
            // that it is over is stated, not concluded from what is missing
            What::Removed if self.end(key.subject).is_some() => (1, SignedDuration::ZERO),
            what => self.source.rules.needed(kind, what, self.source.lists),
        };
        if self.is_flapping(key) {
            (readings.max(FLAPPING_READINGS), hours.max(FLAPPING_HOURS))
        } else {
            (readings, hours)
        }
    }

    fn is_flapping(&self, key: &PendingKey) -> bool {
        flap::is_flapping(
            self.state.flaps.get(key),
            self.seen.at,
            self.source.rules.flap_window,
        )
    }

    /// What was pending and is not in this reading is no longer pending.
    fn drop_unseen(&mut self, differences: &Differences<'_>) {
        let seen: HashSet<&PendingKey> = differences
            .found
            .iter()
            .map(|difference| &difference.key)
            .collect();
        let mut gone: Vec<&PendingKey> = self
            .state
            .pending
            .keys()
            .filter(|key| !seen.contains(key) && !differences.untouched.contains(*key))
            .collect();
        gone.sort();
        for key in gone {
            self.outcome.edits.push(StateEdit::Drop(key.clone()));
            if let Some(flap) = self.state.flaps.get(key).filter(|_| self.is_flapping(key)) {
                let flap = flap::stirred(flap, self.seen.at, self.source.rules.flap_window);
                self.outcome.edits.push(StateEdit::Flap(key.clone(), flap));
            }
        }
    }
}
