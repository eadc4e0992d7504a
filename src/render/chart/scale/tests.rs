use proptest::prelude::*;

use super::*;

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn labels(from: &str, to: &str, room: f64) -> String {
    let span = Span::new(moment(from), moment(to));
    let ticks: Vec<String> = span
        .ticks(room)
        .into_iter()
        .map(|tick| match tick.below {
            Some(below) => format!("{}/{below}", tick.label),
            None => tick.label,
        })
        .collect();
    ticks.join(" ")
}

#[test]
fn numbers_have_round_ticks() {
    for (numbers, expected) in [
        (vec![], "0.0 0.2 0.4 0.6 0.8 1.0"),
        (vec![0.0], "0.0 0.2 0.4 0.6 0.8 1.0"),
        (vec![0.0, 11.0], "0 5 10 15"),
        (vec![5.0], "2 3 4 5 6 7 8"),
        (
            vec![-3.0, 12_000.0],
            "−5\u{a0}000 0 5\u{a0}000 10\u{a0}000 15\u{a0}000",
        ),
        (vec![0.02, 0.075], "0.02 0.04 0.06 0.08"),
        (
            vec![f64::NAN, f64::INFINITY, 1e300, 1.0, 2.0],
            "1.0 1.2 1.4 1.6 1.8 2.0",
        ),
    ] {
        let range = Range::linear(numbers.clone(), 5);
        let found: Vec<String> = range.ticks.iter().map(|tick| range.label(*tick)).collect();
        assert_eq!(found.join(" "), expected, "{numbers:?}");
    }
}

#[test]
fn factors_have_round_ticks_even_inside_one_decade() {
    for (numbers, expected) in [
        (vec![], "1 2 5 10"),
        (vec![400.0, 900.0], "200 500 1\u{a0}000"),
        (vec![0.15, 60.0], "0.1 1 10 100"),
        (vec![130.0, 14_000.0], "100 1\u{a0}000 10\u{a0}000"),
        (vec![5.0, -2.0, f64::NAN], "5 10 20 50"),
    ] {
        let range = Range::logarithmic(numbers.clone(), 5);
        let found: Vec<String> = range.ticks.iter().map(|tick| range.label(*tick)).collect();
        assert_eq!(found.join(" "), expected, "{numbers:?}");
    }
}

#[test]
fn times_have_round_ticks_and_say_what_they_belong_to() {
    let spans = [
        ("2026-11-25T22:00:00Z", "2026-11-26T08:30:00Z"),
        ("2026-11-25T22:10:00Z", "2026-11-25T22:50:00Z"),
        ("2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z"),
        ("2025-12-20T00:00:00Z", "2026-01-20T00:00:00Z"),
        ("2025-06-20T00:00:00Z", "2026-11-20T00:00:00Z"),
        ("1990-06-20T00:00:00Z", "2026-11-20T00:00:00Z"),
        ("2026-11-09T00:00:00Z", "2026-11-09T00:00:00Z"),
    ];
    let all: Vec<String> = spans
        .into_iter()
        .map(|(from, to)| labels(from, to, 400.0))
        .collect();
    insta::assert_snapshot!(all.join("\n"), @"
    00:00/26 Nov 03:00 06:00
    22:15/25 Nov 22:30 22:45
    9 Nov/2026 11 Nov 13 Nov 15 Nov
    22 Dec/2025 29 Dec 5 Jan/2026 12 Jan 19 Jan
    Jul/2025 Sep Nov Jan/2026 Mar May Jul Sep Nov
    1995 2000 2005 2010 2015 2020 2025
    00:00/9 Nov 06:00 12:00 18:00 00:00/10 Nov
    ");
}

proptest! {
    #[test]
    fn labels_of_times_have_their_room(from in -62_000_000_000_i64..250_000_000_000, length in 1_i64..90_000_000_000, room in 62.0_f64..1200.0) {
        let span = Span::new(Timestamp::from_second(from).expect("a moment"), Timestamp::from_second((from + length).min(253_000_000_000)).expect("a moment"));
        let ticks = span.ticks(room);
        let places: Vec<f64> = ticks.iter().map(|tick| span.share(tick.at) * room).collect();
        for (one, other) in places.iter().zip(places.iter().skip(1)) {
            prop_assert!(other - one > 40.0, "{:?}", ticks);
        }
    }

    #[test]
    fn ranges_are_finite_whatever_they_hold(numbers in proptest::collection::vec(any::<f64>(), 0..20)) {
        for range in [Range::linear(numbers.clone(), 5), Range::logarithmic(numbers.clone(), 5)] {
            prop_assert!(range.low.is_finite() && range.high.is_finite() && range.low < range.high, "{:?}", range);
            prop_assert!(range.ticks.len() <= 51, "{:?}", range);
            for number in &numbers {
                prop_assert!((0.0..=1.0).contains(&range.share(*number)));
            }
        }
    }
}
