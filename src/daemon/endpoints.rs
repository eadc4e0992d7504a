//! Endpoints are checked on a loop of their own, each at its own beat, whatever else the daemon does.

pub(super) mod batch;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use url::Url;

use super::clock::Clock;
use super::unreached::Unreached;
use super::writer::Writer;
use crate::config::{Endpoint, Scoping};
use crate::fetch::{Checked, Client, Target};
use crate::market::{Failure, Hash};
use batch::{Batch, Written};

/// An endpoint in one scope, as it is checked.
#[derive(Debug, Clone)]
pub struct Checking {
    /// What is declared.
    pub endpoint: Arc<Endpoint>,
    /// In which scope.
    pub scoping: Scoping,
    target: Arc<Target>,
}

impl Checking {
    /// Every scope of the endpoints that are checked. Those that cannot be asked are left out, and it is told why.
    pub fn all(endpoints: &[(Endpoint, bool)], client: &Client) -> Vec<Self> {
        let mut all = Vec::new();
        let mut left_out: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (endpoint, _) in endpoints.iter().filter(|(_, is_checked)| *is_checked) {
            let endpoint = Arc::new(endpoint.clone());
            for scoping in &endpoint.scopes {
                match Self::new(Arc::clone(&endpoint), scoping.clone(), client) {
                    Ok(checking) => all.push(checking),
                    Err(reason) => {
                        let id = endpoint.id.to_string();
                        left_out.entry(reason).or_default().push(id);
                    }
                }
            }
        }
        for (reason, ids) in left_out {
            let first = ids.first().map_or("", String::as_str);
            tracing::warn!(
                "{} endpoints are not measured ({first} …): {reason}",
                ids.len()
            );
        }
        all
    }

    /// One scope of an endpoint.
    ///
    /// # Errors
    /// Where its URL cannot be asked, in words.
    pub fn new(endpoint: Arc<Endpoint>, scoping: Scoping, client: &Client) -> Result<Self, String> {
        let url = scoping.fill(&endpoint.url);
        let url = Url::parse(&url).map_err(|error| format!("'{url}': {error}"))?;
        let target = client
            .target(
                &url,
                endpoint.family,
                endpoint.version,
                endpoint.ways,
                endpoint.timeout,
            )
            .map_err(|failure| failure.to_string())?;
        Ok(Self {
            endpoint,
            scoping,
            target: Arc::new(target),
        })
    }

    /// Its name for people: `bedrock.runtime@eu-central-1`.
    pub fn name(&self) -> String {
        match self.scoping.scope.as_str() {
            "" => self.endpoint.id.to_string(),
            scope => format!("{}@{scope}", self.endpoint.id),
        }
    }

    /// The host that is asked.
    pub fn host(&self) -> &str {
        self.target.host()
    }

    /// Measures it now.
    pub async fn check(&self, at: Timestamp) -> Vec<Checked> {
        self.target.check(at).await
    }

    pub(super) fn every(&self) -> Duration {
        let every = Duration::try_from(self.endpoint.every).unwrap_or(Duration::ZERO);
        every.max(Duration::from_secs(1))
    }

    /// When in the first period it is checked first: by its name alone, so that endpoints are spread evenly, and soon after the start.
    fn first_after(&self) -> Duration {
        let name = Hash::of_parts(&[&self.name()]);
        let some = name.as_bytes().iter().take(4);
        let some = some.fold(0u32, |all, byte| all << 8 | u32::from(*byte));
        let share = f64::from(some) / f64::from(u32::MAX);
        self.every().min(SOON).mul_f64(share)
    }
}

/// Every endpoint is checked for the first time within this time of the start.
const SOON: Duration = Duration::from_secs(30);
/// Checks under way at once: what is due beyond them waits.
const AT_ONCE: usize = 512;
/// What is measured waits no longer than this before it is written.
const FLUSH: Duration = Duration::from_secs(1);
/// What comes sooner after its answer was ready is not held to have been delayed by ourselves.
const LAG: SignedDuration = SignedDuration::from_millis(10);

/// What checking endpoints needs.
#[derive(Clone)]
pub struct Means {
    /// The one writer.
    pub writer: Writer,
    /// From where is measured.
    pub vantage: Arc<str>,
    /// Where the time of samples comes from.
    pub clock: Clock,
    /// Who is out of reach, by all who are asked.
    pub unreached: Unreached,
}

/// The loop, running in a thread of its own: nothing else that the program does delays a check, and no other thread is woken
/// for one.
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
    pub fn start(means: Means, all: Vec<Checking>) -> std::io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = std::thread::Builder::new()
            .name("endpoints".to_string())
            .spawn(move || runtime.block_on(Loop::new(means, all).run(stopped)))?;
        Ok(Self { stop, thread })
    }

    /// Ends it, once what was measured is written.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("checking endpoints ended badly");
        }
    }
}

/// Checks each endpoint once. Gives how many, and how many of them answered.
///
/// # Errors
/// Where what was measured could not be written.
pub async fn once(means: &Means, all: Vec<Checking>) -> anyhow::Result<(usize, usize)> {
    let (count, mut answered) = (all.len(), 0);
    let mut checking = Loop::new(means.clone(), all);
    for index in 0..count {
        if checking.asking.len() >= AT_ONCE {
            answered += usize::from(checking.next_answers().await);
        }
        checking.begin(index, Instant::now());
    }
    while !checking.asking.is_empty() {
        answered += usize::from(checking.next_answers().await);
    }
    let written = checking.batch.take_waiting().write(&means.writer).await;
    checking.batch.heard(written)?;
    Ok((count, answered))
}

/// What one check came to.
struct Done {
    index: usize,
    at: Timestamp,
    late: SignedDuration,
    checked: Vec<Checked>,
}

struct Loop {
    means: Means,
    all: Vec<Checking>,
    busy: Vec<bool>,
    due: BinaryHeap<Reverse<(Instant, usize)>>,
    asking: JoinSet<Done>,
    batch: Batch,
    writing: Option<JoinHandle<Written>>,
}

impl Loop {
    fn new(means: Means, all: Vec<Checking>) -> Self {
        let begun = Instant::now();
        let due = all.iter().enumerate();
        let due = due.map(|(index, one)| Reverse((begun + one.first_after(), index)));
        Self {
            due: due.collect(),
            busy: vec![false; all.len()],
            batch: Batch::default(),
            asking: JoinSet::new(),
            writing: None,
            means,
            all,
        }
    }

    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut flush = tokio::time::interval(FLUSH);
        flush.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.begin_due();
            let next = self.due.peek().map(|Reverse((at, _))| *at);
            let is_free = self.asking.len() < AT_ONCE;
            tokio::select! {
                _ = stopped.changed() => break,
                () = sleep_until(next), if next.is_some() && is_free => {}
                Some(done) = self.asking.join_next(), if !self.asking.is_empty() => {
                    self.hear(done);
                    while let Some(done) = self.asking.try_join_next() {
                        self.hear(done);
                    }
                }
                _ = flush.tick() => self.flush().await,
            }
        }
        // a check under way is given up: it says nothing
        self.asking.shutdown().await;
        self.hear_written().await;
        let written = self.batch.take_waiting().write(&self.means.writer).await;
        if let Err(error) = self.batch.heard(written) {
            tracing::error!("{} measurements are lost: {error}", self.batch.len());
        }
    }

    fn begin_due(&mut self) {
        let now = Instant::now();
        while self.asking.len() < AT_ONCE
            && let Some(Reverse((at, index))) = self.due.peek().copied()
            && at <= now
        {
            self.due.pop();
            if let Some(every) = self.all.get(index).map(Checking::every) {
                self.due.push(Reverse((next_beat(at, every, now), index)));
                self.begin(index, at);
            }
        }
    }

    /// Begins a check unless its last one is still under way.
    fn begin(&mut self, index: usize, due: Instant) {
        let (Some(checking), Some(busy)) = (self.all.get(index), self.busy.get_mut(index)) else {
            return;
        };
        if std::mem::replace(busy, true) {
            return;
        }
        let target = Arc::clone(&checking.target);
        let clock = Arc::clone(&self.means.clock);
        self.asking.spawn(async move {
            let at = clock();
            let late = SignedDuration::try_from(due.elapsed()).unwrap_or(SignedDuration::MAX);
            let checked = target.check(at).await;
            Done {
                index,
                at,
                late,
                checked,
            }
        });
    }

    fn hear(&mut self, done: Result<Done, tokio::task::JoinError>) -> Option<Done> {
        let done = match done {
            Ok(done) => done,
            Err(error) => {
                tracing::error!("a check failed in itself: {error}");
                return None;
            }
        };
        if let Some(busy) = self.busy.get_mut(done.index) {
            *busy = false;
        }
        let checking = self.all.get(done.index)?;
        for checked in &done.checked {
            let outcome = match &checked.failure {
                Some(failure) => failure.word(),
                None if checked.lag.max(done.late) > LAG => "delayed",
                None => "ok",
            };
            let is_reached = !checked.failure.as_ref().is_some_and(Failure::is_unreached);
            let provider = checking.endpoint.provider.as_str();
            self.means.unreached.hear(provider, is_reached);
            let of = (done.index, checking);
            self.batch
                .push(of, &self.means.vantage, done.at, checked, outcome);
        }
        Some(done)
    }

    /// Whether the next endpoint that is done with answered.
    async fn next_answers(&mut self) -> bool {
        let done = self.asking.join_next().await;
        let done = done.and_then(|done| self.hear(done));
        done.is_some_and(|done| done.checked.iter().all(|checked| checked.failure.is_none()))
    }

    /// Has what was measured written, unless that is still being done with what was before.
    async fn flush(&mut self) {
        let is_under_way = |writing: &JoinHandle<Written>| !writing.is_finished();
        if self.writing.as_ref().is_some_and(is_under_way) {
            return;
        }
        self.hear_written().await;
        let waiting = self.batch.take_waiting();
        if !waiting.is_empty() {
            let writer = self.means.writer.clone();
            self.writing = Some(tokio::spawn(async move { waiting.write(&writer).await }));
        }
    }

    async fn hear_written(&mut self) {
        let Some(writing) = self.writing.take() else {
            return;
        };
        match writing.await {
            Ok(written) => {
                if let Err(error) = self.batch.heard(written) {
                    tracing::error!("{} measurements wait: {error}", self.batch.len());
                }
            }
            Err(error) => tracing::error!("measurements are lost: {error}"),
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}

/// The next beat after `now`: beats that were missed are not made up for.
fn next_beat(at: Instant, every: Duration, now: Instant) -> Instant {
    let next = at + every;
    if next > now {
        return next;
    }
    let missed = now.duration_since(at).as_nanos() / every.as_nanos().max(1);
    let missed = u32::try_from(missed).unwrap_or(u32::MAX);
    at + every.saturating_mul(missed.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_beats_are_not_made_up_for() {
        let begun = Instant::now();
        let every = Duration::from_secs(10);
        let after = |seconds| begun + Duration::from_secs(seconds);
        for (now, next) in [
            (0, 10),
            (9, 10),
            (10, 20),
            (25, 30),
            (30, 40),
            (86_401, 86_410),
        ] {
            assert_eq!(next_beat(begun, every, after(now)), after(next), "{now}");
        }
    }
}
