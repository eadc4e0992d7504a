//! One round: every due source once.

use jiff::Timestamp;

use super::super::delivery;
use super::super::endpoints::{self, Checking};
use super::super::tick::Asked;
use super::{AT_ONCE, Daemon, Plan};
use crate::market::SourceId;

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
