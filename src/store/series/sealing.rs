//! Single samples of hours that are over leave the journal for chunks: a chunk holds one series' samples of an hour.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Journalled, SAMPLES};
use crate::latency::{KeptSample, Packer, Resolution, unpack};
use crate::store::{Error, Result, Transaction};

/// Samples that are sealed in one transaction, about.
const SAMPLES_AT_ONCE: u64 = 20_000;

/// Which samples of the journal are rolled up, judged, and of an hour that was over at `?1`, in milliseconds.
const OVER: &str =
    "id <= (SELECT rolled FROM rolling) AND id <= (SELECT judged FROM judging) AND at < ?1";

impl Transaction<'_> {
    /// Seals the samples of some series, of every hour that is over, and takes them from the journal. Gives how many: 0 if
    /// none is left. What comes late joins the chunk of its hour.
    pub fn seal(&self, now: Timestamp) -> Result<u64> {
        let over = Resolution::Hour.begin(now).saturating_mul(1_000);
        let Some(last) = self.last_series_of_a_part(over)? else {
            return Ok(0);
        };
        let mut hours: BTreeMap<(i64, i64), Vec<KeptSample>> = BTreeMap::new();
        let mut journal = self.inner.prepare_cached(&format!(
            "{SAMPLES} WHERE {OVER} AND series <= ?2 ORDER BY id"
        ))?;
        let mut rows = journal.query([over, last])?;
        let mut n = 0;
        while let Some(row) = rows.next()? {
            let found = Journalled::of(row)?;
            let hour = (Resolution::Hour.begin(found.sample.at), found.series);
            hours.entry(hour).or_default().push(found.sample);
            n += 1;
        }
        let mut packer = Packer::new().map_err(unpackable)?;
        for ((begin, series), samples) in hours {
            self.add_to_chunk(&mut packer, begin, series, samples)?;
        }
        self.inner
            .prepare_cached(&format!(
                "DELETE FROM journal WHERE {OVER} AND series <= ?2"
            ))?
            .execute([over, last])?;
        Ok(n)
    }

    /// The last of the first series that have about as many samples as are sealed at once.
    fn last_series_of_a_part(&self, over: i64) -> Result<Option<i64>> {
        let mut statement = self.inner.prepare_cached(&format!(
            "SELECT series, count(*) FROM journal WHERE {OVER} GROUP BY series ORDER BY series"
        ))?;
        let mut rows = statement.query([over])?;
        let (mut last, mut n) = (None, 0);
        while let Some(row) = rows.next()? {
            n += row.get::<_, i64>(1)?.unsigned_abs();
            if last.is_some() && n > SAMPLES_AT_ONCE {
                break;
            }
            last = Some(row.get(0)?);
        }
        Ok(last)
    }

    fn add_to_chunk(
        &self,
        packer: &mut Packer,
        begin: i64,
        series: i64,
        mut samples: Vec<KeptSample>,
    ) -> Result<()> {
        let kept: Option<Vec<u8>> = self
            .inner
            .prepare_cached("SELECT samples FROM chunk WHERE begin = ?1 AND series = ?2")?
            .query_row([begin, series], |row| row.get(0))
            .optional()?;
        if let Some(kept) = kept {
            samples.extend(unpacked(&kept)?);
        }
        let packed = packer.pack(&samples).map_err(unpackable)?;
        self.inner
            .prepare_cached(
                "INSERT OR REPLACE INTO chunk (series, begin, n, samples) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                series,
                begin,
                i64::try_from(samples.len()).unwrap_or(i64::MAX),
                packed
            ])?;
        Ok(())
    }
}

fn unpackable(error: std::io::Error) -> Error {
    Error::Damaged(error.to_string())
}

pub(super) fn unpacked(samples: &[u8]) -> Result<Vec<KeptSample>> {
    unpack(samples).map_err(|broken| Error::Damaged(broken.to_string()))
}
