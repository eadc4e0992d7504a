//! Bodies of Bedrock's control plane (facts: aws-bedrock.md §3).

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::offered::{MANTLE, ON_DEMAND, Offered, is_at, is_legacy, maker, prefix};
use crate::market::Stage;
use crate::world::moment::{Moment, Offer};

/// The account whose identity asks.
const ACCOUNT: &str = "123456789012";

/// More profiles than this do not stand on one page, whatever is asked for.
const PAGE: usize = 20;

/// ListFoundationModels: all of a region in one answer.
pub fn models(moment: &Moment<'_>, offered: &Offered<'_, '_>, region: &str) -> Json {
    let mut rows: Vec<Json> = Vec::new();
    for model in &offered.models {
        let on_demand = is_at(model, Some(ON_DEMAND), region);
        if on_demand || is_at(model, None, region) {
            rows.push(summary(moment, model, region, on_demand));
        }
    }
    moment.shuffle(&mut rows);
    json!({ "modelSummaries": rows })
}

/// The ids that it lists.
pub fn ids<'o>(offered: &'o Offered<'_, '_>, region: &str) -> Vec<&'o str> {
    let models = offered.models.iter();
    let listed =
        models.filter(|model| is_at(model, Some(ON_DEMAND), region) || is_at(model, None, region));
    listed.map(|model| model.id).collect()
}

fn summary(moment: &Moment<'_>, model: &Offer<'_>, region: &str, on_demand: bool) -> Json {
    let way = match on_demand {
        true => "ON_DEMAND",
        false => "INFERENCE_PROFILE",
    };
    let upper = |words: &[String]| -> Vec<String> {
        words.iter().map(|word| word.to_uppercase()).collect()
    };
    let of_model = model.model;
    let outputs = of_model.map_or(&[][..], |model| &model.outputs);
    let mut life = json!({ "status": if is_legacy(model) { "LEGACY" } else { "ACTIVE" } });
    let facts = &model.facts;
    for (name, day) in [
        ("startOfLifeTime", facts.launch),
        ("legacyTime", facts.legacy),
        ("publicExtendedAccessTime", facts.deprecated),
        ("endOfLifeTime", facts.retires.filter(is_firm)),
    ] {
        if let (Some(day), Some(life)) = (day, life.as_object_mut()) {
            life.insert(name.to_string(), midnight(moment.date(day)).into());
        }
    }
    json!({
        "modelArn": arn(region, model.id),
        "modelId": model.id,
        "modelName": model.name,
        "providerName": maker(model),
        "inputModalities": upper(of_model.map_or(&[], |model| &model.inputs)),
        "outputModalities": upper(outputs),
        "responseStreamingSupported": outputs.iter().any(|output| output == "text"),
        "customizationsSupported": [],
        "inferenceTypesSupported": [way],
        "modelLifecycle": life,
    })
}

/// Whether an end is set: the interface knows no floors.
fn is_firm(day: &crate::world::script::Day) -> bool {
    matches!(day, crate::world::script::Day::Firm(_))
}

fn arn(region: &str, id: &str) -> String {
    format!("arn:aws:bedrock:{region}::foundation-model/{id}")
}

fn midnight(date: Date) -> String {
    format!("{date}T00:00:00Z")
}

/// ListInferenceProfiles: one page, from an offset on. A global profile also names its model in no region.
pub fn profiles(moment: &Moment<'_>, offered: &Offered<'_, '_>, region: &str, from: usize) -> Json {
    let here = |profile: &&&Offer<'_>| profile.regions().contains(&region);
    let all: Vec<&&Offer<'_>> = offered.profiles.iter().filter(here).collect();
    let after = from + PAGE;
    let next = (after < all.len()).then(|| format!("p-{after}"));
    let page = all.into_iter().skip(from).take(PAGE);
    let rows: Vec<Json> = page
        .map(|profile| profile_row(moment, offered, profile, region))
        .collect();
    let mut body = json!({ "inferenceProfileSummaries": rows });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("nextToken".to_string(), next.into());
    }
    body
}

fn profile_row(
    moment: &Moment<'_>,
    offered: &Offered<'_, '_>,
    profile: &Offer<'_>,
    region: &str,
) -> Json {
    let (id, name) = (profile.id, profile.name);
    let model = offered.model_of(profile);
    let base = model.map_or(id, |model| model.id);
    let regions = profile.regions();
    let is_global = prefix(profile) == Some("global");
    let to = regions.iter().copied().chain(is_global.then_some(""));
    let to: Vec<Json> = to
        .map(|region| json!({ "modelArn": arn(region, base) }))
        .collect();
    let since = model.and_then(|model| model.facts.launch);
    let since = since.map(|day| midnight(moment.date(day)));
    json!({
        "inferenceProfileId": id,
        "inferenceProfileName": name,
        "inferenceProfileArn": format!("arn:aws:bedrock:{region}:{ACCOUNT}:inference-profile/{id}"),
        "description": format!("Routes requests to {name}."),
        "createdAt": since,
        "updatedAt": since,
        "models": to,
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    })
}

/// The offset that a page's token stands for; `None` if it is nobody's token.
pub fn offset(token: Option<&str>) -> Option<usize> {
    match token {
        None => Some(0),
        Some(token) => token.strip_prefix("p-")?.parse().ok(),
    }
}

/// GetFoundationModelAvailability; `None` of a model that nobody knows. What is in limited preview has not been granted.
pub fn availability(offered: &Offered<'_, '_>, region: &str, id: &str) -> Option<Json> {
    let model = offered.models.iter().find(|model| model.id == id)?;
    let limited = model.stage() == Stage::Limited;
    let is_here = ids(offered, region).contains(&id);
    let word = |is: bool, yes: &'static str, no: &'static str| if is { yes } else { no };
    Some(json!({
        "modelId": id,
        "agreementAvailability": {
            "status": word(limited, "PENDING", "AVAILABLE"),
            "errorMessage": null,
        },
        "authorizationStatus": word(limited, "NOT_AUTHORIZED", "AUTHORIZED"),
        "entitlementAvailability": word(limited, "NOT_AVAILABLE", "AVAILABLE"),
        "regionAvailability": word(is_here, "AVAILABLE", "NOT_AVAILABLE"),
    }))
}

/// The OpenAI-compatible endpoint's list.
pub fn mantle(moment: &Moment<'_>, offered: &Offered<'_, '_>, region: &str) -> Json {
    let models = offered.models.iter();
    let here = models.filter(|model| is_at(model, Some(MANTLE), region));
    let mut rows: Vec<Json> = here
        .map(|model| {
            let since = model.facts.launch.map(|day| seconds(moment.date(day)));
            let owner = maker(model).to_lowercase();
            json!({ "id": model.id, "object": "model", "created": since.unwrap_or(0), "owned_by": owner })
        })
        .collect();
    moment.shuffle(&mut rows);
    json!({ "object": "list", "data": rows })
}

/// Seconds since 1970 at midnight UTC.
pub fn seconds(date: Date) -> i64 {
    let midnight = date.to_zoned(TimeZone::UTC);
    midnight.map_or(0, |midnight| Timestamp::as_second(midnight.timestamp()))
}
