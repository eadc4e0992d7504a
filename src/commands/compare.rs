//! `compare`: one model on every provider.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::output::{Format, clean, objects, print, table};
use super::{Setup, say, wrong};
use crate::landscape::{Offer, Spread, offers};
use crate::market::{Attribute, DateKind, Identity, Reach, Stage, Subject, Value, identify};
use crate::store::{OfferingFilter, Offerings};

/// `bellwether compare`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The models: anthropic/claude-sonnet-4.5, or any provider's own spelling of it.
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<String>,
    /// Only in this region; offerings whose source names no region are shown all the same.
    #[arg(long)]
    region: Option<String>,
}

/// The prices that the table shows.
const METERS: [&str; 3] = ["input", "output", "cache_read"];
/// Regions that the table names; of more it says how many there are.
const REGIONS: usize = 3;

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let store = setup.open_for_reading()?;
    for (place, text) in arguments.models.iter().enumerate() {
        let Some(model) = identify(None, text).model else {
            return Err(wrong(format!(
                "expected a model such as anthropic/claude-sonnet-4.5, found '{text}', whose maker is not known: \
                 `bellwether model {text}` says why, `bellwether offerings --model {text}` finds native ids"
            )));
        };
        let facts = store.offerings(&OfferingFilter {
            model: Some(model.clone()),
            region: arguments.region.clone(),
            ..OfferingFilter::default()
        })?;
        let identities: BTreeMap<&Subject, Identity> = facts
            .chunk_by(|one, next| one.subject == next.subject)
            .filter_map(|facts| {
                let subject: &Subject = &facts.first()?.subject;
                Some((subject, subject.identity()?))
            })
            .collect();
        let known = facts
            .iter()
            .filter_map(|fact| Some((fact, identities.get(&*fact.subject)?)));
        let offers = offers(&model, known);
        if setup.format != Format::Table {
            let rows: Vec<Map<String, Json>> =
                offers.iter().map(|offer| object(&model, offer)).collect();
            objects(setup.format, &rows);
            continue;
        }
        if place > 0 {
            say("");
        }
        tell(&model, &offers);
    }
    Ok(())
}

fn tell(model: &str, offers: &[Offer]) {
    say(model);
    if offers.is_empty() {
        say("  no source speaks of it");
        return;
    }
    let mut regions: BTreeMap<Vec<String>, BTreeSet<&str>> = BTreeMap::new();
    for offer in offers {
        let region = offer.subject.region.as_str();
        regions.entry(row(offer)).or_default().insert(region);
    }
    let rows: Vec<Vec<String>> = regions
        .into_iter()
        .map(|(mut row, regions)| {
            row.insert(3, in_words(&regions));
            row
        })
        .collect();
    print(&table(
        &[
            "PROVIDER",
            "NATIVE ID",
            "DEPLOYMENT",
            "REGIONS",
            "STAGE",
            "RETIRES",
            "INPUT",
            "OUTPUT",
            "CACHED",
            "PRICE SAID BY",
        ],
        &rows,
        44,
    ));
    tell_spreads(offers);
    tell_ways_out(offers);
}

/// An offering as the table shows it, but for its region.
fn row(offer: &Offer) -> Vec<String> {
    let subject = &offer.subject;
    let shown = |attribute: &Attribute| {
        let fact = offer.facts.get(attribute);
        fact.map_or_else(|| "-".to_string(), |fact| fact.value.to_string())
    };
    let price = |meter: &str| shown(&Attribute::price(meter)).replace(" / 1M tokens", "");
    let said_by = METERS
        .iter()
        .find_map(|meter| offer.facts.get(&Attribute::price(meter)));
    let mut row = vec![
        subject.provider.to_string(),
        subject.native_id.to_string(),
        subject.deployment.as_deref().unwrap_or("-").to_string(),
        offer.stage().word().to_string(),
        shown(&Attribute::Date(DateKind::Retires)),
    ];
    row.extend(METERS.map(price));
    row.push(said_by.map_or_else(|| "-".to_string(), |fact| fact.source.probe.to_string()));
    row
}

fn in_words(regions: &BTreeSet<&str>) -> String {
    let named: Vec<&str> = regions.iter().copied().take(REGIONS).collect();
    match regions.len() {
        count if count > REGIONS => {
            format!("{} and {} more", named.join(", "), count - REGIONS)
        }
        _ => named.join(", "),
    }
}

fn tell_spreads(offers: &[Offer]) {
    let lines: BTreeSet<String> = offers
        .iter()
        .flat_map(|offer| {
            let of = format!("{} {}", offer.subject.provider, offer.subject.native_id);
            offer.spreads.iter().map(move |spread| line(&of, spread))
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    say("");
    say("sources differ (USD per 1M tokens unless another unit is named)");
    for line in lines {
        say(&format!("  {}", clean(&line)));
    }
}

fn line(of: &str, spread: &Spread) -> String {
    let meter = Attribute::Price(spread.meter.clone());
    let said = |stated: &crate::landscape::Stated| {
        let value = stated.value.to_string().replace(" / 1M tokens", "");
        format!("{value} ({})", stated.source.probe)
    };
    format!(
        "{of} {meter}: {} against {}: {}",
        said(&spread.believed),
        said(&spread.other),
        spread.class.words()
    )
}

/// What to fall back to: where else the model is generally available, and what its providers say to move to.
fn tell_ways_out(offers: &[Offer]) {
    let open: BTreeSet<&str> = offers
        .iter()
        .filter(|offer| offer.stage() == Stage::Ga)
        .map(|offer| offer.subject.provider.as_str())
        .collect();
    let replacements: BTreeSet<String> = offers
        .iter()
        .filter_map(|offer| {
            let fact = offer.facts.get(&Attribute::Replacement)?;
            Some(format!("{}: {}", offer.subject.provider, fact.value))
        })
        .collect();
    if open.is_empty() && replacements.is_empty() {
        return;
    }
    say("");
    if !open.is_empty() {
        let open: Vec<&str> = open.into_iter().collect();
        say(&format!("generally available on {}", open.join(", ")));
    }
    for replacement in replacements {
        say(&format!("to move to, says {}", clean(&replacement)));
    }
}

/// An offering with the keys that programs read.
fn object(model: &str, offer: &Offer) -> Map<String, Json> {
    let subject = &offer.subject;
    let value = |attribute: Attribute| offer.facts.get(&attribute).map(|fact| fact.value.to_json());
    let prices: Map<String, Json> = offer
        .facts
        .iter()
        .filter(|(attribute, _)| matches!(attribute, Attribute::Price(_)))
        .map(|(attribute, fact)| {
            let said = json!({
                "value": fact.value.to_json(), "source": fact.source.to_string(), "authority": fact.authority.word(),
                "since": fact.since.to_string(), "confirmed_at": fact.confirmed_at.map(|at| at.to_string()),
            });
            (attribute.to_string(), said)
        })
        .collect();
    let spreads: Vec<Json> = offer.spreads.iter().map(spread_object).collect();
    let listed_by: Vec<String> = offer.listed_by.iter().map(ToString::to_string).collect();
    let fields = [
        ("model", json!(model)),
        ("version", json!(offer.version)),
        ("provider", json!(subject.provider.as_str())),
        ("native_id", json!(subject.native_id.as_str())),
        ("region", json!(subject.region.as_str())),
        ("deployment", json!(subject.deployment)),
        ("reach", json!(offer.reach().map(Reach::word))),
        ("stage", json!(offer.stage().word())),
        ("interface", json!(value(Attribute::Interface))),
        ("retires", json!(value(Attribute::Date(DateKind::Retires)))),
        ("replacement", json!(value(Attribute::Replacement))),
        ("listed_by", json!(listed_by)),
        ("prices", Json::Object(prices)),
        ("spreads", json!(spreads)),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}

fn spread_object(spread: &Spread) -> Json {
    let json_of = |value: &Value| value.to_json();
    json!({
        "attribute": Attribute::Price(spread.meter.clone()).to_string(),
        "believed": json_of(&spread.believed.value), "source": spread.believed.source.to_string(),
        "other": json_of(&spread.other.value), "other_source": spread.other.source.to_string(),
        "class": spread.class.words(),
    })
}
