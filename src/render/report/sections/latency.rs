//! How fast sources answered.

use jiff::SignedDuration;
use serde_json::Value as Json;

use super::super::Report;
use super::super::block::{Block, Bound, Cell, Column, Section, Table, Tone};
use super::measured;
use crate::latency::{Figures, Quantiles, Summary, percent};
use crate::render::line::{grouped, lasting};

/// What stands below the tables.
const NOTE: &str = "Milliseconds; failures enter no figure; below n = 100 the p99 is the slowest.";
/// What availability means.
const UPTIME: &str =
    "Of the known time without an incident of ours, and of good samples among good and bad ones.";

/// How fast and how reliably models, endpoints and sources answered.
pub fn section(report: &Report) -> Option<Section> {
    let models = speeds(report, true, "models", "Models, until the first token");
    let endpoints = speeds(report, false, "endpoints", "Endpoints, until the last byte");
    let mut tables = [uptime(report), models, endpoints, fetches(report)];
    // it is said once, below the last of those that have it to say
    let timed = tables.iter_mut().skip(1);
    let mut timed = timed.filter_map(|block| match block {
        Block::Table(table) if !table.rows.is_empty() => Some(table),
        _ => None,
    });
    if let Some(last) = timed.next_back() {
        last.note = Some(NOTE.to_string());
    }
    let strips = measured::strips(report);
    let blocks = strips
        .into_iter()
        .chain(measured::courses(report))
        .chain(tables);
    Section::of("latency", "Latency and uptime", blocks)
}

fn uptime(report: &Report) -> Block {
    let rows = report.facts.uptimes.iter().map(|line| {
        let is_short = line.objective.zip(line.by_duration);
        let is_short = is_short.is_some_and(|(objective, found)| found < objective);
        let tone = if is_short { Tone::Bad } else { Tone::Plain };
        let share = |share: Option<f64>| match share {
            Some(share) => Cell::of(&percent(share)).with_value(share),
            None => Cell::of("–").with_value(Json::Null),
        };
        vec![
            Cell::of(format!("{} {}", line.provider, line.region).trim_end()),
            share(line.by_duration).with_tone(tone),
            Cell::of(&lasting(line.down)).with_value(line.down),
            share(line.by_request),
            Cell::of(&grouped(line.n as usize)).with_value(line.n),
            share(line.before),
        ]
    });
    Block::Table(Table {
        key: "uptime",
        title: Some("Uptime".to_string()),
        columns: vec![
            Column::name("target", "where"),
            Column::number("by_duration", "by time"),
            Column::number("down_s", "down"),
            Column::number("by_request", "by request"),
            Column::number("n", "n"),
            Column::number("before", "before, by time"),
        ],
        rows: rows.collect(),
        bound: Bound {
            limit: 20,
            more: report.listing("uptime"),
        },
        note: Some(UPTIME.to_string()),
    })
}

fn speeds(report: &Report, is_model: bool, key: &'static str, title: &str) -> Block {
    let lines = report.facts.speeds.iter();
    let rows = lines.filter(|line| line.is_model == is_model).map(|line| {
        let figure = |duration: Option<SignedDuration>| match duration {
            Some(duration) => {
                Cell::of(&millis(duration)).with_value(duration.as_micros() as f64 / 1000.0)
            }
            None => Cell::of("–").with_value(Json::Null),
        };
        let mut before = figure(line.before);
        if line.before.is_some() {
            before
                .text
                .push_str(&format!(" (n {})", grouped(line.before_n as usize)));
        }
        vec![
            Cell::of(&format!("{} {}", line.provider, line.name)),
            Cell::of(&grouped(line.n as usize)).with_value(line.n),
            Cell::of(&grouped(line.failed as usize)).with_value(line.failed),
            figure(line.p50),
            figure(line.p95),
            figure(line.p99),
            before,
        ]
    });
    Block::Table(Table {
        key,
        title: Some(title.to_string()),
        columns: vec![
            Column::name("target", "measured"),
            Column::number("n", "n"),
            Column::number("failed", "failed"),
            Column::number("p50_ms", "p50"),
            Column::number("p95_ms", "p95"),
            Column::number("p99_ms", "p99"),
            Column::number("before_p50_ms", "before p50"),
        ],
        rows: rows.collect(),
        bound: Bound {
            limit: 25,
            more: report.listing(match is_model {
                true => "latency --models",
                false => "latency",
            }),
        },
        note: None,
    })
}

/// The fetches of the span, by the hosts that were asked.
fn fetches(report: &Report) -> Block {
    Block::Table(Table {
        key: "fetches",
        title: Some("Sources as they were read, until the last byte".to_string()),
        columns: vec![
            Column::name("group", "measured"),
            Column::number("n", "n"),
            Column::number("failed", "failed"),
            Column::number("p50_ms", "p50"),
            Column::number("p95_ms", "p95"),
            Column::number("p99_ms", "p99"),
            Column::number("first_byte_p50_ms", "first byte p50"),
        ],
        rows: report.latency.iter().map(row).collect(),
        bound: Bound {
            limit: 15,
            more: report.listing("latency"),
        },
        note: None,
    })
}

fn row(summary: &Summary) -> Vec<Cell> {
    let total = |of| cell(summary, &summary.total, of);
    vec![
        Cell::of(&summary.group),
        Cell::of(&grouped(summary.n)).with_value(summary.n),
        Cell::of(&grouped(summary.failed)).with_value(summary.failed),
        total(|quantiles| quantiles.p50),
        total(|quantiles| quantiles.p95),
        total(|quantiles| quantiles.p99),
        cell(summary, &summary.first_byte, |quantiles| quantiles.p50),
    ]
}

/// A figure; with its own `n` where that is not the row's.
fn cell(summary: &Summary, figures: &Figures, of: fn(&Quantiles) -> SignedDuration) -> Cell {
    let Some(quantiles) = &figures.quantiles else {
        return Cell::of("–").with_value(Json::Null);
    };
    let duration = of(quantiles);
    let text = match figures.n == summary.n {
        true => millis(duration),
        false => format!("{} (n {})", millis(duration), grouped(figures.n)),
    };
    Cell::of(&text).with_value(duration.as_micros() as f64 / 1000.0)
}

/// Three significant digits below 100 ms, whole milliseconds above.
fn millis(duration: SignedDuration) -> String {
    let millis = duration.as_secs_f64() * 1000.0;
    if millis < 10.0 {
        format!("{millis:.2}")
    } else if millis < 100.0 {
        format!("{millis:.1}")
    } else {
        grouped(millis.round() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_of_fewer_measurements_says_so() {
        let measured = |total, first_byte| crate::latency::Measurement {
            group: "a".to_string(),
            at: jiff::Timestamp::UNIX_EPOCH,
            phases: crate::market::Phases {
                total: Some(SignedDuration::from_millis(total)),
                first_byte,
                ..Default::default()
            },
            ok: true,
        };
        let found = crate::latency::summaries([
            measured(20, None),
            measured(30, Some(SignedDuration::from_millis(5))),
        ]);
        let cells: Vec<String> = found.iter().flat_map(row).map(|cell| cell.text).collect();
        assert_eq!(cells, ["a", "2", "0", "20.0", "30.0", "30.0", "5.00 (n 1)"]);
    }

    #[test]
    fn durations_have_three_digits() {
        for (micros, expected) in [
            (0, "0.00"),
            (1_234, "1.23"),
            (12_345, "12.3"),
            (123_456, "123"),
            (1_234_567, "1\u{a0}235"),
        ] {
            assert_eq!(millis(SignedDuration::from_micros(micros)), expected);
        }
    }
}
