//! From single measurements to the figures that people compare. Pure.

mod away;
mod baseline;
mod calls;
mod chunk;
mod course;
mod group;
mod health;
mod incident;
mod noise;
mod outcome;
mod own;
mod rollup;
mod shift;
#[cfg(test)]
pub(crate) mod simulated;
mod sketch;
mod uptime;
mod varint;
mod window;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

pub use away::{Away, Gone};
pub use calls::{Callable, Calls};
pub use chunk::{KeptSample, Packer, unpack};
pub use course::{Course, Courses};
pub use group::{Event, Group, POINT, Slow};
pub use health::{Condition, Health, Turned};
pub use incident::{Incident, lead, same};
pub use outcome::{INCONCLUSIVE, Question, Statement, UNREACHED};
pub use own::{Own, Spell};
pub use rollup::{RollUp, Sum, is_good, is_ours};
pub use sketch::Sketch;
pub use uptime::{Budget, Uptime, Window, covered, percent, uptime};
pub use varint::Broken;
pub use window::{Cover, Resolution, Run, cover};

use crate::market::Phases;

/// The middle one, of two the lower.
fn middle(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

/// One measurement as summaries take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    /// What it is summed up with: a host, a source, a provider.
    pub group: String,
    /// When it began.
    pub at: Timestamp,
    /// How long its phases took.
    pub phases: Phases,
    /// Whether it succeeded: a failure is counted and enters no figure.
    pub ok: bool,
}

/// Nearest-rank percentiles: each is a duration that was measured, none is interpolated. Nothing is trimmed, so that
/// below a hundred measurements the 99th is the slowest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantiles {
    /// Half of the measurements were this fast or faster.
    pub p50: SignedDuration,
    /// 95 in 100 were.
    pub p95: SignedDuration,
    /// 99 in 100 were.
    pub p99: SignedDuration,
}

/// The figures of one phase, with the number of measurements behind them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many measurements have the phase.
    pub n: usize,
    /// How many succeeded without it: a warm connection has neither resolution nor connect nor handshake.
    pub missing: usize,
    /// `None` if no measurement has the phase.
    pub quantiles: Option<Quantiles>,
}

/// What the measurements of one group say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Whose measurements.
    pub group: String,
    /// How many succeeded.
    pub n: usize,
    /// How many failed.
    pub failed: usize,
    /// When the first of all began.
    pub first_at: Timestamp,
    /// When the last of all began.
    pub last_at: Timestamp,
    /// From the start to the last byte.
    pub total: Figures,
    /// From the request on the open connection to the answer's head.
    pub first_byte: Figures,
    /// Name resolution.
    pub dns: Figures,
    /// Opening the TCP connection.
    pub connect: Figures,
    /// The TLS handshake.
    pub tls: Figures,
    /// From the answer's head to its last byte.
    pub body: Figures,
}

/// Sums up measurements by their group, in the order of the groups' names. The order of the measurements means nothing.
pub fn summaries(measurements: impl IntoIterator<Item = Measurement>) -> Vec<Summary> {
    let mut groups: BTreeMap<String, Vec<Measurement>> = BTreeMap::new();
    for measurement in measurements {
        match groups.get_mut(&measurement.group) {
            Some(group) => group.push(measurement),
            None => {
                groups.insert(measurement.group.clone(), vec![measurement]);
            }
        }
    }
    groups
        .into_iter()
        .filter_map(|(group, measurements)| summary(group, &measurements))
        .collect()
}

fn summary(group: String, measurements: &[Measurement]) -> Option<Summary> {
    let good: Vec<Phases> = measurements
        .iter()
        .filter(|measurement| measurement.ok)
        .map(|measurement| measurement.phases)
        .collect();
    let moments = || measurements.iter().map(|measurement| measurement.at);
    let of = |phase: fn(&Phases) -> Option<SignedDuration>| figures(good.iter().map(phase));
    Some(Summary {
        group,
        n: good.len(),
        failed: measurements.len() - good.len(),
        first_at: moments().min()?,
        last_at: moments().max()?,
        total: of(|phases| phases.total),
        first_byte: of(|phases| phases.first_byte),
        dns: of(|phases| phases.dns),
        connect: of(|phases| phases.connect),
        tls: of(|phases| phases.tls),
        body: of(|phases| phases.body),
    })
}

/// The figures of durations of which some are missing. A negative duration comes from a broken clock and counts as missing.
pub fn figures(durations: impl IntoIterator<Item = Option<SignedDuration>>) -> Figures {
    let mut missing = 0;
    let mut sorted = Vec::new();
    for duration in durations {
        match duration.filter(|duration| !duration.is_negative()) {
            Some(duration) => sorted.push(duration),
            None => missing += 1,
        }
    }
    sorted.sort_unstable();
    Figures {
        n: sorted.len(),
        missing,
        quantiles: quantiles(&sorted),
    }
}

fn quantiles(sorted: &[SignedDuration]) -> Option<Quantiles> {
    Some(Quantiles {
        p50: nearest_rank(sorted, 50)?,
        p95: nearest_rank(sorted, 95)?,
        p99: nearest_rank(sorted, 99)?,
    })
}

/// The smallest of the sorted durations that at least `percent` of a hundred do not exceed; `None` if there are none.
fn nearest_rank(sorted: &[SignedDuration], percent: usize) -> Option<SignedDuration> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests;
