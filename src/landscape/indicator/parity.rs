//! How long providers take until they offer what somebody else offers already.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{days_between, median};
use crate::landscape::history::{Course, First, History};

/// How long after a model's first offering anywhere a provider offered it, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lag {
    /// Both days were seen.
    Exact(i64),
    /// The model was offered somewhere before anybody watched: so long, or longer.
    AtLeast(i64),
    /// The provider offered it before it was watched: so long, or less.
    AtMost(i64),
    /// Offered before anybody watched.
    Unknown,
    /// Not offered there yet, so long after its first offering; `at_least`: that was before anybody watched.
    Waiting {
        /// Days up to the day that is asked about.
        days: i64,
        /// Whether the first offering was not seen.
        at_least: bool,
    },
}

/// A model's way to its providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parity {
    /// Its first offering anywhere.
    pub first: First,
    /// Who offered it on that day.
    pub by: Vec<String>,
    /// The lag of every provider that has offered it by the day or has it at an earlier stage.
    pub lags: BTreeMap<String, Lag>,
}

/// How long a provider takes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Typical {
    /// The median of the lags of which both days were seen, in days; `None` where there is none.
    pub median: Option<f64>,
    /// How many these are.
    pub n: usize,
    /// Models that it offers whose lag is not known exactly.
    pub censored: usize,
}

/// How long after its first offering a model counts for what is typical of a provider.
const RECENT: i64 = 365;

/// A model's way to its providers, as of a day; `None` while nobody offers it to everybody.
pub fn parity(courses: &BTreeMap<String, Course>, day: Date) -> Option<Parity> {
    let offered = |course: &Course| course.offered.filter(|first| first.day <= day);
    let firsts = courses
        .iter()
        .filter_map(|(provider, course)| Some((provider, offered(course)?)));
    let day_of_first = firsts.clone().map(|(_, first)| first.day).min()?;
    let on_that_day = firsts.filter(|(_, first)| first.day == day_of_first);
    // whoever came out under our eyes on that day tells the day
    let first = on_that_day
        .clone()
        .map(|(_, first)| first)
        .min_by_key(|first| (first.is_censored, first.is_unstated))?;
    let by = on_that_day
        .filter(|(_, of_provider)| of_provider.is_censored == first.is_censored)
        .map(|(provider, _)| provider.clone())
        .collect();
    let lags = courses.iter().filter_map(|(provider, course)| {
        let lag = match offered(course) {
            Some(of_provider) => lag(first, of_provider),
            None => {
                // what was over before anybody saw it offered is waited for no more
                let is_to_come = course.at(day)?.is_to_come();
                is_to_come.then_some(Lag::Waiting {
                    days: days_between(first.day, day),
                    at_least: first.is_censored,
                })?
            }
        };
        Some((provider.clone(), lag))
    });
    Some(Parity {
        first,
        by,
        lags: lags.collect(),
    })
}

fn lag(first: First, of_provider: First) -> Lag {
    let days = days_between(first.day, of_provider.day);
    match (first.is_censored, of_provider.is_censored) {
        (false, false) => Lag::Exact(days),
        (true, false) => Lag::AtLeast(days),
        (false, true) if days > 0 => Lag::AtMost(days),
        _ => Lag::Unknown,
    }
}

/// How long each provider takes: over the models that two providers or more have offered by the day, whose first offering
/// anywhere lies at most a year before it.
pub fn typical(history: &History, day: Date) -> BTreeMap<String, Typical> {
    let mut seen: BTreeMap<&str, (Vec<f64>, usize)> = history
        .providers(day)
        .map(|provider| (provider, (Vec::new(), 0)))
        .collect();
    for (_, courses) in history.models() {
        let Some(parity) = parity(courses, day) else {
            continue;
        };
        let offered = parity.lags.values();
        let offered = offered.filter(|lag| !matches!(lag, Lag::Waiting { .. }));
        // whoever alone offers a model is neither early nor late
        if offered.count() < 2 || days_between(parity.first.day, day) > RECENT {
            continue;
        }
        for (provider, lag) in &parity.lags {
            let Some((exact, censored)) = seen.get_mut(provider.as_str()) else {
                continue;
            };
            match lag {
                Lag::Exact(days) => exact.push(*days as f64),
                Lag::Waiting { .. } => {}
                Lag::AtLeast(_) | Lag::AtMost(_) | Lag::Unknown => *censored += 1,
            }
        }
    }
    seen.into_iter()
        .map(|(provider, (mut exact, censored))| {
            let typical = Typical {
                n: exact.len(),
                median: median(&mut exact),
                censored,
            };
            (provider.to_string(), typical)
        })
        .collect()
}
