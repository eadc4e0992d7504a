//! What must hold for every history: order does not matter, the past stays as it was told, a replay ends where life did.

use std::collections::BTreeSet;

use bellwether::alerting::Policy;
use bellwether::config::{Own, Probe, declared};
use bellwether::daemon::pipeline::{Answer, Arrival, take};
use bellwether::daemon::reading::Target;
use bellwether::market::{Failure, Phase, RecordedChange};
use bellwether::store::{ChangeFilter, Changes, OfferingFilter, Offerings, Store};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::world::World;

/// What a source answers at one time.
#[derive(Debug, Clone)]
enum Said {
    /// These models, each with a price and a context limit.
    Models(Vec<(u8, u8, u8)>),
    /// What it said before.
    Same,
    NotModified,
    Failure,
}

fn said() -> impl Strategy<Value = Said> {
    let model = (0u8..8, 1u8..4, 1u8..3);
    prop_oneof![
        6 => prop::collection::vec(model, 1..8).prop_map(Said::Models),
        2 => Just(Said::Same),
        2 => Just(Said::NotModified),
        1 => Just(Said::Failure),
    ]
}

fn body(models: &[(u8, u8, u8)]) -> Vec<u8> {
    let entries: Map<String, Json> = models
        .iter()
        .map(|(id, price, context)| {
            let entry = json!({
                "id": format!("m{id}"), "name": format!("M{id}"), "cost": { "input": price },
                "limit": { "context": u32::from(*context) * 1000 },
            });
            (format!("m{id}"), entry)
        })
        .collect();
    json!({ "openai": { "id": "openai", "models": entries } })
        .to_string()
        .into_bytes()
}

fn registry() -> Probe {
    let mut probes = declared(&[], Own::default()).expect("the shipped probes");
    let place = probes
        .iter()
        .position(|probe| probe.id.as_str() == "models-dev.catalogue")
        .expect("the registry");
    let mut probe = probes.swap_remove(place);
    probe.rules.min_items = 1;
    probe
}

fn begin() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().expect("a time")
}

fn hour(n: usize) -> Timestamp {
    begin() + SignedDuration::from_hours(i64::try_from(n).expect("small"))
}

struct Life {
    store: Store,
    last: Vec<u8>,
}

impl Life {
    fn new(path: &std::path::Path) -> Self {
        Self {
            store: Store::open(path).expect("a database"),
            last: body(&[(0, 1, 1)]),
        }
    }

    fn hear(&mut self, probe: &Probe, said: &Said, at: Timestamp) {
        if let Said::Models(models) = said {
            self.last = body(models);
        }
        let answer = match said {
            Said::Models(_) | Said::Same => Answer::Body {
                bytes: &self.last,
                content_type: None,
                etag: Some("\"v\""),
                last_modified: None,
            },
            Said::NotModified => Answer::NotModified,
            Said::Failure => Answer::Failed(Failure::Timeout { phase: Phase::Body }),
        };
        let target = Target::new(probe, &probe.scopes[0]);
        let arrival = Arrival {
            at,
            answer,
            sample: None,
            vantage: "test",
            imported: false,
            inconclusive: false,
        };
        take(&mut self.store, &target, &arrival, &Policy::default()).expect("a sound store");
    }

    fn facts(&self, at: Option<Timestamp>) -> Vec<String> {
        let filter = OfferingFilter {
            at,
            ..OfferingFilter::default()
        };
        let shown = |fact: &bellwether::market::OfferingFact| {
            let value = fact.value.as_ref().map(ToString::to_string);
            format!(
                "{:?} {:?} {value:?} {} since {}",
                fact.subject, fact.attribute, fact.source, fact.since
            )
        };
        self.store
            .offerings(&filter)
            .expect("facts")
            .iter()
            .map(shown)
            .collect()
    }

    fn changes(&self) -> Vec<RecordedChange> {
        self.store
            .changes(&ChangeFilter {
                all: true,
                ..ChangeFilter::default()
            })
            .expect("changes")
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_past_is_what_was_told_then(history in prop::collection::vec(said(), 2..14)) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut life = Life::new(&folder.path().join("bellwether.db"));
        let probe = registry();
        let mut told = Vec::new();
        for (n, said) in history.iter().enumerate() {
            life.hear(&probe, said, hour(n));
            told.push((hour(n), life.facts(None)));
        }
        for (at, then) in told {
            prop_assert_eq!(life.facts(Some(at)), then.clone());
            prop_assert_eq!(life.facts(Some(at + SignedDuration::from_mins(59))), then);
        }
    }

    #[test]
    fn a_304_counts_as_the_last_body(history in prop::collection::vec(said(), 2..14)) {
        let folder = tempfile::tempdir().expect("a folder");
        let probe = registry();
        let mut one = Life::new(&folder.path().join("one.db"));
        let mut other = Life::new(&folder.path().join("other.db"));
        // both begin with a body: a 304 before any is nobody's
        let history: Vec<Said> = std::iter::once(Said::Models(vec![(0, 1, 1), (1, 1, 1)])).chain(history).collect();
        for (n, said) in history.iter().enumerate() {
            one.hear(&probe, said, hour(n));
            let spelled = if matches!(said, Said::NotModified) { Said::Same } else { said.clone() };
            other.hear(&probe, &spelled, hour(n));
        }
        prop_assert_eq!(one.facts(None), other.facts(None));
        prop_assert_eq!(one.changes(), other.changes());
    }

    #[test]
    fn a_replay_of_the_kept_bodies_ends_where_life_did(history in prop::collection::vec(said(), 3..12)) {
        let world = World::new("");
        let shipped = bellwether::config::shipped();
        let file = shipped.iter().find(|file| file.name.ends_with("models-dev.toml")).expect("the shipped probe");
        world.write("own/models-dev.toml", &file.text.replace("min_items = 50", "min_items = 1"));
        world.configure("[probes]\nfolder = \"own\"\n");
        std::fs::create_dir_all(world.path("data")).expect("a folder");
        let probe = registry();
        let mut life = Life::new(&world.path("data/bellwether.db"));
        let history: Vec<Said> = std::iter::once(Said::Models(vec![(0, 1, 1)])).chain(history).collect();
        for (n, said) in history.iter().enumerate() {
            life.hear(&probe, said, hour(n));
        }
        let (facts, changes) = (life.facts(None), life.changes());
        drop(life);
        world.good(&["import", "--probe", "models-dev", "--rebuild"]);
        let again = Life::new(&world.path("data/bellwether.db"));
        prop_assert_eq!(again.facts(None), facts);
        let replayed = again.changes();
        for (after, before) in replayed.iter().zip(&changes) {
            prop_assert_eq!(after, before);
        }
        prop_assert_eq!(replayed.len(), changes.len());
    }

    #[test]
    fn sources_of_equal_times_can_come_in_any_order(
        ours in prop::collection::vec(said(), 2..10),
        theirs in prop::collection::vec(said(), 2..10),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let first = registry();
        let mut second = registry();
        second.id = "openai.page".into();
        second.authority = bellwether::market::Authority::ProviderPage;
        let live = |name: &str, swapped: bool| {
            let mut life = Life::new(&folder.path().join(name));
            // both baselines are there before anything changes
            let start = Said::Models(vec![(0, 1, 1), (1, 1, 1)]);
            life.hear(&first, &start, hour(0));
            life.hear(&second, &start, hour(0));
            for (n, (a, b)) in ours.iter().zip(&theirs).enumerate() {
                // each source speaks for itself: what it said last is its own
                let mut turns = [(&first, a), (&second, b)];
                if swapped {
                    turns.reverse();
                }
                for (probe, said) in turns {
                    let said = match said {
                        Said::Same => Said::NotModified,
                        said => said.clone(),
                    };
                    life.hear(probe, &said, hour(n + 1));
                }
            }
            // what is news depends on who was first; what is recorded does not
            let recorded: BTreeSet<String> =
                life.changes().into_iter().map(|recorded| recorded.change.id.0).collect();
            (life.facts(None), recorded)
        };
        let (one, other) = (live("one.db", false), live("other.db", true));
        prop_assert_eq!(one.0, other.0);
        prop_assert_eq!(one.1, other.1);
    }
}
