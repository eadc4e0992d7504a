//! The simulated world is the test of the whole: its script says what must come out as a change, as an alert and as a line of a
//! report, and that nothing else may.
//!
//! Twenty seeds are twenty courses of one story: other moments, other failures, other orders. Of each some weeks are played
//! through the daemon's own parts over loopback, by the demo's configuration, with the sources of some of the providers; all
//! weeks of all sources are `cargo bench --bench pipeline -- world`.

mod judged;
#[expect(dead_code, reason = "the bench plays all of it, and prints more")]
mod played;

use std::sync::atomic::{AtomicU64, Ordering};

use bellwether::daemon::play::BEAT;
use bellwether::market::ChangeKind;
use bellwether::world::World;
use jiff::SignedDuration;

use judged::{judge, wrong};
use played::{Cast, begin, played};

/// Courses of the story.
const SEEDS: u64 = 20;
/// So much is scripted for what is played of them, at least.
const LEAST: usize = 200;
/// Who is played at once.
const AT_ONCE: usize = 2;
/// Whose changes count together in one course.
const TOGETHER: [&[&str]; 8] = [
    &["openai"],
    &["anthropic"],
    &["gemini", "vertex"],
    &["bedrock"],
    &["mistral", "cohere", "xai", "oci"],
    &["azure"],
    &["deepseek", "groq", "perplexity", "copilot"],
    &["openrouter"],
];
/// Which weeks of the story are played in one course: those of an event, and one more for what comes late.
const WEEKS: [(i64, i64); 3] = [(0, 5), (4, 9), (8, 13)];
/// Registries that say the same, later and less: asked in every other course.
const REGISTRIES: &[&str] = &["litellm", "models-dev"];

/// The part of the story that a seed is played with.
fn cast(seed: u64) -> Cast {
    let turn = usize::try_from(seed).unwrap_or_default();
    Cast {
        seed,
        providers: TOGETHER[turn % TOGETHER.len()],
        besides: if (turn / TOGETHER.len()).is_multiple_of(2) {
            REGISTRIES
        } else {
            &[]
        },
        weeks: WEEKS[turn % WEEKS.len()],
        measures: false,
        every: SignedDuration::from_hours(8),
    }
}

/// Plays one course in a runtime of its own: how much comes out as it is scripted, and what is wrong.
fn outcome(cast: &Cast) -> (usize, Vec<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let played = runtime.block_on(played(cast));
    let wrong = wrong(cast, &played).into_iter();
    let wrong = wrong.map(|one| format!("seed {} of {:?}: {one}", cast.seed, cast.providers));
    (judge(cast, &played).found.len(), wrong.collect())
}

#[test]
fn every_incident_is_open_for_longer_than_a_beat() {
    let world = World::shipped(1, begin()).expect("a sound script");
    let expected = world.truth().expected;
    let of_kind = |kind: ChangeKind| expected.iter().filter(move |one| one.kind == kind);
    assert!(of_kind(ChangeKind::IncidentOpened).count() > 3);
    for opened in of_kind(ChangeKind::IncidentOpened) {
        let mut ends = of_kind(ChangeKind::IncidentResolved);
        let resolved = ends.find(|one| one.event == opened.event).expect("an end");
        let lasts = resolved.from.duration_since(opened.from);
        assert!(lasts > BEAT, "{}: {lasts:?}", opened.event);
    }
}

#[test]
fn all_that_is_scripted_comes_out_and_nothing_else() {
    let next = AtomicU64::new(0);
    let turn = || {
        let mut ended = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SEEDS {
                return ended;
            }
            ended.push(outcome(&cast(seed)));
        }
    };
    let ended: Vec<(usize, Vec<String>)> = std::thread::scope(|scope| {
        let players: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(turn)).collect();
        let ended = players.into_iter().map(|player| player.join());
        ended.flat_map(|ended| ended.expect("a course")).collect()
    });
    let found: usize = ended.iter().map(|(found, _)| found).sum();
    let wrong: Vec<String> = ended.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(found >= LEAST, "only {found} changes are scripted");
}
