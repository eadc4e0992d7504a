//! A burst of changes: what it takes to rule, group and queue them, and to write a message.

use std::collections::BTreeMap;

use bellwether::alerting::Policy;
use bellwether::config::{Own, Probe, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, Taken, take};
use bellwether::daemon::reading::Target;
use bellwether::market::Severity;
use bellwether::render::{Letterhead, alert_message};
use bellwether::store::{Alerts, Outbox, Store};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::import::begin;
use crate::measure::{cpu, figure};

/// Changes of one reading.
const BURST: usize = 10_000;
/// Messages that are written.
const WRITTEN: u32 = 50;

/// One burst, ruled and queued; one message of it.
pub fn burst() {
    let mut probes = declared(&[], Own::default())
        .expect("the shipped probes")
        .into_iter();
    let probe = probes
        .find(|probe| probe.id.as_str() == "openai.models")
        .expect("a list");
    let nobody = told(&probe, &Policy::default());
    let mut policy = Policy::telling(vec!["ops@example.org".to_string()], Severity::Notice);
    let mut second = policy.routes[0].clone();
    second.name = "second".to_string();
    policy.routes[0].goes_on = true;
    policy.routes.push(second);
    let somebody = told(&probe, &policy);
    let due = begin() + SignedDuration::from_hours(2);
    let messages = somebody.store.due(due, true, 100_000).expect("an outbox");
    let mut of_routes: BTreeMap<&str, usize> = BTreeMap::new();
    for message in &messages {
        *of_routes.entry(&message.entry.route).or_default() += 1;
    }
    assert_eq!(of_routes, BTreeMap::from([("mail", 1), ("second", 1)]));
    figure(
        "10,000 changes ruled, grouped and queued (2 routes)",
        &format!("{:.2} CPU s", somebody.took - nobody.took),
        &format!("1 CPU s (of {:.2} for the reading)", somebody.took),
    );
    let entry = &messages[0].entry;
    let taken = somebody
        .store
        .taken(&entry.alert, &entry.route)
        .expect("changes");
    assert_eq!(taken.len(), BURST);
    for (what, count) in [
        ("one alert mail, of 20 changes", 20),
        ("one alert mail, of 10,000 changes", BURST),
    ] {
        let began = cpu();
        for _ in 0..WRITTEN {
            std::hint::black_box(alert_message(
                None,
                &taken[..count],
                &[],
                &Letterhead::plain(&TimeZone::UTC),
                due,
            ));
        }
        let millis = (cpu() - began) * 1_000.0 / f64::from(WRITTEN);
        figure(what, &format!("{millis:.1} CPU ms"), "5 ms");
    }
}

struct Told {
    _folder: tempfile::TempDir,
    store: Store,
    took: f64,
}

/// A list that holds ten thousand models more than before.
fn told(probe: &Probe, policy: &Policy) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    let list = |count: usize| {
        let model = |at| json!({ "id": format!("vendor-model-{at}"), "object": "model", "created": 1_767_225_600 });
        let models: Vec<_> = (0..count).map(model).collect();
        json!({ "object": "list", "data": models }).to_string()
    };
    let mut reads = |at: Timestamp, body: String| {
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
            vantage: "bench",
            imported: false,
            inconclusive: false,
        };
        let target = Target::new(probe, &probe.scopes[0]);
        let taken = take(&mut store, &target, &arrival, policy).expect("a sound store");
        assert!(!matches!(taken, Taken::Failed(_)), "{taken:?}");
    };
    reads(begin(), list(10));
    let body = list(10 + BURST);
    let began = cpu();
    reads(begin() + SignedDuration::from_hours(1), body);
    Told {
        _folder: folder,
        took: cpu() - began,
        store,
    }
}
