//! Where a model is sold: a table for each native id, and all that is said of it, with who says so and since when.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::landscape::Offer;
use crate::market::{Attribute, DateKind, Reach};
use crate::outlook::compared::{Compared, Rung, amount, capability_of, paid, words};
use crate::outlook::moments::age;
use crate::render::one_line;
use crate::web::pages::landscape::cell::class;
use crate::web::shared::Link;

/// Characters of a value.
const VALUE: usize = 300;
/// Regions that are named at once; more are unfolded.
const REGIONS: usize = 6;

/// A provider that sells the model.
#[derive(Serialize)]
pub(super) struct Seller {
    provider: Link,
    ids: Vec<Sold>,
}

/// A native id.
#[derive(Serialize)]
struct Sold {
    native_id: String,
    version: Option<String>,
    rows: Vec<Row>,
    access: Vec<String>,
    facts: Vec<Said>,
}

/// Offerings that differ by region alone.
#[derive(Serialize)]
struct Row {
    deployment: Option<String>,
    reach: Option<&'static str>,
    leads_to: Option<String>,
    stage: &'static str,
    class: &'static str,
    interface: Option<String>,
    retires: Option<String>,
    input: Option<String>,
    output: Option<String>,
    cached: Option<String>,
    regions: Vec<String>,
    more: Vec<String>,
}

type Key = (
    Option<String>,
    Option<&'static str>,
    Option<String>,
    &'static str,
    &'static str,
    Option<String>,
    Option<String>,
    [Option<String>; 3],
);

/// One thing that one source says.
#[derive(Serialize)]
struct Said {
    attribute: String,
    value: String,
    source: String,
    authority: &'static str,
    since: String,
    confirmed: Option<String>,
    /// Where it holds, if not everywhere.
    regions: Option<String>,
}

/// Who sells it, provider by provider.
pub(super) fn sellers(found: &Compared) -> Vec<Seller> {
    let provider = |offer: &Offer| offer.subject.provider.clone();
    let of_one = found
        .offers
        .chunk_by(|one, next| provider(one) == provider(next));
    let sellers = of_one.filter_map(|offers| {
        let id = |offer: &Offer| offer.subject.native_id.clone();
        let ids = offers.chunk_by(|one, next| id(one) == id(next));
        Some(Seller {
            provider: Link::provider(offers.first()?.subject.provider.as_str()),
            ids: ids.filter_map(|offers| sold(found, offers)).collect(),
        })
    });
    sellers.collect()
}

fn sold(found: &Compared, offers: &[Offer]) -> Option<Sold> {
    let first = offers.first()?;
    Some(Sold {
        native_id: first.subject.native_id.to_string(),
        version: first.version.clone(),
        rows: rows(found, offers),
        access: access(found, offers),
        facts: facts(found, offers),
    })
}

fn rows(found: &Compared, offers: &[Offer]) -> Vec<Row> {
    let mut rows: BTreeMap<Key, BTreeSet<&str>> = BTreeMap::new();
    for offer in offers {
        let stated = |attribute: Attribute| {
            let fact = offer.facts.get(&attribute)?;
            Some(one_line(&fact.value.to_string(), VALUE))
        };
        let leads_to = match (offer.reach(), capability_of(offer, "destination_regions")) {
            (Some(Reach::Global), _) | (_, None) => None,
            (_, Some(regions)) => Some(one_line(&regions.to_string(), VALUE)),
        };
        let stage = offer.stage_at(found.now);
        let price = |meter| paid(offer, meter).map(|fact| one_line(&amount(&fact.value), VALUE));
        let key = (
            offer.subject.deployment.as_deref().map(str::to_string),
            offer.reach().map(Reach::word),
            leads_to,
            stage.word(),
            class(stage),
            stated(Attribute::Interface),
            stated(Attribute::Date(DateKind::Retires)),
            ["input", "output", "cache_read"].map(price),
        );
        let region = offer.subject.region.as_str();
        rows.entry(key).or_default().insert(region);
    }
    let row = |(key, regions): (Key, BTreeSet<&str>)| {
        let (deployment, reach, leads_to, stage, class, interface, retires, prices) = key;
        let [input, output, cached] = prices;
        let mut regions: Vec<String> = regions
            .into_iter()
            .filter(|region| *region != "*")
            .map(str::to_string)
            .collect();
        let more = match regions.len() > REGIONS {
            true => regions.split_off(REGIONS - 1),
            false => Vec::new(),
        };
        Row {
            deployment,
            reach,
            leads_to,
            stage,
            class,
            interface,
            retires,
            input,
            output,
            cached,
            regions,
            more,
        }
    };
    rows.into_iter().map(row).collect()
}

/// How far an account has come towards calling it, and what our own calls came to.
fn access(found: &Compared, offers: &[Offer]) -> Vec<String> {
    let said = offers.iter().filter_map(|offer| {
        let calls = found.called.to(offer);
        let rung = Rung::of(offer, calls.as_ref())?;
        let calls = calls.map_or(String::new(), |calls| {
            format!(", {}", words(&calls, found.now))
        });
        Some(format!("{}{calls}", rung.word()))
    });
    let said: BTreeSet<String> = said.collect();
    said.into_iter().collect()
}

fn facts(found: &Compared, offers: &[Offer]) -> Vec<Said> {
    type Key = (Attribute, String, String, &'static str);
    let mut all: BTreeMap<Key, (BTreeSet<&str>, jiff::Timestamp, Option<jiff::Timestamp>)> =
        BTreeMap::new();
    for offer in offers {
        for (attribute, fact) in &offer.facts {
            let key = (
                attribute.clone(),
                one_line(&fact.value.to_string(), VALUE),
                fact.source.probe.to_string(),
                fact.authority.word(),
            );
            let region = offer.subject.region.as_str();
            let entry = all
                .entry(key)
                .or_insert((BTreeSet::new(), fact.since, fact.confirmed_at));
            entry.0.insert(region);
            entry.1 = entry.1.min(fact.since);
            // what was read longest ago says how old it may be
            entry.2 = entry.2.min(fact.confirmed_at);
        }
    }
    let everywhere: BTreeSet<&str> = offers
        .iter()
        .map(|offer| offer.subject.region.as_str())
        .collect();
    let said = all.into_iter().map(|(key, (regions, since, confirmed))| {
        let (attribute, value, source, authority) = key;
        let is_part = regions.len() < everywhere.len();
        Said {
            attribute: attribute.to_string(),
            value,
            source,
            authority,
            since: since.strftime("%Y-%m-%d").to_string(),
            confirmed: confirmed.map(|at| age(found.now, at)),
            regions: is_part.then(|| Vec::from_iter(regions).join(", ")),
        }
    });
    said.collect()
}
