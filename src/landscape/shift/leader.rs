//! Another provider leads.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Ground, Lead, Shift, Shifted, days};
use crate::landscape::history::Presence;
use crate::landscape::indicator::{Lines, days_between, moves_of_records};

/// How many days in a row somebody has to lead.
const HOLDS: i64 = 2;

pub(super) fn shifts(ground: &Ground<'_>, from: Date, to: Date) -> Vec<Shifted> {
    let Some(first) = ground.history.first_day() else {
        return Vec::new();
    };
    let lines = Lines::new(ground.history, ground.reference);
    let moved = moves_of_records(ground.history, first, to);
    let recorded = Recorded {
        ground,
        moved: moved
            .iter()
            .map(|moved| (moved.day, moved.provider.as_str(), moved.model.as_str()))
            .collect(),
    };
    let mut all = Vec::new();
    for by in [Lead::Coverage, Lead::Price] {
        let mut race = Race::default();
        for day in days(first, to) {
            let count = |is_left_out| match by {
                Lead::Coverage => recorded.by_coverage(&lines, day, is_left_out),
                Lead::Price => recorded.by_price(day, is_left_out),
            };
            let counted = count(false);
            let ahead = counted.ahead();
            // what only records brought on the first day of a lead, or took, makes nobody lead
            let is_new = ahead.is_some_and(|(first, _)| race.is_new(first));
            let is_real = is_new
                && count(true).ahead().map(|(first, _)| first) == ahead.map(|(first, _)| first);
            if let Some(shift) = race.go_on(day, by, &counted, is_real)
                && day >= from
            {
                all.push(Shifted { day, shift });
            }
        }
    }
    all
}

/// A history in which it is known what came and went in the records alone.
struct Recorded<'a> {
    ground: &'a Ground<'a>,
    moved: BTreeSet<(Date, &'a str, &'a str)>,
}

impl<'a> Recorded<'a> {
    /// What a model was at every provider that is no reseller; if that is left out, what records alone made of it on this day is
    /// as it was the day before.
    fn at(
        &self,
        model: &'a str,
        day: Date,
        is_left_out: bool,
    ) -> impl Iterator<Item = (&'a str, &'a Presence)> {
        let history = self.ground.history;
        let courses = history.model(model).into_iter().flatten();
        let courses = courses.filter(|(provider, _)| !history.resells(provider));
        courses.filter_map(move |(provider, course)| {
            let is_recorded = is_left_out
                && (history.is_late(provider, day)
                    || self.moved.contains(&(day, provider.as_str(), model)));
            let day = match is_recorded {
                true => day.saturating_sub(1.day()),
                false => day,
            };
            Some((provider.as_str(), course.at(day)?))
        })
    }

    fn by_coverage(&self, lines: &Lines<'a>, day: Date, is_left_out: bool) -> Counted<'a> {
        let mut has: BTreeMap<&str, usize> = BTreeMap::new();
        let flagships = lines.names(self.ground.history, day);
        for flagship in &flagships {
            for (provider, presence) in self.at(flagship, day, is_left_out) {
                if presence.is_generally_available() {
                    *has.entry(provider).or_default() += 1;
                }
            }
        }
        Counted {
            has,
            of: flagships.len(),
        }
    }

    fn by_price(&self, day: Date, is_left_out: bool) -> Counted<'a> {
        let mut has: BTreeMap<&str, usize> = BTreeMap::new();
        let mut of = 0;
        let basket = self.ground.reference.basket(day);
        for model in basket.iter().flat_map(|basket| &basket.models) {
            let asked = self.at(model, day, is_left_out);
            let asked = asked.filter(|(_, presence)| presence.is_there());
            let mut asked: Vec<_> = asked
                .filter_map(|(provider, presence)| Some((presence.blended?, provider)))
                .collect();
            asked.sort_unstable();
            // where all ask the same nobody is cheaper, nor who alone says what it asks
            if let [(lowest, provider), (next, _), ..] = asked.as_slice() {
                of += 1;
                if lowest < next {
                    *has.entry(*provider).or_default() += 1;
                }
            }
        }
        Counted { has, of }
    }
}

/// What providers have on a day, of how many.
struct Counted<'a> {
    has: BTreeMap<&'a str, usize>,
    of: usize,
}

/// Who leads, and who is about to.
#[derive(Default)]
struct Race {
    leader: Option<String>,
    rival: Option<Rival>,
}

/// Who has had more than any other instead of the leader.
struct Rival {
    provider: String,
    since: Date,
    /// Whether that was so on the first day by more than records.
    is_real: bool,
}

impl Race {
    /// Whether somebody who has more than any other neither leads nor is about to.
    fn is_new(&self, provider: &str) -> bool {
        let rival = self.rival.as_ref().map(|rival| rival.provider.as_str());
        self.leader.as_deref() != Some(provider) && rival != Some(provider)
    }

    /// Goes on to the next day. Whoever leads goes on leading until somebody else has more than any other. `is_real`: whether a
    /// new rival has so by more than records.
    fn go_on(
        &mut self,
        day: Date,
        by: Lead,
        counted: &Counted<'_>,
        is_real: bool,
    ) -> Option<Shift> {
        let ahead = counted.ahead();
        let Some((first, has)) = ahead.filter(|(first, _)| self.leader.as_deref() != Some(*first))
        else {
            self.rival = None;
            return None;
        };
        let rival = match self.rival.take() {
            Some(rival) if rival.provider == first => rival,
            _ => Rival {
                provider: first.to_string(),
                since: day,
                is_real,
            },
        };
        if days_between(rival.since, day) + 1 < HOLDS {
            self.rival = Some(rival);
            return None;
        }
        let from = self.leader.replace(rival.provider)?;
        rival.is_real.then(|| Shift::Leader {
            by,
            former: counted.has.get(from.as_str()).copied().unwrap_or(0),
            from,
            to: first.to_string(),
            has,
            of: counted.of,
        })
    }
}

impl<'a> Counted<'a> {
    /// Who has more than any other, and how many.
    fn ahead(&self) -> Option<(&'a str, usize)> {
        let most = self.has.values().copied().max()?;
        let mut with_most = self.has.iter().filter(|(_, has)| **has == most);
        match (with_most.next(), with_most.next()) {
            (Some((only, _)), None) => Some((only, most)),
            _ => None,
        }
    }
}
