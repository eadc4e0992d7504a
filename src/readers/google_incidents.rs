//! Google Cloud's incidents (`status.cloud.google.com/incidents.json`): the full history of months, of which the open ones of
//! some products are read (facts: google.md §9; schema: <https://status.cloud.google.com/incidents.schema.json>).

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::folding::{folded, shortened};
use super::notes::Notes;
use super::{Body, Context, encoding, json};
use crate::market::{
    Attribute, Certainty, Claim, DateKind, Failure, LifecycleDate, Reading, Subject, SubjectKind,
    Value,
};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 2;

/// Incidents that are read; a year has some hundreds.
const MOST: usize = 20_000;

/// An update's text is cut to so many characters.
const LONGEST_UPDATE: usize = 500;

/// Names and links are cut to so many characters.
const LONGEST_LINE: usize = 300;

/// Products and locations of one incident that are kept.
const MOST_TOPICS: usize = 200;

const PAGE: &str = "https://status.cloud.google.com/";

const IMPACT_WORDS: [&str; 3] = [
    "SERVICE_INFORMATION",
    "SERVICE_DISRUPTION",
    "SERVICE_OUTAGE",
];

/// How the incidents are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The products that matter, by id (which survives their being renamed) or title; empty for all.
    pub products: Vec<String>,
}

#[derive(Deserialize)]
struct Incident {
    id: String,
    begin: Option<String>,
    #[serde(default)]
    end: Option<String>,
    external_desc: Option<String>,
    most_recent_update: Option<Update>,
    status_impact: Option<String>,
    service_key: Option<String>,
    service_name: Option<String>,
    #[serde(default)]
    affected_products: Option<Vec<Named>>,
    uri: Option<String>,
    #[serde(default)]
    currently_affected_locations: Option<Vec<Named>>,
}

#[derive(Deserialize)]
struct Update {
    text: Option<String>,
    status: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    title: Option<String>,
    id: Option<String>,
}

/// Reads the incidents that have no end and concern a product of the mapping, each a subject with its latest update. Of those
/// that have ended only the end is read. A body that is no list is [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    let listed: Vec<&RawValue> =
        serde_json::from_str(&text).map_err(|error| json::not_json(&error, &text))?;
    let mut notes = Notes::default();
    if listed.len() > MOST {
        let found = listed.len().to_string();
        notes.add("the list", "", &format!("at most {MOST} incidents"), &found);
    }
    let mut claims = Vec::new();
    let mut ended = HashMap::new();
    let mut read = 0_usize;
    for raw in listed.iter().take(MOST) {
        let incident: Incident = match serde_json::from_str(raw.get()) {
            Ok(incident) => incident,
            Err(error) => {
                notes.add(
                    "an incident",
                    "",
                    "the fields of an incident",
                    &error.to_string(),
                );
                continue;
            }
        };
        read += 1;
        if !concerns(mapping, &incident) {
            continue;
        }
        let subject = Subject {
            region: context.region.clone(),
            ..Subject::of_kind(
                SubjectKind::Incident,
                context.provider.as_str(),
                shortened(&incident.id, LONGEST_LINE),
            )
        };
        let end = incident.end.as_deref().map(str::trim);
        match end.filter(|end| !end.is_empty()) {
            None => claims.push((subject, stated(&incident, &mut notes))),
            Some(raw) => {
                let end = moment("end", raw, &incident, &mut notes);
                ended.extend(end.map(|end| (subject.key(), end)));
            }
        }
    }
    if read == 0 && !listed.is_empty() {
        return Err(Failure::Unreadable {
            expected: "a list of incidents with ids".to_string(),
            found: format!("a list of {}, none of them one", listed.len()),
        });
    }
    let mut reading = Reading::from_claims(claims, context.complete);
    reading.ended = ended;
    notes.put_into(&mut reading);
    Ok(reading)
}

fn concerns(mapping: &Mapping, incident: &Incident) -> bool {
    let is = |field: &Option<String>, wanted: &String| field.as_ref() == Some(wanted);
    let names = |wanted: &String| {
        is(&incident.service_key, wanted)
            || is(&incident.service_name, wanted)
            || incident
                .affected_products
                .iter()
                .flatten()
                .any(|product| is(&product.id, wanted) || is(&product.title, wanted))
    };
    mapping.products.is_empty() || mapping.products.iter().any(names)
}

fn stated(incident: &Incident, notes: &mut Notes) -> Vec<Claim> {
    let impact = incident.status_impact.as_deref();
    if !impact.is_some_and(|word| IMPACT_WORDS.contains(&word)) {
        let found = impact.map_or("nothing".to_string(), |word| format!("'{word}'"));
        notes.add(
            "status_impact",
            &incident.id,
            &IMPACT_WORDS.join(", "),
            &found,
        );
    }
    let update = incident.most_recent_update.as_ref();
    let status = update.and_then(|update| update.status.as_deref());
    let body = update.and_then(|update| update.text.as_deref());
    let link = incident.uri.as_deref().map(|uri| {
        if uri.starts_with("https://") {
            uri.to_string()
        } else {
            format!("{PAGE}{}", uri.trim_start_matches('/'))
        }
    });
    let name = incident.external_desc.as_deref();
    let mut claims: Vec<Claim> = [
        text(Attribute::Name, name, LONGEST_LINE),
        text(Attribute::Status, status.or(impact), LONGEST_LINE),
        text(Attribute::Impact, impact, LONGEST_LINE),
        text(Attribute::Text, body, LONGEST_UPDATE),
        text(Attribute::Link, link.as_deref(), LONGEST_LINE),
    ]
    .into_iter()
    .flatten()
    .collect();
    let topics = topics(incident);
    if !topics.is_empty() {
        let raw = shortened(&topics.join(", "), LONGEST_UPDATE);
        claims.push(Claim::new(Attribute::Topics, Value::set(topics), raw));
    }
    claims.extend(began(incident, notes));
    claims
}

/// The products by title, and where they are hit now by the id of the place.
fn topics(incident: &Incident) -> Vec<String> {
    let products = incident.affected_products.iter().flatten();
    let places = incident.currently_affected_locations.iter().flatten();
    let mut topics: Vec<String> = products
        .filter_map(|product| product.title.as_deref())
        .chain(places.filter_map(|place| place.id.as_deref().or(place.title.as_deref())))
        .map(|topic| shortened(&folded(topic), LONGEST_LINE))
        .filter(|topic| !topic.is_empty())
        .take(MOST_TOPICS)
        .collect();
    topics.sort();
    topics.dedup();
    topics
}

fn began(incident: &Incident, notes: &mut Notes) -> Option<Claim> {
    let raw = incident.begin.as_deref()?;
    let instant = moment("begin", raw, incident, notes)?;
    Some(Claim::new(
        Attribute::Date(DateKind::Launch),
        Value::Date(LifecycleDate::at(instant, Certainty::Firm)),
        shortened(raw, LONGEST_LINE),
    ))
}

/// The time in a field of an incident; what is none is noted.
fn moment(field: &str, raw: &str, incident: &Incident, notes: &mut Notes) -> Option<Timestamp> {
    let moment = raw.trim().parse::<Timestamp>().ok();
    if moment.is_none() {
        let found = format!("'{raw}'");
        notes.add(field, &incident.id, "an RFC 3339 time", &found);
    }
    moment
}

fn text(attribute: Attribute, text: Option<&str>, limit: usize) -> Option<Claim> {
    let text = shortened(&folded(text?), limit);
    (!text.is_empty()).then(|| Claim::new(attribute, Value::Text(text.as_str().into()), text))
}
