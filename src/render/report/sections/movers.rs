//! Which models came where, and which went: a line a model, whatever spellings and regions it has.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::landscape::indicator::{Move, Way};
use crate::render::line::{counted, one_line};
use crate::render::report::Report;
use crate::render::report::block::{Block, Bound, Cell, Column, Line, Lines, Table, Tone};
use crate::render::report::landscape::Landscape;

/// Models that people are shown.
const SHOWN: usize = 25;
/// Names of what a registry has tidied up.
const NAMED: usize = 6;

/// What came and went at the word of whom it concerns, and below it what registries have only tidied up.
pub fn movers(report: &Report, landscape: &Landscape) -> Vec<Block> {
    let moves = landscape.moves();
    let (upkeep, real): (Vec<&Move>, Vec<&Move>) = moves.iter().partition(|one| one.is_upkeep);
    vec![
        Block::Table(table(report, landscape, &real)),
        Block::Lines(tidied(&upkeep, report.listing("changes"))),
    ]
}

/// How many models came somewhere, or went, at the word of whom it concerns.
pub fn moved(landscape: &Landscape, way: Way) -> usize {
    let moves = landscape.moves();
    let real = moves.iter().filter(|one| !one.is_upkeep && one.way == way);
    let models: BTreeSet<&str> = real.map(|one| one.model.as_str()).collect();
    models.len()
}

fn table(report: &Report, landscape: &Landscape, moves: &[&Move]) -> Table {
    let mut models: BTreeMap<&str, [Vec<&Move>; 2]> = BTreeMap::new();
    for one in moves {
        let [came, went] = models.entry(&one.model).or_default();
        match one.way {
            Way::Added => came.push(one),
            Way::Removed => went.push(one),
        }
    }
    let chosen = landscape.chosen();
    let place = |model: &str| chosen.iter().position(|(chosen, _)| *chosen == model);
    let mut sorted: Vec<(&str, [Vec<&Move>; 2])> = models.into_iter().collect();
    sorted.sort_by_key(|(model, [came, went])| {
        (
            Reverse(landscape.watched.contains(*model)),
            place(model).unwrap_or(usize::MAX),
            Reverse(came.len() + went.len()),
        )
    });
    let rows = sorted.into_iter().map(|(model, [came, went])| {
        let tone = match landscape.watched.contains(model) && !went.is_empty() {
            true => Tone::Bad,
            false => Tone::Plain,
        };
        vec![
            Cell::of(model),
            places(&came),
            places(&went).with_tone(tone),
        ]
    });
    Table {
        key: "models",
        title: None,
        columns: vec![
            Column::name("model", "model"),
            Column::text("came_to", "came to"),
            Column::text("went_from", "gone from"),
        ],
        rows: rows.collect(),
        bound: Bound {
            limit: SHOWN,
            more: report.listing("changes"),
        },
        note: Some(format!(
            "Days are those of UTC, from {} to {}.",
            landscape.first, landscape.last
        )),
    }
}

fn places(moves: &[&Move]) -> Cell {
    let said = moves.iter().map(|one| {
        let provider = one_line(&one.provider, 30);
        format!("{provider} {}", one.day.strftime("%-d %b"))
    });
    let said: Vec<String> = said.collect();
    let value = moves
        .iter()
        .map(|one| json!({"provider": one.provider, "day": one.day.to_string()}));
    Cell::of(&said.join(", ")).with_value(Json::Array(value.collect()))
}

/// What only says something of a registry, by provider.
fn tidied(moves: &[&Move], more: String) -> Lines {
    let mut by_provider: BTreeMap<(&str, Way), Vec<&str>> = BTreeMap::new();
    for one in moves {
        let models = by_provider.entry((&one.provider, one.way)).or_default();
        models.push(&one.model);
    }
    let lines = by_provider.into_iter().map(|((provider, way), models)| {
        let provider = one_line(provider, 30);
        let n = counted(models.len(), "model");
        let named = models.iter().take(NAMED);
        let mut names: Vec<String> = named.map(|model| one_line(model, 60)).collect();
        if models.len() > NAMED {
            names.push(format!("{} more", models.len() - NAMED));
        }
        let names = names.join(", ");
        Line::of(&match way {
            Way::Added => {
                format!("{provider}: a registry lists {n} again or late: {names}.")
            }
            Way::Removed => format!(
                "{provider}: a registry lists {n} no more, without a stated end or before it: {names}."
            ),
        })
    });
    Lines {
        lines: lines.collect(),
        bound: Bound { limit: 12, more },
        tone: Tone::Quiet,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_a_registry_tidies_up_is_not_said_to_be_new_or_endless() {
        let of = |way| Move {
            day: date(2026, 11, 10),
            provider: "azure".to_string(),
            model: "openai/gpt-5".to_string(),
            way,
            is_upkeep: true,
        };
        let (added, removed) = (of(Way::Added), of(Way::Removed));
        let lines = tidied(&[&added, &removed], String::new()).lines;
        let said: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let expected = [
            "azure: a registry lists 1 model again or late: openai/gpt-5.",
            "azure: a registry lists 1 model no more, without a stated end or before it: openai/gpt-5.",
        ];
        assert_eq!(said, expected);
    }
}
