//! Providers side by side, and what each alone sells and ends.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::incidents;
use super::landscape::Found;
use crate::config::Probe;
use crate::landscape::{Cell, Row};
use crate::latency::is_good;
use crate::market::{Certainty, Indicator, LifecycleDate, ProviderKind, SourceId, Stage};
use crate::schedule::{Attempts, SourceClock, Turn};
use crate::store::{AllIncidents, Changes, Error, Indicators, Questions, SourceRecord, Sources};

/// News of so many days is counted.
pub const NEWS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What ends within so many days is counted.
pub const ENDS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What is told of one provider beside the others.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Which.
    pub provider: String,
    /// What kind of place it is, where a probe says.
    pub kind: Option<ProviderKind>,
    /// Models that can be had.
    pub models: usize,
    /// Models that are announced.
    pub to_come: usize,
    /// Regions that sources name for them.
    pub regions: usize,
    /// News of the last 7 days.
    pub news: u64,
    /// Models that end within 90 days for sure,
    pub firm: usize,
    /// and not before a day within 90 days.
    pub not_before: usize,
    /// Incidents that go on.
    pub incidents: usize,
    /// Sources that were asked,
    pub sources: usize,
    /// and of these those whose last answer was good.
    pub good: usize,
    /// The numbers of the last day that was counted, by name; those that are of the provider as a whole.
    pub counted: BTreeMap<String, Indicator>,
}

/// Every provider that sources speak of or that is asked, by name, and the day whose numbers they show.
///
/// # Errors
/// Those of the store.
pub fn lines(
    store: &impl Questions,
    whole: &Found,
    kinds: &BTreeMap<String, ProviderKind>,
    now: Timestamp,
) -> Result<(Vec<Line>, Option<Date>), Error> {
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let sources = store.sources()?;
    // whoever only tells of others sells nothing
    let sells = |name: &&str| kinds.get(*name) != Some(&ProviderKind::Registry);
    let asked = sources.iter().map(|source| source.provider.as_str());
    let asked = asked.filter(sells);
    let spoken_of = whole.spoken_of.iter().map(String::as_str);
    for provider in spoken_of.chain(asked) {
        lines.entry(provider.to_string()).or_insert_with(|| Line {
            provider: provider.to_string(),
            kind: kinds.get(provider).copied(),
            ..Line::default()
        });
    }
    count_models(&mut lines, whole, now);
    let since = now.checked_sub(NEWS).unwrap_or(Timestamp::MIN);
    let news = store.news_by_provider(since)?;
    let (own, stated) = store.open_incidents(now)?;
    let open = incidents::rows(own, stated);
    let day = store.last_counted()?;
    for line in lines.values_mut() {
        line.news = news.get(&line.provider).copied().unwrap_or(0);
        let its = open.iter().filter(|row| row.provider() == line.provider);
        line.incidents = its.count();
        let its = sources
            .iter()
            .filter(|source| source.provider.as_str() == line.provider);
        line.sources = its.clone().count();
        line.good = its.filter(|source| is_well(source)).count();
    }
    if let Some(day) = day {
        for (_, indicator) in store.indicators(day, day)? {
            let is_whole = indicator.of.is_empty();
            if let Some(line) = lines.get_mut(&*indicator.provider).filter(|_| is_whole) {
                line.counted.insert(indicator.name.to_string(), indicator);
            }
        }
    }
    Ok((lines.into_values().collect(), day))
}

/// Counts the models of every provider, the regions in which they can be had, and those that end soon.
fn count_models(lines: &mut BTreeMap<String, Line>, whole: &Found, now: Timestamp) {
    let mut regions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (provider, cell) in whole.matrix.rows.iter().flat_map(|row| &row.cells) {
        let Some(line) = lines.get_mut(provider) else {
            continue;
        };
        line.models += usize::from(is_there(cell));
        line.to_come += usize::from(cell.stage == Stage::Announced);
        if is_there(cell) {
            let named = cell.regions.iter().map(|region| &**region);
            regions.entry(provider).or_default().extend(named);
        }
        match cell.retires.filter(|day| is_within(day, now, ENDS)) {
            Some(day) if day.certainty == Certainty::Firm => line.firm += 1,
            Some(_) => line.not_before += 1,
            None => {}
        }
    }
    for (provider, regions) in regions {
        if let Some(line) = lines.get_mut(provider) {
            line.regions = regions.len();
        }
    }
}

/// Whether a model can be had.
pub fn is_there(cell: &Cell) -> bool {
    !matches!(cell.stage, Stage::Retired | Stage::Announced)
}

/// Whether a day is still to come and begins within so long.
pub fn is_within(day: &LifecycleDate, now: Timestamp, within: SignedDuration) -> bool {
    day.ends() > now && day.starts().duration_since(now) <= within
}

/// Whether the last answer of a source was good.
pub fn is_well(source: &SourceRecord) -> bool {
    source.broken_since.is_none() && source.last_outcome.as_deref().is_some_and(is_good)
}

/// Whether a model can be had at a provider and nowhere else; resellers count on neither side.
pub fn is_only_at(row: &Row, provider: &str, kinds: &BTreeMap<String, ProviderKind>) -> bool {
    let resells = |name: &str| kinds.get(name) == Some(&ProviderKind::Gateway);
    let there = row.cells.iter().filter(|(_, cell)| is_there(cell));
    let mut there = there.filter(|(name, _)| !resells(name));
    let first = there.next();
    first.is_some_and(|(name, _)| name == provider) && there.next().is_none()
}

/// A source of a provider: what is known of it, and when it is asked next.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which source.
    pub id: SourceId,
    /// What its probe asks, in one sentence.
    pub title: Option<String>,
    /// What is known of it; `None`: it has never been asked.
    pub record: Option<SourceRecord>,
    /// When it is asked next: now at the earliest. `None`: no longer, or its probe is off.
    pub next: Option<Timestamp>,
}

/// The sources of a provider: those that are asked, and those that once were, by name.
///
/// # Errors
/// Those of the store.
pub fn sources(
    store: &impl Questions,
    probes: &[(Probe, bool)],
    provider: &str,
    now: Timestamp,
) -> Result<Vec<Asked>, Error> {
    let records = store.sources()?;
    let its = records
        .into_iter()
        .filter(|record| record.provider.as_str() == provider);
    let mut all: BTreeMap<SourceId, Asked> = its
        .map(|record| {
            let asked = Asked {
                id: record.id.clone(),
                title: None,
                record: Some(record),
                next: None,
            };
            (asked.id.clone(), asked)
        })
        .collect();
    let own = probes
        .iter()
        .filter(|(probe, _)| probe.provider.as_str() == provider);
    for (probe, is_on) in own {
        for (id, _) in probe.sources() {
            if !is_on && !all.contains_key(&id) {
                continue;
            }
            let asked = all.entry(id.clone()).or_insert_with(|| Asked {
                id: id.clone(),
                title: None,
                record: None,
                next: None,
            });
            asked.title = Some(probe.title.clone());
            if *is_on {
                asked.next = Some(next(probe, &id, asked.record.as_ref(), now));
            }
        }
    }
    Ok(all.into_values().collect())
}

fn next(probe: &Probe, id: &SourceId, record: Option<&SourceRecord>, now: Timestamp) -> Timestamp {
    let attempts = Attempts {
        last: record.and_then(|record| record.last_at),
        consecutive_failures: record.map_or(0, |record| record.failures),
        retry_after: record.and_then(|record| record.retry_after),
    };
    match SourceClock::new(probe.schedule.clone(), id).turn(attempts, now) {
        Turn::Due { .. } => now,
        Turn::NotDue { next } => next,
    }
}
