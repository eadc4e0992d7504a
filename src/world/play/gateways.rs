//! Perplexity's gateway, the Copilots' status pages, Meta's API. Shapes: facts of autumn 2026.

use serde_json::{Value as Json, json};

use super::super::{Answer, Asked, Channel, JSON, Moment, Request, Topic};
use super::statuspage::{self, Maker, Page};
use super::{Found, Play, Resource, written};
use crate::market::{Stage, day_start};

/// Who plays the gateways and Meta's API.
pub const PLAY: Play = Play {
    hosts,
    find,
    credentials: &[
        ("PERPLEXITY_API_KEY", PERPLEXITY_KEY),
        ("LLAMA_API_KEY", LLAMA_KEY),
    ],
};

const PERPLEXITY_KEY: &str = "simulated-perplexity-key";
const LLAMA_KEY: &str = "simulated-llama-key";
const PERPLEXITY: Page = Page {
    name: "perplexity",
    title: "Perplexity",
    url: "https://status.perplexity.com",
    maker: Maker::IncidentIo,
};
const GITHUB: Page = Page {
    name: "github",
    title: "GitHub",
    url: "https://www.githubstatus.com",
    maker: Maker::Atlassian,
};

fn hosts() -> Vec<String> {
    let hosts = [
        "api.perplexity.ai",
        "status.perplexity.com",
        "api.llama.com",
        "www.githubstatus.com",
        "status.cloud.microsoft",
    ];
    hosts.map(str::to_string).into()
}

fn find(asked: &Asked, request: &Request) -> Found {
    match (asked.host.as_str(), asked.path.as_str()) {
        ("api.perplexity.ai", _) if request.bearer() != Some(PERPLEXITY_KEY) => {
            Answer::json(401, &json!({"error": {"message": "Invalid API key provided.", "type": "invalid_api_key", "code": 401}})).into()
        }
        ("api.perplexity.ai", "/v1/models") => {
            Resource::new("perplexity.models", asked, JSON, vec![Topic::api("perplexity")], resold).into()
        }
        ("status.perplexity.com", _) => statuspage::find(PERPLEXITY, asked, ["perplexity.status", "perplexity.status", "perplexity.past-incidents"]),
        ("www.githubstatus.com", _) => statuspage::find(GITHUB, asked, ["copilot.github", "copilot.github", "copilot.past-incidents"]),
        ("status.cloud.microsoft", "/api/posts/m365Consumer") => {
            let topics = vec![Topic::Status("microsoft".to_string())];
            Resource::new("copilot.microsoft", asked, JSON, topics, microsoft).into()
        }
        ("api.llama.com", _) if request.bearer() != Some(LLAMA_KEY) => {
            Answer::json(401, &json!({"title": "Unauthorized", "detail": "Invalid API key", "status": 401})).into()
        }
        ("api.llama.com", "/v1/models") => {
            Resource::new("llama.models", asked, JSON, vec![Topic::api("llama")], llama).into()
        }
        _ => Found::Nothing,
    }
}

fn resold(moment: &Moment<'_>) -> Vec<u8> {
    let mut rows: Vec<Json> = Vec::new();
    for offer in moment.offers("perplexity", Channel::Api) {
        let mut pricing = json!({"unit": "usd_per_1m_tokens"});
        for meter in ["input", "output", "cache_read"] {
            if let Some(price) = offer
                .price(meter)
                .and_then(|price| price.parse::<f64>().ok())
            {
                pricing[meter] = json!(price);
            }
        }
        let owner = offer.id.split('/').next();
        rows.push(json!({"id": offer.id, "object": "model", "created": 0, "owned_by": owner, "pricing": pricing}));
    }
    moment.shuffle(&mut rows);
    written::json(moment, &json!({"object": "list", "data": rows}))
}

fn llama(moment: &Moment<'_>) -> Vec<u8> {
    let mut rows: Vec<Json> = Vec::new();
    for offer in moment.offers("llama", Channel::Api) {
        if offer.stage() != Stage::Retired {
            let created = offer
                .facts
                .launch
                .map_or(0, |day| day_start(moment.date(day)).as_second());
            rows.push(
                json!({"id": offer.id, "object": "model", "created": created, "owned_by": "Meta"}),
            );
        }
    }
    written::json(moment, &json!({"data": rows}))
}

fn microsoft(moment: &Moment<'_>) -> Vec<u8> {
    let is_hit = moment
        .incidents("microsoft")
        .iter()
        .any(|story| !story.is_over());
    let status = match is_hit {
        true => "Service degradation",
        false => "Available",
    };
    written::json(
        moment,
        &json!([
            {"Id": "a", "Title": "", "Message": "", "Status": "Available", "ServiceDisplayName": "Outlook.com", "ServiceWorkloadName": "Outlook"},
            {"Id": "b", "Title": "", "Message": "", "Status": status, "ServiceDisplayName": "Microsoft Copilot", "ServiceWorkloadName": "Copilot"},
        ]),
    )
}
