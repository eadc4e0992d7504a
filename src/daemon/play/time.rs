//! A clock that stands at the moment that is played.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

use crate::daemon::clock::Clock;

/// The time that is played, in whole milliseconds. Clones are the same time.
#[derive(Debug, Clone, Default)]
pub struct Time {
    now: Arc<AtomicI64>,
    asked: Arc<AtomicI64>,
}

fn shown(hand: &AtomicI64) -> Timestamp {
    let millisecond = hand.load(Ordering::Relaxed);
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MIN)
}

fn move_to(hand: &AtomicI64, moment: Timestamp) {
    hand.store(moment.as_millisecond(), Ordering::Relaxed);
}

impl Time {
    /// A time that stands at a moment.
    pub fn at(moment: Timestamp) -> Self {
        let time = Self::default();
        time.set(moment);
        time.ask(moment);
        time
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        shown(&self.now)
    }

    /// A clock that shows it.
    pub fn clock(&self) -> Clock {
        let time = self.clone();
        Arc::new(move || time.now())
    }

    /// A clock for whoever answers: it shows the moment that is asked of, which is the next one while this one is still written.
    pub fn asked(&self) -> Clock {
        let time = self.clone();
        Arc::new(move || shown(&time.asked))
    }

    pub(super) fn set(&self, moment: Timestamp) {
        move_to(&self.now, moment);
    }

    pub(super) fn ask(&self, moment: Timestamp) {
        move_to(&self.asked, moment);
    }
}
