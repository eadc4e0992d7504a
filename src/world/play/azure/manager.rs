//! The resource manager's list of a location's models (facts: azure.md §2).

use serde_json::{Value as Json, json};

use super::offered::{Offered, deployments, format, name, words};
use super::{AZURE, SUBSCRIPTION, locations, token, with};
use crate::world::moment::{Moment, Offer};
use crate::world::play::{Found, Resource, written};
use crate::world::script::Day;
use crate::world::{Answer, Asked, Channel, JSON, Request, Topic};

/// So many rows stand on one page.
const PAGE: usize = 60;

/// Versions of the interface that are accepted.
const VERSIONS: [&str; 5] = [
    "2023-05-01",
    "2024-10-01",
    "2025-06-01",
    "2026-03-01",
    "2026-05-01",
];

/// No date, as the resource manager writes it.
const NEVER: &str = "2099-12-31T00:00:00.000Z";

/// What is at an address of the resource manager.
pub fn find(asked: &Asked, request: &Request) -> Found {
    let (asked, request) = (asked.clone(), request.clone());
    Found::Depends(Box::new(move |moment| {
        if let Err((code, message)) = token::verify(request.bearer(), moment) {
            let challenge = format!(
                "Bearer authorization_uri=\"https://login.microsoftonline.com/{}\", error=\"invalid_token\"",
                token::TENANT
            );
            return error(401, code, message)
                .with("www-authenticate", &challenge)
                .into();
        }
        list(&asked)
    }))
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({ "error": { "code": code, "message": message } }),
    )
}

fn list(asked: &Asked) -> Found {
    let parts: Vec<&str> = asked.path.split('/').collect();
    let [
        "",
        "subscriptions",
        subscription,
        "providers",
        "Microsoft.CognitiveServices",
        "locations",
        location,
        "models",
    ] = parts.as_slice()
    else {
        return error(
            404,
            "InvalidResourceType",
            "The resource type could not be found.",
        )
        .into();
    };
    if *subscription != SUBSCRIPTION {
        let message = format!("The subscription '{subscription}' could not be found.");
        return error(404, "SubscriptionNotFound", &message).into();
    }
    let version = asked.parameter("api-version").unwrap_or_default();
    if !VERSIONS.contains(&version) {
        let message = format!(
            "No registered resource provider found for location '{location}' and API version '{version}' for type 'locations/models'. \
             The supported api-versions are '{}'.",
            VERSIONS.join(", ")
        );
        return error(400, "NoRegisteredProviderFound", &message).into();
    }
    let Some(location) = locations().find(|known| known == location) else {
        let message = format!(
            "The provided location '{location}' is not available for resource type 'locations/models'."
        );
        return error(400, "LocationNotAvailableForResourceType", &message).into();
    };
    let from = asked
        .parameter("$skiptoken")
        .and_then(|token| token.parse().ok())
        .unwrap_or(0);
    let here = format!("https://{}{}?api-version={version}", asked.host, asked.path);
    let made = Resource::new(
        "azure.models",
        asked,
        JSON,
        vec![Topic::api(AZURE)],
        move |moment| {
            let rows = with(moment, Channel::Api, |offered| {
                rows(moment, offered, location)
            });
            let after = from + PAGE;
            let next = (after < rows.len()).then(|| format!("{here}&$skiptoken={after}"));
            let page: Vec<Json> = rows.into_iter().skip(from).take(PAGE).collect();
            written::json(moment, &json!({ "value": page, "nextLink": next }))
        },
    );
    Resource {
        has_etag: false,
        ..made
    }
    .into()
}

/// Each model of a location, once for each kind of account.
fn rows(moment: &Moment<'_>, offered: &Offered<'_, '_>, location: &str) -> Vec<Json> {
    let mut rows = Vec::new();
    for offer in &offered.models {
        let skus = deployments(offer, location);
        if skus.is_empty() {
            continue;
        }
        let model = model(moment, offer, &skus);
        let other = if format(offer) == "OpenAI" {
            "OpenAI"
        } else {
            "MaaS"
        };
        for kind in ["AIServices", other] {
            rows.push(json!({ "kind": kind, "skuName": "S0", "model": model }));
        }
    }
    rows
}

fn model(moment: &Moment<'_>, offer: &Offer<'_>, skus: &[&str]) -> Json {
    let (name, version) = name(offer);
    let midnight = |day: Option<Day>| day.map(|day| format!("{}T00:00:00.000Z", moment.date(day)));
    let ends = midnight(offer.facts.retires);
    let skus: Vec<Json> = skus
        .iter()
        .map(|sku| {
            json!({
                "name": sku,
                "usageName": format!("{}.{sku}.{name}", format(offer)),
                "deprecationDate": ends.as_deref().unwrap_or(NEVER),
                "capacity": { "maximum": 1_000_000, "default": 10 },
                "rateLimits": [
                    { "key": "request", "renewalPeriod": 10, "count": 1 },
                    { "key": "token", "renewalPeriod": 60, "count": 1000 },
                ],
            })
        })
        .collect();
    let task = match offer
        .model
        .is_some_and(|model| model.outputs.iter().any(|kind| kind == "embeddings"))
    {
        true => "embeddings",
        false => "chatCompletion",
    };
    let (word, ..) = words(offer.stage());
    let status = match offer.facts.retires {
        Some(Day::Firm(_)) => "Planned",
        _ => "Tentative",
    };
    let mut model = json!({
        "format": format(offer),
        "name": name,
        "version": version,
        "isDefaultVersion": true,
        "maxCapacity": 3,
        "skus": skus,
        "capabilities": { task: "true", "area": "US", "scaleType": "Manual" },
        "lifecycleStatus": word,
        "systemData": {
            "createdBy": "Microsoft",
            "createdAt": midnight(offer.facts.launch),
            "lastModifiedAt": midnight(offer.facts.launch),
        },
    });
    if let Some(fields) = model.as_object_mut() {
        if let Some(ends) = ends {
            let deprecation = json!({ "inference": ends, "deprecationStatus": status });
            fields.insert("deprecation".to_string(), deprecation);
        }
        if let Some(instead) = &offer.facts.replacement {
            fields.insert(
                "replacementConfig".to_string(),
                json!({ "targetModelName": instead }),
            );
        }
        // OpenAI's own models name no publisher
        if format(offer) != "OpenAI" {
            fields.insert("publisher".to_string(), format(offer).into());
        }
    }
    model
}
