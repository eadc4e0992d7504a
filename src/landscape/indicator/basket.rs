//! What a basket of models costs, as an index that starts at 100.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::landscape::history::{Course, History};
use crate::landscape::reference::{Basket, Reference};

/// An index over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    /// From the day on which each value begins until the next does, in order.
    steps: Vec<Level>,
}

/// What an index is from a day on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// The first day.
    pub day: Date,
    /// 100 on the first day of the index.
    pub value: f64,
    /// So many models of the basket have a price.
    pub priced: usize,
    /// So many models the basket has.
    pub of: usize,
    /// Whether another basket took over on this day.
    pub is_chained: bool,
}

impl Index {
    /// What it was on a day; `None` before it begins, and while no model of the basket has a price.
    pub fn at(&self, day: Date) -> Option<Level> {
        let after = self.steps.partition_point(|step| step.day <= day);
        let level = self.steps.get(after.checked_sub(1)?)?;
        (level.priced > 0).then_some(*level)
    }

    /// Every day on which it became otherwise.
    pub fn levels(&self) -> &[Level] {
        &self.steps
    }
}

/// The index of the whole market, at the lowest price that anybody who is no reseller asks, and of each provider.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Baskets {
    /// At the lowest price of any provider.
    pub market: Index,
    /// By provider; those that never sold a model of the basket have none.
    pub providers: BTreeMap<String, Index>,
}

impl Baskets {
    /// Follows all prices from the first day of the history to `until`.
    pub fn new(history: &History, reference: &Reference, until: Date) -> Self {
        let models: BTreeSet<&str> = reference
            .baskets
            .iter()
            .flat_map(|basket| basket.models.iter().map(String::as_str))
            .collect();
        let mut of_provider: BTreeMap<&str, BTreeMap<&str, Vec<&Course>>> = BTreeMap::new();
        let mut of_market: BTreeMap<&str, Vec<&Course>> = BTreeMap::new();
        for model in models {
            for (provider, course) in history.model(model).into_iter().flatten() {
                let own = of_provider.entry(provider).or_default();
                own.entry(model).or_default().push(course);
                if !history.resells(provider) {
                    of_market.entry(model).or_default().push(course);
                }
            }
        }
        let providers = of_provider.into_iter().filter_map(|(provider, courses)| {
            let index = index(&courses, reference, until);
            (!index.steps.is_empty()).then(|| (provider.to_string(), index))
        });
        Self {
            market: index(&of_market, reference, until),
            providers: providers.collect(),
        }
    }
}

/// The index over the lowest price of each model among some courses.
fn index(courses: &BTreeMap<&str, Vec<&Course>>, reference: &Reference, until: Date) -> Index {
    let changes = courses.values().flatten().flat_map(|course| course.steps());
    let mut days: BTreeSet<Date> = changes.map(|(day, _)| day).collect();
    days.extend(reference.baskets.iter().map(|basket| basket.from));
    let mut index = Index::default();
    let mut chain = Chain::default();
    for day in days.into_iter().filter(|day| *day <= until) {
        let Some(basket) = reference.basket(day) else {
            continue;
        };
        let prices: BTreeMap<&str, Decimal> = basket
            .models
            .iter()
            .filter_map(|model| {
                let courses = courses.get(model.as_str())?;
                let prices = courses.iter().filter_map(|course| course.at(day)?.blended);
                Some((model.as_str(), prices.min()?))
            })
            .collect();
        let is_chained = chain.follow(basket, &prices);
        let level = Level {
            day,
            value: chain.value(),
            priced: prices.len(),
            of: basket.models.len(),
            is_chained,
        };
        let last = index.steps.last();
        if last.is_none() && prices.is_empty() {
            continue;
        }
        let is_new = last.is_none_or(|last| {
            is_chained || last.value != level.value || last.priced != level.priced
        });
        if is_new {
            index.steps.push(level);
        }
    }
    index
}

/// An index with what it was counted from last.
#[derive(Debug, Default)]
struct Chain<'a> {
    /// The natural logarithm of the index, 0 at its start.
    log: f64,
    basket: Option<Date>,
    /// The last known price of every model of the basket.
    last: BTreeMap<&'a str, Decimal>,
}

impl<'a> Chain<'a> {
    /// Goes on to the prices of a day: the mean of the logarithms of what became of the last known price of those models that
    /// have both, so that one whose first price this is weighs nothing yet. Whether another basket took over.
    fn follow(&mut self, basket: &Basket, prices: &BTreeMap<&'a str, Decimal>) -> bool {
        let before = self.basket.replace(basket.from);
        let is_chained = before.is_some_and(|before| before != basket.from);
        let moves: Vec<f64> = prices
            .iter()
            .filter_map(|(model, price)| {
                let ratio = price.checked_div(*self.last.get(model)?)?.to_f64()?;
                (ratio > 0.0).then(|| ratio.ln())
            })
            .collect();
        if !moves.is_empty() {
            self.log += moves.iter().sum::<f64>() / moves.len() as f64;
        }
        if is_chained {
            // what both baskets hold and has no price today is compared when it has one again
            self.last
                .retain(|model, _| basket.models.iter().any(|own| own == model));
        }
        self.last.extend(prices);
        is_chained
    }

    fn value(&self) -> f64 {
        // to a thousandth: what a price did and undid leaves nothing
        (self.log.exp() * 100_000.0).round() / 1_000.0
    }
}
