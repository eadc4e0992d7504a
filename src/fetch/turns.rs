//! Politeness: how many requests a host has at once, and how closely they follow each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Above so many hosts, those that nobody waits for are forgotten: redirects may name any number.
const REMEMBERED: usize = 1024;

/// The queues of all hosts.
#[derive(Debug)]
pub(super) struct Turns {
    concurrency: usize,
    pace: Duration,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug)]
struct Host {
    places: Arc<Semaphore>,
    next_start: Mutex<Instant>,
}

/// A place among the requests that a host has now, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _place: Option<OwnedSemaphorePermit>,
}

impl Turns {
    pub fn new(concurrency: usize, pace: Duration) -> Self {
        Self {
            concurrency: concurrency.clamp(1, Semaphore::MAX_PERMITS),
            pace,
            hosts: Mutex::new(HashMap::new()),
        }
    }

    /// Waits for a place and for the pace of the host.
    pub async fn take(&self, host: &str) -> Turn {
        let host = self.host(host);
        // The semaphore is never closed; if it were, going on without a place is the lesser evil.
        let place = host.places.clone().acquire_owned().await.ok();
        let start = {
            let mut next = host
                .next_start
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let start = Instant::now().max(*next);
            *next = start + self.pace;
            start
        };
        // The timer counts in milliseconds: a start that is due need not wait for its next one.
        if start > Instant::now() {
            tokio::time::sleep_until(start).await;
        }
        Turn { _place: place }
    }

    fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(name) {
            return Arc::clone(host);
        }
        if hosts.len() >= REMEMBERED {
            let now = Instant::now();
            hosts.retain(|_, host| {
                let next = *host
                    .next_start
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                // A permit keeps the semaphore alive, not the host.
                host.places.available_permits() < self.concurrency
                    || Arc::strong_count(host) > 1
                    || next > now
            });
        }
        let host = Arc::new(Host {
            places: Arc::new(Semaphore::new(self.concurrency)),
            next_start: Mutex::new(Instant::now()),
        });
        hosts.insert(name.to_owned(), Arc::clone(&host));
        host
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn starts_keep_their_distance_per_host() {
        let pace = Duration::from_millis(40);
        let turns = Turns::new(8, pace);
        let begun = Instant::now();
        drop(turns.take("a").await);
        drop(turns.take("b").await);
        drop(turns.take("a").await);
        drop(turns.take("a").await);
        assert!(begun.elapsed() >= pace * 2, "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_full_host_makes_the_next_wait_and_no_other() {
        let turns = Turns::new(2, Duration::ZERO);
        let first = turns.take("a").await;
        let _second = turns.take("a").await;
        let _other = turns.take("b").await;
        let third = turns.take("a");
        tokio::pin!(third);
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        third.await;
    }

    #[tokio::test]
    async fn idle_hosts_are_forgotten_and_busy_ones_kept() {
        let turns = Turns::new(1, Duration::ZERO);
        let _busy = turns.take("busy").await;
        for number in 0..REMEMBERED * 2 {
            drop(turns.take(&format!("host{number}")).await);
        }
        assert!(turns.hosts.lock().unwrap().len() <= REMEMBERED);
        let again = turns.take("busy");
        tokio::pin!(again);
        assert!(again.as_mut().now_or_never().is_none());
    }
}
