//! A lower authority that has long differed from a higher one is told of once.

use std::collections::BTreeMap;
use std::sync::Arc;

use bellwether::alerting::Policy;
use bellwether::config::{Identities, Own, Probe, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, take};
use bellwether::daemon::reading::Target;
use bellwether::daemon::tick::{Means, tell_disagreements};
use bellwether::daemon::watch::WatchList;
use bellwether::daemon::writer::Writer;
use bellwether::fetch::{Client, Credentials};
use bellwether::market::Authority;
use bellwether::store::{ChangeFilter, Changes, Store};
use jiff::{SignedDuration, Timestamp};

fn day(n: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    begin + SignedDuration::from_hours(24 * n)
}

fn read(store: &mut Store, probe: &Probe, at: Timestamp, price: u32) {
    let body = format!(r#"{{"openai":{{"models":{{"a":{{"cost":{{"input":{price}}}}}}}}}}}"#);
    let arrival = Arrival {
        at,
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
    take(store, &target, &arrival, &Policy::default()).expect("a sound store");
}

#[tokio::test]
async fn a_registry_that_differs_for_a_month_is_told_of_once() {
    let _ = rustls::crypto::ring::default_provider().install_default();
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
    let path = folder.path().join("bellwether.db");
    let mut store = Store::open(&path).expect("a database");
    read(&mut store, &page, day(0), 2);
    read(&mut store, &registry, day(0), 1);
    // the page has not been read since: what it says today is not known
    read(&mut store, &registry, day(31), 1);
    let watch = WatchList::new(&[(registry.clone(), true), (page.clone(), true)], &[]);
    let (writer, _thread) = Writer::start(store).expect("a thread");
    let settings = bellwether::config::Http::default();
    let means = Means {
        client: Arc::new(Client::new(&settings).expect("a client")),
        credentials: Arc::new(Credentials::new(BTreeMap::new(), Identities::default())),
        writer,
        policy: Arc::new(Policy::default()),
        vantage: "here".into(),
    };
    let tell = |n: i64| {
        let (means, watch) = (&means, &watch.all);
        async move {
            tell_disagreements(means, watch, day(n))
                .await
                .expect("told")
        }
    };
    assert_eq!(tell(31).await, 0);
    let (again, since) = (page.clone(), day(31));
    let written = means.writer.run(move |store| {
        read(store, &again, since, 2);
        Ok(())
    });
    written.await.expect("a reading");
    assert_eq!((tell(29).await, tell(31).await, tell(32).await), (0, 1, 0));
    let store = Store::open_read_only(&path).expect("the database");
    let all = ChangeFilter {
        all: true,
        ..ChangeFilter::default()
    };
    let changes = store.changes(&all).expect("changes");
    let told: Vec<String> = changes.iter().map(bellwether::render::sentence).collect();
    assert_eq!(changes.len(), 1, "{told:?}");
    assert_eq!(changes[0].change.kind.word(), "sources_disagree");
    assert_eq!(changes[0].change.source.to_string(), "models-dev.catalogue");
}
