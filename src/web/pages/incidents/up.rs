//! How much of the time providers were up, against what is expected of them.

use jiff::Timestamp;
use serde::Serialize;

use crate::latency::{Budget, percent};
use crate::outlook::availability::{Group, groups};
use crate::outlook::objects::availability::objective;
use crate::render::{grouped, lasting};
use crate::store::Series;
use crate::web::links;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::visible;

/// How much of the time a provider was up in a region.
#[derive(Serialize)]
pub(super) struct Up {
    provider: (String, String),
    region: String,
    by_duration: Option<String>,
    down: String,
    known: String,
    unknown: String,
    by_request: Option<String>,
    bad: u64,
    n: String,
    objective: Option<String>,
    /// Whether less was up than is expected.
    is_missed: bool,
    time_left: Option<String>,
    requests_left: Option<String>,
}

/// Every provider and region of which endpoints or models were asked.
pub(super) fn uptimes(
    asked: &Asked<'_>,
    span: (Timestamp, Timestamp),
    is_wanted: impl Fn(&Series) -> bool,
) -> Result<Vec<Up>, Refusal> {
    let names = |series: &Series| vec![series.provider.clone(), series.region.clone()];
    let found = groups(asked.store, span, asked.now, is_wanted, names)?;
    let found = found.iter().map(|group| {
        let objectives = &asked.site.means.settings.objectives;
        up(group, objective(group, None, objectives))
    });
    Ok(found.collect())
}

fn up(group: &Group, objective: Option<f64>) -> Up {
    let found = &group.found;
    let mut names = group.names.iter();
    let provider = names.next().map_or("", String::as_str);
    let region = names.next().map_or("", String::as_str);
    let left = |budget: Option<Budget>| {
        let left = budget.and_then(|budget| budget.left());
        left.map(|left| format!("{:.0} %", left * 100.0))
    };
    let n = usize::try_from(found.good + found.bad).unwrap_or(usize::MAX);
    Up {
        provider: (links::provider(provider), visible(provider, 60)),
        region: visible(region, 60),
        by_duration: found.by_duration().map(percent),
        down: lasting(found.down),
        known: lasting(found.known),
        unknown: lasting(found.unknown),
        by_request: found.by_request().map(percent),
        bad: found.bad,
        n: grouped(n),
        objective: objective.map(percent),
        is_missed: objective
            .zip(found.by_duration())
            .is_some_and(|(objective, share)| share < objective),
        time_left: left(objective.map(|share| found.budget_by_duration(share))),
        requests_left: left(objective.map(|share| found.budget_by_request(share))),
    }
}
