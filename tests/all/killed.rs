//! Killed at any instant, nothing accepted is lost, nothing is recorded twice, and every mail arrives.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};

use crate::http::{Answer, Server};
use crate::smtp::Script;
use crate::world::World;

/// Kills of each kind.
const KILLS: usize = 100;

/// A small generator: the same seed makes the same instants.
pub struct Seeded(pub u64);

impl Seeded {
    /// A number below the limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn start(mut command: Command, arguments: &[&str]) -> Child {
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program")
}

/// Waits until the process ends or `instant` has passed, and kills it then. Whether it was killed.
pub fn kill_after(mut child: Child, instant: Duration) -> bool {
    let begun = Instant::now();
    loop {
        if child.try_wait().expect("a process").is_some() {
            return false;
        }
        if begun.elapsed() >= instant {
            child.kill().expect("a kill");
            child.wait().expect("an end");
            return true;
        }
        std::thread::yield_now();
    }
}

/// A registry's body on one day: a few models whose prices and presence follow the day.
fn registry(day: u64) -> Json {
    let models: Map<String, Json> = (0..40)
        .filter(|n| !(day + n).is_multiple_of(11))
        .map(|n| {
            let price = 1.0 + f64::from(u32::try_from((day / 3 + n) % 7).expect("small"));
            let entry = json!({
                "id": format!("model-{n}"), "name": format!("Model {n}"), "attachment": false, "reasoning": n % 2 == 0,
                "tool_call": true, "release_date": "2026-01-01", "last_updated": "2026-01-01", "open_weights": false,
                "modalities": { "input": ["text"], "output": ["text"] },
                "limit": { "context": 1000 * (n + 1), "output": 100 }, "cost": { "input": price, "output": price * 2.0 },
            });
            (format!("model-{n}"), entry)
        })
        .collect();
    json!({ "openai": { "id": "openai", "models": models } })
}

const OPENED: &str = "[detect]\nconfirm_additions = 1\nconfirm_removals = 1\nconfirm_values = 1\nmax_loss = 1.0\n\
                      max_churn = 1.0\nmin_items = 1\n[probes]\nfolder = \"own\"\n";

/// The shipped probe demands more items than these bodies have.
fn own_registry_probe(world: &World) {
    let shipped = bellwether::config::shipped();
    let file = shipped
        .iter()
        .find(|file| file.name.ends_with("models-dev.toml"))
        .expect("the shipped probe");
    world.write(
        "own/models-dev.toml",
        &file.text.replace("min_items = 50", "min_items = 1"),
    );
}

#[test]
fn an_import_killed_at_any_instant_ends_as_if_it_had_not_been() {
    let whole = World::new(OPENED);
    own_registry_probe(&whole);
    for day in 1..=60 {
        let name = format!("bodies/2026-{:02}-{:02}.json", 1 + day / 28, 1 + day % 28);
        whole.write(&name, &registry(day).to_string());
    }
    let bodies = whole.path("bodies").display().to_string();
    let begun = Instant::now();
    whole.good(&["import", "--probe", "models-dev", &bodies]);
    let mut took = u64::try_from(begun.elapsed().as_micros()).expect("short");
    let expected = whole.changes(true);
    assert!(expected.len() > 200, "{} changes", expected.len());

    let mut seeded = Seeded(7);
    let (mut kills, mut rounds) = (0, 0);
    while kills < KILLS {
        rounds += 1;
        assert!(rounds < 200, "only {kills} kills in {rounds} imports");
        let world = World::new(OPENED);
        own_registry_probe(&world);
        loop {
            let child = start(
                world.program(),
                &["import", "--probe", "models-dev", &bodies],
            );
            if !kill_after(child, Duration::from_micros(seeded.below(took))) {
                // whoever else works on this machine has become fewer, or more
                took = (took * 9 / 10).max(1_000);
                break;
            }
            took += took / 20;
            kills += 1;
            // what was accepted before the kill is there, in order, each change once
            if kills % 10 == 0 && world.path("data/bellwether.db").exists() {
                let so_far = world.changes(true);
                assert!(
                    expected.starts_with(&so_far),
                    "{} of {} changes",
                    so_far.len(),
                    expected.len()
                );
            }
        }
        assert_eq!(world.changes(true), expected);
    }
}

/// A list whose only model has another price in every version.
fn priced(version: usize) -> Vec<u8> {
    json!({ "data": [{ "id": "model-a", "price": format!("{version}.5") }] })
        .to_string()
        .into_bytes()
}

/// A source of one price, asked every second.
pub const PROBE: &str = r#"
provider = "example"
kind = "direct"

[[probe]]
name = "models"
title = "A list with one price"
authority = "provider-api"
lists = true
complete = true
every = "1s"
reader = "json"

[probe.request]
url = "https://api.example.test/models"
accept = "json"

[probe.json]
items = "data[]"
native_id = "id"

[[probe.json.attribute]]
attribute = "price.input"
path = "price"
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_killed_at_any_instant_tells_every_change() {
    let web = Server::start().await;
    let post = crate::smtp::Server::start(Script::default()).await;
    let world = World::new(&format!(
        "[probes]\nfolder = \"own\"\nonly = [\"example.models\"]\n[http]\nper_host_pace_ms = 0\n\
         [http.rewrite]\n\"https://api.example.test\" = \"{}\"\n[mail]\nfrom = \"bell@watch.test\"\nto = [\"ops@example.test\"]\n\
         [mail.smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n[detect]\nflap_window = \"0s\"\n",
        web.url(),
        post.port,
    ));
    world.write("own/example.toml", PROBE);
    let kills = tokio::task::spawn_blocking(move || {
        let mut seeded = Seeded(11);
        let mut kills = 0;
        let mut version = 1;
        web.tell("/models", Answer::ok("application/json", priced(version)));
        assert!(world.run(&["run", "--once"]).out.contains("first reading"));
        let begun = Instant::now();
        while kills < KILLS {
            assert!(
                begun.elapsed() < Duration::from_secs(300),
                "only {kills} kills"
            );
            version += 1;
            web.tell("/models", Answer::ok("application/json", priced(version)));
            loop {
                let child = start(world.program(), &["run", "--once"]);
                if kill_after(child, Duration::from_micros(seeded.below(60_000))) {
                    kills += 1;
                }
                let recorded = world.changes(true).len();
                assert!(recorded < version, "no change is recorded twice");
                if recorded == version - 1 {
                    break;
                }
            }
        }
        // whatever still waits is delivered by a run that nobody kills
        for _ in 0..3 {
            world.run(&["run", "--once"]);
        }
        (world, kills, version)
    })
    .await
    .expect("the rounds");
    let (world, _kills, version) = kills;
    let changes = world.changes(true);
    assert_eq!(changes.len(), version - 1);
    let ids: BTreeSet<&str> = changes
        .iter()
        .filter_map(|change| change["id"].as_str())
        .collect();
    assert_eq!(ids.len(), changes.len());
    let mut contents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for received in post.received() {
        let raw = String::from_utf8_lossy(&received.raw).into_owned();
        let id = raw
            .lines()
            .find(|line| line.to_lowercase().starts_with("message-id:"))
            .expect("a Message-ID");
        contents.entry(id.to_string()).or_default().insert(raw);
    }
    for (id, all) in &contents {
        assert_eq!(
            all.len(),
            1,
            "a repeated message is the same to the letter: {id}"
        );
    }
    // quoted-printable breaks lines where it likes
    let all: String = contents
        .values()
        .flatten()
        .map(|raw| raw.replace("=\r\n", ""))
        .collect();
    for id in ids {
        assert!(all.contains(id), "no mail tells of the change {id}");
    }
}
