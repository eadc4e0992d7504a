//! A body as the daemon reads it through a probe of its own or of a test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bellwether::config::{Own, Probe, declared};
use bellwether::daemon::reading::{Target, read_body};
use bellwether::market::{Content, Entry, Failure, Reading, Settled};
use serde_json::Value as Json;

/// A probe of the program.
pub fn shipped(id: &str) -> Probe {
    let probes = declared(&[], Own::default()).expect("sound probe files");
    let found = probes.into_iter().find(|probe| probe.id.as_str() == id);
    found.unwrap_or_else(|| panic!("no probe is called {id}"))
}

/// Reads a body in the probe's first scope.
pub fn read(probe: &Probe, bytes: &[u8]) -> Result<Reading, Failure> {
    let scoping = probe.scopes.first().expect("a scope");
    read_body(&Target::new(probe, scoping), bytes, None, &Settled::new())
}

/// `provider native id [deployment] attribute = value`, sorted; a subject without claims is a line of its own.
pub fn claims(reading: &Reading) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let subject = &entry.subject;
        let deployment = subject
            .deployment
            .as_deref()
            .map(|term| format!(" [{term}]"));
        let region = Some(&subject.region).filter(|region| region.is_stated());
        let region = region.map_or_else(String::new, |region| format!(" in {region}"));
        let name = format!(
            "{} {}{region}{}",
            subject.provider,
            subject.native_id,
            deployment.unwrap_or_default()
        );
        let Content::Stated { claims, .. } = &entry.content else {
            continue;
        };
        if claims.is_empty() {
            lines.push(name.clone());
        }
        for claim in claims {
            lines.push(format!("{name} {} = {}", claim.attribute, claim.value));
        }
    }
    lines.sort();
    lines
}

/// What was not expected, a line a note.
pub fn notes(reading: &Reading) -> Vec<String> {
    let line = |note: &bellwether::market::Unexpected| {
        format!(
            "{}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    };
    reading.unexpected.iter().map(line).collect()
}

/// How many lines of [`claims`] hold a text.
pub fn count(lines: &[String], part: &str) -> usize {
    lines.iter().filter(|line| line.contains(part)).count()
}

/// Holds a line of [`claims`], or fails with those that are near it.
pub fn expect(lines: &[String], expected: &[&str]) {
    for wanted in expected {
        let subject = wanted.rsplit_once(" = ").map_or(*wanted, |(left, _)| left);
        let subject = subject.rsplit_once(' ').map_or(subject, |(left, _)| left);
        let near: Vec<&String> = lines.iter().filter(|l| l.starts_with(subject)).collect();
        assert!(
            lines.iter().any(|line| line == wanted),
            "no claim '{wanted}' among {near:#?}"
        );
    }
}

/// The files below a folder of recorded bodies, oldest first; `None` where there are none.
pub fn bodies(place: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let mut folders: Vec<PathBuf> = vec![crate::shared::folder(&format!("corpus/{place}"))?];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        if folder.is_file() {
            files.push(folder);
            continue;
        }
        for entry in std::fs::read_dir(&folder).expect("a folder of the corpus") {
            folders.push(entry.expect("an entry").path());
        }
    }
    files.sort();
    assert!(!files.is_empty(), "{place}");
    let read = |path: &Path| std::fs::read(path).expect("a file of the corpus");
    let named = |path: PathBuf| (path.display().to_string(), read(&path));
    Some(files.into_iter().map(named).collect())
}

/// The recorded body of a folder whose name ends so, as text; `None` where there are no recorded bodies.
pub fn page(place: &str, name: &str) -> Option<String> {
    let found = bodies(place)?
        .into_iter()
        .find(|(path, _)| path.ends_with(name))
        .unwrap_or_else(|| panic!("no page {name}"));
    Some(String::from_utf8(found.1).expect("UTF-8"))
}

/// A body as JSON, apart from any reader.
pub fn parsed(bytes: &[u8]) -> Json {
    serde_json::from_slice(bytes).expect("JSON")
}

/// The elements of a list; none of anything else.
pub fn rows(list: &Json) -> &[Json] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// The native ids that a reading speaks of.
pub fn ids(reading: &Reading) -> BTreeSet<String> {
    let id = |entry: &Entry| entry.subject.native_id.to_string();
    reading.entries.iter().map(id).collect()
}
