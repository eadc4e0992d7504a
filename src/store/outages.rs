//! What a provider's outage was told of so far, so that what follows is told as one story with it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::claims::stored_key;
use super::sources::SourceRow;
use super::{Questions, Result, millis};
use crate::market::{Change, Standing, Subject, SubjectKey};

/// What a change `e` is that says that something is over; that of a component is its status.
const ENDS: &str = "(e.kind IN ('incident_resolved', 'latency_recovered', 'probe_recovered')
    OR u.kind = 'component' AND e.attribute = 'status' AND e.new = '\"operational\"')";
/// What a change `b` is that says that something begins.
const BEGINS: &str = "(b.kind IN ('incident_opened', 'latency_shifted', 'probe_broken')
    OR u.kind = 'component' AND b.attribute = 'status' AND b.new IS NOT '\"operational\"')";

/// Whether what a change `r` of a subject `u` tells goes on: nothing has ended it since, nor did something before it, if it only
/// adds to what was over.
fn goes_on() -> String {
    format!(
        "(u.kind IN ('incident', 'component') OR r.kind = 'probe_broken')
         AND NOT EXISTS (
             SELECT 1 FROM change_record e WHERE e.subject = r.subject AND e.source = r.source AND {ENDS}
               AND e.ordinal >= min(r.ordinal, coalesce(
                   (SELECT max(b.ordinal) FROM change_record b
                    WHERE b.subject = r.subject AND b.source = r.source AND {BEGINS}), 0)))"
    )
}

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

    /// The routes that have told, since a moment, of something that goes on and that a change is about, and the thread in which
    /// they did. Digests are no thread.
    fn goes_on_at(&self, change: &Change, since: Timestamp) -> Result<BTreeMap<String, String>> {
        let mut statement = self.ask().prepare_cached(&format!(
            "SELECT t.route, o.thread_key FROM subject u JOIN change_record r ON r.subject = u.id
             JOIN source s ON s.id = r.source
             JOIN taken t ON t.change = r.id JOIN outbox o ON o.alert = t.alert AND o.route = t.route
             JOIN alert a ON a.id = o.alert
             WHERE u.key = ?1 AND s.probe = ?2 AND s.scope = ?3 AND r.confirmed_at >= ?4 AND a.kind = 'changes' AND {}
             ORDER BY r.ordinal",
            goes_on()
        ))?;
        let rows = statement.query_map(
            params![
                stored_key(change.subject.key()),
                change.source.probe.as_str(),
                change.source.scope.as_str(),
                millis(since)
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether something that a route has told in a thread since a moment, or is still to tell in it, goes on.
    fn is_thread_unresolved(&self, thread: &str, route: &str, since: Timestamp) -> Result<bool> {
        Ok(self
            .ask()
            .prepare_cached(&format!(
                "SELECT EXISTS (SELECT 1 FROM outbox o JOIN taken t ON t.alert = o.alert AND t.route = o.route
                 JOIN change_record r ON r.id = t.change JOIN subject u ON u.id = r.subject
                 WHERE o.thread_key = ?1 AND o.route = ?2 AND r.confirmed_at >= ?3 AND {})",
                goes_on()
            ))?
            .query_row(params![thread, route, millis(since)], |row| row.get(0))?)
    }

    /// The thread of the route's message that gathers under a key.
    fn gathers_in(&self, bundle: &str, route: &str) -> Result<Option<String>> {
        Ok(self
            .ask()
            .prepare_cached(
                "SELECT thread_key FROM outbox
                 WHERE bundle = ?1 AND route = ?2 AND message IS NULL AND state = 'waiting' LIMIT 1",
            )?
            .query_row([bundle, route], |row| row.get(0))
            .optional()?)
    }

    /// How a source calls the component that a change is about, and what became of the turns for the worse that any source told of
    /// it since it was last well: news, if one of them was told; `None` where there were none.
    fn component_before(
        &self,
        source: &SourceRow,
        change: &Change,
    ) -> Result<(Option<String>, Option<Standing>)> {
        let found = self
            .ask()
            .prepare_cached(
                "SELECT (SELECT value ->> '$' FROM claim WHERE subject = u.id AND source = ?2 AND attribute = 'name'
                           AND closed_at IS NULL),
                        (SELECT CASE WHEN max(r.standing = 'news' AND NOT r.flapping) THEN 'news' ELSE 'outranked' END
                         FROM change_record r WHERE r.subject = u.id AND r.attribute = ?3 AND r.new IS NOT '\"operational\"'
                           AND r.ordinal > (SELECT coalesce(max(w.ordinal), 0) FROM change_record w WHERE w.subject = u.id
                                            AND w.attribute = ?3 AND w.new = '\"operational\"')
                         HAVING count(*) > 0)
                 FROM subject u WHERE u.key = ?1",
            )?
            .query_row(
                params![
                    stored_key(change.subject.key()),
                    source.id,
                    change.attribute.as_ref().map(ToString::to_string)
                ],
                |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?)),
            )
            .optional()?;
        let (name, standing) = found.unwrap_or_default();
        Ok((name, standing.and_then(|word| Standing::from_word(&word))))
    }

    /// Whether an incident of a provider is open and was told that names a component, where the component is; but for those of
    /// `over`. What is planned tells of nothing but of maintenance, and a source that nobody has read since a moment of nothing.
    fn is_named_by_incident(
        &self,
        component: &Subject,
        name: &str,
        is_maintained: bool,
        over: &[SubjectKey],
        since: Timestamp,
    ) -> Result<bool> {
        let over: Vec<i64> = over.iter().map(|key| stored_key(*key)).collect();
        Ok(self
            .ask()
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM subject u JOIN claim c ON c.subject = u.id JOIN source s ON s.id = c.source,
                                json_each(c.value) named
                 WHERE u.provider = ?1 AND u.kind = 'incident' AND (u.region IN (?2, '*') OR ?2 = '*')
                   AND c.attribute = 'topics' AND c.closed_at IS NULL AND named.value = ?3 AND s.accepted_at >= ?6
                   AND u.key NOT IN (SELECT value FROM json_each(?5))
                   AND (?4 OR NOT EXISTS (SELECT 1 FROM claim p WHERE p.subject = u.id AND p.closed_at IS NULL
                                          AND p.attribute = 'impact' AND p.value = '\"maintenance\"'))
                   AND (SELECT r.standing = 'news' AND NOT r.flapping FROM change_record r
                        WHERE r.subject = u.id AND r.kind = 'incident_opened' ORDER BY r.ordinal DESC LIMIT 1))",
            )?
            .query_row(
                params![
                    component.provider.as_str(),
                    component.region.as_str(),
                    name,
                    is_maintained,
                    serde_json::json!(over).to_string(),
                    millis(since)
                ],
                |row| row.get(0),
            )?)
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
