//! What ends soon.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::landscape::history::History;
use crate::market::{Certainty, LifecycleDate, day_start};

/// A model that ends at a provider.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The nearest day on which an offering of it ends there.
    pub date: LifecycleDate,
}

/// How many models of a provider end within some days. Those within 30 days are among those within 90.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Horizon {
    /// Days that are committed, within 30, 90 and 180 days.
    pub firm: [usize; 3],
    /// Days that are floors or estimates, within 30, 90 and 180 days.
    pub not_before: [usize; 3],
}

impl Horizon {
    /// How far it looks, in days.
    pub const DAYS: [i64; 3] = [30, 90, 180];
}

/// What ends after a day and at most so many days later, the nearest first.
pub fn ends(history: &History, day: Date, days: i64) -> Vec<End> {
    let from = day_start(day.saturating_add(1.day()));
    let until = day_start(day.saturating_add((days + 1).days()));
    let mut ends: Vec<End> = history
        .on(day)
        .filter_map(|(model, provider, presence)| {
            let date = presence.cell.retires.filter(|_| presence.is_there())?;
            (date.ends() >= from && date.starts() < until).then(|| End {
                provider: provider.to_string(),
                model: model.to_string(),
                date,
            })
        })
        .collect();
    ends.sort_by(|one, next| {
        let key = |end: &End| (end.date.starts(), end.date.certainty);
        (key(one).cmp(&key(next)))
            .then_with(|| one.model.cmp(&next.model))
            .then_with(|| one.provider.cmp(&next.provider))
    });
    ends
}

/// How much ends at each provider.
pub fn horizons(history: &History, day: Date) -> BTreeMap<String, Horizon> {
    let mut all: BTreeMap<String, Horizon> = history
        .providers(day)
        .map(|provider| (provider.to_string(), Horizon::default()))
        .collect();
    for (at, days) in Horizon::DAYS.into_iter().enumerate() {
        for end in ends(history, day, days) {
            let Some(horizon) = all.get_mut(&end.provider) else {
                continue;
            };
            let counts = match end.date.certainty {
                Certainty::Firm => &mut horizon.firm,
                Certainty::NotBefore => &mut horizon.not_before,
            };
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
        }
    }
    all
}
