//! Random landscapes: sources of every authority that contradict each other, begin late, are no longer read, and in which
//! models come, go, return, change their stage, their price and their last day.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::{Map, Value as Json, json};

use crate::world::World;

/// Confirmation, guard and flap rules opened, and one model watched.
pub const CONFIG: &str = "[detect]\nconfirm_additions = 1\nconfirm_removals = 1\nconfirm_values = 1\nconfirm_hours = 0\n\
     max_loss = 1.0\nmax_churn = 1.0\nflap_window = \"0s\"\n[probes]\nfolder = \"own\"\n\
     [[watch]]\nname = \"ours\"\nmodels = [\"openai/gpt-4o\"]\n";
pub const WATCHED: [&str; 1] = ["openai/gpt-4o"];

const BEGIN: Date = date(2025, 6, 5);
/// Until after another basket took over.
const DAYS: usize = 170;

/// Ids of which no two are versions of one model that could be taken for each other.
const IDS: [&str; 18] = [
    "claude-opus-4-1-20250805",
    "claude-opus-4-20250514",
    "claude-sonnet-4-20250514",
    "claude-sonnet-4-5-20250929",
    "gpt-4o-2024-08-06",
    "gpt-4o-2024-11-20",
    "gpt-4.1-2025-04-14",
    "gpt-4.1-mini-2025-04-14",
    "gpt-5-2025-08-07",
    "o3-2025-04-16",
    "gemini-2.5-pro",
    "gemini-2.5-flash",
    "grok-3",
    "grok-4",
    "nova-pro",
    "mistral-medium-2505",
    "llama-4-maverick",
    "who-knows-what-this-is",
];
const STAGES: [&str; 8] = [
    "ga",
    "ga",
    "ga",
    "preview",
    "limited",
    "announced",
    "legacy",
    "deprecated",
];
const PRICES: [&str; 6] = ["1", "2", "2", "0.5", "0", "3.25"];
const INTERFACES: [&str; 3] = ["stateless", "stateful", "platform"];

/// What is read, of which providers, and with what authority.
const SOURCES: [(&str, &str, &[&str]); 5] = [
    (
        "almanac.list",
        "registry",
        &["bedrock", "azure", "openrouter", "vertex", "groq"],
    ),
    ("gazette.list", "registry", &["bedrock", "openrouter"]),
    ("bedrock.own@r1", "provider-api", &["bedrock"]),
    ("bedrock.own@r2", "provider-api", &["bedrock"]),
    ("azure.own", "provider-page", &["azure"]),
];

/// A probe file whose one probe says everything that indicators are counted from.
fn probe_file(probe: &str, authority: &str, providers: &[&str]) -> String {
    let (provider, name) = probe.split_once('.').expect("a probe");
    let kind = if authority == "registry" {
        "registry"
    } else {
        "cloud"
    };
    let mut text = format!(
        "provider = \"{provider}\"\nkind = \"{kind}\"\n[stages]\nga = \"ga\"\npreview = \"preview\"\nlimited = \"limited\"\n\
         announced = \"announced\"\nlegacy = \"legacy\"\ndeprecated = \"deprecated\"\n\
         [[probe]]\nname = \"{name}\"\ntitle = \"Everything\"\nauthority = \"{authority}\"\nlists = true\ncomplete = true\n\
         every = \"1h\"\nreader = \"json\"\nmin_items = 1\n"
    );
    if probe == "bedrock.own" {
        text.push_str("[probe.scopes]\nregion = [\"r1\", \"r2\"]\n");
    }
    let path = if probe == "bedrock.own" {
        "{region}"
    } else {
        "all"
    };
    text.push_str(&format!(
        "[probe.request]\nurl = \"https://{provider}.test/{path}\"\naccept = \"json\"\n\
         [probe.json]\nitems = \"data[]\"\nnative_id = \"id\"\n"
    ));
    if authority == "registry" {
        text.push_str("provider = \"provider\"\n[probe.json.providers]\n");
        for provider in providers {
            text.push_str(&format!("{provider} = \"{provider}\"\n"));
        }
    }
    for (attribute, path) in [
        ("stage", "stage"),
        ("interface", "interface"),
        ("price.input", "input"),
        ("price.output", "output"),
    ] {
        text.push_str(&format!(
            "[[probe.json.attribute]]\nattribute = \"{attribute}\"\npath = \"{path}\"\n"
        ));
    }
    for (attribute, path, certainty) in [
        ("date.launch", "launch", "firm"),
        ("date.retires", "ends", "firm"),
        ("date.retires", "floor", "not-before"),
    ] {
        text.push_str(&format!(
            "[[probe.json.attribute]]\nattribute = \"{attribute}\"\npath = \"{path}\"\ncertainty = \"{certainty}\"\n"
        ));
    }
    text
}

/// Numbers that follow from a seed.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).expect("a small number")
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

/// What a source says of an offering; some of it may be missing.
fn row(seeded: &mut Seeded, day: Date) -> Map<String, Json> {
    let mut row = Map::new();
    for (key, words) in [
        ("stage", &STAGES[..]),
        ("interface", &INTERFACES),
        ("input", &PRICES),
        ("output", &PRICES),
    ] {
        if !seeded.one_in(4) {
            row.insert(key.to_string(), json!(seeded.of(words)));
        }
    }
    if seeded.one_in(4) {
        let key = if seeded.one_in(2) { "ends" } else { "floor" };
        row.insert(key.to_string(), last_day(seeded, day));
    }
    if seeded.one_in(2) {
        let before = i64::try_from(seeded.below(120)).expect("a small number");
        let launch = day.saturating_sub(before.days()).to_string();
        row.insert("launch".to_string(), json!(launch));
    }
    row
}

fn last_day(seeded: &mut Seeded, day: Date) -> Json {
    let after = i64::try_from(seeded.below(200)).expect("a small number") - 5;
    json!(day.saturating_add(after.days()).to_string())
}

/// Something else about an offering.
fn changes(row: &mut Map<String, Json>, seeded: &mut Seeded, day: Date) {
    match seeded.below(6) {
        0 => row.insert("stage".to_string(), json!(seeded.of(&STAGES))),
        1 => row.insert("input".to_string(), json!(seeded.of(&PRICES))),
        2 => row.insert("output".to_string(), json!(seeded.of(&PRICES))),
        3 => row.remove(seeded.of(&["stage", "input", "output", "interface", "ends", "floor"])),
        4 => {
            row.remove("floor");
            row.insert("ends".to_string(), last_day(seeded, day))
        }
        _ => {
            row.remove("ends");
            row.insert("floor".to_string(), last_day(seeded, day))
        }
    };
}

/// The bodies of one source by the names of their files.
fn bodies(seeded: &mut Seeded, source: &str, providers: &[&str]) -> Vec<(String, Json)> {
    let first = seeded.below(50);
    // some are no longer read
    let last = if seeded.one_in(3) {
        first + 30 + seeded.below(60)
    } else {
        DAYS
    };
    let mut known: BTreeMap<(&str, &str), Map<String, Json>> = BTreeMap::new();
    let mut is_listed: BTreeMap<(&str, &str), bool> = BTreeMap::new();
    // one provider begins later, another vanishes
    let begins: Vec<usize> = providers
        .iter()
        .enumerate()
        .map(|(place, _)| if place == 3 { first + 30 } else { 0 })
        .collect();
    let vanishes = first + 100;
    let mut bodies = Vec::new();
    for n in first..last {
        let day = BEGIN.saturating_add(i64::try_from(n).expect("a small number").days());
        let is_wave = seeded.one_in(50);
        for provider in providers {
            for id in IDS {
                let key = (*provider, id);
                let listed = is_listed.entry(key).or_insert_with(|| seeded.one_in(3));
                if seeded.one_in(if is_wave { 2 } else { 70 }) {
                    *listed = !*listed;
                }
                let row = known.entry(key).or_insert_with(|| row(seeded, day));
                if seeded.one_in(30) {
                    changes(row, seeded, day);
                }
            }
        }
        if n != first && seeded.one_in(3) {
            continue;
        }
        let mut rows = Vec::new();
        for (place, provider) in providers.iter().enumerate() {
            let is_away = n < begins[place] || (*provider == "groq" && n >= vanishes);
            for id in IDS.iter().filter(|_| !is_away) {
                if is_listed[&(*provider, *id)] {
                    let mut row = known[&(*provider, *id)].clone();
                    row.insert("provider".to_string(), json!(provider));
                    row.insert("id".to_string(), json!(id));
                    rows.push(Json::Object(row));
                }
            }
        }
        if rows.is_empty() {
            continue;
        }
        // at the end of the day, or on it
        let name = match seeded.below(3) {
            0 => format!("{day}T00-00-00Z.json"),
            1 => format!("{day}T{:02}-30-00Z.json", seeded.below(24)),
            _ => format!("{day}.json"),
        };
        bodies.push((format!("{source}/{name}"), json!({ "data": rows })));
    }
    bodies
}

/// A history that follows from a seed, imported by the program.
pub fn landscape(seed: u64) -> World {
    let world = World::new(CONFIG);
    for (source, authority, providers) in SOURCES {
        let probe = source.split('@').next().expect("a probe");
        let file = format!("own/{}.toml", probe.replace('.', "-"));
        world.write(&file, &probe_file(probe, authority, providers));
    }
    let mut seeded = Seeded(seed);
    for (source, _, providers) in SOURCES {
        for (name, body) in bodies(&mut seeded, source, providers) {
            world.write(&name, &body.to_string());
        }
        let folder = world.path(source);
        let folder = folder.to_str().expect("a path");
        world.good(&["import", "--probe", source, folder]);
    }
    world
}
