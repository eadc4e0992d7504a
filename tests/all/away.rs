//! The machine's network is taken away and given back, in a network of the test's own.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};

use bellwether::config::{Outside, ProbeFile, Settings, watched};
use bellwether::daemon::{Plan, Round, run_once};
use bellwether::store::{AllIncidents, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json};

use crate::http::{Answer, Server};
use crate::world::World;

/// Set for the test itself, which runs in a namespace that it may do with as it likes.
const INSIDE: &str = "BELLWETHER_TEST_NAMESPACE";
const NAME: &str = "away::our_own_network_is_nobodys_outage_and_is_told_once";
const PROVIDERS: [&str; 3] = ["one", "two", "three"];

#[test]
fn our_own_network_is_nobodys_outage_and_is_told_once() {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(inside());
        return;
    }
    let in_namespace = |command: &[&std::ffi::OsStr]| {
        Command::new("unshare")
            .args(["--user", "--map-root-user", "--net"])
            .args(command)
            .env(INSIDE, "1")
            .output()
    };
    let up = ["ip", "link", "set", "lo", "up"].map(std::ffi::OsStr::new);
    if !in_namespace(&up).is_ok_and(|output| output.status.success()) {
        let is_required = std::env::var("BELLWETHER_CI").is_ok_and(|value| value == "1");
        assert!(
            !is_required,
            "unshare, ip and namespaces are required in CI"
        );
        let sentence =
            "skipped: no network namespace can be made here, so no network was taken away";
        writeln!(std::io::stderr(), "{sentence}").expect("stderr takes a line");
        return;
    }
    let program = std::env::current_exe().expect("this program");
    let again = [
        program.as_os_str(),
        NAME.as_ref(),
        "--exact".as_ref(),
        "--nocapture".as_ref(),
    ];
    let output = in_namespace(&again).expect("a run");
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&said)
    );
}

fn link(state: &str) {
    let done = Command::new("ip")
        .args(["link", "set", "lo", state])
        .status();
    assert!(done.expect("ip runs").success(), "the link goes {state}");
}

/// Each provider has a source and an endpoint, and all are asked once a minute of the test's clock.
struct Machine {
    world: World,
    now: Arc<Mutex<Timestamp>>,
    declared: Vec<ProbeFile>,
}

impl Machine {
    fn new(web: &Server) -> Self {
        web.tell(
            "/models",
            Answer::ok("application/json", r#"{"data":[{"id":"a"},{"id":"b"}]}"#),
        );
        let declared = |provider: &&str| ProbeFile {
            name: format!("{provider}.toml"),
            text: format!(
                "provider = '{provider}'\nkind = 'direct'\n[[endpoint]]\nname = 'api'\ntitle = 'It'\nurl = '{url}/models'\ntimeout = '1s'\n\
                 connection = 'fresh'\n[[probe]]\nname = 'models'\ntitle = 'Models'\nauthority = 'provider-api'\nlists = true\n\
                 complete = true\nevery = '1m'\nreader = 'json'\n[probe.request]\nurl = '{url}/models'\naccept = 'json'\n\
                 [probe.json]\nitems = 'data[]'\nnative_id = 'id'\n",
                url = web.url()
            ),
        };
        let begin = bellwether::daemon::clock::now() - SignedDuration::from_hours(2);
        Self {
            world: World::new(""),
            now: Arc::new(Mutex::new(begin)),
            declared: PROVIDERS.iter().map(declared).collect(),
        }
    }

    fn plan(&self) -> Plan {
        let mail = self.world.path("mail");
        let config = format!(
            "[probes]\nonly = ['one.models', 'two.models', 'three.models']\n[endpoints]\nonly = ['one', 'two', 'three']\n\
             [http]\nper_host_pace_ms = 0\nconnect_deadline = '1s'\n[mail]\nfrom = 'b@example.test'\nto = ['ops@example.test']\ndirectory = '{}'\n",
            mail.display()
        );
        let outside = Outside {
            variable: &|_| None,
            file: &|_: &std::path::Path| Err("no files here".to_string()),
        };
        let settings = Settings::from_text("test.toml", &config, &outside).expect("sound");
        let all = watched(&self.declared, &settings).expect("sound probes");
        let now = Arc::clone(&self.now);
        Plan {
            settings,
            probes: all.probes,
            endpoints: all.endpoints,
            inference: Vec::new(),
            database: self.world.path("data/bellwether.db"),
            clock: Arc::new(move || *now.lock().expect("the time")),
        }
    }

    /// A new start of the program each minute.
    async fn rounds(&self, n: usize) -> Vec<(usize, usize)> {
        let mut endpoints = Vec::new();
        for _ in 0..n {
            *self.now.lock().expect("the time") += SignedDuration::from_mins(1);
            let round: Round = run_once(self.plan(), |_, _| {}).await.expect("a round");
            endpoints.push(round.endpoints);
        }
        endpoints
    }

    fn lines(&self, arguments: &[&str]) -> Vec<Map<String, Json>> {
        let said = self
            .world
            .good(&[&["--format", "jsonl"], arguments].concat());
        let objects = said.lines().filter(|line| line.starts_with('{'));
        objects
            .map(|line| serde_json::from_str(line).expect("an object"))
            .collect()
    }

    /// Messages of our own network, as they lie in the mail folder.
    fn told(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.world.path("mail")).expect("mail");
        let read = |file: std::io::Result<std::fs::DirEntry>| {
            std::fs::read_to_string(file.expect("a file").path()).expect("a message")
        };
        let all = files.map(read);
        all.filter(|mail| mail.contains("network here was away"))
            .collect()
    }

    /// How many samples of each provider's endpoint ended how.
    fn outcomes(&self) -> BTreeSet<String> {
        let mut counted: BTreeMap<(String, String), u32> = BTreeMap::new();
        for row in self.lines(&["latency", "--samples", "--since", "1d"]) {
            if row["kind"] == "endpoint" {
                let text = |key: &str| row[key].as_str().expect("a text").to_string();
                let word = text("outcome").replace("delayed", "ok");
                *counted.entry((text("provider"), word)).or_default() += 1;
            }
        }
        counted
            .iter()
            .map(|((provider, word), n)| format!("{provider} {word} {n}"))
            .collect()
    }
}

async fn inside() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    link("up");
    let web = Server::start().await;
    let machine = Machine::new(&web);
    assert_eq!(machine.rounds(4).await, [(3, 3); 4]);
    link("down");
    assert_eq!(machine.rounds(6).await, [(3, 0); 6]);
    assert_eq!(machine.told().len(), 0, "no mail goes out before");
    link("up");
    assert_eq!(machine.rounds(3).await, [(3, 3); 3]);
    // too short to be told
    link("down");
    assert_eq!(machine.rounds(1).await, [(3, 0); 1]);
    link("up");
    assert_eq!(machine.rounds(4).await, [(3, 3); 4]);

    let of = |provider: &&str| {
        [
            format!("{provider} inconclusive 7"),
            format!("{provider} ok 11"),
        ]
    };
    let expected: BTreeSet<String> = PROVIDERS.iter().flat_map(of).collect();
    assert_eq!(machine.outcomes(), expected);
    let windows = machine.lines(&["latency", "--by", "provider,kind", "--since", "1d"]);
    let failures: Vec<&Json> = windows
        .iter()
        .filter(|row| row["kind"] == "endpoint")
        .map(|row| &row["failures"]["inconclusive"])
        .collect();
    assert_eq!(failures, [7, 7, 7], "{windows:?}");
    let store = Store::open(&machine.world.path("data/bellwether.db")).expect("the database");
    let incidents = store.own_incidents(Timestamp::MIN, Timestamp::MAX);
    assert_eq!(incidents.expect("incidents"), []);
    assert!(
        machine.world.changes(true).is_empty(),
        "no source is broken"
    );
    for row in machine.lines(&["uptime", "--since", "1d"]) {
        assert_eq!(
            (&row["bad"], &row["down_s"]),
            (&Json::from(0), &Json::from(0)),
            "{row:?}"
        );
    }
    let told = machine.told();
    let [told] = &told[..] else {
        panic!("{} messages: {told:?}", told.len());
    };
    assert!(
        told.contains("18 checks") && told.contains("3 sources"),
        "{told}"
    );
}
