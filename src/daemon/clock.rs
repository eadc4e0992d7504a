//! The only reader of the wall clock.

use std::sync::Arc;

use jiff::Timestamp;

/// Where the time comes from: the system, or a world that is played faster.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
pub fn system() -> Clock {
    Arc::new(now)
}

/// The time now, in whole milliseconds: what is stored reads back the same.
#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
