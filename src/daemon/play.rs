//! The daemon on a time that is played: the same parts as [`super::run`], moved from moment to moment instead of by the clock on
//! the wall.
//!
//! What is asked is asked at full hours from the beginning on, and taken in in the order of the list: so that the same beginning
//! and the same answers make the same history, whatever was interrupted in between. The next moment is asked of while the last one is
//! still judged, told and written: what follows from its answers is known by then.

mod measured;
mod time;

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt as _, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use measured::{Host, Stated};
pub use time::Time;

use super::pipeline::Taken;
use super::run::Daemon;
use super::tick::{self, Asked};
use super::watch::{Call, Watched};
use super::{AT_ONCE, Plan, delivery};
use crate::config::Probe;
use crate::fetch;
use crate::market::{RecordedChange, SourceId};
use crate::schedule::Schedule;
use crate::store::{Outbox as _, Sources as _};
use measured::Measuring;

/// Between two moments at which sources are asked and endpoints measured: none is asked more often.
pub const BEAT: SignedDuration = SignedDuration::from_hours(1);
/// Whoever wants to be asked more often than this is asked at every beat: pages that tell of incidents …
const OFTEN: SignedDuration = SignedDuration::from_mins(10);
/// … and all others no more often than this: weeks are played within a minute, and what lists and pages say holds for longer.
const UNHURRIED: SignedDuration = SignedDuration::from_hours(2);
/// While time is played as fast as it goes, samples are rolled up and reminders looked for at such hours of UTC: days are all that
/// either is about, and each time costs every series its windows, and all offerings a look.
const SELDOM: i64 = 12 * 3_600;
/// Messages go at full minutes.
const MINUTE: i64 = 60;
/// The milestone of the last moment that was played to its end.
const PLAYED: &str = "played";

/// What is played.
#[derive(Debug, Clone)]
pub struct Piece {
    /// What the daemon is to do. Its clock is that of `time`.
    pub plan: Plan,
    /// The time that is played.
    pub time: Time,
    /// The first moment.
    pub begin: Timestamp,
    /// What endpoints are stated to do.
    pub stated: Stated,
}

/// What became of one moment.
#[derive(Debug, Default)]
pub struct Step {
    /// The sources that were asked, with what they said.
    pub asked: Vec<(SourceId, Asked)>,
    /// What was delivered.
    pub delivered: delivery::Round,
}

impl Step {
    /// The changes that were recorded.
    pub fn changes(&self) -> impl Iterator<Item = &RecordedChange> {
        let taken = self
            .asked
            .iter()
            .filter_map(|(_, asked)| asked.taken.as_ref().ok());
        taken.flat_map(Taken::changes)
    }
}

/// A daemon whose time is played.
pub struct Player {
    daemon: Daemon,
    time: Time,
    measuring: Measuring,
    begin: Timestamp,
    /// The last moment at which all was done; `None` before the first.
    played: Option<Timestamp>,
    /// The last moment at which messages went.
    delivered: Option<Timestamp>,
    next_message: Option<Timestamp>,
    /// What is asked already, of the beat to come.
    ahead: Option<Ahead>,
}

/// The answers of a beat that are on their way, in the order of the list.
struct Ahead {
    at: Timestamp,
    answers: mpsc::Receiver<Answered>,
    /// Whoever asks: nobody does any more once this is gone.
    _asking: JoinSet<()>,
}

/// What a panic said, which is in the log already.
type Panicked = Box<dyn std::any::Any + Send>;

/// What one source answered; an error where asking it panicked.
struct Answered {
    index: usize,
    watched: Watched,
    fetched: Result<fetch::Fetched, Panicked>,
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player")
            .field("begin", &self.begin)
            .field("played", &self.played)
            .finish_non_exhaustive()
    }
}

/// Probes with the periods at which they are asked while time is played: what is asked at beats alone would count runs as missed.
fn stretched(probes: Vec<(Probe, bool)>) -> Vec<(Probe, bool)> {
    let stretch = |(mut probe, is_asked): (Probe, bool)| {
        if let Schedule::Every(period) = &mut probe.schedule {
            *period = match *period < OFTEN {
                true => BEAT,
                false => (*period).max(UNHURRIED),
            };
        }
        (probe, is_asked)
    };
    probes.into_iter().map(stretch).collect()
}

impl Player {
    /// Begins, or goes on where the database says that it ended.
    ///
    /// # Errors
    /// Where the plan or its database cannot be used, in words.
    pub async fn start(piece: Piece) -> anyhow::Result<Self> {
        let Piece {
            mut plan,
            time,
            begin,
            stated,
        } = piece;
        plan.probes = stretched(plan.probes);
        plan.clock = time.clock();
        time.set(begin);
        let mut daemon = Daemon::start(plan).await?;
        daemon.seldom = Some(SELDOM);
        let writer = &daemon.means.writer;
        let (played, measured, next_message) = writer
            .run(|store| {
                let measured = store.milestone(measured::MILESTONE)?;
                Ok((store.milestone(PLAYED)?, measured, store.next_due()?))
            })
            .await?;
        if let Some(played) = played {
            time.set(played);
        }
        daemon.announce(begin).await?;
        Ok(Self {
            measuring: Measuring::new(&daemon, stated, measured.unwrap_or(begin)),
            daemon,
            time,
            begin,
            played,
            delivered: played,
            next_message,
            ahead: None,
        })
    }

    /// The last moment at which all was done; `None` before the first.
    pub fn played(&self) -> Option<Timestamp> {
        self.played
    }

    /// Every probe with whether it is asked, at the periods at which that is played.
    pub fn probes(&self) -> &[(Probe, bool)] {
        &self.daemon.plan.probes
    }

    /// How many sources are asked.
    pub fn sources(&self) -> usize {
        self.daemon.watch.all.len()
    }

    /// The next moment: a beat, or one between two at which messages go.
    pub fn next(&self) -> Timestamp {
        let beat = self.next_beat();
        let message = self.next_message.map(|at| {
            let minute =
                at.as_second().div_euclid(MINUTE) + i64::from(at.as_second() % MINUTE != 0);
            let after = self
                .delivered
                .map_or(i64::MIN, |at| at.as_second() + MINUTE);
            (minute * MINUTE).max(after)
        });
        let message = message.and_then(|second| Timestamp::from_second(second).ok());
        message.map_or(beat, |message| message.min(beat))
    }

    fn next_beat(&self) -> Timestamp {
        let after = |played: Timestamp| played.checked_add(BEAT).unwrap_or(Timestamp::MAX);
        self.played.map_or(self.begin, after)
    }

    /// Plays the next moment.
    ///
    /// # Errors
    /// Where the store takes nothing any more; a source that cannot be asked or read is no error.
    pub async fn step(&mut self) -> anyhow::Result<Step> {
        let now = self.next();
        let is_beat = now == self.next_beat();
        self.time.set(now);
        let mut step = Step::default();
        if is_beat {
            step.asked = self.ask(now).await;
            let next = now.checked_add(BEAT)?;
            self.ahead = Some(self.ask_ahead(next));
            self.measuring.measure(&self.daemon.means, now).await?;
            self.daemon.chores(now).await;
        }
        let (writer, post) = (&self.daemon.means.writer, &self.daemon.post);
        step.delivered = delivery::round(writer, post, now, false).await?;
        self.delivered = Some(now);
        self.next_message = writer
            .run(move |store| {
                if is_beat {
                    store.transaction(|transaction| transaction.pass_milestone(PLAYED, now))?;
                }
                store.next_due()
            })
            .await?;
        if is_beat {
            self.played = Some(now);
        }
        Ok(step)
    }

    /// Begins to ask whoever is due at a beat, several at once.
    fn ask_ahead(&self, at: Timestamp) -> Ahead {
        self.time.ask(at);
        let mut due: Vec<Call> = self.daemon.watch.due(at);
        due.sort_by_key(|call| call.index);
        let (sent, answers) = mpsc::channel(due.len().max(1));
        let means = self.daemon.means.clone();
        let called: Vec<_> = due
            .into_iter()
            .filter_map(|call| Some((call.index, self.daemon.watch.all.get(call.index)?.clone())))
            .collect();
        let mut asking = JoinSet::new();
        asking.spawn(async move {
            let fetched = called.into_iter().map(|(index, watched)| {
                let means = means.clone();
                async move {
                    let fetched = AssertUnwindSafe(tick::fetch_source(&means, &watched, at));
                    let fetched = fetched.catch_unwind().await;
                    Answered {
                        index,
                        watched,
                        fetched,
                    }
                }
            });
            let mut fetched = futures_util::stream::iter(fetched).buffered(AT_ONCE);
            while let Some(answered) = fetched.next().await {
                // nobody plays on
                if sent.send(answered).await.is_err() {
                    return;
                }
            }
        });
        Ahead {
            at,
            answers,
            _asking: asking,
        }
    }

    /// Takes in what was asked of a beat, in the order of the list.
    async fn ask(&mut self, now: Timestamp) -> Vec<(SourceId, Asked)> {
        let ahead = self.ahead.take().filter(|ahead| ahead.at == now);
        let mut ahead = ahead.unwrap_or_else(|| self.ask_ahead(now));
        let means = self.daemon.means.clone();
        let mut asked = Vec::new();
        while let Some(answered) = ahead.answers.recv().await {
            let Answered {
                index,
                watched,
                fetched,
            } = answered;
            let mut fetched = match fetched {
                Ok(fetched) => fetched,
                Err(_) => {
                    tracing::error!(source = %watched.source, "asking it panicked");
                    let noted = tick::note_panic(&means, &watched, now).await;
                    if let Some(source) = self.daemon.heard(index, &noted) {
                        asked.push((source, noted));
                    }
                    continue;
                }
            };
            // how fast loopback is says nothing of the host that is played
            let host = Host {
                provider: watched.probe.provider.as_str(),
                region: watched.source.scope.as_str(),
                name: &fetched.sample.host,
            };
            fetched.sample.phases = self.measuring.of_host(&host, now);
            let offline = self.daemon.unreached.is_ours();
            let taken = tick::take_answer(&means, &watched, fetched, now, offline).await;
            if let Some(source) = self.daemon.heard(index, &taken) {
                asked.push((source, taken));
            }
        }
        asked
    }

    /// Rolls up what was measured so far, and from now on at every beat: somebody looks on.
    ///
    /// # Errors
    /// Where the store takes nothing any more.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        self.daemon.seldom = None;
        tick::roll_up(&self.daemon.means.writer, self.time.now()).await?;
        Ok(())
    }

    /// Ends, once all is written.
    pub async fn stop(self) {
        // whoever asks on holds the writer
        drop(self.ahead);
        self.daemon.stop().await;
    }
}
