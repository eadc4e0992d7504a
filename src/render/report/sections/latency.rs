//! How fast sources answered.

use jiff::SignedDuration;

use super::super::Report;
use super::super::block::{Block, Bound, Cell, Column, Section, Table};
use crate::latency::{Figures, Quantiles, Summary};
use crate::render::line::grouped;

/// What stands below the table.
const NOTE: &str = "Milliseconds from start to last byte; failures enter no figure; below n = 100 the p99 is the slowest.";

/// The fetches of the span, by what was asked.
pub fn section(report: &Report) -> Option<Section> {
    let table = Table {
        key: "fetches",
        title: None,
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
            limit: 40,
            more: "bellwether latency",
        },
        note: Some(NOTE.to_string()),
    };
    Section::of("latency", "Latency", [Block::Table(table)])
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
        return Cell::of("–").with_value(serde_json::Value::Null);
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
