//! What indicators say of the span of a report.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::landscape::indicator::{Baskets, Lines, Move, Way, moves};
use crate::landscape::shift::{Ground, Shifted, shifts};
use crate::landscape::{Course, History, Reference};

/// The landscape as a report looks at it. Days are those of UTC.
#[derive(Debug, Clone)]
pub struct Landscape {
    /// What every model was everywhere.
    pub history: Arc<History>,
    /// What the baskets cost.
    pub baskets: Arc<Baskets>,
    /// Models that the user watches.
    pub watched: BTreeSet<String>,
    /// The first day of the report.
    pub first: Date,
    /// The last day of it.
    pub last: Date,
    /// How it shifted, the strongest first, and of these the last.
    pub shifts: Vec<Shifted>,
}

/// Models that a report looks at one by one.
const CHOSEN: usize = 24;

impl Landscape {
    /// The landscape of the days from `first` to `last`, which are over, with the shifts of watched topics on them.
    pub fn new(
        history: History,
        watched: BTreeSet<String>,
        (first, last): (Date, Date),
        topics: Vec<Shifted>,
    ) -> Self {
        let reference = Reference::shipped();
        let baskets = Baskets::new(&history, reference, last);
        let ground = Ground {
            history: &history,
            baskets: &baskets,
            reference,
            watched: &watched,
        };
        let mut shifts = shifts(&ground, first, last);
        shifts.extend(topics);
        shifts.sort_by_key(|shifted| shifted.day);
        shifts.reverse();
        shifts.sort_by_key(|shifted| {
            let shift = &shifted.shift;
            Reverse((shift.severity(&watched), shift.is_strong(&watched)))
        });
        Self {
            history: Arc::new(history),
            baskets: Arc::new(baskets),
            watched,
            first,
            last,
            shifts,
        }
    }

    /// What is shipped of what no source states.
    pub fn reference(&self) -> &'static Reference {
        Reference::shipped()
    }

    /// The day before the report begins.
    pub fn eve(&self) -> Date {
        self.first.saturating_sub(1.day())
    }

    /// Whether anything was known on the day before it begins: only then can days be compared.
    pub fn has_eve(&self) -> bool {
        let first = self.history.first_day();
        first.is_some_and(|first| first <= self.eve())
    }

    /// What came and went.
    pub fn moves(&self) -> Vec<Move> {
        moves(&self.history, self.first, self.last)
    }

    /// The models that matter: those that are watched, that stand for their labs, that are in the basket, and that came
    /// somewhere in the span at the word of a provider; as far as anybody has them.
    pub fn chosen(&self) -> Vec<(&str, &BTreeMap<String, Course>)> {
        let lines = Lines::new(&self.history, self.reference());
        let flagships = lines.flagships(&self.history, self.last);
        let basket = self.reference().basket(self.last);
        let moves = self.moves();
        let arrivals = moves
            .iter()
            .filter(|moved| moved.way == Way::Added && !moved.is_upkeep);
        let wanted = self
            .watched
            .iter()
            .map(String::as_str)
            .chain(flagships.iter().map(|flagship| flagship.model.as_str()))
            .chain(
                basket
                    .iter()
                    .flat_map(|basket| basket.models.iter().map(String::as_str)),
            )
            .chain(arrivals.map(|moved| moved.model.as_str()));
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut chosen = Vec::new();
        for name in wanted {
            let Some((model, courses)) = self.history.named(name) else {
                continue;
            };
            let mut presences = courses.values().filter_map(|course| course.at(self.last));
            if presences.any(|presence| presence.is_there()) && seen.insert(model) {
                chosen.push((model, courses));
            }
            if chosen.len() == CHOSEN {
                break;
            }
        }
        chosen
    }

    /// The providers that have any of some models, those with most first and resellers last.
    pub fn sellers<'a>(
        &self,
        models: impl IntoIterator<Item = &'a BTreeMap<String, Course>>,
        most: usize,
    ) -> Vec<&'a str> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (provider, course) in models.into_iter().flatten() {
            let presence = course.at(self.last);
            if presence.is_some_and(|presence| presence.is_there()) {
                *counts.entry(provider).or_default() += 1;
            }
        }
        let mut sellers: Vec<(&str, usize)> = counts.into_iter().collect();
        sellers.sort_by_key(|(provider, count)| (self.history.resells(provider), Reverse(*count)));
        let names = sellers.into_iter().map(|(provider, _)| provider);
        names.take(most).collect()
    }
}
