//! What a workload costs on an offering, with the keys that programs read.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use crate::landscape::{Choice, Offer, Rejected, Workload};
use crate::market::Reach;

/// A choice with the keys that programs read.
pub fn object(workload: &Workload, choice: &Choice<'_>, now: Timestamp) -> Map<String, Json> {
    let cost = &choice.cost;
    let items: Vec<Json> = cost
        .items
        .iter()
        .map(|item| {
            json!({
                "meter": crate::market::Attribute::Price(item.meter.clone()).to_string(),
                "tokens": item.tokens.to_string(), "price_per_1M": item.price.to_string(),
                "amount": item.amount.to_string(), "source": item.stated.source.to_string(),
                "authority": item.stated.authority.word(), "since": item.stated.since.to_string(),
                "confirmed_at": item.stated.confirmed_at.map(|at| at.to_string()),
            })
        })
        .collect();
    let assumptions: Vec<&str> = cost.assumptions.iter().map(|one| one.words()).collect();
    let per_request = cost.per_month.checked_div(Decimal::from(workload.requests));
    let mut object = place_of(workload, choice.model, choice.offer, now);
    object.extend(named([
        ("per_month", json!(cost.per_month.to_string())),
        (
            "per_request",
            json!(
                per_request
                    .and_then(|one| one.round_sf(12))
                    .map(|one| one.normalize().to_string())
            ),
        ),
        ("currency", json!(cost.currency.code())),
        (
            "premium_percent",
            json!(choice.premium.map(|percent| percent.to_string())),
        ),
        ("items", json!(items)),
        ("assumptions", json!(assumptions)),
        ("left_out", Json::Null),
    ]));
    object
}

/// What is left out, with the reason.
pub fn left_out(workload: &Workload, one: &Rejected<'_>, now: Timestamp) -> Map<String, Json> {
    let mut object = place_of(workload, one.model, one.offer, now);
    object.extend(named([
        ("per_month", Json::Null),
        ("per_request", Json::Null),
        ("currency", Json::Null),
        ("premium_percent", Json::Null),
        ("items", json!([])),
        ("assumptions", json!([])),
        ("left_out", json!(one.reason)),
    ]));
    object
}

fn place_of(workload: &Workload, model: &str, offer: &Offer, now: Timestamp) -> Map<String, Json> {
    let subject = &offer.subject;
    let fields = [
        ("workload", json!(workload.name)),
        ("model", json!(model)),
        ("version", json!(offer.version)),
        ("provider", json!(subject.provider.as_str())),
        ("native_id", json!(subject.native_id.as_str())),
        ("region", json!(subject.region.as_str())),
        ("deployment", json!(subject.deployment)),
        ("reach", json!(offer.reach().map(Reach::word))),
        ("stage", json!(offer.stage_at(now).word())),
    ];
    named(fields).collect()
}

fn named<const N: usize>(
    fields: [(&'static str, Json); N],
) -> impl Iterator<Item = (String, Json)> {
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
}
