//! Models are asked on a loop of their own, within the budget of the day.

mod lag;
mod priced;
mod rounds;
mod unbilled;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use url::Url;

use super::clock::Clock;
use super::writer::{Gone, Writer};
use crate::config::{Deadlines, InferenceProbe, Known, Scoping, Settings};
use crate::fetch::{Auth, Client, Credentials, Method, Request, Streamed, Wanted};
use crate::inference::{Budget, Dialect, Ended, MOST_READ, Prices, Stream, Told, utc_day};
use crate::latency::KeptSample;
use crate::market::{Failure, Region, SourceId};
use crate::schedule::SourceClock;
use crate::store::{AnswerRow, Reservation, Series, SeriesKind, Store};

pub use priced::prices;
pub use rounds::{Running, once};
pub use unbilled::Unbilled;

/// A model in one scope, as it is asked.
#[derive(Debug, Clone)]
pub struct Asking {
    /// What is declared.
    pub probe: Arc<InferenceProbe>,
    /// In which scope.
    pub scoping: Scoping,
    /// What it is called there.
    pub source: SourceId,
    clock: SourceClock,
}

impl Asking {
    /// Every scope of the models that are asked. Those whose credential is missing are told, and left out.
    pub fn all(probes: &[(InferenceProbe, bool)], settings: &Settings) -> Vec<Self> {
        let mut all = Vec::new();
        for (probe, _) in probes.iter().filter(|(_, is_asked)| *is_asked) {
            let missing = probe
                .credential
                .as_deref()
                .filter(|name| settings.known(name) == Known::Missing);
            if let Some(name) = missing {
                tracing::error!(probe = %probe, "not asked: its credential {name} is not set");
                continue;
            }
            let shared = Arc::new(probe.clone());
            all.extend(probe.sources().map(|(source, scoping)| Self {
                probe: Arc::clone(&shared),
                scoping: scoping.clone(),
                clock: SourceClock::new(probe.schedule.clone(), &source),
                source,
            }));
        }
        all
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            auth: &self.probe.auth,
            credential: self.probe.credential.as_deref(),
            region: self.scoping.values.get("region").map(String::as_str),
        }
    }

    fn series(&self, vantage: &str, request: &Request) -> Series {
        let region = Some(self.scoping.region()).filter(|region| *region != Region::unstated());
        Series {
            kind: SeriesKind::Model,
            vantage: vantage.to_owned(),
            provider: self.probe.provider.to_string(),
            // the scope may be one of a model, which has its own place
            probe: self.source.to_string(),
            region: region.map_or_else(String::new, |region| region.to_string()),
            host: request.url.host_str().unwrap_or_default().to_owned(),
            model: self.probe.recipe(&self.scoping).model,
            // each call opens a connection of its own
            way: "fresh".to_owned(),
            ..Series::default()
        }
    }

    fn request(&self, auth: Auth, deadlines: Deadlines) -> Result<Request, Failure> {
        let probe = &self.probe;
        let ask = probe.recipe(&self.scoping).ask();
        let url = Url::parse(&probe.url(&self.scoping));
        let url = url.map_err(|error| Failure::Internal {
            detail: format!("the address: {error}"),
        })?;
        let of_dialect = ask.headers.iter();
        let of_dialect = of_dialect.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let own = probe.headers.iter();
        let own = own.map(|(name, value)| (name.clone(), value.clone()));
        let is_own = |name: &String| {
            let mut names = probe.headers.keys();
            names.any(|own| own.eq_ignore_ascii_case(name))
        };
        Ok(Request {
            method: Method::Post,
            headers: of_dialect
                .filter(|(name, _)| !is_own(name))
                .chain(own)
                .collect(),
            auth,
            body: Some(ask.body.into_bytes()),
            max_body: Some(MOST_READ),
            deadlines: Some(Deadlines {
                first_byte: probe.timeout,
                body: probe.timeout,
                total: probe.timeout,
                ..deadlines
            }),
            ..Request::get(url)
        })
    }
}

/// What asking models needs.
#[derive(Clone)]
pub struct Means {
    /// The one HTTP client.
    pub client: Arc<Client>,
    /// What requests are authorised with.
    pub credentials: Arc<Credentials>,
    /// The one writer.
    pub writer: Writer,
    /// From where is measured.
    pub vantage: Arc<str>,
    /// Where the time comes from.
    pub clock: Clock,
    /// What may be spent in a day.
    pub budget: Budget,
    /// Whose turn it is where bills are not known.
    pub unbilled: Unbilled,
    /// How long the phases before a request may take.
    pub deadlines: Deadlines,
}

impl std::fmt::Debug for Means {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Means")
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

/// What became of a model's turn.
#[derive(Debug, Clone)]
pub enum Turn {
    /// It was asked, and answered or failed.
    Asked {
        /// What the stream told.
        told: Box<Told>,
        /// What went wrong, if anything did.
        failure: Option<Failure>,
        /// What it is charged, in USD.
        charge: Decimal,
    },
    /// It was not: what is left of the day's budget is less than it can cost.
    NoRoom,
    /// It was not: no source states its prices.
    NoPrice,
    /// It was not: nobody gave us what to show.
    NoAuth(Failure),
}

/// Gives a model its turn: sets money aside, asks, settles, and keeps what was measured.
///
/// # Errors
/// Where our own store is in trouble. What was set aside then stays so.
pub async fn ask(means: &Means, asking: &Asking) -> Result<Turn, Gone> {
    let (probe, scoping) = (Arc::clone(&asking.probe), asking.scoping.clone());
    let prices = means
        .writer
        .run(move |store| prices(store, &probe, &scoping))
        .await?;
    let Some(most) = prices.most(&asking.probe.recipe(&asking.scoping)) else {
        return Ok(Turn::NoPrice);
    };
    let provider = &asking.probe.provider;
    let unbilled = means.unbilled.turn(&means.writer, &means.clock, provider);
    let _alone = unbilled.await?;
    let at = (means.clock)();
    let wanted = asking.wanted();
    let auth = means.credentials.auth(&means.client, &wanted, at).await;
    let request = match auth.and_then(|auth| asking.request(auth, means.deadlines)) {
        Ok(request) => request,
        Err(failure) => return Ok(Turn::NoAuth(failure)),
    };
    let Some(reserved) = reserve(means, asking, most, at).await? else {
        return Ok(Turn::NoRoom);
    };
    let called = call(means, asking, &request, at).await;
    if let Some(failure) = &called.failure {
        means.credentials.refused(&wanted, failure, at).await;
    }
    let charge = called.charge(reserved.amount(), &prices);
    let series = asking.series(&means.vantage, &request);
    let (sample, answer) = called.kept(at, charge);
    let keep = move |store: &mut Store| {
        store.transaction(|transaction| {
            transaction.settle(reserved, charge)?;
            let series = transaction.series_id(&series)?;
            transaction.append_sample(series, &sample)?;
            transaction.append_answer(series, &answer)
        })
    };
    means.writer.run(keep).await?;
    Ok(Turn::Asked {
        told: Box::new(called.told),
        failure: called.failure,
        charge,
    })
}

/// What a call came to.
struct Called {
    streamed: Streamed,
    told: Told,
    failure: Option<Failure>,
    lag: Duration,
}

async fn call(means: &Means, asking: &Asking, request: &Request, at: Timestamp) -> Called {
    let dialect = asking.probe.recipe(&asking.scoping).dialect;
    let mut stream = Stream::new(dialect);
    let take = |since: SignedDuration, part: &[u8]| stream.push(part, since);
    let (streamed, lag) = lag::during(means.client.stream(request, at, take)).await;
    let mut told = stream.end();
    for (name, value) in &streamed.headers {
        let value = value.to_str().unwrap_or_default();
        told.reported = told.reported.with_header(name.as_str(), value);
    }
    Called {
        failure: failure(&streamed, &told, dialect),
        streamed,
        told,
        lag,
    }
}

impl Called {
    fn charge(&self, most: Decimal, prices: &Prices) -> Decimal {
        let ended = Ended {
            status: self.streamed.status,
            failure: self.streamed.failure.as_ref(),
            told: &self.told,
        };
        ended.charge(most, prices)
    }

    /// What is kept of it.
    fn kept(&self, at: Timestamp, charge: Decimal) -> (KeptSample, AnswerRow) {
        let outcome = match &self.failure {
            Some(failure) => failure.word(),
            // its times are as much ours as the model's
            None if self.lag > lag::MOST => "delayed",
            None => "ok",
        };
        let sample = KeptSample {
            at,
            outcome: outcome.to_owned(),
            phases: self.streamed.phases,
            first_token: self.told.times.first_content,
        };
        let answer = AnswerRow {
            at,
            outcome: outcome.to_owned(),
            figures: self.told.figures(charge),
        };
        (sample, answer)
    }
}

async fn reserve(
    means: &Means,
    asking: &Asking,
    most: Decimal,
    at: Timestamp,
) -> Result<Option<Reservation>, Gone> {
    let (source, budget) = (asking.source.clone(), means.budget);
    let provider = asking.probe.provider.clone();
    let has_room = move |committed, most| budget.has_room(committed, most);
    means
        .writer
        .run(move |store| {
            store.durable_transaction(|t| {
                t.reserve((&provider, &source), utc_day(at), most, has_room)
            })
        })
        .await
}

/// What went wrong with a call, if anything did: on the way to its stream, or in it.
fn failure(streamed: &Streamed, told: &Told, dialect: Dialect) -> Option<Failure> {
    let expected = dialect.answers();
    let of_stream = || {
        let found = streamed.content_type().unwrap_or_default();
        // a page or a whole answer where a stream was asked for
        match told.times.first_event {
            None if !found.starts_with(expected) && told.end.failure().is_some() => {
                Some(Failure::WrongType {
                    expected: expected.to_owned(),
                    found,
                })
            }
            _ => told.end.failure().cloned(),
        }
    };
    streamed.failure.clone().or_else(of_stream)
}
