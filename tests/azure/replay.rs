//! Recorded answers of the list of models, in their order, against a comparison that walks the JSON with nothing of the readers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bellwether::daemon::pipeline::Taken;
use bellwether::market::ChangeKind;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::ledger::{Ledger, at, lines, notes, probe, read};
use crate::shared;

/// What one deployment of a model says, in the words of `lines`.
type Said = BTreeMap<String, String>;

/// The offerings of an answer: native id and deployment, with what is said of each.
type Offerings = BTreeMap<(String, String), Said>;

fn files(folder: &Path) -> Vec<(Timestamp, String)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("bodies")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let stem = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .expect("a name");
            let (day, clock) = stem.split_once('T').expect("a time");
            let clock = clock.trim_end_matches('Z').replace('-', ":");
            let time = format!("{day}T{clock}Z").parse().expect("a time");
            (time, std::fs::read_to_string(path).expect("text"))
        })
        .collect()
}

fn text<'a>(json: &'a Json, path: &str) -> Option<&'a str> {
    json.pointer(path).and_then(Json::as_str)
}

fn day(stamp: &str) -> Option<String> {
    let day = stamp.get(..10).expect("a day");
    (day < "2099").then(|| day.to_string())
}

fn stage(word: &str) -> &'static str {
    match word {
        "Preview" => "preview",
        "Stable" | "GenerallyAvailable" => "ga",
        "Legacy" => "legacy",
        "Deprecating" => "deprecated",
        "Deprecated" => "retired",
        other => panic!("a stage that this test does not know: {other}"),
    }
}

fn said(model: &Json) -> Said {
    let mut said = Said::new();
    let mut say = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            said.insert(name.to_string(), value);
        }
    };
    say(
        "stage",
        text(model, "/lifecycleStatus").map(|word| stage(word).to_string()),
    );
    say(
        "date.launch",
        text(model, "/systemData/createdAt").and_then(day),
    );
    let target = text(model, "/replacementConfig/targetModelName");
    let version = text(model, "/replacementConfig/targetModelVersion");
    say(
        "replacement",
        target.map(|name| format!("{name}@{}", version.expect("a version"))),
    );
    for (key, value) in model["capabilities"].as_object().expect("capabilities") {
        let value = value.as_str().expect("a text");
        let attribute = match key.as_str() {
            "maxContextToken" => "limit.context",
            "maxOutputToken" => "limit.output",
            "maxTotalToken" => "limit.total",
            "embeddingsMaxInputs" => "limit.embeddings",
            "hostedOn" => "capability.hosted_on",
            "priorityTierSkus" => {
                let tiers: BTreeSet<&str> = value.split(',').collect();
                let tiers: Vec<&str> = tiers.into_iter().collect();
                say("capability.priority_tier", Some(tiers.join(", ")));
                continue;
            }
            // no yes or no, or nothing that a caller can do
            "area"
            | "scaleType"
            | "models"
            | "ArcConfig"
            | "FineTuneTokensMaxValue"
            | "FineTuneTokensMaxValuePerExample"
            | "maxStandardFinetuneDeploymentCount" => continue,
            internal if internal.starts_with("_H_") => continue,
            other => {
                let flag = if value == "true" { "yes" } else { "no" };
                say(
                    &format!("capability.{}", other.to_lowercase()),
                    Some(flag.to_string()),
                );
                continue;
            }
        };
        say(attribute, Some(value.to_string()));
    }
    said
}

fn offerings(body: &str) -> Offerings {
    let rows: Vec<Json> = serde_json::from_str(body).expect("a list");
    let mut all = Offerings::new();
    for row in rows.iter().filter(|row| row["kind"] == "AIServices") {
        let model = &row["model"];
        let id = format!(
            "{}@{}",
            text(model, "/name").expect("a name"),
            text(model, "/version").expect("a version")
        );
        let of_model = text(model, "/deprecation/inference").and_then(day);
        let skus = model["skus"].as_array().expect("deployment types");
        let mut add = |deployment: String, ends: Option<String>| {
            let mut said = said(model);
            said.extend(ends.map(|ends| ("date.retires".to_string(), ends)));
            let known = all
                .entry((id.clone(), deployment))
                .or_insert_with(|| said.clone());
            // a deployment type that stands twice is tuned the second time: the base goes first
            if said.get("date.retires") < known.get("date.retires") {
                *known = said;
            }
        };
        for sku in skus {
            let pool = text(sku, "/usageName").expect("a pool").to_lowercase();
            let tuned = if pool.ends_with("-finetune") {
                "-finetune"
            } else {
                ""
            };
            let deployment = format!("{}{tuned}", text(sku, "/name").expect("a name"));
            let own = text(sku, "/deprecationDate").map(day);
            add(deployment, own.unwrap_or_else(|| of_model.clone()));
        }
        if skus.is_empty() {
            add("-".to_string(), of_model.clone());
        }
    }
    all
}

fn rank(stage: &str) -> i32 {
    match stage {
        "ga" => 0,
        "legacy" => 1,
        // equally far from it, on either side
        "preview" => 2,
        "deprecated" => 3,
        "retired" => 4,
        other => panic!("{other}"),
    }
}

/// The changes from one answer to the next, in the words of `lines`.
fn differences(old: &Offerings, new: &Offerings) -> Vec<String> {
    let mut found = Vec::new();
    for ((id, deployment), said) in new {
        let Some(before) = old.get(&(id.clone(), deployment.clone())) else {
            found.push(format!("offering_added {id} {deployment}"));
            continue;
        };
        let attributes: BTreeSet<&String> = before.keys().chain(said.keys()).collect();
        for attribute in attributes {
            let (was, is) = (before.get(attribute), said.get(attribute));
            if was == is {
                continue;
            }
            let kind = match attribute.split('.').next().expect("a family") {
                "stage" => "stage_changed",
                "date" => "date_changed",
                "limit" => "limit_changed",
                "capability" => "capability_changed",
                _ => "text_changed",
            };
            let none = "none".to_string();
            let (old, new) = (was.unwrap_or(&none), is.unwrap_or(&none));
            let direction = match (kind, was, is) {
                ("date_changed", Some(was), Some(is)) if is < was => " (earlier)",
                ("date_changed", Some(_), Some(_)) => " (later)",
                ("stage_changed", Some(was), Some(is)) if rank(is) < rank(was) => " (towards_ga)",
                ("stage_changed", Some(was), Some(is)) if rank(is) > rank(was) => " (away_from_ga)",
                _ => "",
            };
            found.push(format!(
                "{kind} {id} {deployment}: {attribute} {old} -> {new}{direction}"
            ));
        }
    }
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    found.extend(gone.map(|(id, deployment)| format!("offering_removed {id} {deployment}")));
    found
}

/// A removal and an addition that are one offering under another spelling, as they are: an addition and a removal.
fn told(ledger: &Ledger) -> Vec<String> {
    let changes: Vec<_> = ledger
        .changes()
        .into_iter()
        .filter(|change| change.kind != ChangeKind::SourceSuspect)
        .collect();
    let mut told = lines(&changes);
    for line in &mut told {
        // what comes back is an addition to a comparison of two answers
        *line = line.replace("offering_returned", "offering_added");
    }
    told.sort();
    told
}

#[test]
fn every_change_of_a_recorded_season_is_told_and_no_other() {
    for location in ["eastus2", "swedencentral"] {
        let place = format!("corpus/seq/azure-models-list/{location}");
        let Some(folder) = shared::folder(&place) else {
            return;
        };
        let bodies = files(&folder);
        let mut expected = Vec::new();
        let parsed: Vec<Offerings> = bodies.iter().map(|(_, body)| offerings(body)).collect();
        for pair in parsed.windows(2) {
            expected.extend(differences(&pair[0], &pair[1]));
        }
        expected.sort();
        assert!(expected.len() > 300, "{}", expected.len());

        let mut opened = Ledger::opened("azure.models");
        let mut patient = Ledger::new("azure.models");
        for (time, body) in &bodies {
            let wrapped = format!("{{\"value\":{body}}}");
            let taken = opened.take(&at(location), *time, &wrapped);
            assert!(!matches!(taken, Taken::Failed(_)), "{time}: {taken:?}");
            // with the rules as shipped, what stays for a day is told
            for hours in [0, 26] {
                let time = *time + SignedDuration::from_hours(hours);
                let taken = patient.take(&at(location), time, body);
                assert!(!matches!(taken, Taken::Failed(_)), "{time}: {taken:?}");
            }
        }
        assert_same(&expected, &told(&opened), location);
        assert_same(&expected, &told(&patient), location);
    }
}

fn assert_same(expected: &[String], found: &[String], place: &str) {
    let lacking: Vec<&String> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let extra: Vec<&String> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(
        lacking.is_empty() && extra.is_empty(),
        "{place}: lacking {lacking:#?}\nextra {extra:#?}"
    );
    assert_eq!(expected.len(), found.len(), "{place}");
}

/// What the facts say of this season (azure.md §2.3), told by the first source that shows it.
#[test]
fn what_is_known_of_the_season_is_among_it() {
    let Some(folder) = shared::folder("corpus/seq/azure-models-list/eastus2") else {
        return;
    };
    let mut ledger = Ledger::opened("azure.models");
    for (time, body) in files(&folder) {
        ledger.take(&at("eastus2"), time, &body);
    }
    let changes = ledger.changes();
    let told = |day: &str| -> Vec<String> {
        let of_day: Vec<_> = changes
            .iter()
            .filter(|change| change.seen_at.to_string().starts_with(day))
            .cloned()
            .collect();
        lines(&of_day)
    };
    for (day, line) in [
        (
            "2026-06-27",
            "stage_changed gpt-4.1@2025-04-14 GlobalStandard: stage ga -> deprecated (away_from_ga)",
        ),
        (
            "2026-07-30",
            "date_changed gpt-4.1@2025-04-14 GlobalStandard: date.retires 2026-10-14 -> 2027-04-14 (later)",
        ),
        (
            "2026-08-11",
            "stage_changed gpt-4.1@2025-04-14 GlobalStandard: stage deprecated -> legacy (towards_ga)",
        ),
        (
            "2026-08-11",
            "date_changed gpt-5.5@2026-04-24 GlobalStandard: date.retires 2027-04-23 -> 2027-10-26 (later)",
        ),
        (
            "2026-08-15",
            "date_changed claude-haiku-4-5@20251001 GlobalStandard: date.retires 2026-10-31 -> 2026-10-19 (earlier)",
        ),
    ] {
        let found = told(day);
        assert!(
            found.iter().any(|told| told == line),
            "{day} {line}\n{found:#?}"
        );
    }
    // of May's `Stable` rows only those changed stage whose word changed to another meaning
    let renamed = changes
        .iter()
        .filter(|change| change.kind == ChangeKind::StageChanged && change.old == change.new);
    assert_eq!(renamed.count(), 0);
}

/// Rows, models and offerings of one day, counted with jq-like walks of the files: every row is in the reading.
#[test]
fn every_row_of_a_day_is_explained() {
    const PLACE: &str = "corpus/single/azure-models-list-all-regions-2026-08-22T06-46-08Z";
    let Some(folder) = shared::folder(PLACE) else {
        return;
    };
    let probe = probe("azure.models");
    for (location, rows, models) in [
        ("eastus2", 322, 161),
        ("japaneast", 234, 117),
        ("swedencentral", 332, 166),
        ("uksouth", 234, 117),
        ("westeurope", 244, 122),
    ] {
        let body =
            std::fs::read_to_string(folder.join(format!("{location}.json"))).expect("a body");
        let json: Vec<Json> = serde_json::from_str(&body).expect("a list");
        let expected = offerings(&body);
        let ids: BTreeSet<&String> = expected.keys().map(|(id, _)| id).collect();
        assert_eq!((json.len(), ids.len()), (rows, models), "{location}");
        let reading = read(&probe, &at(location), &body).expect("a reading");
        let found: BTreeSet<(String, String)> = reading
            .entries
            .iter()
            .map(|entry| {
                assert_eq!(entry.subject.region.as_str(), location);
                let deployment = entry.subject.deployment.as_deref().unwrap_or("-");
                (entry.subject.native_id.to_string(), deployment.to_string())
            })
            .collect();
        assert_eq!(found, expected.into_keys().collect(), "{location}");
        // the only thing worth a note: a deployment type that stands twice under one pool, as base and tuned
        let notes = notes(&reading);
        let twice = |note: &&String| {
            note.contains("ProvisionedManaged") || note.contains("date.retires: expected one value")
        };
        assert_eq!(
            notes.iter().filter(|note| !twice(note)).count(),
            0,
            "{location}: {notes:?}"
        );
    }
}
