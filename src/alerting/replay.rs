//! What a policy would have told over a recorded history.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::{Due, Graded, Matter, Policy, Route, bundle_key, comes_to_nothing, masses};
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
    /// Whether it waited for the end of a window.
    is_held: bool,
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
    let mut messages: Vec<Replayed> = Vec::new();
    // the message that gathers, by its route and what it gathers
    let mut gathering: HashMap<(String, String), usize> = HashMap::new();
    // one reading's changes were recorded together
    let of_one_reading = |one: &RecordedChange, next: &RecordedChange| {
        one.change.source == next.change.source
            && one.change.confirmed_at == next.change.confirmed_at
    };
    for reading in changes.chunk_by(of_one_reading) {
        let mut takes: Vec<(&RecordedChange, Graded<'_>, &Route, Due)> = Vec::new();
        for recorded in reading {
            let change = &recorded.change;
            let known = match policy.asks_for_interface() {
                true => interface(recorded)?,
                false => None,
            };
            let matter = Matter::new(change, known);
            let graded = policy.grade(&matter);
            let first = *opened.entry(&recorded.group).or_insert(change.confirmed_at);
            let wait = policy.wait(graded.severity);
            let closes_at = first.checked_add(wait).unwrap_or(first);
            for (route, due) in policy.told(&matter, &graded, recorded.standing, closes_at) {
                takes.push((recorded, graded.clone(), route, due));
            }
        }
        let of_routes = takes
            .iter()
            .map(|(recorded, _, route, _)| (route.name.as_str(), &recorded.change));
        let masses = masses(of_routes);
        for (recorded, graded, route, due) in &takes {
            let change = &recorded.change;
            let bundle = match due.digest {
                None => bundle_key(change, masses.contains(route.name.as_str()), due.is_held),
                Some(at) => at.to_string(),
            };
            let open = gathering
                .get(&(route.name.clone(), bundle.clone()))
                .copied();
            let open = open.and_then(|place| messages.get_mut(place));
            let taken = taken(recorded, graded);
            match open.filter(|message| change.confirmed_at <= message.at) {
                Some(message) => {
                    // a graver change does not wait for as long
                    message.at = message.at.min(due.at);
                    message.taken.push(taken);
                }
                None => {
                    gathering.insert((route.name.clone(), bundle), messages.len());
                    messages.push(Replayed {
                        route: route.name.clone(),
                        recipients: route.recipients.clone(),
                        at: due.at,
                        is_digest: due.digest.is_some(),
                        is_held: due.is_held,
                        taken: vec![taken],
                    });
                }
            }
        }
    }
    messages.retain(|message| !message.is_held || !comes_to_nothing(&message.taken));
    messages.sort_by(|one, next| (one.at, &one.route).cmp(&(next.at, &next.route)));
    let mut told = limited(policy, messages);
    told.sort_by(|one, next| (one.at, &one.route).cmp(&(next.at, &next.route)));
    Ok(told)
}

/// What is more than a route carries is told in a digest, once there is room.
fn limited(policy: &Policy, messages: Vec<Replayed>) -> Vec<Replayed> {
    let mut written: HashMap<String, Vec<Timestamp>> = HashMap::new();
    let mut overflow: HashMap<(String, Timestamp), usize> = HashMap::new();
    let mut told: Vec<Replayed> = Vec::new();
    for mut message in messages {
        let route = policy
            .routes
            .iter()
            .find(|route| route.name == message.route);
        let limit = route.and_then(|route| route.limit);
        let limit = limit.filter(|_| !message.is_digest && message.severity() < Severity::Critical);
        let before = written.entry(message.route.clone()).or_default();
        let Some(at) = limit.and_then(|limit| limit.full_until(before, message.at)) else {
            if !message.is_digest {
                before.push(message.at);
            }
            told.push(message);
            continue;
        };
        let key = (message.route.clone(), at);
        match overflow.get(&key).and_then(|place| told.get_mut(*place)) {
            Some(digest) => digest.taken.append(&mut message.taken),
            None => {
                overflow.insert(key, told.len());
                told.push(Replayed {
                    at,
                    is_digest: true,
                    ..message
                });
            }
        }
    }
    told
}

/// The change as its readers are told it.
fn taken(recorded: &RecordedChange, graded: &Graded<'_>) -> Taken {
    let mut recorded = recorded.clone();
    recorded.change.severity = graded.severity;
    let touched = graded.touched.iter();
    Taken {
        recorded,
        touched: touched.map(|name| (*name).to_string()).collect(),
    }
}
