//! Another provider leads.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Ground, Lead, Shift, Shifted, days};
use crate::landscape::indicator::{Lines, coverage, sources};

/// How many days in a row somebody has to lead.
const HOLDS: usize = 2;

pub(super) fn shifts(ground: &Ground<'_>, from: Date, to: Date) -> Vec<Shifted> {
    let Some(first) = ground.history.first_day() else {
        return Vec::new();
    };
    let lines = Lines::new(ground.history, ground.reference);
    let mut all = Vec::new();
    for by in [Lead::Coverage, Lead::Price] {
        let mut race = Race::default();
        for day in days(first, to) {
            let counted = match by {
                Lead::Coverage => by_coverage(ground, &lines, day),
                Lead::Price => by_price(ground, day),
            };
            if let Some(shift) = race.go_on(by, &counted)
                && day >= from
            {
                all.push(Shifted { day, shift });
            }
        }
    }
    all
}

/// What providers have on a day, of how many.
struct Counted {
    has: BTreeMap<String, usize>,
    of: usize,
}

fn by_coverage(ground: &Ground<'_>, lines: &Lines<'_>, day: Date) -> Counted {
    let flagships = lines.flagships(ground.history, day);
    let coverage = coverage(ground.history, &flagships, day).into_iter();
    let sells = coverage.filter(|(provider, _)| !ground.history.resells(provider));
    Counted {
        has: sells
            .map(|(provider, coverage)| (provider, coverage.has))
            .collect(),
        of: flagships.len(),
    }
}

fn by_price(ground: &Ground<'_>, day: Date) -> Counted {
    let mut has: BTreeMap<String, usize> = BTreeMap::new();
    let mut of = 0;
    let basket = ground.reference.basket(day);
    for model in basket.iter().flat_map(|basket| &basket.models) {
        let Some(courses) = ground.history.model(model) else {
            continue;
        };
        let sources = sources(ground.history, courses, day);
        // where all ask the same nobody is cheaper
        if let Some((_, by)) = sources.cheapest.filter(|_| sources.providers.len() > 1) {
            of += 1;
            if let [only] = by.as_slice() {
                *has.entry(only.clone()).or_default() += 1;
            }
        }
    }
    Counted { has, of }
}

/// Who leads, and who is about to.
#[derive(Default)]
struct Race {
    leader: Option<String>,
    /// Who has led instead, for how many days.
    rival: Option<(String, usize)>,
}

impl Race {
    /// Goes on to the next day. Whoever leads goes on leading until somebody has more.
    fn go_on(&mut self, by: Lead, counted: &Counted) -> Option<Shift> {
        let of = |provider: &str| counted.has.get(provider).copied().unwrap_or(0);
        let most = counted
            .has
            .values()
            .copied()
            .max()
            .filter(|most| *most > 0)?;
        let former = self.leader.as_deref().map_or(0, of);
        if self.leader.is_some() && former == most {
            self.rival = None;
            return None;
        }
        let mut leading = counted.has.iter().filter(|(_, has)| **has == most);
        let (first, _) = leading.next()?;
        let Some(leader) = &self.leader else {
            self.leader = Some(first.clone());
            return None;
        };
        // two that draw level with each other do not lead yet
        if leading.next().is_some() {
            self.rival = None;
            return None;
        }
        let held = match &self.rival {
            Some((rival, held)) if rival == first => held + 1,
            _ => 1,
        };
        if held < HOLDS {
            self.rival = Some((first.clone(), held));
            return None;
        }
        let shift = Shift::Leader {
            by,
            from: leader.clone(),
            to: first.clone(),
            has: most,
            former,
            of: counted.of,
        };
        self.leader = Some(first.clone());
        self.rival = None;
        Some(shift)
    }
}
