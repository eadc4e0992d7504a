//! What was answered lately, as long as the store has not come further.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use super::answer::Answer;
use super::site::held;
use crate::store::Version;

/// Bytes that are kept at most.
const ROOM: usize = 16 * 1024 * 1024;
/// Larger answers are not kept.
const LARGEST: usize = 2 * 1024 * 1024;

/// What was answered lately.
#[derive(Default)]
pub(super) struct Cache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    answers: HashMap<String, Entry>,
    size: usize,
}

struct Entry {
    version: Version,
    at: Timestamp,
    answer: Arc<Answer>,
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
        let kept = held(&self.0);
        let entry = kept.answers.get(address)?;
        // a clock that was set back makes nothing fresh
        let is_fresh = entry.at <= now && now.duration_since(entry.at) < age;
        (entry.version == version && is_fresh).then(|| Arc::clone(&entry.answer))
    }

    /// Keeps an answer; where there is no room, all that were kept before go.
    pub fn keep(&self, address: String, version: Version, at: Timestamp, answer: &Arc<Answer>) {
        let size = answer.size() + address.len();
        if size > LARGEST {
            return;
        }
        let mut kept = held(&self.0);
        if kept.size + size > ROOM {
            kept.answers.clear();
            kept.size = 0;
        }
        let entry = Entry {
            version,
            at,
            answer: Arc::clone(answer),
        };
        let before = kept.answers.insert(address, entry);
        let before = before.map_or(0, |before| before.answer.size());
        kept.size = (kept.size + size).saturating_sub(before);
    }
}
