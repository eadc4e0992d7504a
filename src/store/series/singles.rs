//! Single samples in the order of their times, an hour at a time: however long the span, no more is held than one hour's.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::sealing::unpacked;
use super::{Journalled, SAMPLES, Series, series};
use crate::latency::{KeptSample, Resolution};
use crate::store::{Error, Result, View, millis};

/// A series that is asked for, with its place among those that are measured at one moment.
struct Wanted {
    series: Series,
    place: usize,
}

/// What is asked for.
struct Asked<'a> {
    connection: &'a Connection,
    wanted: HashMap<i64, Wanted>,
    since: Timestamp,
    until: Timestamp,
}

/// Gives `take` every single sample of a span that is still kept, with its series: by time, then by probe, region, way.
///
/// Hours before the first sample of the journal are all in chunks, and each is asked for by itself: whoever takes the samples
/// slowly holds up no checkpoint. The rest is read in one view, since samples go from the journal into chunks meanwhile.
pub(super) fn in_order<E: From<Error>>(
    connection: &Connection,
    [since, until]: [Timestamp; 2],
    is_wanted: impl Fn(&Series) -> bool,
    mut take: impl FnMut(&Series, KeptSample) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let asked = Asked {
        connection,
        wanted: wanted(connection, is_wanted)?,
        since,
        until,
    };
    let Some(journal) = asked.journal_begins()? else {
        return asked.sealed(i64::MAX, &mut take).map(|_| ());
    };
    asked.sealed(journal, &mut take)?;
    asked.both(journal, &mut take)
}

fn wanted(
    connection: &Connection,
    is_wanted: impl Fn(&Series) -> bool,
) -> Result<HashMap<i64, Wanted>> {
    let mut all: Vec<(i64, Series)> = series(connection)?.into_iter().collect();
    all.retain(|(_, series)| is_wanted(series));
    let own = |series: &Series| {
        let words = [
            &series.probe,
            &series.region,
            &series.way,
            &series.host,
            &series.vantage,
        ];
        words.map(Clone::clone)
    };
    all.sort_by_cached_key(|(id, series)| (own(series), *id));
    let all = all.into_iter().enumerate();
    Ok(all
        .map(|(place, (id, series))| (id, Wanted { series, place }))
        .collect())
}

/// The samples of an hour, with their series.
type Hour = Vec<(i64, KeptSample)>;

impl Asked<'_> {
    /// The hour of the journal's first sample of the span, in seconds since 1970.
    fn journal_begins(&self) -> Result<Option<i64>> {
        let first: Option<i64> = self.connection.query_row(
            "SELECT min(at) FROM journal WHERE at >= ?1 AND at < ?2",
            [millis(self.since), millis(self.until)],
            |row| row.get(0),
        )?;
        Ok(first.map(|at| Resolution::Hour.begin(super::time(at))))
    }

    /// Gives the samples of chunks before an hour.
    fn sealed<E: From<Error>>(
        &self,
        before: i64,
        take: &mut impl FnMut(&Series, KeptSample) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let mut from = Resolution::Hour.begin(self.since);
        let end = before.min(self.until.as_second().saturating_add(1));
        while let Some(hour) = self.next_chunk(from, end)? {
            let mut found = Hour::new();
            self.add_chunks(hour, &mut found)?;
            self.tell(found, take)?;
            from = hour.saturating_add(1);
        }
        Ok(())
    }

    /// Gives the samples of an hour and all later ones, whether they are in chunks or in the journal.
    fn both<E: From<Error>>(
        &self,
        from: i64,
        take: &mut impl FnMut(&Series, KeptSample) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let view = View::of(self.connection)?;
        let sql = format!("{SAMPLES} WHERE at >= ?1 AND at < ?2 ORDER BY at");
        let mut journal = view.prepare_cached(&sql).map_err(Error::from)?;
        let since = millis(self.since).max(from.saturating_mul(1_000));
        let rows = journal.query([since, millis(self.until)]);
        let mut rows = rows.map_err(Error::from)?.mapped(Journalled::of).peekable();
        let end = self.until.as_second().saturating_add(1);
        let mut chunk = self.next_chunk(from, end)?;
        loop {
            let of_row = |row: &rusqlite::Result<Journalled>| {
                let row = row.as_ref().ok();
                row.map_or(i64::MIN, |row| Resolution::Hour.begin(row.sample.at))
            };
            let Some(hour) = chunk.into_iter().chain(rows.peek().map(of_row)).min() else {
                return Ok(());
            };
            let mut found = Hour::new();
            if chunk == Some(hour) {
                self.add_chunks(hour, &mut found)?;
                chunk = self.next_chunk(hour.saturating_add(1), end)?;
            }
            while let Some(row) = rows.next_if(|row| of_row(row) == hour) {
                let row = row.map_err(Error::from)?;
                found.push((row.series, row.sample));
            }
            self.tell(found, take)?;
        }
    }

    /// The first hour from `from` on that has chunks, before `end`.
    fn next_chunk(&self, from: i64, end: i64) -> Result<Option<i64>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT begin FROM chunk WHERE begin >= ?1 AND begin < ?2 ORDER BY begin LIMIT 1",
        )?;
        Ok(statement
            .query_row([from, end], |row| row.get(0))
            .optional()?)
    }

    fn add_chunks(&self, hour: i64, found: &mut Hour) -> Result<()> {
        let mut chunks = self
            .connection
            .prepare_cached("SELECT series, samples FROM chunk WHERE begin = ?1")?;
        let mut rows = chunks.query([hour])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if !self.wanted.contains_key(&id) {
                continue;
            }
            let samples = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            found.extend(unpacked(samples)?.into_iter().map(|sample| (id, sample)));
        }
        Ok(())
    }

    fn tell<E>(
        &self,
        found: Hour,
        take: &mut impl FnMut(&Series, KeptSample) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let within = |sample: &KeptSample| sample.at >= self.since && sample.at < self.until;
        let found = found.into_iter().filter(|(_, sample)| within(sample));
        let mut hour: Vec<(&Wanted, KeptSample)> = found
            .filter_map(|(id, sample)| Some((self.wanted.get(&id)?, sample)))
            .collect();
        hour.sort_by_key(|(wanted, sample)| (sample.at, wanted.place));
        for (wanted, sample) in hour {
            take(&wanted.series, sample)?;
        }
        Ok(())
    }
}
