//! Indicators are kept once a day, and a shift of the landscape is told once: over days on a clock of the test's own, each
//! round a start of its own.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bellwether::config::{Outside, Settings, watch_list};
use bellwether::daemon::{Plan, run_once};
use bellwether::market::{ChangeKind, Indicator};
use bellwether::store::{ChangeFilter, Changes, Indicators, Store};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::{Map, json};

use crate::http::{Answer, Server};

struct World {
    folder: tempfile::TempDir,
    web: Server,
    now: Arc<Mutex<Timestamp>>,
}

impl World {
    async fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            web: Server::start().await,
            now: Arc::new(Mutex::new(Timestamp::UNIX_EPOCH)),
        }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("bellwether.db")
    }

    /// Tells the registry with these prices of one model of the basket, asks twice on a day, and delivers.
    async fn day(&self, day: Date, price: f64) {
        self.web
            .tell("/api.json", Answer::ok("application/json", registry(price)));
        for hour in ["06", "18"] {
            let now = format!("{day}T{hour}:00:00Z").parse().expect("a time");
            *self.now.lock().expect("the time") = now;
            run_once(self.plan(), |_, _| {}).await.expect("a round");
        }
    }

    fn plan(&self) -> Plan {
        let config = format!(
            "[probes]\nonly = [\"models-dev.catalogue\"]\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n\
             \"https://models.dev\" = \"{}\"\n[mail]\nfrom = \"bell@watch.test\"\nto = [\"ops@example.test\"]\ndirectory = {:?}\n",
            self.web.url(),
            self.folder.path().join("mail"),
        );
        let outside = Outside {
            variable: &|_| None,
            file: &|_| Err("there is no file".to_string()),
        };
        let settings =
            Settings::from_text("test.toml", &config, &outside).expect("a sound configuration");
        let now = Arc::clone(&self.now);
        Plan {
            probes: watch_list(&[], &settings).expect("the shipped probes"),
            settings,
            endpoints: Vec::new(),
            inference: Vec::new(),
            database: self.database(),
            clock: Arc::new(move || *now.lock().expect("the time")),
        }
    }

    fn store(&self) -> Store {
        Store::open_read_only(&self.database()).expect("the database")
    }

    /// What was said of shifts, with the day on which each was recorded.
    fn shifts(&self) -> Vec<String> {
        let filter = ChangeFilter {
            kind: Some(ChangeKind::LandscapeShifted),
            ..ChangeFilter::default()
        };
        let changes = self.store().changes(&filter).expect("changes");
        let said = changes.iter().map(|recorded| {
            let change = &recorded.change;
            let text = change.new.as_ref().map(ToString::to_string);
            format!("{} {}", change.confirmed_at, text.unwrap_or_default())
        });
        said.collect()
    }

    fn mails(&self) -> Vec<String> {
        let new = self.folder.path().join("mail");
        let mut texts = Vec::new();
        for entry in walk(&new) {
            let raw = std::fs::read(entry).expect("a mail");
            let message = mail_parser::MessageParser::default()
                .parse(&raw)
                .expect("a message")
                .into_owned();
            texts.push(format!(
                "{}\n{}",
                message.subject().unwrap_or_default(),
                message.body_text(0).unwrap_or_default()
            ));
        }
        texts
    }
}

fn walk(folder: &std::path::Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => walk(&path),
            false => vec![path],
        })
        .collect()
}

/// Fifty models of no basket, and two of it.
fn registry(price: f64) -> String {
    let model = |name: &str, input: f64| {
        json!({
            "id": name, "name": name, "cost": {"input": input, "output": input * 4.0},
            "limit": {"context": 128_000, "output": 8_000},
        })
    };
    let mut own: Map<String, serde_json::Value> = (0..50)
        .map(|n| (format!("acme-{n}"), model(&format!("acme-{n}"), 1.0)))
        .collect();
    own.insert("deepseek-chat".into(), model("deepseek-chat", price));
    json!({
        "openrouter": {"id": "openrouter", "name": "OpenRouter", "models": own.clone()},
        "deepseek": {"id": "deepseek", "name": "DeepSeek", "models": own},
        "openai": {"id": "openai", "name": "OpenAI", "models": {"gpt-4.1": model("gpt-4.1", 2.0)}},
    })
    .to_string()
}

fn value(of: &[(Date, Indicator)], day: Date, name: &str, provider: &str) -> Option<f64> {
    of.iter()
        .find(|(at, one)| *at == day && &*one.name == name && &*one.provider == provider)
        .map(|(_, one)| one.value)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_of_the_basket_is_told_once_and_every_day_is_kept() {
    let world = World::new().await;
    for day in 1..=9 {
        world.day(date(2025, 11, day), 0.5).await;
    }
    assert_eq!(world.shifts(), Vec::<String>::new());
    for day in 10..=21 {
        // nobody looks on the 15th and 16th
        if !(15..=16).contains(&day) {
            world.day(date(2025, 11, day), 0.25).await;
        }
    }
    let shifts = world.shifts();
    let [shift] = shifts.as_slice() else {
        panic!("one shift is expected: {shifts:#?}");
    };
    // the price fell on the 10th, and had held for two days when the 11th was over
    assert!(
        shift.starts_with("2025-11-12T06:00:00Z The price basket fell 29.3 % in 7 days."),
        "{shift}"
    );
    assert!(
        shift.contains("deepseek/deepseek-chat $0.875 → $0.4375"),
        "{shift}"
    );
    let told: Vec<String> = world.mails();
    let told: Vec<&String> = told
        .iter()
        .filter(|mail| mail.contains("shifted: The"))
        .collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    // a move of a tenth is worth a report of its own, once
    let early = world.mails();
    let early = early.iter().filter(|mail| mail.contains("early edition"));
    assert_eq!(early.count(), 1);
    let first_line = told[0].lines().next();
    let subject = "[bellwether] market: The price basket fell 29.3 % in 7 days";
    assert_eq!(first_line, Some(subject));

    let (from, to) = (date(2025, 11, 1), date(2025, 11, 21));
    let kept = world.store().indicators(from, to).expect("indicators");
    let days: std::collections::BTreeSet<Date> = kept.iter().map(|(day, _)| *day).collect();
    let expected = (1..=20).map(|day| date(2025, 11, day)).collect();
    assert_eq!(days, expected, "every day that is over, and none twice");
    assert_eq!(value(&kept, date(2025, 11, 9), "basket", ""), Some(100.0));
    assert_eq!(value(&kept, date(2025, 11, 10), "basket", ""), Some(70.711));
    assert_eq!(
        value(&kept, date(2025, 11, 16), "models", "openai"),
        Some(1.0)
    );
}
