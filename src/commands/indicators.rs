//! `indicators`: numbers about the landscape, of a day or over time, and when it shifted.

mod lags;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value as Json};

use super::output::{Format, clean, objects, print, table};
use super::{Setup, say, wrong};
use crate::daemon::clock;
use crate::landscape::Reference;
use crate::landscape::indicator::{Baskets, Reckoning, days};
use crate::landscape::shift::{Ground, Shifted, shifts};
use crate::market::{Indicator, Tabular};
use crate::outlook::indicators::{self, IndicatorRow, shift_object};
use crate::render::{shifted_line, shifted_title};
use crate::store::Error;

/// `bellwether indicators`.
///
/// Days are those of UTC; `docs/indicators.md` of the project defines each number. A table shows one day, a provider a line;
/// formats for programs give every number of every day, `provider` null for the whole market.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The day that is shown, or the last of several [default: yesterday].
    #[arg(long, value_name = "DAY", value_parser = super::setup::day)]
    until: Option<Date>,
    /// The first of several days.
    #[arg(long, value_name = "DAY", value_parser = super::setup::day)]
    since: Option<Date>,
    /// Only of this provider.
    #[arg(long)]
    provider: Option<String>,
    /// Only these numbers: coverage, basket, parity_lag …; may be repeated.
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    /// When the landscape shifted in these days instead of its numbers, with what shows it [default: the last 90 days].
    #[arg(long, conflicts_with_all = ["provider", "name"])]
    shifts: bool,
    /// How long after its first offering anywhere each provider offered each model, as of one day, instead of numbers.
    #[arg(long, conflicts_with_all = ["since", "name", "shifts"])]
    lags: bool,
}

/// Days of shifts that are shown unless they are told.
const SHIFTS: i64 = 90;

/// Runs the command.
pub fn run(setup: &Setup, arguments: &Arguments) -> anyhow::Result<()> {
    let now = clock::now();
    let to = last_of(arguments.until, now)?;
    let from = match (arguments.since, arguments.shifts) {
        (Some(since), _) => since,
        (None, true) => to.saturating_sub(SHIFTS.days()),
        (None, false) => to,
    };
    if from > to {
        return Err(wrong(format!(
            "expected --since on or before --until {to}, found {from}"
        )));
    }
    let store = setup.open_for_reading()?;
    let kinds = indicators::kinds(setup.probes.iter().map(|(probe, _)| probe));
    let asked: BTreeSet<String> = kinds.keys().cloned().collect();
    let history = indicators::history(&store, kinds, now)?;
    if let Some(provider) = &arguments.provider
        && !asked.contains(provider)
        && history.begins(provider).is_none()
    {
        let known: Vec<&str> = history.providers(to).collect();
        return Err(wrong(format!(
            "expected a provider that is known ({}), found '{provider}'",
            known.join(", ")
        )));
    }
    if arguments.lags {
        lags::tell(setup.format, &history, to, arguments.provider.as_deref());
        return Ok(());
    }
    let reference = Reference::shipped();
    let baskets = Baskets::new(&history, reference, to);
    if arguments.shifts {
        let watched = indicators::watched(&history, &setup.settings.alerts.watches);
        let ground = Ground {
            history: &history,
            baskets: &baskets,
            reference,
            watched: &watched,
        };
        let topics = indicators::topics(&store, &setup.settings.alerts.watches, (from, to))?;
        tell_shifts(setup.format, &ground, topics, [from, to]);
        return Ok(());
    }
    let reckoning = Reckoning::new(&history, reference, &baskets);
    let of_day = |day| indicators::of_day(&store, &reckoning, day, now);
    let is_known = history.first_day().is_some_and(|first| first <= to);
    tell(setup.format, arguments, is_known, of_day, [from, to])
}

/// The last of the days that are meant: yesterday, unless one is told. Of a day that has not begun nothing is known.
///
/// # Errors
/// Wrong usage: a day after today.
fn last_of(told: Option<Date>, now: Timestamp) -> anyhow::Result<Date> {
    let today = now.to_zoned(TimeZone::UTC).date();
    match told {
        Some(told) if told > today => Err(wrong(format!(
            "expected --until on or before today, {today}, found {told}"
        ))),
        Some(told) => Ok(told),
        None => Ok(today.saturating_sub(1.day())),
    }
}

fn tell_shifts(format: Format, ground: &Ground<'_>, topics: Vec<Shifted>, [from, to]: [Date; 2]) {
    let mut found = shifts(ground, from, to);
    found.extend(topics);
    found.sort_by_key(|shifted| shifted.day);
    if format != Format::Table {
        let rows: Vec<Map<String, Json>> = found.iter().map(shift_object).collect();
        objects(format, &rows);
        return;
    }
    if found.is_empty() {
        say(&format!("no shift from {from} to {to}"));
    }
    for shifted in found {
        let (title, line) = (shifted_title(&shifted.shift), shifted_line(&shifted.shift));
        print(&super::output::fitted(
            &format!("{}  {}. {}", shifted.day, clean(&title), clean(&line)),
            ["  ", "      "],
        ));
    }
}

fn tell(
    format: Format,
    arguments: &Arguments,
    is_known: bool,
    of_day: impl Fn(Date) -> Result<Vec<Indicator>, Error>,
    [from, to]: [Date; 2],
) -> anyhow::Result<()> {
    let is_asked = |indicator: &Indicator| {
        let provider = arguments.provider.as_ref();
        provider.is_none_or(|provider| **provider == *indicator.provider)
            && (arguments.name.is_empty()
                || arguments.name.iter().any(|name| **name == *indicator.name))
    };
    if format != Format::Table || from < to {
        let mut rows = Vec::new();
        for day in days(from, to) {
            let asked = of_day(day)?.into_iter().filter(is_asked);
            rows.extend(asked.map(|indicator| IndicatorRow { day, indicator }.object()));
        }
        let format = match format {
            Format::Table => Format::Csv,
            format => format,
        };
        objects(format, &rows);
        return Ok(());
    }
    let asked: Vec<Indicator> = of_day(to)?.into_iter().filter(is_asked).collect();
    if !is_known {
        say(&format!("nothing is known of {to}"));
        return Ok(());
    }
    print(&for_people(&asked));
    Ok(())
}

/// Gives `take` the numbers of the days from one to another, both included, in order: without the first from the first day of
/// which anything is known, without the last until yesterday. Ends when it fails.
pub fn each(
    setup: &Setup,
    [from, to]: [Option<Date>; 2],
    mut take: impl FnMut(IndicatorRow) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let now = clock::now();
    let to = last_of(to, now)?;
    let kinds = indicators::kinds(setup.probes.iter().map(|(probe, _)| probe));
    let store = setup.open_for_reading()?;
    let history = indicators::history(&store, kinds, now)?;
    let reference = Reference::shipped();
    let baskets = Baskets::new(&history, reference, to);
    let reckoning = Reckoning::new(&history, reference, &baskets);
    let Some(from) = from.max(history.first_day()) else {
        return Ok(());
    };
    for day in days(from, to) {
        for indicator in indicators::of_day(&store, &reckoning, day, now)? {
            take(IndicatorRow { day, indicator })?;
        }
    }
    Ok(())
}

/// A provider a line, the market last.
fn for_people(indicators: &[Indicator]) -> String {
    type Shown = fn(&Indicator) -> String;
    let plain: Shown = |indicator| format!("{}", indicator.value);
    let of_n: Shown = |indicator| match indicator.n {
        Some(n) => format!("{} (n={n})", indicator.value),
        None => indicator.value.to_string(),
    };
    let share: Shown = |indicator| {
        let n = indicator.n.unwrap_or(0) as f64;
        format!("{:.0}/{n}", indicator.value * n)
    };
    let millis: Shown =
        |indicator| format!("{:.0} ms (n={})", indicator.value, indicator.n.unwrap_or(0));
    let percent: Shown = |indicator| crate::latency::percent(indicator.value);
    let columns: [(&str, &str, &str, Shown); 12] = [
        ("models", "models", "", plain),
        ("regions", "regions", "", plain),
        ("flagships", "coverage", "", share),
        ("parity lag (days)", "parity_lag", "", of_n),
        ("only here", "exclusive", "", plain),
        ("basket", "basket", "", of_n),
        ("cheapest", "cheapest", "", of_n),
        ("median", "latency_median_ms", "", millis),
        ("uptime", "uptime", "", percent),
        ("ends in 30 d", "retiring_firm", "30d", plain),
        ("90 d", "retiring_firm", "90d", plain),
        ("180 d", "retiring_firm", "180d", plain),
    ];
    let mut providers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for indicator in indicators.iter().filter(|of| !of.provider.is_empty()) {
        let row = providers
            .entry(&indicator.provider)
            .or_insert_with(|| vec![String::new(); columns.len()]);
        for (cell, (_, name, of, shown)) in row.iter_mut().zip(columns) {
            if *indicator.name == *name && *indicator.of == *of {
                *cell = shown(indicator);
            }
        }
    }
    let header: Vec<&str> = std::iter::once("provider")
        .chain(columns.iter().map(|(title, ..)| *title))
        .collect();
    let rows: Vec<Vec<String>> = providers
        .into_iter()
        .map(|(provider, cells)| {
            let mut row = vec![clean(provider)];
            row.extend(cells);
            row
        })
        .collect();
    table(&header, &rows)
}
