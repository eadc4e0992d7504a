//! `uptime`: how much of a time targets were up, in both definitions, and what is left of the error budget.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::measured::{Chosen, among};
use super::output::{Format, fitted, objects, print, table, unbroken};
use super::{Setup, say, wrong};
use crate::config::Objectives;
use crate::daemon::clock;
use crate::latency::{self, Budget};
use crate::outlook::availability::{self, Group};
use crate::outlook::by::By;
use crate::outlook::objects::availability::{objective, uptime};
use crate::store::{Series, SeriesKind};

const BY: [By; 6] = [
    By::Provider,
    By::Region,
    By::Host,
    By::Model,
    By::Probe,
    By::Vantage,
];

/// `bellwether uptime`.
#[derive(Debug, clap::Args)]
#[command(mut_arg("since", |since| since.required(false).default_value("30d")))]
pub struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    /// What is summed up together: one or several, with commas between.
    #[arg(
        long,
        value_name = "WHAT",
        value_delimiter = ',',
        default_value = "provider,region",
        value_parser = among(&BY)
    )]
    by: Vec<By>,
    /// The availability that is expected, instead of what [slo] in the configuration says: 0.999.
    #[arg(long, value_name = "SHARE")]
    slo: Option<f64>,
    /// Also the hosts of sources that are read: lists, pages, feeds.
    #[arg(long)]
    all: bool,
}

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let now = clock::now();
    let zone = &setup.settings.zone;
    if arguments.slo.is_some_and(|slo| !(0.0..=1.0).contains(&slo)) {
        return Err(wrong(
            "expected a share from 0 to 1 for --slo, such as 0.999",
        ));
    }
    let [since, until] = arguments.chosen.span(setup, now)?;
    let until = until.min(now);
    let store = setup.open_for_reading()?;
    let names = |series: &Series| -> Vec<String> {
        let by = arguments.by.iter();
        by.map(|by| by.of(series).to_string()).collect()
    };
    let is_wanted = |series: &Series| is_wanted(arguments, series);
    let groups = availability::groups(&store, (since, until), now, is_wanted, names)?;
    let told = Told {
        by: &arguments.by,
        stated: arguments.slo,
        objectives: &setup.settings.objectives,
        span: [since, until],
    };
    match setup.format {
        Format::Table if groups.is_empty() => say(&nothing(arguments)),
        Format::Table => print(&told.table(&groups, zone)),
        format => {
            let all: Vec<Map<String, Json>> = groups
                .iter()
                .map(|group| {
                    uptime(
                        told.by,
                        group,
                        objective(group, told.stated, told.objectives),
                        told.span,
                    )
                })
                .collect();
            objects(format, &all);
        }
    }
    Ok(())
}

fn nothing(arguments: &Arguments) -> String {
    let more = if arguments.all {
        ""
    } else {
        "; --all also counts the hosts of sources that are read"
    };
    format!("nothing measured in this time{more}")
}

fn is_wanted(arguments: &Arguments, series: &Series) -> bool {
    (arguments.all || series.kind != SeriesKind::Source) && arguments.chosen.has(series)
}

struct Told<'a> {
    by: &'a [By],
    stated: Option<f64>,
    objectives: &'a Objectives,
    span: [Timestamp; 2],
}

const DEFINITIONS: &str = "\
By duration: the share of known time in which no incident of ours says down (`bellwether incidents`).
By request: good samples of good and bad ones; what is our own fault (credentials, limits, network) is neither.
Time without samples is unknown. Left: of the error budget that the SLO allows in the known time, and of the requests.";

impl Told<'_> {
    fn table(&self, groups: &[Group], zone: &jiff::tz::TimeZone) -> String {
        let mut header: Vec<String> = self.by.iter().map(|by| by.word().to_uppercase()).collect();
        let figures = [
            "BY DURATION",
            "DOWN",
            "KNOWN",
            "UNKNOWN",
            "BY REQUEST",
            "BAD",
            "N",
            "SLO",
            "TIME LEFT",
            "REQUESTS LEFT",
        ];
        header.extend(figures.map(str::to_string));
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let rows: Vec<Vec<String>> = groups.iter().map(|group| self.row(group)).collect();
        let [from, until] = self.span.map(|at| at.to_zoned(zone.clone()));
        let definitions = DEFINITIONS.lines().map(|line| fitted(line, ["", "  "]));
        format!(
            "{}{} to {}\n{}",
            table(&header, &rows),
            from.strftime("%Y-%m-%d %H:%M"),
            until.strftime("%Y-%m-%d %H:%M %Z"),
            definitions.collect::<String>()
        )
    }

    fn row(&self, group: &Group) -> Vec<String> {
        let named = |name: &String| match name.as_str() {
            "" => "-".to_string(),
            name => name.to_string(),
        };
        let mut cells: Vec<String> = group.names.iter().map(named).collect();
        let found = &group.found;
        let objective = objective(group, self.stated, self.objectives);
        let left = |budget: Option<Budget>| {
            let share = budget.and_then(|budget| budget.left());
            share.map_or("-".to_string(), |left| {
                unbroken(format!("{:.0} %", left * 100.0))
            })
        };
        cells.extend([
            unbroken(percent(found.by_duration())),
            unbroken(length(found.down)),
            unbroken(length(found.known)),
            unbroken(length(found.unknown)),
            unbroken(percent(found.by_request())),
            found.bad.to_string(),
            (found.good + found.bad).to_string(),
            unbroken(percent(objective)),
            left(objective.map(|share| found.budget_by_duration(share))),
            left(objective.map(|share| found.budget_by_request(share))),
        ]);
        cells
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_string(), latency::percent)
}

/// A length of time in its two largest units.
fn length(seconds: i64) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
