//! A weekly report over a year: 20,000 offerings of ten providers that change all the time, and 300 series.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bellwether::config::{Probe, Scoping};
use bellwether::daemon::reading::Target;
use bellwether::daemon::report;
use bellwether::latency::RollUp;
use bellwether::market::{Authority, Phases, ProbeId, ProviderId, Scope, SourceId};
use bellwether::outlook::indicators;
use bellwether::schedule::PeriodKind;
use bellwether::store::{
    EndedBy, Error, Outbox, OwnIncident, OwnKind, ReadingRow, ReportForm, Reports, Series,
    SeriesKind, Store, Transaction,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::daemon::settings;
use crate::endpoints::Noise;
use crate::import::{begin, feed};
use crate::landscape;
use crate::measure::{cpu, figure, most_resident};

const PROVIDERS: [&str; 10] = [
    "bedrock", "azure", "vertex", "oci", "openai", "mistral", "groq", "cohere", "xai", "deepseek",
];
const REGIONS: usize = 20;
const MODELS: usize = 100;
const SERIES: i64 = 300;
const DAYS: i64 = 361;
const A_DAY: i64 = 86_400;

/// Models of which baskets and flagships are made; the others are numbered.
const NAMED: [&str; 24] = [
    "anthropic/claude-opus-4.5",
    "anthropic/claude-opus-4.7",
    "anthropic/claude-opus-5.5",
    "anthropic/claude-sonnet-4.5",
    "anthropic/claude-sonnet-4.6",
    "anthropic/claude-sonnet-5.5",
    "anthropic/claude-haiku-4.5",
    "anthropic/claude-haiku-5.5",
    "openai/gpt-5.2",
    "openai/gpt-5.4",
    "openai/gpt-5.5",
    "openai/gpt-6-sol",
    "openai/gpt-6-luna",
    "openai/gpt-oss-120b",
    "google/gemini-2.5-pro",
    "google/gemini-2.5-flash",
    "xai/grok-4",
    "xai/grok-4.3",
    "meta/llama-4-maverick",
    "mistral/mistral-large-2512",
    "amazon/nova-pro",
    "deepseek/deepseek-v3.2",
    "deepseek/deepseek-v4-pro",
    "moonshotai/kimi-k2.5",
];

const CONFIGURATION: &str = r#"
[[watch]]
name = "production"
models = ["anthropic/claude-sonnet-*", "gpt-5.4"]
providers = ["bedrock", "azure"]

[[watch]]
name = "open models"
models = ["meta/llama-*", "mistral/mistral-large-2512"]

[[watch]]
name = "everywhere"
topics = ["frontier aws"]

[[workload]]
name = "support-chat"
requests = 200_000
input = 6_000
output = 800
cached = 0.5
batch = 0.25
models = ["anthropic/claude-sonnet-4.6"]

[[workload]]
name = "anything"
requests = 10_000
input = 20_000
output = 300
"#;

/// When the report is made: on a Monday, of the week before.
fn now() -> Timestamp {
    begin() + SignedDuration::from_hours(24 * (DAYS - 1) + 7)
}

fn probes() -> Vec<Probe> {
    PROVIDERS
        .iter()
        .map(|name| landscape::probe(name))
        .collect()
}

/// What a provider says of one model in one region in a week; `None`: it does not list it. Every price changes once a year, a tenth
/// of the models comes in the course of it, region by region, one in twenty goes, and one in ten gets its last day.
fn row(provider: usize, region: usize, model: usize, week: usize) -> Option<Json> {
    let turn = model * 7 + provider * 3;
    let comes = match model % 10 {
        4 => turn % 44 + region / 3,
        _ => 0,
    };
    let goes = match model % 20 {
        7 => turn % 40 + 11,
        _ => 52,
    };
    if week < comes || week >= goes {
        return None;
    }
    let id = match NAMED.get(model) {
        Some(name) => (*name).to_string(),
        None => format!("meta/llama-3.{}-{}b-instruct", model % 4, model),
    };
    let is_cheaper = week >= turn % 52;
    let retires =
        (model % 10 == 5 && week >= turn % 50).then(|| format!("2027-{:02}-01", model / 10 + 1));
    let cents = 100 + model * 13 + provider * 7 - if is_cheaper { 20 } else { 0 };
    Some(json!({
        "id": id, "name": format!("Model {model}"), "stage": "ga",
        "date_launch": "2025-11-01", "date_legacy": null, "date_retires": retires,
        "price_input": format!("{}.{:02}", cents / 100, cents % 100),
        "price_output": format!("{}.{:02}", cents / 25, cents % 25 * 4),
        "price_cache_read": "0.3", "price_input_batch": "1.5", "price_output_batch": "7.5",
        "limit_context": 200_000, "limit_output": 64_000,
        "modality_input": ["text", "image"], "modality_output": ["text"], "capability_streaming": true,
    }))
}

fn body(provider: usize, region: usize, week: usize) -> Vec<u8> {
    let rows = (0..MODELS).filter_map(|model| row(provider, region, model, week));
    json!({ "data": rows.collect::<Vec<Json>>() })
        .to_string()
        .into_bytes()
}

/// Every source is read once a day, and says something new once a week.
fn read(store: &mut Store) {
    for (provider, probe) in probes().iter().enumerate() {
        for region in 0..REGIONS {
            let name = format!("region-{region}");
            let scoping = Scoping {
                scope: Scope::new(name.clone()),
                values: BTreeMap::from([("region".to_string(), name)]),
            };
            let target = Target::new(probe, &scoping);
            for day in 0..DAYS {
                let week = usize::try_from(day / 7).expect("a week");
                let at = begin() + SignedDuration::from_hours(day * 24 + 6);
                feed(store, &target, at, &body(provider, region, week));
            }
        }
    }
}

/// In the last eight days every source is fetched once an hour, and measured.
fn fetch(store: &mut Store) {
    let took = |micros: i64| Some(SignedDuration::from_micros(micros));
    let keep = |transaction: &Transaction<'_>| -> Result<(), Error> {
        for (provider, n) in PROVIDERS
            .iter()
            .flat_map(|one| (0..REGIONS).map(move |n| (one, n)))
        {
            let source = SourceId {
                probe: ProbeId::new(format!("{provider}.everything")),
                scope: Scope::new(format!("region-{n}")),
            };
            let provider = ProviderId::new(*provider);
            let authority = Authority::ProviderApi;
            let row = transaction.enter_source(&source, &provider, authority, "https://x.test")?;
            let host = format!("{provider}.test");
            for hour in (DAYS - 8) * 24..(DAYS - 1) * 24 + 7 {
                let micros = 100_000 + hour * 7_919 % 90_000;
                let reading = ReadingRow {
                    at: begin() + SignedDuration::from_hours(hour) + SignedDuration::from_mins(17),
                    outcome: "same",
                    detail: None,
                    status: Some(200),
                    body: None,
                    bytes: 40_000,
                    imported: false,
                    host: Some(&host),
                    vantage: "bench",
                    phases: Phases {
                        dns: took(micros / 50),
                        connect: took(micros / 10),
                        tls: took(micros / 5),
                        first_byte: took(micros / 2),
                        body: took(micros / 20),
                        total: took(micros),
                    },
                };
                transaction.keep_reading(&row, &reading)?;
            }
        }
        Ok(())
    };
    store.transaction(keep).expect("kept");
    let roll_up = |store: &mut Store| store.transaction(|transaction| transaction.roll_up());
    while roll_up(store).expect("rolled up") > 0 {}
}

/// Four of five series are of endpoints, the others of models.
fn series(n: i64) -> Series {
    let provider = PROVIDERS[usize::try_from(n).expect("a number") % PROVIDERS.len()];
    let (kind, model, way) = match n % 5 {
        4 => (SeriesKind::Model, format!("model-{}", n / 5 % 7), "fresh"),
        _ => (
            SeriesKind::Endpoint,
            String::new(),
            ["fresh", "warm"][usize::from(n % 2 == 0)],
        ),
    };
    Series {
        kind,
        model,
        vantage: "bench".to_string(),
        provider: provider.to_string(),
        probe: format!("{provider}.{}", kind.word()),
        region: format!("region-{}", n / 10),
        host: format!("host-{n}.test"),
        way: way.to_string(),
        ..Series::default()
    }
}

/// The roll-ups of a year: a sample each five minutes. What a window holds is taken from a few that are made once.
fn measure(store: &mut Store) {
    let enter = |transaction: &Transaction<'_>| {
        let ids = (0..SERIES).map(|n| transaction.series_id(&series(n)));
        let ids: Result<Vec<_>, _> = ids.collect();
        for n in 0..20 {
            transaction.begin_incident(&incident(n))?;
        }
        ids
    };
    let ids = store.transaction(enter).expect("series");
    let mut noise = Noise(11);
    let mut database = rusqlite::Connection::open(store.path()).expect("the database");
    let transaction = database.transaction().expect("a transaction");
    let insert = "INSERT INTO roll_up (length, begin, series, figures) VALUES (?1, ?2, ?3, ?4)";
    let mut statement = transaction.prepare(insert).expect("a statement");
    let end = begin().as_second() + DAYS * A_DAY;
    // five minutes for 30 days, hours and days for all of them
    for (length, days) in [(300, 30), (3_600, DAYS), (A_DAY, DAYS)] {
        let made: Vec<Vec<u8>> = (0..97).map(|_| window(&mut noise, length / 300)).collect();
        for begin in (end - days * A_DAY..now().as_second())
            .step_by(usize::try_from(length).expect("a length"))
        {
            for id in &ids {
                let at = (begin / length + id.number() * 31) % 97;
                let figures = &made[usize::try_from(at).expect("a place")];
                statement
                    .execute((length, begin, id.number(), figures))
                    .expect("a window");
            }
        }
    }
    drop(statement);
    transaction.commit().expect("kept");
}

fn window(noise: &mut Noise, samples: i64) -> Vec<u8> {
    let mut figures = RollUp::default();
    for _ in 0..samples {
        let sample = noise.sample(0);
        figures.add(&sample.phases, sample.phases.first_byte, &sample.outcome);
    }
    figures.encode()
}

/// One each 18 days, and four in the week of the report.
fn incident(n: i64) -> OwnIncident {
    let of = series(n * 5);
    let days = if n < 4 { DAYS - 6 } else { n * 18 };
    let begin = begin() + SignedDuration::from_hours(days * 24 + n);
    OwnIncident {
        kind: OwnKind::Down,
        vantage: of.vantage,
        provider: of.provider,
        region: of.region,
        probe: of.probe,
        host: of.host,
        model: of.model,
        begin,
        seen: begin + SignedDuration::from_mins(5),
        ended: Some(begin + SignedDuration::from_mins(50)),
        ended_by: Some(EndedBy::Recovered),
        n: 3,
        of: 3,
        before: None,
        during: None,
        samples: None,
    }
}

/// What it takes to make and queue the report, in a process of its own.
pub fn year() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    read(&mut store);
    fetch(&mut store);
    measure(&mut store);
    drop(store);
    crate::again(&["report-of", folder.path().to_str().expect("a path")]);
}

/// As the daemon makes it.
pub fn made(folder: &str) {
    let mut store = Store::open(&Path::new(folder).join("bellwether.db")).expect("a database");
    let settings = settings(CONFIGURATION);
    let probes = probes();
    let mut policy = settings.policy();
    policy.recipients = vec!["ops@example.org".to_string()];
    let audience = report::Audience {
        titles: probes
            .iter()
            .flat_map(|probe| {
                probe
                    .sources()
                    .map(|(source, _)| (source, probe.title.clone()))
            })
            .collect(),
        zone: settings.zone.clone(),
        kinds: indicators::kinds(&probes),
        policy: Arc::new(policy),
        workloads: settings.workloads.clone(),
        objectives: settings.objectives.clone(),
        is_simulated: settings.simulated,
    };
    let (before, opened) = (cpu(), most_resident());
    let period = report::wanted(&mut store, PeriodKind::Weekly, &audience.zone, now());
    let period = period.expect("an archive").expect("a new period");
    let made = report::make(&store, &audience, period, now()).expect("a report");
    let recipients = &audience.policy.recipients;
    assert!(report::keep(&mut store, &made, recipients, now()).expect("kept"));
    let (took, most) = (cpu() - before, most_resident());
    let due = store.due(now(), true, 10).expect("an outbox");
    let queued = due.first().and_then(|due| due.entry.message.as_ref());
    let message = queued.expect("a message");
    let page = store.archived_report(&period.key(), ReportForm::Html);
    let page = page.expect("an archive").expect("a page");
    let told = format!(
        "less than 2 CPU s ({}: {} charts, mail of {:.0} kB, page of {:.0} kB)",
        period.key(),
        message.parts.len(),
        message
            .parts
            .iter()
            .map(|part| part.bytes.len())
            .sum::<usize>() as f64
            / 1e3,
        page.len() as f64 / 1e3,
    );
    figure(
        "a weekly report after a year",
        &format!("{took:.2} CPU s"),
        &told,
    );
    let told = format!("less than 150 (before it {opened:.0})");
    figure("", &format!("{most:.0} MB"), &told);
}
