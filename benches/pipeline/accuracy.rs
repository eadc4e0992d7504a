//! What is measured against what a server was told to take: `cargo bench --bench pipeline -- accuracy` prints the table of
//! `docs/measuring.md`.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use bellwether::config::{Family, Http, HttpVersion, Ways};
use bellwether::fetch::{Client, Request};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::paced::{Paced, Script, Speaks};

const ROUNDS: usize = 100;
/// In milliseconds.
const TLS: u64 = 25;
const HEADS: [u64; 3] = [0, 20, 120];
/// Tokens of a stream, and the time between two.
const TOKENS: usize = 10;
const BETWEEN: u64 = 15;

const SERVERS: [(&str, Option<u64>, bool); 3] = [
    ("HTTP/1.1", None, false),
    ("HTTP/1.1, TLS", Some(TLS), false),
    ("HTTP/2, TLS", Some(TLS), true),
];

fn script(path: &str) -> Script {
    let millis = Duration::from_millis;
    match path.strip_prefix("/head/") {
        Some(wait) => Script {
            head_after: millis(wait.parse().unwrap_or(0)),
            ..Script::of(200, "ok")
        },
        None => Script {
            status: 200,
            head_after: millis(20),
            parts: vec![(millis(BETWEEN), Bytes::from_static(b"data: {}\n\n")); TOKENS],
            closes: false,
        },
    }
}

/// `serve-paced`: says each server's address and its certificate's authority, and answers for ever.
pub fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut all = Vec::new();
        for (_, tls, http2) in SERVERS {
            let speaks = Speaks {
                tls_after: tls.map(Duration::from_millis),
                http2,
            };
            let server = Paced::start(speaks, script).await;
            println!("{}", server.url(""));
            println!(
                "{}",
                String::from_utf8_lossy(&server.authority).replace('\n', "|")
            );
            all.push(server);
        }
        std::future::pending::<()>().await;
    });
}

/// Errors of one phase in milliseconds: measured less programmed.
struct Errors(Vec<f64>);

impl Errors {
    fn told(mut self, what: &str, server: &str, programmed: &str) {
        self.0.sort_by(f64::total_cmp);
        let at = |share: usize| self.0.get((self.0.len() * share).div_ceil(100).max(1) - 1);
        let figure = |share| at(share).map_or("-".to_owned(), |error| format!("{error:.2}"));
        println!(
            "| {server} | {what} | {programmed} | {} | {} | {} |",
            figure(50),
            figure(99),
            self.0.len()
        );
    }
}

fn millis(duration: SignedDuration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Prints the table.
pub fn table() {
    let own = std::env::current_exe().expect("this program");
    let mut process = Command::new(own)
        .arg("serve-paced")
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    let mut line = || lines.next().expect("a line").expect("text");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    println!("| server | phase | programmed, ms | error p50, ms | error p99, ms | n |");
    println!("|---|---|---|---|---|---|");
    for (name, tls, _) in SERVERS {
        let (url, pem) = (line(), line().replace('|', "\n"));
        let settings = Http {
            extra_ca_pem: Some(pem.into_bytes())
                .filter(|pem| !pem.is_empty())
                .into_iter()
                .collect(),
            ..Http::default()
        };
        let client = Client::new(&settings).expect("a client");
        runtime.block_on(measure(&client, &url, name, tls));
    }
    let _ = process.kill();
    let _ = process.wait();
}

async fn measure(client: &Client, url: &str, name: &str, tls: Option<u64>) {
    let at = Timestamp::UNIX_EPOCH;
    let mut handshakes = Vec::new();
    for head in HEADS {
        let url = Url::parse(&format!("{url}/head/{head}")).expect("a URL");
        let limit = SignedDuration::from_secs(10);
        let target = client
            .target(&url, Family::Any, HttpVersion::Any, Ways::Both, limit)
            .expect("a target");
        let (mut fresh, mut warm) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            for checked in target.check(at).await {
                let errors = match checked.phases.connect {
                    Some(_) => &mut fresh,
                    None => &mut warm,
                };
                let first_byte = checked.phases.first_byte.expect("an answer");
                errors.push(millis(first_byte) - head as f64);
                let programmed = tls.unwrap_or(0) as f64;
                handshakes.extend(checked.phases.tls.map(|phase| millis(phase) - programmed));
            }
        }
        Errors(fresh).told("first byte, fresh", name, &head.to_string());
        Errors(warm).told("first byte, warm", name, &head.to_string());
    }
    if let Some(tls) = tls {
        Errors(handshakes).told("TLS", name, &tls.to_string());
    }
    let request = Request::get(Url::parse(&format!("{url}/stream")).expect("a URL"));
    let (mut first, mut gaps) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS / 4 {
        let mut heard = Vec::new();
        client
            .stream(&request, at, |since, _| heard.push(millis(since)))
            .await;
        first.extend(heard.first().map(|first| first - (20 + BETWEEN) as f64));
        let gap = |pair: &[f64]| Some(pair.get(1)? - pair.first()? - BETWEEN as f64);
        gaps.extend(heard.windows(2).filter_map(gap));
    }
    Errors(first).told("first token", name, &(20 + BETWEEN).to_string());
    Errors(gaps).told("between tokens", name, &BETWEEN.to_string());
}
