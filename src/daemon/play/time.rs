//! A clock that stands at the moment that is played.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

use crate::daemon::clock::Clock;

/// The time that is played, in whole milliseconds. Clones are the same time.
#[derive(Debug, Clone, Default)]
pub struct Time(Arc<AtomicI64>);

impl Time {
    /// A time that stands at a moment.
    pub fn at(moment: Timestamp) -> Self {
        let time = Self::default();
        time.set(moment);
        time
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        let millisecond = self.0.load(Ordering::Relaxed);
        Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MIN)
    }

    /// A clock that shows it.
    pub fn clock(&self) -> Clock {
        let time = self.clone();
        std::sync::Arc::new(move || time.now())
    }

    pub(super) fn set(&self, moment: Timestamp) {
        self.0.store(moment.as_millisecond(), Ordering::Relaxed);
    }
}
