//! Days of real bodies, asked by the daemon on a clock of the test's own: a silent baseline, then true mail.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bellwether::config::{Outside, Settings, watch_list};
use bellwether::daemon::{Plan, Round, run_once};
use bellwether::market::RecordedChange;
use bellwether::store::{ChangeFilter, Changes, Store};
use jiff::{SignedDuration, Timestamp};
use mail_parser::{Message, MessageParser};

use crate::http::{Answer, Server};
use crate::shared;
use crate::smtp::{Channel, Received, Script};

const USER: &str = "bell";
const PASSWORD: &str = "s3crét wörd";

/// A daemon on virtual time, whose web and mail servers are on loopback.
struct Days {
    folder: tempfile::TempDir,
    web: Server,
    post: crate::smtp::Server,
    now: Arc<Mutex<Timestamp>>,
    probes: Vec<&'static str>,
}

impl Days {
    async fn new(probes: &[&'static str]) -> Self {
        // several tests may come here first
        let _ = rustls::crypto::ring::default_provider().install_default();
        let script = Script {
            channel: Channel::StartTls,
            login: Some((USER, PASSWORD)),
            ..Script::default()
        };
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            web: Server::start().await,
            post: crate::smtp::Server::start(script).await,
            now: Arc::new(Mutex::new(Timestamp::UNIX_EPOCH)),
            probes: probes.to_vec(),
        }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("bellwether.db")
    }

    fn plan(&self) -> Plan {
        let config = format!(
            "[probes]\nonly = {:?}\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n\"https://platform.claude.com\" = \"{url}\"\n\
             \"https://developers.openai.com\" = \"{url}\"\n\"https://api.openai.com\" = \"{url}\"\n\
             [mail]\nfrom = \"Bellwether <bell@watch.test>\"\nto = [\"ops@example.test\"]\n\
             [mail.smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"starttls\"\nuser = \"{USER}\"\npassword = {{ env = \"PASSWORD\" }}\n\
             extra_ca = [\"ca.pem\"]\n[credentials]\nOPENAI_API_KEY = {{ env = \"KEY\" }}\n",
            self.probes,
            url = self.web.url(),
            port = self.post.port,
        );
        let authority = self.post.ca_pem.clone();
        let outside = Outside {
            variable: &|name| {
                Some(
                    if name == "PASSWORD" {
                        PASSWORD
                    } else {
                        "sk-test"
                    }
                    .to_string(),
                )
            },
            file: &|_: &Path| Ok(authority.clone()),
        };
        let settings =
            Settings::from_text("test.toml", &config, &outside).expect("a sound configuration");
        let probes = watch_list(&[], &settings).expect("the shipped probes");
        let now = Arc::clone(&self.now);
        let clock = Arc::new(move || *now.lock().expect("the time"));
        Plan {
            settings,
            endpoints: Vec::new(),
            probes,
            inference: Vec::new(),
            database: self.database(),
            clock,
        }
    }

    async fn at(&self, now: Timestamp) -> Round {
        *self.now.lock().expect("the time") = now;
        run_once(self.plan(), |_, _| {}).await.expect("a round")
    }

    fn mails(&self) -> Vec<Received> {
        self.post.received()
    }

    fn news(&self) -> Vec<RecordedChange> {
        let store = Store::open_read_only(&self.database()).expect("the database");
        store.changes(&ChangeFilter::default()).expect("changes")
    }
}

/// A body's time from its file's name.
fn time(path: &Path) -> Timestamp {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .expect("a name");
    match stem.split_once('T') {
        Some((day, clock)) => {
            let clock = clock.trim_end_matches('Z');
            let clock = format!("{}:{}:{}", &clock[..2], &clock[2..4], &clock[4..6]);
            format!("{day}T{clock}Z").parse().expect("a time")
        }
        None => format!("{stem}T12:00:00Z").parse().expect("a day"),
    }
}

fn bodies(folder: &Path) -> Vec<(Timestamp, String)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("bodies")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| (time(path), std::fs::read_to_string(path).expect("text")))
        .collect()
}

fn parsed(received: &Received) -> Message<'_> {
    MessageParser::default()
        .parse(&received.raw)
        .expect("a message")
}

const PAGE: &str = "/docs/en/about-claude/model-deprecations.md";

fn told(text: &str) -> Answer {
    Answer::ok("text/markdown; charset=utf-8", text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_retirement_date_arrives_as_mail() {
    let Some(folder) = shared::folder("corpus/seq/anthropic-model-deprecations-md/JokerRun") else {
        return;
    };
    let days = Days::new(&["anthropic.deprecations"]).await;
    for (at, body) in bodies(&folder) {
        // each body is seen twice, as by a daemon that asks more often than the page changes
        for hours in [0, 3] {
            days.web.tell(PAGE, told(&body));
            days.at(at + SignedDuration::from_hours(hours)).await;
        }
    }
    let mails = days.mails();
    assert!(
        mails
            .iter()
            .all(|mail| mail.encrypted && mail.user.as_deref() == Some(USER))
    );
    let subjects: Vec<String> = mails
        .iter()
        .map(|mail| parsed(mail).subject().unwrap_or("").to_string())
        .collect();
    assert!(subjects[0].contains("watching 1 source"), "{}", subjects[0]);
    let opus = subjects
        .iter()
        .position(|subject| {
            subject.contains("claude-opus-4-20250514") && subject.contains("2026-06-15")
        })
        .unwrap_or_else(|| panic!("no mail about Claude Opus 4's end among {subjects:#?}"));
    let message = parsed(&mails[opus]);
    let text = message.body_text(0).expect("a text part");
    let html = message.body_html(0).expect("an HTML part");
    for part in ["2026-06-15", "not before 2026-05-14", "bellwether why"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
        assert!(html.contains(part), "{part} is not in:\n{html}");
    }
    if let Some(place) = std::env::var_os("BELLWETHER_PICTURES") {
        std::fs::write(Path::new(&place).join("mail.html"), html.as_bytes())
            .expect("a written page");
    }
}

/// What a person finds by comparing the pages of the sequence: the day a change is first seen, the model, what it is.
const FOUND_BY_HAND: [(&str, &str, &str, &str); 4] = [
    (
        "2026-02-20",
        "claude-3-haiku-20240307",
        "stage",
        "deprecated",
    ),
    (
        "2026-02-20",
        "claude-3-haiku-20240307",
        "date.retires",
        "2026-04-20",
    ),
    (
        "2026-04-15",
        "claude-opus-4-20250514",
        "date.retires",
        "2026-06-15",
    ),
    (
        "2026-04-15",
        "claude-sonnet-4-20250514",
        "stage",
        "deprecated",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replayed_pages_give_the_changes_that_a_person_finds() {
    let Some(folder) = shared::folder("corpus/seq/anthropic-model-deprecations-md/JokerRun") else {
        return;
    };
    let days = Days::new(&["anthropic.deprecations"]).await;
    for (at, body) in bodies(&folder) {
        for hours in [0, 3] {
            days.web.tell(PAGE, told(&body));
            days.at(at + SignedDuration::from_hours(hours)).await;
        }
    }
    let news = days.news();
    for (day, model, attribute, new) in FOUND_BY_HAND {
        let found = news.iter().any(|recorded| {
            let change = &recorded.change;
            change.seen_at.to_string().starts_with(day)
                && change.subject.native_id.as_str() == model
                && change
                    .attribute
                    .as_ref()
                    .is_some_and(|a| a.to_string() == attribute)
                && change
                    .new
                    .as_ref()
                    .is_some_and(|value| value.to_string() == new)
        });
        let all: Vec<String> = news.iter().map(bellwether::render::sentence).collect();
        assert!(found, "{day} {model} {attribute} {new} is not in {all:#?}");
    }
    // a page that is only wrapped, spaced and ordered otherwise is the same page
    let before = news.len();
    let (last, body) = bodies(&folder).pop().expect("bodies");
    let rewrapped = rewrapped(&body);
    assert_ne!(rewrapped, body);
    for day in [1, 2] {
        days.web.tell(PAGE, told(&rewrapped));
        days.at(last + SignedDuration::from_hours(24 * day)).await;
    }
    assert_eq!(days.news().len(), before);
}

/// The same page with table rows in another order and other blanks in its cells.
fn rewrapped(page: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    for line in page.lines() {
        let is_row = line.starts_with("| `") || (line.starts_with("| ") && line.contains("20"));
        if is_row {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            rows.push(format!("|{}|", cells.join("  |  ")));
            continue;
        }
        lines.extend(rows.drain(..).rev());
        lines.push(line.to_string());
    }
    lines.extend(rows.drain(..).rev());
    lines.join("\r\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shuffled_list_is_no_change_and_new_models_are() {
    let Some(folder) = shared::folder("corpus/seq/openai-v1-models") else {
        return;
    };
    let days = Days::new(&["openai.models"]).await;
    let mut before: Option<std::collections::BTreeSet<String>> = None;
    let (mut added, mut removed) = (0, 0);
    for (at, body) in bodies(&folder) {
        let json: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let rows = json["data"].as_array().expect("rows");
        let ids: std::collections::BTreeSet<String> = rows
            .iter()
            .filter_map(|row| row["id"].as_str())
            .filter(|id| !id.starts_with("ft:"))
            .map(str::to_string)
            .collect();
        if let Some(before) = &before {
            added += ids.difference(before).count();
            removed += before.difference(&ids).count();
        }
        before = Some(ids);
        for hours in [0, 1, 2] {
            let mut shuffled = rows.clone();
            let middle = shuffled.len() / (2 + hours);
            shuffled.rotate_left(middle);
            let answer = serde_json::json!({ "object": "list", "data": shuffled }).to_string();
            days.web
                .tell("/v1/models", Answer::ok("application/json", answer));
            days.at(at + SignedDuration::from_hours(i64::try_from(hours).expect("small")))
                .await;
        }
    }
    let news = days.news();
    let count = |kinds: &[&str]| {
        news.iter()
            .filter(|recorded| kinds.contains(&recorded.change.kind.word()))
            .count()
    };
    assert!(added > 10);
    assert_eq!(count(&["offering_added", "offering_returned"]), added);
    assert_eq!(count(&["offering_removed"]), removed);
    assert_eq!(
        news.len(),
        added + removed,
        "{:#?}",
        news.iter()
            .map(bellwether::render::sentence)
            .collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_that_takes_longer_than_a_period_asks_each_source_once() {
    let days = Days::new(&["openai.models"]).await;
    let list = r#"{"object":"list","data":[{"id":"gpt-1","object":"model"}]}"#;
    days.web
        .tell("/v1/models", Answer::ok("application/json", list));
    let mut plan = days.plan();
    // every look at the clock finds it ten periods later
    let now = Arc::new(Mutex::new(Timestamp::UNIX_EPOCH));
    plan.clock = Arc::new(move || {
        let mut now = now.lock().expect("the time");
        *now += SignedDuration::from_mins(150);
        *now
    });
    let round = run_once(plan, |_, _| {}).await.expect("a round");
    assert_eq!(round.asked.len(), 1);
}
