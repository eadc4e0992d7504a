//! What a provider's outage was told of so far, so that what follows is told as one story with it.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Questions, Result, millis};

/// Questions about outages.
pub trait Outages: Questions {
    /// The thread in which changes of a cause were told last, if they were since a moment. Digests are no thread.
    fn last_thread(&self, cause: &str, since: Timestamp) -> Result<Option<String>> {
        Ok(self
            .ask()
            .prepare_cached(
                "SELECT o.thread_key FROM change_group g JOIN change_record r ON r.group_id = g.id
                 JOIN taken t ON t.change = r.id JOIN outbox o ON o.alert = t.alert AND o.route = t.route
                 JOIN alert a ON a.id = o.alert
                 WHERE g.cause = ?1 AND r.confirmed_at >= ?2 AND a.kind = 'changes' ORDER BY r.ordinal DESC LIMIT 1",
            )?
            .query_row(params![cause, millis(since)], |row| row.get(0))
            .optional()?)
    }

    /// Whether of the incidents of a cause some change since a moment tells, and none that it was resolved.
    fn is_unresolved(&self, cause: &str, since: Timestamp) -> Result<bool> {
        Ok(self
            .ask()
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM change_group g JOIN change_record r ON r.group_id = g.id
                 WHERE g.cause = ?1 AND r.confirmed_at >= ?2 AND r.kind <> 'incident_resolved'
                   AND NOT EXISTS (SELECT 1 FROM change_record l WHERE l.subject = r.subject AND l.source = r.source
                                   AND l.ordinal > r.ordinal AND l.kind = 'incident_resolved'))",
            )?
            .query_row(params![cause, millis(since)], |row| row.get(0))?)
    }

    /// The cause of the incident of a provider that was opened last since a moment and is not resolved, but for one cause.
    fn unresolved_cause(
        &self,
        provider: &str,
        but_for: &str,
        since: Timestamp,
    ) -> Result<Option<String>> {
        Ok(self
            .ask()
            .prepare_cached(
                "SELECT g.cause FROM change_record r JOIN subject u ON u.id = r.subject JOIN change_group g ON g.id = r.group_id
                 WHERE u.provider = ?1 AND u.kind = 'incident' AND r.confirmed_at >= ?2 AND r.kind = 'incident_opened'
                   AND g.cause <> ?3
                   AND NOT EXISTS (SELECT 1 FROM change_record l WHERE l.subject = r.subject AND l.ordinal > r.ordinal
                                   AND l.kind = 'incident_resolved')
                 ORDER BY r.ordinal DESC LIMIT 1",
            )?
            .query_row(params![provider, millis(since), but_for], |row| row.get(0))
            .optional()?)
    }
}

impl<T: Questions> Outages for T {}
