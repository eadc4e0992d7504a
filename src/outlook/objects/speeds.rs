//! How fast hosts and models answered, with the keys that programs read.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::latency::Course;
use crate::outlook::by::By;
use crate::outlook::speeds::{Called, Calls, PERCENTILES, millis, percentile};
use crate::store::AnswerRow;

/// What the calls to a model are told apart by.
pub const GROUP: [&str; 3] = ["provider", "model", "region"];

/// The times that are told of calls to a model.
pub const TIMES: [&str; 9] = [
    "first_event",
    "first_thinking",
    "first_token",
    "last_token",
    "gap",
    "longest_gap",
    "reported_total",
    "reported_head",
    "reported_first_token",
];
/// The rates that are told of calls to a model.
pub const RATES: [&str; 2] = ["tokens_per_second", "tokens_per_second_after_first"];

/// How fast hosts answered that are summed up together.
pub fn hosts(
    by: &[By],
    names: &[String],
    course: &Course,
    [since, until]: [Timestamp; 2],
) -> Map<String, Json> {
    let whole = &course.whole;
    let mut fields = Map::new();
    let mut tell = |name: String, value: Json| fields.insert(name, value);
    for (by, name) in by.iter().zip(names) {
        tell(by.word().to_string(), json!(name));
    }
    tell("since".to_string(), json!(since.to_string()));
    tell("until".to_string(), json!(until.to_string()));
    tell("n".to_string(), json!(whole.good()));
    tell("failed".to_string(), json!(whole.failed()));
    let failures: Map<String, Json> = whole
        .failures()
        .map(|(outcome, n)| (outcome.to_string(), json!(n)))
        .collect();
    tell("failures".to_string(), Json::Object(failures));
    for (name, sketch) in [
        ("total", &whole.total),
        ("first_byte", &whole.first_byte),
        ("first_token", &whole.first_token),
    ] {
        tell(format!("{name}_n"), json!(sketch.n()));
        for percent in PERCENTILES {
            let value = sketch.percentile(percent).map(millis);
            tell(format!("{name}_p{percent}_ms"), json!(value));
        }
    }
    for (name, sum) in [
        ("dns", &whole.dns),
        ("connect", &whole.connect),
        ("tls", &whole.tls),
        ("body", &whole.body),
    ] {
        tell(format!("{name}_n"), json!(sum.n));
        tell(format!("{name}_mean_ms"), json!(sum.mean().map(millis)));
    }
    let medians: Vec<Option<f64>> = course
        .medians()
        .into_iter()
        .map(|median| median.map(millis))
        .collect();
    tell("total_p50_over_time_ms".to_string(), json!(medians));
    fields
}

/// How soon and how fast a model answered.
pub fn model(group: &Called, calls: &Calls, [since, until]: [Timestamp; 2]) -> Map<String, Json> {
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
