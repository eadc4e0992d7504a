//! What is measured, by the names of OpenTelemetry's conventions for HTTP clients
//! (<https://opentelemetry.io/docs/specs/semconv/http/http-metrics/>) and for generative AI
//! (<https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/>), and uptime.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::board::{Board, Labels, Spread, labels};
use crate::latency::{Cover, Resolution, Sketch, is_good};
use crate::outlook::availability::groups;
use crate::store::{AllSeries as _, Series, SeriesKind};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;

/// The bounds that the conventions advise, in seconds.
const HTTP: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
const OPERATION: [f64; 14] = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
const FIRST: [f64; 16] = [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
/// Uptime is told of so long.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Adds it.
pub(super) fn add(board: &mut Board, asked: &Asked<'_>) -> Result<(), Refusal> {
    let mut http: BTreeMap<Labels, Sketch> = BTreeMap::new();
    let mut operations: BTreeMap<Labels, Sketch> = BTreeMap::new();
    let mut first: BTreeMap<Labels, Sketch> = BTreeMap::new();
    let mut outcomes: BTreeMap<Labels, u64> = BTreeMap::new();
    // all days that are kept: what is told only grows
    let cover = Cover::even(Resolution::Day, Timestamp::UNIX_EPOCH, asked.now);
    asked.store.windows(&cover, |series, _, figures| {
        if series.kind == SeriesKind::Model {
            let named = model(series);
            let all = operations.entry(named.clone()).or_default();
            all.merge(&figures.total);
            first.entry(named).or_default().merge(&figures.first_token);
        } else {
            http.entry(host(series)).or_default().merge(&figures.total);
        }
        for (outcome, n) in &figures.outcomes {
            let named = labels([
                ("provider", &series.provider),
                ("probe", &series.probe),
                ("outcome", outcome),
                ("good", if is_good(outcome) { "true" } else { "false" }),
            ]);
            *outcomes.entry(named).or_default() += n;
        }
    })?;
    board.histograms(
        "http_client_request_duration_seconds",
        "From the start of a request to the last byte of its answer, where it succeeded, in whole days and today so far",
        spreads(http, &HTTP),
    );
    board.histograms(
        "gen_ai_client_operation_duration_seconds",
        "From the request to a model to the last byte of its answer, where it succeeded",
        spreads(operations, &OPERATION),
    );
    board.histograms(
        "gen_ai_client_operation_time_to_first_chunk_seconds",
        "From the request to a model to the first token of its content",
        spreads(first, &FIRST),
    );
    board.counters(
        "bellwether_probe_samples",
        "Measured requests, by how they ended",
        outcomes.into_iter().collect(),
    );
    uptime(board, asked)
}

fn host(series: &Series) -> Labels {
    labels([
        ("server_address", &series.host),
        ("provider", &series.provider),
        ("connection", &series.way),
    ])
}

fn model(series: &Series) -> Labels {
    labels([
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", &series.provider),
        ("gen_ai_request_model", &series.model),
        ("server_address", &series.host),
    ])
}

fn spreads(all: BTreeMap<Labels, Sketch>, bounds: &[f64]) -> Vec<(Labels, Spread)> {
    let all = all.into_iter().filter(|(_, sketch)| sketch.n() > 0);
    all.map(|(labels, sketch)| (labels, spread(&sketch, bounds)))
        .collect()
}

fn spread(sketch: &Sketch, bounds: &[f64]) -> Spread {
    let mut before = 0;
    let mut buckets: Vec<(f64, u64)> = Vec::with_capacity(bounds.len() + 1);
    for bound in bounds {
        let micros = (bound * 1e6).round() as i64;
        let within = sketch.within(SignedDuration::from_micros(micros));
        buckets.push((*bound, within.saturating_sub(before)));
        before = within;
    }
    buckets.push((f64::INFINITY, sketch.n().saturating_sub(before)));
    Spread {
        sum: sketch.sum().as_secs_f64(),
        count: sketch.n(),
        buckets,
    }
}

fn uptime(board: &mut Board, asked: &Asked<'_>) -> Result<(), Refusal> {
    let since = asked.now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
    let is_wanted = |series: &Series| series.kind != SeriesKind::Source;
    let names = |series: &Series| vec![series.provider.clone()];
    let found = groups(asked.store, (since, asked.now), asked.now, is_wanted, names)?;
    let share = |group: &crate::outlook::availability::Group| {
        let provider = group.names.first()?;
        let share = group.found.by_duration()?;
        Some((labels([("provider", provider)]), share))
    };
    board.gauges(
        "bellwether_uptime_ratio",
        "The share of the known time of the last 24 hours in which no incident of ours says down, by provider",
        found.iter().filter_map(share).collect(),
    );
    Ok(())
}
