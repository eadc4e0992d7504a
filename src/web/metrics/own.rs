//! How Bellwether itself is: its sources, what waits to be sent, its database, its process.

use std::collections::BTreeMap;

use super::board::{Board, labels};
use crate::store::{Counts as _, Outbox as _, Sources as _};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;

/// Adds it.
pub(super) fn add(board: &mut Board, asked: &Asked<'_>) -> Result<(), Refusal> {
    board.gauges(
        "bellwether_build_info",
        "The version that runs",
        vec![(labels([("version", env!("CARGO_PKG_VERSION"))]), 1.0)],
    );
    sources(board, asked)?;
    let store = asked.store;
    let news = store.news_counts()?.into_iter();
    board.counters(
        "bellwether_changes",
        "News that was recorded, by kind and severity",
        news.map(|(kind, severity, n)| (labels([("kind", &kind), ("severity", &severity)]), n))
            .collect(),
    );
    let (waiting, delivered, dead) = store.outbox_counts()?;
    let messages = [
        ("waiting", waiting),
        ("delivered", delivered),
        ("dead", dead),
    ];
    board.gauges(
        "bellwether_outbox_messages",
        "Messages that are kept, by their state",
        messages
            .map(|(state, n)| (labels([("state", state)]), n as f64))
            .to_vec(),
    );
    board.gauge(
        "bellwether_database_size_bytes",
        "How large the database is",
        store.size()? as f64,
    );
    let requests = asked.site.requests.all().into_iter();
    board.counters(
        "bellwether_dashboard_requests",
        "Requests that the dashboard answered, by part and status",
        requests
            .map(|(part, status, n)| {
                let status = status.to_string();
                (labels([("part", part), ("status", &status)]), n)
            })
            .collect(),
    );
    process(board);
    Ok(())
}

fn sources(board: &mut Board, asked: &Asked<'_>) -> Result<(), Refusal> {
    let sources = asked.store.sources()?;
    let named = |source: &crate::store::SourceRecord| {
        let (probe, scope) = (&source.id.probe, &source.id.scope);
        labels([
            ("provider", source.provider.as_str()),
            ("probe", probe.as_str()),
            ("scope", scope.as_str()),
        ])
    };
    let times = |at: fn(&crate::store::SourceRecord) -> Option<jiff::Timestamp>| {
        let all = sources.iter();
        all.filter_map(|source| Some((named(source), at(source)?.as_millisecond() as f64 / 1e3)))
            .collect()
    };
    board.gauges(
        "bellwether_probe_last_success_timestamp_seconds",
        "When a source last gave a good answer",
        times(|source| source.accepted_at),
    );
    board.gauges(
        "bellwether_probe_last_run_timestamp_seconds",
        "When a source was asked last",
        times(|source| source.last_at),
    );
    board.gauges(
        "bellwether_probe_failures_in_a_row",
        "How many questions to a source have failed since its last good answer",
        sources
            .iter()
            .map(|source| (named(source), f64::from(source.failures)))
            .collect(),
    );
    board.counters(
        "bellwether_probe_missed_runs",
        "How many times a source was not asked when it was due",
        sources
            .iter()
            .map(|source| (named(source), source.missed))
            .collect(),
    );
    let mut broken: BTreeMap<&str, f64> = BTreeMap::new();
    for source in &sources {
        let of_provider = broken.entry(source.provider.as_str()).or_default();
        *of_provider += f64::from(u8::from(source.broken_since.is_some()));
    }
    board.gauges(
        "bellwether_sources_broken",
        "Sources that are broken, by provider",
        broken
            .into_iter()
            .map(|(provider, n)| (labels([("provider", provider)]), n))
            .collect(),
    );
    Ok(())
}

/// Ticks a second in which Linux counts the time of a process (`USER_HZ`).
const TICKS: f64 = 100.0;
/// Bytes of a page of memory.
const PAGE: f64 = 4_096.0;

/// What the system says of the process, where it does (proc(5)).
fn process(board: &mut Board) {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/self/{name}")).ok();
    if let Some(stat) = read("stat") {
        // the name in parentheses may hold blanks
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let fields: Vec<&str> = after.split_whitespace().collect();
        let number = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
        if let (Some(user), Some(system)) = (number(11), number(12)) {
            board.counter(
                "process_cpu_seconds",
                "Time of processors that was used since the start",
                (user + system) / TICKS,
            );
        }
    }
    let resident = read("statm").and_then(|statm| {
        let pages = statm.split_whitespace().nth(1)?;
        pages.parse::<f64>().ok()
    });
    if let Some(pages) = resident {
        board.gauge(
            "process_resident_memory_bytes",
            "Memory that is resident",
            pages * PAGE,
        );
    }
}
