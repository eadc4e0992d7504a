//! A model that is new is told at once; what its other sources add in its first day is told once, in the thread of the launch.

use std::sync::Arc;

use bellwether::alerting::{Policy, replay};
use bellwether::config::{Own, Probe, ProbeFile, declared};
use bellwether::daemon::delivery::{Post, round};
use bellwether::daemon::pipeline::{Answer, Arrival, take};
use bellwether::daemon::reading::Target;
use bellwether::daemon::writer::Writer;
use bellwether::deliver::{Carrier, Mailer};
use bellwether::market::Severity;
use bellwether::store::{ChangeFilter, Changes, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

const PROBES: &str = "provider = 'acme'\nkind = 'direct'\n\
    [[probe]]\nname = 'models'\ntitle = 'Its list'\nauthority = 'provider-api'\nlists = true\ncomplete = true\nevery = '15m'\n\
    reader = 'json'\n[probe.request]\nurl = 'https://acme.test/models'\naccept = 'json'\n\
    [probe.json]\nitems = '[]'\nnative_id = 'id'\nregion = 'region'\n\
    [[probe]]\nname = 'limits'\ntitle = 'Its limits'\nauthority = 'provider-api'\nlists = false\ncomplete = true\nevery = '1h'\n\
    reader = 'json'\n[probe.request]\nurl = 'https://acme.test/limits'\naccept = 'json'\n\
    [probe.json]\nitems = '[]'\nnative_id = 'id'\n[[probe.json.attribute]]\nattribute = 'limit.context'\npath = 'context'\n\
    [[probe.json.attribute]]\nattribute = 'limit.output'\npath = 'output'\n";

struct World {
    folder: tempfile::TempDir,
    store: Store,
    probes: Vec<Probe>,
    policy: Policy,
}

fn hour(n: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    begin + SignedDuration::from_hours(n)
}

impl World {
    /// One model is known, with its limits.
    fn new() -> Self {
        let file = ProbeFile {
            name: "acme.toml".to_string(),
            text: PROBES.to_string(),
        };
        let probes = declared(&[file], Own::default()).expect("sound probes");
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        let mut world = Self {
            folder,
            store,
            probes,
            policy: Policy::telling(vec!["reader@example.org".to_string()], Severity::Notice),
        };
        world.says("acme.models", 0, &json!([{ "id": "m-1", "region": "eu" }]));
        world.says(
            "acme.limits",
            0,
            &json!([{ "id": "m-1", "context": 1_000 }]),
        );
        world
    }

    fn says(&mut self, probe: &str, at: i64, body: &Json) {
        let mut probes = self.probes.iter();
        let probe = probes
            .find(|one| one.id.as_str() == probe)
            .expect("a probe");
        let body = body.to_string();
        let arrival = Arrival {
            at: hour(at),
            answer: Answer::Body {
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
        let target = Target::new(probe, &probe.scopes[0]);
        take(&mut self.store, &target, &arrival, &self.policy).expect("a sound store");
    }

    fn lists(&mut self, at: i64, offerings: &[(&str, &str)]) {
        let row = |(id, region): &(&str, &str)| json!({ "id": id, "region": region });
        let rows: Vec<Json> = offerings.iter().map(row).collect();
        self.says("acme.models", at, &rows.into());
    }

    fn limits(&mut self, at: i64, limits: Json) {
        let new = json!({ "id": "m-2" });
        let mut new = new.as_object().cloned().expect("an object");
        new.extend(limits.as_object().cloned().expect("an object"));
        self.says(
            "acme.limits",
            at,
            &json!([{ "id": "m-1", "context": 1_000 }, new]),
        );
    }

    /// The subjects of what a round of delivery sends at an hour, and whether each answers an earlier message.
    async fn sent(&self, at: i64) -> Vec<(String, bool)> {
        let store = Store::open(&self.folder.path().join("bellwether.db")).expect("a database");
        let (writer, _thread) = Writer::start(store).expect("a thread");
        let (mailer, mail) = Mailer::memory();
        let post = Post {
            carrier: Arc::new(Carrier::of_mail(mailer, "bell@watch.test")),
            zone: jiff::tz::TimeZone::UTC,
            watched: Arc::default(),
            accepted: Arc::default(),
            templates: Default::default(),
            policy: Arc::new(self.policy.clone()),
        };
        round(&writer, &post, hour(at), false)
            .await
            .expect("a round");
        let mail = mail.delivered().into_iter();
        mail.map(|mail| {
            (
                mail.message.subject.clone(),
                mail.message.in_reply_to.is_some(),
            )
        })
        .collect()
    }

    /// When the rules would have sent how many changes.
    fn replayed(&self) -> Vec<(SignedDuration, usize)> {
        let changes = self
            .store
            .changes(&ChangeFilter::default())
            .expect("changes");
        let told = replay(&self.policy, &changes, |_| Ok::<_, ()>(None)).expect("messages");
        let told = told.iter();
        told.map(|message| (message.at.duration_since(hour(0)), message.taken.len()))
            .collect()
    }
}

fn message(subject: &str, is_answer: bool) -> (String, bool) {
    (format!("[bellwether] acme: {subject}"), is_answer)
}

#[tokio::test]
async fn what_completes_a_launch_is_told_once_in_its_thread() {
    let mut world = World::new();
    world.lists(1, &[("m-1", "eu"), ("m-2", "eu")]);
    assert_eq!(world.sent(2).await, [message("m-2 added in eu", false)]);
    world.limits(3, json!({ "context": 2_000 }));
    world.lists(5, &[("m-1", "eu"), ("m-2", "eu"), ("m-2", "us")]);
    world.limits(8, json!({ "context": 2_000, "output": 50 }));
    // another value is another matter
    world.limits(9, json!({ "context": 1_500, "output": 50 }));
    assert_eq!(
        world.sent(10).await,
        [message("m-2 limit.context 2000 → 1500", false)]
    );
    assert_eq!(world.sent(25).await, []);
    assert_eq!(
        world.sent(26).await,
        [message("m-2 added in us; and 1 other change", true)]
    );
    world.lists(
        30,
        &[("m-1", "eu"), ("m-2", "eu"), ("m-2", "us"), ("m-2", "ap")],
    );
    let later = world.sent(31).await;
    assert_eq!(later.len(), 1, "it is launched: {later:?}");
    let minutes = |n: i64| SignedDuration::from_mins(n);
    assert_eq!(
        world.replayed(),
        [
            (minutes(65), 1),
            (minutes(9 * 60 + 5), 1),
            (minutes(25 * 60 + 30), 3),
            (minutes(30 * 60 + 5), 1)
        ]
    );
}

#[tokio::test]
async fn what_is_gone_before_the_day_is_over_is_told_to_nobody() {
    let mut world = World::new();
    world.lists(1, &[("m-1", "eu"), ("m-2", "eu")]);
    assert_eq!(world.sent(2).await.len(), 1);
    world.lists(5, &[("m-1", "eu"), ("m-2", "eu"), ("m-2", "us")]);
    for at in [7, 8] {
        world.lists(at, &[("m-1", "eu"), ("m-2", "eu")]);
    }
    assert_eq!(world.sent(40).await, []);
}
