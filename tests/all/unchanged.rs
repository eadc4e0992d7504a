//! Fetches that show nothing new are noted and written together: the history is the one that each alone would have left.

use std::collections::BTreeMap;
use std::sync::Arc;

use bellwether::alerting::Policy;
use bellwether::config::{Identities, Outside, Probe, ProbeFile, Settings, watch_list};
use bellwether::daemon::pipeline::Taken;
use bellwether::daemon::reading::{PAGES, Target, read_body};
use bellwether::daemon::tick::{Asked, Means, ask_source};
use bellwether::daemon::watch::WatchList;
use bellwether::daemon::writer::Writer;
use bellwether::fetch::{Client, Credentials};
use bellwether::market::{Content, Settled};
use bellwether::store::{ChangeFilter, Changes, Readings, Sources, Store};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::http::{Answer, Server};
use super::reading::{claims, shipped};

const PROBE: &str = "provider = 'acme'\nkind = 'cloud'\n[[probe]]\nname = 'page'\ntitle = 'Page'\nauthority = 'provider-page'\n\
    lists = true\ncomplete = true\nevery = '1h'\nreader = 'table'\n[probe.request]\nurl = 'https://acme.test/page'\naccept = 'html'\n\
    [[probe.table.tables]]\nheader = ['Model', 'Retires']\nnative_id = '{Model}'\n\
    [[probe.table.tables.column]]\nheader = 'Retires'\nattribute = 'date.retires'\n";

/// What the host says when it is asked.
#[derive(Debug, Clone)]
enum Said {
    /// A page of three models, on which one of these days stands for each.
    Page([u8; 3]),
    NotModified,
    Trouble,
}

impl Said {
    fn answer(&self) -> Answer {
        match self {
            Self::Page(days) => {
                let row = |(model, day): (usize, &u8)| {
                    format!("<tr><td>m-{model}</td><td>2027-01-1{day}</td></tr>")
                };
                let rows: String = days.iter().enumerate().map(row).collect();
                let table = format!(
                    "<!doctype html><table><tr><th>Model</th><th>Retires</th></tr>{rows}</table>"
                );
                Answer::ok("text/html", table).header("etag", "\"v\"")
            }
            Self::NotModified => Answer::with_status(304, "text/html", ""),
            Self::Trouble => Answer::with_status(503, "text/plain", "no"),
        }
    }
}

fn minute(n: usize) -> Timestamp {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    begin + SignedDuration::from_mins(i64::try_from(n).expect("small"))
}

/// A daemon's part that asks one source.
struct Office {
    folder: tempfile::TempDir,
    server: Server,
    probes: Vec<(Probe, bool)>,
    watch: WatchList,
    means: Means,
    thread: std::thread::JoinHandle<Store>,
}

impl Office {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = Server::start().await;
        let file = ProbeFile {
            name: "acme.toml".to_string(),
            text: PROBE.to_string(),
        };
        let outside = Outside {
            variable: &|_| None,
            file: &|_| Err("none".to_string()),
        };
        let text = format!(
            "[probes]\nonly = ['acme.page']\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n'https://acme.test/' = '{}/'\n",
            server.url()
        );
        let settings = Settings::from_text("b.toml", &text, &outside).expect("a configuration");
        let probes = watch_list(&[file], &settings).expect("probes");
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        let (writer, thread) = Writer::start(store).expect("a thread");
        Self {
            folder,
            server,
            watch: WatchList::new(&probes, &[]),
            probes,
            means: Means {
                client: Arc::new(Client::new(&settings.http).expect("a client")),
                credentials: Arc::new(Credentials::new(BTreeMap::new(), Identities::default())),
                writer,
                policy: Arc::new(Policy::default()),
                vantage: "here".into(),
            },
            thread,
        }
    }

    /// As after a restart: what was remembered of the source is to be read from the store.
    fn forget(&mut self) {
        self.watch = WatchList::new(&self.probes, &[]);
    }

    async fn ask(&self, said: &Said, at: Timestamp) -> Asked {
        self.server.tell("/page", said.answer());
        ask_source(&self.means, &self.watch.all[0], at, false).await
    }

    /// The history, once everything is written.
    fn history(self) -> Vec<String> {
        let Self {
            folder,
            means,
            thread,
            ..
        } = self;
        drop(means);
        drop(thread.join().expect("the writer"));
        let path = folder.path().join("bellwether.db");
        told(&Store::open_read_only(&path).expect("the database"))
    }
}

fn told(store: &Store) -> Vec<String> {
    let records = store.sources().expect("sources");
    let mut told: Vec<String> = records.iter().map(|record| format!("{record:?}")).collect();
    for record in &records {
        let row = store.source(&record.id).expect("a row").expect("a source");
        for reading in store.kept_readings(&row).expect("readings") {
            told.push(format!(
                "{} {} {:?} {:?}",
                reading.at,
                reading.outcome,
                reading.detail,
                reading.body.map(|body| body.hex(12))
            ));
        }
    }
    let measured = store.measurements(minute(0), minute(1_000_000));
    told.extend(
        measured
            .expect("measurements")
            .iter()
            .map(|row| format!("{} {} {}", row.at, row.host, row.outcome)),
    );
    let all = ChangeFilter {
        all: true,
        ..ChangeFilter::default()
    };
    let changes = store.changes(&all).expect("changes");
    told.extend(changes.iter().map(|change| format!("{change:?}")));
    told
}

fn said() -> impl Strategy<Value = Said> {
    let page = prop_oneof![
        4 => Just([0, 0, 0]),
        1 => Just([1, 0, 0]),
        1 => Just([1, 2, 0]),
    ];
    prop_oneof![
        5 => page.prop_map(Said::Page),
        4 => Just(Said::NotModified),
        1 => Just(Said::Trouble),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn together_they_leave_the_history_that_each_alone_would(
        all in proptest::collection::vec((said(), 1..4_usize), 1..10), clock_set_back in 0..12_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let (together, alone) = runtime.expect("a runtime").block_on(async {
            let (together, mut alone) = (Office::new().await, Office::new().await);
            let mut n = 0;
            for (said, times) in &all {
                for _ in 0..*times {
                    n += 1;
                    let at = minute(if n == clock_set_back { 0 } else { n });
                    let noted = together.ask(said, at).await.taken;
                    alone.forget();
                    let taken = alone.ask(said, at).await.taken;
                    assert_eq!(noted, taken);
                }
            }
            (together.history(), alone.history())
        });
        prop_assert_eq!(together, alone);
    }
}

#[tokio::test]
async fn a_crash_before_they_are_written_leaves_a_history_that_goes_on() {
    let page = Said::Page([0, 0, 0]);
    let mut office = Office::new().await;
    for n in 0..3 {
        let asked = office.ask(&page, minute(n)).await;
        assert!(asked.taken.is_ok(), "{asked:?}");
    }
    let place = |office: &Office| office.folder.path().join("bellwether.db");
    let crashed = tempfile::tempdir().expect("a folder");
    let copy = crashed.path().join("bellwether.db");
    // as the files are between two of the program's steps
    for part in ["", "-wal"] {
        let from = format!("{}{part}", place(&office).display());
        std::fs::copy(from, format!("{}{part}", copy.display())).expect("a copy");
    }
    let (writer, thread) = {
        let store = Store::open(&copy).expect("a database");
        assert_eq!(store.damage().expect("a check"), None);
        let known = told(&store);
        let last = |at: usize| {
            known
                .iter()
                .any(|line| line.starts_with(&minute(at).to_string()))
        };
        assert!(last(1), "what was taken in is kept: {known:?}");
        Writer::start(store).expect("a thread")
    };
    office.forget();
    office.means.writer = writer;
    let (before, office_thread) = (office.thread, thread);
    office.thread = office_thread;
    drop(before);
    // what was asked last before the crash is asked again
    for n in 2..5 {
        let taken = office.ask(&page, minute(n)).await.taken;
        assert!(matches!(taken, Ok(Taken::Same { .. })), "{taken:?}");
    }
    let Office { means, thread, .. } = office;
    drop(means);
    drop(thread.join().expect("the writer"));
    let lines = told(&Store::open_read_only(&copy).expect("the database"));
    for n in 0..5 {
        let at = minute(n).to_string();
        let readings = lines.iter().filter(|line| line.starts_with(&at));
        // as a reading and as a measurement
        assert_eq!(readings.count(), 2, "{n}: {lines:?}");
    }
}

#[test]
fn what_comes_to_stand_on_a_second_page_is_read_from_both() {
    let probe = shipped("anthropic.models");
    let target = Target::new(&probe, &probe.scopes[0]);
    let first = r#"{"data":[{"id":"a","lifecycle":"active"},{"id":"b","lifecycle":"active"}]}"#;
    let second = |item: &str| format!("[{first},{{\"data\":[{item}]}}]");
    let read = |text: &str, settled: &Settled| {
        read_body(&target, text.as_bytes(), Some(PAGES), settled).expect("a reading")
    };
    let before = read(
        &second(r#"{"id":"c","lifecycle":"active"}"#),
        &Settled::new(),
    );
    let settled: Settled = (before.entries.iter())
        .filter_map(|entry| match &entry.content {
            Content::Stated { fingerprint, .. } => Some((entry.key, (*fingerprint)?)),
            Content::Settled => None,
        })
        .collect();
    assert_eq!(settled.len(), 3);
    let item = r#"{"id":"a","max_tokens":8000}"#;
    let (after, whole) = (
        read(&second(item), &settled),
        read(&second(item), &Settled::new()),
    );
    assert_eq!(claims(&after), claims(&whole));
    // and where nothing is torn, what was settled is passed over
    let other = read(&second(r#"{"id":"d","lifecycle":"active"}"#), &settled);
    assert!(claims(&other).iter().all(|line| line.contains(" d ")));
}
