//! Another provider leads.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Ground, Lead, Shift, Shifted, days};
use crate::landscape::indicator::{Lines, coverage, days_between, sources};

/// How many days in a row somebody has to lead.
const HOLDS: i64 = 2;

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
            // whoever leads since it has been watched may have led for long
            let is_news = |to: &str, since: Date| {
                let begin = ground.history.begins(to);
                begin.is_some_and(|begin| begin < since)
            };
            if let Some(shift) = race.go_on(day, by, &counted, is_news)
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
        // where all ask the same nobody is cheaper, nor who alone says what it asks
        if let Some((_, by)) = sources.cheapest.filter(|_| sources.priced > 1) {
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
    /// Who has had more than any other instead, and since when.
    rival: Option<(String, Date)>,
}

impl Race {
    /// Goes on to the next day. Whoever leads goes on leading until somebody else has more than any other. `is_news`: whether it
    /// is, that somebody has had more since a day.
    fn go_on(
        &mut self,
        day: Date,
        by: Lead,
        counted: &Counted,
        is_news: impl Fn(&str, Date) -> bool,
    ) -> Option<Shift> {
        let Some((first, has)) = counted.ahead().filter(|(first, _)| self.leads_not(first)) else {
            self.rival = None;
            return None;
        };
        let since = match &self.rival {
            Some((rival, since)) if rival == first => *since,
            _ => day,
        };
        if days_between(since, day) + 1 < HOLDS {
            self.rival = Some((first.to_string(), since));
            return None;
        }
        self.rival = None;
        let from = self.leader.replace(first.to_string())?;
        is_news(first, since).then(|| Shift::Leader {
            by,
            former: counted.has.get(&from).copied().unwrap_or(0),
            from,
            to: first.to_string(),
            has,
            of: counted.of,
        })
    }

    fn leads_not(&self, provider: &str) -> bool {
        self.leader.as_deref() != Some(provider)
    }
}

impl Counted {
    /// Who has more than any other, and how many.
    fn ahead(&self) -> Option<(&str, usize)> {
        let most = self.has.values().copied().max().filter(|most| *most > 0)?;
        let mut with_most = self.has.iter().filter(|(_, has)| **has == most);
        match (with_most.next(), with_most.next()) {
            (Some((only, _)), None) => Some((only, most)),
            _ => None,
        }
    }
}
