//! Our own network is down: that is no fault of the sources.

use bellwether::alerting::Policy;
use bellwether::config::{Own, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, Target, take};
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
