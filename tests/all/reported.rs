//! Reports on schedule: one a period, through a real mail server, however often the daemon starts and whatever the clocks do.

use std::sync::{Arc, Mutex};

use bellwether::config::{Outside, ProbeFile, Settings, watch_list};
use bellwether::daemon::{Plan, run_once};
use jiff::Timestamp;
use serde_json::Value as Json;

use crate::http::{Answer, Server};
use crate::maildir::{Letter, Maildir};
use crate::world::World;

const PROBE: &str = "provider = 'newcomer'\nkind = 'direct'\n[[probe]]\nname = 'models'\ntitle = 'Models'\n\
    authority = 'provider-api'\nlists = true\ncomplete = true\nevery = '1m'\nreader = 'json'\n[probe.request]\n\
    url = 'https://api.newcomer.test/v1/models'\naccept = 'json'\n[probe.json]\nitems = 'data[]'\nnative_id = 'id'\n";

struct Life {
    world: World,
    web: Server,
    mail: Maildir,
    now: Arc<Mutex<Timestamp>>,
}

impl Life {
    async fn new() -> Option<Self> {
        // several tests may come here first
        let _ = rustls::crypto::ring::default_provider().install_default();
        let world = World::new("");
        let mail = Maildir::start(world.path("maildir"))?;
        world.write("own/newcomer.toml", PROBE);
        let web = Server::start().await;
        world.configure(&format!(
            "timezone = 'Europe/Berlin'\n[probes]\nfolder = 'own'\nonly = ['newcomer.models']\n[alerts]\nminimum = 'critical'\n\
             [report]\ncron = '30 2 * * sun'\nmonthly_cron = '0 7 1 * *'\n[http]\nper_host_pace_ms = 0\n\
             [http.rewrite]\n'https://api.newcomer.test' = '{}'\n[mail]\nfrom = 'Bellwether <bell@watch.test>'\n\
             to = ['ops@example.test']\n[mail.smtp]\nhost = '127.0.0.1'\nport = {}\nsecurity = 'none'\n",
            web.url(),
            mail.port
        ));
        let life = Self {
            world,
            web,
            mail,
            now: Arc::default(),
        };
        life.lists("one");
        Some(life)
    }

    /// The models that are listed from now on.
    fn lists(&self, more: &str) {
        let body = format!(r#"{{"data":[{{"id":"first"}},{{"id":"{more}"}}]}}"#);
        self.web
            .tell("/v1/models", Answer::ok("application/json", body));
    }

    /// The daemon is started, does what is due, and ends; gives the subjects of all reports so far.
    async fn starts_at(&self, moment: &str) -> Vec<String> {
        *self.now.lock().expect("the time") = moment.parse().expect("a time");
        let config = std::fs::read_to_string(self.world.path("bellwether.toml")).expect("settings");
        let outside = Outside {
            variable: &|_| None,
            file: &|_: &std::path::Path| Err("no files here".to_string()),
        };
        let settings = Settings::from_text("test.toml", &config, &outside).expect("sound settings");
        let own = ProbeFile {
            name: "newcomer.toml".to_string(),
            text: PROBE.to_string(),
        };
        let now = Arc::clone(&self.now);
        let plan = Plan {
            probes: watch_list(&[own], &settings).expect("a sound probe"),
            settings,
            endpoints: Vec::new(),
            inference: Vec::new(),
            database: self.world.path("data/bellwether.db"),
            clock: Arc::new(move || *now.lock().expect("the time")),
        };
        run_once(plan, |_, _| {}).await.expect("a round");
        let letters = self.mail.letters();
        let subjects = letters
            .iter()
            .map(|letter| letter.header("Subject").to_string());
        let mut periods: Vec<String> = subjects
            .filter_map(|subject| {
                let (period, _) = subject.strip_prefix("[bellwether] ")?.split_once(": ")?;
                Some(period.to_string())
            })
            .collect();
        periods.sort();
        periods
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_period_has_one_report_over_both_edges_of_summer_time_and_any_number_of_starts() {
    let Some(life) = Life::new().await else {
        return;
    };
    let (w42, w43, w47) = ("week 2026-W42", "week 2026-W43", "week 2026-W47");
    let october = "October 2026";
    for (moment, expected) in [
        ("2026-10-20T08:00:00Z", vec![]),
        ("2026-10-25T00:29:00Z", vec![]),
        // half past two in summer, and once more in winter
        ("2026-10-25T00:31:00Z", vec![w42]),
        ("2026-10-25T00:32:00Z", vec![w42]),
        ("2026-10-25T01:31:00Z", vec![w42]),
        ("2026-10-25T03:00:00Z", vec![w42]),
        // Sunday and the first of a month at once
        ("2026-11-01T06:01:00Z", vec![october, w42, w43]),
        // set back, and right again
        ("2026-11-01T00:00:00Z", vec![october, w42, w43]),
        ("2026-11-01T06:02:00Z", vec![october, w42, w43]),
        // off for three weeks
        ("2026-11-23T09:00:00Z", vec![october, w42, w43, w47]),
        ("2026-11-23T09:01:00Z", vec![october, w42, w43, w47]),
    ] {
        assert_eq!(life.starts_at(moment).await, expected, "{moment}");
    }
    // half past two does not exist on the last Sunday of March
    let before = life.starts_at("2027-03-21T12:00:00Z").await;
    assert_eq!(life.starts_at("2027-03-28T00:59:00Z").await, before);
    life.starts_at("2027-03-28T01:01:00Z").await;
    life.starts_at("2027-03-28T02:01:00Z").await;
    let after = life.starts_at("2027-03-28T12:00:00Z").await;
    let is_new = |period: &&String| !before.contains(period);
    assert_eq!(
        after.iter().filter(is_new).collect::<Vec<_>>(),
        ["week 2027-W11"]
    );
    let ids: std::collections::HashSet<String> = life
        .mail
        .letters()
        .iter()
        .map(|letter| letter.header("Message-ID").to_string())
        .collect();
    assert_eq!(ids.len(), after.len(), "each has an id of its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailed_report_is_what_other_parsers_read_and_what_is_archived() {
    let Some(life) = Life::new().await else {
        return;
    };
    life.starts_at("2026-10-13T08:00:00Z").await;
    life.lists("second");
    life.starts_at("2026-10-14T08:00:00Z").await;
    life.starts_at("2026-10-15T08:00:00Z").await;
    life.starts_at("2026-10-16T08:00:00Z").await;
    assert_eq!(life.starts_at("2026-10-25T06:00:00Z").await.len(), 1);
    let letters = life.mail.letters();
    let letter: &Letter = letters.last().expect("the report");
    assert_eq!(letter.defects, Vec::<String>::new());
    assert_eq!(
        letter.structure,
        [
            "multipart/alternative",
            "text/plain",
            "multipart/related",
            "text/html",
            "image/png"
        ]
    );
    assert!(letter.bytes < 1_000_000, "{}", letter.bytes);
    let mut shown: Vec<String> = letter
        .elements
        .iter()
        .filter(|(tag, _)| tag == "img")
        .flat_map(|(_, attributes)| attributes.iter().filter(|(name, _)| name == "src"))
        .filter_map(|(_, source)| Some(format!("<{}>", source.strip_prefix("cid:")?)))
        .collect();
    shown.sort();
    let mut there: Vec<String> = letter.inline.iter().map(|(id, _)| id.clone()).collect();
    there.sort();
    assert_eq!(shown, there);
    assert_eq!(there, ["<changes-by-day@bellwether>"]);
    let text = letter.part("text/plain");
    for said in [
        "newcomer: second added",
        "newcomer: one removed",
        "bar chart",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // the text has every sentence of the page
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let flat_text = flat(text);
    for said in letter.texts.iter().map(|said| flat(said)) {
        let is_style = said.contains('{');
        let is_there = flat_text.contains(said.trim_matches(['·', ' ']));
        assert!(is_style || is_there, "{said}");
    }

    let listed: Json =
        serde_json::from_str(&life.world.good(&["--format", "json", "report", "--list"]))
            .expect("JSON");
    assert_eq!(
        (&listed[0]["id"], &listed[0]["kind"], &listed[0]["to"]),
        (&"2026-W42".into(), &"weekly".into(), &"2026-10-18".into())
    );
    let archived = |form| {
        life.world
            .good(&["report", "--archived", "2026-W42", "--as", form])
    };
    assert_eq!(flat(&archived("text")), flat_text);
    let json: Json = serde_json::from_str(&archived("json")).expect("JSON");
    let said = &json["sections"]["new_and_gone"]["items"][0]["said"];
    assert_eq!(said, "newcomer: second added");
    assert!(archived("html").contains("<h2 id=\"new_and_gone\">"));
    for wrong in [
        ["report", "--archived", "2026-W43", "--as", "text"],
        ["report", "--archived", "2026-W42", "--as", "eml"],
    ] {
        assert_eq!(life.world.run(&wrong).code, 2, "{wrong:?}");
    }

    // once more on purpose: another mail, and nothing else is the worse for it
    for _ in 0..2 {
        life.world.good(&["report", "--week", "2026-W42", "--send"]);
    }
    let letters = life.mail.letters();
    let ids: std::collections::HashSet<&str> = letters
        .iter()
        .map(|letter| letter.header("Message-ID"))
        .collect();
    assert_eq!((letters.len(), ids.len()), (3, 3));

    // what is watched no more is in no trouble
    let sources = || -> Json {
        let said = life
            .world
            .good(&["report", "--week", "2026-W42", "--as", "json"]);
        serde_json::from_str::<Json>(&said).expect("JSON")["sources"].clone()
    };
    assert_eq!(sources()[0]["source"], "newcomer.models");
    life.world.configure("[probes]\nonly = ['models-dev']\n");
    assert_eq!(sources(), Json::Array(Vec::new()));
}
