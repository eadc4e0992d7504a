//! Whose turn it is: stable jitter, catching up once, back-off after failures, Retry-After.

use std::iter;

use jiff::{SignedDuration, Timestamp};

use super::{Firings, RETRY_AFTER_LIMIT, Schedule, whole_seconds};
use crate::market::{Hash, SourceId};

/// The first retry comes about so long after the first failure; each further one after twice the time.
const FIRST_BACK_OFF_SECONDS: i64 = 30;

/// No back-off is longer.
const LONGEST_BACK_OFF: SignedDuration = SignedDuration::from_hours(6);

/// Firings of a crontab line are at least a minute apart, so a delay below that never reaches the next.
const CRON_SPREAD_SECONDS: i64 = 60;

/// The schedule of one source: its probe's, shifted by a delay that the source's id alone decides.
///
/// Periods are shifted by up to a period, crontab lines by less than a minute. A restart keeps the phase, and the sources of a probe are
/// spread evenly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceClock {
    schedule: Schedule,
    seed: u64,
    delay: SignedDuration,
}

/// What is remembered of a source's attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    /// When the last one ended; `None` for a source never asked.
    pub last: Option<Timestamp>,
    /// Failures since the last success.
    pub consecutive_failures: u32,
    /// How long the host asked us to wait, in the last answer.
    pub retry_after: Option<SignedDuration>,
}

/// Whether a source is to be asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Now, once, however much was missed.
    Due {
        /// The latest moment at which it should have been asked.
        scheduled_for: Timestamp,
        /// Regular firings before that one that passed without an attempt, other than those that Retry-After forbade. For crontab lines
        /// the count stops at 999.
        missed: u64,
    },
    /// Later.
    NotDue {
        /// When; always later than now. The end of time for a schedule that has ended.
        next: Timestamp,
    },
}

impl SourceClock {
    /// The clock of a source. The same schedule and id always give the same clock.
    pub fn new(schedule: Schedule, source: &SourceId) -> Self {
        let seed = Hash::of(source.to_string().as_bytes()).short();
        let spread = match &schedule {
            Schedule::Every(period) => whole_seconds(*period),
            Schedule::Cron { .. } => CRON_SPREAD_SECONDS,
        };
        let delay = i64::try_from(seed % spread.unsigned_abs()).unwrap_or(0);
        Self {
            schedule,
            seed,
            delay: SignedDuration::from_secs(delay),
        }
    }

    /// How much later than its probe's schedule this source fires.
    pub fn delay(&self) -> SignedDuration {
        self.delay
    }

    /// The first regular firing strictly later than `after`; `None` past the end of the calendar.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let next = self.schedule.next_after(earlier(after, self.delay))?;
        next.checked_add(self.delay).ok()
    }

    /// The next `count` regular firings strictly later than `after`, fewer where the calendar ends.
    pub fn next_firings(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        iter::successors(self.next_after(after), |firing| self.next_after(*firing))
            .take(count)
            .collect()
    }

    /// Whether the source is to be asked at `now`.
    ///
    /// A source never asked is due at once. After failures a retry comes before the regular firing if the back-off (30 s, doubling, 10 %
    /// more or less, at most 6 h) ends before it. Retry-After is a floor for either. What was missed is caught up once.
    ///
    /// A last attempt in the future means that the clock was set back. If that is past the next firing, the source is due at once, since
    /// no moment counted from a wrong one can be trusted: asking mends what is remembered.
    pub fn turn(&self, attempts: Attempts, now: Timestamp) -> Turn {
        let at_once = Turn::Due {
            scheduled_for: now,
            missed: 0,
        };
        let Some(last) = attempts.last else {
            return at_once;
        };
        if last > now && self.next_after(now).is_some_and(|next| last >= next) {
            return at_once;
        }
        let earliest = self.earliest(last, attempts);
        if now < earliest {
            return Turn::NotDue { next: earliest };
        }
        match self.firings_from(earliest, now) {
            Some(firings) => Turn::Due {
                scheduled_for: firings.latest,
                missed: firings.count - 1,
            },
            None => Turn::Due {
                scheduled_for: earliest,
                missed: 0,
            },
        }
    }

    /// The earliest moment for the next attempt.
    fn earliest(&self, last: Timestamp, attempts: Attempts) -> Timestamp {
        let regular = self.next_after(last).unwrap_or(Timestamp::MAX);
        let wanted = match attempts.consecutive_failures {
            0 => regular,
            failures => regular.min(later(last, self.back_off(failures))),
        };
        match attempts.retry_after {
            None => wanted,
            Some(wait) => {
                let wait = wait.clamp(SignedDuration::ZERO, RETRY_AFTER_LIMIT);
                wanted.max(later(last, wait))
            }
        }
    }

    /// The wait after so many failures in a row, at least one. Its jitter depends on the source and the count only.
    fn back_off(&self, failures: u32) -> SignedDuration {
        // 30 s doubled ten times is already above the limit.
        let doublings = failures.saturating_sub(1).min(10);
        let seconds = FIRST_BACK_OFF_SECONDS << doublings;
        let mut key = [0; 12];
        let (seed, count) = key.split_at_mut(8);
        seed.copy_from_slice(&self.seed.to_le_bytes());
        count.copy_from_slice(&failures.to_le_bytes());
        let permille = 900 + i64::try_from(Hash::of(&key).short() % 201).unwrap_or(100);
        SignedDuration::from_millis(seconds * permille).min(LONGEST_BACK_OFF)
    }

    /// The regular firings from `first` to `until`, both included.
    fn firings_from(&self, first: Timestamp, until: Timestamp) -> Option<Firings> {
        let before = earlier(earlier(first, SignedDuration::from_nanos(1)), self.delay);
        let found = self
            .schedule
            .firings_within(before, earlier(until, self.delay))?;
        Some(Firings {
            latest: later(found.latest, self.delay),
            count: found.count,
        })
    }
}

fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn earlier(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_sub(by).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
