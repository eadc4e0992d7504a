//! Shifts of small histories.

use super::*;
use crate::landscape::history::example::{day, history};
use crate::landscape::indicator::days_between;

/// The shifts of some days as lines: the number of the day, what it is about, and who.
fn told(lines: &[String], from: i64, to: i64) -> Vec<String> {
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let history = history(&lines);
    let reference = Reference::shipped();
    let baskets = Baskets::new(&history, reference, day(to));
    let ground = Ground {
        history: &history,
        baskets: &baskets,
        reference,
        watched: &BTreeSet::new(),
    };
    let all = shifts(&ground, day(from), day(to));
    all.iter()
        .map(|shifted| {
            let (number, shift) = (days_between(day(0), shifted.day), &shifted.shift);
            format!(
                "{number} {} {}",
                shift.subject(),
                shift.provider().unwrap_or("-")
            )
        })
        .collect()
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(ToString::to_string).collect()
}

/// Flagships of which azure has one, and later the second and third that bedrock has.
fn race(source: &str, launch: &str) -> Vec<String> {
    let mut all = lines(&[
        "0.. api bedrock llama-4-maverick",
        "0.. api bedrock nova-pro",
        "0.. registry azure gpt-5-2025-08-07",
        "0.. page azure unknown-a",
    ]);
    for id in ["grok-4", "mistral-large-2411"] {
        all.push(format!("70.. {source} azure {id}"));
        all.push(format!(
            r#"70.. {source} azure {id} date.launch {{"date":"{launch}","certainty":"firm"}}"#
        ));
    }
    all
}

#[test]
fn a_leader_is_who_has_more_for_two_days() {
    let fresh = "2025-08-01";
    assert_eq!(told(&race("page", fresh), 0, 90), ["71 coverage azure"]);
    assert_eq!(told(&race("registry", fresh), 0, 90), ["71 coverage azure"]);
    // one of them goes on the day after: they draw level again
    let mut short = race("page", fresh);
    for line in &mut short {
        *line = line.replace("70.. page azure grok-4", "70..71 page azure grok-4");
    }
    assert_eq!(told(&short, 0, 90), [""; 0]);
}

#[test]
fn what_records_catch_up_with_makes_no_leader() {
    let old = "2025-05-01";
    assert_eq!(told(&race("registry", old), 0, 90), [""; 0]);
    // what the provider itself says is no upkeep, whenever the model came out
    assert_eq!(told(&race("page", old), 0, 90), ["71 coverage azure"]);
    // a page that is read for the first time on that day
    let mut first = race("page", "2025-08-01");
    first.retain(|line| !line.contains("unknown-a"));
    assert_eq!(told(&first, 0, 90), [""; 0]);
}

/// A price that falls by a tenth every day from the twentieth on.
fn falling() -> Vec<String> {
    let mut all = lines(&["0.. api xai grok-3"]);
    let mut price = 10_000.0;
    for number in 0..60 {
        if number >= 20 {
            price *= 0.9;
        }
        for meter in ["input", "output"] {
            let next = number + 1;
            all.push(format!(
                "{number}..{next} api xai grok-3 price.{meter} \"{price:.4}\""
            ));
        }
    }
    all
}

#[test]
fn a_basket_that_goes_on_moving_is_told_once_a_week_whoever_asks() {
    let falling = falling();
    let expected = ["21 basket -", "28 basket -", "35 basket -", "42 basket -"];
    assert_eq!(told(&falling, 0, 48), expected);
    let by_day: Vec<String> = (0..=48)
        .flat_map(|number| told(&falling, number, number))
        .collect();
    assert_eq!(by_day, expected);
}

#[test]
fn what_a_registry_drops_moves_no_basket() {
    let priced = |days: &str, source: &str, provider: &str, amount: &str| {
        let of = |said: &str| format!("{days} {source} {provider} grok-3{said}");
        vec![
            of(""),
            of(&format!(" price.input \"{amount}\"")),
            of(&format!(" price.output \"{amount}\"")),
        ]
    };
    let dear = priced("0..", "api", "xai", "2");
    let dropped = [dear.clone(), priced("0..10", "registry", "azure", "1")].concat();
    assert_eq!(told(&dropped, 0, 30), [""; 0]);
    let ended = [dear, priced("0..10", "page", "azure", "1")].concat();
    assert_eq!(told(&ended, 0, 30), ["11 basket -", "11 xai/grok-3 azure"]);
}

#[test]
fn five_that_come_to_a_quiet_provider_are_a_burst() {
    let burst = |models: &[&str], begin: i64| {
        let mut all = lines(&[&format!("{begin}.. api openai gpt-4.1-2025-04-14")]);
        let listed = models.iter().enumerate();
        all.extend(listed.map(|(place, id)| format!("{}.. api openai {id}", 80 + place)));
        told(&all, 0, 100)
    };
    let five = [
        "gpt-5-2025-08-07",
        "gpt-5-mini-2025-08-07",
        "gpt-5-nano-2025-08-07",
        "gpt-4o-2024-11-20",
        "o3-2025-04-16",
    ];
    assert_eq!(burst(&five, 0), ["84 added openai"]);
    assert_eq!(burst(&five[1..], 0), [""; 0]);
    // nobody knows what is usual after four weeks
    assert_eq!(burst(&five, 50), [""; 0]);
}

#[test]
fn the_last_source_is_told_on_its_second_day() {
    let end = |days: &str, source: &str| {
        let ended = format!("{days} {source} azure grok-3");
        told(&lines(&["0.. api xai grok-3", &ended]), 0, 30)
    };
    assert_eq!(end("0..10", "api"), ["11 xai/grok-3 azure"]);
    assert_eq!(end("0..10", "registry"), [""; 0]);
    // a reseller is no source
    let resold = told(
        &lines(&["0.. api xai grok-3", "0..10 api openrouter x-ai/grok-3"]),
        0,
        30,
    );
    assert_eq!(resold, [""; 0]);
}
