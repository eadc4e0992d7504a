//! OpenRouter, which resells what the labs sell themselves.

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::super::super::moment::Offer;
use super::super::super::{Answer, Asked, Channel, JSON, Moment, Request, Topic};
use super::super::{Found, Resource, written};
use super::{KEY, NAMES, told};
use crate::market::day_start;

/// OpenRouter's id of what a lab sells itself; `None` where it does not resell it.
pub fn resold_as(provider: &str, id: &str) -> Option<String> {
    let names = NAMES
        .iter()
        .find(|names| names.provider == provider && !names.openrouter.is_empty())?;
    let is_number = |part: &str, most: usize| {
        part.len() <= most && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts: Vec<&str> = id.split('-').collect();
    if provider == "anthropic" {
        parts.retain(|part| !(part.len() == 8 && is_number(part, 8)));
        if let [rest @ .., major, minor] = parts.as_slice()
            && is_number(major, 2)
            && is_number(minor, 2)
        {
            return Some(format!(
                "{}/{}-{major}.{minor}",
                names.openrouter,
                rest.join("-")
            ));
        }
    }
    Some(format!("{}/{}", names.openrouter, parts.join("-")))
}

fn resold(offer: &Offer<'_>, moment: &Moment<'_>) -> Option<Json> {
    let id = resold_as(offer.provider, offer.id)?;
    let model = offer.model?;
    let per_token = |meter: &str| {
        let price: Decimal = offer.price(meter)?.parse().ok()?;
        Some((price / Decimal::from(1_000_000)).normalize().to_string())
    };
    let mut pricing = json!({"prompt": per_token("input")?, "completion": per_token("output")?, "request": "0", "image": "0"});
    if let Some(read) = per_token("cache_read") {
        pricing["input_cache_read"] = read.into();
    }
    let created = offer
        .facts
        .launch
        .map_or(0, |day| day_start(moment.date(day)).as_second());
    let parameters = match model.thinks {
        true => vec!["tools", "reasoning"],
        false => vec!["tools"],
    };
    Some(json!({
        "id": id, "canonical_slug": id, "name": format!("{}: {}", model.lab, offer.name), "created": created, "description": model.about,
        "context_length": offer.limit("context"),
        "architecture": {"modality": "text->text", "input_modalities": model.inputs, "output_modalities": model.outputs, "tokenizer": "Other", "instruct_type": null},
        "pricing": pricing, "top_provider": {"context_length": offer.limit("context"), "max_completion_tokens": offer.limit("output"), "is_moderated": false},
        "supported_parameters": parameters, "expiration_date": null,
    }))
}

/// The list of models.
pub fn models(moment: &Moment<'_>) -> Json {
    let offers = NAMES.iter().flat_map(|names| told(moment, names, false));
    let mut rows: Vec<Json> = offers.filter_map(|offer| resold(&offer, moment)).collect();
    moment.shuffle(&mut rows);
    let count = rows.len();
    json!({"data": rows, "links": {"next": null}, "total_count": count})
}

/// Where each model is served, which is asked only where it is switched on; and the key itself.
pub fn routes(asked: &Asked, request: &Request, path: &str) -> Found {
    if path == "/api/v1/key" {
        return match request.bearer() == Some(KEY) {
            true => Answer::json(
                200,
                &json!({"data": {"label": "simulated", "usage": 0, "limit": null}}),
            )
            .into(),
            false => Answer::json(
                401,
                &json!({"error": {"message": "No auth credentials found", "code": 401}}),
            )
            .into(),
        };
    }
    let Some(id) = path
        .strip_prefix("/api/v1/models/")
        .and_then(|rest| rest.strip_suffix("/endpoints"))
    else {
        return Found::Nothing;
    };
    let id = id.to_string();
    Resource::new("openrouter.endpoints", asked, JSON, vec![Topic::All(Channel::Registry)], move |moment| {
        let offers = NAMES.iter().flat_map(|names| told(moment, names, false));
        let mut rows = offers.filter_map(|offer| {
            let row = resold(&offer, moment)?;
            (row["id"] == id.as_str()).then_some((offer.provider.to_string(), row))
        });
        let value = rows.next().map_or(Json::Null, |(provider, row)| json!({
            "id": id, "name": row["name"], "created": row["created"], "endpoints": [{
                "name": row["name"], "provider_name": provider, "tag": provider, "context_length": row["context_length"],
                "max_completion_tokens": row["top_provider"]["max_completion_tokens"], "max_prompt_tokens": null, "pricing": row["pricing"],
                "quantization": "unknown", "service_tier": null, "status": 0, "supported_parameters": row["supported_parameters"],
            }],
        }));
        written::json(moment, &json!({"data": value}))
    })
    .into()
}
