//! The daemon on clocks that run on while it asks, jump, and are set back.

use std::sync::{Arc, Mutex};

use bellwether::config::{Outside, ProbeFile, Settings, watch_list};
use bellwether::daemon::{Plan, Round, run_once};
use jiff::{SignedDuration, Timestamp};

use crate::http::{Answer, Server};

const PROBE: &str = r#"
provider = "newcomer"
kind = "direct"

[[probe]]
name = "models"
title = "Models"
authority = "provider-api"
lists = true
complete = true
every = "1m"
reader = "json"

[probe.request]
url = "https://api.newcomer.test/v1/models"
accept = "json"

[probe.json]
items = "data[]"
native_id = "id"
"#;

/// A daemon whose every look at the clock finds it `step` further on.
struct Hurried {
    folder: tempfile::TempDir,
    web: Server,
    now: Arc<Mutex<Timestamp>>,
    step: SignedDuration,
    mail: String,
}

impl Hurried {
    async fn new(step: SignedDuration) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let web = Server::start().await;
        web.tell(
            "/v1/models",
            Answer::ok(
                "application/json",
                r#"{"data":[{"id":"one"},{"id":"two"}]}"#,
            ),
        );
        Self {
            folder,
            web,
            now: Arc::new(Mutex::new("2026-11-02T10:00:30Z".parse().expect("a time"))),
            step,
            mail: String::new(),
        }
    }

    fn plan(&self) -> Plan {
        let config = format!(
            "[probes]\nonly = [\"newcomer.models\"]\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n\
             \"https://api.newcomer.test\" = \"{}\"\n{}",
            self.web.url(),
            self.mail
        );
        let outside = Outside {
            variable: &|_| None,
            file: &|_: &std::path::Path| Err("no files here".to_string()),
        };
        let settings =
            Settings::from_text("test.toml", &config, &outside).expect("a sound configuration");
        let own = ProbeFile {
            name: "newcomer.toml".to_string(),
            text: PROBE.to_string(),
        };
        let probes = watch_list(&[own], &settings).expect("a sound probe");
        let (now, step) = (Arc::clone(&self.now), self.step);
        Plan {
            settings,
            endpoints: Vec::new(),
            probes,
            inference: Vec::new(),
            database: self.folder.path().join("bellwether.db"),
            clock: Arc::new(move || {
                let mut now = now.lock().expect("the time");
                *now += step;
                *now
            }),
        }
    }

    async fn round(&self) -> Round {
        run_once(self.plan(), |_, _| {}).await.expect("a round")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_round_asks_a_source_once_however_long_the_round_takes() {
    // the period passes while the answer is under way
    let daemon = Hurried::new(SignedDuration::from_secs(50)).await;
    let round = tokio::time::timeout(std::time::Duration::from_secs(20), daemon.round());
    let round = round.await.expect("a round that ends");
    assert_eq!(round.asked.len(), 1);
    assert_eq!(daemon.web.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_ahead_holds_nothing_back_when_it_is_set_right() {
    let mut daemon = Hurried::new(SignedDuration::ZERO).await;
    let mail = daemon.folder.path().join("mail");
    daemon.mail = format!(
        "[mail]\nfrom = \"bell@watch.test\"\nto = [\"ops@example.test\"]\ndirectory = {:?}\n\
         [report]\ncron = \"0 7 * * mon\"\n",
        mail.display().to_string()
    );
    let right = *daemon.now.lock().expect("the time");
    // a year ahead at the first start, then set right
    let year = SignedDuration::from_hours(365 * 24);
    *daemon.now.lock().expect("the time") = right + year;
    daemon.round().await;
    *daemon.now.lock().expect("the time") = right + SignedDuration::from_mins(2);
    assert_eq!(daemon.round().await.asked.len(), 1);
    let names = || {
        let entries = std::fs::read_dir(&mail).expect("mail");
        entries
            .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("text"))
            .filter(|text| text.contains("week 20"))
            .count()
    };
    assert_eq!(names(), 0);
    // the next Monday at seven
    *daemon.now.lock().expect("the time") = "2026-11-09T07:01:00Z".parse().expect("a time");
    daemon.round().await;
    assert_eq!(names(), 1, "the weekly report came");
}
