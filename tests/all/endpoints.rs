//! Endpoints measured by the program itself, against servers on loopback.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use crate::paced::{Paced, Script, Speaks};
use crate::world::World;

const CONFIG: &str = r#"
[probes]
folder = "probes"
[endpoints]
only = ["example"]
[http]
extra_ca = ["authority.pem"]
"#;

fn declared(endpoints: &[(&str, &str, &str)]) -> String {
    let one = |(name, url, more): &(&str, &str, &str)| {
        format!("[[endpoint]]\nname = '{name}'\ntitle = '{name}'\nurl = '{url}'\n{more}\n")
    };
    let all: String = endpoints.iter().map(one).collect();
    format!("provider = 'example'\nkind = 'direct'\n{all}")
}

fn lines(said: &str) -> Vec<Map<String, Json>> {
    let objects = said.lines().filter(|line| line.starts_with('{'));
    objects
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

/// Two regions over HTTP/2 with TLS, one host that is down, one that is not there, one that is kept from round to round.
async fn world() -> (World, Paced, Paced) {
    let secure = Speaks {
        tls_after: Some(Duration::ZERO),
        http2: true,
    };
    let secure = Paced::start(secure, |path| match path {
        "/down" => Script::of(503, "down"),
        _ => Script {
            head_after: Duration::from_millis(20),
            ..Script::of(401, "who are you")
        },
    })
    .await;
    let plain = Paced::start(Speaks::default(), |_| Script::of(200, "ok")).await;
    let world = World::new(CONFIG);
    world.write("authority.pem", &String::from_utf8_lossy(&secure.authority));
    let regions = "[endpoint.scopes]\nregion = ['eu', 'us']";
    let file = declared(&[
        ("regional", &secure.url("/{region}"), regions),
        ("down", &secure.url("/down"), "connection = 'fresh'"),
        ("gone", "http://127.0.0.1:9/", ""),
        ("plain", &plain.url("/"), "connection = 'warm'"),
    ]);
    world.write("probes/example.toml", &file);
    (world, secure, plain)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_measures_every_endpoint_once() {
    let (world, _secure, _plain) = world().await;
    world.configure(&CONFIG.replace(
        "[probes]",
        "[probes]\nonly = ['openai.status']\noff = ['openai.status']",
    ));
    let said = world.run(&["run", "--once"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("5 endpoints measured, 3 answer"),
        "{}",
        said.out
    );
    let by = [
        "--format",
        "jsonl",
        "latency",
        "--by",
        "probe,region,way,kind",
    ];
    let found: Vec<String> = lines(&world.good(&by))
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().expect("a text").to_string();
            // a busy machine delays answers, which are answers all the same
            let mut failures = row["failures"].as_object().expect("failures").clone();
            let delayed = failures.remove("delayed").and_then(|n| n.as_u64());
            let n = row["n"].as_u64().expect("a count") + delayed.unwrap_or(0);
            format!(
                "{} {} {} {} {n} {}",
                text("probe"),
                text("region"),
                text("way"),
                text("kind"),
                Json::Object(failures)
            )
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"), @r#"
    example.down  fresh endpoint 0 {"status":1}
    example.gone  fresh endpoint 0 {"connect":1}
    example.plain  fresh endpoint 1 {}
    example.regional eu fresh endpoint 1 {}
    example.regional eu warm endpoint 1 {}
    example.regional us fresh endpoint 1 {}
    example.regional us warm endpoint 1 {}
    "#);
    let shown = world.good(&["probe", "show", "example.regional"]);
    let reached: Vec<&str> = shown
        .lines()
        .filter(|line| line.starts_with("reached"))
        .collect();
    assert_eq!(reached.len(), 4, "two regions, fresh and warm: {shown}");
    let known = "HTTP/2, TLS 1.3, certificate good until 2031-05-17, since ";
    assert!(
        reached.iter().all(|line| line.contains(known)),
        "{reached:?}"
    );
    let samples = lines(&world.good(&["--format", "jsonl", "latency", "--samples"]));
    assert_eq!(samples.len(), 7);
    let of = |probe: &str, way: &str| {
        let is_meant = |row: &&Map<String, Json>| row["probe"] == probe && row["way"] == way;
        samples.iter().find(is_meant).expect("a sample").clone()
    };
    let (fresh, warm) = (
        of("example.regional", "fresh"),
        of("example.regional", "warm"),
    );
    assert!(fresh["tls_ms"].is_number() && warm["tls_ms"].is_null());
    assert!(warm["first_byte_ms"].as_f64().expect("a figure") >= 20.0);
    assert_eq!(of("example.gone", "fresh")["outcome"], json!("connect"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_endpoint_is_tried_with_a_waterfall() {
    let (world, secure, _plain) = world().await;
    let said = world.run(&["probe", "test", "example.regional@eu"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    for expected in [
        "fresh",
        "warm",
        "HTTP 401",
        "HTTP/2, TLS 1.3, certificate good until 2031-05-17",
        "first byte",
    ] {
        assert!(said.out.contains(expected), "{expected}: {}", said.out);
    }
    let said = world.run(&["--format", "jsonl", "probe", "test", "example.down"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    let down = lines(&said.out);
    assert_eq!(
        (&down[0]["outcome"], &down[0]["status"]),
        (&json!("status"), &json!(503))
    );
    let said = world.run(&["probe", "test", "example.regional"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(
        said.err
            .contains("expected one of 2 scopes, such as example.regional@eu"),
        "{}",
        said.err
    );
    let listed = world.good(&["probe", "list"]);
    let listed: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("example."))
        .collect();
    let words: Vec<Vec<&str>> = listed
        .iter()
        .map(|line| line.split_whitespace().take(5).collect())
        .collect();
    let regional = ["example.regional", "on", "endpoint", "every", "5m"];
    assert_eq!(
        (words.len(), words[3].as_slice()),
        (4, &regional[..]),
        "{listed:?}"
    );
    let shown = world.good(&["probe", "show", "example.plain"]);
    assert!(shown.contains("one that is kept"), "{shown}");
    assert_eq!(secure.connections(), 2, "listing and showing ask nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_keeps_its_beat_and_keeps_what_it_measured() {
    let (world, _secure, plain) = world().await;
    world.configure(&format!(
        "{}\n",
        CONFIG
            .replace(
                "only = [\"example\"]",
                "only = [\"example.plain\"]\nevery = \"1s\""
            )
            .replace(
                "[probes]",
                "[probes]\nonly = ['openai.status']\noff = ['openai.status']"
            )
    ));
    let mut daemon = world.program().arg("run").spawn().expect("a daemon");
    let kept = || {
        let said = world.run(&["--format", "jsonl", "latency", "--samples"]);
        let all = lines(&said.out);
        (all.len() >= 3).then_some(all)
    };
    let all = crate::world::until(kept);
    let stop = std::process::Command::new("kill")
        .arg(daemon.id().to_string())
        .status();
    assert!(stop.expect("a signal").success());
    assert!(daemon.wait().expect("an end").success());
    let ways: Vec<&Json> = all.iter().map(|sample| &sample["way"]).collect();
    assert_eq!(ways[0], "fresh");
    assert!(ways[1..].iter().all(|way| **way == "warm"), "{ways:?}");
    assert_eq!(plain.connections(), 1);
}
