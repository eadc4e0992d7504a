//! Days of a small landscape.

use std::sync::Arc;

use super::*;
use crate::market::{Authority, ProbeId, Region, Scope, SourceId, StageSet};

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn fact(
    source: &str,
    authority: Authority,
    (provider, native_id, region, deployment): (&str, &str, &str, &str),
    said: Option<(&str, Value)>,
) -> OfferingFact {
    let mut subject = Subject::offering(provider, native_id);
    subject.region = Region::from(region);
    let term = Some(deployment).filter(|term| !term.is_empty());
    subject.deployment = term.map(Into::into);
    let attribute = said.as_ref().map(|(attribute, _)| *attribute);
    OfferingFact {
        subject: subject.into(),
        attribute: attribute.map(|word| Arc::new(word.parse().expect("an attribute"))),
        value: said.map(|(_, value)| Arc::new(value)),
        source: Arc::new(SourceId {
            probe: ProbeId::from(source),
            scope: Scope::from(""),
        }),
        authority,
        covers: StageSet::default(),
        since: moment("2026-03-01T00:00:00Z"),
        confirmed_at: None,
    }
}

fn day(text: &str, certainty: Certainty) -> Value {
    Value::Date(LifecycleDate::from_printed(text, certainty).expect("a day"))
}

fn retires(text: &str) -> Option<(&'static str, Value)> {
    Some(("date.retires", day(text, Certainty::Firm)))
}

/// One line a day.
fn shown(facts: &[OfferingFact]) -> Vec<String> {
    let line = |one: &Milestone| {
        let words = |words: &BTreeSet<String>| words.iter().cloned().collect::<Vec<_>>().join(",");
        let kind = Attribute::Date(one.kind);
        let certainty = one.date.certainty.word();
        format!(
            "{} {} {kind} {} {certainty} in [{}] only [{}]",
            one.provider,
            one.name,
            one.date.text(),
            words(&one.regions),
            words(&one.only)
        )
    };
    milestones(facts).iter().map(line).collect()
}

#[test]
fn regions_with_one_day_are_one_and_deployments_with_another_are_told_apart() {
    use Authority::{ProviderApi, ProviderPage, Registry};
    let id = "gpt-4o@2024-08-06";
    let mut facts = Vec::new();
    for region in ["eastus2", "swedencentral"] {
        for (term, date) in [("GlobalStandard", "2026-10-01"), ("Standard", "2026-08-01")] {
            let place = ("azure", id, region, term);
            facts.push(fact("azure.models", ProviderApi, place, None));
            facts.push(fact("azure.models", ProviderApi, place, retires(date)));
        }
    }
    // a version that is listed no more, of which a page still speaks; and what a page only expects
    let page = ("azure", "gpt-4o@2024-05-13", "*", "");
    facts.push(fact(
        "azure.page",
        ProviderPage,
        page,
        retires("2026-06-30"),
    ));
    let floor = Some(("date.retires", day("2027-02", Certainty::NotBefore)));
    let own = ("anthropic", "claude-sonnet-4-5-20250929", "*", "");
    facts.push(fact("anthropic.page", ProviderPage, own, floor));
    // who knows less is not heard
    facts.push(fact("registry", Registry, own, retires("2026-12-31")));
    facts.push(fact(
        "mystery.page",
        ProviderPage,
        ("mystery", "what or that", "*", ""),
        Some(("date.deprecated", day("2026-05-01", Certainty::Firm))),
    ));
    facts.sort_by(|one, other| one.subject.cmp(&other.subject));
    assert_eq!(
        shown(&facts),
        [
            "anthropic anthropic/claude-sonnet-4.5@2025-09-29 date.retires 2027-02 not_before in [] only []",
            "azure openai/gpt-4o@2024-05-13 date.retires 2026-06-30 firm in [] only []",
            "azure openai/gpt-4o@2024-08-06 date.retires 2026-10-01 firm in [eastus2,swedencentral] only [GlobalStandard]",
            "azure openai/gpt-4o@2024-08-06 date.retires 2026-08-01 firm in [eastus2,swedencentral] only [Standard]",
            "mystery what or that date.deprecated 2026-05-01 firm in [] only []",
        ]
    );
    let marks: Vec<String> = milestones(&facts).into_iter().map(|one| one.mark).collect();
    assert_eq!(marks, ["", "", "", "Standard eastus2", ""]);
}

#[test]
fn only_a_firm_day_that_had_begun_has_come_true() {
    let place = ("azure", "gpt-4o@2024-08-06", "*", "");
    let of = |said| fact("azure.page", Authority::ProviderPage, place, said);
    let floor = Some(("date.retires", day("2026-06-01", Certainty::NotBefore)));
    for (said, at, expected) in [
        (retires("2026-06-01"), "2026-06-01T10:00:00Z", 1),
        (retires("2026-06-01"), "2026-05-31T10:00:00Z", 0),
        (floor, "2026-06-02T10:00:00Z", 0),
        (retires("2026-06"), "2026-06-03T10:00:00Z", 0),
        (retires("2026-06"), "2026-06-30T10:00:00Z", 1),
    ] {
        let kept = came_true([(of(said), moment(at))]);
        assert_eq!(kept.len(), expected, "{at}");
    }
}
