//! Cohere: the list of models, the documentation as Markdown, status. Shapes: facts of autumn 2026.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::super::moment::Offer;
use super::super::{Answer, Asked, Channel, JSON, MARKDOWN, Moment, Request, Topic};
use super::statuspage::{self, Maker, Page};
use super::written::{self, Table, english};
use super::{Found, Play, Resource};
use crate::market::Stage;

/// Who plays Cohere.
pub const PLAY: Play = Play {
    hosts: || {
        ["api.cohere.com", "docs.cohere.com", "status.cohere.com"]
            .map(str::to_string)
            .into()
    },
    find,
    credentials: &[("COHERE_API_KEY", KEY)],
};

const KEY: &str = "simulated-cohere-key";
const COHERE: &str = "cohere";
const STATUS: Page = Page {
    name: COHERE,
    title: "Cohere",
    url: "https://status.cohere.com",
    maker: Maker::IncidentIo,
};

fn find(asked: &Asked, request: &Request) -> Found {
    match (asked.host.as_str(), asked.path.as_str()) {
        ("api.cohere.com", _) if request.bearer() != Some(KEY) => Answer::json(
            401,
            &json!({"id": "simulated", "message": "invalid api token"}),
        )
        .into(),
        ("api.cohere.com", "/v1/models") => Resource::new(
            "cohere.models",
            asked,
            JSON,
            vec![Topic::api(COHERE)],
            models,
        )
        .into(),
        ("docs.cohere.com", "/docs/models.md") => Resource::new(
            "cohere.model-page",
            asked,
            MARKDOWN,
            vec![Topic::page(COHERE)],
            page,
        )
        .into(),
        ("docs.cohere.com", "/docs/deprecations.md") => Resource::new(
            "cohere.deprecations",
            asked,
            MARKDOWN,
            vec![Topic::page(COHERE)],
            deprecations,
        )
        .into(),
        ("status.cohere.com", _) => statuspage::find(
            STATUS,
            asked,
            ["cohere.status", "cohere.status", "cohere.past-incidents"],
        ),
        _ => Found::Nothing,
    }
}

fn live<'w>(moment: &Moment<'w>, channel: Channel) -> Vec<Offer<'w>> {
    let mut offers = moment.offers(COHERE, channel);
    offers.retain(|offer| offer.stage() != Stage::Retired);
    offers
}

fn models(moment: &Moment<'_>) -> Vec<u8> {
    let mut offers = live(moment, Channel::Api);
    moment.shuffle(&mut offers);
    let row = |offer: &Offer<'_>| {
        let context = offer.limit("context").unwrap_or(0) as f64;
        json!({
            "name": offer.id, "is_deprecated": offer.stage() == Stage::Deprecated, "endpoints": ["chat"], "finetuned": false,
            "context_length": context, "tokenizer_url": null, "default_endpoints": [], "features": ["json_mode", "tools"],
        })
    };
    let rows: Vec<Json> = offers.iter().map(row).collect();
    written::json(moment, &json!({"models": rows, "next_page_token": ""}))
}

fn thousands(limit: Option<u64>) -> String {
    limit.map_or(String::new(), |limit| format!("{}k", limit / 1000))
}

fn page(moment: &Moment<'_>) -> Vec<u8> {
    let mut table = Table::new(&[
        "Model Name",
        "Status",
        "Description",
        "Modality",
        "Context Length",
        "Maximum Output Tokens",
        "Endpoints",
    ]);
    for offer in live(moment, Channel::Page) {
        let status = match (offer.stage(), offer.facts.deprecated) {
            (Stage::Deprecated, Some(day)) => format!("Deprecated {}", english(moment.date(day))),
            _ => "Live".to_string(),
        };
        let model = offer.model.cloned().unwrap_or_default();
        table.row([
            format!("`{}`", offer.id),
            status,
            model.about,
            "Text".to_string(),
            thousands(offer.limit("context")),
            thousands(offer.limit("output")),
            "[Chat](/reference/chat)".to_string(),
        ]);
    }
    let table = table.bent(moment, "cohere.model-page").markdown();
    written::text(moment, &format!("# Models\n\n{table}"))
}

fn deprecations(moment: &Moment<'_>) -> Vec<u8> {
    let mut announced: BTreeMap<Date, Vec<Offer<'_>>> = BTreeMap::new();
    for offer in moment.offers(COHERE, Channel::Page) {
        if let Some(day) = offer.facts.deprecated {
            announced.entry(moment.date(day)).or_default().push(offer);
        }
    }
    let mut text = "# Deprecations\n\n## Deprecation History\n\n".to_string();
    for (day, offers) in announced.iter().rev() {
        let mut table = Table::new(&[
            "Shutdown Date",
            "Deprecated Model",
            "Deprecated Model Price",
            "Recommended Replacement",
        ]);
        for offer in offers {
            let ends = offer
                .facts
                .retires
                .map(|day| moment.date(day).to_string())
                .unwrap_or_default();
            let instead = offer
                .facts
                .replacement
                .as_ref()
                .map_or(String::new(), |id| format!("`{id}`"));
            table.row([
                ends,
                format!("`{}`", offer.id),
                "$1.00 / 1M tokens".to_string(),
                instead,
            ]);
        }
        let title = offers.first().map_or("", |offer| offer.name);
        let table = table.bent(moment, "cohere.deprecations").markdown();
        text += &format!("### {day}: {title}\n\nThese models end on the days below.\n\n{table}\n");
    }
    written::text(moment, &text)
}
