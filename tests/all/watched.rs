//! Shipped probes that hear what they are told, hour by hour, and what comes of it.

use bellwether::alerting::Policy;
use bellwether::config::Probe;
use bellwether::daemon::pipeline::{Answer, Arrival, Taken, take};
use bellwether::daemon::reading::Target;
use bellwether::landscape::{Offer, offers};
use bellwether::market::{Failure, Identity, OfferingFact, RecordedChange, Severity, Stage};
use bellwether::store::{
    Alerts, ChangeFilter, Changes, Disagreement, Disagreements, Due, OfferingFilter, Offerings,
    Outbox, Store,
};
use jiff::{SignedDuration, Timestamp};

/// A store with a clock of its own, and somebody to tell.
pub struct Watch {
    _folder: tempfile::TempDir,
    store: Store,
    now: Timestamp,
    policy: Policy,
    /// How long after the last round the next one is.
    pub step: SignedDuration,
}

impl Watch {
    /// Nothing heard yet.
    pub fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        Self {
            _folder: folder,
            store,
            now: "2026-01-01T00:00:00Z".parse().expect("a time"),
            policy: Policy::telling(vec!["reader@example.org".to_string()], Severity::Notice),
            step: SignedDuration::from_hours(1),
        }
    }

    /// A round: later, the probe hears this in its scope of that name.
    fn hears(&mut self, probe: &Probe, scope: &str, answer: Answer<'_>) -> Taken {
        self.now += self.step;
        let mut scopes = probe.scopes.iter();
        let scoping = scopes
            .find(|known| known.scope.as_str() == scope)
            .expect("the scope");
        let arrival = Arrival {
            at: self.now,
            answer,
            sample: None,
            vantage: "here",
            imported: false,
            inconclusive: false,
        };
        let target = Target::new(probe, scoping);
        take(&mut self.store, &target, &arrival, &self.policy).expect("a sound store")
    }

    /// A round in which the probe reads a body.
    pub fn reads(&mut self, probe: &Probe, scope: &str, body: &str) -> Taken {
        self.reads_as(None, probe, scope, body)
    }

    /// A round in which the probe reads a body of that type.
    pub fn reads_as(
        &mut self,
        content_type: Option<&str>,
        probe: &Probe,
        scope: &str,
        body: &str,
    ) -> Taken {
        let answer = Answer::Body {
            bytes: body.as_bytes(),
            content_type,
            etag: None,
            last_modified: None,
        };
        self.hears(probe, scope, answer)
    }

    /// A round in which the host refuses.
    pub fn is_refused(&mut self, probe: &Probe, scope: &str, status: u16) -> Taken {
        let failure = Failure::Unauthorised { status, code: None };
        self.hears(probe, scope, Answer::Failed(failure))
    }

    /// Every piece of news so far: what kind, of which subject.
    pub fn news(&self) -> Vec<String> {
        let line = |recorded: RecordedChange| {
            let subject = &recorded.change.subject;
            format!("{} {}", recorded.change.kind.word(), subject.native_id)
        };
        self.changes().into_iter().map(line).collect()
    }

    /// Every piece of news so far.
    pub fn changes(&self) -> Vec<RecordedChange> {
        let changes = self.store.changes(&ChangeFilter::default());
        changes.expect("changes")
    }

    /// Every change so far of an attribute, whether it was news or not.
    pub fn changes_of(&self, attribute: &str) -> Vec<RecordedChange> {
        let all = ChangeFilter {
            all: true,
            ..ChangeFilter::default()
        };
        let mut changes = self.store.changes(&all).expect("changes");
        changes.retain(|recorded| {
            let changed = recorded.change.attribute.as_ref();
            changed.is_some_and(|changed| changed.to_string() == attribute)
        });
        changes
    }

    /// Messages that tell of an attribute and wait to be sent.
    pub fn messages_of(&self, attribute: &str) -> usize {
        let later = self.now + SignedDuration::from_hours(48);
        let due = self.store.due(later, true, 1000).expect("an outbox");
        let tells = |due: &&Due| {
            let entry = &due.entry;
            let taken = self.store.taken(&entry.alert, &entry.route);
            taken.expect("changes").iter().any(|taken| {
                let changed = taken.recorded.change.attribute.as_ref();
                changed.is_some_and(|changed| changed.to_string() == attribute)
            })
        };
        due.iter().filter(tells).count()
    }

    /// What is believed now of a model's stage at all providers.
    pub fn stages(&self, model: &str) -> Vec<Stage> {
        let facts = self.store.offerings(&OfferingFilter::default());
        let facts = facts.expect("offerings");
        let identity = |fact: &OfferingFact| fact.subject.identity().expect("an offering");
        let identities: Vec<Identity> = facts.iter().map(identity).collect();
        let offers = offers(model, facts.iter().zip(&identities));
        offers.iter().map(Offer::stage).collect()
    }

    /// What sources have said against each other for a day.
    pub fn disagreements(&self) -> Vec<Disagreement> {
        let before = self.now - SignedDuration::from_hours(24);
        self.store.disagreements(before).expect("claims")
    }

    /// Messages that wait to be sent.
    pub fn messages(&self) -> u64 {
        self.store.outbox_counts().expect("an outbox").0
    }
}
