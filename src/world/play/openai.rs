//! OpenAI: the list of models, the documentation as Markdown, status, news. Shapes: facts of OpenAI's API and pages, autumn 2026.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::super::moment::Offer;
use super::super::{Answer, Asked, Channel, JSON, MARKDOWN, Moment, Request, Topic};
use super::statuspage::{self, Maker, Page};
use super::written::{self, Table};
use super::{Found, Play, Resource, feed};
use crate::market::{Stage, day_start};

/// Who plays OpenAI.
pub const PLAY: Play = Play {
    hosts,
    find,
    credentials: &[("OPENAI_API_KEY", KEY)],
};

const KEY: &str = "sk-simulated-openai";
const OPENAI: &str = "openai";
const STATUS: Page = Page {
    name: OPENAI,
    title: "OpenAI",
    url: "https://status.openai.com",
    maker: Maker::IncidentIo,
};

fn hosts() -> Vec<String> {
    let hosts = [
        "api.openai.com",
        "us.api.openai.com",
        "eu.api.openai.com",
        "ae.api.openai.com",
    ];
    let pages = ["developers.openai.com", "status.openai.com", "openai.com"];
    hosts
        .iter()
        .chain(&pages)
        .map(ToString::to_string)
        .collect()
}

fn find(asked: &Asked, request: &Request) -> Found {
    match asked.host.as_str() {
        "status.openai.com" => statuspage::find(
            STATUS,
            asked,
            [
                "openai.status",
                "openai.components",
                "openai.past-incidents",
            ],
        ),
        "openai.com" if asked.path == "/news/rss.xml" => feed::rss(
            "openai.news",
            asked,
            "OpenAI News",
            "https://openai.com/index/",
        ),
        "developers.openai.com" => page(asked),
        host if host == "api.openai.com" || host.ends_with(".api.openai.com") => {
            api(asked, request)
        }
        _ => Found::Nothing,
    }
}

fn api(asked: &Asked, request: &Request) -> Found {
    if request.bearer() != Some(KEY) {
        let message = match request.bearer() {
            None => {
                "You didn't provide an API key. You need to provide your API key in an Authorization header."
            }
            Some(_) => "Incorrect API key provided.",
        };
        let error = json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": "invalid_api_key"}});
        return Answer::json(401, &error).into();
    }
    if asked.path != "/v1/models" {
        let error = json!({"error": {"message": "Invalid URL", "type": "invalid_request_error", "param": null, "code": "unknown_url"}});
        return Answer::json(404, &error).into();
    }
    let make = |moment: &Moment<'_>| {
        let mut offers = callable(moment, Channel::Api);
        moment.shuffle(&mut offers);
        let rows: Vec<Json> = offers.iter().map(|offer| row(offer, moment)).collect();
        written::json(moment, &json!({"object": "list", "data": rows}))
    };
    Resource::new("openai.models", asked, JSON, vec![Topic::api(OPENAI)], make).into()
}

/// What can be called, in the order of the script.
fn callable<'w>(moment: &Moment<'w>, channel: Channel) -> Vec<Offer<'w>> {
    let mut offers = moment.offers(OPENAI, channel);
    offers.retain(|offer| offer.stage() != Stage::Retired);
    offers
}

fn row(offer: &Offer<'_>, moment: &Moment<'_>) -> Json {
    let created = offer.facts.launch.map(|day| day_start(moment.date(day)));
    let created = created.map_or(0, Timestamp::as_second);
    let ends = offer.facts.retires.map(|day| moment.date(day).to_string());
    json!({"id": offer.id, "object": "model", "created": created, "owned_by": "system", "shutdown_date": ends})
}

/// The documentation's Markdown.
fn page(asked: &Asked) -> Found {
    let offers = || vec![Topic::page(OPENAI)];
    let single = asked
        .path
        .strip_prefix("/api/docs/models/")
        .and_then(|rest| rest.strip_suffix(".md"));
    if let Some(slug) = single {
        let slug = slug.to_string();
        return Resource::new(
            "openai.model-pages",
            asked,
            MARKDOWN,
            offers(),
            move |moment| written::text(moment, &model_page(moment, &slug)),
        )
        .into();
    }
    let (probe, topics, make): (_, _, fn(&Moment<'_>) -> String) = match asked.path.as_str() {
        "/api/docs/deprecations.md" => ("openai.deprecations", offers(), deprecations),
        "/api/docs/pricing.md" => ("openai.pricing", offers(), pricing),
        "/api/docs/models.md" => ("openai.catalogue", offers(), catalogue),
        "/api/docs/changelog.md" => (
            "openai.changelog",
            vec![Topic::Feed("openai.changelog".into())],
            changelog,
        ),
        "/api/docs/guides/amazon-bedrock.md" => ("openai.bedrock-guide", Vec::new(), |_| {
            BEDROCK_GUIDE.to_string()
        }),
        "/api/docs/guides/agents-api/bedrock-managed-agents.md" => {
            ("openai.bedrock-agents-guide", Vec::new(), |_| {
                AGENTS_GUIDE.to_string()
            })
        }
        "/codex/amazon-bedrock.md" => ("openai.bedrock-codex-guide", Vec::new(), |_| {
            CODEX_GUIDE.to_string()
        }),
        _ => return Found::Nothing,
    };
    Resource::new(probe, asked, MARKDOWN, topics, move |moment| {
        written::text(moment, &make(moment))
    })
    .into()
}

const BEDROCK_GUIDE: &str = "# OpenAI on Amazon Bedrock\n\nOpenAI models are served by Amazon Bedrock under the ids of its model cards.\n";
const AGENTS_GUIDE: &str = "# Managed Agents on Amazon Bedrock\n\nManaged Agents are in preview.\n";
const CODEX_GUIDE: &str =
    "# Codex on Amazon Bedrock\n\nCodex can use the models of Amazon Bedrock.\n";

fn deprecations(moment: &Moment<'_>) -> String {
    let mut announced: BTreeMap<Date, Vec<Offer<'_>>> = BTreeMap::new();
    for offer in moment.offers(OPENAI, Channel::Page) {
        if let (Some(day), Some(_)) = (offer.facts.deprecated, offer.facts.retires) {
            announced.entry(moment.date(day)).or_default().push(offer);
        }
    }
    let mut text = "# Deprecations\n\n## Overview\n\nModels are retired as better ones take their place.\n\n## Deprecation history\n\n".to_string();
    for (day, offers) in announced.iter().rev() {
        let mut table = Table::new(&["Shutdown date", "Model / system", "Recommended replacement"]);
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
                .map_or("---".to_string(), |id| format!("`{id}`"));
            table.row([ends, format!("`{}`", offer.id), instead]);
        }
        let title = offers.first().map_or("", |offer| offer.id);
        let table = table.bent(moment, "openai.deprecations").markdown();
        text += &format!(
            "### {day}: {title} and others\n\nWe notified developers of these models of their removal.\n\n{table}\n"
        );
    }
    text
}

fn pricing(moment: &Moment<'_>) -> String {
    let mut text = "# Pricing\n\n## Text tokens\n\nPrices per 1M tokens.\n\n".to_string();
    let offers = callable(moment, Channel::Page);
    for tier in ["standard", "batch", "flex", "priority"] {
        let rows: String = offers
            .iter()
            .filter_map(|offer| price_row(offer, tier))
            .collect();
        if !rows.is_empty() {
            text += &format!(
                "<div data-content-switcher-pane data-value=\"{tier}\">\n<TextTokenPricingTables\n  client:load\n  tier=\"{tier}\"\n  rows={{[\n{rows}  ]}}\n/>\n</div>\n\n"
            );
        }
    }
    text
}

fn price_row(offer: &Offer<'_>, tier: &str) -> Option<String> {
    let price = |meter: &str| match tier {
        "standard" => offer.price(meter),
        _ => offer.price(&format!("{meter}.{tier}")),
    };
    let or_null = |price: Option<&str>| price.unwrap_or("null").to_string();
    let (input, output) = (price("input")?, price("output")?);
    let cached = or_null(price("cache_read"));
    Some(match price("cache_write") {
        Some(write) => format!(
            "    [\"{}\", {input}, {cached}, {write}, {output}],\n",
            offer.id
        ),
        None => format!("    [\"{}\", {input}, {cached}, {output}],\n", offer.id),
    })
}

/// Models that have a page of their own.
fn described<'w>(moment: &Moment<'w>) -> Vec<Offer<'w>> {
    let mut offers = callable(moment, Channel::Page);
    offers.retain(|offer| offer.model.is_some());
    offers
}

fn catalogue(moment: &Moment<'_>) -> String {
    let line = |offer: &Offer<'_>| {
        let about = offer.model.map_or("", |model| model.about.as_str());
        format!(
            "- [{}](/api/docs/models/{}.md): {about}\n",
            offer.name, offer.id
        )
    };
    let lines: String = described(moment).iter().map(line).collect();
    format!("# Models\n\n## All models\n\n{lines}")
}

fn model_page(moment: &Moment<'_>, slug: &str) -> String {
    let offers = described(moment);
    let Some(offer) = offers.iter().find(|offer| offer.id == slug) else {
        return "# Not found\n\nThis model has no page.\n".to_string();
    };
    let model = offer.model.cloned().unwrap_or_default();
    let mut text = format!(
        "# {}\n\n> {}\n\nModel ID: `{slug}`\n\n## Model details\n\n",
        offer.name, model.about
    );
    if let Some(snapshot) = offer.extra("snapshot") {
        text += &format!("- Default snapshot: `{snapshot}`\n");
    }
    text += &format!(
        "- Input modalities: {}\n- Output modalities: {}\n",
        model.inputs.join(", "),
        model.outputs.join(", ")
    );
    let thousands = |number: u64| crate::market::digits_in_groups(&number.to_string());
    if let Some(limit) = offer.limit("context") {
        text += &format!("- {} context window\n", thousands(limit));
    }
    if let Some(limit) = offer.limit("output") {
        text += &format!("- {} max output tokens\n", thousands(limit));
    }
    if !model.knowledge.is_empty() {
        text += &format!("- {} knowledge cutoff\n", model.knowledge);
    }
    text
}

fn changelog(moment: &Moment<'_>) -> String {
    let mut text = "# Changelog\n\n> What is new in the API.\n\n".to_string();
    let mut month = String::new();
    for (at, post) in moment.posts("openai.changelog") {
        let of = at.strftime("%B, %Y").to_string();
        if of != month {
            text += &format!("## {of}\n\n");
            month = of;
        }
        let tags = match post.tags.is_empty() {
            true => "Update".to_string(),
            false => post.tags.join(" · "),
        };
        text += &format!(
            "### {}\n\n{tags}\n\n{}\n\n",
            at.strftime("%b %-d"),
            post.text
        );
    }
    text
}
