//! Whoever starts the program without a credential has every public source: all of them are asked on loopback, each answers
//! with the body of its shape from `tests/fixtures`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bellwether::config::{Own, Probe, Scoping, declared, shipped};
use bellwether::readers::following::Items;
use serde_json::Value as Json;

use crate::fixtures::proofs;
use crate::http::{Answer, Server};
use crate::world::World;

/// The media type of a fixture, by its extension.
fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("html") => "text/html",
        _ => "text/markdown",
    }
}

/// Where the server stands for an address: below the name of its host.
fn path(url: &str) -> String {
    let (_, rest) = url.split_once("://").expect("an address");
    format!("/{rest}")
}

/// Scheme and host of an address.
fn host(url: &str) -> &str {
    let begin = url.find("://").expect("an address") + 3;
    let length = url[begin..].find('/').unwrap_or(url.len() - begin);
    &url[..begin + length]
}

/// Everything that is asked without any credential, with the fixture that answers.
fn public() -> Vec<(Probe, String)> {
    proofs()
        .into_iter()
        .filter(|(probe, _)| probe.credential.is_none() && probe.on && probe.unset.is_empty())
        .map(|(probe, proof)| (probe, proof.file))
        .collect()
}

/// Tells the server what every source answers. Gives the hosts.
fn tell(web: &Server, public: &[(Probe, String)]) -> BTreeSet<String> {
    let mut hosts = BTreeSet::new();
    let mut told: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut answer = |url: &str, file: &str, body: Vec<u8>| {
        hosts.insert(host(url).to_string());
        web.tell(&path(url), Answer::ok(media_type(file), body.clone()));
        told.insert(url.to_string(), body);
    };
    let urls = |probe: &Probe| -> Vec<(String, Scoping)> {
        let url = |scoping: &Scoping| Some((probe.url(scoping, false)?, scoping.clone()));
        probe.scopes.iter().filter_map(url).collect()
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let body = |file: &str| std::fs::read(root.join(file)).expect("a fixture");
    let is_index = |probe: &Probe| probe.request.follow.is_some();
    for (probe, file) in public.iter().filter(|(probe, _)| !is_index(probe)) {
        for (url, _) in urls(probe) {
            answer(&url, file, body(file));
        }
    }
    for (probe, file) in public {
        let Some(follow) = &probe.request.follow else {
            continue;
        };
        let stem = file.rsplit_once('.').expect("an extension").0;
        let item = stem.split_once('@').expect("an item").1;
        for (url, scoping) in urls(probe) {
            let items = match &follow.items {
                Items::Between { before, after } => {
                    let index = format!("- [One]({before}{item}{after})\n");
                    answer(&url, "index.md", index.into_bytes());
                    vec![item.to_string()]
                }
                // the index is a list that another source reads too
                Items::At(_) => {
                    let list = public.iter().find(|(other, _)| {
                        !is_index(other) && urls(other).iter().any(|(u, _)| *u == url)
                    });
                    let list: Json =
                        serde_json::from_slice(&body(&list.expect("the list").1)).expect("JSON");
                    let rows = list["data"].as_array().expect("rows").iter();
                    rows.map(|row| row["id"].as_str().expect("an id").to_string())
                        .collect()
                }
            };
            for item in items {
                let url = scoping.fill(&follow.url).replace("{item}", &item);
                answer(&url, file, body(file));
            }
        }
    }
    hosts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_public_source_is_asked_and_read_by_whoever_has_no_credential() {
    let web = Server::start().await;
    let public = public();
    let hosts = tell(&web, &public);
    tokio::task::spawn_blocking(move || {
        let mut settings = String::from(
            "[probes]\nfolder = \"own\"\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n",
        );
        for host in &hosts {
            let name = host.split("://").nth(1).expect("a host");
            settings.push_str(&format!("\"{host}\" = \"{}/{name}\"\n", web.url()));
        }
        let world = World::new(&settings);
        // the shipped probes, but that a few rows will do and the next round is soon
        for file in shipped() {
            let lines = file
                .text
                .lines()
                .map(|line| match line.split(" = ").next() {
                    Some("min_items") => "min_items = 0",
                    Some("every") if line.ends_with('"') => "every = \"1s\"",
                    _ => line,
                });
            let name = format!("own/{}", file.name.trim_start_matches("probes/"));
            world.write(&name, &lines.collect::<Vec<_>>().join("\n"));
        }
        let said = world.run(&["run", "--once"]);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        let sources: Vec<Json> = world
            .good(&["--format", "jsonl", "status", "--sources"])
            .lines()
            .map(|line| serde_json::from_str(line).expect("an object"))
            .collect();
        let expected: usize = public.iter().map(|(probe, _)| probe.scopes.len()).sum();
        assert_eq!(sources.len(), expected);
        for source in &sources {
            assert_eq!(source["state"], "good", "{source}");
            assert_eq!(source["unexpected"], Json::Null, "{source}");
        }
        let facts = world.good(&["--format", "jsonl", "offerings"]);
        let providers: BTreeSet<String> = facts
            .lines()
            .map(|line| serde_json::from_str::<Json>(line).expect("an object"))
            .map(|fact| fact["provider"].as_str().expect("a provider").to_string())
            .collect();
        for provider in [
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
            "groq",
        ] {
            assert!(
                providers.contains(provider),
                "nothing of {provider} among {providers:?}"
            );
        }
        // the first reading is what there was before: it tells nothing, and the same again changes nothing
        let told = || {
            (
                world.changes(true),
                world.good(&["--format", "jsonl", "status", "--model", "*"]),
            )
        };
        let (changes, landscape) = told();
        assert_eq!(changes, []);
        let before = web.asked().len();
        crate::world::until(|| {
            let again = world.run(&["run", "--once"]);
            assert_eq!(again.code, 0, "{}{}", again.out, again.err);
            (web.asked().len() >= 2 * before).then_some(())
        });
        assert_eq!(told(), (changes, landscape));
    })
    .await
    .expect("the rounds");
}

#[test]
fn what_is_public_is_most_of_what_is_declared() {
    let all = declared(&[], Own::default()).expect("the shipped probes");
    let public = public();
    assert!(
        public.len() * 4 > all.len() * 3,
        "{} of {}",
        public.len(),
        all.len()
    );
}
