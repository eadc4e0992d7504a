//! Which differences have been seen often and long enough, and what recording them does.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
    let renamed_to = renames
        .iter()
        .map(|(added, removed)| (removed.clone(), added.clone()))
        .collect();
    let mut judge = Judge {
        source,
        state,
        suspects,
        seen,
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

struct Judge<'a> {
    source: &'a Source<'a>,
    state: &'a DetectionState,
    suspects: &'a [Suspect],
    seen: &'a Seen,
    outcome: Outcome,
    /// From the new spelling to the old one.
    renames: HashMap<PendingKey, PendingKey>,
    /// From the old spelling to the new one.
    renamed_to: HashMap<PendingKey, PendingKey>,
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

    /// In how many readings and for how long; the two sides of a rename wait for each other.
    fn needed(&self, difference: &Difference) -> (u32, SignedDuration) {
        let kind = difference.subject.kind;
        let alone = self.needed_alone(kind, &difference.key, &difference.what);
        let other = if let Some(removed) = self.renames.get(&difference.key) {
            self.needed_alone(kind, removed, &PendingWhat::Removed)
        } else if let Some(added) = self.renamed_to.get(&difference.key) {
            self.needed_alone(kind, added, &PendingWhat::Added(Vec::new()))
        } else {
            alone
        };
        (alone.0.max(other.0), alone.1.max(other.1))
    }

    fn needed_alone(
        &self,
        kind: SubjectKind,
        key: &PendingKey,
        what: &PendingWhat,
    ) -> (u32, SignedDuration) {
        let (readings, hours) = self.source.rules.needed(kind, what, self.source.lists);
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

    fn record(&mut self, confirmed: &Confirmed<'_>) {
        let mut keys: Vec<&&PendingKey> = confirmed.keys().collect();
        keys.sort();
        for key in keys {
            let Some((difference, pending)) = confirmed.get(*key) else {
                continue;
            };
            if self.state.pending.contains_key(&difference.key) {
                self.outcome
                    .edits
                    .push(StateEdit::Drop(difference.key.clone()));
            }
            let renamed_from = self
                .renames
                .get(*key)
                .and_then(|removed| confirmed.get(removed));
            let renamed_to = self.renamed_to.get(*key);
            match &pending.what {
                PendingWhat::Removed if renamed_to.is_some_and(|to| confirmed.contains_key(to)) => {
                    self.flap(&difference.key, "present", "absent");
                    self.outcome
                        .edits
                        .push(StateEdit::Close(difference.subject.clone()));
                }
                PendingWhat::Removed => self.record_removal(difference, pending),
                PendingWhat::Added(claims) => match renamed_from {
                    Some((old, _)) => self.record_renaming(difference, pending, claims, old),
                    None => self.record_addition(difference, pending, claims),
                },
                PendingWhat::Changed(claim) => {
                    self.record_value(difference, pending, claim.as_ref(), confirmed);
                }
            }
        }
    }

    fn record_addition(&mut self, difference: &Difference, pending: &Pending, claims: &[Claim]) {
        let subject = &difference.subject;
        self.outcome
            .edits
            .push(StateEdit::Open(subject.clone(), claims.to_vec()));
        if subject.kind == SubjectKind::Offering && !self.source.lists {
            let flapping = self.flap(&difference.key, "absent", "present");
            for claim in claims {
                let story =
                    make::value_change(self.source, subject, &claim.attribute, None, Some(claim));
                self.push(story, pending, flapping);
            }
            return;
        }
        let is_new_provider = self
            .state
            .totals
            .get(&subject.provider)
            .is_none_or(|totals| totals.subjects == 0);
        let returned = self.state.former.contains(&difference.key.subject);
        if let Some(story) = make::addition(subject, claims, returned, is_new_provider) {
            let flapping = self.flap(&difference.key, "absent", "present");
            self.push(story, pending, flapping);
        }
    }

    /// A new spelling of an offering takes over its history: what else changed in the same reading is recorded too.
    fn record_renaming(
        &mut self,
        difference: &Difference,
        pending: &Pending,
        claims: &[Claim],
        from: &Difference,
    ) {
        let subject = &difference.subject;
        self.outcome
            .edits
            .push(StateEdit::Open(subject.clone(), claims.to_vec()));
        let flapping = self.flap(&difference.key, "absent", "present");
        let story = make::renaming(self.source, &from.subject, subject);
        self.push(story, pending, flapping);
        let Some(accepted) = self.state.accepted.get(&from.key.subject) else {
            return;
        };
        let now: BTreeMap<&Attribute, &Claim> = claims
            .iter()
            .map(|claim| (&claim.attribute, claim))
            .collect();
        let attributes: BTreeSet<&Attribute> =
            accepted.values.keys().chain(now.keys().copied()).collect();
        for attribute in attributes {
            let (old, new) = (accepted.values.get(attribute), now.get(attribute).copied());
            if old != new.map(|claim| &claim.value) {
                let story = make::value_change(self.source, subject, attribute, old, new);
                self.push(story, pending, flapping);
            }
        }
    }

    fn record_removal(&mut self, difference: &Difference, pending: &Pending) {
        let subject = &difference.subject;
        self.outcome.edits.push(StateEdit::Close(subject.clone()));
        let Some(accepted) = self.state.accepted.get(&difference.key.subject) else {
            return;
        };
        if subject.kind == SubjectKind::Offering && !self.source.lists {
            let flapping = self.flap(&difference.key, "present", "absent");
            let editorial = has_ended(accepted, self.seen.at);
            for (attribute, value) in &accepted.values {
                let mut story =
                    make::value_change(self.source, subject, attribute, Some(value), None);
                story.documented |= editorial;
                self.push(story, pending, flapping);
            }
            return;
        }
        if let Some(story) = make::removal(subject, accepted) {
            let flapping = self.flap(&difference.key, "present", "absent");
            self.push(story, pending, flapping);
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
        let flapping = self.flap(&difference.key, &left, &reached);
        self.push(story, pending, flapping);
    }

    /// Notes that a key left one value for another, which marks it flapping if it keeps coming back. Whether it is.
    fn flap(&mut self, key: &PendingKey, left: &str, reached: &str) -> bool {
        let window = self.source.rules.flap_window;
        if window.is_zero() {
            return false;
        }
        let hash = |value: &str| Hash::of(value.as_bytes());
        let flap = flap::after(
            self.state.flaps.get(key),
            hash(left),
            hash(reached),
            self.seen.at,
            window,
        );
        let flapping = flap.flapping_since.is_some();
        self.outcome.edits.push(StateEdit::Flap(key.clone(), flap));
        flapping
    }

    fn push(&mut self, story: make::Story, pending: &Pending, flapping: bool) {
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
        for key in gone {
            self.outcome.edits.push(StateEdit::Drop(key.clone()));
            if let Some(flap) = self.state.flaps.get(key).filter(|_| self.is_flapping(key)) {
                let flap = flap::stirred(flap, self.seen.at, self.source.rules.flap_window);
                self.outcome.edits.push(StateEdit::Flap(key.clone(), flap));
            }
        }
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
