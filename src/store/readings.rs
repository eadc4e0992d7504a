//! One row a fetch: its outcome and its phases.

mod lately;

pub use lately::{LateReading, Lately};

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::sources::SourceRow;
use super::{Questions, Result, Transaction, millis, time};
use crate::market::{BodyHash, Hash, Phases, SourceId, Spell};

/// So many readings before the one with which something was believed may have shown it.
const CONFIRMED_WITHIN: u32 = 3;

/// One fetch, as it is kept.
#[derive(Debug, Clone)]
pub struct ReadingRow<'a> {
    /// When it was made.
    pub at: Timestamp,
    /// `ok`, `same`, `not_modified` or a failure's word.
    pub outcome: &'a str,
    /// What was wrong.
    pub detail: Option<&'a str>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The body that it showed.
    pub body: Option<BodyHash>,
    /// Its length.
    pub bytes: u64,
    /// Whether it was imported instead of fetched.
    pub imported: bool,
    /// Which host was asked.
    pub host: Option<&'a str>,
    /// From where it was measured.
    pub vantage: &'a str,
    /// How long its phases took.
    pub phases: Phases,
}

/// A reading that can be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReading {
    /// Its row.
    pub id: i64,
    /// When it was made.
    pub at: Timestamp,
    /// Its body; `None` for a failure.
    pub body: Option<BodyHash>,
    /// What the body was sent as; `None` if it was not said, or the body is not kept.
    pub content_type: Option<String>,
    /// `ok`, `same`, `not_modified` or a failure's word.
    pub outcome: String,
    /// What was wrong.
    pub detail: Option<String>,
    /// Whether it was imported.
    pub imported: bool,
}

/// The measurements of one source that succeeded, for percentiles.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyRow {
    /// Which source.
    pub source: SourceId,
    /// Its provider.
    pub provider: String,
    /// Which host.
    pub host: String,
    /// When.
    pub at: Timestamp,
    /// How long each phase took.
    pub phases: Phases,
    /// `ok`, `same`, `not_modified` or a failure's word.
    pub outcome: String,
}

pub(super) fn micros(duration: Option<SignedDuration>) -> Option<i64> {
    duration.map(|duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}

impl Transaction<'_> {
    /// Keeps a fetch, and what was measured of it.
    pub fn keep_reading(&self, source: &SourceRow, reading: &ReadingRow<'_>) -> Result<()> {
        let phases = &reading.phases;
        self.inner
            .prepare_cached(
                "INSERT INTO reading (source, at, outcome, detail, status, body, bytes, imported, host, vantage,
                                      dns, connect, tls, first_byte, download, total)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(params![
                source.id,
                millis(reading.at),
                reading.outcome,
                reading.detail,
                reading.status,
                reading.body.map(|body| body.as_bytes().to_vec()),
                i64::try_from(reading.bytes).unwrap_or(i64::MAX),
                reading.imported,
                reading.host,
                reading.vantage,
                micros(phases.dns),
                micros(phases.connect),
                micros(phases.tls),
                micros(phases.first_byte),
                micros(phases.body),
                micros(phases.total),
            ])?;
        match reading.host {
            Some(host) if !reading.imported => self.append_fetch(source, host, reading),
            _ => Ok(()),
        }
    }
}

impl Transaction<'_> {
    /// What a kept fetch says when it is read again; what was measured of it stays.
    pub fn correct_reading(&self, id: i64, outcome: &str, detail: Option<&str>) -> Result<()> {
        self.inner
            .prepare_cached("UPDATE reading SET outcome = ?2, detail = ?3 WHERE id = ?1")?
            .execute(params![id, outcome, detail])?;
        Ok(())
    }
}

/// Questions about readings.
pub trait Readings: Questions {
    /// The first good readings of a source after each time in which there was none for longer than this: with one of them
    /// what came about meanwhile was believed.
    fn ends_of_gaps(
        &self,
        source: &SourceId,
        longest: SignedDuration,
    ) -> Result<BTreeSet<Timestamp>> {
        const GOOD: &str = "source = (SELECT id FROM source WHERE probe = ?1 AND scope = ?2)
            AND outcome IN ('ok', 'same', 'not_modified') AND at > ?3";
        let connection = self.ask();
        let mut furthest = connection.prepare_cached(&format!(
            "SELECT max(at) FROM reading WHERE {GOOD} AND at <= ?3 + ?4"
        ))?;
        let mut next = connection.prepare_cached(&format!(
            "SELECT at FROM reading WHERE {GOOD} ORDER BY at LIMIT ?4"
        ))?;
        let (probe, scope) = (source.probe.as_str(), source.scope.as_str());
        let step = i64::try_from(longest.as_millis()).unwrap_or(i64::MAX);
        let mut ends = BTreeSet::new();
        let mut last: Option<i64> = None;
        loop {
            // as far as readings reach without such a time between them
            let from = last.unwrap_or(i64::MIN / 2);
            let reached: Option<i64> = match last {
                Some(_) => {
                    furthest.query_row(params![probe, scope, from, step], |row| row.get(0))?
                }
                None => None,
            };
            if reached.is_some() {
                last = reached;
                continue;
            }
            let mut rows = next.query(params![probe, scope, from, CONFIRMED_WITHIN])?;
            let mut first = None;
            while let Some(row) = rows.next()? {
                let at: i64 = row.get(0)?;
                first = first.or(Some(at));
                // the very first reading ends no such time: it is the baseline
                if last.is_some() {
                    ends.insert(time(at));
                }
            }
            match first {
                Some(_) => last = first,
                None => return Ok(ends),
            }
        }
    }

    /// The providers of which sources said something new only after nobody had read them for longer than this, with the day:
    /// when that came about nobody knows. `spells` tell what was said when. Readings that are no longer kept tell nothing.
    fn came_late(
        &self,
        spells: &[Spell],
        longest: SignedDuration,
    ) -> Result<BTreeSet<(String, Date)>> {
        let mut late = BTreeSet::new();
        let sources: BTreeSet<&SourceId> = spells.iter().map(|spell| &*spell.fact.source).collect();
        let mut after: BTreeMap<&SourceId, BTreeSet<Timestamp>> = BTreeMap::new();
        for source in sources {
            let ends = self.ends_of_gaps(source, longest)?;
            if !ends.is_empty() {
                after.insert(source, ends);
            }
        }
        if after.is_empty() {
            return Ok(late);
        }
        for spell in spells {
            let Some(ends) = after.get(&*spell.fact.source) else {
                continue;
            };
            for at in std::iter::once(spell.fact.since).chain(spell.until) {
                if ends.contains(&at) {
                    let day = at.to_zoned(TimeZone::UTC).date();
                    late.insert((spell.fact.subject.provider.to_string(), day));
                }
            }
        }
        Ok(late)
    }

    /// Whether a reading of this time and body (`None`: of no body) is kept already: what importing twice asks.
    fn knows_reading(
        &self,
        source: &SourceRow,
        at: Timestamp,
        body: Option<BodyHash>,
    ) -> Result<bool> {
        let body = body.map(|body| body.as_bytes().to_vec());
        Ok(self
            .ask()
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM reading WHERE source = ?1 AND at = ?2 AND body IS ?3)",
            )?
            .query_row(params![source.id, millis(at), body], |row| row.get(0))?)
    }

    /// How many of the last readings before a moment have failed one after the other, at most `most`. Those that say nothing
    /// of the source, since no host was reached, are passed over.
    fn failures_before(&self, source: &SourceRow, at: Timestamp, most: u32) -> Result<u32> {
        let mut statement = self.ask().prepare_cached(
            "SELECT outcome IN ('ok', 'same', 'not_modified') FROM reading
             WHERE source = ?1 AND at < ?2 AND outcome != 'inconclusive' ORDER BY at DESC, id DESC LIMIT ?3",
        )?;
        let mut rows = statement.query(params![source.id, millis(at), most])?;
        let mut failures = 0;
        while let Some(row) = rows.next()? {
            if row.get(0)? {
                break;
            }
            failures += 1;
        }
        Ok(failures)
    }

    /// The body of the last good reading before a moment: what showed the state that was left.
    fn body_before(&self, source: &SourceRow, at: Timestamp) -> Result<Option<BodyHash>> {
        let body: Option<Vec<u8>> = self
            .ask()
            .prepare_cached(
                "SELECT body FROM reading WHERE source = ?1 AND at < ?2 AND body IS NOT NULL
                   AND outcome IN ('ok', 'same', 'not_modified') ORDER BY at DESC LIMIT 1",
            )?
            .query_row(params![source.id, millis(at)], |row| row.get(0))
            .optional()?;
        Ok(body.and_then(|body| Hash::from_bytes(&body)))
    }

    /// Every kept reading of a source, oldest first.
    fn kept_readings(&self, source: &SourceRow) -> Result<Vec<KeptReading>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT r.id, r.at, r.body, b.content_type, r.outcome, r.detail, r.imported
             FROM reading r LEFT JOIN body b ON b.hash = r.body WHERE r.source = ?1 ORDER BY r.at, r.id",
        )?;
        let rows = statement.query_map([source.id], |row| {
            Ok(KeptReading {
                id: row.get(0)?,
                at: time(row.get(1)?),
                body: row
                    .get::<_, Option<Vec<u8>>>(2)?
                    .and_then(|body| Hash::from_bytes(&body)),
                content_type: row.get(3)?,
                outcome: row.get(4)?,
                detail: row.get(5)?,
                imported: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many good readings each source had from `since` until `until`.
    fn good_readings(&self, since: Timestamp, until: Timestamp) -> Result<HashMap<SourceId, u64>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT s.probe, s.scope, count(*) FROM source s JOIN reading r ON r.source = s.id
             WHERE r.at >= ?1 AND r.at < ?2 AND r.outcome IN ('ok', 'same', 'not_modified') GROUP BY s.id",
        )?;
        let rows = statement.query_map(params![millis(since), millis(until)], |row| {
            let source = SourceId {
                probe: crate::market::ProbeId::new(row.get::<_, String>(0)?),
                scope: crate::market::Scope::new(row.get::<_, String>(1)?),
            };
            Ok((source, row.get::<_, i64>(2)?.unsigned_abs()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How often sources were read from `since` until `until`, by how that ended.
    fn outcomes(&self, since: Timestamp, until: Timestamp) -> Result<BTreeMap<String, u64>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT r.outcome, count(*) FROM source s JOIN reading r ON r.source = s.id
             WHERE r.at >= ?1 AND r.at < ?2 GROUP BY r.outcome",
        )?;
        let rows = statement.query_map(params![millis(since), millis(until)], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Every measured fetch from `since` until `until`, by source and time. Imported readings were not measured.
    fn measurements(&self, since: Timestamp, until: Timestamp) -> Result<Vec<LatencyRow>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT s.probe, s.scope, s.provider, r.host, r.at, r.dns, r.connect, r.tls, r.first_byte, r.download,
                    r.total, r.outcome
             FROM source s JOIN reading r ON r.source = s.id AND r.at >= ?1 AND r.at < ?2
             WHERE NOT r.imported AND r.host IS NOT NULL ORDER BY s.probe, s.scope, r.at",
        )?;
        let rows = statement.query_map(params![millis(since), millis(until)], |row| {
            let phase = |at: usize| {
                row.get::<_, Option<i64>>(at)
                    .map(|p| p.map(SignedDuration::from_micros))
            };
            Ok(LatencyRow {
                source: SourceId {
                    probe: crate::market::ProbeId::new(row.get::<_, String>(0)?),
                    scope: crate::market::Scope::new(row.get::<_, String>(1)?),
                },
                provider: row.get(2)?,
                host: row.get(3)?,
                at: time(row.get(4)?),
                phases: Phases {
                    dns: phase(5)?,
                    connect: phase(6)?,
                    tls: phase(7)?,
                    first_byte: phase(8)?,
                    body: phase(9)?,
                    total: phase(10)?,
                },
                outcome: row.get(11)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl<T: Questions> Readings for T {}
