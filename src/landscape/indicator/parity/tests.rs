use super::*;
use crate::landscape::history::example::{day, history};

const MODEL: &str = "openai/gpt-5";

/// The lags of the model on a day; both providers have been watched since the first.
fn lags(lines: &[&str], on: i64) -> Vec<(String, Lag)> {
    let watched = ["0.. api openai unknown-a", "0.. api azure unknown-b"];
    let history = history(&[&watched[..], lines].concat());
    let courses = history.model(MODEL).expect("the model");
    let parity = parity(courses, day(on)).expect("an offering");
    parity.lags.into_iter().collect()
}

fn both(azure: Lag, openai: Lag) -> Vec<(String, Lag)> {
    vec![("azure".to_string(), azure), ("openai".to_string(), openai)]
}

#[test]
fn days_that_were_seen_make_an_exact_lag() {
    let lines = [
        "3.. api openai gpt-5-2025-08-07",
        "5..9 api azure gpt-5-2025-08-07",
    ];
    let expected = both(Lag::Exact(2), Lag::Exact(0));
    assert_eq!(lags(&lines, 5), expected);
    // it has gone since, and that says nothing of when it came
    assert_eq!(lags(&lines, 20), expected);
}

#[test]
fn what_stood_in_a_baseline_bounds_the_lag() {
    let here = "5.. api azure gpt-5-2025-08-07";
    let lines = ["0.. api openai gpt-5-2025-08-07", here];
    assert_eq!(lags(&lines, 9), both(Lag::AtLeast(5), Lag::Unknown));
    // a page that is read for the first time on the ninth day
    let lines = [
        "3.. api openai gpt-5-2025-08-07",
        "9.. page azure gpt-5-2025-08-07",
    ];
    assert_eq!(lags(&lines, 9), both(Lag::AtMost(6), Lag::Exact(0)));
    // the day that somebody saw is the day, whoever else had it by then
    let lines = [
        "3.. api openai gpt-5-2025-08-07",
        "3.. page azure gpt-5-2025-08-07",
    ];
    assert_eq!(lags(&lines, 9), both(Lag::Unknown, Lag::Exact(0)));
}

#[test]
fn an_earlier_stage_waits_and_a_later_one_is_no_way_back() {
    let lines = [
        "3.. api openai gpt-5-2025-08-07",
        "4.. api azure gpt-5-2025-08-07",
        "4..8 api azure gpt-5-2025-08-07 stage \"preview\"",
        "8..10 api azure gpt-5-2025-08-07 stage \"ga\"",
        "10.. api azure gpt-5-2025-08-07 stage \"preview\"",
    ];
    let waiting = Lag::Waiting {
        days: 4,
        at_least: false,
    };
    assert_eq!(lags(&lines, 7), both(waiting, Lag::Exact(0)));
    assert_eq!(lags(&lines, 12), both(Lag::Exact(5), Lag::Exact(0)));
}

#[test]
fn what_was_over_when_it_was_first_read_is_not_waited_for() {
    let of_azure = |stage: &str| {
        let azure = format!("0.. page azure gpt-5-2025-08-07 stage \"{stage}\"");
        let lines = [
            "3.. api openai gpt-5-2025-08-07",
            "0.. page azure gpt-5-2025-08-07",
            &azure,
        ];
        let lags = lags(&lines, 9);
        lags.into_iter().find(|(provider, _)| provider == "azure")
    };
    assert_eq!(of_azure("retired"), None);
    for stage in ["announced", "preview", "limited"] {
        let lag = of_azure(stage).map(|(_, lag)| lag);
        assert!(
            matches!(lag, Some(Lag::Waiting { days: 6, .. })),
            "{stage}: {lag:?}"
        );
    }
}

#[test]
fn a_registry_that_catches_up_tells_no_first_day() {
    let listed = |launch: &str| {
        let lines = [
            "3.. api openai gpt-5-2025-08-07".to_string(),
            "0.. registry azure unknown-c".to_string(),
            "70.. registry azure gpt-5-2025-08-07".to_string(),
            format!("70.. registry azure gpt-5-2025-08-07 date.launch {launch}"),
        ];
        lags(&lines.each_ref().map(String::as_str), 80)
    };
    let launch = |day: &str| format!(r#"{{"date":"{day}","certainty":"firm"}}"#);
    // the seventieth day is the 10th of August
    let late = listed(&launch("2025-06-10"));
    assert_eq!(late, both(Lag::AtMost(67), Lag::Exact(0)));
    let fresh = listed(&launch("2025-06-11"));
    assert_eq!(fresh, both(Lag::Exact(67), Lag::Exact(0)));
}
