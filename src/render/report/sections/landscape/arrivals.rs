//! How soon models come to providers.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::{COLUMNS, ROWS, SOURCE, bare};
use crate::landscape::Course;
use crate::landscape::indicator::{Lag, Parity, days_between, parity};
use crate::render::chart::{self, Body, Chart};
use crate::render::line::one_line;
use crate::render::report::block::{Block, Bound, Cell, Column, Figure, Section, Table};
use crate::render::report::landscape::Landscape;

/// A model's way to its providers.
struct Arrival<'a> {
    model: &'a str,
    parity: Parity,
    /// Who does not offer it yet.
    waiting: Vec<&'a str>,
}

/// How soon models come to providers.
pub fn arrivals(landscape: &Landscape) -> Option<Section> {
    let found = found(landscape);
    let table = Table {
        key: "parity",
        title: None,
        columns: vec![
            Column::name("model", "model"),
            Column::text("first", "first offered"),
            Column::text("lags", "then"),
        ],
        rows: found.iter().map(row).collect(),
        bound: Bound {
            limit: ROWS,
            more: "bellwether compare MODEL".to_string(),
        },
        note: Some("In days after the first offering anywhere; announced, preview and limited are no offering. ≥: it was offered somewhere, and it is not known since when. ≤: it is not known since when it is offered there.".to_string()),
    };
    let figure = dots(&found, landscape.last).map(Block::Figure);
    Section::of(
        "parity",
        "How soon models arrive",
        figure.into_iter().chain([Block::Table(table)]),
    )
}

fn found(landscape: &Landscape) -> Vec<Arrival<'_>> {
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
    // a lab's own interface offers no other lab's models
    let mut clouds = landscape.sellers(found.iter().map(|(_, courses, _)| *courses), COLUMNS);
    clouds.retain(|provider| landscape.history.is_cloud(provider));
    let found = found.into_iter();
    let arrivals = found.map(|(model, courses, parity)| Arrival {
        model,
        waiting: waiting(courses, &parity, &clouds, landscape.last),
        parity,
    });
    arrivals.collect()
}

/// Who does not offer a model yet: those that have it at an earlier stage, and clouds that do not have it. What is retired there
/// is not to come.
fn waiting<'a>(
    courses: &'a BTreeMap<String, Course>,
    parity: &Parity,
    clouds: &[&'a str],
    day: Date,
) -> Vec<&'a str> {
    let is_there = |provider: &str| {
        let course = courses.get(provider);
        course.is_some_and(|course| course.at(day).is_some())
    };
    let mut waiting: Vec<&str> = clouds
        .iter()
        .copied()
        .filter(|cloud| !parity.lags.contains_key(*cloud) && !is_there(cloud))
        .chain(
            courses
                .keys()
                .map(String::as_str)
                .filter(|provider| matches!(parity.lags.get(*provider), Some(Lag::Waiting { .. }))),
        )
        .collect();
    waiting.sort_unstable();
    waiting
}

fn row(arrival: &Arrival<'_>) -> Vec<Cell> {
    let parity = &arrival.parity;
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
    let waiting = arrival.waiting.iter();
    let waiting: Vec<String> = waiting.map(|provider| one_line(provider, 30)).collect();
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
        Cell::of(arrival.model),
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

fn dots(found: &[Arrival<'_>], day: Date) -> Option<Figure> {
    let is_drawn = |lag: &Lag| !matches!(lag, Lag::Unknown);
    let shown = found.iter().filter(|arrival| {
        let parity = &arrival.parity;
        !parity.first.is_censored && parity.lags.values().any(is_drawn)
    });
    let shown: Vec<&Arrival<'_>> = shown.take(ROWS).collect();
    if shown.is_empty() {
        return None;
    }
    let rows: Vec<chart::LagRow> = shown.iter().map(|arrival| dots_of(arrival, day)).collect();
    let models: Vec<&str> = shown.iter().map(|arrival| arrival.model).collect();
    Some(Figure {
        key: "parity-lag",
        data: json!({ "models": models }),
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

fn dots_of(arrival: &Arrival<'_>, day: Date) -> chart::LagRow {
    let parity = &arrival.parity;
    let offered = parity.lags.iter().filter_map(|(provider, lag)| {
        let lag = match lag {
            Lag::Exact(days) => chart::Parity::Days(*days as f64),
            Lag::AtLeast(_) | Lag::AtMost(_) | Lag::Unknown => chart::Parity::SinceUnknown,
            Lag::Waiting { .. } => return None,
        };
        Some((provider.clone(), lag))
    });
    let so_far = days_between(parity.first.day, day) as f64;
    let waiting = arrival.waiting.iter();
    let waiting =
        waiting.map(|provider| ((*provider).to_string(), chart::Parity::NotYet(Some(so_far))));
    chart::LagRow {
        name: bare(arrival.model).to_string(),
        providers: offered.chain(waiting).collect(),
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::landscape::example::{day, history};

    #[test]
    fn chart_and_table_wait_for_the_same() {
        let history = history(&[
            "0.. api openai unknown-a",
            "0.. api azure unknown-b",
            "0.. api bedrock unknown-c",
            "0.. page vertex gpt-5-2025-08-07",
            "0.. page vertex gpt-5-2025-08-07 stage \"retired\"",
            "3.. api openai gpt-5-2025-08-07",
            "5.. page azure gpt-5-2025-08-07",
            "3.. api azure claude-opus-4-1-20250805",
            "5.. api bedrock claude-opus-4-1-20250805",
            "5.. page vertex claude-opus-4-1-20250805",
        ]);
        let last = day(9);
        let watched = ["openai/gpt-5", "anthropic/claude-opus-4.1"];
        let names = watched.map(str::to_string).into_iter().collect();
        let landscape = Landscape::new(history, names, (day(3), last), Vec::new());
        let found = found(&landscape);
        let arrival = found.iter().find(|arrival| arrival.model == watched[0]);
        let arrival = arrival.expect("the model");
        // bedrock sells the other model; at vertex it is retired
        assert_eq!(arrival.waiting, ["bedrock"]);
        let cells = row(arrival);
        assert_eq!(cells[2].text, "azure ≤2 · not yet: bedrock");
        let drawn = dots_of(arrival, last).providers;
        let drawn: Vec<(&str, chart::Parity)> = drawn
            .iter()
            .map(|(name, parity)| (name.as_str(), *parity))
            .collect();
        let expected = [
            ("azure", chart::Parity::SinceUnknown),
            ("openai", chart::Parity::Days(0.0)),
            ("bedrock", chart::Parity::NotYet(Some(6.0))),
        ];
        assert_eq!(drawn, expected);
    }
}
