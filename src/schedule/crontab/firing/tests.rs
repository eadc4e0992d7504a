use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::schedule::{Crontab, zone_from_name};

fn firings(crontab: &Crontab, zone: &TimeZone, after: Timestamp, count: usize) -> Vec<Timestamp> {
    std::iter::successors(crontab.next_after(after, zone), |firing| {
        crontab.next_after(*firing, zone)
    })
    .take(count)
    .collect()
}

fn check(line: &str, zone: &str, after: &str, expected: &[&str]) {
    let crontab: Crontab = line.parse().unwrap();
    let zone = zone_from_name(zone).unwrap();
    let found: Vec<String> = firings(&crontab, &zone, after.parse().unwrap(), expected.len())
        .iter()
        .map(Timestamp::to_string)
        .collect();
    assert_eq!(found, expected, "{line} after {after}");
}

#[test]
fn spring_gaps() {
    for (line, zone, after, expected) in [
        // New York, 8 March 2026: 02:00 EST is 03:00 EDT, at 07:00 UTC.
        (
            "30 2 * * *",
            "America/New_York",
            "2026-03-07T12:00:00Z",
            ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"],
        ),
        (
            "0,30 2-3 * * *",
            "America/New_York",
            "2026-03-08T06:00:00Z",
            ["2026-03-08T07:00:00Z", "2026-03-08T07:30:00Z"],
        ),
        (
            "30 * * * *",
            "America/New_York",
            "2026-03-08T06:00:00Z",
            ["2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z"],
        ),
        (
            "*/15 2 * * *",
            "America/New_York",
            "2026-03-07T08:00:00Z",
            ["2026-03-09T06:00:00Z", "2026-03-09T06:15:00Z"],
        ),
        // Lord Howe, 4 October 2026: 02:00 is 02:30.
        (
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-10-03T14:30:00Z",
            ["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"],
        ),
        // Sao Paulo, 4 November 2018: the day began at 01:00.
        (
            "0 0 * * *",
            "America/Sao_Paulo",
            "2018-11-03T12:00:00Z",
            ["2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"],
        ),
        // Apia had no 30 December 2011.
        (
            "0 12 * * *",
            "Pacific/Apia",
            "2011-12-29T23:00:00Z",
            ["2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"],
        ),
    ] {
        check(line, zone, after, &expected);
    }
}

#[test]
fn autumn_folds() {
    for (line, zone, after, expected) in [
        // New York, 1 November 2026: 02:00 EDT is 01:00 EST, at 06:00 UTC.
        (
            "30 1 * * *",
            "America/New_York",
            "2026-11-01T04:00:00Z",
            ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
        ),
        (
            "30 1 * * *",
            "America/New_York",
            "2026-11-01T06:10:00Z",
            ["2026-11-02T06:30:00Z", "2026-11-03T06:30:00Z"],
        ),
        (
            "*/30 * * * *",
            "America/New_York",
            "2026-11-01T05:15:00Z",
            ["2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z"],
        ),
        (
            "*/30 * * * *",
            "America/New_York",
            "2026-11-01T06:15:00Z",
            ["2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z"],
        ),
        // Lord Howe, 5 April 2026: 02:00 is 01:30.
        (
            "45 1 * * *",
            "Australia/Lord_Howe",
            "2026-04-04T13:00:00Z",
            ["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"],
        ),
        (
            "45 * * * *",
            "Australia/Lord_Howe",
            "2026-04-04T14:00:00Z",
            ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"],
        ),
    ] {
        check(line, zone, after, &expected);
    }
}

#[test]
fn zones_whose_rules_changed_lately() {
    // British Columbia stays at UTC-7 from 2026 on; Morocco left UTC+1 in September 2026. Older databases are an hour off.
    for (zone, expected) in [
        (
            "America/Vancouver",
            ["2026-12-01T16:00:00Z", "2026-12-02T16:00:00Z"],
        ),
        (
            "Africa/Casablanca",
            ["2026-12-01T09:00:00Z", "2026-12-02T09:00:00Z"],
        ),
    ] {
        check("0 9 * * *", zone, "2026-12-01T00:00:00Z", &expected);
    }
}

#[test]
fn firings_lie_between_1970_and_2100() {
    let line: Crontab = "0 0 1 1 *".parse().unwrap();
    let next = |after: Timestamp| line.next_after(after, &TimeZone::UTC);
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    assert_eq!(next(Timestamp::MIN), at("1970-01-01T00:00:00Z"));
    assert_eq!(
        next(Timestamp::from_nanosecond(-1).unwrap()),
        at("1970-01-01T00:00:00Z")
    );
    assert_eq!(next(Timestamp::UNIX_EPOCH), at("1971-01-01T00:00:00Z"));
    assert_eq!(
        next(at("2099-06-01T00:00:00Z").unwrap()),
        at("2100-01-01T00:00:00Z")
    );
    assert_eq!(next(at("2100-06-01T00:00:00Z").unwrap()), None);
    assert_eq!(next(Timestamp::MAX), None);
}

/// A field as written, with the values that it must mean.
#[derive(Debug, Clone)]
struct Meant {
    text: String,
    values: BTreeSet<u32>,
}

fn field(lowest: u32, highest: u32) -> impl Strategy<Value = Meant> {
    let any = move || lowest..=highest;
    prop_oneof![
        3 => Just(Meant { text: "*".to_owned(), values: any().collect() }),
        1 => (1..=highest - lowest).prop_map(move |step| Meant {
            text: format!("*/{step}"),
            values: any().step_by(step as usize).collect(),
        }),
        2 => (any(), any(), 1u32..4).prop_map(|(one, other, step)| {
            let (first, last) = (one.min(other), one.max(other));
            Meant { text: format!("{first}-{last}/{step}"), values: (first..=last).step_by(step as usize).collect() }
        }),
        3 => proptest::collection::btree_set(any(), 1..4).prop_map(|values| Meant {
            text: values.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
            values,
        }),
    ]
}

fn five_fields() -> impl Strategy<Value = [Meant; 5]> {
    let month = prop_oneof![4 => Just(Meant { text: "*".to_owned(), values: (1..=12).collect() }), 1 => field(1, 12)];
    (field(0, 59), field(0, 23), field(1, 31), month, field(0, 6)).prop_map(Into::into)
}

fn matches(fields: &[Meant; 5], clock: DateTime) -> bool {
    let [minute, hour, day, month, weekday] = fields;
    let has = |field: &Meant, value: i8| field.values.contains(&u32::from(value.unsigned_abs()));
    let is_day = has(day, clock.day());
    let is_weekday = has(weekday, clock.weekday().to_sunday_zero_offset());
    let is_either = if day.text.starts_with('*') || weekday.text.starts_with('*') {
        is_day && is_weekday
    } else {
        is_day || is_weekday
    };
    is_either && has(minute, clock.minute()) && has(hour, clock.hour()) && has(month, clock.month())
}

/// Walks minute by minute and watches the clock on the wall.
fn walked(fields: &[Meant; 5], zone: &TimeZone, start: Timestamp, minutes: i32) -> Vec<Timestamp> {
    let minute = SignedDuration::from_mins(1);
    let real_time = fields[..2].iter().any(|field| field.text.starts_with('*'));
    let mut newest = zone.to_datetime(start);
    let mut found = Vec::new();
    for passed in 1..=minutes {
        let instant = start + minute * passed;
        let clock = zone.to_datetime(instant);
        let mut fires = real_time && matches(fields, clock);
        while newest < clock {
            newest = newest.checked_add(minute).unwrap();
            fires |= !real_time && matches(fields, newest);
        }
        if fires {
            found.push(instant);
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn lines_fire_when_the_clock_on_the_wall_says_so(
        fields in five_fields(),
        (zone, start) in prop::sample::select(vec![
            ("UTC", "2028-02-27T00:00:00Z"),
            ("America/New_York", "2026-03-06T12:00:00Z"),
            ("America/New_York", "2026-10-30T12:00:00Z"),
            ("Australia/Lord_Howe", "2026-04-03T12:00:00Z"),
            ("Australia/Lord_Howe", "2026-10-02T12:00:00Z"),
            ("Pacific/Chatham", "2026-09-25T12:00:00Z"),
            ("America/Sao_Paulo", "2018-11-02T12:00:00Z"),
            ("Pacific/Apia", "2011-12-28T12:00:00Z"),
            ("Antarctica/Troll", "2026-03-27T12:00:00Z"),
        ]),
    ) {
        let minutes = 4 * 1_440;
        let zone = zone_from_name(zone).unwrap();
        let start: Timestamp = start.parse().unwrap();
        let expected = walked(&fields, &zone, start, minutes);
        let line = fields.map(|field| field.text).join(" ");
        match line.parse::<Crontab>() {
            Ok(crontab) => {
                let mut found = firings(&crontab, &zone, start, expected.len() + 1);
                found.retain(|firing| *firing <= start + SignedDuration::from_mins(1) * minutes);
                prop_assert_eq!(found, expected, "{}", line);
            }
            Err(error) => prop_assert!(error.to_string().ends_with("never occurs"), "{}", error),
        }
    }

    #[test]
    fn the_next_firing_is_later_and_grows(
        fields in five_fields(),
        zone in prop::sample::select(vec!["UTC", "America/New_York", "Pacific/Apia", "Africa/Monrovia", "Asia/Kathmandu"]),
        one in instants(),
        other in instants(),
    ) {
        let zone = zone_from_name(zone).unwrap();
        let line = fields.map(|field| field.text).join(" ");
        if let Ok(crontab) = line.parse::<Crontab>() {
            let (earlier, later) = (one.min(other), one.max(other));
            let firings = [earlier, later].map(|after| crontab.next_after(after, &zone));
            for (after, firing) in [earlier, later].into_iter().zip(firings) {
                prop_assert!(firing.is_none_or(|firing| firing > after));
            }
            let [first, second] = firings.map(|firing| firing.unwrap_or(Timestamp::MAX));
            prop_assert!(first <= second);
        }
    }
}

/// Mostly of our century, but any, and both ends.
fn instants() -> impl Strategy<Value = Timestamp> {
    let ends = prop_oneof![
        Just(Timestamp::MIN),
        Just(Timestamp::MAX),
        Just(Timestamp::UNIX_EPOCH)
    ];
    let seconds = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
    prop_oneof![
        6 => (0i64..4_200_000_000, 0i32..1_000_000_000).prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).unwrap()),
        2 => seconds.prop_map(|second| Timestamp::from_second(second).unwrap()),
        1 => ends,
    ]
}
