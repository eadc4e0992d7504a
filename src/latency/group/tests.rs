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
        hourly: 0.0,
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

/// One that hardly moves.
const STILL: Kind = Kind {
    deviation: 0.05,
    lasting: 0.4,
    hourly: 0.0,
    rhythm: 0.12,
    spikes: 0.004,
    errors: 0.001,
};

#[test]
fn the_hours_of_business_are_no_shift_before_they_are_known() {
    for (seed, factor) in [(50, 1.6), (51, 2.0), (52, 2.5)] {
        let by_day = |point: i64| {
            let hour = point % DAY / 12;
            match hour {
                8 | 17 => f64::sqrt(factor),
                9..17 => factor,
                _ => 1.0,
            }
        };
        let events = judged(STILL, seed, 1, 20, |point, _| Some(by_day(point)));
        assert_eq!(events, [], "{factor}");
    }
}

#[test]
fn what_lasts_for_hours_raises_nothing() {
    let drifting = Kind {
        deviation: 0.1,
        lasting: 0.0,
        hourly: 0.12,
        ..STILL
    };
    for seed in 60..66 {
        let events = judged(drifting, seed, 1, 80, |point, _| {
            (point % 4 == 0).then_some(1.0)
        });
        assert_eq!(events, [], "{seed}");
    }
}

#[test]
fn a_still_series_that_is_asked_rarely_is_found_soon() {
    let (begin, end) = (30 * DAY + 80, 32 * DAY);
    let every_20_minutes: fn(i64) -> bool = |point| point % 4 == 0;
    let every_12_and_a_half = |point: i64| [0, 2].contains(&(point % 5));
    for (seed, is_asked) in
        (40..45).flat_map(|seed| [(seed, every_20_minutes), (seed, every_12_and_a_half)])
    {
        let events = judged(STILL, seed, 1, 34, |point, _| {
            let is_slow = (begin..end).contains(&point);
            is_asked(point).then_some(if is_slow { 1.45 } else { 1.0 })
        });
        let [
            (told, Event::Began(slow)),
            (over, Event::Recovered { since }),
        ] = &events[..]
        else {
            panic!("{seed}: {events:?}");
        };
        assert!(
            told - begin <= 30 && over - end <= 30,
            "{seed}: within two and a half hours: {told} {over}"
        );
        assert!((slow.since / POINT - begin).abs() <= 4, "{seed}: {slow:?}");
        assert!((since / POINT - end).abs() <= 4, "{seed}: {since}");
        assert!((1.3..1.6).contains(&slow.factor), "{slow:?}");
    }
}

/// A group of series 7 after nine days of [`USUAL`], as the first format had it.
const FIRST_FORM: &str = include_str!("first_form.hex");

#[test]
fn what_the_first_format_knew_of_its_series_is_kept() {
    let digits: Vec<u8> = FIRST_FORM.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).expect("digits");
        u8::from_str_radix(text, 16).expect("digits")
    };
    let kept: Vec<u8> = digits.chunks(2).map(byte).collect();
    let mut group = Group::decode(&kept).expect("the first format");
    let mut series = Simulated::new(USUAL, 1);
    let mut same = Group::default();
    for point in 0..9 * DAY {
        if let Some(micros) = series.next(point, 1.0) {
            same.add(7, point * POINT, micros);
        }
        same.judge((point + 1) * POINT);
    }
    let (read, made) = (&group.members[&7], &same.members[&7]);
    assert_eq!(read.baseline, made.baseline);
    let of = |member: &Member| member.detector.noise().last();
    assert_eq!(of(read), of(made));
    for point in 9 * DAY..20 * DAY {
        let factor = if point < 15 * DAY { 1.0 } else { 2.0 };
        if let Some(micros) = series.next(point, factor) {
            group.add(7, point * POINT, micros);
        }
        let events = group.judge((point + 1) * POINT);
        if !events.is_empty() {
            assert!(
                matches!(&events[..], [Event::Began(_)]) && point >= 15 * DAY,
                "{point}: {events:?}"
            );
        }
    }
    assert!(group.is_slow());
    let mut later = group.encode();
    later[0] = 3;
    assert_eq!(Group::decode(&later), Err(Broken::Format(3)));
}
