//! Twelve weeks of the two clouds through the daemon's own pipeline, a few times a day: what comes out is what the truth says, and
//! nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bellwether::alerting::Policy;
use bellwether::config::{Outside, Settings, watch_list};
use bellwether::daemon::tick::{Means, ask_source};
use bellwether::daemon::watch::WatchList;
use bellwether::daemon::writer::Writer;
use bellwether::fetch::{Client, Credentials};
use bellwether::store::{ChangeFilter, Changes, Store};
use bellwether::world::server::Server;
use bellwether::world::{World, play};
use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::{at, begin};

/// What is asked, every four hours …
const OFTEN: [&str; 8] = [
    "bedrock.models",
    "bedrock.profiles",
    "bedrock.mantle",
    "bedrock.lifecycle",
    "bedrock.whats-new",
    "bedrock.openai-blog",
    "azure.models",
    "azure.updates",
];
/// … every eight …
const SELDOM: [&str; 11] = [
    "bedrock.cards",
    "bedrock.history",
    "bedrock.managed-agents",
    "bedrock.prices",
    "bedrock.marketplace-prices",
    "bedrock.service-prices",
    "azure.blog",
    "azure.prices",
    "azure.retirements",
    "azure.regions-standard",
    "azure.regions-partners",
];
/// … and every hour of a day on which something is open.
const STATUS: [&str; 2] = ["bedrock.status", "azure.status"];
const OPEN: [i64; 2] = [52, 66];
/// Each is another course of the story; `demo` and its tests play more of them.
const SEEDS: [u64; 1] = [12];

/// The settings of one who watches two regions and a location.
fn settings(server: &Server, keys: &BTreeMap<&str, &str>) -> Settings {
    let only: Vec<&str> = OFTEN
        .iter()
        .chain(&SELDOM)
        .chain(&STATUS)
        .copied()
        .collect();
    let mut text = format!(
        "[probes]\nonly = {only:?}\n[scopes.bedrock]\nregion = ['us-east-1', 'us-west-2']\n[scopes.azure]\nsubscription = ['{}']\n\
         location = ['eastus2']\nregion = ['eastus2']\n[http]\nper_host_pace_ms = 0\n[http.rewrite]\n",
        play::AZURE_SUBSCRIPTION
    );
    for (from, to) in server.rewrites() {
        text += &format!("\"{from}\" = \"{to}\"\n");
    }
    let outside = Outside {
        variable: &|name| keys.get(name).map(ToString::to_string),
        file: &|_| Err("there are no files".to_string()),
    };
    Settings::from_text("bellwether.toml", &text, &outside).expect("a sound configuration")
}

/// Whether a probe is asked at an hour of the story.
fn is_due(probe: &str, hour: i64) -> bool {
    if STATUS.contains(&probe) {
        return OPEN.contains(&(hour / 24));
    }
    let every = if OFTEN.contains(&probe) { 4 } else { 8 };
    hour % every == 1
}

async fn comes_out_whole(seed: u64) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let world = Arc::new(World::shipped(seed, begin()).expect("a sound script"));
    let now = Arc::new(AtomicI64::new(begin().as_second()));
    let clock = {
        let now = Arc::clone(&now);
        move || Timestamp::from_second(now.load(Ordering::SeqCst)).expect("a time")
    };
    let server = Server::start(Arc::clone(&world), Arc::new(clock))
        .await
        .expect("a port");
    let keys: BTreeMap<&str, &str> = play::credentials().into_iter().collect();
    let settings = settings(&server, &keys);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bellwether.db");
    let store = Store::open(&path).expect("a database");
    let (writer, thread) = Writer::start(store).expect("a thread");
    let own = keys
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string().into()));
    let means = Means {
        client: Arc::new(Client::new(&settings.http).expect("a client")),
        credentials: Arc::new(Credentials::new(own.collect(), settings.identities.clone())),
        writer,
        policy: Arc::new(Policy::default()),
        vantage: "here".into(),
    };
    let watch = WatchList::new(&watch_list(&[], &settings).expect("probes"), &[]);
    for hour in 0..84 * 24 {
        let moment = at(0, hour);
        now.store(moment.as_second(), Ordering::SeqCst);
        let due = watch
            .all
            .iter()
            .filter(|source| is_due(source.probe.id.as_str(), hour));
        let asked =
            futures_util::stream::iter(due).map(|source| ask_source(&means, source, moment, false));
        asked
            .buffer_unordered(8)
            .for_each(|_| std::future::ready(()))
            .await;
    }
    drop(means);
    drop(thread.join().expect("the writer"));
    let store = Store::open_read_only(&path).expect("the database");
    let recorded = store.changes(&ChangeFilter::default()).expect("changes");
    let is_asked = |probe: &str| {
        OFTEN
            .iter()
            .chain(&SELDOM)
            .chain(&STATUS)
            .any(|own| *own == probe)
    };
    let mut truth = world.truth().where_asked(is_asked);
    truth
        .expected
        .retain(|one| matches!(one.provider.as_str(), "bedrock" | "azure"));
    let judged = truth.judge(&recorded);
    let missed: Vec<_> = judged
        .missed
        .iter()
        .map(|one| {
            format!(
                "{} {} {:?} {:?} {:?} -> {:?}",
                one.event,
                one.kind.word(),
                one.ids,
                one.attribute,
                one.old,
                one.new
            )
        })
        .collect();
    let extra: Vec<_> = judged
        .extra
        .iter()
        .map(|one| {
            format!(
                "{} {:?} {} {:?} -> {:?}",
                one.change.confirmed_at,
                one.change.subject,
                one.change.kind.word(),
                one.change.old,
                one.change.new
            )
        })
        .collect();
    assert!(
        missed.is_empty() && extra.is_empty(),
        "seed {seed}: missed {missed:#?}, extra {extra:#?}"
    );
    let found = judged.found.len();
    assert!(found > 60, "only {found} are expected");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_the_clouds_comes_out_whole() {
    for seed in SEEDS {
        comes_out_whole(seed).await;
    }
}
