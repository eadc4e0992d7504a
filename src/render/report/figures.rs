//! The latency table: the same cells in every form of the report.

use jiff::SignedDuration;

use crate::latency::{Figures, Quantiles, Summary};
use crate::render::line::{grouped, one_line};

/// Rows that people are shown.
pub const ROWS: usize = 40;

/// The heads of the columns.
pub const HEAD: [&str; 7] = [
    "measured",
    "n",
    "failed",
    "p50",
    "p95",
    "p99",
    "first byte p50",
];

/// What stands below the table.
pub const NOTE: &str = "Milliseconds from start to last byte; failures enter no figure; below n = 100 the p99 is the slowest.";

/// A row of cells, as many as [`HEAD`] has.
pub fn row(summary: &Summary) -> [String; 7] {
    [
        one_line(&summary.group, 60),
        grouped(summary.n),
        grouped(summary.failed),
        cell(summary, &summary.total, |quantiles| quantiles.p50),
        cell(summary, &summary.total, |quantiles| quantiles.p95),
        cell(summary, &summary.total, |quantiles| quantiles.p99),
        cell(summary, &summary.first_byte, |quantiles| quantiles.p50),
    ]
}

/// A figure; with its own `n` where that is not the row's.
fn cell(summary: &Summary, figures: &Figures, of: fn(&Quantiles) -> SignedDuration) -> String {
    match &figures.quantiles {
        None => "–".to_string(),
        Some(quantiles) if figures.n == summary.n => millis(of(quantiles)),
        Some(quantiles) => format!("{} (n {})", millis(of(quantiles)), grouped(figures.n)),
    }
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
        let cells: Vec<String> = found.iter().flat_map(row).collect();
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
