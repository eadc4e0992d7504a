//! How the landscape is: who offers what, what of the watched models retires, and what it costs.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive as _;

use super::board::{Board, labels};
use crate::landscape::Row;
use crate::market::{Certainty, Price};
use crate::outlook::published::concerns;
use crate::store::AllIncidents as _;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;

/// Watched models of which prices and days are told, at most.
const WATCHED: usize = 200;

/// Adds it.
pub(super) fn add(board: &mut Board, asked: &Asked<'_>) -> Result<(), Refusal> {
    let found = asked.site.landscape(asked.store, asked.now)?;
    let rows = &found.matrix.rows;
    let mut offerings: BTreeMap<&str, usize> = BTreeMap::new();
    let mut models: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (provider, cell) in rows.iter().flat_map(|row| &row.cells) {
        *offerings.entry(provider).or_default() += cell.offerings;
        *models.entry((provider, cell.stage.word())).or_default() += 1;
    }
    board.gauges(
        "bellwether_offerings",
        "Offerings of known models, by provider",
        offerings
            .into_iter()
            .map(|(provider, n)| (labels([("provider", provider)]), n as f64))
            .collect(),
    );
    board.gauges(
        "bellwether_models",
        "Known models, by provider and stage",
        models
            .into_iter()
            .map(|((provider, stage), n)| {
                let labels = labels([("provider", provider), ("stage", stage)]);
                (labels, n as f64)
            })
            .collect(),
    );
    prices(board, asked, rows);
    retirements(board, asked)?;
    let (own, stated) = asked.store.open_incidents(asked.now)?;
    let mut open: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let own = own.iter().map(|one| (one.provider.as_str(), "ours"));
    let stated = stated.iter().map(|one| (one.provider.as_str(), "page"));
    for key in own.chain(stated) {
        *open.entry(key).or_default() += 1;
    }
    board.gauges(
        "bellwether_incidents_open",
        "Incidents that go on, by provider and by who says so",
        open.into_iter()
            .map(|((provider, by), n)| (labels([("provider", provider), ("by", by)]), n as f64))
            .collect(),
    );
    Ok(())
}

fn prices(board: &mut Board, asked: &Asked<'_>, rows: &[Row]) {
    let watches = &asked.site.means.settings.alerts.watches;
    let is_watched = |row: &&Row| {
        let mut patterns = watches.iter().flat_map(|watch| &watch.scope.models);
        patterns.any(|pattern| pattern.names(&row.model))
    };
    let mut all = Vec::new();
    for row in rows.iter().filter(is_watched).take(WATCHED) {
        for (provider, cell) in &row.cells {
            let mut add = |meter: &str, price: &Option<Price>| {
                let amount = price.as_ref().and_then(|price| price.amount.to_f64());
                let named = labels([
                    ("provider", provider),
                    ("model", &row.model),
                    ("meter", meter),
                ]);
                all.extend(amount.map(|amount| (named, amount)));
            };
            add("input", &cell.input);
            add("output", &cell.output);
        }
    }
    board.gauges(
        "bellwether_price_usd_per_million_tokens",
        "The lowest list price of watched models",
        all,
    );
}

fn retirements(board: &mut Board, asked: &Asked<'_>) -> Result<(), Refusal> {
    let watches = &asked.site.means.settings.alerts.watches;
    let mut days: BTreeMap<(String, String, &str), f64> = BTreeMap::new();
    let kind = crate::market::DateKind::Retires;
    // nobody is told of days where nothing is watched
    let all = match watches.is_empty() {
        true => Arc::default(),
        false => asked.site.milestones(asked.store, asked.now)?,
    };
    let found = all.iter();
    for one in found.filter(|one| one.kind == kind && one.date.ends() > asked.now) {
        let mut watches = watches.iter();
        let is_watched = watches.any(|watch| concerns(one, None, None, Some(watch)));
        if !is_watched || days.len() >= WATCHED {
            continue;
        }
        let certainty = match one.date.certainty {
            Certainty::Firm => "firm",
            Certainty::NotBefore => "not_before",
        };
        let left = one.date.starts().duration_since(asked.now);
        let left = left.as_secs_f64();
        let key = (one.provider.clone(), one.name.clone(), certainty);
        let nearest = days.entry(key).or_insert(left);
        *nearest = nearest.min(left);
    }
    board.gauges(
        "bellwether_time_until_retirement_seconds",
        "How long it is until a watched version retires, the nearest where there are several",
        days.into_iter()
            .map(|((provider, name, certainty), left)| {
                let labels = labels([
                    ("provider", &provider),
                    ("model", &name),
                    ("certainty", certainty),
                ]);
                (labels, left)
            })
            .collect(),
    );
    Ok(())
}
