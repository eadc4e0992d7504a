//! Keys that keep coming back.

use jiff::{SignedDuration, Timestamp};

use crate::market::{Flap, Hash};

/// A key's history after one more recorded change away from `left`, arriving at `reached`.
pub fn after(
    before: Option<&Flap>,
    left: Hash,
    reached: Hash,
    at: Timestamp,
    window: SignedDuration,
) -> Flap {
    let mut flap = before.cloned().unwrap_or_default();
    if !is_flapping(before, at, window) {
        flap.flapping_since = None;
    }
    let age = |then: &Timestamp| at.duration_since(*then);
    flap.changes
        .retain(|(then, _)| age(then) <= window.saturating_mul(2));
    flap.returns.retain(|then| age(then) <= window);
    let returned = flap
        .changes
        .iter()
        .any(|(then, value)| age(then) <= window && *value == reached);
    if returned {
        flap.returns.push(at);
    }
    flap.changes.push((at, left));
    if flap.returns.len() >= 2 {
        flap.flapping_since.get_or_insert(at);
    }
    flap
}

/// A flapping key's history after a difference that came and went unconfirmed: it has not been quiet.
pub fn stirred(before: &Flap, at: Timestamp, window: SignedDuration) -> Flap {
    let mut flap = before.clone();
    flap.returns
        .retain(|then| at.duration_since(*then) <= window);
    flap.returns.push(at);
    flap
}

/// Whether a key counts as flapping at `at`: it has been marked, and has not yet been quiet for two windows.
pub fn is_flapping(flap: Option<&Flap>, at: Timestamp, window: SignedDuration) -> bool {
    flap.is_some_and(|flap| {
        let recorded = flap.changes.last().map(|(then, _)| *then);
        let last = recorded.max(flap.returns.last().copied());
        flap.flapping_since.is_some()
            && last.is_some_and(|last| at.duration_since(last) <= window.saturating_mul(2))
    })
}
