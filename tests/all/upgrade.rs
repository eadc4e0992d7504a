//! A probe whose reader or mapping has changed: nothing is swallowed, nothing is told twice, the past stays as it was told.

use bellwether::alerting::Policy;
use bellwether::config::{Own, Probe, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, take};
use bellwether::daemon::reading::Target;
use bellwether::market::Hash;
use bellwether::readers::Spec;
use bellwether::store::{ChangeFilter, Changes, OfferingFilter, Offerings, Store};
use jiff::{SignedDuration, Timestamp};

struct Life {
    _folder: tempfile::TempDir,
    store: Store,
    probe: Probe,
    now: Timestamp,
}

impl Life {
    fn of(probe: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut probes = declared(&[], Own::default()).expect("the shipped probes");
        let place = probes
            .iter()
            .position(|declared| declared.id.as_str() == probe);
        let mut probe = probes.swap_remove(place.expect("the probe"));
        probe.rules.min_items = 1;
        Self {
            store: Store::open(&folder.path().join("bellwether.db")).expect("a database"),
            _folder: folder,
            probe,
            now: "2026-01-01T00:00:00Z".parse().expect("a time"),
        }
    }

    /// Another version of the same reader, an hour later.
    fn upgrade(&mut self) {
        self.probe.fingerprint = Hash::of(b"another version");
    }

    fn hear(&mut self, body: &str) {
        self.now += SignedDuration::from_hours(1);
        let arrival = Arrival {
            at: self.now,
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
        let target = Target::new(&self.probe, &self.probe.scopes[0]);
        take(&mut self.store, &target, &arrival, &Policy::default()).expect("a sound store");
    }

    fn changes(&self) -> Vec<String> {
        let all = ChangeFilter {
            all: true,
            ..ChangeFilter::default()
        };
        let changes = self.store.changes(&all).expect("changes");
        let mut told: Vec<String> = changes
            .iter()
            .map(|recorded| {
                let change = &recorded.change;
                let attribute = change.attribute.as_ref().map(ToString::to_string);
                format!(
                    "{} {} {}",
                    change.kind.word(),
                    change.subject.native_id,
                    attribute.unwrap_or_default()
                )
                .trim()
                .to_string()
            })
            .collect();
        told.sort();
        told
    }

    fn facts(&self, at: Option<Timestamp>) -> Vec<String> {
        let filter = OfferingFilter {
            at,
            ..OfferingFilter::default()
        };
        let facts = self.store.offerings(&filter).expect("facts");
        facts
            .iter()
            .map(|fact| format!("{:?} {:?} {:?}", fact.subject, fact.attribute, fact.value))
            .collect()
    }
}

/// Models of one provider with their prices, as they stand in JSON.
fn registry(models: &[(&str, &str)]) -> String {
    let entries: Vec<String> = models
        .iter()
        .map(|(id, price)| format!(r#""{id}":{{"name":"{id}","cost":{{"input":{price}}}}}"#))
        .collect();
    format!(r#"{{"openai":{{"models":{{{}}}}}}}"#, entries.join(","))
}

#[test]
fn what_was_pending_is_recorded_all_the_same() {
    for upgraded in [false, true] {
        let mut life = Life::of("models-dev.catalogue");
        life.hear(&registry(&[("a", "1"), ("b", "1"), ("c", "1")]));
        let then = registry(&[("a", "2"), ("c", "1"), ("d", "1")]);
        life.hear(&then);
        if upgraded {
            life.upgrade();
        }
        life.hear(&then);
        assert_eq!(
            life.changes(),
            [
                "offering_added d",
                "offering_removed b",
                "price_changed a price.input"
            ],
            "upgraded: {upgraded}"
        );
    }
}

#[test]
fn what_was_not_readable_is_not_taken_for_gone() {
    let mut life = Life::of("models-dev.catalogue");
    life.hear(&registry(&[("a", "1"), ("b", "1")]));
    life.hear(&registry(&[("a", "\"much\""), ("b", "1")]));
    life.upgrade();
    for _ in 0..3 {
        life.hear(&registry(&[("a", "1"), ("b", "1")]));
    }
    assert_eq!(life.changes(), Vec::<String>::new());
}

#[test]
fn the_past_stays_as_it_was_told() {
    let mut life = Life::of("models-dev.catalogue");
    let body =
        r#"{"openai":{"models":{"a":{"name":"A"}}},"mistral":{"models":{"m":{"name":"M"}}}}"#;
    life.hear(body);
    let (then, told) = (life.now + SignedDuration::from_mins(30), life.facts(None));
    let Spec::ModelsDev(mapping) = &mut life.probe.reader else {
        panic!("another reader");
    };
    mapping.providers.remove("mistral");
    life.upgrade();
    life.hear(body);
    assert_ne!(life.facts(None), told);
    assert_eq!(life.facts(Some(then)), told);
    assert_eq!(life.changes(), Vec::<String>::new());
}

#[test]
fn an_item_that_scrolled_out_before_is_not_news_when_it_scrolls_in() {
    let feed = |items: std::ops::RangeInclusive<u32>| {
        let items: String = items
            .map(|n| format!("<item><guid>https://x.test/{n}</guid><title>Item {n}</title></item>"))
            .collect();
        format!(r#"<rss version="2.0"><channel><title>News</title>{items}</channel></rss>"#)
    };
    let mut life = Life::of("openai.news");
    life.hear(&feed(1..=3));
    life.hear(&feed(2..=4));
    life.upgrade();
    life.hear(&feed(2..=4));
    life.hear(&feed(1..=4));
    assert_eq!(life.changes(), ["announcement https://x.test/4"]);
}

#[test]
fn an_upgrade_that_can_read_neither_body_ends_no_claim() {
    let mut life = Life::of("models-dev.catalogue");
    life.hear(&registry(&[("a", "1"), ("b", "1")]));
    let told = life.facts(None);
    let Spec::ModelsDev(mapping) = &mut life.probe.reader else {
        panic!("another reader");
    };
    let sound = std::mem::take(&mut mapping.providers);
    life.upgrade();
    life.hear(&registry(&[("a", "1"), ("b", "2")]));
    assert_eq!(life.facts(None), told);
    // mended by the next version
    let Spec::ModelsDev(mapping) = &mut life.probe.reader else {
        panic!("another reader");
    };
    mapping.providers = sound;
    for _ in 0..2 {
        life.hear(&registry(&[("a", "1"), ("b", "2")]));
    }
    assert_eq!(life.changes(), ["price_changed b price.input"]);
}
