//! What a policy would have told over a recorded history.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Matter, Policy};
use crate::market::{Interface, RecordedChange, Severity, Taken};

/// A message that would have been sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// Over which route.
    pub route: String,
    /// To whom.
    pub recipients: Vec<String>,
    /// When, at the earliest.
    pub at: Timestamp,
    /// Whether it is a digest.
    pub is_digest: bool,
    /// What it tells.
    pub taken: Vec<Taken>,
}

impl Replayed {
    /// That of its gravest change.
    pub fn severity(&self) -> Severity {
        let severities = self
            .taken
            .iter()
            .map(|taken| taken.recorded.change.severity);
        severities.max().unwrap_or(Severity::Info)
    }
}

/// The messages that a policy makes of changes, which come in the order in which they were recorded, in the order of their
/// sending. What was imported is told as if it had been seen then. `interface` knows what a source says of a change's offering.
///
/// # Errors
/// Those of `interface`.
pub fn replay<E>(
    policy: &Policy,
    changes: &[RecordedChange],
    mut interface: impl FnMut(&RecordedChange) -> Result<Option<Interface>, E>,
) -> Result<Vec<Replayed>, E> {
    let mut opened: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let mut messages: BTreeMap<(String, String), Replayed> = BTreeMap::new();
    for recorded in changes {
        let change = &recorded.change;
        let known = match policy.asks_for_interface() {
            true => interface(recorded)?,
            false => None,
        };
        let matter = Matter::new(change, known);
        let graded = policy.grade(&matter);
        let first = *opened.entry(&recorded.group).or_insert(change.confirmed_at);
        let closes_at = first
            .checked_add(policy.wait(graded.severity))
            .unwrap_or(first);
        for (route, due) in policy.told(&matter, &graded, recorded.standing, closes_at) {
            let of = due
                .digest
                .map_or_else(|| recorded.group.clone(), |at| at.to_string());
            let message = messages
                .entry((route.name.clone(), of))
                .or_insert_with(|| Replayed {
                    route: route.name.clone(),
                    recipients: route.recipients.clone(),
                    at: due.at,
                    is_digest: due.digest.is_some(),
                    taken: Vec::new(),
                });
            // a graver change of the group does not wait for as long
            message.at = message.at.min(due.at);
            let mut told = recorded.clone();
            told.change.severity = graded.severity;
            message.taken.push(Taken {
                recorded: told,
                touched: graded
                    .touched
                    .iter()
                    .map(|name| (*name).to_string())
                    .collect(),
            });
        }
    }
    let mut messages: Vec<Replayed> = messages.into_values().collect();
    messages.sort_by(|one, next| (one.at, &one.route).cmp(&(next.at, &next.route)));
    Ok(messages)
}
