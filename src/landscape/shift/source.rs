//! A model that could be had at two providers can be had at one only.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Ground, Shift, Shifted};
use crate::landscape::indicator::{Lines, Way, moves, sources};

pub(super) fn shifts(ground: &Ground<'_>, from: Date, to: Date) -> Vec<Shifted> {
    let history = ground.history;
    let lines = Lines::new(history, ground.reference);
    let mut found = Vec::new();
    // certain on the day after, if it is still gone then
    let yesterday = |day: Date| day.saturating_sub(1.day());
    for moved in moves(history, yesterday(from), yesterday(to)) {
        if moved.way != Way::Removed || moved.is_upkeep || history.resells(&moved.provider) {
            continue;
        }
        let day = moved.day.saturating_add(1.day());
        let Some(courses) = history.model(&moved.model) else {
            continue;
        };
        let on = |day: Date| sources(history, courses, day).providers;
        let (before, then, now) = (on(yesterday(moved.day)), on(moved.day), on(day));
        let [left] = now.as_slice() else {
            continue;
        };
        // where several ended at once the first stands for them
        let is_told = found
            .iter()
            .any(|told: &Shifted| told.day == day && told.shift.subject() == moved.model);
        if is_told
            || then != now
            || !before.contains(left)
            || !before.contains(&moved.provider)
            || !matters(ground, &lines, &moved.model, moved.day)
        {
            continue;
        }
        found.push(Shifted {
            day,
            shift: Shift::LastSource {
                model: moved.model.clone(),
                ended: moved.provider.clone(),
                left: left.clone(),
            },
        });
    }
    found
}

/// Whether a model is watched, stands for its lab, or is in the basket: that others end is the way of all models.
fn matters(ground: &Ground<'_>, lines: &Lines<'_>, model: &str, day: Date) -> bool {
    let yesterday = day.saturating_sub(1.day());
    let flagships = lines.flagships(ground.history, yesterday);
    let flagships: BTreeSet<&str> = flagships.iter().map(|of| of.model.as_str()).collect();
    let basket = ground.reference.basket(day);
    ground.watched.contains(model)
        || flagships.contains(model)
        || basket.is_some_and(|basket| basket.models.iter().any(|own| own == model))
}
