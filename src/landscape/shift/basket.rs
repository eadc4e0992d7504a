//! The price basket moves.

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{Ground, Shift, Shifted, days};
use crate::landscape::indicator::moves_of_records;

/// The index moves if it is so much higher or lower than a week before, on two days in a row.
const MOVES: f64 = 0.05;
const DAYS: i64 = 7;

pub(super) fn shifts(ground: &Ground<'_>, from: Date, to: Date) -> Vec<Shifted> {
    let mut all: Vec<Shifted> = Vec::new();
    // from the begin, whatever is asked for: what is told on a day depends on what was told in the week before
    let Some(first) = ground.history.first_day() else {
        return all;
    };
    let market = &ground.baskets.market;
    let mut told: Option<Date> = None;
    for day in days(first, to) {
        let level = |back: i64| market.at(day.saturating_sub(back.days()));
        let (Some(before), Some(eve), Some(now)) = (level(DAYS), level(1), level(0)) else {
            continue;
        };
        let (before, eve, now) = (before.value, eve.value, now.value);
        // the same way on both days, from where it was a week before today
        let held = is_far(before, now) && is_far(before, eve) && (now > before) == (eve > before);
        let is_told = told.is_some_and(|told| told.saturating_add(DAYS.days()) > day);
        if is_told || !held || !is_of_market(ground, day, now > before) {
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

/// Whether the models of the basket became so much dearer or cheaper in a week without what came and went in the records alone:
/// what that is about is left as it was a week before.
fn is_of_market(ground: &Ground<'_>, day: Date, is_up: bool) -> bool {
    let week_before = day.saturating_sub(DAYS.days());
    let moved = moves_of_records(ground.history, week_before.saturating_add(1.day()), day);
    let is_late = |provider: &str| {
        let mut days = days(week_before.saturating_add(1.day()), day);
        days.any(|day| ground.history.is_late(provider, day))
    };
    let is_recorded = |provider: &str, model: &str| {
        let mut moved = moved.iter();
        is_late(provider) || moved.any(|moved| moved.provider == provider && moved.model == model)
    };
    let basket = ground.reference.basket(day);
    let models = basket.iter().flat_map(|basket| &basket.models);
    let logs: Vec<f64> = models
        .filter_map(|model| {
            let was = lowest(ground, model, |_| week_before)?;
            let is = lowest(ground, model, |provider| {
                match is_recorded(provider, model) {
                    true => week_before,
                    false => day,
                }
            })?;
            Some(is.checked_div(was)?.to_f64()?.ln())
        })
        .collect();
    if logs.is_empty() {
        return false;
    }
    let ratio = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
    is_far(1.0, ratio) && (ratio > 1.0) == is_up
}

fn is_far(before: f64, now: f64) -> bool {
    (now / before - 1.0).abs() >= MOVES
}

fn shift(ground: &Ground<'_>, day: Date, before: f64, now: f64) -> Shift {
    let week_before = day.saturating_sub(DAYS.days());
    let basket = ground.reference.basket(day);
    let models = basket.map(|basket| basket.models.as_slice());
    let mut movers: Vec<(String, Decimal, Decimal)> = models
        .unwrap_or_default()
        .iter()
        .filter_map(|model| {
            let was = lowest(ground, model, |_| week_before)?;
            let is = lowest(ground, model, |_| day)?;
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

/// The lowest price that anybody who is no reseller asks, each on a day of its own.
fn lowest(ground: &Ground<'_>, model: &str, on: impl Fn(&str) -> Date) -> Option<Decimal> {
    let courses = ground.history.model(model)?.iter();
    courses
        .filter(|(provider, _)| !ground.history.resells(provider))
        .filter_map(|(provider, course)| course.at(on(provider))?.blended)
        .min()
}
