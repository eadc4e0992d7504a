//! `import --rebuild`: a source that is told anew from what is kept of it ends where life had it, and loses nothing that its
//! bodies do not tell.

use bellwether::alerting::Policy;
use bellwether::config::{Own, Probe, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, take};
use bellwether::daemon::reading::{PAGES, Target};
use bellwether::market::{Failure, Phases, RecordedChange, Sample, Standing};
use bellwether::store::{
    ChangeFilter, Changes, LatencyRow, Readings, SourceRecord, Sources, Store,
};
use jiff::{SignedDuration, Timestamp};

use crate::world::World;

fn probe(id: &str) -> Probe {
    let mut probes = declared(&[], Own::default()).expect("the shipped probes");
    let place = probes.iter().position(|probe| probe.id.as_str() == id);
    let mut probe = probes.swap_remove(place.expect("the probe"));
    probe.rules.min_items = 1;
    probe
}

fn hour(n: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    begin + SignedDuration::from_hours(n)
}

/// What the store tells of the past: changes, measurements, sources.
type Told = (Vec<RecordedChange>, Vec<LatencyRow>, Vec<SourceRecord>);

fn told(path: &std::path::Path) -> Told {
    let store = Store::open(path).expect("the database");
    let all = ChangeFilter {
        all: true,
        ..ChangeFilter::default()
    };
    (
        store.changes(&all).expect("changes"),
        store
            .measurements(hour(-1), hour(1_000))
            .expect("measurements"),
        store.sources().expect("sources"),
    )
}

fn hear(store: &mut Store, probe: &Probe, at: Timestamp, answer: Answer<'_>) {
    let sample = Sample {
        at,
        host: "api.example.test".to_string(),
        phases: Phases {
            total: Some(SignedDuration::from_millis(at.as_second() % 97 + 1)),
            ..Phases::default()
        },
        outcome: "ok".to_string(),
        status: Some(200),
        bytes: 10,
        clock_ahead: None,
    };
    let arrival = Arrival {
        at,
        answer,
        sample: Some(&sample),
        vantage: "here",
        imported: false,
        inconclusive: false,
    };
    let target = Target::new(probe, &probe.scopes[0]);
    take(store, &target, &arrival, &Policy::default()).expect("a sound store");
}

/// Two pages of an answer, as they are kept.
fn pages(first: &[&str], second: &[&str]) -> String {
    let page = |ids: &[&str], more: bool| {
        let rows: Vec<String> = ids
            .iter()
            .map(|id| {
                format!(
                    r#"{{"id":"{id}","display_name":"{id}","created_at":"2025-01-01T00:00:00Z"}}"#
                )
            })
            .collect();
        format!(
            r#"{{"data":[{}],"has_more":{more},"last_id":"x"}}"#,
            rows.join(",")
        )
    };
    format!("[{},{}]", page(first, true), page(second, false))
}

fn body<'a>(bytes: &'a str, content_type: Option<&'a str>) -> Answer<'a> {
    Answer::Body {
        bytes: bytes.as_bytes(),
        content_type,
        etag: None,
        last_modified: None,
    }
}

fn registry(models: &[&str]) -> String {
    let entries: Vec<String> = models
        .iter()
        .map(|id| format!(r#""{id}":{{"name":"{id}"}}"#))
        .collect();
    format!(r#"{{"anthropic":{{"models":{{{}}}}}}}"#, entries.join(","))
}

/// An interface that answers in pages, fails, is reported broken and recovers, and a registry that follows it.
fn live(path: &std::path::Path) {
    let (api, second) = (probe("anthropic.models"), probe("models-dev.catalogue"));
    let mut store = Store::open(path).expect("a database");
    let wall = || {
        Answer::Failed(Failure::LoginWall {
            detail: "a password field".to_string(),
        })
    };
    hear(
        &mut store,
        &api,
        hour(0),
        body(&pages(&["a"], &["b"]), Some(PAGES)),
    );
    hear(
        &mut store,
        &second,
        hour(0),
        body(&registry(&["a", "b"]), None),
    );
    hear(
        &mut store,
        &api,
        hour(1),
        body(&pages(&["a"], &["b", "c"]), Some(PAGES)),
    );
    for n in 2..4 {
        hear(
            &mut store,
            &second,
            hour(n),
            body(&registry(&["a", "b", "c"]), None),
        );
    }
    for n in 4..6 {
        hear(&mut store, &api, hour(n), wall());
    }
    // an answer that cannot be read is a failure whose body is not kept
    hear(
        &mut store,
        &api,
        hour(6),
        body("<html>sorry</html>", Some("text/html")),
    );
    for n in 7..9 {
        hear(
            &mut store,
            &api,
            hour(n),
            body(&pages(&["a"], &["c"]), Some(PAGES)),
        );
    }
    hear(&mut store, &api, hour(9), wall());
}

/// An installation whose registry may be small.
fn installation(detect: &str) -> World {
    let world = World::new(&format!("[probes]\nfolder = \"own\"\n{detect}"));
    let shipped = bellwether::config::shipped();
    let mut files = shipped.iter();
    let file = files.find(|file| file.name.ends_with("models-dev.toml"));
    let text = &file.expect("the shipped probe").text;
    let small = text.replace("min_items = 50", "min_items = 1");
    assert_ne!(small, *text);
    world.write("own/models-dev.toml", &small);
    std::fs::create_dir_all(world.path("data")).expect("a folder");
    world
}

fn corroborated(changes: &[RecordedChange]) -> Vec<String> {
    let news = changes
        .iter()
        .filter(|recorded| recorded.standing == Standing::News);
    let by = news.filter(|recorded| !recorded.confirmed_by.is_empty());
    by.map(|recorded| {
        format!(
            "{} {} by {}",
            recorded.change.kind.word(),
            recorded.change.subject.native_id,
            recorded.confirmed_by.join(" ")
        )
    })
    .collect()
}

#[test]
fn what_was_measured_confirmed_and_grouped_survives() {
    let world = installation("");
    let database = world.path("data/bellwether.db");
    live(&database);
    let before = told(&database);
    let kinds: Vec<&str> = before
        .0
        .iter()
        .map(|recorded| recorded.change.kind.word())
        .collect();
    for kind in [
        "offering_added",
        "offering_removed",
        "probe_broken",
        "probe_recovered",
    ] {
        assert!(kinds.contains(&kind), "{kind} is not in {kinds:?}");
    }
    assert_eq!(
        corroborated(&before.0),
        ["offering_added c by models-dev.catalogue"]
    );
    for source in [
        "anthropic.models",
        "models-dev.catalogue",
        "anthropic.models",
    ] {
        world.good(&["import", "--probe", source, "--rebuild"]);
        let after = told(&database);
        assert_eq!(after.0, before.0, "changes after {source} was told anew");
        assert_eq!(
            after.1, before.1,
            "measurements after {source} was told anew"
        );
        assert_eq!(after.2, before.2, "sources after {source} was told anew");
    }
}

#[test]
fn a_history_that_is_taken_in_late_is_judged_by_its_own_time() {
    let world = installation("[detect]\nconfirm_additions = 1\n");
    let mut store = Store::open(&world.path("data/bellwether.db")).expect("a database");
    // the interface is asked since today, and knows both models
    let api = probe("anthropic.models");
    hear(
        &mut store,
        &api,
        hour(500),
        body(&pages(&["a"], &["b"]), Some(PAGES)),
    );
    drop(store);
    // the registry told of one of them before that
    for (day, models) in [("2026-01-02", vec!["a"]), ("2026-01-03", vec!["a", "b"])] {
        let file = world.write(&format!("{day}.json"), &registry(&models));
        world.good(&[
            "import",
            "--probe",
            "models-dev",
            file.to_str().expect("a path"),
        ]);
    }
    let news = world.changes(false);
    assert_eq!(news.len(), 1, "{news:?}");
    assert_eq!(news[0]["native_id"], "b");
}
