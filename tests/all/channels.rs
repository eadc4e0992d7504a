//! Channels besides mail: what each receiver's answer leads to, that nothing secret is shown, and that a channel is enough.

mod office;
mod silent_mail;

use std::io::Write as _;
use std::process::{Command, Stdio};

use bellwether::market::{
    Attribute, Change, ChangeId, ChangeKind, Severity, Subject, SubjectKind, Value,
};
use serde_json::Value as Json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::http::{Answer, Server};
use crate::world::World;
use office::{Office, minute, row};

/// The head of a request's line of this name, and its body.
fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = request.split_once("\r\n\r\n")?;
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn body(request: &str) -> &str {
    request.split_once("\r\n\r\n").expect("a whole request").1
}

/// Requests for one path.
fn asked(server: &Server, path: &str) -> Vec<String> {
    let mut asked = server.asked();
    asked.retain(|request| request.starts_with(&format!("POST {path} ")));
    asked
}

/// Takes every connection and every byte, and never answers; `is_closing`: hangs up instead.
async fn silent(is_closing: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut part = [0; 1024];
            let _ = stream.read(&mut part).await;
            if !is_closing {
                held.push(stream);
            }
        }
    });
    format!("http://127.0.0.1:{port}/hook")
}

fn webhook(name: &str, url: &str, more: &str) -> String {
    format!("[[channel]]\nname = '{name}'\nkind = 'webhook'\nurl = '{url}'\n{more}\n")
}

#[tokio::test]
async fn each_receiver_has_its_own_end_and_holds_up_no_other() {
    let web = Server::start().await;
    let answer = |status| Answer::with_status(status, "text/plain", "so \u{1b}[31mit is");
    web.tell("/good", answer(200));
    web.tell(
        "/moved",
        answer(302).header("location", &format!("{}/good", web.url())),
    );
    web.tell("/bad", answer(400));
    web.tell("/rotated", answer(401));
    web.tell("/gone", answer(410));
    web.tell("/busy", answer(429).header("retry-after", "600"));
    let dated = answer(503).header("date", "Thu, 01 Jan 2026 00:10:00 GMT");
    let dated = dated.header("retry-after", "Thu, 01 Jan 2026 00:30:00 GMT");
    web.tell("/dated", dated);
    web.tell("/greedy", answer(429).header("retry-after", "864000"));
    web.tell("/broken", answer(500));
    let names = [
        "good", "moved", "bad", "rotated", "gone", "busy", "dated", "greedy", "broken",
    ];
    let at = |name: &&str| webhook(name, &format!("{}/{name}", web.url()), "");
    let mut rules: String = names.iter().map(at).collect();
    rules += &webhook("hangs", &silent(false).await, "deadline = '1s'");
    rules += &webhook("closes", &silent(true).await, "");
    let all = [&names[..], &["hangs", "closes"]].concat();
    let office = Office::new(&rules, &all);
    let ended = office.round(10).await;
    assert_eq!((ended.delivered, ended.retried, ended.dead), (1, 9, 1));
    let told = office.told();
    // from, until: minutes from the try to the next one
    for (name, state, part, next) in [
        ("good", "delivered", "", None),
        (
            "moved",
            "waiting",
            "redirects to 127.0.0.1 (302), which is not followed: give the final address",
            Some((0.9, 1.0)),
        ),
        ("bad", "dead", "answered 400: so [31mit is", None),
        (
            "rotated",
            "waiting",
            "answered 401, so check the channel's token, key or secret address: so [31mit is",
            Some((0.9, 1.0)),
        ),
        (
            "gone",
            "waiting",
            "answered 410, so check the channel's address: so [31mit is",
            Some((0.9, 1.0)),
        ),
        ("busy", "waiting", "answered 429", Some((9.9, 10.1))),
        ("dated", "waiting", "answered 503", Some((19.9, 20.1))),
        ("greedy", "waiting", "answered 429", Some((59.9, 60.1))),
        (
            "broken",
            "waiting",
            "answered 500: so [31mit is",
            Some((0.9, 1.0)),
        ),
        ("hangs", "waiting", "timed out", Some((0.9, 1.0))),
        ("closes", "waiting", "protocol error", Some((0.9, 1.0))),
    ] {
        let told = row(&told, name);
        let detail = told.detail.clone().unwrap_or_default();
        assert_eq!(told.state.word(), state, "{name}: {detail}");
        assert!(detail.contains(part), "{name}: {detail}");
        if let Some((least, most)) = next {
            let wait = told.not_before.duration_since(minute(10)).as_secs_f64() / 60.0;
            assert!((least..=most).contains(&wait), "{name}: {wait}");
        }
    }
    assert_eq!(asked(&web, "/good").len(), 1, "a redirect is not followed");
    // what is put right gets the same bytes under the same id, once its time has come
    for name in ["rotated", "busy", "dated", "broken"] {
        web.tell(&format!("/{name}"), answer(200));
    }
    office.round(12).await;
    let counts = |names: &[&str]| -> Vec<usize> {
        let count = |name: &&str| asked(&web, &format!("/{name}")).len();
        names.iter().map(count).collect()
    };
    let waiting = ["good", "rotated", "busy", "dated", "broken", "bad"];
    assert_eq!(counts(&waiting), [1, 2, 1, 1, 2, 1]);
    office.round(31).await;
    assert_eq!(counts(&waiting), [1, 2, 2, 2, 2, 1]);
    for name in ["rotated", "busy", "dated", "broken"] {
        let tries = asked(&web, &format!("/{name}"));
        assert_eq!(body(&tries[0]), body(&tries[1]));
        let id = |request: &String| header(request, "bellwether-delivery").map(str::to_string);
        assert_eq!(id(&tries[0]), id(&tries[1]));
        assert_eq!(row(&office.told(), name).state.word(), "delivered");
    }
}

/// The signature as docs/webhook.md describes it, by another implementation; nothing where there is none.
fn hmac_of_python(secret: &str, signed: &str) -> Option<String> {
    let script = "import hmac, hashlib, sys\n\
                  print(hmac.new(sys.argv[1].encode(), sys.stdin.buffer.read(), hashlib.sha256).hexdigest())";
    let mut process = Command::new("python3")
        .args(["-c", script, secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = process.stdin.take()?;
    input.write_all(signed.as_bytes()).ok()?;
    drop(input);
    let output = process.wait_with_output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_string())
}

#[tokio::test]
async fn a_webhook_is_signed_as_another_implementation_says_and_tells_all_of_a_change() {
    let web = Server::start().await;
    web.tell("/hook", Answer::with_status(503, "text/plain", "later"));
    let secret = "sécret of the hook";
    let rules = webhook(
        "ops",
        &format!("{}/hook", web.url()),
        "secret = { file = 'hmac' }",
    );
    let office = Office::with_secrets(&rules, &["ops"], &[("hmac", secret)]);
    office.round(10).await;
    web.tell("/hook", Answer::with_status(204, "text/plain", ""));
    office.round(12).await;
    let tries = asked(&web, "/hook");
    assert_eq!(tries.len(), 2);
    let mut times = Vec::new();
    for request in &tries {
        let signature = header(request, "bellwether-signature").expect("a signature");
        let (time, hex) = signature.split_once(",v1=").expect("both parts");
        let time: i64 = time
            .strip_prefix("t=")
            .expect("the time")
            .parse()
            .expect("seconds");
        times.push(time - minute(0).as_second());
        match hmac_of_python(secret, &format!("{time}.{}", body(request))) {
            Some(expected) => assert_eq!(hex, expected),
            None => {
                let is_required = std::env::var("BELLWETHER_CI").is_ok_and(|value| value == "1");
                assert!(!is_required, "python3 is needed here");
                eprintln!("skipped: without python3 there is no other implementation of HMAC");
            }
        }
        assert!(
            request.contains("content-type: application/json\r\n"),
            "{request}"
        );
    }
    // each try is signed at its own time
    assert_eq!((times[0] / 60, times[1] / 60), (10, 12));
    let told: Json = serde_json::from_str(body(&tries[1])).expect("JSON");
    let id = header(&tries[1], "bellwether-delivery").expect("an id");
    assert_eq!(told["id"], id);
    assert_eq!(told["schema"], 1);
    assert_eq!(told["kind"], "alert");
    assert_eq!(told["severity"], "warning");
    assert_eq!(told["route"], "route");
    assert_eq!(told["watches"], serde_json::json!(["production"]));
    assert_eq!(told["thread"].as_str().map(str::len), Some(32));
    assert_eq!(
        told["subject"],
        "[bellwether] azure: gpt-4o@2024-05-13 removed"
    );
    let change = &told["changes"][0];
    for (key, expected) in [
        ("kind", "offering_removed"),
        ("provider", "azure"),
        ("model", "openai/gpt-4o"),
        ("region", "*"),
        ("source", "azure.models@eastus2"),
        ("seen_at", "2026-01-01T00:00:00Z"),
        ("url", "https://x.test"),
    ] {
        assert_eq!(change[key], expected, "{key}");
    }
    // and every key that the document describes is there
    let page = include_str!("../../docs/webhook.md");
    for (keys, of) in [(&told, "the document"), (change, "a change")] {
        for key in keys.as_object().expect("an object").keys() {
            assert!(
                page.contains(&format!("`{key}`")),
                "docs/webhook.md lacks {key} of {of}"
            );
        }
    }
}

/// An installation with these rules, which asks one list on this machine and no other.
fn installed(rules: &str, web: &Server) -> World {
    let list = r#"{"object":"list","data":[{"id":"gpt-6","created":1730000000}]}"#;
    web.tell("/v1/models", Answer::ok("application/json", list));
    let world = World::new("");
    let key = world.write("key", "sk-test");
    world.configure(&format!(
        "{rules}[probes]\nonly = ['openai.models']\n[endpoints]\nonly = ['openai.api']\n[http]\nper_host_pace_ms = 0\n\
         [http.rewrite]\n'https://api.openai.com' = '{}'\n[credentials]\nOPENAI_API_KEY = {{ file = '{}' }}\n",
        web.url(),
        key.display()
    ));
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_shown_or_kept() {
    let web = Server::start().await;
    let path = "/services/T0GEHEIMS/B0GEHEIMS/abcdefGEHEIMghij?key=queryGEHEIMvalue";
    let url = format!("{}{path}", web.url());
    let quoting = format!(
        "no hook {path} at {url}, nor abcdefGEHEIMghij, queryGEHEIMvalue or hmacGEHEIMword"
    );
    web.tell(path, Answer::with_status(403, "text/plain", quoting));
    let rules = webhook("ops", "x", "secret = { env = 'HOOK_WORD' }")
        .replace("'x'", "{ env = 'HOOK_URL' }");
    let route = "[[route]]\nname = 'all'\nto = 'ops'\n";
    let world = installed(&format!("{rules}{route}"), &web);
    let environment = [("HOOK_URL", url.as_str()), ("HOOK_WORD", "hmacGEHEIMword")];
    let run = |arguments: &[&str]| world.run_with(&environment, arguments);
    let test = run(&["alert", "test", "all"]);
    assert_eq!(test.code, 1, "{}{}", test.out, test.err);
    let first = format!("  POST {}/… (", web.url());
    for part in [
        &first,
        "ops: not sent, and would be tried again",
        "  403 after ",
    ] {
        assert!(test.out.contains(part), "{part}: {}", test.out);
    }
    // a mistake in the address, and one that is written in the file
    let bad = world.run_with(
        &[("HOOK_URL", "htp:/GEHEIM"), ("HOOK_WORD", "hmacGEHEIMword")],
        &["check"],
    );
    assert_eq!(bad.code, 2, "{}", bad.err);
    assert!(
        bad.err
            .contains("channel.ops.url: expected an http or https address"),
        "{}",
        bad.err
    );
    for said in [
        test,
        bad,
        run(&["check"]),
        run(&["doctor"]),
        run(&["run", "--once"]),
        run(&["--format", "jsonl", "alerts"]),
    ] {
        let all = format!("{}{}", said.out, said.err);
        assert!(!all.contains("GEHEIM"), "{all}");
    }
    let database = std::fs::read(world.path("data/bellwether.db")).expect("the database");
    let wal = std::fs::read(world.path("data/bellwether.db-wal")).unwrap_or_default();
    for bytes in [database, wal] {
        assert!(!bytes.windows(6).any(|part| part == b"GEHEIM"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_alone_is_enough_and_is_shown_by_its_name() {
    let web = Server::start().await;
    web.tell("/hook", Answer::with_status(200, "text/plain", "thanks"));
    let rules = webhook("ops", &format!("{}/hook", web.url()), "");
    let world = installed(&rules, &web);
    let checked = world.run(&["check"]);
    for part in [
        "mail: none; everybody is every channel",
        "channel ops: webhook at http://127.0.0.1:",
        "told by mail",
    ] {
        assert!(
            checked.out.contains(part),
            "{part}: {}{}",
            checked.out,
            checked.err
        );
    }
    let sent = world.good(&["alert", "test", "mail"]);
    assert!(
        sent.contains("ops: accepted after") && sent.contains("200 after"),
        "{sent}"
    );
    let told: Json = serde_json::from_str(body(&asked(&web, "/hook")[0])).expect("JSON");
    assert_eq!(
        (&told["kind"], &told["route"]),
        (&Json::from("test"), &Json::from("mail"))
    );
    let doctor = world.run(&["doctor"]);
    assert!(
        doctor.out.contains("ops: http://127.0.0.1:"),
        "{}",
        doctor.out
    );
    assert!(doctor.out.contains("is reached"), "{}", doctor.out);
    // the host was asked for its front page, not the hook
    assert!(
        web.asked()
            .iter()
            .any(|request| request.starts_with("GET / "))
    );
    assert_eq!(asked(&web, "/hook").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_was_rotated_is_told_by_status_and_doctor_and_loses_nothing() {
    let web = Server::start().await;
    let list = r#"{"object":"list","data":[]}"#;
    web.tell("/hook", Answer::with_status(401, "text/plain", "who"));
    web.tell("/", Answer::ok("application/json", list));
    let rules = webhook("ops", &format!("{}/hook", web.url()), "");
    let world = installed(&rules, &web);
    // the message of the first start
    world.good(&["run", "--once"]);
    let why = "answered 401, so check the channel's token, key or secret address: who";
    let status = world.run(&["status"]).out;
    let part = "messages: 1 waiting, 0 delivered, 0 refused for good\n  1 by ops, tried in vain: http://127.0.0.1:";
    assert!(status.contains(part) && status.contains(why), "{status}");
    let doctor = world.run(&["doctor"]);
    assert_eq!(doctor.code, 1);
    let part = format!(
        "is reached, but takes nothing (1 waiting): {} {why}",
        web.url()
    );
    assert!(doctor.out.contains(&part), "{}", doctor.out);
    let alerts = world.good(&["alerts", "--state", "waiting"]);
    assert!(alerts.contains("tried 1 times"), "{alerts}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_for_good_is_told_by_doctor() {
    let web = Server::start().await;
    let list = r#"{"object":"list","data":[]}"#;
    web.tell("/hook", Answer::with_status(400, "text/plain", "what"));
    web.tell("/", Answer::ok("application/json", list));
    let rules = webhook("ops", &format!("{}/hook", web.url()), "");
    let world = installed(&rules, &web);
    world.good(&["run", "--once"]);
    let doctor = world.run(&["doctor"]);
    let part = "1 of the last 7 days refused for good, the last to ops: ";
    assert!(
        doctor.out.contains(part) && doctor.out.contains("alerts --state dead"),
        "{}",
        doctor.out
    );
    assert_eq!(doctor.code, 1);
}

#[tokio::test]
async fn what_waits_for_a_channel_that_was_taken_away_is_lost_to_nobody_who_puts_it_back() {
    let web = Server::start().await;
    web.tell("/hook", Answer::with_status(500, "text/plain", "no"));
    let rules = webhook("ops", &format!("{}/hook", web.url()), "");
    let mut office = Office::new(&rules, &["ops", "someone@example.test"]);
    office.round(10).await;
    assert_eq!(row(&office.told(), "ops").state.word(), "waiting");
    // no [mail] was there either: that waits, since it may be put right
    assert_eq!(
        row(&office.told(), "someone@example.test").state.word(),
        "waiting"
    );
    office.configure("", &[]);
    office.round(20).await;
    let told = office.told();
    let ops = row(&told, "ops");
    assert_eq!(ops.state.word(), "waiting");
    assert_eq!(
        ops.detail.as_deref(),
        Some("no [[channel]] has this name: what is for it waits until one is named so again")
    );
    let mail = row(&told, "someone@example.test");
    assert_eq!(mail.state.word(), "waiting");
    assert!(
        mail.detail
            .as_deref()
            .is_some_and(|detail| detail.contains("no [mail]"))
    );
    web.tell("/hook", Answer::with_status(200, "text/plain", "yes"));
    office.configure(&rules, &[]);
    office.round(40).await;
    assert_eq!(row(&office.told(), "ops").state.word(), "delivered");
}

#[tokio::test]
async fn what_follows_in_a_thread_waits_for_what_went_before() {
    let web = Server::start().await;
    web.tell("/hook", Answer::with_status(500, "text/plain", "no"));
    let rules = webhook("ops", &format!("{}/hook", web.url()), "");
    let office = Office::new(&rules, &["ops"]);
    office.round(10).await;
    // it comes while the first one is put off, and is due before the first one is again
    office.comes_back(&["ops"]);
    web.tell("/hook", Answer::with_status(200, "text/plain", "yes"));
    office.round(30).await;
    let kinds: Vec<String> = asked(&web, "/hook")
        .iter()
        .map(|request| {
            let told: Json = serde_json::from_str(body(request)).expect("JSON");
            format!(
                "{} {}",
                told["kind"].as_str().expect("a kind"),
                told["changes"][0]["kind"]
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "alert \"offering_removed\"",
            "alert \"offering_removed\"",
            "update \"offering_returned\"",
        ]
    );
}

/// Each kind of channel as a user sets it up, on this machine.
fn one_of_each(web: &Server) -> String {
    let mut rules = String::new();
    for (kind, more) in [
        ("slack", "url = { env = 'SLACK' }".to_string()),
        ("teams", "url = { env = 'TEAMS' }".to_string()),
        (
            "ntfy",
            format!(
                "url = '{}/ntfy'\ntopic = {{ env = 'TOPIC' }}\ntoken = {{ env = 'TOKEN' }}",
                web.url()
            ),
        ),
        (
            "pagerduty",
            format!(
                "url = '{}/v2/enqueue'\nrouting_key = {{ env = 'KEY' }}",
                web.url()
            ),
        ),
    ] {
        rules += &format!("[[channel]]\nname = '{kind}'\nkind = '{kind}'\n{more}\n");
    }
    rules
}

/// The secrets of [`one_of_each`].
fn secrets(web: &Server) -> Vec<(&'static str, String)> {
    vec![
        (
            "SLACK",
            format!("{}/services/T0GEHEIM/B0GEHEIM/slackGEHEIM", web.url()),
        ),
        (
            "TEAMS",
            format!("{}/workflows/teamsGEHEIM?sig=sigGEHEIM0", web.url()),
        ),
        ("TOPIC", "topicGEHEIM".to_string()),
        ("TOKEN", "tk_GEHEIM".to_string()),
        ("KEY", "keyGEHEIM".to_string()),
    ]
}

const PATHS: [(&str, &str); 4] = [
    ("slack", "/services/T0GEHEIM/B0GEHEIM/slackGEHEIM"),
    ("teams", "/workflows/teamsGEHEIM?sig=sigGEHEIM0"),
    ("ntfy", "/ntfy"),
    ("pagerduty", "/v2/enqueue"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_is_told_in_its_own_words_and_shows_none_of_its_secrets() {
    let web = Server::start().await;
    let secrets = secrets(&web);
    for (kind, path) in PATHS {
        // who refuses a request may quote all of it
        let own = match kind {
            "slack" => &secrets[0..1],
            "teams" => &secrets[1..2],
            "ntfy" => &secrets[2..4],
            _ => &secrets[4..],
        };
        let quoting = format!("no {path}: {own:?}");
        let answer = Answer::with_status(403, "text/plain", quoting);
        web.tell(path, answer);
        assert_eq!(asked(&web, path).len(), 0, "{kind}");
    }
    let route = "[[route]]\nname = 'all'\nto = ['slack', 'teams', 'ntfy', 'pagerduty']\n";
    let world = installed(&format!("{}{route}", one_of_each(&web)), &web);
    let environment: Vec<(&str, &str)> = secrets
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    // whatever the libraries have to log is no secret either
    let environment = [&environment[..], &[("BELLWETHER_LOG", "trace")]].concat();
    let run = |arguments: &[&str]| world.run_with(&environment, arguments);
    let refused = run(&["alert", "test", "all"]);
    assert_eq!(refused.code, 1, "{}{}", refused.out, refused.err);
    for (_, path) in PATHS {
        web.tell(path, Answer::with_status(202, "text/plain", "ok"));
    }
    let taken = run(&["alert", "test", "all"]);
    assert_eq!(taken.code, 0, "{}{}", taken.out, taken.err);
    let told = |path: &str| -> Vec<Json> {
        let asked = asked(&web, path);
        asked
            .iter()
            .map(|request| serde_json::from_str(body(request)).expect("JSON"))
            .collect()
    };
    for (kind, path) in PATHS {
        assert!(
            taken.out.contains(&format!("{kind}: accepted after")),
            "{}",
            taken.out
        );
        let first = &told(path)[0];
        match kind {
            "slack" => assert_eq!(
                first["blocks"][0]["text"]["text"],
                "INFO  the route all works"
            ),
            "teams" => assert_eq!(first["attachments"][0]["content"]["type"], "AdaptiveCard"),
            "ntfy" => assert_eq!(
                (&first["topic"], &first["priority"]),
                (&Json::from("topicGEHEIM"), &Json::from(2))
            ),
            _ => assert_eq!(
                (&first["routing_key"], &first["event_action"]),
                (&Json::from("keyGEHEIM"), &Json::from("trigger"))
            ),
        }
    }
    assert!(asked(&web, "/ntfy")[0].contains("authorization: Bearer tk_GEHEIM\r\n"));
    // nobody is left with an incident that is none
    let events = told("/v2/enqueue");
    let last = events.last().expect("an event");
    assert_eq!(last["event_action"], "resolve");
    assert_eq!(last["dedup_key"], events[events.len() - 2]["dedup_key"]);
    let checked = run(&["check"]);
    for (kind, _) in PATHS {
        let part = format!("channel {kind}: {kind} at http://127.0.0.1:");
        assert!(
            checked.out.contains(&part),
            "{part}: {}{}",
            checked.out,
            checked.err
        );
    }
    for said in [
        refused,
        taken,
        checked,
        run(&["doctor"]),
        run(&["run", "--once"]),
    ] {
        let all = format!("{}{}", said.out, said.err);
        assert!(!all.contains("GEHEIM"), "{all}");
    }
    let database = std::fs::read(world.path("data/bellwether.db")).expect("the database");
    assert!(!database.windows(6).any(|part| part == b"GEHEIM"));
}

#[tokio::test]
async fn what_is_over_resolves_what_was_triggered_and_a_digest_pages_nobody() {
    let web = Server::start().await;
    web.tell(
        "/v2/enqueue",
        Answer::with_status(202, "application/json", "{}"),
    );
    let rules = format!(
        "[[channel]]\nname = 'pager'\nkind = 'pagerduty'\nurl = '{}/v2/enqueue'\nrouting_key = {{ file = 'key' }}\n",
        web.url()
    );
    let incident = |kind, id: &str, at| Change {
        id: ChangeId(id.to_string()),
        severity: Severity::Warning,
        cause: "an incident".to_string(),
        subject: Subject::of_kind(SubjectKind::Incident, "azure", "INC-1"),
        key: Subject::of_kind(SubjectKind::Incident, "azure", "INC-1").key(),
        kind,
        seen_at: minute(at),
        confirmed_at: minute(at),
        ..office::change()
    };
    let secrets = [("key", "R0")];
    let opened = incident(ChangeKind::IncidentOpened, "1", 0);
    let office = Office::telling(&rules, &["pager"], &secrets, opened);
    office.round(10).await;
    office.tell(incident(ChangeKind::IncidentResolved, "2", 20), &["pager"]);
    office.round(30).await;
    let events: Vec<Json> = asked(&web, "/v2/enqueue")
        .iter()
        .map(|request| serde_json::from_str(body(request)).expect("JSON"))
        .collect();
    let actions: Vec<&str> = events
        .iter()
        .filter_map(|event| event["event_action"].as_str())
        .collect();
    assert_eq!(actions, ["trigger", "resolve"]);
    assert_eq!(events[0]["dedup_key"], events[1]["dedup_key"]);
    let world = World::new(
        "[[channel]]\nname = 'pager'\nkind = 'pagerduty'\nrouting_key = { env = 'KEY' }\n\
         [[route]]\nname = 'rest'\ndigest = '0 8 * * *'\nto = 'pager'\n",
    );
    let said = world.run_with(&[("KEY", "R0")], &["check"]);
    let part = "route.rest.to: expected who takes a digest, found 'pager', which takes only alerts";
    assert!(said.err.contains(part), "{}", said.err);
}

/// What is told of two matters of one thread, one after the other over.
#[tokio::test]
async fn what_goes_on_is_resolved_once_all_of_it_is_over() {
    let web = Server::start().await;
    let taken = Answer::with_status(202, "application/json", "{}");
    web.tell("/v2/enqueue", taken);
    let rules = format!(
        "[[channel]]\nname = 'pager'\nkind = 'pagerduty'\nurl = '{}/v2/enqueue'\nrouting_key = {{ file = 'key' }}\n",
        web.url()
    );
    let measured = |kind, host: &str, at| {
        let subject = Subject::of_kind(SubjectKind::Incident, "azure", host);
        let mut change = Change {
            id: ChangeId(format!("{host} {at}")),
            severity: Severity::Warning,
            cause: "measured azure health".to_string(),
            key: subject.key(),
            kind,
            subject,
            seen_at: minute(at),
            confirmed_at: minute(at),
            ..office::change()
        };
        change.source.probe = "azure.measured".into();
        change
    };
    let to = ["pager"];
    let opened = measured(ChangeKind::IncidentOpened, "one.azure.test", 0);
    let office = Office::telling(&rules, &to, &[("key", "R0")], opened);
    office.tell(
        measured(ChangeKind::IncidentOpened, "two.azure.test", 1),
        &to,
    );
    office.round(10).await;
    office.tell(
        measured(ChangeKind::IncidentResolved, "one.azure.test", 20),
        &to,
    );
    office.round(60).await;
    office.tell(
        measured(ChangeKind::IncidentResolved, "two.azure.test", 70),
        &to,
    );
    office.round(80).await;
    // a component has a status, and is over when it works again
    let component = |was: &str, is: &str, at| Change {
        attribute: Some(Attribute::Status),
        old: Some(Value::Text(was.into())),
        new: Some(Value::Text(is.into())),
        subject: Subject::of_kind(SubjectKind::Component, "azure", "c1"),
        key: Subject::of_kind(SubjectKind::Component, "azure", "c1").key(),
        cause: "a component".to_string(),
        ..measured(ChangeKind::IncidentUpdated, "c1", at)
    };
    office.tell(component("operational", "major_outage", 100), &to);
    office.round(110).await;
    office.tell(component("major_outage", "operational", 120), &to);
    office.round(130).await;
    let events: Vec<Json> = asked(&web, "/v2/enqueue")
        .iter()
        .map(|request| serde_json::from_str(body(request)).expect("JSON"))
        .collect();
    let actions: Vec<&str> = events
        .iter()
        .filter_map(|event| event["event_action"].as_str())
        .collect();
    assert_eq!(
        actions,
        ["trigger", "trigger", "resolve", "trigger", "resolve"]
    );
    assert!(
        events[..3]
            .iter()
            .all(|event| event["dedup_key"] == events[0]["dedup_key"])
    );
    assert_eq!(events[3]["dedup_key"], events[4]["dedup_key"]);
}

/// A route that names a pager has no digest, but one of what is more than the route carries.
#[tokio::test]
async fn a_digest_is_told_with_what_it_counts() {
    let web = Server::start().await;
    let rules = format!(
        "{}[[channel]]\nname = 'pager'\nkind = 'pagerduty'\nurl = '{}/page'\nrouting_key = {{ file = 'key' }}\n",
        webhook("ops", &format!("{}/hook", web.url()), ""),
        web.url()
    );
    let to = ["ops", "pager"];
    let office = Office::telling(&rules, &[], &[("key", "R0")], office::change());
    for path in ["/hook", "/page"] {
        web.tell(path, Answer::with_status(202, "text/plain", "ok"));
    }
    for n in 0..3 {
        let change = Change {
            id: ChangeId(format!("id {n}")),
            cause: format!("cause {n}"),
            subject: Subject::offering("azure", &*format!("model-{n}")),
            ..office::change()
        };
        office.tell_in(change, &to, Some(minute(40)));
    }
    let ended = office.round(41).await;
    assert_eq!((ended.delivered, ended.dead), (2, 0));
    let told = |path| -> Json { serde_json::from_str(body(&asked(&web, path)[0])).expect("JSON") };
    let hook = told("/hook");
    assert_eq!(
        (&hook["kind"], &hook["thread"]),
        (&Json::from("digest"), &Json::Null)
    );
    assert_eq!(hook["changes"].as_array().map(Vec::len), Some(3));
    let page = told("/page");
    assert_eq!(page["event_action"], "trigger");
    let summary = page["payload"]["summary"].as_str().expect("a summary");
    assert!(summary.starts_with("digest: 3 changes"), "{summary}");
}

#[test]
fn a_secret_is_sent_to_nobody_in_the_clear() {
    let world = World::new(
        "[[channel]]\nname = 'a'\nkind = 'slack'\nurl = 'https://hooks.slack.com/services/GEHEIM'\n\
         [[channel]]\nname = 'b'\nkind = 'teams'\nurl = { env = 'PLAIN' }\n\
         [[channel]]\nname = 'c'\nkind = 'ntfy'\nurl = 'http://ntfy.test'\ntopic = 'ops'\ntoken = { env = 'PLAIN' }\npriority = 9\n\
         [[channel]]\nname = 'd'\nkind = 'pagerduty'\nrouting_key = 'GEHEIM'\n\
         [[channel]]\nname = 'e'\nkind = 'ntfy'\nurl = 'http://ntfy.test'\ntopic = 'ops'\n",
    );
    let said = world.run_with(&[("PLAIN", "http://teams.test/GEHEIM")], &["check"]);
    for part in [
        ":4: channel.a.url: expected { env = \"NAME\" } or { file = \"PATH\" } that hold the address, which is a secret",
        ":8: channel.b.url: expected an https address, since a secret is sent there",
        "channel.c.url: expected an https address, since a secret is sent there",
        "channel.c.priority: expected",
        "channel.d.routing_key: expected { env = \"NAME\" }",
    ] {
        assert!(said.err.contains(part), "{part} is not in:\n{}", said.err);
    }
    assert!(!said.err.contains("channel.e"), "{}", said.err);
    assert!(!said.err.contains("GEHEIM"), "{}", said.err);
}

#[test]
fn mistakes_in_channels_are_told() {
    let world = World::new(
        "[[channel]]\nname = 'ops'\nkind = 'webhook'\nurl = 'https://x.test/GEHEIM'\nsecret = 'GEHEIM'\n\
         [[channel]]\nname = 'ops'\nkind = 'webhook'\nurl = 'ftp://x.test/GEHEIM'\n\
         [[channel]]\nname = 'a@b'\nkind = 'webhook'\nurl = 'https://x.test'\ndeadline = '1h'\n\
         [[channel]]\nname = 'sms'\nkind = 'sms'\nurl = 'https://x.test'\n\
         [[route]]\nname = 'one'\nto = ['opps', 'a@b.test']\n",
    );
    let said = world.run(&["check"]);
    assert_eq!(said.code, 2);
    for part in [
        ":5: channel.ops.secret: expected { env = \"NAME\" } or { file = \"PATH\" }: a secret is never written here",
        ":9: channel.ops.url: expected an http or https address",
        "channel.a@b.name: expected at most 60 characters without '@'",
        "channel.a@b.deadline: expected a duration",
        "channel.sms.kind: expected ",
        "route.one.to: expected an address of mail, or the name of a [[channel]] (ops, a@b), found 'opps': nearest is ops",
        "route.one.to: expected [mail], which says how it leaves, beside an address of mail, found 'a@b.test' and no [mail]",
    ] {
        assert!(said.err.contains(part), "{part} is not in:\n{}", said.err);
    }
    assert!(!said.err.contains("GEHEIM"), "{}", said.err);
    assert!(!said.err.contains("sms.url"), "{}", said.err);
    let twice = webhook("ops", "https://x.test", "").repeat(2);
    let said = World::new(&twice).run(&["check"]);
    assert!(
        said.err
            .contains("channel.ops.name: expected a name of its own, found 'ops' again"),
        "{}",
        said.err
    );
}
