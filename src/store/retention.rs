//! What is thrown away, and what never is: claims, changes, bodies with a change, each source's last good body.

use jiff::{SignedDuration, Timestamp};
use rusqlite::params;

use super::{Error, Result, Transaction, millis};
use crate::config::Retention;
use crate::market::Hash;

/// What was thrown away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Bodies.
    pub bodies: u64,
    /// Rows of single fetches.
    pub readings: u64,
    /// Delivered messages.
    pub messages: u64,
    /// Windows of measurements that longer ones tell of.
    pub windows: u64,
}

/// Bodies freed in one transaction: packing anew those that lean on them must not hold the writer for long.
const BODIES_AT_ONCE: i64 = 50;

impl Transaction<'_> {
    /// Throws away what is older than `retention` allows, a bounded part at a time.
    pub fn prune(&self, retention: &Retention, now: Timestamp) -> Result<Pruned> {
        let before = |age: SignedDuration| now.checked_sub(age).map_or(i64::MIN, millis);
        let mut statement = self.inner.prepare_cached(
            "SELECT hash FROM body b WHERE stored_at < ?1
               AND NOT EXISTS (SELECT 1 FROM change_record WHERE new_body = b.hash)
               AND NOT EXISTS (SELECT 1 FROM change_record WHERE old_body = b.hash)
               AND NOT EXISTS (SELECT 1 FROM pending WHERE first_body = b.hash)
               AND NOT EXISTS (SELECT 1 FROM source WHERE accepted_body = b.hash)
             LIMIT ?2",
        )?;
        let idle: Vec<Vec<u8>> = statement
            .query_map(params![before(retention.bodies), BODIES_AT_ONCE], |row| {
                row.get(0)
            })?
            .collect::<rusqlite::Result<_>>()?;
        for hash in &idle {
            let hash = Hash::from_bytes(hash)
                .ok_or_else(|| Error::Damaged("a body's hash".to_string()))?;
            self.free_base(hash)?;
            self.inner
                .prepare_cached("DELETE FROM body WHERE hash = ?1")?
                .execute([hash.as_bytes()])?;
        }
        let readings = self
            .inner
            .prepare_cached("DELETE FROM reading WHERE at < ?1 AND NOT imported")?
            .execute([before(retention.readings)])?;
        let messages = self
            .inner
            .prepare_cached("DELETE FROM outbox WHERE state = 'delivered' AND delivered_at < ?1")?
            .execute([before(retention.messages)])?;
        self.inner
            .prepare_cached("DELETE FROM flap WHERE last_at < ?1")?
            .execute([before(retention.bodies)])?;
        let samples_since = now.checked_sub(retention.samples).unwrap_or(Timestamp::MIN);
        self.prune_answers(samples_since)?;
        Ok(Pruned {
            bodies: idle.len() as u64,
            readings: readings as u64,
            messages: messages as u64,
            windows: self.prune_windows(samples_since, now)?,
        })
    }
}
