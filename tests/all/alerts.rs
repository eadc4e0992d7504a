//! What touches a watch is told at once, the rest in the morning; and what the rules make of a history can be seen before.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bellwether::config::{Outside, Settings, watch_list};
use bellwether::daemon::{Plan, run_once};
use jiff::Timestamp;
use mail_parser::MessageParser;
use serde_json::json;

use crate::http::{Answer, Server};
use crate::sonnet::objects;
use crate::world::World;

const RULES: &str = "timezone = 'Europe/Berlin'\n[[watch]]\nname = 'support'\nmodels = 'gpt-7'\n";

/// A daemon on a clock of the test's own, which asks one list and writes its mail into a folder.
struct Watcher {
    world: World,
    web: Server,
    now: Arc<Mutex<Timestamp>>,
}

impl Watcher {
    async fn new(rules: &str) -> Self {
        // several tests may come here first
        let _ = rustls::crypto::ring::default_provider().install_default();
        let web = Server::start().await;
        let world = World::new("");
        world.configure(&format!(
            "{rules}[probes]\nonly = 'openai.models'\n[report]\non = false\n[http]\nper_host_pace_ms = 0\n\
             [http.rewrite]\n'https://api.openai.com' = '{}'\n[credentials]\nOPENAI_API_KEY = {{ file = '{}' }}\n\
             [mail]\nfrom = 'bell@watch.test'\nto = ['ops@example.test']\ndirectory = '{}'\n",
            web.url(),
            world.write("key", "sk-test").display(),
            world.path("mail").display(),
        ));
        Self {
            world,
            web,
            now: Arc::new(Mutex::new(Timestamp::UNIX_EPOCH)),
        }
    }

    fn database(&self) -> PathBuf {
        self.world.path("data/bellwether.db")
    }

    /// A round in which the list says this.
    async fn hears(&self, now: &str, body: serde_json::Value) {
        let answer = Answer::ok("application/json", body.to_string());
        self.web.tell("/v1/models", answer);
        self.round(now).await;
    }

    async fn round(&self, now: &str) {
        *self.now.lock().expect("the time") = now.parse().expect("a time");
        let text = std::fs::read_to_string(self.world.path("bellwether.toml")).expect("rules");
        let outside = Outside {
            variable: &|_| None,
            file: &|_| Ok(b"sk-test".to_vec()),
        };
        let settings = Settings::from_text("test.toml", &text, &outside).expect("sound rules");
        let probes = watch_list(&[], &settings).expect("the shipped probes");
        let clock = Arc::clone(&self.now);
        std::fs::create_dir_all(self.world.path("data")).expect("a folder");
        let plan = Plan {
            settings,
            endpoints: Vec::new(),
            probes,
            inference: Vec::new(),
            database: self.database(),
            clock: Arc::new(move || *clock.lock().expect("the time")),
        };
        run_once(plan, |_, _| {}).await.expect("a round");
    }

    /// The mail so far: subject and text.
    fn mail(&self) -> Vec<(String, String)> {
        let folder = std::fs::read_dir(self.world.path("mail")).expect("a folder");
        let mut mail: Vec<(i64, String, String)> = folder
            .map(|file| {
                let bytes = std::fs::read(file.expect("a file").path()).expect("bytes");
                let message = MessageParser::default().parse(&bytes).expect("mail");
                let date = message.date().expect("a date").to_timestamp();
                let text = message.body_text(0).expect("a text").into_owned();
                (
                    date,
                    message.subject().expect("a subject").to_string(),
                    text,
                )
            })
            .collect();
        mail.sort();
        mail.into_iter()
            .map(|(_, subject, text)| (subject, text))
            .collect()
    }

    fn subjects(&self) -> Vec<String> {
        let mail = self.mail().into_iter().map(|(subject, _)| subject);
        mail.filter(|subject| !subject.contains("now watching"))
            .collect()
    }
}

fn list(gpt_7_ends: Option<&str>, more: &[&str]) -> serde_json::Value {
    let mut models = vec![
        json!({ "id": "gpt-6", "created": 1_730_000_000 }),
        json!({ "id": "gpt-7-2025-03-01", "created": 1_740_787_200, "shutdown_date": gpt_7_ends }),
    ];
    models.extend(
        more.iter()
            .map(|id| json!({ "id": id, "created": 1_767_225_600 })),
    );
    json!({ "object": "list", "data": models })
}

#[tokio::test]
async fn what_touches_a_watch_is_told_at_once_and_the_rest_in_the_morning() {
    let watcher = Watcher::new(RULES).await;
    watcher.hears("2026-11-23T10:00:00Z", list(None, &[])).await;
    let news = list(Some("2027-06-01"), &["gpt-9-sol", "gpt-9-luna"]);
    watcher.hears("2026-11-23T11:00:00Z", news.clone()).await;
    let at_once = "[bellwether] openai: gpt-7-2025-03-01 retires 2027-06-01";
    assert_eq!(watcher.subjects(), [at_once]);
    assert!(
        watcher
            .mail()
            .iter()
            .any(|(_, text)| text.contains("Touches       support"))
    );
    // before seven in the morning in Berlin, and after
    watcher.hears("2026-11-24T05:50:00Z", news.clone()).await;
    assert_eq!(watcher.subjects().len(), 1);
    watcher.hears("2026-11-24T06:10:00Z", news.clone()).await;
    watcher.hears("2026-11-24T07:10:00Z", news).await;
    let digest = "[bellwether] digest: 2 changes, first of all openai: gpt-9-luna added";
    let subjects = watcher.subjects();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(
        subjects[1].starts_with(digest) || subjects[1].contains("gpt-9-sol"),
        "{subjects:?}"
    );
    let (_, text) = watcher.mail().pop().expect("mail");
    insta::with_settings!({ filters => vec![(r"[0-9a-f]{16}", "[id]")] }, {
        insta::assert_snapshot!(text, @"
        NOTICE  digest: 2 changes, first of all openai: gpt-9-luna added

        NOTICE  openai: gpt-9-luna added
          [id]  seen 2026-11-23 12:00 CET by openai.models

        NOTICE  openai: gpt-9-sol added
          [id]  seen 2026-11-23 12:00 CET by openai.models

        Route         digest
        ");
    });
    let told =
        objects(
            &watcher
                .world
                .good(&["--format", "jsonl", "alerts", "--since", "2026-01-01"]),
        );
    let line = |row: &serde_json::Value| {
        let text = |key: &str| row[key].as_str().unwrap_or("-").to_string();
        format!(
            "{} {} {} {} {} {}",
            text("kind"),
            text("route"),
            text("severity"),
            text("state"),
            row["changes"],
            row["watches"]
        )
    };
    let told: Vec<String> = told
        .iter()
        .map(line)
        .filter(|line| !line.starts_with("started"))
        .collect();
    assert_eq!(
        told,
        [
            "changes mail warning delivered 1 [\"support\"]",
            "digest digest notice delivered 2 []",
        ]
    );
    let changes =
        objects(
            &watcher
                .world
                .good(&["--format", "jsonl", "changes", "--kind", "date_changed"]),
        );
    let why = watcher
        .world
        .good(&["why", changes[0]["id"].as_str().expect("an id")]);
    assert!(
        why.contains(
            "told          ops@example.test over mail, warning, touches support: delivered"
        ),
        "{why}"
    );
    // the same rules over the same history come to the same messages
    let replayed = objects(&watcher.world.good(&[
        "--format",
        "jsonl",
        "alert",
        "replay",
        "--since",
        "2026-01-01",
    ]));
    let subjects: Vec<&str> = replayed
        .iter()
        .filter_map(|row| row["subject"].as_str())
        .collect();
    assert_eq!(subjects, watcher.subjects());
    let all = watcher
        .world
        .good(&["alert", "replay", "--since", "2026-01-01"]);
    assert!(
        all.contains("2 messages of 3 pieces of news: 1 notice by digest, 1 warning by mail"),
        "{all}"
    );
}

#[tokio::test]
async fn a_route_is_quiet_at_night_but_for_what_breaks_it() {
    let rules = format!(
        "{RULES}[[route]]\nname = 'day'\nto = ['day@example.test']\nquiet = ['22:00-07:00']\nbreaks = 'warning'\n"
    );
    let watcher = Watcher::new(&rules).await;
    watcher.hears("2026-11-23T20:00:00Z", list(None, &[])).await;
    let news = list(None, &["gpt-9-sol"]);
    watcher.hears("2026-11-23T23:00:00Z", news.clone()).await;
    assert_eq!(watcher.subjects(), Vec::<String>::new());
    watcher
        .hears(
            "2026-11-24T01:00:00Z",
            list(Some("2027-06-01"), &["gpt-9-sol"]),
        )
        .await;
    assert_eq!(
        watcher.subjects(),
        ["[bellwether] openai: gpt-7-2025-03-01 retires 2027-06-01"]
    );
    watcher
        .hears(
            "2026-11-24T06:01:00Z",
            list(Some("2027-06-01"), &["gpt-9-sol"]),
        )
        .await;
    assert_eq!(watcher.subjects().len(), 2);
    let told = watcher.world.good(&[
        "--format",
        "jsonl",
        "alerts",
        "--since",
        "2026-01-01",
        "--route",
        "day",
    ]);
    assert!(
        objects(&told)
            .iter()
            .all(|row| row["recipient"] == "day@example.test")
    );
}

#[tokio::test]
async fn a_message_can_be_seen_before_it_is_sent() {
    let watcher = Watcher::new(RULES).await;
    watcher.hears("2026-11-23T10:00:00Z", list(None, &[])).await;
    watcher
        .hears("2026-11-23T11:00:00Z", list(Some("2026-12-01"), &[]))
        .await;
    let changes = objects(&watcher.world.good(&["--format", "jsonl", "changes"]));
    let id = changes[0]["id"].as_str().expect("an id");
    let page = watcher.world.path("page.html");
    let said = watcher
        .world
        .good(&["alert", "preview", id, "--out", &page.display().to_string()]);
    // an end within 30 days is critical, whatever its class
    assert!(
        said.contains("mail to ops@example.test, not before 2026-11-23T11:01:00Z"),
        "{said}"
    );
    assert!(
        said.contains("Subject: [bellwether] openai: gpt-7-2025-03-01 retires 2026-12-01"),
        "{said}"
    );
    assert!(said.contains("CRITICAL"), "{said}");
    let html = std::fs::read_to_string(page).expect("a page");
    assert!(html.contains("support"), "{html}");
    let sent = watcher.world.good(&["alert", "test", "mail"]);
    assert!(sent.contains("ops@example.test: accepted after"), "{sent}");
    assert!(
        watcher
            .subjects()
            .iter()
            .any(|s| s == "[bellwether] test: the route mail works")
    );
    let wrong = watcher.world.run(&["alert", "test", "pager"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong
            .err
            .contains("expected a route (mail, sources, digest), found 'pager'"),
        "{}",
        wrong.err
    );
}

/// What is told later of one matter answers what was told first.
#[tokio::test]
async fn messages_of_one_matter_are_a_thread() {
    let watcher = Watcher::new(RULES).await;
    watcher.hears("2026-11-23T10:00:00Z", list(None, &[])).await;
    watcher
        .hears("2026-11-23T11:00:00Z", list(Some("2027-06-01"), &[]))
        .await;
    watcher
        .hears("2026-12-23T11:00:00Z", list(Some("2027-03-01"), &[]))
        .await;
    watcher
        .hears("2026-12-24T11:00:00Z", list(Some("2027-02-01"), &[]))
        .await;
    let broken = Answer::with_status(500, "text/plain", "no");
    watcher.web.tell("/v1/models", broken);
    for hour in 0..9 {
        watcher.round(&format!("2026-12-25T{hour:02}:00:00Z")).await;
    }
    watcher
        .hears("2026-12-25T12:00:00Z", list(Some("2027-02-01"), &[]))
        .await;
    let folder = std::fs::read_dir(watcher.world.path("mail")).expect("a folder");
    let mut mail: Vec<(i64, String, String, Option<String>)> = folder
        .map(|file| {
            let bytes = std::fs::read(file.expect("a file").path()).expect("bytes");
            let message = MessageParser::default().parse(&bytes).expect("mail");
            let answers = message.in_reply_to().as_text().map(str::to_string);
            assert_eq!(message.references().as_text(), answers.as_deref());
            (
                message.date().expect("a date").to_timestamp(),
                message.subject().expect("a subject").to_string(),
                message.message_id().expect("an id").to_string(),
                answers,
            )
        })
        .collect();
    mail.sort();
    mail.retain(|(_, subject, ..)| !subject.contains("now watching"));
    let place = |id: &String| mail.iter().position(|(_, _, other, _)| other == id);
    let lines: Vec<String> = mail
        .iter()
        .map(|(_, subject, _, answers)| {
            let answers = answers
                .as_ref()
                .map(|id| place(id).expect("a message of the thread"));
            format!("{subject} {answers:?}")
        })
        .collect();
    let broken = lines
        .iter()
        .find(|line| line.contains("broken"))
        .expect("one")
        .clone();
    let broken = broken.trim_end_matches(" None");
    assert_eq!(
        lines,
        [
            "[bellwether] openai: gpt-7-2025-03-01 retires 2027-06-01 None".to_string(),
            "[bellwether] openai: gpt-7-2025-03-01 retires 2027-03-01, 92 days earlier (was 2027-06-01) Some(0)".to_string(),
            "[bellwether] openai: gpt-7-2025-03-01 retires 2027-02-01, 28 days earlier (was 2027-03-01) Some(0)".to_string(),
            format!("{broken} None"),
            format!("Re: {broken} Some(3)"),
        ]
    );
}

#[tokio::test]
async fn what_is_silenced_is_recorded_and_told_to_nobody() {
    let watcher = Watcher::new(RULES).await;
    let world = &watcher.world;
    // silences go by the clock of the machine
    let now = bellwether::daemon::clock::now();
    let after = |minutes: i64| (now + jiff::SignedDuration::from_mins(minutes)).to_string();
    watcher.hears(&after(0), list(None, &[])).await;
    let add = [
        "silence",
        "add",
        "--model",
        "gpt-7",
        "--kind",
        "date_changed",
        "--for",
        "2h",
        "--reason",
        "known",
    ];
    let said = world.good(&add);
    let id = said.split_whitespace().nth(1).expect("an id").to_string();
    watcher
        .hears(&after(60), list(Some("2027-06-01"), &[]))
        .await;
    assert_eq!(watcher.subjects(), Vec::<String>::new());
    let changes = world.changes(false);
    assert_eq!(changes.len(), 1, "it is recorded");
    let why = world.good(&["why", changes[0]["id"].as_str().expect("an id")]);
    assert!(
        why.contains(&format!("nobody: silence {id} until ")) && why.contains(", known"),
        "{why}"
    );
    let listed = objects(&world.good(&["--format", "jsonl", "silence", "list"]));
    assert_eq!(
        (
            &listed[0]["models"],
            &listed[0]["kinds"],
            &listed[0]["reason"]
        ),
        (&json!(["gpt-7"]), &json!(["date_changed"]), &json!("known"))
    );
    world.good(&["silence", "expire", &id]);
    assert!(
        world
            .good(&["silence", "list"])
            .contains("nothing is silenced")
    );
    assert!(
        world
            .good(&["silence", "list", "--all"])
            .contains("gpt-7, date_changed")
    );
    watcher
        .hears(&after(90), list(Some("2027-03-01"), &[]))
        .await;
    assert_eq!(
        watcher.subjects().len(),
        1,
        "and told again once the silence is over"
    );
    for (arguments, part) in [
        (&["silence", "expire", "nothing"][..], "found 'nothing'"),
        (
            &["silence", "add", "--for", "1h", "--reason", "x"],
            "found nothing: that would silence everything",
        ),
        (
            &[
                "silence", "add", "--model", "x", "--for", "soon", "--reason", "x",
            ],
            "found 'soon'",
        ),
        (
            &[
                "silence",
                "add",
                "--model",
                "x",
                "--until",
                "2020-01-01",
                "--reason",
                "x",
            ],
            "a moment that is to come",
        ),
    ] {
        let wrong = world.run(arguments);
        assert_eq!(wrong.code, 2, "{}", wrong.err);
        assert!(wrong.err.contains(part), "{}", wrong.err);
    }
}

/// Nearer and nearer, each rung once, whatever happens in between, in the thread of the retirement.
#[tokio::test]
async fn whoever_watches_a_model_is_reminded_of_its_end() {
    let watcher = Watcher::new(RULES).await;
    let ends = list(Some("2027-06-01"), &[]);
    watcher.hears("2027-01-10T10:00:00Z", list(None, &[])).await;
    watcher.hears("2027-01-10T11:00:00Z", ends.clone()).await;
    for day in [
        "2027-02-10T10:00:00Z",
        "2027-03-03T10:00:00Z",
        "2027-03-04T10:00:00Z",
        "2027-04-20T10:00:00Z",
        "2027-04-20T12:00:00Z",
        "2027-05-30T10:00:00Z",
        "2027-05-31T10:00:00Z",
        "2027-06-02T10:00:00Z",
    ] {
        watcher.hears(day, ends.clone()).await;
    }
    let mut subjects = watcher.subjects();
    subjects.retain(|subject| subject.contains("retires"));
    assert_eq!(
        subjects,
        [
            "[bellwether] openai: gpt-7-2025-03-01 retires 2027-06-01",
            "[bellwether] openai: gpt-7-2025-03-01 retires in 90 days, on 2027-06-01",
            "[bellwether] openai: gpt-7-2025-03-01 retires in 42 days, on 2027-06-01",
            "[bellwether] openai: gpt-7-2025-03-01 retires in 2 days, on 2027-06-01",
            "[bellwether] openai: gpt-7-2025-03-01 retires in 1 day, on 2027-06-01",
        ]
    );
    let mail = watcher.mail();
    let (_, text) = mail
        .iter()
        .find(|(subject, _)| subject.contains("2 days"))
        .expect("one");
    insta::assert_snapshot!(text, @"
    NOTICE  openai: gpt-7-2025-03-01 retires in 42 days, on 2027-06-01

    openai/gpt-7
        gpt-7-2025-03-01

    Touches       support
    Said by       openai.models
    Compare       bellwether compare openai/gpt-7
    Acknowledge   bellwether ack 714ead58c6f20f60
    ");
    let told =
        objects(
            &watcher
                .world
                .good(&["--format", "jsonl", "alerts", "--since", "2027-01-01"]),
        );
    let severities: Vec<&str> = told
        .iter()
        .filter(|row| row["kind"] == "reminder")
        .filter_map(|row| row["severity"].as_str())
        .collect();
    assert_eq!(severities, ["notice", "notice", "critical", "critical"]);
}

#[tokio::test]
async fn whoever_knows_of_an_end_is_reminded_no_more_until_it_is_another() {
    let watcher = Watcher::new(RULES).await;
    let ends = list(Some("2026-09-01"), &[]);
    watcher.hears("2026-01-10T10:00:00Z", list(None, &[])).await;
    watcher.hears("2026-01-10T11:00:00Z", ends.clone()).await;
    watcher.hears("2026-06-03T10:00:00Z", ends.clone()).await;
    let lines = |watcher: &Watcher| {
        let all = ["--format", "jsonl", "alerts", "--since", "2026-01-01"];
        objects(&watcher.world.good(&all))
    };
    let told = lines(&watcher);
    let alert = told
        .iter()
        .find(|row| row["kind"] == "reminder")
        .and_then(|row| row["alert"].as_str())
        .expect("a reminder");
    let mail = watcher.mail();
    let (_, text) = mail.last().expect("a reminder");
    assert!(text.contains(&format!("bellwether ack {alert}")), "{text}");
    let ack = ["ack", &alert[..6], "--by", "mo", "--note", "moves in May"];
    assert_eq!(
        watcher.world.good(&ack),
        format!(
            "{alert} is known to mo: nobody is reminded of it until something else is stated\n"
        )
    );
    watcher.hears("2026-07-04T10:00:00Z", ends.clone()).await;
    let (known, all): (Vec<_>, Vec<_>) = lines(&watcher)
        .into_iter()
        .filter(|row| {
            row["subject"]
                .as_str()
                .is_some_and(|s| s.contains("retires"))
        })
        .partition(|row| row["acknowledged"]["who"] == "mo");
    assert_eq!(
        (known.len(), all.len()),
        (2, 0),
        "what was told is known, and nothing was added"
    );
    // taken back, they go on
    watcher.world.good(&["ack", alert, "--undo"]);
    watcher.hears("2026-07-05T10:00:00Z", ends).await;
    let last = |watcher: &Watcher| watcher.subjects().last().cloned().expect("a mail");
    assert_eq!(
        last(&watcher),
        "[bellwether] openai: gpt-7-2025-03-01 retires in 58 days, on 2026-09-01"
    );
    let missing = watcher.world.run(&["ack", "nothing"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing
            .err
            .contains("`bellwether alerts` and `bellwether changes --all` list them")
    );
}

#[tokio::test]
async fn an_end_that_is_stated_anew_is_not_known() {
    let watcher = Watcher::new(RULES).await;
    watcher.hears("2027-01-10T10:00:00Z", list(None, &[])).await;
    watcher
        .hears("2027-01-10T11:00:00Z", list(Some("2027-06-01"), &[]))
        .await;
    let change = &watcher.world.changes(false)[0];
    // known before it was stated: something else was known
    watcher
        .world
        .good(&["ack", change["id"].as_str().expect("an id")]);
    watcher
        .hears("2027-03-04T10:00:00Z", list(Some("2027-06-01"), &[]))
        .await;
    let subjects = watcher.subjects();
    assert!(
        subjects
            .iter()
            .any(|subject| subject.contains("in 89 days")),
        "{subjects:?}"
    );
}

#[tokio::test]
async fn what_is_more_than_a_route_carries_is_told_together_and_nothing_is_lost() {
    let rules = "[[route]]\nname = 'all'\nlimit = '1/3h'\n[[rank]]\nmodels = 'gpt-7'\nseverity = 'critical'\n";
    let watcher = Watcher::new(rules).await;
    watcher.hears("2026-11-23T10:00:00Z", list(None, &[])).await;
    let mut more = Vec::new();
    for (hour, model) in [(11, "gpt-9-sol"), (12, "gpt-9-luna"), (13, "gpt-9-terra")] {
        more.push(model);
        let now = format!("2026-11-23T{hour}:00:00Z");
        watcher.hears(&now, list(None, &more)).await;
    }
    let first = "[bellwether] openai: gpt-9-sol added";
    assert_eq!(watcher.subjects(), [first]);
    // what is critical is told in any case
    let ends = list(Some("2027-06-01"), &more);
    watcher.hears("2026-11-23T13:40:00Z", ends.clone()).await;
    let critical = "[bellwether] openai: gpt-7-2025-03-01 retires 2027-06-01";
    assert_eq!(watcher.subjects(), [first, critical]);
    // the first message counts no more
    watcher.hears("2026-11-23T14:30:00Z", ends).await;
    let subjects = watcher.subjects();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert!(
        subjects[2].starts_with("[bellwether] digest: 2 changes"),
        "{subjects:?}"
    );
    let (_, text) = watcher.mail().pop().expect("a digest");
    assert!(
        text.contains("gpt-9-luna") && text.contains("gpt-9-terra"),
        "{text}"
    );
}

#[tokio::test]
async fn what_comes_and_goes_while_work_is_done_is_told_to_nobody() {
    let rules = "timezone = 'Europe/Berlin'\n[[maintenance]]\nname = 'patching'\nbegins = '0 2 * * mon'\nlasts = '4h'\n";
    let watcher = Watcher::new(rules).await;
    watcher.hears("2026-11-22T23:00:00Z", list(None, &[])).await;
    // Monday, from two to six in Berlin
    watcher
        .hears(
            "2026-11-23T01:30:00Z",
            list(Some("2027-06-01"), &["gpt-9-sol"]),
        )
        .await;
    watcher
        .hears("2026-11-23T02:30:00Z", list(None, &["gpt-9-sol"]))
        .await;
    watcher
        .hears("2026-11-23T03:30:00Z", list(None, &["gpt-9-sol"]))
        .await;
    assert_eq!(watcher.subjects(), [""; 0]);
    watcher
        .hears("2026-11-23T05:10:00Z", list(None, &["gpt-9-sol"]))
        .await;
    assert_eq!(watcher.subjects(), ["[bellwether] openai: gpt-9-sol added"]);
    let changes = watcher.world.changes(false);
    assert!(changes.len() >= 3, "all of it is recorded: {changes:?}");
}

#[tokio::test]
async fn messages_are_written_by_templates_of_ones_own() {
    let watcher = Watcher::new(RULES).await;
    watcher.hears("2026-01-10T10:00:00Z", list(None, &[])).await;
    watcher
        .hears("2026-01-10T11:00:00Z", list(Some("2026-09-01"), &[]))
        .await;
    let world = &watcher.world;
    let folder = world.path("templates").display().to_string();
    let templates = ["alert", "templates", "--out", &folder];
    assert_eq!(world.good(&templates).lines().count(), 4);
    let again = world.run(&templates);
    assert_ne!(again.code, 0, "what somebody changed is not written over");
    let rules = std::fs::read_to_string(world.path("bellwether.toml")).expect("rules");
    let own = |subject: &str, page: &str| {
        let files = [
            ("subject", "subject.txt", subject),
            ("page", "message.html", page),
        ];
        let lines = files.map(|(key, name, text)| {
            let path = world.write(&format!("templates/{name}"), text);
            format!("{key} = '{}'\n", path.display())
        });
        world.configure(&format!("{rules}[templates]\n{}", lines.concat()));
    };
    let page = "<h1>{{ view.heading }}</h1>";
    own("{{ view.severty }}", page);
    let check = world.run(&["check"]);
    assert_eq!(check.code, 2);
    assert!(
        check
            .err
            .contains("templates.subject: expected a file with a template of minijinja")
            && check.err.contains("undefined value in line 1"),
        "{}",
        check.err
    );
    own("[{{ view.severity }}] {{ view.heading }}", page);
    let changes = world.changes(false);
    let id = changes[0]["id"].as_str().expect("an id");
    let out = world.path("page.html");
    let preview = world.good(&["alert", "preview", id, "--out", &out.display().to_string()]);
    let said = "openai: gpt-7-2025-03-01 retires 2026-09-01";
    assert!(
        preview.contains(&format!("Subject: [warning] {said}")),
        "{preview}"
    );
    let page = std::fs::read_to_string(out).expect("a page");
    assert_eq!(page, format!("<h1>{said}</h1>"));
}

#[tokio::test]
async fn whoever_watches_a_name_that_nobody_knows_is_reminded_too() {
    let rules = "[[watch]]\nname = 'own'\nmodels = 'qz-*'\n";
    let watcher = Watcher::new(rules).await;
    let body = |ends: Option<&str>| {
        json!({ "object": "list", "data": [
            { "id": "gpt-6", "created": 1_730_000_000 },
            { "id": "qz-1", "created": 1_740_787_200, "shutdown_date": ends },
        ] })
    };
    watcher.hears("2027-01-10T10:00:00Z", body(None)).await;
    watcher
        .hears("2027-01-10T11:00:00Z", body(Some("2027-06-01")))
        .await;
    watcher
        .hears("2027-03-04T10:00:00Z", body(Some("2027-06-01")))
        .await;
    let subjects = watcher.subjects();
    assert!(
        subjects
            .iter()
            .any(|subject| subject.contains("qz-1 retires in 89 days")),
        "{subjects:?}"
    );
}

#[tokio::test]
async fn a_silence_of_a_region_takes_nothing_that_names_none() {
    let watcher = Watcher::new("").await;
    watcher.hears("2027-01-10T10:00:00Z", list(None, &[])).await;
    let silence = [
        "silence",
        "add",
        "--region",
        "eu-central-1",
        "--until",
        "2027-02-01",
        "--reason",
        "work",
    ];
    watcher.world.good(&silence);
    watcher
        .hears("2027-01-10T11:00:00Z", list(None, &["gpt-9-sol"]))
        .await;
    assert_eq!(watcher.subjects(), ["[bellwether] openai: gpt-9-sol added"]);
}

#[test]
fn check_says_what_is_watched_and_what_nobody_knows() {
    let world = World::new(
        "[[watch]]\nname = 'own'\nmodels = ['gpt-4o', 'qz-1', 'claude-*']\nproviders = ['bedrok', 'azure']\n\
         [[maintenance]]\nname = 'patching'\nbegins = '0 2 * * sun'\nlasts = '4h'\nproviders = ['azure']\n",
    );
    let check = world.run(&["check"]);
    assert_eq!(check.code, 1);
    let watched = "watch own: gpt-4o, qz-1 (by its spelling alone), claude-* at bedrok, azure";
    assert!(check.out.contains(watched), "{}", check.out);
    let wrong = "watch.own.providers: expected a known provider";
    assert!(
        check.err.contains(wrong) && check.err.contains("bedrock"),
        "{}",
        check.err
    );
}
