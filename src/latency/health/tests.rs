use super::*;
use crate::latency::simulated::Random;

const EVERY: i64 = 300_000;

fn said(health: &mut Health, words: &str, from: i64) -> Vec<(usize, Condition, i64)> {
    let mut turns = Vec::new();
    for (n, word) in words.chars().enumerate() {
        let at = from + n as i64 * EVERY;
        if word != ' ' {
            health.add(at, word == 'x');
        }
        if let Some(turned) = health.judge(|_| false) {
            turns.push((n, turned.to, (turned.since - from) / EVERY));
        }
    }
    turns
}

#[test]
fn trouble_begins_with_its_first_bad_sample_and_ends_with_a_good_one() {
    for (words, turns) in [
        ("..........x..........", vec![]),
        (".....x.xx............", vec![]),
        (
            "......xxxxxx......",
            vec![(9, Condition::Down, 6), (14, Condition::Up, 12)],
        ),
        // one good one between, and gaps, end nothing
        (
            "....xx.xx xx.x......",
            vec![(8, Condition::Down, 4), (16, Condition::Up, 14)],
        ),
        // a third fails: that is degraded, and it takes long to be trusted again
        (
            "............x..x..x..x..x..x..x..............................",
            vec![(27, Condition::Degraded, 12), (47, Condition::Up, 31)],
        ),
        // it gets worse
        (
            "............x..x..x..x..x..xxxx..x.........",
            vec![
                (27, Condition::Degraded, 12),
                (30, Condition::Down, 27),
                (36, Condition::Up, 34),
            ],
        ),
    ] {
        let found = said(&mut Health::default(), words, 0);
        let short = |turns: &[(usize, Condition, i64)]| format!("{turns:?}");
        assert_eq!(short(&found), short(&turns), "{words}");
    }
}

#[test]
fn what_is_ours_is_taken_back() {
    let mut health = Health::default();
    for at in 0..6 {
        health.add(at * EVERY, at > 1);
        assert_eq!(health.judge(|at| at >= 2 * EVERY), None);
    }
    assert_eq!(health.condition(), Condition::Up);
}

#[test]
fn a_target_that_is_asked_often_must_fail_for_a_while() {
    let mut health = Health::default();
    let turned: Vec<i64> = (0..100)
        .filter_map(|n| {
            health.add(n * 10_000, n >= 50);
            health.judge(|_| false).map(|_| n)
        })
        .collect();
    assert_eq!(turned, [62], "after two minutes");
}

#[test]
fn late_samples_take_their_place() {
    let words = "....xxxxx.....x..xx......";
    let mut in_order = Health::default();
    said(&mut in_order, words, 0);
    let mut late = Health::default();
    let mut all: Vec<(i64, bool)> = words
        .chars()
        .enumerate()
        .map(|(n, word)| (n as i64 * EVERY, word == 'x'))
        .collect();
    all.swap(1, 2);
    all.swap(6, 7);
    for (at, is_bad) in &all {
        late.add(*at, *is_bad);
        late.judge(|_| false);
    }
    assert_eq!(late.last, in_order.last);
    assert_eq!(late.condition, in_order.condition);
}

#[test]
fn a_restart_changes_nothing() {
    let words = "....xxxxx.....x..x.x.x.x.x.x.x.xx......................";
    let mut whole = Health::default();
    let turns = said(&mut whole, words, 0);
    assert!(turns.len() >= 3, "{turns:?}");
    let mut again = Health::default();
    let mut found = Vec::new();
    for n in 0..words.len() {
        again = Health::decode(&again.encode()).expect("its own form");
        let of = said(&mut again, &words[n..=n], n as i64 * EVERY);
        found.extend(
            of.into_iter()
                .map(|(_, to, since)| (n, to, since + n as i64)),
        );
    }
    assert_eq!(found, turns);
    assert!(Health::decode(&[1, 9]).is_err());
}

#[test]
fn errors_by_chance_are_no_trouble() {
    for share in [0.01, 0.03, 0.1] {
        let mut turns = 0;
        let days = 1_000;
        let mut random = Random::new(7);
        let mut health = Health::default();
        for n in 0..days * 288 {
            health.add(n * EVERY, random.share() < share);
            turns += i32::from(health.judge(|_| false).is_some());
        }
        // of one in ten, five in a row are no rarity; whoever they are, they are told
        let told = if share > 0.05 { 20 } else { 0 };
        assert!(turns <= told, "{share}: {turns} in {days} days");
    }
}
