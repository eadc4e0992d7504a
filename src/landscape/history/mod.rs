//! What every model was at every provider, day by day: what indicators are counted from.
//!
//! Days are those of UTC, and what is known of one is what was believed when it ended. A course has a step only for the days
//! on which something became otherwise, so that a year costs little more than a day.

mod build;
#[cfg(test)]
pub(crate) mod example;

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::matrix::Cell;
use crate::market::{Authority, Interface, ProviderKind, Stage};

/// A model that a registry lists so many days after it came out was missing in the registry.
const CATCHES_UP: i64 = 60;

/// What every model was at every provider, day by day.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// By model, then by provider.
    models: BTreeMap<String, BTreeMap<String, Course>>,
    /// What kind of place each provider is; those that are not known count as clouds.
    kinds: BTreeMap<String, ProviderKind>,
    /// The first day of which anything is known, by provider.
    begins: BTreeMap<String, Date>,
    /// Providers of which something was first seen on a day after nobody had looked for long.
    late: BTreeSet<(String, Date)>,
}

/// One model at one provider, day by day.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// From the day on which each begins until the next does, in order.
    steps: Vec<Step>,
    /// When it was first offered there: neither announced, nor in preview, nor limited.
    pub offered: Option<First>,
}

/// The first day of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    /// The day.
    pub day: Date,
    /// Whether only the first readings of sources told it on that day, or a registry that caught up: it may have begun any time
    /// before.
    pub is_censored: bool,
    /// Whether no source told its stage.
    pub is_unstated: bool,
}

/// What a model is at a provider from a day on.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    day: Date,
    /// `None`: it is not there.
    presence: Option<Presence>,
}

/// What a model is at a provider on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Presence {
    /// What is known of all its offerings there.
    pub cell: Cell,
    /// The lowest price of three parts of input and one of output at one offering, in USD per 1M tokens.
    pub blended: Option<Decimal>,
    /// What is called there, as far as sources say.
    pub interfaces: BTreeSet<Interface>,
    /// The stage at which it would have been on the first day of this without what sources said when they were read for the first
    /// time: what only these say was so before anybody watched. `None`: nobody else spoke of it.
    pub seen: Option<Stage>,
    /// The highest authority that lists it.
    pub authority: Authority,
    /// The day on which it came out, where a source says: the earliest that is said.
    pub launched: Option<Date>,
}

impl Presence {
    /// Whether it can be called today: announced is not yet, retired no more.
    pub fn is_there(&self) -> bool {
        is_there_at(self.cell.stage)
    }

    /// Whether that is so by more than the first readings of sources.
    pub fn is_seen_there(&self) -> bool {
        self.seen.is_some_and(is_there_at)
    }

    /// Whether only a registry tells of it, and that of what came out long before: if it does so from this day on, it catches up.
    pub fn is_listed_late(&self, day: Date) -> bool {
        let is_old = |launched: Date| launched.saturating_add(CATCHES_UP.days()) < day;
        self.authority == Authority::Registry && self.launched.is_some_and(is_old)
    }

    /// Whether it is generally available, as far as is known: an unknown stage counts.
    pub fn is_generally_available(&self) -> bool {
        matches!(self.cell.stage, Stage::Ga | Stage::Unknown)
    }

    /// Whether it is announced, in preview or limited: not offered to everybody yet.
    pub fn is_to_come(&self) -> bool {
        !self.is_offered() && self.cell.stage != Stage::Retired
    }

    /// Whether it is offered to everybody, as far as is known: an unknown stage counts.
    pub fn is_offered(&self) -> bool {
        is_offered_at(self.cell.stage)
    }
}

fn is_there_at(stage: Stage) -> bool {
    !matches!(stage, Stage::Announced | Stage::Retired)
}

fn is_offered_at(stage: Stage) -> bool {
    is_there_at(stage) && !matches!(stage, Stage::Preview | Stage::Limited)
}

impl Course {
    /// What it was at the end of a day; `None`: not there.
    pub fn at(&self, day: Date) -> Option<&Presence> {
        let after = self.steps.partition_point(|step| step.day <= day);
        self.steps.get(after.checked_sub(1)?)?.presence.as_ref()
    }

    /// The days on which something became otherwise, with what it was from then on.
    pub fn steps(&self) -> impl Iterator<Item = (Date, Option<&Presence>)> {
        self.steps
            .iter()
            .map(|step| (step.day, step.presence.as_ref()))
    }
}

impl History {
    /// Every model with its course at each provider, by name.
    pub fn models(&self) -> impl Iterator<Item = (&str, &BTreeMap<String, Course>)> {
        self.models
            .iter()
            .map(|(model, courses)| (model.as_str(), courses))
    }

    /// The courses of one model by provider.
    pub fn model(&self, model: &str) -> Option<&BTreeMap<String, Course>> {
        self.models.get(model)
    }

    /// One model by its name, with its courses.
    pub fn named(&self, model: &str) -> Option<(&str, &BTreeMap<String, Course>)> {
        let (name, courses) = self.models.get_key_value(model)?;
        Some((name, courses))
    }

    /// What one model was at one provider at the end of a day.
    pub fn at(&self, model: &str, provider: &str, day: Date) -> Option<&Presence> {
        self.models.get(model)?.get(provider)?.at(day)
    }

    /// Everything that was there at the end of a day: model, provider, and what it was. Retired and announced models stand
    /// among them.
    pub fn on(&self, day: Date) -> impl Iterator<Item = (&str, &str, &Presence)> {
        self.models.iter().flat_map(move |(model, courses)| {
            courses.iter().filter_map(move |(provider, course)| {
                Some((model.as_str(), provider.as_str(), course.at(day)?))
            })
        })
    }

    /// Every provider of which anything was known by the end of a day.
    pub fn providers(&self, day: Date) -> impl Iterator<Item = &str> {
        let begun = self.begins.iter().filter(move |(_, begin)| **begin <= day);
        begun.map(|(provider, _)| provider.as_str())
    }

    /// The first day of which anything is known of a provider.
    pub fn begins(&self, provider: &str) -> Option<Date> {
        self.begins.get(provider).copied()
    }

    /// The first day of which anything is known at all.
    pub fn first_day(&self) -> Option<Date> {
        self.begins.values().min().copied()
    }

    /// The same, with the days on which something was first seen of a provider after nobody had looked for long.
    pub fn coming_late(self, late: BTreeSet<(String, Date)>) -> Self {
        Self { late, ..self }
    }

    /// Whether what a day tells of a provider may have come about long before.
    pub fn is_late(&self, provider: &str, day: Date) -> bool {
        !self.late.is_empty() && self.late.contains(&(provider.to_string(), day))
    }

    /// Whether a provider sells the models of several labs itself, as far as is known.
    pub fn is_cloud(&self, provider: &str) -> bool {
        let kind = self.kinds.get(provider);
        kind.is_none_or(|kind| *kind == ProviderKind::Cloud)
    }

    /// Whether a provider only resells what others offer: it is no source of its own.
    pub fn resells(&self, provider: &str) -> bool {
        self.kinds.get(provider) == Some(&ProviderKind::Gateway)
    }
}
