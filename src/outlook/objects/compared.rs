//! An offering with the keys that programs read.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::landscape::{Offer, Spread, Stated};
use crate::latency::Callable;
use crate::market::{Attribute, DateKind, Reach, Value};
use crate::outlook::compared::{Compared, Rung, capability_of, flag};

/// Every offering.
pub fn all(compared: &Compared) -> Vec<Map<String, Json>> {
    let offers = compared.offers.iter();
    offers.map(|offer| object(compared, offer)).collect()
}

fn object(compared: &Compared, offer: &Offer) -> Map<String, Json> {
    let subject = &offer.subject;
    let value = |attribute: Attribute| offer.facts.get(&attribute).map(|fact| fact.value.to_json());
    let date = |kind| json!(value(Attribute::Date(kind)));
    let spreads: Vec<Json> = offer.spreads.iter().map(spread_object).collect();
    let listed_by: Vec<String> = offer.listed_by.iter().map(ToString::to_string).collect();
    let destinations = capability_of(offer, "destination_regions").map(Value::to_json);
    let fields = [
        ("model", json!(compared.model)),
        ("version", json!(offer.version)),
        ("provider", json!(subject.provider.as_str())),
        ("native_id", json!(subject.native_id.as_str())),
        ("region", json!(subject.region.as_str())),
        ("deployment", json!(subject.deployment)),
        ("reach", json!(offer.reach().map(Reach::word))),
        ("destination_regions", json!(destinations)),
        ("stage", json!(offer.stage_at(compared.now).word())),
        ("interface", json!(value(Attribute::Interface))),
        ("launch", date(DateKind::Launch)),
        ("legacy", date(DateKind::Legacy)),
        ("deprecated", date(DateKind::Deprecated)),
        ("retires", date(DateKind::Retires)),
        ("replacement", json!(value(Attribute::Replacement))),
        ("said_by", Json::Object(said_by(offer))),
        ("access", access(compared, offer)),
        ("listed_by", json!(listed_by)),
        ("prices", Json::Object(prices(offer))),
        ("spreads", json!(spreads)),
        ("fall_back", fall_back(compared, offer)),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}

/// Who says what of its life, by the key under which it stands.
fn said_by(offer: &Offer) -> Map<String, Json> {
    let date = |kind| Attribute::Date(kind);
    let facts = [
        ("stage", Attribute::Stage),
        ("interface", Attribute::Interface),
        ("launch", date(DateKind::Launch)),
        ("legacy", date(DateKind::Legacy)),
        ("deprecated", date(DateKind::Deprecated)),
        ("retires", date(DateKind::Retires)),
        ("replacement", Attribute::Replacement),
    ];
    let facts = facts.into_iter();
    facts
        .filter_map(|(key, attribute)| {
            let fact = offer.facts.get(&attribute)?;
            Some((key.to_string(), Json::Object(source(fact))))
        })
        .collect()
}

/// Who says so, how far that is to be believed, since when and until when it was last read.
fn source(fact: &Stated) -> Map<String, Json> {
    let fields = [
        ("source", json!(fact.source.to_string())),
        ("authority", json!(fact.authority.word())),
        ("since", json!(fact.since.to_string())),
        (
            "confirmed_at",
            json!(fact.confirmed_at.map(|at| at.to_string())),
        ),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}

fn prices(offer: &Offer) -> Map<String, Json> {
    offer
        .facts
        .iter()
        .filter(|(attribute, _)| matches!(attribute, Attribute::Price(_)))
        .map(|(attribute, fact)| {
            let mut said = source(fact);
            said.insert("value".to_string(), fact.value.to_json());
            (attribute.to_string(), Json::Object(said))
        })
        .collect()
}

/// The rung, what the provider says of each condition of it, and what our own calls came to.
fn access(compared: &Compared, offer: &Offer) -> Json {
    let calls = compared.called.to(offer);
    json!({
        "rung": Rung::of(offer, calls.as_ref()).map(Rung::word),
        "offered": flag(offer, "offered"),
        "agreement": capability_of(offer, "agreement").map(Value::to_json),
        "authorised": flag(offer, "authorised"),
        "entitled": flag(offer, "entitled"),
        "calls": calls.as_ref().map(calls_object),
    })
}

fn calls_object(calls: &Callable) -> Json {
    let text = |at: &Timestamp| at.to_string();
    match calls {
        Callable::Yes { at } => json!({ "state": "answers", "at": text(at) }),
        Callable::Refused { outcome, at } => {
            json!({ "state": "refused", "outcome": outcome, "at": text(at) })
        }
        Callable::ThrottledThroughout { since, calls } => {
            json!({ "state": "throttled_throughout", "since": text(since), "calls": calls })
        }
        Callable::Failed {
            outcome,
            at,
            answered_at,
        } => json!({
            "state": "failed", "outcome": outcome, "at": text(at), "answered_at": answered_at.as_ref().map(text),
        }),
    }
}

/// Where else the model is generally available, and what its provider says to move to.
fn fall_back(compared: &Compared, offer: &Offer) -> Json {
    let own = offer.subject.provider.as_str();
    let elsewhere: Vec<&str> = compared
        .open_on()
        .into_iter()
        .filter(|provider| *provider != own)
        .collect();
    let replacements: Vec<Json> = compared
        .replacements
        .iter()
        .filter(|replacement| replacement.provider == own)
        .map(|replacement| {
            json!({
                "named": replacement.named, "model": replacement.model,
                "offered_on": replacement.offered_on, "offered_here": replacement.offered_on.contains(own),
            })
        })
        .collect();
    json!({ "ga_on": elsewhere, "replacements": replacements })
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
