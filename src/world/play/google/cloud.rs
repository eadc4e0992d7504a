//! Agent Platform (Vertex AI): the catalogue by publisher, the page of versions, release notes, incidents.

use serde_json::{Value as Json, json};

use super::super::super::moment::Offer;
use super::super::super::script::Day;
use super::super::super::{Asked, Channel, JSON, MARKDOWN, Moment, Request, Story, Topic, XML};
use super::super::written::{self, Table, english};
use super::super::{Found, Resource, fault, feed};
use super::{TOKEN, VERTEX, error, instead, launched};
use crate::market::Stage;

/// The catalogue of a publisher's models.
pub fn publishers(asked: &Asked, request: &Request) -> Found {
    let list = asked
        .path
        .strip_prefix("/v1beta1/publishers/")
        .and_then(|rest| rest.strip_suffix("/models"));
    let Some(publisher) = list else {
        return error(404, "NOT_FOUND", "Not found");
    };
    if request.bearer() != Some(TOKEN) {
        return error(
            401,
            "UNAUTHENTICATED",
            "Request had invalid authentication credentials.",
        );
    }
    let publisher = publisher.to_string();
    Resource::new(
        "vertex.models",
        asked,
        JSON,
        vec![Topic::api(VERTEX)],
        move |moment| {
            let mut offers = moment.offers(VERTEX, Channel::Api);
            offers.retain(|offer| {
                offer.stage() != Stage::Retired && offer.extra("publisher") == Some(&publisher)
            });
            moment.shuffle(&mut offers);
            let rows: Vec<Json> = offers
                .iter()
                .map(|offer| published(offer, &publisher))
                .collect();
            written::json(moment, &json!({"publisherModels": rows}))
        },
    )
    .into()
}

fn published(offer: &Offer<'_>, publisher: &str) -> Json {
    let stage = match offer.stage() {
        Stage::Preview => "PUBLIC_PREVIEW",
        Stage::Limited => "PRIVATE_PREVIEW",
        _ => "GA",
    };
    // an open model is called with its publisher's name before its own
    let id = offer
        .id
        .strip_prefix(publisher)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(offer.id);
    let mut actions = json!({"viewRestApi": {}});
    if offer.stage() == Stage::Limited {
        actions["requestAccess"] = json!({"title": "Request access"});
    }
    json!({
        "name": format!("publishers/{publisher}/models/{id}"), "versionId": "default", "openSourceCategory": "PROPRIETARY",
        "launchStage": stage, "versionState": "VERSION_STATE_STABLE", "supportedActions": actions,
    })
}

/// The pages of versions and of release notes.
pub fn pages(asked: &Asked) -> Found {
    match asked.path.as_str() {
        "/gemini-enterprise-agent-platform/models/model-versions.md.txt" => Resource::new(
            "vertex.model-versions",
            asked,
            MARKDOWN,
            vec![Topic::page(VERTEX)],
            |moment| written::text(moment, &versions(moment)),
        )
        .into(),
        "/feeds/gemini-enterprise-agent-platform-release-notes.xml" => {
            notes("vertex.release-notes", asked)
        }
        "/gemini-enterprise-agent-platform/models/model-versions" => fault(503).into(),
        "/feeds/gcp-release-notes.xml" => notes("vertex.openai-release-notes", asked),
        _ => Found::Nothing,
    }
}

fn versions(moment: &Moment<'_>) -> String {
    let headers = [
        "Model ID",
        "Release date",
        "Retirement date",
        "Recommended upgrade",
    ];
    let (mut current, mut retired) = (Table::new(&headers), Table::new(&headers));
    for offer in moment.offers(VERTEX, Channel::Page) {
        if offer.extra("publisher") != Some("google") {
            continue;
        }
        let ends = match offer.facts.retires {
            Some(day @ Day::Firm(_)) => english(moment.date(day)),
            Some(day) => format!("{} or later", english(moment.date(day))),
            None => String::new(),
        };
        let row = [
            format!("`{}`", offer.id),
            launched(&offer, moment),
            ends,
            instead(&offer),
        ];
        match offer.stage() {
            Stage::Retired => retired.row(row),
            _ => current.row(row),
        }
    }
    let [current, retired] =
        [current, retired].map(|table| table.bent(moment, "vertex.model-versions").markdown());
    format!("# Model versions\n\n## Gemini models\n\n{current}\n## Retired models\n\n{retired}")
}

/// Release notes: an entry a day, with a part for each note.
fn notes(probe: &'static str, asked: &Asked) -> Found {
    Resource::new(probe, asked, XML, vec![Topic::Feed(probe.to_string())], move |moment| {
        let mut days: Vec<(jiff::civil::Date, String)> = Vec::new();
        for (at, post) in moment.posts(probe) {
            let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
            let tag = post.tags.first().map_or("Feature", String::as_str);
            let note = format!("<h3>{tag}</h3><p>{}</p>", feed::escaped(&post.text));
            match days.last_mut().filter(|(last, _)| *last == day) {
                Some((_, notes)) => *notes += &note,
                None => days.push((day, note)),
            }
        }
        let entries: String = days.iter().map(|(day, notes)| {
            let anchor = day.strftime("%B_%d_%Y");
            format!(
                "<entry>\n<title>{}</title>\n<id>tag:google.com,2016:release-notes#{anchor}</id>\n<link rel=\"alternate\" href=\"https://docs.cloud.google.com/release-notes#{anchor}\"/>\n<updated>{day}T00:00:00-08:00</updated>\n<content type=\"html\"><![CDATA[{notes}]]></content>\n</entry>\n",
                english(*day),
            )
        }).collect();
        let updated = days.first().map_or(String::new(), |(day, _)| format!("<updated>{day}T00:00:00-08:00</updated>\n"));
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<id>tag:google.com,2016:{probe}</id>\n<title>Release notes</title>\n<subtitle>Simulated by bellwether demo</subtitle>\n{updated}{entries}</feed>\n"
        );
        written::text(moment, &xml)
    })
    .into()
}

/// All incidents, those that are over included.
pub fn incidents(asked: &Asked) -> Found {
    Resource::new(
        "vertex.incidents",
        asked,
        JSON,
        vec![Topic::Status(VERTEX.to_string())],
        |moment| {
            let all: Vec<Json> = moment.incidents(VERTEX).iter().map(incident).collect();
            written::json(moment, &all.into())
        },
    )
    .into()
}

fn incident(story: &Story<'_>) -> Json {
    let stamp = |at: jiff::Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    let (impact, severity) = match story.incident.impact.as_str() {
        "critical" => ("SERVICE_OUTAGE", "high"),
        "major" => ("SERVICE_DISRUPTION", "medium"),
        _ => ("SERVICE_INFORMATION", "low"),
    };
    let places: Vec<Json> = story
        .incident
        .regions
        .iter()
        .map(|region| json!({"title": region, "id": region}))
        .collect();
    let updates: Vec<Json> = story.said.iter().map(|(at, update)| {
        let status = match update.status.as_str() {
            "resolved" => "AVAILABLE",
            _ => impact,
        };
        json!({"created": stamp(*at), "modified": stamp(*at), "when": stamp(*at), "text": update.text, "status": status, "affected_locations": places})
    }).collect();
    let is_over = story.is_over();
    let (now, before) = match is_over {
        true => (Vec::new(), places.clone()),
        false => (places.clone(), Vec::new()),
    };
    let mut incident = json!({
        "id": story.id, "number": story.id, "begin": stamp(story.begun), "created": stamp(story.begun), "modified": stamp(story.updated()),
        "external_desc": story.incident.name, "most_recent_update": updates.first(), "updates": updates,
        "status_impact": impact, "severity": severity, "service_key": "Z0FZJAMvEB4j3NbCJs6B", "service_name": "Gemini on Agent Platform",
        "affected_products": [{"title": "Gemini on Agent Platform", "id": "Z0FZJAMvEB4j3NbCJs6B"}], "uri": format!("incidents/{}", story.id),
        "currently_affected_locations": now, "previously_affected_locations": before,
    });
    if is_over {
        incident["end"] = stamp(story.updated()).into();
    }
    incident
}
