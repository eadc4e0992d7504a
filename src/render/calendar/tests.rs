//! The calendar, unfolded and read again.

use proptest::prelude::*;

use super::*;
use crate::market::LifecycleDate;
use crate::render::samples::{HOSTILE, moment};

fn milestone(name: &str, date: &str, certainty: Certainty) -> Milestone {
    Milestone {
        provider: "azure".to_string(),
        name: name.to_string(),
        kind: DateKind::Retires,
        date: LifecycleDate::from_printed(date, certainty).expect("a day"),
        mark: String::new(),
        only: BTreeSet::new(),
        regions: BTreeSet::from(["eastus2".to_string(), "swedencentral".to_string()]),
        deployments: BTreeSet::from(["GlobalStandard".to_string()]),
        native_ids: BTreeSet::from(["gpt-4o@2024-08-06".to_string()]),
        sources: BTreeSet::from(["azure.models@eastus2 (provider-api)".to_string()]),
        replacements: BTreeSet::from(["gpt-5, or more; \\ that".to_string()]),
        since: moment("2026-03-01T06:30:00Z"),
    }
}

fn firm(date: &str) -> Milestone {
    milestone("openai/gpt-4o@2024-08-06", date, Certainty::Firm)
}

const NOW: &str = "2026-09-01T00:00:00Z";

/// The logical lines.
fn lines(calendar: &str) -> Vec<String> {
    assert!(calendar.ends_with("\r\n"));
    let unfolded = calendar.replace("\r\n ", "");
    let lines = unfolded.split_terminator("\r\n");
    lines.map(str::to_string).collect()
}

fn values<'a>(lines: &'a [String], name: &str) -> Vec<&'a str> {
    let named = |line: &'a String| line.strip_prefix(name)?.strip_prefix(':');
    lines.iter().filter_map(named).collect()
}

#[test]
fn a_firm_day_and_a_floor_are_told_apart() {
    let floor = milestone("openai/gpt-5", "2026-11", Certainty::NotBefore);
    let mut sooner = firm("2026-10-01T12:00:00Z");
    sooner.only = sooner.deployments.clone();
    let all = lines(&calendar(&[floor, sooner], moment(NOW), false));
    assert_eq!(
        values(&all, "SUMMARY"),
        [
            "openai/gpt-5 retires not before 2026-11 at azure",
            "openai/gpt-4o@2024-08-06 retires at azure (GlobalStandard)",
        ]
    );
    assert_eq!(values(&all, "STATUS"), ["TENTATIVE", "CONFIRMED"]);
    assert_eq!(values(&all, "DTSTART;VALUE=DATE"), ["20261101", "20261001"]);
    // a month is as long as it is
    assert_eq!(values(&all, "DTEND;VALUE=DATE"), ["20261201", "20261002"]);
    assert_eq!(values(&all, "LAST-MODIFIED"), ["20260301T063000Z"; 2]);
    assert_eq!(
        values(&all, "DESCRIPTION")[1],
        "openai/gpt-4o@2024-08-06 retires 2026-10-01T12:00:00Z: a firm date.\\nCalled: gpt-4o@2024-08-06\\n\
         Deployments: GlobalStandard\\nRegions: eastus2\\, swedencentral\\nMove to: gpt-5\\, or more\\; \\\\ that\\n\
         Source: azure.models@eastus2 (provider-api)\\nSaid since 2026-03-01."
    );
}

#[test]
fn an_event_stays_the_same_one_when_its_day_moves_and_goes_ninety_days_after_it() {
    let uid = |one: Milestone| {
        let all = lines(&calendar(&[one], moment(NOW), false));
        values(&all, "UID").first().map(ToString::to_string)
    };
    let own = uid(firm("2026-10-01"));
    assert!(own.is_some());
    assert_eq!(uid(firm("2027-01-01")), own);
    let marked = |mark: &str| Milestone {
        mark: mark.to_string(),
        ..firm("2026-10-01")
    };
    assert_ne!(uid(marked("Standard eastus2")), own);
    // its end is 91, 90 days ago
    assert_eq!(uid(firm("2026-06-02")), None);
    assert_eq!(uid(firm("2026-06-03")), own);
}

#[test]
fn many_regions_are_counted() {
    let mut one = firm("2026-10-01");
    one.regions = (0..300).map(|n| format!("region-{n:03}")).collect();
    let all = lines(&calendar(&[one], moment(NOW), false));
    let description = values(&all, "DESCRIPTION")[0];
    assert!(
        description.contains("region-039 and 260 more"),
        "{description}"
    );
}

#[test]
fn hostile_names_stay_within_their_line() {
    for name in HOSTILE {
        let mut one = firm("2026-10-01");
        one.name = format!("{name}\r\nEND:VCALENDAR\r\n");
        one.regions = BTreeSet::from([one.name.clone()]);
        let all = lines(&calendar(&[one], moment(NOW), false));
        let ends = values(&all, "END");
        assert_eq!(ends, ["VEVENT", "VCALENDAR"], "{name:?}");
        assert!(!all.iter().any(|line| line.contains(char::is_control)));
    }
}

proptest! {
    #[test]
    fn folding_cuts_no_character_and_unfolds_to_the_same(value in "[ a-z;é€😀\u{301}]{0,400}") {
        let mut out = String::new();
        push(&mut out, "SUMMARY", &value);
        for line in out.split_terminator("\r\n") {
            prop_assert!(line.len() <= LINE, "{} octets", line.len());
        }
        prop_assert_eq!(out.replace("\r\n ", ""), format!("SUMMARY:{value}\r\n"));
    }

    #[test]
    fn any_text_is_read_back(value in any::<String>()) {
        let escaped = text(&value);
        let mut read = String::new();
        let mut chars = escaped.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n') => read.push('\n'),
                    Some(c) => read.push(c),
                    None => prop_assert!(false, "a lone backslash"),
                },
                ';' | ',' => prop_assert!(false, "bare {c}"),
                c => read.push(c),
            }
        }
        let expected: String = value.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        prop_assert_eq!(read, expected);
    }
}
