//! What only a registry says stands for three days before it is told, unless somebody else says it or it is taken back.

use bellwether::alerting::{Matcher, Policy, Window};
use bellwether::config::{Own, Probe, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, take};
use bellwether::daemon::reading::Target;
use bellwether::market::{Authority, Severity};
use bellwether::schedule::Schedule;
use bellwether::store::{Alerts, Outbox, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// A registry, a page that tells of the same offerings, and who hears of them.
struct World {
    _folder: tempfile::TempDir,
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
            _folder: folder,
            store,
            registry,
            page,
            policy: Policy::telling(vec!["reader@example.org".to_string()], Severity::Notice),
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
