//! What is asked: every declared probe and endpoint, how it stands, and why it is not asked if it is not.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::config::Probe;
use crate::market::{ProbeId, Scope, SourceId};
use crate::outlook::moments::age;
use crate::outlook::rows;
use crate::outlook::watching::{endpoint_state, next_asked, probe_state};
use crate::schedule::duration_to_text;
use crate::store::{SourceRecord, Sources as _};
use crate::web::answer::Answer;
use crate::web::links;
use crate::web::page::{self, Moment};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::{Choice, choices, one_of, told_at, visible};

/// Characters of a foreign text.
const TEXT: usize = 300;
/// What a probe may be asked for by.
const STATES: [&str; 4] = ["good", "troubled", "waiting", "off"];

#[derive(Serialize)]
struct View {
    providers: Vec<Choice>,
    states: Vec<Choice>,
    is_narrowed: bool,
    asked: usize,
    troubled: usize,
    probes: Vec<ProbeView>,
    endpoints: Vec<EndpointView>,
    all: usize,
}

#[derive(Serialize)]
struct ProbeView {
    id: String,
    link: String,
    title: String,
    authority: String,
    schedule: String,
    state: String,
    /// `good`, `troubled`, `waiting` or `off`.
    class: &'static str,
    sources: usize,
    outcome: String,
    last_good: Option<String>,
    next: Option<Moment>,
    items: Option<u64>,
    /// Whether it has ever been asked.
    is_known: bool,
    failures: u32,
    missed: u64,
    unexpected: usize,
}

#[derive(Serialize)]
struct EndpointView {
    id: String,
    link: String,
    title: String,
    every: String,
    state: String,
    scopes: usize,
}

/// Makes the page.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let means = &asked.site.means;
    let records = records(asked)?;
    let mut names: Vec<&str> = means
        .probes
        .iter()
        .map(|(probe, _)| probe.provider.as_str())
        .chain(means.endpoints.iter().map(|(e, _)| e.provider.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    let provider = one_of(&asked.query, "provider", &names)?;
    let state = one_of(&asked.query, "state", STATES)?;
    let all: Vec<ProbeView> = means
        .probes
        .iter()
        .filter(|(probe, _)| provider.is_none_or(|name| name == probe.provider.as_str()))
        .map(|(probe, is_asked)| probe_view(asked, probe, *is_asked, &records))
        .collect();
    let count = |class: &str| all.iter().filter(|probe| probe.class == class).count();
    let troubled = count("troubled");
    let view = View {
        asked: all.len() - count("off"),
        troubled,
        all: all.len(),
        is_narrowed: provider.is_some() || state.is_some(),
        providers: choices(names.iter().copied(), provider),
        states: choices(STATES, state),
        probes: sorted(all, state),
        endpoints: means
            .endpoints
            .iter()
            .filter(|(endpoint, _)| provider.is_none_or(|name| name == endpoint.provider.as_str()))
            .filter(|_| state.is_none())
            .map(|(endpoint, is_checked)| EndpointView {
                link: links::probe(endpoint.id.as_str()),
                id: endpoint.id.to_string(),
                title: endpoint.title.clone(),
                every: format!("every {}", duration_to_text(endpoint.every)),
                state: state_in_words(endpoint_state(endpoint, *is_checked)),
                scopes: endpoint.scopes.len(),
            })
            .collect(),
    };
    page::page(asked.site, ("/probes", "Probes"), "probes.html", &view)
}

/// Those in trouble first, then those that are asked, then those that are not.
fn sorted(mut probes: Vec<ProbeView>, state: Option<&str>) -> Vec<ProbeView> {
    probes.retain(|probe| state.is_none_or(|state| state == probe.class));
    probes.sort_by_key(|probe| match probe.class {
        "troubled" => 0,
        "good" => 1,
        "waiting" => 2,
        _ => 3,
    });
    probes
}

/// Every source that was ever asked.
pub(super) fn records(
    asked: &Asked<'_>,
) -> Result<BTreeMap<(ProbeId, Scope), SourceRecord>, Refusal> {
    let sources = asked.store.sources()?.into_iter();
    Ok(sources
        .map(|record| ((record.id.probe.clone(), record.id.scope.clone()), record))
        .collect())
}

/// The record of a source.
pub(super) fn record_of<'a>(
    records: &'a BTreeMap<(ProbeId, Scope), SourceRecord>,
    source: &SourceId,
) -> Option<&'a SourceRecord> {
    records.get(&(source.probe.clone(), source.scope.clone()))
}

/// `off: NAME` is for those who know what it stands for.
pub(super) fn state_in_words(state: String) -> String {
    match state.strip_prefix("off: ") {
        Some(needs) => format!("off, waits for {needs}"),
        None if state == "off" => "off by the configuration".to_string(),
        None => state,
    }
}

fn probe_view(
    asked: &Asked<'_>,
    probe: &Probe,
    is_asked: bool,
    records: &BTreeMap<(ProbeId, Scope), SourceRecord>,
) -> ProbeView {
    let sources: Vec<SourceId> = probe.sources().map(|(source, _)| source).collect();
    let known: Vec<&SourceRecord> = sources
        .iter()
        .filter_map(|source| record_of(records, source))
        .collect();
    let states: Vec<String> = known.iter().map(|record| rows::state(record)).collect();
    let good = states.iter().filter(|state| *state == "good").count();
    let trouble = states
        .iter()
        .find(|state| *state != "good" && *state != "never asked");
    let outcome = match (trouble, sources.len()) {
        (Some(state), 1) => visible(state, TEXT),
        (Some(state), n) => format!("{good} of {n} good; {}", visible(state, TEXT)),
        (None, _) if good == 0 => "not asked yet".to_string(),
        (None, 1) => "good".to_string(),
        (None, n) => format!("{good} of {n} good"),
    };
    let next = match is_asked {
        true => sources
            .iter()
            .filter_map(|source| next_asked(probe, source, record_of(records, source), asked.now))
            .min(),
        false => None,
    };
    let last_good: Option<Timestamp> = known.iter().filter_map(|one| one.accepted_at).max();
    let items: Vec<u64> = known.iter().filter_map(|one| one.items).collect();
    let unexpected = known.iter().filter_map(|one| one.unexpected.as_deref());
    ProbeView {
        id: probe.id.to_string(),
        link: links::probe(probe.id.as_str()),
        title: probe.title.trim_end_matches('.').to_string(),
        authority: probe.authority.word().replace('-', " "),
        schedule: probe.schedule.to_string(),
        state: state_in_words(probe_state(probe, is_asked)),
        class: match (is_asked, trouble.is_some(), good) {
            (false, ..) => "off",
            (true, true, _) => "troubled",
            (true, false, 0) => "waiting",
            (true, false, _) => "good",
        },
        sources: sources.len(),
        outcome,
        last_good: last_good.map(|at| age(asked.now, at)),
        next: next.map(|at| told_at(asked, at)),
        items: (!items.is_empty()).then(|| items.iter().sum()),
        is_known: !known.is_empty(),
        failures: known.iter().map(|one| one.failures).max().unwrap_or(0),
        missed: known.iter().map(|one| one.missed).sum(),
        unexpected: unexpected.map(|all| all.lines().count()).sum(),
    }
}
