//! Who has which models, how soon, and what they cost: what indicators say.

mod arrivals;
mod basket;
mod providers;

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde_json::{Value as Json, json};

pub use arrivals::arrivals;
pub use basket::basket;

use crate::landscape::Course;
use crate::landscape::indicator::{self, Way};
use crate::render::chart::{self, Body, Chart};
use crate::render::line::one_line;
use crate::render::report::block::{Block, Bound, Cell, Column, Figure, Section, Table};
use crate::render::report::landscape::Landscape;
use crate::render::{shifted_line, shifted_title};

/// Where the figures of these sections are from.
const SOURCE: &str = "recorded facts; docs/indicators.md";
/// Providers that stand beside each other.
const COLUMNS: usize = 14;
/// Rows that people are shown.
const ROWS: usize = 16;

/// How the landscape shifted.
pub fn shifted(landscape: &Landscape) -> Option<Section> {
    let rows = landscape.shifts.iter().map(|shifted| {
        let day = Cell::of(&shifted.day.strftime("%a\u{a0}%-d\u{a0}%b").to_string());
        let title = Cell::of(&shifted_title(&shifted.shift));
        vec![
            title.with_detail(&shifted_line(&shifted.shift)),
            day.with_value(shifted.day.to_string()),
        ]
    });
    let table = Table {
        key: "shifts",
        title: None,
        columns: vec![Column::name("shift", "shift"), Column::text("day", "day")],
        rows: rows.collect(),
        bound: Bound {
            limit: ROWS,
            more: "bellwether indicators --shifts".to_string(),
        },
        note: None,
    };
    Section::of("shifts", "What shifted", [Block::Table(table)])
}

/// Models × providers, and what each provider has.
pub fn landscape(landscape: &Landscape) -> Option<Section> {
    let blocks = [
        matrix(landscape).map(Block::Figure),
        Some(Block::Table(providers::providers(landscape))),
        moves(landscape).map(Block::Figure),
    ];
    Section::of("landscape", "The landscape", blocks.into_iter().flatten())
}

fn matrix(landscape: &Landscape) -> Option<Figure> {
    let chosen = landscape.chosen();
    let columns = landscape.sellers(chosen.iter().map(|(_, courses)| *courses), COLUMNS);
    if chosen.is_empty() || columns.is_empty() {
        return None;
    }
    let cell = |courses: &BTreeMap<String, Course>, provider: &str| {
        let presence = courses
            .get(provider)
            .and_then(|course| course.at(landscape.last));
        match presence {
            Some(presence) => chart::Cell::Stage(presence.cell.stage),
            None => chart::Cell::NotOffered,
        }
    };
    let sold = chosen.iter().map(|(_, courses)| *courses);
    let others = landscape.sellers(sold, usize::MAX);
    let others: Vec<&str> = others.into_iter().skip(columns.len()).collect();
    let rows = chosen.iter().map(|(model, courses)| chart::MatrixRow {
        name: bare(model).to_string(),
        cells: columns
            .iter()
            .map(|provider| cell(courses, provider))
            .collect(),
    });
    let data: serde_json::Map<String, Json> = chosen
        .iter()
        .map(|(model, courses)| {
            let stages: serde_json::Map<String, Json> = courses
                .iter()
                .filter_map(|(provider, course)| {
                    let presence = course.at(landscape.last)?;
                    Some((provider.clone(), presence.cell.stage.word().into()))
                })
                .collect();
            ((*model).to_string(), Json::Object(stages))
        })
        .collect();
    let matrix = chart::Matrix {
        columns: columns.iter().map(ToString::to_string).collect(),
        rows: rows.collect(),
    };
    Some(Figure {
        key: "landscape",
        chart: Chart {
            title: format!(
                "Who offers what on {}",
                landscape.last.strftime("%-d %B %Y")
            ),
            unit: String::new(),
            n: data.len() as u64,
            counted: "models: watched, flagships, basket, new".to_string(),
            source: SOURCE.to_string(),
            body: Body::Matrix(matrix),
        },
        data: Json::Object(data),
        caption: match others.as_slice() {
            [] => String::new(),
            others => format!("Not shown: {}.", one_line(&others.join(", "), 200)),
        },
    })
}

/// Additions and removals, week by week.
fn moves(landscape: &Landscape) -> Option<Figure> {
    const WEEKS: i64 = 13;
    let from = landscape.last.saturating_sub((WEEKS * 7 - 1).days());
    let all = indicator::moves(&landscape.history, from, landscape.last);
    if all.is_empty() {
        return None;
    }
    let weeks = usize::try_from(WEEKS).unwrap_or(1);
    let mut counts = [vec![0_u32; weeks], vec![0; weeks]];
    for one in &all {
        let days = from
            .until((jiff::Unit::Day, one.day))
            .map_or(0, |span| span.get_days());
        let week = usize::try_from(days / 7).unwrap_or(0);
        let [added, removed] = &mut counts;
        let bars = match one.way {
            Way::Added => added,
            Way::Removed => removed,
        };
        if let Some(bar) = bars.get_mut(week) {
            *bar = bar.saturating_add(1);
        }
    }
    let [added, removed] = counts;
    let data =
        json!({"from": from.to_string(), "days_per_bar": 7, "added": added, "removed": removed});
    let part = |name: &str, ink, is_below, counts| chart::Part {
        name: name.to_string(),
        ink,
        is_below,
        counts,
    };
    let body = Body::Changes(chart::Changes {
        from,
        days_per_bar: 7,
        bars: weeks,
        parts: vec![
            part("added", chart::Ink::Green, false, added),
            part("removed", chart::Ink::Vermilion, true, removed),
        ],
    });
    Some(Figure {
        key: "additions-and-removals",
        chart: Chart {
            title: "Models added and removed, by week".to_string(),
            unit: "models at providers".to_string(),
            n: all.len() as u64,
            counted: "additions and removals".to_string(),
            source: SOURCE.to_string(),
            body,
        },
        data,
        caption: String::new(),
    })
}

/// The name without the lab.
fn bare(model: &str) -> &str {
    model.split_once('/').map_or(model, |(_, bare)| bare)
}
