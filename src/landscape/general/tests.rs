//! General words beside what is sold.

use std::sync::Arc;

use crate::landscape::offers;
use crate::market::{
    Attribute, Authority, Identity, OfferingFact, ProbeId, Region, Scope, SourceId, StageSet,
    Subject, Value,
};

/// Of each `authority id region deployment stage [last day]`: that it is listed, and what is said of it.
fn facts(lines: &[&str]) -> Vec<OfferingFact> {
    let of = |line: &&str| {
        let [authority, native_id, region, deployment, said @ ..] =
            &*line.split(' ').collect::<Vec<_>>()
        else {
            panic!("too short: {line}");
        };
        let mut subject = Subject::offering("azure", *native_id);
        subject.region = Region::from(*region);
        subject.deployment = Some(*deployment)
            .filter(|term| *term != "-")
            .map(Into::into);
        let subject = Arc::new(subject);
        let stated = ["stage", "date.retires"].into_iter().zip(said);
        let stated = stated.filter(|(_, value)| **value != "?");
        let stated = stated.map(|(name, value)| {
            let attribute: Attribute = name.parse().expect("an attribute");
            let stored = match name {
                "stage" => format!("\"{value}\""),
                _ => format!(r#"{{"date":"{value}","certainty":"firm"}}"#),
            };
            let value = Value::from_stored(&attribute, &stored).expect("a value");
            (Arc::new(attribute), Arc::new(value))
        });
        let said = std::iter::once(None).chain(stated.map(Some));
        let facts = said.map(|said| OfferingFact {
            subject: Arc::clone(&subject),
            attribute: said.as_ref().map(|(attribute, _)| Arc::clone(attribute)),
            value: said.map(|(_, value)| value),
            source: Arc::new(SourceId {
                probe: ProbeId::from(format!("azure.{authority}").as_str()),
                scope: Scope::from(""),
            }),
            authority: Authority::from_word(authority).expect("an authority"),
            covers: StageSet::default(),
            since: jiff::Timestamp::UNIX_EPOCH,
            confirmed_at: None,
        });
        facts.collect::<Vec<_>>()
    };
    lines.iter().flat_map(of).collect()
}

/// What the lines come to: each offering of GPT-4o with its stage and last day.
fn shown(lines: &[&str]) -> Vec<String> {
    let facts = facts(lines);
    let identities: Vec<Identity> = facts
        .iter()
        .map(|fact| fact.subject.identity().expect("an offering"))
        .collect();
    let line = |offer: crate::landscape::Offer| {
        let end = crate::landscape::end(&offer).map_or_else(|| "-".to_string(), |end| end.text());
        let subject = &offer.subject;
        let deployment = subject.deployment.as_deref().unwrap_or("-");
        let stage = offer.stage().word();
        format!(
            "{} {} {deployment} {stage} {end}",
            subject.native_id, subject.region
        )
    };
    let offers = offers("openai/gpt-4o", facts.iter().zip(&identities));
    offers.into_iter().map(line).collect()
}

const SOLD: &str = "provider-api gpt-4o@2024-11-20 eastus2 GlobalStandard deprecated 2027-01-31";

#[test]
fn a_general_word_ends_with_what_is_sold() {
    let of = |general: &str| shown(&[general, SOLD]).swap_remove(0);
    for (general, expected) in [
        // another spelling of the version, and the model's name alone
        (
            "provider-api gpt-4o-2024-11-20 * - ga",
            "gpt-4o-2024-11-20 * - deprecated 2027-01-31",
        ),
        (
            "provider-page GPT-4o * - ga 2028-01-01",
            "GPT-4o * - deprecated 2027-01-31",
        ),
        ("registry gpt-4o * - ga", "gpt-4o * - deprecated 2027-01-31"),
        (
            "provider-api gpt-4o * - ?",
            "gpt-4o * - deprecated 2027-01-31",
        ),
        // what has gone is not sold again
        ("provider-page GPT-4o * - retired", "GPT-4o * - retired -"),
        // another version lives and ends by itself
        (
            "provider-page gpt-4o@2024-08-06 * - ga",
            "gpt-4o@2024-08-06 * - ga -",
        ),
    ] {
        assert_eq!(of(general), expected, "{general}");
    }
}

#[test]
fn a_general_word_stands_where_nothing_says_otherwise_about_what_is_sold() {
    let general = "provider-api gpt-4o-2024-11-20 * - ga";
    for sold in [
        // a lower authority, capacity by the hour, no stage, still sold somewhere
        &["provider-page gpt-4o@2024-11-20 eastus2 GlobalStandard deprecated"][..],
        &["provider-api gpt-4o@2024-11-20 eastus2 GlobalProvisionedManaged deprecated"],
        &["provider-api gpt-4o@2024-11-20 eastus2 GlobalStandard ?"],
        &[SOLD, "provider-api gpt-4o@2024-11-20 westus Standard ga"],
        &[],
    ] {
        let lines = [&[general], sold].concat();
        assert_eq!(shown(&lines)[0], "gpt-4o-2024-11-20 * - ga -", "{sold:?}");
    }
}

#[test]
fn an_id_is_listed_once_where_it_is_known_how_it_is_sold() {
    let general = "provider-api gpt-4o@2024-11-20 * - ga";
    let kept = |lines: &[&str]| shown(lines).iter().any(|line| line.contains(" * - "));
    assert!(!kept(&[general, SOLD]));
    assert!(!kept(&[
        general,
        "provider-api gpt-4o@2024-11-20 * openai ga"
    ]));
    // a lower authority, and what is bought otherwise than by the token
    assert!(kept(&[
        general,
        "provider-page gpt-4o@2024-11-20 * openai ga"
    ]));
    assert!(kept(&[
        general,
        "provider-api gpt-4o@2024-11-20 * GlobalBatch ga"
    ]));
    assert!(kept(&[general]));
}
