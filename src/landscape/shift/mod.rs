//! When the landscape shifts: events that indicators show. Each carries the numbers that it was told by.

mod basket;
mod burst;
mod leader;
mod source;
mod topic;

pub use topic::topic_shifts;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::history::History;
use super::indicator::{Baskets, Way, days};
use super::reference::Reference;
use crate::market::{Severity, Stage};

/// What became otherwise.
#[derive(Debug, Clone, PartialEq)]
pub enum Shift {
    /// Another provider leads, and has done so for two days.
    Leader {
        /// By what.
        by: Lead,
        /// Who led before.
        from: String,
        /// Who leads now.
        to: String,
        /// How many the new leader has.
        has: usize,
        /// How many the former one has.
        former: usize,
        /// Of how many.
        of: usize,
    },
    /// The price basket moved.
    Basket {
        /// The index a week before.
        before: f64,
        /// The index now.
        now: f64,
        /// The models whose lowest price moved, with that price before and now in USD per 1M tokens, three parts of input to one
        /// of output; what moved the index most comes first.
        movers: Vec<(String, Decimal, Decimal)>,
        /// How many models of the basket have a price.
        priced: usize,
    },
    /// Far more models came or went in a week than a provider is used to.
    Burst {
        /// The provider.
        provider: String,
        /// Whether they came or went.
        way: Way,
        /// The models.
        models: Vec<String>,
        /// The median of the twelve weeks before.
        usual: f64,
        /// More than so many are far outside these weeks.
        limit: f64,
    },
    /// A model that two providers offered can be had at one only.
    LastSource {
        /// The model.
        model: String,
        /// Where it ended.
        ended: String,
        /// Where it can still be had.
        left: String,
    },
    /// What a watched topic names is at another stage.
    Topic {
        /// The topic, in the user's words.
        topic: String,
        /// The provider.
        provider: String,
        /// Its own name of it.
        name: String,
        /// The stage before.
        from: Stage,
        /// The stage now.
        to: Stage,
    },
}

/// What one leads by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// Most of the labs' flagships are generally available there.
    Coverage,
    /// The lowest price for most models of the basket is asked there.
    Price,
}

/// A shift on the day on which it was certain.
#[derive(Debug, Clone, PartialEq)]
pub struct Shifted {
    /// The day.
    pub day: Date,
    /// What became otherwise.
    pub shift: Shift,
}

/// A move of the basket by so much needs a decision.
const FAR: f64 = 0.1;

impl Shift {
    /// How much somebody should care who watches these models.
    pub fn severity(&self, watched: &BTreeSet<String>) -> Severity {
        let is_grave = match self {
            Self::Basket { before, now, .. } => (now / before - 1.0).abs() >= FAR,
            Self::LastSource { model, .. } => watched.contains(model),
            // somebody waits for it by name
            Self::Topic { .. } => true,
            Self::Leader { .. } | Self::Burst { .. } => false,
        };
        match is_grave {
            true => Severity::Warning,
            false => Severity::Notice,
        }
    }

    /// Whether it is worth a report before its time.
    pub fn is_strong(&self, watched: &BTreeSet<String>) -> bool {
        self.severity(watched) >= Severity::Warning || matches!(self, Self::Leader { .. })
    }

    /// The provider that it is about; `None`: the whole market.
    pub fn provider(&self) -> Option<&str> {
        match self {
            Self::Leader { to, .. } => Some(to),
            Self::Burst { provider, .. } => Some(provider),
            Self::LastSource { ended, .. } => Some(ended),
            Self::Topic { provider, .. } => Some(provider),
            Self::Basket { .. } => None,
        }
    }

    /// What it is about, in one name: a model, or what is counted.
    pub fn subject(&self) -> &str {
        match self {
            Self::Leader {
                by: Lead::Coverage, ..
            } => "coverage",
            Self::Leader {
                by: Lead::Price, ..
            } => "cheapest",
            Self::Basket { .. } => "basket",
            Self::Burst {
                way: Way::Added, ..
            } => "added",
            Self::Burst {
                way: Way::Removed, ..
            } => "removed",
            Self::LastSource { model, .. } => model,
            Self::Topic { name, .. } => name,
        }
    }
}

/// What shifts are looked for in.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// What every model was everywhere.
    pub history: &'a History,
    /// What the baskets cost.
    pub baskets: &'a Baskets,
    /// Which models stand for their labs.
    pub reference: &'a Reference,
    /// Models that the user watches.
    pub watched: &'a BTreeSet<String>,
}

/// The shifts from one day to another, both included, in order.
pub fn shifts(ground: &Ground<'_>, from: Date, to: Date) -> Vec<Shifted> {
    let mut all = leader::shifts(ground, from, to);
    all.extend(basket::shifts(ground, from, to));
    all.extend(burst::shifts(ground, from, to));
    all.extend(source::shifts(ground, from, to));
    all.sort_by_key(|shifted| shifted.day);
    all
}
