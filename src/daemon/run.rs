//! The daemon: one loop that asks what is due, delivers what waits, reports when it is time, and stops when it is told.

mod chores;
mod measuring;
mod once;
mod reload;
mod signals;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::{Id, JoinSet};

use super::clock::Clock;
use super::dashboard::Dashboard;
use super::delivery::{self, Post};
use super::pipeline::Taken;
use super::tick::{self, Asked, Means, in_words};
use super::unreached::Unreached;
use super::watch::{WatchList, Watched};
use super::writer::{Gone, Writer};
use super::{endpoints, inference, judge, report};
use crate::alerting::EVERYBODY;
use crate::config::{Endpoint, InferenceProbe, Probe, Settings};
use crate::deliver::Carrier;
use crate::fetch::{Client, Credentials};
use crate::market::{Severity, SourceId};
use crate::render;
use crate::schedule::PeriodKind;
use crate::store::{Lock, QueuedMessage, Sources, Store};

pub use once::{Round, one_round, run_once};
pub use signals::{Event, Signals};

/// What the daemon is to do.
#[derive(Clone)]
pub struct Plan {
    /// The checked configuration.
    pub settings: Settings,
    /// Every declared probe, with whether it is asked.
    pub probes: Vec<(Probe, bool)>,
    /// Every declared endpoint, with whether it is checked.
    pub endpoints: Vec<(Endpoint, bool)>,
    /// Every declared inference probe, with whether it is asked.
    pub inference: Vec<(InferenceProbe, bool)>,
    /// The database.
    pub database: PathBuf,
    /// Where the time comes from.
    pub clock: Clock,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// Sources asked at once.
pub const AT_ONCE: usize = 8;
/// The loop looks at the wall clock at least this often: it may have jumped, and the machine may have slept.
const LONGEST_NAP: Duration = Duration::from_secs(15);
/// How long requests under way may take to end when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// A daemon that has its database, its client and its list of sources.
pub(super) struct Daemon {
    pub(super) plan: Plan,
    pub(super) watch: WatchList,
    pub(super) means: Means,
    pub(super) post: Post,
    writer_thread: JoinHandle<Store>,
    pub(super) unreached: Unreached,
    /// When the samples were last judged, and rolled up.
    rolled_up_at: Option<Timestamp>,
    /// What takes long and can wait is done only at multiples of so many seconds since 1970.
    pub(super) seldom: Option<i64>,
    /// When indicators were counted last, or were to be.
    counted_at: Option<Timestamp>,
    /// When a report was made last, or was to be.
    reported_at: Option<Timestamp>,
    asking: JoinSet<(usize, Asked)>,
    /// Nothing while no endpoint is checked.
    endpoints: Option<endpoints::Running>,
    /// Nothing while no model is asked.
    models: Option<inference::Running>,
    /// Served by the daemon that goes on, not by a single round.
    dashboard: Dashboard,
    by_task: std::collections::HashMap<Id, usize>,
    _lock: Lock,
}

/// Runs until it is told to stop. `reload` reads the configuration again; if that is bad, the old one is kept.
pub async fn run(plan: Plan, reload: impl Fn() -> anyhow::Result<Plan>) -> anyhow::Result<()> {
    let mut daemon = Daemon::start(plan).await?;
    let mut signals = Signals::new()?;
    daemon.announce(daemon.now()).await?;
    daemon.check_endpoints();
    daemon.ask_models();
    daemon.dashboard = Dashboard::start(&daemon.plan, &daemon.means.writer);
    let mut delivering: Option<tokio::task::JoinHandle<Result<delivery::Round, Gone>>> = None;
    loop {
        let now = daemon.now();
        daemon.call_due(now);
        daemon.chores(now).await;
        if delivering
            .as_ref()
            .is_none_or(tokio::task::JoinHandle::is_finished)
        {
            if let Some(ended) = delivering.take() {
                tell_delivery(ended.await);
            }
            let (writer, post) = (daemon.means.writer.clone(), daemon.post.clone());
            delivering = Some(tokio::spawn(async move {
                delivery::round(&writer, &post, now, false).await
            }));
        }
        let nap = daemon.nap(now);
        tokio::select! {
            Some((source, asked)) = daemon.next_answer(), if !daemon.asking.is_empty() => {
                tell(&source, &asked);
            }
            () = tokio::time::sleep(nap) => {}
            event = signals.next() => match event {
                Event::Stop(name) => {
                    tracing::info!("{name}: stopping");
                    break;
                }
                Event::Reload => daemon.reload(&reload).await,
            },
        }
    }
    if let Some(delivering) = delivering {
        // a message under way is given its time; if it is cut off it is sent again under the same Message-ID
        if let Ok(ended) = tokio::time::timeout(FAREWELL, delivering).await {
            tell_delivery(ended);
        }
    }
    daemon.stop().await;
    Ok(())
}

/// Logs what a source answered: what kept it from being read stands out.
fn tell(source: &SourceId, asked: &Asked) {
    let words = in_words(&asked.taken);
    match &asked.taken {
        Ok(Taken::Failed(_)) => tracing::warn!(source = %source, "{words}"),
        Ok(_) => tracing::info!(source = %source, "{words}"),
        Err(_) => tracing::error!(source = %source, "{words}"),
    }
}

fn tell_delivery(ended: Result<Result<delivery::Round, Gone>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(round)) if round.delivered > 0 => {
            tracing::info!(messages.delivered = round.delivered, "messages delivered")
        }
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::error!("delivery: {error}"),
        Err(error) => tracing::error!("delivery: {error}"),
    }
}

impl Daemon {
    pub(super) async fn start(plan: Plan) -> anyhow::Result<Self> {
        let lock = Lock::acquire(&plan.database)?;
        let mut store = Store::open(&plan.database)?;
        let unreached = Unreached::of(&plan);
        if judge::is_away(&mut store)? {
            unreached.begin_away(&plan);
        }
        let records = store.sources()?;
        let (writer, writer_thread) = Writer::start(store)?;
        let (means, post) = means(&plan, writer)?;
        let watch = WatchList::new(&plan.probes, &records);
        let is_idle = !plan.endpoints.iter().any(|(_, is_checked)| *is_checked)
            && !plan.inference.iter().any(|(_, is_asked)| *is_asked);
        if watch.all.is_empty() && is_idle {
            anyhow::bail!(
                "no probe is asked: see `bellwether probe list` and [probes] in the configuration"
            );
        }
        Ok(Self {
            plan,
            watch,
            means,
            post,
            writer_thread,
            unreached,
            rolled_up_at: None,
            seldom: None,
            counted_at: None,
            reported_at: None,
            asking: JoinSet::new(),
            endpoints: None,
            models: None,
            dashboard: Dashboard::default(),
            by_task: std::collections::HashMap::new(),
            _lock: lock,
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.plan.clock)()
    }

    /// Says once, at the first start, what is watched and when the next readings are due.
    pub(super) async fn announce(&self, now: Timestamp) -> anyhow::Result<()> {
        let waiting = self
            .plan
            .probes
            .iter()
            .filter(|(probe, asked)| !asked && probe.credential.is_some())
            .count();
        tracing::info!(
            sources = self.watch.all.len(),
            "watching {} sources",
            self.watch.all.len()
        );
        if waiting > 0 {
            tracing::info!(
                "{waiting} more probes wait for a credential: `bellwether probe list` names them"
            );
        }
        if self.plan.settings.mail.is_none() && self.plan.settings.channels.is_empty() {
            tracing::info!(
                "neither [mail] nor a [[channel]] is configured: changes are kept and listed, but told to nobody"
            );
        }
        let sources: Vec<(String, String, Option<Timestamp>)> = self
            .watch
            .next_readings(now)
            .into_iter()
            .map(|(watched, next)| {
                (
                    watched.source.to_string(),
                    watched.probe.title.clone(),
                    next,
                )
            })
            .collect();
        let message = render::started_message(&sources, &self.plan.settings.zone, now);
        let policy = Arc::clone(&self.means.policy);
        let writer = &self.means.writer;
        writer
            .run(move |store| {
                if store.milestone("started")?.is_some() {
                    return Ok(());
                }
                store.transaction(|transaction| {
                    transaction.pass_milestone("started", now)?;
                    for kind in [PeriodKind::Weekly, PeriodKind::Monthly] {
                        transaction.pass_milestone(report::milestone(kind), now)?;
                    }
                    transaction.queue_message(&QueuedMessage {
                        key: "started",
                        thread: None,
                        kind: "started",
                        severity: Severity::Info,
                        route: EVERYBODY,
                        recipients: &policy.recipients,
                        message: &message,
                        at: now,
                        not_before: now,
                    })
                })
            })
            .await?;
        Ok(())
    }

    /// Marks the sources whose turn it is and begins to ask as many as may be asked at once.
    fn call_due(&mut self, now: Timestamp) {
        for call in self.watch.due(now) {
            if self.asking.len() >= AT_ONCE {
                break;
            }
            self.begin(call.index, call.missed, now);
        }
    }

    fn begin(&mut self, index: usize, missed: u64, now: Timestamp) {
        let Some(watched) = self.watch.all.get_mut(index) else {
            return;
        };
        watched.busy = true;
        let watched: Watched = watched.clone();
        let means = self.means.clone();
        let offline = self.unreached.is_ours();
        let handle = self.asking.spawn(async move {
            if missed > 0 {
                let source = watched.source.clone();
                let _ = means
                    .writer
                    .run(move |s| s.transaction(|t| t.count_missed(&source, missed)))
                    .await;
                tracing::info!(source = %watched.source, missed, "catching up once");
            }
            (
                index,
                tick::ask_source(&means, &watched, now, offline).await,
            )
        });
        self.by_task.insert(handle.id(), index);
    }

    /// The next source that has answered; `None` if none is being asked.
    async fn next_answer(&mut self) -> Option<(SourceId, Asked)> {
        let (index, asked) = match self.asking.join_next_with_id().await? {
            Ok((id, (index, asked))) => {
                self.by_task.remove(&id);
                (index, asked)
            }
            Err(error) => {
                let index = self.by_task.remove(&error.id())?;
                let watched = self.watch.all.get(index)?.clone();
                tracing::error!(source = %watched.source, "the probe's task failed: {error}");
                (
                    index,
                    tick::note_panic(&self.means, &watched, self.now()).await,
                )
            }
        };
        let source = self.heard(index, &asked)?;
        Some((source, asked))
    }

    /// What a source answered counts for when it is asked next, and for whether our own network is there.
    pub(super) fn heard(&mut self, index: usize, asked: &Asked) -> Option<SourceId> {
        let watched = self.watch.all.get(index)?;
        let (source, provider) = (watched.source.clone(), watched.probe.provider.clone());
        match &asked.taken {
            Ok(Taken::Failed(failure)) if failure.is_ours() => {}
            _ => self.unreached.hear(provider.as_str(), asked.reached),
        }
        let (failed, retry_after) = match &asked.taken {
            Ok(Taken::Failed(failure)) => (true, failure.retry_after()),
            Ok(_) => (false, None),
            // our own store's trouble: the source is asked again soon
            Err(_) => (true, None),
        };
        self.watch.ended(&source, self.now(), failed, retry_after);
        Some(source)
    }

    fn nap(&self, now: Timestamp) -> Duration {
        let until =
            |at: Timestamp| Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
        let next = self
            .watch
            .next(now)
            .filter(|next| *next > now || self.asking.len() < AT_ONCE);
        next.map_or(LONGEST_NAP, until)
            .clamp(Duration::from_millis(20), LONGEST_NAP)
    }

    pub(super) async fn stop(mut self) {
        std::mem::take(&mut self.dashboard).stop().await;
        self.stop_checking().await;
        self.stop_asking_models().await;
        let ended = tokio::time::timeout(FAREWELL, async {
            while let Some((source, asked)) = self.next_answer().await {
                tell(&source, &asked);
            }
        });
        if ended.await.is_err() {
            tracing::info!(
                "{} requests under way are given up: they are made again at the next start",
                self.asking.len()
            );
        }
        self.asking.shutdown().await;
        let Self {
            means,
            writer_thread,
            post,
            ..
        } = self;
        drop((means, post));
        // the thread ends with its last handle
        let joined = tokio::task::spawn_blocking(move || writer_thread.join()).await;
        if !matches!(joined, Ok(Ok(_))) {
            tracing::error!("the writer did not end well");
        }
    }
}

/// The sources of the probes that are asked.
fn watched(probes: &[(Probe, bool)]) -> HashSet<SourceId> {
    let asked = probes.iter().filter(|(_, is_asked)| *is_asked);
    asked
        .flat_map(|(probe, _)| probe.sources().map(|(source, _)| source))
        .collect()
}

fn means(plan: &Plan, writer: Writer) -> anyhow::Result<(Means, Post)> {
    let settings = &plan.settings;
    let policy = Arc::new(settings.policy());
    let client = Arc::new(Client::new(&settings.http)?);
    let carrier = Carrier::new(settings.mail.as_ref(), &settings.channels, &client)?
        .simulated(settings.simulated);
    let post = Post {
        carrier: Arc::new(carrier),
        zone: settings.zone.clone(),
        templates: settings.templates.clone(),
        watched: Arc::new(watched(&plan.probes)),
        policy: Arc::clone(&policy),
        accepted: Arc::default(),
    };
    let means = Means {
        client,
        credentials: Arc::new(Credentials::new(
            settings.credentials.clone(),
            settings.identities.clone(),
        )),
        writer,
        policy,
        vantage: settings.vantage.as_str().into(),
    };
    Ok((means, post))
}
