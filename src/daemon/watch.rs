//! Which sources are asked, when each is due, and what the daemon remembers of its attempts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::ask::Last;
use crate::config::{Probe, Scoping};
use crate::market::SourceId;
use crate::schedule::{Attempts, SourceClock, Turn};
use crate::store::SourceRecord;

/// One source that is asked.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Its probe.
    pub probe: Arc<Probe>,
    /// Its scope.
    pub scoping: Scoping,
    /// Which source it is.
    pub source: SourceId,
    /// What is remembered of its answers.
    pub(super) memory: Memory,
    clock: SourceClock,
    attempts: Attempts,
    /// Whether it is being asked now.
    pub busy: bool,
}

/// What the store says of a source's last answers, so that it need not be asked each time: whoever writes of the source either
/// keeps both alike or forgets this. All who speak of one source share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Option<Remembered>>>);

/// A source's last answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Remembered {
    /// The last good one.
    pub last: Last,
    /// When the last of all came.
    pub at: Option<Timestamp>,
    /// Whether one that shows nothing new would say nothing besides.
    pub at_rest: bool,
}

impl Memory {
    pub fn get(&self) -> Option<Remembered> {
        self.lock().clone()
    }

    pub fn set(&self, remembered: Option<Remembered>) {
        *self.lock() = remembered;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Remembered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A source whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Its place in the list.
    pub index: usize,
    /// Runs that did not take place at their time.
    pub missed: u64,
}

/// All sources that are asked.
#[derive(Debug, Clone, Default)]
pub struct WatchList {
    /// By probe and scope.
    pub all: Vec<Watched>,
}

impl WatchList {
    /// The sources of the probes that are asked, with what the store remembers of each.
    pub fn new(probes: &[(Probe, bool)], records: &[SourceRecord]) -> Self {
        let known: HashMap<&SourceId, &SourceRecord> =
            records.iter().map(|record| (&record.id, record)).collect();
        let mut all = Vec::new();
        for (probe, _) in probes.iter().filter(|(_, is_asked)| *is_asked) {
            let probe = Arc::new(probe.clone());
            for (source, scoping) in probe.sources() {
                let record = known.get(&source);
                let attempts = Attempts {
                    last: record.and_then(|record| record.last_at),
                    consecutive_failures: record.map_or(0, |record| record.failures),
                    retry_after: record.and_then(|record| record.retry_after),
                };
                all.push(Watched {
                    probe: Arc::clone(&probe),
                    scoping: scoping.clone(),
                    clock: SourceClock::new(probe.schedule.clone(), &source),
                    source,
                    memory: Memory::default(),
                    attempts,
                    busy: false,
                });
            }
        }
        Self { all }
    }

    /// The sources whose turn it is, the one that has waited longest first: nobody is kept waiting for ever by those that are
    /// due again sooner.
    pub fn due(&self, now: Timestamp) -> Vec<Call> {
        let turn =
            |(index, watched): (usize, &Watched)| match watched.clock.turn(watched.attempts, now) {
                Turn::Due { missed, .. } if !watched.busy => {
                    Some((watched.attempts.last, Call { index, missed }))
                }
                _ => None,
            };
        let mut due: Vec<(Option<Timestamp>, Call)> =
            self.all.iter().enumerate().filter_map(turn).collect();
        due.sort_by_key(|(last, call)| (*last, call.index));
        due.into_iter().map(|(_, call)| call).collect()
    }

    /// When the next source is due, after those that are due already.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.all
            .iter()
            .filter(|watched| !watched.busy)
            .map(|watched| match watched.clock.turn(watched.attempts, now) {
                Turn::Due { .. } => now,
                Turn::NotDue { next } => next,
            })
            .min()
    }

    /// When each source is due after this moment, for people.
    pub fn next_readings(&self, now: Timestamp) -> Vec<(&Watched, Option<Timestamp>)> {
        self.all
            .iter()
            .map(|watched| (watched, watched.clock.next_after(now)))
            .collect()
    }

    /// An attempt has ended.
    pub fn ended(
        &mut self,
        source: &SourceId,
        at: Timestamp,
        failed: bool,
        retry_after: Option<SignedDuration>,
    ) {
        for watched in self
            .all
            .iter_mut()
            .filter(|watched| watched.source == *source)
        {
            watched.busy = false;
            let failures = if failed {
                watched.attempts.consecutive_failures.saturating_add(1)
            } else {
                0
            };
            watched.attempts = Attempts {
                last: Some(at),
                consecutive_failures: failures,
                retry_after,
            };
        }
    }
}
