//! Which share of the labs' current flagships a provider offers.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::landscape::history::{History, Presence};
use crate::landscape::reference::{Rank, Reference};
use crate::market::Stage;

/// The model that stands for a line of a lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flagship {
    /// The lab.
    pub lab: String,
    /// The model.
    pub model: String,
}

/// How much of something a provider has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Flagships that it offers.
    pub has: usize,
    /// Of these, how many at a stage that no source tells.
    pub unstated: usize,
    /// Flagships that there are.
    pub of: usize,
}

impl Coverage {
    /// From 0 to 1; `None` where there is no flagship.
    pub fn share(&self) -> Option<f64> {
        (self.of > 0).then(|| self.has as f64 / self.of as f64)
    }
}

/// The models of a history that may stand for a lab.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    /// Of each line its lab, and its models, the newest first.
    lines: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> Lines<'a> {
    /// Looks for the models of all lines.
    pub fn new(history: &'a History, reference: &'a Reference) -> Self {
        let lines = reference.lines.iter().map(|line| {
            let models = history.models();
            let mut ranked: Vec<(Rank, &str)> = models
                .filter_map(|(model, _)| Some((line.rank(model)?, model)))
                .collect();
            ranked.sort_by(|one, next| next.cmp(one));
            let newest_first = ranked.into_iter().map(|(_, model)| model).collect();
            (line.lab.as_str(), newest_first)
        });
        Self {
            lines: lines.collect(),
        }
    }

    /// The flagships of a day: of each line the newest model that somebody offers to everybody.
    pub fn flagships(&self, history: &History, day: Date) -> Vec<Flagship> {
        let named = self.of_labs(history, day);
        named
            .map(|(lab, model)| Flagship {
                lab: lab.to_string(),
                model: model.to_string(),
            })
            .collect()
    }

    /// Their names alone.
    pub fn names(&self, history: &History, day: Date) -> Vec<&'a str> {
        self.of_labs(history, day).map(|(_, model)| model).collect()
    }

    fn of_labs<'b>(
        &'b self,
        history: &'b History,
        day: Date,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'b {
        let is_offered = move |model: &str| {
            let courses = history.model(model).into_iter().flat_map(BTreeMap::values);
            let mut there = courses.filter_map(|course| course.at(day));
            there.any(Presence::is_generally_available)
        };
        self.lines.iter().filter_map(move |(lab, models)| {
            let model = models.iter().copied().find(|model| is_offered(model))?;
            Some((*lab, model))
        })
    }
}

/// The coverage of every provider of which anything was known on the day.
pub fn coverage(
    history: &History,
    flagships: &[Flagship],
    day: Date,
) -> BTreeMap<String, Coverage> {
    let mut all: BTreeMap<String, Coverage> = history
        .providers(day)
        .map(|provider| {
            let none = Coverage {
                of: flagships.len(),
                ..Coverage::default()
            };
            (provider.to_string(), none)
        })
        .collect();
    for flagship in flagships {
        let Some(courses) = history.model(&flagship.model) else {
            continue;
        };
        for (provider, course) in courses {
            if let Some(presence) = course
                .at(day)
                .filter(|presence| presence.is_generally_available())
                && let Some(coverage) = all.get_mut(provider)
            {
                coverage.has += 1;
                coverage.unstated += usize::from(presence.cell.stage == Stage::Unknown);
            }
        }
    }
    all
}
