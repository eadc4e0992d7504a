//! Which changes a message tells, to whom and why.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::changes::{COLUMNS, TABLES, recorded};
use super::outbox::{Due, Entry, Outbox, addressed};
use super::{Error, Questions, Result, Transaction, millis, time};
use crate::market::{
    Acknowledgement, Change, ChangeId, DeliveryState, DispatchKind, Hash, OutgoingMessage,
    Severity, Taken,
};

/// What raises a message of what a route gathered.
pub const DIGEST: &str = "digest";

/// How a route tells a change.
#[derive(Debug, Clone)]
pub struct Telling<'a> {
    /// The route's name.
    pub route: &'a str,
    /// To whom.
    pub recipients: &'a [String],
    /// What its messages have in common with those that they answer.
    pub thread: &'a str,
    /// What it has in common with what is told in one message with it.
    pub bundle: &'a str,
    /// What was raised earlier gathers no more, unless it waits for a time of the clock.
    pub gathers_since: Timestamp,
    /// Not earlier.
    pub due: Timestamp,
    /// Whether that is a time of the clock, and not as soon as the group is gathered.
    pub is_planned: bool,
    /// The digest that tells it, by its time; `None`: the message of its group.
    pub digest: Option<Timestamp>,
    /// How grave it is for them.
    pub severity: Severity,
    /// The watches that it touches.
    pub touched: &'a [&'a str],
}

/// A message to one recipient: what became of it, and why it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The message's entry; its message is not read.
    pub id: String,
    /// `changes`, `digest`, `report`, `started`, `away`.
    pub kind: String,
    /// How grave.
    pub severity: Severity,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// Over which route.
    pub route: String,
    /// To whom.
    pub recipient: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// When it may be sent, or sent again.
    pub not_before: Timestamp,
    /// When it was accepted.
    pub delivered_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last try failed.
    pub detail: Option<String>,
    /// Its subject, once it is written.
    pub subject: Option<String>,
    /// How many changes it tells.
    pub changes: u64,
    /// The watches that they touch.
    pub touched: Vec<String>,
    /// The alert that it tells.
    pub alert: String,
    /// Who knows of it.
    pub acknowledged: Option<Acknowledgement>,
}

fn told(row: &Row<'_>) -> rusqlite::Result<Told> {
    let (severity, state): (String, String) = (row.get(2)?, row.get(6)?);
    let touched: Option<String> = row.get(13)?;
    let touched: Vec<String> = touched.map_or_else(Vec::new, |joined| {
        // each ends in the separator; between them stands a comma
        let names = joined.split_terminator('\u{1f}');
        names
            .map(|name| name.strip_prefix(',').unwrap_or(name).to_string())
            .collect()
    });
    Ok(Told {
        id: row.get(0)?,
        kind: row.get(1)?,
        severity: Severity::from_word(&severity).unwrap_or(Severity::Info),
        raised_at: time(row.get(3)?),
        route: row.get(4)?,
        recipient: row.get(5)?,
        state: DeliveryState::from_word(&state).unwrap_or(DeliveryState::Waiting),
        not_before: time(row.get(7)?),
        delivered_at: row.get::<_, Option<i64>>(8)?.map(time),
        attempts: row.get(9)?,
        detail: row.get(10)?,
        subject: row.get(11)?,
        changes: row.get::<_, i64>(12)?.unsigned_abs(),
        touched,
        alert: row.get(14)?,
        acknowledged: match row.get::<_, Option<i64>>(15)? {
            Some(at) => Some(Acknowledgement {
                at: time(at),
                who: row.get(16)?,
                note: row.get(17)?,
            }),
            None => None,
        },
    })
}

const TOLD: &str =
    "SELECT o.id, a.kind, a.severity, a.raised_at, o.route, o.recipient, o.state, o.not_before,
    o.delivered_at, o.attempts, o.detail, o.message ->> '$.subject',
    (SELECT count(*) FROM taken t WHERE t.alert = o.alert AND t.route = o.route),
    (SELECT group_concat(DISTINCT w.value || char(31)) FROM taken t, json_each(t.touched) w
     WHERE t.alert = o.alert AND t.route = o.route),
    a.id, k.at, k.who, k.note
    FROM outbox o JOIN alert a ON a.id = o.alert
    LEFT JOIN acknowledged k ON k.thread = o.thread_key AND k.at >= a.raised_at";

/// Questions about what messages tell.
pub trait Alerts: Questions {
    /// The changes that a route's message of an alert tells, in the order in which they were recorded.
    fn taken(&self, alert: &str, route: &str) -> Result<Vec<Taken>> {
        let mut statement = self.ask().prepare_cached(&format!(
            "SELECT {COLUMNS}, t.severity, t.touched FROM {TABLES} JOIN taken t ON t.change = r.id
             WHERE t.alert = ?1 AND t.route = ?2 ORDER BY r.confirmed_at, r.ordinal"
        ))?;
        let width = statement.column_count();
        let mut rows = statement.query([alert, route])?;
        let mut taken = Vec::new();
        while let Some(row) = rows.next()? {
            let word: String = row.get(width - 2)?;
            let touched: String = row.get(width - 1)?;
            let mut recorded = recorded(row)?;
            recorded.change.severity = Severity::from_word(&word)
                .ok_or_else(|| Error::Damaged(format!("the severity '{word}'")))?;
            taken.push(Taken {
                recorded,
                touched: serde_json::from_str(&touched)
                    .map_err(|error| Error::Damaged(format!("the watches {touched}: {error}")))?,
            });
        }
        Ok(taken)
    }

    /// The messages that were raised since a moment, the oldest first.
    fn told_since(&self, since: Timestamp) -> Result<Vec<Told>> {
        let sql = format!("{TOLD} WHERE a.raised_at >= ?1 ORDER BY a.raised_at, o.id");
        let mut statement = self.ask().prepare_cached(&sql)?;
        let rows = statement.query_map([millis(since)], told)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// When the messages that a route has told since a moment were written, in that order; digests do not count.
    fn written_since(&self, route: &str, since: Timestamp) -> Result<Vec<Timestamp>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT min(o.message ->> '$.date') AS written FROM outbox o JOIN alert a ON a.id = o.alert
             WHERE (o.route = ?1 AND o.delivered_at IS NULL OR o.route = ?1 AND o.delivered_at >= ?2)
               AND a.kind = 'changes' AND o.message IS NOT NULL
             GROUP BY o.alert HAVING written >= ?2 ORDER BY written",
        )?;
        let rows =
            statement.query_map(params![route, millis(since)], |row| Ok(time(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The messages that tell a change, in digests too.
    fn told_of(&self, change: &ChangeId) -> Result<Vec<Told>> {
        let sql = format!(
            "{TOLD} WHERE (o.alert, o.route) IN (SELECT alert, route FROM taken WHERE change = ?1) ORDER BY a.raised_at, o.id"
        );
        let mut statement = self.ask().prepare_cached(&sql)?;
        let rows = statement.query_map([&change.0], told)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl<T: Questions> Alerts for T {}

impl Transaction<'_> {
    /// Has a route tell a change: with what it is gathered with, or in a digest.
    pub fn tell_change(&self, change: &Change, telling: &Telling<'_>) -> Result<()> {
        let route = telling.route;
        let (alert, kind, bundle) = match telling.digest {
            None => (self.gathering(change, telling)?, "changes", telling.bundle),
            Some(at) => (self.open_digest(DIGEST, route, at)?, DIGEST, ""),
        };
        let thread = match telling.digest {
            None => telling.thread.to_string(),
            Some(_) => format!("{DIGEST} {route}"),
        };
        self.raise(&alert, kind, telling.severity, change.confirmed_at)?;
        let touched = serde_json::json!(telling.touched).to_string();
        self.inner
            .prepare_cached(
                "INSERT OR IGNORE INTO taken (alert, route, change, severity, touched) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![alert, route, change.id.0, telling.severity.word(), touched])?;
        for recipient in telling.recipients {
            let entry = Entry {
                alert: &alert,
                route,
                recipient,
                thread: &thread,
                bundle,
                not_before: telling.due,
                is_planned: telling.is_planned,
            };
            self.enter_outbox(&entry, None)?;
        }
        Ok(())
    }

    /// A route tells what it was to tell of an alert in a digest instead, with all else that is too much until then.
    pub fn overflow(&self, due: &Due, severity: Severity, until: Timestamp) -> Result<()> {
        let (alert, route) = (&due.entry.alert, &due.entry.route);
        let digest = self.open_digest("overflow", route, until)?;
        self.raise(&digest, DIGEST, severity, due.entry.not_before)?;
        let thread = format!("{DIGEST} {route}");
        for entry in self.entries_of(alert)? {
            if entry.route == *route && entry.message.is_none() {
                self.enter_outbox(
                    &Entry {
                        alert: &digest,
                        route,
                        recipient: &entry.recipient,
                        thread: &thread,
                        bundle: "",
                        not_before: until,
                        is_planned: true,
                    },
                    None,
                )?;
            }
        }
        self.inner
            .prepare_cached(
                "UPDATE OR IGNORE taken SET alert = ?3 WHERE alert = ?1 AND route = ?2",
            )?
            .execute([alert, route, &digest])?;
        self.withdraw(alert, route)
    }

    /// The alert of a route's digest of a time: another one if that digest has been written, since the clock was set back or somebody
    /// came late.
    fn open_digest(&self, kind: &str, route: &str, at: Timestamp) -> Result<String> {
        let mut written = self.inner.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox WHERE alert = ?1 AND route = ?2 AND message IS NOT NULL)",
        )?;
        let mut alert = Hash::of_parts(&[kind, route, &at.to_string()]).hex(16);
        while written.query_row([&alert, route], |row| row.get(0))? {
            alert = Hash::of_parts(&[kind, route, &alert]).hex(16);
        }
        Ok(alert)
    }

    /// The alert that gathers what a change is told with, or a new one.
    fn gathering(&self, change: &Change, telling: &Telling<'_>) -> Result<String> {
        let open: Option<String> = self
            .inner
            .prepare_cached(
                "SELECT o.alert FROM outbox o JOIN alert a ON a.id = o.alert
                 WHERE o.bundle = ?1 AND o.route = ?2 AND o.message IS NULL AND o.state = 'waiting'
                   AND (o.planned OR a.raised_at >= ?3) LIMIT 1",
            )?
            .query_row(
                params![telling.bundle, telling.route, millis(telling.gathers_since)],
                |row| row.get(0),
            )
            .optional()?;
        Ok(open.unwrap_or_else(|| {
            let of = ["changes", telling.route, telling.bundle, &change.id.0];
            Hash::of_parts(&of).hex(16)
        }))
    }

    /// Freezes a route's message of an alert for every recipient. It answers the first message of its thread, if the last one of
    /// it was written since `since` (`None`: it answers none), and bears that one's subject if it is a chapter of one story.
    pub fn freeze(
        &self,
        (alert, route): (&str, &str),
        message: &OutgoingMessage,
        since: Option<Timestamp>,
        is_chapter: bool,
    ) -> Result<()> {
        let mut statement = self.inner.prepare_cached(
            "SELECT id, recipient, thread_key FROM outbox WHERE alert = ?1 AND route = ?2 AND message IS NULL",
        )?;
        let unfrozen: Vec<(String, String, String)> = statement
            .query_map([alert, route], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (id, recipient, thread) in unfrozen {
            let mut message = message.clone();
            let first = match since {
                Some(since) => self.first_of(&thread, route, &recipient, since)?,
                None => None,
            };
            if let Some((first, subject)) = first {
                message.in_reply_to = Some(first);
                if is_chapter {
                    message.subject = format!("Re: {subject}");
                }
            }
            let whose = (recipient.as_str(), route, thread.as_str());
            let message = addressed(&message, whose, (DispatchKind::Alert, Severity::Notice));
            self.freeze_entry(&id, &message)?;
        }
        Ok(())
    }

    /// The `Message-ID` and the subject of the first message of a thread that goes on.
    pub(super) fn first_of(
        &self,
        thread: &str,
        route: &str,
        recipient: &str,
        since: Timestamp,
    ) -> Result<Option<(String, String)>> {
        let mut statement = self.inner.prepare_cached(
            "SELECT message ->> '$.message_id', message ->> '$.subject', message ->> '$.in_reply_to',
                    message ->> '$.date'
             FROM outbox WHERE thread_key = ?1 AND route = ?2 AND recipient = ?3 AND message IS NOT NULL
               AND state != 'dead' ORDER BY message ->> '$.date' DESC, rowid DESC",
        )?;
        let mut rows = statement.query([thread, route, recipient])?;
        let mut follows = millis(since);
        let mut first = None;
        // from the last one back to the one that answers none
        while let Some(row) = rows.next()? {
            if row.get::<_, i64>(3)? < follows {
                break;
            }
            first = Some((row.get(0)?, row.get(1)?));
            if row.get::<_, Option<String>>(2)?.is_none() {
                break;
            }
            follows = i64::MIN;
        }
        Ok(first)
    }
}
