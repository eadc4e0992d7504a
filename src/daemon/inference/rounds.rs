//! The loop in which models have their turns.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Asking, Means, Turn, ask};
use crate::daemon::writer::Gone;
use crate::market::{Failure, SourceId};
use crate::schedule::{self, Attempts};

/// Calls under way at once: what is due beyond them waits.
const AT_ONCE: usize = 8;
/// The loop looks at the wall clock at least this often: it may have jumped, and the machine may have slept.
const LONGEST_NAP: Duration = Duration::from_secs(15);
/// How long calls under way may take to end when the daemon stops. They are paid for.
const FAREWELL: Duration = Duration::from_secs(10);

/// The loop, running in a thread of its own: whatever else the program does, no part of an answer is seen late.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    thread: std::thread::JoinHandle<()>,
}

impl Running {
    /// Starts the loop.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(means: Means, all: Vec<Asking>) -> std::io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = std::thread::Builder::new()
            .name("models".to_string())
            .spawn(move || runtime.block_on(run(means, all, stopped)))?;
        Ok(Self { stop, thread })
    }

    /// Ends it. Calls under way are given time, since they are paid for.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("asking models ended badly");
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

/// What the loop remembers of a model.
#[derive(Debug, Clone, Copy)]
struct Remembered {
    attempts: Attempts,
    is_busy: bool,
}

/// A model that had its turn, and how long it asked us to wait.
type Ended = (usize, Option<SignedDuration>);

async fn run(means: Means, all: Vec<Asking>, mut stopped: watch::Receiver<bool>) {
    // a call costs money: nobody is asked because the program was started, but at the next regular time
    let remembered = Remembered {
        attempts: Attempts {
            last: Some((means.clock)()),
            ..Attempts::default()
        },
        is_busy: false,
    };
    let mut models: Vec<(Asking, Remembered)> =
        all.into_iter().map(|asking| (asking, remembered)).collect();
    let mut calls: JoinSet<Ended> = JoinSet::new();
    loop {
        let nap = begin_due(&means, &mut models, &mut calls);
        tokio::select! {
            _ = stopped.changed() => break,
            Some(ended) = calls.join_next(), if !calls.is_empty() => {
                hear(ended, &mut models, (means.clock)());
            }
            () = tokio::time::sleep(nap) => {}
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

/// Begins the calls that are due. Gives how long nothing is due then.
fn begin_due(
    means: &Means,
    models: &mut [(Asking, Remembered)],
    calls: &mut JoinSet<Ended>,
) -> Duration {
    let now = (means.clock)();
    let mut nap = LONGEST_NAP;
    for (index, (asking, remembered)) in models.iter_mut().enumerate() {
        if remembered.is_busy {
            continue;
        }
        match asking.clock.turn(remembered.attempts, now) {
            schedule::Turn::Due { .. } if calls.len() < AT_ONCE => {
                remembered.is_busy = true;
                let (means, asking) = (means.clone(), asking.clone());
                calls.spawn(async move {
                    let turn = ask(&means, &asking).await;
                    tell(&asking.source, &turn);
                    let wait = match &turn {
                        Ok(Turn::Asked { failure, .. }) => {
                            failure.as_ref().and_then(Failure::retry_after)
                        }
                        _ => None,
                    };
                    (index, wait)
                });
            }
            // one that ends makes room
            schedule::Turn::Due { .. } => {}
            schedule::Turn::NotDue { next } => {
                let until = Duration::try_from(next.duration_since(now));
                nap = nap.min(until.unwrap_or(LONGEST_NAP));
            }
        }
    }
    nap.max(Duration::from_millis(20))
}

fn hear(
    ended: Result<Ended, tokio::task::JoinError>,
    models: &mut [(Asking, Remembered)],
    now: Timestamp,
) {
    match ended {
        Ok((index, retry_after)) => {
            if let Some((_, remembered)) = models.get_mut(index) {
                // whether it failed means nothing: asking again sooner would cost more
                remembered.attempts = Attempts {
                    last: Some(now),
                    consecutive_failures: 0,
                    retry_after,
                };
                remembered.is_busy = false;
            }
        }
        Err(error) => tracing::error!("a call failed in itself: {error}"),
    }
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
