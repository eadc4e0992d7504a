//! Another configuration for a daemon that runs.

use std::sync::Arc;

use super::super::dashboard::Dashboard;
use super::super::unreached::Unreached;
use super::super::watch::WatchList;
use super::{Daemon, FAREWELL, Plan, means, tell};
use crate::store::Sources;

impl Daemon {
    /// Takes a new configuration, or keeps the old one if the new one is bad.
    pub(super) async fn reload(&mut self, read: &impl Fn() -> anyhow::Result<Plan>) {
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
        self.dashboard = Dashboard::start(&self.plan, &self.means.writer);
        Ok(())
    }
}
