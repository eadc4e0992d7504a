//! What asking models costs: by the schedule, against the budget, and today so far.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::Row;
use crate::commands::Setup;
use crate::config::identities::remedy;
use crate::config::{InferenceProbe, Known, Scoping};
use crate::daemon::inference::prices;
use crate::inference::utc_day;
use crate::schedule::{Schedule, SourceClock};
use crate::store::{Spending, Spent, Store};

/// What a day of asking models costs at most.
#[derive(Debug, Default)]
pub struct Spend {
    /// How many models are asked, each scope for itself: those whose prices are known.
    pub asked: usize,
    /// What those whose prices are known cost by their schedules, in USD.
    pub most: Decimal,
    /// Those that are not asked before a price is known.
    pub unpriced: Vec<String>,
    /// What is lacking for those that have no credential.
    pub lacking: Vec<String>,
    /// What was spent today.
    pub today: Spent,
}

/// One row for each model in each scope, and what they cost together. Without a database only the prices of probe files are
/// known.
pub fn rows(setup: &Setup, now: Timestamp) -> anyhow::Result<(Vec<Row>, Spend)> {
    let is_any_asked = setup.inference.iter().any(|(_, is_asked)| *is_asked);
    let store = match is_any_asked && setup.database.exists() {
        true => Some(setup.open_for_reading()?),
        false => None,
    };
    let mut spend = Spend::default();
    if let Some(store) = &store {
        spend.today = store.spent_on(utc_day(now))?;
    }
    let mut rows = Vec::new();
    for (probe, is_asked) in &setup.inference {
        let has_credential = probe
            .credential
            .as_ref()
            .is_none_or(|name| setup.settings.known(name) != Known::Missing);
        if *is_asked && !has_credential {
            let name = probe.credential.as_deref().unwrap_or_default();
            let remedy = remedy(name).unwrap_or(name);
            spend.lacking.push(format!("{}: set {remedy}", probe.id));
        }
        for (source, scoping) in probe.sources() {
            let a_day = a_day(store.as_ref(), probe, scoping)?;
            let state = match (is_asked, has_credential, a_day) {
                (true, false, _) => "on, no credential",
                (true, true, None) => "on, no price",
                (true, true, Some(_)) => "on",
                (false, ..) => "off (see [inference])",
            };
            if *is_asked && has_credential {
                match a_day {
                    Some(most) => {
                        spend.asked += 1;
                        spend.most = spend.most.saturating_add(most);
                    }
                    None => spend.unpriced.push(source.to_string()),
                }
            }
            let clock = SourceClock::new(probe.schedule.clone(), &source);
            rows.push(Row {
                source: source.to_string(),
                state,
                schedule: probe.schedule.to_string(),
                firings: clock.next_firings(now, 5),
                usd_a_day: a_day.map(|most| most.normalize()),
            });
        }
    }
    Ok((rows, spend))
}

/// What a model costs a day at most, by its schedule; `None`: its prices are not known.
fn a_day(
    store: Option<&Store>,
    probe: &InferenceProbe,
    scoping: &Scoping,
) -> anyhow::Result<Option<Decimal>> {
    let prices = match store {
        Some(store) => prices(store, probe, scoping)?,
        None => probe.prices,
    };
    let Schedule::Every(every) = probe.schedule else {
        return Ok(None);
    };
    let calls = SignedDuration::from_hours(24).as_secs() / every.as_secs().max(1);
    let most = prices.most(&probe.recipe(scoping));
    Ok(most.map(|most| most.saturating_mul(Decimal::from(calls))))
}

/// The lines for people.
pub fn told(setup: &Setup, spend: &Spend) -> Vec<String> {
    let Some(budget) = setup.settings.inference.budget else {
        return Vec::new();
    };
    let daily = budget.daily.normalize();
    let mut lines = vec![format!(
        "models: {} asked; by their schedules they cost at most {} USD a day, the budget is {daily} USD{}",
        spend.asked,
        spend.most.round_dp(4).normalize(),
        match spend.most > budget.daily {
            true => ", which ends the day early if they do",
            false => "",
        }
    )];
    if spend.today.calls > 0 {
        lines.push(format!(
            "today: {} calls for {} USD",
            spend.today.calls,
            spend.today.committed().round_dp(4).normalize()
        ));
    }
    for name in &spend.unpriced {
        lines.push(format!(
            "{name} is not asked before its prices are known: no source has stated them, nor has its probe file ([inference.prices])"
        ));
    }
    lines
}
