//! What waits to be told and need not be told any more, or need not wait any longer.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Result, Transaction, millis};
use crate::market::{Change, ChangeId};

impl Transaction<'_> {
    /// Takes what a change of the same source takes back out of all messages that are still to be sent. The routes from whose
    /// messages something was taken: they do not tell the change either.
    pub fn untell(&self, change: &Change) -> Result<BTreeSet<String>> {
        let taken_back = self.take_out(
            "p.source = n.source AND p.subject = n.subject
               AND (n.attribute IS NOT NULL AND p.old IS n.new AND p.new IS n.old
                 OR n.attribute IS NULL AND (p.kind = 'offering_removed') != (n.kind = 'offering_removed')
                   AND p.kind IN ('offering_added', 'offering_returned', 'offering_removed')
                   AND n.kind IN ('offering_added', 'offering_returned', 'offering_removed'))",
            (change, None, ""),
        )?;
        Ok(taken_back)
    }

    /// Takes what another source's change says itself out of what waits in the route's bundles that begin with `settling`.
    pub fn take_over(&self, change: &Change, route: &str, settling: &str) -> Result<()> {
        self.take_out(
            "p.source != n.source AND (n.attribute IS NOT NULL AND p.new IS n.new OR n.attribute IS NULL AND p.kind = n.kind)",
            (change, Some(route), settling),
        )?;
        Ok(())
    }

    /// Takes changes `p` of a change's native id and attribute out of messages to be sent, of one route or of all; those left
    /// without any are not sent. Gives the routes.
    fn take_out(
        &self,
        which: &str,
        (change, route, bundle): (&Change, Option<&str>, &str),
    ) -> Result<BTreeSet<String>> {
        let sql = format!(
            "SELECT t.alert, t.route, t.change FROM change_record n JOIN subject nu ON nu.id = n.subject
             JOIN subject pu ON pu.provider = nu.provider AND pu.native_id = nu.native_id AND pu.kind = 'offering'
             JOIN change_record p ON p.subject = pu.id AND p.attribute IS n.attribute
             JOIN taken t ON t.change = p.id AND (?2 IS NULL OR t.route = ?2)
             WHERE n.id = ?1 AND p.ordinal < n.ordinal AND {which}
               AND EXISTS (SELECT 1 FROM outbox o WHERE o.alert = t.alert AND o.route = t.route AND o.message IS NULL
                             AND o.state = 'waiting' AND substr(o.bundle, 1, length(?3)) = ?3)"
        );
        let mut statement = self.inner.prepare_cached(&sql)?;
        let found: Vec<(String, String, String)> = statement
            .query_map(params![change.id.0, route, bundle], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (alert, route, taken) in &found {
            self.take_from(alert, route, taken)?;
        }
        Ok(found.into_iter().map(|(_, route, _)| route).collect())
    }

    /// A route's message of an alert, which is still to be sent, tells a change no more.
    pub fn forget(&self, alert: &str, route: &str, change: &str) -> Result<()> {
        self.inner
            .prepare_cached("DELETE FROM taken WHERE alert = ?1 AND route = ?2 AND change = ?3")?
            .execute([alert, route, change])?;
        Ok(())
    }

    /// Takes one change out of a route's message; one that is left without any is not sent.
    fn take_from(&self, alert: &str, route: &str, change: &str) -> Result<()> {
        self.inner
            .prepare_cached("DELETE FROM taken WHERE alert = ?1 AND route = ?2 AND change = ?3")?
            .execute([alert, route, change])?;
        self.inner
            .prepare_cached(
                "DELETE FROM outbox WHERE alert = ?1 AND route = ?2 AND message IS NULL AND state = 'waiting'
                   AND NOT EXISTS (SELECT 1 FROM taken t WHERE t.alert = ?1 AND t.route = ?2)",
            )?
            .execute([alert, route])?;
        Ok(())
    }

    /// Takes a change that waits for longer than until `at` out of the bundle that begins with `settling`, if it is in one: the
    /// key of that bundle.
    pub fn unsettle(
        &self,
        change: &ChangeId,
        route: &str,
        settling: &str,
        at: Timestamp,
    ) -> Result<Option<String>> {
        let found: Option<(String, String)> = self
            .inner
            .prepare_cached(
                "SELECT o.alert, o.bundle FROM taken t JOIN outbox o ON o.alert = t.alert AND o.route = t.route
                 WHERE t.change = ?1 AND t.route = ?2 AND o.message IS NULL AND o.state = 'waiting'
                   AND o.not_before > ?4 AND substr(o.bundle, 1, length(?3)) = ?3 LIMIT 1",
            )?
            .query_row(params![change.0, route, settling, millis(at)], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((alert, bundle)) = found else {
            return Ok(None);
        };
        self.take_from(&alert, route, &change.0)?;
        Ok(Some(bundle))
    }
}
