use jiff::SignedDuration;

use super::*;
use crate::latency::simulated::{Simulated, USUAL};
use crate::market::{ChangeKind, Phases, RecordedChange, Severity};
use crate::render::sentence;
use crate::store::{AllIncidents, ChangeFilter, Changes, Outbox, Sources};

const BEGIN: &str = "2026-11-01T00:00:00Z";

struct World {
    folder: tempfile::TempDir,
    policy: Policy,
    references: HashSet<String>,
}

impl World {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            policy: Policy::telling(vec!["ops@example.test".to_string()], Severity::Notice),
            references: HashSet::from(["reference.one".to_string()]),
        }
    }

    /// The database, opened anew as after a restart.
    fn store(&self) -> Store {
        Store::open(&self.folder.path().join("bellwether.db")).expect("a database")
    }

    fn changes(&self) -> Vec<RecordedChange> {
        let filter = ChangeFilter {
            all: true,
            ..ChangeFilter::default()
        };
        self.store().changes(&filter).expect("changes")
    }

    fn told(&self) -> Vec<String> {
        self.changes().iter().map(sentence).collect()
    }

    fn incidents(&self) -> Vec<String> {
        let store = self.store();
        let all = store.own_incidents(Timestamp::MIN, Timestamp::MAX);
        let line = |incident: OwnIncident| {
            let ended = incident.ended.map_or("-".to_string(), |at| at.to_string());
            format!(
                "{} {} {} {} {ended} {}/{}",
                incident.kind.word(),
                incident.provider,
                incident.host,
                incident.begin,
                incident.n,
                incident.of
            )
        };
        all.expect("incidents").into_iter().map(line).collect()
    }
}

fn series(kind: SeriesKind, provider: &str, way: &str) -> Series {
    Series {
        kind,
        vantage: "here".to_string(),
        provider: provider.to_string(),
        probe: format!("{provider}.one"),
        region: "eu".to_string(),
        host: format!("{provider}.test"),
        way: way.to_string(),
        ..Series::default()
    }
}

fn moment(n: i64) -> Timestamp {
    let begin: Timestamp = BEGIN.parse().expect("a time");
    begin + SignedDuration::from_mins(5 * n)
}

fn append(transaction: &Transaction<'_>, series: &Series, n: i64, outcome: &str, micros: i64) {
    let id = transaction.series_id(series).expect("a series");
    let whole = (outcome == "ok").then(|| SignedDuration::from_micros(micros));
    let sample = KeptSample {
        at: moment(n),
        outcome: outcome.to_string(),
        phases: Phases {
            first_byte: whole,
            total: whole,
            ..Phases::default()
        },
        first_token: None,
    };
    transaction.append_sample(id, &sample).expect("kept");
}

/// A check of each series every five minutes, by a word a letter: `.` is ok, `x` a timeout, `5` a server error, `?`
/// inconclusive. Judged after each, by a program that was started anew.
fn run(world: &World, courses: &[(Series, &str)]) -> Vec<u32> {
    let length = courses.iter().map(|(_, course)| course.len()).max();
    let mut turned = Vec::new();
    for n in 0..length.unwrap_or(0) {
        let mut store = world.store();
        store
            .transaction(|transaction| {
                for (series, course) in courses {
                    let outcome = match course.as_bytes().get(n) {
                        Some(b'.') => "ok",
                        Some(b'x') => "timeout",
                        Some(b'5') => "status",
                        Some(b'?') => "inconclusive",
                        _ => continue,
                    };
                    append(transaction, series, n as i64, outcome, 100_000);
                }
                Ok::<_, Error>(())
            })
            .expect("kept");
        let now = moment(n as i64 + 1);
        let (_, turns) =
            judge_part(&mut store, &world.policy, &world.references, now).expect("judged");
        turned.push(turns);
    }
    turned
}

#[test]
fn an_outage_is_told_once_with_its_begin_and_end() {
    let world = World::new();
    let turned = run(
        &world,
        &[
            (
                series(SeriesKind::Endpoint, "a", "fresh"),
                "........xx.xxxx......",
            ),
            (
                series(SeriesKind::Endpoint, "b", "fresh"),
                ".....................",
            ),
            (
                series(SeriesKind::Endpoint, "b", "warm"),
                "..5..........5.......",
            ),
            (
                series(SeriesKind::Source, "c", "fresh"),
                "xxxxxxxxxx...........",
            ),
        ],
    );
    assert_eq!(turned.iter().sum::<u32>(), 4, "{turned:?}");
    assert_eq!(
        world.incidents(),
        [
            "down c c.test 2026-11-01T00:00:00Z 2026-11-01T00:50:00Z 4/4",
            "down a a.test 2026-11-01T00:40:00Z 2026-11-01T01:15:00Z 4/5",
        ]
    );
    assert_eq!(
        world.told(),
        [
            "a: incident opened: a.test in eu is down since 2026-11-01 00:40 UTC: 4 of the last 5 checks failed",
            "a: a.test in eu: incident resolved \"a.test in eu answers again since 2026-11-01 01:15 UTC, down for 35 min\"",
        ],
        "what is wrong with a source is told as a broken probe"
    );
    let store = world.store();
    let due = store.due(Timestamp::MAX, true, 9).expect("due");
    let threads: Vec<&str> = due
        .iter()
        .map(|due| due.entry.thread_key.as_str())
        .collect();
    assert_eq!(threads, ["measured a health"], "nobody has sent the first");
    assert_eq!(
        store.sources().expect("sources").len(),
        0,
        "no source was asked"
    );
}

#[test]
fn our_own_network_is_nobodys_outage() {
    let world = World::new();
    let gone = "......xxxxxxxxxxxx......";
    let turned = run(
        &world,
        &["a", "b", "c"].map(|p| (series(SeriesKind::Endpoint, p, "fresh"), gone)),
    );
    assert_eq!((turned.iter().sum::<u32>(), world.incidents()), (0, vec![]));
    let world = World::new();
    let marked = "......????????????......";
    run(
        &world,
        &[(series(SeriesKind::Endpoint, "a", "fresh"), marked)],
    );
    assert_eq!(world.incidents(), Vec::<String>::new());
    // a reference tells which it is, and nothing is said of itself
    let with_reference = |reference: &'static str| {
        let world = World::new();
        run(
            &world,
            &[
                (
                    series(SeriesKind::Endpoint, "reference", "fresh"),
                    reference,
                ),
                (series(SeriesKind::Endpoint, "a", "fresh"), "......xxxxxx"),
            ],
        );
        world.incidents().len()
    };
    assert_eq!(with_reference("......xxxxxx"), 0);
    assert_eq!(with_reference("............"), 1);
}

/// Six series that are twice as slow for five hours; gives when that begins.
fn slow_for_a_while(world: &World) -> i64 {
    let (begin, end, last) = (20 * 288, 20 * 288 + 60, 20 * 288 + 90);
    let ways: Vec<Series> = (0..6)
        .map(|n| Series {
            host: format!("{n}.test"),
            ..series(SeriesKind::Endpoint, "a", ["fresh", "warm"][n % 2])
        })
        .collect();
    let mut courses: Vec<Simulated> = (0..6).map(|n| Simulated::new(USUAL, 900 + n)).collect();
    let mut judged_until = 0;
    for n in 0..last {
        let factor = if (begin..end).contains(&n) { 2.0 } else { 1.0 };
        // before anything happens a day at a time
        if n >= begin || n % 288 == 287 {
            let mut store = world.store();
            store
                .transaction(|transaction| {
                    for n in judged_until..=n {
                        for (series, course) in ways.iter().zip(&mut courses) {
                            let (outcome, micros) = match course.next(n, factor) {
                                Some(micros) => ("ok", micros),
                                None => ("timeout", 0.0),
                            };
                            append(transaction, series, n, outcome, micros as i64);
                        }
                    }
                    Ok::<_, Error>(())
                })
                .expect("kept");
            judged_until = n + 1;
            while judge_part(&mut store, &world.policy, &world.references, moment(n + 1))
                .expect("judged")
                .0
                > 0
            {}
        }
    }
    begin
}

#[test]
fn slowness_below_what_somebody_wants_to_hear_of_is_good_to_know() {
    for (percent, millis, is_told) in [
        (Some("150"), None, false),
        (None, Some("100000"), false),
        (Some("20"), Some("1"), true),
    ] {
        let mut world = World::new();
        let amount = |text: Option<&str>| text.map(|text| text.parse().expect("a decimal"));
        world.policy.thresholds.latency_percent = amount(percent);
        world.policy.thresholds.latency_ms = amount(millis);
        slow_for_a_while(&world);
        let changes = world.changes();
        let told = changes
            .iter()
            .filter(|recorded| recorded.change.severity >= Severity::Notice);
        let expected = if is_told { 2 } else { 0 };
        assert_eq!(
            (told.count(), changes.len()),
            (expected, 2),
            "{percent:?} {millis:?}"
        );
    }
}

#[test]
fn slowness_is_told_once_for_a_provider_and_region() {
    let world = World::new();
    let begin = slow_for_a_while(&world);
    let changes = world.changes();
    let kinds: Vec<ChangeKind> = changes
        .iter()
        .map(|recorded| recorded.change.kind)
        .collect();
    let told = world.told();
    assert_eq!(
        kinds,
        [ChangeKind::LatencyShifted, ChangeKind::LatencyRecovered],
        "{told:?}"
    );
    let seen = changes[0].change.seen_at.duration_since(moment(begin));
    assert!(seen <= SignedDuration::from_mins(45), "{seen:?}");
    assert!(
        told[0].starts_with("a: latency shifted: ") && told[0].contains(" of 6 series"),
        "{told:?}"
    );
    let store = world.store();
    let found = store
        .own_incidents(Timestamp::MIN, Timestamp::MAX)
        .expect("incidents");
    let [slow] = &found[..] else {
        panic!("{found:?}");
    };
    let (before, during) = (slow.before.expect("known"), slow.during.expect("known"));
    assert!(
        (1.6..2.6).contains(&(during as f64 / before as f64)),
        "{slow:?}"
    );
    assert_eq!(
        (slow.ended_by, slow.host.as_str()),
        (Some(EndedBy::Recovered), "")
    );
}

#[test]
fn what_cannot_be_read_begins_anew() {
    let world = World::new();
    let course = [(series(SeriesKind::Endpoint, "a", "fresh"), "...xxx")];
    run(&world, &course);
    let mut store = world.store();
    store
        .transaction(|transaction| {
            let kept = Remembering {
                state: vec![9, 9],
                incident: None,
            };
            transaction.keep_judgement(Judged::Ourselves, "", &kept)?;
            append(transaction, &course[0].0, 6, "timeout", 0);
            Ok::<_, Error>(())
        })
        .expect("kept");
    let judged = judge_part(&mut store, &world.policy, &world.references, moment(7));
    assert_eq!(judged.expect("judged"), (1, 1));
}
