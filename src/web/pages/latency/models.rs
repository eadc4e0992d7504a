//! How soon and how fast models answered, and what that cost.

use jiff::Timestamp;
use serde::Serialize;

use crate::outlook::speeds::{Calls, PERCENTILES, models as called, percentile};
use crate::store::Series;
use crate::web::links;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::{spoken, visible};

/// What the calls to one model in one region measured.
#[derive(Serialize)]
pub(super) struct ModelView {
    provider: (String, String),
    model: String,
    region: String,
    n: usize,
    failed: usize,
    /// p50, p90, p95 and p99, in milliseconds.
    first_token: Vec<String>,
    first_token_n: usize,
    /// Tokens per second at p50, with how many calls tell.
    speed: Option<(String, usize)>,
    end_to_end: Option<(String, usize)>,
    /// In USD.
    cost: String,
    failures: String,
}

/// Every model that was asked in the span.
pub(super) fn models(
    asked: &Asked<'_>,
    span: [Timestamp; 2],
    is_wanted: impl Fn(&Series) -> bool,
) -> Result<Vec<ModelView>, Refusal> {
    let found = called(asked.store, span, is_wanted)?;
    let told = found.iter().map(|([provider, model, region], calls)| {
        let names = [provider, model, region].map(|name| visible(name, 80));
        view(provider, names, calls)
    });
    Ok(told.collect())
}

fn view(provider: &str, [name, model, region]: [String; 3], calls: &Calls) -> ModelView {
    let first_token = calls.times(|row| row.figures.first_content);
    let median = |sorted: Vec<f64>| {
        let median = percentile(&sorted, 50)?;
        Some((format!("{median:.0}"), sorted.len()))
    };
    let failures: Vec<String> = calls
        .failures
        .iter()
        .map(|(word, n)| format!("{} {n}", spoken(word)))
        .collect();
    ModelView {
        provider: (links::provider(provider), name),
        model,
        region,
        n: calls.good.len(),
        failed: calls.failed(),
        first_token: PERCENTILES
            .iter()
            .map(|percent| {
                let time = percentile(&first_token, *percent);
                time.map_or("–".to_string(), |time| format!("{time:.0}"))
            })
            .collect(),
        first_token_n: first_token.len(),
        speed: median(calls.sorted(|row| row.figures.speed.after_first)),
        end_to_end: median(calls.sorted(|row| row.figures.speed.end_to_end)),
        cost: calls.charge.normalize().to_string(),
        failures: failures.join(", "),
    }
}
