//! What people ask of a large landscape: 20,000 offerings of which fifteen things are said each, in 40 regions.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use bellwether::config::{Own, Probe, ProbeFile, Scoping, declared};
use bellwether::daemon::reading::Target;
use bellwether::market::Scope;
use bellwether::store::Store;
use serde_json::{Value as Json, json};

use crate::import::{begin, feed};
use crate::measure::{cpu_of_children, figure, median};

const REGIONS: usize = 40;
const MODELS: usize = 500;

const PROBE: &str = r#"
provider = "bedrock"
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

fn probe() -> Probe {
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
        text: format!("{PROBE}{}", attributes.concat()),
    };
    let probes = declared(&[file], Own::default()).expect("a sound probe");
    let own = probes
        .into_iter()
        .find(|probe| probe.id.as_str() == "bedrock.everything");
    own.expect("the probe")
}

/// What a region lists: dated models of six families.
fn body() -> Vec<u8> {
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
            "price_input": format!("{}.{}", n % 20 + 1, n % 7), "price_output": format!("{}", n % 90 + 1),
            "price_cache_read": "0.3", "price_input_batch": "1.5", "price_output_batch": "7.5",
            "limit_context": 200_000, "limit_output": 64_000,
            "modality_input": ["text", "image"], "modality_output": ["text"], "capability_streaming": true,
        })
    };
    json!({ "data": (0..MODELS).map(row).collect::<Vec<_>>() })
        .to_string()
        .into_bytes()
}

/// CPU time of the commands that people wait for, each as a whole.
pub fn questions() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    let (probe, body) = (probe(), body());
    for n in 0..REGIONS {
        let name = format!("region-{n}");
        let scoping = Scoping {
            scope: Scope::new(name.clone()),
            values: BTreeMap::from([("region".to_string(), name)]),
        };
        feed(&mut store, &Target::new(&probe, &scoping), begin(), &body);
    }
    drop(store);
    let facts = run(folder.path(), &["--format", "jsonl", "offerings"]);
    let facts = String::from_utf8(facts).expect("text");
    let listed = facts
        .lines()
        .filter(|line| line.contains("\"listed\""))
        .count();
    let said = facts.lines().count() - listed;
    let told = format!("less than 100 ({listed} offerings, {said} facts)");
    for (what, arguments) in [
        ("status", vec!["status"]),
        ("status for programs", vec!["--format", "jsonl", "status"]),
        ("compare", vec!["compare", "anthropic/claude-sonnet-4.5"]),
        (
            "compare for programs",
            vec![
                "--format",
                "jsonl",
                "compare",
                "anthropic/claude-sonnet-4.5",
            ],
        ),
    ] {
        let times = (0..10).map(|_| {
            let before = cpu_of_children();
            for _ in 0..5 {
                run(folder.path(), &arguments);
            }
            (cpu_of_children() - before) * 200.0
        });
        figure(
            what,
            &format!("{:.0} ms CPU", median(times.collect())),
            &told,
        );
    }
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
