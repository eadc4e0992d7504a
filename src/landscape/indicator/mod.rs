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

/// Days from one day to another; negative where the second is earlier.
pub fn days_between(from: Date, to: Date) -> i64 {
    from.until((Unit::Day, to))
        .map_or(0, |span| i64::from(span.get_days()))
}
