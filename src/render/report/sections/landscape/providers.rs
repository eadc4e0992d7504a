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
    let mut rows: Vec<(usize, Vec<Cell>)> = Vec::new();
    for (provider, models) in &now.models {
        if *models == 0 && !moved.contains_key(provider) {
            continue;
        }
        let [added, removed] = moved.get(provider).copied().unwrap_or_default();
        let coverage = now.coverage.get(provider).copied().unwrap_or_default();
        let was = |of: fn(&Standings) -> &BTreeMap<String, usize>| {
            before
                .as_ref()
                .and_then(|before| of(before).get(provider).copied())
        };
        let only_here = now.exclusive.get(provider).copied();
        let horizon = now.horizons.get(provider).copied().unwrap_or_default();
        let has_before = before
            .as_ref()
            .and_then(|before| before.coverage.get(provider));
        rows.push((
            *models,
            vec![
                Cell::of(provider),
                changed(*models, was(|of| &of.models)),
                count(added),
                count(removed),
                Cell {
                    text: match has_before {
                        Some(before) if before.has != coverage.has => {
                            format!("{} of {} ({:+})", coverage.has, coverage.of, coverage.has as i64 - before.has as i64)
                        }
                        _ => format!("{} of {}", coverage.has, coverage.of),
                    },
                    ..Cell::default()
                }
                .with_value(json!({"has": coverage.has, "of": coverage.of, "stage_unknown": coverage.unstated})),
                lag_cell(now.typical.get(provider)),
                only_here.map_or_else(Cell::default, |models| changed(models, was(|of| &of.exclusive))),
                ends(horizon),
            ],
        ));
    }
    rows.sort_by_key(|(models, _)| std::cmp::Reverse(*models));
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
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        bound: Bound {
            limit: 20,
            more: "bellwether indicators",
        },
        note: Some(format!(
            "On {}; in brackets against {}. Flagships: generally available, or at a stage that nobody states. Lag: the median days after a model's first offering anywhere, n models.",
            landscape.last,
            landscape.eve(),
        )),
    }
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
