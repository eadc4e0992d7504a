//! From the store to the report, and when it is due.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::indicators;
use super::watch::Watched;
use crate::alerting::{EVERYBODY, Policy, Watch};
use crate::landscape::Reference;
use crate::landscape::indicator::Baskets;
use crate::latency::{Measurement, is_good, summaries};
use crate::market::{ProviderKind, Severity, SourceId};
use crate::render::report::{Landscape, Report, SourceLine};
use crate::schedule::Schedule;
use crate::store::{
    ChangeFilter, Changes, Error, LatencyRow, Questions, QueuedMessage, Readings, SourceRecord,
    Sources, Store,
};

/// The milestone that remembers when the last report was queued.
pub const MILESTONE: &str = "report";

/// The titles of the watched probes, by source.
pub fn titles(watch: &[Watched]) -> HashMap<SourceId, String> {
    watch
        .iter()
        .map(|watched| (watched.source.clone(), watched.probe.title.clone()))
        .collect()
}

/// The last whole week, Monday to Monday, before a moment.
pub fn last_week(now: Timestamp, zone: &TimeZone) -> (Date, Date) {
    let today = now.to_zoned(zone.clone()).date();
    let since_monday = i64::from(today.weekday().since(Weekday::Monday));
    let to = today.saturating_sub(since_monday.days());
    (to.saturating_sub(7.days()), to)
}

/// The report of the days from `from` until before `to`, in the days of `zone`.
pub fn build(
    store: &impl Questions,
    titles: &HashMap<SourceId, String>,
    zone: &TimeZone,
    from: Date,
    to: Date,
    now: Timestamp,
) -> Result<Report, Error> {
    let begin = |day: Date| {
        day.to_zoned(zone.clone())
            .map_or_else(|_| crate::market::day_start(day), |zoned| zoned.timestamp())
    };
    let (since, until) = (begin(from), begin(to));
    let filter = ChangeFilter {
        all: true,
        since: Some(since),
        until: Some(until),
        ..ChangeFilter::default()
    };
    let measured = store.measurements(since, until)?;
    let readings = store.good_readings(since, until)?;
    let sources = store
        .sources()?
        .into_iter()
        .map(|record| {
            let good = readings.get(&record.id).copied().unwrap_or(0);
            source_line(record, titles, good)
        })
        .collect();
    Ok(Report {
        from,
        to,
        zone: zone.clone(),
        changes: store.changes(&filter)?,
        latency: summaries(measured.into_iter().map(measurement)),
        sources,
        landscape: Some(landscape(store, Default::default(), &[], (from, to), now)?),
        made_at: now,
    })
}

/// What indicators say of some days; they are days of UTC, whatever zone the report is in.
fn landscape(
    store: &impl Questions,
    kinds: BTreeMap<String, ProviderKind>,
    watches: &[Watch],
    (from, to): (Date, Date),
    now: Timestamp,
) -> Result<Landscape, Error> {
    let history = indicators::history(store, kinds, now)?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let last = to.saturating_sub(1.day()).min(today);
    Ok(Landscape {
        baskets: Arc::new(Baskets::new(&history, Reference::shipped(), last)),
        watched: indicators::watched(&history, watches),
        history: Arc::new(history),
        first: from,
        last,
    })
}

/// A kept measurement, summed up with others of its host.
pub fn measurement(row: LatencyRow) -> Measurement {
    let ok = is_good(&row.outcome);
    Measurement {
        group: row.host,
        at: row.at,
        phases: row.phases,
        ok,
    }
}

fn source_line(
    record: SourceRecord,
    titles: &HashMap<SourceId, String>,
    readings: u64,
) -> SourceLine {
    let state = match (&record.broken_since, record.last_outcome.as_deref()) {
        (Some(since), _) => format!("broken since {}", since.strftime("%Y-%m-%d")),
        (None, Some("ok" | "same" | "not_modified")) => "good".to_string(),
        (None, Some(_)) => record.last_detail.clone().unwrap_or_default(),
        (None, None) => "never asked".to_string(),
    };
    SourceLine {
        title: titles.get(&record.id).cloned().unwrap_or_default(),
        name: record.id.to_string(),
        state,
        last_good: record.accepted_at,
        failures: record.failures,
        readings,
    }
}

/// Queues the report of the last whole week if the schedule says so; gives the week. A report that was missed while
/// nothing ran is made up for once.
pub fn queue_if_due(
    store: &mut Store,
    schedule: &Schedule,
    zone: &TimeZone,
    titles: &HashMap<SourceId, String>,
    policy: &Policy,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    let Some(last) = store.milestone(MILESTONE)? else {
        return Ok(None);
    };
    if last > now {
        // the clock was set back since: the schedule counts from here
        store.transaction(|transaction| transaction.pass_milestone(MILESTONE, now))?;
        return Ok(None);
    }
    if policy.recipients.is_empty() || schedule.next_after(last).is_none_or(|next| next > now) {
        return Ok(None);
    }
    let (from, to) = last_week(now, zone);
    let report = build(store, titles, zone, from, to, now)?;
    queue(store, &report, policy, now)?;
    Ok(Some(format!("{from} to {}", to.saturating_sub(1.day()))))
}

/// Queues a report for every recipient. The same days are one report, however often they are queued.
pub fn queue(
    store: &mut Store,
    report: &Report,
    policy: &Policy,
    now: Timestamp,
) -> Result<(), Error> {
    let message = report.to_message();
    let key = format!("{} {}", report.from, report.to);
    store.transaction(|transaction| {
        transaction.pass_milestone(MILESTONE, now)?;
        transaction.queue_message(&QueuedMessage {
            key: &key,
            thread: None,
            kind: "report",
            severity: Severity::Info,
            route: EVERYBODY,
            recipients: &policy.recipients,
            message: &message,
            at: now,
            not_before: now,
        })
    })
}
