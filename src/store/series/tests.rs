use std::collections::BTreeMap;

use rusqlite::Connection;

use super::*;
use crate::config::Retention;
use crate::latency::cover;
use crate::market::{Authority, ProbeId, ProviderId, Scope, SourceId};
use crate::store::{Sources, Store};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn fresh() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
    (folder, store)
}

/// Keeps a fetch by two sources in turn, of this time and milliseconds; none of them are a failure.
fn measure(transaction: &Transaction<'_>, samples: &[(Timestamp, Option<i64>)]) {
    for (n, (at, millis)) in samples.iter().enumerate() {
        let name = ["openai.models", "bedrock.models"][n % 2];
        let source = SourceId {
            probe: ProbeId::new(name),
            scope: Scope::new("eu-central-1"),
        };
        let provider = ProviderId::new(&name[..6]);
        let source = transaction
            .enter_source(&source, &provider, Authority::ProviderApi, "https://x.test")
            .expect("a source");
        let phase = millis.map(SignedDuration::from_millis);
        let reading = ReadingRow {
            at: *at,
            outcome: if millis.is_some() { "ok" } else { "timeout" },
            detail: None,
            status: None,
            body: None,
            bytes: 0,
            imported: false,
            host: Some("x.test"),
            vantage: "here",
            phases: Phases {
                connect: phase.filter(|_| n % 3 == 0),
                first_byte: phase,
                total: phase,
                ..Phases::default()
            },
        };
        transaction.keep_reading(&source, &reading).expect("kept");
    }
}

fn samples(begin: Timestamp, step: i64, n: i64) -> Vec<(Timestamp, Option<i64>)> {
    (0..n)
        .map(|at| {
            let moment = begin + SignedDuration::from_secs(at * step);
            (moment, (at % 7 != 6).then_some(50 + at * 37 % 400))
        })
        .collect()
}

type Told = BTreeMap<(String, String), RollUp>;

/// What is told of a span, by probe and way.
fn told(store: &Store, since: Timestamp, until: Timestamp, now: Timestamp) -> Told {
    let mut told = Told::new();
    store
        .windows(&cover(since, until, now), |series, _, figures| {
            let key = (series.probe.clone(), series.way.clone());
            told.entry(key).or_default().merge(&figures);
        })
        .expect("sound windows");
    told
}

fn roll_up(store: &mut Store) -> u64 {
    let mut all = 0;
    loop {
        match store.transaction(|transaction| transaction.roll_up()) {
            Ok(0) => return all,
            n => all += n.expect("rolled up"),
        }
    }
}

#[test]
fn what_is_told_does_not_depend_on_what_is_rolled_up_already() {
    let (_folder, mut store) = fresh();
    // over the end of a month, and where Europe's clocks go back
    let begin = at("2026-10-24T21:07:13Z");
    let now = at("2026-11-02T00:00:00Z");
    let all = samples(begin, 97, 6_000);
    let spans = [
        (begin, now),
        (at("2026-10-25T00:00:00Z"), at("2026-10-26T00:00:00Z")),
        (at("2026-10-25T00:55:00Z"), at("2026-10-25T03:10:00Z")),
        (at("2026-10-25T13:30:00Z"), at("2026-10-29T07:05:00Z")),
    ];
    store
        .transaction(|transaction| {
            measure(transaction, &all);
            Ok::<_, Error>(())
        })
        .expect("kept");
    let before: Vec<Told> = spans
        .iter()
        .map(|(since, until)| told(&store, *since, *until, now))
        .collect();
    assert_eq!(roll_up(&mut store), 6_000);
    for ((since, until), before) in spans.iter().zip(before) {
        assert_eq!(told(&store, *since, *until, now), before);
        let within = all.iter().filter(|(at, _)| at >= since && at < until);
        let counted: u64 = before.values().map(|all| all.good() + all.failed()).sum();
        assert_eq!(counted, within.count() as u64, "{since} to {until}");
    }
    assert_eq!(roll_up(&mut store), 0, "each is rolled up once");
}

fn seal(store: &mut Store, now: Timestamp) -> u64 {
    let judged = store.transaction(|transaction| transaction.take_unjudged(u32::MAX));
    judged.expect("judged");
    let mut all = 0;
    loop {
        match store.transaction(|transaction| transaction.seal(now)) {
            Ok(0) => return all,
            n => all += n.expect("sealed"),
        }
    }
}

/// Every single sample of a span: its series' probe and way, its time, outcome and total.
fn singles(store: &Store, since: Timestamp, until: Timestamp) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut last = Timestamp::MIN;
    store
        .samples(
            since,
            until,
            |series| series.provider != "nobody",
            |series, sample| {
                assert!(last <= sample.at, "{last} comes before {}", sample.at);
                last = sample.at;
                let total = sample.phases.total.map(|total| total.as_micros());
                let of = format!("{} {}", series.probe, series.way);
                found.push((of, format!("{} {} {total:?}", sample.at, sample.outcome)));
                Ok::<(), Error>(())
            },
        )
        .expect("samples");
    found.sort();
    found
}

#[test]
fn single_samples_are_sealed_by_the_hour_and_stay_as_they_were() {
    let (_folder, mut store) = fresh();
    let begin = at("2026-11-01T00:30:00Z");
    let all = samples(begin, 60, 400);
    store
        .transaction(|transaction| {
            measure(transaction, &all);
            Ok::<_, Error>(())
        })
        .expect("kept");
    let now = at("2026-11-01T05:10:00Z");
    let (until, end) = (at("2026-11-01T06:00:00Z"), at("2026-11-02T00:00:00Z"));
    let before = singles(&store, begin, until);
    assert_eq!(before.len(), 330, "until the end of the span");
    let windows = told(&store, begin, end, end);
    assert_eq!(seal(&mut store, now), 0, "what has no window yet stays");
    assert_eq!(roll_up(&mut store), 400);
    assert_eq!(seal(&mut store, now), 270, "of hours that are over");
    assert_eq!(seal(&mut store, now), 0);
    assert_eq!(singles(&store, begin, until), before);
    // a late sample joins its hour
    store
        .transaction(|transaction| {
            measure(transaction, &[(at("2026-11-01T00:31:30Z"), Some(77))]);
            Ok::<_, Error>(())
        })
        .expect("kept");
    assert_eq!(roll_up(&mut store), 1);
    assert_eq!(seal(&mut store, end), 131);
    assert_eq!(singles(&store, begin, until).len(), 331);
    // numbers of samples that left are not given again: what comes now is not taken for rolled up
    store
        .transaction(|transaction| {
            measure(transaction, &samples(at("2026-11-01T12:00:00Z"), 60, 3));
            Ok::<_, Error>(())
        })
        .expect("kept");
    assert_eq!(roll_up(&mut store), 3);
    let count = |told: &Told| -> u64 { told.values().map(|all| all.good() + all.failed()).sum() };
    assert_eq!(count(&told(&store, begin, end, end)), count(&windows) + 4);
    let pruned = store.transaction(|transaction| {
        transaction.prune(&Retention::default(), at("2027-06-01T00:00:00Z"))
    });
    assert!(pruned.expect("pruned").windows > 0);
    assert_eq!(singles(&store, begin, at("2026-11-01T11:00:00Z")), []);
}

#[test]
fn what_a_series_asks_for_may_change_under_its_name() {
    let (_folder, mut store) = fresh();
    let mut series = Series {
        kind: SeriesKind::Endpoint,
        provider: "bedrock".to_string(),
        probe: "bedrock.runtime".to_string(),
        host: "r.test".to_string(),
        way: "fresh".to_string(),
        vantage: "here".to_string(),
        ..Series::default()
    };
    let until = at("2031-05-17T00:00:00Z");
    let connection = ConnectionRow {
        since: begin_of_november(),
        address: "192.0.2.1:443".to_string(),
        http: "2".to_string(),
        tls: Some("1.3".to_string()),
        certificate_until: Some(until),
    };
    let ids = ["", "2"].map(|http| {
        series.http = http.to_string();
        store
            .transaction(|transaction| {
                let id = transaction.series_id(&series)?;
                transaction.keep_connection(id, &connection)?;
                Ok::<_, Error>(id)
            })
            .expect("entered")
    });
    assert_eq!(ids[0], ids[1]);
    let known = store.connections().expect("connections");
    assert_eq!(known, [(series, connection)]);
}

fn begin_of_november() -> Timestamp {
    at("2026-11-01T00:00:00Z")
}

#[test]
fn late_samples_join_their_windows() {
    let begin = at("2026-11-01T00:00:00Z");
    let now = at("2026-11-03T00:00:00Z");
    let all = samples(begin, 600, 200);
    let (_folder, mut in_order) = fresh();
    let (_other, mut late) = fresh();
    for (store, parts) in [
        (&mut in_order, [0..100, 100..200]),
        (&mut late, [100..200, 0..100]),
    ] {
        for part in parts {
            store
                .transaction(|transaction| {
                    measure(transaction, &all[part]);
                    Ok::<_, Error>(())
                })
                .expect("kept");
            roll_up(store);
        }
    }
    assert_eq!(
        told(&in_order, begin, now, now),
        told(&late, begin, now, now)
    );
}

/// What is found after the process was killed: the files as they lie there.
fn found_after_a_kill(folder: &std::path::Path) -> (tempfile::TempDir, Store) {
    let copy = tempfile::tempdir().expect("a folder");
    for file in ["bellwether.db", "bellwether.db-wal"] {
        let from = folder.join(file);
        if from.exists() {
            std::fs::copy(from, copy.path().join(file)).expect("a copy");
        }
    }
    let store = Store::open(&copy.path().join("bellwether.db")).expect("a database");
    (copy, store)
}

#[test]
fn a_kill_in_the_middle_loses_nothing_and_doubles_nothing() {
    let (folder, mut store) = fresh();
    let begin = at("2026-11-01T00:00:00Z");
    let now = at("2026-11-20T00:00:00Z");
    store
        .transaction(|transaction| {
            measure(transaction, &samples(begin, 120, 6_000));
            Ok::<_, Error>(())
        })
        .expect("kept");
    let whole = told(&store, begin, now, now);
    let mut steps = 0;
    loop {
        let (_copy, mut before) = found_after_a_kill(folder.path());
        let (n, (_middle, mut middle)) = store
            .transaction(|transaction| {
                let n = transaction.roll_up()?;
                Ok::<_, Error>((n, found_after_a_kill(folder.path())))
            })
            .expect("rolled up");
        for found in [&mut before, &mut middle] {
            assert_eq!(told(found, begin, now, now), whole, "after {steps} steps");
            roll_up(found);
            assert_eq!(told(found, begin, now, now), whole, "taken up again");
        }
        if n == 0 {
            break;
        }
        steps += 1;
    }
    assert_eq!(steps, 2, "a part each");
}

#[test]
fn a_failed_roll_up_keeps_the_journal() {
    let (_folder, mut store) = fresh();
    let begin = at("2026-11-01T00:00:00Z");
    let now = at("2026-11-02T00:00:00Z");
    store
        .transaction(|transaction| {
            measure(transaction, &samples(begin, 60, 50));
            Ok::<_, Error>(())
        })
        .expect("kept");
    let whole = told(&store, begin, now, now);
    let failed = store.transaction(|transaction| {
        transaction.roll_up()?;
        Err::<(), _>(Error::DiskFull)
    });
    assert!(matches!(failed, Err(Error::DiskFull)));
    assert_eq!(told(&store, begin, now, now), whole);
}

#[test]
fn short_windows_are_thrown_away_and_days_stay() {
    let (_folder, mut store) = fresh();
    let begin = at("2024-01-01T00:00:00Z");
    let now = at("2026-11-01T10:20:30Z");
    let recent = now - SignedDuration::from_hours(24 * 40);
    store
        .transaction(|transaction| {
            measure(transaction, &samples(begin, 60, 500));
            measure(transaction, &samples(recent, 60, 500));
            Ok::<_, Error>(())
        })
        .expect("kept");
    roll_up(&mut store);
    let whole = told(&store, begin, now, now);
    let of_recent = told(&store, recent, now, now);
    let pruned = store
        .transaction(|transaction| transaction.prune(&Retention::default(), now))
        .expect("pruned");
    assert!(pruned.windows > 0);
    assert_eq!(told(&store, begin, now, now), whole, "for ever");
    assert_eq!(told(&store, recent, now, now), of_recent, "by the hour");
}

#[test]
fn what_was_measured_before_there_were_series_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bellwether.db");
    let old = Connection::open(&path).expect("a file");
    for migration in [
        include_str!("../migrations/0001_history.sql"),
        include_str!("../migrations/0002_content_types.sql"),
    ] {
        old.execute_batch(migration).expect("a schema of before");
    }
    old.execute_batch(
        "PRAGMA application_id = 1111837772; PRAGMA user_version = 2;
         INSERT INTO source (id, probe, scope, provider, authority, url) VALUES (1, 'openai.models', '', 'openai', 'provider-api', 'u');
         INSERT INTO reading (source, at, outcome, bytes, imported, host, vantage, connect, first_byte, total) VALUES
           (1, 1767225600000, 'ok', 0, 0, 'a.test', 'here', 1000, 2000, 5000),
           (1, 1767225660000, 'same', 0, 0, 'a.test', 'here', NULL, 2000, 3000),
           (1, 1767225720000, 'timeout', 0, 0, 'a.test', 'here', NULL, NULL, 9000),
           (1, 1767225780000, 'ok', 0, 1, NULL, 'here', NULL, NULL, NULL);",
    )
    .expect("rows of before");
    drop(old);
    let mut store = Store::open(&path).expect("brought up to date");
    let (since, until) = (at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
    for _ in 0..2 {
        let told = told(&store, since, until, until);
        let of = |way: &str| &told[&("openai.models".to_string(), way.to_string())];
        assert_eq!((of("fresh").good(), of("fresh").failed()), (1, 1));
        assert_eq!((of("warm").good(), of("warm").failed()), (1, 0));
        roll_up(&mut store);
    }
    assert_eq!(store.sources().expect("sources").len(), 1);
}

#[test]
fn what_is_marked_late_is_told_as_if_it_had_been_known() {
    let begin = at("2026-10-24T21:07:13Z");
    let now = at("2026-11-02T00:00:00Z");
    let all = samples(begin, 97, 3_000);
    let span = (begin.as_millisecond() + 40_000_000, now.as_millisecond());
    let tell = |is_late: bool| {
        let (_folder, mut store) = fresh();
        store
            .transaction(|transaction| {
                measure(transaction, &all);
                Ok::<_, Error>(())
            })
            .expect("kept");
        if is_late {
            roll_up(&mut store);
        }
        let mut mark = || store.transaction(|t| t.mark_inconclusive(span.0, span.1));
        let marked = mark().expect("marked");
        assert!(!marked.is_empty());
        assert_eq!(mark().expect("marked"), marked, "and changes nothing more");
        roll_up(&mut store);
        told(&store, begin, now, now)
    };
    let late = tell(true);
    assert_eq!(late, tell(false));
    let inconclusive = |all: &RollUp| all.failures().any(|(word, _)| word == "inconclusive");
    assert!(late.values().any(inconclusive));
}
