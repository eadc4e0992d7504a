//! Which probes are due: five-field cron in a zone or a plain period, stable jitter, back-off, Retry-After. Pure.

mod crontab;
mod due;
mod duration;
mod period;
mod retry_after;

use std::fmt;
use std::iter;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

pub use crontab::{Crontab, NoCrontab};
pub use due::{Attempts, SourceClock, Turn};
pub use duration::{NoDuration, duration_from_text, duration_to_text};
pub use period::{Period, PeriodKind};
pub use retry_after::{RETRY_AFTER_LIMIT, retry_after_from_header};

/// When a probe is to be asked, before its sources are spread by [`SourceClock`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Every so often, counted from the epoch in whole seconds; anything below a second counts as one.
    Every(SignedDuration),
    /// By a crontab line on the clocks of a zone.
    Cron {
        /// The line.
        crontab: Crontab,
        /// The zone whose clocks it means.
        zone: TimeZone,
        /// The zone's IANA name, in its usual spelling.
        zone_name: String,
    },
}

/// A crontab line and zone that make no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSchedule {
    /// The line cannot be read.
    #[error(transparent)]
    Crontab(#[from] NoCrontab),
    /// The zone is not known.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
}

/// A name that the time-zone database does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown time zone '{0}': expected an IANA name such as UTC, Europe/Berlin or America/New_York"
)]
pub struct UnknownZone(String);

/// The zone of an IANA name, whatever its case.
///
/// It comes from the database that is compiled in and never from the machine's own, which is often too old.
pub fn zone_from_name(name: &str) -> Result<TimeZone, UnknownZone> {
    TimeZoneDatabase::bundled()
        .get(name)
        .ok()
        .filter(|zone| !zone.is_unknown())
        .ok_or_else(|| UnknownZone(shortened(name)))
}

/// Firings in a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Firings {
    latest: Timestamp,
    /// Exact for periods; for crontab lines exact up to [`COUNTED_FIRINGS`], where it stops.
    count: u64,
}

/// So many firings of a crontab line are counted one by one, so that a year's sleep costs about a millisecond.
const COUNTED_FIRINGS: u64 = 1_000;

impl Schedule {
    /// Reads a period such as `30m` or `1h30m`.
    pub fn every(text: &str) -> Result<Self, NoDuration> {
        duration_from_text(text).map(Self::Every)
    }

    /// Reads a five-field crontab line and an IANA zone name.
    pub fn cron(line: &str, zone_name: &str) -> Result<Self, NoSchedule> {
        let crontab = line.parse()?;
        let zone = zone_from_name(zone_name)?;
        let zone_name = zone.iana_name().unwrap_or(zone_name).to_owned();
        Ok(Self::Cron {
            crontab,
            zone,
            zone_name,
        })
    }

    /// The first firing strictly later than `after`; `None` past the end of the calendar (crontab lines: past 2100).
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(period) => {
                let period = whole_seconds(*period);
                let turns = second_of(after).div_euclid(period).checked_add(1)?;
                Timestamp::from_second(turns.checked_mul(period)?).ok()
            }
            Self::Cron { crontab, zone, .. } => crontab.next_after(after, zone),
        }
    }

    /// The next `count` firings strictly later than `after`, fewer where the calendar ends.
    pub fn next_firings(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        iter::successors(self.next_after(after), |firing| self.next_after(*firing))
            .take(count)
            .collect()
    }

    /// The firings later than `after` and not later than `until`; `None` if there are none.
    fn firings_within(&self, after: Timestamp, until: Timestamp) -> Option<Firings> {
        let first = self.next_after(after).filter(|first| *first <= until)?;
        if let Self::Every(period) = self {
            let period = whole_seconds(*period);
            let turns = second_of(until).div_euclid(period);
            return Some(Firings {
                latest: Timestamp::from_second(turns.checked_mul(period)?).ok()?,
                count: u64::try_from(turns - second_of(after).div_euclid(period)).ok()?,
            });
        }
        let mut found = Firings {
            latest: first,
            count: 1,
        };
        while let Some(next) = self.next_after(found.latest).filter(|next| *next <= until) {
            if found.count == COUNTED_FIRINGS {
                found.latest = self.latest_within(next, until);
                break;
            }
            found.latest = next;
            found.count += 1;
        }
        Some(found)
    }

    /// The latest firing not later than `until`, found by halving the span; `known` is a firing in it.
    fn latest_within(&self, known: Timestamp, until: Timestamp) -> Timestamp {
        let mut latest = known;
        let mut none_after = second_of(until);
        while none_after - second_of(latest) > 1 {
            let middle = second_of(latest).midpoint(none_after);
            let next = Timestamp::from_second(middle)
                .ok()
                .and_then(|middle| self.next_after(middle))
                .filter(|next| *next <= until);
            match next {
                Some(next) => latest = next,
                None => none_after = middle,
            }
        }
        latest
    }
}

impl fmt::Display for Schedule {
    /// For people: `every 30m`, or `0 6 * * 1 Europe/Berlin`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(period) => write!(f, "every {}", duration_to_text(*period)),
            Self::Cron {
                crontab, zone_name, ..
            } => write!(f, "{crontab} {zone_name}"),
        }
    }
}

/// A period in seconds, at least one.
fn whole_seconds(period: SignedDuration) -> i64 {
    period.as_secs().max(1)
}

/// The second that an instant lies in, also before 1970, where the type itself rounds towards zero.
fn second_of(instant: Timestamp) -> i64 {
    let second = instant.as_second();
    if instant.subsec_nanosecond() < 0 {
        second - 1
    } else {
        second
    }
}

/// What an error quotes of a text from outside: its beginning, with control characters escaped.
fn shortened(text: &str) -> String {
    const QUOTED_CHARACTERS: usize = 40;
    let mut quoted: String = text
        .chars()
        .take(QUOTED_CHARACTERS)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(QUOTED_CHARACTERS).is_some() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests;
