//! Sources that cannot be reached, and those that are no longer asked.

use bellwether::alerting::Policy;
use bellwether::config::{Own, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, take};
use bellwether::daemon::reading::Target;
use bellwether::market::Failure;
use bellwether::store::{ChangeFilter, Changes, Store};
use jiff::{SignedDuration, Timestamp};

#[test]
fn failures_while_no_host_is_reached_do_not_count_against_a_source() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    let probes = declared(&[], Own::default()).expect("the shipped probes");
    let probe = probes
        .iter()
        .find(|probe| probe.id.as_str() == "openai.status")
        .expect("the probe");
    let mut now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let mut fail = |inconclusive: bool| {
        now += SignedDuration::from_mins(2);
        let failure = if inconclusive {
            Failure::Dns {
                detail: "no network".to_string(),
            }
        } else {
            Failure::Status {
                status: 503,
                code: None,
                message: None,
                retry_after: None,
            }
        };
        let arrival = Arrival {
            at: now,
            answer: Answer::Failed(failure),
            sample: None,
            vantage: "here",
            imported: false,
            inconclusive,
        };
        let target = Target::new(probe, &probe.scopes[0]);
        take(&mut store, &target, &arrival, &Policy::default()).expect("a sound store");
        store
            .changes(&ChangeFilter::default())
            .expect("changes")
            .len()
    };
    let broken: Vec<usize> = [true, true, true, true, false, false, true, false, false]
        .into_iter()
        .map(&mut fail)
        .collect();
    assert_eq!(broken, [0, 0, 0, 0, 0, 0, 0, 1, 1]);
}

#[test]
fn a_source_that_is_no_longer_asked_hides_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let mut probes = declared(&[], Own::default()).expect("the shipped probes");
    for probe in &mut probes {
        probe.rules.min_items = 1;
    }
    let mut hear = |id: &str, days: i64, body: &str| {
        let probe = probes
            .iter()
            .find(|probe| probe.id.as_str() == id)
            .expect("the probe");
        let arrival = Arrival {
            at: begin + SignedDuration::from_hours(24 * days),
            answer: Answer::Body {
                bytes: body.as_bytes(),
                content_type: None,
                etag: None,
                last_modified: None,
            },
            sample: None,
            vantage: "here",
            imported: false,
            inconclusive: false,
        };
        let target = Target::new(probe, &probe.scopes[0]);
        take(&mut store, &target, &arrival, &Policy::default()).expect("a sound store");
        let all = ChangeFilter {
            all: true,
            ..ChangeFilter::default()
        };
        let changes = store.changes(&all).expect("changes");
        changes
            .last()
            .map(|recorded| (recorded.change.kind.word(), recorded.standing.word()))
    };
    let both = r#"{"openai":{"models":{"a":{},"b":{},"c":{},"d":{},"e":{},"f":{}}}}"#;
    let fewer = r#"{"openai":{"models":{"a":{},"c":{},"d":{},"e":{},"f":{}}}}"#;
    let fewest = r#"{"openai":{"models":{"a":{},"d":{},"e":{},"f":{}}}}"#;
    hear(
        "openai.models",
        0,
        r#"{"data":[{"id":"a"},{"id":"b"},{"id":"c"}]}"#,
    );
    hear("models-dev.catalogue", 0, both);
    // while the interface is asked, it knows better
    hear("models-dev.catalogue", 1, fewer);
    let told = hear("models-dev.catalogue", 2, fewer);
    assert_eq!(told, Some(("offering_removed", "outranked")));
    // two months after it was asked last, it does not
    hear("models-dev.catalogue", 60, fewest);
    let told = hear("models-dev.catalogue", 61, fewest);
    assert_eq!(told, Some(("offering_removed", "news")));
}
