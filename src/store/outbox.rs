//! Groups of changes, the alerts they raise, and the messages that carry them: written with the change, delivered later.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};
use serde::Deserialize as _;

use super::{Error, Questions, Result, Transaction, millis, time};
use crate::market::{
    Change, DeliveryState, Dispatch, DispatchKind, Group, Hash, OutboxEntry, OutgoingMessage, Part,
    ProbeId, Scope, Severity, SourceId, is_address,
};

/// No entry is entered, postponed or tried again for so long ahead, but for what waits for a time of the clock.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_hours(2);

/// A waiting entry whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The entry.
    pub entry: OutboxEntry,
    /// What raised it: `changes` for a group of changes, `digest` for what a route gathered.
    pub kind: String,
    /// What it was gathered under; empty for what is told otherwise.
    pub bundle: String,
}

/// A message that is queued complete, such as a report.
#[derive(Debug, Clone)]
pub struct QueuedMessage<'a> {
    /// What it is about; a second message of the same key is the same message.
    pub key: &'a str,
    /// What it has in common with the messages whose first one it answers; most have nothing.
    pub thread: Option<&'a str>,
    /// `started`, `report` …
    pub kind: &'a str,
    /// How grave.
    pub severity: Severity,
    /// Over which route.
    pub route: &'a str,
    /// To whom.
    pub recipients: &'a [String],
    /// The message; its `message_id` is completed by recipient.
    pub message: &'a OutgoingMessage,
    /// When it is queued.
    pub at: Timestamp,
    /// Not to be sent earlier; what is later than `at` is a time of the clock.
    pub not_before: Timestamp,
}

/// The id of the alert that a queued message of this kind and key tells.
pub fn alert_of(kind: &str, key: &str) -> String {
    Hash::of_parts(&[kind, key]).hex(16)
}

/// The id of a message to a recipient.
fn entry_id(alert: &str, route: &str, recipient: &str) -> String {
    Hash::of_parts(&[alert, route, recipient]).hex(32)
}

/// A message as one recipient gets it. Mail has no use for its parts, nor a channel for its pages.
pub(super) fn addressed(
    message: &OutgoingMessage,
    (recipient, route, thread): (&str, &str, &str),
    usual: (DispatchKind, Severity),
) -> OutgoingMessage {
    let mut message = message.clone();
    let dispatch = message.dispatch.take();
    if is_address(recipient) {
        return message;
    }
    let heading = message.subject.strip_prefix("[bellwether] ");
    let heading = heading.unwrap_or(&message.subject);
    let dispatch = match dispatch {
        Some(dispatch) => *dispatch,
        None => Dispatch::plain(usual.0, usual.1, heading),
    };
    let dispatch = dispatch.on_its_way(route, thread, message.in_reply_to.is_some());
    message.dispatch = Some(Box::new(dispatch));
    (message.html, message.parts) = (String::new(), Vec::new());
    message
}

/// A message to one recipient, as it is entered.
pub(super) struct Entry<'a> {
    pub alert: &'a str,
    pub route: &'a str,
    pub recipient: &'a str,
    pub thread: &'a str,
    pub bundle: &'a str,
    pub not_before: Timestamp,
    pub is_planned: bool,
}

fn message_to_json(message: &OutgoingMessage) -> String {
    serde_json::json!({
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "date": millis(message.date),
        "dispatch": message.dispatch,
    })
    .to_string()
}

fn message_from_json(text: &str, parts: Vec<Part>) -> Option<OutgoingMessage> {
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    let field = |name: &str| {
        json.get(name)
            .and_then(|field| field.as_str())
            .map(str::to_string)
    };
    Some(OutgoingMessage {
        subject: field("subject")?,
        text: field("text")?,
        html: field("html")?,
        parts,
        message_id: field("message_id")?,
        in_reply_to: field("in_reply_to"),
        date: time(json.get("date")?.as_i64()?),
        dispatch: match json.get("dispatch") {
            None | Some(serde_json::Value::Null) => None,
            Some(parts) => Some(Box::new(Dispatch::deserialize(parts).ok()?)),
        },
    })
}

const COLUMNS: &str = "o.id, o.alert, o.route, o.recipient, o.thread_key, o.not_before, o.attempts, o.state, o.message,
    o.detail, a.kind, o.bundle";

fn entry(connection: &rusqlite::Connection, row: &Row<'_>) -> Result<Due> {
    let id: String = row.get(0)?;
    let state: String = row.get(7)?;
    let message = match row.get::<_, Option<String>>(8)? {
        Some(text) => Some(
            message_from_json(&text, parts(connection, &id)?)
                .ok_or_else(|| Error::Damaged(format!("the message {id}")))?,
        ),
        None => None,
    };
    Ok(Due {
        entry: OutboxEntry {
            alert: row.get(1)?,
            route: row.get(2)?,
            recipient: row.get(3)?,
            thread_key: row.get(4)?,
            not_before: time(row.get(5)?),
            attempts: row.get(6)?,
            state: DeliveryState::from_word(&state)
                .ok_or_else(|| Error::Damaged(format!("'{state}'")))?,
            message,
            detail: row.get(9)?,
            id,
        },
        kind: row.get(10)?,
        bundle: row.get(11)?,
    })
}

fn parts(connection: &rusqlite::Connection, outbox: &str) -> Result<Vec<Part>> {
    let mut statement = connection.prepare_cached(
        "SELECT content_id, file_name, media_type, bytes FROM message_part WHERE outbox = ?1 ORDER BY content_id",
    )?;
    let rows = statement.query_map([outbox], |row| {
        Ok(Part {
            content_id: row.get(0)?,
            file_name: row.get(1)?,
            media_type: row.get(2)?,
            bytes: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Messages that were not taken yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldUp {
    /// The channel's name; `None`: mail.
    pub channel: Option<String>,
    /// How many.
    pub messages: u64,
    /// What keeps the oldest.
    pub detail: String,
}

/// Questions about what is to be delivered.
pub trait Outbox: Questions {
    /// Waiting entries whose time has come, oldest first, at most `most`; and those that wait for longer than any entry does,
    /// since the clock has been set back after they were entered. What follows in a thread waits for what went before. `last_call`: those that were never tried, whenever their time
    /// comes, unless that is a time of the clock.
    fn due(&self, now: Timestamp, last_call: bool, most: u32) -> Result<Vec<Due>> {
        let never = now.checked_add(LONGEST_DELAY).unwrap_or(Timestamp::MAX);
        let mut statement = self.ask().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox o JOIN alert a ON a.id = o.alert
             WHERE o.state = 'waiting'
               AND (o.not_before <= ?1 OR NOT o.planned AND (o.not_before > ?2 OR ?4 AND o.attempts = 0))
               AND NOT EXISTS (SELECT 1 FROM outbox f WHERE f.thread_key = o.thread_key AND f.recipient = o.recipient
                               AND f.route = o.route AND f.state = 'waiting' AND f.attempts > 0 AND f.rowid < o.rowid)
             ORDER BY o.not_before, o.rowid LIMIT ?3"
        ))?;
        let mut rows = statement.query(params![millis(now), millis(never), most, last_call])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            due.push(entry(self.ask(), row)?);
        }
        Ok(due)
    }

    /// Every entry of an alert, by recipient.
    fn entries_of(&self, alert: &str) -> Result<Vec<OutboxEntry>> {
        let mut statement = self.ask().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox o JOIN alert a ON a.id = o.alert WHERE o.alert = ?1 ORDER BY o.recipient"
        ))?;
        let mut rows = statement.query([alert])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(entry(self.ask(), row)?.entry);
        }
        Ok(entries)
    }

    /// When the next waiting entry is due.
    fn next_due(&self) -> Result<Option<Timestamp>> {
        let at: Option<i64> = self
            .ask()
            .prepare_cached("SELECT min(not_before) FROM outbox WHERE state = 'waiting'")?
            .query_row([], |row| row.get(0))?;
        Ok(at.map(time))
    }

    /// How many entries wait, were delivered, are dead.
    fn outbox_counts(&self) -> Result<(u64, u64, u64)> {
        let count = |state: &str| -> Result<u64> {
            Ok(self
                .ask()
                .prepare_cached("SELECT count(*) FROM outbox WHERE state = ?1")?
                .query_row([state], |row| row.get::<_, i64>(0))?
                .unsigned_abs())
        };
        Ok((count("waiting")?, count("delivered")?, count("dead")?))
    }

    /// What was tried and waits for another try, by the way that it goes.
    fn held_up(&self) -> Result<Vec<HeldUp>> {
        // what holds an @ is an address of mail
        let mut statement = self.ask().prepare_cached(
            "SELECT CASE WHEN instr(recipient, '@') THEN NULL ELSE recipient END AS channel, count(*),
                    coalesce(detail, ''), min(rowid)
             FROM outbox WHERE state = 'waiting' AND attempts > 0 GROUP BY channel ORDER BY channel",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(HeldUp {
                channel: row.get(0)?,
                messages: row.get::<_, i64>(1)?.unsigned_abs(),
                detail: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A group of changes.
    fn group(&self, id: &str) -> Result<Option<Group>> {
        Ok(self
            .ask()
            .prepare_cached(
                "SELECT id, cause, opened_at, closes_at, ended_at FROM change_group WHERE id = ?1",
            )?
            .query_row([id], group)
            .optional()?)
    }

    /// The siblings of the group's sources (the same probe in other scopes) that have not been asked since the group opened.
    fn siblings_unasked(&self, group: &Group) -> Result<Vec<SourceId>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT s.probe, s.scope FROM source s
             WHERE s.probe IN (SELECT m.probe FROM change_record r JOIN source m ON m.id = r.source
                               WHERE r.group_id = ?1)
               AND coalesce(s.last_at, 0) < ?2 ORDER BY s.probe, s.scope",
        )?;
        let rows = statement.query_map(params![group.id, millis(group.opened_at)], |row| {
            Ok(SourceId {
                probe: ProbeId::new(row.get::<_, String>(0)?),
                scope: Scope::new(row.get::<_, String>(1)?),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl<T: Questions> Outbox for T {}

fn group(row: &Row<'_>) -> rusqlite::Result<Group> {
    Ok(Group {
        id: row.get(0)?,
        cause: row.get(1)?,
        opened_at: time(row.get(2)?),
        closes_at: time(row.get(3)?),
        ended_at: row.get::<_, Option<i64>>(4)?.map(time),
    })
}

impl Transaction<'_> {
    /// The open group of a change's cause, opened by this change if there is none. `longest` bounds how long a group that
    /// nothing freezes can be joined.
    pub fn join_group(
        &self,
        change: &Change,
        wait: SignedDuration,
        longest: SignedDuration,
    ) -> Result<Group> {
        let at = change.confirmed_at;
        let oldest = at.checked_sub(longest).unwrap_or(Timestamp::MIN);
        let open: Option<Group> = self
            .inner
            .prepare_cached(
                "SELECT id, cause, opened_at, closes_at, ended_at FROM change_group
                 WHERE cause = ?1 AND opened_at BETWEEN ?2 AND ?3 AND ended_at IS NULL ORDER BY opened_at DESC LIMIT 1",
            )?
            .query_row(params![change.cause, millis(oldest), millis(at)], group)
            .optional()?;
        let closes_at = at.checked_add(wait).unwrap_or(at);
        if let Some(mut open) = open {
            if closes_at < open.closes_at {
                open.closes_at = closes_at;
                self.inner
                    .prepare_cached("UPDATE change_group SET closes_at = ?2 WHERE id = ?1")?
                    .execute(params![open.id, millis(closes_at)])?;
            }
            return Ok(open);
        }
        let id = Hash::of_parts(&[&change.cause, &change.id.0]).hex(16);
        self.inner
            .prepare_cached("INSERT OR IGNORE INTO change_group (id, cause, opened_at, closes_at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id, change.cause, millis(at), millis(closes_at)])?;
        Ok(Group {
            id,
            cause: change.cause.clone(),
            opened_at: at,
            closes_at,
            ended_at: None,
        })
    }

    /// Queues a complete message. A second one of the same key changes nothing.
    pub fn queue_message(&self, queued: &QueuedMessage<'_>) -> Result<()> {
        let alert = alert_of(queued.kind, queued.key);
        self.raise(&alert, queued.kind, queued.severity, queued.at)?;
        for recipient in queued.recipients {
            let mut message = queued.message.clone();
            if let Some(thread) = queued.thread {
                let first = self.first_of(thread, queued.route, recipient, Timestamp::MIN)?;
                message.in_reply_to = first.map(|(first, _)| first);
            }
            let thread = queued.thread.unwrap_or(queued.key);
            let kind = DispatchKind::from_word(queued.kind).unwrap_or(DispatchKind::Alert);
            let whose = (recipient.as_str(), queued.route, thread);
            let message = addressed(&message, whose, (kind, queued.severity));
            let entry = Entry {
                alert: &alert,
                route: queued.route,
                recipient,
                thread,
                bundle: "",
                not_before: queued.not_before,
                is_planned: queued.not_before > queued.at,
            };
            self.enter_outbox(&entry, Some(&message))?;
        }
        Ok(())
    }

    /// Whether a message stands in the outbox, sent or not, for every one of these recipients.
    pub fn is_queued(&self, alert: &str, route: &str, recipients: &[String]) -> Result<bool> {
        let mut statement = self
            .inner
            .prepare_cached("SELECT 1 FROM outbox WHERE id = ?1")?;
        for recipient in recipients {
            if !statement.exists([entry_id(alert, route, recipient)])? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn raise(
        &self,
        id: &str,
        kind: &str,
        severity: Severity,
        at: Timestamp,
    ) -> Result<()> {
        let rank = |severity: Severity| severity as i64;
        let before: Option<String> = self
            .inner
            .prepare_cached("SELECT severity FROM alert WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        match before.and_then(|word| Severity::from_word(&word)) {
            None => {
                self.inner
                    .prepare_cached(
                        "INSERT INTO alert (id, kind, severity, raised_at) VALUES (?1, ?2, ?3, ?4)",
                    )?
                    .execute(params![id, kind, severity.word(), millis(at)])?;
            }
            Some(before) if rank(before) < rank(severity) => {
                self.inner
                    .prepare_cached("UPDATE alert SET severity = ?2 WHERE id = ?1")?
                    .execute(params![id, severity.word()])?;
            }
            Some(_) => {}
        }
        Ok(())
    }

    pub(super) fn enter_outbox(
        &self,
        entry: &Entry<'_>,
        message: Option<&OutgoingMessage>,
    ) -> Result<()> {
        let id = entry_id(entry.alert, entry.route, entry.recipient);
        let (not_before, is_planned) = (entry.not_before, entry.is_planned);
        let written = self
            .inner
            .prepare_cached(
                "INSERT OR IGNORE INTO outbox
                     (id, alert, route, recipient, thread_key, bundle, not_before, planned, attempts, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 'waiting')",
            )?
            .execute(params![
                id,
                entry.alert,
                entry.route,
                entry.recipient,
                entry.thread,
                entry.bundle,
                millis(not_before),
                is_planned
            ])?;
        if written == 0 {
            // a graver change of the group does not wait for as long
            self.inner
                .prepare_cached(
                    "UPDATE outbox SET not_before = ?2, planned = ?3
                     WHERE id = ?1 AND message IS NULL AND state = 'waiting' AND not_before > ?2",
                )?
                .execute(params![id, millis(not_before), is_planned])?;
        }
        match message.filter(|_| written > 0) {
            Some(message) => self.freeze_entry(&id, message),
            None => Ok(()),
        }
    }

    /// Ends a group: changes of the same cause open a new one from now on.
    pub fn end_group(&self, group: &Group, now: Timestamp) -> Result<()> {
        self.inner
            .prepare_cached(
                "UPDATE change_group SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL",
            )?
            .execute(params![group.id, millis(now)])?;
        Ok(())
    }

    /// A repeat to the same recipient bears the same `Message-ID`, another recipient's another one.
    pub(super) fn freeze_entry(&self, id: &str, message: &OutgoingMessage) -> Result<()> {
        let mut message = message.clone();
        message.message_id = format!("{}@bellwether", id);
        self.inner
            .prepare_cached("UPDATE outbox SET message = ?2 WHERE id = ?1 AND message IS NULL")?
            .execute(params![id, message_to_json(&message)])?;
        for part in &message.parts {
            self.inner
                .prepare_cached(
                    "INSERT OR IGNORE INTO message_part (outbox, content_id, file_name, media_type, bytes)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![id, part.content_id, part.file_name, part.media_type, part.bytes])?;
        }
        Ok(())
    }

    /// Nothing is left of what a route was to tell of an alert: it is told to nobody.
    pub fn withdraw(&self, alert: &str, route: &str) -> Result<()> {
        self.inner
            .prepare_cached(
                "DELETE FROM outbox
                 WHERE alert = ?1 AND route = ?2 AND message IS NULL AND state = 'waiting'",
            )?
            .execute(params![alert, route])?;
        Ok(())
    }

    /// The group waits on: its siblings have not had their turn. Who is told later anyway is.
    pub fn postpone(&self, alert: &str, until: Timestamp) -> Result<()> {
        self.inner
            .prepare_cached(
                "UPDATE outbox SET not_before = max(not_before, ?2) WHERE alert = ?1 AND message IS NULL",
            )?
            .execute(params![alert, millis(until)])?;
        Ok(())
    }

    /// A try has failed and will be repeated.
    pub fn try_again(&self, entry: &str, next: Timestamp, detail: &str) -> Result<()> {
        self.inner
            .prepare_cached(
                "UPDATE outbox SET attempts = attempts + 1, not_before = ?2, planned = 0, detail = ?3 WHERE id = ?1",
            )?
            .execute(params![entry, millis(next), detail])?;
        Ok(())
    }

    /// The mail server or the channel has accepted it.
    pub fn mark_delivered(&self, entry: &str, at: Timestamp) -> Result<()> {
        self.inner
            .prepare_cached(
                "UPDATE outbox SET state = 'delivered', delivered_at = ?2, attempts = attempts + 1, detail = NULL
                 WHERE id = ?1",
            )?
            .execute(params![entry, millis(at)])?;
        Ok(())
    }

    /// The mail server or the channel has refused it for good.
    pub fn mark_dead(&self, entry: &str, detail: &str) -> Result<()> {
        self.inner
            .prepare_cached(
                "UPDATE outbox SET state = 'dead', attempts = attempts + 1, detail = ?2 WHERE id = ?1",
            )?
            .execute(params![entry, detail])?;
        Ok(())
    }
}
