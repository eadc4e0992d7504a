//! What the dashboard answers programs with: the API and its document, metrics, feeds, badges, health.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use bellwether::config::{Outside, Settings, watched};
use bellwether::daemon::clock;
use bellwether::outlook::landscape::{Found, Kept, Part};
use bellwether::store::Store;
use bellwether::web::{Means, Running};
use serde_json::{Map, Value as Json};

use crate::exported::tell;
use crate::measured::measure;
use crate::sonnet::landscape;
use crate::world::World;

const CONFIG: &str = "[[workload]]\nname = \"support\"\nrequests = 1_000\ninput = 6_000\noutput = 800\n\
    [[watch]]\nname = \"production\"\nmodels = [\"claude-sonnet-4.5\"]\n[web]\nlisten = \"127.0.0.1:0\"\n";

/// A dashboard on this history, and the history.
fn served() -> (World, Running) {
    let world = landscape();
    measure(&world);
    tell(
        &world,
        &[
            ("2026-02-01", "2060-12-11"),
            ("2026-02-02", "2060-10-11"),
            ("2026-02-03", "2060-10-11"),
            ("2026-02-04", "2060-09-11"),
            ("2026-02-05", "2060-09-11"),
        ],
    );
    world.configure(CONFIG);
    let outside = Outside {
        variable: &|_| None,
        file: &|_| Err("none".to_string()),
    };
    let settings = Settings::from_text("bellwether.toml", CONFIG, &outside).expect("settings");
    let all = watched(&[], &settings).expect("declared probes");
    let means = Means {
        database: world.path("data/bellwether.db"),
        settings: Arc::new(settings),
        probes: Arc::new(all.probes),
        endpoints: Arc::new(all.endpoints),
        clock: Arc::new(clock::now),
        doer: None,
    };
    let running = Running::start(means).expect("a dashboard");
    (world, running)
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Answer {
    fn json(&self) -> Json {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// Asks as a plain client does.
fn ask(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    Answer {
        status: status.expect("a status").parse().expect("a number"),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_string()))
            .collect(),
        body: body.to_string(),
    }
}

fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path, &[])
}

fn rows(answer: &Answer) -> Vec<Map<String, Json>> {
    let data = answer.json()["data"].take();
    serde_json::from_value(data).expect("rows")
}

/// Without what hangs on the moment.
fn timeless(mut rows: Vec<Map<String, Json>>) -> Vec<Map<String, Json>> {
    for row in &mut rows {
        row.remove("age_seconds");
    }
    rows
}

#[test]
fn a_list_says_what_the_command_says() {
    let (world, running) = served();
    let address = running.address();
    for (path, command) in [
        (
            "offerings?provider=bedrock",
            &["offerings", "--provider", "bedrock"][..],
        ),
        ("changes?all=true&order=oldest", &["changes", "--all"]),
        (
            "models/anthropic/claude-sonnet-4.5",
            &["compare", "claude-sonnet-4.5"],
        ),
        ("cost", &["cost"]),
        (
            "cost?all=true&input=10&output=0",
            &["cost", "--input", "10", "--output", "0", "--all"],
        ),
        (
            "latency?since=2026-01-01&until=2026-02-01&by=provider&by=region",
            &[
                "latency",
                "--since",
                "2026-01-01",
                "--until",
                "2026-02-01",
                "--by",
                "provider,region",
            ],
        ),
        ("incidents", &["incidents"]),
        ("sources", &["status", "--sources"]),
        ("probes", &["probe", "list"]),
        (
            "alerts?since=2026-01-01",
            &["alerts", "--since", "2026-01-01"],
        ),
    ] {
        let said = world.run(&[&["--format", "jsonl"], command].concat()).out;
        let expected: Vec<Map<String, Json>> = said
            .lines()
            .map(|line| serde_json::from_str(line).expect("an object a line"))
            .collect();
        let separator = if path.contains('?') { '&' } else { '?' };
        let answer = get(address, &format!("/api/v1/{path}{separator}limit=1000"));
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert_eq!(timeless(rows(&answer)), timeless(expected), "{path}");
    }
}

#[test]
fn what_is_kept_of_the_landscape_is_what_would_be_asked_anew() {
    let world = landscape();
    let store = Store::open_read_only(&world.path("data/bellwether.db")).expect("a store");
    let now = clock::now();
    let renewed = |kept: Option<&Kept>| Kept::renewed(kept, &store, now).expect("a landscape");
    let mut kept = renewed(None).expect("all is new");
    let before = Arc::clone(kept.found());
    assert!(renewed(Some(&kept)).is_none(), "nothing was said since");
    for (seen, end) in [
        ("2026-02-01", "2060-12-11"),
        ("2026-02-02", "2060-10-11"),
        ("2026-02-03", "2060-10-11"),
        ("2026-02-04", ""),
        ("2026-02-05", ""),
    ] {
        tell(&world, &[(seen, end)]);
        let anew = renewed(Some(&kept));
        kept = anew.unwrap_or(kept);
        let anew = Found::of(&store, &Part::default(), now).expect("a landscape");
        assert_eq!(kept.found().matrix, anew.matrix, "{seen}");
        assert_eq!(kept.found().spoken_of, anew.spoken_of, "{seen}");
    }
    assert_ne!(before.matrix, kept.found().matrix, "something was said");
}

#[test]
fn what_is_narrowed_is_part_of_the_whole() {
    let (_world, running) = served();
    let asked = |path: &str| rows(&get(running.address(), &format!("/api/v1/{path}")));
    for list in ["models", "status"] {
        let whole = asked(list);
        for (narrowed, is_left) in [
            ("model=anthropic/*", true),
            ("model=google/*", false),
            ("stage=ga", true),
            ("stage=announced", false),
            ("provider=bedrock", true),
            ("retiring=true", true),
        ] {
            let part = asked(&format!("{list}?{narrowed}"));
            assert_eq!(!part.is_empty(), is_left, "{list} {narrowed}");
            assert!(part.len() <= whole.len(), "{list} {narrowed}");
        }
    }
}

#[test]
fn parts_of_a_list_make_up_the_whole() {
    let (_world, running) = served();
    let address = running.address();
    for path in [
        "offerings?",
        "changes?all=true&",
        "status?",
        "sources?",
        "prices?",
    ] {
        let whole = rows(&get(address, &format!("/api/v1/{path}limit=1000")));
        assert!(whole.len() > 1, "{path}: {}", whole.len());
        let mut parts = Vec::new();
        let limit = (whole.len() / 3).max(1);
        let mut next = format!("/api/v1/{path}limit={limit}");
        loop {
            let answer = get(address, &next);
            parts.extend(rows(&answer));
            let cursor = answer.json()["next"].take();
            let link = answer.headers.get("link");
            assert_eq!(cursor.is_null(), link.is_none(), "{path}");
            let Some(link) = link else { break };
            let address = link.strip_prefix('<').and_then(|link| link.split_once('>'));
            next = address.expect("an address").0.to_string();
            assert!(next.contains(cursor.as_str().expect("a text")));
        }
        assert_eq!(timeless(parts), timeless(whole), "{path}");
    }
    let cursor = get(address, "/api/v1/status?limit=1").json()["next"].take();
    let cursor = cursor.as_str().expect("a cursor");
    let foreign = get(address, &format!("/api/v1/sources?cursor={cursor}"));
    assert_eq!(foreign.status, 400, "{}", foreign.body);
}

#[test]
fn what_cannot_be_asked_is_refused_as_a_problem() {
    let (_world, running) = served();
    let address = running.address();
    for (method, path, status, said) in [
        (
            "GET",
            "/api/v1/changes?limit=0",
            400,
            "limit: expected a whole number from 1 to 1000, found '0'",
        ),
        (
            "GET",
            "/api/v1/changes?kind=nothing",
            400,
            "kind: expected one of",
        ),
        (
            "GET",
            "/api/v1/changes?since=yesterday",
            400,
            "since: expected a time such as",
        ),
        ("GET", "/api/v1/changes?colour=red", 400, "expected"),
        (
            "GET",
            "/api/v1/changes?watch=none",
            404,
            "expected one of the watches production, found 'none'",
        ),
        (
            "GET",
            "/api/v1/changes/zzzz",
            404,
            "no change has the id 'zzzz'",
        ),
        ("GET", "/api/v1/models/no/such", 404, "expected a model"),
        ("GET", "/api/v1/nothing", 404, "there is no page"),
        ("POST", "/api/v1/changes", 405, "expected GET or HEAD"),
    ] {
        let answer = ask(address, method, path, &[]);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert_eq!(
            answer.headers["content-type"], "application/problem+json",
            "{path}"
        );
        let problem = answer.json();
        assert_eq!(problem["status"], status, "{path}");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(said), "{path}: {detail}");
        if status == 405 {
            assert_eq!(answer.headers["allow"], "GET,HEAD");
        }
    }
}

#[test]
fn an_answer_is_known_by_its_tag_and_comes_as_lines() {
    let (_world, running) = served();
    let address = running.address();
    let answer = get(address, "/api/v1/status");
    let tag = answer.headers["etag"].as_str();
    let again = ask(address, "GET", "/api/v1/status", &[("if-none-match", tag)]);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let lines = ask(
        address,
        "GET",
        "/api/v1/status",
        &[("accept", "application/x-ndjson")],
    );
    assert_eq!(lines.headers["content-type"], "application/x-ndjson");
    let of_lines: Vec<Map<String, Json>> = lines
        .body
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    assert_eq!(of_lines, rows(&answer));
    // whoever asks for JSON after it gets JSON
    assert_eq!(get(address, "/api/v1/status").body, answer.body);
}

#[test]
fn health_badges_and_links_are_what_they_say() {
    let (_world, running) = served();
    let address = running.address();
    let lives = get(address, "/healthz");
    assert_eq!((lives.status, lives.body.as_str()), (200, "ok\n"));
    // what was imported was read long ago
    let reads = get(address, "/readyz");
    assert_eq!(reads.status, 503, "{}", reads.body);
    assert_eq!(reads.json()["ready"], false);
    let badge = get(
        address,
        "/badges/anthropic/claude-sonnet-4.5.svg?provider=bedrock",
    );
    assert_eq!(
        badge.headers["content-type"],
        "image/svg+xml; charset=utf-8"
    );
    assert!(
        badge.body.contains("claude-sonnet-4.5 on bedrock: "),
        "{}",
        badge.body
    );
    let shield = get(address, "/badges/anthropic/claude-sonnet-4.5.json").json();
    assert_eq!(shield["schemaVersion"], 1);
    assert_eq!(shield["label"], "claude-sonnet-4.5");
    let feed = get(address, "/feed.json?watch=production").json();
    let all = get(address, "/feed.json").json();
    let entries = |feed: &Json| feed["items"].as_array().map_or(0, Vec::len);
    assert!(entries(&feed) <= entries(&all));
    let base = format!("http://{address}/changes/");
    for item in all["items"].as_array().expect("items") {
        assert!(
            item["url"]
                .as_str()
                .is_some_and(|url| url.starts_with(&base)),
            "{item}"
        );
    }
    let page = get(address, "/api");
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("rel=\"alternate\" href=\"/feed.xml\""));
}

/// Without a program a test says so, and fails where it must be there.
fn missing(what: &str) {
    let is_required = std::env::var("BELLWETHER_CI").is_ok_and(|value| value == "1");
    assert!(!is_required, "{what} is required in CI");
    let sentence = format!("skipped: {what} is not installed");
    writeln!(std::io::stderr(), "{sentence}").expect("stderr takes a line");
}

#[test]
fn metrics_are_told_without_warnings() {
    let (_world, running) = served();
    let address = running.address();
    // the requests before are counted
    get(address, "/api/v1/status");
    let told = get(address, "/metrics");
    assert_eq!(told.status, 200, "{}", told.body);
    assert_eq!(
        told.headers["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    for name in [
        "bellwether_probe_last_success_timestamp_seconds{",
        "bellwether_models{",
        "bellwether_offerings{",
        "bellwether_time_until_retirement_seconds{",
        "bellwether_price_usd_per_million_tokens{",
        "http_client_request_duration_seconds_bucket{",
        "bellwether_database_size_bytes ",
        "bellwether_dashboard_requests_total{part=\"api\",status=\"200\"}",
    ] {
        assert!(told.body.contains(name), "{name}: {}", told.body);
    }
    let open = ask(
        address,
        "GET",
        "/metrics",
        &[("accept", "application/openmetrics-text")],
    );
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(open.headers["content-type"], kind);
    assert!(open.body.ends_with("# EOF\n"), "{}", open.body);
    let run = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut run) = run else {
        return missing("promtool");
    };
    let mut input = run.stdin.take().expect("its input");
    input.write_all(told.body.as_bytes()).expect("it reads");
    drop(input);
    let output = run.wait_with_output().expect("it ends");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}

#[test]
fn every_answer_fits_the_document() {
    let (_world, running) = served();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/api_reader.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(format!("http://{}", running.address()))
        .output();
    let output = output
        .ok()
        .filter(|output| output.status.code() != Some(77));
    let Some(output) = output else {
        return missing(
            "python3 with openapi-spec-validator, schemathesis, feedparser and icalendar",
        );
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
