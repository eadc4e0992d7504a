//! What each provider has, against the day before the span.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::landscape::History;
use crate::landscape::indicator::{
    Coverage, Horizon, Lines as Flagships, Typical, Way, coverage, exclusive, horizons, typical,
};
use crate::render::report::block::{Bound, Cell, Column, Table};
use crate::render::report::landscape::Landscape;

/// What each provider has, on the last day and on the day before the first.
pub(super) fn providers(landscape: &Landscape) -> Table {
    Table {
        key: "providers",
        title: Some("Providers".to_string()),
        columns: vec![
            Column::name("provider", "provider"),
            Column::number("models", "models"),
            Column::number("added", "new"),
            Column::number("removed", "gone"),
            Column::number("flagships", "flagships"),
            Column::number("parity_lag_days", "lag, days"),
            Column::number("only_here", "only here"),
            Column::number("ends_in_90_days", "ends in 90 d"),
        ],
        rows: rows(landscape),
        bound: Bound {
            limit: 20,
            more: "bellwether indicators".to_string(),
        },
        note: Some(format!(
            "On {}; in brackets against {}. Flagships: generally available, or at a stage that nobody states. Lag: the median days after a model's first offering anywhere, n models.",
            landscape.last,
            landscape.eve(),
        )),
    }
}

/// A row a provider, those with most models first.
fn rows(landscape: &Landscape) -> Vec<Vec<Cell>> {
    let now = Standings::on(landscape, landscape.last);
    let before = landscape
        .has_eve()
        .then(|| Standings::on(landscape, landscape.eve()));
    let mut moved: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for one in landscape.moves() {
        let [added, removed] = moved.entry(one.provider).or_default();
        match one.way {
            Way::Added => *added += 1,
            Way::Removed => *removed += 1,
        }
    }
    let providers = now.models.iter();
    let mut shown: Vec<(usize, &str)> = providers
        .filter(|(provider, models)| **models > 0 || moved.contains_key(*provider))
        .map(|(provider, models)| (*models, provider.as_str()))
        .collect();
    shown.sort_by_key(|(models, _)| std::cmp::Reverse(*models));
    let rows = shown.into_iter().map(|(_, provider)| {
        let moved = moved.get(provider).copied().unwrap_or_default();
        row(provider, &now, before.as_ref(), moved)
    });
    rows.collect()
}

fn row(
    provider: &str,
    now: &Standings,
    before: Option<&Standings>,
    [added, removed]: [usize; 2],
) -> Vec<Cell> {
    let models = now.models.get(provider).copied().unwrap_or_default();
    let models_before = before.and_then(|before| before.models.get(provider).copied());
    let coverage = now.coverage.get(provider).copied().unwrap_or_default();
    let coverage_before = before.and_then(|before| before.coverage.get(provider));
    let only_before = before.and_then(|before| before.exclusive.get(provider).copied());
    let only_here = now.exclusive.get(provider);
    vec![
        Cell::of(provider),
        changed(models, models_before),
        count(added),
        count(removed),
        flagships(coverage, coverage_before),
        lag_cell(now.typical.get(provider)),
        only_here.map_or_else(Cell::default, |models| changed(*models, only_before)),
        ends(now.horizons.get(provider).copied().unwrap_or_default()),
    ]
}

fn flagships(now: Coverage, before: Option<&Coverage>) -> Cell {
    let mut text = format!("{} of {}", now.has, now.of);
    if let Some(before) = before.filter(|before| before.has != now.has) {
        text.push_str(&format!(" ({:+})", now.has as i64 - before.has as i64));
    }
    Cell {
        text,
        ..Cell::default()
    }
    .with_value(json!({"has": now.has, "of": now.of, "stage_unknown": now.unstated}))
}

/// What providers have on a day.
struct Standings {
    models: BTreeMap<String, usize>,
    coverage: BTreeMap<String, Coverage>,
    typical: BTreeMap<String, Typical>,
    exclusive: BTreeMap<String, usize>,
    horizons: BTreeMap<String, Horizon>,
}

impl Standings {
    fn on(landscape: &Landscape, day: Date) -> Self {
        let history: &History = &landscape.history;
        let flagships = Flagships::new(history, landscape.reference()).flagships(history, day);
        let mut models: BTreeMap<String, usize> = history
            .providers(day)
            .map(|provider| (provider.to_string(), 0))
            .collect();
        for (_, provider, presence) in history.on(day) {
            if presence.is_there()
                && let Some(count) = models.get_mut(provider)
            {
                *count += 1;
            }
        }
        Self {
            models,
            coverage: coverage(history, &flagships, day),
            typical: typical(history, day),
            exclusive: exclusive(history, day),
            horizons: horizons(history, day),
        }
    }
}

fn count(count: usize) -> Cell {
    match count {
        0 => Cell::default().with_value(0),
        some => Cell::of(&some.to_string()).with_value(some),
    }
}

fn changed(now: usize, before: Option<usize>) -> Cell {
    let text = match before {
        Some(before) if before != now => format!("{now} ({:+})", now as i64 - before as i64),
        _ => now.to_string(),
    };
    Cell::of(&text).with_value(now)
}

fn lag_cell(typical: Option<&Typical>) -> Cell {
    match typical.and_then(|typical| Some((typical.median?, typical.n))) {
        Some((median, n)) => Cell::of(&format!("{median} (n {n})")).with_value(median),
        None => Cell::default().with_value(Json::Null),
    }
}

fn ends(horizon: Horizon) -> Cell {
    let ([_, firm, _], [_, not_before, _]) = (horizon.firm, horizon.not_before);
    let text = match (firm, not_before) {
        (0, 0) => String::new(),
        (firm, 0) => firm.to_string(),
        (firm, not_before) => format!("{firm} + {not_before}?"),
    };
    Cell {
        text,
        ..Cell::default()
    }
    .with_value(json!({"firm": firm, "not_before": not_before}))
}
