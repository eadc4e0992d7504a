//! `uptime` and `incidents`: from samples that are judged, and a status page that states what we measured.

use std::collections::HashSet;

use bellwether::alerting::Policy;
use bellwether::daemon::judge::judge_part;
use bellwether::latency::KeptSample;
use bellwether::market::Phases;
use bellwether::store::{Error, Series, SeriesKind, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json, json};

use crate::world::World;

fn begin() -> Timestamp {
    "2026-01-05T00:00:00Z".parse().expect("a time")
}

fn series(provider: &str, region: &str, host: &str) -> Series {
    Series {
        kind: SeriesKind::Endpoint,
        vantage: "here".to_string(),
        provider: provider.to_string(),
        probe: format!("{provider}.api"),
        region: region.to_string(),
        host: host.to_string(),
        way: "fresh".to_string(),
        ..Series::default()
    }
}

/// A check of two endpoints, so many times five minutes after the begin, judged as it comes.
fn check(store: &mut Store, n: i64, is_down: bool) {
    let targets = [
        series("openai", "", "api.openai.test"),
        series("bedrock", "us-east-1", "bedrock.us-east-1.test"),
    ];
    store
        .transaction(|transaction| {
            for series in &targets {
                let is_bad = is_down && series.provider == "openai";
                let took = (!is_bad).then(|| SignedDuration::from_millis(80));
                let sample = KeptSample {
                    at: begin() + SignedDuration::from_mins(5 * n),
                    outcome: if is_bad { "timeout" } else { "ok" }.to_string(),
                    phases: Phases {
                        first_byte: took,
                        total: took,
                        ..Phases::default()
                    },
                    first_token: None,
                };
                let id = transaction.series_id(series)?;
                transaction.append_sample(id, &sample)?;
            }
            Ok::<_, Error>(())
        })
        .expect("kept");
    let now = begin() + SignedDuration::from_mins(5 * n + 1);
    judge_part(store, &Policy::default(), &HashSet::new(), now).expect("judged");
}

/// A day of checks every five minutes: one endpoint is down from 10:15 to 10:55 and again from 20:00 to 20:30; nothing is
/// measured from 12:00 to 18:00.
pub fn measure(world: &World) {
    let mut store = Store::open(&world.path("data/bellwether.db")).expect("a database");
    for n in (0..144).chain(216..288) {
        check(
            &mut store,
            n,
            (123..131).contains(&n) || (240..246).contains(&n),
        );
    }
    while store
        .transaction(|transaction| transaction.roll_up())
        .expect("rolled up")
        > 0
    {}
}

/// From the end of that day on the endpoint is down again.
pub fn go_down(world: &World) {
    let mut store = Store::open(&world.path("data/bellwether.db")).expect("a database");
    for n in 288..294 {
        check(&mut store, n, true);
    }
}

/// A status page that shows an incident at 10:44 and a maintenance; at 11:30 both are gone. Another at 21:40 is alone.
pub fn import_page(world: &World) {
    let page = |incidents: Json, planned: Json| {
        let components = json!([{ "id": "c1", "name": "Responses", "status": "operational" }]);
        json!({ "page": { "id": "p" }, "components": components, "incidents": incidents,
            "scheduled_maintenances": planned })
    };
    let incident = |id: &str, started: &str| {
        json!([{ "id": id, "name": "Elevated errors", "status": "investigating", "impact": "major",
            "started_at": started, "shortlink": "https://page.test/i1",
            "components": [{ "id": "c1", "name": "Responses" }] }])
    };
    let planned = json!([{ "id": "m1", "name": "Upgrade", "status": "scheduled", "impact": "none",
        "scheduled_for": "2026-01-05T10:00:00Z" }]);
    let none = || json!([]);
    for (time, body) in [
        ("10-00-00", page(none(), none())),
        (
            "10-44-00",
            page(incident("i1", "2026-01-05T10:20:00Z"), planned),
        ),
        ("11-30-00", page(none(), none())),
        ("11-32-00", page(none(), none())),
        (
            "21-40-00",
            page(incident("i2", "2026-01-05T21:30:00Z"), none()),
        ),
    ] {
        world.write(&format!("page/2026-01-05T{time}Z.json"), &body.to_string());
    }
    let folder = world.path("page");
    let folder = folder.to_str().expect("a path");
    world.good(&["import", "--probe", "openai.status", folder]);
}

fn told(world: &World, arguments: &[&str]) -> Vec<Map<String, Json>> {
    let lines = world.good(&[&["--format", "jsonl"], arguments].concat());
    let object = |line: &str| serde_json::from_str(line).expect("an object a line");
    lines.lines().map(object).collect()
}

const DAY: [&str; 4] = ["--since", "2026-01-05", "--until", "2026-01-06"];

#[test]
fn uptime_is_told_in_both_definitions_against_what_is_expected() {
    let world =
        World::new("[slo]\navailability = 0.95\n[slo.provider.openai]\navailability = 0.9\n");
    Store::open(&world.path("data/bellwether.db")).expect("a database");
    let nothing = world.good(&["uptime"]);
    assert!(
        nothing.starts_with("nothing measured in this time; --all"),
        "{nothing}"
    );
    measure(&world);
    let all = told(&world, &[&["uptime"], &DAY[..]].concat());
    let [bedrock, openai] = all.as_slice() else {
        panic!("two: {all:?}");
    };
    assert_eq!(
        (
            &bedrock["by_duration"],
            &bedrock["by_request"],
            &bedrock["slo"]
        ),
        (&json!(1.0), &json!(1.0), &json!(0.95))
    );
    // 40 and 30 minutes of 18 hours; 14 of 216 checks
    let of = |name: &str| openai[name].as_f64().expect("a figure");
    assert_eq!(
        (of("known_s"), of("unknown_s"), of("down_s")),
        (64_800.0, 21_600.0, 4_200.0)
    );
    assert!((of("by_duration") - (1.0 - 4_200.0 / 64_800.0)).abs() < 1e-9);
    assert_eq!((of("good"), of("bad"), of("slo")), (202.0, 14.0, 0.9));
    assert_eq!((of("budget_s"), of("budget_s_left")), (6_480.0, 2_280.0));
    assert_eq!(
        (of("budget_requests"), of("budget_requests_left")),
        (21.6, 7.6)
    );
    let table = world.good(
        &[
            &["uptime", "--provider", "openai", "--by", "host"],
            &DAY[..],
        ]
        .concat(),
    );
    insta::assert_snapshot!(table, @"
    HOST             BY DURATION  DOWN        KNOWN       UNKNOWN    BY REQUEST  BAD  N    SLO       TIME LEFT  REQUESTS LEFT
    api.openai.test  93.518 %     1 h 10 min  18 h 0 min  6 h 0 min  93.518 %    14   216  90.000 %  35 %       35 %
    2026-01-05 00:00 to 2026-01-06 00:00 UTC
    By duration: the share of known time in which no incident of ours says down (`bellwether incidents`).
    By request: good samples of good and bad ones; what is our own fault (credentials, limits, network) is neither.
    Time without samples is unknown. Left: of the error budget that the SLO allows in the known time, and of the requests.
    ");
    let strict = told(
        &world,
        &[&["uptime", "--by", "provider", "--slo", "1"], &DAY[..]].concat(),
    );
    assert_eq!(strict[1]["budget_s_left"], json!(-4_200.0));
    assert!(
        world
            .run(&["uptime", "--slo", "99"])
            .err
            .contains("a share from 0 to 1")
    );
}

#[test]
fn incidents_say_who_saw_them_first() {
    let world = World::new("");
    measure(&world);
    import_page(&world);
    let table = world.good(&[&["incidents", "--only", "ours"], &DAY[..]].concat());
    insta::assert_snapshot!(table, @"
    BEGAN             LASTED                PROVIDER  WE MEASURED           EVIDENCE              THE PAGE STATES          FIRST
    2026-01-05 20:00  30 min, measured      openai    down api.openai.test  4 of 5 checks failed  -                        -
    2026-01-05 10:15  1 h 15 min, unlisted  openai    down api.openai.test  4 of 5 checks failed  Elevated errors (major)  we, by 13 min
    Times in UTC. First: who saw it first (we: judged; the page: shown to us), and by how much. The end is measured here, stated by the page with a time, or, where it gives none, our first reading that does not list it any more (unlisted).
    ");
    let all = told(&world, &[&["incidents"], &DAY[..]].concat());
    let brief: Vec<Json> = all
        .iter()
        .map(|row| {
            let keys = [
                "began",
                "kind",
                "page_id",
                "first",
                "lead_s",
                "own_ended",
                "page_ended",
            ];
            keys.iter().map(|key| row[*key].clone()).collect()
        })
        .collect();
    assert_eq!(
        brief,
        [
            json!(["2026-01-05T21:30:00Z", null, "i2", null, null, null, null]),
            json!([
                "2026-01-05T20:00:00Z",
                "down",
                null,
                null,
                null,
                "2026-01-05T20:30:00Z",
                null
            ]),
            json!([
                "2026-01-05T10:15:00Z",
                "down",
                "i1",
                "ours",
                780,
                "2026-01-05T10:55:00Z",
                "2026-01-05T11:30:00Z"
            ]),
        ]
    );
    for (filter, n) in [
        (&["--only", "page"][..], 2),
        (&["--only", "ours"], 2),
        (&["--open"], 1),
        (&["--provider", "bedrock"], 0),
        (&["--host", "api.openai.test"], 2),
    ] {
        let found = told(&world, &[&["incidents"], filter, &DAY[..]].concat());
        assert_eq!(found.len(), n, "{filter:?}");
    }
    // what goes on has no end, and what ended before is not asked for
    let later = [
        "incidents",
        "--since",
        "2026-01-05T12:00:00Z",
        "--until",
        "2026-01-06",
    ];
    assert_eq!(told(&world, &later).len(), 2);
    let csv = world.good(&[&["--format", "csv", "incidents"], &DAY[..]].concat());
    assert_eq!(csv.lines().count(), 4);
    // the changes that told it
    let changes = world.changes(true);
    let own: Vec<&Json> = changes
        .iter()
        .filter(|change| change["source"] == json!("openai.measured"))
        .map(|change| &change["kind"])
        .collect();
    let kinds = [
        "incident_opened",
        "incident_resolved",
        "incident_opened",
        "incident_resolved",
    ];
    assert_eq!(
        own,
        kinds.map(|kind| json!(kind)).iter().collect::<Vec<_>>()
    );
}

#[test]
fn a_list_of_past_incidents_says_when_they_ended() {
    let world = World::new("");
    import_page(&world);
    let over = |id: &str, status: &str, at: &str| json!({ "id": id, "status": status, "resolved_at": format!("2026-01-05T{at}Z") });
    let past = json!({ "page": { "id": "p" }, "incidents": [
        over("i2", "resolved", "21:50:00"), over("i1", "postmortem", "11:05:00.000"), over("i0", "resolved", "03:00:00")] });
    let body = world.write("2026-01-05T22-00-00Z.json", &past.to_string());
    let body = body.display().to_string();
    let said = world.good(&["import", "--probe", "openai.past-incidents", &body]);
    assert!(said.contains("0 changes recorded"), "{said}");
    let all = told(&world, &[&["incidents"], &DAY[..]].concat());
    let brief: Vec<Json> = all
        .iter()
        .map(|row| {
            let keys = ["page_id", "open", "page_ended", "page_ended_by"];
            keys.iter().map(|key| row[*key].clone()).collect()
        })
        .collect();
    assert_eq!(
        brief,
        [
            // the page itself still shows it
            json!(["i2", true, null, null]),
            json!(["i1", false, "2026-01-05T11:05:00Z", "stated"]),
        ],
        "what was over when it was first shown is none"
    );
}

/// What the summary of OpenAI's page and its whole list of components say at some minutes of an hour, and what news that makes.
fn news_of(summary: &[(&str, Json)], list: &[(&str, Json)]) -> Vec<Json> {
    let world = World::new("");
    let all = [("openai.status", summary), ("openai.components", list)];
    for (probe, said) in all.into_iter().filter(|(_, said)| !said.is_empty()) {
        for (minute, page) in said {
            let name = format!("{probe}/2026-01-05T10-{minute}-00Z.json");
            world.write(&name, &page.to_string());
        }
        let folder = world.path(probe);
        world.good(&["import", "--probe", probe, folder.to_str().expect("a path")]);
    }
    let keys = ["source", "kind", "native_id", "new"];
    let row = |row: &Map<String, Json>| keys.map(|key| row[key].clone()).into_iter().collect();
    let all = told(&world, &["changes", "--since", "2026-01-01"]);
    all.iter().map(row).collect()
}

fn components(status: &str, incidents: Json) -> Json {
    let component =
        |n: u32| json!({ "id": format!("c{n}"), "name": format!("Part {n}"), "status": status });
    let components: Vec<Json> = (1..=5).map(component).collect();
    json!({ "page": { "id": "p" }, "components": components, "incidents": incidents })
}

#[test]
fn an_outage_of_a_component_is_told_once() {
    let (well, ill) = ("operational", "partial_outage");
    let bare = |status: &str| components(status, json!([]));
    let all = news_of(
        &[("00", bare(well)), ("02", bare(ill)), ("06", bare(well))],
        &[("01", bare(well)), ("03", bare(ill)), ("07", bare(well))],
    );
    let expected: Vec<Json> = [ill, well]
        .into_iter()
        .flat_map(|status| {
            (1..=5)
                .map(move |n| json!(["openai.status", "incident_updated", format!("c{n}"), status]))
        })
        .collect();
    let sorted = |mut rows: Vec<Json>| {
        rows.sort_by_key(ToString::to_string);
        rows
    };
    assert_eq!(sorted(all), sorted(expected), "by whoever says so first");
    let named: Vec<Json> = (1..=4)
        .map(|n| json!({ "id": format!("c{n}"), "name": "?" }))
        .collect();
    let open = json!([{ "id": "i1", "name": "Errors", "status": "identified", "impact": "major", "components": named }]);
    let all = news_of(
        &[
            ("00", bare(well)),
            ("02", components(ill, open)),
            ("06", bare(well)),
            ("08", bare(well)),
        ],
        &[],
    );
    let told = |kind: &str, id: &str, new: Json| json!(["openai.status", kind, id, new]);
    assert_eq!(
        sorted(all),
        sorted(vec![
            told("incident_opened", "i1", json!("Errors")),
            // the incident does not name it
            told("incident_updated", "c5", json!(ill)),
            told("incident_updated", "c5", json!(well)),
            told("incident_resolved", "i1", Json::Null),
        ])
    );
}

#[test]
fn what_befalls_a_component_is_kept_from_nobody() {
    let (well, ill) = ("operational", "partial_outage");
    let turned = |status: &str| -> Vec<Json> {
        let told = |n| json!(["openai.status", "incident_updated", format!("c{n}"), status]);
        (1..=5).map(told).collect()
    };
    let named: Vec<Json> = (1..=4)
        .map(|n| json!({ "id": format!("c{n}"), "name": format!("Part {n}") }))
        .collect();
    let of_components = |all: Vec<Json>| -> Vec<Json> {
        let updates = all.into_iter().filter(|row| row[1] == "incident_updated");
        let mut updates: Vec<Json> = updates.collect();
        updates.sort_by_key(ToString::to_string);
        updates
    };
    let expected = of_components([turned(ill), turned(well)].concat());

    // what is planned for next month tells of nothing that breaks today
    let planned = json!([{ "id": "m1", "name": "Move", "status": "scheduled", "impact": "maintenance",
        "scheduled_for": "2026-02-01T00:00:00Z", "components": named }]);
    let page = |status: &str| {
        let mut page = components(status, json!([]));
        page["scheduled_maintenances"] = planned.clone();
        page
    };
    let all = news_of(
        &[("00", page(well)), ("02", page(ill)), ("06", page(well))],
        &[],
    );
    assert_eq!(of_components(all), expected, "beside what is planned");

    // whoever was told that a component is ill before an incident named it is told that it is well
    let open = json!([{ "id": "i1", "name": "Errors", "status": "identified", "impact": "major", "components": named }]);
    let all = news_of(
        &[
            ("00", components(well, json!([]))),
            ("02", components(ill, json!([]))),
            ("04", components("major_outage", open)),
            ("06", components(well, json!([]))),
            ("08", components(well, json!([]))),
        ],
        &[],
    );
    let unnamed = json!(["openai.status", "incident_updated", "c5", "major_outage"]);
    let all = of_components(all);
    let all: Vec<Json> = all.into_iter().filter(|row| *row != unnamed).collect();
    assert_eq!(all, expected, "told before the incident");
}
