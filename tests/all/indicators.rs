//! Every indicator against a second count, which is slow and follows the words of docs/indicators.md alone.

mod landscapes;
mod recount;
mod shifts;
mod snapshots;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value as Json;

use crate::shared;
use crate::world::World;
use recount::{Numbers, Recount, number_of, text_of};
use shifts::Shift;

/// Confirmation, guard and flap rules opened: every difference between two days is a change.
const OPENED: &str = "[detect]\nconfirm_additions = 1\nconfirm_removals = 1\nconfirm_values = 1\nconfirm_hours = 0\n\
                      max_loss = 1.0\nmax_churn = 1.0\nflap_window = \"0s\"\n";

/// Numbers of which none is as good as zero.
const COUNTS: [&str; 11] = [
    "models",
    "models_by_lab",
    "models_by_stage",
    "models_by_interface",
    "regions",
    "added",
    "removed",
    "exclusive",
    "single_source",
    "retiring_firm",
    "retiring_not_before",
];

fn objects(lines: &str) -> Vec<Json> {
    let lines = lines.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

/// What the program says that ids denote, which are asked for line by line.
fn denoted(world: &World, asked: &str) -> Vec<Json> {
    let mut child = world
        .program()
        .args(["model", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a run");
    let mut input = child.stdin.take().expect("its input");
    let asked = asked.to_string();
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let output = child.wait_with_output().expect("an end");
    writer.join().expect("a writer").expect("a written text");
    objects(&String::from_utf8(output.stdout).expect("text"))
}

fn recounted(world: &World, last: &str) -> Recount {
    let tells = |asked: &str| denoted(world, asked);
    Recount::new(&world.path("data/bellwether.db"), &tells, last)
}

/// The real history, imported by the program.
fn replayed(replay: &Path, config: &str) -> World {
    let world = World::new(config);
    let snapshots = replay.join("snapshots");
    let snapshots = snapshots.to_str().expect("a path");
    world.good(&["import", "--probe", "models-dev", snapshots]);
    world
}

/// What the program says of days, by day.
fn told(world: &World, since: &str, until: &str) -> BTreeMap<i64, Numbers> {
    let lines = world.good(&[
        "--format",
        "jsonl",
        "indicators",
        "--since",
        since,
        "--until",
        until,
    ]);
    let mut days: BTreeMap<i64, Numbers> = BTreeMap::new();
    for object in objects(&lines) {
        let text = |key: &str| object[key].as_str().unwrap_or("").to_string();
        let n = object["n"].as_u64().map(|n| n as usize);
        let value = object["value"].as_f64().expect("a number");
        let numbers = days.entry(number_of(&text("day"))).or_default();
        let is_second = numbers
            .insert((text("name"), text("provider"), text("of")), (value, n))
            .is_some();
        assert!(!is_second, "told twice: {object}");
    }
    days
}

/// Every difference between what is told of some days and the second count, in words.
fn differences(told: &BTreeMap<i64, Numbers>, recount: &Recount, step: usize) -> Vec<String> {
    let mut differences = Vec::new();
    for day in recount.days.iter().map(|day| day.number).step_by(step) {
        let none = Numbers::new();
        let told = told.get(&day).unwrap_or(&none);
        let counted = recount.numbers(day);
        let keys = told.keys().chain(counted.keys());
        for key in keys.collect::<BTreeSet<_>>() {
            let is_zero =
                |numbers: &Numbers| numbers.get(key).is_none_or(|(value, _)| *value == 0.0);
            let can_be_left_out = COUNTS.contains(&key.0.as_str())
                // who has none of them need not be told of
                || key.0 == "coverage" || key.0 == "cheapest";
            if can_be_left_out && is_zero(told) && is_zero(&counted) {
                continue;
            }
            let is_same = match (told.get(key), counted.get(key)) {
                (Some((told, n)), Some((counted, m))) => (told - counted).abs() < 0.0006 && n == m,
                _ => false,
            };
            if !is_same {
                let (told, counted) = (told.get(key), counted.get(key));
                differences.push(format!(
                    "{} {key:?}: told {told:?}, counted {counted:?}",
                    text_of(day)
                ));
            }
        }
    }
    differences
}

/// The shifts that the program tells of.
fn told_shifts(world: &World, since: &str, until: &str) -> Vec<Shift> {
    let lines = world.good(&[
        "--format",
        "jsonl",
        "indicators",
        "--shifts",
        "--since",
        since,
        "--until",
        until,
    ]);
    let mut shifts: Vec<Shift> = objects(&lines)
        .iter()
        .map(|object| {
            let text = |key: &str| object[key].as_str().unwrap_or("").to_string();
            (
                text("day"),
                text("provider"),
                text("subject"),
                text("title"),
            )
        })
        .collect();
    shifts.sort();
    shifts
}

/// Everything that the program tells of a history is what the second count finds.
fn assert_counted_twice(
    world: &World,
    since: &str,
    until: &str,
    watched: &[&str],
    step: usize,
) -> Vec<Shift> {
    let recount = recounted(world, until);
    let told = told(world, since, until);
    let first = recount.days[0].number;
    assert!(
        told.keys().all(|day| *day >= first),
        "a day before the first"
    );
    let differences = differences(&told, &recount, step);
    let some = &differences[..differences.len().min(40)];
    assert!(
        differences.is_empty(),
        "{} differ: {some:#?}",
        differences.len()
    );
    let found = told_shifts(world, since, until);
    assert_eq!(found, shifts::shifts(&recount, watched));
    found
}

#[test]
fn a_real_history_is_counted_twice() {
    let Some(replay) = shared::folder("replay/public") else {
        return;
    };
    for config in [OPENED, ""] {
        let world = replayed(&replay, config);
        assert_counted_twice(&world, "2025-06-01", "2026-01-05", &[], 7);
    }
}

#[test]
fn random_histories_are_counted_twice() {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut shifted: BTreeSet<String> = BTreeSet::new();
    for seed in [1, 4, 6] {
        let world = landscapes::landscape(seed);
        let found =
            assert_counted_twice(&world, "2025-06-01", "2026-01-05", &landscapes::WATCHED, 5);
        shifted.extend(found.into_iter().map(|(_, _, subject, _)| subject));
        let of_day = told(&world, "2025-09-01", "2025-09-01");
        let of_day = of_day.into_values().flatten();
        let counted = of_day.filter(|(_, (value, _))| *value != 0.0);
        names.extend(counted.map(|((name, _, _), _)| name));
    }
    // what nothing was counted of would be right whatever it says
    for name in COUNTS
        .iter()
        .chain(&["coverage", "parity_lag", "basket", "cheapest"])
    {
        let moves = ["added", "removed"].contains(name);
        assert!(moves || names.contains(*name), "no {name}");
    }
    for subject in ["coverage", "cheapest", "basket", "added", "openai/gpt-4.1"] {
        assert!(shifted.contains(subject), "no shift of {subject}");
    }
}
