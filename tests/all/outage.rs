//! A provider's outage seen by forty probes: one message, one update, one resolve, in one thread, in a real mailbox.

use std::sync::{Arc, Mutex};

use bellwether::alerting::{self, Matcher, Policy, Route, Scope};
use bellwether::config::{Outside, Own, ProbeFile, Settings, declared, watched};
use bellwether::daemon::delivery::{Post, round};
use bellwether::daemon::judge::judge;
use bellwether::daemon::pipeline::{self, Arrival};
use bellwether::daemon::reading::Target;
use bellwether::daemon::writer::Writer;
use bellwether::daemon::{Plan, one_round};
use bellwether::deliver::{Carrier, Mailer, Memory};
use bellwether::latency::KeptSample;
use bellwether::market::{Phases, Severity};
use bellwether::store::{Series, SeriesKind, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::http::{Answer, Server};
use crate::maildir::{Letter, Maildir};
use crate::world::World;

/// Endpoints of the provider.
const TARGETS: usize = 40;

/// A daemon on a clock of the test's own: forty endpoints and a status page of one provider, a mail server with a maildir.
struct Watch {
    world: World,
    web: Server,
    mail: Maildir,
    now: Arc<Mutex<Timestamp>>,
    declared: ProbeFile,
}

impl Watch {
    async fn new() -> Option<Self> {
        // several tests may come here first
        let _ = rustls::crypto::ring::default_provider().install_default();
        let world = World::new("");
        let mail = Maildir::start(world.path("maildir"))?;
        let web = Server::start().await;
        let regions: Vec<String> = (1..=TARGETS).map(|n| format!("area-{n:02}")).collect();
        let text = format!(
            "provider = 'acme'\nkind = 'cloud'\n[[endpoint]]\nname = 'api'\ntitle = 'It'\nurl = 'https://{{region}}.acme.test/models'\n\
             connection = 'fresh'\n[endpoint.scopes]\nregion = {regions:?}\n[[probe]]\nname = 'status'\ntitle = 'Its page'\n\
             authority = 'provider-page'\nlists = false\ncomplete = true\nevery = '1m'\nreader = 'statuspage'\n[probe.request]\n\
             url = 'https://status.acme.test/summary.json'\naccept = 'json'\n[probe.statuspage]\n"
        );
        let rewrite: String = regions
            .iter()
            .map(|region| format!("'https://{region}.acme.test' = '{}'\n", web.url()))
            .collect();
        world.configure(&format!(
            "[probes]\nonly = ['acme.status']\n[endpoints]\nonly = ['acme']\n[report]\non = false\n[http]\nper_host_pace_ms = 0\n\
             [http.rewrite]\n'https://status.acme.test' = '{}'\n{rewrite}[mail]\nfrom = 'Bellwether <bell@watch.test>'\n\
             to = ['ops@example.test']\n[mail.smtp]\nhost = '127.0.0.1'\nport = {}\nsecurity = 'none'\n",
            web.url(),
            mail.port
        ));
        let watch = Self {
            world,
            web,
            mail,
            now: Arc::new(Mutex::new("2026-11-23T10:00:00Z".parse().expect("a time"))),
            declared: ProbeFile {
                name: "acme.toml".to_string(),
                text,
            },
        };
        watch.answers(200);
        watch.page(None, true);
        Some(watch)
    }

    /// What the endpoints answer from now on.
    fn answers(&self, status: u16) {
        let answer = Answer::with_status(status, "text/plain", "said");
        self.web.tell("/models", answer);
    }

    /// What the page says from now on: of the outage, and whether its components work.
    fn page(&self, state: Option<&str>, works: bool) {
        let incidents: Vec<Json> = state
            .iter()
            .map(|state| {
                json!({ "id": "i1", "name": "Elevated errors on all models", "status": state, "impact": "major",
                    "started_at": "2026-11-23T10:06:00Z", "shortlink": "https://status.acme.test/i1",
                    "components": [{ "id": "c1", "name": "API" }] })
            })
            .collect();
        let component = if works { "operational" } else { "major_outage" };
        let components: Vec<Json> = ["API", "Console"]
            .iter()
            .enumerate()
            .map(|(n, name)| json!({ "id": format!("c{}", n + 1), "name": name, "status": component }))
            .collect();
        let page = json!({ "page": { "id": "p" }, "components": components, "incidents": incidents,
            "scheduled_maintenances": [] });
        let answer = Answer::ok("application/json", page.to_string());
        self.web.tell("/summary.json", answer);
    }

    /// So many rounds of the daemon, one a minute.
    async fn minutes(&self, n: usize) {
        let text = std::fs::read_to_string(self.world.path("bellwether.toml")).expect("rules");
        for _ in 0..n {
            *self.now.lock().expect("the time") += SignedDuration::from_mins(1);
            let outside = Outside {
                variable: &|_| None,
                file: &|_| Err("no files here".to_string()),
            };
            let settings = Settings::from_text("test.toml", &text, &outside).expect("sound");
            let all = watched(std::slice::from_ref(&self.declared), &settings).expect("probes");
            let clock = Arc::clone(&self.now);
            let plan = Plan {
                settings,
                probes: all.probes,
                endpoints: all.endpoints,
                inference: Vec::new(),
                database: self.world.path("data/bellwether.db"),
                clock: Arc::new(move || *clock.lock().expect("the time")),
            };
            one_round(plan, |_, _| {}, false).await.expect("a round");
        }
    }
}

/// The headers of a message, in their order.
const HEADERS: [&str; 9] = [
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "List-Id",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
];

/// Whether the message is sound by the other parsers: its headers, and a page that says what the text says.
fn assert_sound(letter: &Letter) {
    assert_eq!(letter.defects, Vec::<String>::new());
    let own = |name: &&str| !matches!(*name, "In-Reply-To" | "References");
    let names: Vec<&str> = letter.header_names().into_iter().filter(own).collect();
    assert_eq!(names, HEADERS);
    assert_eq!(letter.header("From"), "Bellwether <bell@watch.test>");
    assert_eq!(letter.header("To"), "ops@example.test");
    assert_eq!(
        letter.header("List-Id"),
        "Bellwether <bellwether.watch.test>"
    );
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    let id = letter.header("Message-ID");
    assert!(id.starts_with('<') && id.ends_with("@bellwether>"), "{id}");
    assert_eq!(letter.media_type, "multipart/alternative");
    let page: String = letter.texts.join(" ");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = words(&page);
    for line in letter.part("text/plain").lines().skip(1) {
        // in the text an id stands before its row
        let line = line.trim_start();
        let line = match line.split_once("  ") {
            Some((_, rest)) => rest,
            None => line,
        };
        assert!(
            page.contains(&words(line)),
            "{line:?} is not on the page: {page}"
        );
    }
}

/// Whether the messages are one thread: each later one answers the first and bears its subject.
fn assert_one_thread(letters: &[Letter]) {
    let (first, later) = letters.split_first().expect("a message");
    assert_eq!(
        (first.header("In-Reply-To"), first.header("References")),
        ("", "")
    );
    for letter in later {
        let first_id = first.header("Message-ID");
        assert_ne!(letter.header("Message-ID"), first_id);
        assert_eq!(letter.header("In-Reply-To"), first_id);
        assert_eq!(letter.header("References"), first_id);
        assert_eq!(
            letter.header("Subject"),
            format!("Re: {}", first.header("Subject"))
        );
    }
}

/// The subject and the text without its facts, and without what is said of the third target to the last but one.
fn brief(letter: &Letter) -> String {
    let (said, facts) = letter
        .part("text/plain")
        .rsplit_once("\n\n")
        .expect("facts");
    for label in ["Seen", "Confirmed", "Source", "Evidence", "More"] {
        assert!(facts.contains(label), "{label} is not in {facts}");
    }
    let is_shown = |line: &&str| {
        let area = line.split_once("area-").and_then(|(_, rest)| rest.get(..2));
        !area.is_some_and(|n| n > "02" && n < "40")
    };
    let lines: Vec<&str> = said.lines().filter(is_shown).collect();
    format!("{}\n\n{}", letter.header("Subject"), lines.join("\n"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_seen_by_forty_probes_is_one_message_one_update_and_one_resolve() {
    let Some(watch) = Watch::new().await else {
        return;
    };
    watch.minutes(5).await;
    watch.answers(503);
    watch.minutes(15).await;
    watch.page(Some("investigating"), false);
    watch.minutes(10).await;
    watch.answers(200);
    // the page is quick to say so; what is well for ten minutes is well by our own samples
    watch.minutes(3).await;
    watch.page(Some("resolved"), true);
    watch.minutes(30).await;
    let letters = watch.mail.letters();
    let all: Vec<String> = letters.iter().map(brief).collect();
    let [opened, updated, resolved] = &all[..] else {
        panic!("{} messages: {all:#?}", all.len());
    };
    // on a busy machine a check may come late, and then says nothing
    let filters = vec![
        (r"[0-9a-f]{16}", "[id]"),
        (r"10:\d\d", "10:[mm]"),
        (r"(for|after|up to) \d+ min", "$1 [n] min"),
        (r"after up to", "after"),
        (r"\d of the last 5", "[n] of the last 5"),
    ];
    insta::with_settings!({ filters => filters }, {
        insta::assert_snapshot!(opened, @"
        [bellwether] acme: 40 endpoints down since 2026-11-23 10:[mm] UTC

        WARNING  acme: 40 endpoints down since 2026-11-23 10:[mm] UTC

        down
          [id]  area-01.acme.test in area-01, since 2026-11-23 10:[mm] UTC: [n] of the last 5 checks failed
          [id]  area-02.acme.test in area-02, since 2026-11-23 10:[mm] UTC: [n] of the last 5 checks failed
          [id]  area-40.acme.test in area-40, since 2026-11-23 10:[mm] UTC: [n] of the last 5 checks failed
        ");
        insta::assert_snapshot!(updated, @"
        Re: [bellwether] acme: 40 endpoints down since 2026-11-23 10:[mm] UTC

        WARNING  acme: incident opened: Elevated errors on all models; component Console status operational → major_outage

        incident opened: Elevated errors on all models
          [id]  API

        component status operational → major_outage
          [id]  Console
        ");
        insta::assert_snapshot!(resolved, @"
        Re: [bellwether] acme: 40 endpoints down since 2026-11-23 10:[mm] UTC

        NOTICE  acme: 40 endpoints answer again since 2026-11-23 10:[mm] UTC, after [n] min; component Console status major_outage → operational; incident resolved: Elevated errors on all models

        component status major_outage → operational
          [id]  Console

        answers again
          [id]  area-01.acme.test in area-01, since 2026-11-23 10:[mm] UTC, down for [n] min
          [id]  area-02.acme.test in area-02, since 2026-11-23 10:[mm] UTC, down for [n] min
          [id]  area-40.acme.test in area-40, since 2026-11-23 10:[mm] UTC, down for [n] min

        incident resolved: Elevated errors on all models
          [id]  API
        ");
    });
    for letter in &letters {
        assert_sound(letter);
    }
    assert_one_thread(&letters);
}

/// Forty endpoints that are checked one after the other in the course of five minutes, and are judged when that is done.
struct Staggered {
    _folder: tempfile::TempDir,
    writer: Writer,
    post: Post,
    mail: Memory,
    policy: Arc<Policy>,
}

impl Staggered {
    fn new(watched: bool) -> Self {
        let mut policy = Policy::telling(vec!["ops@example.test".to_string()], Severity::Notice);
        if watched {
            policy.watches.push(production());
        }
        Self::telling(policy)
    }

    fn telling(policy: Policy) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        let (writer, _thread) = Writer::start(store).expect("a thread");
        let (mailer, mail) = Mailer::memory();
        let policy = Arc::new(policy);
        let post = Post {
            carrier: Arc::new(Carrier::of_mail(mailer, "bell@watch.test")),
            zone: jiff::tz::TimeZone::UTC,
            watched: Arc::default(),
            accepted: Arc::default(),
            templates: Default::default(),
            policy: Arc::clone(&policy),
        };
        Self {
            _folder: folder,
            writer,
            post,
            mail,
            policy,
        }
    }

    /// Minute by minute, in which a target answers or does not; delivery has its turn in each.
    async fn minutes(&self, minutes: std::ops::Range<i64>, answers: impl Fn(i64, i64) -> bool) {
        let begin: Timestamp = "2026-11-23T00:00:00Z".parse().expect("a time");
        for minute in minutes {
            let now = begin + SignedDuration::from_mins(minute);
            let said: Vec<(i64, bool)> = (0..TARGETS as i64)
                .filter(|n| n % 5 == minute % 5)
                .map(|n| (n, answers(n, minute)))
                .collect();
            let keep = move |store: &mut Store| {
                store.transaction(|transaction| {
                    for (n, is_good) in said {
                        let series = transaction.series_id(&target(n))?;
                        transaction.append_sample(series, &sample(now, is_good))?;
                    }
                    Ok::<_, bellwether::store::Error>(())
                })
            };
            self.writer.run(keep).await.expect("kept");
            if minute % 5 == 1 {
                let none = Arc::default();
                judge(&self.writer, &self.policy, &none, now)
                    .await
                    .expect("judged");
            }
            round(&self.writer, &self.post, now, false)
                .await
                .expect("a round");
        }
    }

    /// What each message says in its heading.
    fn headings(&self) -> Vec<String> {
        let mail = self.mail.delivered().into_iter();
        mail.map(|mail| {
            mail.message
                .text
                .lines()
                .next()
                .unwrap_or_default()
                .to_string()
        })
        .collect()
    }
}

fn production() -> alerting::Watch {
    alerting::Watch {
        name: "production".to_string(),
        scope: Scope {
            providers: vec!["acme".to_string()],
            ..Scope::default()
        },
    }
}

fn target(n: i64) -> Series {
    Series {
        kind: SeriesKind::Endpoint,
        vantage: "here".to_string(),
        provider: "acme".to_string(),
        probe: "acme.api".to_string(),
        region: format!("area-{n:02}"),
        host: format!("area-{n:02}.acme.test"),
        way: "fresh".to_string(),
        ..Series::default()
    }
}

fn sample(at: Timestamp, is_good: bool) -> KeptSample {
    let took = is_good.then(|| SignedDuration::from_millis(80));
    KeptSample {
        at,
        outcome: if is_good { "ok" } else { "status" }.to_string(),
        phases: Phases {
            first_byte: took,
            total: took,
            ..Phases::default()
        },
        first_token: None,
    }
}

#[tokio::test]
async fn what_is_seen_bit_by_bit_is_told_in_as_few_messages() {
    // who watches is told at once, and a little later of those that were judged later
    for (watched, told) in [(false, 2), (true, 3)] {
        let checks = Staggered::new(watched);
        checks.minutes(0..60, |_, _| true).await;
        checks.minutes(60..120, |_, _| false).await;
        // some are back twenty minutes before the others
        checks
            .minutes(120..180, |n, minute| n >= 20 || minute >= 140)
            .await;
        let headings = checks.headings();
        assert_eq!(headings.len(), told, "{headings:#?}");
        let last = headings.last().expect("a message");
        assert!(
            last.starts_with("NOTICE  acme: 40 endpoints answer again since"),
            "{last}"
        );
        let mail = checks.mail.delivered();
        let first = Some(mail[0].message.message_id.clone());
        assert!(
            mail[1..]
                .iter()
                .all(|mail| mail.message.in_reply_to == first)
        );
    }
}

/// A policy whose first route takes what is critical, and leaves all of it to the others too.
fn on_call() -> Policy {
    let mut policy = Policy::telling(vec!["ops@example.test".to_string()], Severity::Notice);
    policy.watches.push(production());
    let on_call = Route {
        name: "on-call".to_string(),
        takes: Matcher {
            minimum: Severity::Critical,
            ..Matcher::default()
        },
        recipients: vec!["night@example.test".to_string()],
        goes_on: true,
        ..policy.routes[0].clone()
    };
    policy.routes.insert(0, on_call);
    policy
}

#[tokio::test]
async fn whoever_was_woken_hears_of_the_end_even_days_later() {
    for minutes in [60, 3 * 24 * 60] {
        let checks = Staggered::telling(on_call());
        checks.minutes(0..60, |_, _| true).await;
        checks.minutes(60..90, |_, _| false).await;
        // nothing turns in between
        let up = 60 + minutes;
        checks.minutes(up - 30..up, |_, _| false).await;
        checks.minutes(up..up + 60, |_, _| true).await;
        let mail = checks.mail.delivered();
        let night = mail
            .iter()
            .filter(|mail| mail.recipient == "night@example.test");
        let headings: Vec<&str> = night
            .filter_map(|mail| mail.message.text.lines().next())
            .collect();
        let (first, last) = (headings[0], headings[headings.len() - 1]);
        assert!(first.starts_with("CRITICAL  acme: "), "{headings:#?}");
        assert!(
            last.starts_with("NOTICE  acme: 40 endpoints answer again since"),
            "{headings:#?}"
        );
    }
}

/// What OpenAI's status page says of two incidents.
fn page_of(states: [&str; 2]) -> String {
    let incidents: Vec<Json> = (1..)
        .zip(states)
        .filter(|(_, state)| !state.is_empty())
        .map(|(n, state)| {
            json!({ "id": format!("i{n}"), "name": format!("Trouble {n}"), "status": state, "impact": "major",
                "started_at": "2026-11-23T00:00:00Z", "components": [] })
        })
        .collect();
    let component = json!({ "id": "c1", "name": "API", "status": "operational" });
    json!({ "page": { "id": "p" }, "components": [component], "incidents": incidents, "scheduled_maintenances": [] })
        .to_string()
}

#[tokio::test]
async fn two_incidents_that_end_together_are_each_ended_where_they_were_told() {
    let office = Staggered::new(false);
    let mut probes = declared(&[], Own::default()).expect("the shipped probes");
    probes.retain(|probe| probe.id.as_str() == "openai.status");
    let probe = Arc::new(probes.remove(0));
    let begin: Timestamp = "2026-11-23T00:00:00Z".parse().expect("a time");
    for (minute, states) in [
        (0, ["", ""]),
        (10, ["investigating", ""]),
        (70, ["investigating", "investigating"]),
        (130, ["resolved", "resolved"]),
    ] {
        for repeated in 0..30 {
            let at = begin + SignedDuration::from_mins(minute + repeated);
            let (probe, policy) = (Arc::clone(&probe), Arc::clone(&office.policy));
            let hear = move |store: &mut Store| {
                let body = page_of(states);
                let arrival = Arrival {
                    at,
                    answer: pipeline::Answer::Body {
                        bytes: body.as_bytes(),
                        content_type: None,
                        etag: None,
                        last_modified: None,
                    },
                    sample: None,
                    vantage: "here",
                    imported: false,
                    inconclusive: false,
                };
                let target = Target::new(&probe, &probe.scopes[0]);
                pipeline::take(store, &target, &arrival, &policy).map(|_| ())
            };
            office.writer.run(hear).await.expect("taken");
            round(&office.writer, &office.post, at, false)
                .await
                .expect("a round");
        }
    }
    let mail = office.mail.delivered();
    let mut answers: Vec<Option<usize>> = mail
        .iter()
        .map(|letter| {
            let answered = letter.message.in_reply_to.as_ref()?;
            mail.iter()
                .position(|other| other.message.message_id == *answered)
        })
        .collect();
    answers.sort_unstable();
    let headings = office.headings();
    assert_eq!(answers, [None, None, Some(0), Some(1)], "{headings:#?}");
}
