//! From the outbox to the recipients: groups are frozen when their time has come, messages sent, their state written.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::writer::{Gone, Writer};
use crate::alerting::LONGEST_WAIT;
use crate::deliver::{Mailer, Sent, next_attempt};
use crate::market::OutboxEntry;
use crate::render;
use crate::store::{ChangeFilter, Changes, Due, Error, Outbox, Store};

/// How long a group whose siblings have not been asked waits before the next look.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// Entries taken from the outbox at once.
const AT_ONCE: u32 = 50;

/// How delivery is done.
#[derive(Debug, Clone)]
pub struct Post {
    /// Over what.
    pub mailer: std::sync::Arc<Mailer>,
    /// From whom.
    pub from: String,
    /// In whose times.
    pub zone: TimeZone,
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
        let zone = post.zone.clone();
        let ready = writer
            .run(move |store| prepare(store, &zone, now, last_call))
            .await?;
        if ready.is_empty() {
            return Ok(round);
        }
        for entry in ready {
            send(writer, post, &entry, now, &mut round).await?;
        }
    }
}

/// Freezes the groups whose time has come; gives the entries that can be sent.
fn prepare(
    store: &mut Store,
    zone: &TimeZone,
    now: Timestamp,
    last_call: bool,
) -> Result<Vec<OutboxEntry>, Error> {
    let until = if last_call { Timestamp::MAX } else { now };
    let mut ready = Vec::new();
    for due in store.due(until, AT_ONCE)? {
        let is_retry = due.entry.attempts > 0;
        if due.entry.message.is_some() {
            if !(is_retry && last_call && due.entry.not_before > now) {
                ready.push(due.entry);
            }
            continue;
        }
        if let Some(entry) = freeze(store, due, zone, now, last_call)? {
            ready.push(entry);
        }
    }
    Ok(ready)
}

fn freeze(
    store: &mut Store,
    due: Due,
    zone: &TimeZone,
    now: Timestamp,
    last_call: bool,
) -> Result<Option<OutboxEntry>, Error> {
    let alert = due.entry.alert.clone();
    // frozen for another recipient of the same alert a moment ago
    let current = store
        .entries_of(&alert)?
        .into_iter()
        .find(|entry| entry.id == due.entry.id);
    if let Some(entry) = current.filter(|entry| entry.message.is_some()) {
        return Ok(Some(entry));
    }
    let Some(group) = store.group(&alert)? else {
        return Err(Error::Damaged(format!("the group {alert}")));
    };
    let waited = now.duration_since(group.opened_at);
    if !last_call && waited < LONGEST_WAIT && !store.siblings_asked(&group)? {
        let later = now.checked_add(LOOK_AGAIN).unwrap_or(now);
        store.transaction(|transaction| transaction.postpone(&alert, later))?;
        return Ok(None);
    }
    let filter = ChangeFilter {
        all: true,
        group: Some(alert.clone()),
        ..ChangeFilter::default()
    };
    let mut changes = store.changes(&filter)?;
    changes.retain(|recorded| recorded.standing == crate::market::Standing::News);
    let message = render::group_message(&changes, zone, now);
    store.transaction(|transaction| transaction.freeze_group(&group, &message, now))?;
    Ok(store
        .entries_of(&alert)?
        .into_iter()
        .find(|entry| entry.id == due.entry.id))
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
    let sent = post
        .mailer
        .send(&post.from, &entry.recipient, message)
        .await;
    let (id, attempts) = (entry.id.clone(), entry.attempts);
    match sent {
        Sent::Accepted => {
            round.delivered += 1;
            writer
                .run(move |store| store.transaction(|t| t.mark_delivered(&id, now)))
                .await
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
