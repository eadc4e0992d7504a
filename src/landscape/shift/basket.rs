//! The price basket moves.

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{Ground, Shift, Shifted, days};

/// The index moves if it is so much higher or lower than a week before, on two days in a row.
const MOVES: f64 = 0.05;
const DAYS: i64 = 7;

pub(super) fn shifts(ground: &Ground<'_>, from: Date, to: Date) -> Vec<Shifted> {
    let mut all: Vec<Shifted> = Vec::new();
    // from the begin, whatever is asked for: what is told on a day depends on what was told in the week before
    let Some(first) = ground.history.first_day() else {
        return all;
    };
    let mut told: Option<Date> = None;
    for day in days(first, to) {
        let yesterday = day.saturating_sub(1.day());
        let (Some((before, now)), Some((_, eve))) = (moved(ground, day), moved(ground, yesterday))
        else {
            continue;
        };
        // the same way on both days, from where it was a week before today
        let held = is_far(before, now) && is_far(before, eve) && (now > before) == (eve > before);
        let is_told = told.is_some_and(|told| told.saturating_add(DAYS.days()) > day);
        if !held || is_told {
            continue;
        }
        told = Some(day);
        if day >= from {
            let shift = shift(ground, day, before, now);
            all.push(Shifted { day, shift });
        }
    }
    all
}

fn is_far(before: f64, now: f64) -> bool {
    (now / before - 1.0).abs() >= MOVES
}

/// The index a week before a day, and on it.
fn moved(ground: &Ground<'_>, day: Date) -> Option<(f64, f64)> {
    let market = &ground.baskets.market;
    let before = market.at(day.saturating_sub(DAYS.days()))?;
    Some((before.value, market.at(day)?.value))
}

fn shift(ground: &Ground<'_>, day: Date, before: f64, now: f64) -> Shift {
    let week_before = day.saturating_sub(DAYS.days());
    let basket = ground.reference.basket(day);
    let models = basket.map(|basket| basket.models.as_slice());
    let mut movers: Vec<(String, Decimal, Decimal)> = models
        .unwrap_or_default()
        .iter()
        .filter_map(|model| {
            let was = lowest(ground, model, week_before)?;
            let is = lowest(ground, model, day)?;
            (was != is).then(|| (model.clone(), was, is))
        })
        .collect();
    let weight = |was: &Decimal, is: &Decimal| {
        let ratio = is.checked_div(*was).and_then(|ratio| ratio.to_f64());
        ratio.map_or(0.0, |ratio| ratio.ln().abs())
    };
    movers.sort_by(|(_, was, is), (_, other_was, other_is)| {
        weight(other_was, other_is).total_cmp(&weight(was, is))
    });
    Shift::Basket {
        before,
        now,
        movers,
        priced: ground
            .baskets
            .market
            .at(day)
            .map_or(0, |level| level.priced),
    }
}

/// The lowest price that anybody who is no reseller asks.
fn lowest(ground: &Ground<'_>, model: &str, day: Date) -> Option<Decimal> {
    let courses = ground.history.model(model)?.iter();
    courses
        .filter(|(provider, _)| !ground.history.resells(provider))
        .filter_map(|(_, course)| course.at(day)?.blended)
        .min()
}
