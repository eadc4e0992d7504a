//! The mail server is away for a day, the program is killed twice, and every message arrives once, in order.

use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::Duration;

use mail_parser::MessageParser;
use serde_json::json;

use crate::http::{Answer, Server};
use crate::killed::{PROBE, Seeded, kill_after};
use crate::smtp::{Misdeed, Received, Script};
use crate::world::{World, until};

/// Hours without a mail server; in each of them a price moves.
const HOURS: usize = 24;

/// One installation that asks one list of prices.
struct Office {
    world: World,
    web: Server,
    version: usize,
}

impl Office {
    async fn new() -> Self {
        let world = World::new("");
        world.write("own/example.toml", PROBE);
        Self {
            world,
            web: Server::start().await,
            version: 0,
        }
    }

    /// Mail goes to that port from now on.
    fn post_to(&self, port: u16) {
        self.world.configure(&format!(
            "[probes]\nfolder = 'own'\nonly = ['example.models']\n[report]\non = false\n[http]\nper_host_pace_ms = 0\n\
             [http.rewrite]\n'https://api.example.test' = '{}'\n[mail]\nfrom = 'bell@watch.test'\nto = ['ops@example.test']\n\
             [mail.smtp]\nhost = '127.0.0.1'\nport = {port}\nsecurity = 'none'\n[detect]\nflap_window = '0s'\n[alerts]\nlimit = '1000/1h'\n",
            self.web.url()
        ));
    }

    /// Another price.
    fn price_moves(&mut self) {
        self.version += 1;
        let models = json!([{ "id": "model-a", "price": format!("{}.5", self.version) }]);
        let list = json!({ "data": models }).to_string();
        self.web
            .tell("/models", Answer::ok("application/json", list));
    }

    fn start(&self) -> Child {
        let mut program = self.world.program();
        program
            .args(["run", "--once"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        program.spawn().expect("the program")
    }

    /// Rounds until the last price is recorded.
    fn is_recorded(&self) {
        until(|| {
            self.world.good(&["run", "--once"]);
            (self.world.changes(true).len() + 1 == self.version).then_some(())
        });
    }

    fn outbox(&self) -> rusqlite::Connection {
        let database = self.world.path("data/bellwether.db");
        rusqlite::Connection::open(database).expect("the database")
    }

    /// An hour goes by: what was gathered is an hour old, and what waits for a time is an hour nearer to it.
    fn an_hour_passes(&self) {
        let older = "UPDATE outbox SET not_before = not_before - 3600000 WHERE state = 'waiting';
                     UPDATE alert SET raised_at = raised_at - 3600000;
                     UPDATE change_group SET opened_at = opened_at - 3600000, closes_at = closes_at - 3600000";
        self.outbox().execute_batch(older).expect("an hour");
    }

    fn waiting(&self) -> i64 {
        let count = "SELECT count(*) FROM outbox WHERE state = 'waiting'";
        self.outbox()
            .query_row(count, [], |row| row.get(0))
            .expect("a count")
    }
}

/// A port that nobody listens at.
fn nobody() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// What the messages say, in the order of their arrival: their id, the first of their thread, and the whole.
fn read(received: &[Received]) -> Vec<(String, Option<String>, String)> {
    let parsed = received.iter().map(|one| {
        let message = MessageParser::default().parse(&one.raw).expect("mail");
        let first = message.in_reply_to().as_text().map(str::to_string);
        let text = message.body_text(0).expect("a text").into_owned();
        (
            message.message_id().expect("an id").to_string(),
            first,
            text,
        )
    });
    parsed.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_of_a_day_without_a_mail_server_arrives_once_and_in_order() {
    let mut office = Office::new().await;
    office.post_to(nobody());
    office.price_moves();
    office.is_recorded();
    for hour in 0..HOURS {
        office.price_moves();
        if hour == HOURS / 2 {
            // killed while it asks, records, writes or tries to send: whenever that is
            let mut seeded = Seeded(5);
            until(|| {
                kill_after(office.start(), Duration::from_micros(seeded.below(60_000)))
                    .then_some(())
            });
        }
        office.is_recorded();
        office.an_hour_passes();
    }
    // and the message of the first start
    assert_eq!(
        office.waiting(),
        HOURS as i64 + 1,
        "nothing left while nobody took it"
    );

    // it is back, and takes a message; before that is noted, the program is killed
    let slow = crate::smtp::Server::start(Script {
        misdeed: Misdeed::StallsAtQuit,
        ..Script::default()
    })
    .await;
    office.post_to(slow.port);
    office.an_hour_passes();
    let mut child = office.start();
    until(|| {
        slow.commands()
            .iter()
            .any(|line| line.ends_with("QUIT"))
            .then_some(())
    });
    child.kill().expect("a kill");
    child.wait().expect("an end");
    assert_eq!(slow.received().len(), 1);
    assert_eq!(
        office.waiting(),
        HOURS as i64 + 1,
        "what was taken is not noted"
    );

    let post = crate::smtp::Server::start(Script::default()).await;
    office.post_to(post.port);
    until(|| {
        office.an_hour_passes();
        office.world.good(&["run", "--once"]);
        (office.waiting() == 0).then_some(())
    });
    let taken: Vec<Received> = [slow.received(), post.received()].concat();
    let all = read(&taken);
    let mut by_id: BTreeMap<&str, Vec<&[u8]>> = BTreeMap::new();
    for ((id, ..), received) in all.iter().zip(&taken) {
        by_id.entry(id).or_default().push(&received.raw);
    }
    assert_eq!(by_id.len(), HOURS + 1);
    assert_eq!(
        taken.len(),
        HOURS + 2,
        "only what was not noted is repeated"
    );
    for (id, raw) in &by_id {
        assert!(
            raw.iter().all(|one| *one == raw[0]),
            "{id} is the same to the letter"
        );
    }
    // the prices in the order of their arrival, each once
    let mut seen = std::collections::BTreeSet::new();
    let thread: Vec<_> = all
        .iter()
        .filter(|(id, _, text)| text.contains("price.input") && seen.insert(id.clone()))
        .collect();
    let prices: Vec<String> = (2..=HOURS + 1)
        .map(|version| format!("→ {version}.5 "))
        .collect();
    assert_eq!(thread.len(), prices.len());
    for ((_, _, text), price) in thread.iter().zip(&prices) {
        assert!(text.contains(price), "{price} is not the next one:\n{text}");
    }
    let first = thread.first().map(|(id, ..)| id.clone());
    assert!(
        thread[1..]
            .iter()
            .all(|(_, answered, _)| *answered == first)
    );
}
