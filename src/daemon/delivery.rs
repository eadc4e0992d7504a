//! From the outbox to the recipients: groups are frozen when their time has come, messages sent, their state written.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::ways_out::ways_out;
use super::writer::{Gone, Writer};
use crate::alerting::{LONGEST_WAIT, Policy, comes_to_nothing, is_chapter, is_held, thread_lasts};
use crate::deliver::{Mailer, Sent, next_attempt};
use crate::market::{Group, OutboxEntry, Severity, SourceId, Standing, Taken};
use crate::render;
use crate::store::{Alerts, DIGEST, Due, Error, Outbox, Store};

/// How long a group whose siblings have not been asked waits before the next look.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// Entries taken from the outbox at once.
const AT_ONCE: u32 = 50;

/// How delivery is done.
#[derive(Debug, Clone)]
pub struct Post {
    /// Over what.
    pub mailer: Arc<Mailer>,
    /// From whom.
    pub from: String,
    /// In whose times.
    pub zone: TimeZone,
    /// The sources that are asked: a group waits for no other.
    pub watched: Arc<HashSet<SourceId>>,
    /// What routes carry.
    pub policy: Arc<Policy>,
    /// Entries whose message was accepted while the store could not note it: they are noted later, not sent again.
    pub accepted: Arc<Mutex<HashSet<String>>>,
}

impl Post {
    fn accepted_so_far(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one round of delivery did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Messages accepted by the mail server.
    pub delivered: u32,
    /// Messages that will be tried again.
    pub retried: u32,
    /// Messages refused for good.
    pub dead: u32,
}

/// Delivers everything that is due. `last_call`: groups are closed at once, for the program will not be there later.
pub async fn round(
    writer: &Writer,
    post: &Post,
    now: Timestamp,
    last_call: bool,
) -> Result<Round, Gone> {
    let mut round = Round::default();
    // an entry that is tried again is due later than now, so that this ends
    loop {
        let own = post.clone();
        let ready = writer
            .run(move |store| prepare(store, &own, now, last_call))
            .await?;
        if ready.is_empty() {
            return Ok(round);
        }
        for entry in ready {
            send(writer, post, &entry, now, &mut round).await?;
        }
    }
}

/// Freezes the messages whose time has come; gives the entries that can be sent.
fn prepare(
    store: &mut Store,
    post: &Post,
    now: Timestamp,
    last_call: bool,
) -> Result<Vec<OutboxEntry>, Error> {
    let Post {
        watched, policy, ..
    } = post;
    let mut ready = Vec::new();
    for due in store.due(now, last_call, AT_ONCE)? {
        if due.entry.message.is_some() {
            ready.push(due.entry);
            continue;
        }
        let taken = store.taken(&due.entry.alert, &due.entry.route)?;
        let groups = match due.kind == DIGEST {
            true => Vec::new(),
            false => groups(store, &taken)?,
        };
        let mut is_waiting = false;
        for group in groups.iter().filter(|_| !last_call) {
            is_waiting |= waits(store, group, watched, now)?;
        }
        if is_waiting {
            let later = now.checked_add(LOOK_AGAIN).unwrap_or(now);
            store.transaction(|transaction| transaction.postpone(&due.entry.alert, later))?;
        } else if let Some(until) = too_much(store, policy, &due, &taken, now)? {
            tracing::warn!(
                route = due.entry.route,
                "too many messages: a digest tells the rest {until}"
            );
            let severity = severity(&taken);
            store.transaction(|t| t.overflow(&due, severity, until))?;
        } else if let Some(entry) = freeze(store, post, due, taken, &groups, now)? {
            ready.push(entry);
        }
    }
    Ok(ready)
}

/// When a route tells what is more than it carries; `None` if there is room. What is critical is told in any case.
fn too_much(
    store: &Store,
    policy: &Policy,
    due: &Due,
    taken: &[Taken],
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let route = &due.entry.route;
    let limit = policy.routes.iter().find(|one| one.name == *route);
    let limit = limit.and_then(|route| route.limit);
    let Some(limit) = limit.filter(|_| due.kind != DIGEST) else {
        return Ok(None);
    };
    if severity(taken) == Severity::Critical {
        return Ok(None);
    }
    // already told to another recipient
    if store
        .entries_of(&due.entry.alert)?
        .iter()
        .any(|entry| entry.route == *route && entry.message.is_some())
    {
        return Ok(None);
    }
    let written = store.written_since(route, limit.since(now))?;
    Ok(limit.full_until(&written, now))
}

fn severity(taken: &[Taken]) -> Severity {
    let severities = taken.iter().map(|taken| taken.recorded.change.severity);
    severities.max().unwrap_or(Severity::Info)
}

/// The groups of the changes that a message tells.
fn groups(store: &Store, taken: &[Taken]) -> Result<Vec<Group>, Error> {
    let ids: BTreeSet<&str> = taken
        .iter()
        .map(|taken| taken.recorded.group.as_str())
        .collect();
    let group = |id: &str| {
        let group = store.group(id)?;
        group.ok_or_else(|| Error::Damaged(format!("the group {id}")))
    };
    ids.into_iter().map(group).collect()
}

/// Whether a group is still to be joined by the same change of a sibling source.
fn waits(
    store: &Store,
    group: &Group,
    watched: &HashSet<SourceId>,
    now: Timestamp,
) -> Result<bool, Error> {
    let waited = now.duration_since(group.opened_at);
    // a group of the future was opened before the clock was set back
    let may_wait = !waited.is_negative() && waited < LONGEST_WAIT;
    Ok(may_wait
        && store
            .siblings_unasked(group)?
            .iter()
            .any(|sibling| watched.contains(sibling)))
}

fn freeze(
    store: &mut Store,
    post: &Post,
    due: Due,
    mut taken: Vec<Taken>,
    groups: &[Group],
    now: Timestamp,
) -> Result<Option<OutboxEntry>, Error> {
    let is_digest = due.kind == DIGEST;
    let (alert, route) = (due.entry.alert.clone(), due.entry.route.clone());
    // frozen for another recipient of the same alert a moment ago
    let current = |store: &Store| -> Result<Option<OutboxEntry>, Error> {
        let entries = store.entries_of(&alert)?;
        Ok(entries.into_iter().find(|entry| entry.id == due.entry.id))
    };
    if let Some(entry) = current(store)?.filter(|entry| entry.message.is_some()) {
        return Ok(Some(entry));
    }
    taken.retain(|taken| taken.recorded.standing == Standing::News);
    // its source was told anew in the meantime, and says otherwise; or it came and went while work was done
    if taken.is_empty() || is_held(&due.bundle) && comes_to_nothing(&taken) {
        tracing::info!(alert, route, "nothing is left to tell");
        store.transaction(|transaction| transaction.withdraw(&alert, &route))?;
        return Ok(None);
    }
    let digest_of = is_digest.then_some(route.as_str());
    let ways_out = match is_digest {
        true => Vec::new(),
        false => ways_out(store, &post.policy.watches, &taken, now)?,
    };
    let message = render::alert_message(digest_of, &taken, &ways_out, &post.zone, now);
    let first = taken.first().map(|taken| &taken.recorded.change);
    let lasts = first.filter(|_| !is_digest).map(thread_lasts);
    // digests are no thread
    let since = lasts.map(|lasts| now.checked_sub(lasts).unwrap_or(Timestamp::MIN));
    let is_chapter = |taken: &Taken| is_chapter(taken.recorded.change.kind);
    let is_chapter = taken.iter().all(is_chapter);
    store.transaction(|transaction| {
        for group in groups {
            transaction.end_group(group, now)?;
        }
        transaction.freeze((&alert, &route), &message, since, is_chapter)
    })?;
    current(store)
}

async fn send(
    writer: &Writer,
    post: &Post,
    entry: &OutboxEntry,
    now: Timestamp,
    round: &mut Round,
) -> Result<(), Gone> {
    let Some(message) = &entry.message else {
        return Ok(());
    };
    let was_accepted = post.accepted_so_far().contains(&entry.id);
    let sent = if was_accepted {
        Sent::Accepted
    } else {
        post.mailer
            .send(&post.from, &entry.recipient, message)
            .await
    };
    let (id, attempts) = (entry.id.clone(), entry.attempts);
    match sent {
        Sent::Accepted => {
            round.delivered += u32::from(!was_accepted);
            post.accepted_so_far().insert(id.clone());
            writer
                .run(move |store| store.transaction(|t| t.mark_delivered(&id, now)))
                .await?;
            post.accepted_so_far().remove(&entry.id);
            Ok(())
        }
        Sent::Retry { detail } => {
            round.retried += 1;
            tracing::warn!(message.id = %message.message_id, attempts = attempts + 1, "mail not sent yet: {detail}");
            let next = next_attempt(attempts + 1, now, &id);
            writer
                .run(move |store| store.transaction(|t| t.try_again(&id, next, &detail)))
                .await
        }
        Sent::Refused { detail } => {
            round.dead += 1;
            tracing::error!(message.id = %message.message_id, "mail refused for good: {detail}");
            writer
                .run(move |store| store.transaction(|t| t.mark_dead(&id, &detail)))
                .await
        }
    }
}
