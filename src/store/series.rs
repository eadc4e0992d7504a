//! Samples: a journal in the order of their coming, and what it is rolled up to.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::readings::{ReadingRow, micros};
use super::sources::SourceRow;
use super::{Error, Questions, Result, Transaction, millis, time};
use crate::latency::{Cover, Resolution, RollUp};
use crate::market::Phases;

/// What the samples of a series have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// From where it is measured.
    pub vantage: String,
    /// Whose endpoint.
    pub provider: String,
    /// Which probe asks.
    pub probe: String,
    /// Of which region or account; empty for none.
    pub region: String,
    /// Which host.
    pub host: String,
    /// `fresh` for a connection that was opened for the sample, or `warm`.
    pub way: String,
}

/// Samples that are rolled up in one transaction: whoever waits for the writer must not wait for long.
const SAMPLES_AT_ONCE: i64 = 5_000;

/// A failure before the connection stood is one of opening it: the way is warm only if an open connection has answered.
fn way(phases: &Phases) -> &'static str {
    if phases.connect.is_none() && phases.first_byte.is_some() {
        "warm"
    } else {
        "fresh"
    }
}

impl Transaction<'_> {
    /// Appends what was measured of a fetch to the journal.
    pub(super) fn append_sample(
        &self,
        source: &SourceRow,
        host: &str,
        reading: &ReadingRow<'_>,
    ) -> Result<()> {
        let (phases, way) = (&reading.phases, way(&reading.phases));
        let own = params![source.id, reading.vantage, host, way];
        let known = || {
            self.inner
                .prepare_cached(
                    "SELECT e.id FROM source s JOIN series e ON e.provider = s.provider AND e.probe = s.probe
                       AND e.region = s.scope AND e.host = ?3 AND e.way = ?4 AND e.vantage = ?2 WHERE s.id = ?1",
                )?
                .query_row(own, |row| row.get::<_, i64>(0))
                .optional()
        };
        let series = match known()? {
            Some(series) => series,
            None => {
                self.inner
                    .prepare_cached(
                        "INSERT INTO series (vantage, provider, probe, region, host, way)
                         SELECT ?2, provider, probe, scope, ?3, ?4 FROM source WHERE id = ?1",
                    )?
                    .execute(own)?;
                self.inner.last_insert_rowid()
            }
        };
        self.inner
            .prepare_cached(
                "INSERT INTO journal (series, at, outcome, dns, connect, tls, first_byte, download, total)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                series,
                millis(reading.at),
                reading.outcome,
                micros(phases.dns),
                micros(phases.connect),
                micros(phases.tls),
                micros(phases.first_byte),
                micros(phases.body),
                micros(phases.total),
            ])?;
        Ok(())
    }

    /// Rolls up the oldest part of the journal into every window that it concerns, however old, and takes it from the journal.
    /// Gives how many samples: 0 if none is left.
    pub fn roll_up(&self) -> Result<u64> {
        let mut windows: BTreeMap<(i64, i64, i64), RollUp> = BTreeMap::new();
        let (mut last, mut n) = (0, 0);
        let mut journal = self
            .inner
            .prepare_cached(&format!("{SAMPLES} ORDER BY id LIMIT ?1"))?;
        let mut rows = journal.query([SAMPLES_AT_ONCE])?;
        while let Some(row) = rows.next()? {
            let sample = Journalled::of(row)?;
            for resolution in Resolution::ALL {
                let key = (
                    resolution.seconds(),
                    resolution.begin(sample.at),
                    sample.series,
                );
                sample.add_to(windows.entry(key).or_default());
            }
            last = sample.id;
            n += 1;
        }
        for ((length, begin, series), mut figures) in windows {
            let kept: Option<Vec<u8>> = self
                .inner
                .prepare_cached(
                    "SELECT figures FROM roll_up WHERE length = ?1 AND begin = ?2 AND series = ?3",
                )?
                .query_row([length, begin, series], |row| row.get(0))
                .optional()?;
            if let Some(kept) = kept {
                figures.merge(&decoded(&kept)?);
            }
            self.inner
                .prepare_cached(
                    "INSERT OR REPLACE INTO roll_up (length, begin, series, figures) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![length, begin, series, figures.encode()])?;
        }
        self.inner
            .prepare_cached("DELETE FROM journal WHERE id <= ?1")?
            .execute([last])?;
        Ok(n)
    }

    /// Throws away the windows that are no longer kept.
    pub(super) fn prune_windows(&self, now: Timestamp) -> Result<u64> {
        let mut windows = 0;
        for resolution in Resolution::ALL {
            if let Some(kept_since) = resolution.kept_since(now) {
                windows += self
                    .inner
                    .prepare_cached("DELETE FROM roll_up WHERE length = ?1 AND begin < ?2")?
                    .execute([resolution.seconds(), resolution.begin(kept_since)])?;
            }
        }
        Ok(windows as u64)
    }
}

/// In the order of [`Journalled::of`].
const SAMPLES: &str =
    "SELECT id, series, at, outcome, dns, connect, tls, first_byte, first_token, download, total
    FROM journal";

/// A sample of the journal.
struct Journalled {
    id: i64,
    series: i64,
    at: Timestamp,
    outcome: String,
    phases: Phases,
    first_token: Option<SignedDuration>,
}

impl Journalled {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let phase = |at: usize| -> rusqlite::Result<Option<SignedDuration>> {
            Ok(row
                .get::<_, Option<i64>>(at)?
                .map(SignedDuration::from_micros))
        };
        Ok(Self {
            id: row.get(0)?,
            series: row.get(1)?,
            at: time(row.get(2)?),
            outcome: row.get(3)?,
            phases: Phases {
                dns: phase(4)?,
                connect: phase(5)?,
                tls: phase(6)?,
                first_byte: phase(7)?,
                body: phase(9)?,
                total: phase(10)?,
            },
            first_token: phase(8)?,
        })
    }

    fn add_to(&self, figures: &mut RollUp) {
        figures.add(&self.phases, self.first_token, &self.outcome);
    }
}

fn decoded(figures: &[u8]) -> Result<RollUp> {
    RollUp::decode(figures).map_err(|broken| Error::Damaged(broken.to_string()))
}

/// Questions about series.
pub trait AllSeries: Questions {
    /// Gives `take` every window of a span that has samples: its series, when it begins in seconds since 1970, its figures.
    /// Samples that are not rolled up yet are windows of their own.
    fn windows(&self, cover: &Cover, mut take: impl FnMut(&Series, i64, RollUp)) -> Result<()> {
        // one view of both: what is rolled up between two questions would be missed or come twice
        let view = self.ask().unchecked_transaction()?;
        let all = series(&view)?;
        let mut tell = |id: i64, begin: i64, figures: RollUp| {
            if let Some(series) = all.get(&id) {
                take(series, begin, figures);
            }
        };
        let mut windows = view.prepare_cached(
            "SELECT series, begin, figures FROM roll_up WHERE length = ?1 AND begin >= ?2 AND begin < ?3",
        )?;
        for run in &cover.runs {
            let mut rows = windows.query([run.resolution.seconds(), run.from, run.until])?;
            while let Some(row) = rows.next()? {
                let figures = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
                tell(row.get(0)?, row.get(1)?, decoded(figures)?);
            }
        }
        let mut journal = view.prepare_cached(&format!("{SAMPLES} WHERE at >= ?1 AND at < ?2"))?;
        let edge = |second: i64| second.saturating_mul(1_000);
        let mut rows = journal.query([edge(cover.from), edge(cover.until)])?;
        while let Some(row) = rows.next()? {
            let sample = Journalled::of(row)?;
            let mut figures = RollUp::default();
            sample.add_to(&mut figures);
            let begin = Resolution::FiveMinutes.begin(sample.at);
            tell(sample.series, begin, figures);
        }
        Ok(())
    }
}

impl<T: Questions> AllSeries for T {}

fn series(connection: &rusqlite::Connection) -> Result<HashMap<i64, Series>> {
    let mut statement = connection
        .prepare_cached("SELECT id, vantage, provider, probe, region, host, way FROM series")?;
    let rows = statement.query_map([], |row| {
        let series = Series {
            vantage: row.get(1)?,
            provider: row.get(2)?,
            probe: row.get(3)?,
            region: row.get(4)?,
            host: row.get(5)?,
            way: row.get(6)?,
        };
        Ok((row.get(0)?, series))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests;
