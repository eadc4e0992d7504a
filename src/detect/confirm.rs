//! Which differences have been seen often and long enough, and what recording them does.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;

use super::differences::{Difference, Differences};
use super::guard::{has_ended, same};
use super::rules::{FLAPPING_HOURS, FLAPPING_READINGS};
use super::{Outcome, Seen, Source, Suspect, flap, make, rename};
use crate::market::{
    AcceptedSubject, Attribute, Change, Claim, DetectionState, Hash, Pending, PendingKey,
    PendingWhat, StateEdit, SubjectKind, Value,
};

/// Judges every difference of a reading.
pub fn judge(
    source: &Source<'_>,
    state: &DetectionState,
    differences: &Differences,
    suspects: &[Suspect],
    seen: &Seen,
) -> Outcome {
    let renames = rename::pairs(source.id, state, &differences.found, seen);
    let mut judge = Judge {
        source,
        state,
        suspects,
        seen,
        outcome: Outcome::default(),
        renames,
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

struct Judge<'a> {
    source: &'a Source<'a>,
    state: &'a DetectionState,
    suspects: &'a [Suspect],
    seen: &'a Seen,
    outcome: Outcome,
    renames: HashMap<PendingKey, PendingKey>,
}

type Confirmed<'a> = HashMap<&'a PendingKey, (&'a Difference, Pending)>;

impl<'a> Judge<'a> {
    /// Splits the differences: what stays pending becomes an edit, what is confirmed is returned.
    fn confirm(&mut self, differences: &'a Differences) -> Confirmed<'a> {
        let mut ready: Confirmed<'a> = HashMap::new();
        let mut waiting: Vec<(&Difference, Pending)> = Vec::new();
        for difference in differences
            .found
            .iter()
            .filter(|d| !differences.untouched.contains(&d.key))
        {
            let (pending, fresh) = self.sight(difference);
            let held = fresh
                && self
                    .suspects
                    .iter()
                    .any(|s| s.provider == difference.subject.provider);
            let (readings, hours) = self.needed(difference);
            let long_enough = self.seen.at.duration_since(pending.first_seen) >= hours;
            if !held && pending.readings >= readings && long_enough {
                ready.insert(&difference.key, (difference, pending));
            } else {
                waiting.push((difference, pending));
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
        waiting.extend(waits.into_iter().filter_map(|key| ready.remove(key)));
        waiting.sort_by(|a, b| a.0.key.cmp(&b.0.key));
        for (difference, pending) in waiting {
            self.outcome
                .edits
                .push(StateEdit::Pend(difference.key.clone(), pending));
        }
        ready
    }

    /// The difference as pending after this sight of it, and whether this is the first.
    fn sight(&self, difference: &Difference) -> (Pending, bool) {
        match self.state.pending.get(&difference.key) {
            Some(before) if same(&before.what, &difference.what) => {
                let readings = before.readings.saturating_add(1);
                (
                    Pending {
                        readings,
                        ..before.clone()
                    },
                    false,
                )
            }
            _ => {
                let pending = Pending {
                    subject: difference.subject.clone(),
                    what: difference.what.clone(),
                    first_seen: self.seen.at,
                    first_reading: self.seen.reading(self.source.id),
                    first_body: self.seen.body,
                    readings: 1,
                };
                (pending, true)
            }
        }
    }

    fn needed(&self, difference: &Difference) -> (u32, SignedDuration) {
        let rules = self.source.rules;
        let (kind, lists) = (difference.subject.kind, self.source.lists);
        let (mut readings, mut hours) = rules.needed(kind, &difference.what, lists);
        if self.is_flapping(&difference.key) {
            readings = readings.max(FLAPPING_READINGS);
            hours = hours.max(FLAPPING_HOURS);
        }
        if self.renames.contains_key(&difference.key) {
            // the new spelling waits for the old one to be gone: one rename, not an addition and a removal
            let (removal, age) = rules.needed(kind, &PendingWhat::Removed, lists);
            readings = readings.max(removal);
            hours = hours.max(age);
        }
        (readings, hours)
    }

    fn is_flapping(&self, key: &PendingKey) -> bool {
        flap::is_flapping(
            self.state.flaps.get(key),
            self.seen.at,
            self.source.rules.flap_window,
        )
    }

    fn record(&mut self, confirmed: &Confirmed<'_>) {
        let mut keys: Vec<&&PendingKey> = confirmed.keys().collect();
        keys.sort();
        let renamed_from: HashSet<PendingKey> = keys
            .iter()
            .filter_map(|added| self.renames.get(**added))
            .filter(|removed| confirmed.contains_key(removed))
            .cloned()
            .collect();
        for key in keys {
            let Some((difference, pending)) = confirmed.get(*key) else {
                continue;
            };
            if self.state.pending.contains_key(&difference.key) {
                self.outcome
                    .edits
                    .push(StateEdit::Drop(difference.key.clone()));
            }
            match &pending.what {
                PendingWhat::Removed if renamed_from.contains(*key) => {
                    self.outcome
                        .edits
                        .push(StateEdit::Close(difference.subject.clone()));
                }
                PendingWhat::Removed => self.record_removal(difference, pending),
                PendingWhat::Added(claims) => {
                    let old = self
                        .renames
                        .get(*key)
                        .and_then(|removed| confirmed.get(removed));
                    let old = old.map(|(difference, _)| difference.subject.native_id.as_str());
                    self.record_addition(difference, pending, claims, old);
                }
                PendingWhat::Changed(claim) => {
                    self.record_value(difference, pending, claim.as_ref(), confirmed);
                }
            }
        }
    }

    fn record_addition(
        &mut self,
        difference: &Difference,
        pending: &Pending,
        claims: &[Claim],
        renamed_from: Option<&str>,
    ) {
        let subject = &difference.subject;
        self.outcome
            .edits
            .push(StateEdit::Open(subject.clone(), claims.to_vec()));
        if subject.kind == SubjectKind::Offering && !self.source.lists {
            for claim in claims {
                let story =
                    make::value_change(self.source, subject, &claim.attribute, None, Some(claim));
                self.push(story, pending, &difference.key);
            }
            return;
        }
        let is_new_provider = self
            .state
            .totals
            .get(&subject.provider)
            .is_none_or(|totals| totals.subjects == 0);
        let returned = self.state.former.contains(&difference.key.subject);
        if let Some(story) =
            make::addition(subject, claims, renamed_from, returned, is_new_provider)
        {
            self.flap(&difference.key, "absent", "present");
            self.push(story, pending, &difference.key);
        }
    }

    fn record_removal(&mut self, difference: &Difference, pending: &Pending) {
        let subject = &difference.subject;
        self.outcome.edits.push(StateEdit::Close(subject.clone()));
        let Some(accepted) = self.state.accepted.get(&difference.key.subject) else {
            return;
        };
        if subject.kind == SubjectKind::Offering && !self.source.lists {
            let editorial = has_ended(accepted, self.seen.at);
            for (attribute, value) in &accepted.values {
                let mut story =
                    make::value_change(self.source, subject, attribute, Some(value), None);
                story.documented |= editorial;
                self.push(story, pending, &difference.key);
            }
            return;
        }
        if let Some(story) = make::removal(subject, accepted) {
            self.flap(&difference.key, "present", "absent");
            self.push(story, pending, &difference.key);
        }
    }

    fn record_value(
        &mut self,
        difference: &Difference,
        pending: &Pending,
        claim: Option<&Claim>,
        confirmed: &Confirmed<'_>,
    ) {
        let Some(attribute) = &difference.key.attribute else {
            return;
        };
        let subject = &difference.subject;
        let accepted = self.state.accepted.get(&difference.key.subject);
        let added = confirmed.get(&PendingKey {
            subject: difference.key.subject,
            attribute: None,
        });
        let old = old_value(accepted, added.map(|(_, pending)| pending), difference);
        self.outcome.edits.push(StateEdit::Set(
            subject.clone(),
            attribute.clone(),
            claim.cloned(),
        ));
        let quiet = subject.kind == SubjectKind::Component && *attribute != Attribute::Status;
        if quiet {
            return;
        }
        let story = make::value_change(self.source, subject, attribute, old.as_ref(), claim);
        let spelled = |value: Option<&Value>| value.map_or(String::new(), Value::to_stored);
        let (left, reached) = (
            spelled(old.as_ref()),
            spelled(claim.map(|claim| &claim.value)),
        );
        self.flap(&difference.key, &left, &reached);
        self.push(story, pending, &difference.key);
    }

    /// Notes that a key left one value for another, which marks it flapping if it keeps coming back.
    fn flap(&mut self, key: &PendingKey, left: &str, reached: &str) {
        let window = self.source.rules.flap_window;
        if window.is_zero() {
            return;
        }
        let hash = |value: &str| Hash::of(value.as_bytes());
        let flap = flap::after(
            self.state.flaps.get(key),
            hash(left),
            hash(reached),
            self.seen.at,
            window,
        );
        self.outcome.edits.push(StateEdit::Flap(key.clone(), flap));
    }

    fn push(&mut self, story: make::Story, pending: &Pending, key: &PendingKey) {
        let flapping = self.outcome.edits.iter().rev().any(|edit| {
            matches!(edit, StateEdit::Flap(of, flap) if of == key && flap.flapping_since.is_some())
        });
        let change: Change = make::change(self.source, story, pending, self.seen, flapping);
        self.outcome.changes.push(change);
    }

    /// What was pending and is not in this reading is no longer pending.
    fn drop_unseen(&mut self, differences: &Differences) {
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
        self.outcome
            .edits
            .extend(gone.into_iter().map(|key| StateEdit::Drop(key.clone())));
    }
}

fn old_value(
    accepted: Option<&AcceptedSubject>,
    added: Option<&Pending>,
    difference: &Difference,
) -> Option<Value> {
    let attribute = difference.key.attribute.as_ref()?;
    match (accepted, added.map(|pending| &pending.what)) {
        (Some(accepted), _) => accepted.values.get(attribute).cloned(),
        (None, Some(PendingWhat::Added(claims))) => claims
            .iter()
            .find(|claim| claim.attribute == *attribute)
            .map(|claim| claim.value.clone()),
        _ => None,
    }
}
