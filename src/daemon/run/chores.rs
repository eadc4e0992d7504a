//! What the daemon does from time to time, besides asking.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::super::writer::Gone;
use super::super::{indicators, judge, reminders, report, tick};
use super::Daemon;
use crate::config::Endpoint;
use crate::outlook::indicators::kinds;
use crate::render::Letterhead;
use crate::schedule::PeriodKind;
use crate::store::{Sources, Store};

/// Between two roll-ups of what was measured.
const ROLL_UP: SignedDuration = SignedDuration::from_mins(5);
/// Between two rounds of throwing away what is old, and of comparing sources.
const HOUSEKEEPING: SignedDuration = SignedDuration::from_hours(24);

impl Daemon {
    /// What is to be done from time to time. Each is done whatever became of the others.
    pub(in crate::daemon) async fn chores(&mut self, now: Timestamp) {
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

    /// Whether what takes long is left for a later moment.
    fn can_wait(&self, now: Timestamp) -> bool {
        let is_between = |beat: i64| now.as_second().rem_euclid(beat.max(1)) != 0;
        self.seldom.is_some_and(is_between)
    }

    /// Every few minutes: rolls up what was measured since.
    pub(in crate::daemon) async fn roll_up(&mut self, now: Timestamp) -> anyhow::Result<()> {
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
            if !self.can_wait(now) {
                tick::roll_up(writer, now).await?;
            }
        }
        Ok(())
    }

    /// Once a day: throws away what is old, and says where sources have differed for long.
    pub(in crate::daemon) async fn keep_house(&mut self, now: Timestamp) -> anyhow::Result<()> {
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
    pub(in crate::daemon) async fn remind(&self, now: Timestamp) -> anyhow::Result<()> {
        if self.can_wait(now) {
            return Ok(());
        }
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
    pub(in crate::daemon) async fn count_indicators(
        &mut self,
        now: Timestamp,
    ) -> anyhow::Result<()> {
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
            kinds: kinds(self.plan.probes.iter().map(|(probe, _)| probe)),
            policy: Arc::clone(&self.means.policy),
        };
        let told = indicators::keep(writer, counting, behind, now).await?;
        if told > 0 {
            tracing::info!("the landscape shifted: {told} shifts");
        }
        Ok(())
    }

    pub(in crate::daemon) async fn report_if_due(&mut self, now: Timestamp) -> anyhow::Result<()> {
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
    pub(in crate::daemon) async fn report(
        &self,
        kind: PeriodKind,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let settings = &self.plan.settings;
        let (writer, zone) = (&self.means.writer, settings.zone.clone());
        let wanted = writer.run(move |store| report::wanted(store, kind, &zone, now));
        let Some(period) = wanted.await? else {
            return Ok(());
        };
        let audience = report::Audience {
            titles: report::titles(&self.watch.all),
            zone: settings.zone.clone(),
            kinds: kinds(self.plan.probes.iter().map(|(probe, _)| probe)),
            policy: Arc::clone(&self.means.policy),
            workloads: settings.workloads.clone(),
            objectives: settings.objectives.clone(),
            is_simulated: settings.simulated,
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
}

/// So long after it was tried, what takes a while is tried again.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// Whether what takes a while may be tried. A last time in the future was noted before the clock was set back.
fn may_try(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| last > now || now.duration_since(last) >= AGAIN)
}

/// The endpoints that only tell whether our own network is there.
fn references(endpoints: &[(Endpoint, bool)]) -> HashSet<String> {
    let references = endpoints.iter().filter(|(one, _)| one.is_reference);
    references.map(|(one, _)| one.id.to_string()).collect()
}
