//! The only reader of the wall clock.

use jiff::Timestamp;

/// The time now, in whole milliseconds: what is stored reads back the same.
#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
