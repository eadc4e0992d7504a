//! What a policy would have told over a recorded history.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::{
    Due, Graded, LAUNCH, Matter, Policy, Route, bundle_key, can_complete, comes_to_nothing,
    following, goes_on, is_end, is_launch, launch_key, masses, says_too, settling, takes_back,
};
use crate::market::{
    Attribute, Change, ChangeId, Interface, RecordedChange, Severity, SourceId, Subject, Taken,
};

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
    let mut gathered = Gathered::default();
    // one reading's changes were recorded together
    let of_one_reading = |one: &RecordedChange, next: &RecordedChange| {
        one.change.source == next.change.source
            && one.change.confirmed_at == next.change.confirmed_at
    };
    for reading in changes.chunk_by(of_one_reading) {
        let mut takes: Vec<Take<'_>> = Vec::new();
        for recorded in reading {
            let change = &recorded.change;
            let known = match policy.asks_for_interface() {
                true => interface(recorded)?,
                false => None,
            };
            let matter = Matter::new(change, known);
            let graded = policy.grade(&matter);
            let first = *opened.entry(&recorded.group).or_insert(change.confirmed_at);
            let closes_at = first.checked_add(policy.wait(graded.severity));
            let settles_at = policy.settles_at(recorded);
            let closes_at = closes_at.unwrap_or(first).max(settles_at.unwrap_or(first));
            let taken_back = gathered.taken_back(policy, change);
            let heard = gathered.heard_of(change);
            let heard = |route: &str| heard.contains(route);
            for (route, due) in policy.told(&matter, &graded, recorded.standing, closes_at, heard) {
                let is_settling = due.digest.is_none() && settles_at.is_some();
                let launch = match is_settling {
                    true => None,
                    false => gathered.launch(policy, (&matter, graded.severity), (route, due)),
                };
                takes.push(Take {
                    recorded,
                    graded: graded.clone(),
                    route,
                    due: launch.map_or(due, |(due, _)| due),
                    launched: launch.map(|(_, launched)| launched),
                    is_taken_back: taken_back.contains(&route.name),
                    is_settling,
                });
            }
        }
        let of_routes = takes
            .iter()
            .map(|take| (take.route.name.as_str(), &take.recorded.change));
        let masses = masses(of_routes);
        for take in takes.iter().filter(|take| !take.is_taken_back) {
            gathered.add(take, masses.contains(take.route.name.as_str()));
        }
    }
    let mut messages = gathered.messages;
    messages.retain(|message| {
        let is_held = message.is_held && comes_to_nothing(&message.taken);
        !is_held && !message.taken.is_empty()
    });
    messages.sort_by(|one, next| (one.at, &one.route).cmp(&(next.at, &next.route)));
    let mut told = limited(policy, messages);
    told.sort_by(|one, next| (one.at, &one.route).cmp(&(next.at, &next.route)));
    Ok(told)
}

/// A change that a route takes.
struct Take<'a> {
    recorded: &'a RecordedChange,
    graded: Graded<'a>,
    route: &'a Route,
    due: Due,
    /// When the launch was that it only completes.
    launched: Option<Timestamp>,
    is_taken_back: bool,
    is_settling: bool,
}

/// Route, provider, native id and attribute.
type Aspect = (String, String, String, Option<Attribute>);

fn aspect(route: &Route, change: &Change) -> Aspect {
    (
        route.name.clone(),
        change.subject.provider.to_string(),
        change.subject.native_id.to_string(),
        change.attribute.clone(),
    )
}

/// The messages so far.
#[derive(Default)]
struct Gathered {
    messages: Vec<Replayed>,
    /// The message that gathers, by its route and what it gathers.
    open: HashMap<(String, String), usize>,
    /// What has not been told yet.
    waiting: HashMap<Aspect, Vec<Waiting>>,
    /// By route and launch, when it was told of first lately, and in which message.
    launches: HashMap<(String, String), (Timestamp, usize)>,
    /// The routes that tell of what goes on, but for those that do in a digest.
    going_on: HashMap<(SourceId, Subject), BTreeSet<String>>,
}

impl Gathered {
    /// The routes from whose messages that are still to be sent a change takes something back, whatever they take themselves.
    fn taken_back(&mut self, policy: &Policy, change: &Change) -> BTreeSet<String> {
        let mut routes = BTreeSet::new();
        for route in &policy.routes {
            if let Some(known) = self.waiting.get_mut(&aspect(route, change))
                && take_out(&mut self.messages, known, change, |earlier, _| {
                    takes_back(change, earlier)
                })
            {
                routes.insert(route.name.clone());
            }
        }
        routes
    }

    /// The routes that told the beginning of what a change ends.
    fn heard_of(&mut self, change: &Change) -> BTreeSet<String> {
        let is_over = is_end(change);
        let of = (change.source.clone(), change.subject.clone());
        let heard = is_over.then(|| self.going_on.remove(&of)).flatten();
        heard.unwrap_or_default()
    }

    /// When a route tells a change that only completes a launch that it told of, and when that was.
    fn launch(
        &self,
        policy: &Policy,
        (matter, severity): (&Matter<'_>, Severity),
        (route, due): (&Route, Due),
    ) -> Option<(Due, Timestamp)> {
        let change = matter.change;
        if !can_complete(change, severity) {
            return None;
        }
        let key = (route.name.clone(), launch_key(&change.subject));
        let (launched, message) = self.launches.get(&key)?;
        if self.messages.get(*message)?.at >= change.confirmed_at {
            return None;
        }
        let due = policy.due_after_launch(route, matter, severity, (due, *launched))?;
        Some((due, *launched))
    }

    fn add(&mut self, take: &Take<'_>, is_mass: bool) {
        let (change, route, due) = (&take.recorded.change, take.route, take.due);
        let known = self.waiting.entry(aspect(route, change)).or_default();
        take_out(&mut self.messages, known, change, |earlier, waits| {
            waits.is_settling && says_too(change, earlier)
        });
        let bundle = bundle_key(change, is_mass, due.held_until);
        let bundle = match due.digest {
            None if take.is_settling => settling(&bundle, due.at),
            None => match take.launched.filter(|_| due.held_until.is_none()) {
                Some(launched) => following(&bundle, launched),
                None => bundle,
            },
            Some(at) => at.to_string(),
        };
        let next = self.messages.len();
        let place = self
            .open
            .entry((route.name.clone(), bundle))
            .or_insert(next);
        let taken = taken(take.recorded, &take.graded);
        let open = self.messages.get_mut(*place);
        match open.filter(|message| change.confirmed_at <= message.at) {
            Some(message) => {
                // a graver change does not wait for as long
                message.at = message.at.min(due.at);
                message.taken.push(taken);
            }
            None => {
                *place = next;
                self.messages.push(Replayed {
                    route: route.name.clone(),
                    recipients: route.recipients.clone(),
                    at: due.at,
                    is_digest: due.digest.is_some(),
                    is_held: due.held_until.is_some(),
                    taken: vec![taken],
                });
            }
        }
        if is_launch(change) && due.digest.is_none() && take.launched.is_none() {
            let key = (route.name.clone(), launch_key(&change.subject));
            let told = (change.confirmed_at, *place);
            let first = self.launches.entry(key).or_insert(told);
            if first
                .0
                .checked_add(LAUNCH)
                .is_ok_and(|end| end < change.confirmed_at)
            {
                *first = told;
            }
        }
        if goes_on(change) && due.digest.is_none() {
            let of = (change.source.clone(), change.subject.clone());
            let heard = self.going_on.entry(of).or_default();
            heard.insert(route.name.clone());
        }
        known.push(Waiting {
            message: *place,
            change: change.id.clone(),
            is_settling: take.is_settling,
        });
    }
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

/// Takes out of the messages that are still to be sent what a change makes needless; whether there was any of it. What is taken
/// out counts from when that was seen: it may have been confirmed late only because a recorded history has gaps.
fn take_out(
    messages: &mut [Replayed],
    waiting: &mut Vec<Waiting>,
    change: &Change,
    is_needless: impl Fn(&Change, &Waiting) -> bool,
) -> bool {
    let mut is_any = false;
    waiting.retain(|waits| {
        let Some(message) = messages.get_mut(waits.message) else {
            return false;
        };
        if message.at < change.seen_at {
            return false;
        }
        let before = message.taken.len();
        message.taken.retain(|taken| {
            let earlier = &taken.recorded.change;
            earlier.id != waits.change || !is_needless(earlier, waits)
        });
        let is_kept = message.taken.len() == before;
        is_any |= !is_kept;
        is_kept
    });
    is_any
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
