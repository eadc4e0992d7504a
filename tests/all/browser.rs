//! A real browser drives every page of the real program, on a store whose names are as hostile as a stranger could make them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};

use crate::http::{Answer, Server};
use crate::world::{World, until};

/// What strangers call their things.
const NAMES: [&str; 8] = [
    "<script>canary=1</script>",
    "\"><img src=x onerror=canary=1><b canary=1>",
    "' onmouseover='canary=1' canary='1",
    "javascript:canary=1",
    "</title></table></main><iframe src=javascript:canary=1></iframe>",
    "{{ 7 * 7 }}{% raw %}&lt;script&gt;canary=1&lt;/script&gt;",
    "turned\u{202e}gnp.exe\u{2066}\u{200b}\u{200d}\u{feff}",
    "https://evil.example.test/?a=1&amp;b=\"onclick=canary=1",
];

const PROBES: &str = r#"
provider = "acme"
kind = "direct"

[stages]
preview = "preview"
ga = "ga"
retired = "retired"

[[probe]]
name = "models"
title = "A list <script>canary=1</script>"
authority = "provider-api"
lists = true
complete = true
every = "1s"
reader = "json"
[probe.request]
url = "https://api.acme.test/models"
accept = "json"
[probe.json]
items = "data[]"
native_id = "id"
region = "region"
[[probe.json.attribute]]
attribute = "name"
path = "name"
[[probe.json.attribute]]
attribute = "stage"
path = "stage"
[[probe.json.attribute]]
attribute = "price.input"
path = "input"
times = "1000000"
[[probe.json.attribute]]
attribute = "price.output"
path = "output"
times = "1000000"
[[probe.json.attribute]]
attribute = "limit.context"
path = "context"
[[probe.json.attribute]]
attribute = "date.retires"
path = "retires"
[[probe.json.attribute]]
attribute = "replacement"
path = "replacement"

[[probe]]
name = "news"
title = "What Acme writes"
authority = "provider-page"
lists = false
complete = false
every = "1s"
reader = "feed"
min_items = 0
[probe.request]
url = "https://api.acme.test/news"
accept = "xml"
[probe.feed]
key = "guid"

[[probe]]
name = "status"
title = "Acme's status page"
authority = "provider-page"
lists = false
complete = true
every = "1s"
reader = "statuspage"
min_items = 1
[probe.request]
url = "https://api.acme.test/summary.json"
accept = "json"
[probe.statuspage]
"#;

/// The list as it is in one round: prices, stages and days move, and with each round comes one more.
fn models(round: usize) -> Answer {
    let long = "x".repeat(3_000);
    let sound = ["gpt-4o", "claude-sonnet-4-5", "mistral-large-2411"];
    let names = NAMES.iter().copied().chain(sound).chain([long.as_str()]);
    let rows = names.enumerate().flat_map(|(n, name)| {
        let regions = ["eu-central-1", NAMES[n % NAMES.len()]];
        regions.into_iter().map(move |region| {
            let cents = (n + 1) * (round + 1);
            json!({
                "id": name, "region": region, "name": format!("Model {name}"),
                "stage": if round == 0 { "preview" } else { "ga" },
                "input": format!("0.0000{cents:02}"), "output": format!("0.000{cents:02}"), "context": 8_000 * (n + 1),
                "retires": (n % 2 == 0).then(|| format!("2027-0{}-01", round + 1)),
                "replacement": (n % 3 == 0).then_some(NAMES[(n + 1) % NAMES.len()]),
            })
        })
    });
    let added = (0..round).map(|n| json!({ "id": format!("added-{n}<u canary=1>"), "region": "eu-central-1", "stage": "ga" }));
    let rows: Vec<Json> = rows.chain(added).collect();
    Answer::ok("application/json", json!({ "data": rows }).to_string())
}

fn news(round: usize) -> Answer {
    let escaped = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        text.replace('>', "&gt;").replace('"', "&quot;")
    };
    let items = NAMES.iter().take(round * 4).enumerate().map(|(n, name)| {
        let name = escaped(name);
        format!(
            "<item><title>{name}</title><guid>g{n}</guid><link>{name}</link><description>{name}</description>\
             <pubDate>Mon, 0{} Jun 2026 10:00:00 GMT</pubDate></item>",
            n + 1
        )
    });
    let items: String = items.collect();
    let feed = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>n</title>{items}</channel></rss>"
    );
    Answer::ok("application/rss+xml", feed)
}

fn status(round: usize) -> Answer {
    let incidents = NAMES.iter().enumerate().take(round * 4).map(|(n, name)| {
        json!({ "id": format!("i{n}"), "name": name, "status": if n == 0 && round > 1 { "resolved" } else { "investigating" }, "impact": "major",
            "started_at": "2026-06-01T10:06:00Z", "shortlink": name,
            "components": [{ "id": "c1", "name": name }],
            "incident_updates": [{ "id": "u", "status": "investigating", "body": name, "created_at": "2026-06-01T10:07:00Z" }] })
    });
    let incidents: Vec<Json> = incidents.collect();
    let page = json!({ "page": { "id": "p" }, "incidents": incidents, "scheduled_maintenances": [],
        "components": [{ "id": "c1", "name": NAMES[0], "status": "operational" }] });
    Answer::ok("application/json", page.to_string())
}

fn tell(web: &Server, round: usize) {
    web.tell("/models", models(round));
    web.tell("/news", news(round));
    web.tell("/summary.json", status(round));
}

/// A program under way, ended with the test.
struct Running {
    child: Child,
    url: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts the daemon and waits for its dashboard.
    fn start(world: &World) -> Self {
        let mut child = world
            .program()
            .arg("run")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut log = BufReader::new(child.stderr.take().expect("a log")).lines();
        let url = log.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, url) = line.split_once("the dashboard: ")?;
            Some(url.split_whitespace().next()?.to_string())
        });
        // the log is read on, or the program would wait for somebody to take it
        std::thread::spawn(move || log.for_each(drop));
        let url = url.expect("a dashboard");
        Self { child, url }
    }
}

/// What the tests in the browser need, or the sentence that says why they are skipped.
fn driver() -> Option<Command> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let has = |program: &str| {
        let asked = Command::new(program).arg("--version").output();
        asked.is_ok_and(|output| output.status.success())
    };
    let missing = [
        (!has("node")).then_some("node"),
        (!has("chromium")).then_some("chromium"),
        (!folder.join("node_modules/playwright-core").exists())
            .then_some("the packages of tests/browser (npm ci)"),
    ];
    let missing: Vec<&str> = missing.into_iter().flatten().collect();
    if missing.is_empty() {
        let mut command = Command::new("node");
        command.arg(folder.join("drive.mjs")).current_dir(folder);
        return Some(command);
    }
    let is_required = std::env::var("BELLWETHER_CI").is_ok_and(|value| value == "1");
    assert!(!is_required, "{} required in CI", missing.join(", "));
    let sentence = format!(
        "skipped: no browser drives the dashboard without {}",
        missing.join(", ")
    );
    writeln!(std::io::stderr(), "{sentence}").expect("stderr takes a line");
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_sound_in_a_browser_whatever_strangers_call_their_things() {
    let Some(mut command) = driver() else {
        return;
    };
    let web = Server::start().await;
    let world = World::new("");
    world.write("own/acme.toml", PROBES);
    world.configure(&format!(
        "[probes]\nfolder = 'own'\nonly = ['acme.models', 'acme.news', 'acme.status']\n[endpoints]\non = false\n\
         [detect]\nmax_churn = 1.0\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n'https://api.acme.test' = '{}'\n\
         [[watch]]\nname = '<b canary=1>'\nmodels = ['gpt-4o', '<script>canary=1</script>']\n\
         [[workload]]\nname = '\"><img src=x onerror=canary=1>'\nrequests = 1000\ninput = 500\noutput = 100\n\
         [web]\nlisten = '127.0.0.1:0'\nactions = ['silence', 'ack']\n",
        web.url()
    ));
    for round in 0..2 {
        tell(&web, round);
        let kept = |world: &World| world.changes(true).len();
        let before = if round == 0 { 0 } else { kept(&world) };
        until(|| {
            world.run(&["run", "--once"]);
            let has_read = world
                .good(&["offerings", "--provider", "acme"])
                .contains("gpt-4o");
            (has_read && (round == 0 || kept(&world) >= before + 20)).then_some(())
        });
    }
    let running = Running::start(&world);
    let mut driver = command
        .arg(&running.url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node");
    let mut answers = driver.stdin.take().expect("its input");
    let said = BufReader::new(driver.stdout.take().expect("its output"));
    let mut findings = Vec::new();
    let mut ended = None;
    for line in said.lines().map_while(Result::ok) {
        let said: Json = serde_json::from_str(&line).expect("a line of JSON");
        if said.get("ask").is_some() {
            tell(&web, 2);
            writeln!(answers, "moved").expect("its input");
        } else if said.get("finding").is_some() {
            findings.push(said.to_string());
        } else if said.get("done").is_some() {
            ended = said["pages"].as_u64();
        }
    }
    let status = driver.wait().expect("an end");
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    assert!(
        status.success() && ended.is_some_and(|pages| pages > 1),
        "{status}: {ended:?} pages"
    );
}
