//! What a policy would have told over a recorded history.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::{
    Due, Graded, Matter, Policy, Route, bundle_key, comes_to_nothing, masses, says_too, settling,
    takes_back,
};
use crate::market::{Attribute, Change, ChangeId, Interface, RecordedChange, Severity, Taken};

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
    // what has not been told yet, by its route, provider, native id and attribute
    let mut waiting: HashMap<(String, String, String, Option<Attribute>), Vec<Waiting>> =
        HashMap::new();
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
            let closes_at = policy
                .settles_at(recorded)
                .map_or(closes_at, |at| at.max(closes_at));
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
            let is_settling =
                due.digest.is_none() && !due.is_held && policy.settles_at(recorded).is_some();
            let known = waiting
                .entry((
                    route.name.clone(),
                    change.subject.provider.to_string(),
                    change.subject.native_id.to_string(),
                    change.attribute.clone(),
                ))
                .or_default();
            if take_back(&mut messages, known, change) {
                continue;
            }
            let bundle = bundle_key(change, masses.contains(route.name.as_str()), due.is_held);
            let bundle = match due.digest {
                None if is_settling => settling(&bundle, due.at),
                None => bundle,
                Some(at) => at.to_string(),
            };
            let place = gathering
                .get(&(route.name.clone(), bundle.clone()))
                .copied();
            let open = place.and_then(|place| messages.get_mut(place));
            let taken = taken(recorded, graded);
            let waits = |message: usize| Waiting {
                message,
                change: change.id.clone(),
                is_settling,
            };
            match open.filter(|message| change.confirmed_at <= message.at) {
                Some(message) => {
                    // a graver change does not wait for as long
                    message.at = message.at.min(due.at);
                    message.taken.push(taken);
                    known.extend(place.map(waits));
                }
                None => {
                    known.push(waits(messages.len()));
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
    messages.retain(|message| {
        !message.taken.is_empty() && !(message.is_held && comes_to_nothing(&message.taken))
    });
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

/// A change that a message is to tell.
struct Waiting {
    message: usize,
    change: ChangeId,
    is_settling: bool,
}

/// Takes out of the messages that are still to be sent what a change takes back, or says with more authority: whether it took
/// something back, and is itself not to be told. What is taken back counts from when that was seen: it may have been confirmed
/// late only because a recorded history has gaps.
fn take_back(messages: &mut [Replayed], waiting: &mut Vec<Waiting>, change: &Change) -> bool {
    let mut is_taken_back = false;
    waiting.retain(|waits| {
        let Some(message) = messages.get_mut(waits.message) else {
            return false;
        };
        if message.at < change.seen_at {
            return false;
        }
        let mut is_kept = true;
        message.taken.retain(|taken| {
            let earlier = &taken.recorded.change;
            if earlier.id != waits.change {
                return true;
            }
            let is_undone = takes_back(change, earlier);
            is_taken_back |= is_undone;
            is_kept = !is_undone && !(waits.is_settling && says_too(change, earlier));
            is_kept
        });
        is_kept
    });
    is_taken_back
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
