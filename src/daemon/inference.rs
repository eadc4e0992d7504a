//! Models are asked on a loop of their own, within the budget of the day.

mod priced;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

use super::clock::Clock;
use super::writer::{Gone, Writer};
use crate::config::{Deadlines, InferenceProbe, Known, Scoping, Settings};
use crate::fetch::{Auth, Client, Credentials, Method, Request, Streamed, Wanted};
use crate::inference::{Budget, Dialect, Ended, MOST_READ, Stream, Told, utc_day};
use crate::latency::KeptSample;
use crate::market::{Failure, Region, SourceId};
use crate::schedule::SourceClock;
use crate::store::{AnswerRow, Reservation, Series, SeriesKind, Store};

pub use priced::prices;

/// Calls under way at once: what is due beyond them waits.
const AT_ONCE: usize = 8;
/// The loop looks at the wall clock at least this often: it may have jumped, and the machine may have slept.
const LONGEST_NAP: Duration = Duration::from_secs(15);
/// How long calls under way may take to end when the daemon stops. They are paid for.
const FAREWELL: Duration = Duration::from_secs(10);

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
    let at = (means.clock)();
    let probe = Arc::clone(&asking.probe);
    let scoping = asking.scoping.clone();
    let prices = means
        .writer
        .run(move |store| prices(store, &probe, &scoping))
        .await?;
    let recipe = asking.probe.recipe(&asking.scoping);
    let Some(most) = prices.most(&recipe) else {
        return Ok(Turn::NoPrice);
    };
    let wanted = asking.wanted();
    let auth = means.credentials.auth(&means.client, &wanted, at).await;
    let request = match auth.and_then(|auth| asking.request(auth, means.deadlines)) {
        Ok(request) => request,
        Err(failure) => return Ok(Turn::NoAuth(failure)),
    };
    let Some(reserved) = reserve(means, asking, most, at).await? else {
        return Ok(Turn::NoRoom);
    };
    let mut stream = Stream::new(recipe.dialect);
    let take = |since: SignedDuration, part: &[u8]| stream.push(part, since);
    let streamed = means.client.stream(&request, at, take).await;
    let told = stream.end();
    let failure = failure(&streamed, &told, recipe.dialect);
    if let Some(failure) = &failure {
        means.credentials.refused(&wanted, failure, at).await;
    }
    let ended = Ended {
        status: streamed.status,
        failure: streamed.failure.as_ref(),
        told: &told,
    };
    let charge = ended.charge(reserved.amount(), &prices);
    let sample = KeptSample {
        at,
        outcome: failure.as_ref().map_or("ok", Failure::word).to_owned(),
        phases: streamed.phases,
        first_token: told.times.first_content,
    };
    let answer = AnswerRow {
        at,
        outcome: sample.outcome.clone(),
        figures: told.figures(charge),
    };
    let series = asking.series(&means.vantage, &request);
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
        told: Box::new(told),
        failure,
        charge,
    })
}

async fn reserve(
    means: &Means,
    asking: &Asking,
    most: Decimal,
    at: Timestamp,
) -> Result<Option<Reservation>, Gone> {
    let (source, budget) = (asking.source.clone(), means.budget);
    let has_room = move |committed, most| budget.has_room(committed, most);
    means
        .writer
        .run(move |store| store.transaction(|t| t.reserve(&source, utc_day(at), most, has_room)))
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

/// The loop, running.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Starts the loop.
    pub fn start(means: Means, all: Vec<Asking>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(run(means, all, stopped));
        Self { stop, task }
    }

    /// Ends it. Calls under way are given time, since they are paid for.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if let Err(error) = self.task.await {
            tracing::error!("asking models ended badly: {error}");
        }
    }
}

/// Gives each model one turn.
pub async fn once(means: &Means, all: Vec<Asking>) -> Vec<(SourceId, Result<Turn, Gone>)> {
    let mut turns = Vec::new();
    let mut asked: JoinSet<(SourceId, Result<Turn, Gone>)> = JoinSet::new();
    let mut waiting = all.into_iter();
    loop {
        while asked.len() < AT_ONCE
            && let Some(asking) = waiting.next()
        {
            let means = means.clone();
            asked.spawn(async move {
                let turn = ask(&means, &asking).await;
                (asking.source, turn)
            });
        }
        match asked.join_next().await {
            Some(Ok((source, turn))) => {
                tell(&source, &turn);
                turns.push((source, turn));
            }
            Some(Err(error)) => tracing::error!("a call failed in itself: {error}"),
            None => break,
        }
    }
    turns.sort_by(|a, b| a.0.cmp(&b.0));
    turns
}

async fn run(means: Means, all: Vec<Asking>, mut stopped: watch::Receiver<bool>) {
    // a call costs money: nobody is asked because the program was started, but at the next regular time
    let begun = (means.clock)();
    let mut next: Vec<Option<Timestamp>> = all
        .iter()
        .map(|asking| asking.clock.next_after(begun))
        .collect();
    let mut calls: JoinSet<()> = JoinSet::new();
    loop {
        let now = (means.clock)();
        for (asking, due) in all.iter().zip(&mut next) {
            if due.is_some_and(|due| due <= now) && calls.len() < AT_ONCE {
                *due = asking.clock.next_after(now);
                let (means, asking) = (means.clone(), asking.clone());
                calls.spawn(async move { tell(&asking.source, &ask(&means, &asking).await) });
            }
        }
        let until = |due: Timestamp| Duration::try_from(due.duration_since(now)).ok();
        let soonest = next.iter().flatten().min().copied().and_then(until);
        let nap = soonest.unwrap_or(LONGEST_NAP);
        tokio::select! {
            _ = stopped.changed() => break,
            Some(ended) = calls.join_next(), if !calls.is_empty() => {
                if let Err(error) = ended {
                    tracing::error!("a call failed in itself: {error}");
                }
            }
            () = tokio::time::sleep(nap.clamp(Duration::from_millis(20), LONGEST_NAP)) => {}
        }
    }
    let ending = async { while calls.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, ending).await.is_err() {
        tracing::info!(
            calls = calls.len(),
            "calls under way are given up: they count as dear as they can be"
        );
    }
    calls.shutdown().await;
}

/// Logs what became of a turn. What a stream says of its failure may quote secrets, so that only its kind is told.
fn tell(source: &SourceId, turn: &Result<Turn, Gone>) {
    match turn {
        Ok(Turn::Asked {
            failure: None,
            charge,
            told,
        }) => {
            let first_token = told.times.first_content.map(|time| time.as_millis());
            tracing::info!(source = %source, first_token_ms = first_token, charge = %charge, "answered");
        }
        Ok(Turn::Asked {
            failure: Some(failure),
            charge,
            ..
        }) => tracing::warn!(source = %source, charge = %charge, "failed: {}", failure.word()),
        Ok(Turn::NoRoom) => {
            tracing::warn!(source = %source, "not asked: it can cost more than is left of the day's budget");
        }
        Ok(Turn::NoPrice) => {
            tracing::warn!(source = %source, "not asked: no source states its prices: set them under [inference.prices]");
        }
        Ok(Turn::NoAuth(failure)) => tracing::warn!(source = %source, "not asked: {failure}"),
        Err(error) => tracing::error!(source = %source, "{error}"),
    }
}
