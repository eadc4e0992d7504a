//! What was told of new offerings.

use jiff::Timestamp;
use rusqlite::params;

use super::claims::subject_at;
use super::{Questions, Result, millis, time};
use crate::market::{ChangeId, Subject};

/// A new offering that a route has told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launched {
    /// Which.
    pub subject: Subject,
    /// When its change was recorded.
    pub at: Timestamp,
    /// The thread in which it was told.
    pub thread: String,
}

/// Questions about what was told of new offerings.
pub trait Launches: Questions {
    /// The offerings of a provider, new since a moment, of which a route has told, the first one first. What was told in a digest,
    /// or under a bundle that begins with `but_for`, is left out.
    fn launches_told(
        &self,
        route: &str,
        provider: &str,
        since: Timestamp,
        but_for: &str,
    ) -> Result<Vec<Launched>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT DISTINCT u.kind, u.provider, u.native_id, u.region, u.deployment, r.confirmed_at, o.thread_key, r.ordinal
             FROM change_record r JOIN subject u ON u.id = r.subject JOIN taken t ON t.change = r.id AND t.route = ?1
             JOIN outbox o ON o.alert = t.alert AND o.route = t.route JOIN alert a ON a.id = o.alert
             WHERE r.confirmed_at >= ?3 AND r.kind = 'offering_added' AND u.kind = 'offering' AND u.provider = ?2
               AND a.kind = 'changes' AND o.message IS NOT NULL AND o.state <> 'dead' AND substr(o.bundle, 1, length(?4)) <> ?4
             ORDER BY r.ordinal",
        )?;
        let rows =
            statement.query_map(params![route, provider, millis(since), but_for], |row| {
                Ok(Launched {
                    subject: subject_at(row, 0)?,
                    at: time(row.get(5)?),
                    thread: row.get(6)?,
                })
            })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether the source of a change said something else of the same later that was news, or that its subject is gone.
    fn is_overtaken(&self, change: &ChangeId) -> Result<bool> {
        Ok(self
            .ask()
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM change_record r JOIN change_record l ON l.subject = r.subject
                 WHERE r.id = ?1 AND l.source = r.source AND l.ordinal > r.ordinal
                   AND (l.attribute IS r.attribute AND l.standing = 'news' OR l.kind = 'offering_removed'))",
            )?
            .query_row([&change.0], |row| row.get(0))?)
    }
}

impl<T: Questions> Launches for T {}
