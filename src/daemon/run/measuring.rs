//! Endpoints that are checked and models that are asked, as the plan says.

use std::sync::Arc;

use super::super::endpoints::{self, Checking};
use super::super::inference::{self, Asking};
use super::Daemon;

impl Daemon {
    pub(in crate::daemon) fn checking_means(&self) -> endpoints::Means {
        endpoints::Means {
            writer: self.means.writer.clone(),
            vantage: Arc::clone(&self.means.vantage),
            clock: Arc::clone(&self.plan.clock),
            unreached: self.unreached.clone(),
        }
    }

    /// Begins to check endpoints, if any are checked.
    pub(in crate::daemon) fn check_endpoints(&mut self) {
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

    pub(in crate::daemon) async fn stop_checking(&mut self) {
        if let Some(running) = self.endpoints.take() {
            running.stop().await;
        }
    }

    /// The models that are asked, and what asking them needs; nothing without a budget.
    pub(in crate::daemon) fn asking_models(&self) -> Option<(inference::Means, Vec<Asking>)> {
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
    pub(in crate::daemon) fn ask_models(&mut self) {
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
    pub(in crate::daemon) async fn ask_models_once(&self) -> (usize, usize) {
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

    pub(in crate::daemon) async fn stop_asking_models(&mut self) {
        if let Some(running) = self.models.take() {
            running.stop().await;
        }
    }
}
