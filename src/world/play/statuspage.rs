//! Status pages of the Statuspage family: Atlassian's own, and incident.io's that answers alike.

use serde_json::{Value as Json, json};

use super::super::moment::id_of;
use super::super::script::Component;
use super::super::{Asked, JSON, Moment, Story, Topic};
use super::{Found, Resource, written};

/// Whose software runs a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// Atlassian: incidents say which components they touch.
    Atlassian,
    /// incident.io: they do not.
    IncidentIo,
}

/// A page by the name that the script gives it.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// In the script.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// Where it is.
    pub url: &'static str,
    /// Whose software.
    pub maker: Maker,
}

/// The page's answers below `/api/v2/`, for the probes that ask for the summary, for components and for past incidents.
pub fn find(page: Page, asked: &Asked, probes: [&'static str; 3]) -> Found {
    let [summary, components, past] = probes;
    let topics = vec![Topic::Status(page.name.to_string())];
    match asked.path.as_str() {
        "/api/v2/summary.json" => Resource::new(summary, asked, JSON, topics, move |moment| {
            written::json(moment, &all(page, moment))
        })
        .into(),
        "/api/v2/components.json" => {
            Resource::new(components, asked, JSON, topics, move |moment| {
                let value = json!({"page": head(page, moment), "components": parts(page, moment)});
                written::json(moment, &value)
            })
            .into()
        }
        "/api/v2/incidents.json" => Resource::new(past, asked, JSON, topics, move |moment| {
            let stories = moment.incidents(page.name);
            let all: Vec<Json> = stories
                .iter()
                .map(|story| incident(page, story, moment))
                .collect();
            written::json(
                moment,
                &json!({"page": head(page, moment), "incidents": all}),
            )
        })
        .into(),
        _ => Found::Nothing,
    }
}

fn head(page: Page, moment: &Moment<'_>) -> Json {
    let updated = moment.changed(&Topic::Status(page.name.to_string()));
    json!({"id": id_of(page.url), "name": page.title, "url": page.url, "time_zone": "Etc/UTC", "updated_at": stamp(updated)})
}

fn stamp(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

fn all(page: Page, moment: &Moment<'_>) -> Json {
    let open: Vec<Story<'_>> = moment
        .incidents(page.name)
        .into_iter()
        .filter(|story| !story.is_over())
        .collect();
    let worst = ["critical", "major", "minor"];
    let worst = worst
        .into_iter()
        .find(|impact| open.iter().any(|story| story.incident.impact == *impact));
    let (indicator, description) = match worst {
        Some("critical") => ("critical", "Major Service Outage"),
        Some("major") => ("major", "Partial System Outage"),
        Some(_) => ("minor", "Partially Degraded Service"),
        None => ("none", "All Systems Operational"),
    };
    let mut value = json!({
        "page": head(page, moment),
        "status": {"indicator": indicator, "description": description},
        "components": parts(page, moment),
        "scheduled_maintenances": [],
    });
    let incidents: Vec<Json> = open
        .iter()
        .map(|story| incident(page, story, moment))
        .collect();
    // incident.io leaves the list out when all is calm
    if page.maker == Maker::Atlassian || !incidents.is_empty() {
        value["incidents"] = incidents.into();
    }
    value
}

fn parts(page: Page, moment: &Moment<'_>) -> Vec<Json> {
    let parts = moment.components(page.name).into_iter().enumerate();
    parts
        .map(|(position, component)| part(page, component, position, moment))
        .collect()
}

fn part(page: Page, component: &Component, position: usize, moment: &Moment<'_>) -> Json {
    let open = moment.incidents(page.name);
    let open = open.iter().filter(|story| !story.is_over());
    let mut hit = open.filter(|story| story.incident.components.contains(&component.id));
    let status = match hit.next().map(|story| story.incident.impact.as_str()) {
        Some("critical") => "major_outage",
        Some("major") => "partial_outage",
        Some(_) => "degraded_performance",
        None => "operational",
    };
    json!({
        "id": component.id, "name": component.name, "status": status, "position": position + 1, "description": null,
        "showcase": true, "group_id": null, "page_id": id_of(page.url), "group": component.group, "only_show_if_degraded": false,
        "created_at": stamp(moment.course.begin), "updated_at": stamp(moment.changed(&Topic::Status(page.name.to_string()))),
    })
}

fn incident(page: Page, story: &Story<'_>, moment: &Moment<'_>) -> Json {
    let hit = |component: &&&Component| story.incident.components.contains(&component.id);
    let components = moment.components(page.name);
    let hit: Vec<&&Component> = components.iter().filter(hit).collect();
    let affected: Json = match page.maker {
        Maker::Atlassian => hit.iter().map(|component| json!({"code": component.id, "name": component.name, "old_status": "operational", "new_status": "partial_outage"})).collect(),
        Maker::IncidentIo => Json::Null,
    };
    let updates: Vec<Json> = story.said.iter().map(|(at, update)| {
        let at = stamp(*at);
        json!({
            "id": id_of(&format!("{}{at}", story.id)), "status": update.status, "body": update.text, "incident_id": story.id,
            "created_at": at, "updated_at": at, "display_at": at, "affected_components": affected,
            "deliver_notifications": true, "custom_tweet": null, "tweet_id": null,
        })
    }).collect();
    let components: Vec<Json> = match page.maker {
        Maker::Atlassian => hit.iter().map(|component| json!({"id": component.id, "name": component.name, "status": "partial_outage"})).collect(),
        Maker::IncidentIo => Vec::new(),
    };
    let resolved = story.is_over().then(|| stamp(story.updated()));
    let status = story
        .said
        .first()
        .map_or("investigating", |(_, update)| update.status.as_str());
    json!({
        "id": story.id, "name": story.incident.name, "status": status, "impact": story.incident.impact,
        "created_at": stamp(story.begun), "updated_at": stamp(story.updated()), "started_at": stamp(story.begun),
        "monitoring_at": null, "resolved_at": resolved, "shortlink": format!("{}/incidents/{}", page.url, story.id),
        "page_id": id_of(page.url), "incident_updates": updates, "components": components,
    })
}
