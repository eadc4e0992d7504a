//! The project's own rules: which folder may use which, and that every list a person keeps is complete.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each folder may use; arrows only point up this list.
const ARROWS: [(&str, &[&str]); 18] = [
    ("market", &[]),
    ("schedule", &["market"]),
    ("readers", &["market"]),
    ("detect", &["market"]),
    ("latency", &["market"]),
    ("inference", &["market"]),
    ("landscape", &["market"]),
    ("alerting", &["market", "schedule"]),
    (
        "render",
        &[
            "market",
            "schedule",
            "readers",
            "detect",
            "latency",
            "landscape",
            "alerting",
        ],
    ),
    (
        "config",
        &[
            "market",
            "schedule",
            "readers",
            "detect",
            "latency",
            "inference",
            "landscape",
            "alerting",
            "render",
        ],
    ),
    ("fetch", &["market", "schedule", "config"]),
    (
        "store",
        &["market", "detect", "latency", "inference", "config"],
    ),
    ("deliver", &["market", "config", "fetch"]),
    (
        "outlook",
        &[
            "market",
            "schedule",
            "readers",
            "detect",
            "latency",
            "inference",
            "landscape",
            "alerting",
            "render",
            "config",
            "store",
        ],
    ),
    (
        "web",
        &[
            "market",
            "schedule",
            "readers",
            "detect",
            "latency",
            "inference",
            "landscape",
            "alerting",
            "render",
            "config",
            "store",
            "outlook",
        ],
    ),
    ("world", &["market"]),
    ("daemon", &["*"]),
    ("commands", &["*"]),
];

/// Folders without I/O, clock, async or logs.
const PURE: [&str; 9] = [
    "market",
    "schedule",
    "readers",
    "detect",
    "latency",
    "inference",
    "landscape",
    "alerting",
    "render",
];

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    assert!(
        files.len() > 40,
        "the project has more files than {}",
        files.len()
    );
    files
        .into_iter()
        .map(|path| {
            let inner = path
                .strip_prefix(&root)
                .expect("below src")
                .display()
                .to_string();
            let folder = inner.split(['/', '.']).next().expect("a name").to_string();
            let text = std::fs::read_to_string(&path).expect("a readable file");
            (folder, inner, text)
        })
        .collect()
}

/// The code of a file before its tests.
fn production(inner: &str, text: &str) -> String {
    if inner.contains("/tests") {
        return String::new();
    }
    text.split("#[cfg(test)]").next().unwrap_or("").to_string()
}

#[test]
fn arrows_point_up() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut wrong = Vec::new();
    for (folder, inner, text) in sources() {
        if matches!(folder.as_str(), "lib" | "main") {
            continue;
        }
        let Some(may) = allowed.get(folder.as_str()) else {
            wrong.push(format!("{inner}: the folder {folder} is not in the list"));
            continue;
        };
        for used in production(&inner, &text).split("crate::").skip(1) {
            let used: String = used
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            let fine = used == folder || may.contains(&"*") || may.contains(&used.as_str());
            if !fine && !used.is_empty() {
                wrong.push(format!("{inner} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_folders_touch_nothing_outside() {
    const OUTSIDE: [&str; 9] = [
        "std::fs",
        "std::net",
        "std::env::",
        "Instant::now",
        "tokio::",
        "tracing::",
        "rusqlite",
        "hyper::",
        "async fn",
    ];
    let mut wrong = Vec::new();
    for (folder, inner, text) in sources() {
        if PURE.contains(&folder.as_str()) {
            let code = production(&inner, &text);
            wrong.extend(
                OUTSIDE
                    .iter()
                    .filter(|word| code.contains(*word))
                    .map(|word| format!("{inner}: {word}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sql_stands_only_in_the_store() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|(folder, inner, text)| {
            folder != "store" && production(inner, text).contains("rusqlite")
        })
        .map(|(_, inner, _)| inner)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_probe_file_is_compiled_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("probes");
    let mut there: Vec<String> = std::fs::read_dir(root)
        .expect("the folder of probes")
        .map(|entry| {
            format!(
                "probes/{}",
                entry.expect("an entry").file_name().to_string_lossy()
            )
        })
        .filter(|name| name.ends_with(".toml"))
        .collect();
    there.sort();
    let mut shipped: Vec<String> = bellwether::config::shipped()
        .into_iter()
        .map(|file| file.name)
        .collect();
    shipped.sort();
    assert_eq!(there, shipped);
}

#[test]
fn the_readme_names_only_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("the README");
    let mut named = 0;
    for quoted in readme.split('`').skip(1).step_by(2) {
        let is_path = ["src/", "probes/", "tests/", "data/fonts", "benches/"]
            .iter()
            .any(|start| quoted.starts_with(start));
        if is_path && !quoted.contains(['<', '*', ' ']) {
            named += 1;
            assert!(
                root.join(quoted).exists(),
                "README.md names {quoted}, which is not there"
            );
        }
    }
    assert!(named >= 10, "the README's map names the folders of src/");
    for (folder, _) in ARROWS {
        assert!(
            readme.contains(&format!("`src/{folder}")),
            "README.md does not name src/{folder}"
        );
    }
}
