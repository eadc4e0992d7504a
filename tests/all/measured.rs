//! `latency`: what it tells of any span, from samples that are rolled up or not yet.

use bellwether::market::{Authority, Phases, ProbeId, ProviderId, Scope, SourceId};
use bellwether::store::{Error, ReadingRow, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json, json};

use crate::world::World;

fn begin() -> Timestamp {
    "2026-01-05T00:00:00Z".parse().expect("a time")
}

/// Ten days of fetches every half hour in two regions: the i-th takes i milliseconds, every tenth is throttled.
pub fn measure(world: &World) {
    let mut store = Store::open(&world.path("data/bellwether.db")).expect("a database");
    store
        .transaction(|transaction| {
            for n in 0..960 {
                let region = ["eu-west-1", "us-east-1"][n % 2];
                let source = SourceId {
                    probe: ProbeId::new("bedrock.models"),
                    scope: Scope::new(region),
                };
                let provider = ProviderId::new("bedrock");
                let source = transaction.enter_source(
                    &source,
                    &provider,
                    Authority::ProviderApi,
                    "https://x.test",
                )?;
                let n = i64::try_from(n).expect("small");
                let took = Some(SignedDuration::from_millis(n));
                let host = format!("bedrock.{region}.test");
                transaction.keep_reading(
                    &source,
                    &ReadingRow {
                        at: begin() + SignedDuration::from_mins(n * 15),
                        outcome: if n % 10 == 9 { "throttled" } else { "same" },
                        detail: None,
                        status: None,
                        body: None,
                        bytes: 0,
                        imported: false,
                        host: Some(&host),
                        vantage: "here",
                        phases: Phases {
                            connect: took.filter(|_| n % 4 < 2),
                            first_byte: took,
                            total: took,
                            ..Phases::default()
                        },
                    },
                )?;
            }
            Ok::<_, Error>(())
        })
        .expect("kept");
}

fn latency(world: &World, more: &[&str]) -> Vec<Map<String, Json>> {
    let mut arguments = vec!["--format", "jsonl", "latency"];
    arguments.extend(more);
    let lines = world.good(&arguments);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

#[test]
fn any_span_is_told_by_any_name() {
    let world = World::new("");
    measure(&world);
    let whole = ["--since", "2026-01-05", "--until", "2026-01-15"];
    for is_rolled_up in [false, true] {
        if is_rolled_up {
            let mut store = Store::open(&world.path("data/bellwether.db")).expect("a database");
            let rolled_up = store.transaction(|transaction| transaction.roll_up());
            assert_eq!(rolled_up.expect("rolled up"), 960);
        }
        let all = latency(&world, &[&whole[..], &["--by", "provider"]].concat());
        let [all] = all.as_slice() else {
            panic!("one provider: {all:?}")
        };
        assert_eq!(
            (&all["provider"], &all["n"]),
            (&json!("bedrock"), &json!(864))
        );
        assert_eq!(all["failures"], json!({ "throttled": 96 }));
        // the figures of 0, 1 … 959 without every tenth
        for (percentile, exact) in [("50", 479.0), ("90", 863.0), ("95", 911.0), ("99", 950.0)] {
            let told = all[&format!("total_p{percentile}_ms")]
                .as_f64()
                .expect("a figure");
            assert!(
                (told - exact).abs() <= exact * 0.013,
                "p{percentile} {told}"
            );
        }
        let course = all["total_p50_over_time_ms"].as_array().expect("a course");
        let course: Vec<f64> = course.iter().filter_map(Json::as_f64).collect();
        assert!(course.len() > 20 && course.is_sorted(), "{course:?}");

        let europe = ["--by", "host,way", "--region", "eu-west-1"];
        let europe = latency(&world, &[&whole[..], &europe].concat());
        let told: Vec<_> = europe
            .iter()
            .map(|row| {
                (
                    row["host"].as_str(),
                    row["way"].as_str(),
                    row["connect_n"].as_u64(),
                )
            })
            .collect();
        let host = Some("bedrock.eu-west-1.test");
        assert_eq!(
            told,
            [
                (host, Some("fresh"), Some(240)),
                (host, Some("warm"), Some(0))
            ]
        );
        assert_eq!(
            europe[1]["connect_mean_ms"],
            Json::Null,
            "missing, not zero"
        );

        let day = ["--since", "2026-01-06", "--until", "2026-01-07"];
        let day = latency(&world, &[&day[..], &["--by", "provider"]].concat());
        assert_eq!(
            day[0]["n"].as_u64().zip(day[0]["failed"].as_u64()),
            Some((86, 10))
        );
    }
    let table = world.good(&[&["latency", "--by", "region"], &whole[..]].concat());
    assert!(
        table.contains('█') && table.contains("throttled 96"),
        "{table}"
    );
}
