//! What our own samples show: what is remembered of each target and group that is judged, and the incidents that came of it;
//! and the incidents that status pages state, past ones too.

mod stated;

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};

pub use stated::StatedIncident;
use stated::stated;

use super::series::{Journalled, SAMPLES, series};
use super::{Questions, Result, Series, SeriesId, Transaction, millis, time};
use crate::latency::KeptSample;

/// What kind of incident our own samples show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OwnKind {
    /// A target does not answer.
    Down,
    /// A target fails more often than usual.
    Degraded,
    /// A group of series is slower than usual.
    Slow,
}

impl OwnKind {
    /// The stored and printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Degraded => "degraded",
            Self::Slow => "slow",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Down, Self::Degraded, Self::Slow]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// How an incident of our own ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// It is as before.
    Recovered,
    /// It has lasted for so long that it is normal now.
    NewNormal,
}

impl EndedBy {
    /// The stored and printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::NewNormal => "new_normal",
        }
    }
}

/// An incident that our own samples show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnIncident {
    /// Which kind.
    pub kind: OwnKind,
    /// From where it was measured.
    pub vantage: String,
    /// Whose.
    pub provider: String,
    /// Where; empty where no region is known.
    pub region: String,
    /// Which probe or endpoint shows it; empty for what a whole region shows.
    pub probe: String,
    /// Which host; empty for what a whole region shows.
    pub host: String,
    /// Which model was asked; empty for none.
    pub model: String,
    /// Its first sample.
    pub begin: Timestamp,
    /// When it was judged to be one.
    pub seen: Timestamp,
    /// The first sample after it; `None` while it goes on.
    pub ended: Option<Timestamp>,
    /// How it ended.
    pub ended_by: Option<EndedBy>,
    /// So many of the last samples were bad; of slowness, so many series are slower
    pub n: u32,
    /// of so many.
    pub of: u32,
    /// Of slowness: what was normal, in microseconds,
    pub before: Option<i64>,
    /// and what it is instead,
    pub during: Option<i64>,
    /// by how many samples of five minutes.
    pub samples: Option<u32>,
}

/// What a state is kept of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Judged {
    /// A target: whether it is up.
    Target,
    /// A group of series: whether they are slow.
    Group,
    /// Ourselves: whether we are to blame.
    Ourselves,
}

impl Judged {
    fn word(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Group => "group",
            Self::Ourselves => "ourselves",
        }
    }
}

/// The number of an incident in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentId(i64);

/// What is remembered of something that is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembering {
    /// Its state, as `latency` encodes it.
    pub state: Vec<u8>,
    /// The incident that goes on.
    pub incident: Option<IncidentId>,
}

/// A sample that is not judged yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// Of which series.
    pub series: SeriesId,
    /// What was measured.
    pub sample: KeptSample,
}

impl Transaction<'_> {
    /// The oldest samples of the journal that are not judged yet, at most `most`; they count as judged from now on.
    pub fn take_unjudged(&self, most: u32) -> Result<Vec<Unjudged>> {
        let mut statement = self.inner.prepare_cached(&format!(
            "{SAMPLES} WHERE id > (SELECT judged FROM judging) ORDER BY id LIMIT ?1"
        ))?;
        let mut rows = statement.query([most])?;
        let (mut found, mut last) = (Vec::new(), None);
        while let Some(row) = rows.next()? {
            last = Some(row.get::<_, i64>(0)?);
            let journalled = Journalled::of(row)?;
            found.push(Unjudged {
                series: SeriesId(journalled.series),
                sample: journalled.sample,
            });
        }
        if let Some(last) = last {
            self.inner
                .prepare_cached("UPDATE judging SET judged = ?1")?
                .execute([last])?;
        }
        Ok(found)
    }

    /// Every series by its number.
    pub fn series_by_id(&self) -> Result<HashMap<SeriesId, Series>> {
        let all = series(&self.inner)?;
        Ok(all.into_iter().map(|(id, s)| (SeriesId(id), s)).collect())
    }

    /// What is remembered of something that is judged.
    pub fn judgement(&self, what: Judged, name: &str) -> Result<Option<Remembering>> {
        let found = self
            .inner
            .prepare_cached("SELECT state, incident FROM judgement WHERE what = ?1 AND name = ?2")?
            .query_row([what.word(), name], |row| {
                Ok(Remembering {
                    state: row.get(0)?,
                    incident: row.get::<_, Option<i64>>(1)?.map(IncidentId),
                })
            })
            .optional()?;
        Ok(found)
    }

    /// Remembers it.
    pub fn keep_judgement(&self, what: Judged, name: &str, kept: &Remembering) -> Result<()> {
        self.inner
            .prepare_cached(
                "INSERT INTO judgement (what, name, state, incident) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET state = ?3, incident = ?4",
            )?
            .execute(params![
                what.word(),
                name,
                kept.state,
                kept.incident.map(|incident| incident.0)
            ])?;
        Ok(())
    }

    /// An incident begins.
    pub fn begin_incident(&self, incident: &OwnIncident) -> Result<IncidentId> {
        self.inner
            .prepare_cached(
                "INSERT INTO own_incident (kind, vantage, provider, region, probe, host, model, begin, seen, n, of, before,
                     during, samples)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute(params![
                incident.kind.word(),
                incident.vantage,
                incident.provider,
                incident.region,
                incident.probe,
                incident.host,
                incident.model,
                millis(incident.begin),
                millis(incident.seen),
                incident.n,
                incident.of,
                incident.before,
                incident.during,
                incident.samples,
            ])?;
        Ok(IncidentId(self.inner.last_insert_rowid()))
    }

    /// An incident ends. Gives what was kept of it; `None` if nothing was.
    pub fn end_incident(
        &self,
        id: IncidentId,
        at: Timestamp,
        by: EndedBy,
    ) -> Result<Option<OwnIncident>> {
        let ended = self
            .inner
            .prepare_cached(&format!(
                "UPDATE own_incident SET ended = max(begin, ?2), ended_by = ?3 WHERE id = ?1 RETURNING {OWN}"
            ))?
            .query_row(params![id.0, millis(at), by.word()], own)
            .optional()?;
        Ok(ended)
    }
}

const OWN: &str = "kind, vantage, provider, region, probe, host, model, begin, seen, ended, ended_by, n, of, before, during, samples";

fn own(row: &Row<'_>) -> rusqlite::Result<OwnIncident> {
    let kind: String = row.get(0)?;
    let unknown = |at: usize| rusqlite::Error::InvalidColumnType(at, kind.clone(), Type::Text);
    Ok(OwnIncident {
        kind: OwnKind::from_word(&kind).ok_or_else(|| unknown(0))?,
        vantage: row.get(1)?,
        provider: row.get(2)?,
        region: row.get(3)?,
        probe: row.get(4)?,
        host: row.get(5)?,
        model: row.get(6)?,
        begin: time(row.get(7)?),
        seen: time(row.get(8)?),
        ended: row.get::<_, Option<i64>>(9)?.map(time),
        ended_by: match row.get::<_, Option<String>>(10)?.as_deref() {
            Some("new_normal") => Some(EndedBy::NewNormal),
            Some(_) => Some(EndedBy::Recovered),
            None => None,
        },
        n: row.get(11)?,
        of: row.get(12)?,
        before: row.get(13)?,
        during: row.get(14)?,
        samples: row.get(15)?,
    })
}

/// What is over is not read: pages have stated many over the years.
const IS_OPEN: &str = "AND EXISTS (SELECT 1 FROM claim WHERE subject = u.id AND closed_at IS NULL)";

/// Questions about incidents, our own and stated ones, that have a part in a span.
pub trait AllIncidents: Questions {
    /// Those that our own samples show, the oldest first.
    fn own_incidents(&self, since: Timestamp, until: Timestamp) -> Result<Vec<OwnIncident>> {
        let mut statement = self.ask().prepare_cached(&format!(
            "SELECT {OWN} FROM own_incident WHERE begin < ?2 AND (ended IS NULL OR ended >= ?1) ORDER BY begin, id"
        ))?;
        let rows = statement.query_map([millis(since), millis(until)], own)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Those that status pages state, the oldest first. Maintenance that is planned is none.
    fn stated_incidents(&self, since: Timestamp, until: Timestamp) -> Result<Vec<StatedIncident>> {
        stated(self.ask(), [since, until], "")
    }

    /// Of both kinds those that go on, the oldest first.
    fn open_incidents(&self, now: Timestamp) -> Result<(Vec<OwnIncident>, Vec<StatedIncident>)> {
        // whenever they began: our clock may have been set back
        let mut own = self.own_incidents(now, Timestamp::MAX)?;
        own.retain(|incident| incident.ended.is_none());
        let mut stated = stated(self.ask(), [now, Timestamp::MAX], IS_OPEN)?;
        stated.retain(|incident| incident.ended.is_none());
        Ok((own, stated))
    }
}

impl<T: Questions> AllIncidents for T {}
