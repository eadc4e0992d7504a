//! From the outbox to the recipients: groups are frozen when their time has come, messages sent, their state written.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::raise::leave_out_silenced;
use super::writer::{Gone, Writer};
use crate::alerting::{
    FOLLOWING, LONGEST_OUTAGE, LONGEST_WAIT, Policy, SETTLING, comes_to_nothing, health_cause,
    is_all_clear, is_chapter, is_end, is_held, thread_lasts,
};
use crate::deliver::{Carrier, Sent, next_attempt};
use crate::market::{
    DispatchKind, Group, OutboxEntry, Severity, SourceId, Standing, Taken, is_address,
};
use crate::outlook::ways_out::ways_out;
use crate::render::{self, Letterhead, Templates};
use crate::store::{Alerts, DIGEST, Due, Error, Launches, Outages, Outbox, Store};

/// How long a group whose siblings have not been asked waits before the next look.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// Nobody who asks to wait is waited for longer: the outbox takes what is put off for longer for a clock that was set back.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(1);
/// Entries taken from the outbox at once.
const AT_ONCE: u32 = 50;

/// How delivery is done.
#[derive(Debug, Clone)]
pub struct Post {
    /// Over what.
    pub carrier: Arc<Carrier>,
    /// In whose times.
    pub zone: TimeZone,
    /// By which templates messages are written.
    pub templates: Templates,
    /// The sources that are asked: a group waits for no other.
    pub watched: Arc<HashSet<SourceId>>,
    /// What routes carry.
    pub policy: Arc<Policy>,
    /// Entries whose message was accepted while the store could not note it: they are noted later, not sent again.
    pub accepted: Arc<Mutex<HashSet<String>>>,
}

impl Post {
    fn letterhead(&self) -> Letterhead<'_> {
        Letterhead {
            templates: &self.templates,
            zone: &self.zone,
        }
    }

    fn accepted_so_far(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one round of delivery did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Messages accepted by the mail server or a channel.
    pub delivered: u32,
    /// Messages that will be tried again.
    pub retried: u32,
    /// Messages refused for good.
    pub dead: u32,
}

impl Round {
    fn add(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.retried += other.retried;
        self.dead += other.dead;
    }
}

/// Delivers everything that is due. `last_call`: groups are closed at once, for the program will not be there later.
pub async fn round(
    writer: &Writer,
    post: &Post,
    now: Timestamp,
    last_call: bool,
) -> Result<Round, Gone> {
    let mut round = Round::default();
    let begun = Instant::now();
    let mut down: BTreeMap<String, Delay> = BTreeMap::new();
    // an entry is sent, tried again later than now, put off or withdrawn, so that this ends
    loop {
        let own = post.clone();
        let ready = writer
            .run(move |store| prepare(store, &own, now, last_call))
            .await?;
        let Some(ready) = ready else {
            return Ok(round);
        };
        let ways = by_way(&ready).into_iter().map(|(way, entries)| {
            let turn = Turn {
                writer,
                post,
                entries,
                begun,
                now,
            };
            let before = down.get(way).cloned();
            async move { (way, turn.send(before).await) }
        });
        for (way, ended) in join_all(ways).await {
            let (done, delay) = ended?;
            round.add(done);
            down.extend(delay.map(|delay| (way.to_string(), delay)));
        }
    }
}

/// The entries by the way that they go: mail is one, each channel another. A way that hangs holds up no other.
fn by_way(ready: &[OutboxEntry]) -> BTreeMap<&str, Vec<&OutboxEntry>> {
    let mut ways: BTreeMap<&str, Vec<&OutboxEntry>> = BTreeMap::new();
    for entry in ready {
        let way = match is_address(&entry.recipient) {
            true => "",
            false => entry.recipient.as_str(),
        };
        ways.entry(way).or_default().push(entry);
    }
    ways
}

/// Freezes the messages whose time has come; gives the entries that can be sent. `None`: the time of none has come.
fn prepare(
    store: &mut Store,
    post: &Post,
    now: Timestamp,
    last_call: bool,
) -> Result<Option<Vec<OutboxEntry>>, Error> {
    let Post {
        watched, policy, ..
    } = post;
    let all = store.due(now, last_call, AT_ONCE)?;
    if all.is_empty() {
        return Ok(None);
    }
    let mut ready = Vec::new();
    for due in all {
        if due.entry.message.is_some() {
            ready.push(due.entry);
            continue;
        }
        let mut taken = store.taken(&due.entry.alert, &due.entry.route)?;
        taken.retain(|taken| taken.recorded.standing == Standing::News);
        let completes = due.bundle.starts_with(FOLLOWING);
        if completes {
            leave_out_overtaken(store, &mut taken)?;
        }
        if completes || due.bundle.starts_with(SETTLING) {
            leave_out_silenced(store, &due, &mut taken, now)?;
        }
        let groups = match due.kind == DIGEST {
            true => Vec::new(),
            false => groups(store, &taken)?,
        };
        let mut is_waiting = false;
        for group in groups.iter().filter(|_| !last_call) {
            is_waiting |= waits(store, group, watched, now)?;
        }
        if due.kind != DIGEST && !last_call {
            is_waiting |= is_too_early(store, &taken, now)?;
        }
        if is_waiting {
            let later = now.checked_add(LOOK_AGAIN).unwrap_or(now);
            store.transaction(|transaction| transaction.postpone(&due.entry.alert, later))?;
        } else if is_nothing(&due, &taken) {
            tracing::info!(
                alert = due.entry.alert,
                route = due.entry.route,
                "nothing is left to tell"
            );
            store.transaction(|transaction| {
                transaction.withdraw(&due.entry.alert, &due.entry.route)
            })?;
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
    Ok(Some(ready))
}

/// What waited for the rest of a launch, and of which another word was told meanwhile, or that it is gone.
fn leave_out_overtaken(store: &Store, taken: &mut Vec<Taken>) -> Result<(), Error> {
    let mut left = Vec::with_capacity(taken.len());
    for one in taken.drain(..) {
        if !store.is_overtaken(&one.recorded.change.id)? {
            left.push(one);
        }
    }
    *taken = left;
    Ok(())
}

/// Whether nothing is left of a message: its source was told anew in the meantime, and says otherwise; or it came and went while work
/// was done.
fn is_nothing(due: &Due, taken: &[Taken]) -> bool {
    taken.is_empty() || is_held(&due.bundle) && comes_to_nothing(taken)
}

/// When a route tells what is more than it carries; `None` if there is room. What is critical is told in any case, and so is what
/// only says that something is over.
fn too_much(
    store: &Store,
    policy: &Policy,
    due: &Due,
    taken: &[Taken],
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let route = &due.entry.route;
    let known = policy.routes.iter().find(|one| one.name == *route);
    let limit = known.and_then(|route| route.limit);
    let Some(limit) = limit.filter(|_| due.kind != DIGEST) else {
        return Ok(None);
    };
    let severity = severity(taken);
    if severity == Severity::Critical || taken.iter().all(|taken| is_end(&taken.recorded.change)) {
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
    let until = limit.full_until(&written, now);
    let quiet = known.and_then(|route| route.quiet.as_ref());
    Ok(until.map(|until| quiet.map_or(until, |quiet| quiet.over(until, severity))))
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

/// Whether a message would tell that an outage is over while our own samples still show a part of it: what recovers bit by bit is
/// told once, and a status page is not believed at once.
fn is_too_early(store: &Store, taken: &[Taken], now: Timestamp) -> Result<bool, Error> {
    let changes = || taken.iter().map(|taken| &taken.recorded.change);
    let Some(first) = changes().map(|change| change.confirmed_at).min() else {
        return Ok(false);
    };
    let waited = now.duration_since(first);
    if waited.is_negative() || waited >= LONGEST_WAIT || !changes().all(is_all_clear) {
        return Ok(false);
    }
    let since = now.checked_sub(LONGEST_OUTAGE).unwrap_or(Timestamp::MIN);
    let providers: BTreeSet<&str> = changes()
        .map(|change| change.subject.provider.as_str())
        .collect();
    for provider in providers {
        if store.is_unresolved(&health_cause(provider), since)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn freeze(
    store: &mut Store,
    post: &Post,
    due: Due,
    taken: Vec<Taken>,
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
    let digest_of = is_digest.then_some(route.as_str());
    let ways_out = match is_digest {
        true => Vec::new(),
        false => ways_out(store, &post.policy.watches, &taken, now)?,
    };
    let mut message = render::alert_message(digest_of, &taken, &ways_out, &post.letterhead(), now);
    if let Some(dispatch) = &mut message.dispatch
        && dispatch.kind == DispatchKind::Resolve
    {
        let since = now.checked_sub(LONGEST_OUTAGE).unwrap_or(Timestamp::MIN);
        // the thread is not over while something else that it told of goes on
        if store.is_thread_unresolved(&due.entry.thread_key, &route, since)? {
            dispatch.kind = DispatchKind::Alert;
        }
    }
    let lasts = taken
        .iter()
        .map(|taken| thread_lasts(&taken.recorded.change));
    let lasts = lasts.min().filter(|_| !is_digest);
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

/// The entries of one way, sent one after the other.
struct Turn<'a> {
    writer: &'a Writer,
    post: &'a Post,
    entries: Vec<&'a OutboxEntry>,
    begun: Instant,
    now: Timestamp,
}

impl Turn<'_> {
    /// `down`: what kept this way from taking anything a moment ago. Gives what does so now.
    async fn send(self, mut down: Option<Delay>) -> Result<(Round, Option<Delay>), Gone> {
        let mut round = Round::default();
        let mut stuck = HashSet::new();
        for entry in &self.entries {
            // what takes nothing now is not pressed with the others: a silent server costs one deadline, not one each
            if let Some(delay) = &down {
                round.retried += 1;
                let detail = format!("after another message: {}", delay.detail);
                self.try_again(entry, delay, detail).await?;
                continue;
            }
            let thread = (&entry.thread_key, &entry.recipient, &entry.route);
            // what follows in a thread waits for what went before
            if stuck.contains(&thread) {
                continue;
            }
            if let Some(delay) = self.send_one(entry, &mut round).await? {
                stuck.insert(thread);
                down = Some(delay).filter(|delay| delay.is_down);
            }
        }
        Ok((round, down))
    }

    /// Sends one message; gives what keeps it from being taken now.
    async fn send_one(
        &self,
        entry: &OutboxEntry,
        round: &mut Round,
    ) -> Result<Option<Delay>, Gone> {
        let Some(message) = &entry.message else {
            return Ok(None);
        };
        let (writer, post, now) = (self.writer, self.post, self.now);
        let was_accepted = post.accepted_so_far().contains(&entry.id);
        // a signature is good for minutes, and those before it may have taken long
        let at = now.checked_add(self.begun.elapsed()).unwrap_or(now);
        let sent = match was_accepted {
            true => Sent::Accepted,
            false => post.carrier.send(&entry.recipient, message, at).await,
        };
        let id = entry.id.clone();
        match sent {
            Sent::Accepted => {
                round.delivered += u32::from(!was_accepted);
                post.accepted_so_far().insert(id.clone());
                writer
                    .run(move |store| store.transaction(|t| t.mark_delivered(&id, now)))
                    .await?;
                post.accepted_so_far().remove(&entry.id);
            }
            Sent::Retry {
                detail,
                after,
                is_down,
            } => {
                round.retried += 1;
                let attempts = entry.attempts + 1;
                tracing::warn!(message.id = %message.message_id, attempts, "message not sent yet: {detail}");
                let delay = Delay {
                    detail,
                    after,
                    is_down,
                };
                self.try_again(entry, &delay, delay.detail.clone()).await?;
                return Ok(Some(delay));
            }
            Sent::Refused { detail } => {
                round.dead += 1;
                tracing::error!(message.id = %message.message_id, "message refused for good: {detail}");
                writer
                    .run(move |store| store.transaction(|t| t.mark_dead(&id, &detail)))
                    .await?;
            }
        }
        Ok(None)
    }

    /// Puts an entry off: as long as it has failed for, or as long as the other side asks to wait.
    async fn try_again(
        &self,
        entry: &OutboxEntry,
        delay: &Delay,
        detail: String,
    ) -> Result<(), Gone> {
        let id = entry.id.clone();
        let mut next = next_attempt(entry.attempts + 1, self.now, &id);
        if let Some(after) = delay.after {
            let asked = self.now.checked_add(after.min(LONGEST_ASKED));
            next = next.max(asked.unwrap_or(next));
        }
        self.writer
            .run(move |store| store.transaction(|t| t.try_again(&id, next, &detail)))
            .await
    }
}

/// What keeps a message from being taken now, how long the other side asks to wait, and whether that holds for any message.
#[derive(Clone)]
struct Delay {
    detail: String,
    after: Option<SignedDuration>,
    is_down: bool,
}
