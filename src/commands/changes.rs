//! `changes`: what changed.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

use super::output::{Format, clean, objects, print};
use super::{Setup, say};
use crate::market::{Attribute, ChangeKind, SubjectKind, Value};
use crate::store::{ChangeFilter, Changes, RecordedChange};

/// `bellwether changes`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Every source's changes instead of news only.
    #[arg(long)]
    all: bool,
    /// Recorded at or after this time: 2026-11-01, 2026-11-01T06:00:00Z, or an age such as 7d.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Recorded before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Of this provider.
    #[arg(long)]
    provider: Option<String>,
    /// Whose native id holds this text.
    #[arg(long)]
    model: Option<String>,
    /// Of this kind, such as price_changed.
    #[arg(long, value_parser = kind_from_word)]
    kind: Option<ChangeKind>,
}

fn kind_from_word(word: &str) -> Result<ChangeKind, String> {
    ChangeKind::from_word(word).ok_or_else(|| {
        format!(
            "expected one of {}",
            ChangeKind::ALL.map(ChangeKind::word).join(", ")
        )
    })
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let zone = &setup.settings.zone;
    let now = crate::daemon::clock::now();
    let time = |text: &Option<String>| {
        text.as_deref()
            .map(|text| super::setup::time(text, zone, now))
            .transpose()
    };
    let filter = ChangeFilter {
        all: arguments.all,
        since: time(&arguments.since)?,
        until: time(&arguments.until)?,
        provider: arguments.provider.clone(),
        model: arguments.model.clone(),
        kind: arguments.kind,
        group: None,
    };
    let changes = setup.open_for_reading()?.changes(&filter)?;
    match setup.format {
        Format::Table if changes.is_empty() => say("no changes"),
        Format::Table => print(&for_people(&changes, zone)),
        format => objects(format, &changes.iter().map(object).collect::<Vec<_>>()),
    }
    Ok(())
}

/// A change with the keys of the contract; null where unknown.
pub fn object(recorded: &RecordedChange) -> Map<String, Json> {
    let change = &recorded.change;
    let value = |value: &Option<Value>| value.as_ref().map_or(Json::Null, Value::to_json);
    let fields = [
        ("id", json!(change.id.0)),
        ("seen_at", json!(change.seen_at.to_string())),
        ("confirmed_at", json!(change.confirmed_at.to_string())),
        (
            "true_from",
            json!(change.true_from.map(|at| at.to_string())),
        ),
        ("provider", json!(change.subject.provider.as_str())),
        ("native_id", json!(change.subject.native_id.as_str())),
        ("model", Json::Null),
        ("version", Json::Null),
        ("region", json!(change.subject.region.as_str())),
        ("deployment", json!(change.subject.deployment)),
        ("kind", json!(change.kind.word())),
        (
            "attribute",
            json!(change.attribute.as_ref().map(Attribute::to_string)),
        ),
        ("old", value(&change.old)),
        ("new", value(&change.new)),
        (
            "direction",
            json!(change.direction.map(|direction| direction.word())),
        ),
        ("severity", json!(change.severity.word())),
        ("source", json!(change.source.to_string())),
        ("authority", json!(recorded.authority.word())),
        ("confirmed_by", json!(recorded.confirmed_by)),
        ("imported", json!(recorded.imported)),
        ("documented", json!(change.documented)),
        ("group", json!(recorded.group)),
        ("url", json!(recorded.url)),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}

/// A day a heading, a change a line.
fn for_people(changes: &[RecordedChange], zone: &TimeZone) -> String {
    let mut text = String::new();
    let mut day = None;
    for recorded in changes {
        let seen = recorded.change.seen_at.to_zoned(zone.clone());
        if day != Some(seen.date()) {
            if day.is_some() {
                text.push('\n');
            }
            day = Some(seen.date());
            let _ = writeln!(text, "{}", seen.date());
        }
        let _ = writeln!(
            text,
            "  {}  {}",
            recorded.change.id,
            clean(&sentence(recorded))
        );
    }
    text
}

/// What a change says, in one line.
pub fn sentence(recorded: &RecordedChange) -> String {
    let change = &recorded.change;
    let subject = &change.subject;
    let mut place = format!("{}: {}", subject.provider, subject.native_id);
    if let Some(deployment) = &subject.deployment {
        let _ = write!(place, " ({deployment})");
    }
    if subject.region.is_stated() {
        let _ = write!(place, " in {}", subject.region);
    }
    let shown = |value: &Option<Value>| {
        value
            .as_ref()
            .map_or("nothing".to_string(), ToString::to_string)
    };
    let named = |value: &Option<Value>| {
        value
            .as_ref()
            .map_or(String::new(), |name| format!(" \"{name}\""))
    };
    let mut line = match (change.kind, &change.attribute) {
        (ChangeKind::OfferingAdded, _) => format!("{place} added{}", named(&change.new)),
        (ChangeKind::OfferingReturned, _) => format!("{place} returned{}", named(&change.new)),
        (ChangeKind::OfferingRemoved, _) => format!("{place} removed{}", named(&change.old)),
        (ChangeKind::OfferingRenamed, _) => format!("{place} renamed from {}", shown(&change.old)),
        (ChangeKind::Announcement, _) => {
            format!("{}: announced: {}", subject.provider, shown(&change.new))
        }
        (ChangeKind::IncidentOpened, _) => format!(
            "{}: incident opened: {}",
            subject.provider,
            shown(&change.new)
        ),
        (_, None) if subject.kind == SubjectKind::Source => {
            format!(
                "{}: {}: {}",
                subject.native_id,
                change.kind.word().replace('_', " "),
                shown(&change.new)
            )
        }
        (kind, None) => format!(
            "{place}: {}{}",
            kind.word().replace('_', " "),
            named(&change.old)
        ),
        (_, Some(attribute)) => {
            format!(
                "{place} {attribute}: {} -> {}",
                shown(&change.old),
                shown(&change.new)
            )
        }
    };
    if let Some(percent) = percent(&change.old, &change.new) {
        let _ = write!(line, " ({percent})");
    } else if let Some(days) = days(&change.old, &change.new) {
        let _ = write!(line, " ({days})");
    }
    if change.documented {
        line.push_str(" [documented]");
    }
    line
}

fn percent(old: &Option<Value>, new: &Option<Value>) -> Option<String> {
    let (Some(Value::Price(old)), Some(Value::Price(new))) = (old, new) else {
        return None;
    };
    if old.currency != new.currency || old.unit != new.unit || old.amount.is_zero() {
        return None;
    }
    let change = (new.amount - old.amount)
        .checked_div(old.amount)?
        .checked_mul(100.into())?
        .round_dp(1);
    let sign = if change.is_sign_negative() { "" } else { "+" };
    Some(format!("{sign}{} %", change.normalize()))
}

fn days(old: &Option<Value>, new: &Option<Value>) -> Option<String> {
    let (Some(Value::Date(old)), Some(Value::Date(new))) = (old, new) else {
        return None;
    };
    match new.days_after(old) {
        0 => None,
        1 => Some("1 day later".to_string()),
        -1 => Some("1 day earlier".to_string()),
        days if days > 0 => Some(format!("{days} days later")),
        days => Some(format!("{} days earlier", -days)),
    }
}

/// For callers that only know when something was seen.
pub fn shown_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}
