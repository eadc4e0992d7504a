//! What waits to be told and need not be told any more, or need not wait any longer.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Result, Transaction, millis};
use crate::market::{Change, ChangeId};

impl Transaction<'_> {
    /// Takes what a change of the same source takes back out of the route's messages that are still to be sent; of what waits in a
    /// bundle that begins with `settling` also what it says itself. Whether something was taken back: then it is not told either.
    pub fn untell(&self, change: &Change, route: &str, settling: &str) -> Result<bool> {
        let taken_back = self.take_out(
            "p.source = n.source AND p.subject = n.subject
               AND (n.attribute IS NOT NULL AND p.old IS n.new AND p.new IS n.old
                 OR n.attribute IS NULL AND (p.kind = 'offering_removed') != (n.kind = 'offering_removed')
                   AND p.kind IN ('offering_added', 'offering_returned', 'offering_removed')
                   AND n.kind IN ('offering_added', 'offering_returned', 'offering_removed'))",
            (change, route, ""),
        )?;
        self.take_out(
            "p.source != n.source AND (n.attribute IS NOT NULL AND p.new IS n.new OR n.attribute IS NULL AND p.kind = n.kind)",
            (change, route, settling),
        )?;
        Ok(taken_back > 0)
    }

    /// Takes changes `p` of a change's native id and attribute out of messages to be sent; those left without any are not sent.
    fn take_out(
        &self,
        which: &str,
        (change, route, bundle): (&Change, &str, &str),
    ) -> Result<usize> {
        let sql = format!(
            "SELECT t.alert, t.change FROM change_record n JOIN subject nu ON nu.id = n.subject
             JOIN subject pu ON pu.provider = nu.provider AND pu.native_id = nu.native_id AND pu.kind = 'offering'
             JOIN change_record p ON p.subject = pu.id AND p.attribute IS n.attribute
             JOIN taken t ON t.change = p.id AND t.route = ?2
             WHERE n.id = ?1 AND p.ordinal < n.ordinal AND {which}
               AND EXISTS (SELECT 1 FROM outbox o WHERE o.alert = t.alert AND o.route = t.route AND o.message IS NULL
                             AND o.state = 'waiting' AND substr(o.bundle, 1, length(?3)) = ?3)"
        );
        let mut statement = self.inner.prepare_cached(&sql)?;
        let found: Vec<(String, String)> = statement
            .query_map(params![change.id.0, route, bundle], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (alert, taken) in &found {
            self.take_from(alert, route, taken)?;
        }
        Ok(found.len())
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
