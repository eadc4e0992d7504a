//! Single measurements, as far back as they are kept.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json, json};

use crate::commands::output::{Format, fitted, objects, print, table, unbroken};
use crate::commands::{Setup, say};
use crate::latency::KeptSample;
use crate::store::{AllSeries, Series};

/// Lines for people; programs get all.
const SHOWN: usize = 1_000;

/// Runs `latency --samples`.
pub fn run(
    setup: &Setup,
    [since, until]: [Timestamp; 2],
    is_wanted: impl Fn(&Series) -> bool,
) -> anyhow::Result<()> {
    // by time, then by who was measured: the store gives them in the order of its chunks
    let mut all: BTreeMap<(Timestamp, String), Vec<Map<String, Json>>> = BTreeMap::new();
    let take = |series: &Series, sample: KeptSample| {
        let key = (
            sample.at,
            format!("{} {} {}", series.probe, series.region, series.way),
        );
        all.entry(key).or_default().push(object(series, &sample));
    };
    setup
        .open_for_reading()?
        .samples(since, until, is_wanted, take)?;
    let all: Vec<Map<String, Json>> = all.into_values().flatten().collect();
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

fn object(series: &Series, sample: &KeptSample) -> Map<String, Json> {
    let millis = |phase: Option<SignedDuration>| {
        json!(phase.map(|phase| (phase.as_secs_f64() * 1_000_000.0).round() / 1000.0))
    };
    let phases = &sample.phases;
    let fields = [
        ("at", json!(sample.at.to_string())),
        ("kind", json!(series.kind.word())),
        ("vantage", json!(series.vantage)),
        ("provider", json!(series.provider)),
        ("probe", json!(series.probe)),
        ("region", json!(series.region)),
        ("host", json!(series.host)),
        ("model", json!(series.model)),
        ("way", json!(series.way)),
        ("outcome", json!(sample.outcome)),
        ("dns_ms", millis(phases.dns)),
        ("connect_ms", millis(phases.connect)),
        ("tls_ms", millis(phases.tls)),
        ("first_byte_ms", millis(phases.first_byte)),
        ("first_token_ms", millis(sample.first_token)),
        ("body_ms", millis(phases.body)),
        ("total_ms", millis(phases.total)),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}
