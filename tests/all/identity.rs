//! Which native ids are one model, against what a registry's editors hold.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use assert_cmd::cargo::CommandCargoExt as _;
use serde_json::Value as Json;

use crate::shared;

/// Pairs that the editors hold to be one model and that are not joined, because the claim is wrong or nobody can know.
/// Each: provider, native id, what the editors say it is, and what is wrong with that.
const ARGUED: [(&str, &str, &str, &str); 2] = [
    (
        "databricks",
        "databricks-gemini-3-1-pro",
        "google/gemini-3.1-pro-preview-customtools",
        "the endpoint's name does not tell which of Google's two previews it serves; every other provider that drops the \
         word preview is held to serve the plain one",
    ),
    (
        "snowflake-cortex",
        "mistral-large2",
        "mistral/mistral-large-latest",
        "Mistral Large 2 is the release of July 2024; the -latest alias has denoted Mistral Large 3 since December 2025",
    ),
];

/// Asks the program, as a script would.
fn models(questions: &str) -> Vec<Json> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut asked = Command::cargo_bin("bellwether")
        .expect("the program")
        .args(["model", "-"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut input = asked.stdin.take().expect("its input");
    let text = questions.to_string();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = asked.wait_with_output().expect("an end");
    writer.join().expect("no panic").expect("all was read");
    assert!(output.status.success());
    String::from_utf8(output.stdout)
        .expect("text")
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

/// An editors' base model without its date stamp.
fn undated(base: &str) -> String {
    let parts: Vec<&str> = base.split('-').collect();
    let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    let year = |text: &&str| text.len() == 4 && text.starts_with("20");
    let kept = match parts.as_slice() {
        [kept @ .., last] if last.len() == 8 && digits(last) => kept,
        [kept @ .., y, m, d]
            if year(y) && [m, d].iter().all(|part| part.len() == 2 && digits(part)) =>
        {
            kept
        }
        [kept @ .., m, y] if year(y) && digits(y) && m.len() == 2 && digits(m) => kept,
        all => all,
    };
    kept.join("-")
}

#[test]
fn native_ids_are_joined_as_the_editors_join_them() {
    let Some(file) = shared::folder("replay/identity.jsonl") else {
        return;
    };
    let text = std::fs::read_to_string(file).expect("the rows");
    let rows: Vec<Json> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    let answers = models(&text);
    assert_eq!(rows.len(), answers.len());
    let word = |value: &Json, key: &str| value[key].as_str().map(str::to_string);
    let of = |value: &Json, key: &str| word(value, key).expect("a text");
    let (mut pairs, mut joined) = (0, 0);
    let mut unjoined = BTreeSet::new();
    let mut wrong = Vec::new();
    for (at, (row, answer)) in rows.iter().zip(&answers).enumerate() {
        for key in ["provider", "native_id"] {
            assert_eq!(row[key], answer[key]);
        }
        for (other_row, other) in rows.iter().zip(&answers).skip(at + 1) {
            let one = word(answer, "model").is_some() && answer["model"] == other["model"];
            let (base, other_base) = (of(row, "base_model"), of(other_row, "base_model"));
            if base == other_base {
                pairs += 1;
                joined += usize::from(one);
                if !one {
                    let name = |row: &Json| (of(row, "provider"), of(row, "native_id"));
                    unjoined.insert((name(row), name(other_row), base));
                }
            } else if one && undated(&base) != undated(&other_base) {
                wrong.push((row.clone(), other_row.clone(), answer["model"].clone()));
            }
        }
    }
    assert!(wrong.is_empty(), "joined wrongly: {wrong:#?}");
    let argued = |(provider, id): &(String, String), base: &str| {
        ARGUED
            .iter()
            .any(|(p, i, b, _)| p == provider && i == id && *b == base)
    };
    let silent: Vec<_> = unjoined
        .iter()
        .filter(|(one, other, base)| !argued(one, base) && !argued(other, base))
        .collect();
    assert!(silent.is_empty(), "not joined, and not argued: {silent:#?}");
    for (one, other, base) in &unjoined {
        eprintln!(
            "not joined: {}:{} and {}:{} ({base})",
            one.0, one.1, other.0, other.1
        );
    }
    eprintln!("{joined} of {pairs} pairs are joined");
    assert!(joined * 100 >= pairs * 99, "{joined} of {pairs}");
    assert!(pairs > 500, "{pairs} pairs are few");
}

/// Every native id of the registry's history: what the rules leave unknown is what no lab is known for.
#[test]
fn a_registrys_ids_are_known() {
    let Some(folder) = shared::folder("replay/public/snapshots") else {
        return;
    };
    let mut ids = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("snapshots") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a snapshot");
        let snapshot: BTreeMap<String, Json> = serde_json::from_str(&text).expect("an object");
        for (provider, entry) in snapshot {
            let models = entry["models"].as_object().expect("models");
            ids.extend(models.keys().map(|id| (provider.clone(), id.clone())));
        }
    }
    let questions: String = ids
        .iter()
        .map(|(provider, id)| {
            serde_json::json!({"provider": provider, "native_id": id}).to_string() + "\n"
        })
        .collect();
    let answers = models(&questions);
    let unknown: Vec<_> = answers
        .iter()
        .filter(|answer| answer["model"].is_null())
        .map(|answer| answer["native_id"].as_str().expect("an id"))
        .collect();
    assert!(ids.len() > 500, "{} ids", ids.len());
    for id in &unknown {
        let expected =
            *id == "model-router" || id.starts_with("openrouter/") || id.contains("alpha");
        assert!(expected, "unknown: {unknown:?}");
    }
}

/// What the probes call a provider, identity calls it too; and the spellings that they map are mapped alike.
#[test]
fn every_provider_of_a_probe_is_known() {
    let mut wrong = Vec::new();
    for file in bellwether::config::shipped() {
        let probes: toml::Table = file.text.parse().expect("TOML");
        if probes["kind"].as_str() != Some("registry") {
            let own = probes["provider"].as_str().expect("a provider");
            if bellwether::market::provider_id(own) != Some(own) {
                wrong.push(format!("{}: {own}", file.name));
            }
        }
        for probe in probes["probe"].as_array().expect("probes") {
            let maps = [
                "models_dev",
                "litellm",
                "json",
                "genai_prices",
                "model_prices",
            ];
            let spelled = maps
                .iter()
                .filter_map(|key| probe.get(key)?.get("providers")?.as_table());
            for (spelling, ours) in spelled.flatten() {
                let ours = ours.as_str().expect("a provider");
                if bellwether::market::provider_id(spelling) != Some(ours) {
                    wrong.push(format!("{}: {spelling} is {ours}", file.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A registry's body: ids by provider, all at one price.
fn registry(price: f64) -> String {
    let entry = |id: &str| {
        let entry = serde_json::json!({
            "id": id, "name": id, "attachment": false, "reasoning": false, "tool_call": true,
            "release_date": "2026-01-01", "last_updated": "2026-01-01", "open_weights": false,
            "modalities": { "input": ["text"], "output": ["text"] },
            "limit": { "context": 1000, "output": 100 }, "cost": { "input": price, "output": 9 },
        });
        (id.to_string(), entry)
    };
    let sold = [
        (
            "amazon-bedrock",
            vec![
                "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
                "openai.gpt-oss-120b-1:0",
            ],
        ),
        (
            "google-vertex",
            vec!["claude-sonnet-4-5@20250929", "openai/gpt-oss-120b-maas"],
        ),
        ("azure", vec!["gpt-4o", "gpt-4o-mini", "model-router"]),
    ];
    let body: serde_json::Map<String, Json> = sold
        .into_iter()
        .map(|(provider, ids)| {
            let models: serde_json::Map<String, Json> = ids.into_iter().map(entry).collect();
            (
                provider.to_string(),
                serde_json::json!({ "id": provider, "models": models }),
            )
        })
        .collect();
    Json::Object(body).to_string()
}

/// What people and programs see carries the model, and is asked for by it.
#[test]
fn facts_and_changes_carry_the_model() {
    let world = crate::world::World::new(
        "[detect]\nconfirm_values = 1\nmax_churn = 1.0\nmin_items = 1\n[probes]\nfolder = \"own\"\n",
    );
    let shipped = bellwether::config::shipped();
    let probe = shipped
        .iter()
        .find(|file| file.name.ends_with("models-dev.toml"))
        .expect("the shipped probe");
    world.write(
        "own/models-dev.toml",
        &probe.text.replace("min_items = 50", "min_items = 1"),
    );
    world.write("bodies/2026-01-01.json", &registry(3.0));
    world.write("bodies/2026-01-02.json", &registry(2.0));
    let bodies = world.path("bodies").display().to_string();
    world.good(&["import", "--probe", "models-dev", &bodies]);

    let told = |arguments: &[&str]| -> BTreeSet<(String, String, String)> {
        let text = world.good(&[&["--format", "jsonl"], arguments].concat());
        let word = |row: &Json, key: &str| row[key].as_str().unwrap_or("null").to_string();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("an object a line"))
            .map(|row: Json| {
                (
                    word(&row, "provider"),
                    word(&row, "model"),
                    word(&row, "version"),
                )
            })
            .collect()
    };
    let row = |provider: &str, model: &str, version: &str| {
        (provider.to_string(), model.to_string(), version.to_string())
    };
    let sonnet = "anthropic/claude-sonnet-4.5";
    let dated = "anthropic/claude-sonnet-4.5@2025-09-29";
    for wanted in [sonnet, "claude-sonnet-4.5", dated] {
        for command in [&["offerings"][..], &["changes", "--all"]] {
            assert_eq!(
                told(&[command, &["--model", wanted]].concat()),
                BTreeSet::from([row("bedrock", sonnet, dated), row("vertex", sonnet, dated)]),
                "{command:?} {wanted}"
            );
        }
    }
    assert_eq!(
        told(&["offerings", "--model", "openai/gpt-4o"]),
        BTreeSet::from([row("azure", "openai/gpt-4o", "null")])
    );
    assert_eq!(
        told(&["offerings", "--model", "GPT-4o"]),
        BTreeSet::from([
            row("azure", "openai/gpt-4o", "null"),
            row("azure", "openai/gpt-4o-mini", "null")
        ])
    );
    assert_eq!(
        told(&["offerings", "--model", "router"]),
        BTreeSet::from([row("azure", "null", "null")])
    );
    assert_eq!(
        told(&["offerings", "--model", "claude-opus-9"]),
        BTreeSet::new()
    );

    let table = world.good(&["offerings", "--model", "gpt-oss-120b"]);
    assert!(
        table
            .lines()
            .next()
            .is_some_and(|head| head.contains("MODEL")),
        "{table}"
    );
    assert_eq!(table.matches("openai/gpt-oss-120b ").count(), 2, "{table}");
    let changes = world.good(&["changes", "--all", "--model", dated]);
    assert_eq!(
        changes.matches(&format!("  [{dated}]\n")).count(),
        2,
        "{changes}"
    );
    let id = changes.split_whitespace().nth(1).expect("an id");
    let why = world.good(&["why", id]);
    assert!(why.contains(&format!("model         {dated} (")), "{why}");
}
