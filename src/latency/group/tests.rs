use super::*;
use crate::latency::simulated::{Kind, Simulated, USUAL};

const DAY: i64 = 288;

/// Days of series that are judged together, `factor` times as slow at a point; the events with the point at whose end they came.
fn judged(
    kind: Kind,
    seed: u64,
    members: i64,
    days: i64,
    factor: impl Fn(i64, i64) -> Option<f64>,
) -> Vec<(i64, Event)> {
    let mut series: Vec<Simulated> = (0..members)
        .map(|member| Simulated::new(kind, seed * 100 + member.unsigned_abs()))
        .collect();
    let mut group = Group::default();
    let mut events = Vec::new();
    for point in 0..days * DAY {
        for (member, series) in (0..).zip(&mut series) {
            let micros = series.next(point, factor(point, member).unwrap_or(1.0));
            if let Some(micros) = micros.filter(|_| factor(point, member).is_some()) {
                group.add(member, point * POINT, micros);
            }
        }
        if point % 97 == 0 {
            group = Group::decode(&group.encode()).expect("its own form");
        }
        let turned = group.judge((point + 1) * POINT);
        events.extend(turned.into_iter().map(|event| (point, event)));
    }
    events
}

#[test]
fn rhythm_spikes_and_errors_raise_nothing() {
    let restless = Kind {
        deviation: 0.5,
        lasting: 0.3,
        rhythm: 0.6,
        spikes: 0.01,
        errors: 0.03,
    };
    for (kind, seed, members) in [(USUAL, 1, 1), (USUAL, 2, 4), (restless, 3, 1)] {
        let events = judged(kind, seed, members, 90, |_, _| Some(1.0));
        assert_eq!(events, [], "seed {seed}");
    }
}

#[test]
fn a_step_is_told_once_and_so_is_its_end() {
    let (begin, end) = (24 * DAY + 77, 26 * DAY);
    let mut found = Vec::new();
    for seed in 10..15 {
        let events = judged(USUAL, seed, 6, 27, |point, _| {
            Some(if (begin..end).contains(&point) {
                2.0
            } else {
                1.0
            })
        });
        let [
            (told, Event::Began(slow)),
            (over, Event::Recovered { since }),
        ] = &events[..]
        else {
            panic!("{events:?}");
        };
        found.push(told - begin + 1);
        assert!((slow.since / POINT - begin).abs() <= 4, "{slow:?}");
        assert!((1.5..2.7).contains(&slow.factor), "{slow:?}");
        assert!((60_000.0..170_000.0).contains(&slow.before), "{slow:?}");
        assert!(slow.slower.len() >= 4 && slow.of == 6, "{slow:?}");
        assert!(
            over - end < 15 && (since / POINT - end).abs() <= 2,
            "{over} {since}"
        );
    }
    found.sort_unstable();
    assert!(found[3] <= 6, "within 30 minutes: {found:?}");
}

#[test]
fn one_series_alone_is_found_later() {
    let begin = 24 * DAY + 77;
    let mut found = Vec::new();
    for seed in 20..32 {
        let events = judged(USUAL, seed, 1, 26, |point, _| {
            Some(if point >= begin { 2.0 } else { 1.0 })
        });
        let (told, Event::Began(slow)) = events.first().expect("found") else {
            panic!("{events:?}");
        };
        assert_eq!((events.len(), &slow.slower[..]), (1, &[0][..]));
        found.push(told - begin + 1);
    }
    found.sort_unstable();
    assert!(
        found[0] > 4 && found[5] <= 40 && found[11] <= 72,
        "{found:?}"
    );
}

#[test]
fn one_of_many_is_told_as_one_and_a_pause_ends_nothing() {
    let begin = 30 * DAY;
    let events = judged(USUAL, 40, 4, 33, |point, member| {
        let is_away = (31 * DAY..31 * DAY + 100).contains(&point);
        (!is_away).then_some(if point >= begin && member == 2 {
            4.0
        } else {
            1.0
        })
    });
    let [(told, Event::Began(slow))] = &events[..] else {
        panic!("{events:?}");
    };
    assert!(told - begin < 24, "{told}");
    assert!(
        slow.slower.contains(&2) && slow.slower.len() <= 2,
        "{slow:?}"
    );
}

#[test]
fn a_level_that_stays_is_the_new_normal() {
    let begin = 30 * DAY;
    let events = judged(USUAL, 50, 3, 60, |point, _| {
        Some(if point >= begin { 2.0 } else { 1.0 })
    });
    let [(_, Event::Began(_)), (new, Event::NewNormal { .. })] = &events[..] else {
        panic!("{events:?}");
    };
    assert!(
        (new - begin - 7 * DAY).abs() <= 24,
        "after a week: {}",
        new - begin
    );
}

#[test]
fn a_drift_is_told_without_flapping() {
    for days in [5, 20] {
        let begin = 30 * DAY;
        let events = judged(USUAL, 60, 2, 75, |point, _| {
            let gone = (point - begin).max(0) as f64 / (days * DAY) as f64;
            Some(2f64.powf(gone.min(1.0)))
        });
        let began = events.iter().filter(|(_, e)| matches!(e, Event::Began(_)));
        let recovered = |e: &Event| matches!(e, Event::Recovered { .. });
        assert!((1..=2).contains(&began.count()), "{days} days: {events:?}");
        assert!(
            !events.iter().any(|(_, e)| recovered(e)),
            "{days} days: {events:?}"
        );
    }
}

#[test]
fn late_durations_judge_nothing() {
    let mut group = Group::default();
    group.add(1, 0, 5.0);
    group.add(1, 301, 5.0);
    assert_eq!(group.judge(600), []);
    let before = group.clone();
    group.add(1, 300, 7.0);
    group.add(1, 599, f64::NAN);
    assert_eq!(group, before);
    assert!(Group::decode(&before.encode()[..9]).is_err());
}
