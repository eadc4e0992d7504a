//! One endpoint: how it is declared, what is known of its connections, its last checks.

use jiff::{SignedDuration, Timestamp};
use minijinja::Value as Safe;
use serde::Serialize;

use super::{Fetch, TEXT, state_in_words, waterfall};
use crate::config::{Endpoint, Ways};
use crate::latency::{KeptSample, is_good};
use crate::outlook::watching::endpoint_state;
use crate::schedule::duration_to_text;
use crate::store::{AllSeries as _, Error, Series};
use crate::web::answer::Answer;
use crate::web::links;
use crate::web::page::{self, Moment};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::{address, spoken, told_at, visible};

/// Checks that are shown.
const CHECKS: usize = 20;
/// How far back they are looked for.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(24);

#[derive(Serialize)]
struct View {
    title: String,
    provider: (String, String),
    state: String,
    facts: Vec<(&'static str, String)>,
    latency: String,
    connections: Vec<Connection>,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Connection {
    region: String,
    way: String,
    host: String,
    address: String,
    http: String,
    tls: Option<String>,
    since: Moment,
    certificate_until: Option<Moment>,
}

#[derive(Serialize)]
struct Check {
    region: String,
    way: String,
    fetch: Fetch,
}

/// Makes the page.
pub(super) fn page(
    asked: &Asked<'_>,
    endpoint: &Endpoint,
    is_checked: bool,
) -> Result<Answer, Refusal> {
    let id = endpoint.id.as_str();
    let provider = endpoint.provider.as_str();
    let view = View {
        title: endpoint.title.clone(),
        provider: (links::provider(provider), provider.to_string()),
        state: state_in_words(endpoint_state(endpoint, is_checked)),
        facts: facts(endpoint),
        latency: address("/latency", [("probe", id), ("by", "region,way")]),
        connections: connections(asked, id)?,
        checks: checks(asked, id)?,
    };
    page::page(asked.site, ("/probes", id), "endpoint.html", &view)
}

fn facts(endpoint: &Endpoint) -> Vec<(&'static str, String)> {
    let any = |word: &'static str| if word.is_empty() { "any" } else { word };
    let (http, ip) = (any(endpoint.version.word()), any(endpoint.family.word()));
    let connection = match endpoint.ways {
        Ways::Both => "a fresh one, and the same again while it is warm",
        Ways::Fresh => "a fresh one each time",
        Ways::Warm => "one that is kept",
    };
    let mut facts = vec![
        ("Asks", endpoint.url.clone()),
        (
            "Checked",
            format!("every {}", duration_to_text(endpoint.every)),
        ),
        ("Connection", connection.to_string()),
        ("HTTP", format!("version {http}, IP version {ip}")),
        ("Timeout", duration_to_text(endpoint.timeout)),
    ];
    if endpoint.is_reference {
        let said = "tells whether our own network is there; nothing is said of it itself";
        facts.push(("Reference", said.to_string()));
    }
    if !endpoint.unset.is_empty() {
        let (id, names) = (&endpoint.id, endpoint.unset.join(", "));
        facts.push(("Waits for", format!("{names} under [scopes.\"{id}\"]")));
    }
    let scopes = endpoint.scopes.iter().map(|scoping| scoping.scope.as_str());
    let scopes: Vec<&str> = scopes.filter(|scope| !scope.is_empty()).collect();
    if !scopes.is_empty() {
        facts.push(("In", scopes.join(", ")));
    }
    facts
}

fn connections(asked: &Asked<'_>, id: &str) -> Result<Vec<Connection>, Refusal> {
    let mut all = asked.store.connections()?;
    all.retain(|(series, _)| series.probe == id);
    all.sort_by(|(one, _), (other, _)| {
        (&one.region, &one.host, &one.way).cmp(&(&other.region, &other.host, &other.way))
    });
    let told = all.into_iter().map(|(series, row)| Connection {
        region: series.region,
        way: series.way,
        host: visible(&series.host, TEXT),
        address: visible(&row.address, TEXT),
        http: visible(&row.http, TEXT),
        tls: row.tls.map(|tls| visible(&tls, TEXT)),
        since: told_at(asked, row.since),
        certificate_until: row.certificate_until.map(|at| told_at(asked, at)),
    });
    Ok(told.collect())
}

/// The last checks, the latest first.
fn checks(asked: &Asked<'_>, id: &str) -> Result<Vec<Check>, Refusal> {
    let since = asked.now.checked_sub(LOOKS_BACK).unwrap_or(Timestamp::MIN);
    let mut last: std::collections::VecDeque<(String, String, String, KeptSample)> =
        std::collections::VecDeque::new();
    let is_its = |series: &Series| series.probe == id;
    let take = |series: &Series, sample: KeptSample| {
        if last.len() == CHECKS {
            last.pop_front();
        }
        let (region, way, host) = (&series.region, &series.way, &series.host);
        last.push_back((region.clone(), way.clone(), host.clone(), sample));
        Ok::<(), Error>(())
    };
    asked
        .store
        .samples(since, asked.now, is_its, take)
        .map_err(Refusal::Store)?;
    let longest = last
        .iter()
        .map(|(.., sample)| waterfall::whole(&sample.phases));
    let longest = longest.max().unwrap_or(0);
    let latest_first = last.into_iter().rev();
    Ok(latest_first
        .map(|(region, way, host, sample)| Check {
            region,
            way,
            fetch: Fetch {
                at: told_at(asked, sample.at),
                is_good: is_good(&sample.outcome),
                outcome: match sample.outcome.as_str() {
                    "ok" => "answered".to_string(),
                    other => spoken(other),
                },
                detail: None,
                status: None,
                bytes: None,
                host: Some(visible(&host, TEXT)),
                is_imported: false,
                waterfall: waterfall::drawn(&sample.phases, longest).map(Safe::from_safe_string),
            },
        })
        .collect())
}
