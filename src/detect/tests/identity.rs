//! Which changes are one, and which bodies show them.

use crate::detect::{Rules, Seen, Source, about_source, baseline, compare};
use crate::market::{
    Authority, Change, ChangeKind, DetectionState, Hash, ProbeId, ProviderId, Reading, Scope,
    SourceId,
};

use super::memory::Memory;
use super::spelling::lines;

fn seen(hour: i64, body: &str, previous: Option<&str>) -> Seen {
    let start: jiff::Timestamp = "2026-10-01T00:00:00Z".parse().expect("a time");
    Seen {
        at: start + jiff::SignedDuration::from_hours(hour),
        body: Hash::of(body.as_bytes()),
        previous: previous.map(|body| Hash::of(body.as_bytes())),
    }
}

fn with_source<T>(probe: &str, authority: Authority, deed: impl FnOnce(&Source<'_>) -> T) -> T {
    let id = SourceId {
        probe: ProbeId::from(probe),
        scope: Scope::from(""),
    };
    deed(&Source {
        id: &id,
        provider: &ProviderId::from("p"),
        authority,
        lists: true,
        rules: &Rules::of(authority, false),
    })
}

fn reading(says: &str) -> Reading {
    Reading::from_claims(lines(says), true)
}

#[test]
fn a_reading_that_is_suspect_for_two_providers_makes_two_changes() {
    with_source("models-dev.api", Authority::Registry, |source| {
        let id = |kind, said, hour| about_source(source, kind, said, &seen(hour, "body", None)).id;
        let first = id(ChangeKind::SourceSuspect, "p: 5 of 9 missing", 1);
        assert_eq!(first, id(ChangeKind::SourceSuspect, "p: 5 of 9 missing", 1));
        assert_ne!(first, id(ChangeKind::SourceSuspect, "q: 5 of 9 missing", 1));
        assert_ne!(first, id(ChangeKind::SourceSuspect, "p: 5 of 9 missing", 2));
        assert_ne!(first, id(ChangeKind::ProbeBroken, "p: 5 of 9 missing", 1));
    });
}

#[test]
fn two_writers_make_the_same_change_and_two_sources_do_not() {
    let changed = |probe: &str, hour| -> Vec<Change> {
        with_source(probe, Authority::ProviderApi, |source| {
            let mut memory = Memory::default();
            memory.apply(baseline(reading("p a: price.input=1")).collect());
            let state: &DetectionState = &memory.state;
            let seen = seen(hour, "new", Some("old"));
            compare(
                source,
                state,
                &reading("p a: price.input=2 stage=ga"),
                &seen,
            )
            .changes
        })
    };
    let ids = |changes: Vec<Change>| changes.into_iter().map(|c| c.id.0).collect::<Vec<_>>();
    let first = ids(changed("p.models", 1));
    assert_eq!(first.len(), 2);
    assert_ne!(first[0], first[1]);
    assert!(first.iter().all(|id| id.len() == 16));
    assert_eq!(first, ids(changed("p.models", 1)));
    let others = [ids(changed("p.models", 2)), ids(changed("p.prices", 1))].concat();
    assert!(first.iter().all(|id| !others.contains(id)));
}

#[test]
fn a_body_that_shows_the_new_value_is_never_given_for_the_old_one() {
    for (authority, bodies, expected) in [
        (Authority::ProviderApi, ["b1", "b1"], ("b1", Some("b0"))),
        (Authority::ProviderPage, ["b1", "b2"], ("b1", None)),
    ] {
        with_source("p.models", authority, |source| {
            let mut memory = Memory::default();
            memory.begin(reading("p a: price.input=1"));
            let mut changes = Vec::new();
            let mut previous = "b0";
            for (hour, body) in (1..).zip(bodies) {
                let seen = seen(hour, body, Some(previous));
                let outcome = memory.read(source, &reading("p a: price.input=2"), &seen);
                changes.extend(outcome.changes);
                previous = body;
            }
            let [change] = changes.as_slice() else {
                panic!("{changes:?}");
            };
            let hash = |body: &str| Hash::of(body.as_bytes());
            assert_eq!(change.new_body, Some(hash(expected.0)));
            assert_eq!(change.old_body, expected.1.map(hash));
        });
    }
}
