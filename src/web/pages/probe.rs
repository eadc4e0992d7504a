//! One probe or endpoint: how it is declared, how its sources stand, its last fetches as waterfalls of their phases.

mod endpoint;
mod waterfall;

use minijinja::Value as Safe;
use serde::Serialize;

use super::probes::{record_of, records, state_in_words};
use crate::config::Probe;
use crate::latency::is_good;
use crate::market::SourceId;
use crate::outlook::moments::age;
use crate::outlook::rows;
use crate::outlook::watching::{confirming, credential, meaning, next_asked, probe_state};
use crate::render::link;
use crate::store::{LateReading, Lately as _, SourceRecord, Sources as _};
use crate::web::answer::Answer;
use crate::web::links;
use crate::web::page::{self, Moment};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::{spoken, told_at, visible};

/// Fetches of a source that are shown, of a probe with few sources and with many.
const FETCHES: u32 = 10;
const FETCHES_OF_MANY: u32 = 2;
/// Sources with more fetches each.
const FEW: usize = 4;
/// Sources that are shown.
const SOURCES: usize = 60;
/// Characters of a foreign text.
const TEXT: usize = 500;
/// Lines of what was not expected.
const UNEXPECTED: usize = 20;

#[derive(Serialize)]
struct View {
    title: String,
    provider: (String, String),
    state: String,
    facts: Vec<(&'static str, String)>,
    headers: Vec<String>,
    /// The provider's own page.
    page: Option<String>,
    sources: Vec<SourceView>,
    more: usize,
}

#[derive(Serialize)]
struct SourceView {
    name: String,
    url: String,
    state: String,
    is_good: bool,
    is_known: bool,
    last: Option<Moment>,
    last_good: Option<(Moment, String)>,
    baseline: Option<Moment>,
    next: Option<Moment>,
    items: Option<u64>,
    failures: u32,
    missed: u64,
    unexpected: Vec<String>,
    more_unexpected: usize,
    fetches: Vec<Fetch>,
}

/// One fetch or check.
#[derive(Serialize)]
pub(super) struct Fetch {
    at: Moment,
    outcome: String,
    is_good: bool,
    detail: Option<String>,
    status: Option<u16>,
    /// Bytes of the body.
    bytes: Option<u64>,
    host: Option<String>,
    is_imported: bool,
    waterfall: Option<Safe>,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let id = asked.query.part("id");
    let means = &asked.site.means;
    let named = means.probes.iter().find(|(one, _)| one.id.as_str() == id);
    if let Some((probe, is_asked)) = named {
        let view = view(asked, probe, *is_asked)?;
        return page::page(asked.site, ("/probes", id), "probe.html", &view);
    }
    let mut endpoints = means.endpoints.iter();
    match endpoints.find(|(one, _)| one.id.as_str() == id) {
        Some((endpoint, is_checked)) => endpoint::page(asked, endpoint, *is_checked),
        None => {
            let id: String = id.chars().take(80).collect();
            Err(Refusal::Missing(format!(
                "no probe or endpoint is declared as {id}"
            )))
        }
    }
}

fn view(asked: &Asked<'_>, probe: &Probe, is_asked: bool) -> Result<View, Refusal> {
    let provider = probe.provider.as_str();
    let records = records(asked)?;
    let all = probe.scopes.len();
    let most = match all <= FEW {
        true => FETCHES,
        false => FETCHES_OF_MANY,
    };
    let mut sources = Vec::new();
    for (source, scoping) in probe.sources().take(SOURCES) {
        let url = probe.url(scoping, false).unwrap_or_default();
        let record = record_of(&records, &source);
        let next = match is_asked {
            true => next_asked(probe, &source, record, asked.now),
            false => None,
        };
        let fetches = fetches(asked, &source, most)?;
        let mut view = source_view(asked, &source, record, url);
        view.next = next.map(|at| told_at(asked, at));
        view.fetches = fetches;
        sources.push(view);
    }
    // an address with placeholders leads nowhere
    let page = link(&probe.request.url).filter(|_| !probe.request.url.contains('{'));
    Ok(View {
        title: probe.title.clone(),
        provider: (links::provider(provider), provider.to_string()),
        state: state_in_words(probe_state(probe, is_asked)),
        facts: facts(probe, page.is_none()),
        headers: probe
            .request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect(),
        page,
        sources,
        more: all.saturating_sub(SOURCES),
    })
}

/// As `probe show` tells it: no secret is part of a declaration.
fn facts(probe: &Probe, with_address: bool) -> Vec<(&'static str, String)> {
    let needs: Vec<&str> = probe.needs.iter().map(|need| need.right.as_str()).collect();
    let mut facts = vec![
        ("Kind of provider", probe.provider_kind.word().to_string()),
        ("Authority", probe.authority.word().replace('-', " ")),
        ("Means", meaning(probe).to_string()),
        ("Schedule", probe.schedule.to_string()),
        (
            "Reader",
            format!(
                "{} (version {})",
                probe.reader.word(),
                probe.reader.version()
            ),
        ),
        ("Confirms", confirming(probe)),
    ];
    facts.extend(with_address.then(|| ("Asks", probe.request.url.clone())));
    let follow = probe.request.follow.as_ref();
    facts.extend(follow.map(|follow| ("Then each item at", follow.url.clone())));
    let fallback = probe.request.fallback_url.as_ref();
    facts.extend(fallback.map(|fallback| ("Or else", fallback.clone())));
    facts.push(("Credential", credential(probe)));
    if !needs.is_empty() {
        facts.push(("Needs", needs.join(", ")));
    }
    if !probe.unset.is_empty() {
        let (id, names) = (&probe.id, probe.unset.join(", "));
        facts.push(("Waits for", format!("{names} under [scopes.\"{id}\"]")));
    }
    facts
}

fn source_view(
    asked: &Asked<'_>,
    source: &SourceId,
    record: Option<&SourceRecord>,
    url: String,
) -> SourceView {
    let moment = |at: Option<jiff::Timestamp>| at.map(|at| told_at(asked, at));
    let state = record.map_or("never asked".to_string(), rows::state);
    let unexpected = record.and_then(|record| record.unexpected.as_deref());
    let lines: Vec<&str> = unexpected.map_or_else(Vec::new, |all| all.lines().collect());
    let accepted = record.and_then(|record| record.accepted_at);
    SourceView {
        name: source.to_string(),
        url,
        is_good: state == "good",
        is_known: record.is_some(),
        state: visible(&state, TEXT),
        last: moment(record.and_then(|record| record.last_at)),
        last_good: accepted.map(|at| (told_at(asked, at), age(asked.now, at))),
        baseline: moment(record.and_then(|record| record.baseline_at)),
        next: None,
        items: record.and_then(|record| record.items),
        failures: record.map_or(0, |record| record.failures),
        missed: record.map_or(0, |record| record.missed),
        more_unexpected: lines.len().saturating_sub(UNEXPECTED),
        unexpected: lines
            .iter()
            .take(UNEXPECTED)
            .map(|line| visible(line, TEXT))
            .collect(),
        fetches: Vec::new(),
    }
}

fn fetches(asked: &Asked<'_>, source: &SourceId, most: u32) -> Result<Vec<Fetch>, Refusal> {
    let Some(row) = asked.store.source(source)? else {
        return Ok(Vec::new());
    };
    let readings = asked.store.last_readings(&row, most)?;
    let longest = readings.iter().map(|one| waterfall::whole(&one.phases));
    let longest = longest.max().unwrap_or(0);
    Ok(readings
        .into_iter()
        .map(|reading| fetch(asked, reading, longest))
        .collect())
}

fn fetch(asked: &Asked<'_>, reading: LateReading, longest: i128) -> Fetch {
    Fetch {
        at: told_at(asked, reading.at),
        is_good: is_good(&reading.outcome),
        outcome: outcome_in_words(&reading.outcome),
        detail: reading.detail.map(|detail| visible(&detail, TEXT)),
        status: reading.status,
        bytes: (reading.bytes > 0).then_some(reading.bytes),
        host: reading.host.map(|host| visible(&host, TEXT)),
        is_imported: reading.imported,
        waterfall: waterfall::drawn(&reading.phases, longest).map(Safe::from_safe_string),
    }
}

/// How a fetch ended, for people.
fn outcome_in_words(outcome: &str) -> String {
    match outcome {
        "ok" => "read".to_string(),
        "same" => "the same body as before".to_string(),
        "not_modified" => "not modified, says the host".to_string(),
        other => spoken(other),
    }
}
