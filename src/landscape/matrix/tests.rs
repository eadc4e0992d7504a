//! A small landscape as a matrix.

use std::sync::Arc;

use super::*;
use crate::market::{Authority, ProbeId, Region, Scope, SourceId, StageSet, Subject};

/// Says of an offering `provider id region deployment`, in the stored spelling of the attribute's value.
fn fact(offering: &str, said: Option<(&str, &str)>) -> OfferingFact {
    let parts: Vec<&str> = offering.split(' ').collect();
    let mut subject = Subject::offering(parts[0], parts[1]);
    subject.region = Region::from(parts[2]);
    subject.deployment = Some(parts[3]).filter(|term| *term != "-").map(Into::into);
    let attribute: Option<Attribute> =
        said.map(|(attribute, _)| attribute.parse().expect("an attribute"));
    let value = attribute.as_ref().zip(said);
    OfferingFact {
        subject: Arc::new(subject),
        value: value.map(|(attribute, (_, stored))| {
            Arc::new(Value::from_stored(attribute, stored).expect("a value"))
        }),
        attribute: attribute.map(Arc::new),
        source: Arc::new(SourceId {
            probe: ProbeId::from("a.models"),
            scope: Scope::from(""),
        }),
        authority: Authority::ProviderApi,
        covers: StageSet::default(),
        since: Timestamp::UNIX_EPOCH,
        confirmed_at: None,
    }
}

fn day(text: &str, certainty: &str) -> String {
    format!(r#"{{"date":"{text}","certainty":"{certainty}"}}"#)
}

fn landscape() -> Vec<OfferingFact> {
    let sonnet = "bedrock anthropic.claude-sonnet-4-5-20250929-v1:0";
    let (east, west) = (
        format!("{sonnet} us-east-1 on-demand"),
        format!("{sonnet} eu-west-1 profile:eu"),
    );
    let (near, far, past) = (
        day("2026-10-01", "not_before"),
        day("2027-01-01", "firm"),
        day("2025-01-01", "firm"),
    );
    let old = "openai gpt-4-0314 * -";
    vec![
        fact(&east, None),
        fact(&east, Some(("stage", r#""preview""#))),
        fact(&east, Some(("date.retires", &far))),
        fact(&east, Some(("price.input", r#""3.3""#))),
        fact(&west, None),
        fact(&west, Some(("stage", r#""ga""#))),
        fact(&west, Some(("date.retires", &near))),
        fact(&west, Some(("price.input", r#""3""#))),
        fact(
            &west,
            Some((
                "price.output",
                r#"{"amount":"1","currency":"EUR","unit":"1M_tokens"}"#,
            )),
        ),
        fact("anthropic claude-sonnet-4-5-20250929 * -", None),
        fact(old, None),
        fact(old, Some(("stage", r#""retired""#))),
        fact(old, Some(("date.retires", &past))),
        fact("openai made-by-nobody-9:xyz * -", None),
        fact("nowhere whose-is-this * -", None),
    ]
}

fn of(facts: &[OfferingFact]) -> Matrix {
    let identities: Vec<Identity> = facts
        .iter()
        .map(|fact| fact.subject.identity().expect("an offering"))
        .collect();
    let now = "2026-06-01T00:00:00Z".parse().expect("a time");
    matrix(facts.iter().zip(&identities), None, now)
}

#[test]
fn a_cell_is_the_best_of_its_offerings() {
    let matrix = of(&landscape());
    let row = &matrix.rows[0];
    assert_eq!(row.model, "anthropic/claude-sonnet-4.5");
    assert_eq!(row.cells.len(), 2);
    let cell = &row.cells["bedrock"];
    assert_eq!(
        (cell.stage, cell.offerings, cell.regions.len()),
        (Stage::Ga, 2, 1)
    );
    assert_eq!(
        cell.retires.map(|day| day.to_string()).as_deref(),
        Some("not before 2026-10-01")
    );
    assert_eq!(cell.reach, BTreeSet::from([Reach::Geo]));
    assert_eq!(
        cell.input
            .as_ref()
            .map(|price| price.amount.to_string())
            .as_deref(),
        Some("3")
    );
    // another currency is no USD price
    assert_eq!(cell.output, None);
    assert_eq!(row.cells["anthropic"].stage, Stage::Unknown);
    assert_eq!(row.cells["anthropic"].regions.len(), 0);
}

#[test]
fn what_is_retired_stands_last_and_keeps_its_day() {
    let matrix = of(&landscape());
    let last = matrix.rows.last().expect("a row");
    assert_eq!(last.model, "openai/gpt-4");
    let day = last.cells["openai"].retires.map(|day| day.text());
    assert_eq!(day.as_deref(), Some("2025-01-01"));
    assert_eq!(matrix.unknown, 2);
}

proptest::proptest! {
    #[test]
    fn any_order_of_facts_is_one_matrix(turns in 0usize..15, swap in 0usize..15) {
        let mut facts = landscape();
        facts.rotate_left(turns);
        facts.swap(0, swap);
        proptest::prop_assert_eq!(of(&facts), of(&landscape()));
    }
}
