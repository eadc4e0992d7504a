//! A real history of a registry, against what an independent comparison of its days found.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Map, Value as Json, json};

use crate::shared;

/// Confirmation, guard and flap rules opened: every difference between two days is a change.
const OPENED: &str = "[detect]\nconfirm_additions = 1\nconfirm_removals = 1\nconfirm_values = 1\nconfirm_hours = 0\n\
                      max_loss = 1.0\nmax_churn = 1.0\nflap_window = \"0s\"\n";

/// One event: day, provider, deployment, native id, and what happened to it.
type Event = (String, String, Option<String>, String, What);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Added,
    Removed,
    Value {
        kind: String,
        attribute: String,
        old: String,
        new: String,
    },
}

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("bellwether.toml"), config).expect("a configuration");
        Self { folder }
    }

    fn run(&self, arguments: &[&str]) -> String {
        let config = self.folder.path().join("bellwether.toml");
        let output = Command::cargo_bin("bellwether")
            .expect("the program")
            .env_remove("BELLWETHER_SHARED")
            .arg("--config")
            .arg(config)
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .args(arguments)
            .assert()
            .success();
        String::from_utf8(output.get_output().stdout.clone()).expect("text")
    }

    fn import(&self, snapshots: &Path) -> String {
        self.run(&[
            "import",
            "--probe",
            "models-dev",
            snapshots.to_str().expect("a path"),
        ])
    }

    fn changes(&self) -> Vec<Map<String, Json>> {
        let lines = self.run(&["--format", "jsonl", "changes"]);
        lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("an object a line"))
            .collect()
    }
}

/// The registry's provider → ours and the deployment that keeps two of its providers apart.
fn provider(registry: &str) -> (String, Option<String>) {
    let (name, deployment) = match registry {
        "amazon-bedrock" => ("bedrock", None),
        "azure-cognitive-services" => ("azure", Some("cognitive-services")),
        "google" => ("gemini", None),
        "google-vertex" => ("vertex", None),
        "google-vertex-anthropic" => ("vertex", Some("partner")),
        same => (same, None),
    };
    (name.to_string(), deployment.map(str::to_string))
}

/// One spelling for values that mean the same: 12 significant digits, sorted sets, bare dates.
fn spelled(value: &Json) -> String {
    match value {
        Json::Null => "null".to_string(),
        Json::Array(members) => {
            let mut words: Vec<String> = members.iter().map(spelled).collect();
            words.sort();
            words.join(",")
        }
        Json::Object(fields) => fields
            .get("date")
            .map_or_else(|| value.to_string(), spelled),
        Json::Number(number) => digits(number.as_f64().expect("a number")),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn digits(number: f64) -> String {
    format!("{number:.11e}")
}

fn price(value: &Json) -> String {
    match value {
        Json::Null => "null".to_string(),
        Json::String(text) => digits(text.parse().expect("a decimal")),
        other => digits(other.as_f64().expect("a number")),
    }
}

fn text<'a>(fields: &'a Map<String, Json>, key: &str) -> &'a str {
    fields.get(key).and_then(Json::as_str).unwrap_or("")
}

fn lines(path: PathBuf) -> Vec<Map<String, Json>> {
    let all = std::fs::read_to_string(&path).expect("a readable file");
    all.lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

/// An event of the truth file; `None` for kinds that other events stand for.
fn true_event(fields: &Map<String, Json>) -> Option<Event> {
    let (name, deployment) = provider(text(fields, "provider"));
    let (kind, field) = (text(fields, "kind"), text(fields, "field"));
    let value = |kind: &str, attribute: String, spell: fn(&Json) -> String| {
        let side = |key: &str| spell(fields.get(key).unwrap_or(&Json::Null));
        What::Value {
            kind: kind.to_string(),
            attribute,
            old: side("old"),
            new: side("new"),
        }
    };
    let what = match kind {
        "model_added" => What::Added,
        "model_removed" => What::Removed,
        "price_changed" => {
            let meter = match field.strip_prefix("context_over_200k.") {
                Some(meter) => format!("{meter}.over_200000"),
                None => field.to_string(),
            };
            value("price_changed", format!("price.{meter}"), price)
        }
        "status_changed" => value("stage_changed", "stage".to_string(), |value| match value {
            Json::Null => "unknown".to_string(),
            Json::String(word) if word == "deprecated" => "deprecated".to_string(),
            _ => "preview".to_string(),
        }),
        "limit_changed" => value("limit_changed", format!("limit.{field}"), spelled),
        "modality_changed" => value("capability_changed", format!("modality.{field}"), spelled),
        "capability_changed" => value("capability_changed", format!("capability.{field}"), spelled),
        "name_changed" => value("text_changed", "name".to_string(), spelled),
        "date_changed" => {
            let day = if field == "release_date" {
                "launch"
            } else {
                "updated"
            };
            value("date_changed", format!("date.{day}"), spelled)
        }
        "provider_added" => return None,
        other => panic!("the truth has a kind that this test does not know: {other}"),
    };
    Some((
        text(fields, "date").to_string(),
        name,
        deployment,
        text(fields, "model").to_string(),
        what,
    ))
}

/// The events that a recorded change stands for.
fn recorded_events(fields: &Map<String, Json>) -> Vec<Event> {
    let event = |native_id: &str, what: What| {
        let deployment = fields
            .get("deployment")
            .and_then(Json::as_str)
            .map(str::to_string);
        let day = text(fields, "seen_at")
            .get(..10)
            .expect("a time")
            .to_string();
        (
            day,
            text(fields, "provider").to_string(),
            deployment,
            native_id.to_string(),
            what,
        )
    };
    let native_id = text(fields, "native_id");
    match text(fields, "kind") {
        "offering_added" | "offering_returned" => vec![event(native_id, What::Added)],
        "offering_removed" => vec![event(native_id, What::Removed)],
        "offering_renamed" => {
            vec![
                event(native_id, What::Added),
                event(text(fields, "old"), What::Removed),
            ]
        }
        "source_suspect" => Vec::new(),
        kind => {
            let spell = if kind == "price_changed" {
                price
            } else {
                spelled
            };
            let side = |key: &str| spell(fields.get(key).unwrap_or(&Json::Null));
            let attribute = text(fields, "attribute").to_string();
            let what = What::Value {
                kind: kind.to_string(),
                attribute,
                old: side("old"),
                new: side("new"),
            };
            vec![event(native_id, what)]
        }
    }
}

fn assert_same(expected: &[Event], found: &[Event]) {
    let counts = |events: &[Event]| {
        let mut counts: BTreeMap<Event, i64> = BTreeMap::new();
        events
            .iter()
            .for_each(|event| *counts.entry(event.clone()).or_default() += 1);
        counts
    };
    let (expected, found) = (counts(expected), counts(found));
    let lacking: Vec<_> = expected
        .iter()
        .filter(|(event, n)| found.get(event) != Some(n))
        .take(20)
        .collect();
    let extra: Vec<_> = found
        .iter()
        .filter(|(event, n)| expected.get(event) != Some(n))
        .take(20)
        .collect();
    assert!(
        lacking.is_empty() && extra.is_empty(),
        "lacking: {lacking:#?}\nextra: {extra:#?}"
    );
}

#[test]
fn with_the_rules_opened_every_event_is_recorded_and_no_other() {
    let Some(replay) = shared::folder("replay/public") else {
        return;
    };
    let world = World::new(OPENED);
    world.import(&replay.join("snapshots"));
    let truth: Vec<Event> = lines(replay.join("truth.jsonl"))
        .iter()
        .filter_map(true_event)
        .collect();
    let changes = world.changes();
    let found: Vec<Event> = changes.iter().flat_map(recorded_events).collect();
    assert!(truth.len() > 1_000);
    assert_same(&truth, &found);
    assert!(
        changes
            .iter()
            .all(|change| change.get("imported") == Some(&json!(true)))
    );

    let said = world.import(&replay.join("snapshots"));
    assert!(said.contains("94 known already"), "{said}");
    assert_eq!(world.changes(), changes, "importing twice changes nothing");
}

#[test]
fn with_the_default_rules_only_what_lasts_is_recorded() {
    let Some(replay) = shared::folder("replay/public") else {
        return;
    };
    let world = World::new("");
    world.import(&replay.join("snapshots"));
    let found: BTreeSet<Event> = world.changes().iter().flat_map(recorded_events).collect();
    let days = stored_days(&replay);
    let last = days.last().expect("days");
    let tagged = tags(&replay);
    let truth: Vec<(Event, Vec<String>)> = lines(replay.join("truth.jsonl"))
        .iter()
        .filter_map(|fields| {
            let tags = tagged.get(&tag_key(fields)).cloned().unwrap_or_default();
            true_event(fields).map(|event| (event, tags))
        })
        .collect();
    let all: BTreeSet<&Event> = truth.iter().map(|(event, _)| event).collect();
    assert!(
        found.iter().all(|event| all.contains(event)),
        "nothing is recorded that did not happen"
    );
    for (event, tags) in &truth {
        if tags.is_empty() && event.0 != *last {
            assert!(
                found.contains(event),
                "an untagged event is not recorded: {event:?}"
            );
        }
        let is_pair = tags
            .iter()
            .any(|tag| ["flip_3d", "readd_3d", "ghost_3d"].contains(&tag.as_str()));
        if is_pair && event.4 == What::Added && lives_one_reading(event, &truth, &days) {
            assert!(
                !found.contains(event),
                "a ghost of one reading is recorded: {event:?}"
            );
        }
    }
}

fn lives_one_reading(event: &Event, truth: &[(Event, Vec<String>)], days: &[String]) -> bool {
    let place = days
        .iter()
        .position(|day| *day == event.0)
        .expect("a stored day");
    let next = days.get(place + 1);
    truth.iter().any(|(other, _)| {
        other.4 == What::Removed
            && Some(&other.0) == next
            && (&other.1, &other.2, &other.3) == (&event.1, &event.2, &event.3)
    })
}

fn stored_days(replay: &Path) -> Vec<String> {
    let mut days: Vec<String> = std::fs::read_dir(replay.join("snapshots"))
        .expect("snapshots")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .trim_end_matches(".json")
                .to_string()
        })
        .collect();
    days.sort();
    days
}

fn tag_key(fields: &Map<String, Json>) -> String {
    ["date", "provider", "model", "kind", "field"]
        .map(|key| text(fields, key))
        .join(" ")
}

fn tags(replay: &Path) -> HashMap<String, Vec<String>> {
    lines(replay.join("noise.jsonl"))
        .iter()
        .map(|fields| {
            let tags = fields.get("tags").and_then(Json::as_array).expect("tags");
            (tag_key(fields), tags.iter().map(spelled).collect())
        })
        .collect()
}

/// A small generator: the same seed makes the same noise.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).expect("a small number")
    }
}

#[test]
fn injected_noise_is_not_news_and_hides_nothing() {
    let Some(replay) = shared::folder("replay/public") else {
        return;
    };
    let quiet = World::new("");
    quiet.import(&replay.join("snapshots"));
    let expected: Vec<Event> = quiet.changes().iter().flat_map(recorded_events).collect();
    for seed in [1, 20_260, 77_777] {
        let noisy = tempfile::tempdir().expect("a folder");
        let injected = inject(&replay, noisy.path(), seed);
        assert!(
            injected > 150,
            "only {injected} pieces of noise were injected"
        );
        let world = World::new("");
        world.import(noisy.path());
        let found: Vec<Event> = world.changes().iter().flat_map(recorded_events).collect();
        assert_same(&expected, &found);
    }
}

/// Writes the snapshots with noise that lives in a single one of them: flips, re-additions, prices times a thousand and
/// zero, and on some days every key of a provider spelled otherwise. Returns how much noise there is.
fn inject(replay: &Path, into: &Path, seed: u64) -> usize {
    let days = stored_days(replay);
    let mut seeded = Seeded(seed);
    let mut injected = 0;
    let mut noisy_before: BTreeSet<String> = BTreeSet::new();
    let snapshots: Vec<Json> = days
        .iter()
        .map(|day| {
            let file = replay.join("snapshots").join(format!("{day}.json"));
            serde_json::from_slice(&std::fs::read(file).expect("a snapshot")).expect("JSON")
        })
        .collect();
    for (place, day) in days.iter().enumerate() {
        let mut snapshot = snapshots[place].clone();
        let mut noisy: BTreeSet<String> = BTreeSet::new();
        // noise on the first day would be the baseline, and on the last one nothing could contradict it
        if place > 1 && place + 2 < days.len() {
            let around = [
                &snapshots[place - 2],
                &snapshots[place - 1],
                &snapshots[place + 1],
                &snapshots[place + 2],
            ];
            let providers: Vec<String> = snapshot
                .as_object()
                .expect("providers")
                .keys()
                .cloned()
                .collect();
            // noise of two readings in a row would be true
            for provider in providers
                .into_iter()
                .filter(|provider| !noisy_before.contains(provider))
            {
                let calm = around
                    .iter()
                    .all(|other| other[&provider] == snapshot[&provider]);
                let models = snapshot[&provider]["models"]
                    .as_object_mut()
                    .expect("models");
                if calm && seeded.below(9) == 0 {
                    injected += models.len();
                    noisy.insert(provider);
                    *models = models
                        .iter()
                        .map(|(key, entry)| (format!("{key}-x"), entry.clone()))
                        .collect();
                    continue;
                }
                let keys: Vec<String> = models.keys().cloned().collect();
                let key = &keys[seeded.below(keys.len())];
                if around
                    .iter()
                    .any(|other| other[&provider]["models"][key] != models[key])
                {
                    continue;
                }
                injected += 1;
                noisy.insert(provider.clone());
                match seeded.below(4) {
                    0 => {
                        models.remove(key);
                    }
                    1 => models[key]["name"] = json!("Flipped"),
                    2 => {
                        let cost = models[key]["cost"]["input"].as_f64().unwrap_or(1.0);
                        models[key]["cost"]["input"] = json!(cost * 1_000.0 + 1.0);
                    }
                    _ => models[key]["cost"] = json!({ "input": 0, "output": 0 }),
                }
            }
        }
        noisy_before = noisy;
        std::fs::write(into.join(format!("{day}.json")), snapshot.to_string())
            .expect("a written file");
    }
    injected
}
