//! DeepSeek: the list of models, the price list by hours, the changelog, Flashduty's status page. Shapes: facts of autumn 2026.

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::super::moment::Offer;
use super::super::{Answer, Asked, Channel, HTML, JSON, Moment, Request, Story, Topic};
use super::{Found, Play, Resource, feed, written};
use crate::market::Stage;

/// Who plays DeepSeek.
pub const PLAY: Play = Play {
    hosts: || {
        [
            "api.deepseek.com",
            "api-docs.deepseek.com",
            "status.deepseek.com",
        ]
        .map(str::to_string)
        .into()
    },
    find,
    credentials: &[("DEEPSEEK_API_KEY", KEY)],
};

const KEY: &str = "simulated-deepseek-key";
const DEEPSEEK: &str = "deepseek";

fn find(asked: &Asked, request: &Request) -> Found {
    match (asked.host.as_str(), asked.path.as_str()) {
        ("api.deepseek.com", _) if request.bearer() != Some(KEY) => {
            let error = json!({"error": {"message": "Authentication Fails", "type": "authentication_error", "param": null, "code": "invalid_request_error"}});
            Answer::json(401, &error).into()
        }
        ("api.deepseek.com", "/models") => Resource::new(
            "deepseek.models",
            asked,
            JSON,
            vec![Topic::api(DEEPSEEK)],
            models,
        )
        .into(),
        ("api-docs.deepseek.com", "/quick_start/pricing") => Resource::new(
            "deepseek.pricing",
            asked,
            HTML,
            vec![Topic::page(DEEPSEEK)],
            pricing,
        )
        .into(),
        ("api-docs.deepseek.com", "/updates/") => {
            let topics = vec![Topic::Feed("deepseek.updates".to_string())];
            Resource::new("deepseek.updates", asked, HTML, topics, updates).into()
        }
        ("status.deepseek.com", "/api/widget/v1/summary.json") => {
            let topics = vec![Topic::Status(DEEPSEEK.to_string())];
            Resource::new("deepseek.status", asked, JSON, topics, status).into()
        }
        _ => Found::Nothing,
    }
}

fn live<'w>(moment: &Moment<'w>, channel: Channel) -> Vec<Offer<'w>> {
    let mut offers = moment.offers(DEEPSEEK, channel);
    offers.retain(|offer| offer.stage() != Stage::Retired);
    offers
}

fn models(moment: &Moment<'_>) -> Vec<u8> {
    let row = |offer: &Offer<'_>| {
        let model = offer.model.cloned().unwrap_or_default();
        json!({
            "id": offer.id, "object": "model", "owned_by": "deepseek", "name": offer.name, "context_window": offer.limit("context"),
            "max_output_tokens": offer.limit("output"), "input_modalities": model.inputs, "output_modalities": model.outputs,
        })
    };
    let mut offers = live(moment, Channel::Api);
    moment.shuffle(&mut offers);
    let rows: Vec<Json> = offers.iter().map(row).collect();
    written::json(moment, &json!({"object": "list", "data": rows}))
}

/// A column a model; out of the peak hours all costs half.
fn pricing(moment: &Moment<'_>) -> Vec<u8> {
    let offers = live(moment, Channel::Page);
    let line = |head: &str, cell: &dyn Fn(&Offer<'_>) -> String| {
        let cells: String = offers
            .iter()
            .map(|offer| format!("<td>{}</td>", cell(offer)))
            .collect();
        format!("<tr>{head}{cells}</tr>")
    };
    let wide = |title: &str| format!("<td colspan=\"3\">{title}</td>");
    let mut rows = line(&wide("MODEL"), &|offer| offer.id.to_string());
    rows += &line(&wide("BASE URL"), &|_| {
        "https://api.deepseek.com".to_string()
    });
    rows += &line(&wide("CONTEXT LENGTH"), &|offer| {
        format!("{}K", offer.limit("context").unwrap_or(0) / 1000)
    });
    rows += &line(&wide("MAX OUTPUT"), &|offer| {
        format!("MAXIMUM: {}K", offer.limit("output").unwrap_or(0) / 1000)
    });
    let meters = [
        ("1M INPUT TOKENS (CACHE HIT)", "cache_read"),
        ("1M INPUT TOKENS (CACHE MISS)", "input"),
        ("1M OUTPUT TOKENS", "output"),
    ];
    for (place, (title, meter)) in meters.into_iter().enumerate() {
        let first = match place {
            0 => "<td rowspan=\"6\">PRICING</td>",
            _ => "",
        };
        let price = |offer: &Offer<'_>, times: Decimal| {
            let price: Decimal = offer
                .price(meter)
                .and_then(|price| price.parse().ok())
                .unwrap_or_default();
            format!("${}", (price * times).normalize())
        };
        rows += &line(
            &format!("{first}<td rowspan=\"2\">{title}</td><td>OFF-PEAK</td>"),
            &|offer| price(offer, Decimal::new(5, 1)),
        );
        rows += &line("<td>PEAK</td>", &|offer| price(offer, Decimal::ONE));
    }
    html(
        moment,
        &format!("<h1>Models &amp; Pricing</h1><table>{rows}</table>"),
    )
}

fn html(moment: &Moment<'_>, content: &str) -> Vec<u8> {
    written::text(
        moment,
        &format!(
            "<!doctype html><html><head><title>Simulated by bellwether demo</title></head><body>{content}</body></html>"
        ),
    )
}

fn updates(moment: &Moment<'_>) -> Vec<u8> {
    let mut content = "<h1>Change Log</h1>".to_string();
    for (at, post) in moment.posts("deepseek.updates") {
        let (title, text) = (feed::escaped(&post.title), feed::escaped(&post.text));
        content += &format!(
            "<h2>Date: {}</h2><h3>{title}</h3><p>{text}</p>",
            at.strftime("%Y-%m-%d")
        );
    }
    html(moment, &content)
}

fn status(moment: &Moment<'_>) -> Vec<u8> {
    let open: Vec<Story<'_>> = moment
        .incidents(DEEPSEEK)
        .into_iter()
        .filter(|story| !story.is_over())
        .collect();
    let stamp = |at: jiff::Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let incidents: Vec<Json> = open.iter().map(|story| {
        let (at, text) = story.said.first().map_or((story.begun, ""), |(at, update)| (*at, update.text.as_str()));
        let phase = story.said.first().map_or("investigating", |(_, update)| update.status.as_str());
        json!({
            "id": story.id, "title": story.incident.name, "phase": phase, "impact": "degraded", "started_at": stamp(story.begun),
            "updated_at": stamp(at), "url": format!("https://status.deepseek.com/{}", story.id), "last_update": {"at": stamp(at), "message": text},
            "affected_components": [{"id": "api", "name": "API", "group_name": null, "status": "degraded"}],
        })
    }).collect();
    let overall = match open.is_empty() {
        true => "operational",
        false => "degraded",
    };
    let generated = moment.changed(&Topic::Status(DEEPSEEK.to_string()));
    written::json(
        moment,
        &json!({
            "schema_version": "1", "generated_at": stamp(generated), "poll_after_seconds": 30, "max_stale_seconds": 120, "page": {"id": "deepseek"},
            "overall": {"status": overall}, "ongoing_incidents": incidents, "in_progress_maintenances": [], "scheduled_maintenances": [],
        }),
    )
}
