use proptest::prelude::*;

use super::*;

fn millis(millis: i64) -> SignedDuration {
    SignedDuration::from_millis(millis)
}

fn cold(group: &str, total: i64) -> Measurement {
    Measurement {
        group: group.to_string(),
        at: Timestamp::from_second(total).expect("a time"),
        phases: Phases {
            dns: Some(millis(1)),
            connect: Some(millis(2)),
            tls: Some(millis(3)),
            first_byte: Some(millis(4)),
            body: Some(millis(5)),
            total: Some(millis(total)),
        },
        ok: true,
    }
}

fn warm(group: &str, total: i64) -> Measurement {
    let mut measurement = cold(group, total);
    measurement.phases.dns = None;
    measurement.phases.connect = None;
    measurement.phases.tls = None;
    measurement
}

fn failed(group: &str, total: i64) -> Measurement {
    Measurement {
        ok: false,
        ..cold(group, total)
    }
}

#[test]
fn percentiles_are_nearest_ranks() {
    for (n, expected) in [
        (0, None),
        (1, Some((1, 1, 1))),
        (2, Some((1, 2, 2))),
        (3, Some((2, 3, 3))),
        (20, Some((10, 19, 20))),
        (100, Some((50, 95, 99))),
        (101, Some((51, 96, 100))),
        (1000, Some((500, 950, 990))),
    ] {
        let found = figures((1..=n).rev().map(|at| Some(millis(at))));
        let expected = expected.map(|(p50, p95, p99)| Quantiles {
            p50: millis(p50),
            p95: millis(p95),
            p99: millis(p99),
        });
        assert_eq!(found.quantiles, expected, "{n}");
        assert_eq!(i64::try_from(found.n), Ok(n));
    }
}

#[test]
fn failures_are_counted_and_enter_no_figure() {
    let found = summaries([
        cold("b", 10),
        failed("a", 9_999),
        failed("b", 9_999),
        warm("b", 20),
    ]);
    let told: Vec<_> = found
        .iter()
        .map(|s| {
            (
                s.group.as_str(),
                s.n,
                s.failed,
                s.total.quantiles.map(|q| q.p99),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("a", 0, 1, None), ("b", 2, 1, Some(millis(20)))],
        "a group of failures alone is still listed"
    );
}

#[test]
fn phases_that_did_not_happen_are_counted_apart() {
    let found = summaries([cold("a", 10), warm("a", 20), warm("a", 30)]);
    let [summary] = found.as_slice() else {
        panic!("one group")
    };
    assert_eq!((summary.tls.n, summary.tls.missing), (1, 2));
    assert_eq!((summary.first_byte.n, summary.first_byte.missing), (3, 0));
    assert_eq!(summary.tls.quantiles.map(|q| q.p50), Some(millis(3)));
    assert_eq!(summary.first_at.as_second(), 10);
    assert_eq!(summary.last_at.as_second(), 30);
}

#[test]
fn a_duration_below_zero_is_no_measurement() {
    let found = figures([Some(millis(-1)), Some(millis(0)), None]);
    assert_eq!((found.n, found.missing), (1, 2));
    assert_eq!(found.quantiles.map(|q| q.p50), Some(millis(0)));
}

proptest! {
    #[test]
    fn percentiles_are_ordered_measured_and_bound_their_share(
        durations in prop::collection::vec(0_i64..1_000_000, 1..300),
    ) {
        let found = figures(durations.iter().map(|&at| Some(millis(at))));
        let quantiles = found.quantiles.expect("at least one");
        prop_assert!(quantiles.p50 <= quantiles.p95 && quantiles.p95 <= quantiles.p99);
        for (percent, value) in [(50, quantiles.p50), (95, quantiles.p95), (99, quantiles.p99)] {
            let at_most = durations.iter().filter(|&&at| millis(at) <= value).count();
            let below = durations.iter().filter(|&&at| millis(at) < value).count();
            prop_assert!(durations.iter().any(|&at| millis(at) == value));
            prop_assert!(at_most * 100 >= percent * durations.len());
            prop_assert!(below * 100 < percent * durations.len());
        }
    }

    #[test]
    fn the_order_of_measurements_means_nothing(
        totals in prop::collection::vec((0_i64..1000, 0_u8..3, any::<bool>()), 0..60),
    ) {
        let measurements: Vec<Measurement> = totals
            .iter()
            .map(|&(total, group, ok)| Measurement { ok, ..cold(&group.to_string(), total) })
            .collect();
        let mut turned = measurements.clone();
        turned.reverse();
        let found = summaries(measurements.clone());
        prop_assert_eq!(&found, &summaries(turned));
        let counted: usize = found.iter().map(|summary| summary.n + summary.failed).sum();
        prop_assert_eq!(counted, measurements.len());
    }
}
