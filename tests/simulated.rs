//! The simulated providers: every shipped probe reads them, over the real client, as their script says; and they hang on nothing
//! but script, seed and moment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use bellwether::config::{Outside, Own, Probe, Scoping, Settings, declared};
use bellwether::daemon::trial::try_source;
use bellwether::fetch::{Client, Credentials};
use bellwether::market::{Content, Reading};
use bellwether::world::server::Server;
use bellwether::world::{Channel, Request, World, play};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const BEGIN: &str = "2026-09-02T00:00:00Z";

fn begin() -> Timestamp {
    BEGIN.parse().expect("a time")
}

fn world(seed: u64) -> World {
    World::shipped(seed, begin()).expect("a sound script")
}

fn later(hours: i64) -> Timestamp {
    begin() + SignedDuration::from_hours(hours)
}

/// The host of an address.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?'])
        .next()
        .unwrap_or_default()
        .to_string()
}

/// The settings of a demo: all hosts are the world's, and all credentials are there that it admits.
fn settings(server: &Server, folder: &Path) -> Settings {
    let key = folder.join("google.json");
    std::fs::write(&key, play::GOOGLE_USER).expect("a file");
    let mut text = format!(
        "[google]\nkey_file = '{}'\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n",
        key.display()
    );
    for (from, to) in server.rewrites() {
        text += &format!("\"{from}\" = \"{to}\"\n");
    }
    let known: BTreeMap<&str, &str> = play::credentials().into_iter().collect();
    text += "[credentials]\n";
    for name in known.keys() {
        text += &format!("{name} = {{ env = \"{name}\" }}\n");
    }
    let outside = Outside {
        variable: &|name| known.get(name).map(ToString::to_string),
        file: &|path| std::fs::read(path).map_err(|error| error.to_string()),
    };
    Settings::from_text("bellwether.toml", &text, &outside).expect("a sound configuration")
}

/// What each played source says at a moment.
async fn readings(world: Arc<World>, now: Timestamp) -> BTreeMap<String, Reading> {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(Arc::clone(&world), Arc::new(move || now))
        .await
        .expect("a port");
    let settings = settings(&server, folder.path());
    let client = Client::new(&settings.http).expect("a client");
    let credentials = Credentials::new(settings.credentials.clone(), settings.identities.clone());
    let hosts: BTreeSet<String> = play::hosts().into_iter().collect();
    let mut read = BTreeMap::new();
    let mut wrong = Vec::new();
    for probe in declared(&[], Own::default()).expect("sound probe files") {
        let probe = Arc::new(probe);
        for scoping in &probe.scopes {
            let url = probe.url(scoping, false).unwrap_or_default();
            let is_set = !url.contains('{');
            if !is_set || !hosts.contains(&host(&url)) || is_signed(&probe) || is_elsewhere(&probe)
            {
                continue;
            }
            let name = format!("{}@{}", probe.id, scoping.scope);
            match try_source(&client, &credentials, &probe, scoping, now)
                .await
                .read
            {
                Ok(reading) => {
                    wrong.extend(
                        reading
                            .unexpected
                            .iter()
                            .map(|note| format!("{name}: {note:?}")),
                    );
                    read.insert(name, reading);
                }
                Err(failure) => wrong.push(format!("{name} {url}: {failure}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unplayed = world.unplayed();
    assert!(unplayed.is_empty(), "{unplayed:#?}");
    read
}

/// Whether its requests are signed with keys that are made for each installation.
fn is_signed(probe: &Probe) -> bool {
    matches!(probe.provider.as_str(), "oci" | "bedrock" | "azure") && probe.credential.is_some()
}

/// Whether it is at a cloud whose sources are tried in `simulated_clouds`, in the regions in which there is something to be read.
fn is_elsewhere(probe: &Probe) -> bool {
    matches!(probe.provider.as_str(), "bedrock" | "azure")
}

/// `native id [deployment] attribute = value`, and the bare id.
fn claims(reading: &Reading) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for entry in &reading.entries {
        let id = entry.subject.native_id.to_string();
        lines.insert(id.clone());
        if let Content::Stated { claims, .. } = &entry.content {
            lines.extend(
                claims
                    .iter()
                    .map(|claim| format!("{id} {} = {}", claim.attribute, claim.value)),
            );
        }
    }
    lines
}

/// A moment at which none of the first addresses fails by chance.
fn calm(world: &World, from: i64) -> Timestamp {
    let probes = declared(&[], Own::default()).expect("sound probe files");
    let urls = probes.iter().flat_map(|probe| {
        probe
            .scopes
            .iter()
            .filter_map(|scoping: &Scoping| probe.url(scoping, false))
    });
    let urls: Vec<String> = urls.collect();
    let fails = |now: Timestamp| {
        urls.iter()
            .any(|url| world.answer(now, &Request::get(url)).status == 503)
    };
    let moments = (0..2000).map(|five| later(from) + SignedDuration::from_mins(5 * five));
    moments
        .into_iter()
        .find(|now| !fails(*now))
        .expect("a calm moment")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shipped_probe_reads_the_first_day_as_the_script_says() {
    let now = calm(&world(1), 1);
    let world = Arc::new(world(1));
    let read = readings(Arc::clone(&world), now).await;
    let moment = world.at(now);
    // the ids of each API are those of the script
    for (source, provider) in [
        ("openai.models@", "openai"),
        ("gemini.models@", "gemini"),
        ("mistral.models@", "mistral"),
        ("cohere.models@", "cohere"),
        ("xai.models@", "xai"),
        ("deepseek.models@", "deepseek"),
        ("groq.models@", "groq"),
        ("perplexity.models@", "perplexity"),
    ] {
        let lines = claims(&read[source]);
        let offers = moment.offers(provider, Channel::Api);
        let told: BTreeSet<String> = offers
            .iter()
            .filter(|offer| offer.stage() != bellwether::market::Stage::Retired)
            .map(|offer| offer.id.to_string())
            .collect();
        let ids: BTreeSet<String> = lines
            .iter()
            .filter(|line| !line.contains(' '))
            .cloned()
            .collect();
        assert_eq!(ids, told, "{source}");
    }
    let expect = |source: &str, lines: &[&str]| {
        let told = claims(&read[source]);
        for line in lines {
            assert!(told.contains(*line), "{source}: no '{line}' in {told:#?}");
        }
    };
    expect(
        "openai.models@",
        &[
            "gpt-5 date.retires = 2026-11-03",
            "gpt-6.1-sol date.launch = 2026-07-04",
        ],
    );
    expect(
        "openai.deprecations@",
        &[
            "gpt-5 date.deprecated = 2026-04-25",
            "gpt-5 replacement = gpt-5.4",
        ],
    );
    expect(
        "openai.pricing@",
        &[
            "gpt-5.6-sol price.input = $5 / 1M tokens",
            "gpt-5.6-sol price.output.batch = $15 / 1M tokens",
        ],
    );
    expect(
        "anthropic.models@",
        &[
            "claude-sonnet-4-5-20250929 stage = deprecated",
            "claude-opus-5-5 stage = ga",
        ],
    );
    expect(
        "anthropic.deprecations@",
        &["claude-opus-5-5 date.retires = not before 2027-06-24"],
    );
    expect(
        "anthropic.pricing@",
        &["Claude Haiku 5.5 price.cache_write_5m = $1 / 1M tokens"],
    );
    expect(
        "gemini.pricing@",
        &["gemini-3.8-flash price.input.batch = $0.25 / 1M tokens"],
    );
    expect(
        "gemini.skus@AEFD-7695-64FA",
        &["Gemini 3.8 Flash price.input = $0.5 / 1M tokens"],
    );
    expect("vertex.models@anthropic", &["claude-opus-5-5 stage = ga"]);
    expect(
        "vertex.models@meta",
        &["meta/llama-4-maverick-17b-128e-instruct stage = ga"],
    );
    expect(
        "mistral.deprecations@",
        &["mistral-medium-2508 date.retires = 2026-10-03"],
    );
    expect(
        "xai.language-models@",
        &["grok-4.7 price.output = $6 / 1M tokens"],
    );
    expect(
        "openrouter.models@",
        &["anthropic/claude-opus-5.5 price.input = $4 / 1M tokens"],
    );
    expect(
        "litellm.prices@",
        &["gpt-6.1-sol price.cache_read = $0.2 / 1M tokens"],
    );
    expect(
        "models-dev.catalogue@",
        &["gpt-6.1-sol price.output = $10 / 1M tokens"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shipped_probe_reads_the_last_day() {
    let now = calm(&world(2), 83 * 24);
    let world = Arc::new(world(2));
    let read = readings(world, now).await;
    let told = claims(&read["openai.models@"]);
    assert!(
        told.contains("gpt-6.4-sol") && !told.contains("gpt-5"),
        "{told:#?}"
    );
}

/// Addresses that are asked for again and again below.
const ASKED: [&str; 6] = [
    "https://api.mistral.ai/v1/models",
    "https://developers.openai.com/api/docs/pricing.md",
    "https://status.claude.com/api/v2/summary.json",
    "https://models.dev/api.json",
    "https://openai.com/news/rss.xml",
    "https://ai.google.dev/gemini-api/docs/deprecations.md.txt",
];

fn asked(url: &str) -> Request {
    Request::get(url).with("authorization", "Bearer simulated-mistral-key")
}

#[test]
fn an_answer_has_another_version_where_it_is_another_and_only_there() {
    let world = world(3);
    for url in ASKED {
        let mut versions: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut bodies: BTreeMap<Vec<u8>, String> = BTreeMap::new();
        for hour in 0..84 * 24 {
            let answer = world.answer(later(hour), &asked(url));
            if answer.status != 200 {
                assert!(
                    matches!(answer.status, 429 | 503),
                    "{url}: {}",
                    answer.status
                );
                continue;
            }
            let etag = answer.header("etag").expect("a version").to_string();
            let known = versions
                .entry(etag.clone())
                .or_insert_with(|| answer.body.to_vec());
            assert_eq!(*known, answer.body.to_vec(), "{url}");
            let known = bodies
                .entry(answer.body.to_vec())
                .or_insert_with(|| etag.clone());
            assert_eq!(*known, etag, "{url}");
            let again = world.answer(later(hour), &asked(url).with("if-none-match", &etag));
            assert_eq!((again.status, again.body.len()), (304, 0), "{url}");
        }
        assert!(versions.len() > 5, "{url} has {} versions", versions.len());
    }
}

#[test]
fn another_seed_is_another_course_of_the_same_story() {
    let (one, other, same) = (world(5), world(6), world(5));
    assert_eq!(one.course().events, same.course().events);
    assert_ne!(one.course().events, other.course().events);
}

#[test]
fn every_event_must_come_out_or_must_not_for_every_seed() {
    for seed in 0..20 {
        let world = world(seed);
        let truth = world.truth();
        let told: BTreeSet<&str> = truth
            .expected
            .iter()
            .map(|one| one.event.as_str())
            .collect();
        for event in &world.course().script.events {
            let is_silent =
                event.edits.is_empty() && event.posts.is_empty() && event.incidents.is_empty();
            let is_trouble = !event.flaps.is_empty()
                || !event.bends.is_empty()
                || !event.faults.is_empty()
                || !event.slow.is_empty();
            let is_at_cloud = event.id.starts_with("bedrock-") || event.id.starts_with("azure-");
            assert!(
                told.contains(event.id.as_str()) || is_silent && is_trouble || is_at_cloud,
                "nothing tells {}",
                event.id
            );
        }
        for one in &truth.expected {
            assert!(
                one.from <= one.until && world.course().begin < one.from,
                "{one:?}"
            );
        }
        // what is not told for a quarter of an hour is told by nobody
        assert!(!told.contains("openai-flap") && !told.contains("mistral-flap"));
        // nothing else has happened in a world that nobody watches
        let judged = truth.judge(&[]);
        assert_eq!(
            (judged.found.len(), judged.missed.len(), judged.extra.len()),
            (0, truth.expected.len(), 0)
        );
    }
}

proptest! {
    #[test]
    fn the_same_moment_has_the_same_answer_in_any_order(hours in prop::collection::vec(0..84i64 * 24, 1..12)) {
        let (one, other) = (world(4), world(4));
        for hour in &hours {
            let _ = one.answer(later(*hour), &asked(ASKED[0]));
        }
        for url in ASKED {
            let (first, second) = (one.answer(later(hours[0]), &asked(url)), other.answer(later(hours[0]), &asked(url)));
            prop_assert_eq!(first, second);
        }
    }

    #[test]
    fn no_request_is_too_much(url in ".{0,80}", host in 0..40usize, path in "[ -~]{0,40}", header in ".{0,30}", hour in -99999i64..99999) {
        let world = world(4);
        let hosts = play::hosts();
        let of_host = format!("https://{}/{path}", hosts[host % hosts.len()]);
        for url in [url, of_host] {
            let request = Request::get(&url).with("authorization", &header).with("x-api-key", &header);
            let _ = world.answer(later(hour), &request);
        }
    }
}

#[test]
fn every_host_that_is_asked_is_played() {
    let hosts: BTreeSet<String> = play::hosts().into_iter().collect();
    let mut missing = BTreeSet::new();
    for probe in declared(&[], Own::default()).expect("sound probe files") {
        let urls = probe
            .scopes
            .iter()
            .filter_map(|scoping| probe.url(scoping, false));
        let played = urls
            .map(|url| host(&url))
            .filter(|host| !hosts.contains(host) && !host.contains('{'));
        missing.extend(played);
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
