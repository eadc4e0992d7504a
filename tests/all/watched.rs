//! Shipped probes that hear what they are told, hour by hour, and what comes of it.

use bellwether::alerting::Policy;
use bellwether::config::Probe;
use bellwether::daemon::pipeline::{Answer, Arrival, take};
use bellwether::daemon::reading::Target;
use bellwether::market::{Failure, RecordedChange};
use bellwether::store::{ChangeFilter, Changes, Outbox, Store};
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
            policy: Policy {
                recipients: vec!["reader@example.org".to_string()],
                ..Policy::default()
            },
            step: SignedDuration::from_hours(1),
        }
    }

    /// A round: later, the probe hears this in its scope of that name.
    fn hears(&mut self, probe: &Probe, scope: &str, answer: Answer<'_>) {
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
        take(&mut self.store, &target, &arrival, &self.policy).expect("a sound store");
    }

    /// A round in which the probe reads a body.
    pub fn reads(&mut self, probe: &Probe, scope: &str, body: &str) {
        let answer = Answer::Body {
            bytes: body.as_bytes(),
            content_type: None,
            etag: None,
            last_modified: None,
        };
        self.hears(probe, scope, answer);
    }

    /// A round in which the host refuses.
    pub fn is_refused(&mut self, probe: &Probe, scope: &str, status: u16) {
        let failure = Failure::Unauthorised { status, code: None };
        self.hears(probe, scope, Answer::Failed(failure));
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

    /// Messages that wait to be sent.
    pub fn messages(&self) -> u64 {
        self.store.outbox_counts().expect("an outbox").0
    }
}
