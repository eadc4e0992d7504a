//! The dashboard under load while endpoints are checked: the whole program on one core, whoever asks it on the other.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

use crate::dashboard;
use crate::measure::{figure, of_process};

/// Endpoints that are checked every second, each over a new connection.
const ENDPOINTS: usize = 200;
/// Requests a second.
const RATE: u64 = 500;
/// Connections that they come over, kept open as those of browsers.
const CONNECTIONS: u64 = 24;
/// Of the endpoints a check is known by when it began; this is when it had to.
const BEAT: i64 = 1_000_000;

/// Where what is asked over and over begins: what the navigation leads to, what programs and feed readers ask for.
const PATHS: [&str; 36] = [
    "/",
    "/?page=2",
    "/?lab=anthropic",
    "/providers",
    "/changes",
    "/retirements",
    "/prices",
    "/cost",
    "/cost?input=6000&output=800&model=claude-sonnet-4.5",
    "/latency",
    "/latency?by=probe",
    "/incidents",
    "/watches",
    "/reports",
    "/probes",
    "/api",
    "/api/v1/openapi.json",
    "/api/v1/status",
    "/api/v1/models",
    "/api/v1/providers",
    "/api/v1/offerings?limit=100",
    "/api/v1/prices?limit=100",
    "/api/v1/changes?limit=100",
    "/api/v1/retirements",
    "/api/v1/latency",
    "/api/v1/uptime",
    "/api/v1/incidents",
    "/api/v1/sources",
    "/api/v1/alerts",
    "/api/v1/reports",
    "/metrics",
    "/feed.xml",
    "/feed.json",
    "/retirements.ics",
    "/healthz",
    "/readyz",
];

/// `mixed-load SECONDS`: what is checked, and who asks the dashboard. Says where it listens, is told where the dashboard does, asks
/// each address once, says so, asks on, and says how that went.
pub fn load(seconds: &str) {
    let seconds: u64 = seconds.parse().expect("seconds");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        tokio::spawn(listen(listener));
        let told = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).expect("a line");
            line.trim().parse::<SocketAddr>().expect("an address")
        });
        let address = told.await.expect("an address");
        let paths = Arc::new(found(address).await);
        println!("{} addresses", paths.len());
        for part in 0..3 {
            println!("{}", asked(address, &paths, seconds, part).await);
        }
    });
}

/// Answers checks, and a source whose price moves each time.
async fn listen(listener: TcpListener) {
    let count = Arc::new(AtomicU64::new(0));
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let count = Arc::clone(&count);
        tokio::spawn(async move {
            let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
                let said = match request.uri().path() {
                    "/moving" => {
                        let nth = count.fetch_add(1, Ordering::Relaxed);
                        let row = r#"{"id":"meta.llama-7-1-v1:0","stage":"ga","price_input":"1."#;
                        format!("{{\"data\":[{row}{}\"}}]}}", nth + 1)
                    }
                    _ => "ok".to_owned(),
                };
                let body = Full::new(Bytes::from(said));
                let response =
                    hyper::Response::builder().header("content-type", "application/json");
                async move { response.body(body) }
            });
            // whoever asked may have gone
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// One connection that is kept.
struct Line {
    stream: TcpStream,
    address: SocketAddr,
    buffer: Vec<u8>,
}

impl Line {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            address,
            buffer: Vec::new(),
        }
    }

    /// The status and the body of an answer.
    async fn get(&mut self, path: &str, coding: &str) -> (u16, Vec<u8>) {
        let host = self.address;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {host}\r\naccept-encoding: {coding}\r\n\r\n");
        let sent = self.stream.write_all(request.as_bytes()).await;
        sent.expect("a request");
        self.buffer.clear();
        let head = loop {
            let end = self.buffer.windows(4).position(|end| end == b"\r\n\r\n");
            if let Some(head) = end {
                break head + 4;
            }
            let read = self.stream.read_buf(&mut self.buffer).await;
            assert!(read.expect("an answer") > 0, "{path}: closed");
        };
        let text = String::from_utf8_lossy(&self.buffer[..head]).to_lowercase();
        let status = text.get(9..12).and_then(|status| status.parse().ok());
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.trim().parse().expect("a length"));
        while self.buffer.len() < head + length {
            let read = self.stream.read_buf(&mut self.buffer).await;
            assert!(read.expect("an answer") > 0, "{path}: closed");
        }
        (status.unwrap_or(0), self.buffer[head..].to_vec())
    }
}

/// All addresses that are asked: those known before, and the models, providers and files that the first pages lead to.
async fn found(address: SocketAddr) -> Vec<String> {
    let mut line = Line::open(address).await;
    let mut paths: Vec<String> = PATHS.iter().map(ToString::to_string).collect();
    for path in ["/", "/?page=2", "/providers"] {
        let (status, body) = line.get(path, "identity").await;
        assert_eq!(status, 200, "{path}");
        // templates write a slash of an address so
        let html = String::from_utf8(body)
            .expect("text")
            .replace("&#x2f;", "/");
        let links = html.split(['"']).filter(|link| {
            let begins = ["/models/", "/providers/", "/assets/"];
            begins.iter().any(|begin| link.starts_with(begin)) && !link.contains(['?', '#', '&'])
        });
        paths.extend(links.map(str::to_string));
    }
    paths.sort();
    paths.dedup();
    for path in &paths {
        let (status, body) = line.get(path, "gzip").await;
        let said = String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned();
        assert_eq!(status, 200, "{path}: {said}");
    }
    paths
}

/// Asks at the rate, whatever is still being answered. Lateness counts from when each was to be asked.
async fn asked(address: SocketAddr, paths: &Arc<Vec<String>>, seconds: u64, part: u64) -> String {
    let begun = Instant::now() + Duration::from_millis(50);
    let asking = (0..CONNECTIONS).map(|nth| {
        let paths = Arc::clone(paths);
        tokio::spawn(async move {
            let mut line = Line::open(address).await;
            let mut took: Vec<u64> = Vec::new();
            let mut refused: BTreeMap<u16, u64> = BTreeMap::new();
            for tick in (nth..RATE * seconds).step_by(usize::try_from(CONNECTIONS).expect("few")) {
                let due = begun + Duration::from_micros(tick * 1_000_000 / RATE);
                sleep_until(due).await;
                // every address comes as often as any other, in no order
                let some = (tick + part * 7).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
                let path = &paths[usize::try_from(some).expect("small") % paths.len()];
                let (status, _) = line.get(path, "gzip").await;
                match status {
                    200 => took.push(u64::try_from(due.elapsed().as_micros()).expect("short")),
                    other => *refused.entry(other).or_default() += 1,
                }
            }
            (took, refused)
        })
    });
    let asking: Vec<_> = asking.collect();
    let (mut took, mut refused) = (Vec::new(), BTreeMap::<u16, u64>::new());
    for one in asking {
        let (some, bad) = one.await.expect("a connection");
        took.extend(some);
        for (status, count) in bad {
            *refused.entry(status).or_default() += count;
        }
    }
    let rate = took.len() as f64 / begun.elapsed().as_secs_f64();
    let (p50, p99, most) = spread(took);
    format!(
        "{rate:.0} requests/s; p50 {p50:.1}, p99 {p99:.1}, at most {most:.1} ms; refused {refused:?}"
    )
}

/// The median, the 99th percentile and the most, of microseconds in milliseconds.
fn spread(mut micros: Vec<u64>) -> (f64, f64, f64) {
    micros.sort_unstable();
    let at = |share: usize| {
        let index = (micros.len() * share / 100).min(micros.len().saturating_sub(1));
        micros.get(index).copied().unwrap_or(0) as f64 / 1_000.0
    };
    (at(50), at(99), at(100))
}

/// A process on one core alone.
fn on_core(core: &str, program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core, program]);
    command
}

/// A process that ends with this.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The configuration of the program: endpoints every second, and a source that says something else every time.
fn configured(folder: &std::path::Path, target: &str, dashboard: SocketAddr, moving: &str) {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    };
    let mut file = format!(
        "provider = 'bench'\nkind = 'cloud'\n[stages]\nga = 'ga'\n[[probe]]\nname = 'moving'\ntitle = 'A price that moves'\n\
         authority = 'provider-api'\nlists = true\ncomplete = true\nevery = '{moving}'\nreader = 'json'\n\
         [probe.request]\nurl = 'http://{target}/moving'\naccept = 'json'\n\
         [probe.json]\nitems = 'data[]'\nnative_id = 'id'\n\
         [[probe.json.attribute]]\nattribute = 'stage'\npath = 'stage'\n\
         [[probe.json.attribute]]\nattribute = 'price.input'\npath = 'price_input'\nunit = '1M tokens'\n"
    );
    for one in 0..ENDPOINTS {
        file += &format!(
            "[[endpoint]]\nname = 't{one}'\ntitle = 'Target {one}'\nurl = 'http://{target}/t/{one}'\nevery = '1s'\nconnection = 'fresh'\n"
        );
    }
    write("probes/bench.toml", &file);
    let config = format!(
        "[probes]\nfolder = 'probes'\nonly = ['bench.moving']\n[report]\non = false\n[endpoints]\nonly = ['bench']\n\
         [web]\nlisten = '{dashboard}'\nrate = '1000000/1m'\n"
    );
    write("bellwether.toml", &config);
}

/// A port that is free now.
fn free() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}

/// The load on a store at rest, and on one that comes further every ten seconds.
pub fn all() {
    let quick = std::env::args().nth(2).is_some_and(|word| word == "quick");
    let seconds = if quick { 10 } else { 20 };
    for (what, moving) in [("at rest", "1d"), ("that changes every 10 s", "10s")] {
        loaded(what, moving, seconds);
    }
}

fn loaded(what: &str, moving: &str, seconds: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).expect("a folder");
    dashboard::filled(&data.join("bellwether.db"));
    let own = std::env::current_exe().expect("this program");
    let own = own.to_str().expect("a plain path");
    let mut load = on_core("1", own)
        .args(["mixed-load", &seconds.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map(Ending)
        .expect("taskset, of util-linux");
    let mut out = BufReader::new(load.0.stdout.take().expect("its output"));
    let mut said = || {
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        line.trim().to_string()
    };
    let dashboard = free();
    configured(folder.path(), &said(), dashboard, moving);
    let program = on_core("0", env!("CARGO_BIN_EXE_bellwether"))
        .current_dir(folder.path())
        .args(["--config", "bellwether.toml", "--data", "data", "run"])
        .env("BELLWETHER_LOG", "warn")
        .spawn()
        .map(Ending)
        .expect("taskset, of util-linux");
    let id = program.0.id();
    std::thread::sleep(Duration::from_secs(8));
    let (before, memory) = of_process(id);
    std::thread::sleep(Duration::from_secs(10));
    let idle = (of_process(id).0 - before) / 10.0;
    let mut input = load.0.stdin.take().expect("its input");
    writeln!(input, "{dashboard}").expect("told");
    let addresses = said();
    let first = of_process(id).1;
    println!(
        "a store {what}: {addresses}; memory before {memory:.1} MB, each asked once {first:.1} MB"
    );
    let begun = bellwether::daemon::clock::now();
    for part in 1..=3 {
        let before = of_process(id).0;
        let answered = said();
        let (after, memory) = of_process(id);
        let spent = (after - before) / seconds as f64;
        let each = (spent - idle) * 1_000.0 / RATE as f64;
        let requests = RATE * seconds * part;
        figure(
            &format!("  mixed pages, {requests} requests so far"),
            &format!("{each:.2} ms CPU"),
            &format!(
                "{answered}; {:.0} % of a core; {memory:.1} MB",
                spent * 100.0
            ),
        );
    }
    let ended = bellwether::daemon::clock::now();
    std::thread::sleep(Duration::from_secs(3));
    lateness(folder.path(), (begun, ended));
}

/// How late checks began under the load, as they are stored: against each endpoint's own beat.
fn lateness(folder: &std::path::Path, (begun, ended): (jiff::Timestamp, jiff::Timestamp)) {
    let output = Command::new(env!("CARGO_BIN_EXE_bellwether"))
        .current_dir(folder)
        .args([
            "--config",
            "bellwether.toml",
            "--data",
            "data",
            "--format",
            "jsonl",
        ])
        .args(["latency", "--samples", "--since", &begun.to_string()])
        .output()
        .expect("a run");
    let said = String::from_utf8(output.stdout).expect("text");
    let mut checks: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    for line in said.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("an object");
        let at: jiff::Timestamp = row["at"].as_str().expect("a time").parse().expect("a time");
        let probe = row["probe"].as_str().unwrap_or_default().to_string();
        if at > ended || !probe.starts_with("bench.t") {
            continue;
        }
        checks.entry(probe).or_default().push(at.as_microsecond());
        let outcome = row["outcome"].as_str().unwrap_or("?").to_string();
        *outcomes.entry(outcome).or_default() += 1;
    }
    let (mut late, mut missed) = (Vec::new(), 0);
    for times in checks.values_mut() {
        times.sort_unstable();
        // the least offset is that of a check that began in time
        let least = times
            .iter()
            .map(|at| at.rem_euclid(BEAT))
            .min_by_key(|offset| {
                let later = times.iter().map(|at| (at - offset).rem_euclid(BEAT));
                later.sum::<i64>()
            });
        let least = least.unwrap_or(0);
        late.extend(
            times
                .iter()
                .map(|at| (at - least).rem_euclid(BEAT).unsigned_abs()),
        );
        missed += times
            .windows(2)
            .filter(|two| two[1] - two[0] > BEAT * 3 / 2)
            .count();
    }
    let n = late.len();
    let (p50, p99, most) = spread(late);
    figure(
        "  lateness of checks meanwhile, at most",
        &format!("{most:.1} ms"),
        &format!(
            "at most 100 (p50 {p50:.1}, p99 {p99:.1}, {n} checks, {outcomes:?}, {missed} left out)"
        ),
    );
}
