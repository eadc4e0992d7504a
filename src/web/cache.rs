//! What was answered lately, as long as the store has not come further.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OwnedMutexGuard;

use super::answer::Answer;
use super::site::held;
use crate::store::Version;

/// Bytes that are kept at most.
const ROOM: usize = 16 * 1024 * 1024;
/// Larger answers are not kept.
const LARGEST: usize = 4 * 1024 * 1024;

/// What was answered lately.
#[derive(Default)]
pub(super) struct Cache {
    kept: Mutex<Kept>,
    /// What is being made, by address.
    making: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// The turn of one who makes an answer: whoever wants the same meanwhile waits until it is dropped.
pub(super) struct Turn<'a> {
    cache: &'a Cache,
    address: String,
    turn: Option<Arc<tokio::sync::Mutex<()>>>,
    held: Option<OwnedMutexGuard<()>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.held = None;
        let mut making = held(&self.cache.making);
        self.turn = None;
        // whoever waits has one beside the list's, and ends it later, even by going away
        let is_last = |turn: &Arc<_>| Arc::strong_count(turn) == 1;
        if making.get(&self.address).is_some_and(is_last) {
            making.remove(&self.address);
        }
    }
}

#[derive(Default)]
struct Kept {
    answers: HashMap<String, Entry>,
    size: usize,
}

struct Entry {
    version: Version,
    at: Timestamp,
    answer: Arc<Answer>,
    /// What it took when it was kept: it is compressed later, too.
    size: usize,
}

impl Cache {
    /// What was answered to this address, if the store is as it was and the answer no older than `age`.
    pub fn get(
        &self,
        address: &str,
        version: Version,
        now: Timestamp,
        age: SignedDuration,
    ) -> Option<Arc<Answer>> {
        let kept = held(&self.kept);
        let entry = kept.answers.get(address)?;
        // a clock that was set back makes nothing fresh
        let is_fresh = entry.at <= now && now.duration_since(entry.at) < age;
        (entry.version == version && is_fresh).then(|| Arc::clone(&entry.answer))
    }

    /// Waits for one's turn to make what is answered to this address.
    pub async fn turn(&self, address: &str) -> Turn<'_> {
        let turn = Arc::clone(held(&self.making).entry(address.to_string()).or_default());
        let mut mine = Turn {
            cache: self,
            address: address.to_string(),
            turn: Some(Arc::clone(&turn)),
            held: None,
        };
        mine.held = Some(turn.lock_owned().await);
        mine
    }

    /// Keeps an answer; where there is no room, all that were kept before go.
    pub fn keep(&self, address: String, version: Version, at: Timestamp, answer: &Arc<Answer>) {
        let answer = Arc::new(answer.packed());
        let size = answer.size() + address.len();
        if size > LARGEST {
            return;
        }
        let mut kept = held(&self.kept);
        if kept.size + size > ROOM {
            kept.answers.clear();
            kept.size = 0;
        }
        let entry = Entry {
            version,
            at,
            answer,
            size,
        };
        let before = kept.answers.insert(address, entry);
        let before = before.map_or(0, |before| before.size);
        kept.size = (kept.size + size).saturating_sub(before);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use super::*;

    type Waiting<'a> = Pin<Box<dyn Future<Output = Turn<'a>> + 'a>>;

    #[tokio::test]
    async fn one_makes_what_many_want_and_nothing_stays_of_those_who_went_away() {
        let cache = Cache::default();
        let first = cache.turn("/").await;
        let _other = cache.turn("/changes").await;
        let mut second: Waiting<'_> = Box::pin(cache.turn("/"));
        let mut gone: Waiting<'_> = Box::pin(cache.turn("/"));
        for waiting in [&mut second, &mut gone] {
            let waits = tokio::select! {
                biased;
                _ = waiting => false,
                () = std::future::ready(()) => true,
            };
            assert!(waits);
        }
        drop(first);
        drop(gone);
        drop(second.await);
        let making = held(&cache.making);
        assert_eq!(making.keys().collect::<Vec<_>>(), ["/changes"]);
    }
}
