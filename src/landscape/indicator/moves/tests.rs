use super::*;
use crate::landscape::history::example::{day, history};

/// Every move as a line; what is upkeep ends with a star.
fn told(lines: &[&str]) -> Vec<String> {
    let all = moves(&history(lines), day(0), day(100));
    let line = |moved: &Move| {
        let number = super::super::days_between(day(0), moved.day);
        let star = if moved.is_upkeep { "*" } else { "" };
        format!("{number} {:?} {}{star}", moved.way, moved.model)
    };
    all.iter().map(line).collect()
}

#[test]
fn what_stood_in_a_baseline_did_not_come_but_goes_and_returns() {
    let lines = [
        "0..5 api xai grok-3",
        "7.. api xai grok-3",
        "2.. page xai grok-4",
    ];
    assert_eq!(told(&lines), ["5 Removed xai/grok-3", "7 Added xai/grok-3"]);
}

#[test]
fn what_only_a_baseline_calls_available_was_so_before() {
    let announced = "0.. registry xai grok-4 stage \"announced\"";
    let listed = ["0.. registry xai grok-4", announced];
    let page = ["4.. page xai grok-4", "4.. page xai grok-4 stage \"ga\""];
    assert_eq!(told(&[listed, page].concat()), [""; 0]);
    // read since the first day, the page tells of a beginning
    let watched = ["0.. page xai grok-3"];
    let told = told(&[&listed[..], &page, &watched].concat());
    assert_eq!(told, ["4 Added xai/grok-4"]);
}

#[test]
fn a_last_day_that_is_over_removes_what_is_still_listed() {
    let last = r#"{"date":"2025-06-04","certainty":"firm"}"#;
    let ends = format!("0.. api xai grok-3 date.retires {last}");
    assert_eq!(
        told(&["0.. api xai grok-3", &ends]),
        ["4 Removed xai/grok-3"]
    );
}

#[test]
fn a_registry_that_drops_or_catches_up_does_upkeep() {
    let launched = |id: &str, date: &str| {
        format!(r#"9.. registry xai {id} date.launch {{"date":"{date}","certainty":"firm"}}"#)
    };
    let (old, new) = (
        launched("grok-2", "2025-01-01"),
        launched("grok-4", "2025-06-09"),
    );
    let floor = r#"0..6 registry xai grok-3-mini date.retires {"date":"2025-06-05","certainty":"not_before"}"#;
    let lines = [
        "0..5 registry xai grok-3",
        "0..6 registry xai grok-3-mini",
        floor,
        "9.. registry xai grok-2",
        &old,
        "9.. registry xai grok-4",
        &new,
    ];
    let expected = [
        "5 Removed xai/grok-3*",
        "6 Removed xai/grok-3-mini",
        "9 Added xai/grok-2*",
        "9 Added xai/grok-4",
    ];
    assert_eq!(told(&lines), expected);
    // nobody calls it upkeep where the provider itself lists it
    assert_eq!(told(&["0..5 api xai grok-3"]), ["5 Removed xai/grok-3"]);
}
