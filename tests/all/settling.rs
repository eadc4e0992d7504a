//! What only a registry says stands for three days before it is told, unless somebody else says it or it is taken back.

use std::sync::Arc;

use bellwether::alerting::{Matcher, Policy, Scope, Watch, Window};
use bellwether::config::{Own, Probe, declared};
use bellwether::daemon::delivery::{Post, round};
use bellwether::daemon::pipeline::{Answer, Arrival, take};
use bellwether::daemon::reading::Target;
use bellwether::daemon::writer::Writer;
use bellwether::deliver::{Carrier, Mailer};
use bellwether::market::{Authority, Severity, Silence};
use bellwether::schedule::Schedule;
use bellwether::store::{Alerts, Outbox, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// A registry, a page that tells of the same offerings, and who hears of them.
struct World {
    folder: tempfile::TempDir,
    store: Store,
    registry: Probe,
    page: Probe,
    policy: Policy,
}

fn hour(n: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    begin + SignedDuration::from_hours(n)
}

impl World {
    /// Both state a model for 2 $.
    fn new() -> Self {
        let everybody = vec!["reader@example.org".to_string()];
        Self::telling(Policy::telling(everybody, Severity::Notice))
    }

    fn telling(policy: Policy) -> Self {
        let mut probes = declared(&[], Own::default()).expect("the shipped probes");
        let place = probes
            .iter()
            .position(|probe| probe.id.as_str() == "models-dev.catalogue");
        let mut registry = probes.swap_remove(place.expect("the registry"));
        registry.rules.min_items = 1;
        let mut page = registry.clone();
        page.id = "openai.page".into();
        page.authority = Authority::ProviderPage;
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        let mut world = Self {
            folder,
            store,
            registry,
            page,
            policy,
        };
        world.registry_says(0, 2, &["gpt-7"]);
        world.page_says(0, 2, &["gpt-7"]);
        world
    }

    /// Work is done from two to six, every night.
    fn at_work_by_night() -> Self {
        let mut world = Self::new();
        world.policy.windows = vec![Window {
            name: "nights".to_string(),
            takes: Matcher::default(),
            begins: Schedule::cron("0 2 * * *", "UTC").expect("a line"),
            lasts: SignedDuration::from_hours(4),
        }];
        world
    }

    fn registry_says(&mut self, at: i64, price: u32, models: &[&str]) {
        let probe = self.registry.clone();
        self.says(&probe, at, price, models);
    }

    fn page_says(&mut self, at: i64, price: u32, models: &[&str]) {
        let probe = self.page.clone();
        self.says(&probe, at, price, models);
    }

    fn says(&mut self, probe: &Probe, at: i64, price: u32, models: &[&str]) {
        self.says_of(probe, at, &[("openai", models)], price);
    }

    fn says_of(&mut self, probe: &Probe, at: i64, listed: &[(&str, &[&str])], price: u32) {
        let providers = listed.iter().map(|(provider, models)| {
            let cost = |model: &&str| (model.to_string(), json!({ "cost": { "input": price } }));
            let models: serde_json::Map<_, _> = models.iter().map(cost).collect();
            (provider.to_string(), json!({ "models": models }))
        });
        let providers: serde_json::Map<_, _> = providers.collect();
        let body = json!(providers).to_string();
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

    /// Nothing is said of this model from an hour on.
    fn silence(&mut self, model: &str, from: i64) {
        let silence = Silence {
            id: "s".to_string(),
            models: vec![model.to_string()],
            providers: Vec::new(),
            regions: Vec::new(),
            kinds: Vec::new(),
            reason: "known".to_string(),
            begun: hour(from),
            until: hour(10_000),
        };
        let kept = self.store.transaction(|t| t.keep_silence(&silence));
        kept.expect("a silence");
    }

    /// The subjects of what a round of delivery sends at an hour.
    async fn sent(&self, at: i64) -> Vec<String> {
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
        mail.map(|mail| mail.message.subject).collect()
    }

    /// What could be sent at a moment, each message as what it tells of whom.
    fn due(&self, at: i64) -> Vec<String> {
        let due = self.store.due(hour(at), false, 100).expect("an outbox");
        let told = |due: bellwether::store::Due| {
            let taken = self.store.taken(&due.entry.alert, &due.entry.route);
            let taken = taken.expect("changes").into_iter().map(|taken| {
                let change = taken.recorded.change;
                format!(
                    "{} {} by {}",
                    change.kind.word(),
                    change.subject.native_id,
                    change.source.probe
                )
            });
            let mut taken: Vec<String> = taken.collect();
            taken.sort();
            taken.join(", ")
        };
        due.into_iter().map(told).collect()
    }
}

#[test]
fn what_no_other_source_says_is_told_after_three_days() {
    let mut world = World::new();
    for at in [1, 2] {
        world.registry_says(at, 2, &["gpt-7", "gpt-8"]);
    }
    assert_eq!(world.due(72), Vec::<String>::new());
    assert_eq!(
        world.due(73),
        ["offering_added gpt-8 by models-dev.catalogue"]
    );
}

#[test]
fn what_is_taken_back_until_then_is_told_to_nobody() {
    let mut world = World::new();
    for (at, models) in [
        (1, &["gpt-7", "gpt-8"][..]),
        (2, &["gpt-7", "gpt-8"]),
        (40, &["gpt-7"]),
        (41, &["gpt-7"]),
    ] {
        world.registry_says(at, 2, models);
    }
    assert_eq!(world.due(1_000), Vec::<String>::new());
    let counts = world.store.outbox_counts().expect("an outbox");
    assert_eq!(counts, (0, 0, 0), "no message is left that tells nothing");
    // what comes back later is told
    for at in [1_000, 1_001] {
        world.registry_says(at, 2, &["gpt-7", "gpt-8"]);
    }
    assert_eq!(
        world.due(1_100),
        ["offering_returned gpt-8 by models-dev.catalogue"]
    );
}

#[test]
fn what_another_source_says_too_is_told_then() {
    let mut world = World::new();
    for at in [1, 2] {
        world.registry_says(at, 2, &["gpt-7", "gpt-8"]);
    }
    for at in [3, 4] {
        world.page_says(at, 2, &["gpt-7", "gpt-8"]);
    }
    assert_eq!(
        world.due(5),
        ["offering_added gpt-8 by models-dev.catalogue"]
    );
}

#[test]
fn what_a_provider_says_itself_is_told_once() {
    let mut world = World::new();
    for at in [1, 2] {
        world.registry_says(at, 3, &["gpt-7"]);
    }
    for at in [3, 4] {
        world.page_says(at, 3, &["gpt-7"]);
    }
    assert_eq!(world.due(5), ["price_changed gpt-7 by openai.page"]);
    assert_eq!(world.due(1_000), ["price_changed gpt-7 by openai.page"]);
}

#[test]
fn what_stands_until_work_is_done_is_not_told_with_what_waits_for_less() {
    let mut world = World::at_work_by_night();
    // stands until three in the third night
    for at in [3, 4] {
        world.registry_says(at, 2, &["gpt-7", "gpt-8"]);
    }
    // of the same model, in the next night
    for at in [26, 27] {
        world.page_says(at, 2, &["gpt-7", "gpt-8-2025-12-01"]);
    }
    let by_page = "offering_added gpt-8-2025-12-01 by openai.page";
    assert_eq!(world.due(29), Vec::<String>::new());
    assert_eq!(world.due(30), [by_page]);
    assert_eq!(world.due(77), [by_page]);
    let by_registry = "offering_added gpt-8 by models-dev.catalogue";
    assert_eq!(world.due(78), [by_page, by_registry]);
}

#[test]
fn what_stands_until_work_is_done_need_not_once_another_source_says_it_too() {
    let mut world = World::at_work_by_night();
    for at in [3, 4] {
        world.registry_says(at, 2, &["gpt-7", "gpt-8"]);
    }
    for at in [8, 9] {
        world.page_says(at, 2, &["gpt-7", "gpt-8"]);
    }
    assert_eq!(
        world.due(10),
        ["offering_added gpt-8 by models-dev.catalogue"]
    );
}

#[test]
fn what_another_source_says_of_a_mass_is_told_without_the_others() {
    let mut world = World::new();
    let many = ["gpt-7", "gpt-8", "gpt-9", "gpt-10", "gpt-11", "gpt-12"];
    for at in [1, 2] {
        world.registry_says(at, 2, &many);
    }
    for at in [3, 4] {
        world.page_says(at, 2, &["gpt-7", "gpt-8", "gpt-9"]);
    }
    let told = |ids: &[&str]| {
        let told = |id: &&str| format!("offering_added {id} by models-dev.catalogue");
        ids.iter().map(told).collect::<Vec<_>>().join(", ")
    };
    let confirmed = vec![told(&["gpt-8", "gpt-9"])];
    assert_eq!(world.due(5), confirmed, "both in one message");
    assert_eq!(world.due(72), confirmed);
    let others = vec![told(&["gpt-10", "gpt-11", "gpt-12"])];
    assert_eq!(world.due(73), [confirmed, others].concat());
    let counts = world.store.outbox_counts().expect("an outbox");
    assert_eq!(counts, (2, 0, 0));
}

#[test]
fn what_another_source_says_too_waits_until_work_is_done() {
    let mut world = World::at_work_by_night();
    for at in [9, 10] {
        world.registry_says(at, 2, &["gpt-7", "gpt-8"]);
    }
    for at in [26, 27] {
        world.page_says(at, 2, &["gpt-7", "gpt-8"]);
    }
    assert_eq!(world.due(29), Vec::<String>::new());
    assert_eq!(
        world.due(30),
        ["offering_added gpt-8 by models-dev.catalogue"]
    );
}

#[test]
fn what_a_registry_merely_documents_is_told_when_the_provider_lists_it() {
    let mut world = World::new();
    let (registry, page) = (world.registry.clone(), world.page.clone());
    let mistral: (&str, &[&str]) = ("mistral", &["mistral-large-4", "mistral-small-5"]);
    let openai: (&str, &[&str]) = ("openai", &["gpt-7"]);
    // a provider of which the page has listed one model, and the registry nothing
    for at in [1, 2] {
        world.says_of(&page, at, &[openai, ("mistral", &["mistral-small-5"])], 2);
    }
    let told = world.due(3);
    for at in [4, 5] {
        world.says_of(&registry, at, &[openai, mistral], 2);
    }
    for at in [79, 80] {
        world.says_of(&registry, at, &[openai, mistral], 2);
    }
    assert_eq!(world.due(81), told, "its editors' work");
    for at in [81, 82] {
        world.says_of(&page, at, &[openai, mistral], 2);
    }
    let listed = "offering_added mistral-large-4 by openai.page".to_string();
    assert_eq!(world.due(83), [told.clone(), vec![listed]].concat());
    // whoever lists it next does so after it was told
    let mut api = page;
    api.id = "mistral.api".into();
    api.authority = Authority::ProviderApi;
    for (at, models) in [(84, &mistral.1[1..]), (85, mistral.1), (86, mistral.1)] {
        world.says_of(&api, at, &[("mistral", models)], 2);
    }
    assert_eq!(world.due(1_000).len(), told.len() + 1);
}

#[test]
fn what_comes_back_is_told_to_nobody_who_does_not_hear_of_returns() {
    let mut policy = Policy::telling(vec!["night@example.org".to_string()], Severity::Critical);
    policy.watches.push(Watch {
        name: "ours".to_string(),
        scope: Scope {
            providers: vec!["openai".to_string()],
            ..Scope::default()
        },
    });
    for is_silenced in [false, true] {
        let mut world = World::telling(policy.clone());
        for at in [1, 2] {
            world.registry_says(at, 2, &["gpt-7", "gpt-8"]);
        }
        for at in [1_000, 1_001] {
            world.registry_says(at, 2, &["gpt-7"]);
        }
        let counts = |world: &World| world.store.outbox_counts().expect("an outbox");
        assert_eq!(counts(&world), (1, 0, 0), "the removal waits");
        if is_silenced {
            world.silence("gpt-8", 1_010);
        }
        for at in [1_020, 1_021] {
            world.registry_says(at, 2, &["gpt-7", "gpt-8"]);
        }
        assert_eq!(world.due(2_000), Vec::<String>::new(), "{is_silenced}");
        assert_eq!(counts(&world), (0, 0, 0));
    }
}

#[tokio::test]
async fn what_is_silenced_while_it_stands_is_told_to_nobody() {
    for is_silenced in [false, true] {
        let mut world = World::new();
        for at in [1, 2] {
            world.registry_says(at, 2, &["gpt-7", "gpt-8"]);
        }
        if is_silenced {
            world.silence("gpt-8", 40);
        }
        let sent = world.sent(80).await;
        assert_eq!(sent.is_empty(), is_silenced, "{sent:?}");
        let (waiting, ..) = world.store.outbox_counts().expect("an outbox");
        assert_eq!(waiting, 0);
    }
}
