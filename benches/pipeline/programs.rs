//! What the dashboard answers programs with.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use bellwether::daemon::clock;
use bellwether::daemon::reading::Target;
use bellwether::store::{ChangeFilter, Changes as _, Store};
use bellwether::web::{Means, Running};
use jiff::SignedDuration;

use crate::bodies::registry;
use crate::daemon::settings;
use crate::import::{begin, feed, registry_probe};
use crate::measure::{cpu, figure};

/// Answers that are made anew.
const COLD: u32 = 20;

/// A list of 1,000 changes, made anew each time.
pub fn changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("bellwether.db");
    let mut store = Store::open(&database).expect("a database");
    let probe = registry_probe(true);
    let target = Target::new(&probe, &probe.scopes[0]);
    for day in 0.. {
        let at = begin() + SignedDuration::from_hours(24 * day);
        let body = registry(u64::try_from(day).expect("few days"));
        feed(&mut store, &target, at, &body);
        let all = ChangeFilter {
            all: true,
            ..ChangeFilter::default()
        };
        if store.changes(&all).expect("changes").len() >= 1_500 {
            break;
        }
    }
    drop(store);
    let running = Running::start(Means {
        database,
        settings: Arc::new(settings("[web]\nlisten = \"127.0.0.1:0\"\n")),
        probes: Arc::default(),
        endpoints: Arc::default(),
        clock: Arc::new(clock::now),
        doer: None,
    });
    // it is served as long as it is held
    let running = running.expect("a dashboard");
    let address = running.address();
    ask(address, 0);
    let before = cpu();
    let sizes = (1..=COLD).map(|n| ask(address, n));
    let size = sizes.max().unwrap_or(0);
    let each = (cpu() - before) * 1_000.0 / f64::from(COLD);
    figure(
        "API: 1,000 changes, cold, CPU",
        &format!("{each:.1} ms"),
        &format!("< 10 ms ({} kB)", size / 1_000),
    );
}

/// Asks for a list that was not asked for before; how many bytes it has.
fn ask(address: SocketAddr, nth: u32) -> usize {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let request = format!(
        "GET /api/v1/changes?all=true&limit=1000&since=2020-01-01T00:00:{nth:02}Z HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let is_good = answer.starts_with(b"HTTP/1.1 200");
    assert!(
        is_good,
        "{}",
        String::from_utf8_lossy(&answer[..200.min(answer.len())])
    );
    answer.len()
}
