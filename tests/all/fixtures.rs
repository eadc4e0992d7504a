//! Every source has a body of its shape in `tests/fixtures`, `SOURCE.EXT` (`SOURCE@ITEM.EXT` for an answer that an index leads to),
//! and `SOURCE.claims` says what is read of it. `BELLWETHER_WRITE_DOCS=1` writes the latter anew, to be looked at by a person.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bellwether::config::{Own, Probe, Scoping, declared};
use bellwether::daemon::reading::{Target, read_body};
use bellwether::market::{Reading, Settled};
use bellwether::readers::following::{FOLLOWED, Followed};

use crate::reading::{claims, notes};

/// When the fixtures are read: prices of the year 2027 are announced.
const NOW: &str = "2026-11-25T00:00:00Z";

/// What a source's fixture says.
pub struct Proof {
    /// The body's file, from the project's folder.
    pub file: String,
    /// What is read of it.
    pub reading: Reading,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The bodies by source.
fn bodies() -> BTreeMap<String, PathBuf> {
    let mut bodies = BTreeMap::new();
    for entry in std::fs::read_dir(folder()).expect("tests/fixtures") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let stem = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem);
        let source = stem.split_once('@').map_or(stem, |(source, _)| source);
        if path.extension().is_some_and(|end| end != "claims") {
            let other = bodies.insert(source.to_string(), path.clone());
            assert!(other.is_none(), "two bodies of {source}");
        }
    }
    bodies
}

/// Reads the body of a source as the daemon reads it through the shipped probe, in its first scope or in one of our own making.
fn read(probe: &Probe, path: &Path) -> Reading {
    let made = Scoping {
        scope: "".into(),
        values: ["region", "location"]
            .map(|name| (name.to_string(), "somewhere-1".to_string()))
            .into(),
    };
    let scoping = probe.scopes.first().unwrap_or(&made);
    let target = Target::new(probe, scoping);
    let body = std::fs::read(path).expect("a fixture");
    let stem = path.file_stem().expect("a name").to_string_lossy();
    let read = match stem.split_once('@') {
        None => read_body(&target, &body, None, &Settled::new()),
        Some((_, item)) => {
            let body = String::from_utf8(body).expect("UTF-8");
            let answer = Followed {
                item: item.to_string(),
                content_type: None,
                body: Some(body),
                failure: None,
            };
            let answers = serde_json::to_vec(&[answer]).expect("JSON");
            read_body(&target, &answers, Some(FOLLOWED), &Settled::new())
        }
    };
    let mut reading = read.unwrap_or_else(|failure| panic!("{}: {failure}", probe.id));
    reading.as_of(NOW.parse().expect("a time"));
    reading
}

/// The proof of every source; a source without one is a failure.
pub fn proofs() -> Vec<(Probe, Proof)> {
    let mut bodies = bodies();
    let probes = declared(&[], Own::default()).expect("the shipped probes");
    let mut proofs = Vec::new();
    let mut unproven = Vec::new();
    for probe in probes {
        let Some(path) = bodies.remove(probe.id.as_str()) else {
            unproven.push(probe.id.to_string());
            continue;
        };
        let name = path.file_name().expect("a name").to_string_lossy();
        let file = format!("tests/fixtures/{name}");
        let reading = read(&probe, &path);
        proofs.push((probe, Proof { file, reading }));
    }
    assert!(
        unproven.is_empty(),
        "no body in tests/fixtures proves {}",
        unproven.join(", ")
    );
    assert!(bodies.is_empty(), "fixtures of no source: {bodies:?}");
    proofs
}

#[test]
fn every_source_reads_a_body_of_its_shape_without_a_row_that_is_not_explained() {
    let mut wrong = Vec::new();
    for (probe, proof) in proofs() {
        let id = &probe.id;
        for note in notes(&proof.reading) {
            wrong.push(format!("{id}: {note}"));
        }
        let read = claims(&proof.reading);
        if !read.iter().any(|line| line.contains(" = ")) {
            wrong.push(format!("{id}: nothing is claimed"));
        }
        let read = format!("{}\n", read.join("\n"));
        let path = folder().join(format!("{id}.claims"));
        if std::env::var_os("BELLWETHER_WRITE_DOCS").is_some() {
            std::fs::write(&path, &read).expect("a written file");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        if kept != read {
            wrong.push(format!("{id}: expected\n{kept}found\n{read}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
