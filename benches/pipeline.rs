//! Figures per CPU second of what the daemon does all day, beside a limit measured in the same run: these machines are
//! shared, so that only ratios and CPU time mean anything. `cargo bench` prints them; nothing here asserts a time.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod measure;

use std::path::{Path, PathBuf};
use std::time::Instant;

use bellwether::alerting::Policy;
use bellwether::config::{Own, Probe, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, Taken, Target, take};
use bellwether::detect::Rules;
use bellwether::market::{Hash, day_start};
use bellwether::store::{OfferingFilter, Offerings, Store};
use jiff::{SignedDuration, Timestamp};
use measure::{cpu, measured};
use serde_json::{Map, Value as Json, json};

fn main() {
    // memory is measured in a process of its own, which has not held anything else before
    if std::env::args().any(|argument| argument == "memory") {
        return ticks();
    }
    println!(
        "{:<44} {:>12} {:>10} {:>10}",
        "what", "per CPU s", "CPU s", "wall s"
    );
    limits();
    replay();
    changing_body();
    unchanged_poll();
    as_of();
    let own = std::env::current_exe().expect("this program");
    let status = std::process::Command::new(own)
        .arg("memory")
        .status()
        .expect("a process");
    assert!(status.success());
}

/// A thousand ticks of two registries of the live size, of which one in a hundred entries changes in every tenth: the
/// resident memory after each tick, steady and at its highest.
fn ticks() {
    let probe = registry_probe(false);
    let mut other = registry_probe(false);
    other.id = "second.registry".into();
    let mut fresh = fresh();
    let (mut peak, mut sum) = (0.0f64, 0.0);
    const TICKS: u32 = 1_000;
    for tick in 0..TICKS {
        let at = begin() + SignedDuration::from_mins(i64::from(tick));
        for probe in [&probe, &other] {
            let body = live_body(u64::from(tick / 10));
            feed(&mut fresh.store, probe, at, &body);
            peak = peak.max(memory());
        }
        if tick >= TICKS / 2 {
            sum += memory();
        }
    }
    println!(
        "{:<44} {:>9.1} MB steady, {peak:.1} MB at most (PSS; making the bodies counts)",
        "1,000 ticks of two live registries",
        sum / f64::from(TICKS / 2)
    );
}

/// Proportional set size in megabytes, now.
fn memory() -> f64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").expect("Linux's /proc");
    let line = rollup
        .lines()
        .find(|line| line.starts_with("Pss:"))
        .expect("a Pss line");
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<f64>().ok())
        .expect("kB")
        / 1024.0
}

fn registry_probe(opened: bool) -> Probe {
    let mut probe = declared(&[], Own::default())
        .expect("the shipped probes")
        .into_iter()
        .find(|probe| probe.id.as_str() == "models-dev.catalogue")
        .expect("the registry");
    if opened {
        probe.rules = Rules {
            confirm_additions: 1,
            confirm_removals: 1,
            confirm_values: 1,
            max_loss: 1.0,
            max_churn: 1.0,
            flap_window: SignedDuration::ZERO,
            ..probe.rules
        };
    }
    probe
}

struct Fresh {
    _folder: tempfile::TempDir,
    store: Store,
}

fn fresh() -> Fresh {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    Fresh {
        _folder: folder,
        store,
    }
}

fn feed(store: &mut Store, probe: &Probe, at: Timestamp, bytes: &[u8]) -> Taken {
    let target = Target::new(probe, &probe.scopes[0]);
    let answer = Answer::Body {
        bytes,
        content_type: None,
        etag: None,
        last_modified: None,
    };
    let arrival = Arrival {
        at,
        answer,
        sample: None,
        vantage: "bench",
        imported: true,
        inconclusive: false,
    };
    let taken = take(store, &target, &arrival, &Policy::default()).expect("a sound store");
    assert!(!matches!(taken, Taken::Failed(_)), "{taken:?}");
    taken
}

fn begin() -> Timestamp {
    day_start(jiff::civil::date(2026, 1, 1))
}

/// A registry of the live size: providers with models, 2.4 MB.
fn live_body(version: u64) -> Vec<u8> {
    let providers = [
        "openai",
        "anthropic",
        "azure",
        "amazon-bedrock",
        "google",
        "mistral",
        "groq",
        "openrouter",
    ];
    let mut all = Map::new();
    for (place, provider) in providers.iter().enumerate() {
        let models: Map<String, Json> = (0..660)
            .map(|n| {
                // one model in a hundred has another price in each version
                let changes = (n + place) % 100 == usize::try_from(version % 100).expect("small");
                let price = if changes { 2.0 + version as f64 } else { 1.25 };
                let entry = json!({
                    "id": format!("{provider}-model-{n}"), "name": format!("Model {n} of {provider}"), "family": "family-name",
                    "attachment": true, "reasoning": n % 2 == 0, "tool_call": true, "structured_output": true,
                    "temperature": true, "knowledge": "2025-12-01", "release_date": "2026-01-23", "last_updated": "2026-02-23",
                    "modalities": { "input": ["text", "image", "pdf"], "output": ["text"] }, "open_weights": false,
                    "limit": { "context": 1_050_000, "input": 922_000, "output": 128_000 },
                    "cost": { "input": price, "output": 30, "cache_read": 0.5 },
                });
                (format!("{provider}-model-{n}"), entry)
            })
            .collect();
        all.insert(
            (*provider).to_string(),
            json!({ "id": provider, "name": provider, "env": [], "models": models }),
        );
    }
    Json::Object(all).to_string().into_bytes()
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// What the machine can do at all: the ratios to these are what can be compared.
fn limits() {
    let body = live_body(0);
    let size = megabytes(body.len());
    measured("limit: BLAKE3", size * 200.0, "MB", || {
        for _ in 0..200 {
            std::hint::black_box(Hash::of(std::hint::black_box(&body)));
        }
    });
    measured("limit: serde_json to a value", size * 20.0, "MB", || {
        for _ in 0..20 {
            std::hint::black_box(serde_json::from_slice::<Json>(&body).expect("JSON"));
        }
    });
}

fn snapshots() -> Option<Vec<(Timestamp, Vec<u8>)>> {
    let shared = std::env::var_os("BELLWETHER_SHARED").map(PathBuf::from)?;
    let folder: &Path = &shared.join("replay/public/snapshots");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let day = |path: &Path| {
        path.file_stem()
            .and_then(|stem| stem.to_str()?.parse().ok())
            .map(day_start)
    };
    Some(
        files
            .iter()
            .filter_map(|path| Some((day(path)?, std::fs::read(path).expect("a readable file"))))
            .collect(),
    )
}

fn replay() {
    let Some(days) = snapshots() else {
        println!("skipped: BELLWETHER_SHARED does not name the recorded history");
        return;
    };
    let probe = registry_probe(true);
    let size: f64 = days.iter().map(|(_, body)| megabytes(body.len())).sum();
    const ROUNDS: u32 = 5;
    measured(
        "import of the recorded history",
        size * f64::from(ROUNDS),
        "MB",
        || {
            for _ in 0..ROUNDS {
                let mut fresh = fresh();
                for (at, body) in &days {
                    feed(&mut fresh.store, &probe, *at, body);
                }
            }
        },
    );
    // does a reading cost more the longer the history is?
    let mut parts: Vec<(f64, f64)> = vec![(0.0, 0.0); 2];
    for _ in 0..ROUNDS * 4 {
        let mut fresh = fresh();
        for (place, (at, body)) in days.iter().enumerate() {
            let wall = Instant::now();
            let changes = feed(&mut fresh.store, &probe, *at, body).changes().len();
            let part = match place {
                1..=10 => Some(0),
                place if place + 10 >= days.len() => Some(1),
                _ => None,
            };
            if let Some(part) = part {
                parts[part].0 += wall.elapsed().as_secs_f64();
                parts[part].1 += changes as f64;
            }
        }
    }
    for ((seconds, changes), what) in parts.iter().zip(["first", "last"]) {
        println!(
            "{:<44} {:>9.1} us a change ({:.0} changes)",
            format!("the {what} 10 readings"),
            seconds * 1e6 / changes,
            changes / f64::from(ROUNDS * 4)
        );
    }
}

fn changing_body() {
    let probe = registry_probe(false);
    let bodies: Vec<Vec<u8>> = (0..=50).map(live_body).collect();
    let mut fresh = fresh();
    let at = |n: usize| begin() + SignedDuration::from_hours(n as i64);
    feed(&mut fresh.store, &probe, at(0), &bodies[0]);
    let size: f64 = bodies
        .iter()
        .skip(1)
        .map(|body| megabytes(body.len()))
        .sum();
    measured("live registry, 1 % changes, 50 times", size, "MB", || {
        for (n, body) in bodies.iter().enumerate().skip(1) {
            feed(&mut fresh.store, &probe, at(n), body);
        }
    });
}

fn unchanged_poll() {
    let probe = registry_probe(false);
    let body = live_body(0);
    let mut fresh = fresh();
    feed(&mut fresh.store, &probe, begin(), &body);
    const POLLS: u32 = 500;
    measured(
        "unchanged poll of the live registry",
        megabytes(body.len()) * f64::from(POLLS),
        "MB",
        || {
            for n in 1..=POLLS {
                let taken = feed(
                    &mut fresh.store,
                    &probe,
                    begin() + SignedDuration::from_mins(i64::from(n)),
                    &body,
                );
                assert!(matches!(taken, Taken::Same { .. }));
            }
        },
    );
}

/// A database with many intervals, of which one provider's are asked for as of a time in the past.
fn as_of() {
    let probe = registry_probe(true);
    let mut fresh = fresh();
    for version in 0..180 {
        let body = churned(version);
        feed(
            &mut fresh.store,
            &probe,
            begin() + SignedDuration::from_hours(i64::from(version)),
            &body,
        );
    }
    let filter = OfferingFilter {
        at: Some(begin() + SignedDuration::from_hours(90)),
        provider: Some("mistral".to_string()),
        ..OfferingFilter::default()
    };
    let rows = fresh.store.offerings(&filter).expect("facts").len();
    const TIMES: u32 = 50;
    let before = cpu();
    for _ in 0..TIMES {
        std::hint::black_box(fresh.store.offerings(&filter).expect("facts"));
    }
    let each = (cpu() - before) * 1000.0 / f64::from(TIMES);
    println!(
        "{:<44} {each:>9.1} ms CPU ({rows} rows)",
        "offerings of one provider, as of a past time"
    );
}

/// Ten providers with 100 models of about 20 values; in every version each provider has other prices for some.
fn churned(version: u32) -> Vec<u8> {
    let providers = [
        "openai",
        "anthropic",
        "azure",
        "cohere",
        "google",
        "mistral",
        "groq",
        "openrouter",
        "xai",
        "llama",
    ];
    let mut all = Map::new();
    for provider in providers {
        let models: Map<String, Json> = (0..100u32)
            .map(|n| {
                let price = if n < 50 { f64::from(version % 97) + 1.0 } else { 1.0 };
                let entry = json!({
                    "id": format!("m{n}"), "name": format!("M {n}"), "attachment": true, "reasoning": true, "tool_call": true,
                    "structured_output": true, "temperature": true, "open_weights": false, "release_date": "2026-01-23",
                    "last_updated": "2026-02-23", "modalities": { "input": ["text"], "output": ["text"] },
                    "limit": { "context": 1000, "input": 900, "output": 100 },
                    "cost": { "input": price, "output": price * 3.0, "cache_read": 0.5, "cache_write": 1.0 },
                });
                (format!("m{n}"), entry)
            })
            .collect();
        all.insert(
            provider.to_string(),
            json!({ "id": provider, "models": models }),
        );
    }
    Json::Object(all).to_string().into_bytes()
}
