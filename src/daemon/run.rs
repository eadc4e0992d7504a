//! The daemon: one loop that asks what is due, delivers what waits, reports when it is time, and stops when it is told.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{Id, JoinSet};

use super::clock::Clock;
use super::dashboard::Dashboard;
use super::delivery::{self, Post};
use super::endpoints::{self, Checking};
use super::indicators;
use super::inference::{self, Asking};
use super::judge;
use super::pipeline::Taken;
use super::reminders;
use super::report;
use super::tick::{self, Asked, Means, in_words};
use super::unreached::Unreached;
use super::watch::{WatchList, Watched};
use super::writer::{Gone, Writer};
use crate::alerting::EVERYBODY;
use crate::config::{Endpoint, InferenceProbe, Probe, Settings};
use crate::deliver::Carrier;
use crate::fetch::{Client, Credentials};
use crate::market::{Severity, SourceId};
use crate::render::{self, Letterhead};
use crate::schedule::PeriodKind;
use crate::store::{Lock, QueuedMessage, Sources, Store};

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

/// What one round of asking came to.
#[derive(Debug, Default)]
pub struct Round {
    /// Every source that was due, with what it said.
    pub asked: Vec<(SourceId, Asked)>,
    /// What was delivered.
    pub delivered: delivery::Round,
    /// When the next source is due.
    pub next: Option<Timestamp>,
    /// How many endpoints were checked, and how many of them answered.
    pub endpoints: (usize, usize),
    /// How many models were asked, and how many of them answered.
    pub models: (usize, usize),
}

/// Sources asked at once.
pub const AT_ONCE: usize = 8;
/// The loop looks at the wall clock at least this often: it may have jumped, and the machine may have slept.
const LONGEST_NAP: Duration = Duration::from_secs(15);
/// How long requests under way may take to end when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// Between two roll-ups of what was measured.
const ROLL_UP: SignedDuration = SignedDuration::from_mins(5);
/// Between two rounds of throwing away what is old, and of comparing sources.
const HOUSEKEEPING: SignedDuration = SignedDuration::from_hours(24);

struct Daemon {
    plan: Plan,
    watch: WatchList,
    means: Means,
    post: Post,
    writer_thread: JoinHandle<Store>,
    unreached: Unreached,
    /// When the samples were last rolled up.
    rolled_up_at: Option<Timestamp>,
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

/// Asks every due source once, delivers, and ends. `told` hears of each source as its answer comes.
pub async fn run_once(plan: Plan, told: impl Fn(&SourceId, &Asked)) -> anyhow::Result<Round> {
    one_round(plan, told, true).await
}

/// One round as [`run_once`]; without `last_call` what is still gathered waits for a later one.
pub async fn one_round(
    plan: Plan,
    told: impl Fn(&SourceId, &Asked),
    last_call: bool,
) -> anyhow::Result<Round> {
    let mut daemon = Daemon::start(plan).await?;
    let mut round = Round::default();
    let now = daemon.now();
    daemon.announce(now).await?;
    // each source once, however short its period and however long the round
    let mut due = daemon.watch.due(now).into_iter();
    loop {
        let free = AT_ONCE.saturating_sub(daemon.asking.len());
        for call in due.by_ref().take(free) {
            daemon.begin(call.index, call.missed, now);
        }
        let Some((source, asked)) = daemon.next_answer().await else {
            break;
        };
        told(&source, &asked);
        round.asked.push((source, asked));
    }
    let all = Checking::all(&daemon.plan.endpoints, &daemon.means.client);
    round.endpoints = endpoints::once(&daemon.checking_means(), all).await?;
    round.models = daemon.ask_models_once().await;
    let now = daemon.now();
    daemon.roll_up(now).await?;
    daemon.keep_house(now).await?;
    daemon.remind(now).await?;
    daemon.count_indicators(now).await?;
    daemon.report_if_due(now).await?;
    round.delivered = delivery::round(&daemon.means.writer, &daemon.post, now, last_call).await?;
    round.next = daemon
        .watch
        .next_readings(now)
        .into_iter()
        .filter_map(|(_, next)| next)
        .min();
    daemon.stop().await;
    round.asked.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(round)
}

/// Runs until it is told to stop. `reload` reads the configuration again; if that is bad, the old one is kept.
pub async fn run(plan: Plan, reload: impl Fn() -> anyhow::Result<Plan>) -> anyhow::Result<()> {
    let mut daemon = Daemon::start(plan).await?;
    let mut signals = Signals::new()?;
    daemon.announce(daemon.now()).await?;
    daemon.check_endpoints();
    daemon.ask_models();
    daemon.dashboard = Dashboard::start(&daemon.plan);
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
    async fn start(plan: Plan) -> anyhow::Result<Self> {
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

    fn now(&self) -> Timestamp {
        (self.plan.clock)()
    }

    fn checking_means(&self) -> endpoints::Means {
        endpoints::Means {
            writer: self.means.writer.clone(),
            vantage: Arc::clone(&self.means.vantage),
            clock: Arc::clone(&self.plan.clock),
            unreached: self.unreached.clone(),
        }
    }

    /// Begins to check endpoints, if any are checked.
    fn check_endpoints(&mut self) {
        let all = Checking::all(&self.plan.endpoints, &self.means.client);
        if all.is_empty() {
            return;
        }
        tracing::info!(endpoints = all.len(), "measuring {} endpoints", all.len());
        match endpoints::Running::start(self.checking_means(), all) {
            Ok(running) => self.endpoints = Some(running),
            Err(error) => tracing::error!("no endpoint is measured: {error}"),
        }
    }

    async fn stop_checking(&mut self) {
        if let Some(running) = self.endpoints.take() {
            running.stop().await;
        }
    }

    /// The models that are asked, and what asking them needs; nothing without a budget.
    fn asking_models(&self) -> Option<(inference::Means, Vec<Asking>)> {
        let settings = &self.plan.settings;
        let means = inference::Means {
            client: Arc::clone(&self.means.client),
            credentials: Arc::clone(&self.means.credentials),
            writer: self.means.writer.clone(),
            vantage: Arc::clone(&self.means.vantage),
            clock: Arc::clone(&self.plan.clock),
            budget: settings.inference.budget?,
            unbilled: inference::Unbilled::default(),
            deadlines: settings.http.deadlines,
        };
        let all = Asking::all(&self.plan.inference, settings);
        if settings.http.proxy.is_some() && !all.is_empty() {
            tracing::warn!("no model is asked: nothing is measured through a proxy");
            return None;
        }
        (!all.is_empty()).then_some((means, all))
    }

    /// Begins to ask models, if any are asked.
    fn ask_models(&mut self) {
        if let Some((means, all)) = self.asking_models() {
            let daily = means.budget.daily;
            tracing::info!(
                models = all.len(),
                "asking {} models for at most {daily} USD a day",
                all.len()
            );
            match inference::Running::start(means, all) {
                Ok(running) => self.models = Some(running),
                Err(error) => tracing::error!("no model is asked: {error}"),
            }
        }
    }

    /// Asks each model once. Gives how many were asked, and how many of them answered.
    async fn ask_models_once(&self) -> (usize, usize) {
        let Some((means, all)) = self.asking_models() else {
            return (0, 0);
        };
        let turns = inference::once(&means, all).await;
        let failures = turns.iter().filter_map(|(_, turn)| match turn {
            Ok(inference::Turn::Asked { failure, .. }) => Some(failure.is_none()),
            _ => None,
        });
        failures.fold((0, 0), |(asked, answered), is_good| {
            (asked + 1, answered + usize::from(is_good))
        })
    }

    async fn stop_asking_models(&mut self) {
        if let Some(running) = self.models.take() {
            running.stop().await;
        }
    }

    /// Says once, at the first start, what is watched and when the next readings are due.
    async fn announce(&self, now: Timestamp) -> anyhow::Result<()> {
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
        Some((source, asked))
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

    /// What is to be done from time to time. Each is done whatever became of the others.
    async fn chores(&mut self, now: Timestamp) {
        let ended = [
            self.roll_up(now).await,
            self.keep_house(now).await,
            self.remind(now).await,
            self.count_indicators(now).await,
            self.report_if_due(now).await,
        ];
        for error in ended.into_iter().filter_map(Result::err) {
            tracing::error!("{error:#}");
        }
    }

    /// Every few minutes: rolls up what was measured since.
    async fn roll_up(&mut self, now: Timestamp) -> anyhow::Result<()> {
        // a last time in the future was noted before the clock was set back
        let is_due = |last: Timestamp| last > now || now.duration_since(last) >= ROLL_UP;
        if self.rolled_up_at.is_none_or(is_due) {
            // a store in trouble is not asked again at once
            self.rolled_up_at = Some(now);
            // what is judged to say nothing is rolled up as such
            let references = Arc::new(references(&self.plan.endpoints));
            let (writer, policy) = (&self.means.writer, &self.means.policy);
            judge::judge(writer, policy, &references, now).await?;
            let (policy, zone) = (Arc::clone(policy), self.plan.settings.zone.clone());
            writer
                .run(move |store| judge::mark(store, &policy, &zone, now))
                .await?;
            tick::roll_up(writer, now).await?;
        }
        Ok(())
    }

    /// Once a day: throws away what is old, and says where sources have differed for long.
    async fn keep_house(&mut self, now: Timestamp) -> anyhow::Result<()> {
        const NAME: &str = "housekeeping";
        let last = self.means.writer.run(|store| store.milestone(NAME)).await?;
        // a last time in the future was noted before the clock was set back
        if last.is_some_and(|last| last <= now && now.duration_since(last) < HOUSEKEEPING) {
            return Ok(());
        }
        let pruned = tick::prune(
            &self.means.writer,
            self.plan.settings.retention.clone(),
            now,
        )
        .await;
        if !matches!(pruned, Ok((_, false))) {
            self.means
                .writer
                .run(move |store| store.transaction(|t| t.pass_milestone(NAME, now)))
                .await?;
        }
        let (pruned, is_done) = pruned?;
        if pruned != crate::store::Pruned::default() {
            tracing::info!(
                pruned.bodies,
                pruned.readings,
                pruned.messages,
                pruned.windows,
                "threw away what was old"
            );
        }
        if !is_done {
            return Ok(());
        }
        let told = tick::tell_disagreements(&self.means, &self.watch.all, now).await?;
        if told > 0 {
            tracing::info!(told, "sources have differed for 30 days");
        }
        Ok(())
    }

    /// Whoever watches a model is reminded of its end.
    async fn remind(&self, now: Timestamp) -> anyhow::Result<()> {
        let policy = Arc::clone(&self.means.policy);
        let settings = &self.plan.settings;
        let (templates, zone) = (settings.templates.clone(), settings.zone.clone());
        let remind = move |store: &mut Store| {
            let letterhead = Letterhead {
                templates: &templates,
                zone: &zone,
            };
            reminders::queue_if_due(store, &policy, &letterhead, now)
        };
        let queued = self.means.writer.run(remind).await?;
        if queued > 0 {
            tracing::debug!("{queued} reminders of ends stand in the outbox");
        }
        Ok(())
    }

    /// Once a day: keeps what indicators count, and tells how the landscape shifted.
    async fn count_indicators(&mut self, now: Timestamp) -> anyhow::Result<()> {
        if !may_try(self.counted_at, now) {
            return Ok(());
        }
        let writer = &self.means.writer;
        let Some(behind) = indicators::behind(writer, now).await? else {
            return Ok(());
        };
        self.counted_at = Some(now);
        let counting = indicators::Counting {
            database: self.plan.database.clone(),
            kinds: indicators::kinds(self.plan.probes.iter().map(|(probe, _)| probe)),
            policy: Arc::clone(&self.means.policy),
        };
        let told = indicators::keep(writer, counting, behind, now).await?;
        if told > 0 {
            tracing::info!("the landscape shifted: {told} shifts");
        }
        Ok(())
    }

    async fn report_if_due(&mut self, now: Timestamp) -> anyhow::Result<()> {
        if !may_try(self.reported_at, now) {
            return Ok(());
        }
        let settings = self.plan.settings.report.clone();
        let writer = &self.means.writer;
        let due = writer.run(move |store| report::due(store, &settings, now));
        let mut ended = Ok(());
        for kind in due.await? {
            self.reported_at = Some(now);
            // one that cannot be made keeps no other from being made
            ended = ended.and(self.report(kind, now).await);
        }
        ended
    }

    /// Makes, keeps and queues the report of the period of a kind, unless that was done before.
    async fn report(&self, kind: PeriodKind, now: Timestamp) -> anyhow::Result<()> {
        let settings = &self.plan.settings;
        let (writer, zone) = (&self.means.writer, settings.zone.clone());
        let wanted = writer.run(move |store| report::wanted(store, kind, &zone, now));
        let Some(period) = wanted.await? else {
            return Ok(());
        };
        let audience = report::Audience {
            titles: report::titles(&self.watch.all),
            zone: settings.zone.clone(),
            kinds: indicators::kinds(self.plan.probes.iter().map(|(probe, _)| probe)),
            policy: Arc::clone(&self.means.policy),
            workloads: settings.workloads.clone(),
            objectives: settings.objectives.clone(),
        };
        let database = self.plan.database.clone();
        let make = move || {
            let store = Store::open_read_only(&database)?;
            report::make(&store, &audience, period, now)
        };
        let made = tokio::task::spawn_blocking(make)
            .await
            .map_err(|_| Gone::Panicked)??;
        let recipients = self.means.policy.recipients.clone();
        let keep = writer.run(move |store| report::keep(store, &made, &recipients, now));
        if keep.await? {
            tracing::info!("the report of {} is made", period.key());
        }
        Ok(())
    }

    /// Takes a new configuration, or keeps the old one if the new one is bad.
    async fn reload(&mut self, read: &impl Fn() -> anyhow::Result<Plan>) {
        let taken = match read() {
            Ok(plan) if plan.database != self.plan.database => Err(anyhow::anyhow!(
                "the database cannot be moved while running: restart to use {}",
                plan.database.display()
            )),
            Ok(plan) => self.take_plan(plan).await,
            Err(error) => Err(error),
        };
        match taken {
            Ok(()) => tracing::info!(sources = self.watch.all.len(), "configuration reloaded"),
            Err(error) => {
                tracing::error!("the configuration is not taken, the old one stays: {error:#}")
            }
        }
    }

    async fn take_plan(&mut self, plan: Plan) -> anyhow::Result<()> {
        let (means, mut post) = means(&plan, self.means.writer.clone())?;
        post.accepted = Arc::clone(&self.post.accepted);
        // answers under way belong to the old list, and what they say to what is known of the new one
        while let Ok(Some((source, asked))) =
            tokio::time::timeout(FAREWELL, self.next_answer()).await
        {
            tell(&source, &asked);
        }
        self.asking.shutdown().await;
        self.by_task.clear();
        for watched in &mut self.watch.all {
            watched.busy = false;
        }
        let records = self.means.writer.run(|store| store.sources()).await?;
        self.watch = WatchList::new(&plan.probes, &records);
        self.stop_checking().await;
        self.stop_asking_models().await;
        self.unreached = Unreached::of(&plan);
        (self.plan, self.means, self.post) = (plan, means, post);
        self.check_endpoints();
        self.ask_models();
        std::mem::take(&mut self.dashboard).stop().await;
        self.dashboard = Dashboard::start(&self.plan);
        Ok(())
    }

    async fn stop(mut self) {
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

/// So long after it was tried, what takes a while is tried again.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// Whether what takes a while may be tried. A last time in the future was noted before the clock was set back.
fn may_try(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| last > now || now.duration_since(last) >= AGAIN)
}

/// The sources of the probes that are asked.
fn watched(probes: &[(Probe, bool)]) -> HashSet<SourceId> {
    let asked = probes.iter().filter(|(_, is_asked)| *is_asked);
    asked
        .flat_map(|(probe, _)| probe.sources().map(|(source, _)| source))
        .collect()
}

/// The endpoints that only tell whether our own network is there.
fn references(endpoints: &[(Endpoint, bool)]) -> HashSet<String> {
    let references = endpoints.iter().filter(|(one, _)| one.is_reference);
    references.map(|(one, _)| one.id.to_string()).collect()
}

fn means(plan: &Plan, writer: Writer) -> anyhow::Result<(Means, Post)> {
    let settings = &plan.settings;
    let policy = Arc::new(settings.policy());
    let client = Arc::new(Client::new(&settings.http)?);
    let carrier = Carrier::new(settings.mail.as_ref(), &settings.channels, &client)?;
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

enum Event {
    Stop(&'static str),
    Reload,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Event {
        tokio::select! {
            _ = self.terminate.recv() => Event::Stop("SIGTERM"),
            _ = self.interrupt.recv() => Event::Stop("SIGINT"),
            _ = self.hang_up.recv() => Event::Reload,
        }
    }
}
