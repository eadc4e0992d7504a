//! What prices were, and what one meter costs on every offering.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rust_decimal::prelude::ToPrimitive as _;

use crate::landscape::{Course, History};
use crate::market::{Attribute, Price, day_start};
use crate::render::chart::{Amount, Body, Chart, PriceSeries, PriceStep, Prices};
use crate::render::dollars;
use crate::store::{Error, OfferingFilter, Offerings, Questions};

/// The prices of which the course is kept day by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    /// Tokens read.
    Input,
    /// Tokens written.
    Output,
}

impl Paid {
    /// The meter's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }

    fn of(self, course: &Course) -> Vec<(Timestamp, Option<&Price>)> {
        let steps = course.steps().map(|(day, presence)| {
            let price = presence.and_then(|presence| match self {
                Self::Input => presence.cell.input.as_ref(),
                Self::Output => presence.cell.output.as_ref(),
            });
            (day_start(day), price)
        });
        let mut steps: Vec<_> = steps.collect();
        steps.dedup_by(|next, before| next.1 == before.1);
        steps
    }
}

/// What a model was and cost at every provider, day by day.
#[derive(Debug)]
pub struct Past {
    model: String,
    courses: BTreeMap<String, Course>,
    /// The sources that ever stated a price of it.
    sources: BTreeSet<String>,
    /// How often a price was stated.
    statements: usize,
}

impl Past {
    /// The past of one model.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(store: &impl Questions, model: &str, now: Timestamp) -> Result<Self, Error> {
        let filter = OfferingFilter {
            model: Some(model.to_string()),
            attributes: History::attributes(),
            ..OfferingFilter::default()
        };
        let spells = store.spells_of(&filter, now)?;
        let priced = spells.iter().filter(|spell| {
            let attribute = spell.fact.attribute.as_deref();
            matches!(attribute, Some(Attribute::Price(_)))
        });
        let sources = priced
            .clone()
            .map(|spell| spell.fact.source.probe.to_string());
        let history = History::new(&spells, BTreeMap::new(), now);
        Ok(Self {
            model: model.to_string(),
            courses: history.model(model).cloned().unwrap_or_default(),
            sources: sources.collect(),
            statements: priced.count(),
        })
    }

    /// The lowest believed price of tokens at each provider as a chart; `None` where none was ever known.
    pub fn chart(&self, paid: Paid, now: Timestamp) -> Option<Chart> {
        let series = self.courses.iter().filter_map(|(provider, course)| {
            let steps = paid.of(course);
            let is_known = steps.iter().any(|(_, price)| price.is_some());
            let steps = steps.into_iter().map(|(from, price)| PriceStep {
                from,
                to: None,
                price: price.and_then(amount),
            });
            is_known.then(|| PriceSeries {
                name: provider.clone(),
                steps: steps.collect(),
            })
        });
        let mut series: Vec<PriceSeries> = series.collect();
        // where more are known than are drawn, those whose price moved are
        series.sort_by_key(|one| std::cmp::Reverse(one.steps.len()));
        let first = series
            .iter()
            .flat_map(|one| &one.steps)
            .map(|step| step.from);
        let first = first.min()?;
        let from = first.min(now - SignedDuration::from_hours(24));
        Some(Chart {
            title: format!("Price of {}: {}", self.model, paid.word()),
            unit: format!(
                "USD per 1M tokens of {}, the lowest at each provider",
                paid.word()
            ),
            n: u64::try_from(self.statements).unwrap_or(u64::MAX),
            counted: "statements of prices".to_string(),
            source: Vec::from_iter(self.sources.iter().map(String::as_str)).join(", "),
            body: Body::Prices(Prices {
                from,
                to: now,
                series,
            }),
        })
    }
}

fn amount(price: &Price) -> Option<Amount> {
    Some(Amount {
        value: price.amount.to_f64()?,
        text: dollars(price.amount),
    })
}
