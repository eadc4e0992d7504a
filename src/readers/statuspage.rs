//! Status pages that speak Statuspage v2 (`/api/v2/summary.json`), Atlassian's own and compatible ones such as incident.io's.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value as Json;

use super::folding::{folded, shortened};
use super::notes::Notes;
use super::{Body, Context, json};
use crate::market::{
    Attribute, Certainty, Claim, DateKind, Failure, LifecycleDate, Reading, Subject, SubjectKind,
    Value,
};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 2;

/// An update's text is cut to so many characters.
const LONGEST_UPDATE: usize = 500;

/// Names and links are cut to so many characters.
const LONGEST_LINE: usize = 300;

const COMPONENT_WORDS: [&str; 5] = [
    "operational",
    "degraded_performance",
    "partial_outage",
    "major_outage",
    "under_maintenance",
];
const INCIDENT_WORDS: [&str; 8] = [
    "investigating",
    "identified",
    "monitoring",
    "resolved",
    "postmortem",
    "scheduled",
    "in_progress",
    "verifying",
];
const IMPACT_WORDS: [&str; 5] = ["none", "minor", "major", "critical", "maintenance"];

/// Incidents in these states are over, and over is the same as no longer listed.
const OVER: [&str; 3] = ["resolved", "postmortem", "completed"];

/// How a status page is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The components that matter, by id or name; empty for all. An incident that names only others is left out.
    pub components: Vec<String>,
    /// Whether the body is `incidents.json`, of which only what is over is read.
    pub past: bool,
}

#[derive(Deserialize)]
struct Component {
    id: String,
    name: String,
    status: Option<String>,
    group: Option<bool>,
}

#[derive(Deserialize)]
struct Incident {
    id: String,
    name: Option<String>,
    status: Option<String>,
    impact: Option<String>,
    shortlink: Option<String>,
    started_at: Option<String>,
    created_at: Option<String>,
    scheduled_for: Option<String>,
    resolved_at: Option<String>,
    #[serde(default)]
    incident_updates: Option<Vec<Update>>,
    #[serde(default)]
    components: Option<Vec<Affected>>,
}

impl Incident {
    /// Calls the components that it names as the page does: an incident, and each update of it, keeps the name of its day.
    fn call_components(&mut self, names: &HashMap<String, String>) {
        let updates = self.incident_updates.iter_mut().flatten();
        let in_updates = updates.flat_map(|update| update.affected_components.iter_mut().flatten());
        for component in self.components.iter_mut().flatten().chain(in_updates) {
            let id = component.id.as_ref();
            if let Some(name) = id.and_then(|id| names.get(id)) {
                component.name = Some(name.clone());
            }
        }
    }
}

#[derive(Deserialize)]
struct Update {
    status: Option<String>,
    body: Option<String>,
    created_at: Option<String>,
    #[serde(default)]
    affected_components: Option<Vec<Affected>>,
}

#[derive(Deserialize)]
struct Affected {
    #[serde(alias = "code")]
    id: Option<String>,
    name: Option<String>,
}

/// Reads `summary.json`: a component a subject with its status, an open incident or maintenance a subject with its latest update.
/// The page lists only what is open: an incident that is not there is over. Some compatible pages leave `incidents` out when all
/// is calm, none leaves out `components`: a body without them is [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let json = json::parse(body)?;
    if mapping.past {
        return read_past(mapping, &json, context);
    }
    let components = json.get("components").and_then(Json::as_array);
    let components = components.filter(|_| json.get("page").is_some_and(Json::is_object));
    let Some(components) = components else {
        return Err(Failure::Unreadable {
            expected: "a status summary with page and components".to_string(),
            found: json::outline_of(&json),
        });
    };
    let mut notes = Notes::default();
    let mut claims = Vec::new();
    let mut ended = HashMap::new();
    let mut names = HashMap::new();
    for component in each::<Component>(components, "components", &mut notes) {
        names.insert(component.id.clone(), component.name.clone());
        if component.group != Some(true) && wanted(mapping, &component.id, &component.name) {
            let subject = subject(SubjectKind::Component, &component.id, context);
            claims.push((subject, of_component(&component, &mut notes)));
        }
    }
    for (key, planned) in [("incidents", false), ("scheduled_maintenances", true)] {
        let listed = match json.get(key) {
            None | Some(Json::Null) => continue,
            Some(Json::Array(listed)) => listed,
            Some(other) => {
                return Err(Failure::Unreadable {
                    expected: format!("a list of {key}"),
                    found: json::outline_of(other),
                });
            }
        };
        for mut incident in each::<Incident>(listed, key, &mut notes) {
            incident.call_components(&names);
            if !concerns(mapping, &incident) {
                continue;
            }
            let subject = subject(SubjectKind::Incident, &incident.id, context);
            match is_over(&incident.status) {
                false => claims.push((subject, of_incident(&incident, planned, &mut notes))),
                true => ended.extend(end(&incident).map(|end| (subject.key(), end))),
            }
        }
    }
    let mut reading = Reading::from_claims(claims, context.complete);
    reading.ended = ended;
    notes.put_into(&mut reading);
    Ok(reading)
}

/// Reads `incidents.json`, which lists open and past incidents alike: of those that are over only when they ended. All else of them
/// is the summary's to tell, while they are open.
fn read_past(mapping: &Mapping, json: &Json, context: &Context<'_>) -> Result<Reading, Failure> {
    let listed = json.get("incidents").and_then(Json::as_array);
    let Some(listed) = listed.filter(|_| json.get("page").is_some_and(Json::is_object)) else {
        return Err(Failure::Unreadable {
            expected: "a list of incidents with their page".to_string(),
            found: json::outline_of(json),
        });
    };
    let mut notes = Notes::default();
    let mut claims = Vec::new();
    for incident in each::<Incident>(listed, "incidents", &mut notes) {
        if !is_over(&incident.status) || !concerns(mapping, &incident) {
            continue;
        }
        let Some(end) = end(&incident) else {
            let found = incident.resolved_at.as_deref().unwrap_or("nothing");
            notes.add(
                "incidents.resolved_at",
                &incident.id,
                "an RFC 3339 time",
                found,
            );
            continue;
        };
        let subject = subject(SubjectKind::Incident, &incident.id, context);
        let date = Value::Date(LifecycleDate::at(end, Certainty::Firm));
        // what it is called afterwards, such as a postmortem, is no other end
        let over = Value::Text("resolved".into());
        let status = shortened(incident.status.as_deref().unwrap_or(""), LONGEST_LINE);
        let stated = vec![
            Claim::new(Attribute::Status, over, status),
            Claim::new(Attribute::Date(DateKind::Retires), date, end.to_string()),
        ];
        claims.push((subject, stated));
    }
    let mut reading = Reading::from_claims(claims, context.complete);
    notes.put_into(&mut reading);
    Ok(reading)
}

fn each<T: serde::de::DeserializeOwned>(listed: &[Json], key: &str, notes: &mut Notes) -> Vec<T> {
    let mut read = Vec::with_capacity(listed.len());
    for item in listed {
        match T::deserialize(item) {
            Ok(item) => read.push(item),
            Err(error) => {
                let id = item.get("id").and_then(Json::as_str).unwrap_or("");
                notes.add(key, id, "the fields of a status page", &error.to_string());
            }
        }
    }
    read
}

fn wanted(mapping: &Mapping, id: &str, name: &str) -> bool {
    let by = |wanted: &String| wanted == id || wanted == name;
    mapping.components.is_empty() || mapping.components.iter().any(by)
}

/// Whether an incident names a component that matters, or none at all (incident.io names none).
fn concerns(mapping: &Mapping, incident: &Incident) -> bool {
    let mut named = affected(incident).peekable();
    named.peek().is_none()
        || named.any(|component| {
            let text = |field: &Option<String>| field.clone().unwrap_or_default();
            wanted(mapping, &text(&component.id), &text(&component.name))
        })
}

/// The components that the incident itself and its updates name.
fn affected(incident: &Incident) -> impl Iterator<Item = &Affected> {
    let updates = incident.incident_updates.iter().flatten();
    let in_updates = updates.flat_map(|update| update.affected_components.iter().flatten());
    incident.components.iter().flatten().chain(in_updates)
}

fn subject(kind: SubjectKind, id: &str, context: &Context<'_>) -> Subject {
    Subject {
        region: context.region.clone(),
        ..Subject::of_kind(kind, context.provider.as_str(), shortened(id, LONGEST_LINE))
    }
}

fn of_component(component: &Component, notes: &mut Notes) -> Vec<Claim> {
    let status = component.status.as_deref();
    known(
        "components.status",
        &component.id,
        status,
        &COMPONENT_WORDS,
        notes,
    );
    [
        text(Attribute::Name, Some(component.name.as_str()), LONGEST_LINE),
        text(Attribute::Status, status, LONGEST_LINE),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_incident(incident: &Incident, planned: bool, notes: &mut Notes) -> Vec<Claim> {
    let status = incident.status.as_deref();
    let impact = if planned {
        Some("maintenance")
    } else {
        incident.impact.as_deref()
    };
    known(
        "incidents.status",
        &incident.id,
        status,
        &INCIDENT_WORDS,
        notes,
    );
    known(
        "incidents.impact",
        &incident.id,
        impact,
        &IMPACT_WORDS,
        notes,
    );
    let updates = incident.incident_updates.iter().flatten();
    let latest = updates
        .filter(|update| {
            update
                .body
                .as_deref()
                .is_some_and(|body| !body.trim().is_empty())
        })
        .max_by_key(|update| (update.created_at.as_deref().and_then(instant), &update.body));
    let body = latest.and_then(|update| update.body.as_deref());
    let mut claims: Vec<Claim> = [
        text(Attribute::Name, incident.name.as_deref(), LONGEST_LINE),
        text(Attribute::Status, status, LONGEST_LINE),
        text(Attribute::Impact, impact, LONGEST_LINE),
        text(Attribute::Text, body, LONGEST_UPDATE),
        text(Attribute::Link, incident.shortlink.as_deref(), LONGEST_LINE),
    ]
    .into_iter()
    .flatten()
    .collect();
    let names = affected(incident).filter_map(|component| component.name.as_deref());
    let mut names: Vec<String> = names
        .map(|name| shortened(&folded(name), LONGEST_LINE))
        .collect();
    names.sort();
    names.dedup();
    if !names.is_empty() {
        let raw = names.join(", ");
        claims.push(Claim::new(Attribute::Topics, Value::set(names), raw));
    }
    claims.extend(began(incident, planned, notes));
    claims
}

fn began(incident: &Incident, planned: bool, notes: &mut Notes) -> Option<Claim> {
    let scheduled = incident.scheduled_for.as_ref().filter(|_| planned);
    let raw = scheduled
        .or(incident.started_at.as_ref())
        .or(incident.created_at.as_ref())?;
    let Some(instant) = instant(raw) else {
        notes.add(
            "incidents.started_at",
            &incident.id,
            "an RFC 3339 time",
            &format!("'{raw}'"),
        );
        return None;
    };
    let date = LifecycleDate::at(instant, Certainty::Firm);
    let raw = shortened(raw, LONGEST_LINE);
    Some(Claim::new(
        Attribute::Date(DateKind::Launch),
        Value::Date(date),
        raw,
    ))
}

fn is_over(status: &Option<String>) -> bool {
    let status = status.as_deref();
    status.is_some_and(|status| OVER.contains(&status))
}

/// When an incident that is over ended: as it says itself, else the first of its updates that says so after it went on.
fn end(incident: &Incident) -> Option<Timestamp> {
    let own = incident.resolved_at.as_deref().and_then(instant);
    let updates = incident.incident_updates.iter().flatten();
    let updates = updates.filter_map(|update| {
        Some((
            is_over(&update.status),
            instant(update.created_at.as_deref()?)?,
        ))
    });
    let (over, going_on): (Vec<_>, Vec<_>) = updates.partition(|(is_over, _)| *is_over);
    let went_on = going_on.into_iter().map(|(_, at)| at).max();
    let said = over.into_iter().map(|(_, at)| at);
    let said = said.filter(|at| went_on.is_none_or(|went_on| *at >= went_on));
    own.or_else(|| said.min())
}

fn instant(text: &str) -> Option<Timestamp> {
    text.trim().parse().ok()
}

fn known(place: &str, row: &str, word: Option<&str>, words: &[&str], notes: &mut Notes) {
    let expected = || words.join(", ");
    match word {
        Some(word) if words.contains(&word) => {}
        Some(word) => notes.add(place, row, &expected(), &format!("'{word}'")),
        None => notes.add(place, row, &expected(), "nothing"),
    }
}

fn text(attribute: Attribute, text: Option<&str>, limit: usize) -> Option<Claim> {
    let text = shortened(&folded(text?), limit);
    (!text.is_empty()).then(|| Claim::new(attribute, Value::Text(text.as_str().into()), text))
}
