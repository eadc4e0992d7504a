//! What measuring endpoints costs: the whole program as people run it, against a fast server in another process that counts.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bellwether::latency::KeptSample;
use bellwether::market::Phases;
use bellwether::store::{Series, SeriesKind, Store};
use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::bare::{self, Pace};
use crate::import::begin;
use crate::measure::{figure, of_process};
use crate::paced;

/// Programs that listen on so many ports stand for so many hosts. Each is asked once a second, as those of the peers were (1,000 every
/// second).
const PORTS: usize = 1_000;

/// When each path was asked, in microseconds.
#[derive(Debug)]
struct Asked {
    begun: Instant,
    all: Mutex<HashMap<(u16, String), Vec<u64>>>,
}

impl Asked {
    fn new() -> Self {
        Self {
            begun: Instant::now(),
            all: Mutex::default(),
        }
    }

    fn note(&self, port: u16, path: &str) {
        let at = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut all = self.all.lock().expect("nobody panics here");
        all.entry((port, path.to_owned())).or_default().push(at);
    }

    /// How late each arrival was against its own path's beat, in microseconds.
    fn lateness(&self, period: u64) -> Vec<u64> {
        let all = self.all.lock().expect("nobody panics here");
        let mut late = Vec::new();
        for times in all.values().filter(|times| times.len() > 2) {
            let offset = |(n, at): (usize, &u64)| at.saturating_sub(n as u64 * period);
            let offsets: Vec<u64> = times.iter().enumerate().map(offset).collect();
            let least = offsets.iter().min().copied().unwrap_or(0);
            late.extend(offsets.iter().map(|offset| offset - least));
        }
        late
    }
}

/// `serve-endpoints plain|tls`: listens on all ports, says them and the certificate's authority, and answers for ever.
pub fn serve(word: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let tls = (word == "tls").then(|| paced::secured(false));
    runtime.block_on(async {
        let (count, asked) = (Arc::new(AtomicU64::new(0)), Arc::new(Asked::new()));
        let mut ports = Vec::new();
        for _ in 0..PORTS {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            ports.push(listener.local_addr().expect("an address").port());
            let acceptor = tls.as_ref().map(|(_, acceptor)| acceptor.clone());
            tokio::spawn(listen(
                listener,
                acceptor,
                Arc::clone(&count),
                Arc::clone(&asked),
            ));
        }
        let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
        println!("{}", ports.join(" "));
        let pem = tls.map_or_else(String::new, |(pem, _)| String::from_utf8(pem).expect("PEM"));
        println!("{}", pem.replace('\n', "|"));
        std::future::pending::<()>().await;
    });
}

async fn listen(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    count: Arc<AtomicU64>,
    asked: Arc<Asked>,
) {
    let port = listener.local_addr().map_or(0, |address| address.port());
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let (acceptor, count, asked) = (acceptor.clone(), Arc::clone(&count), Arc::clone(&asked));
        tokio::spawn(async move {
            match acceptor {
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        answer(TokioIo::new(stream), port, count, asked).await;
                    }
                }
                None => answer(TokioIo::new(stream), port, count, asked).await,
            }
        });
    }
}

async fn answer<I>(io: I, port: u16, count: Arc<AtomicU64>, asked: Arc<Asked>)
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
{
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let path = request.uri().path();
        let said = match path.strip_prefix("/stats/") {
            Some(period) => {
                let mut late = asked.lateness(period.parse().unwrap_or(1));
                late.sort_unstable();
                let at = |share: usize| late.get(late.len() * share / 100).copied().unwrap_or(0);
                let n = count.load(Ordering::Relaxed);
                format!("{n} {} {} {}", late.len(), at(50), at(99))
            }
            None => {
                count.fetch_add(1, Ordering::Relaxed);
                asked.note(port, path);
                "ok".to_owned()
            }
        };
        let response = hyper::Response::new(Full::new(Bytes::from(said)));
        async move { Ok::<_, std::convert::Infallible>(response) }
    });
    // whoever asked may have gone
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(io, service)
        .await;
}

struct Target {
    process: std::process::Child,
    ports: Vec<String>,
    authority: String,
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Target {
    fn start(word: &str) -> Self {
        let own = std::env::current_exe().expect("this program");
        let mut process = Command::new(own)
            .args(["serve-endpoints", word])
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut out = BufReader::new(process.stdout.take().expect("its output"));
        let mut line = || {
            let mut line = String::new();
            out.read_line(&mut line).expect("a line");
            line.trim().to_owned()
        };
        let ports = line().split(' ').map(str::to_owned).collect();
        let authority = line().replace('|', "\n");
        Self {
            process,
            ports,
            authority,
        }
    }

    /// How many requests came, of how many the lateness is known, and its median and 99th percentile in microseconds. Plain
    /// servers only.
    fn stats(&self, period: Duration) -> [u64; 4] {
        let port = self.ports.first().expect("a port");
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("the server");
        let period = period.as_micros();
        let request =
            format!("GET /stats/{period} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut said = String::new();
        stream.read_to_string(&mut said).expect("an answer");
        let mut figures = [0; 4];
        let body = said.rsplit("\r\n\r\n").next().unwrap_or_default();
        for (figure, text) in figures.iter_mut().zip(body.split(' ')) {
            *figure = text.trim().parse().expect("a figure");
        }
        figures
    }
}

/// The program as it measures so many endpoints and nothing else.
struct Program {
    process: std::process::Child,
    folder: tempfile::TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Program {
    fn start(target: &Target, n: usize, every: &str, connection: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("written");
        };
        let is_tls = !target.authority.is_empty();
        let mut file = "provider = 'bench'\nkind = 'direct'\n".to_owned();
        for one in 0..n {
            let port = &target.ports[one % target.ports.len()];
            let base = match is_tls {
                true => format!("https://localhost:{port}"),
                false => format!("http://127.0.0.1:{port}"),
            };
            file += &format!(
                "[[endpoint]]\nname = 't{one}'\ntitle = 'Target {one}'\nurl = '{base}/t/{one}'\nevery = '{every}'\nconnection = '{connection}'\n"
            );
        }
        write("probes/bench.toml", &file);
        let mut config =
            "[probes]\nfolder = 'probes'\nonly = ['openai.status']\noff = ['openai.status']\n\
            [report]\non = false\n[endpoints]\nonly = ['bench']\n"
                .to_owned();
        if is_tls {
            write("authority.pem", &target.authority);
            config += "[http]\nextra_ca = ['authority.pem']\n";
        }
        write("bellwether.toml", &config);
        let process = Command::new(env!("CARGO_BIN_EXE_bellwether"))
            .current_dir(folder.path())
            .args(["--config", "bellwether.toml", "--data", "data", "run"])
            .env("BELLWETHER_LOG", "warn")
            .spawn()
            .expect("the program");
        Self { process, folder }
    }

    fn kept(&self) -> u64 {
        let output = Command::new(env!("CARGO_BIN_EXE_bellwether"))
            .current_dir(self.folder.path())
            .args([
                "--data", "data", "--format", "jsonl", "latency", "--by", "provider",
            ])
            .output()
            .expect("a run");
        let said = String::from_utf8(output.stdout).expect("text");
        let row: serde_json::Value =
            serde_json::from_str(said.lines().next().unwrap_or("{}")).expect("an object");
        let of = |key: &str| row[key].as_u64().unwrap_or(0);
        of("n") + of("failed") + row["failures"]["delayed"].as_u64().unwrap_or(0)
    }
}

fn wait(seconds: u64) {
    std::thread::sleep(Duration::from_secs(seconds));
}

/// All figures of endpoints.
pub fn all() {
    room();
    checks();
    targets();
}

/// CPU time of checks, kept in SQLite.
fn checks() {
    for (what, word, connection, limit) in [
        ("a check on a warm connection", "plain", "warm", 0.05),
        ("a check on a new TCP connection", "plain", "fresh", 0.12),
        ("a check with a full TLS handshake", "tls", "fresh", 0.40),
    ] {
        let target = Target::start(word);
        let bare = |pace| bare::cost(&target.ports, &target.authority, connection, pace);
        let (beat, flat) = (bare(Pace::Beat), bare(Pace::Flat));
        let program = Program::start(&target, PORTS, "1s", connection);
        wait(4);
        let (before, begun, kept) = (
            of_process(program.process.id()).0,
            Instant::now(),
            program.kept(),
        );
        wait(10);
        let (after, kept) = (of_process(program.process.id()).0, program.kept() - kept);
        let used = (after - before) / kept.max(1) as f64 * 1000.0;
        let rate = kept as f64 / begun.elapsed().as_secs_f64();
        figure(
            what,
            &format!("{used:.3} CPU s"),
            &format!("at most {limit:.2} per 1,000, kept in SQLite ({kept} at {rate:.0}/s)"),
        );
        figure(
            "  a bare client at the same beat",
            &format!("{beat:.3} CPU s"),
            &format!(
                "{:.1} times that; without pauses {flat:.3}",
                used / beat.max(0.001)
            ),
        );
    }
}

/// Memory and lateness with many targets on many hosts.
fn targets() {
    for (n, limit) in [(100, 15), (1_000, 25), (5_000, 60)] {
        let target = Target::start("plain");
        let period = Duration::from_secs(10);
        let program = Program::start(&target, n, "10s", "fresh");
        wait(45);
        let (_, memory) = of_process(program.process.id());
        let [asked, of, p50, p99] = target.stats(period);
        figure(
            &format!("memory (PSS) with {n} targets on {PORTS} hosts"),
            &format!("{memory:.1} MB"),
            &format!("at most {limit} ({asked} checks)"),
        );
        let millis = |micros: u64| micros as f64 / 1000.0;
        figure(
            &format!("lateness of {n} targets every 10 s, p99"),
            &format!("{:.1} ms", millis(p99)),
            &format!(
                "at most 50 for 5,000 (p50 {:.1}, of {of} checks)",
                millis(p50)
            ),
        );
    }
}

/// Room that single samples take once they are sealed: all phases, a minute apart, over a day, indexes included.
fn room() {
    const SERIES: i64 = 50;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bellwether.db");
    let mut store = Store::open(&path).expect("a database");
    let mut noise = Noise(7);
    store
        .transaction(|transaction| {
            for number in 0..SERIES {
                let series = Series {
                    kind: SeriesKind::Endpoint,
                    vantage: "bench".to_owned(),
                    provider: "bench".to_owned(),
                    probe: format!("bench.t{number}"),
                    host: format!("host-{number}.test"),
                    way: "fresh".to_owned(),
                    ..Series::default()
                };
                let id = transaction.series_id(&series)?;
                for minute in 0..24 * 60 {
                    transaction.append_sample(id, &noise.sample(minute))?;
                }
            }
            Ok::<_, bellwether::store::Error>(())
        })
        .expect("kept");
    while store.transaction(|t| t.roll_up()).expect("rolled up") > 0 {}
    let judged = store.transaction(|t| t.take_unjudged(u32::MAX));
    drop(judged.expect("judged"));
    let tomorrow = begin() + SignedDuration::from_hours(48);
    while store.transaction(|t| t.seal(tomorrow)).expect("sealed") > 0 {}
    drop(store);
    let sizes = rusqlite::Connection::open(&path).expect("the database");
    let size = |table: &str| -> f64 {
        let sql = format!("SELECT sum(length(samples)) + 24 * count(*) FROM {table}");
        sizes
            .query_row(&sql, [], |row| row.get::<_, f64>(0))
            .expect("a size")
    };
    // with the pages that hold them: what the file loses when the table goes
    let pages = |connection: &rusqlite::Connection| -> f64 {
        connection.execute_batch("VACUUM").expect("tidied");
        let pages: i64 = connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .expect("pages");
        pages as f64 * 4096.0
    };
    let payload = size("chunk");
    let with = pages(&sizes);
    sizes.execute_batch("DELETE FROM chunk").expect("gone");
    let without = pages(&sizes);
    let samples = (SERIES * 24 * 60) as f64;
    figure(
        "room of a sealed sample with all phases",
        &format!("{:.1} bytes", (with - without) / samples),
        &format!("at most 24, with indexes ({:.1} packed)", payload / samples),
    );
}

/// Noise as networks have it, the same at each run.
pub struct Noise(pub u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About log-normal with a deviation of a third.
    fn micros(&mut self, median: f64) -> Option<SignedDuration> {
        let normal: f64 = (0..12).map(|_| self.next()).sum::<f64>() - 6.0;
        let micros = median * (normal * 0.35).exp();
        Some(SignedDuration::from_micros(micros as i64))
    }

    /// One measurement.
    pub fn sample(&mut self, minute: i64) -> KeptSample {
        let parts =
            [4_000.0, 12_000.0, 25_000.0, 60_000.0, 300.0].map(|median| self.micros(median));
        let [dns, connect, tls, first_byte, body] = parts;
        let sum: SignedDuration = parts.iter().flatten().sum();
        let jitter = SignedDuration::from_millis((self.next() * 30.0) as i64);
        KeptSample {
            at: begin() + SignedDuration::from_mins(minute) + jitter,
            outcome: if self.next() < 0.01 { "timeout" } else { "ok" }.to_owned(),
            phases: Phases {
                dns,
                connect,
                tls,
                first_byte,
                body,
                total: Some(sum + SignedDuration::from_micros((self.next() * 400.0) as i64)),
            },
            first_token: None,
        }
    }
}
