//! A real history once more without any database: what its snapshots say, walked by hand, is what the program counts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value as Json, json};

use super::recount::{number_of, text_of};
use super::{OPENED, denoted, objects, replayed, told_shifts};
use crate::shared;
use crate::world::World;

/// Provider of the registry and key.
type Key = (String, String);

/// Every stored day with what the registry listed at its end.
struct Snapshots(Vec<(i64, Json)>);

fn provider(registry: &str) -> &str {
    match registry {
        "amazon-bedrock" => "bedrock",
        "azure-cognitive-services" => "azure",
        "google" => "gemini",
        "google-vertex" | "google-vertex-anthropic" => "vertex",
        same => same,
    }
}

fn keys(snapshot: &Json) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    for (registry, entry) in snapshot.as_object().expect("providers") {
        for key in entry["models"].as_object().expect("models").keys() {
            keys.insert((registry.clone(), key.clone()));
        }
    }
    keys
}

impl Snapshots {
    fn of(replay: &Path) -> Self {
        let folder = std::fs::read_dir(replay.join("snapshots")).expect("a folder");
        let paths = folder.map(|file| file.expect("a file").path());
        let mut days: Vec<(i64, Json)> = paths
            .map(|path| {
                let day = path.file_stem().and_then(|name| name.to_str());
                let bytes = std::fs::read(&path).expect("a snapshot");
                let body = serde_json::from_slice(&bytes).expect("JSON");
                (number_of(day.expect("a name")), body)
            })
            .collect();
        days.sort_by_key(|(day, _)| *day);
        Self(days)
    }

    /// The stored day after one, on which a second reading confirms it.
    fn next(&self, day: i64) -> i64 {
        let mut days = self.0.iter().map(|(day, _)| *day);
        days.find(|next| *next > day).expect("a later day")
    }

    /// What is listed at the end of every stored day: at once, or once two readings in a row say so.
    fn listed(&self, is_opened: bool) -> BTreeMap<i64, BTreeSet<Key>> {
        let mut listed: BTreeMap<i64, BTreeSet<Key>> = BTreeMap::new();
        let mut believed: Option<BTreeSet<Key>> = None;
        let mut before: BTreeSet<Key> = BTreeSet::new();
        for (day, snapshot) in &self.0 {
            let seen = keys(snapshot);
            let now = match believed.filter(|_| !is_opened) {
                None => seen.clone(),
                Some(believed) => {
                    let all = seen.union(&believed);
                    let holds = |key: &&Key| match seen.contains(*key) == before.contains(*key) {
                        true => seen.contains(*key),
                        false => believed.contains(*key),
                    };
                    all.filter(holds).cloned().collect()
                }
            };
            listed.insert(*day, now.clone());
            believed = Some(now);
            before = seen;
        }
        listed
    }
}

/// A model, what its keys hold, and its lags.
type Event = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, i64)],
);

/// When models of the market events were first listed, told by their keys, and how many days after the first of all.
const EVENTS: [Event; 3] = [
    (
        "anthropic/claude-sonnet-4.5",
        &["sonnet-4-5", "sonnet-4.5"],
        &[
            ("anthropic", 0),
            ("openrouter", 0),
            ("bedrock", 1),
            ("vertex", 23),
            ("azure", 51),
        ],
    ),
    (
        "anthropic/claude-opus-4.5",
        &["opus-4-5", "opus-4.5"],
        &[
            ("anthropic", 0),
            ("bedrock", 0),
            ("azure", 0),
            ("openrouter", 2),
            ("vertex", 5),
        ],
    ),
    (
        "openai/gpt-5",
        &["/gpt-5$"],
        &[("openai", 0), ("openrouter", 0), ("azure", 1)],
    ),
];

fn is_named(key: &str, names: &[&str]) -> bool {
    names.iter().any(|name| match name.strip_suffix('$') {
        Some(name) => format!("/{key}").ends_with(name),
        None => key.contains(name),
    })
}

#[test]
fn lags_are_those_of_the_market_events() {
    let Some(replay) = shared::folder("replay/public") else {
        return;
    };
    let snapshots = Snapshots::of(&replay);
    for config in [OPENED, ""] {
        let world = replayed(&replay, config);
        let arguments = [
            "--format",
            "jsonl",
            "indicators",
            "--lags",
            "--until",
            "2025-12-29",
        ];
        let told = objects(&world.good(&arguments));
        for (model, names, events) in EVENTS {
            let mut firsts: BTreeMap<&str, i64> = BTreeMap::new();
            // with two readings one later, if the second spells it as the first did
            for (day, keys) in snapshots.listed(config == OPENED) {
                for (registry, key) in keys {
                    if is_named(&key, names) {
                        let mut of = events.iter().map(|(of, _)| *of);
                        let of = of.find(|of| *of == provider(&registry));
                        let of = of.expect("a provider of the events");
                        firsts.entry(of).or_insert(day);
                    }
                }
            }
            let first = firsts.values().copied().min().expect("a first day");
            let lags: BTreeMap<&str, i64> = firsts
                .iter()
                .map(|(provider, day)| (*provider, day - first))
                .collect();
            if config == OPENED {
                assert_eq!(lags, events.iter().copied().collect(), "{model}");
            }
            let of_model = told.iter().filter(|row| row["model"] == model);
            let found: BTreeMap<&str, i64> = of_model
                .map(|row| {
                    assert_eq!(row["bound"], "exact", "{row}");
                    assert_eq!(row["first"], json!(text_of(first)), "{row}");
                    let provider = row["provider"].as_str().expect("a provider");
                    (provider, row["lag"].as_i64().expect("days"))
                })
                .collect();
            assert_eq!(found, lags, "{model}");
        }
    }
}

#[test]
fn a_price_cut_moves_the_basket_by_as_much_on_its_day() {
    let Some(replay) = shared::folder("replay/public") else {
        return;
    };
    let snapshots = Snapshots::of(&replay);
    let price = |snapshot: &Json| {
        let cost = &snapshot["deepseek"]["models"]["deepseek-chat"]["cost"];
        let of = |meter: &str| cost[meter].as_f64().expect("a price");
        (3.0 * of("input") + of("output")) / 4.0
    };
    let november = number_of("2025-11-01")..=number_of("2025-11-30");
    let cuts: Vec<(i64, f64, f64)> = snapshots
        .0
        .windows(2)
        .map(|pair| (pair[1].0, price(&pair[0].1), price(&pair[1].1)))
        .filter(|(day, was, is)| was != is && november.contains(day))
        .collect();
    let [(day, was, is)] = cuts[..] else {
        panic!("the snapshots tell of {cuts:?}");
    };
    assert_eq!(text_of(day), "2025-11-17");
    assert!(
        (was - 0.8475).abs() + (is - 0.315).abs() < 1e-9,
        "{was} {is}"
    );
    for config in [OPENED, ""] {
        let world = replayed(&replay, config);
        let day = if config == OPENED {
            day
        } else {
            snapshots.next(day)
        };
        let told = super::told(&world, "2025-11-10", "2025-11-28");
        let key = ("basket".to_string(), "deepseek".to_string(), String::new());
        let index = |day: i64| told[&day][&key].0;
        for other in number_of("2025-11-11")..=number_of("2025-11-28") {
            let ratio = index(other) / index(other - 1);
            let expected = if other == day { is / was } else { 1.0 };
            assert!(
                (ratio - expected).abs() < 1e-4,
                "{}: {ratio}",
                text_of(other)
            );
        }
    }
}

#[test]
fn what_came_and_went_is_the_difference_of_snapshots() {
    let Some(replay) = shared::folder("replay/public") else {
        return;
    };
    let snapshots = Snapshots::of(&replay);
    for config in [OPENED, ""] {
        let world = replayed(&replay, config);
        let listed = snapshots.listed(config == OPENED);
        let all: BTreeSet<&Key> = listed.values().flatten().collect();
        let asked = all.iter().map(|(registry, key)| {
            format!(
                "{}\n",
                json!({ "provider": provider(registry), "native_id": key })
            )
        });
        let models = denoted(&world, &asked.collect::<String>());
        let models: BTreeMap<&Key, Option<&str>> = all
            .into_iter()
            .zip(models.iter().map(|told| told["model"].as_str()))
            .collect();
        let mut begins: BTreeMap<&str, i64> = BTreeMap::new();
        let mut expected: BTreeMap<(i64, &str, &str), f64> = BTreeMap::new();
        let mut before: BTreeSet<(&str, &str)> = BTreeSet::new();
        for (day, keys) in &listed {
            let named = keys
                .iter()
                .filter_map(|key| Some((provider(&key.0), models[key]?)));
            let now: BTreeSet<(&str, &str)> = named.collect();
            for (registry, _) in keys {
                begins.entry(provider(registry)).or_insert(*day);
            }
            for (provider, _) in now.difference(&before) {
                if begins[provider] != *day {
                    *expected.entry((*day, provider, "added")).or_default() += 1.0;
                }
            }
            for (provider, _) in before.difference(&now) {
                *expected.entry((*day, provider, "removed")).or_default() += 1.0;
            }
            before = now;
        }
        let told = super::told(&world, "2025-06-12", "2025-12-29");
        let mut found: BTreeMap<(i64, &str, &str), f64> = BTreeMap::new();
        for (day, numbers) in &told {
            for ((name, provider, _), (value, _)) in numbers {
                if ["added", "removed"].contains(&name.as_str()) && *value != 0.0 {
                    found.insert((*day, provider, name), *value);
                }
            }
        }
        assert_eq!(found, expected);
        let november = number_of("2025-11-03")..=number_of("2025-11-30");
        let in_november = found.keys().filter(|(day, ..)| november.contains(day));
        assert!(in_november.count() > 20, "{found:?}");
    }
}

/// What editors of a registry do to it from a day on.
fn cleaned(snapshot: &mut Json) {
    let of_openai = snapshot["openai"]["models"].clone();
    for registry in ["openrouter", "amazon-bedrock", "google-vertex"] {
        let models = snapshot[registry]["models"]
            .as_object_mut()
            .expect("models");
        let sum = |key: &str| key.bytes().map(usize::from).sum::<usize>();
        models.retain(|key, _| !sum(key).is_multiple_of(3));
    }
    let models = snapshot["mistral"]["models"]
        .as_object_mut()
        .expect("models");
    let named = std::mem::take(models).into_iter();
    *models = named
        .map(|(key, model)| (format!("{key}-spelled-anew"), model))
        .collect();
    let models = snapshot["azure"]["models"].as_object_mut().expect("models");
    for (key, model) in of_openai.as_object().expect("models") {
        let launch = model["release_date"].as_str().unwrap_or("");
        if launch < "2025-07-15" && !models.contains_key(key) {
            models.insert(key.clone(), model.clone());
        }
    }
}

#[test]
fn what_editors_of_a_registry_do_shifts_nothing() {
    let Some(replay) = shared::folder("replay/public") else {
        return;
    };
    let snapshots = Snapshots::of(&replay);
    for config in [OPENED, ""] {
        let world = World::new(config);
        for (day, mut snapshot) in snapshots.0.clone() {
            let day = text_of(day);
            if day.as_str() >= "2025-10-01" {
                cleaned(&mut snapshot);
            }
            world.write(&format!("cleaned/{day}.json"), &snapshot.to_string());
        }
        let folder = world.path("cleaned");
        world.good(&[
            "import",
            "--probe",
            "models-dev",
            folder.to_str().expect("a path"),
        ]);
        let as_it_was = replayed(&replay, config);
        let (since, until) = ("2025-09-28", "2025-10-21");
        let of = |world: &World| told_shifts(world, since, until);
        assert_eq!(of(&world), of(&as_it_was));
        let removed: f64 = super::told(&world, since, until)
            .into_values()
            .flatten()
            .filter(|((name, ..), _)| name == "removed")
            .map(|(_, (value, _))| value)
            .sum();
        assert!(removed > 40.0, "only {removed} models were removed");
    }
}
