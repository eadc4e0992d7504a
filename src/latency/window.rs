//! The windows that samples are rolled up in. They are of UTC, where every day has 24 hours.

use jiff::{SignedDuration, Timestamp};

/// How long a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// Kept for 30 days.
    FiveMinutes,
    /// Kept for two years.
    Hour,
    /// Kept for ever.
    Day,
}

impl Resolution {
    /// All, the finest first.
    pub const ALL: [Self; 3] = [Self::FiveMinutes, Self::Hour, Self::Day];

    /// In seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Self::FiveMinutes => 300,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// The next longer one.
    fn longer(self) -> Self {
        match self {
            Self::FiveMinutes => Self::Hour,
            Self::Hour | Self::Day => Self::Day,
        }
    }

    /// Windows that begin before this are no longer kept; `None`: all are.
    pub fn kept_since(self, now: Timestamp) -> Option<Timestamp> {
        let days = match self {
            Self::FiveMinutes => 30,
            Self::Hour => 731,
            Self::Day => return None,
        };
        let age = SignedDuration::from_hours(days * 24);
        Some(now.checked_sub(age).unwrap_or(Timestamp::MIN))
    }

    /// When the window that has this moment begins, in seconds since 1970.
    pub fn begin(self, at: Timestamp) -> i64 {
        // a moment before 1970 counts backwards
        let second = at.as_millisecond().div_euclid(1_000);
        second - second.rem_euclid(self.seconds())
    }

    fn end(self, at: Timestamp) -> i64 {
        let begin = self.begin(at);
        let is_edge = at.as_millisecond() == begin.saturating_mul(1_000);
        if is_edge {
            begin
        } else {
            begin + self.seconds()
        }
    }
}

/// Windows of one length that follow each other: those that begin from `from` until before `until`, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Their length.
    pub resolution: Resolution,
    /// When the first begins.
    pub from: i64,
    /// When the last ends.
    pub until: i64,
}

/// Which windows tell of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// When it begins, in seconds since 1970: at the edge of a window, so maybe a little before what was asked for.
    pub from: i64,
    /// When it ends, in seconds since 1970.
    pub until: i64,
    /// They touch, and none overlaps another.
    pub runs: Vec<Run>,
    /// The length of the cells of a drawing, in seconds: each window lies in one of them.
    pub cell: i64,
}

impl Cover {
    /// Windows of one length, each a cell of its own.
    pub fn even(resolution: Resolution, since: Timestamp, until: Timestamp) -> Self {
        let from = resolution.begin(since);
        let until = until.as_second().max(from);
        let run = Run {
            resolution,
            from,
            until,
        };
        Self {
            from,
            until,
            runs: vec![run],
            cell: resolution.seconds(),
        }
    }
}

/// Cells of a drawing, at most.
const CELLS: i64 = 32;

/// The fewest windows that cover a span and still draw its course: long ones in the middle, short ones at its edges, as
/// far as short ones of that age are kept.
pub fn cover(since: Timestamp, until: Timestamp, now: Timestamp) -> Cover {
    let finest = |at: Timestamp| {
        let kept =
            |resolution: &Resolution| resolution.kept_since(now).is_none_or(|kept| at >= kept);
        Resolution::ALL
            .into_iter()
            .find(kept)
            .unwrap_or(Resolution::Day)
    };
    // the short windows at the end begin with the longer one that the end lies in
    let finest_end = |at: Timestamp| {
        let kept = |resolution: &Resolution| {
            resolution
                .kept_since(now)
                .is_none_or(|kept| resolution.longer().begin(at) > kept.as_second())
        };
        Resolution::ALL
            .into_iter()
            .find(kept)
            .unwrap_or(Resolution::Day)
    };
    let (first, last) = (finest(since), finest_end(until));
    let from = first.begin(since);
    let until = last.end(until).max(from);
    let coarsest = Resolution::ALL
        .into_iter()
        .rev()
        .find(|resolution| until - from >= resolution.seconds() * CELLS / 3)
        .unwrap_or(Resolution::FiveMinutes)
        .max(first);
    let mut runs = Vec::new();
    gather(coarsest, from, until, &mut runs);
    let runs: Vec<Run> = runs
        .into_iter()
        .filter(|run| run.from < run.until)
        .collect();
    let unit = coarsest.seconds();
    let cell = ((until - from).div_euclid(CELLS) / unit + 1) * unit;
    Cover {
        from,
        until,
        runs,
        cell,
    }
}

fn gather(resolution: Resolution, from: i64, until: i64, runs: &mut Vec<Run>) {
    let length = resolution.seconds();
    let (inner, outer) = (round_up(from, length), until - until.rem_euclid(length));
    let finer = match resolution {
        Resolution::Day => Some(Resolution::Hour),
        Resolution::Hour => Some(Resolution::FiveMinutes),
        Resolution::FiveMinutes => None,
    };
    match finer {
        Some(finer) if inner >= outer => gather(finer, from, until, runs),
        Some(finer) => {
            gather(finer, from, inner, runs);
            runs.push(Run {
                resolution,
                from: inner,
                until: outer,
            });
            gather(finer, outer, until, runs);
        }
        None => runs.push(Run {
            resolution,
            from,
            until,
        }),
    }
}

fn round_up(second: i64, length: i64) -> i64 {
    second + (-second).rem_euclid(length)
}

impl Cover {
    /// In which cell of a drawing a window lies that begins then.
    pub fn cell_of(&self, begin: i64) -> usize {
        let first = self.from - self.from.rem_euclid(self.cell);
        usize::try_from((begin - first) / self.cell).unwrap_or(0)
    }

    /// How many cells a drawing has.
    pub fn cells(&self) -> usize {
        self.cell_of((self.until - 1).max(self.from)) + 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_month_is_told_by_its_days() {
        let now = moment("2026-11-25T15:03:07Z");
        let found = cover(
            moment("2026-10-26T00:00:00Z"),
            moment("2026-11-25T00:00:00Z"),
            now,
        );
        assert_eq!(found.runs.len(), 1, "{found:?}");
        assert_eq!(found.runs[0].resolution, Resolution::Day);
        assert_eq!((found.cell, found.cells()), (86_400, 30));
    }

    #[test]
    fn the_edges_are_told_by_shorter_windows() {
        let now = moment("2026-11-25T15:03:07Z");
        let found = cover(moment("2026-11-01T22:58:00Z"), now, now);
        let lengths: Vec<_> = found
            .runs
            .iter()
            .map(|run| (run.until - run.from) / run.resolution.seconds())
            .collect();
        assert_eq!(lengths, [1, 1, 23, 15, 1], "{found:?}");
        assert_eq!(found.until, moment("2026-11-25T15:05:00Z").as_second());
    }

    #[test]
    fn hours_of_a_day_that_has_lost_some_are_not_asked_for() {
        let at = |second| Timestamp::from_second(second).expect("a time");
        let found = cover(at(408_317), at(437_598), at(63_594_001));
        let days = found.runs.iter().map(|run| run.resolution);
        assert_eq!(days.collect::<Vec<_>>(), [Resolution::Day], "{found:?}");
        assert_eq!((found.from, found.until), (345_600, 518_400));
    }

    #[test]
    fn what_is_no_longer_kept_is_not_asked_for() {
        let now = moment("2026-11-25T15:03:07Z");
        let found = cover(
            moment("2020-01-01T10:30:00Z"),
            moment("2025-06-01T10:30:00Z"),
            now,
        );
        assert_eq!(found.from, moment("2020-01-01T00:00:00Z").as_second());
        assert_eq!(found.until, moment("2025-06-01T11:00:00Z").as_second());
        assert!(
            found
                .runs
                .iter()
                .all(|run| run.resolution != Resolution::FiveMinutes)
        );
    }

    proptest! {
        #[test]
        fn windows_cover_the_span_once(since in 0i64..200_000_000, length in 0i64..100_000_000, ago in 0i64..200_000_000) {
            let at = |second| Timestamp::from_second(second).expect("a time");
            let now = at(since + length + ago);
            let found = cover(at(since), at(since + length), now);
            prop_assert!(found.from <= since && found.until >= since + length);
            let mut edge = found.from;
            for run in &found.runs {
                prop_assert_eq!(run.from, edge);
                prop_assert_eq!(run.from % run.resolution.seconds(), 0);
                prop_assert_eq!(run.until % run.resolution.seconds(), 0);
                if let Some(kept) = run.resolution.kept_since(now) {
                    prop_assert!(run.from >= kept.as_second() - run.resolution.seconds(), "{:?}", run);
                }
                edge = run.until;
            }
            prop_assert_eq!(edge, found.until);
            prop_assert!(found.cells() <= 34, "{} cells", found.cells());
        }
    }
}
