//! The dashboard's pages on a small history: each answers over a real connection, says what the commands say, and holds nothing
//! that its policy forbids.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use bellwether::config::{Outside, Settings, shipped, watched};
use bellwether::outlook::news::{Asked, Entry, page};
use bellwether::store::{ChangeFilter, RenderedReport, ReportRecord, Store};
use bellwether::web::{Means, Running};

use crate::sonnet::ANTHROPIC_STATES;
use crate::told::full;
use crate::world::World;

const CONFIG: &str = r#"
[web]
listen = "127.0.0.1:0"
[[watch]]
name = "production"
models = ["claude-3-opus", "no-such-model-of-anybody"]
[slo]
availability = 0.999
"#;

/// A dashboard of a history.
struct Site {
    address: SocketAddr,
    running: Option<Running>,
    runtime: tokio::runtime::Runtime,
}

/// What it answered.
struct Answered {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Site {
    fn of(world: &World, config: &str) -> Self {
        let outside = Outside {
            variable: &|_| None,
            file: &|_| Err("no file".to_string()),
        };
        let settings = Settings::from_text("test.toml", config, &outside).expect("sound");
        let all = watched(&shipped(), &settings).expect("sound probes");
        let running = Running::start(Means {
            database: world.path("data/bellwether.db"),
            settings: Arc::new(settings),
            probes: Arc::new(all.probes),
            endpoints: Arc::new(all.endpoints),
            clock: Arc::new(|| "2026-02-03T12:00:00Z".parse().expect("a time")),
            doer: None,
        });
        let running = running.expect("a free port");
        Self {
            address: running.address(),
            running: Some(running),
            runtime: tokio::runtime::Runtime::new().expect("a runtime"),
        }
    }

    fn ask(&self, path: &str) -> Answered {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let host = self.address;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        let text = String::from_utf8(bytes).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers = lines.filter_map(|line| line.split_once(": "));
        Answered {
            status: status.and_then(|word| word.parse().ok()).expect("a status"),
            headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.to_string()))
                .collect(),
            body: body.to_string(),
        }
    }

    fn good(&self, path: &str) -> String {
        let answered = self.ask(path);
        assert_eq!(answered.status, 200, "{path}: {}", answered.body);
        answered.body
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}

/// What people read of a page: without markup, on one line.
fn words(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            c if !is_tag => text.push(c),
            _ => {}
        }
    }
    let text = text
        .replace("&#x2f;", "/")
        .replace("&#x27;", "'")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn archive(world: &World) {
    let mut store = Store::open(&world.path("data/bellwether.db")).expect("a database");
    let record = ReportRecord {
        period: "2026-W05".to_string(),
        kind: "weekly".to_string(),
        first: "2026-01-26".parse().expect("a day"),
        last: "2026-02-01".parse().expect("a day"),
        zone: "UTC".to_string(),
        made_at: "2026-02-02T07:00:00Z".parse().expect("a time"),
        subject: "One <b>date</b> moved".to_string(),
    };
    let rendered = RenderedReport {
        html: "<!doctype html><style>p{color:red}</style><p>a report</p>".to_string(),
        json: "{\"report\":true}".to_string(),
        text: "a report\n".to_string(),
    };
    let kept = store.transaction(|t| t.archive_report(&record, &rendered));
    assert!(kept.expect("kept"));
}

#[test]
fn every_page_keeps_to_its_policy() {
    let world = full();
    archive(&world);
    let site = Site::of(&world, CONFIG);
    for path in [
        "/changes",
        "/changes?q=claude&severity=notice&all=true",
        "/latency",
        "/latency?range=90d&by=provider,region",
        "/latency?since=2026-01-05&until=2026-01-07",
        "/incidents?since=2026-01-01",
        "/watches",
        "/reports",
        "/reports/2026-W05",
        "/probes",
        "/probes?state=troubled",
        "/probes/anthropic.deprecations",
        "/probes/openai.models",
    ] {
        let answered = site.ask(path);
        let body = &answered.body;
        assert_eq!(answered.status, 200, "{path}: {body}");
        assert_eq!(body.matches("<h1>").count(), 1, "{path}");
        assert!(!body.contains(" style="), "{path}");
        assert!(!body.contains("<style"), "{path}");
        assert_eq!(body.matches("<script").count(), 1, "{path}");
        let policy = &answered.headers["content-security-policy"];
        assert!(policy.contains("script-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let headings: Vec<&str> = body
            .match_indices("<h")
            .filter_map(|(at, _)| body.get(at + 2..at + 3))
            .filter(|level| level.bytes().all(|byte| byte.is_ascii_digit()))
            .collect();
        let follow = headings.windows(2).all(|pair| {
            let level = |text: &str| text.parse::<u8>().expect("a level");
            level(pair[1]) <= level(pair[0]) + 1
        });
        assert!(follow, "{path}: {headings:?}");
    }
}

#[test]
fn what_there_is_not_is_refused_with_what_there_is() {
    let world = full();
    let site = Site::of(&world, CONFIG);
    for (path, status, said) in [
        (
            "/changes?kind=nothing",
            400,
            "kind: expected one of offering_added",
        ),
        ("/changes?provider=nobody", 400, "provider: expected one of"),
        ("/changes?since=soon", 400, "since: expected a time such as"),
        ("/changes?knid=price_changed", 400, "found 'knid'"),
        ("/changes?before=x", 400, "before: expected a place"),
        ("/changes/zz", 404, "there is no change zz"),
        ("/changes/00000000", 404, "there is no change 00000000"),
        ("/latency?by=weather", 400, "by: expected some of provider"),
        ("/latency?range=3d", 400, "range: expected one of 1h"),
        (
            "/incidents?only=them",
            400,
            "only: expected one of ours, page",
        ),
        ("/reports/2020-W01", 404, "there is no report 2020-W01"),
        (
            "/probes/nobody.nothing",
            404,
            "no probe or endpoint is declared",
        ),
        ("/probes?state=odd", 400, "state: expected one of good"),
    ] {
        let answered = site.ask(path);
        let words = words(&answered.body);
        assert_eq!(answered.status, status, "{path}: {words}");
        assert!(words.contains(said), "{path}: {words}");
    }
}

#[test]
fn the_evidence_is_that_of_why() {
    let world = full();
    let site = Site::of(&world, CONFIG);
    let changes = world.changes(false);
    let moved = changes
        .iter()
        .find(|change| change["kind"] == "date_changed" && change["imported"] == true)
        .expect("a date that moved");
    let id = moved["id"].as_str().expect("an id");
    let why = world.good(&["--format", "json", "why", id]);
    let why: serde_json::Value = serde_json::from_str(&why).expect("JSON");
    let page = site.good(&format!("/changes/{id}"));
    let said = words(&page);
    for key in ["old_raw", "new_raw", "url"] {
        let text = why[0][key].as_str().expect("a text");
        assert!(said.contains(text), "{key}: {text}: {said}");
    }
    let old = why[0]["old_raw"].as_str().expect("a text");
    let new = why[0]["new_raw"].as_str().expect("a text");
    assert!(page.contains(&format!("<mark>{old}</mark>")), "{page}");
    assert!(page.contains(&format!("<mark>{new}</mark>")), "{page}");
    assert!(
        said.contains("Nobody: what is imported is history"),
        "{said}"
    );
    let list = site.good("/changes?kind=date_changed&q=HAIKU");
    assert!(
        list.contains(&format!("/changes/{id}").replace('/', "&#x2f;")),
        "{list}"
    );
}

#[test]
fn what_was_measured_here_is_no_source_s() {
    let world = full();
    let site = Site::of(&world, CONFIG);
    let listed = world.good(&[
        "--format",
        "jsonl",
        "changes",
        "--all",
        "--since",
        "2026-01-01",
    ]);
    let mut listed = listed
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("an object a line"));
    let ours = listed
        .find(|change| change.to_string().contains("openai.measured"))
        .expect("what was measured");
    let page = site.good(&format!("/changes/{}", ours["id"].as_str().expect("an id")));
    let said = words(&page);
    assert!(said.contains("measured here ( openai.measured )"), "{said}");
    assert!(page.contains("provider=openai"), "{page}");
    for wrong in [
        "No body of the source",
        "provider api",
        "as the source says",
    ] {
        assert!(!said.contains(wrong), "{wrong}: {said}");
    }
}

#[test]
fn pages_of_changes_neither_skip_nor_repeat() {
    let world = full();
    let asked = |before| Asked {
        filter: ChangeFilter {
            all: true,
            ..ChangeFilter::default()
        },
        watched_by: None,
        before,
        most: 1,
    };
    let open = || Store::open_read_only(&world.path("data/bellwether.db")).expect("a database");
    let all = page(
        &open(),
        &Asked {
            most: 1_000,
            ..asked(None)
        },
    )
    .expect("a page");
    assert_eq!(all.next, None);
    let told = |entry: &Entry| {
        let changes = entry.changes.iter();
        changes
            .map(|one| one.change.id.0.clone())
            .collect::<Vec<_>>()
    };
    let expected: Vec<Vec<String>> = all.entries.iter().map(told).collect();
    assert!(expected.len() > 1, "{expected:?}");
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let one = page(&open(), &asked(before)).expect("a page");
        found.extend(one.entries.iter().map(told));
        if found.len() == 1 {
            // news comes while somebody reads on
            let later = ANTHROPIC_STATES.replace("October 15, 2026", "November 15, 2026");
            for day in ["2026-02-04", "2026-02-05"] {
                let path = world.write(&format!("{day}.md"), &later);
                let path = path.display().to_string();
                world.good(&["import", "--probe", "anthropic.deprecations", &path]);
            }
        }
        match one.next {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    assert_eq!(found, expected);
    let now = page(
        &open(),
        &Asked {
            most: 1_000,
            ..asked(None)
        },
    )
    .expect("a page");
    assert!(now.entries.len() > expected.len());
}

#[test]
fn what_one_source_says_of_one_offering_is_one_entry() {
    let list = |prices: [&str; 2]| {
        let others = (0..60).map(|n| format!(r#"{{"id":"acme/mist-{n}","name":"Mist {n}"}}"#));
        let moved = format!(
            r#"{{"id":"openai/gpt-9","name":"GPT-9","context_length":8,"pricing":{{"prompt":"{}","completion":"{}"}}}}"#,
            prices[0], prices[1]
        );
        let all: Vec<String> = others.chain([moved]).collect();
        format!(r#"{{"data":[{}]}}"#, all.join(","))
    };
    let world = World::new("");
    let dearer = list(["0.000004", "0.00002"]);
    for (day, body) in [
        ("2026-01-29", list(["0.000002", "0.00001"])),
        ("2026-01-30", dearer.clone()),
        ("2026-01-31", dearer),
    ] {
        let path = world.write(&format!("{day}.json"), &body);
        let path = path.display().to_string();
        world.good(&["import", "--probe", "openrouter.models", &path]);
    }
    let changes = world.changes(false);
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert_ne!(changes[0]["group"], changes[1]["group"]);
    let page = Site::of(&world, CONFIG).good("/changes");
    assert_eq!(page.matches("<h3>").count(), 1, "{page}");
    for change in &changes {
        let id = change["id"].as_str().expect("an id");
        assert!(page.contains(&format!("changes&#x2f;{id}")), "{id}: {page}");
    }
    let said = words(&page);
    assert!(said.contains("and 1 other change"), "{said}");
}

#[test]
fn a_provider_of_many_models_comes_page_by_page() {
    let models = (0..2_500).map(|n| {
        format!(
            r#"{{"id":"acme-{n}/mist-{n}","name":"Mist {n}","context_length":8,"expiration_date":"2026-12-{:02}"}}"#,
            n % 28 + 1
        )
    });
    let body = format!(r#"{{"data":[{}]}}"#, models.collect::<Vec<_>>().join(","));
    let world = World::new("");
    let path = world.write("2026-01-31.json", &body).display().to_string();
    world.good(&["import", "--probe", "openrouter.models", &path]);
    let site = Site::of(&world, CONFIG);
    let first = site.good("/providers/openrouter");
    assert!(first.len() < 300_000, "{}", first.len());
    let said = words(&first);
    for said_of in ["and 2440 more", "1 to 100, what can be had", "Page 1 of 25"] {
        assert!(said.contains(said_of), "{said_of}: {said}");
    }
    let last = words(&site.good("/providers/openrouter?page=25"));
    assert!(last.contains("2401 to 2500, what can be had"), "{last}");
    assert_eq!(site.ask("/providers/openrouter?page=26").status, 400);
}

#[test]
fn what_goes_on_is_told_first_beside_what_is_stated() {
    let world = full();
    let site = Site::of(&world, CONFIG);
    let said = words(&site.good("/incidents?since=2026-01-01"));
    let table = world.good(&["--format", "jsonl", "incidents", "--since", "2026-01-01"]);
    let rows: Vec<serde_json::Value> = table
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    assert!(!rows.is_empty());
    for row in &rows {
        for key in ["host", "page_name"] {
            if let Some(text) = row[key].as_str() {
                assert!(said.contains(text), "{key}: {text}: {said}");
            }
        }
    }
    let (open, over) = (said.find("Going on now"), said.find("Over"));
    assert!(open < over, "{said}");
    // the objective and what is left of it
    assert!(said.contains("99.900 %"), "{said}");
}

#[test]
fn watches_say_what_nobody_knows() {
    let world = full();
    let watched = words(&Site::of(&world, CONFIG).good("/watches"));
    for said in [
        "production",
        "anthropic/claude-3-opus",
        "no-such-model-of-anybody: nobody knows a model of this name",
    ] {
        assert!(watched.contains(said), "{said}: {watched}");
    }
    let none = words(&Site::of(&world, "[web]\nlisten = \"127.0.0.1:0\"\n").good("/watches"));
    assert!(none.contains("No watch is configured"), "{none}");
    assert!(none.contains("[[watch]]"), "{none}");
}

#[test]
fn a_report_is_shown_as_it_was_made_and_may_do_nothing() {
    let world = full();
    archive(&world);
    let site = Site::of(&world, CONFIG);
    let shown = site.good("/reports/2026-W05");
    assert!(shown.contains("sandbox></iframe>"), "{shown}");
    assert!(words(&shown).contains("One <b>date</b> moved"), "{shown}");
    let page = site.ask("/reports/2026-W05/page");
    assert_eq!(
        page.body,
        "<!doctype html><style>p{color:red}</style><p>a report</p>"
    );
    let policy = &page.headers["content-security-policy"];
    for part in ["default-src 'none'", "frame-ancestors 'self'", "sandbox"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("script"), "{policy}");
    assert_eq!(page.headers["x-frame-options"], "SAMEORIGIN");
    assert_eq!(site.ask("/reports/2026-W05/text").body, "a report\n");
    assert_eq!(site.ask("/reports/2026-W05/json").body, "{\"report\":true}");
    assert_eq!(site.ask("/reports/2026-W05/exe").status, 404);
}

#[test]
fn an_open_page_hears_what_is_new() {
    let world = full();
    let site = Site::of(&world, CONFIG);
    let mut stream = TcpStream::connect(site.address).expect("a connection");
    let request = format!("GET /live HTTP/1.1\r\nHost: {}\r\n\r\n", site.address);
    stream.write_all(request.as_bytes()).expect("a request");
    let patience = Some(std::time::Duration::from_secs(10));
    stream.set_read_timeout(patience).expect("a time limit");
    let mut heard = String::new();
    let mut read_until = |what: &str| {
        let mut bytes = [0; 4_096];
        while !heard.contains(what) {
            let n = stream.read(&mut bytes).expect("an event");
            assert!(n > 0, "{heard}");
            heard.push_str(&String::from_utf8_lossy(&bytes[..n]));
        }
        heard.clone()
    };
    let first = read_until("\"said\":null");
    let version = first
        .split("\"version\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let version = version.expect("a version");
    let page = site.good("/changes");
    assert!(
        page.contains(&format!("data-version=\"{version}\"")),
        "{page}"
    );
    // what we measure ourselves is no import: it is told
    crate::judged::go_down(&world);
    let moved = read_until("api.openai.test");
    assert_eq!(moved.matches("event: moved").count(), 2, "{moved}");
}
