//! What several commands and the dashboard tell of, with the keys that programs read.

mod market;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;
use utoipa::openapi::{Ref, RefOr, Schema};

use crate::store::{ReportRecord, SourceRecord, Told};

pub use market::{MilestoneRow, ModelRow, PriceRow, ProviderRow};

/// What a source says of an attribute, as the OpenAPI document calls it.
fn value() -> RefOr<Schema> {
    Ref::from_schema_name("Value").into()
}

/// A row as JSON: every field is a key.
pub fn object(row: &impl Serialize) -> Map<String, Json> {
    match serde_json::to_value(row) {
        Ok(Json::Object(object)) => object,
        _ => Map::new(),
    }
}

/// A message that was told, or is to be.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlertRow {
    /// The message.
    pub id: String,
    /// The alert that it tells of; several messages may.
    pub alert: String,
    /// What kind of alert it is.
    pub kind: String,
    /// How grave: critical, warning, notice or info.
    #[schema(value_type = String)]
    pub severity: &'static str,
    /// When it was raised.
    #[schema(format = DateTime)]
    pub raised_at: String,
    /// Over which route.
    pub route: String,
    /// To whom.
    pub recipient: String,
    /// waiting, delivered or dead.
    #[schema(value_type = String)]
    pub state: &'static str,
    /// Before this time it is not sent.
    #[schema(format = DateTime)]
    pub not_before: String,
    /// When it arrived.
    #[schema(format = DateTime)]
    pub delivered_at: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// What the last try came to.
    pub detail: Option<String>,
    /// How many changes it tells of.
    pub changes: u64,
    /// The watches that it touches.
    pub watches: Vec<String>,
    /// Its subject, once it is written.
    pub subject: Option<String>,
    /// Who knows of it, and since when.
    pub acknowledged: Option<AcknowledgedRow>,
}

/// That somebody knows of an alert.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AcknowledgedRow {
    /// Since when.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who.
    pub who: String,
    /// What they said.
    pub note: String,
}

impl AlertRow {
    /// Of what the store knows.
    pub fn of(told: &Told) -> Self {
        Self {
            id: told.id.clone(),
            alert: told.alert.clone(),
            kind: told.kind.clone(),
            severity: told.severity.word(),
            raised_at: told.raised_at.to_string(),
            route: told.route.clone(),
            recipient: told.recipient.clone(),
            state: told.state.word(),
            not_before: told.not_before.to_string(),
            delivered_at: told.delivered_at.map(|at| at.to_string()),
            attempts: told.attempts,
            detail: told.detail.clone(),
            changes: told.changes,
            watches: told.touched.clone(),
            subject: told.subject.clone(),
            acknowledged: told.acknowledged.as_ref().map(|by| AcknowledgedRow {
                at: by.at.to_string(),
                who: by.who.clone(),
                note: by.note.clone(),
            }),
        }
    }
}

/// A source and its health.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceRow {
    /// Which: its probe, and its scope after an @.
    pub source: String,
    /// Whom it asks.
    pub provider: String,
    /// How far it is to be believed.
    #[schema(value_type = String)]
    pub authority: &'static str,
    /// How it is, in words.
    pub state: String,
    /// What the last question came to.
    pub outcome: Option<String>,
    /// What was expected, and what was found.
    pub detail: Option<String>,
    /// How many items its last good answer had.
    pub items: Option<u64>,
    /// Since when it is watched.
    #[schema(format = DateTime)]
    pub baseline_at: Option<String>,
    /// Its last good answer.
    #[schema(format = DateTime)]
    pub accepted_at: Option<String>,
    /// When it was asked last.
    #[schema(format = DateTime)]
    pub last_at: Option<String>,
    /// How many questions in a row have failed.
    pub failures: u32,
    /// Since when it is broken.
    #[schema(format = DateTime)]
    pub broken_since: Option<String>,
    /// How many times it was not asked when it was due.
    pub missed: u64,
    /// What its reader did not expect in its last good answer.
    pub unexpected: Option<Vec<String>>,
}

impl SourceRow {
    /// Of what the store knows.
    pub fn of(source: &SourceRecord) -> Self {
        let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
        let lines = |all: &String| all.lines().map(str::to_string).collect();
        Self {
            source: source.id.to_string(),
            provider: source.provider.to_string(),
            authority: source.authority.word(),
            state: state(source),
            outcome: source.last_outcome.clone(),
            detail: source.last_detail.clone(),
            items: source.items,
            baseline_at: time(source.baseline_at),
            accepted_at: time(source.accepted_at),
            last_at: time(source.last_at),
            failures: source.failures,
            broken_since: time(source.broken_since),
            missed: source.missed,
            unexpected: source.unexpected.as_ref().map(lines),
        }
    }
}

/// How a source is, in words.
pub fn state(source: &SourceRecord) -> String {
    match (&source.broken_since, source.last_outcome.as_deref()) {
        (_, None) => "never asked".to_string(),
        (_, Some("ok" | "same" | "not_modified")) => "good".to_string(),
        (None, Some(_)) => format!("failing: {}", source.last_detail.as_deref().unwrap_or("")),
        (Some(_), Some(_)) => format!("broken: {}", source.last_detail.as_deref().unwrap_or("")),
    }
}

/// A report that is archived.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportRow {
    /// Its period: 2026-W46, 2026-11.
    pub id: String,
    /// weekly, monthly or early.
    pub kind: String,
    /// Its first day.
    #[schema(format = Date)]
    pub from: String,
    /// Its last day.
    #[schema(format = Date)]
    pub to: String,
    /// In which zone these are days.
    pub timezone: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// Its subject.
    pub subject: String,
}

impl ReportRow {
    /// Of what the store knows.
    pub fn of(record: &ReportRecord) -> Self {
        Self {
            id: record.period.clone(),
            kind: record.kind.clone(),
            from: record.first.to_string(),
            to: record.last.to_string(),
            timezone: record.zone.clone(),
            made_at: record.made_at.to_string(),
            subject: record.subject.clone(),
        }
    }
}
