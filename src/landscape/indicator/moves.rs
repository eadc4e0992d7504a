//! Which models come to a provider, and which go.

use jiff::ToSpan;
use jiff::civil::Date;

use super::days_between;
use crate::landscape::history::{History, Presence};
use crate::market::{Authority, Stage, day_start};

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

/// A model that a registry lists so many days after it came out was missing in the registry.
const CATCHES_UP: i64 = 60;

/// What came and went from one day to another, both included, in order. What only the first
/// readings of sources tell did not come then.
pub fn moves(history: &History, from: Date, to: Date) -> Vec<Move> {
    let mut moves: Vec<Move> = Vec::new();
    for (model, courses) in history.models() {
        for (provider, course) in courses {
            let mut before: Option<&Presence> = None;
            for (day, now) in course.steps() {
                let was_there = before.is_some_and(Presence::is_there);
                let is_there = now.is_some_and(Presence::is_there);
                let way = match (was_there, is_there) {
                    (false, true) => Way::Added,
                    (true, false) => Way::Removed,
                    _ => {
                        before = now;
                        continue;
                    }
                };
                let is_seen = way == Way::Removed || now.is_some_and(Presence::is_seen_there);
                if (from..=to).contains(&day) && is_seen {
                    moves.push(Move {
                        day,
                        provider: provider.clone(),
                        model: model.to_string(),
                        way,
                        is_upkeep: is_upkeep(day, before, now),
                    });
                }
                before = now;
            }
        }
    }
    moves.sort_by(|one, next| {
        let key = |of: &Move| (of.day, of.way);
        key(one)
            .cmp(&key(next))
            .then_with(|| one.provider.cmp(&next.provider))
            .then_with(|| one.model.cmp(&next.model))
    });
    moves
}

fn is_upkeep(day: Date, before: Option<&Presence>, now: Option<&Presence>) -> bool {
    let told = now.or(before);
    if told.is_none_or(|told| told.authority > Authority::Registry) {
        return false;
    }
    match now {
        // its last day is over
        Some(now) if now.cell.stage == Stage::Retired => false,
        Some(now) => now
            .launched
            .is_some_and(|launched| days_between(launched, day) > CATCHES_UP),
        // a day before which nothing ended is as good a reason to list it no more as a committed one
        None => {
            let last = before.and_then(|before| before.cell.retires);
            !last.is_some_and(|last| last.ends() <= day_start(day.saturating_add(1.day())))
        }
    }
}
