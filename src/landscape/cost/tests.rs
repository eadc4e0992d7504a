use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::workload::{Bounds, Breach};
use super::*;
use crate::market::{
    Authority, Place, Price, ProbeId, Reach, Region, Scope, SourceId, Stage, Subject,
};

fn offer(provider: &str, region: &str, deployment: &str, said: &[(&str, &str)]) -> Offer {
    let mut subject = Subject::offering(provider, "claude-sonnet-4-5");
    subject.region = Region::from(region);
    subject.deployment = Some(deployment)
        .filter(|term| !term.is_empty())
        .map(Into::into);
    let facts: BTreeMap<Attribute, Stated> = said
        .iter()
        .map(|(attribute, text)| {
            let attribute: Attribute = attribute.parse().expect("an attribute");
            let stored = match attribute {
                Attribute::Limit(_) => (*text).to_string(),
                _ => format!("{text:?}"),
            };
            let stated = Stated {
                value: Value::from_stored(&attribute, &stored).expect("a value"),
                source: SourceId {
                    probe: ProbeId::from("a.prices"),
                    scope: Scope::from(""),
                },
                authority: Authority::ProviderApi,
                since: Timestamp::UNIX_EPOCH,
                confirmed_at: None,
                general: false,
            };
            (attribute, stated)
        })
        .collect();
    Offer {
        subject,
        version: None,
        listed_by: Vec::new(),
        facts,
        spreads: Vec::new(),
    }
}

/// 1,000 requests of 10,000 tokens in and 1,000 out: ten million in, one million out.
fn workload() -> Workload {
    Workload {
        requests: 1_000,
        ..Workload::of_tokens(10_000, 1_000)
    }
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

const PLAIN: [(&str, &str); 2] = [("price.input", "3"), ("price.output", "15")];
const FULL: [(&str, &str); 7] = [
    ("price.input", "3"),
    ("price.output", "15"),
    ("price.cache_read", "0.3"),
    ("price.cache_write_5m", "3.75"),
    ("price.input.batch", "1.5"),
    ("price.output.batch", "7.5"),
    ("price.cache_read.batch", "0.15"),
];

#[test]
fn every_share_is_priced_by_its_own_meter() {
    let plain = offer("anthropic", "*", "", &PLAIN);
    let full = offer("anthropic", "*", "", &FULL);
    for (what, offer, cached, writes, batch, per_month, assumptions) in [
        // 10 × 3 + 1 × 15
        ("plain", &plain, "0", "0", "0", "45", vec![]),
        // 5 × 3 + 5 × 0.3 + 15
        ("half cached", &full, "0.5", "0", "0", "31.5", vec![]),
        // 4 × 3 + 5 × 0.3 + 1 × 3.75 + 15
        ("written too", &full, "0.5", "0.1", "0", "32.25", vec![]),
        // (45 + 22.5) / 2
        ("half in batch", &full, "0", "0", "0.5", "33.75", vec![]),
        // 0.6 × 31.5 + 0.4 × (5 × 1.5 + 5 × 0.15 + 7.5)
        ("both", &full, "0.5", "0", "0.4", "25.2", vec![]),
        (
            "nothing stated",
            &plain,
            "0.5",
            "0.1",
            "0.4",
            "45",
            vec![
                Assumption::CachedAsInput,
                Assumption::WritesAsInput,
                Assumption::BatchAsStandard,
            ],
        ),
    ] {
        let workload = Workload {
            cached: decimal(cached),
            cache_writes: decimal(writes),
            batch: decimal(batch),
            ..workload()
        };
        let cost = cost(offer, &workload).expect(what);
        assert_eq!(cost.per_month, decimal(per_month), "{what}");
        assert_eq!(Vec::from_iter(cost.assumptions), assumptions, "{what}");
    }
}

#[test]
fn a_batch_without_a_price_of_its_cache_reads_nothing_from_it() {
    let mut said = FULL.to_vec();
    said.pop();
    let workload = Workload {
        cached: decimal("0.5"),
        batch: Decimal::ONE,
        ..workload()
    };
    let cost = cost(&offer("anthropic", "*", "", &said), &workload).expect("a price");
    assert_eq!(cost.per_month, decimal("22.5"));
    assert_eq!(
        Vec::from_iter(cost.assumptions),
        [Assumption::BatchUncached]
    );
}

#[test]
fn a_long_prompt_falls_into_its_band() {
    let said = [
        ("price.input", "3"),
        ("price.output", "15"),
        ("price.input.over_200000", "6"),
        ("price.output.over_200000", "22.5"),
        ("price.input.over_400000", "9"),
    ];
    let offer = offer("anthropic", "*", "", &said);
    for (input, per_month, assumptions) in [
        (200_000, "615", vec![]),
        (200_001, "1222.506", vec![]),
        (500_000, "4522.5", vec![Assumption::ShorterBand]),
    ] {
        let workload = Workload {
            input,
            ..workload()
        };
        let cost = cost(&offer, &workload).expect("a price");
        assert_eq!(cost.per_month, decimal(per_month), "{input}");
        assert_eq!(Vec::from_iter(cost.assumptions), assumptions, "{input}");
    }
}

#[test]
fn what_has_no_price_says_why() {
    let hour = [("price.output", "15"), ("limit.context", "8000")];
    for (deployment, said, expected) in [
        ("on-demand", &PLAIN[..1], Unpriced::NoPrice("output")),
        ("", &PLAIN[1..], Unpriced::NoPrice("input")),
        ("ProvisionedManaged", &PLAIN[..], Unpriced::ByCapacity),
        ("GlobalBatch", &PLAIN[..], Unpriced::BatchOnly),
        ("DeveloperTier", &PLAIN[..], Unpriced::Tuned),
        ("on-demand", &hour[..], Unpriced::TooLong),
    ] {
        let offer = offer("azure", "*", deployment, said);
        assert_eq!(cost(&offer, &workload()), Err(expected), "{deployment}");
    }
    let mut euro = offer("azure", "*", "", &PLAIN);
    let stated = euro.facts.get_mut(&Attribute::price("output"));
    stated.expect("a price").value = Value::Price(Price {
        currency: Currency::from_code("EUR").expect("a code"),
        ..Price::usd_per_million_tokens(decimal("15"))
    });
    assert_eq!(cost(&euro, &workload()), Err(Unpriced::Currencies));
    let hourly = Price {
        unit: PriceUnit::Other("hour".into()),
        ..Price::usd_per_million_tokens(decimal("15"))
    };
    let stated = euro.facts.get_mut(&Attribute::price("output"));
    stated.expect("a price").value = Value::Price(hourly);
    assert_eq!(
        cost(&euro, &workload()),
        Err(Unpriced::OtherUnit("hour".into()))
    );
}

#[test]
fn the_greatest_workload_is_priced_or_refused() {
    let most = Workload {
        requests: super::super::MOST,
        input: super::super::MOST,
        output: super::super::MOST,
        ..workload()
    };
    assert_eq!(most.problem(), None);
    let dear = [
        ("price.input", "1000000000000"),
        ("price.output", "1000000000000"),
    ];
    for said in [&PLAIN[..], &dear[..]] {
        match cost(&offer("anthropic", "*", "", said), &most) {
            Ok(cost) => assert!(cost.per_month > Decimal::ZERO),
            Err(unpriced) => assert_eq!(unpriced, Unpriced::TooMuch),
        }
    }
}

#[test]
fn bounds_let_in_only_what_is_known_to_be_within() {
    let eu = || vec![Place::from_word("eu").expect("a place")];
    let within = |reach: &[Reach]| Bounds {
        places: eu(),
        reach: reach.to_vec(),
        ..Bounds::default()
    };
    let leads = |regions: &str, mut offer: Offer| {
        let attribute = Attribute::Capability("destination_regions".into());
        let mut stated = offer
            .facts
            .get(&Attribute::price("input"))
            .expect("one")
            .clone();
        stated.value = Value::set(regions.split(' '));
        offer.facts.insert(attribute, stated);
        offer
    };
    let at = |region: &str, deployment: &str| offer("bedrock", region, deployment, &PLAIN);
    for (offer, reach, expected) in [
        (at("eu-central-1", "on-demand"), &[][..], None),
        (at("eu-west-2", "on-demand"), &[], Some(Breach::Place)),
        (at("*", "on-demand"), &[], Some(Breach::PlaceUnknown)),
        (at("eu-central-1", ""), &[], Some(Breach::ReachUnknown)),
        (at("eu-central-1", "profile:eu"), &[], None),
        (
            at("eu-central-1", "profile:global"),
            &[],
            Some(Breach::Reach),
        ),
        (at("eu-central-1", "profile:global"), &[Reach::Global], None),
        (
            at("eu-central-1", "profile:eu"),
            &[Reach::InRegion],
            Some(Breach::Reach),
        ),
        (
            leads("eu-central-1 eu-west-1", at("eu-central-1", "profile:eu")),
            &[],
            None,
        ),
        (
            leads("eu-central-1 eu-west-2", at("eu-central-1", "profile:eu")),
            &[],
            Some(Breach::Reach),
        ),
        (at("swedencentral", "DataZoneStandard"), &[], None),
        (at("uksouth", "DataZoneStandard"), &[], Some(Breach::Place)),
    ] {
        let found = within(reach).breach(&offer, NOW);
        assert_eq!(found, expected, "{:?} {reach:?}", offer.subject);
    }
    let ga = Bounds {
        stages: vec![Stage::Ga],
        ..Bounds::default()
    };
    let unknown = at("*", "");
    assert_eq!(ga.breach(&unknown, NOW), Some(Breach::StageUnknown));
    assert_eq!(Bounds::default().breach(&unknown, NOW), None);
    let retired = offer("bedrock", "*", "", &[("stage", "retired")]);
    assert_eq!(Bounds::default().breach(&retired, NOW), Some(Breach::Stage));
}

#[test]
fn choices_are_ranked_and_say_what_staying_costs() {
    let dearer = [("price.input", "3.3"), ("price.output", "16.5")];
    let offers = [
        offer("bedrock", "eu-central-1", "profile:eu", &dearer),
        offer("bedrock", "eu-central-1", "profile:global", &PLAIN),
        offer("anthropic", "*", "", &PLAIN),
        offer("vertex", "*", "", &PLAIN[..1]),
    ];
    let of_model = || offers.iter().map(|offer| ("anthropic/x", offer));
    let shown = |workload: &Workload| {
        let (choices, rejected) = choices(of_model(), workload, NOW);
        let mut lines: Vec<String> = choices
            .iter()
            .map(|choice| {
                let (subject, cost) = (&choice.offer.subject, &choice.cost.per_month);
                let premium = choice.premium.map_or("-".to_string(), |p| p.to_string());
                format!("{} {cost} {premium}", subject.provider)
            })
            .collect();
        lines.extend(
            rejected
                .iter()
                .map(|one| format!("{}: {}", one.offer.subject.provider, one.reason)),
        );
        lines
    };
    assert_eq!(
        shown(&workload()),
        [
            "anthropic 45 -",
            "bedrock 45 -",
            "bedrock 49.5 10",
            "vertex: no source states a price of output",
        ]
    );
    let bound = Workload {
        bounds: Bounds {
            places: vec![Place::from_word("eu").expect("a place")],
            ..Bounds::default()
        },
        ..workload()
    };
    assert_eq!(
        shown(&bound),
        [
            "bedrock 49.5 10",
            "anthropic: no source says in which region",
            "bedrock: its traffic may travel too far",
            "vertex: no source says in which region",
        ]
    );
}

#[test]
fn a_surcharge_that_only_a_registry_still_knows_is_none() {
    let mut offer = offer("anthropic", "*", "", &PLAIN);
    for (attribute, dollars) in [
        ("price.input.over_200000", "6"),
        ("price.output.over_200000", "22.5"),
    ] {
        let mut stated = offer.facts[&Attribute::price("input")].clone();
        stated.authority = Authority::Registry;
        stated.value = Value::Price(Price::usd_per_million_tokens(decimal(dollars)));
        offer
            .facts
            .insert(attribute.parse().expect("an attribute"), stated);
    }
    let long = Workload {
        input: 300_000,
        ..workload()
    };
    // 300 × 3 + 1 × 15
    assert_eq!(
        cost(&offer, &long).expect("a price").per_month,
        decimal("915")
    );
}

#[test]
fn what_cannot_be_had_is_neither_chosen_nor_a_measure() {
    let day = r#"{"date":"2026-01-01","certainty":"firm"}"#;
    let at = |stage: &str, dollars: &str| {
        offer(
            "bedrock",
            "*",
            stage,
            &[
                ("stage", stage),
                ("price.input", dollars),
                ("price.output", dollars),
            ],
        )
    };
    let mut over = at("ga", "0.5");
    let retires: Attribute = "date.retires".parse().expect("an attribute");
    let mut stated = over.facts[&Attribute::Stage].clone();
    stated.value = Value::from_stored(&retires, day).expect("a date");
    over.facts.insert(retires, stated);
    let tiny = at("preview", "0.000000000000001");
    let huge = at("limited", "1000000000000");
    let offers = [at("announced", "1"), at("ga", "2"), over, tiny, huge];
    let now = "2026-11-25T00:00:00Z".parse().expect("a time");
    let (choices, rejected) = choices(offers.iter().map(|offer| ("m", offer)), &workload(), now);
    let stages = |offer: &Offer| offer.stage().word();
    let chosen: Vec<&str> = choices.iter().map(|choice| stages(choice.offer)).collect();
    assert_eq!(chosen, ["preview", "ga", "limited"]);
    let reasons: Vec<&str> = rejected.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["at another stage", "the day on which it retires is over"]
    );
    // a ratio that cannot be written is no premium
    assert_eq!(choices[2].premium, None);
}

proptest::proptest! {
    #[test]
    fn more_of_anything_never_costs_less(
        input in 0u64..2_000_000, output in 1u64..200_000, requests in 1u64..1_000_000,
        cached in 0u32..=100, batch in 0u32..=100, more in 1u64..1_000,
    ) {
        let offer = offer("anthropic", "*", "", &FULL);
        let workload = Workload {
            requests,
            cached: Decimal::new(cached.into(), 2),
            batch: Decimal::new(batch.into(), 2),
            ..Workload::of_tokens(input, output)
        };
        let least = cost(&offer, &workload).expect("a price");
        let sum: Decimal = least.items.iter().map(|item| item.amount).sum();
        proptest::prop_assert_eq!(sum.normalize(), least.per_month);
        for greater in [
            Workload { input: input + more, ..workload.clone() },
            Workload { output: output + more, ..workload.clone() },
            Workload { requests: requests + more, ..workload.clone() },
        ] {
            proptest::prop_assert!(cost(&offer, &greater).expect("a price").per_month >= least.per_month);
        }
        // the cache and the batch tier are cheaper than what they stand for
        let plain = Workload { cached: Decimal::ZERO, batch: Decimal::ZERO, ..workload };
        proptest::prop_assert!(cost(&offer, &plain).expect("a price").per_month >= least.per_month);
    }
}
