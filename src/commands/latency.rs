//! `latency`: how fast sources answered, with n beside every figure.

use jiff::SignedDuration;
use serde_json::{Map, Value as Json, json};

use super::output::{Format, objects, print, table};
use super::{Setup, say};
use crate::daemon::{clock, report};
use crate::latency::{Figures, Summary, summaries};
use crate::store::Readings;

/// `bellwether latency`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Measured at or after this time, or an age.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    since: String,
    /// Measured before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Of this provider's sources.
    #[arg(long)]
    provider: Option<String>,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let now = clock::now();
    let zone = &setup.settings.zone;
    let since = super::setup::time(&arguments.since, zone, now)?;
    let until = match &arguments.until {
        Some(text) => super::setup::time(text, zone, now)?,
        None => now,
    };
    let mut rows = setup.open_for_reading()?.measurements(since, until)?;
    rows.retain(|row| {
        arguments
            .provider
            .as_ref()
            .is_none_or(|provider| row.provider == *provider)
    });
    let all = summaries(rows.into_iter().map(report::measurement));
    match setup.format {
        Format::Table if all.is_empty() => say("nothing measured in this time"),
        Format::Table => {
            let rows: Vec<Vec<String>> = all.iter().map(row).collect();
            let header = [
                "HOST",
                "N",
                "FAILED",
                "TOTAL p50/p95/p99 ms",
                "FIRST BYTE",
                "DNS",
                "CONNECT",
                "TLS",
                "BODY",
            ];
            print(&table(&header, &rows, 60));
        }
        format => objects(format, &all.iter().map(object).collect::<Vec<_>>()),
    }
    Ok(())
}

fn millis(duration: SignedDuration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

fn cell(figures: &Figures) -> String {
    figures.quantiles.as_ref().map_or_else(
        || "-".to_string(),
        |q| {
            format!(
                "{:.0}/{:.0}/{:.0}",
                millis(q.p50),
                millis(q.p95),
                millis(q.p99)
            )
        },
    )
}

fn row(summary: &Summary) -> Vec<String> {
    vec![
        summary.group.clone(),
        summary.n.to_string(),
        summary.failed.to_string(),
        cell(&summary.total),
        cell(&summary.first_byte),
        cell(&summary.dns),
        cell(&summary.connect),
        cell(&summary.tls),
        cell(&summary.body),
    ]
}

fn object(summary: &Summary) -> Map<String, Json> {
    let mut fields = Map::new();
    fields.insert("host".to_string(), json!(summary.group));
    fields.insert("n".to_string(), json!(summary.n));
    fields.insert("failed".to_string(), json!(summary.failed));
    for (name, figures) in [
        ("total", &summary.total),
        ("first_byte", &summary.first_byte),
        ("dns", &summary.dns),
        ("connect", &summary.connect),
        ("tls", &summary.tls),
        ("body", &summary.body),
    ] {
        let value = |pick: fn(&crate::latency::Quantiles) -> SignedDuration| {
            json!(figures.quantiles.as_ref().map(|q| millis(pick(q))))
        };
        fields.insert(format!("{name}_n"), json!(figures.n));
        fields.insert(format!("{name}_p50_ms"), value(|q| q.p50));
        fields.insert(format!("{name}_p95_ms"), value(|q| q.p95));
        fields.insert(format!("{name}_p99_ms"), value(|q| q.p99));
    }
    fields
}
