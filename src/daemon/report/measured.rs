//! What was measured in a span: how fast and how reliably providers answered, and their incidents.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Span;
use crate::latency::{RollUp, Sketch, cover};
use crate::market::{RecordedChange, SubjectKind};
use crate::outlook::availability;
use crate::outlook::incidents::{Row, evidence, measured, page, rows};
use crate::render::report::{IncidentLine, SpeedLine, UptimeLine};
use crate::store::{AllIncidents, AllSeries, Error, Questions, Series, SeriesKind};

/// The span of the same length before.
fn before(span: &Span<'_>) -> (Timestamp, Timestamp) {
    let length = span.until.duration_since(span.since);
    let since = span.since.checked_sub(length).unwrap_or(Timestamp::MIN);
    (since, span.since)
}

/// What is told of in one line: a model or an endpoint in a region, of a provider.
pub(super) type Asked = (String, bool, String);

#[derive(Debug, Default)]
struct Answers {
    durations: Sketch,
    failed: u64,
}

fn answers(
    store: &impl Questions,
    (since, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<BTreeMap<Asked, Answers>, Error> {
    let mut found: BTreeMap<Asked, Answers> = BTreeMap::new();
    store.windows(&cover(since, until, now), |series, _, figures| {
        if let (Some(key), Some(durations)) = (asked(series), answered(series, &figures)) {
            let answers = found.entry(key).or_default();
            answers.durations.merge(durations);
            answers.failed += figures.failed();
        }
    })?;
    Ok(found)
}

/// The line in which a series is told; a source has none.
pub(super) fn asked(series: &Series) -> Option<Asked> {
    let name = match series.kind {
        SeriesKind::Model => place(&series.model, &series.region),
        SeriesKind::Endpoint => place(&series.way, &series.region),
        SeriesKind::Source => return None,
    };
    let is_model = series.kind == SeriesKind::Model;
    Some((series.provider.clone(), is_model, name))
}

/// What is told of how fast a series answered: of a model until its first token, of an endpoint until the last byte.
pub(super) fn answered<'a>(series: &Series, figures: &'a RollUp) -> Option<&'a Sketch> {
    match series.kind {
        SeriesKind::Model => Some(&figures.first_token),
        SeriesKind::Endpoint => Some(&figures.total),
        SeriesKind::Source => None,
    }
}

fn place(what: &str, region: &str) -> String {
    match (what, region) {
        (what, "") => what.to_string(),
        ("", region) => region.to_string(),
        (what, region) => format!("{what} in {region}"),
    }
}

/// How fast models and endpoints answered; what is watched first.
pub fn speeds(
    store: &impl Questions,
    span: &Span<'_>,
    now: Timestamp,
) -> Result<Vec<SpeedLine>, Error> {
    let found = answers(store, (span.since, span.until), now)?;
    let earlier = match found.is_empty() {
        true => BTreeMap::new(),
        false => answers(store, before(span), now)?,
    };
    let mut lines: Vec<SpeedLine> = found
        .into_iter()
        .map(|(key, answers)| {
            let earlier = earlier.get(&key).map(|earlier| &earlier.durations);
            let (provider, is_model, name) = key;
            SpeedLine {
                n: answers.durations.n(),
                failed: answers.failed,
                p50: answers.durations.percentile(50),
                p95: answers.durations.percentile(95),
                p99: answers.durations.percentile(99),
                before: earlier.and_then(|earlier| earlier.percentile(50)),
                before_n: earlier.map_or(0, Sketch::n),
                provider,
                is_model,
                name,
            }
        })
        .collect();
    lines.sort_by_key(|line| !span.is_watched(&line.provider));
    Ok(lines)
}

/// How much of the span each provider's endpoints and models were up, by region; what is watched first.
pub fn uptimes(
    store: &impl Questions,
    span: &Span<'_>,
    now: Timestamp,
) -> Result<Vec<UptimeLine>, Error> {
    let is_wanted = |series: &Series| series.kind != SeriesKind::Source;
    let names = |series: &Series| vec![series.provider.clone(), series.region.clone()];
    let of = |of| availability::groups(store, of, now, is_wanted, names);
    let found = of((span.since, span.until))?;
    let earlier = match found.is_empty() {
        true => Vec::new(),
        false => of(before(span))?,
    };
    let earlier: BTreeMap<&[String], Option<f64>> = earlier
        .iter()
        .map(|group| (group.names.as_slice(), group.found.by_duration()))
        .collect();
    let mut lines: Vec<UptimeLine> = found
        .iter()
        .map(|group| {
            let mut names = group.names.iter().cloned();
            let provider = names.next().unwrap_or_default();
            UptimeLine {
                objective: span.audience.objectives.of(&provider),
                provider,
                region: names.next().unwrap_or_default(),
                by_duration: group.found.by_duration(),
                before: earlier.get(group.names.as_slice()).copied().flatten(),
                down: group.found.down,
                by_request: group.found.by_request(),
                n: group.found.good + group.found.bad,
            }
        })
        .collect();
    lines.sort_by_key(|line| !span.is_watched(&line.provider));
    Ok(lines)
}

/// The incidents that have a part in the span, ours and the pages', and who saw each first; what is watched first.
pub fn incidents(
    store: &impl Questions,
    span: &Span<'_>,
    changes: &[RecordedChange],
) -> Result<Vec<IncidentLine>, Error> {
    let own = store.own_incidents(span.since, span.until)?;
    let stated = store.stated_incidents(span.since, span.until)?;
    let told: BTreeMap<(&str, &str), &RecordedChange> = changes
        .iter()
        .filter(|recorded| recorded.change.subject.kind == SubjectKind::Incident)
        .map(|recorded| {
            let subject = &recorded.change.subject;
            let key = (subject.provider.as_str(), subject.native_id.as_str());
            (key, recorded)
        })
        .collect();
    let line = |row: Row| {
        let stated = row.stated.as_ref();
        let told = stated.and_then(|stated| {
            let key = (stated.provider.as_str(), stated.id.as_str());
            told.get(&key).copied()
        });
        let link = stated.and_then(|stated| stated.link.clone());
        IncidentLine {
            provider: row.provider().to_string(),
            began: row.begin(),
            ended: row.end().filter(|end| *end < span.until),
            measured: row.own.as_ref().map(measured),
            evidence: row.own.as_ref().map(evidence),
            stated: stated.map(page),
            url: link
                .or(told.map(|told| told.url.clone()))
                .unwrap_or_default(),
            id: told.map(|told| told.change.id.0.clone()),
            lead: row.lead,
        }
    };
    let mut lines: Vec<IncidentLine> = rows(own, stated).into_iter().map(line).collect();
    lines.sort_by_key(|line| !span.is_watched(&line.provider));
    Ok(lines)
}
