//! How much of a time targets were up, with the keys that programs read.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::config::Objectives;
use crate::outlook::availability::Group;
use crate::outlook::by::By;

/// The availability that is expected: what is stated, else what is configured for the one provider, else for all.
pub fn objective(group: &Group, stated: Option<f64>, objectives: &Objectives) -> Option<f64> {
    let one = group
        .providers
        .first()
        .filter(|_| group.providers.len() == 1);
    let configured = one.map_or(objectives.availability, |provider| objectives.of(provider));
    stated.or(configured)
}

/// How much of a time targets were up that are summed up together, against what is expected of them.
pub fn uptime(
    by: &[By],
    group: &Group,
    objective: Option<f64>,
    [since, until]: [Timestamp; 2],
) -> Map<String, Json> {
    let mut fields = Map::new();
    let mut tell = |name: &str, value: Json| fields.insert(name.to_string(), value);
    for (by, name) in by.iter().zip(&group.names) {
        tell(by.word(), json!(name));
    }
    tell("since", json!(since.to_string()));
    tell("until", json!(until.to_string()));
    let found = &group.found;
    tell("by_duration", json!(found.by_duration()));
    tell("down_s", json!(found.down));
    tell("known_s", json!(found.known));
    tell("unknown_s", json!(found.unknown));
    tell("by_request", json!(found.by_request()));
    tell("good", json!(found.good));
    tell("bad", json!(found.bad));
    tell("slo", json!(objective));
    for (name, budget) in [
        (
            "budget_s",
            objective.map(|share| found.budget_by_duration(share)),
        ),
        (
            "budget_requests",
            objective.map(|share| found.budget_by_request(share)),
        ),
    ] {
        let allowed = budget.map(|budget| round(budget.allowed));
        let left = budget.map(|budget| round(budget.allowed - budget.used));
        tell(name, json!(allowed));
        tell(&format!("{name}_left"), json!(left));
    }
    fields
}

/// To a thousandth.
fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
