//! Numbers about the landscape over time. `docs/indicators.md` defines each, so that a reader can count it again.

mod basket;
mod coverage;
mod day;
mod horizon;
mod moves;
mod parity;
mod sources;
mod speed;

use jiff::Unit;
use jiff::civil::Date;

pub use basket::{Baskets, Index, Level};
pub use coverage::{Coverage, Flagship, Lines, coverage};
pub use day::Reckoning;
pub use horizon::{End, Horizon, ends, horizons};
pub use moves::{Move, Way, moves, moves_of_records};
pub use parity::{Lag, Parity, Typical, parity, typical};
pub use sources::{Sources, exclusive, sources};
pub use speed::{Ranked, Speed, median_between, ranks};

/// The middle one of some values, or what lies between the two middle ones; `None` where there is none.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    match values.len() % 2 {
        1 => Some(upper),
        _ => Some((values.get(middle.checked_sub(1)?)? + upper) / 2.0),
    }
}

/// Every day from one to another, both included.
pub fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    let first = (from <= to).then_some(from);
    std::iter::successors(first, move |day| {
        day.tomorrow().ok().filter(|next| *next <= to)
    })
}

/// Days from one day to another; negative where the second is earlier.
pub fn days_between(from: Date, to: Date) -> i64 {
    from.until((Unit::Day, to))
        .map_or(0, |span| i64::from(span.get_days()))
}
