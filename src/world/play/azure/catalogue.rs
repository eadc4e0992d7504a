//! The public catalogue of Microsoft Foundry, page by page (facts: azure.md §5).

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::offered::{Offered, format, is_sold_by_azure, name, words};
use super::{AZURE, nowhere, with};
use crate::market::Stage;
use crate::world::moment::{Moment, Offer};
use crate::world::play::{Found, Resource, written};
use crate::world::script::Day;
use crate::world::{Answer, Asked, Channel, JSON, Request, Topic};

/// More rows than this are on no page.
const MOST: usize = 100;

/// So many rows stand on a page, whatever is asked for.
const PAGE: usize = 40;

/// What the catalogue answers to a question.
pub fn find(asked: &Asked, request: &Request) -> Found {
    if asked.path != "/asset-gallery/v1.0/models" {
        return nowhere();
    }
    if request.method != "POST" {
        return Answer::json(
            405,
            &json!({ "error": { "code": "UserError", "message": "Method not allowed" } }),
        )
        .into();
    }
    let wanted: Json = serde_json::from_slice(&request.body).unwrap_or_default();
    let size = wanted
        .get("pageSize")
        .and_then(Json::as_u64)
        .unwrap_or(PAGE as u64);
    let token = wanted.get("continuationToken").and_then(Json::as_str);
    let from = token.map_or(Some(0), |token| token.strip_prefix("skip-")?.parse().ok());
    let (Ok(size), Some(from)) = (usize::try_from(size), from) else {
        return refused("The request has a field that cannot be read.").into();
    };
    if size == 0 || size > MOST {
        return refused("pageSize must be between 1 and 100.").into();
    }
    let made = Resource::new(
        "azure.catalogue",
        asked,
        JSON,
        vec![Topic::page(AZURE)],
        move |moment| written::json(moment, &page(moment, from, size.min(PAGE))),
    );
    let key = format!("{}#{from}+{size}", made.key);
    let has_etag = false;
    Resource {
        key,
        has_etag,
        ..made
    }
    .into()
}

fn refused(message: &str) -> Answer {
    Answer::json(
        400,
        &json!({ "error": { "code": "UserError", "message": message } }),
    )
}

fn page(moment: &Moment<'_>, from: usize, size: usize) -> Json {
    with(moment, Channel::Page, |offered| {
        let rows = sorted(offered);
        let after = from + size;
        let next = (after < rows.len()).then(|| format!("skip-{after}"));
        let rows = rows.into_iter().skip(from).take(size);
        let summaries: Vec<Json> = rows.map(|offer| summary(moment, offer)).collect();
        json!({ "summaries": summaries, "continuationToken": next })
    })
}

fn sorted<'o, 'w>(offered: &Offered<'o, 'w>) -> Vec<&'o Offer<'w>> {
    let mut rows = offered.models.clone();
    rows.sort_by_key(|offer| (offer.id.to_lowercase(), offer.id));
    rows
}

fn summary(moment: &Moment<'_>, offer: &Offer<'_>) -> Json {
    let (name, version) = name(offer);
    let is_openai = format(offer) == "OpenAI";
    let registry = if is_openai { "azure-openai" } else { "azureml" };
    let (_, word, _) = words(offer.stage());
    let embeds = offer
        .model
        .is_some_and(|model| model.outputs.iter().any(|kind| kind == "embeddings"));
    // OpenAI's models have no dates here, and floors are not told
    let ends = match offer.facts.retires {
        Some(Day::Firm(_)) if !is_openai || offer.stage() == Stage::Retired => offer
            .facts
            .retires
            .map(|day| format!("{}T00:00:00Z", moment.date(day))),
        _ => None,
    };
    let limits = offer.model.map(|model| {
        json!({
            "textLimits": { "inputContextWindow": offer.limit("context"), "maxOutputTokens": offer.limit("output") },
            "supportedInputModalities": model.inputs,
            "supportedOutputModalities": model.outputs,
            "supportedLanguages": ["en"],
            "otherLimits": {},
        })
    });
    // popularity and creation are new on every request
    let mut chance = moment.random();
    let created = moment.course.begin + SignedDuration::from_secs((chance.bits() % 3600) as i64);
    json!({
        "name": name,
        "displayName": if offer.name == offer.id { name } else { offer.name },
        "publisher": format(offer),
        "registryName": registry,
        "version": version,
        "assetId": format!("azureml://registries/{registry}/models/{name}/versions/{version}"),
        "lifecycle": word,
        "deprecation": { "inferenceRetirementDate": ends },
        "deploymentOptions": if is_openai { ["AOAI", "UnifiedEndpointMaaS"] } else { ["Serverless API", "UnifiedEndpointMaaS"] },
        "azureOffers": null,
        "inferenceTasks": if embeds { ["embeddings"] } else { ["chat-completion"] },
        "modelCapabilities": if embeds { &[][..] } else { &["streaming", "tool-calling"][..] },
        "modelLimits": limits,
        "isDirectFromAzure": is_sold_by_azure(offer),
        "popularity": chance.share(),
        "createdTime": created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "labels": ["latest"],
    })
}
