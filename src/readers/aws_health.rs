//! Open events of the AWS health dashboard (`https://health.aws.amazon.com/public/currentevents`; facts: aws-bedrock.md §8).
//!
//! A JSON array, UTF-16 big-endian with a byte order mark when it is live, `[]` when all is calm. No member is promised. An
//! event is of one service, or of many at once: then `impacted_services` says which, by keys such as `bedrock-us-east-1`.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::folding::{folded, shortened};
use super::notes::Notes;
use super::table::is_region_code;
use super::{Body, Context, json};
use crate::market::{
    Attribute, Certainty, Claim, DateKind, Failure, LifecycleDate, Reading, Region, Subject,
    SubjectKind, Value,
};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 2;

/// More events than this are not read; the dashboard has rarely shown a dozen.
const MOST_EVENTS: usize = 1_000;

/// A message is cut to so many characters.
const LONGEST_MESSAGE: usize = 500;

/// Names are cut to so many characters.
const LONGEST_LINE: usize = 300;

/// Epoch numbers beyond this are milliseconds: as seconds it is the year 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// The digits of `status`, with the impact that they stand for on other status pages.
const IMPACTS: [(&str, &str); 4] = [
    ("0", "none"),
    ("1", "minor"),
    ("2", "major"),
    ("3", "critical"),
];

/// How the dashboard is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The services that matter, by how their keys begin: `bedrock` for `bedrock-us-east-1`. Empty for all.
    pub services: Vec<String>,
    /// An event of many services that does not say which matters only in these regions; empty for all.
    pub regions: Vec<String>,
}

impl Mapping {
    /// Whether a service matters, by its key (`bedrock-us-east-1`, `BEDROCK`).
    fn wants(&self, key: &str) -> bool {
        let key = key.to_lowercase();
        let begins = |service: &String| {
            let rest = key.strip_prefix(&service.to_lowercase());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
        };
        self.services.is_empty() || self.services.iter().any(begins)
    }
}

/// Reads the open events: each is an incident with its state, impact and latest message. Of those that are over only the end is
/// read. A body that is no list is [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let json = json::parse(body)?;
    let Json::Array(events) = &json else {
        return Err(Failure::Unreadable {
            expected: "a list of events".to_string(),
            found: json::outline_of(&json),
        });
    };
    let mut notes = Notes::default();
    if events.len() > MOST_EVENTS {
        let expected = format!("at most {MOST_EVENTS} events");
        notes.add("the list", "", &expected, &events.len().to_string());
    }
    let mut claims = Vec::new();
    let mut ended = HashMap::new();
    for event in events.iter().take(MOST_EVENTS) {
        let Json::Object(fields) = event else {
            notes.add("the list", "", "an event", &json::outline_of(event));
            continue;
        };
        let event = Event { fields, mapping };
        if !event.concerns() {
            continue;
        }
        let Some(id) = event.id() else {
            notes.add("arn", "", "an arn, or a service and a date", "neither");
            continue;
        };
        let subject = Subject {
            region: event.region().unwrap_or_else(|| context.region.clone()),
            ..Subject::of_kind(SubjectKind::Incident, context.provider.as_str(), id)
        };
        if event.is_over() {
            ended.extend(event.end().map(|end| (subject.key(), end)));
            continue;
        }
        let stated = event.claims(subject.native_id.as_str(), &mut notes);
        claims.push((subject, stated));
    }
    let mut reading = Reading::from_claims(claims, context.complete);
    reading.ended = ended;
    notes.put_into(&mut reading);
    Ok(reading)
}

struct Event<'a> {
    fields: &'a Map<String, Json>,
    mapping: &'a Mapping,
}

impl Event<'_> {
    /// The first of some members that has a text or a number.
    fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| plain(self.fields.get(*name)?))
    }

    fn service(&self) -> String {
        self.text(&["service"]).unwrap_or_default()
    }

    /// The fields of the ARN: `arn:aws:health:{region}::event/{SERVICE}/{TYPE}/{ID}`.
    fn arn(&self) -> Option<String> {
        self.text(&["arn", "event_arn"])
    }

    fn is_of_many(&self) -> bool {
        let named = format!("{} {}", self.service(), self.arn().unwrap_or_default());
        let named = named.to_lowercase();
        named.contains("multipleservices") || named.contains("multiple_services")
    }

    /// The services that an event of many says it concerns: key, name and own state.
    fn impacted(&self) -> Vec<(&str, Option<String>, Option<String>)> {
        let listed = self.fields.get("impacted_services");
        let listed = listed.and_then(Json::as_object);
        listed
            .into_iter()
            .flatten()
            .map(|(key, state)| {
                let member = |name: &str| state.get(name).and_then(plain);
                (key.as_str(), member("service_name"), member("current"))
            })
            .collect()
    }

    /// Those of them that matter.
    fn wanted(&self) -> Vec<(&str, Option<String>, Option<String>)> {
        let mut wanted = self.impacted();
        wanted.retain(|(key, _, _)| self.mapping.wants(key));
        wanted
    }

    fn concerns(&self) -> bool {
        if self.mapping.services.is_empty() || self.mapping.wants(&self.service()) {
            return true;
        }
        // the ARN names the service in its own spelling: …::event/BEDROCK/…
        let named = self.arn().is_some_and(|arn| {
            let service = arn.split("event/").nth(1);
            service.is_some_and(|rest| self.mapping.wants(rest.split('/').next().unwrap_or("")))
        });
        if named || !self.wanted().is_empty() {
            return true;
        }
        let regions = &self.mapping.regions;
        self.is_of_many()
            && self.impacted().is_empty()
            && (regions.is_empty()
                || self
                    .region()
                    .is_some_and(|region| regions.iter().any(|watched| watched == region.as_str())))
    }

    /// The state: that of the services that matter where an event of many states it, else the event's own.
    fn status(&self) -> Option<String> {
        let own = self.wanted().into_iter().filter_map(|(_, _, state)| state);
        own.max().or_else(|| self.text(&["status"])).or_else(|| {
            self.latest()
                .and_then(|update| plain(update.get("status")?))
        })
    }

    fn end_time(&self) -> Option<String> {
        let end = self.text(&["end_time", "endTime"]);
        end.filter(|end| end != "0")
    }

    fn is_over(&self) -> bool {
        self.end_time().is_some() || self.status().as_deref() == Some("0")
    }

    /// When an event that is over ended: as it says itself, else when the last of the services that matter was well again, else
    /// when the latest entry of its log says that all is well.
    fn end(&self) -> Option<Timestamp> {
        let at = |step: &Json| instant(&plain(step.get("timestamp")?)?);
        let is = |step: &Json, name: &str| step.get(name).and_then(plain).as_deref() == Some("0");
        let own = self.end_time().and_then(|end| instant(&end));
        let of_services = || {
            let steps = self.fields.get("impacted_service_status_changes")?;
            let wanted = steps.as_array()?.iter().filter(|step| {
                let service = step.get("service").and_then(plain);
                service.is_some_and(|service| self.mapping.wants(&service))
            });
            let well = wanted.filter(|step| is(step, "current_status"));
            well.filter_map(at).max()
        };
        let of_log = || {
            let latest = self.latest()?;
            is(&latest, "status").then(|| at(&latest))?
        };
        own.or_else(of_services).or_else(of_log)
    }

    fn id(&self) -> Option<String> {
        let made = || {
            let began = self.text(&["date", "startTime"])?;
            Some(format!(
                "{} {began}",
                Some(self.service()).filter(|s| !s.is_empty())?
            ))
        };
        self.arn()
            .or_else(made)
            .map(|id| shortened(&folded(&id), LONGEST_LINE))
    }

    /// The fourth field of the ARN, or what follows the service's name in its key.
    fn region(&self) -> Option<Region> {
        let of_arn = self.arn().and_then(|arn| {
            let region = arn.split(':').nth(3)?;
            is_region_code(region).then(|| region.to_string())
        });
        let of_key = || {
            let service = self.service();
            let at = service.match_indices('-').map(|(at, _)| at + 1);
            at.filter_map(|at| service.get(at..))
                .find(|rest| is_region_code(rest))
                .map(str::to_string)
        };
        let stated = || {
            self.text(&["region"])
                .filter(|region| is_region_code(region))
        };
        of_arn.or_else(stated).or_else(of_key).map(Region::new)
    }

    /// The latest entry of the log, whichever way round it is sorted.
    fn latest(&self) -> Option<Json> {
        let log = match self.fields.get("event_log") {
            Some(Json::Array(log)) => log.clone(),
            // the history of events keeps its log as a text of JSON
            _ => {
                let kept = self.fields.get("metadata")?.get("EVENT_LOG")?.as_str()?;
                serde_json::from_str(kept).ok()?
            }
        };
        let said = |update: &Json| plain(update.get("message")?).map(|text| folded(&text));
        log.into_iter()
            .filter(|update| said(update).is_some_and(|text| !text.is_empty()))
            .max_by_key(|update| {
                let at = update.get("timestamp").and_then(plain);
                (at.as_deref().and_then(instant), said(update))
            })
    }

    fn claims(&self, row: &str, notes: &mut Notes) -> Vec<Claim> {
        let latest = self.latest();
        let of_log = |name: &str| latest.as_ref().and_then(|update| plain(update.get(name)?));
        let message = of_log("message").or_else(|| self.text(&["description"]));
        let name = self.text(&["summary"]).or_else(|| of_log("summary"));
        let mut claims: Vec<Claim> = [
            text(Attribute::Name, name.as_deref(), LONGEST_LINE),
            text(Attribute::Status, Some("open"), LONGEST_LINE),
            text(Attribute::Text, message.as_deref(), LONGEST_MESSAGE),
        ]
        .into_iter()
        .flatten()
        .collect();
        claims.extend(self.impact(row, notes));
        claims.extend(self.topics());
        claims.extend(self.began(row, notes));
        claims
    }

    fn impact(&self, row: &str, notes: &mut Notes) -> Option<Claim> {
        let digit = self.status()?;
        let known = IMPACTS.iter().find(|(known, _)| *known == digit);
        let Some((_, impact)) = known else {
            notes.add("status", row, "0, 1, 2 or 3", &format!("'{digit}'"));
            return None;
        };
        Some(Claim::new(
            Attribute::Impact,
            Value::Text((*impact).into()),
            shortened(&digit, LONGEST_LINE),
        ))
    }

    fn topics(&self) -> Option<Claim> {
        let wanted = self.wanted().into_iter().filter_map(|(_, name, _)| name);
        let mut names: Vec<String> = wanted
            .chain(self.text(&["service_name"]))
            .map(|name| shortened(&folded(&name), LONGEST_LINE))
            .filter(|name| !name.is_empty())
            .collect();
        names.sort();
        names.dedup();
        let raw = names.join(", ");
        (!names.is_empty()).then(|| Claim::new(Attribute::Topics, Value::set(names), raw))
    }

    fn began(&self, row: &str, notes: &mut Notes) -> Option<Claim> {
        let raw = self.text(&["date", "startTime"])?;
        let Some(instant) = instant(&raw) else {
            notes.add("date", row, "seconds since 1970", &format!("'{raw}'"));
            return None;
        };
        Some(Claim::new(
            Attribute::Date(DateKind::Launch),
            Value::Date(LifecycleDate::at(instant, Certainty::Firm)),
            shortened(&raw, LONGEST_LINE),
        ))
    }
}

fn plain(value: &Json) -> Option<String> {
    let text = match value {
        Json::String(text) => text.trim().to_string(),
        Json::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Epoch seconds or milliseconds, or RFC 3339.
fn instant(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(number) if number.abs() >= FIRST_MILLISECONDS => {
            Timestamp::from_millisecond(number).ok()
        }
        Ok(number) => Timestamp::from_second(number).ok(),
        Err(_) => text.parse().ok(),
    }
}

fn text(attribute: Attribute, text: Option<&str>, limit: usize) -> Option<Claim> {
    let text = shortened(&folded(text?), limit);
    (!text.is_empty()).then(|| Claim::new(attribute, Value::Text(text.as_str().into()), text))
}
