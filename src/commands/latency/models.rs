//! `latency --models`: how soon and how fast models answered, and what it cost.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::commands::output::{Format, fitted, objects, print, table};
use crate::commands::{Setup, say};
use crate::outlook::speeds::{self, Called, Calls, PERCENTILES, percentile};
use crate::store::{AnswerRow, Series};

const GROUP: [&str; 3] = ["provider", "model", "region"];

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
                .map(|(group, calls)| object(group, calls, [since, until]))
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

fn object(group: &Called, calls: &Calls, [since, until]: [Timestamp; 2]) -> Map<String, Json> {
    let mut fields = Map::new();
    for (name, value) in GROUP.into_iter().zip(group) {
        fields.insert(name.to_owned(), json!(value));
    }
    let mut tell = |name: &str, value: Json| fields.insert(name.to_owned(), value);
    tell("since", json!(since.to_string()));
    tell("until", json!(until.to_string()));
    tell("n", json!(calls.good.len()));
    tell("failed", json!(calls.failed()));
    tell("failures", json!(calls.failures));
    tell("usd", json!(calls.charge.normalize().to_string()));
    let figures = [
        (
            "first_event",
            "_ms",
            calls.times(|row| row.figures.first_event),
        ),
        (
            "first_thinking",
            "_ms",
            calls.times(|row| row.figures.first_thinking),
        ),
        (
            "first_token",
            "_ms",
            calls.times(|row| row.figures.first_content),
        ),
        (
            "last_token",
            "_ms",
            calls.times(|row| row.figures.last_token),
        ),
        ("gap", "_ms", calls.times(|row| row.figures.gap)),
        (
            "longest_gap",
            "_ms",
            calls.times(|row| row.figures.longest_gap),
        ),
        (
            "reported_total",
            "_ms",
            calls.times(|row| row.figures.reported.total),
        ),
        (
            "reported_head",
            "_ms",
            calls.times(|row| row.figures.reported.head),
        ),
        (
            "reported_first_token",
            "_ms",
            calls.times(|row| row.figures.reported.first_token),
        ),
        (
            "tokens_per_second",
            "",
            calls.sorted(|row| row.figures.speed.end_to_end),
        ),
        (
            "tokens_per_second_after_first",
            "",
            calls.sorted(|row| row.figures.speed.after_first),
        ),
    ];
    for (name, unit, sorted) in figures {
        tell(&format!("{name}_n"), json!(sorted.len()));
        for percent in PERCENTILES {
            let value = percentile(&sorted, percent);
            tell(&format!("{name}_p{percent}{unit}"), json!(value));
        }
    }
    let tokens = |of: fn(&AnswerRow) -> Option<u64>| calls.good.iter().filter_map(of).sum::<u64>();
    tell("input_tokens", json!(tokens(|row| row.figures.usage.input)));
    tell(
        "cached_tokens",
        json!(tokens(|row| row.figures.usage.cached)),
    );
    tell(
        "output_tokens",
        json!(tokens(|row| row.figures.usage.output)),
    );
    fields
}
