//! What all requests share: readers of the store, what was answered lately, and who listens.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, watch};

use super::cache::Cache;
use super::live::Live;
use super::metrics::Requests;
use super::refusal::Refusal;
use super::{Means, READERS};
use crate::outlook::landscape::{Found, Part};
use crate::store::{Store, Version, Versions};

/// Requests that wait for a reader at most; what comes beyond them is refused.
const WAITING: usize = 256;
/// The landscape is made anew after so long even where the store has come no further: days on which models retire pass.
const LANDSCAPE: SignedDuration = SignedDuration::from_mins(1);

/// What all requests share.
pub(super) struct Site {
    pub means: Means,
    pub cache: Cache,
    pub live: Live,
    pub requests: Requests,
    readers: Mutex<Vec<Store>>,
    landscape: Mutex<Option<Landscape>>,
    /// Only asked how far the store has come.
    watcher: Mutex<Option<Store>>,
    turns: Semaphore,
    waiting: Semaphore,
}

/// The whole landscape as it was last put together: pages show parts of it.
struct Landscape {
    version: Version,
    at: Timestamp,
    found: Arc<Found>,
}

impl Site {
    pub fn new(means: Means, stopped: watch::Receiver<bool>) -> Self {
        Self {
            means,
            cache: Cache::default(),
            live: Live::new(stopped),
            requests: Requests::default(),
            readers: Mutex::default(),
            landscape: Mutex::default(),
            watcher: Mutex::default(),
            turns: Semaphore::new(READERS),
            waiting: Semaphore::new(WAITING),
        }
    }

    /// Where people reach it, if the configuration says: without a slash at its end.
    pub fn base(&self) -> Option<String> {
        None
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.means.clock)()
    }

    /// How far the store has come.
    pub fn version(&self) -> Result<Version, Refusal> {
        let mut watcher = held(&self.watcher);
        if watcher.is_none() {
            *watcher = Some(Store::open_read_only(&self.means.database)?);
        }
        let version = watcher.as_ref().map(Versions::version).transpose();
        if version.is_err() {
            *watcher = None;
        }
        Ok(version?.unwrap_or_default())
    }

    /// The whole landscape, put together once for each state of the store.
    pub fn landscape(&self, store: &Store, now: Timestamp) -> Result<Arc<Found>, Refusal> {
        let version = store.version()?;
        if let Some(kept) = held(&self.landscape).as_ref() {
            let is_fresh = kept.at <= now && now.duration_since(kept.at) < LANDSCAPE;
            if kept.version == version && is_fresh {
                return Ok(Arc::clone(&kept.found));
            }
        }
        let found = Arc::new(Found::of(store, &Part::default(), now)?);
        *held(&self.landscape) = Some(Landscape {
            version,
            at: now,
            found: Arc::clone(&found),
        });
        Ok(found)
    }

    /// Asks the store in a thread that may wait for the disk.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Site, &Store) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Refusal::Busy)?;
        let _turn = self.turns.acquire().await.map_err(|_| Refusal::Busy)?;
        let site = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let reader = held(&site.readers).pop();
            let reader = match reader {
                Some(reader) => reader,
                None => Store::open_read_only(&site.means.database)?,
            };
            let answer = question(&site, &reader);
            // a reader in trouble is opened anew
            if !matches!(answer, Err(Refusal::Store(_))) {
                held(&site.readers).push(reader);
            }
            answer
        })
        .await
        .map_err(|error| Refusal::Internal(error.to_string()))?
    }
}

/// What a panicked request held is whole: readers are taken out and put back.
pub(super) fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
