//! What may be spent on calls in a day, and what a call is charged. The day is one of UTC.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::cost::Prices;
use super::gathered::{End, Told};
use crate::market::Failure;

/// The number of the day that an instant lies in, counted from 1970-01-01 UTC.
pub fn utc_day(at: Timestamp) -> i64 {
    const SECONDS: i64 = 24 * 60 * 60;
    at.as_second().div_euclid(SECONDS)
}

/// What may be spent in a day, in USD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// In USD.
    pub daily: Decimal,
}

impl Budget {
    /// Whether a call that can cost this much may be made, when this much of the day's money is spent or set aside.
    pub fn has_room(&self, committed: Decimal, most: Decimal) -> bool {
        let after = committed.checked_add(most);
        after.is_some_and(|after| after <= self.daily)
    }
}

/// How a call ended, as far as it decides what it is charged.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// What went wrong on the way, if anything did.
    pub failure: Option<&'a Failure>,
    /// What the stream told.
    pub told: &'a Told,
}

impl Ended<'_> {
    /// What the call is charged in USD, when `most` was set aside for it: nothing if it never came to an answer, its cost if
    /// that is known for sure, and else all that was set aside, or more if it is known to have cost more.
    pub fn charge(&self, most: Decimal, prices: &Prices) -> Decimal {
        let is_refused = self.status.is_some_and(|status| status >= 300);
        let is_unasked = self.failure.is_some_and(|failure| {
            failure.is_ours() || failure.is_unreached() || matches!(failure, Failure::Tls { .. })
        });
        if is_refused || (is_unasked && self.status.is_none()) {
            return Decimal::ZERO;
        }
        let reckoned = prices.cost(&self.told.usage);
        // a gateway may know of fees, and may say nothing of what somebody else bills
        let known = reckoned.max(self.told.stated_cost);
        let is_sure = self.failure.is_none() && self.told.end == End::Complete;
        match known {
            Some(cost) if is_sure => cost,
            known => known.unwrap_or(most).max(most),
        }
    }
}
