//! Sources: what is known of each besides its claims.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::{Questions, Result, Transaction, millis, time};
use crate::market::{
    Authority, BodyHash, CoveredStages, Hash, ProbeId, ProviderId, Scope, SourceId,
};

/// A source as `status` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRecord {
    /// Which source.
    pub id: SourceId,
    /// Whose pages or interface it asks.
    pub provider: ProviderId,
    /// How far it is to be believed.
    pub authority: Authority,
    /// Its first accepted reading.
    pub baseline_at: Option<Timestamp>,
    /// Its last good reading.
    pub accepted_at: Option<Timestamp>,
    /// Its last fetch.
    pub last_at: Option<Timestamp>,
    /// How that ended: `ok`, `not_modified` or a failure's word.
    pub last_outcome: Option<String>,
    /// What was wrong with it.
    pub last_detail: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// How long the host asked us to wait after the last failure.
    pub retry_after: Option<SignedDuration>,
    /// Since when it is reported broken.
    pub broken_since: Option<Timestamp>,
    /// Items in the last good reading.
    pub items: Option<u64>,
    /// Runs that were missed and caught up.
    pub missed: u64,
    /// What the reader did not expect in the last good body, a line each.
    pub unexpected: Option<String>,
}

/// A source as the pipeline needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRow {
    pub(super) id: i64,
    pub(super) subject_index: Vec<u8>,
    /// What `status` shows.
    pub record: SourceRecord,
    /// Of the reader's version and mapping that the accepted state was read with.
    pub fingerprint: Option<Hash>,
    /// The last good body: what a 304 or an equal hash repeats.
    pub accepted_body: Option<BodyHash>,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
}

const COLUMNS: &str = "probe, scope, provider, authority, baseline_at, accepted_at, last_at, last_outcome, last_detail,
    failures, retry_after, broken_since, items, missed, unexpected, id, subject_index, fingerprint, accepted_body,
    content_type, etag, last_modified";

fn record(row: &Row<'_>) -> rusqlite::Result<SourceRecord> {
    let moment = |at: usize| row.get::<_, Option<i64>>(at).map(|at| at.map(time));
    let authority: String = row.get(3)?;
    Ok(SourceRecord {
        id: SourceId {
            probe: ProbeId::new(row.get::<_, String>(0)?),
            scope: Scope::new(row.get::<_, String>(1)?),
        },
        provider: ProviderId::new(row.get::<_, String>(2)?),
        authority: Authority::from_word(&authority).unwrap_or(Authority::Registry),
        baseline_at: moment(4)?,
        accepted_at: moment(5)?,
        last_at: moment(6)?,
        last_outcome: row.get(7)?,
        last_detail: row.get(8)?,
        failures: row.get(9)?,
        retry_after: row
            .get::<_, Option<i64>>(10)?
            .map(SignedDuration::from_millis),
        broken_since: moment(11)?,
        items: row.get::<_, Option<i64>>(12)?.map(i64::unsigned_abs),
        missed: row.get::<_, i64>(13)?.unsigned_abs(),
        unexpected: row.get(14)?,
    })
}

fn source_row(row: &Row<'_>) -> rusqlite::Result<SourceRow> {
    let hash = |at: usize| {
        row.get::<_, Option<Vec<u8>>>(at)
            .map(|bytes| bytes.and_then(|bytes| Hash::from_bytes(&bytes)))
    };
    Ok(SourceRow {
        record: record(row)?,
        id: row.get(15)?,
        subject_index: row.get(16)?,
        fingerprint: hash(17)?,
        accepted_body: hash(18)?,
        content_type: row.get(19)?,
        etag: row.get(20)?,
        last_modified: row.get(21)?,
    })
}

/// Questions about sources.
pub trait Sources: Questions {
    /// A source, if it has ever been asked.
    fn source(&self, id: &SourceId) -> Result<Option<SourceRow>> {
        Ok(self
            .ask()
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM source WHERE probe = ?1 AND scope = ?2"
            ))?
            .query_row([id.probe.as_str(), id.scope.as_str()], source_row)
            .optional()?)
    }

    /// Every source that has ever been asked, by name. What we measure and count ourselves is none: see
    /// `daemon::judge` and `daemon::indicators`.
    fn sources(&self) -> Result<Vec<SourceRecord>> {
        let mut statement = self.ask().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM source WHERE probe <> provider || '.measured' ORDER BY probe, scope"
        ))?;
        let rows = statement
            .query_map([], record)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }

    /// Where each source asks.
    fn source_addresses(&self) -> Result<HashMap<SourceId, String>> {
        let mut statement = self
            .ask()
            .prepare_cached("SELECT probe, scope, url FROM source")?;
        let rows = statement.query_map([], |row| {
            let source = SourceId {
                probe: ProbeId::new(row.get::<_, String>(0)?),
                scope: Scope::new(row.get::<_, String>(1)?),
            };
            Ok((source, row.get(2)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// When something happened for the first or last time.
    fn milestone(&self, name: &str) -> Result<Option<Timestamp>> {
        let at: Option<i64> = self
            .ask()
            .prepare_cached("SELECT at FROM milestone WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        Ok(at.map(time))
    }
}

impl<T: Questions> Sources for T {}

/// What a good reading leaves behind at its source.
#[derive(Debug, Clone)]
pub struct Accepted<'a> {
    /// When it was fetched.
    pub at: Timestamp,
    /// Its body.
    pub body: BodyHash,
    /// Of the reader's version and mapping.
    pub fingerprint: Hash,
    /// The body's `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The body's `ETag`.
    pub etag: Option<&'a str>,
    /// The body's `Last-Modified`.
    pub last_modified: Option<&'a str>,
    /// What its words for stages cover besides.
    pub covered_stages: CoveredStages,
    /// How many items it had.
    pub items: u64,
    /// What the reader did not expect, a line each.
    pub unexpected: Option<String>,
}

impl Transaction<'_> {
    /// The source, entered if it was never asked before.
    pub fn enter_source(
        &self,
        id: &SourceId,
        provider: &ProviderId,
        authority: Authority,
        url: &str,
    ) -> Result<SourceRow> {
        if let Some(row) = self.source(id)? {
            return Ok(row);
        }
        self.inner
            .prepare_cached(
                "INSERT INTO source (probe, scope, provider, authority, url) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![id.probe.as_str(), id.scope.as_str(), provider.as_str(), authority.word(), url])?;
        self.source(id)?
            .ok_or_else(|| super::Error::Damaged(format!("the source {id}")))
    }

    /// A good reading: the chain of failures ends.
    pub fn accept_reading(&self, source: &SourceRow, accepted: &Accepted<'_>) -> Result<()> {
        self.inner
            .prepare_cached(
                "UPDATE source SET baseline_at = coalesce(baseline_at, ?2), accepted_at = ?2, accepted_body = ?3,
                     fingerprint = ?4, content_type = ?5, etag = ?6, last_modified = ?7, items = ?8, unexpected = ?9,
                     covered_stages = ?10,
                     last_at = ?2, last_outcome = 'ok', last_detail = NULL, failures = 0, retry_after = NULL,
                     broken_since = NULL
                 WHERE id = ?1",
            )?
            .execute(params![
                source.id,
                millis(accepted.at),
                accepted.body.as_bytes(),
                accepted.fingerprint.as_bytes(),
                accepted.content_type,
                accepted.etag,
                accepted.last_modified,
                accepted.items as i64,
                accepted.unexpected,
                accepted.covered_stages.to_stored(),
            ])?;
        Ok(())
    }

    /// A reading equal to the last good one.
    pub fn accept_repeat(&self, source: &SourceRow, at: Timestamp, outcome: &str) -> Result<()> {
        self.inner
            .prepare_cached(
                "UPDATE source SET accepted_at = ?2, last_at = ?2, last_outcome = ?3, last_detail = NULL, failures = 0,
                     retry_after = NULL, broken_since = NULL WHERE id = ?1",
            )?
            .execute(params![source.id, millis(at), outcome])?;
        Ok(())
    }

    /// A failure: it ends no claim and breaks no chain.
    pub fn fail_reading(
        &self,
        source: &SourceRow,
        at: Timestamp,
        outcome: &str,
        detail: &str,
        retry_after: Option<SignedDuration>,
    ) -> Result<()> {
        self.inner
            .prepare_cached(
                "UPDATE source SET last_at = ?2, last_outcome = ?3, last_detail = ?4, failures = failures + 1,
                     retry_after = ?5 WHERE id = ?1",
            )?
            .execute(params![
                source.id,
                millis(at),
                outcome,
                detail,
                retry_after.map(|wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
            ])?;
        Ok(())
    }

    /// The source is reported broken from now on.
    pub fn mark_broken(&self, source: &SourceRow, at: Timestamp) -> Result<()> {
        self.inner
            .prepare_cached(
                "UPDATE source SET broken_since = ?2 WHERE id = ?1 AND broken_since IS NULL",
            )?
            .execute(params![source.id, millis(at)])?;
        Ok(())
    }

    /// Counts runs that did not take place at their time.
    pub fn count_missed(&self, id: &SourceId, missed: u64) -> Result<()> {
        self.inner
            .prepare_cached(
                "UPDATE source SET missed = missed + ?3 WHERE probe = ?1 AND scope = ?2",
            )?
            .execute(params![
                id.probe.as_str(),
                id.scope.as_str(),
                i64::try_from(missed).unwrap_or(i64::MAX)
            ])?;
        Ok(())
    }

    /// Notes when something happened, replacing what was noted.
    pub fn pass_milestone(&self, name: &str, at: Timestamp) -> Result<()> {
        self.inner
            .prepare_cached(
                "INSERT INTO milestone (name, at) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at = excluded.at",
            )?
            .execute(params![name, millis(at)])?;
        Ok(())
    }
}
