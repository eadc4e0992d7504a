//! `latency`: how fast hosts answered, with n beside every figure.

mod models;
mod samples;

pub(super) use samples::SampleRow;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::measured::{Chosen, among};
use super::output::{Format, fitted, objects, print, table};
use super::{Setup, say};
use crate::daemon::clock;
use crate::latency::{Course, Courses, Sketch, Sum};
use crate::outlook::by::By;
use crate::outlook::objects::speeds as in_json;
use crate::outlook::speeds::{PERCENTILES, hosts, millis};
use crate::store::Series;

const BY: [By; 7] = [
    By::Provider,
    By::Host,
    By::Region,
    By::Probe,
    By::Way,
    By::Kind,
    By::Vantage,
];

/// `bellwether latency`.
#[derive(Debug, clap::Args)]
#[command(mut_arg("since", |since| since.required(false).default_value("7d")))]
pub struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    /// What is summed up together: one or several, with commas between.
    #[arg(
        long,
        value_name = "WHAT",
        value_delimiter = ',',
        default_value = "host,way",
        value_parser = among(&BY)
    )]
    by: Vec<By>,
    /// How soon and how fast models answered, by provider, model and region.
    #[arg(long, conflicts_with = "by")]
    models: bool,
    /// Every single measurement with its phases; they are kept for 90 days, or as [retention] says.
    #[arg(long, conflicts_with_all = ["by", "models"])]
    samples: bool,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let now = clock::now();
    let [since, until] = arguments.chosen.span(setup, now)?;
    let is_wanted = |series: &Series| arguments.chosen.has(series);
    if arguments.models {
        return models::run(setup, [since, until], is_wanted);
    }
    if arguments.samples {
        return samples::run(setup, [since, until], is_wanted);
    }
    let store = setup.open_for_reading()?;
    let found = hosts(&store, [since, until], now, is_wanted, &arguments.by)?;
    tell(setup, &arguments.by, &found.courses, found.span);
    Ok(())
}

fn tell(setup: &Setup, by: &[By], courses: &Courses, span: [Timestamp; 2]) {
    let groups = courses.groups();
    match setup.format {
        Format::Table if groups.is_empty() => say("nothing measured in this time"),
        Format::Table => {
            let rows: Vec<Vec<String>> = groups.iter().map(row).collect();
            let names: Vec<String> = by.iter().map(|by| by.word().to_uppercase()).collect();
            let header: Vec<&str> = names.iter().map(String::as_str).chain(HEADER).collect();
            print(&table(&header, &rows));
            let [from, until] = span.map(|at| at.to_zoned(setup.settings.zone.clone()));
            let line = format!(
                "{} to {}, in ms; of dns, connect, tls and body the mean. Failures enter no figure. Bars run from the shortest p50 to the \
                 longest.",
                from.strftime("%Y-%m-%d %H:%M"),
                until.strftime("%Y-%m-%d %H:%M %Z"),
            );
            print(&fitted(&line, ["", ""]));
        }
        format => {
            let told: Vec<Map<String, Json>> = groups
                .iter()
                .map(|(names, course)| in_json::hosts(by, names, course, span))
                .collect();
            objects(format, &told);
        }
    }
}

const HEADER: [&str; 10] = [
    "N",
    "FAILED",
    "TOTAL p50/p90/p95/p99",
    "p50 OVER TIME",
    "FIRST BYTE",
    "DNS",
    "CONNECT",
    "TLS",
    "BODY",
    "FAILURES",
];

fn spread(sketch: &Sketch, of: u64) -> String {
    let told: Vec<String> = PERCENTILES
        .into_iter()
        .filter_map(|percent| sketch.percentile(percent))
        .map(|duration| format!("{:.0}", millis(duration)))
        .collect();
    of_fewer(told.join("/"), sketch.n(), of)
}

fn mean(sum: &Sum, of: u64) -> String {
    let told = sum.mean().map(|mean| format!("{:.0}", millis(mean)));
    of_fewer(told.unwrap_or_default(), sum.n, of)
}

/// A figure of fewer measurements than the row has says of how many.
fn of_fewer(told: String, n: u64, of: u64) -> String {
    match n {
        0 => "-".to_string(),
        n if n == of => told,
        n => format!("{told} (n {n})"),
    }
}

/// The bars with the medians that the lowest and the highest stand for.
fn drawn(course: &Course) -> String {
    let range = course.range();
    let range = range.map(|range| range.map(|median| format!("{:.0}", millis(median))));
    match range {
        Some([shortest, longest]) if shortest == longest => {
            format!("{} {shortest}", course.sparkline())
        }
        Some([shortest, longest]) => format!("{} {shortest}-{longest}", course.sparkline()),
        None => course.sparkline(),
    }
}

fn row((names, course): (&Vec<String>, &Course)) -> Vec<String> {
    let whole = &course.whole;
    let n = whole.good();
    let failures: Vec<String> = whole
        .failures()
        .map(|(outcome, n)| format!("{outcome} {n}"))
        .collect();
    let named = |name: &String| {
        if name.is_empty() {
            "-".to_string()
        } else {
            name.clone()
        }
    };
    let mut cells: Vec<String> = names.iter().map(named).collect();
    cells.extend([
        n.to_string(),
        whole.failed().to_string(),
        spread(&whole.total, n),
        drawn(course),
        spread(&whole.first_byte, n),
        mean(&whole.dns, n),
        mean(&whole.connect, n),
        mean(&whole.tls, n),
        mean(&whole.body, n),
        failures.join(", "),
    ]);
    cells
}
