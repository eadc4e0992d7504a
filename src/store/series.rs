//! Samples: a journal in the order of their coming, what it is rolled up to, and the chunks that single ones are kept in.

mod answers;
mod rolling;
mod sealing;
mod singles;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

pub use answers::{AnswerRow, Answers};

use super::readings::{ReadingRow, micros};
use super::sources::SourceRow;
use super::{Error, Questions, Result, Transaction, millis, time};
use crate::latency::{Cover, KeptSample, Question, Resolution, RollUp};
use crate::market::Phases;

/// What the samples of a series have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Series {
    /// What is measured.
    pub kind: SeriesKind,
    /// From where it is measured.
    pub vantage: String,
    /// Whose endpoint.
    pub provider: String,
    /// Which probe or endpoint asks.
    pub probe: String,
    /// Of which region or account; empty for none.
    pub region: String,
    /// Which host.
    pub host: String,
    /// The provider's name of the model that is asked; empty for none.
    pub model: String,
    /// `fresh` for a connection that was opened for the sample, or `warm`.
    pub way: String,
    /// The version of HTTP that is asked for; empty for any.
    pub http: String,
    /// The family of addresses that is asked for; empty for any.
    pub ip: String,
}

/// What a series measures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SeriesKind {
    /// The answers of a source that is read.
    #[default]
    Source,
    /// A host that is checked.
    Endpoint,
    /// A model that is asked.
    Model,
}

impl SeriesId {
    /// As the judgement of series knows it.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl SeriesKind {
    /// The stored and printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Endpoint => "endpoint",
            Self::Model => "model",
        }
    }

    /// What is asked of those whom it measures.
    pub fn question(self) -> Question {
        match self {
            Self::Source => Question::Source,
            Self::Endpoint => Question::Endpoint,
            Self::Model => Question::Inference,
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "endpoint" => Self::Endpoint,
            "model" => Self::Model,
            _ => Self::Source,
        }
    }
}

/// The number of a series in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(pub(super) i64);

/// What was last known of the connections of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRow {
    /// Since when it is so.
    pub since: Timestamp,
    /// The address that took them.
    pub address: String,
    /// `1.1` or `2`.
    pub http: String,
    /// `1.2` or `1.3`; `None` over plain TCP.
    pub tls: Option<String>,
    /// The last moment at which the host's certificate is good.
    pub certificate_until: Option<Timestamp>,
}

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
    pub(super) fn append_fetch(
        &self,
        source: &SourceRow,
        host: &str,
        reading: &ReadingRow<'_>,
    ) -> Result<()> {
        let series = Series {
            kind: SeriesKind::Source,
            vantage: reading.vantage.to_string(),
            provider: source.record.provider.to_string(),
            probe: source.record.id.probe.to_string(),
            region: source.record.id.scope.to_string(),
            host: host.to_string(),
            way: way(&reading.phases).to_string(),
            ..Series::default()
        };
        let series = self.series_id(&series)?;
        self.append_sample(
            series,
            &KeptSample {
                at: reading.at,
                outcome: reading.outcome.to_string(),
                phases: reading.phases,
                first_token: None,
            },
        )
    }

    /// The number of a series, which is entered if it is new. What is asked for may change under the same name.
    pub fn series_id(&self, series: &Series) -> Result<SeriesId> {
        let own = [
            &series.provider,
            &series.probe,
            &series.region,
            &series.host,
            &series.way,
            &series.vantage,
        ];
        let known = self
            .inner
            .prepare_cached(
                "SELECT id, kind, model, http, ip FROM series WHERE provider = ?1 AND probe = ?2 AND region = ?3
                   AND host = ?4 AND way = ?5 AND vantage = ?6",
            )?
            .query_row(own, |row| {
                let is_same = row.get_ref(1)?.as_str()? == series.kind.word()
                    && row.get_ref(2)?.as_str()? == series.model
                    && row.get_ref(3)?.as_str()? == series.http
                    && row.get_ref(4)?.as_str()? == series.ip;
                Ok((row.get::<_, i64>(0)?, is_same))
            })
            .optional()?;
        if let Some((id, true)) = known {
            return Ok(SeriesId(id));
        }
        self.inner
            .prepare_cached(
                "INSERT INTO series (provider, probe, region, host, way, vantage, kind, model, http, ip)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT DO UPDATE SET kind = ?7, model = ?8, http = ?9, ip = ?10",
            )?
            .execute(params![
                series.provider,
                series.probe,
                series.region,
                series.host,
                series.way,
                series.vantage,
                series.kind.word(),
                series.model,
                series.http,
                series.ip,
            ])?;
        let id = known.map_or_else(|| self.inner.last_insert_rowid(), |(id, _)| id);
        Ok(SeriesId(id))
    }

    /// Appends a sample to the journal.
    pub fn append_sample(&self, series: SeriesId, sample: &KeptSample) -> Result<()> {
        let phases = &sample.phases;
        self.inner
            .prepare_cached(
                "INSERT INTO journal (series, at, outcome, dns, connect, tls, first_byte, first_token, download, total)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                series.0,
                millis(sample.at),
                sample.outcome,
                micros(phases.dns),
                micros(phases.connect),
                micros(phases.tls),
                micros(phases.first_byte),
                micros(sample.first_token),
                micros(phases.body),
                micros(phases.total),
            ])?;
        Ok(())
    }

    /// Keeps what is known of the connections of a series, where it differs from what was known.
    pub fn keep_connection(&self, series: SeriesId, found: &ConnectionRow) -> Result<()> {
        self.inner
            .prepare_cached(
                "INSERT INTO connection (series, since, address, http, tls, certificate_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO UPDATE SET since = ?2, address = ?3, http = ?4, tls = ?5, certificate_until = ?6",
            )?
            .execute(params![
                series.0,
                millis(found.since),
                found.address,
                found.http,
                found.tls,
                found.certificate_until.map(millis),
            ])?;
        Ok(())
    }

    /// Throws away the windows that are no longer kept, and single samples of hours before `samples_since`.
    pub(super) fn prune_windows(&self, samples_since: Timestamp, now: Timestamp) -> Result<u64> {
        let mut windows = 0;
        for resolution in Resolution::ALL {
            if let Some(kept_since) = resolution.kept_since(now) {
                windows += self
                    .inner
                    .prepare_cached("DELETE FROM roll_up WHERE length = ?1 AND begin < ?2")?
                    .execute([resolution.seconds(), resolution.begin(kept_since)])?;
            }
        }
        windows += self
            .inner
            .prepare_cached("DELETE FROM chunk WHERE begin < ?1")?
            .execute([Resolution::Hour.begin(samples_since)])?;
        Ok(windows as u64)
    }
}

/// In the order of [`Journalled::of`].
pub(super) const SAMPLES: &str =
    "SELECT id, series, at, outcome, dns, connect, tls, first_byte, first_token, download, total
    FROM journal";

/// A sample of the journal.
pub(super) struct Journalled {
    pub series: i64,
    pub sample: KeptSample,
}

impl Journalled {
    pub fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let phase = |at: usize| -> rusqlite::Result<Option<SignedDuration>> {
            Ok(row
                .get::<_, Option<i64>>(at)?
                .map(SignedDuration::from_micros))
        };
        Ok(Self {
            series: row.get(1)?,
            sample: KeptSample {
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
            },
        })
    }

    fn add_to(&self, figures: &mut RollUp) {
        let sample = &self.sample;
        figures.add(&sample.phases, sample.first_token, &sample.outcome);
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
        let view = self.view()?;
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
        let mut journal = view.prepare_cached(&format!(
            "{SAMPLES} WHERE {} AND at >= ?1 AND at < ?2",
            rolling::NOT_YET
        ))?;
        let edge = |second: i64| second.saturating_mul(1_000);
        let mut rows = journal.query([edge(cover.from), edge(cover.until)])?;
        while let Some(row) = rows.next()? {
            let sample = Journalled::of(row)?;
            let mut figures = RollUp::default();
            sample.add_to(&mut figures);
            let begin = Resolution::FiveMinutes.begin(sample.sample.at);
            tell(sample.series, begin, figures);
        }
        Ok(())
    }

    /// Gives `take` every single sample of a span that is still kept, with its series: by time, then by probe, region, way.
    /// No more is held than the samples of one hour. Ends when `take` fails.
    fn samples<E: From<Error>>(
        &self,
        since: Timestamp,
        until: Timestamp,
        is_wanted: impl Fn(&Series) -> bool,
        take: impl FnMut(&Series, KeptSample) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        singles::in_order(self.ask(), [since, until], is_wanted, take)
    }

    /// Every series that was ever measured, in no order.
    fn known_series(&self) -> Result<Vec<Series>> {
        Ok(series(self.ask())?.into_values().collect())
    }

    /// What was last known of the connections of each series that has any.
    fn connections(&self) -> Result<Vec<(Series, ConnectionRow)>> {
        let view = self.view()?;
        let mut all = series(&view)?;
        let mut statement = view.prepare_cached(
            "SELECT series, since, address, http, tls, certificate_until FROM connection",
        )?;
        let rows = statement.query_map([], |row| {
            let found = ConnectionRow {
                since: time(row.get(1)?),
                address: row.get(2)?,
                http: row.get(3)?,
                tls: row.get(4)?,
                certificate_until: row.get::<_, Option<i64>>(5)?.map(time),
            };
            Ok((row.get::<_, i64>(0)?, found))
        })?;
        let mut found = Vec::new();
        for row in rows {
            let (id, connection) = row?;
            found.extend(all.remove(&id).map(|series| (series, connection)));
        }
        Ok(found)
    }
}

impl<T: Questions> AllSeries for T {}

pub(super) fn series(connection: &rusqlite::Connection) -> Result<HashMap<i64, Series>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, vantage, provider, probe, region, host, way, kind, model, http, ip FROM series",
    )?;
    let rows = statement.query_map([], |row| {
        let series = Series {
            vantage: row.get(1)?,
            provider: row.get(2)?,
            probe: row.get(3)?,
            region: row.get(4)?,
            host: row.get(5)?,
            way: row.get(6)?,
            kind: SeriesKind::from_word(row.get_ref(7)?.as_str()?),
            model: row.get(8)?,
            http: row.get(9)?,
            ip: row.get(10)?,
        };
        Ok((row.get(0)?, series))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests;
