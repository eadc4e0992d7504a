//! Which models come to a provider, and which go.

#[cfg(test)]
mod tests;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::landscape::history::{History, Presence};
use crate::market::{Authority, day_start};

/// What a model did at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// It can be called there, and could not be on the day before.
    Added,
    /// It can be called there no more.
    Removed,
}

/// A model that came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// On which day.
    pub day: Date,
    /// At which provider.
    pub provider: String,
    /// Which model.
    pub model: String,
    /// What it did.
    pub way: Way,
    /// Whether only a registry tells it, and it says more of the registry than of the market: a model that came out long before,
    /// or one that is listed no more though nobody said that it ends.
    pub is_upkeep: bool,
}

/// What came and went from one day to another, both included, in order. What only the first readings of sources tell did not
/// come then.
pub fn moves(history: &History, from: Date, to: Date) -> Vec<Move> {
    let all = transitions(history, from, to).into_iter();
    let seen = all.filter(|(_, is_seen)| *is_seen);
    seen.map(|(moved, _)| moved).collect()
}

/// What came and went in the records alone: by the upkeep of registries, and by the first readings of sources.
pub fn moves_of_records(history: &History, from: Date, to: Date) -> Vec<Move> {
    let all = transitions(history, from, to).into_iter();
    let recorded = all.filter(|(moved, is_seen)| moved.is_upkeep || !is_seen);
    recorded.map(|(moved, _)| moved).collect()
}

/// Everything that is there on a day and was not on the day before, or the other way round, with whether more than the first
/// readings of sources tell it.
fn transitions(history: &History, from: Date, to: Date) -> Vec<(Move, bool)> {
    let mut found: Vec<(Move, bool)> = Vec::new();
    for (model, courses) in history.models() {
        for (provider, course) in courses {
            let mut before: Option<&Presence> = None;
            let mut was_ever = false;
            for (day, now) in course.steps() {
                let was_there = before.is_some_and(Presence::is_there);
                let is_there = now.is_some_and(Presence::is_there);
                let way = match (was_there, is_there) {
                    (false, true) => Some(Way::Added),
                    (true, false) => Some(Way::Removed),
                    _ => None,
                };
                if let Some(way) = way.filter(|_| (from..=to).contains(&day)) {
                    let is_seen = way == Way::Removed || now.is_some_and(Presence::is_seen_there);
                    let moved = Move {
                        day,
                        provider: provider.clone(),
                        model: model.to_string(),
                        way,
                        is_upkeep: is_upkeep(day, way, before, now, was_ever),
                    };
                    found.push((moved, is_seen));
                }
                was_ever |= is_there;
                before = now;
            }
        }
    }
    found.sort_by(|(one, _), (next, _)| {
        let key = |of: &Move| (of.day, of.way);
        key(one)
            .cmp(&key(next))
            .then_with(|| one.provider.cmp(&next.provider))
            .then_with(|| one.model.cmp(&next.model))
    });
    found
}

fn is_upkeep(
    day: Date,
    way: Way,
    before: Option<&Presence>,
    now: Option<&Presence>,
    was_ever: bool,
) -> bool {
    let told = now.or(before);
    if told.is_none_or(|told| told.authority > Authority::Registry) {
        return false;
    }
    match (way, now) {
        (Way::Added, now) => was_ever || now.is_some_and(|now| now.is_listed_late(day)),
        // its last day is over, or it is announced anew
        (Way::Removed, Some(_)) => false,
        // a day before which nothing ended is as good a reason to list it no more as a committed one
        (Way::Removed, None) => {
            let last = before.and_then(|before| before.cell.retires);
            last.is_none_or(|last| last.ends() > day_start(day.saturating_add(1.day())))
        }
    }
}
