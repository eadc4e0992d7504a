//! The dashboard, as the daemon serves it beside its own work.

use std::sync::Arc;

use super::run::Plan;
use super::writer::Writer;
use crate::outlook::deeds::perform;
use crate::web;

/// The dashboard, if it is served.
#[derive(Debug, Default)]
pub struct Dashboard(Option<web::Running>);

impl Dashboard {
    /// Serves it as the configuration says. Where that fails the daemon goes on without: watching matters more.
    pub fn start(plan: &Plan, writer: &Writer) -> Self {
        if !plan.settings.web.on {
            return Self(None);
        }
        let means = web::Means {
            database: plan.database.clone(),
            settings: Arc::new(plan.settings.clone()),
            probes: Arc::new(plan.probes.clone()),
            endpoints: Arc::new(plan.endpoints.clone()),
            clock: Arc::clone(&plan.clock),
            doer: Some(doer(writer.clone())),
        };
        match web::Running::start(means) {
            Ok(running) => {
                let address = running.address();
                tracing::info!(%address, "the dashboard: http://{address}/");
                Self(Some(running))
            }
            Err(error) => {
                tracing::error!("{error}");
                Self(None)
            }
        }
    }

    /// Stops serving it.
    pub async fn stop(self) {
        if let Some(running) = self.0 {
            running.stop().await;
        }
    }
}

/// What people do there is done by the one writer, between two of its own jobs.
fn doer(writer: Writer) -> web::Doer {
    Arc::new(move |deed| {
        let writer = writer.clone();
        Box::pin(async move {
            let done = writer.run(move |store| perform(store, &deed)).await;
            done.map_err(|error| error.to_string())
        })
    })
}
