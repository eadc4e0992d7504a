//! How soon models come to providers.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{COLUMNS, ROWS, SOURCE, bare};
use crate::landscape::Course;
use crate::landscape::indicator::{Lag, Parity, parity};
use crate::render::chart::{self, Body, Chart};
use crate::render::line::one_line;
use crate::render::report::block::{Block, Bound, Cell, Column, Figure, Section, Table};
use crate::render::report::landscape::Landscape;

/// How soon models come to providers.
pub fn arrivals(landscape: &Landscape) -> Option<Section> {
    let mut found: Vec<(&str, &BTreeMap<String, Course>, Parity)> = landscape
        .chosen()
        .into_iter()
        .filter_map(|(model, courses)| Some((model, courses, parity(courses, landscape.last)?)))
        // what only one offers came nowhere else
        .filter(|(_, _, parity)| parity.lags.len() > 1)
        .collect();
    // what came out last is what is waited for
    found.sort_by_key(|(_, _, parity)| {
        std::cmp::Reverse((!parity.first.is_censored, parity.first.day))
    });
    let mut clouds = landscape.sellers(found.iter().map(|(_, courses, _)| *courses), COLUMNS);
    clouds.retain(|provider| landscape.history.is_cloud(provider));
    let rows = found
        .iter()
        .map(|(model, _, parity)| arrival(model, parity, &clouds));
    let table = Table {
        key: "parity",
        title: None,
        columns: vec![
            Column::name("model", "model"),
            Column::text("first", "first offered"),
            Column::text("lags", "then"),
        ],
        rows: rows.collect(),
        bound: Bound {
            limit: ROWS,
            more: "bellwether compare MODEL",
        },
        note: Some("In days after the first offering anywhere; announced, preview and limited are no offering. ≥: it was offered somewhere before watching began. ≤: it stood in the first reading.".to_string()),
    };
    let figure = dots(&found).map(Block::Figure);
    Section::of(
        "parity",
        "How soon models arrive",
        figure.into_iter().chain([Block::Table(table)]),
    )
}

fn arrival(model: &str, parity: &Parity, clouds: &[&str]) -> Vec<Cell> {
    let day = parity.first.day;
    let by: Vec<String> = parity
        .by
        .iter()
        .map(|provider| one_line(provider, 30))
        .collect();
    let first = match parity.first.is_censored {
        true => format!("before {day}"),
        false => format!("{day} at {}", by.join(", ")),
    };
    let mut lags: Vec<(i64, String)> = Vec::new();
    let mut values = serde_json::Map::new();
    for (provider, lag) in &parity.lags {
        let name = one_line(provider, 30);
        let said = match lag {
            Lag::Exact(0) if parity.by.contains(provider) => None,
            Lag::Exact(days) => Some((*days, format!("{name} +{days}"))),
            Lag::AtLeast(days) => Some((*days, format!("{name} ≥{days}"))),
            Lag::AtMost(days) => Some((*days, format!("{name} ≤{days}"))),
            Lag::Waiting { .. } | Lag::Unknown => None,
        };
        lags.extend(said);
        values.insert(provider.clone(), lag_value(*lag));
    }
    lags.sort();
    let mut said: Vec<String> = lags.into_iter().map(|(_, said)| said).collect();
    let is_waited_for = |provider: &&&str| {
        let lag = parity.lags.get(**provider);
        lag.is_none_or(|lag| matches!(lag, Lag::Waiting { .. }))
    };
    // a lab's own interface offers no other lab's models
    let waiting: Vec<String> = clouds
        .iter()
        .filter(is_waited_for)
        .map(|provider| one_line(provider, 30))
        .collect();
    if !waiting.is_empty() {
        said.push(format!("not yet: {}", waiting.join(", ")));
    }
    let first_value = json!({
        "day": day.to_string(),
        "censored": parity.first.is_censored,
        "stage_unknown": parity.first.is_unstated,
        "by": parity.by,
    });
    vec![
        Cell::of(model),
        Cell::of(&first).with_value(first_value),
        Cell::of(&said.join(" · ")).with_value(Json::Object(values)),
    ]
}

fn lag_value(lag: Lag) -> Json {
    match lag {
        Lag::Exact(days) => json!({"days": days, "is": "exact"}),
        Lag::AtLeast(days) => json!({"days": days, "is": "at_least"}),
        Lag::AtMost(days) => json!({"days": days, "is": "at_most"}),
        Lag::Unknown => json!({"days": null, "is": "unknown"}),
        Lag::Waiting { days, at_least } => {
            json!({"days": days, "is": if at_least { "waiting_at_least" } else { "waiting" }})
        }
    }
}

fn dots(found: &[(&str, &BTreeMap<String, Course>, Parity)]) -> Option<Figure> {
    let is_drawn = |lag: &Lag| !matches!(lag, Lag::Unknown);
    let shown: Vec<_> = found
        .iter()
        .filter(|(_, _, parity)| !parity.first.is_censored && parity.lags.values().any(is_drawn))
        .take(ROWS)
        .collect();
    if shown.is_empty() {
        return None;
    }
    let of = |lag: &Lag| match lag {
        Lag::Exact(days) => chart::Parity::Days(*days as f64),
        Lag::AtLeast(_) | Lag::AtMost(_) | Lag::Unknown => chart::Parity::BeforeWatching,
        Lag::Waiting { days, .. } => chart::Parity::NotYet(Some(*days as f64)),
    };
    let rows: Vec<chart::LagRow> = shown
        .iter()
        .map(|(model, _, parity)| chart::LagRow {
            name: bare(model).to_string(),
            providers: parity
                .lags
                .iter()
                .map(|(provider, lag)| (provider.clone(), of(lag)))
                .collect(),
        })
        .collect();
    Some(Figure {
        key: "parity-lag",
        data: json!({ "models": shown.iter().map(|(model, _, _)| *model).collect::<Vec<_>>() }),
        chart: Chart {
            title: "Days until other providers offered it".to_string(),
            unit: "days after the first offering anywhere".to_string(),
            n: rows.len() as u64,
            counted: "models".to_string(),
            source: SOURCE.to_string(),
            body: Body::Lag(chart::Lag { rows }),
        },
        caption: String::new(),
    })
}
