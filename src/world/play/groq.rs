//! Groq: the list of models, the documentation as Markdown, status. Shapes: facts of autumn 2026.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::super::moment::Offer;
use super::super::{Answer, Asked, Channel, JSON, MARKDOWN, Moment, Request, Topic};
use super::statuspage::{self, Maker, Page};
use super::written::{self, Table, english};
use super::{Found, Play, Resource};
use crate::market::{Stage, day_start, digits_in_groups};

/// Who plays Groq.
pub const PLAY: Play = Play {
    hosts: || {
        ["api.groq.com", "console.groq.com", "groqstatus.com"]
            .map(str::to_string)
            .into()
    },
    find,
    credentials: &[("GROQ_API_KEY", KEY)],
};

const KEY: &str = "simulated-groq-key";
const GROQ: &str = "groq";
const STATUS: Page = Page {
    name: GROQ,
    title: "Groq",
    url: "https://groqstatus.com",
    maker: Maker::IncidentIo,
};

fn find(asked: &Asked, request: &Request) -> Found {
    match (asked.host.as_str(), asked.path.as_str()) {
        ("api.groq.com", _) if request.bearer() != Some(KEY) => {
            let error = json!({"error": {"message": "Invalid API Key", "type": "invalid_request_error", "code": "invalid_api_key"}});
            Answer::json(401, &error).into()
        }
        ("api.groq.com", "/openai/v1/models") => {
            Resource::new("groq.models", asked, JSON, vec![Topic::api(GROQ)], models).into()
        }
        ("console.groq.com", "/docs/models.md") => {
            page(asked, "groq.model-page", Topic::page(GROQ), described)
        }
        ("console.groq.com", "/docs/deprecations.md") => {
            page(asked, "groq.deprecations", Topic::page(GROQ), deprecations)
        }
        ("console.groq.com", "/docs/changelog.md") => page(
            asked,
            "groq.changelog",
            Topic::Feed("groq.changelog".to_string()),
            changelog,
        ),
        ("groqstatus.com", _) => statuspage::find(
            STATUS,
            asked,
            ["groq.status", "groq.status", "groq.past-incidents"],
        ),
        _ => Found::Nothing,
    }
}

fn page(
    asked: &Asked,
    probe: &'static str,
    topic: Topic,
    make: fn(&Moment<'_>) -> String,
) -> Found {
    Resource::new(probe, asked, MARKDOWN, vec![topic], move |moment| {
        written::text(moment, &make(moment))
    })
    .into()
}

fn live<'w>(moment: &Moment<'w>, channel: Channel) -> Vec<Offer<'w>> {
    let mut offers = moment.offers(GROQ, channel);
    offers.retain(|offer| offer.stage() != Stage::Retired);
    offers
}

fn models(moment: &Moment<'_>) -> Vec<u8> {
    let row = |offer: &Offer<'_>| {
        let created = offer
            .facts
            .launch
            .map_or(0, |day| day_start(moment.date(day)).as_second());
        let owner = offer.model.map_or("", |model| model.lab.as_str());
        json!({
            "id": offer.id, "object": "model", "created": created, "owned_by": owner, "active": true,
            "context_window": offer.limit("context"), "public_apps": null, "max_completion_tokens": offer.limit("output"),
        })
    };
    let mut offers = live(moment, Channel::Api);
    moment.shuffle(&mut offers);
    let rows: Vec<Json> = offers.iter().map(row).collect();
    written::json(moment, &json!({"object": "list", "data": rows}))
}

fn described(moment: &Moment<'_>) -> String {
    let headers = [
        "MODEL ID",
        "SPEED (T/SEC)",
        "PRICE PER 1M TOKENS",
        "RATE LIMITS (DEVELOPER PLAN)",
        "CONTEXT WINDOW (TOKENS)",
        "MAX COMPLETION TOKENS",
        "MAX FILE SIZE",
    ];
    let (mut production, mut preview) = (Table::new(&headers), Table::new(&headers));
    for offer in live(moment, Channel::Page) {
        let number = |limit: Option<u64>| {
            limit.map_or("\\-".to_string(), |limit| {
                digits_in_groups(&limit.to_string())
            })
        };
        let price = |meter: &str| offer.price(meter).unwrap_or("0").to_string();
        let row = [
            format!("[{}](/docs/model/{id}){id}", offer.name, id = offer.id),
            "500".to_string(),
            format!("${} input${} output", price("input"), price("output")),
            "250K TPM1K RPM".to_string(),
            number(offer.limit("context")),
            number(offer.limit("output")),
            "\\-".to_string(),
        ];
        match offer.stage() {
            Stage::Preview => preview.row(row),
            _ => production.row(row),
        }
    }
    let mut text = format!(
        "## [Production Models](#production-models)\n\n{}\n",
        production.bent(moment, "groq.model-page").markdown()
    );
    if !preview.is_empty() {
        text += &format!(
            "## [Preview Models](#preview-models)\n\n{}\n",
            preview.bent(moment, "groq.model-page").markdown()
        );
    }
    text
}

fn deprecations(moment: &Moment<'_>) -> String {
    let mut announced: BTreeMap<Date, Vec<Offer<'_>>> = BTreeMap::new();
    for offer in moment.offers(GROQ, Channel::Page) {
        if let Some(day) = offer.facts.deprecated {
            announced.entry(moment.date(day)).or_default().push(offer);
        }
    }
    let mut text = "## [Model Deprecation](#model-deprecation)\n\n".to_string();
    for (day, offers) in announced.iter().rev() {
        let mut table = Table::new(&[
            "Model ID",
            "Shutdown Date",
            "Recommended Replacement Model ID",
        ]);
        for offer in offers {
            let ends = offer
                .facts
                .retires
                .map(|day| moment.date(day).strftime("%m/%d/%y").to_string());
            let instead = offer
                .facts
                .replacement
                .as_ref()
                .map_or(String::new(), |id| format!("`{id}`"));
            table.row([format!("`{}`", offer.id), ends.unwrap_or_default(), instead]);
        }
        let title = offers.first().map_or("", |offer| offer.name);
        let table = table.bent(moment, "groq.deprecations").markdown();
        text += &format!("### [{}: {title}](#{day})\n\n{table}\n", english(*day));
    }
    text
}

fn changelog(moment: &Moment<'_>) -> String {
    let mut text = "# Changelog\n\n".to_string();
    for (at, post) in moment.posts("groq.changelog") {
        text += &format!(
            "## {}\n\n### {}\n\n{}\n\n",
            at.strftime("%B %-d, %Y"),
            post.title,
            post.text
        );
    }
    text
}
