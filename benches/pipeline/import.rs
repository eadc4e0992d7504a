//! Import, polls and questions: CPU time of what the daemon does all day.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use bellwether::alerting::Policy;
use bellwether::config::{Own, Probe, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, Taken, take};
use bellwether::daemon::reading::Target;
use bellwether::detect::Rules;
use bellwether::market::{Hash, day_start};
use bellwether::store::{OfferingFilter, Offerings, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::bodies::{churned, registry};
use crate::measure::{cpu, cpu_of_children, figure, median, megabytes, rate};

/// The models.dev probe; `opened`: every difference is a change at once.
pub fn registry_probe(opened: bool) -> Probe {
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
    folder: tempfile::TempDir,
    store: Store,
}

fn fresh() -> Fresh {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    Fresh { folder, store }
}

/// The only source of a probe.
fn whole(probe: &Probe) -> Target<'_> {
    Target::new(probe, &probe.scopes[0])
}

/// Takes in a body that came at this time.
pub fn feed(store: &mut Store, target: &Target<'_>, at: Timestamp, bytes: &[u8]) -> Taken {
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
    let taken = take(store, target, &arrival, &Policy::default()).expect("a sound store");
    assert!(!matches!(taken, Taken::Failed(_)), "{taken:?}");
    taken
}

/// When the clocks of the benches begin.
pub fn begin() -> Timestamp {
    day_start(jiff::civil::date(2026, 1, 1))
}

/// What the machine can do at all: the ratios to these are what can be compared.
pub fn limits() {
    let body = registry(0);
    let size = megabytes(body.len());
    rate("BLAKE3", size * 200.0, "the hash alone", || {
        for _ in 0..200 {
            std::hint::black_box(Hash::of(std::hint::black_box(&body)));
        }
    });
    rate(
        "serde_json to a value",
        size * 20.0,
        "one parse of everything",
        || {
            for _ in 0..20 {
                std::hint::black_box(serde_json::from_slice::<Json>(&body).expect("JSON"));
            }
        },
    );
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

/// The recorded history, and whether a reading costs more the longer the history is.
pub fn history() {
    let Some(days) = snapshots() else {
        println!("skipped: BELLWETHER_SHARED does not name the recorded history");
        return;
    };
    let probe = registry_probe(true);
    let size: f64 = days.iter().map(|(_, body)| megabytes(body.len())).sum();
    const ROUNDS: u32 = 5;
    rate(
        "import of the recorded history",
        size * f64::from(ROUNDS),
        "at least 60",
        || {
            for _ in 0..ROUNDS {
                let mut fresh = fresh();
                for (at, body) in &days {
                    feed(&mut fresh.store, &whole(&probe), *at, body);
                }
            }
        },
    );
    // the time of each reading: the least of several imports
    let last = days.len() - 10;
    let timed = |days: &[(Timestamp, Vec<u8>)]| {
        let mut least = vec![f64::MAX; days.len()];
        for _ in 0..ROUNDS * 2 {
            let mut fresh = fresh();
            for (place, (at, body)) in days.iter().enumerate() {
                let wall = Instant::now();
                feed(&mut fresh.store, &whole(&probe), *at, body);
                least[place] = least[place].min(wall.elapsed().as_secs_f64());
            }
        }
        least
    };
    let whole = timed(&days);
    let alone = timed(&days[last - 1..]);
    let after_all: f64 = whole[last..].iter().sum();
    let after_one: f64 = alone[1..].iter().sum();
    let first: f64 = whole[1..11].iter().sum();
    let measured = format!("{:.2} times", after_all / after_one);
    let told = "at most 1: as long as after the day before alone, so that history costs nothing";
    figure("the last ten readings, after all others", &measured, told);
    let size = |days: &[(Timestamp, Vec<u8>)]| {
        days.iter()
            .map(|(_, body)| megabytes(body.len()))
            .sum::<f64>()
    };
    let each = |seconds: f64, days| seconds * 1e3 / size(days);
    let told = format!(
        "at most the first ten's {:.0} (bodies grew sixfold, changes fell from 1,099 to 48)",
        each(first, &days[1..11])
    );
    let measured = format!("{:.0} ms/MB", each(after_all, &days[last..]));
    figure("the last ten readings, by what they hold", &measured, &told);
}

/// A body of the live size of which one in a hundred entries changes.
pub fn changing_body() {
    let probe = registry_probe(false);
    let bodies: Vec<Vec<u8>> = (0..=50).map(registry).collect();
    let mut fresh = fresh();
    let at = |n: usize| begin() + SignedDuration::from_hours(n as i64);
    feed(&mut fresh.store, &whole(&probe), at(0), &bodies[0]);
    let size: f64 = bodies
        .iter()
        .skip(1)
        .map(|body| megabytes(body.len()))
        .sum();
    rate(
        "2.4 MB of which 1 % changes, 50 times",
        size,
        "at least 150",
        || {
            for (n, body) in bodies.iter().enumerate().skip(1) {
                feed(&mut fresh.store, &whole(&probe), at(n), body);
            }
        },
    );
}

/// The same body again and again: a hash and one row.
pub fn unchanged_body() {
    let probe = registry_probe(false);
    let body = registry(0);
    let mut fresh = fresh();
    feed(&mut fresh.store, &whole(&probe), begin(), &body);
    const POLLS: u32 = 500;
    let size = megabytes(body.len()) * f64::from(POLLS);
    rate("an unchanged body", size, "at least 300", || {
        for n in 1..=POLLS {
            let at = begin() + SignedDuration::from_mins(i64::from(n));
            let taken = feed(&mut fresh.store, &whole(&probe), at, &body);
            assert!(matches!(taken, Taken::Same { .. }));
        }
    });
}

/// A database with 200,000 intervals, 20,000 of them open, of which one provider's are asked for as of a time in the past.
pub fn as_of() {
    let probe = registry_probe(true);
    let mut fresh = fresh();
    for version in 0..180 {
        let at = begin() + SignedDuration::from_hours(i64::from(version));
        feed(&mut fresh.store, &whole(&probe), at, &churned(version));
    }
    let past = begin() + SignedDuration::from_hours(90);
    let count = |filter: &OfferingFilter| fresh.store.offerings(filter).expect("facts").len();
    let open = count(&OfferingFilter::default());
    let filter = OfferingFilter {
        at: Some(past),
        provider: Some("mistral".to_string()),
        ..OfferingFilter::default()
    };
    let rows = count(&filter);
    let intervals = open + 179 * 1_000;
    const TIMES: u32 = 50;
    let before = cpu();
    for _ in 0..TIMES {
        std::hint::black_box(fresh.store.offerings(&filter).expect("facts"));
    }
    let each = (cpu() - before) * 1000.0 / f64::from(TIMES);
    let told = format!("less than 50 ({rows} rows; {intervals} intervals, {open} open)");
    figure(
        "offerings as of a past time",
        &format!("{each:.1} ms CPU"),
        &told,
    );
    // the command, less what it costs to start one
    let ours = |arguments: &[&str]| {
        let runs = (0..3).map(|_| {
            let before = cpu_of_children();
            for _ in 0..10 {
                let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
                command
                    .arg("--data")
                    .arg(fresh.folder.path())
                    .args(arguments);
                assert!(command.output().expect("a run").status.success());
            }
            (cpu_of_children() - before) * 100.0
        });
        median(runs.collect())
    };
    let at = past.to_string();
    let asked = [
        "--format",
        "jsonl",
        "offerings",
        "--provider",
        "mistral",
        "--at",
        at.as_str(),
    ];
    let each = ours(&asked) - ours(&["--version"]);
    let told = "less than 50 (the command with its output as JSON lines)";
    figure("", &format!("{each:.1} ms CPU"), told);
}
