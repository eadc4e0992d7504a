//! What Bedrock's sources say is what the script says, reckoned here anew from the offers of the moment.

use std::collections::BTreeSet;

use bellwether::market::Stage;
use bellwether::world::script::{Day, Place};
use bellwether::world::{Channel, Moment, Offer};

use super::{CALM, assert_same, at, name, only, readings};

fn offers<'w>(moment: &Moment<'w>, channel: Channel) -> Vec<Offer<'w>> {
    moment.offers("bedrock", channel)
}

fn is_listed(offer: &Offer<'_>) -> bool {
    offer.extra("list").is_some()
}

fn is_profile(place: &Place) -> bool {
    place
        .deployments
        .iter()
        .any(|term| term.starts_with("profile:"))
}

fn is_model(offer: &Offer<'_>) -> bool {
    !is_listed(offer) && offer.extra("page").is_none() && !offer.places.iter().any(is_profile)
}

/// What the control plane says of a model's life.
fn life(moment: &Moment<'_>, offer: &Offer<'_>, subject: &str, is_page: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let facts = &offer.facts;
    for (attribute, day) in [
        ("date.legacy", facts.legacy),
        ("date.deprecated", facts.deprecated),
        ("date.retires", facts.retires),
    ] {
        if let Some(Day::Firm(_)) = day {
            let date = day.map(|day| moment.date(day)).expect("a day");
            lines.push(format!("{subject} {attribute} = {date}"));
        }
    }
    if is_page {
        lines.push(format!("{subject} name = {}", offer.name));
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn bedrock_says_what_the_script_says() {
    for day in CALM {
        let now = at(day, 22);
        let (world, read) = readings(now).await;
        let moment = world.at(now);
        let api = offers(&moment, Channel::Api);
        for (source, told) in &read {
            let (probe, region) = source.split_once('@').expect("an @");
            let expected = match probe {
                "bedrock.models" => models(&moment, &api, region),
                "bedrock.profiles" => profiles(&api, region),
                "bedrock.mantle" => deployed(&api, region, "mantle"),
                "bedrock.prices" => prices(&api, region, "AmazonBedrock"),
                "bedrock.marketplace-prices" => {
                    prices(&api, region, "AmazonBedrockFoundationModels")
                }
                "bedrock.service-prices" => prices(&api, region, "AmazonBedrockService"),
                _ => continue,
            };
            let wanted = ["date.legacy", "date.deprecated", "date.retires"];
            let priced = ["price.input", "price.output", "price.cache_read"];
            assert_same(
                &format!("{source} on day {day}"),
                &only(told, &[&wanted[..], &priced].concat()),
                &expected,
            );
        }
        pages(&moment, &read);
    }
}

fn models(moment: &Moment<'_>, offers: &[Offer<'_>], region: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for offer in offers.iter().filter(|offer| is_model(offer)) {
        let here: Vec<&Place> = offer
            .places
            .iter()
            .filter(|place| place.regions.iter().any(|own| own == region))
            .collect();
        let on_demand = here
            .iter()
            .any(|place| place.deployments.iter().any(|term| term == "on-demand"));
        let by_profile = here.iter().any(|place| place.deployments.is_empty());
        if on_demand || by_profile {
            let subject = name(offer.id, region, if on_demand { "on-demand" } else { "" });
            lines.extend(life(moment, offer, &subject, false));
            lines.insert(subject);
        }
    }
    assert!(!lines.is_empty(), "{region} has no model");
    lines
}

fn profiles(offers: &[Offer<'_>], region: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for offer in offers {
        for place in offer
            .places
            .iter()
            .filter(|place| is_profile(place) && !is_listed(offer))
        {
            if place.regions.iter().any(|own| own == region) {
                lines.extend(
                    place
                        .deployments
                        .iter()
                        .map(|term| name(offer.id, region, term)),
                );
            }
        }
    }
    lines
}

fn deployed(offers: &[Offer<'_>], region: &str, deployment: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for offer in offers.iter().filter(|offer| is_model(offer)) {
        let is_here = |place: &Place| {
            place.regions.iter().any(|own| own == region)
                && place.deployments.iter().any(|term| term == deployment)
        };
        if offer.places.iter().any(is_here) {
            lines.insert(name(offer.id, region, deployment));
        }
    }
    lines
}

fn prices(offers: &[Offer<'_>], region: &str, list: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for offer in offers
        .iter()
        .filter(|offer| offer.extra("list") == Some(list))
    {
        for place in offer
            .places
            .iter()
            .filter(|place| place.regions.iter().any(|own| own == region))
        {
            for deployment in &place.deployments {
                let subject = name(offer.id, region, deployment);
                for (meter, amount) in &place.price {
                    lines.insert(format!("{subject} price.{meter} = ${amount} / 1M tokens"));
                }
                lines.insert(subject);
            }
        }
    }
    lines
}

/// What the user guide says.
fn pages(moment: &Moment<'_>, read: &std::collections::BTreeMap<String, BTreeSet<String>>) {
    let all = offers(moment, Channel::Page);
    let mut cards = BTreeSet::new();
    let mut leaving = BTreeSet::new();
    for offer in all.iter().filter(|offer| is_model(offer)) {
        let stage = offer.stage();
        cards.insert(format!("{} stage = {}", offer.id, stage.word()));
        cards.insert(format!("{} name = {}", offer.id, offer.name));
        if stage == Stage::Legacy {
            for region in offer.regions() {
                let subject = name(offer.id, region, "");
                leaving.extend(life(moment, offer, &subject, true));
                leaving.insert(format!("{subject} stage = legacy"));
            }
        }
        if let Some(day) = offer.facts.retires {
            cards.insert(format!("{} date.retires = {}", offer.id, moment.day(day)));
        }
        if let Some(context) = offer.limit("context") {
            cards.insert(format!("{} limit.context = {context}", offer.id));
        }
    }
    let stated = |source: &str, attributes: &[&str]| -> BTreeSet<String> {
        let lines = only(&read[source], attributes).into_iter();
        lines.filter(|line| line.contains(" = ")).collect()
    };
    assert_same(
        "the cards",
        &stated(
            "bedrock.cards@",
            &["stage", "name", "date.retires", "limit.context"],
        ),
        &cards,
    );
    let told = stated(
        "bedrock.lifecycle@",
        &[
            "stage",
            "name",
            "date.legacy",
            "date.deprecated",
            "date.retires",
        ],
    );
    assert_same("the page of lifecycles", &told, &leaving);
    let subjects: BTreeSet<String> = read["bedrock.cards@"]
        .iter()
        .filter(|line| line.contains(" in ") && !line.contains(" = "))
        .cloned()
        .collect();
    let mut places = BTreeSet::new();
    for offer in all
        .iter()
        .filter(|offer| !is_listed(offer) && offer.extra("page").is_none())
    {
        for place in &offer.places {
            for deployment in &place.deployments {
                places.extend(
                    place
                        .regions
                        .iter()
                        .map(|region| name(offer.id, region, deployment)),
                );
            }
        }
    }
    assert_same("the cards' regions", &subjects, &places);
    let agents = all
        .iter()
        .find(|offer| offer.extra("page").is_some())
        .expect("the agents");
    let line = format!("{} stage = {}", agents.id, agents.stage().word());
    assert!(read["bedrock.managed-agents@"].contains(&line), "{line}");
}
