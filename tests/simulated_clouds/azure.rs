//! What Azure's sources say is what the script says, reckoned here anew from the offers of the moment.

use std::collections::{BTreeMap, BTreeSet};

use bellwether::market::Stage;
use bellwether::world::{Channel, Moment, Offer};

use super::{CALM, assert_same, at, name, only, readings};

fn is_priced(offer: &Offer<'_>) -> bool {
    offer.extra("product").is_some()
}

fn is_model(offer: &Offer<'_>) -> bool {
    !is_priced(offer) && offer.extra("cloud").is_none()
}

/// The stage and the end of an offer, as all of Azure's sources state them.
fn facts(moment: &Moment<'_>, offer: &Offer<'_>, subject: &str) -> Vec<String> {
    let mut lines = vec![
        subject.to_string(),
        format!("{subject} stage = {}", offer.stage().word()),
    ];
    let ends = offer
        .facts
        .retires
        .map(|day| format!("{subject} date.retires = {}", moment.day(day)));
    let instead = offer.facts.replacement.as_ref();
    lines.extend(ends);
    lines.extend(instead.map(|id| format!("{subject} replacement = {id}")));
    lines
}

const FACTS: [&str; 3] = ["stage", "date.retires", "replacement"];

/// The subjects of all places with a deployment that fits.
fn places<'o>(
    offers: impl Iterator<Item = &'o Offer<'o>>,
    fits: impl Fn(&str) -> bool,
) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for offer in offers {
        for place in &offer.places {
            for deployment in place.deployments.iter().filter(|term| fits(term)) {
                lines.extend(
                    place
                        .regions
                        .iter()
                        .map(|region| name(offer.id, region, deployment)),
                );
            }
        }
    }
    lines
}

fn stated(
    read: &BTreeMap<String, BTreeSet<String>>,
    source: &str,
    attributes: &[&str],
) -> BTreeSet<String> {
    only(&read[source], attributes)
}

#[tokio::test(flavor = "multi_thread")]
async fn azure_says_what_the_script_says() {
    for day in CALM {
        let now = at(day, 22);
        let (world, read) = readings(now).await;
        let moment = world.at(now);
        let api = moment.offers("azure", Channel::Api);
        for (source, told) in &read {
            let (probe, region) = source.split_once('@').expect("an @");
            let (expected, attributes) = match probe {
                "azure.models" => (models(&moment, &api, region), &FACTS[..]),
                "azure.prices" => (
                    prices(&api, region),
                    &[
                        "price.input",
                        "price.output",
                        "price.cache_read",
                        "price.input.batch",
                        "price.output.batch",
                    ][..],
                ),
                _ => continue,
            };
            assert_same(
                &format!("{source} on day {day}"),
                &only(told, attributes),
                &expected,
            );
        }
        pages(&moment, &read);
    }
}

fn models(moment: &Moment<'_>, offers: &[Offer<'_>], location: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for offer in offers.iter().filter(|offer| is_model(offer)) {
        for place in offer
            .places
            .iter()
            .filter(|place| place.regions.iter().any(|own| own == location))
        {
            for deployment in &place.deployments {
                lines.extend(facts(moment, offer, &name(offer.id, location, deployment)));
            }
        }
    }
    assert!(!lines.is_empty(), "{location} has no model");
    lines
}

fn prices(offers: &[Offer<'_>], region: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for offer in offers.iter().filter(|offer| is_priced(offer)) {
        for place in &offer.places {
            let (is_here, shown) = match place.regions.as_slice() {
                [] => (region == "Global", ""),
                regions => (regions.iter().any(|own| own == region), region),
            };
            for deployment in place.deployments.iter().filter(|_| is_here) {
                let subject = name(offer.id, shown, deployment);
                for (meter, amount) in &place.price {
                    lines.insert(format!("{subject} price.{meter} = ${amount} / 1M tokens"));
                }
                lines.insert(subject);
            }
        }
    }
    lines
}

/// What the documentation and the catalogue say.
fn pages(moment: &Moment<'_>, read: &BTreeMap<String, BTreeSet<String>>) {
    let all = moment.offers("azure", Channel::Page);
    let own: Vec<&Offer<'_>> = all.iter().filter(|offer| is_model(offer)).collect();
    let (mut schedule, mut retired, mut catalogue, mut government) = (
        BTreeSet::new(),
        BTreeSet::new(),
        BTreeSet::new(),
        BTreeSet::new(),
    );
    for offer in &own {
        let page = match offer.stage() {
            Stage::Retired => &mut retired,
            _ => &mut schedule,
        };
        page.extend(facts(moment, offer, offer.id));
        catalogue.extend([
            offer.id.to_string(),
            format!("{} stage = {}", offer.id, offer.stage().word()),
        ]);
    }
    for offer in all.iter().filter(|offer| offer.extra("cloud").is_some()) {
        government.extend(facts(moment, offer, &name(offer.id, "usgov", "")));
    }
    assert_same(
        "the schedule",
        &stated(read, "azure.retirements@", &FACTS),
        &schedule,
    );
    assert_same(
        "what is retired",
        &stated(read, "azure.retired@", &FACTS),
        &retired,
    );
    assert_same(
        "the government's schedule",
        &stated(read, "azure.retirements-gov@usgov", &FACTS),
        &government,
    );
    assert_same(
        "the catalogue",
        &stated(read, "azure.catalogue@", &["stage"]),
        &catalogue,
    );
    let of = |by_azure: bool| {
        let own = own.iter().copied();
        own.filter(move |offer| (offer.extra("seller") != Some("partner")) == by_azure)
    };
    for (source, by_azure, end) in [
        ("azure.regions-standard@", true, "Standard"),
        ("azure.regions-provisioned@", true, "ProvisionedManaged"),
        ("azure.regions-batch@", true, "Batch"),
        ("azure.regions-partners@", false, "Standard"),
    ] {
        let expected = places(of(by_azure), |term| term.ends_with(end));
        assert_same(source, &stated(read, source, &[]), &expected);
    }
}
