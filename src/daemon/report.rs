//! From the store to the report, and when it is due.

mod courses;
mod measured;
mod questions;
mod workloads;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::watch::Watched;
use crate::alerting::{EVERYBODY, Matter, Policy};
use crate::config::{Objectives, ReportSettings};
use crate::landscape::Workload;
use crate::latency::{Measurement, is_good, summaries};
use crate::market::{OutgoingMessage, ProviderKind, RecordedChange, Severity, SourceId};
use crate::outlook::ends;
use crate::outlook::indicators;
use crate::render::report::{Facts, Landscape, Report, SourceLine, listed};
use crate::schedule::{Period, PeriodKind, Schedule};
use crate::store::{
    ChangeFilter, Changes, Error, LatencyRow, Questions, QueuedMessage, Readings, RenderedReport,
    ReportRecord, Reports, SourceRecord, Sources, Store, Transaction,
};

/// The milestone that remembers when the last report of its kind was made.
pub fn milestone(kind: PeriodKind) -> &'static str {
    match kind {
        PeriodKind::Weekly => "report",
        PeriodKind::Monthly => "report.monthly",
        PeriodKind::Early => "report.early",
    }
}

/// The milestone that remembers when something was found that is worth an early edition.
pub const WANTED: &str = "report.wanted";

/// Days that are looked ahead of a span.
const HORIZON: i64 = 180;

/// For whom reports are made.
#[derive(Debug, Clone)]
pub struct Audience {
    /// The titles of the watched probes, by source.
    pub titles: HashMap<SourceId, String>,
    /// In whose days and times.
    pub zone: TimeZone,
    /// What kind of place each provider is.
    pub kinds: BTreeMap<String, ProviderKind>,
    /// Who gets them, and what they watch.
    pub policy: Arc<Policy>,
    /// What they run.
    pub workloads: Vec<Workload>,
    /// What they expect of availability.
    pub objectives: Objectives,
    /// Whether what is watched is simulated.
    pub is_simulated: bool,
}

/// What a report is about, for whom.
struct Span<'a> {
    audience: &'a Audience,
    since: Timestamp,
    /// Its end, or now, if that comes first.
    until: Timestamp,
    addresses: HashMap<SourceId, String>,
}

impl Span<'_> {
    /// Whether a watch names a provider.
    fn is_watched(&self, provider: &str) -> bool {
        let mut watches = self.audience.policy.watches.iter();
        watches.any(|watch| watch.scope.providers.iter().any(|one| one == provider))
    }

    /// What ends within half a year of it.
    fn ahead(&self) -> ends::Ahead<'_> {
        ends::Ahead {
            from: self.until,
            as_of: true,
            days: HORIZON,
            policy: &self.audience.policy,
            addresses: &self.addresses,
        }
    }

    /// Where a source asks.
    fn url(&self, source: &SourceId) -> String {
        self.addresses.get(source).cloned().unwrap_or_default()
    }
}

/// The titles of the watched probes, by source.
pub fn titles(watch: &[Watched]) -> HashMap<SourceId, String> {
    watch
        .iter()
        .map(|watched| (watched.source.clone(), watched.probe.title.clone()))
        .collect()
}

/// The report of the days from `from` until before `to`, in the days of its audience.
pub fn build(
    store: &impl Questions,
    audience: &Audience,
    (from, to): (Date, Date),
    now: Timestamp,
) -> Result<Report, Error> {
    let (zone, titles) = (&audience.zone, &audience.titles);
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
    let records = store.sources()?;
    let sources = records.iter().filter_map(|record| {
        let good = readings.get(&record.id).copied().unwrap_or(0);
        Some(source_line(record, titles.get(&record.id)?, good))
    });
    let sources = sources.collect();
    let span = Span {
        audience,
        since,
        until: until.min(now),
        addresses: store.source_addresses()?,
    };
    let changes = store.changes(&filter)?;
    let speeds = measured::speeds(store, &span, now)?;
    Ok(Report {
        facts: Facts {
            has_watches: !audience.policy.watches.is_empty(),
            touched: touched(audience, &changes),
            workloads: workloads::workloads(store, &span, &changes)?,
            ends: ends::ends(store, &span.ahead())?,
            questions: questions::questions(store, &span)?,
            courses: courses::courses(store, &span, &speeds, now)?,
            strips: courses::strips(store, &span, now)?,
            speeds,
            uptimes: measured::uptimes(store, &span, now)?,
            incidents: measured::incidents(store, &span, &changes)?,
            readings: store.outcomes(since, until)?,
            missed: records.iter().map(|record| record.missed).sum(),
        },
        from,
        to,
        zone: zone.clone(),
        changes,
        latency: summaries(measured.into_iter().map(measurement)),
        sources,
        landscape: landscape(store, &span, now)?,
        is_early: false,
        is_simulated: audience.is_simulated,
        made_at: now,
    })
}

/// What indicators say of a span: of the days of UTC that end in it and are over. So every day is told of in one report, whatever
/// zone its readers are in; `None` where no day is.
fn landscape(
    store: &impl Questions,
    span: &Span<'_>,
    now: Timestamp,
) -> Result<Option<Landscape>, Error> {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let first = day(span.since);
    let last = day(span.until.min(now)).saturating_sub(1.day());
    if first > last {
        return Ok(None);
    }
    let audience = span.audience;
    let history = indicators::history(store, audience.kinds.clone(), now)?;
    let watched = indicators::watched(&history, &audience.policy.watches);
    let topics = indicators::topics(store, &audience.policy.watches, (first, last))?;
    Ok(Some(Landscape::new(
        history,
        watched,
        (first, last),
        topics,
    )))
}

/// The watches that listed changes touch.
fn touched(audience: &Audience, changes: &[RecordedChange]) -> BTreeMap<String, Vec<String>> {
    let mut touched = BTreeMap::new();
    for recorded in listed(changes) {
        let change = &recorded.change;
        let names = audience.policy.touched(&Matter::new(change, None));
        if !names.is_empty() {
            let names = names.into_iter().map(str::to_string).collect();
            touched.insert(change.id.0.clone(), names);
        }
    }
    touched
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

fn source_line(record: &SourceRecord, title: &str, readings: u64) -> SourceLine {
    let state = match (&record.broken_since, record.last_outcome.as_deref()) {
        (Some(since), _) => format!("broken since {}", since.strftime("%Y-%m-%d")),
        (None, Some("ok" | "same" | "not_modified")) => "good".to_string(),
        (None, Some(_)) => record.last_detail.clone().unwrap_or_default(),
        (None, None) => "never asked".to_string(),
    };
    SourceLine {
        title: title.to_string(),
        name: record.id.to_string(),
        state,
        last_good: record.accepted_at,
        failures: record.failures,
        readings,
    }
}

/// The kinds of report whose schedule has fired since the last of their kind was made. Of those that were missed while
/// nothing ran, the last one is made up for.
pub fn due(
    store: &mut Store,
    settings: &ReportSettings,
    now: Timestamp,
) -> Result<Vec<PeriodKind>, Error> {
    let mut kinds = Vec::new();
    for (kind, schedule) in settings.scheduled() {
        if is_due(store, kind, schedule, now)? {
            kinds.push(kind);
        }
    }
    if settings.early && is_wanted(store)? {
        kinds.push(PeriodKind::Early);
    }
    Ok(kinds)
}

/// Whether something was found since the last early edition that is worth one.
fn is_wanted(store: &Store) -> Result<bool, Error> {
    let made = store.milestone(milestone(PeriodKind::Early))?;
    let wanted = store.milestone(WANTED)?;
    Ok(wanted.is_some_and(|wanted| made.is_none_or(|made| made < wanted)))
}

/// Notes that the report of a kind is made. An early one is made for all that was wanted, also by a clock that was ahead.
fn note(transaction: &Transaction<'_>, kind: PeriodKind, now: Timestamp) -> Result<(), Error> {
    let wanted = match kind {
        PeriodKind::Early => transaction.milestone(WANTED)?,
        PeriodKind::Weekly | PeriodKind::Monthly => None,
    };
    let at = wanted.map_or(now, |wanted| wanted.max(now));
    transaction.pass_milestone(milestone(kind), at)
}

/// Whether a schedule has fired since the last report of its kind. What was never made, and what was made in a future that a
/// clock told of, counts from now on.
fn is_due(
    store: &mut Store,
    kind: PeriodKind,
    schedule: &Schedule,
    now: Timestamp,
) -> Result<bool, Error> {
    match store.milestone(milestone(kind))? {
        Some(last) if last <= now => {
            let next = schedule.next_after(last);
            Ok(next.is_some_and(|next| next <= now))
        }
        _ => {
            store.transaction(|transaction| transaction.pass_milestone(milestone(kind), now))?;
            Ok(false)
        }
    }
}

/// A report that is made, and neither kept nor told yet.
#[derive(Debug)]
pub struct Made {
    period: Period,
    record: ReportRecord,
    rendered: RenderedReport,
    message: OutgoingMessage,
}

/// The period of a kind that is to be reported at a moment; `None` if that was done before: no period is reported twice, whatever
/// the clock does.
pub fn wanted(
    store: &mut Store,
    kind: PeriodKind,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Option<Period>, Error> {
    let period = Period::last_before(kind, now.to_zoned(zone.clone()).date());
    if !store.has_report(&period.key())? {
        return Ok(Some(period));
    }
    store.transaction(|transaction| note(transaction, kind, now))?;
    Ok(None)
}

/// Makes the report of a period. It takes a while: whoever writes must not wait for it.
pub fn make(
    store: &impl Questions,
    audience: &Audience,
    period: Period,
    now: Timestamp,
) -> Result<Made, Error> {
    let _view = store.view()?;
    let mut report = build(store, audience, (period.from, period.to), now)?;
    report.is_early = period.kind == PeriodKind::Early;
    let message = report.to_message();
    Ok(Made {
        period,
        record: ReportRecord {
            period: period.key(),
            kind: period.kind.word().to_string(),
            first: period.from,
            last: period.to.saturating_sub(1.day()),
            zone: audience.zone.iana_name().unwrap_or_default().to_string(),
            made_at: now,
            subject: message.subject.clone(),
        },
        rendered: RenderedReport {
            html: report.to_html(),
            json: format!("{:#}\n", report.to_json()),
            text: message.text.clone(),
        },
        message,
    })
}

/// Archives a report and queues it for every recipient, or neither; whether it is the first of its period.
pub fn keep(
    store: &mut Store,
    made: &Made,
    recipients: &[String],
    now: Timestamp,
) -> Result<bool, Error> {
    let period = made.period;
    let key = match period.kind {
        PeriodKind::Weekly | PeriodKind::Monthly => format!("{} {}", period.from, period.to),
        PeriodKind::Early => period.key(),
    };
    store.transaction(|transaction| {
        note(transaction, period.kind, now)?;
        let is_new = transaction.archive_report(&made.record, &made.rendered)?;
        if is_new && !recipients.is_empty() {
            transaction.queue_message(&QueuedMessage {
                key: &key,
                thread: None,
                kind: "report",
                severity: Severity::Info,
                route: EVERYBODY,
                recipients,
                message: &made.message,
                at: now,
                not_before: now,
            })?;
        }
        Ok(is_new)
    })
}
