//! A provider that is asked in 35 places: the recorded lists of Azure's models, 17 MB a round. How long the first round takes,
//! one in which nothing has changed, and one in which a hundredth of the models has.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bellwether::config::{Own, Probe, Scoping, declared};
use bellwether::daemon::pipeline::Taken;
use bellwether::daemon::reading::Target;
use bellwether::market::{Hash, Scope};
use bellwether::store::Store;
use jiff::SignedDuration;
use serde_json::Value as Json;

use crate::import::{begin, feed};
use crate::measure::{cpu, figure};

const LOCATIONS: usize = 35;
const ROUNDS: i64 = 10;

/// CPU seconds of a round.
pub fn rounds() {
    let Some(recorded) = recorded() else {
        println!("skipped: BELLWETHER_SHARED does not name the recorded lists");
        return;
    };
    let bodies = round(&recorded, 0);
    let mut watched = Watched::new();
    seconds("35 locations for the first time", "at most 4", 1, || {
        watched.ask(0, &bodies, |taken| matches!(taken, Taken::Baseline { .. }));
    });
    seconds("35 locations unchanged", "at most 0.2", ROUNDS, || {
        for hour in 1..=ROUNDS {
            watched.ask(hour, &bodies, |taken| matches!(taken, Taken::Same { .. }));
        }
    });
    let changed: Vec<Vec<Vec<u8>>> = (1..=ROUNDS)
        .map(|version| round(&recorded, version))
        .collect();
    seconds(
        "35 locations of which 1 % changes",
        "at most 1",
        ROUNDS,
        || {
            for (hour, bodies) in (ROUNDS + 1..).zip(&changed) {
                watched.ask(hour, bodies, |taken| !matches!(taken, Taken::Failed(_)));
            }
        },
    );
}

fn seconds(what: &str, limit: &str, rounds: i64, work: impl FnOnce()) {
    let before = cpu();
    work();
    let each = (cpu() - before) / rounds as f64;
    figure(what, &format!("{each:.3} CPU s"), limit);
}

fn recorded() -> Option<Vec<Json>> {
    let shared = std::env::var_os("BELLWETHER_SHARED").map(PathBuf::from)?;
    let folder = shared.join("corpus/single/azure-models-list-all-regions-2026-08-22T06-46-08Z");
    let files = std::fs::read_dir(folder).ok()?;
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("a readable file");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    Some(paths.iter().map(read).collect())
}

/// What every location answers. In each version another hundredth of the models has another date.
fn round(recorded: &[Json], version: i64) -> Vec<Vec<u8>> {
    let body = |location: usize| {
        let mut rows = recorded[location % recorded.len()].clone();
        let all = rows.as_array_mut().expect("a list");
        for row in all {
            let model = &mut row["model"];
            let name = format!("{}@{}", model["name"], model["version"]);
            let place = Hash::of(name.as_bytes()).short() % 100;
            if i64::try_from(place).expect("small") < version {
                let skus = model["skus"].as_array_mut().expect("deployment types");
                for sku in skus {
                    let day = format!("2028-{:02}-01T00:00:00.000Z", place % 12 + 1);
                    sku["deprecationDate"] = day.into();
                }
            }
        }
        serde_json::to_vec_pretty(&rows).expect("JSON")
    };
    (0..LOCATIONS).map(body).collect()
}

struct Watched {
    probe: Probe,
    scopes: Vec<Scoping>,
    store: Store,
    _folder: tempfile::TempDir,
}

impl Watched {
    fn new() -> Self {
        let probes = declared(&[], Own::default()).expect("the shipped probes");
        let probe = probes
            .into_iter()
            .find(|probe| probe.id.as_str() == "azure.models");
        let scope = |n: usize| Scoping {
            scope: Scope::new(format!("location{n}")),
            values: BTreeMap::from([("location".to_string(), format!("location{n}"))]),
        };
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            probe: probe.expect("the probe"),
            scopes: (0..LOCATIONS).map(scope).collect(),
            store: Store::open(&folder.path().join("bellwether.db")).expect("a database"),
            _folder: folder,
        }
    }

    fn ask(&mut self, hour: i64, bodies: &[Vec<u8>], expected: impl Fn(&Taken) -> bool) {
        let at = begin() + SignedDuration::from_hours(hour);
        for (scoping, bytes) in self.scopes.iter().zip(bodies) {
            let target = Target::new(&self.probe, scoping);
            let taken = feed(&mut self.store, &target, at, bytes);
            assert!(expected(&taken), "{taken:?}");
        }
    }
}
