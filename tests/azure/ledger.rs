//! What the tests share: a shipped probe, a reading of it, and a history of one of its sources on a clock of the test's own.

use std::collections::BTreeMap;

use bellwether::alerting::Policy;
use bellwether::config::{Own, Probe, Scoping, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, Taken, take};
use bellwether::daemon::reading::{Target, read_body};
use bellwether::detect::Rules;
use bellwether::market::{Change, Content, Failure, Reading, Scope, Settled};
use bellwether::store::{ChangeFilter, Changes, Store};
use jiff::{SignedDuration, Timestamp};

/// The shipped probe of this id.
pub fn probe(id: &str) -> Probe {
    let probes = declared(&[], Own::default()).expect("the shipped probes");
    let found = probes.into_iter().find(|probe| probe.id.as_str() == id);
    found.unwrap_or_else(|| panic!("no probe {id}"))
}

/// A scope at a location.
pub fn at(location: &str) -> Scoping {
    Scoping {
        scope: Scope::from(location),
        values: BTreeMap::from([("location".to_string(), location.to_string())]),
    }
}

/// Reads a body as the daemon would.
pub fn read(probe: &Probe, scoping: &Scoping, body: &str) -> Result<Reading, Failure> {
    let target = Target::new(probe, scoping);
    read_body(&target, body.as_bytes(), None, &Settled::new())
}

/// Every claim of a reading as a sorted line, then its notes.
pub fn shown(reading: &Reading) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let subject = &entry.subject;
        let deployment = subject.deployment.as_deref().unwrap_or("-");
        let name = format!("{} {} {deployment}", subject.native_id, subject.region);
        match &entry.content {
            Content::Stated { claims, .. } if claims.is_empty() => lines.push(name),
            Content::Stated { claims, .. } => lines.extend(
                claims
                    .iter()
                    .map(|claim| format!("{name}: {} = {}", claim.attribute, claim.value)),
            ),
            Content::Settled => lines.push(format!("{name}: settled")),
        }
    }
    lines.sort();
    lines.extend(notes(reading));
    lines
}

/// The notes of a reading.
pub fn notes(reading: &Reading) -> Vec<String> {
    let shown = |note: &bellwether::market::Unexpected| {
        format!(
            "? {}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    };
    reading.unexpected.iter().map(shown).collect()
}

/// Sources of one probe with a store of their own.
pub struct Ledger {
    probe: Probe,
    store: Store,
    _folder: tempfile::TempDir,
}

impl Ledger {
    /// With the rules that the probe has.
    pub fn new(id: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        Self {
            probe: probe(id),
            store,
            _folder: folder,
        }
    }

    /// With rules under which every difference between two bodies is a change.
    pub fn opened(id: &str) -> Self {
        let mut ledger = Self::new(id);
        ledger.probe.rules = Rules {
            confirm_additions: 1,
            confirm_removals: 1,
            confirm_values: 1,
            confirm_hours: SignedDuration::ZERO,
            max_loss: 1.0,
            max_churn: 1.0,
            flap_window: SignedDuration::ZERO,
            ..ledger.probe.rules
        };
        ledger
    }

    /// With values that count once so many readings show them.
    pub fn confirming_values(id: &str, readings: u32) -> Self {
        let mut ledger = Self::new(id);
        ledger.probe.rules.confirm_values = readings;
        ledger
    }

    /// Takes a body in.
    pub fn take(&mut self, scoping: &Scoping, at: Timestamp, body: &str) -> Taken {
        let answer = Answer::Body {
            bytes: body.as_bytes(),
            content_type: None,
            etag: None,
            last_modified: None,
        };
        let arrival = Arrival {
            at,
            answer,
            sample: None,
            vantage: "test",
            imported: true,
            inconclusive: false,
        };
        let target = Target::new(&self.probe, scoping);
        take(&mut self.store, &target, &arrival, &Policy::default()).expect("a sound store")
    }

    /// Every recorded change, oldest first.
    pub fn changes(&self) -> Vec<Change> {
        let filter = ChangeFilter {
            all: true,
            ..ChangeFilter::default()
        };
        let recorded = self.store.changes(&filter).expect("changes");
        recorded
            .into_iter()
            .map(|recorded| recorded.change)
            .collect()
    }
}

/// One line for each change: kind, native id, deployment, attribute, old and new, direction.
pub fn lines(changes: &[Change]) -> Vec<String> {
    let mut lines: Vec<String> = changes
        .iter()
        .map(|change| {
            let deployment = change.subject.deployment.as_deref().unwrap_or("-");
            let mut line = format!(
                "{} {} {deployment}",
                change.kind.word(),
                change.subject.native_id
            );
            if let Some(attribute) = &change.attribute {
                let value = |value: &Option<bellwether::market::Value>| {
                    value
                        .as_ref()
                        .map_or("none".to_string(), ToString::to_string)
                };
                let (old, new) = (value(&change.old), value(&change.new));
                line.push_str(&format!(": {attribute} {old} -> {new}"));
            }
            if let Some(direction) = change.direction {
                line.push_str(&format!(" ({})", direction.word()));
            }
            line
        })
        .collect();
    lines.sort();
    lines
}

/// A moment of the test's clock: so many hours after its beginning.
pub fn hour(hours: i64) -> Timestamp {
    let begin: Timestamp = "2026-08-01T00:00:00Z".parse().expect("a time");
    begin + SignedDuration::from_hours(hours)
}
