//! Endpoints in `probe list`, `probe show` and `probe test`.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::waterfall::waterfall;
use crate::commands::output::{Format, clean, labelled, objects};
use crate::commands::{Ending, Setup, say, wrong};
use crate::config::{Endpoint, Scoping, Ways};
use crate::daemon::clock;
use crate::daemon::endpoints::Checking;
use crate::fetch::{Checked, Client};
use crate::outlook::objects::probes;
use crate::outlook::watching::endpoint_state;
use crate::schedule::duration_to_text;
use crate::store::{AllSeries, ConnectionRow, Series};

/// The endpoint that an id denotes, if it denotes one.
pub fn named<'a>(setup: &'a Setup, id: &str) -> Option<&'a Endpoint> {
    let (name, _) = id.split_once('@').unwrap_or((id, ""));
    let endpoints = setup.endpoints.iter().map(|(endpoint, _)| endpoint);
    endpoints
        .into_iter()
        .find(|endpoint| endpoint.id.as_str() == name)
}

/// The period as files write it.
pub fn every(endpoint: &Endpoint) -> String {
    format!("every {}", duration_to_text(endpoint.every))
}

/// Its line of `probe list`.
pub fn row((endpoint, is_checked): &(Endpoint, bool)) -> Vec<String> {
    vec![
        endpoint.id.to_string(),
        endpoint_state(endpoint, *is_checked),
        "endpoint".to_string(),
        every(endpoint),
        endpoint.title.clone(),
    ]
}

/// `probe show` of an endpoint.
pub fn show(setup: &Setup, endpoint: &Endpoint) -> anyhow::Result<()> {
    let is_checked = setup
        .endpoints
        .iter()
        .any(|(other, checked)| other.id == endpoint.id && *checked);
    if setup.format != Format::Table {
        let mut described = probes::endpoint(endpoint, is_checked);
        let known: Vec<Json> = connections(setup, endpoint)?.iter().map(known).collect();
        described.insert("connections".to_string(), json!(known));
        objects(setup.format, &[described]);
        return Ok(());
    }
    let line = labelled;
    let any = |word: &'static str| if word.is_empty() { "any" } else { word };
    line("endpoint", endpoint.id.as_str());
    line("measures", &endpoint.title);
    line("provider", endpoint.provider.as_str());
    line("state", &endpoint_state(endpoint, is_checked));
    line("schedule", &every(endpoint));
    line(
        "connection",
        match endpoint.ways {
            Ways::Both => "a fresh one, and the same again while it is warm",
            Ways::Fresh => "a fresh one each time",
            Ways::Warm => "one that is kept",
        },
    );
    let (http, ip) = (any(endpoint.version.word()), any(endpoint.family.word()));
    line("HTTP", &format!("version {http}, IP version {ip}"));
    line("timeout", &duration_to_text(endpoint.timeout));
    for scoping in &endpoint.scopes {
        line("asks", &scoping.fill(&endpoint.url));
    }
    if !endpoint.unset.is_empty() {
        let (id, names) = (&endpoint.id, endpoint.unset.join(", "));
        line("waits for", &format!("{names} under [scopes.\"{id}\"]"));
    }
    for (series, found) in connections(setup, endpoint)? {
        let place = match series.region.as_str() {
            "" => &series.host,
            region => region,
        };
        let until = found.certificate_until;
        let tls = tls(found.tls.as_deref(), until);
        let (address, http) = (&found.address, &found.http);
        let since = found.since.strftime("%Y-%m-%d");
        line(
            "reached",
            &clean(&format!(
                "{place} ({}): {address}, HTTP/{http}{tls}, since {since}",
                series.way
            )),
        );
    }
    Ok(())
}

/// What was last known of the connections of an endpoint, by place and way; nothing before it was measured.
fn connections(setup: &Setup, endpoint: &Endpoint) -> anyhow::Result<Vec<(Series, ConnectionRow)>> {
    if !setup.database.exists() {
        return Ok(Vec::new());
    }
    let mut all = setup.open_for_reading()?.connections()?;
    all.retain(|(series, _)| series.probe == endpoint.id.as_str());
    all.sort_by(|(one, _), (other, _)| {
        let key = |series: &Series| {
            (
                series.region.clone(),
                series.host.clone(),
                series.way.clone(),
            )
        };
        key(one).cmp(&key(other))
    });
    Ok(all)
}

fn known((series, found): &(Series, ConnectionRow)) -> Json {
    json!({
        "region": series.region, "host": series.host, "way": series.way, "since": found.since.to_string(),
        "address": found.address, "http": found.http, "tls": found.tls,
        "certificate_until": found.certificate_until.map(|at| at.to_string()),
    })
}

/// The version of TLS and the certificate's end; empty without TLS.
fn tls(version: Option<&str>, certificate_until: Option<Timestamp>) -> String {
    version.map_or_else(String::new, |version| {
        let until = certificate_until.map_or_else(String::new, |until| {
            format!(", certificate good until {}", until.strftime("%Y-%m-%d"))
        });
        format!(", TLS {version}{until}")
    })
}

/// `probe test` of an endpoint: asks it now and draws each phase. Writes nothing.
pub fn test(setup: &Setup, endpoint: &Endpoint, id: &str) -> anyhow::Result<Ending> {
    let scoping = scoping(endpoint, id)?;
    let client = Client::new(&setup.settings.http)?;
    let checking = Checking::new(Arc::new(endpoint.clone()), scoping.clone(), &client)
        .map_err(|reason| wrong(format!("{}: {reason}", endpoint.id)))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let checked = runtime.block_on(checking.check(clock::now()));
    let is_good = checked.iter().all(|checked| checked.failure.is_none());
    if setup.format == Format::Table {
        say(&format!("request      GET {}", scoping.fill(&endpoint.url)));
        checked.iter().for_each(tell);
    } else {
        let all: Vec<Map<String, Json>> = checked.iter().map(object).collect();
        objects(setup.format, &all);
    }
    Ok(match is_good {
        true => Ending::Good,
        false => Ending::Problems,
    })
}

fn scoping<'a>(endpoint: &'a Endpoint, id: &str) -> anyhow::Result<&'a Scoping> {
    let (_, scope) = id.split_once('@').unwrap_or((id, ""));
    let mut scopes = endpoint.scopes.iter();
    let found = match endpoint.scopes.as_slice() {
        [only] if scope.is_empty() => Some(only),
        _ => scopes.find(|known| known.scope.as_str() == scope),
    };
    found.ok_or_else(|| {
        let id = &endpoint.id;
        match endpoint.scopes.as_slice() {
            [] => {
                let names = endpoint.unset.join(", ");
                wrong(format!(
                    "expected values for {names} under [scopes.\"{id}\"] in the configuration, found none"
                ))
            }
            [first, ..] => wrong(format!(
                "expected one of {} scopes, such as {id}@{}, found '{id}@{scope}': `bellwether probe show {id}` names them",
                endpoint.scopes.len(),
                first.scope
            )),
        }
    })
}

fn tell(checked: &Checked) {
    say("");
    let line = labelled;
    line("connection", checked.way.word());
    let outcome = match (&checked.failure, checked.status) {
        (Some(failure), _) => format!("{}: {}", failure.word(), clean(&failure.to_string())),
        (None, Some(status)) => format!("answers: HTTP {status}, {} bytes", checked.bytes),
        (None, None) => "answers".to_string(),
    };
    line("outcome", &outcome);
    if let Some(found) = &checked.connection {
        let agreed = found.tls.as_ref();
        let until = agreed.and_then(|tls| tls.certificate_until);
        let tls = tls(agreed.map(|tls| tls.version), until);
        line(
            "reached",
            &format!("{}, HTTP/{}{tls}", found.address, found.http),
        );
    }
    for phase in waterfall(&checked.phases) {
        say(&format!("  {phase}"));
    }
}

fn object(checked: &Checked) -> Map<String, Json> {
    let millis = |phase: Option<jiff::SignedDuration>| {
        phase.map(|phase| (phase.as_secs_f64() * 1_000_000.0).round() / 1000.0)
    };
    let (phases, connection) = (&checked.phases, checked.connection.as_ref());
    let tls = connection.and_then(|connection| connection.tls.as_ref());
    let outcome = checked
        .failure
        .as_ref()
        .map_or("ok", |failure| failure.word());
    let fields = [
        ("way", json!(checked.way.word())),
        ("outcome", json!(outcome)),
        (
            "detail",
            json!(checked.failure.as_ref().map(ToString::to_string)),
        ),
        ("status", json!(checked.status)),
        ("bytes", json!(checked.bytes)),
        (
            "address",
            json!(connection.map(|found| found.address.to_string())),
        ),
        ("http", json!(connection.map(|found| found.http))),
        ("tls", json!(tls.map(|tls| tls.version))),
        (
            "certificate_until",
            json!(
                tls.and_then(|tls| tls.certificate_until)
                    .map(|at| at.to_string())
            ),
        ),
        ("dns_ms", json!(millis(phases.dns))),
        ("connect_ms", json!(millis(phases.connect))),
        ("tls_ms", json!(millis(phases.tls))),
        ("first_byte_ms", json!(millis(phases.first_byte))),
        ("body_ms", json!(millis(phases.body))),
        ("total_ms", json!(millis(phases.total))),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}
