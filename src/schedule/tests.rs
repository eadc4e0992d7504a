use proptest::prelude::*;

use super::*;

#[test]
fn periods_are_counted_from_the_epoch() {
    for (period, after, expected) in [
        (
            "30m",
            "2026-01-01T00:00:00Z",
            ["2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z"],
        ),
        (
            "30m",
            "2026-01-01T00:29:59.999Z",
            ["2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z"],
        ),
        (
            "1d",
            "2026-01-01T00:00:00.001Z",
            ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"],
        ),
        (
            "1s",
            "1969-12-31T23:59:58.5Z",
            ["1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"],
        ),
    ] {
        let firings = Schedule::every(period)
            .unwrap()
            .next_firings(after.parse().unwrap(), 2);
        let firings: Vec<String> = firings.iter().map(Timestamp::to_string).collect();
        assert_eq!(firings, expected, "{period} after {after}");
    }
}

#[test]
fn firings_end_with_the_calendar() {
    let near_end: Timestamp = "2100-12-30T12:00:00Z".parse().unwrap();
    let daily = Schedule::cron("@daily", "UTC").unwrap();
    assert_eq!(daily.next_firings(near_end, 5).len(), 1);
    for period in [
        SignedDuration::ZERO,
        SignedDuration::MIN,
        SignedDuration::MAX,
    ] {
        let schedule = Schedule::Every(period);
        assert_eq!(schedule.next_firings(Timestamp::MAX, 5), []);
        let next = schedule.next_after(Timestamp::MIN);
        assert!(next.is_none_or(|next| next > Timestamp::MIN), "{period:?}");
    }
}

#[test]
fn zones_are_iana_names() {
    for (name, expected) in [
        ("UTC", Some("UTC")),
        ("Europe/Berlin", Some("Europe/Berlin")),
        ("europe/berlin", Some("Europe/Berlin")),
        ("America/Vancouver", Some("America/Vancouver")),
        ("Europe/Atlantis", None),
        ("+02:00", None),
        ("../../etc/passwd", None),
        ("Etc/Unknown", None),
        ("", None),
    ] {
        let zone = zone_from_name(name).ok();
        assert_eq!(
            zone.as_ref().and_then(TimeZone::iana_name),
            expected,
            "{name}"
        );
    }
}

#[test]
fn schedules_that_cannot_be_say_why() {
    for (line, zone, expected) in [
        ("0 9 * *", "UTC", "column 8: expected 5 fields"),
        (
            "0 9 * * *",
            "Mars/Base",
            "unknown time zone 'Mars/Base': expected an IANA name",
        ),
        ("0 9 * * *", "\u{7}", "unknown time zone '\\u{7}'"),
    ] {
        let error = Schedule::cron(line, zone).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn schedules_are_printed_for_people() {
    let cron = Schedule::cron(" 0 6 * * mon ", "europe/berlin").unwrap();
    assert_eq!(cron.to_string(), "0 6 * * mon Europe/Berlin");
    assert_eq!(Schedule::every("90m").unwrap().to_string(), "every 1h30m");
}

fn check_span(schedule: &Schedule, after: Timestamp, until: Timestamp) {
    let mut all = schedule.next_firings(after, 20_000);
    all.retain(|firing| *firing <= until);
    assert!(
        all.len() < 20_000,
        "the test does not see the end of the span"
    );
    let exact = u64::try_from(all.len()).unwrap();
    let count = match schedule {
        Schedule::Every(_) => exact,
        Schedule::Cron { .. } => exact.min(COUNTED_FIRINGS),
    };
    let expected = all.last().map(|latest| Firings {
        latest: *latest,
        count,
    });
    assert_eq!(
        schedule.firings_within(after, until),
        expected,
        "{schedule} {after} {until}"
    );
}

#[test]
fn long_spans_are_counted_up_to_a_bound_and_end_at_the_latest_firing() {
    let after: Timestamp = "2026-01-05T06:00:00Z".parse().unwrap();
    for (line, hours) in [
        ("* * * * *", 1),
        ("* * * * *", 17),
        ("* * * * *", 250),
        ("* 9 * * *", 1_000),
        ("*/5 * 1-7 * *", 24 * 100),
        ("0 9 * * *", 24 * 365 * 3),
    ] {
        let schedule = Schedule::cron(line, "America/New_York").unwrap();
        for minutes in [0, 1, 59] {
            let until = after + SignedDuration::from_mins(hours * 60 + minutes);
            check_span(&schedule, after, until);
        }
    }
}

#[test]
fn a_century_asleep_is_answered_at_once() {
    let [after, until] =
        ["1970-01-01T00:00:00Z", "2100-12-31T23:58:30Z"].map(|text| text.parse().unwrap());
    let expected = Firings {
        latest: "2100-12-31T23:58:00Z".parse().unwrap(),
        count: COUNTED_FIRINGS,
    };
    let minutely = Schedule::cron("* * * * *", "UTC").unwrap();
    assert_eq!(minutely.firings_within(after, until), Some(expected));
}

proptest! {
    #[test]
    fn spans_of_periods_are_counted_exactly(period in 1i64..5_000, after in -100_000i64..100_000, nanosecond in 0i32..1_000_000_000, length in 0i64..10_000) {
        let after = Timestamp::new(after, 0).unwrap() + SignedDuration::from_nanos(i64::from(nanosecond));
        check_span(&Schedule::Every(SignedDuration::from_secs(period)), after, after + SignedDuration::from_secs(length));
    }
}
