//! `silence`: what nobody is told of for a while.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::changes::kind_from_word;
use super::output::{Format, clean, objects, print, table};
use super::{Setup, say, wrong};
use crate::market::{ChangeKind, Silence};
use crate::outlook::deeds::{Deed, perform, silence, what};
use crate::schedule::duration_from_text;
use crate::store::Silences;

/// `bellwether silence`.
#[derive(Debug, clap::Subcommand)]
pub enum Arguments {
    /// Tell nobody of some changes for a while: they are recorded, and stand in the report.
    Add(Add),
    /// The silences that go on.
    List {
        /// Those that are over, too.
        #[arg(long)]
        all: bool,
    },
    /// End a silence now.
    Expire {
        /// Its id, as `bellwether silence list` shows it.
        id: String,
    },
}

/// `bellwether silence add`.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// Of this model, in any spelling, with * for any text; may be given several times.
    #[arg(long)]
    model: Vec<String>,
    /// At this provider.
    #[arg(long)]
    provider: Vec<String>,
    /// In this region or set of regions.
    #[arg(long)]
    region: Vec<String>,
    /// Of this kind, such as price_changed.
    #[arg(long, value_parser = kind_from_word)]
    kind: Vec<ChangeKind>,
    /// For how long: 2h, 7d.
    #[arg(
        long = "for",
        value_name = "DURATION",
        conflicts_with = "until",
        required_unless_present = "until"
    )]
    lasts: Option<String>,
    /// Until when: 2026-12-01, 2026-12-01T06:00:00Z.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Why: whoever lists the silences reads it.
    #[arg(long)]
    reason: String,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let now = crate::daemon::clock::now();
    match arguments {
        Arguments::Add(add) => added(setup, add, now),
        Arguments::List { all } => listed(setup, *all, now),
        Arguments::Expire { id } => {
            let mut store = setup.open_beside()?;
            let deed = Deed::Expire {
                id: id.clone(),
                at: now,
            };
            say(&perform(&mut store, &deed)?.map_err(wrong)?);
            Ok(())
        }
    }
}

fn added(setup: &Setup, add: &Add, now: Timestamp) -> anyhow::Result<()> {
    let until = match (&add.lasts, &add.until) {
        (Some(lasts), _) => {
            let lasts = duration_from_text(lasts).map_err(|error| {
                wrong(format!(
                    "--for: expected a duration such as 2h, found '{lasts}': {error}"
                ))
            })?;
            now.checked_add(lasts)?
        }
        (None, Some(until)) => super::setup::time(until, &setup.settings.zone, now)?,
        (None, None) => now,
    };
    let silence = silence(Silence {
        id: String::new(),
        models: add.model.clone(),
        providers: add.provider.clone(),
        regions: add.region.clone(),
        kinds: add.kind.clone(),
        reason: add.reason.clone(),
        begun: now,
        until,
    });
    let deed = Deed::Silence(silence.map_err(wrong)?);
    let mut store = setup.open_beside()?;
    say(&clean(&perform(&mut store, &deed)?.map_err(wrong)?));
    Ok(())
}

fn listed(setup: &Setup, all: bool, now: Timestamp) -> anyhow::Result<()> {
    let store = setup.open_for_reading()?;
    let silences = store.silences_after(if all { Timestamp::MIN } else { now })?;
    if setup.format != Format::Table {
        objects(
            setup.format,
            &silences
                .iter()
                .map(|one| object(one, now))
                .collect::<Vec<_>>(),
        );
        return Ok(());
    }
    if silences.is_empty() {
        say("nothing is silenced");
        return Ok(());
    }
    let zone = &setup.settings.zone;
    let row = |silence: &Silence| {
        let until = silence
            .until
            .to_zoned(zone.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string();
        vec![
            silence.id.clone(),
            until,
            clean(&what(silence)),
            clean(&silence.reason),
        ]
    };
    let rows: Vec<Vec<String>> = silences.iter().map(row).collect();
    print(&table(&["ID", "UNTIL", "WHAT", "REASON"], &rows));
    Ok(())
}

fn object(silence: &Silence, now: Timestamp) -> Map<String, Json> {
    let kinds: Vec<&str> = silence.kinds.iter().map(|kind| kind.word()).collect();
    let fields = [
        ("id", json!(silence.id)),
        ("models", json!(silence.models)),
        ("providers", json!(silence.providers)),
        ("regions", json!(silence.regions)),
        ("kinds", json!(kinds)),
        ("reason", json!(silence.reason)),
        ("begun", json!(silence.begun.to_string())),
        ("until", json!(silence.until.to_string())),
        ("is_over", json!(silence.until <= now)),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}
