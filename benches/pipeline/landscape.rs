//! What people ask of a large landscape: 20,000 offerings of which fifteen things are said each, in 40 regions.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use bellwether::config::{Own, Probe, ProbeFile, Scoping, declared};
use bellwether::daemon::reading::Target;
use bellwether::market::Scope;
use bellwether::store::Store;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::import::{begin, feed};
use crate::measure::{cpu_of_children, figure, median};

const REGIONS: usize = 40;
const MODELS: usize = 500;

const PROBE: &str = r#"
kind = "cloud"

[stages]
ga = "ga"

[[probe]]
name = "everything"
title = "All models of a region with all that can be said of them"
authority = "provider-api"
lists = true
complete = true
every = "1h"
reader = "json"

[probe.scopes]
region = ["region-0"]

[probe.request]
url = "https://everything.test/{region}"
accept = "json"

[probe.json]
items = "data[]"
native_id = "id"
deployment = "=on-demand"
"#;

/// What is said of every offering.
const ATTRIBUTES: [(&str, &str); 15] = [
    ("stage", ""),
    ("name", ""),
    ("date.launch", ""),
    ("date.legacy", ""),
    ("date.retires", "certainty = \"firm\""),
    ("price.input", ""),
    ("price.output", ""),
    ("price.cache_read", ""),
    ("price.input.batch", ""),
    ("price.output.batch", ""),
    ("limit.context", ""),
    ("limit.output", ""),
    ("modality.input", "as = \"set\""),
    ("modality.output", "as = \"set\""),
    ("capability.streaming", ""),
];

/// A probe that asks a provider for everything that can be said of its models.
pub fn probe(provider: &str) -> Probe {
    let attributes = ATTRIBUTES.map(|(attribute, more)| {
        let path = attribute.replace('.', "_");
        let date = if attribute.starts_with("date.") && more.is_empty() {
            "certainty = \"firm\""
        } else {
            more
        };
        format!(
            "[[probe.json.attribute]]\nattribute = \"{attribute}\"\npath = \"{path}\"\n{date}\n"
        )
    });
    let file = ProbeFile {
        name: "everything.toml".to_string(),
        text: format!("provider = \"{provider}\"{PROBE}{}", attributes.concat()),
    };
    let probes = declared(&[file], Own::default()).expect("a sound probe");
    let own = probes
        .into_iter()
        .find(|probe| probe.id.as_str() == format!("{provider}.everything"));
    own.expect("the probe")
}

/// What a region lists in a week: dated models of six families, of which one in fifty has another price than a week before, and
/// one in a hundred goes for two weeks.
fn body(week: i64) -> Vec<u8> {
    let week = usize::try_from(week).expect("a week");
    let row = |n: usize| -> Json {
        let family = [
            "anthropic.claude-sonnet",
            "anthropic.claude-opus",
            "meta.llama",
            "mistral.mistral-large",
            "cohere.command-r",
            "amazon.nova-pro",
        ];
        let (family, major, minor) = (family[n % 6], n / 60 + 1, n / 6 % 10);
        json!({
            "id": format!("{family}-{major}-{minor}-v1:0"), "name": format!("Model {n}"), "stage": "ga",
            "date_launch": "2026-01-01", "date_legacy": "2027-01-01", "date_retires": format!("2028-{:02}-01", n % 12 + 1),
            "price_input": format!("{}.{}{}", n % 20 + 1, n % 7, (week + n % 50) / 50), "price_output": format!("{}", n % 90 + 1),
            "price_cache_read": "0.3", "price_input_batch": "1.5", "price_output_batch": "7.5",
            "limit_context": 200_000, "limit_output": 64_000,
            "modality_input": ["text", "image"], "modality_output": ["text"], "capability_streaming": true,
        })
    };
    let is_there = |n: &usize| n % 100 + 1 != week && n % 100 + 2 != week;
    let rows: Vec<Json> = (0..MODELS).filter(is_there).map(row).collect();
    json!({ "data": rows }).to_string().into_bytes()
}

/// CPU time of the commands that people wait for, each as a whole.
pub fn questions() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    let probe = probe("bedrock");
    read_everywhere(&mut store, &probe, 0);
    let facts = run(folder.path(), &["--format", "jsonl", "offerings"]);
    let facts = String::from_utf8(facts).expect("text");
    let listed = facts
        .lines()
        .filter(|line| line.contains("\"listed\""))
        .count();
    let said = facts.lines().count() - listed;
    let told = format!("less than 100 ({listed} offerings, {said} facts)");
    for (what, arguments) in [
        ("status", "status"),
        ("status for programs", "--format jsonl status"),
        ("compare", "compare anthropic/claude-sonnet-4.5"),
        (
            "compare for programs",
            "--format jsonl compare anthropic/claude-sonnet-4.5",
        ),
    ] {
        costs(folder.path(), what, arguments, 5, &told);
    }
    costs(
        folder.path(),
        "indicators of one day",
        "indicators --until 2026-01-01",
        5,
        "less than 200, loading included",
    );
    let claims = year(&mut store, &probe);
    drop(store);
    costs(
        folder.path(),
        "indicators of one day after a year",
        "indicators --until 2026-11-20",
        1,
        &format!("less than 200, loading included ({claims} claims)"),
    );
    costs(
        folder.path(),
        "history of a year",
        "--format jsonl indicators --since 2026-01-01 --until 2026-11-20",
        1,
        "every number of 324 days",
    );
    costs(
        folder.path(),
        "shifts of a year",
        "--format jsonl indicators --shifts --since 2026-01-01 --until 2026-11-20",
        1,
        "none",
    );
}

/// How much CPU time a run of the program takes, of which so many are timed together.
fn costs(data: &Path, what: &str, arguments: &str, together: u32, limit: &str) {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let times = (0..10).map(|_| {
        let before = cpu_of_children();
        for _ in 0..together {
            run(data, &arguments);
        }
        (cpu_of_children() - before) * 1_000.0 / f64::from(together)
    });
    let measured = format!("{:.0} ms CPU", median(times.collect()));
    figure(what, &measured, limit);
}

/// Every region is read in a week.
fn read_everywhere(store: &mut Store, probe: &Probe, week: i64) {
    let body = body(week);
    let at = begin() + SignedDuration::from_hours(week * 7 * 24);
    for n in 0..REGIONS {
        let name = format!("region-{n}");
        let scoping = Scoping {
            scope: Scope::new(name.clone()),
            values: BTreeMap::from([("region".to_string(), name)]),
        };
        feed(store, &Target::new(probe, &scoping), at, &body);
    }
}

/// A year in which every region is read once a week; how many claims there are then.
fn year(store: &mut Store, probe: &Probe) -> i64 {
    for week in 1..52 {
        read_everywhere(store, probe, week);
    }
    let connection = rusqlite::Connection::open(store.path()).expect("the database");
    let claims = connection.query_row("SELECT count(*) FROM claim", [], |row| row.get(0));
    claims.expect("a count")
}

/// What the program says of the database in a folder.
pub fn run(data: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
    let output = command
        .arg("--data")
        .arg(data)
        .args(arguments)
        .output()
        .expect("a run");
    assert!(output.status.success(), "{output:?}");
    output.stdout
}
