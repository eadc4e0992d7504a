use proptest::prelude::*;

use super::*;
use crate::market::{ProbeId, Scope};

fn source(name: &str) -> SourceId {
    SourceId {
        probe: ProbeId::from(name),
        scope: Scope::from(""),
    }
}

fn at(text: &str) -> Timestamp {
    format!("2026-06-01T{text}Z").parse().unwrap()
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// A clock whose firings are those of its schedule, so that the cases can be read.
fn unshifted(schedule: Schedule) -> SourceClock {
    SourceClock {
        schedule,
        seed: 0,
        delay: SignedDuration::ZERO,
    }
}

fn half_hourly() -> [SourceClock; 2] {
    [
        unshifted(Schedule::every("30m").unwrap()),
        unshifted(Schedule::cron("0,30 * * * *", "UTC").unwrap()),
    ]
}

fn succeeded(last: &str) -> Attempts {
    Attempts {
        last: Some(at(last)),
        ..Attempts::default()
    }
}

fn asked_to_wait(last: &str, wait: i64) -> Attempts {
    Attempts {
        last: Some(at(last)),
        consecutive_failures: 1,
        retry_after: Some(seconds(wait)),
    }
}

fn due(scheduled_for: &str, missed: u64) -> Turn {
    Turn::Due {
        scheduled_for: at(scheduled_for),
        missed,
    }
}

fn not_due(next: &str) -> Turn {
    Turn::NotDue { next: at(next) }
}

fn check(cases: &[(Attempts, &str, Turn)]) {
    for clock in half_hourly() {
        for (attempts, now, expected) in cases {
            let turn = clock.turn(*attempts, at(now));
            assert_eq!(turn, *expected, "{} {attempts:?} {now}", clock.schedule);
        }
    }
}

#[test]
fn regular_turns() {
    check(&[
        (Attempts::default(), "10:07:00", due("10:07:00", 0)),
        (succeeded("10:07:00"), "10:07:00", not_due("10:30:00")),
        (succeeded("10:07:00"), "10:29:59.999", not_due("10:30:00")),
        (succeeded("10:07:00"), "10:30:00", due("10:30:00", 0)),
        (succeeded("10:07:00"), "10:59:59", due("10:30:00", 0)),
        (succeeded("10:30:00"), "10:30:00", not_due("11:00:00")),
        (succeeded("10:30:00.5"), "10:30:01", not_due("11:00:00")),
    ]);
}

#[test]
fn what_was_missed_is_caught_up_once() {
    check(&[
        (succeeded("10:07:00"), "11:00:00", due("11:00:00", 1)),
        (succeeded("10:07:00"), "20:15:00", due("20:00:00", 19)),
        (succeeded("20:15:00"), "20:15:01", not_due("20:30:00")),
    ]);
}

#[test]
fn retry_after_is_a_floor() {
    check(&[
        // Later than the back-off of about 30 s, before the next firing.
        (
            asked_to_wait("10:07:00", 600),
            "10:16:59",
            not_due("10:17:00"),
        ),
        (
            asked_to_wait("10:07:00", 600),
            "10:17:00",
            due("10:17:00", 0),
        ),
        // Beyond the next firings, which it forbids: they are not missed.
        (
            asked_to_wait("10:07:00", 7_200),
            "11:30:00",
            not_due("12:07:00"),
        ),
        (
            asked_to_wait("10:07:00", 7_200),
            "12:07:01",
            due("12:07:00", 0),
        ),
        (
            asked_to_wait("10:07:00", 7_200),
            "13:00:00",
            due("13:00:00", 1),
        ),
        // Never beyond a day.
        (
            asked_to_wait("00:00:00", 86_400 * 30),
            "23:59:59",
            Turn::NotDue {
                next: at("00:00:00") + seconds(86_400),
            },
        ),
    ]);
}

#[test]
fn an_absurd_retry_after_changes_nothing() {
    for clock in half_hourly() {
        let plain = Attempts {
            retry_after: None,
            ..asked_to_wait("10:07:00", 0)
        };
        let negative = Attempts {
            retry_after: Some(SignedDuration::MIN),
            ..plain
        };
        let now = at("10:07:10");
        assert_eq!(clock.turn(negative, now), clock.turn(plain, now));
    }
}

#[test]
fn back_off_doubles_with_little_jitter_up_to_its_bounds() {
    let daily = SourceClock::new(Schedule::every("30d").unwrap(), &source("openai.models"));
    for failures in 1..=40u32 {
        let nominal = f64::from(30u32 << (failures - 1).min(20));
        let waits = daily.back_off(failures);
        let low = (nominal * 0.9).min(21_600.0);
        let high = (nominal * 1.1).min(21_600.0);
        assert!(
            (low..=high).contains(&waits.as_secs_f64()),
            "{failures}: {waits:?}"
        );
        assert_eq!(waits, daily.back_off(failures));
    }
    assert_eq!(daily.back_off(u32::MAX), LONGEST_BACK_OFF);

    let others: std::collections::BTreeSet<SignedDuration> = (0..100)
        .map(|number| source(&format!("p.{number}")))
        .map(|source| SourceClock::new(Schedule::every("1d").unwrap(), &source).back_off(3))
        .collect();
    assert!(others.len() > 50, "sources do not retry together");
}

#[test]
fn retries_come_before_the_regular_firing_and_never_after_it() {
    for clock in half_hourly() {
        let last = at("10:07:00");
        for failures in 1..=20 {
            let attempts = Attempts {
                last: Some(last),
                consecutive_failures: failures,
                retry_after: None,
            };
            let expected = (last + clock.back_off(failures)).min(at("10:30:00"));
            assert_eq!(clock.turn(attempts, last), Turn::NotDue { next: expected });
            assert_eq!(
                clock.turn(attempts, expected),
                Turn::Due {
                    scheduled_for: expected,
                    missed: 0
                }
            );
        }
        let attempts = Attempts {
            last: Some(last),
            consecutive_failures: 1,
            retry_after: None,
        };
        assert_eq!(clock.turn(attempts, at("12:01:00")), due("12:00:00", 3));
    }
}

#[test]
fn a_clock_set_back_does_not_freeze_a_source() {
    check(&[
        // A little: the next firing is as it was.
        (succeeded("10:07:00"), "10:06:59", not_due("10:30:00")),
        (succeeded("10:29:59"), "10:00:00", not_due("10:30:00")),
        (
            asked_to_wait("10:07:00", 60),
            "10:06:59",
            not_due("10:08:00"),
        ),
        // Past a firing: what is remembered is worthless.
        (succeeded("10:30:00"), "10:29:59", due("10:29:59", 0)),
        (succeeded("23:00:00"), "10:07:00", due("10:07:00", 0)),
        (
            asked_to_wait("23:00:00", 3_600),
            "10:07:00",
            due("10:07:00", 0),
        ),
    ]);
}

#[test]
fn a_daemon_that_ticks_asks_once_a_firing_whatever_its_clock_does() {
    for clock in half_hourly() {
        let mut attempts = Attempts {
            last: Some(at("10:00:00") + SignedDuration::from_hours(24 * 365)),
            ..Attempts::default()
        };
        let mut asked = Vec::new();
        // Set back by a year at 10:07, then six hours, then asleep for six more, then one.
        let awake = (0..6 * 360).chain(12 * 360..13 * 360);
        for now in awake.map(|tick| at("10:07:00") + seconds(10 * tick)) {
            if let Turn::Due { missed, .. } = clock.turn(attempts, now) {
                attempts.last = Some(now);
                asked.push((now, missed));
            }
        }
        let asked_late: Vec<_> = asked.iter().filter(|(_, missed)| *missed > 0).collect();
        // 1 at once, 12 in six hours, 1 that catches up, 2 in the last hour.
        assert_eq!(asked.len(), 16);
        assert_eq!(asked_late, [&(at("22:07:00"), 11)]);
    }
}

#[test]
fn sources_are_spread_evenly_and_keep_their_place() {
    for (schedule, spread) in [
        (Schedule::every("1h").unwrap(), 3_600),
        (Schedule::every("1d").unwrap(), 86_400),
        (Schedule::cron("0 6 * * *", "Europe/Berlin").unwrap(), 60),
    ] {
        let mut tenths = [0; 10];
        for number in 0..1_000 {
            let source = source(&format!("provider.probe{number}"));
            let clock = SourceClock::new(schedule.clone(), &source);
            assert_eq!(clock, SourceClock::new(schedule.clone(), &source));
            let delay = clock.delay().as_secs();
            assert!((0..spread).contains(&delay));
            tenths[usize::try_from(delay * 10 / spread).unwrap()] += 1;
        }
        assert!(
            tenths.iter().all(|count| (60..=140).contains(count)),
            "{tenths:?}"
        );
    }
}

#[test]
fn scopes_of_one_probe_are_spread_too() {
    let delays = ["northeurope", "eastus", ""].map(|scope| {
        let source = SourceId {
            probe: ProbeId::from("azure.models"),
            scope: Scope::from(scope),
        };
        SourceClock::new(Schedule::every("1d").unwrap(), &source)
            .delay()
            .as_secs()
    });
    // The phases are part of the contract: a new hash would ask every source again out of turn.
    assert_eq!(delays, [57_633, 72_377, 25_882]);
}

#[test]
fn firings_are_those_of_the_schedule_each_later_by_the_delay() {
    let now = at("10:07:00");
    for schedule in [
        Schedule::every("90s").unwrap(),
        Schedule::cron("* * * * *", "UTC").unwrap(),
    ] {
        let clock = SourceClock::new(schedule.clone(), &source("openai.models"));
        let shifted = clock.next_firings(now, 5);
        let expected = schedule.next_firings(earlier(now, clock.delay()), 5);
        let expected: Vec<Timestamp> = expected
            .iter()
            .map(|firing| *firing + clock.delay())
            .collect();
        assert_eq!(shifted, expected);
        assert!(shifted.is_sorted() && shifted.first().is_some_and(|first| *first > now));
    }
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let every = (0i64..100_000_000).prop_map(|period| Schedule::Every(seconds(period)));
    let lines = vec![
        "* * * * *",
        "30 2 * * *",
        "*/7 * * * mon",
        "0 0 29 2 *",
        "0 0 1 1 *",
    ];
    let cron = prop::sample::select(lines)
        .prop_map(|line| Schedule::cron(line, "America/New_York").unwrap());
    prop_oneof![every, cron]
}

fn instants() -> impl Strategy<Value = Timestamp> {
    let any = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
    prop_oneof![
        4 => (1_700_000_000i64..1_800_000_000, 0i32..1_000_000_000).prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).unwrap()),
        1 => any.prop_map(|second| Timestamp::from_second(second).unwrap()),
        1 => Just(Timestamp::MIN),
        1 => Just(Timestamp::MAX),
    ]
}

proptest! {
    #[test]
    fn turns_point_the_right_way_and_waiting_for_them_is_enough(
        schedule in schedules(),
        name in "[a-z]{1,8}",
        last in proptest::option::of(instants()),
        consecutive_failures in prop_oneof![Just(0), 0u32..12, Just(u32::MAX)],
        retry_after in proptest::option::of(prop_oneof![(-10i64..200_000).prop_map(seconds), Just(SignedDuration::MAX), Just(SignedDuration::MIN)]),
        now in instants(),
    ) {
        let clock = SourceClock::new(schedule, &source(&name));
        let attempts = Attempts { last, consecutive_failures, retry_after };
        match clock.turn(attempts, now) {
            Turn::Due { scheduled_for, .. } => prop_assert!(scheduled_for <= now),
            Turn::NotDue { next } => {
                prop_assert!(next > now || next == Timestamp::MAX);
                let is_due = matches!(clock.turn(attempts, next), Turn::Due { missed: 0, .. });
                prop_assert!(is_due || next == Timestamp::MAX);
            }
        }
    }
}
