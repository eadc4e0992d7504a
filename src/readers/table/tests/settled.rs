//! Rows that say what they said before are not read again, and nothing is missed by that.

use std::collections::BTreeMap;

use super::*;
use crate::market::{Claim, SubjectKey};

fn mapping() -> Mapping {
    mapped(&without(
        LIFECYCLE,
        &["deployment = \"{Type}\"", "region = \"Regions\""],
    ))
}

/// The fingerprints that are kept of a reading, if all of it is accepted.
fn settled(reading: &Reading) -> Settled {
    let unclear = |key: SubjectKey| reading.unclear.iter().any(|(of, _)| *of == key);
    let entries = reading.entries.iter();
    entries
        .filter_map(|entry| match &entry.content {
            Content::Stated { fingerprint, .. } if !unclear(entry.key) => {
                Some((entry.key, (*fingerprint)?))
            }
            _ => None,
        })
        .collect()
}

/// What is stated by key; nothing of what is settled.
fn stated(reading: &Reading) -> BTreeMap<SubjectKey, Option<&Vec<Claim>>> {
    let entries = reading.entries.iter();
    entries
        .map(|entry| match &entry.content {
            Content::Stated { claims, .. } => (entry.key, Some(claims)),
            Content::Settled => (entry.key, None),
        })
        .collect()
}

fn read_again(reading: &Reading) -> Vec<&str> {
    let entries = reading.entries.iter();
    let mut ids: Vec<&str> = entries
        .filter(|entry| entry.content != Content::Settled)
        .map(|entry| entry.subject.native_id.as_str())
        .collect();
    ids.sort_unstable();
    ids
}

#[test]
fn only_what_differs_is_read_again() {
    let first = "# Models\n\n| Model | Version | State | Retires |\n|-|-|-|-|\n\
        | `a` \\| `b` | 1 | Active | 2026-05-01 |\n| c | 1 | Active | |\n| c | 1 | | 2026-06-01 |\n| d | 1 | Asleep | |\n\
        | e | 1 | Active | 2026-07-01 |\n| e | 1 | Active | 2026-08-01 |\n";
    let mapping = mapping();
    let known = settled(&read_page(&mapping, first).expect("a reading"));
    // what was noted is noted each time: a word that nobody knows, two dates of one model
    for (from, to, again) in [
        ("", "", ["d@1", "e@1"].as_slice()),
        ("2026-06-01", "2026-06-02", &["c@1", "d@1", "e@1"]),
        ("2026-05-01", "2026-05-02", &["a@1", "b@1", "d@1", "e@1"]),
        ("`b`", "`f`", &["a@1", "d@1", "e@1", "f@1"]),
        ("| c | 1 | Active | |\n", "", &["c@1", "d@1", "e@1"]),
        (
            "# Models",
            "# Other models",
            &["a@1", "b@1", "c@1", "d@1", "e@1"],
        ),
    ] {
        let page = first.replacen(from, to, 1);
        let whole = read_page(&mapping, &page).expect("a reading");
        let reading = read_after(&mapping, &page, &known).expect("a reading");
        assert_eq!(read_again(&reading), again, "{from} -> {to}");
        assert_eq!(reading.unexpected, whole.unexpected, "{from} -> {to}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_not_read_again_says_what_it_said(
        before in rows(), after in rows(), kept in 0..6_usize, html: bool,
    ) {
        let mapping = mapping();
        let (mut before, mut after) = (before, after);
        before.extend(after.iter().take(kept).cloned());
        after.reverse();
        let page = |rows: &[[String; 4]], html| page(rows, &[0, 1, 2, 3], html, " ");
        let first = read_page(&mapping, &page(&before, false)).expect("a reading");
        let whole = read_page(&mapping, &page(&after, html)).expect("a reading");
        let reading = read_after(&mapping, &page(&after, html), &settled(&first)).expect("a reading");
        let (first, expected) = (stated(&first), stated(&whole));
        for (key, claims) in stated(&reading) {
            let known = claims.or_else(|| first.get(&key).copied().flatten());
            prop_assert_eq!(known, expected[&key]);
        }
        prop_assert_eq!(reading.entries.len(), whole.entries.len());
        prop_assert_eq!(reading.unclear, whole.unclear);
        prop_assert_eq!(reading.unexpected, whole.unexpected);
    }
}

fn rows() -> impl Strategy<Value = Vec<[String; 4]>> {
    let row = (
        "[a-b]{1,2}",
        "[1-2]",
        "(Active|Retired|Asleep|)",
        "(2026-0[1-3]-11|N/A|soon)",
    );
    proptest::collection::vec(row.prop_map(|(a, b, c, d)| [a, b, c, d]), 1..6)
}
