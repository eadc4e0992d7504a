//! Which days of the story are played, and how fast what comes after them.

use jiff::{SignedDuration, Timestamp};

use crate::commands::wrong;
use crate::daemon::clock;

/// What is played at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// The first moment, at a full hour.
    pub begin: Timestamp,
    /// The last one that is played at once.
    pub until: Timestamp,
    /// The chance in the world.
    pub seed: u64,
    /// Days of the story that were over before the first moment.
    pub over: u16,
}

/// What a folder was begun with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// The first moment.
    pub begin: Timestamp,
    /// The chance in the world.
    pub seed: u64,
    /// Days of the story that were over before the first moment.
    #[serde(default)]
    pub over: u16,
}

impl Course {
    /// Days that end at `ends`, or else now, after so many that were `over` before; those of a folder go on as they began.
    ///
    /// # Errors
    /// Where a folder was begun with another seed, in words.
    pub fn new(
        seed: Option<u64>,
        (over, days): (u16, u16),
        ends: Option<Timestamp>,
        begun: Option<Begun>,
    ) -> anyhow::Result<Self> {
        let until = full_hour(ends.unwrap_or_else(clock::now));
        let Some(begun) = begun else {
            let days = SignedDuration::from_hours(i64::from(days) * 24);
            return Ok(Self {
                begin: until.checked_sub(days)?,
                until,
                seed: seed.unwrap_or(1),
                over,
            });
        };
        if let Some(seed) = seed.filter(|seed| *seed != begun.seed) {
            return Err(wrong(format!(
                "the folder was begun with seed {}: leave --seed {seed} away, or name another folder",
                begun.seed
            )));
        }
        Ok(Self {
            begin: begun.begin,
            until,
            seed: begun.seed,
            over: begun.over,
        })
    }

    /// What its folder is begun with.
    pub fn begun(&self) -> Begun {
        Begun {
            begin: self.begin,
            seed: self.seed,
            over: self.over,
        }
    }

    /// When the story began: at midnight, so that what it tells happens at the hours that it names.
    ///
    /// # Errors
    /// Where that was before all time.
    pub fn story(&self) -> anyhow::Result<Timestamp> {
        let over = SignedDuration::from_hours(i64::from(self.over) * 24);
        let day = 24 * 3_600;
        let begin = self.begin.checked_sub(over)?.as_second();
        Ok(Timestamp::from_second(begin.div_euclid(day) * day)?)
    }
}

fn full_hour(at: Timestamp) -> Timestamp {
    let hour = at.as_second().div_euclid(3_600) * 3_600;
    Timestamp::from_second(hour).unwrap_or(at)
}

/// A factor of time, for clap.
pub fn speed(text: &str) -> Result<f64, String> {
    let factor: Option<f64> = text.trim().parse().ok();
    factor
        .filter(|factor| (0.001..=1_000_000.0).contains(factor))
        .ok_or_else(|| "expected a number from 0.001 to 1000000, such as 3600".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_end_at_the_full_hour_and_a_folder_goes_on_as_it_began() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let ends = Some(at("2026-11-26T08:41:07Z"));
        let course = Course::new(None, (3, 10), ends, None).expect("a course");
        assert_eq!(course.until, at("2026-11-26T08:00:00Z"));
        assert_eq!(course.begin, at("2026-11-16T08:00:00Z"));
        assert_eq!(course.story().expect("a time"), at("2026-11-13T00:00:00Z"));
        let begun = Some(Begun {
            begin: at("2026-01-01T00:00:00Z"),
            seed: 7,
            over: 0,
        });
        let course = Course::new(None, (0, 10), ends, begun).expect("a course");
        assert_eq!((course.begin, course.seed), (at("2026-01-01T00:00:00Z"), 7));
        let error = Course::new(Some(8), (0, 10), ends, begun).expect_err("another seed");
        insta::assert_snapshot!(error, @"the folder was begun with seed 7: leave --seed 8 away, or name another folder");
    }

    #[test]
    fn a_speed_is_a_number_within_bounds() {
        assert_eq!(speed("3600"), Ok(3_600.0));
        for wrong in ["0", "-1", "NaN", "inf", "fast", ""] {
            assert!(speed(wrong).is_err(), "{wrong}");
        }
    }
}
