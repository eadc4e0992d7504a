//! From the store to the history that indicators are counted from, and to the numbers of any day.

mod measured;

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Map, Value as Json, json};

use crate::alerting::Watch;
use crate::config::Probe;
use crate::landscape::History;
use crate::landscape::indicator::Reckoning;
use crate::landscape::shift::{Shifted, topic_shifts};
use crate::market::{
    Cell, ChangeKind, Column, ColumnKind, Indicator, ProviderKind, Tabular, day_start,
};
use crate::render::{shifted_line, shifted_title};
use crate::store::{ChangeFilter, Changes, Error, Offerings, Questions, Readings};

/// What was not read for longer may have changed at any time since.
const LONGEST_GAP: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What kind of place each provider is, as far as probes say.
pub fn kinds<P: Borrow<Probe>>(
    probes: impl IntoIterator<Item = P>,
) -> BTreeMap<String, ProviderKind> {
    let of = |probe: P| {
        let probe = probe.borrow();
        (probe.provider.to_string(), probe.provider_kind)
    };
    probes.into_iter().map(of).collect()
}

/// What every model was everywhere, up to a moment.
///
/// # Errors
/// Those of the store.
pub fn history(
    store: &impl Questions,
    kinds: BTreeMap<String, ProviderKind>,
    now: Timestamp,
) -> Result<History, Error> {
    let _view = store.view()?;
    let spells = store.spells(&History::attributes(), now)?;
    let late = store.came_late(&spells, LONGEST_GAP)?;
    Ok(History::new(&spells, kinds, now).coming_late(late))
}

/// The models of a history that are watched by name.
pub fn watched(history: &History, watches: &[Watch]) -> BTreeSet<String> {
    let patterns: Vec<_> = watches
        .iter()
        .flat_map(|watch| &watch.scope.models)
        .collect();
    let models = history.models().map(|(model, _)| model);
    models
        .filter(|model| patterns.iter().any(|pattern| pattern.names(model)))
        .map(ToString::to_string)
        .collect()
}

/// Every indicator of a day.
///
/// # Errors
/// Those of the store.
pub fn of_day(
    store: &impl Questions,
    reckoning: &Reckoning<'_>,
    day: Date,
    now: Timestamp,
) -> Result<Vec<Indicator>, Error> {
    let mut all = reckoning.on(day);
    all.extend(measured::measured(store, day, now)?);
    Ok(all)
}

/// What watched topics name and came to another stage on these days, both included.
///
/// # Errors
/// Those of the store.
pub fn topics(
    store: &impl Questions,
    watches: &[Watch],
    (from, to): (Date, Date),
) -> Result<Vec<Shifted>, Error> {
    let topics: Vec<String> = watches
        .iter()
        .flat_map(|watch| watch.scope.topics.iter().cloned())
        .collect();
    if topics.is_empty() {
        return Ok(Vec::new());
    }
    let changes = store.changes(&ChangeFilter {
        since: Some(day_start(from)),
        until: Some(day_start(to.saturating_add(1.day()))),
        kind: Some(ChangeKind::StageChanged),
        ..ChangeFilter::default()
    })?;
    Ok(topic_shifts(&changes, &topics))
}

/// A number of a day as programs read it.
pub struct IndicatorRow {
    /// The day.
    pub day: Date,
    /// The number.
    pub indicator: Indicator,
}

impl Tabular for IndicatorRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("day", ColumnKind::Text),
        Column::new("name", ColumnKind::Text),
        Column::new("provider", ColumnKind::Text),
        Column::new("of", ColumnKind::Text),
        Column::new("value", ColumnKind::Figure),
        Column::new("n", ColumnKind::Count),
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let indicator = &self.indicator;
        let stated = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let n = indicator.n.and_then(|n| i64::try_from(n).ok());
        vec![
            Cell::text(Some(self.day.to_string())),
            Cell::text(Some(&*indicator.name)),
            Cell::text(stated(&*indicator.provider)),
            Cell::text(stated(&*indicator.of)),
            Cell::Figure(indicator.value),
            n.map_or(Cell::Missing, Cell::Count),
        ]
    }
}

/// A shift with the keys that programs read.
pub fn shift_object(shifted: &Shifted) -> Map<String, Json> {
    let object = json!({
        "day": shifted.day.to_string(),
        "provider": shifted.shift.provider(),
        "subject": shifted.shift.subject(),
        "title": shifted_title(&shifted.shift),
        "text": shifted_line(&shifted.shift),
    });
    object.as_object().cloned().unwrap_or_default()
}
