//! How fast hosts answered, and how soon and how fast models did.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::by::By;
use crate::latency::{Courses, cover, is_good, is_ours};
use crate::store::{AllSeries, AnswerRow, Answers, Error, Questions, Series, SeriesKind};

/// The percentiles that are told.
pub const PERCENTILES: [u8; 4] = [50, 90, 95, 99];

/// In milliseconds, to a tenth.
pub fn millis(duration: SignedDuration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

/// How fast hosts answered.
#[derive(Debug)]
pub struct Hosts {
    /// By what they are summed up by.
    pub courses: Courses,
    /// The span that is told of: of whole windows, so maybe a little wider than what was asked for.
    pub span: [Timestamp; 2],
    /// How long each cell of a course is.
    pub cell: SignedDuration,
}

/// How fast the wanted hosts answered in a span, summed up by what is asked. A model takes its time and is none of them.
///
/// # Errors
/// Those of the store.
pub fn hosts(
    store: &impl Questions,
    [since, until]: [Timestamp; 2],
    now: Timestamp,
    is_wanted: impl Fn(&Series) -> bool,
    by: &[By],
) -> Result<Hosts, Error> {
    let cover = cover(since, until, now);
    let span =
        [cover.from, cover.until].map(|second| Timestamp::from_second(second).unwrap_or_default());
    let cell = SignedDuration::from_secs(cover.cell);
    let mut courses = Courses::new(cover.clone());
    store.windows(&cover, |series, begin, figures| {
        if series.kind != SeriesKind::Model && is_wanted(series) {
            let group: Vec<&str> = by.iter().map(|by| by.of(series)).collect();
            courses.add(&group, begin, &figures);
        }
    })?;
    Ok(Hosts {
        courses,
        span,
        cell,
    })
}

/// What the calls to one model measured.
#[derive(Debug, Default)]
pub struct Calls {
    /// Those that succeeded.
    pub good: Vec<AnswerRow>,
    /// How many failed, by the word of their failure.
    pub failures: BTreeMap<String, usize>,
    /// What all cost, in USD.
    pub charge: Decimal,
}

/// Provider, model and region of calls.
pub type Called = [String; 3];

/// What the calls to models of a span measured.
///
/// # Errors
/// Those of the store.
pub fn models(
    store: &impl Questions,
    [since, until]: [Timestamp; 2],
    is_wanted: impl Fn(&Series) -> bool,
) -> Result<BTreeMap<Called, Calls>, Error> {
    let mut all: BTreeMap<Called, Calls> = BTreeMap::new();
    store.answers(since, until, |series, row| {
        if is_wanted(series) {
            let of = [&series.provider, &series.model, &series.region];
            all.entry(of.map(String::clone)).or_default().add(row);
        }
    })?;
    Ok(all)
}

impl Calls {
    fn add(&mut self, row: AnswerRow) {
        self.charge = self.charge.saturating_add(row.figures.charge);
        match is_good(&row.outcome) {
            true => self.good.push(row),
            false => *self.failures.entry(row.outcome).or_default() += 1,
        }
    }

    /// How many failed, but for what is our own fault.
    pub fn failed(&self) -> usize {
        let of_others = self.failures.iter().filter(|(word, _)| !is_ours(word));
        of_others.map(|(_, n)| n).sum()
    }

    /// The sorted values of what not every call has.
    pub fn sorted<T: PartialOrd>(&self, of: impl Fn(&AnswerRow) -> Option<T>) -> Vec<T> {
        let mut sorted: Vec<T> = self.good.iter().filter_map(of).collect();
        sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        sorted
    }

    /// The sorted times of what not every call has, in milliseconds.
    pub fn times(&self, of: impl Fn(&AnswerRow) -> Option<SignedDuration>) -> Vec<f64> {
        let sorted = self.sorted(of);
        sorted.into_iter().map(millis).collect()
    }
}

/// The nearest rank of a sorted list.
pub fn percentile(sorted: &[f64], percent: u8) -> Option<f64> {
    let rank = (sorted.len() * usize::from(percent)).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}
