//! The changes of a week or any other span, counted by day and class.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::changes::{Changes, Part};
use super::ink::Ink;
use super::{Body, Chart, Error};
use crate::landscape::indicator::days_between;
use crate::market::{ChangeKind, RecordedChange};
use crate::render::line::counted;

/// Bars that stand beside each other and can still be told apart.
const MOST_BARS: i64 = 62;
/// Days in the longest chart: ten years.
pub const MOST_DAYS: i64 = 3_660;

/// What a bar's parts stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Offerings that were added, returned or renamed.
    New,
    /// Offerings that were removed.
    Gone,
    /// Prices.
    Prices,
    /// Lifecycle dates and stages.
    Life,
    /// Everything else.
    Other,
}

impl Class {
    /// Every class, from the bottom of a bar to its top.
    pub const ALL: [Self; 5] = [Self::New, Self::Gone, Self::Prices, Self::Life, Self::Other];

    /// The class of a kind of change.
    pub fn of(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::OfferingAdded
            | ChangeKind::OfferingReturned
            | ChangeKind::OfferingRenamed => Self::New,
            ChangeKind::OfferingRemoved => Self::Gone,
            ChangeKind::PriceChanged => Self::Prices,
            ChangeKind::DateChanged | ChangeKind::StageChanged => Self::Life,
            _ => Self::Other,
        }
    }

    /// What the legend calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Prices => "prices",
            Self::Life => "dates and stages",
            Self::Other => "other",
        }
    }

    fn ink(self) -> Ink {
        match self {
            Self::New => Ink::Green,
            Self::Gone => Ink::Vermilion,
            Self::Prices => Ink::Blue,
            Self::Life => Ink::Orange,
            Self::Other => Ink::Grey,
        }
    }
}

/// The changes of a span of days, counted by day and class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    from: Date,
    /// Days that one bar stands for: more than one where a span has too many days to tell apart.
    width: i64,
    bars: Vec<[u32; 5]>,
    sources: usize,
}

impl Days {
    /// Counts changes by the day of `zone` on which they were recorded, from `from` to before `to`; others are left out.
    /// `sources` is how many were watched: the caption says so.
    ///
    /// # Errors
    /// If the span is empty or longer than ten years.
    pub fn count<'a>(
        changes: impl IntoIterator<Item = &'a RecordedChange>,
        (from, to): (Date, Date),
        zone: &TimeZone,
        sources: usize,
    ) -> Result<Self, Error> {
        let days = days_between(from, to);
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Error::Span(days));
        }
        let width = (days + MOST_BARS - 1) / MOST_BARS;
        let bars = usize::try_from((days + width - 1) / width).unwrap_or(1);
        let mut bars = vec![[0_u32; 5]; bars];
        for recorded in changes {
            let day = recorded.change.confirmed_at.to_zoned(zone.clone()).date();
            if day >= to {
                continue;
            }
            let bar = days_between(from, day).div_euclid(width);
            let count = usize::try_from(bar)
                .ok()
                .and_then(|bar| bars.get_mut(bar))
                .and_then(|bar| bar.get_mut(Class::of(recorded.change.kind) as usize));
            if let Some(count) = count {
                *count = count.saturating_add(1);
            }
        }
        Ok(Self {
            from,
            width,
            bars,
            sources,
        })
    }

    /// How many changes of a class there are.
    pub fn of(&self, class: Class) -> u64 {
        self.bars
            .iter()
            .filter_map(|bar| bar.get(class as usize))
            .map(|count| u64::from(*count))
            .sum()
    }

    /// How many changes there are.
    pub fn n(&self) -> u64 {
        Class::ALL.into_iter().map(|class| self.of(class)).sum()
    }

    /// The chart: one bar a day, what is gone below the line.
    pub fn chart(&self) -> Chart {
        let per = match self.width {
            1 => "day".to_string(),
            width => format!("{width} days"),
        };
        let parts = Class::ALL
            .into_iter()
            .enumerate()
            .filter(|(_, class)| self.of(*class) > 0)
            .map(|(at, class)| Part {
                name: class.word().to_string(),
                ink: class.ink(),
                is_below: class == Class::Gone,
                counts: self
                    .bars
                    .iter()
                    .map(|bar| bar.get(at).copied().unwrap_or(0))
                    .collect(),
            })
            .collect();
        Chart {
            title: format!("Changes per {per}"),
            unit: "number of changes".to_string(),
            n: self.n(),
            counted: if self.n() == 1 { "change" } else { "changes" }.to_string(),
            source: counted(self.sources, "source"),
            body: Body::Changes(Changes {
                from: self.from,
                days_per_bar: self.width,
                bars: self.bars.len(),
                parts,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
