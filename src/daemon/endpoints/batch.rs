//! What was measured, until it is written: in one transaction, in the order of time.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Checking;
use crate::daemon::writer::{Gone, Writer};
use crate::fetch::{Checked, Connection, Way};
use crate::latency::KeptSample;
use crate::store::{ConnectionRow, Series, SeriesId, SeriesKind, Transaction};

/// More measurements than this do not wait for a store in trouble: more than an hour of a thousand endpoints.
const MOST: usize = 100_000;

/// Which series a measurement is of: the endpoint's place, and the way.
type Place = (usize, Way);

/// One measurement that waits.
#[derive(Debug)]
struct Waiting {
    place: Place,
    /// Until the store has numbered it.
    series: Result<SeriesId, Box<Series>>,
    sample: KeptSample,
    /// Where it differs from the one before.
    connection: Option<ConnectionRow>,
}

/// What was measured and is not written, and what the store knows of the series.
#[derive(Debug, Default)]
pub(in crate::daemon) struct Batch {
    waiting: Vec<Waiting>,
    ids: HashMap<Place, SeriesId>,
    connections: HashMap<Place, Connection>,
    is_full: bool,
}

/// What a write came to.
#[derive(Debug)]
pub(in crate::daemon) struct Written {
    learned: Vec<(Place, SeriesId)>,
    /// All of it after an error, so that it is written with what comes next.
    waiting: Vec<Waiting>,
    failure: Option<Gone>,
}

impl Batch {
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Takes in a measurement of an endpoint. `outcome` is the word it is kept under.
    pub fn push(
        &mut self,
        (index, checking): (usize, &Checking),
        vantage: &str,
        at: Timestamp,
        checked: &Checked,
        outcome: &str,
    ) {
        if self.waiting.len() >= MOST {
            if !std::mem::replace(&mut self.is_full, true) {
                tracing::error!(
                    "{MOST} measurements wait for the database: what is measured now is lost"
                );
            }
            return;
        }
        self.is_full = false;
        let place = (index, checked.way);
        let series = self.ids.get(&place).copied();
        let series = series.ok_or_else(|| Box::new(checking.series(vantage, checked.way)));
        let new = checked
            .connection
            .as_ref()
            .filter(|connection| self.connections.get(&place) != Some(connection));
        if let Some(connection) = new {
            self.connections.insert(place, connection.clone());
        }
        self.waiting.push(Waiting {
            place,
            series,
            sample: KeptSample {
                at,
                outcome: outcome.to_string(),
                phases: checked.phases,
                first_token: None,
            },
            connection: new.map(|connection| row(connection, at)),
        });
    }

    /// What waits, to be written and then [`Batch::heard`].
    pub fn take_waiting(&mut self) -> ToWrite {
        ToWrite(std::mem::take(&mut self.waiting))
    }

    /// Takes in what a write came to.
    pub fn heard(&mut self, mut written: Written) -> Result<(), Gone> {
        self.ids.extend(written.learned);
        written.waiting.append(&mut self.waiting);
        self.waiting = written.waiting;
        written.failure.map_or(Ok(()), Err)
    }
}

/// Measurements on their way to the store.
#[derive(Debug)]
pub(in crate::daemon) struct ToWrite(Vec<Waiting>);

/// A milestone that is passed with what is written.
pub(in crate::daemon) type Passed = Option<(&'static str, Timestamp)>;

impl ToWrite {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes all, or nothing.
    pub async fn write(self, writer: &Writer) -> Written {
        self.write_and_pass(writer, None).await
    }

    /// As [`ToWrite::write`], and what is passed with it.
    pub async fn write_and_pass(self, writer: &Writer, passed: Passed) -> Written {
        let waiting = self.0;
        let written = writer
            .run(move |store| {
                let learned = store.transaction(|transaction| {
                    if let Some((name, at)) = passed {
                        transaction.pass_milestone(name, at)?;
                    }
                    write(transaction, &waiting)
                });
                Ok(match learned {
                    Ok(learned) => Written {
                        learned,
                        waiting: Vec::new(),
                        failure: None,
                    },
                    Err(error) => Written {
                        learned: Vec::new(),
                        waiting,
                        failure: Some(Gone::Store(error)),
                    },
                })
            })
            .await;
        written.unwrap_or_else(|gone| Written {
            learned: Vec::new(),
            waiting: Vec::new(),
            failure: Some(gone),
        })
    }
}

fn write(
    transaction: &Transaction<'_>,
    waiting: &[Waiting],
) -> Result<Vec<(Place, SeriesId)>, crate::store::Error> {
    let mut learned = Vec::new();
    for one in waiting {
        let id = match &one.series {
            Ok(id) => *id,
            Err(series) => {
                let id = transaction.series_id(series)?;
                learned.push((one.place, id));
                id
            }
        };
        transaction.append_sample(id, &one.sample)?;
        if let Some(connection) = &one.connection {
            transaction.keep_connection(id, connection)?;
        }
    }
    Ok(learned)
}

fn row(connection: &Connection, since: Timestamp) -> ConnectionRow {
    let tls = connection.tls.as_ref();
    ConnectionRow {
        since,
        address: connection.address.to_string(),
        http: connection.http.to_string(),
        tls: tls.map(|tls| tls.version.to_string()),
        certificate_until: tls.and_then(|tls| tls.certificate_until),
    }
}

impl Checking {
    fn series(&self, vantage: &str, way: Way) -> Series {
        let endpoint = &self.endpoint;
        Series {
            kind: SeriesKind::Endpoint,
            vantage: vantage.to_string(),
            provider: endpoint.provider.to_string(),
            probe: endpoint.id.to_string(),
            region: self.scoping.scope.to_string(),
            host: self.host().to_string(),
            model: String::new(),
            way: way.word().to_string(),
            http: endpoint.version.word().to_string(),
            ip: endpoint.family.word().to_string(),
        }
    }
}
