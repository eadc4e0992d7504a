//! When a message that could not be handed over is tried again.

use jiff::{SignedDuration, Timestamp};

use crate::market::Hash;

const FIRST: u64 = 60_000;
const LONGEST: u64 = 3_600_000;

/// When to try again after `attempts` tries without success: 1 minute, 2, 4 … an hour at most.
///
/// Up to a tenth of the wait is taken off by a hash of `key` (an outbox entry's id), so that messages which failed together
/// do not all come back in the same instant. Zero attempts count as one.
pub fn next_attempt(attempts: u32, now: Timestamp, key: &str) -> Timestamp {
    let doublings = attempts.saturating_sub(1).min(16);
    let wait = (FIRST << doublings).min(LONGEST);
    let early = Hash::of_parts(&[key, &attempts.to_string()]).short() % (wait / 10);
    let wait = SignedDuration::from_millis((wait - early) as i64);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        for (attempts, minutes) in [
            (0, 1),
            (1, 1),
            (2, 2),
            (3, 4),
            (6, 32),
            (7, 60),
            (8, 60),
            (40, 60),
            (u32::MAX, 60),
        ] {
            for key in ["a", "b", "ein Schlüssel"] {
                let wait = next_attempt(attempts, now, key).duration_since(now);
                let whole = SignedDuration::from_mins(minutes);
                assert!(wait <= whole, "{attempts} {key}: {wait:?}");
                assert!(wait > whole * 9 / 10, "{attempts} {key}: {wait:?}");
                assert_eq!(next_attempt(attempts, now, key).duration_since(now), wait);
            }
        }
    }

    #[test]
    fn keys_spread() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let moments: std::collections::BTreeSet<_> = (0..100)
            .map(|n| next_attempt(9, now, &n.to_string()))
            .collect();
        assert!(moments.len() > 95, "{}", moments.len());
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        assert_eq!(next_attempt(5, Timestamp::MAX, "a"), Timestamp::MAX);
    }
}
