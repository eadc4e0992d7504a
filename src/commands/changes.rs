//! `changes`: what changed.

use std::fmt::Write as _;

use anyhow::bail;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::output::{Format, clean, fitted, objects, print};
use super::{Setup, known, say};
use crate::market::{ChangeKind, Identity, RecordedChange};
use crate::render::sentence;
use crate::store::{ChangeFilter, Changes, Store};

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
    /// Of this model (anthropic/claude-sonnet-4.5, claude-sonnet-4.5), or whose native id holds this text.
    #[arg(long)]
    model: Option<String>,
    /// Of this kind, such as price_changed.
    #[arg(long, value_parser = kind_from_word)]
    kind: Option<ChangeKind>,
}

pub(super) fn kind_from_word(word: &str) -> Result<ChangeKind, String> {
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
        ..ChangeFilter::default()
    };
    let store = setup.open_for_reading()?;
    let changes = store.changes(&filter)?;
    if changes.is_empty() {
        known::check_provider(setup, &store, arguments.provider.as_deref())?;
    }
    match setup.format {
        Format::Table if changes.is_empty() => say("no changes"),
        Format::Table => print(&for_people(&changes, zone)),
        format => objects(
            format,
            &changes
                .iter()
                .map(RecordedChange::object)
                .collect::<Vec<_>>(),
        ),
    }
    Ok(())
}

/// The one change whose id begins so.
pub(super) fn named(store: &Store, id: &str) -> anyhow::Result<RecordedChange> {
    let mut found = store.changes_named(id)?;
    if let [_] = found.as_slice()
        && let Some(one) = found.pop()
    {
        return Ok(one);
    }
    if found.is_empty() {
        bail!("no change has the id '{id}': `bellwether changes --all` lists them");
    }
    let ids: Vec<&str> = found
        .iter()
        .map(|recorded| recorded.change.id.0.as_str())
        .collect();
    bail!("'{id}' fits several changes: {}", ids.join(", "))
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
        let mut line = format!("{}  {}", recorded.change.id, clean(&sentence(recorded)));
        let identity = recorded.change.subject.identity();
        if let Some(model) = identity.as_ref().and_then(Identity::closest) {
            let _ = write!(line, "  [{model}]");
        }
        text.push_str(&fitted(&line, ["  ", "      "]));
    }
    text
}

/// A time as people of the zone read it.
pub fn shown_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}
