//! The genai-prices registry: a list of providers, each with its models and what they cost, from when on and in which hours
//! (facts: aggregators.md §4, `prices/new_data/v2/data.schema.json`).

mod price;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::notes::Notes;
use super::{Body, Context, json};
use crate::market::{
    Attribute, Claim, Dated, Failure, LifecycleDate, ProviderId, Reading, Stage, Subject, Value,
    decimal_from_json,
};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// Which of the registry's providers are read, and as whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The registry's provider id → ours. Providers that are not named are not read.
    pub providers: BTreeMap<String, ProviderId>,
}

/// Reads the registry. Of several prices of one model, those without a constraint hold always, those with a start date from that
/// day on (see [`Reading::as_of`]), and those of certain hours are a tier of those hours, such as `utc_0030_1630`. A body that is
/// no list of providers with models is [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let json = json::parse(body)?;
    let providers = json.as_array().filter(|providers| {
        providers
            .iter()
            .any(|provider| provider.get("models").is_some_and(Json::is_array))
    });
    let Some(providers) = providers else {
        return Err(Failure::Unreadable {
            expected: "a list of providers with models".to_string(),
            found: json::outline_of(&json),
        });
    };
    let mut notes = Notes::default();
    let mut rows = Vec::new();
    let mut dated = Vec::new();
    for provider in providers {
        let id = provider.get("id").and_then(Json::as_str).unwrap_or("");
        let Some(ours) = mapping.providers.get(id) else {
            continue;
        };
        let Some(models) = provider.get("models").and_then(Json::as_array) else {
            notes.add("models", id, "a list", "none");
            continue;
        };
        for model in models {
            let Some(id) = model.get("id").and_then(Json::as_str) else {
                notes.add("models[].id", id, "a text", "none");
                continue;
            };
            let subject = Subject {
                region: context.region.clone(),
                ..Subject::offering(ours.as_str(), id)
            };
            let mut reader = Model {
                id,
                notes: &mut notes,
                claims: Vec::new(),
                later: Vec::new(),
            };
            reader.read(model);
            let key = subject.key();
            dated.extend(reader.later.into_iter().map(|(from, claims)| Dated {
                key,
                from,
                claims,
                whole: true,
            }));
            rows.push((subject, reader.claims));
        }
    }
    let mut reading = Reading::from_claims(rows, context.complete);
    reading.dated = dated;
    notes.put_into(&mut reading);
    Ok(reading)
}

struct Model<'a> {
    id: &'a str,
    notes: &'a mut Notes,
    claims: Vec<Claim>,
    later: Vec<(Timestamp, Vec<Claim>)>,
}

impl Model<'_> {
    fn read(&mut self, model: &Json) {
        if let Some(name) = model.get("name").and_then(Json::as_str) {
            let value = Value::Text(name.into());
            self.claims.push(Claim::new(Attribute::Name, value, name));
        }
        match model.get("deprecated") {
            Some(Json::Bool(true)) => {
                let value = Value::Stage(Stage::Deprecated);
                self.claims
                    .push(Claim::new(Attribute::Stage, value, "deprecated"));
            }
            None | Some(Json::Null | Json::Bool(false)) => {}
            Some(other) => self.unexpected("deprecated", "true or false", json::shape(other)),
        }
        match model.get("context_window") {
            None | Some(Json::Null) => {}
            Some(Json::Number(tokens)) => {
                let number = decimal_from_json(&tokens.to_string());
                let attribute = Attribute::Limit("context".into());
                let claim = |n| Claim::new(attribute, Value::Number(n), tokens.to_string());
                self.claims.extend(number.map(claim));
            }
            Some(other) => self.unexpected("context_window", "a number", json::shape(other)),
        }
        match model.get("prices") {
            Some(Json::Object(prices)) => {
                let prices = self.prices(prices, None);
                self.claims.extend(prices);
            }
            Some(Json::Array(conditional)) => self.conditional(conditional),
            Some(other) => self.unexpected("prices", "prices", json::shape(other)),
            None => self.unexpected("prices", "prices", "none"),
        }
    }

    fn unexpected(&mut self, place: &str, expected: &str, found: &str) {
        self.notes.add(place, self.id, expected, found);
    }

    /// Of the entries that hold at one moment the last one counts; the first one where none does.
    fn conditional(&mut self, entries: &[Json]) {
        let mut always: Option<Vec<Claim>> = None;
        for entry in entries {
            let Some(Json::Object(prices)) = entry.get("prices") else {
                self.unexpected("prices[].prices", "prices", "none");
                continue;
            };
            match condition(entry.get("constraint")) {
                Some(Condition::Always) => {
                    always = Some(self.prices(prices, None));
                    self.later.clear();
                }
                Some(Condition::From(day)) => {
                    let prices = self.prices(prices, None);
                    always.get_or_insert_with(|| prices.clone());
                    self.later.push((day, prices));
                }
                Some(Condition::Hours(tier)) => {
                    let prices = self.prices(prices, Some(&tier));
                    self.claims.extend(prices);
                }
                None => {
                    let found = entry
                        .get("constraint")
                        .map_or(String::new(), Json::to_string);
                    self.unexpected("prices[].constraint", "a start date or hours", &found);
                }
            }
        }
        self.claims.extend(always.unwrap_or_default());
    }

    fn prices(&mut self, prices: &Map<String, Json>, tier: Option<&str>) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (field, value) in prices.iter().filter(|(_, value)| !value.is_null()) {
            match price::of(field, value, tier) {
                Ok(of_field) => claims.extend(of_field),
                Err(expected) => {
                    let raw = value.to_string();
                    self.unexpected(field, expected, &raw);
                    let unclear = price::attribute(field, tier);
                    self.claims
                        .extend(unclear.map(|attribute| Claim::unclear(attribute, raw)));
                }
            }
        }
        claims
    }
}

enum Condition {
    Always,
    From(Timestamp),
    Hours(String),
}

/// `{"start_date": "2026-03-13"}` or `{"start_time": "00:30:00Z", "end_time": "16:30:00Z"}`.
fn condition(constraint: Option<&Json>) -> Option<Condition> {
    let fields = match constraint {
        None | Some(Json::Null) => return Some(Condition::Always),
        Some(constraint) => constraint.as_object()?,
    };
    let text = |field: &str| fields.get(field).and_then(Json::as_str);
    if let Some(day) = text("start_date") {
        let date = LifecycleDate::from_text(day).ok()??;
        return (fields.len() == 1).then(|| Condition::From(date.starts()));
    }
    let hours = |field: &str| -> Option<String> {
        let time: jiff::civil::Time = text(field)?.trim_end_matches('Z').parse().ok()?;
        Some(format!("{:02}{:02}", time.hour(), time.minute()))
    };
    let hours = format!("utc_{}_{}", hours("start_time")?, hours("end_time")?);
    (fields.len() == 2).then_some(Condition::Hours(hours))
}
