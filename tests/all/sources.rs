//! `docs/sources.md` lists every source; it is made from the probe files, and this test holds it to them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bellwether::config::{Own, Probe, declared};

const HEAD: &str = "# Sources\n\n\
    Everything that Bellwether asks, by provider. This file is made from the probe files: after a change of those,\n\
    `BELLWETHER_WRITE_DOCS=1 cargo test --test all sources` writes it anew, and without that variable the same test fails while it\n\
    is stale.\n\n\
    A source is *on* unless something is named that it waits for: a credential, a value under `[scopes]`, or to be switched on under\n\
    `[probes] on`. *Named in* is the first file of tests that names it.\n";

/// Every Rust file below `folder`.
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

/// The files that hold tests, with their texts, by path.
fn tests_of_the_project() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["tests", "src"] {
        rust_files(&root.join(folder), &mut files);
    }
    // what is tested from outside says more than an example in a module's own tests
    files.sort_by_key(|path| (path.starts_with(root.join("src")), path.clone()));
    let texts = files.into_iter().filter_map(|path| {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let name = path.strip_prefix(root).expect("below the project");
        let name = name.to_string_lossy().into_owned();
        let has_tests = text.contains("#[test]") || text.contains("tokio::test");
        (has_tests && name != "tests/all/sources.rs").then_some((name, text))
    });
    texts.collect()
}

/// The first file whose tests name the probe: by its id, or by its name where they speak of its provider.
fn proof<'a>(tests: &'a [(String, String)], probe: &Probe) -> Option<&'a str> {
    let provider = probe.provider.as_str();
    let name = probe
        .id
        .as_str()
        .trim_start_matches(provider)
        .trim_start_matches('.');
    let (id, name) = (format!("\"{}\"", probe.id), format!("\"{name}\""));
    let speaks_of = |(path, text): &&(String, String)| {
        text.contains(&name)
            && (path.contains(provider) || text.contains(&format!("{provider}.toml")))
    };
    let by_id = tests.iter().find(|(_, text)| text.contains(&id));
    by_id
        .or_else(|| tests.iter().find(speaks_of))
        .map(|(path, _)| path.as_str())
}

fn row(probe: &Probe, proof: Option<&str>) -> String {
    let mut waits: Vec<String> = probe
        .credential
        .iter()
        .map(|name| {
            let needs: Vec<String> = probe.needs.iter().map(|need| format!("`{need}`")).collect();
            match needs.is_empty() {
                true => format!("`{name}`"),
                false => format!("`{name}` that may {}", needs.join(" and ")),
            }
        })
        .collect();
    waits.extend(probe.unset.iter().map(|name| format!("a {name}")));
    if !probe.on {
        waits.push("to be switched on".to_string());
    }
    let host = url::Url::parse(&probe.request.url.replace(['{', '}'], ""))
        .ok()
        .and_then(|url| url.host_str().map(str::to_string));
    let scopes = match probe.scopes.len() {
        0 | 1 => String::new(),
        count => format!("{count} scopes"),
    };
    format!(
        "| `{}` | {} | {} | `{}` | {} | {} | {} | {scopes} | {} |\n",
        probe.id,
        probe.title.trim_end_matches('.'),
        probe.authority.word(),
        probe.reader.word(),
        host.unwrap_or_default(),
        probe.schedule,
        if waits.is_empty() {
            "on".to_string()
        } else {
            waits.join(", ")
        },
        proof.map_or_else(|| "\u{2014}".to_string(), |file| format!("`{file}`")),
    )
}

#[test]
fn every_source_is_listed_with_what_proves_it() {
    let tests = tests_of_the_project();
    let mut probes = declared(&[], Own::default()).expect("the shipped probes");
    probes.sort_by(|a, b| (&a.provider, &a.id).cmp(&(&b.provider, &b.id)));
    let mut text = HEAD.to_string();
    let mut provider = String::new();
    for probe in &probes {
        if probe.provider.as_str() != provider {
            provider = probe.provider.to_string();
            let kind = probe.provider_kind.word();
            write!(text, "\n## {provider} ({kind})\n\n").expect("a text");
            text.push_str("| source | what it watches | authority | reader | host | asked | waits for | scopes | named in |\n");
            text.push_str("|---|---|---|---|---|---|---|---|---|\n");
        }
        let proof = proof(&tests, probe);
        text.push_str(&row(probe, proof));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sources.md");
    if std::env::var_os("BELLWETHER_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &text).expect("a written file");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let stale: Vec<&str> = text
        .lines()
        .filter(|line| !kept.lines().any(|other| other == *line))
        .collect();
    assert!(
        kept == text,
        "docs/sources.md is stale: BELLWETHER_WRITE_DOCS=1 cargo test --test all sources writes it anew\n{}",
        stale.join("\n")
    );
}
