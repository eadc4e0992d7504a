//! What a page of the dashboard costs: the landscape of 20,000 offerings, 1,500 models at 20 providers of which each sells two thirds.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use bellwether::config::{Outside, Scoping, Settings};
use bellwether::daemon::reading::Target;
use bellwether::market::Scope;
use bellwether::store::Store;
use bellwether::web::{Means, Running};
use serde_json::{Value as Json, json};

use crate::import::{begin, feed};
use crate::landscape::probe;
use crate::measure::{cpu, figure, median};

const PROVIDERS: usize = 20;
const MODELS: usize = 1_500;

/// What a provider lists, after so many moves of its first price.
fn body(provider: usize, moves: usize) -> Vec<u8> {
    const FAMILIES: [&str; 6] = [
        "anthropic.claude-sonnet",
        "anthropic.claude-opus",
        "meta.llama",
        "mistral.mistral-large",
        "cohere.command-r",
        "amazon.nova-pro",
    ];
    let row = |n: usize| -> Json {
        let dollars = if n < 3 { moves } else { 0 };
        let (family, major, minor) = (FAMILIES[n % 6], n / 60 + 1, n / 6 % 10);
        json!({
            "id": format!("{family}-{major}-{minor}-v1:0"), "name": format!("Model {n}"), "stage": "ga",
            "date_launch": "2025-01-01", "date_legacy": "2026-01-20", "date_retires": format!("2026-{:02}-01", n % 10 + 3),
            "price_input": format!("{}.{}{}", n % 20 + 1 + dollars, (n + provider) % 7, n % 50), "price_output": format!("{}", n % 90 + 1),
            "price_cache_read": "0.3", "price_input_batch": "1.5", "price_output_batch": "7.5",
            "limit_context": 200_000, "limit_output": 64_000,
            "modality_input": ["text", "image"], "modality_output": ["text"], "capability_streaming": true,
        })
    };
    let sold = (0..MODELS).filter(|n| !(n + provider).is_multiple_of(3));
    let rows: Vec<Json> = sold.map(row).collect();
    json!({ "data": rows }).to_string().into_bytes()
}

/// Writes what all providers list.
pub fn filled(database: &Path) {
    let mut store = Store::open(database).expect("a database");
    for n in 0..PROVIDERS {
        lists(&mut store, n, 0);
    }
}

/// Takes in what a provider lists; its first price moves once a minute.
fn lists(store: &mut Store, n: usize, moves: usize) {
    let probe = probe(&format!("cloud-{n:02}"));
    let region = format!("region-{n}");
    let scoping = Scoping {
        scope: Scope::new(region.clone()),
        values: BTreeMap::from([("region".to_string(), region)]),
    };
    let at = begin() + jiff::SignedDuration::from_mins(i64::try_from(moves).expect("few"));
    let target = Target::new(&probe, &scoping);
    feed(store, &target, at, &body(n, moves));
}

fn served(database: &Path) -> Running {
    let outside = Outside {
        variable: &|_| None,
        file: &|_| Err("none".to_string()),
    };
    let text = "[web]\nlisten = \"127.0.0.1:0\"\n";
    let settings = Settings::from_text("bench.toml", text, &outside).expect("settings");
    let now = begin() + jiff::SignedDuration::from_hours(1);
    let means = Means {
        database: database.to_path_buf(),
        settings: Arc::new(settings),
        probes: Arc::default(),
        endpoints: Arc::default(),
        clock: Arc::new(move || now),
        doer: None,
    };
    Running::start(means).expect("a dashboard")
}

/// The answer to a request: its body's length.
fn ask(address: SocketAddr, path: &str) -> usize {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let head = answer
        .windows(4)
        .position(|end| end == b"\r\n\r\n")
        .expect("a head");
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}");
    answer.len() - head - 4
}

/// CPU time in milliseconds of a request, the least of a few: the clock ticks a hundred times a second, so that several are timed.
fn costs(n: u32, mut asked: impl FnMut()) -> f64 {
    let before = cpu();
    for _ in 0..n {
        asked();
    }
    (cpu() - before) * 1_000.0 / f64::from(n)
}

/// What the landscape and other pages cost, cold and kept.
pub fn pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("bellwether.db");
    filled(&database);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for (what, path, limit) in [
        ("landscape", "/", "less than 50, 300 kB"),
        ("the second page of it", "/?page=2", "less than 50, 300 kB"),
        ("a model", "/models/anthropic/claude-sonnet-4.5", "none"),
        ("providers", "/providers", "none"),
        ("a provider", "/providers/cloud-03", "none"),
        ("prices", "/prices", "none"),
        (
            "cost",
            "/cost?input=6000&output=800&model=claude-sonnet-4.5",
            "none",
        ),
        ("retirements", "/retirements", "none"),
    ] {
        let mut size = 0;
        // nothing is kept by a server that has just begun
        let cold = (0..7).map(|_| {
            let running = served(&database);
            let cold = costs(1, || size = ask(running.address(), path));
            runtime.block_on(running.stop());
            cold
        });
        let cold = median(cold.collect());
        let running = served(&database);
        ask(running.address(), path);
        let kept = costs(500, || {
            ask(running.address(), path);
        });
        runtime.block_on(running.stop());
        figure(
            &format!("{what}: the first time"),
            &format!("{cold:.0} ms CPU"),
            &format!("{limit} ({} kB)", size / 1_000),
        );
        figure(
            &format!("{what}: kept"),
            &format!("{kept:.2} ms CPU"),
            "less than 2",
        );
    }
    let mut store = Store::open(&database).expect("a database");
    let running = served(&database);
    ask(running.address(), "/");
    let moved = (1..=9).map(|moves| {
        lists(&mut store, moves % PROVIDERS, moves);
        costs(1, || {
            ask(running.address(), "/");
        })
    });
    let moved = median(moved.collect());
    runtime.block_on(running.stop());
    figure(
        "landscape: after a price moved at one provider",
        &format!("{moved:.0} ms CPU"),
        "less than 50",
    );
}
