//! Models are asked within the budget of a day, whatever happens: many at once, hosts that bill more than they may, a crash in
//! the middle of a call, a restart.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bellwether::config::{Http, InferenceProbe, Outside, Own, Settings, declarations_of, watched};
use bellwether::daemon::clock::{self, Clock};
use bellwether::daemon::inference::{Asking, Means, Turn, Unbilled, ask};
use bellwether::daemon::writer::Writer;
use bellwether::fetch::{Client, Credentials};
use bellwether::inference::{Budget, Prices, utc_day};
use bellwether::store::{AllSeries, SeriesKind, Spending, Spent, Store};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::paced::{Paced, Script, Speaks};
use crate::world::{World, until};

/// A server on loopback that answers every request with one body, a piece at a time.
struct Host {
    port: u16,
    asked: Arc<AtomicUsize>,
}

/// What the server does with a request.
#[derive(Clone, Copy)]
enum Manner {
    /// Answers with so many tokens.
    Answers(u64),
    /// Answers 429.
    Refuses,
    /// Begins to answer and stops.
    Hangs,
}

impl Host {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let count = Arc::clone(&count);
                std::thread::spawn(move || serve(stream, manner, &count));
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Probes of so many models there, of which each call costs at most what `most` says.
    fn file(&self, models: usize) -> String {
        let probes = (1..=models).map(|n| {
            format!(
                "[[inference]]\nname = 'm-{n}'\ntitle = 'M'\ndialect = 'openai-chat'\nmodel = 'm-{n}'\nmax_tokens = 100\nevery = '1s'\n\
                 url = 'http://127.0.0.1:{}/v1/chat/completions'\nprices = {{ input = '0', output = '100' }}\n",
                self.port
            )
        });
        format!(
            "provider = 'p'\nkind = 'direct'\n{}",
            probes.collect::<String>()
        )
    }

    fn probes(&self, models: usize) -> Vec<(InferenceProbe, bool)> {
        let found = declarations_of("p.toml", &self.file(models), Own::default());
        let found = found.expect("sound probes").inference;
        found.into_iter().map(|probe| (probe, true)).collect()
    }
}

/// 100 tokens of 100 USD a million.
fn most() -> Decimal {
    Decimal::new(1, 2)
}

fn serve(mut stream: std::net::TcpStream, manner: Manner, count: &AtomicUsize) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    // the body is JSON and ends with the braces of the question about usage
    while !request.ends_with(b"}") {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(length) => request.extend_from_slice(&piece[..length]),
        }
        if request.starts_with(b"GET") && request.ends_with(b"\r\n\r\n") {
            let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
            return;
        }
    }
    count.fetch_add(1, Ordering::SeqCst);
    let head = |status: &str, kind: &str| {
        format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n")
    };
    let opening = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\n";
    match manner {
        Manner::Refuses => {
            let head = head("429 Too Many Requests", "application/json");
            let body = "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slow down\"}}";
            let _ = stream.write_all((head + body).as_bytes());
        }
        Manner::Hangs => {
            let _ = stream.write_all((head("200 OK", "text/event-stream") + opening).as_bytes());
            // until the other side is gone
            while stream.read(&mut piece).is_ok_and(|length| length > 0) {}
        }
        Manner::Answers(tokens) => {
            let end = format!(
                "data: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":40,\"completion_tokens\":{tokens}}}}}\n\ndata: [DONE]\n\n"
            );
            let whole = head("200 OK", "text/event-stream") + opening + &end;
            let _ = stream.write_all(whole.as_bytes());
        }
    }
}

/// A store with everything that asking needs.
struct Place {
    _folder: tempfile::TempDir,
    means: Means,
}

impl Place {
    fn new(daily: Decimal, clock: Clock) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        let (writer, _) = Writer::start(store).expect("a thread");
        let http = Http::default();
        let outside = Outside {
            variable: &|_| None,
            file: &|_| Err("none".to_string()),
        };
        let settings = Settings::without_file(&outside).expect("the defaults");
        Self {
            means: Means {
                client: Arc::new(Client::new(&http).expect("a client")),
                credentials: Arc::new(Credentials::new(settings.credentials, settings.identities)),
                writer,
                vantage: "here".into(),
                clock,
                budget: Budget { daily },
                unbilled: Unbilled::default(),
                deadlines: http.deadlines,
            },
            _folder: folder,
        }
    }

    fn all(probes: &[(InferenceProbe, bool)]) -> Vec<Asking> {
        let outside = Outside {
            variable: &|_| None,
            file: &|_| Err("none".to_string()),
        };
        let settings = Settings::without_file(&outside).expect("the defaults");
        Asking::all(probes, &settings)
    }

    /// Asks all at once. Gives how many were asked.
    async fn ask_at_once(&self, all: &[Asking]) -> Vec<Turn> {
        let turns = all.iter().map(|asking| ask(&self.means, asking));
        let turns = futures_util::future::join_all(turns).await;
        turns
            .into_iter()
            .map(|turn| turn.expect("a working store"))
            .collect()
    }

    async fn spent(&self) -> Spent {
        let day = utc_day((self.means.clock)());
        let spent = self
            .means
            .writer
            .run(move |store| store.spent_on(day))
            .await;
        spent.expect("a working store")
    }
}

fn asked(turns: &[Turn]) -> usize {
    let is_asked = |turn: &&Turn| matches!(turn, Turn::Asked { .. });
    turns.iter().filter(is_asked).count()
}

fn at(text: &str) -> Clock {
    let moment: Timestamp = text.parse().expect("a time");
    Arc::new(move || moment)
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_never_pass_the_cap() {
    let host = Host::start(Manner::Answers(40));
    let all = Place::all(&host.probes(50));
    // room for twelve at once, and for what those leave
    let daily = most() * Decimal::from(12);
    let place = Place::new(daily, at("2026-11-25T12:00:00Z"));
    let mut rounds = 0;
    let mut calls = 0;
    loop {
        let turns = place.ask_at_once(&all).await;
        let spent = place.spent().await;
        assert!(spent.committed() <= daily, "{spent:?}");
        assert_eq!(spent.reserved, Decimal::ZERO, "{spent:?}");
        calls += asked(&turns);
        rounds += 1;
        if asked(&turns) == 0 {
            break;
        }
        assert!(
            rounds > 1 || asked(&turns) >= 12,
            "{} were asked",
            asked(&turns)
        );
    }
    // a call cost 0.004: the last one begins while there is room for its most
    let spent = place.spent().await;
    assert_eq!(spent.settled, Decimal::new(4, 3) * Decimal::from(calls));
    assert_eq!(host.asked(), calls);
    assert!(spent.settled > daily - most(), "{spent:?}");
    let next_day = Place {
        means: Means {
            clock: at("2026-11-26T00:00:00Z"),
            ..place.means.clone()
        },
        ..place
    };
    assert!(asked(&next_day.ask_at_once(&all).await) >= 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_bills_more_than_it_may_is_stopped() {
    // ten times the tokens that were allowed
    let host = Host::start(Manner::Answers(1000));
    let all = Place::all(&host.probes(2));
    let daily = most() * Decimal::from(15);
    let place = Place::new(daily, at("2026-11-25T12:00:00Z"));
    let one = &all[..1];
    let first = place.ask_at_once(one).await;
    assert!(matches!(first[..], [Turn::Asked { charge, .. }] if charge == Decimal::new(1, 1)));
    // it is charged in full, and the next call there is held to cost as much: there is no room for that
    assert_eq!(asked(&place.ask_at_once(&all).await), 0);
    let spent = place.spent().await;
    assert_eq!(
        (spent.settled, spent.reserved),
        (Decimal::new(1, 1), Decimal::ZERO)
    );
    assert_eq!(host.asked(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_at_such_a_host_never_pass_the_cap() {
    let host = Host::start(Manner::Answers(1000));
    let all = Place::all(&host.probes(50));
    let daily = most() * Decimal::from(45);
    let place = Place::new(daily, at("2026-11-25T12:00:00Z"));
    // the first one goes alone, and shows what the others cost: three more have room
    assert_eq!(asked(&place.ask_at_once(&all).await), 4);
    assert_eq!(asked(&place.ask_at_once(&all).await), 0);
    let spent = place.spent().await;
    assert_eq!(spent.committed(), Decimal::new(4, 1), "{spent:?}");
    assert_eq!(host.asked(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_costs_nothing_and_is_kept() {
    let host = Host::start(Manner::Refuses);
    let all = Place::all(&host.probes(1));
    let moment = "2026-11-25T12:00:00Z";
    let place = Place::new(most(), at(moment));
    for _ in 0..3 {
        let turns = place.ask_at_once(&all).await;
        assert!(
            matches!(&turns[..], [Turn::Asked { failure: Some(failure), .. }] if failure.word() == "throttled")
        );
    }
    let spent = place.spent().await;
    assert_eq!((spent.calls, spent.committed()), (3, Decimal::ZERO));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_a_sample_of_its_model() {
    let host = Host::start(Manner::Answers(40));
    let all = Place::all(&host.probes(1));
    let moment = "2026-11-25T12:00:00Z";
    let place = Place::new(Decimal::ONE, at(moment));
    assert_eq!(asked(&place.ask_at_once(&all).await), 1);
    let since: Timestamp = moment.parse().expect("a time");
    let until = since + SignedDuration::from_secs(1);
    let samples = place.means.writer.run(move |store| {
        let mut samples = Vec::new();
        store.samples(
            since,
            until,
            |_| true,
            |series, sample| {
                samples.push((series.clone(), sample));
                Ok::<(), bellwether::store::Error>(())
            },
        )?;
        Ok(samples)
    });
    let samples = samples.await.expect("a working store");
    let [(series, sample)] = samples.as_slice() else {
        panic!("one sample: {samples:?}");
    };
    assert_eq!(
        (series.kind, series.model.as_str()),
        (SeriesKind::Model, "m-1")
    );
    assert_eq!(
        (series.probe.as_str(), series.host.as_str()),
        ("p.m-1", "127.0.0.1")
    );
    // a machine that is busy with other things says so
    assert!(["ok", "delayed"].contains(&&*sample.outcome), "{sample:?}");
    assert!(
        sample.first_token.is_some() && sample.phases.total.is_some(),
        "{sample:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_without_a_price() {
    let host = Host::start(Manner::Answers(40));
    let mut probes = host.probes(1);
    for (probe, _) in &mut probes {
        probe.prices = Prices::default();
    }
    let place = Place::new(Decimal::ONE, clock::system());
    let turns = place.ask_at_once(&Place::all(&probes)).await;
    assert!(matches!(turns[..], [Turn::NoPrice]));
    assert_eq!((host.asked(), place.spent().await), (0, Spent::default()));
}

const CONFIGURED: &str = "[probes]\nfolder = 'own'\nonly = ['p.models']\n[inference]\ndaily_budget = '0.015'\non = ['p']\n";

/// An installation that asks one model, and a list of models that is not there.
fn world(host: &Host) -> World {
    let world = World::new(CONFIGURED);
    let models = format!(
        "[[probe]]\nname = 'models'\ntitle = 'Models'\nauthority = 'provider-api'\nevery = '1h'\nreader = 'json'\n\
         [probe.request]\nurl = 'http://127.0.0.1:{}/models'\n[probe.json]\nitems = 'data[]'\nnative_id = 'id'\n",
        host.port
    );
    world.write("own/p.toml", &(host.file(1) + &models));
    world
}

fn spent(world: &World) -> Spent {
    let store = Store::open_read_only(&world.path("data/bellwether.db")).expect("a database");
    let today = utc_day(clock::now());
    let on = |day| store.spent_on(day).expect("an answer");
    // midnight may pass while the test runs
    let (now, before) = (on(today), on(today - 1));
    if now.calls > 0 { now } else { before }
}

#[test]
fn a_crash_in_the_middle_of_a_call_leaves_it_paid_for() {
    let host = Host::start(Manner::Hangs);
    let world = world(&host);
    let mut command = world.program();
    command
        .arg("run")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut running = command.spawn().expect("the program");
    until(|| (host.asked() > 0).then_some(()));
    running.kill().expect("a kill");
    running.wait().expect("an end");
    let after = spent(&world);
    assert_eq!((after.calls, after.reserved), (1, most()), "{after:?}");
    // half of what is left is not enough for another one, however often it is started
    let said = world.run(&["run", "--once"]);
    assert!(
        said.err.contains("left of the day's budget"),
        "{}",
        said.err
    );
    assert_eq!((host.asked(), spent(&world)), (1, after));
    let checked = world.good(&["check"]);
    let today = checked.lines().find(|line| line.starts_with("today:"));
    assert_eq!(today, Some("today: 1 calls for 0.01 USD"), "{checked}");
}

#[test]
fn what_models_cost_a_day_is_said_before_they_are_asked() {
    let host = Host::start(Manner::Answers(40));
    let world = world(&host);
    let checked = world.good(&["check"]);
    assert!(checked.contains("models: 1 asked; by their schedules they cost at most 864 USD a day, the budget is 0.015 USD, which ends the day early if they do"), "{checked}");
    let rows = world.good(&["--format", "jsonl", "check"]);
    let row = rows
        .lines()
        .find(|row| row.contains("\"p.m-1\""))
        .expect("a row");
    assert!(
        row.contains("\"state\":\"on\"") && row.contains("\"usd_a_day\":\"864\""),
        "{row}"
    );
    let said = world.run(&["run", "--once"]);
    let told = world.good(&["--format", "jsonl", "latency", "--models"]);
    let told: serde_json::Value = serde_json::from_str(&told).expect("one object");
    let figures = ["provider", "model", "failed", "usd"].map(|key| told[key].to_string());
    assert_eq!(figures, ["\"p\"", "\"m-1\"", "0", "\"0.004\""]);
    // a machine that is busy with other things says so
    if told["failures"]["delayed"].is_null() {
        let counts = ["n", "first_token_n", "gap_n", "output_tokens"].map(|key| told[key].as_u64());
        assert_eq!(counts, [1, 1, 0, 40].map(Some));
    }
    assert!(world.good(&["latency", "--models"]).contains("m-1"));
    assert!(
        said.out.contains("1 models asked, 1 answered"),
        "{}{}",
        said.out,
        said.err
    );

    let silent = CONFIGURED.split("[inference]").next().expect("a part");
    world.configure(silent);
    let row = world.good(&["--format", "jsonl", "check"]);
    let row = row
        .lines()
        .find(|row| row.contains("\"p.m-1\""))
        .expect("a row");
    assert!(row.contains("off (see [inference])"), "{row}");
    world.run(&["run", "--once"]);
    assert_eq!(spent(&world).calls, 1);
}

#[test]
fn shipped_models_are_asked_by_sound_requests_and_only_when_told_to() {
    let outside = Outside {
        variable: &|_| None,
        file: &|_| Err("none".to_string()),
    };
    let places = "[scopes.azure]\nresource = ['r']\n[scopes.'azure.chat']\nmodel = ['d']\n[scopes.vertex]\nproject = ['p']\n";
    let asked = |text: &str| {
        let text = format!("{places}{text}");
        let settings = Settings::from_text("b.toml", &text, &outside).expect("sound");
        watched(&[], &settings)
            .expect("the shipped probes")
            .inference
    };
    let all = asked("");
    assert!(all.len() >= 12, "{} are shipped", all.len());
    for (probe, is_asked) in &all {
        assert!(!is_asked, "{probe} is asked though nobody said so");
        assert!(!probe.scopes.is_empty(), "{probe} has no scope");
        for (source, scoping) in probe.sources() {
            let url = url::Url::parse(&probe.url(scoping)).expect("an address");
            assert_eq!(url.scheme(), "https", "{source}");
            assert!(!url.as_str().contains(['{', '}']), "{source}: {url}");
            let body = probe.recipe(scoping).ask().body;
            assert!(!body.contains("{model}"), "{source}: {body}");
        }
    }
    let told = asked(
        "[inference]\ndaily_budget = '1'\non = ['openai', 'bedrock.converse']\noff = ['openai.responses']\n",
    );
    let on: Vec<String> = told
        .iter()
        .filter(|(_, is_asked)| *is_asked)
        .map(|(probe, _)| probe.to_string())
        .collect();
    assert_eq!(on, ["bedrock.converse"]);
}

/// Waits as long as the script says before each part.
fn paced(_: &str) -> Script {
    let part = |after, delta: &str| {
        let text = format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}\n\n");
        (Duration::from_millis(after), text.into())
    };
    let usage = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":11}}\n\ndata: [DONE]\n\n";
    Script {
        status: 200,
        head_after: Duration::from_millis(30),
        parts: vec![
            part(10, "{\"role\":\"assistant\",\"content\":\"\"}"),
            part(40, "{\"reasoning\":\"hm\"}"),
            part(50, "{\"content\":\"one\"}"),
            part(20, "{\"content\":\", two\"}"),
            part(60, "{\"content\":\", three\"}"),
            (Duration::from_millis(15), usage.into()),
        ],
        closes: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_of_an_answer_has_its_time() {
    let server = Paced::start(Speaks::default(), paced).await;
    let host = Host {
        port: server.address.port(),
        asked: Arc::default(),
    };
    let place = Place::new(Decimal::ONE, at("2026-11-25T12:00:00Z"));
    let turns = place.ask_at_once(&Place::all(&host.probes(1))).await;
    let [
        Turn::Asked {
            told,
            failure: None,
            ..
        },
    ] = turns.as_slice()
    else {
        panic!("{turns:?}");
    };
    assert_eq!((&*told.text, &*told.thinking), ("one, two, three", "hm"));
    let times = &told.times;
    let measured = [
        (times.first_event, 40),
        (times.first_thinking, 80),
        (times.first_content, 130),
        (times.last_token, 210),
    ];
    for (measured, programmed) in measured {
        let late = measured.expect("a time") - SignedDuration::from_millis(programmed);
        // a timer is never early, but a busy machine may be late
        assert!(
            (-1..250).contains(&late.as_millis()),
            "{programmed} ms: {times:?}"
        );
    }
    let between = times.last_token.expect("a time") - times.first_content.expect("a time");
    assert_eq!(times.gaps.len(), 2, "{times:?}");
    assert_eq!(times.gaps.iter().copied().sum::<SignedDuration>(), between);
    let speed = told.speed();
    let after_first = speed.after_first.expect("a speed");
    assert!((10.0..140.0).contains(&after_first), "{speed:?}");
}
