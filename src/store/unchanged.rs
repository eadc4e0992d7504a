//! Fetches that showed nothing new: noted as they come, and written several at a time.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::readings::ReadingRow;
use super::sources::{SourceRow, Sources};
use super::{Error, Questions, Result, Transaction};
use crate::market::{BodyHash, Hash, Sample, SourceId};

/// A fetch that showed nothing new, of a source at rest.
#[derive(Debug, Clone)]
pub struct Unchanged {
    /// Of which source.
    pub source: SourceId,
    /// When it was made.
    pub at: Timestamp,
    /// `same` or `not_modified`.
    pub outcome: &'static str,
    /// The body that it showed once more.
    pub body: BodyHash,
    /// What was measured.
    pub sample: Sample,
    /// From where.
    pub vantage: Arc<str>,
}

/// Questions about sources at rest.
pub trait Rests: Questions {
    /// Whether a fetch that shows nothing new of a source, as read with this fingerprint, would say nothing besides: nothing is
    /// pending that it could confirm, and the source is not reported broken.
    fn is_at_rest(&self, id: &SourceId, fingerprint: Hash) -> Result<bool> {
        let found: Option<bool> = self
            .ask()
            .prepare_cached(
                "SELECT accepted_body IS NOT NULL AND fingerprint IS ?3 AND broken_since IS NULL
                    AND NOT EXISTS (SELECT 1 FROM pending WHERE source = source.id)
                 FROM source WHERE probe = ?1 AND scope = ?2",
            )?
            .query_row(
                params![id.probe.as_str(), id.scope.as_str(), fingerprint.as_bytes()],
                |row| row.get(0),
            )
            .optional()?;
        Ok(found.unwrap_or(false))
    }
}

impl<T: Questions> Rests for T {}

impl Transaction<'_> {
    /// Keeps fetches that showed nothing new, each as its own reading and sample; the source itself is told of its last one.
    pub fn keep_unchanged(&self, fetches: &[Unchanged]) -> Result<()> {
        let mut rows: HashMap<&SourceId, (SourceRow, &Unchanged)> = HashMap::new();
        for fetch in fetches {
            if !rows.contains_key(&fetch.source) {
                let lost = || Error::Damaged(format!("the source {}", fetch.source));
                let row = self.source(&fetch.source)?.ok_or_else(lost)?;
                rows.insert(&fetch.source, (row, fetch));
            }
            let Some((row, last)) = rows.get_mut(&fetch.source) else {
                continue;
            };
            if fetch.at > last.at {
                *last = fetch;
            }
            let host = fetch.sample.host.as_str();
            self.keep_reading(
                row,
                &ReadingRow {
                    at: fetch.at,
                    outcome: fetch.outcome,
                    detail: None,
                    status: fetch.sample.status,
                    body: Some(fetch.body),
                    bytes: fetch.sample.bytes,
                    imported: false,
                    host: Some(host).filter(|host| !host.is_empty()),
                    vantage: &fetch.vantage,
                    phases: fetch.sample.phases,
                },
            )?;
        }
        for (row, last) in rows.values() {
            // what could not be written in its time is not to hide what came after it
            if row.record.last_at.is_none_or(|known| known < last.at) {
                self.accept_repeat(row, last.at, last.outcome)?;
            }
        }
        Ok(())
    }
}
