//! The spans of days that are reported on by themselves.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodKind {
    /// From Monday to Monday.
    Weekly,
    /// From the first of a month to the first of the next.
    Monthly,
    /// Seven days that end with the one that goes on: what cannot wait for the end of its week.
    Early,
}

impl PeriodKind {
    /// `weekly`, `monthly`, `early`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Early => "early",
        }
    }
}

/// Days that one report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Which kind.
    pub kind: PeriodKind,
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
}

impl Period {
    /// The last one that is over when a day begins; of an early one, that which ends with the day.
    pub fn last_before(kind: PeriodKind, day: Date) -> Self {
        let (from, to) = match kind {
            PeriodKind::Weekly => {
                let since_monday = i64::from(day.weekday().since(Weekday::Monday));
                let to = day.saturating_sub(since_monday.days());
                (to.saturating_sub(7.days()), to)
            }
            PeriodKind::Monthly => {
                let to = day.first_of_month();
                (to.saturating_sub(1.month()), to)
            }
            PeriodKind::Early => (day.saturating_sub(6.days()), day.saturating_add(1.day())),
        };
        Self { kind, from, to }
    }

    /// Its name, which no other period has: `2026-W46`, `2026-11`, `early-2026-11-12`.
    pub fn key(&self) -> String {
        match self.kind {
            PeriodKind::Weekly => {
                let iso = self.from.iso_week_date();
                format!("{}-W{:02}", iso.year(), iso.week())
            }
            PeriodKind::Monthly => self.from.strftime("%Y-%m").to_string(),
            PeriodKind::Early => {
                let last = self.to.yesterday().unwrap_or(self.to);
                format!("early-{last}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_whole_period_ends_before_the_day() {
        for (day, week, month) in [
            ("2026-11-16", "2026-W46", "2026-10"),
            ("2026-11-22", "2026-W46", "2026-10"),
            ("2026-11-01", "2026-W43", "2026-10"),
            ("2027-01-04", "2026-W53", "2026-12"),
            ("2027-01-03", "2026-W52", "2026-12"),
            ("2028-03-01", "2028-W08", "2028-02"),
        ] {
            let day: Date = day.parse().expect("a day");
            for (kind, expected) in [(PeriodKind::Weekly, week), (PeriodKind::Monthly, month)] {
                let period = Period::last_before(kind, day);
                assert_eq!(period.key(), expected, "{day}");
                assert!(period.from < period.to && period.to <= day, "{day}");
                let is_next_later = Period::last_before(kind, period.to) == period;
                assert!(is_next_later, "{day}");
            }
        }
    }
}
