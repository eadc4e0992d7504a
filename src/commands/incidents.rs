//! `incidents`: what status pages state beside what we measured ourselves.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use super::changes::shown_time;
use super::output::{Format, clean, fitted, objects, print, table, unbroken};
use super::{Setup, known, say};
use crate::daemon::clock;
use crate::outlook::incidents::{EndBy, Row, Wanted, Whose, evidence, measured, page, rows};
use crate::store::{AllIncidents, Store};

/// `bellwether incidents`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Those that lasted until this time or later, or an age.
    #[arg(long, value_name = "TIME", default_value = "30d")]
    since: String,
    /// Those that began before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Of this provider.
    #[arg(long)]
    provider: Option<String>,
    /// Of this region; a status page that names no region is not left out.
    #[arg(long)]
    region: Option<String>,
    /// Of this host.
    #[arg(long)]
    host: Option<String>,
    /// Only those that go on.
    #[arg(long)]
    open: bool,
    /// Only what was measured (ours), or only what status pages state (page).
    #[arg(long, value_name = "WHOSE", value_parser = whose())]
    only: Option<Whose>,
}

fn whose() -> impl TypedValueParser<Value = Whose> {
    let help = |whose: Whose| match whose {
        Whose::Ours => "Our own samples",
        Whose::Page => "A status page",
    };
    let values = Whose::ALL.map(|whose| PossibleValue::new(whose.word()).help(help(whose)));
    let expected = || "expected ours or page".to_string();
    PossibleValuesParser::new(values)
        .try_map(move |word| Whose::from_word(&word).ok_or_else(expected))
}

impl Row {
    /// On one line: whose, what, since when, and who says so.
    pub fn line(&self, zone: &TimeZone) -> String {
        let (own, stated) = (self.own.as_ref(), self.stated.as_ref());
        let what: Vec<String> = own
            .map(|own| clean(&measured(own)))
            .into_iter()
            .chain(stated.map(|stated| clean(&page(stated))))
            .collect();
        let said_by = match (own, stated) {
            (Some(_), Some(_)) => "measured here and stated by a status page",
            (Some(_), None) => "measured here",
            (None, _) => "stated by a status page",
        };
        format!(
            "{}: {}, since {}, {said_by}",
            clean(self.provider()),
            what.join(" / "),
            shown_time(self.begin(), zone)
        )
    }
}

/// Those that go on, ours with the page's that is the same; the latest first.
pub fn open(store: &Store, now: Timestamp) -> anyhow::Result<Vec<Row>> {
    let (own, stated) = store.open_incidents(now)?;
    Ok(rows(own, stated))
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let now = clock::now();
    let zone = &setup.settings.zone;
    let until = arguments.until.as_deref();
    let [since, until] = super::setup::span(&arguments.since, until, zone, now)?;
    let store = setup.open_for_reading()?;
    let rows = rows(
        store.own_incidents(since, until)?,
        store.stated_incidents(since, until)?,
    );
    let wanted = Wanted {
        provider: arguments.provider.clone(),
        region: arguments.region.clone(),
        host: arguments.host.clone(),
        open: arguments.open,
        only: arguments.only,
    };
    let rows: Vec<Row> = rows.into_iter().filter(|row| wanted.has(row)).collect();
    if rows.is_empty() {
        known::check_provider(setup, &store, arguments.provider.as_deref())?;
    }
    match setup.format {
        Format::Table if rows.is_empty() => say("no incident in this time"),
        Format::Table => print(&drawn(&rows, zone, now)),
        format => {
            let all: Vec<Map<String, Json>> = rows.iter().map(Row::object).collect();
            objects(format, &all);
        }
    }
    Ok(())
}

const HEADER: [&str; 7] = [
    "BEGAN",
    "LASTED",
    "PROVIDER",
    "WE MEASURED",
    "EVIDENCE",
    "THE PAGE STATES",
    "FIRST",
];

fn drawn(rows: &[Row], zone: &TimeZone, now: Timestamp) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| cells(row, zone, now)).collect();
    let line = format!(
        "Times in {}. First: who saw it first (we: judged; the page: shown to us), and by how much. {}",
        now.to_zoned(zone.clone()).strftime("%Z"),
        EndBy::MEANING,
    );
    table(&HEADER, &rows) + &fitted(&line, ["", ""])
}

fn cells(row: &Row, zone: &TimeZone, now: Timestamp) -> Vec<String> {
    let begin = row.begin().to_zoned(zone.clone());
    vec![
        unbroken(begin.strftime("%Y-%m-%d %H:%M")),
        row.lasted_in_words(now),
        clean(row.provider()),
        row.own
            .as_ref()
            .map_or("-".to_string(), |own| clean(&measured(own))),
        row.own.as_ref().map_or("-".to_string(), evidence),
        row.stated
            .as_ref()
            .map_or("-".to_string(), |stated| clean(&page(stated))),
        row.first_in_words().unwrap_or_else(|| "-".to_string()),
    ]
}
