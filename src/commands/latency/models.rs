//! `latency --models`: how soon and how fast models answered, and what it cost.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::commands::output::{Format, fitted, objects, print, table};
use crate::commands::{Setup, say};
use crate::outlook::objects::speeds::{self as in_json, GROUP};
use crate::outlook::speeds::{self, Called, Calls, PERCENTILES, percentile};
use crate::store::Series;

/// Runs the command.
pub fn run(
    setup: &Setup,
    [since, until]: [Timestamp; 2],
    is_wanted: impl Fn(&Series) -> bool,
) -> anyhow::Result<()> {
    let all = speeds::models(&setup.open_for_reading()?, [since, until], is_wanted)?;
    match setup.format {
        Format::Table if all.is_empty() => say("no model was asked in this time"),
        Format::Table => {
            let rows: Vec<Vec<String>> = all.iter().map(row).collect();
            let names = GROUP.map(str::to_uppercase);
            let header: Vec<&str> = names.iter().map(String::as_str).chain(HEADER).collect();
            print(&table(&header, &rows));
            let zone = &setup.settings.zone;
            let [from, until] = [since, until].map(|at| at.to_zoned(zone.clone()));
            let line = format!(
                "{} to {}, from the request on the open connection, in ms; tokens per second at p50. Failures enter no figure but the cost.",
                from.strftime("%Y-%m-%d %H:%M"),
                until.strftime("%Y-%m-%d %H:%M %Z"),
            );
            print(&fitted(&line, ["", ""]));
        }
        format => {
            let told: Vec<Map<String, Json>> = all
                .iter()
                .map(|(group, calls)| in_json::model(group, calls, [since, until]))
                .collect();
            objects(format, &told);
        }
    }
    Ok(())
}

const HEADER: [&str; 10] = [
    "N",
    "FAILED",
    "FIRST TOKEN p50/p90/p95/p99",
    "FIRST EVENT",
    "THINKING",
    "GAP",
    "TOKENS/S AFTER FIRST",
    "END TO END",
    "USD",
    "FAILURES",
];

/// The median, with the number of its measurements where the row has more.
fn median(sorted: &[f64], of: usize) -> String {
    let told = percentile(sorted, 50).map(|median| format!("{median:.0}"));
    super::of_fewer(told.unwrap_or_default(), sorted.len() as u64, of as u64)
}

fn row((group, calls): (&Called, &Calls)) -> Vec<String> {
    let n = calls.good.len();
    let first_token = calls.times(|row| row.figures.first_content);
    let spread: Vec<String> = PERCENTILES
        .into_iter()
        .filter_map(|percent| percentile(&first_token, percent))
        .map(|time| format!("{time:.0}"))
        .collect();
    let failures = calls.failures.iter();
    let failures: Vec<String> = failures.map(|(word, n)| format!("{word} {n}")).collect();
    let mut cells: Vec<String> = group
        .iter()
        .map(|name| if name.is_empty() { "-" } else { name }.to_owned())
        .collect();
    cells.extend([
        n.to_string(),
        calls.failed().to_string(),
        super::of_fewer(spread.join("/"), first_token.len() as u64, n as u64),
        median(&calls.times(|row| row.figures.first_event), n),
        median(&calls.times(|row| row.figures.first_thinking), n),
        median(&calls.times(|row| row.figures.gap), n),
        median(&calls.sorted(|row| row.figures.speed.after_first), n),
        median(&calls.sorted(|row| row.figures.speed.end_to_end), n),
        calls.charge.normalize().to_string(),
        failures.join(", "),
    ]);
    cells
}
