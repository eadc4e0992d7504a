//! Offers of a small landscape.

use std::sync::Arc;

use super::*;
use crate::market::{Price, ProbeId, Region, Scope};

const MODEL: &str = "anthropic/claude-sonnet-4.5";

fn fact(
    source: &str,
    authority: Authority,
    (provider, native_id, region, deployment): (&str, &str, &str, &str),
    said: Option<(&str, Value)>,
) -> OfferingFact {
    let mut subject = Subject::offering(provider, native_id);
    subject.region = Region::from(region);
    subject.deployment = Some(deployment)
        .filter(|term| !term.is_empty())
        .map(Into::into);
    OfferingFact {
        subject: subject.into(),
        attribute: said
            .as_ref()
            .map(|(attribute, _)| Arc::new(attribute.parse().expect("an attribute"))),
        value: said.map(|(_, value)| Arc::new(value)),
        source: Arc::new(SourceId {
            probe: ProbeId::from(source),
            scope: Scope::from(""),
        }),
        authority,
        covers: StageSet::default(),
        since: Timestamp::UNIX_EPOCH,
        confirmed_at: None,
    }
}

fn dollars(amount: &str) -> Value {
    Value::Price(Price::usd_per_million_tokens(
        amount.parse().expect("a decimal"),
    ))
}

fn joined(facts: &[OfferingFact]) -> Vec<Offer> {
    let identities: Vec<Identity> = facts
        .iter()
        .map(|fact| fact.subject.identity().expect("an offering"))
        .collect();
    offers(MODEL, facts.iter().zip(&identities))
}

fn shown(offers: &[Offer]) -> Vec<String> {
    let line = |offer: &Offer| {
        let subject = &offer.subject;
        let price = offer.facts.get(&Attribute::price("input"));
        format!(
            "{} {} {} {} {} {}",
            subject.provider,
            subject.native_id,
            subject.region,
            subject.deployment.as_deref().unwrap_or("-"),
            offer.stage().word(),
            price.map_or_else(|| "-".to_string(), |price| price.value.to_string()),
        )
    };
    offers.iter().map(line).collect()
}

const ID: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const PROFILE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// An API that lists, a price list by display name, and a registry with another spelling of the same.
fn landscape() -> Vec<OfferingFact> {
    use Authority::{ProviderApi, ProviderPage, Registry};
    let ga = || Some(("stage", Value::Stage(Stage::Ga)));
    let name = "Claude Sonnet 4.5";
    vec![
        fact(
            "b.models",
            ProviderApi,
            ("bedrock", ID, "us-east-1", "on-demand"),
            None,
        ),
        fact(
            "b.models",
            ProviderApi,
            ("bedrock", ID, "us-east-1", "on-demand"),
            ga(),
        ),
        fact(
            "b.profiles",
            ProviderApi,
            ("bedrock", PROFILE, "us-east-1", "profile:us"),
            None,
        ),
        fact(
            "b.prices",
            ProviderPage,
            ("bedrock", name, "us-east-1", "on-demand"),
            Some(("price.input", dollars("3.3"))),
        ),
        fact(
            "b.prices",
            ProviderPage,
            ("bedrock", name, "us-east-1", "profile:geo"),
            Some(("price.input", dollars("3.6"))),
        ),
        fact(
            "b.prices",
            ProviderPage,
            ("bedrock", name, "eu-west-1", "on-demand"),
            Some(("price.input", dollars("9"))),
        ),
        fact("registry", Registry, ("bedrock", ID, "*", ""), None),
        fact(
            "registry",
            Registry,
            ("bedrock", ID, "*", ""),
            Some(("price.input", dollars("3"))),
        ),
        fact(
            "registry",
            Registry,
            (
                "bedrock",
                "anthropic.claude-opus-4-5-20251101-v1:0",
                "*",
                "",
            ),
            None,
        ),
        fact(
            "registry",
            Registry,
            ("vertex", "claude-sonnet-4-5@20250929", "*", ""),
            None,
        ),
    ]
}

#[test]
fn what_sources_say_in_their_own_words_is_brought_together() {
    let offers = joined(&landscape());
    assert_eq!(
        shown(&offers),
        [
            format!("bedrock {ID} us-east-1 on-demand ga $3.3 / 1M tokens"),
            format!("bedrock {PROFILE} us-east-1 profile:us ga $3.6 / 1M tokens"),
            "vertex claude-sonnet-4-5@20250929 * - unknown -".to_string(),
        ]
    );
    let spread = &offers[0].spreads[0];
    assert_eq!(spread.class, crate::landscape::SpreadClass::RegionalPremium);
    assert_eq!(spread.other.source.probe.as_str(), "registry");
}

#[test]
fn a_geography_without_a_price_of_its_own_costs_what_the_region_does() {
    use Authority::{ProviderPage, Registry};
    let at = |deployment| ("bedrock", ID, "us-east-1", deployment);
    let costs = |dollars_| Some(("price.input", dollars(dollars_)));
    let mut facts = vec![
        fact("b.profiles", ProviderPage, at("profile:us"), None),
        fact("b.profiles", ProviderPage, at("profile:global"), None),
        fact("registry", Registry, at(""), costs("3")),
        fact("b.prices", ProviderPage, at("on-demand"), costs("3.3")),
    ];
    let prices = |facts: &[OfferingFact]| {
        let of = |offer: &Offer| offer.facts[&Attribute::price("input")].value.to_string();
        joined(facts).iter().map(of).collect::<Vec<_>>()
    };
    // in the order of deployments: global, us
    assert_eq!(prices(&facts), ["$3 / 1M tokens", "$3.3 / 1M tokens"]);
    facts.push(fact(
        "b.prices",
        ProviderPage,
        at("profile:geo"),
        costs("3.4"),
    ));
    assert_eq!(prices(&facts), ["$3 / 1M tokens", "$3.4 / 1M tokens"]);
    // a profile is a way to the model of the region, and lives as long
    let legacy = Some(("stage", Value::Stage(Stage::Legacy)));
    facts.push(fact("b.models", ProviderPage, at("on-demand"), legacy));
    assert!(
        joined(&facts)
            .iter()
            .all(|offer| offer.stage() == Stage::Legacy)
    );
}

#[test]
fn a_dated_version_does_not_take_the_name_that_moves_on_with_it() {
    use Authority::{ProviderApi, ProviderPage};
    let life = |attribute: &'static str, stored: &str| {
        let value = Value::from_stored(&attribute.parse().expect("one"), stored);
        Some((attribute, value.expect("a value")))
    };
    let day = r#"{"date":"2024-06-13","certainty":"firm"}"#;
    let facts = [
        fact("o.models", ProviderApi, ("openai", "gpt-4", "*", ""), None),
        fact(
            "o.ends",
            ProviderPage,
            ("openai", "gpt-4-0314", "*", ""),
            life("date.retires", day),
        ),
        fact(
            "o.ends",
            ProviderPage,
            ("openai", "gpt-4-0314", "*", ""),
            life("stage", "\"retired\""),
        ),
        fact(
            "o.models",
            ProviderApi,
            ("openai", "gpt-4-0613", "*", ""),
            None,
        ),
        fact(
            "o.ends",
            ProviderPage,
            ("openai", "gpt-4", "*", ""),
            life("replacement", "\"gpt-5\""),
        ),
    ];
    let identities = facts
        .each_ref()
        .map(|fact| fact.subject.identity().expect("an offering"));
    let offers = offers("openai/gpt-4", facts.iter().zip(&identities));
    let said = |offer: &Offer| {
        offer
            .facts
            .keys()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    // what is said of the name holds for its versions, not the other way round
    assert_eq!(said(&offers[0]), ["replacement"]);
    assert_eq!(said(&offers[1]), ["replacement"]);
}

#[test]
fn what_is_said_of_one_way_or_version_holds_for_no_other() {
    use Authority::{ProviderPage, Registry};
    let retires = || {
        Some((
            "date.retires",
            Value::from_stored(
                &"date.retires".parse().expect("one"),
                r#"{"date":"2026-10-15","certainty":"firm"}"#,
            )
            .expect("a date"),
        ))
    };
    let facts = [
        fact(
            "b.profiles",
            ProviderPage,
            ("bedrock", PROFILE, "us-east-1", "profile:us"),
            None,
        ),
        fact(
            "registry",
            Registry,
            ("bedrock", &format!("eu.{ID}"), "*", ""),
            retires(),
        ),
    ];
    assert_eq!(joined(&facts)[0].facts.len(), 0);
    // the month and day of a price list are those of one dated version; what it prices, it borrows no meter for
    let at = |id, deployment| ("azure", id, "swedencentral", deployment);
    let costs = |meter: &'static str, amount| Some((meter, dollars(amount)));
    let facts = [
        fact(
            "a.models",
            ProviderPage,
            at("gpt-4o@2024-11-20", "Standard"),
            None,
        ),
        fact(
            "a.models",
            ProviderPage,
            at("gpt-4o@2024-08-06", "Standard"),
            None,
        ),
        fact(
            "a.prices",
            ProviderPage,
            at("gpt 4o 1120", "Standard"),
            costs("price.input", "3"),
        ),
        fact(
            "a.prices",
            ProviderPage,
            at("gpt 4o", "Standard"),
            costs("price.cache_read", "1"),
        ),
    ];
    let identities = facts
        .each_ref()
        .map(|fact| fact.subject.identity().expect("an offering"));
    let offers = offers("openai/gpt-4o", facts.iter().zip(&identities));
    let meters = |offer: &Offer| {
        offer
            .facts
            .keys()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(meters(&offers[0]), ["price.cache_read"]);
    assert_eq!(meters(&offers[1]), ["price.input"]);
}

#[test]
fn another_version_lends_nothing() {
    let ga = Some(("stage", Value::Stage(Stage::Ga)));
    let facts = [
        fact(
            "a",
            Authority::ProviderApi,
            ("openai", "gpt-4o-2024-08-06", "*", ""),
            None,
        ),
        fact(
            "b",
            Authority::ProviderPage,
            ("openai", "gpt-4o-2024-05-13", "*", ""),
            ga,
        ),
    ];
    let identities = facts
        .each_ref()
        .map(|fact| fact.subject.identity().expect("an offering"));
    let offers = offers("openai/gpt-4o", facts.iter().zip(&identities));
    assert_eq!(offers.len(), 1);
    assert_eq!(offers[0].stage(), Stage::Unknown);
}

proptest::proptest! {
    #[test]
    fn any_order_of_facts_is_one_landscape(turns in 0usize..10, swap in 0usize..10) {
        let mut facts = landscape();
        let count = facts.len();
        facts.rotate_left(turns % count);
        facts.swap(0, swap % count);
        proptest::prop_assert_eq!(joined(&facts), joined(&landscape()));
    }
}

/// Bedrock's interface calls a preview ACTIVE, too: the card knows better, but not that a model is legacy.
#[test]
fn a_word_that_covers_several_stages_gives_way_to_one_of_them() {
    use Authority::{ProviderApi, ProviderPage, Registry};
    let offering = ("bedrock", ID, "us-east-1", "on-demand");
    let stage = |source: &str, authority, stage| {
        fact(
            source,
            authority,
            offering,
            Some(("stage", Value::Stage(stage))),
        )
    };
    let api = OfferingFact {
        covers: [Stage::Limited, Stage::Preview].into_iter().collect(),
        ..stage("b.models", ProviderApi, Stage::Ga)
    };
    let believed = |others: Vec<OfferingFact>| {
        let mut facts = vec![api.clone()];
        facts.extend(others);
        let forth = joined(&facts);
        facts.reverse();
        assert_eq!(joined(&facts), forth);
        forth[0].stage()
    };
    let card = |said| stage("b.cards", ProviderPage, said);
    let registry = |said| stage("registry", Registry, said);
    assert_eq!(believed(vec![]), Stage::Ga);
    assert_eq!(believed(vec![card(Stage::Preview)]), Stage::Preview);
    assert_eq!(believed(vec![card(Stage::Legacy)]), Stage::Ga);
    let stale = vec![card(Stage::Ga), registry(Stage::Preview)];
    assert_eq!(believed(stale), Stage::Ga, "the higher of those who know");
    let now = Some(Timestamp::UNIX_EPOCH + FORGOTTEN_AFTER * 2);
    let forgotten = OfferingFact {
        confirmed_at: Some(Timestamp::UNIX_EPOCH),
        ..card(Stage::Preview)
    };
    let heard = OfferingFact {
        confirmed_at: now,
        ..api.clone()
    };
    assert_eq!(joined(&[forgotten, heard])[0].stage(), Stage::Ga);
}

/// Oracle's list names no way of buying, its days are of one each.
#[test]
fn a_list_without_deployments_ends_with_what_is_bought_by_the_token() {
    use Authority::{ProviderApi, ProviderPage};
    let day = |text: &str| {
        let day = crate::market::LifecycleDate::from_text(text);
        Some((
            "date.retires",
            Value::Date(day.expect("a day").expect("a day")),
        ))
    };
    let at = |deployment| {
        (
            "oci",
            "anthropic.claude-sonnet-4-5",
            "us-chicago-1",
            deployment,
        )
    };
    let facts = [
        fact("o.models", ProviderApi, at(""), None),
        fact("o.days", ProviderApi, at("dedicated"), day("2027-06-01")),
        fact("o.page", ProviderPage, at("on-demand"), day("2027-01-01")),
        fact(
            "o.page",
            ProviderPage,
            at("on-demand"),
            Some(("price.input", dollars("3"))),
        ),
    ];
    let offers = joined(&facts);
    assert_eq!(offers.len(), 1);
    let retires = &offers[0].facts[&Attribute::Date(DateKind::Retires)];
    assert_eq!(retires.value.to_string(), "2027-01-01");
    assert_eq!(offers[0].facts.get(&Attribute::price("input")), None);
}

#[test]
fn the_way_out_is_whoever_sells_it_for_good_the_cheapest_first() {
    let says = |provider: &str, native_id: &str, deployment: &str, said: &[(&str, Value)]| {
        let of = (provider, native_id, "", deployment);
        let listed = std::iter::once(None);
        let said = said.iter().cloned().map(Some);
        let facts = listed.chain(said).map(|said| {
            let source = format!("{provider}.models");
            fact(&source, Authority::ProviderApi, of, said)
        });
        facts.collect::<Vec<_>>()
    };
    let ga = || ("stage", Value::Stage(Stage::Ga));
    let ends = |text: &str| {
        let day = crate::market::LifecycleDate::from_text(text);
        (
            "date.retires",
            Value::Date(day.expect("a day").expect("a day")),
        )
    };
    let costs = |input: &str, output: &str| {
        [
            ("price.input", dollars(input)),
            ("price.output", dollars(output)),
        ]
    };
    let all = |stage: (&'static str, Value), more: &[(&'static str, Value)]| {
        let said = std::iter::once(stage).chain(more.iter().cloned());
        said.collect::<Vec<_>>()
    };
    let name = "claude-sonnet-4-5";
    let facts: Vec<OfferingFact> = [
        // the one that is left
        says("anthropic", name, "", &all(ga(), &costs("1", "2"))),
        // dearer by the region than by the globe, and capacity is no price by the token
        says(
            "bedrock",
            name,
            "on-demand",
            &all(ga(), &costs("3.3", "16.5")),
        ),
        says(
            "bedrock",
            name,
            "profile:global",
            &all(ga(), &costs("3", "15")),
        ),
        says("bedrock", name, "provisioned", &all(ga(), &costs("0", "0"))),
        // no price is known, and it ends in half a year
        says("vertex", name, "", &all(ga(), &[ends("2027-06-01")])),
        // may end soon, but nobody says that it does
        says(
            "together",
            name,
            "",
            &all(ga(), &[ends("not before 2026-09-01")]),
        ),
        // listed without a stage: the last, however cheap
        says("openrouter", name, "", &costs("0.1", "0.2")),
        // a name without a stage beside what ends within 90 days
        says("azure", name, "", &all(ga(), &[ends("2027-01-01")])),
        says(
            "azure",
            "claude-sonnet-4-5@latest",
            "",
            &costs("0.1", "0.2"),
        ),
        // ends within 90 days, is a preview, is over
        says("snowflake", name, "", &all(ga(), &[ends("2027-01-01")])),
        says("oci", name, "", &[("stage", Value::Stage(Stage::Preview))]),
        says("databricks", name, "", &all(ga(), &[ends("2026-01-01")])),
    ]
    .concat();
    let now = "2026-11-25T12:00:00Z".parse().expect("a time");
    let found = crate::landscape::elsewhere(&joined(&facts), |name| name == "anthropic", now);
    let shown: Vec<String> = found
        .iter()
        .map(|one| {
            let price = one.input.as_ref().map(ToString::to_string);
            let ends = one.ends.map(|end| end.text());
            format!("{} {price:?} {ends:?}", one.provider)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "bedrock Some(\"$3 / 1M tokens\") None",
            "together None Some(\"2026-09-01\")",
            "vertex None Some(\"2027-06-01\")",
            "openrouter Some(\"$0.1 / 1M tokens\") None",
        ]
    );
}
