//! Mistral: the list of models with its aliases, the page of models, the changelog. Shapes: facts of autumn 2026.

use serde_json::{Value as Json, json};

use super::super::{Answer, Asked, Channel, HTML, JSON, Moment, Request, Topic};
use super::written::{self, Table};
use super::{Found, Play, Resource, feed};
use crate::market::Stage;

/// Who plays Mistral.
pub const PLAY: Play = Play {
    hosts: || vec!["api.mistral.ai".to_string(), "docs.mistral.ai".to_string()],
    find,
    credentials: &[("MISTRAL_API_KEY", KEY)],
};

const KEY: &str = "simulated-mistral-key";
const MISTRAL: &str = "mistral";

fn find(asked: &Asked, request: &Request) -> Found {
    match (asked.host.as_str(), asked.path.as_str()) {
        ("api.mistral.ai", _) if request.bearer() != Some(KEY) => {
            Answer::json(401, &json!({"detail": "Unauthorized"})).into()
        }
        ("api.mistral.ai", "/v1/models") => Resource::new(
            "mistral.models",
            asked,
            JSON,
            vec![Topic::api(MISTRAL)],
            models,
        )
        .into(),
        ("docs.mistral.ai", "/models") => Resource::new(
            "mistral.deprecations",
            asked,
            HTML,
            vec![Topic::page(MISTRAL)],
            page,
        )
        .into(),
        ("docs.mistral.ai", "/getting-started/changelog") => {
            let topics = vec![Topic::Feed("mistral.changelog".to_string())];
            Resource::new("mistral.changelog", asked, HTML, topics, changelog).into()
        }
        _ => Found::Nothing,
    }
}

/// Each model stands once more for each of its aliases.
fn models(moment: &Moment<'_>) -> Vec<u8> {
    let mut rows: Vec<Json> = Vec::new();
    for offer in moment.offers(MISTRAL, Channel::Api) {
        if offer.stage() == Stage::Retired {
            continue;
        }
        let model = offer.model.cloned().unwrap_or_default();
        let alias = offer.extra("alias");
        let ends = offer
            .facts
            .retires
            .map(|day| format!("{}T00:00:00Z", moment.date(day)));
        for id in std::iter::once(offer.id).chain(alias) {
            let others: Vec<&str> = std::iter::once(offer.id)
                .chain(alias)
                .filter(|other| *other != id)
                .collect();
            rows.push(json!({
                "id": id, "object": "model", "created": 1_755_000_000, "owned_by": "mistralai", "name": offer.id, "description": model.about,
                "max_context_length": offer.limit("context"), "aliases": others, "deprecation": ends,
                "deprecation_replacement_model": offer.facts.replacement, "default_model_temperature": 0.3, "type": "base",
                "capabilities": {"completion_chat": true, "function_calling": true, "reasoning": model.thinks, "vision": model.inputs.iter().any(|kind| kind == "image")},
            }));
        }
    }
    moment.shuffle(&mut rows);
    written::json(moment, &json!({"object": "list", "data": rows}))
}

fn html(moment: &Moment<'_>, content: &str) -> Vec<u8> {
    let page = format!(
        "<!doctype html><html><head><title>Simulated by bellwether demo</title></head><body><article data-page-content=\"true\">{content}</article></body></html>"
    );
    written::text(moment, &page)
}

fn page(moment: &Moment<'_>) -> Vec<u8> {
    let mut table = Table::new(&[
        "Model",
        "Version",
        "API",
        "Deprecation",
        "Retirement",
        "Alternative",
    ]);
    let day = |day| moment.date(day).strftime("%-m/%-d/%Y").to_string();
    for offer in moment.offers(MISTRAL, Channel::Page) {
        let (Some(since), Some(ends)) = (offer.facts.deprecated, offer.facts.retires) else {
            continue;
        };
        let instead = offer.facts.replacement.clone().unwrap_or_default();
        table.row([
            offer.name.to_string(),
            "25.01".to_string(),
            format!("<code>{}</code>", offer.id),
            day(since),
            day(ends),
            instead,
        ]);
    }
    let table = table.bent(moment, "mistral.deprecations").html();
    html(
        moment,
        &format!("<h1>Models</h1><h2>Deprecated &amp; retired</h2>{table}"),
    )
}

fn changelog(moment: &Moment<'_>) -> Vec<u8> {
    let mut content = "<h1>Changelog</h1>\n".to_string();
    for (at, post) in moment.posts("mistral.changelog") {
        let day = at.strftime("%B %-d, %Y");
        content += &format!(
            "<h2>{day}</h2><ul><li>{}</li></ul>\n",
            feed::escaped(&post.text)
        );
    }
    html(moment, &content)
}
