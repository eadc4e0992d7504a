//! Anthropic: the Models API with its lifecycle, the documentation as Markdown, sitemaps, status. Shapes: facts of autumn 2026.

mod pages;

use serde_json::{Value as Json, json};

use super::super::moment::Offer;
use super::super::script::Day;
use super::super::{Answer, Asked, Channel, JSON, Moment, Request, Topic};
use super::statuspage::{self, Maker, Page};
use super::written;
use super::{Found, Play, Resource, feed};
use crate::market::Stage;

/// Who plays Anthropic.
pub const PLAY: Play = Play {
    hosts,
    find,
    credentials: &[("ANTHROPIC_API_KEY", KEY)],
};

const KEY: &str = "sk-ant-simulated";
const ANTHROPIC: &str = "anthropic";
const STATUS: Page = Page {
    name: ANTHROPIC,
    title: "Claude",
    url: "https://status.claude.com",
    maker: Maker::Atlassian,
};

fn hosts() -> Vec<String> {
    let hosts = [
        "api.anthropic.com",
        "platform.claude.com",
        "status.claude.com",
        "anthropic.statuspage.io",
        "www.anthropic.com",
        "claude.com",
        "github.com",
    ];
    hosts.iter().map(ToString::to_string).collect()
}

fn find(asked: &Asked, request: &Request) -> Found {
    match (asked.host.as_str(), asked.path.as_str()) {
        ("api.anthropic.com", _) => api(asked, request),
        ("platform.claude.com", _) => pages::page(asked),
        ("status.claude.com" | "anthropic.statuspage.io", _) => statuspage::find(
            STATUS,
            asked,
            [
                "anthropic.status",
                "anthropic.status",
                "anthropic.past-incidents",
            ],
        ),
        ("www.anthropic.com", "/sitemap.xml") => {
            feed::sitemap("anthropic.news", asked, "https://www.anthropic.com/")
        }
        ("claude.com", "/sitemap.xml") => {
            feed::sitemap("anthropic.blog", asked, "https://claude.com/")
        }
        ("github.com", "/anthropics/anthropic-sdk-python/releases.atom") => feed::atom(
            "anthropic.sdk-releases",
            asked,
            "Release notes from anthropic-sdk-python",
            "https://github.com/anthropics/anthropic-sdk-python/releases/tag/",
        ),
        _ => Found::Nothing,
    }
}

fn error(status: u16, kind: &str, message: &str) -> Answer {
    let body = json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_simulated"});
    Answer::json(status, &body)
}

fn api(asked: &Asked, request: &Request) -> Found {
    if request.header("x-api-key") != Some(KEY) {
        return error(401, "authentication_error", "invalid x-api-key").into();
    }
    if request.header("anthropic-version").is_none() {
        return error(
            400,
            "invalid_request_error",
            "anthropic-version: header is required",
        )
        .into();
    }
    if asked.path != "/v1/models" {
        return error(404, "not_found_error", "Not found").into();
    }
    let wanted: Vec<String> = asked
        .query
        .iter()
        .filter(|(name, _)| name == "lifecycle[]")
        .map(|(_, value)| value.clone())
        .collect();
    Resource::new("anthropic.models", asked, JSON, vec![Topic::api(ANTHROPIC)], move |moment| {
        let mut offers = moment.offers(ANTHROPIC, Channel::Api);
        // the newest first, as the API has them
        offers.sort_by_key(|offer| std::cmp::Reverse(offer.facts.launch.map(|day| moment.date(day))));
        offers.retain(|offer| match wanted.is_empty() {
            true => state(offer) != "retired",
            false => wanted.iter().any(|word| word == state(offer)),
        });
        let rows: Vec<Json> = offers.iter().map(|offer| row(offer, moment)).collect();
        let end = |offer: Option<&Offer<'_>>| offer.map(|offer| offer.id.to_string());
        written::json(moment, &json!({
            "data": rows, "has_more": false, "first_id": end(offers.first()), "last_id": end(offers.last()),
        }))
    })
    .into()
}

/// The API's word; legacy is one of the pages alone.
fn state(offer: &Offer<'_>) -> &'static str {
    match offer.stage() {
        Stage::Deprecated => "deprecated",
        Stage::Retired => "retired",
        _ => "active",
    }
}

fn row(offer: &Offer<'_>, moment: &Moment<'_>) -> Json {
    let stamp = |day: Option<Day>| day.map(|day| format!("{}T00:00:00Z", moment.date(day)));
    let scheduled = match offer.facts.retires {
        Some(Day::Firm(_)) => stamp(offer.facts.retires),
        _ => None,
    };
    let model = offer.model.cloned().unwrap_or_default();
    let yes = |supported: bool| json!({"supported": supported});
    json!({
        "type": "model", "id": offer.id, "display_name": offer.name, "created_at": stamp(offer.facts.launch),
        "lifecycle": state(offer), "deprecated_at": stamp(offer.facts.deprecated), "retires_at": scheduled,
        "line": model.family, "max_input_tokens": offer.limit("context"), "max_tokens": offer.limit("output"),
        "capabilities": {
            "batch": yes(true), "citations": yes(true), "image_input": yes(true), "pdf_input": yes(true),
            "thinking": {"supported": model.thinks, "types": {"adaptive": yes(model.thinks), "enabled": yes(model.thinks)}},
        },
    })
}
