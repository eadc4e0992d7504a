//! `docs/sources.md` lists every source and what proves it; it is made from the probe files and from what their fixtures say, and
//! these tests hold it to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use bellwether::config::Probe;
use bellwether::market::{Attribute, Content, SubjectKind};

use crate::fixtures::{Proof, proofs};

const HEAD: &str = "# Sources\n\n\
    Everything that Bellwether asks, by provider. This file is made from the probe files and from `tests/fixtures`: after a change of\n\
    those, `BELLWETHER_WRITE_DOCS=1 cargo test --test all sources` writes it anew, and without that variable the same test fails while\n\
    it is stale.\n\n\
    What a source tells is what is read of its fixture: a *catalogue* lists offerings, *lifecycle* are stages, dates and replacements,\n\
    *status* is of components and incidents, *news* are announcements, and of a *watch* the text of a page is kept.\n";

/// What a source tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Catalogue,
    Lifecycle,
    Price,
    Status,
    News,
    Watch,
}

impl Kind {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Catalogue, "catalogue"),
        (Self::Lifecycle, "lifecycle"),
        (Self::Price, "price"),
        (Self::Status, "status"),
        (Self::News, "news"),
        (Self::Watch, "watch"),
    ];

    fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(kind, _)| *kind == self);
        found.map_or("", |(_, word)| word)
    }
}

/// The providers whose whole field is covered.
const COVERED: [&str; 13] = [
    "bedrock",
    "azure",
    "openai",
    "anthropic",
    "gemini",
    "vertex",
    "oci",
    "mistral",
    "cohere",
    "xai",
    "deepseek",
    "llama",
    "groq",
];

/// Feeds of a status page's updates: announcements in form, since an update that scrolls out of them is no end of the problem.
const FEEDS_OF_PROBLEMS: [&str; 3] = ["bedrock.status-feed", "oci.incident-feed", "xai.status"];

/// Why a provider has no source of a kind.
const NO_SOURCE: [(&str, Kind, &str); 10] = [
    (
        "gemini",
        Kind::Status,
        "its status page is HTML of no known shape; `vertex.incidents` tells of Gemini on Google's cloud",
    ),
    (
        "oci",
        Kind::Price,
        "the list-price API names neither models by their ids nor its units in words that are known for sure; registries tell prices",
    ),
    (
        "oci",
        Kind::News,
        "where the feed of its release notes stands is not known; `oci.incident-feed` and the pages of retirements tell what moves",
    ),
    (
        "mistral",
        Kind::Price,
        "the price page is drawn by scripts; registries tell prices",
    ),
    (
        "mistral",
        Kind::Status,
        "the status page answers programs with a challenge, and has no machine-readable form",
    ),
    (
        "cohere",
        Kind::Price,
        "its price page is HTML of no known shape; registries tell prices",
    ),
    (
        "deepseek",
        Kind::Lifecycle,
        "neither the list nor a page states stages or dates: ends are announced in `deepseek.updates`",
    ),
    (
        "llama",
        Kind::Price,
        "a limited preview that is being wound down: none is published",
    ),
    ("llama", Kind::Status, "no status page is known"),
    (
        "llama",
        Kind::News,
        "the page of its end answers programs with an error",
    ),
];

/// What is to be watched for beside models, with the sources that would tell.
const WATCHES: [(&str, &[&str], &str); 5] = [
    (
        "OpenAI Frontier on AWS becomes available",
        &["bedrock.openai-blog", "bedrock.whats-new", "openai.news"],
        "no page or endpoint is about it yet, so that no source lists it as a `platform`",
    ),
    (
        "Stateful Runtime Environment / Bedrock Managed Agents leaves its preview",
        &[
            "bedrock.managed-agents",
            "bedrock.managed-agents-limits",
            "openai.bedrock-agents-guide",
            "openai.bedrock-guide",
            "openai.bedrock-codex-guide",
        ],
        "a stage of an offering whose interface is `stateful`",
    ),
    (
        "OpenAI's closed models come to Google",
        &["vertex.openai-release-notes", "vertex.models"],
        "",
    ),
    (
        "Microsoft's agreement with OpenAI moves",
        &["azure.microsoft-blog", "azure.openai-blog", "openai.news"],
        "",
    ),
    (
        "Copilot and ChatGPT Enterprise fail",
        &["copilot.github", "copilot.microsoft", "openai.components"],
        "",
    ),
];

/// What the fixture of a source shows that it tells.
fn kinds(probe: &Probe, proof: &Proof) -> BTreeSet<Kind> {
    let mut kinds = BTreeSet::new();
    for entry in &proof.reading.entries {
        match entry.subject.kind {
            SubjectKind::Announcement => {
                let is_of_problems = FEEDS_OF_PROBLEMS.contains(&probe.id.as_str());
                kinds.insert(if is_of_problems {
                    Kind::Status
                } else {
                    Kind::News
                })
            }
            SubjectKind::Incident | SubjectKind::Component => kinds.insert(Kind::Status),
            SubjectKind::Text => kinds.insert(Kind::Watch),
            SubjectKind::Offering => probe.lists && kinds.insert(Kind::Catalogue),
            SubjectKind::Source | SubjectKind::Landscape => false,
        };
        let Content::Stated { claims, .. } = &entry.content else {
            continue;
        };
        for claim in claims
            .iter()
            .filter(|_| entry.subject.kind == SubjectKind::Offering)
        {
            match claim.attribute {
                Attribute::Stage | Attribute::Date(_) | Attribute::Replacement => {
                    kinds.insert(Kind::Lifecycle);
                }
                Attribute::Price(_) => {
                    kinds.insert(Kind::Price);
                }
                _ => {}
            }
        }
    }
    kinds
}

/// The names of a provider's sources by kind.
type Cells = BTreeMap<(String, Kind), Vec<String>>;

fn cells(proofs: &[(Probe, Proof)]) -> Cells {
    let mut cells: Cells = BTreeMap::new();
    for (probe, proof) in proofs {
        for kind in kinds(probe, proof) {
            let cell = cells.entry((probe.provider.to_string(), kind)).or_default();
            cell.push(probe.id.to_string());
        }
    }
    cells
}

fn matrix(cells: &Cells) -> String {
    let mut text = String::from("\n## Who tells what\n\n| provider |");
    let shown = Kind::ALL.iter().filter(|(kind, _)| *kind != Kind::Watch);
    for (_, word) in shown.clone() {
        write!(text, " {word} |").expect("a text");
    }
    text.push_str("\n|---|---|---|---|---|---|\n");
    let others: BTreeSet<&str> = cells
        .keys()
        .map(|(provider, _)| provider.as_str())
        .collect();
    let others = others
        .into_iter()
        .filter(|provider| !COVERED.contains(provider));
    for provider in COVERED.into_iter().chain(others) {
        write!(text, "| {provider} |").expect("a text");
        for (kind, _) in shown.clone() {
            let names = cells.get(&(provider.to_string(), *kind)).map(|ids| {
                let name = |id: &String| {
                    format!(
                        "`{}`",
                        id.trim_start_matches(provider).trim_start_matches('.')
                    )
                };
                ids.iter().map(name).collect::<Vec<_>>().join(", ")
            });
            let cell = names.or_else(|| reason(provider, *kind).map(|why| format!("none: {why}")));
            write!(
                text,
                " {} |",
                cell.unwrap_or_else(|| "\u{2014}".to_string())
            )
            .expect("a text");
        }
        text.push('\n');
    }
    text
}

fn reason(provider: &str, kind: Kind) -> Option<&'static str> {
    let found = NO_SOURCE
        .iter()
        .find(|(of, what, _)| *of == provider && *what == kind);
    found.map(|(_, _, why)| *why)
}

fn watches() -> String {
    let mut text = String::from(
        "\n## What is watched for\n\n| question | sources | remark |\n|---|---|---|\n",
    );
    for (question, sources, remark) in WATCHES {
        let sources: Vec<String> = sources.iter().map(|id| format!("`{id}`")).collect();
        writeln!(text, "| {question} | {} | {remark} |", sources.join(", ")).expect("a text");
    }
    text
}

fn row(probe: &Probe, proof: &Proof) -> String {
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
    let kinds: Vec<&str> = kinds(probe, proof).into_iter().map(Kind::word).collect();
    let file = proof.file.trim_start_matches("tests/fixtures/");
    format!(
        "| `{}` | {} | {} | {} | `{}` | {} | {} | {} | {scopes} | [{file}](../tests/fixtures/{file}) |\n",
        probe.id,
        probe.title.trim_end_matches('.'),
        kinds.join(", "),
        probe.authority.word(),
        probe.reader.word(),
        host.unwrap_or_default(),
        probe.schedule,
        if waits.is_empty() {
            "on".to_string()
        } else {
            waits.join(", ")
        },
    )
}

#[test]
fn every_source_is_listed_with_what_proves_it() {
    let mut proofs = proofs();
    proofs.sort_by(|(a, _), (b, _)| (&a.provider, &a.id).cmp(&(&b.provider, &b.id)));
    let mut text = format!("{HEAD}{}{}", matrix(&cells(&proofs)), watches());
    text.push_str(
        "\nA source is *on* unless something is named that it waits for: a credential, a value under `[scopes]`, or to be switched on under\n\
         `[probes] on`. Its *proof* is a body of its shape; beside it stands what is read of it.\n",
    );
    let mut provider = String::new();
    for (probe, proof) in &proofs {
        if probe.provider.as_str() != provider {
            provider = probe.provider.to_string();
            let kind = probe.provider_kind.word();
            write!(text, "\n## {provider} ({kind})\n\n").expect("a text");
            text.push_str("| source | what it watches | tells | authority | reader | host | asked | waits for | scopes | proof |\n");
            text.push_str("|---|---|---|---|---|---|---|---|---|---|\n");
        }
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

#[test]
fn every_cell_of_a_covered_provider_has_a_source_or_a_reason() {
    let proofs = proofs();
    let cells = cells(&proofs);
    let mut wrong = Vec::new();
    for provider in COVERED {
        for (kind, word) in Kind::ALL {
            let has_source = cells.contains_key(&(provider.to_string(), kind));
            match reason(provider, kind) {
                None if !has_source && kind != Kind::Watch => {
                    wrong.push(format!("{provider} has no source of {word}"));
                }
                Some(why) if has_source => wrong.push(format!("{provider} {word}: not so: {why}")),
                _ => {}
            }
        }
    }
    let ids: BTreeSet<&str> = proofs.iter().map(|(probe, _)| probe.id.as_str()).collect();
    let watched = WATCHES.iter().flat_map(|(_, sources, _)| *sources);
    wrong.extend(
        watched
            .filter(|id| !ids.contains(*id))
            .map(|id| format!("no source is called {id}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_shipped_probe_hides_another() {
    let mut ids = BTreeSet::new();
    for file in bellwether::config::shipped() {
        let own = bellwether::config::Own::default();
        for probe in bellwether::config::probes_of(&file.name, &file.text, own).expect("probes") {
            let id = probe.id.to_string();
            assert!(ids.insert(id.clone()), "{id} twice, again in {}", file.name);
        }
    }
}
