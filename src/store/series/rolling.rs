//! The journal is rolled up into windows, a part of the series at a time: each window is written once for all its samples.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::{Journalled, SAMPLES, SeriesId, decoded};
use crate::latency::{INCONCLUSIVE, Resolution, RollUp, UNREACHED};
use crate::store::{Result, Transaction, time};

/// Samples that are rolled up in one transaction, about: whoever waits for the writer must not wait for long.
const SAMPLES_AT_ONCE: i64 = 5_000;

/// Which samples of the journal no window has yet.
pub(super) const NOT_YET: &str =
    "(id > (SELECT until FROM rolling) OR id > (SELECT rolled FROM rolling)
    AND series % (SELECT parts FROM rolling) >= (SELECT part FROM rolling))";

/// How far the journal is rolled up.
struct Rolling {
    rolled: i64,
    until: i64,
    parts: i64,
    part: i64,
}

impl Transaction<'_> {
    /// Rolls up the next part of the journal into every window that it concerns, however old. Gives how many samples: 0 if
    /// none is left.
    pub fn roll_up(&self) -> Result<u64> {
        loop {
            let mut rolling = self.rolling()?;
            if rolling.part >= rolling.parts {
                let Some(next) = self.next_round(rolling.until)? else {
                    return Ok(0);
                };
                rolling = next;
            }
            let n = self.roll_up_part(&rolling)?;
            rolling.part += 1;
            if rolling.part >= rolling.parts {
                rolling.rolled = rolling.until;
            }
            self.inner
                .prepare_cached(
                    "UPDATE rolling SET rolled = ?1, until = ?2, parts = ?3, part = ?4",
                )?
                .execute([rolling.rolled, rolling.until, rolling.parts, rolling.part])?;
            if n > 0 {
                return Ok(n);
            }
        }
    }

    /// Samples of the journal between two moments, both in milliseconds since 1970, that reached nobody are inconclusive from
    /// now on, also in the windows that count them already. Gives all inconclusive ones of that time: their numbers, and series.
    pub fn mark_inconclusive(&self, from: i64, until: i64) -> Result<Vec<(i64, SeriesId)>> {
        let unreached = UNREACHED.map(|word| format!("'{word}'")).join(", ");
        let mut journal = self.inner.prepare_cached(&format!(
            "SELECT id, series, at, outcome, NOT {NOT_YET} FROM journal
             WHERE at >= ?1 AND at <= ?2 AND outcome IN ({unreached}) ORDER BY id"
        ))?;
        let mut rows = journal.query([from, until])?;
        let (mut found, mut marked) = (Vec::new(), Vec::new());
        let mut windows: BTreeMap<[i64; 3], BTreeMap<String, u64>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (id, series): (i64, i64) = (row.get(0)?, row.get(1)?);
            found.push((id, SeriesId(series)));
            let outcome: String = row.get(3)?;
            if outcome == INCONCLUSIVE {
                continue;
            }
            marked.push(id);
            let (at, is_rolled_up) = (time(row.get(2)?), row.get::<_, bool>(4)?);
            for resolution in Resolution::ALL.into_iter().filter(|_| is_rolled_up) {
                let window = [resolution.seconds(), resolution.begin(at), series];
                let outcomes = windows.entry(window).or_default();
                *outcomes.entry(outcome.clone()).or_default() += 1;
            }
        }
        let mut update = self
            .inner
            .prepare_cached("UPDATE journal SET outcome = ?2 WHERE id = ?1")?;
        for id in marked {
            update.execute(params![id, INCONCLUSIVE])?;
        }
        for (window, outcomes) in windows {
            self.recount(window, &outcomes)?;
        }
        Ok(found)
    }

    /// So many samples of a window are inconclusive after all.
    fn recount(&self, window: [i64; 3], outcomes: &BTreeMap<String, u64>) -> Result<()> {
        let kept: Option<Vec<u8>> = self
            .inner
            .prepare_cached(
                "SELECT figures FROM roll_up WHERE length = ?1 AND begin = ?2 AND series = ?3",
            )?
            .query_row(window, |row| row.get(0))
            .optional()?;
        let Some(kept) = kept else { return Ok(()) };
        let mut figures = decoded(&kept)?;
        for (outcome, n) in outcomes {
            figures.recount(outcome, INCONCLUSIVE, *n);
        }
        let [length, begin, series] = window;
        self.inner
            .prepare_cached(
                "UPDATE roll_up SET figures = ?4 WHERE length = ?1 AND begin = ?2 AND series = ?3",
            )?
            .execute(params![length, begin, series, figures.encode()])?;
        Ok(())
    }

    fn rolling(&self) -> Result<Rolling> {
        let mut statement = self
            .inner
            .prepare_cached("SELECT rolled, until, parts, part FROM rolling")?;
        Ok(statement.query_row([], |row| {
            Ok(Rolling {
                rolled: row.get(0)?,
                until: row.get(1)?,
                parts: row.get(2)?,
                part: row.get(3)?,
            })
        })?)
    }

    /// What has come since, in as many parts as it takes.
    fn next_round(&self, rolled: i64) -> Result<Option<Rolling>> {
        let (until, n): (Option<i64>, i64) = self
            .inner
            .prepare_cached("SELECT max(id), count(*) FROM journal WHERE id > ?1")?
            .query_row([rolled], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(until.map(|until| Rolling {
            rolled,
            until,
            parts: n.div_euclid(SAMPLES_AT_ONCE) + 1,
            part: 0,
        }))
    }

    fn roll_up_part(&self, rolling: &Rolling) -> Result<u64> {
        let mut windows: BTreeMap<(i64, i64, i64), RollUp> = BTreeMap::new();
        let mut n = 0;
        let mut journal = self.inner.prepare_cached(&format!(
            "{SAMPLES} WHERE id > ?1 AND id <= ?2 AND series % ?3 = ?4 ORDER BY id"
        ))?;
        let mut rows =
            journal.query([rolling.rolled, rolling.until, rolling.parts, rolling.part])?;
        while let Some(row) = rows.next()? {
            let found = Journalled::of(row)?;
            for resolution in Resolution::ALL {
                let begin = resolution.begin(found.sample.at);
                let key = (resolution.seconds(), begin, found.series);
                found.add_to(windows.entry(key).or_default());
            }
            n += 1;
        }
        for ((length, begin, series), figures) in windows {
            self.add_to_window([length, begin, series], figures)?;
        }
        Ok(n)
    }

    fn add_to_window(&self, window: [i64; 3], mut figures: RollUp) -> Result<()> {
        let kept: Option<Vec<u8>> = self
            .inner
            .prepare_cached(
                "SELECT figures FROM roll_up WHERE length = ?1 AND begin = ?2 AND series = ?3",
            )?
            .query_row(window, |row| row.get(0))
            .optional()?;
        if let Some(kept) = kept {
            figures.merge(&decoded(&kept)?);
        }
        let [length, begin, series] = window;
        self.inner
            .prepare_cached(
                "INSERT OR REPLACE INTO roll_up (length, begin, series, figures) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![length, begin, series, figures.encode()])?;
        Ok(())
    }
}
