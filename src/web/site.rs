//! What all requests share: readers of the store, what was answered lately, and who listens.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use super::cache::Cache;
use super::cookies::Cookies;
use super::keys::FormKey;
use super::live::Live;
use super::metrics::Requests;
use super::pace::{Pace, Tries};
use super::refusal::Refusal;
use super::route::FACTS;
use super::sessions::Sessions;
use super::{Means, READERS};
use crate::market::Milestone;
use crate::outlook::landscape::{Found, Kept, Part};
use crate::outlook::published::milestones;
use crate::store::{Store, Version, Versions};

/// Requests that wait for a reader at most; what comes beyond them is refused.
const WAITING: usize = 256;
/// Passwords that wait to be looked at.
const VERIFYING: usize = 8;

/// What all requests share.
pub(super) struct Site {
    pub means: Means,
    pub cache: Cache,
    pub live: Live,
    pub requests: Requests,
    pub sessions: Sessions,
    pub tries: Tries,
    pub pace: Pace,
    pub cookies: Cookies,
    pub form_key: FormKey,
    pub verifying: Turns,
    pub doing: Semaphore,
    readers: Mutex<Vec<Store>>,
    /// The whole landscape as it was last put together: pages show parts of it.
    landscape: Mutex<Option<Kept>>,
    milestones: Mutex<Option<Days>>,
    /// Only asked how far the store has come.
    watcher: Mutex<Option<Store>>,
    reading: Turns,
}

/// The days that models have, as of a state of the store.
struct Days {
    version: Version,
    at: Timestamp,
    all: Arc<Vec<Milestone>>,
}

/// So many at once, and so many more that wait.
pub(super) struct Turns {
    turn: Semaphore,
    waiting: Semaphore,
}

impl Turns {
    fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            turn: Semaphore::new(at_once),
            waiting: Semaphore::new(at_once + waiting),
        }
    }

    /// Waits for a turn, which holds until it is dropped; what comes beyond those that wait is refused.
    pub async fn take(&self) -> Result<[SemaphorePermit<'_>; 2], Refusal> {
        let waiting = self.waiting.try_acquire().map_err(|_| Refusal::Busy)?;
        let turn = self.turn.acquire().await.map_err(|_| Refusal::Busy)?;
        Ok([turn, waiting])
    }
}

impl Site {
    pub fn new(means: Means, stopped: watch::Receiver<bool>) -> Result<Self, Refusal> {
        let settings = &means.settings.web;
        Ok(Self {
            sessions: Sessions::default(),
            tries: Tries::default(),
            pace: Pace::new(settings.rate),
            cookies: Cookies::new(settings),
            form_key: FormKey::new()?,
            verifying: Turns::new(1, VERIFYING),
            doing: Semaphore::new(1),
            cache: Cache::default(),
            live: Live::new(stopped),
            requests: Requests::default(),
            readers: Mutex::default(),
            landscape: Mutex::default(),
            milestones: Mutex::default(),
            watcher: Mutex::default(),
            reading: Turns::new(READERS, WAITING),
            means,
        })
    }

    /// Where people reach it, if the configuration says: without a slash at its end.
    pub fn base(&self) -> Option<String> {
        let url = self.means.settings.web.url.as_ref();
        url.map(|url| url.as_str().trim_end_matches('/').to_string())
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
        // whoever comes meanwhile waits for it, instead of making the same again
        let mut last = held(&self.landscape);
        if let Some(anew) = Kept::renewed(last.as_ref(), store, now)? {
            *last = Some(anew);
        }
        Ok(last
            .as_ref()
            .map(|kept| Arc::clone(kept.found()))
            .unwrap_or_default())
    }

    /// The landscape that holds a part; [`Part::of`] takes it out.
    pub fn landscape_with(
        &self,
        store: &Store,
        part: &Part,
        now: Timestamp,
    ) -> Result<Arc<Found>, Refusal> {
        match part.region.is_some() || part.interface.is_some() {
            true => Ok(Arc::new(Found::of(store, part, now)?)),
            false => self.landscape(store, now),
        }
    }

    /// The days on which models are deprecated and retire, put together once for each state of the store.
    pub fn milestones(
        &self,
        store: &Store,
        now: Timestamp,
    ) -> Result<Arc<Vec<Milestone>>, Refusal> {
        let version = store.version()?;
        let mut last = held(&self.milestones);
        let holds = |days: &&Days| {
            days.version == version && days.at <= now && now.duration_since(days.at) < FACTS
        };
        if let Some(days) = last.as_ref().filter(holds) {
            return Ok(Arc::clone(&days.all));
        }
        let all = Arc::new(milestones(store, now)?);
        *last = Some(Days {
            version,
            at: now,
            all: Arc::clone(&all),
        });
        Ok(all)
    }

    /// Asks the store in a thread that may wait for the disk.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Site, &Store) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let _turn = self.reading.take().await?;
        let site = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let reader = held(&site.readers).pop();
            let mut reader = match reader {
                Some(reader) => reader,
                None => Store::open_read_only(&site.means.database)?,
            };
            let limit = Duration::try_from(site.means.settings.web.bounds.question);
            let answer = reader.within(limit.unwrap_or(Duration::from_secs(5)), |reader| {
                question(&site, reader)
            });
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
