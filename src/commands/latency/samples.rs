//! Single measurements, as far back as they are kept.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::commands::output::{Format, fitted, objects, print, table, unbroken};
use crate::commands::{Setup, say};
use crate::latency::KeptSample;
use crate::market::{Cell, Column, ColumnKind, Tabular};
use crate::store::{AllSeries, Error, Series};

/// Lines for people; programs get all.
const SHOWN: usize = 1_000;

/// Runs `latency --samples`.
pub fn run(
    setup: &Setup,
    [since, until]: [Timestamp; 2],
    is_wanted: impl Fn(&Series) -> bool,
) -> anyhow::Result<()> {
    let mut all: Vec<Map<String, Json>> = Vec::new();
    let take = |series: &Series, sample: KeptSample| {
        let sample = &sample;
        all.push(SampleRow { series, sample }.object());
        Ok::<(), Error>(())
    };
    setup
        .open_for_reading()?
        .samples(since, until, is_wanted, take)?;
    match setup.format {
        Format::Table if all.is_empty() => say("no single measurement is kept of this time"),
        Format::Table => tell(setup, &all),
        format => objects(format, &all),
    }
    Ok(())
}

const COLUMNS: [(&str, &str); 13] = [
    ("at", "AT"),
    ("probe", "PROBE"),
    ("region", "REGION"),
    ("host", "HOST"),
    ("way", "WAY"),
    ("outcome", "OUTCOME"),
    ("total_ms", "TOTAL"),
    ("dns_ms", "DNS"),
    ("connect_ms", "CONNECT"),
    ("tls_ms", "TLS"),
    ("first_byte_ms", "FIRST BYTE"),
    ("first_token_ms", "FIRST TOKEN"),
    ("body_ms", "BODY"),
];

fn tell(setup: &Setup, all: &[Map<String, Json>]) {
    // the latest are what is looked for
    let first = all.len().saturating_sub(SHOWN);
    let zone = &setup.settings.zone;
    let text = |line: &Map<String, Json>, key: &str| match line.get(key) {
        Some(Json::String(text)) if key == "at" => {
            let at = text.parse::<Timestamp>().ok();
            at.map_or_else(String::new, |at| {
                let at = at.to_zoned(zone.clone());
                unbroken(at.strftime("%Y-%m-%d %H:%M:%S"))
            })
        }
        Some(Json::String(text)) if text.is_empty() => "-".to_string(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Null) | None => "-".to_string(),
        Some(other) => other.to_string(),
    };
    let rows: Vec<Vec<String>> = all
        .iter()
        .skip(first)
        .map(|line| COLUMNS.iter().map(|(key, _)| text(line, key)).collect())
        .collect();
    let header: Vec<&str> = COLUMNS.iter().map(|(_, name)| *name).collect();
    print(&table(&header, &rows));
    let left = match first {
        0 => String::new(),
        first => format!(" {first} earlier ones: --format csv or jsonl prints all."),
    };
    let line = format!("in ms, times of {}.{left}", setup.settings.zone_name);
    print(&fitted(&line, ["", ""]));
}

/// A single measurement as programs read it.
pub struct SampleRow<'a> {
    /// What it has in common with others.
    pub series: &'a Series,
    /// What was measured.
    pub sample: &'a KeptSample,
}

impl Tabular for SampleRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::new("at", ColumnKind::Time),
        Column::new("kind", ColumnKind::Text),
        Column::new("vantage", ColumnKind::Text),
        Column::new("provider", ColumnKind::Text),
        Column::new("probe", ColumnKind::Text),
        Column::new("region", ColumnKind::Text),
        Column::new("host", ColumnKind::Text),
        Column::new("model", ColumnKind::Text),
        Column::new("way", ColumnKind::Text),
        Column::new("outcome", ColumnKind::Text),
        Column::new("dns_ms", ColumnKind::Millis),
        Column::new("connect_ms", ColumnKind::Millis),
        Column::new("tls_ms", ColumnKind::Millis),
        Column::new("first_byte_ms", ColumnKind::Millis),
        Column::new("first_token_ms", ColumnKind::Millis),
        Column::new("body_ms", ColumnKind::Millis),
        Column::new("total_ms", ColumnKind::Millis),
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let Self { series, sample } = self;
        let phases = &sample.phases;
        vec![
            Cell::Time(sample.at),
            Cell::text(Some(series.kind.word())),
            Cell::text(Some(series.vantage.as_str())),
            Cell::text(Some(series.provider.as_str())),
            Cell::text(Some(series.probe.as_str())),
            Cell::text(Some(series.region.as_str())),
            Cell::text(Some(series.host.as_str())),
            Cell::text(Some(series.model.as_str())),
            Cell::text(Some(series.way.as_str())),
            Cell::text(Some(sample.outcome.as_str())),
            Cell::millis(phases.dns),
            Cell::millis(phases.connect),
            Cell::millis(phases.tls),
            Cell::millis(phases.first_byte),
            Cell::millis(sample.first_token),
            Cell::millis(phases.body),
            Cell::millis(phases.total),
        ]
    }
}
