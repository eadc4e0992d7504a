//! The daemon: how soon it asks, what an unchanged poll costs it, and how much memory it holds.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bellwether::config::{Outside, ProbeFile, Settings, watch_list};
use bellwether::daemon::pipeline::Taken;
use bellwether::daemon::tick::{Means, ask_source};
use bellwether::daemon::watch::{WatchList, Watched};
use bellwether::daemon::writer::Writer;
use bellwether::fetch::{Client, Credentials};
use bellwether::store::Store;
use jiff::SignedDuration;
use tokio::task::JoinSet;
use url::Url;

use crate::bodies::registry;
use crate::import::begin;
use crate::measure::{cpu, figure, median, megabytes, memory as resident};

/// The configuration in which every host of the shipped probes is one server.
fn configuration(url: &str) -> String {
    let usual = settings("");
    let probes = watch_list(&[], &usual).expect("the shipped probes");
    let asked = probes.iter().filter(|(_, is_asked)| *is_asked);
    let mut hosts: Vec<String> = asked
        .flat_map(|(probe, _)| {
            let addresses = probe
                .sources()
                .filter_map(|(_, scoping)| probe.url(scoping, false));
            addresses.collect::<Vec<_>>()
        })
        .filter_map(|address| {
            let address = Url::parse(&address).ok()?;
            address.host_str().map(str::to_string)
        })
        .collect();
    hosts.sort();
    hosts.dedup();
    let rewrites: Vec<String> = hosts
        .iter()
        .map(|host| format!("\"https://{host}/\" = \"{url}/{host}/\""))
        .collect();
    format!(
        "[http]\nper_host_pace_ms = 0\n[http.rewrite]\n{}\n",
        rewrites.join("\n")
    )
}

/// A configuration without an environment.
pub fn settings(text: &str) -> Settings {
    let outside = Outside {
        variable: &|_| None,
        file: &|_: &std::path::Path| Err("no files here".to_string()),
    };
    Settings::from_text("bench.toml", text, &outside).expect("a sound configuration")
}

/// From the start of the program to its first request, on an empty and on a filled folder.
pub fn start() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!(
        "http://127.0.0.1:{}",
        listener.local_addr().expect("an address").port()
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bellwether.toml");
    std::fs::write(&file, configuration(&url)).expect("a configuration");
    let first = || {
        let begun = Instant::now();
        let mut daemon = Command::new(env!("CARGO_BIN_EXE_bellwether"))
            .arg("--config")
            .arg(&file)
            .arg("--data")
            .arg(folder.path().join("data"))
            .arg("run")
            .stderr(Stdio::null())
            .spawn()
            .expect("a daemon");
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut byte = [0u8; 1];
        stream.read_exact(&mut byte).expect("a request");
        let took = begun.elapsed().as_secs_f64() * 1000.0;
        daemon.kill().expect("an end");
        daemon.wait().expect("an end");
        // connections that the killed daemon had opened besides
        listener.set_nonblocking(true).expect("a setting");
        while listener.accept().is_ok() {}
        listener.set_nonblocking(false).expect("a setting");
        took
    };
    let new = first();
    let again: Vec<f64> = (0..15).map(|_| first()).collect();
    let least = again.iter().copied().fold(f64::MAX, f64::min);
    let told =
        format!("less than 50 (median of 15; least {least:.0}, with a new database {new:.0})");
    figure(
        "start to first probe",
        &format!("{:.0} ms", median(again)),
        &told,
    );
}

/// What asks sources, as the daemon does.
pub struct Office {
    folder: tempfile::TempDir,
    /// What asking needs.
    pub means: Means,
    /// What is asked.
    pub watch: WatchList,
}

impl Office {
    fn new(configuration: &str) -> Self {
        Self::of(&[], configuration)
    }

    /// How large the database is, in bytes.
    pub fn room(&self) -> f64 {
        let path = self.folder.path().join("bellwether.db");
        let store = rusqlite::Connection::open(path).expect("the database");
        let pages: i64 = store
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .expect("pages");
        pages as f64 * 4096.0
    }

    /// With probes of one's own besides the shipped ones.
    pub fn of(files: &[ProbeFile], configuration: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        let settings = settings(configuration);
        let probes = watch_list(files, &settings).expect("the shipped probes");
        let (writer, _) = Writer::start(store).expect("a thread");
        Self {
            folder,
            watch: WatchList::new(&probes, &[]),
            means: Means {
                client: Arc::new(Client::new(&settings.http).expect("a client")),
                credentials: Arc::new(Credentials::new(
                    settings.credentials.clone(),
                    settings.identities.clone(),
                )),
                writer,
                policy: Arc::new(settings.policy()),
                vantage: "bench".into(),
            },
        }
    }
}

/// As the program has it.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Unchanged polls through the client: a full GET without compression, a hash, one row.
pub fn polls(url: &str) {
    let configuration = format!(
        "[probes]\nonly = [\"models-dev.catalogue\"]\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n\
         \"https://models.dev/api.json\" = \"{url}/same\"\n"
    );
    let office = Office::new(&configuration);
    let (means, watched): (&Means, &Watched) = (&office.means, &office.watch.all[0]);
    const POLLS: i64 = 200;
    let ask = |n: i64| async move {
        let at = begin() + SignedDuration::from_mins(n);
        ask_source(means, watched, at, false).await
    };
    runtime().block_on(async {
        assert!(matches!(ask(0).await.taken, Ok(Taken::Baseline { .. })));
        let before = cpu();
        for n in 1..=POLLS {
            assert!(matches!(ask(n).await.taken, Ok(Taken::Same { .. })));
        }
        let rate = megabytes(registry(0).len()) * POLLS as f64 / (cpu() - before).max(0.01);
        figure(
            "an unchanged poll (full GET, identity)",
            &format!("{rate:.0} MB/CPU s"),
            "at least 300",
        );
    });
}

/// A thousand ticks, a minute each, of all shipped probes; models.dev and LiteLLM have their live size.
pub fn memory(url: &str) {
    const TICKS: i64 = 1_000;
    let mut office = Office::new(&configuration(url));
    let peak = Arc::new(Mutex::new(0.0f64));
    let is_over = Arc::new(AtomicBool::new(false));
    let (sampled, over) = (Arc::clone(&peak), Arc::clone(&is_over));
    // what is held only for a moment counts too
    let sampler = std::thread::spawn(move || {
        while !over.load(Ordering::Relaxed) {
            let now = resident();
            let mut peak = sampled.lock().expect("nobody panics here");
            *peak = peak.max(now);
            drop(peak);
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    let (mut sum, mut asked, mut failed) = (0.0, 0u32, 0u32);
    runtime().block_on(async {
        for tick in 0..TICKS {
            let now = begin() + SignedDuration::from_mins(tick);
            let mut due = office.watch.due(now).into_iter().peekable();
            let mut asking = JoinSet::new();
            while due.peek().is_some() || !asking.is_empty() {
                while asking.len() < 8
                    && let Some(call) = due.next()
                {
                    let (means, watched) = (office.means.clone(), office.watch.all[call.index].clone());
                    asking.spawn(async move {
                        let asked = ask_source(&means, &watched, now, false).await;
                        (watched.source, asked)
                    });
                }
                if let Some(ended) = asking.join_next().await {
                    let (source, answer) = ended.expect("an answer");
                    let is_bad = !matches!(answer.taken, Ok(ref taken) if !matches!(taken, Taken::Failed(_)));
                    asked += 1;
                    failed += u32::from(is_bad);
                    office.watch.ended(&source, now, is_bad, None);
                }
            }
            if tick >= TICKS / 2 {
                sum += resident();
            }
        }
    });
    is_over.store(true, Ordering::Relaxed);
    sampler.join().expect("the sampler");
    let steady = sum / (TICKS / 2) as f64;
    let sources = office.watch.all.len();
    let told = format!("at most 40 ({sources} sources, {asked} readings, {failed} of them failed)");
    figure(
        "memory over 1,000 ticks, steady (PSS)",
        &format!("{steady:.1} MB"),
        &told,
    );
    let peak = *peak.lock().expect("nobody panics here");
    figure(
        "memory over 1,000 ticks, at most (PSS)",
        &format!("{peak:.1} MB"),
        "at most 80",
    );
}
