//! `status`: models × providers, open incidents, sources in trouble.

mod grid;

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

use super::output::{
    Format, clean, colour, fitted, objects, print, room, shortened, table, unbroken, width,
};
use super::setup::{place, stage};
use super::{Ending, Setup, known, say, wrong};
use crate::daemon::clock;
use crate::landscape::Matrix;
use crate::market::{Place, Stage};
use crate::outlook::incidents::Row;
use crate::outlook::landscape::{Found, Part};
use crate::outlook::moments::age;
use crate::outlook::objects::landscape as in_json;
use crate::outlook::rows::{SourceRow, object, state};
use crate::store::{HeldUp, Outbox, SourceRecord, Sources, Store};

/// `bellwether status`.
///
/// Models stand in the order of how widely they can be had: at most providers first, then in most regions; what is retired
/// everywhere stands last. `--retiring` puts those first that retire soonest. In JSON and JSON lines, incidents that go on and
/// the state of the mail follow the models, with `about` saying which they are.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// All models, not only the first ones.
    #[arg(long)]
    all: bool,
    /// Only models whose name fits, * and ? standing for anything: 'anthropic/*', 'gpt-5*', sonnet.
    #[arg(long, value_name = "GLOB")]
    model: Option<String>,
    /// Only at this provider; may be repeated.
    #[arg(long)]
    provider: Vec<String>,
    /// Only models that are in this stage at some provider: preview, ga, legacy …
    #[arg(long, value_parser = stage)]
    stage: Option<Stage>,
    /// Only in this region (a provider's own name, or eu, us, uk …); offerings whose source names no region count all the same.
    #[arg(long, value_parser = place)]
    region: Option<Place>,
    /// Only models with a retirement date to come, the nearest first.
    #[arg(long)]
    retiring: bool,
    /// Every source and its health instead of the models.
    #[arg(long, conflicts_with_all = ["all", "model", "provider", "stage", "region", "retiring"])]
    sources: bool,
}

impl Arguments {
    /// Whether some models are asked for, not how all is.
    fn narrows(&self) -> bool {
        self.retiring || self.model.is_some() || self.stage.is_some() || self.region.is_some()
    }
}

/// Models that are shown without `--all`.
const MODELS: usize = 25;

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<Ending> {
    let store = setup.open_for_reading()?;
    known::check_region(setup, &store, arguments.region.as_ref())?;
    let now = clock::now();
    let sources = store.sources()?;
    let broken = sources.iter().any(|source| source.broken_since.is_some());
    let ending = match broken {
        true => Ending::Problems,
        false => Ending::Good,
    };
    if arguments.sources {
        tell_sources(setup.format, &sources, now);
        return Ok(ending);
    }
    let found = found(&store, arguments, now)?;
    let mut incidents = super::incidents::open(&store, now)?;
    incidents.retain(|incident| {
        let asked = &arguments.provider;
        asked.is_empty() || asked.iter().any(|asked| asked == incident.provider())
    });
    let mail = Mail::of(&store)?;
    if setup.format != Format::Table {
        let mut all = in_json::all(&found.rows);
        // a CSV has one kind of rows
        if setup.format != Format::Csv && !arguments.narrows() {
            let others = incidents
                .iter()
                .map(|incident| about("incident", incident.object()));
            all.extend(others.chain([about("mail", mail.object())]));
        }
        objects(setup.format, &all);
        return Ok(ending);
    }
    let shown = match arguments.all {
        true => found.rows.len(),
        false => MODELS,
    };
    print(&grid::for_people(&found, shown, width(), now, colour()));
    tell_incidents(&incidents, &setup.settings.zone);
    tell_health(&sources, now);
    mail.tell();
    Ok(ending)
}

/// The matrix that is asked for.
fn found(store: &Store, arguments: &Arguments, now: Timestamp) -> anyhow::Result<Matrix> {
    let part = Part {
        model: arguments.model.clone(),
        providers: arguments.provider.clone(),
        stage: arguments.stage,
        region: arguments.region.clone(),
        retiring: arguments.retiring,
        ..Part::default()
    };
    let found = Found::of(store, &part, now)?;
    for name in &part.providers {
        if !found.spoken_of.contains(name) && !store.sources()?.is_empty() {
            return Err(wrong(format!(
                "expected a provider that sources speak of, found '{name}': `bellwether status` names them"
            )));
        }
    }
    let mut matrix = found.matrix;
    let rows = part.of(matrix.rows.into_iter().map(Cow::Owned), now);
    matrix.rows = rows.into_iter().map(Cow::into_owned).collect();
    Ok(matrix)
}

/// An object that is about no model says what it is about.
fn about(what: &str, mut object: Map<String, Json>) -> Map<String, Json> {
    object.insert("about".to_string(), json!(what));
    object
}

/// Incidents that are shown.
const INCIDENTS: usize = 10;

fn tell_incidents(incidents: &[Row], zone: &TimeZone) {
    if incidents.is_empty() {
        return;
    }
    say("");
    say("open incidents");
    for incident in incidents.iter().take(INCIDENTS) {
        print(&fitted(&incident.line(zone), ["  ", "    "]));
    }
    if incidents.len() > INCIDENTS {
        let more = incidents.len() - INCIDENTS;
        say(&format!("  and {more} more: `bellwether incidents --open`"));
    }
}

const SOURCE_HEADER: [&str; 6] = [
    "SOURCE",
    "STATE",
    "ITEMS",
    "LAST GOOD",
    "FAILURES",
    "MISSED",
];

/// How many sources there are, and those in trouble.
fn tell_health(sources: &[SourceRecord], now: Timestamp) {
    say("");
    if sources.is_empty() {
        say("no source has been asked yet: start `bellwether run`");
        return;
    }
    let in_trouble: Vec<&SourceRecord> = sources
        .iter()
        .filter(|source| state(source) != "good")
        .collect();
    let good = sources.len() - in_trouble.len();
    say(&format!(
        "sources: {good} of {} good (`bellwether status --sources` lists all)",
        sources.len()
    ));
    if !in_trouble.is_empty() {
        let mut rows: Vec<Vec<String>> = in_trouble
            .iter()
            .map(|source| source_row(source, now))
            .collect();
        // a line or two of each reason, where all are wanted at a glance
        if let Some(room) = room() {
            let states = rows.iter_mut().filter_map(|row| row.get_mut(1));
            states.for_each(|state| *state = shortened(state, room));
        }
        print(&table(&SOURCE_HEADER, &rows));
    }
    tell_unexpected(sources);
}

fn tell_unexpected(sources: &[SourceRecord]) {
    let unexpected = sources
        .iter()
        .filter(|source| source.unexpected.is_some())
        .count();
    if unexpected > 0 {
        let line = format!(
            "{unexpected} sources hold something their reader did not expect: `bellwether --format json status --sources`"
        );
        print(&fitted(&line, ["", "  "]));
    }
}

fn tell_sources(format: Format, sources: &[SourceRecord], now: Timestamp) {
    if format != Format::Table {
        objects(
            format,
            &sources
                .iter()
                .map(|source| object(&SourceRow::of(source)))
                .collect::<Vec<_>>(),
        );
    } else if sources.is_empty() {
        say("no source has been asked yet: start `bellwether run`");
    } else {
        let rows: Vec<Vec<String>> = sources
            .iter()
            .map(|source| source_row(source, now))
            .collect();
        print(&table(&SOURCE_HEADER, &rows));
        tell_unexpected(sources);
    }
}

/// How many messages wait, were delivered, were refused for good; and what keeps those that were tried.
struct Mail {
    waiting: u64,
    delivered: u64,
    refused: u64,
    held_up: Vec<HeldUp>,
}

impl Mail {
    fn of(store: &Store) -> anyhow::Result<Self> {
        let (waiting, delivered, refused) = store.outbox_counts()?;
        Ok(Self {
            waiting,
            delivered,
            refused,
            held_up: store.held_up()?,
        })
    }

    fn object(&self) -> Map<String, Json> {
        let fields = [
            ("waiting", json!(self.waiting)),
            ("delivered", json!(self.delivered)),
            ("refused", json!(self.refused)),
        ];
        let fields = fields.map(|(key, value)| (key.to_string(), value));
        fields.into_iter().collect()
    }

    fn tell(&self) {
        let Self {
            waiting,
            delivered,
            refused,
            held_up,
        } = self;
        if waiting + delivered + refused == 0 {
            return;
        }
        let line = format!(
            "messages: {waiting} waiting, {delivered} delivered, {refused} refused for good"
        );
        say(&if *refused > 0 && colour() {
            format!("\u{1b}[31m{line}\u{1b}[0m")
        } else {
            line
        });
        for way in held_up {
            let by = way.channel.as_deref().unwrap_or("mail");
            let said = format!("{} by {by}, tried in vain: {}", way.messages, way.detail);
            say(&format!("  {}", clean(&said)));
        }
    }
}

fn source_row(source: &SourceRecord, now: Timestamp) -> Vec<String> {
    let number = |n: u64| if n == 0 { String::new() } else { n.to_string() };
    vec![
        source.id.to_string(),
        state(source),
        source
            .items
            .map_or(String::new(), |items| items.to_string()),
        source
            .accepted_at
            .map_or("never".to_string(), |at| unbroken(age(now, at))),
        number(u64::from(source.failures)),
        number(source.missed),
    ]
}
