//! What holds for every history: order means nothing, what stays is accepted, what was not seen often enough is not recorded.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

use super::memory::{Memory, values};
use super::scenario::entry;
use crate::detect::{Outcome, Rules, Seen, Source, compare};
use crate::market::{
    Attribute, Authority, Change, ChangeKind, Claim, Hash, PendingWhat, ProbeId, ProviderId,
    Reading, Scope, SourceId, Stage, Subject, Value,
};

/// Two spellings of one id, and enough others for the guard.
const IDS: [&str; 8] = ["a_1", "A-1", "b", "c", "d", "e", "f", "g"];

/// What a body says of each of [`IDS`]: not listed, or a price and a stage, each stated or not.
type World = Vec<Option<(Option<u8>, Option<u8>)>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Complete,
    /// Without the ids that the number divides.
    Partial(usize),
    Same,
}

#[derive(Debug, Clone)]
struct Step {
    hours: i64,
    kind: Kind,
    world: World,
}

fn world() -> impl Strategy<Value = World> {
    let value = || proptest::option::weighted(0.8, 0u8..3);
    prop::collection::vec(
        proptest::option::weighted(0.85, (value(), value())),
        IDS.len(),
    )
}

/// Mostly the world before it, here and there another.
fn history(kinds: BoxedStrategy<Kind>) -> impl Strategy<Value = Vec<Step>> {
    let step = (1i64..30, kinds, world(), any::<Index>(), 0u8..4);
    prop::collection::vec(step, 2..14).prop_map(|steps| {
        let mut before: World = vec![Some((Some(0), Some(0))); IDS.len()];
        let step = |(hours, kind, drawn, at, fate): (i64, Kind, World, Index, u8)| {
            let mut world = before.clone();
            match fate {
                0 => {}
                1 => world = drawn,
                _ => {
                    let at = at.index(world.len());
                    world[at] = drawn[at];
                }
            }
            if kind == Kind::Same {
                world = before.clone();
            }
            before = world.clone();
            Step { hours, kind, world }
        };
        steps.into_iter().map(step).collect()
    })
}

fn complete_or_same() -> BoxedStrategy<Kind> {
    prop_oneof![4 => Just(Kind::Complete), 1 => Just(Kind::Same)].boxed()
}

fn any_kind() -> BoxedStrategy<Kind> {
    prop_oneof![
        4 => Just(Kind::Complete),
        1 => (2usize..4).prop_map(Kind::Partial),
    ]
    .boxed()
}

fn judged() -> impl Strategy<Value = (Authority, bool, bool)> {
    let authority = prop::sample::select(vec![
        Authority::ProviderApi,
        Authority::ProviderPage,
        Authority::Registry,
    ]);
    (authority, any::<bool>(), any::<bool>()).prop_map(|(authority, flappy, lists)| {
        (
            authority,
            flappy && authority == Authority::ProviderApi,
            lists,
        )
    })
}

fn subject(id: &str) -> Subject {
    Subject::offering("p", id)
}

fn claims(said: (Option<u8>, Option<u8>)) -> Vec<Claim> {
    const STAGES: [Stage; 3] = [Stage::Preview, Stage::Ga, Stage::Legacy];
    let price = |price: u8| {
        let price = crate::market::Price::usd_per_million_tokens(price.into());
        Claim::new(Attribute::price("input"), Value::Price(price), "")
    };
    let stage = |stage: u8| {
        let stage = Value::Stage(STAGES[usize::from(stage)]);
        Claim::new(Attribute::Stage, stage, "")
    };
    said.1
        .map(stage)
        .into_iter()
        .chain(said.0.map(price))
        .collect()
}

fn rows(world: &World) -> Vec<(Subject, Vec<Claim>)> {
    let said = IDS.iter().zip(world);
    said.filter_map(|(id, said)| said.map(|said| (subject(id), claims(said))))
        .collect()
}

fn reading(step: &Step, memory: &Memory) -> Reading {
    let settled = memory.settled();
    let mut reading = Reading {
        complete: !matches!(step.kind, Kind::Partial(_)),
        ..Reading::default()
    };
    for (number, (subject, claims)) in rows(&step.world).into_iter().enumerate() {
        if !matches!(step.kind, Kind::Partial(of) if number % of == 0) {
            reading
                .entries
                .push(entry(subject, claims, "", Some(&settled)));
        }
    }
    reading
}

struct Told {
    memory: Memory,
    now: Timestamp,
    previous: Option<Hash>,
}

impl Told {
    fn start() -> Self {
        let world = vec![Some((Some(0), Some(0))); IDS.len()];
        let step = Step {
            hours: 0,
            kind: Kind::Complete,
            world,
        };
        let mut memory = Memory::default();
        let reading = reading(&step, &memory);
        memory.begin(reading);
        let now = "2026-10-01T00:00:00Z".parse().expect("a time");
        Self {
            memory,
            now,
            previous: None,
        }
    }

    fn step(&mut self, source: &Source<'_>, step: &Step) -> Outcome {
        self.now += SignedDuration::from_hours(step.hours);
        let body = Hash::of(format!("{:?}", step.world).as_bytes());
        let seen = Seen {
            at: self.now,
            body,
            previous: self.previous,
        };
        self.previous = Some(body);
        let reading = reading(step, &self.memory);
        match step.kind {
            Kind::Same => self.memory.read_same(source, &seen),
            Kind::Complete | Kind::Partial(_) => self.memory.read(source, &reading, &seen),
        }
    }
}

fn with_source<T>(judged: (Authority, bool, bool), deed: impl FnOnce(&Source<'_>) -> T) -> T {
    let (authority, flappy, lists) = judged;
    let rules = Rules::of(authority, flappy);
    let id = SourceId {
        probe: ProbeId::from("p.models"),
        scope: Scope::from(""),
    };
    let provider = ProviderId::from("p");
    deed(&Source {
        id: &id,
        provider: &provider,
        authority,
        lists,
        rules: &rules,
    })
}

/// Whether a world shows what a change says.
fn shows(world: &World, change: &Change) -> bool {
    let rows = rows(world);
    let row = rows.iter().find(|(subject, _)| *subject == change.subject);
    match (&change.attribute, change.kind, row) {
        (None, ChangeKind::OfferingRemoved, row) => row.is_none(),
        (None, _, row) => row.is_some(),
        (Some(attribute), _, Some((_, claims))) => {
            values(claims).get(attribute) == change.new.as_ref()
        }
        (Some(_), _, None) => change.new.is_none(),
    }
}

fn check_seen_often(source: &Source<'_>, past: &[(Timestamp, World)], outcome: &Outcome) {
    let mut keys: Vec<_> = outcome
        .changes
        .iter()
        .map(|change| (change.key, &change.attribute))
        .collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), outcome.changes.len(), "one change a key");
    for change in &outcome.changes {
        let what = match (&change.attribute, change.kind) {
            (Some(_), _) => PendingWhat::Changed(None),
            (None, ChangeKind::OfferingRemoved) => PendingWhat::Removed,
            (None, _) => PendingWhat::Added(Vec::new()),
        };
        let (needed, age) = source
            .rules
            .needed(change.subject.kind, (&what).into(), source.lists);
        let since: Vec<bool> = past
            .iter()
            .filter(|(at, _)| *at >= change.seen_at)
            .map(|(_, world)| shows(world, change))
            .collect();
        let shown = since.iter().filter(|shown| **shown).count();
        assert!(shown >= needed as usize, "{change:?}");
        // a row that flaps waits so long that a value of it may turn and turn back meanwhile
        let blinked = change.flapping && change.attribute.is_some() && since.last() == Some(&true);
        assert!(shown == since.len() || blinked, "{change:?}");
        let waited = change.confirmed_at.duration_since(change.seen_at);
        assert!(waited >= age, "{change:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_means_nothing(
        judged in judged(),
        steps in history(complete_or_same()),
        order in subsequence((0..IDS.len()).collect::<Vec<_>>(), IDS.len()).prop_shuffle(),
    ) {
        with_source(judged, |source| {
            let mut told = Told::start();
            let (last, before) = steps.split_last().expect("a step");
            for step in before {
                told.step(source, step);
            }
            let rows = rows(&last.world);
            let mixed = order.iter().filter_map(|at| rows.get(*at)).map(|(subject, claims)| {
                (subject.clone(), claims.iter().rev().cloned().collect::<Vec<_>>())
            });
            let at = told.now + SignedDuration::from_hours(30);
            let seen = Seen { at, body: Hash::of(b"last"), previous: told.previous };
            let outcome = |rows: Vec<(Subject, Vec<Claim>)>| {
                compare(source, &told.memory.state, &Reading::from_claims(rows, true), &seen)
            };
            let (straight, shuffled) = (outcome(rows.clone()), outcome(mixed.collect()));
            prop_assert_eq!(straight.changes, shuffled.changes);
            prop_assert_eq!(straight.edits, shuffled.edits);
            prop_assert_eq!(straight.suspects, shuffled.suspects);
            Ok(())
        })?;
    }

    #[test]
    fn what_stays_is_accepted(judged in judged(), steps in history(any_kind()), last in world()) {
        with_source(judged, |source| {
            let mut told = Told::start();
            for step in &steps {
                told.step(source, step);
            }
            for kind in [Kind::Complete, Kind::Same, Kind::Complete, Kind::Complete, Kind::Complete] {
                told.step(source, &Step { hours: 25, kind, world: last.clone() });
            }
            let mut expected: Vec<_> = rows(&last)
                .into_iter()
                .map(|(subject, claims)| (subject, values(&claims)))
                .collect();
            let accepted = told.memory.state.accepted.into_values();
            let mut accepted: Vec<_> = accepted.map(|held| (held.subject, held.values)).collect();
            expected.sort();
            accepted.sort();
            prop_assert_eq!(accepted, expected);
            prop_assert!(told.memory.state.pending.is_empty());
            Ok(())
        })?;
    }

    #[test]
    fn nothing_is_recorded_that_was_not_seen_often_enough(
        judged in judged(),
        steps in history(complete_or_same()),
    ) {
        with_source(judged, |source| {
            let mut told = Told::start();
            let mut past = Vec::new();
            for step in &steps {
                let outcome = told.step(source, step);
                past.push((told.now, step.world.clone()));
                check_seen_often(source, &past, &outcome);
            }
        });
    }
}
