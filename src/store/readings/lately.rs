//! The last fetches of a source, each with its phases.

use jiff::{SignedDuration, Timestamp};
use rusqlite::params;

use crate::market::Phases;
use crate::store::{Questions, Result, SourceRow, millis, time};

/// One fetch as people look at it.
#[derive(Debug, Clone, PartialEq)]
pub struct LateReading {
    /// When it was made.
    pub at: Timestamp,
    /// `ok`, `same`, `not_modified` or a failure's word.
    pub outcome: String,
    /// What was wrong.
    pub detail: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Bytes of the body, decoded.
    pub bytes: u64,
    /// Whether it was imported instead of fetched.
    pub imported: bool,
    /// Which host was asked.
    pub host: Option<String>,
    /// From where it was measured.
    pub vantage: String,
    /// How long its phases took.
    pub phases: Phases,
}

/// Questions about the last fetches.
pub trait Lately: Questions {
    /// The last fetches of a source, at most so many, the latest first.
    fn last_readings(&self, source: &SourceRow, most: u32) -> Result<Vec<LateReading>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT at, outcome, detail, status, bytes, imported, host, vantage, dns, connect, tls, first_byte, download,
                    total
             FROM reading WHERE source = ?1 ORDER BY at DESC, id DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![source.id, most], |row| {
            let phase = |at: usize| {
                let micros = row.get::<_, Option<i64>>(at);
                micros.map(|micros| micros.map(SignedDuration::from_micros))
            };
            Ok(LateReading {
                at: time(row.get(0)?),
                outcome: row.get(1)?,
                detail: row.get(2)?,
                status: row.get(3)?,
                bytes: row.get::<_, i64>(4)?.unsigned_abs(),
                imported: row.get(5)?,
                host: row.get(6)?,
                vantage: row.get(7)?,
                phases: Phases {
                    dns: phase(8)?,
                    connect: phase(9)?,
                    tls: phase(10)?,
                    first_byte: phase(11)?,
                    body: phase(12)?,
                    total: phase(13)?,
                },
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many good readings a source had from one moment to another, both included.
    fn good_readings_of(
        &self,
        source: &SourceRow,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<u64> {
        let mut statement = self.ask().prepare_cached(
            "SELECT count(*) FROM reading WHERE source = ?1 AND at >= ?2 AND at <= ?3
               AND outcome IN ('ok', 'same', 'not_modified')",
        )?;
        let asked = params![source.id, millis(from), millis(until)];
        let n: i64 = statement.query_row(asked, |row| row.get(0))?;
        Ok(n.unsigned_abs())
    }
}

impl<T: Questions> Lately for T {}
