//! Lists of models over time, imported in order: the additions and removals are the differences of sets taken by hand.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::reading::bodies;
use crate::world::World;

/// Confirmation, guard and flap rules opened: every difference between two bodies is a change.
const OPENED: &str = "[detect]\nconfirm_additions = 1\nconfirm_removals = 1\nconfirm_values = 1\nconfirm_hours = 0\n\
                      max_loss = 1.0\nmax_churn = 1.0\nflap_window = \"0s\"\n";

/// A sequence: its folder, the probe that reads it, and the ids of one of its bodies.
struct Sequence {
    place: &'static str,
    probe: &'static str,
    ids: fn(&Json) -> BTreeSet<String>,
    /// Whether its last body has so little in common with the one before that the guard holds it.
    is_held: bool,
}

fn fields(list: &Json, field: &str) -> BTreeSet<String> {
    let rows = list.as_array().expect("a list");
    let id = |row: &Json| row[field].as_str().expect("an id").to_string();
    rows.iter().map(id).collect()
}

const SEQUENCES: [Sequence; 5] = [
    Sequence {
        place: "seq/gemini-v1beta-models",
        probe: "gemini.models",
        is_held: false,
        ids: |json| {
            let names = fields(&json["models"], "name");
            names
                .iter()
                .map(|name| name.replacen("models/", "", 1))
                .collect()
        },
    },
    Sequence {
        place: "seq/mistral-v1-models",
        probe: "mistral.models",
        is_held: false,
        ids: |json| {
            // an alias is a row whose name is another row's id
            let mut ids = BTreeSet::new();
            for row in json["data"].as_array().expect("a list") {
                if row["name"].is_null() || row["name"] == row["id"] {
                    ids.insert(row["id"].as_str().expect("an id").to_string());
                }
            }
            ids
        },
    },
    Sequence {
        place: "seq/vertex-publisher-models",
        probe: "vertex.models@google",
        is_held: true,
        ids: |json| {
            let names = fields(&json["publisherModels"], "name");
            let id = |name: &String| name.replacen("publishers/google/models/", "", 1);
            names.iter().map(id).collect()
        },
    },
    Sequence {
        place: "seq/cohere-v1-models",
        probe: "cohere.models",
        is_held: false,
        ids: |json| fields(&json["models"], "name"),
    },
    Sequence {
        place: "seq/xai-v1-models",
        probe: "xai.models",
        is_held: false,
        ids: |json| fields(&json["data"], "id"),
    },
];

/// `2025-03-22T11:07:36Z` of a path that ends in `2025-03-22T110736Z.json`.
fn time(path: &str) -> String {
    let name = path.rsplit('/').next().expect("a name");
    let (day, rest) = name.split_at(11);
    format!("{day}{}:{}:{}Z", &rest[0..2], &rest[2..4], &rest[4..6])
}

/// When, `+` or `-`, and which id.
type Event = (String, char, String);

/// What the program recorded of additions and removals.
fn recorded(world: &World) -> BTreeSet<Event> {
    let mut events = BTreeSet::new();
    for change in world.changes(true) {
        let text = |key: &str| change[key].as_str().unwrap_or("").to_string();
        let at = text("seen_at");
        match change["kind"].as_str().expect("a kind") {
            "offering_added" | "offering_returned" => {
                events.insert((at, '+', text("native_id")));
            }
            "offering_removed" => {
                events.insert((at, '-', text("native_id")));
            }
            "offering_renamed" => {
                events.insert((at.clone(), '+', text("native_id")));
                events.insert((at, '-', text("old")));
            }
            _ => {}
        }
    }
    events
}

/// The differences of neighbours. With `twice`, a removal counts once it stands in two bodies, and an addition at once.
fn expected(sets: &[(String, BTreeSet<String>)], twice: bool) -> BTreeSet<Event> {
    let mut events = BTreeSet::new();
    let mut held: BTreeSet<String> = sets[0].1.clone();
    let mut missing: BTreeMap<String, String> = BTreeMap::new();
    for (at, ids) in &sets[1..] {
        missing.retain(|id, _| !ids.contains(id));
        for id in held.clone() {
            if ids.contains(&id) {
                continue;
            }
            match missing.get(&id) {
                None if twice => {
                    missing.insert(id, at.clone());
                }
                first => {
                    let at = first.unwrap_or(at).clone();
                    events.insert((at, '-', id.clone()));
                    missing.remove(&id);
                    held.remove(&id);
                }
            }
        }
        for id in ids {
            if held.insert(id.clone()) {
                events.insert((at.clone(), '+', id.clone()));
            }
        }
    }
    events
}

#[test]
fn additions_and_removals_are_the_differences_of_sets() {
    for (index, sequence) in SEQUENCES.iter().enumerate() {
        let Some(files) = bodies(sequence.place) else {
            return;
        };
        let sets: Vec<(String, BTreeSet<String>)> = files
            .iter()
            .map(|(path, bytes)| {
                let json = serde_json::from_slice(bytes).expect("JSON");
                (time(path), (sequence.ids)(&json))
            })
            .collect();
        let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        for (config, twice) in [(OPENED, false), ("", true)] {
            let world = World::new(config);
            let arguments = [&["import", "--probe", sequence.probe], paths.as_slice()].concat();
            world.good(&arguments);
            let is_held = sequence.is_held && twice;
            let taken = sets.len() - usize::from(is_held);
            let (expected, recorded) = (expected(&sets[..taken], twice), recorded(&world));
            let lacking: Vec<&Event> = expected.difference(&recorded).collect();
            let extra: Vec<&Event> = recorded.difference(&expected).collect();
            assert!(
                lacking.is_empty() && extra.is_empty(),
                "{} {twice}: lacking {lacking:#?}, extra {extra:#?}",
                sequence.probe
            );
            assert!(!expected.is_empty() || twice, "{index}");
            let suspect =
                |change: &serde_json::Map<String, Json>| change["kind"] == "source_suspect";
            let suspects = world.changes(true).iter().filter(|c| suspect(c)).count();
            assert_eq!(suspects, usize::from(is_held), "{}", sequence.probe);
        }
    }
}
