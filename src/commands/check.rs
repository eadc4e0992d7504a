//! `check`: configuration and probes, and when each will be asked.

mod models;
mod routes;

use super::output::{Format, fitted, objects, print, table, unbroken};
use super::{Ending, Setup, say};
use crate::config::Known;
use crate::config::identities::remedy;
use crate::daemon::clock;
use crate::outlook::known::Known as Names;
use crate::schedule::SourceClock;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

/// One source, or one model that is asked.
struct Row {
    source: String,
    state: &'static str,
    schedule: String,
    firings: Vec<Timestamp>,
    /// What it costs a day at most, if it costs anything and that is known.
    usd_a_day: Option<Decimal>,
}

impl Row {
    fn object(&self) -> Map<String, Json> {
        let next: Vec<String> = self.firings.iter().map(ToString::to_string).collect();
        let fields = [
            ("source", json!(self.source)),
            ("state", json!(self.state)),
            ("schedule", json!(self.schedule)),
            ("next", json!(next)),
            (
                "usd_a_day",
                json!(self.usd_a_day.map(|most| most.to_string())),
            ),
        ];
        let fields = fields.map(|(key, value)| (key.to_string(), value));
        fields.into_iter().collect()
    }
}

/// Runs the command. Problems of the configuration have been told before it comes to this.
pub fn run(setup: &Setup) -> anyhow::Result<Ending> {
    let now = clock::now();
    let mut lacking = Vec::new();
    let mut rows = Vec::new();
    for (probe, is_asked) in &setup.probes {
        let has_credential = probe
            .credential
            .as_ref()
            .is_none_or(|name| setup.settings.known(name) != Known::Missing);
        if *is_asked && !has_credential {
            let name = probe.credential.as_deref().unwrap_or("");
            let remedy = remedy(name).unwrap_or(name);
            lacking.push(format!("{}: set {remedy}", probe.id));
        }
        let state = match (is_asked, has_credential) {
            (true, true) => "on",
            (true, false) => "on, no credential",
            (false, _) if probe.credential.is_some() => "off (needs a credential)",
            (false, _) => "off",
        };
        for (source, _) in probe.sources() {
            rows.push(Row {
                firings: SourceClock::new(probe.schedule.clone(), &source).next_firings(now, 5),
                source: source.to_string(),
                state,
                schedule: probe.schedule.to_string(),
                usd_a_day: None,
            });
        }
    }
    let (of_models, mut spend) = models::rows(setup, now)?;
    lacking.append(&mut spend.lacking);
    rows.extend(of_models);
    lacking.extend(strangers(setup)?);
    if setup.format != Format::Table {
        let values: Vec<Map<String, Json>> = rows.iter().map(Row::object).collect();
        objects(setup.format, &values);
    } else {
        tell(setup, &rows, &spend);
    }
    for problem in &lacking {
        tracing::error!("{problem}");
    }
    Ok(if lacking.is_empty() {
        Ending::Good
    } else {
        Ending::Problems
    })
}

fn tell(setup: &Setup, rows: &[Row], spend: &models::Spend) {
    let file = setup.file.as_ref().map_or(
        "no configuration file: the defaults hold".to_string(),
        |path| format!("{}: no problems", path.display()),
    );
    say(&file);
    say(&format!("database: {}", setup.database.display()));
    let mut lines = routes::ways(&setup.settings);
    lines.extend(routes::told(&setup.settings.policy(), &setup.settings.zone));
    lines.push(endpoints(setup));
    lines.extend(models::told(setup, spend));
    for line in &lines {
        print(&fitted(line, ["", "  "]));
    }
    say("");
    let next = format!("NEXT FIVE ({})", setup.settings.zone_name);
    let shown: Vec<Vec<String>> = rows.iter().map(|row| shown(setup, row)).collect();
    print(&table(&["SOURCE", "STATE", "SCHEDULE", &next], &shown));
}

/// Bounds of workloads that name what nothing is known of; before the first reading little is known.
fn strangers(setup: &Setup) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    let known = match setup.database.exists() {
        true => {
            let known = Names::of_history(&setup.open_for_reading()?)?;
            let known = super::known::all(setup, known)?;
            for workload in &setup.settings.workloads {
                let key = |key: &str| format!("workload.{}.{key}", workload.name);
                problems.extend(known.problems(&workload.bounds, key));
            }
            known
        }
        false => super::known::all(setup, Names::shipped())?,
    };
    for (of, scope) in routes::scopes(&setup.settings.policy()) {
        for name in &scope.providers {
            let problem = known.provider_problem(name);
            problems.extend(problem.map(|problem| format!("{of}.providers: {problem}")));
        }
        // which regions there are is learnt
        for place in scope.places.iter().filter(|_| setup.database.exists()) {
            let problem = known.place_problem(place);
            problems.extend(problem.map(|problem| format!("{of}.regions: {problem}")));
        }
    }
    problems.dedup();
    Ok(problems)
}

/// How many endpoints are measured, and which wait for something.
fn endpoints(setup: &Setup) -> String {
    let checked = setup.endpoints.iter().filter(|(_, is_checked)| *is_checked);
    let places: usize = checked.map(|(endpoint, _)| endpoint.scopes.len()).sum();
    let unset = setup
        .endpoints
        .iter()
        .filter(|(endpoint, _)| !endpoint.unset.is_empty());
    let waiting: Vec<String> = unset
        .map(|(endpoint, _)| {
            let (id, names) = (&endpoint.id, endpoint.unset.join(" and "));
            format!("{id} waits for {names} under [scopes.\"{id}\"]")
        })
        .collect();
    let waiting = match waiting.as_slice() {
        [] => String::new(),
        all => format!("; {}", all.join("; ")),
    };
    format!("endpoints: {places} measured, as `bellwether probe list` says{waiting}")
}

fn shown(setup: &Setup, row: &Row) -> Vec<String> {
    let zone = &setup.settings.zone;
    let firings = row.firings.iter();
    let firings: Vec<String> = firings
        .map(|at| unbroken(at.to_zoned(zone.clone()).strftime("%a %H:%M")))
        .collect();
    let state = match &row.usd_a_day {
        Some(most) if row.state == "on" => {
            format!("on, at most {} USD a day", most.round_dp(4).normalize())
        }
        _ => row.state.to_string(),
    };
    vec![
        row.source.clone(),
        state,
        row.schedule.clone(),
        firings.join("  "),
    ]
}
