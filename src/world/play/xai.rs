//! xAI: its two lists of models, the documentation as Markdown, the feed of its status page. Shapes: facts of autumn 2026.

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::super::moment::Offer;
use super::super::{Answer, Asked, Channel, JSON, MARKDOWN, Moment, Request, Topic, XML};
use super::written::{self, Table};
use super::{Found, Play, Resource, feed};
use crate::market::{Stage, day_start};

/// Who plays xAI.
pub const PLAY: Play = Play {
    hosts: || {
        ["api.x.ai", "docs.x.ai", "status.x.ai"]
            .map(str::to_string)
            .into()
    },
    find,
    credentials: &[("XAI_API_KEY", KEY)],
};

const KEY: &str = "simulated-xai-key";
const XAI: &str = "xai";

fn find(asked: &Asked, request: &Request) -> Found {
    match (asked.host.as_str(), asked.path.as_str()) {
        ("api.x.ai", _) if request.bearer() != Some(KEY) => {
            let error = json!({"code": "Client specified an invalid argument", "error": "Incorrect API key provided."});
            Answer::json(400, &error).into()
        }
        ("api.x.ai", "/v1/models") => Resource::new("xai.models", asked, JSON, vec![Topic::api(XAI)], |moment| {
            list(moment, "data", |offer, moment| {
                json!({"id": offer.id, "created": created(offer, moment), "object": "model", "owned_by": "xai"})
            })
        })
        .into(),
        ("api.x.ai", "/v1/language-models") => {
            Resource::new("xai.language-models", asked, JSON, vec![Topic::api(XAI)], |moment| list(moment, "models", priced)).into()
        }
        ("docs.x.ai", path) => page(asked, path),
        ("status.x.ai", "/feed.xml") => status(asked),
        _ => Found::Nothing,
    }
}

fn live<'w>(moment: &Moment<'w>, channel: Channel) -> Vec<Offer<'w>> {
    let mut offers = moment.offers(XAI, channel);
    offers.retain(|offer| offer.stage() != Stage::Retired);
    offers
}

fn list(moment: &Moment<'_>, name: &str, row: impl Fn(&Offer<'_>, &Moment<'_>) -> Json) -> Vec<u8> {
    let mut offers = live(moment, Channel::Api);
    moment.shuffle(&mut offers);
    let rows: Vec<Json> = offers.iter().map(|offer| row(offer, moment)).collect();
    let mut value = json!({name: rows});
    if name == "data" {
        value["object"] = "list".into();
    }
    written::json(moment, &value)
}

fn created(offer: &Offer<'_>, moment: &Moment<'_>) -> i64 {
    let launch = offer
        .facts
        .launch
        .map(|day| day_start(moment.date(day)).as_second());
    launch.unwrap_or(0)
}

/// Prices are in cents for a hundred million tokens.
fn priced(offer: &Offer<'_>, moment: &Moment<'_>) -> Json {
    let cents = |meter: &str| {
        let price: Option<Decimal> = offer.price(meter).and_then(|price| price.parse().ok());
        price.and_then(|price| i64::try_from(price * Decimal::from(10_000)).ok())
    };
    let model = offer.model.cloned().unwrap_or_default();
    json!({
        "id": offer.id, "fingerprint": "fp_simulated", "created": created(offer, moment), "object": "model", "owned_by": "xai", "version": "1.0",
        "input_modalities": model.inputs, "output_modalities": model.outputs, "prompt_text_token_price": cents("input"),
        "cached_prompt_text_token_price": cents("cache_read"), "completion_text_token_price": cents("output"), "aliases": [],
    })
}

fn page(asked: &Asked, path: &str) -> Found {
    let (probe, topic, make): (_, _, fn(&Moment<'_>) -> String) = match path {
        "/developers/migration/may-15-retirement.md" => {
            ("xai.retirements", Topic::page(XAI), retirements)
        }
        "/developers/pricing.md" => ("xai.pricing", Topic::page(XAI), pricing),
        "/developers/release-notes.md" => (
            "xai.release-notes",
            Topic::Feed("xai.release-notes".to_string()),
            notes,
        ),
        _ => return Found::Nothing,
    };
    Resource::new(probe, asked, MARKDOWN, vec![topic], move |moment| {
        written::text(moment, &make(moment))
    })
    .into()
}

fn retirements(moment: &Moment<'_>) -> String {
    let mut table = Table::new(&["Model being retired", "Redirect target after May 15"]);
    for offer in moment.offers(XAI, Channel::Page) {
        if offer.stage() == Stage::Retired {
            let instead = offer.facts.replacement.clone().unwrap_or_default();
            table.row([format!("`{}`", offer.id), format!("`{instead}`")]);
        }
    }
    format!(
        "# Model Retirement on May 15, 2026\n\n{}",
        table.bent(moment, "xai.retirements").markdown()
    )
}

fn pricing(moment: &Moment<'_>) -> String {
    let mut table = Table::new(&[
        "Model",
        "Context",
        "Short context Input",
        "Short context Cached",
        "Short context Output",
    ]);
    for offer in live(moment, Channel::Page) {
        let price = |meter: &str| {
            offer
                .price(meter)
                .map_or("-".to_string(), |price| format!("${price}"))
        };
        let context = match offer.limit("context").unwrap_or(0) {
            large if large.is_multiple_of(1_000_000) => format!("{}M", large / 1_000_000),
            small => format!("{}k", small / 1000),
        };
        table.row([
            offer.id.to_string(),
            context,
            price("input"),
            price("cache_read"),
            price("output"),
        ]);
    }
    format!(
        "# Pricing\n\n{}",
        table.bent(moment, "xai.pricing").markdown()
    )
}

fn notes(moment: &Moment<'_>) -> String {
    let mut text = "# Release Notes\n\n".to_string();
    let mut month = String::new();
    for (at, post) in moment.posts("xai.release-notes") {
        let of = at.strftime("%B %Y").to_string();
        if of != month {
            text += &format!("## {of}\n\n");
            month = of;
        }
        text += &format!("### {}\n\n{}\n\n", at.strftime("%B %-d"), post.text);
    }
    text
}

/// One item an incident; its updates stand in the description, the newest first.
fn status(asked: &Asked) -> Found {
    Resource::new("xai.status", asked, XML, vec![Topic::Status(XAI.to_string())], |moment| {
        let items: String = moment.incidents(XAI).iter().map(|story| {
            let said: String = story.said.iter().map(|(_, update)| {
                let mut status = update.status.clone();
                status.get_mut(..1).map(str::make_ascii_uppercase);
                format!("<p><strong>{status}</strong> - {}</p>", feed::escaped(&update.text))
            }).collect();
            format!(
                "<item><title>{}</title><link>https://status.x.ai/incidents/{id}</link><guid isPermaLink=\"false\">{id}</guid><description><![CDATA[{said}]]></description><pubDate>{}</pubDate></item>\n",
                feed::escaped(&story.incident.name),
                story.begun.strftime("%a, %d %b %Y %H:%M:%S GMT"),
                id = story.id,
            )
        }).collect();
        let xml = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel><title>xAI status</title><link>https://status.x.ai</link><description>Simulated by bellwether demo</description>\n{items}</channel></rss>\n");
        written::text(moment, &xml)
    })
    .into()
}
