//! Far more models come or go in a week than a provider is used to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Ground, Shift, Shifted, days};
use crate::landscape::indicator::{Move, Way, median, moves};

/// How many weeks before are compared with.
const WEEKS: i64 = 12;
/// So many of them have to have been watched.
const ENOUGH: usize = 6;
/// Fewer than so many models are no burst.
const FEWEST: usize = 5;
/// How far outside: in deviations of a normal distribution that has the weeks' median absolute deviation.
const FAR: f64 = 4.0;
const DEVIATIONS: f64 = 1.4826;

pub(super) fn shifts(ground: &Ground<'_>, from: Date, to: Date) -> Vec<Shifted> {
    // from the begin, whatever is asked for: what is told on a day depends on what was told in the week before
    let Some(first) = ground.history.first_day() else {
        return Vec::new();
    };
    let mut by_source: BTreeMap<(&str, Way), Vec<&Move>> = BTreeMap::new();
    let all = moves(ground.history, first, to);
    let in_time = |moved: &&Move| !ground.history.is_late(&moved.provider, moved.day);
    for moved in all.iter().filter(|moved| !moved.is_upkeep).filter(in_time) {
        let of_provider = by_source.entry((&moved.provider, moved.way)).or_default();
        of_provider.push(moved);
    }
    let mut found = Vec::new();
    for ((provider, way), moves) in by_source {
        let Some(begin) = ground.history.begins(provider) else {
            continue;
        };
        let mut told: Option<Date> = None;
        for day in days(begin, to) {
            let is_told = told.is_some_and(|told| told.saturating_add(7.days()) > day);
            if is_told {
                continue;
            }
            let Some((models, usual, limit)) = burst(&moves, begin, day) else {
                continue;
            };
            told = Some(day);
            if day >= from {
                let shift = Shift::Burst {
                    provider: provider.to_string(),
                    way,
                    models,
                    usual,
                    limit,
                };
                found.push(Shifted { day, shift });
            }
        }
    }
    found
}

/// The models of the week that ends with a day, if they are far more than in the weeks before.
fn burst(moves: &[&Move], begin: Date, day: Date) -> Option<(Vec<String>, f64, f64)> {
    let week = |back: i64| {
        let last = day.saturating_sub((back * 7).days());
        let first = last.saturating_sub(6.days());
        let models: BTreeSet<&str> = moves
            .iter()
            .filter(|moved| (first..=last).contains(&moved.day))
            .map(|moved| moved.model.as_str())
            .collect();
        (first, models)
    };
    let (_, now) = week(0);
    if now.len() < FEWEST {
        return None;
    }
    let mut before: Vec<f64> = (1..=WEEKS)
        .map(week)
        // the first reading lists what there was, and tells of no coming
        .filter(|(first, _)| *first > begin)
        .map(|(_, models)| models.len() as f64)
        .collect();
    if before.len() < ENOUGH {
        return None;
    }
    let usual = median(&mut before)?;
    let mut deviations: Vec<f64> = before.iter().map(|n| (n - usual).abs()).collect();
    let deviation = median(&mut deviations)?;
    let limit = usual + (FAR * DEVIATIONS * deviation).max(FEWEST as f64 - 1.0);
    (now.len() as f64 > limit).then(|| {
        let models = now.into_iter().map(ToString::to_string).collect();
        (models, usual, limit)
    })
}
