//! Mail that stays in memory, for tests and rehearsals.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Sent;
use crate::market::OutgoingMessage;

/// A message as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The sender as given.
    pub from: String,
    /// The recipient as given.
    pub recipient: String,
    /// What was sent.
    pub message: OutgoingMessage,
    /// The same as it would travel.
    pub raw: Vec<u8>,
}

/// A handle on mail in memory; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    delivered: Vec<Delivered>,
    answers: BTreeMap<String, Sent>,
}

impl Memory {
    /// What was accepted so far, in order.
    pub fn delivered(&self) -> Vec<Delivered> {
        self.with(|shared| shared.delivered.clone())
    }

    /// Lets every message to this recipient have this answer from now on; only accepted ones are kept.
    pub fn answer(&self, recipient: &str, answer: Sent) {
        self.with(|shared| shared.answers.insert(recipient.to_owned(), answer));
    }

    pub(super) fn take(&self, delivered: Delivered) -> Sent {
        self.with(|shared| {
            let answer = shared.answers.get(&delivered.recipient);
            let answer = answer.cloned().unwrap_or(Sent::Accepted);
            if answer == Sent::Accepted {
                shared.delivered.push(delivered);
            }
            answer
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Shared) -> T) -> T {
        work(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
