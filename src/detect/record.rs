//! What recording confirmed differences does to the accepted state, and which changes it makes.

use std::collections::{BTreeMap, BTreeSet};

use super::confirm::{Confirmed, Judge};
use super::differences::Difference;
use super::guard::has_ended;
use super::{flap, make};
use crate::market::{
    Attribute, Authority, Change, Claim, DateKind, Hash, Pending, PendingKey, PendingWhat,
    Severity, StateEdit, Subject, SubjectKey, SubjectKind, Value,
};

impl Judge<'_> {
    /// Records everything that is confirmed, in the order of its keys.
    pub(super) fn record(&mut self, confirmed: &Confirmed<'_>) {
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
                    Some((old, _)) => {
                        self.record_renaming(difference, pending, claims, old, confirmed)
                    }
                    None => self.record_addition(difference, pending, claims, confirmed),
                },
                PendingWhat::Changed(claim) => {
                    self.record_value(difference, pending, claim.as_ref(), confirmed);
                }
            }
        }
    }

    fn record_addition(
        &mut self,
        difference: &Difference<'_>,
        pending: &Pending,
        claims: &[Claim],
        confirmed: &Confirmed<'_>,
    ) {
        let subject = difference.subject;
        if subject.kind == SubjectKind::Offering && !self.source.lists {
            let before = BTreeMap::new();
            let opened = self.open_after(&before, subject, claims, confirmed);
            let flapping = self.flap(&difference.key, "absent", "present");
            self.record_opened(&before, subject, &opened, pending, flapping);
            return;
        }
        self.outcome
            .edits
            .push(StateEdit::Open(subject.clone(), claims.to_vec()));
        let is_new_provider = self
            .state
            .totals
            .get(&subject.provider)
            .is_none_or(|totals| totals.subjects == 0);
        let returned = self.state.former.contains(&difference.key.subject);
        if let Some(story) = make::addition(subject, claims, returned, is_new_provider) {
            let flapping = self.flap(&difference.key, "absent", "present");
            self.push(story, pending, flapping);
            let added = self.outcome.changes.last_mut();
            if let Some(added) = added.filter(|_| hits_nobody(subject, claims)) {
                added.severity = added.severity.min(Severity::Notice);
            }
        }
    }

    /// A new spelling of an offering takes over its history: what else a provider changed in the same reading is recorded too.
    fn record_renaming(
        &mut self,
        difference: &Difference<'_>,
        pending: &Pending,
        claims: &[Claim],
        from: &Difference<'_>,
        confirmed: &Confirmed<'_>,
    ) {
        let subject = difference.subject;
        if self.source.authority == Authority::Registry {
            // editors who spell a key anew rewrite its entry too: the values belong to the new key, as with an addition
            let opened = StateEdit::Open(subject.clone(), claims.to_vec());
            self.outcome.edits.push(opened);
            let flapping = self.flap(&difference.key, "absent", "present");
            let story = make::renaming(self.source, from.subject, subject);
            self.push(story, pending, flapping);
            return;
        }
        let accepted = self.state.accepted.get(&from.key.subject);
        let before = accepted.map_or_else(BTreeMap::new, |accepted| accepted.values.clone());
        let opened = self.open_after(&before, subject, claims, confirmed);
        let flapping = self.flap(&difference.key, "absent", "present");
        let story = make::renaming(self.source, from.subject, subject);
        self.push(story, pending, flapping);
        self.record_opened(&before, subject, &opened, pending, flapping);
    }

    /// Opens a subject that carries on from `before`. An attribute that has turned since the subject was first seen
    /// stays what it was before: its first value was not seen often enough, its later one is judged by itself.
    fn open_after(
        &mut self,
        before: &BTreeMap<Attribute, Value>,
        subject: &Subject,
        claims: &[Claim],
        confirmed: &Confirmed<'_>,
    ) -> Vec<Claim> {
        let key = subject.key();
        let waiting = self.outcome.edits.iter().filter_map(|edit| match edit {
            StateEdit::Pend(of, _) => Some(of),
            _ => None,
        });
        let turned: BTreeSet<Attribute> = waiting
            .chain(confirmed.keys().copied())
            .filter(|of| of.subject == key)
            .filter_map(|of| of.attribute.clone())
            .collect();
        let kept = before
            .iter()
            .filter(|(attribute, _)| turned.contains(*attribute))
            .map(|(attribute, value)| Claim::new(attribute.clone(), value.clone(), ""));
        let first = claims
            .iter()
            .filter(|claim| !turned.contains(&claim.attribute))
            .cloned();
        let mut opened: Vec<Claim> = first.chain(kept).collect();
        opened.sort_by(|a, b| a.attribute.cmp(&b.attribute));
        self.outcome
            .edits
            .push(StateEdit::Open(subject.clone(), opened.clone()));
        self.forget_no_differences(key, before);
        opened
    }

    /// What waits to become what it was before is no difference any more.
    fn forget_no_differences(&mut self, subject: SubjectKey, before: &BTreeMap<Attribute, Value>) {
        let known = &self.state.pending;
        self.outcome.edits.retain_mut(|edit| {
            let StateEdit::Pend(key, pending) = &edit else {
                return true;
            };
            let (Some(attribute), PendingWhat::Changed(claim)) = (&key.attribute, &pending.what)
            else {
                return true;
            };
            let value = claim.as_ref().map(|claim| &claim.value);
            if key.subject != subject || value != before.get(attribute) {
                return true;
            }
            let was_pending = known.contains_key(key);
            *edit = StateEdit::Drop(key.clone());
            was_pending
        });
    }

    fn record_opened(
        &mut self,
        before: &BTreeMap<Attribute, Value>,
        subject: &Subject,
        opened: &[Claim],
        pending: &Pending,
        flapping: bool,
    ) {
        let now: BTreeMap<&Attribute, &Claim> = opened
            .iter()
            .map(|claim| (&claim.attribute, claim))
            .collect();
        let attributes: BTreeSet<&Attribute> = before.keys().chain(now.keys().copied()).collect();
        for attribute in attributes {
            let (old, new) = (before.get(attribute), now.get(attribute).copied());
            if old != new.map(|claim| &claim.value) {
                let story = make::value_change(self.source, subject, attribute, old, new);
                self.push(story, pending, flapping);
            }
        }
    }

    fn record_removal(&mut self, difference: &Difference<'_>, pending: &Pending) {
        let subject = difference.subject;
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
        let end = self.end(difference.key.subject);
        if let Some(story) = make::removal(subject, accepted, end) {
            let flapping = self.flap(&difference.key, "present", "absent");
            self.push(story, pending, flapping);
            let removed = self.outcome.changes.last_mut();
            if let Some(removed) = removed.filter(|_| has_ended(accepted, self.seen.at)) {
                // what had ended, as was said long before, leaves the list
                removed.severity = removed.severity.min(Severity::Notice);
            }
        }
    }

    fn record_value(
        &mut self,
        difference: &Difference<'_>,
        pending: &Pending,
        claim: Option<&Claim>,
        confirmed: &Confirmed<'_>,
    ) {
        let Some(attribute) = &difference.key.attribute else {
            return;
        };
        let subject = difference.subject;
        let old = self.old_value(difference, attribute, confirmed);
        if old.as_ref() == claim.map(|claim| &claim.value) {
            return;
        }
        self.outcome.edits.push(StateEdit::Set(
            subject.clone(),
            attribute.clone(),
            claim.cloned(),
        ));
        let quiet = match subject.kind {
            SubjectKind::Component => *attribute != Attribute::Status,
            // a list of what is over corrects when it ended: whoever heard of it heard that it is over
            SubjectKind::Incident => *attribute == Attribute::Date(DateKind::Retires),
            _ => false,
        };
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
        let hits_now = subject.kind == SubjectKind::Incident
            && *attribute == Attribute::Impact
            && is_slight(old.as_ref())
            && !is_slight(claim.map(|claim| &claim.value));
        if let Some(change) = self.outcome.changes.last_mut().filter(|_| hits_now) {
            change.severity = change.severity.max(Severity::Warning);
        }
    }

    /// What an attribute was: as accepted, or as the subject that is opened in this same reading has it.
    fn old_value(
        &self,
        difference: &Difference<'_>,
        attribute: &Attribute,
        confirmed: &Confirmed<'_>,
    ) -> Option<Value> {
        if let Some(accepted) = self.state.accepted.get(&difference.key.subject) {
            return accepted.values.get(attribute).cloned();
        }
        let presence = PendingKey {
            subject: difference.key.subject,
            attribute: None,
        };
        let renamed_from = self
            .renames
            .get(&presence)
            .filter(|removed| confirmed.contains_key(removed));
        if let Some(removed) = renamed_from {
            let accepted = self.state.accepted.get(&removed.subject)?;
            return accepted.values.get(attribute).cloned();
        }
        if difference.subject.kind == SubjectKind::Offering && !self.source.lists {
            return None;
        }
        let (_, pending) = confirmed.get(&presence)?;
        let PendingWhat::Added(claims) = &pending.what else {
            return None;
        };
        let first = claims.iter().find(|claim| claim.attribute == *attribute);
        first.map(|claim| claim.value.clone())
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
        let change: Change = make::change(
            self.source,
            story,
            pending,
            self.seen,
            self.reading,
            flapping,
        );
        self.outcome.changes.push(change);
    }
}

/// Whether an incident is planned, or its page says that nobody is hit.
fn hits_nobody(subject: &Subject, claims: &[Claim]) -> bool {
    let mut impacts = claims
        .iter()
        .filter(|claim| claim.attribute == Attribute::Impact);
    subject.kind == SubjectKind::Incident && impacts.any(|claim| is_slight(Some(&claim.value)))
}

fn is_slight(impact: Option<&Value>) -> bool {
    matches!(impact, Some(Value::Text(word)) if matches!(&**word, "maintenance" | "none"))
}
