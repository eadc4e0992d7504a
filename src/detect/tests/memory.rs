//! A source's accepted state in memory: applies edits as the store must, and knows what must hold after each reading.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::detect::{
    Outcome, Seen, Source, baseline, compare, repeat, touched, touched_by_pending,
};
use crate::market::{
    AcceptedSubject, Attribute, Change, ChangeId, Claim, Content, DetectionState, Fingerprint,
    PendingWhat, ProviderId, Reading, Settled, StateEdit, SubjectKey, SubjectKind, Totals, Value,
};

/// Everything that is remembered of one source.
#[derive(Default)]
pub struct Memory {
    /// With all accepted subjects, where detection is only given those that a reading touches.
    pub state: DetectionState,
    /// What each settled raw text was read as.
    told: HashMap<Fingerprint, BTreeMap<Attribute, Value>>,
    /// Every change that was ever recorded.
    recorded: HashSet<ChangeId>,
}

impl Memory {
    /// What a reader may skip.
    pub fn settled(&self) -> Settled {
        let known = |(key, fingerprint): (&SubjectKey, &Option<Fingerprint>)| {
            fingerprint.map(|fingerprint| (*key, fingerprint))
        };
        self.state.index.iter().filter_map(known).collect()
    }

    pub fn begin(&mut self, reading: Reading) {
        self.learn(&reading);
        self.apply(baseline(reading).collect());
        self.check();
    }

    pub fn read(&mut self, source: &Source<'_>, reading: &Reading, seen: &Seen) -> Outcome {
        self.learn(reading);
        let mut given = self.without_values();
        self.load(touched(&given, reading), &mut given);
        let outcome = compare(source, &given, reading, seen);
        self.record(&outcome);
        outcome
    }

    pub fn read_same(&mut self, source: &Source<'_>, seen: &Seen) -> Outcome {
        let mut given = self.without_values();
        self.load(touched_by_pending(&given), &mut given);
        let outcome = repeat(source, &given, seen);
        self.record(&outcome);
        outcome
    }

    fn without_values(&self) -> DetectionState {
        DetectionState {
            accepted: HashMap::new(),
            ..self.state.clone()
        }
    }

    fn load(&self, keys: HashSet<SubjectKey>, given: &mut DetectionState) {
        for key in keys {
            let accepted = self.state.accepted.get(&key).expect("a touched subject");
            given.accepted.insert(key, accepted.clone());
        }
    }

    fn learn(&mut self, reading: &Reading) {
        for entry in &reading.entries {
            if let Content::Stated {
                claims,
                fingerprint: Some(fingerprint),
            } = &entry.content
            {
                self.told.insert(*fingerprint, values(claims));
            }
        }
    }

    fn record(&mut self, outcome: &Outcome) {
        for change in &outcome.changes {
            assert!(
                self.recorded.insert(change.id.clone()),
                "{change:?} has the id of another change"
            );
            self.check_old(change);
        }
        self.apply(outcome.edits.clone());
        self.check();
        for change in &outcome.changes {
            self.check_new(change);
        }
    }

    /// A change leaves the value that was accepted.
    fn check_old(&self, change: &Change) {
        let accepted = self.state.accepted.get(&change.key);
        if let (Some(attribute), Some(accepted)) = (&change.attribute, accepted) {
            assert_eq!(
                change.old.as_ref(),
                accepted.values.get(attribute),
                "{change:?}"
            );
        }
    }

    /// A change arrives at the value that is accepted from now on.
    fn check_new(&self, change: &Change) {
        if let (Some(attribute), Some(accepted)) =
            (&change.attribute, self.state.accepted.get(&change.key))
        {
            assert_eq!(
                change.new.as_ref(),
                accepted.values.get(attribute),
                "{change:?}"
            );
        }
    }

    fn totals_of(&mut self, provider: &ProviderId) -> &mut Totals {
        self.state.totals.entry(provider.clone()).or_default()
    }

    /// Applies edits in their order.
    pub fn apply(&mut self, edits: Vec<StateEdit>) {
        for edit in edits {
            match edit {
                StateEdit::Open(subject, claims) => {
                    let values = values(&claims);
                    let totals = self.totals_of(&subject.provider);
                    totals.subjects += 1;
                    totals.values += values.len() as u64;
                    let key = subject.key();
                    self.state.former.remove(&key);
                    assert_eq!(self.state.index.insert(key, None), None, "opened twice");
                    let accepted = AcceptedSubject { subject, values };
                    self.state.accepted.insert(key, accepted);
                }
                StateEdit::Close(subject) => {
                    let key = subject.key();
                    let accepted = self.state.accepted.remove(&key).expect("an open subject");
                    let totals = self.totals_of(&subject.provider);
                    totals.subjects -= 1;
                    totals.values -= accepted.values.len() as u64;
                    self.state.index.remove(&key);
                    self.state.former.insert(key);
                }
                StateEdit::Set(subject, attribute, claim) => {
                    self.set(&subject.key(), attribute, claim)
                }
                StateEdit::Pend(key, pending) => {
                    self.state.pending.insert(key, pending);
                }
                StateEdit::Drop(key) => {
                    assert!(
                        self.state.pending.remove(&key).is_some(),
                        "{key:?} was not pending"
                    );
                }
                StateEdit::Flap(key, flap) => {
                    self.state.flaps.insert(key, flap);
                }
                StateEdit::Settle(key, fingerprint) => {
                    let known = self.state.index.get_mut(&key).expect("an open subject");
                    *known = fingerprint;
                }
            }
        }
    }

    fn set(&mut self, key: &SubjectKey, attribute: Attribute, claim: Option<Claim>) {
        let accepted = self.state.accepted.get_mut(key).expect("an open subject");
        let before = accepted.values.len() as u64;
        match claim {
            Some(claim) => accepted.values.insert(attribute, claim.value),
            None => accepted.values.remove(&attribute),
        };
        let (provider, after) = (
            accepted.subject.provider.clone(),
            accepted.values.len() as u64,
        );
        let totals = self.totals_of(&provider);
        totals.values = totals.values + after - before;
    }

    /// What holds after every reading.
    pub fn check(&self) {
        let state = &self.state;
        let keys =
            |subjects: Vec<&SubjectKey>| subjects.into_iter().copied().collect::<HashSet<_>>();
        assert_eq!(
            keys(state.index.keys().collect()),
            keys(state.accepted.keys().collect()),
            "index and accepted subjects are the same"
        );
        let mut counted: HashMap<ProviderId, Totals> = HashMap::new();
        for accepted in state.accepted.values() {
            let totals = counted
                .entry(accepted.subject.provider.clone())
                .or_default();
            totals.subjects += 1;
            totals.values += accepted.values.len() as u64;
        }
        let kept: HashMap<ProviderId, Totals> = state
            .totals
            .iter()
            .filter(|(_, totals)| **totals != Totals::default())
            .map(|(provider, totals)| (provider.clone(), *totals))
            .collect();
        assert_eq!(kept, counted, "totals are what a recount gives");
        for (key, fingerprint) in self.settled() {
            let pending = state.pending.keys().find(|pending| pending.subject == key);
            assert_eq!(pending, None, "settled while something is pending");
            assert_eq!(
                self.told.get(&fingerprint),
                state.accepted.get(&key).map(|accepted| &accepted.values),
                "a settled raw text says what is accepted"
            );
        }
        self.check_pending();
    }

    fn check_pending(&self) {
        for (key, pending) in &self.state.pending {
            assert_eq!(key.subject, pending.subject.key());
            assert!(pending.readings > 0);
            let accepted = self.state.accepted.get(&key.subject);
            let fits = match (&pending.what, &key.attribute) {
                (PendingWhat::Added(_), None) => accepted.is_none(),
                (PendingWhat::Removed, None) => {
                    accepted.is_some() && pending.subject.kind != SubjectKind::Announcement
                }
                (PendingWhat::Changed(claim), Some(attribute)) => accepted.is_none_or(|accepted| {
                    accepted.values.get(attribute) != claim.as_ref().map(|claim| &claim.value)
                }),
                _ => false,
            };
            assert!(fits, "{pending:?} cannot be pending");
        }
    }
}

/// The values that claims state.
pub fn values(claims: &[Claim]) -> BTreeMap<Attribute, Value> {
    let pairs = claims
        .iter()
        .map(|claim| (claim.attribute.clone(), claim.value.clone()));
    pairs.collect()
}
