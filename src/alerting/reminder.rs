//! When somebody is reminded of an end that comes nearer.

use jiff::Timestamp;

use crate::market::{Certainty, LifecycleDate, Severity};

/// So many days before an end.
const LADDER: [i64; 7] = [90, 60, 30, 14, 7, 3, 1];

/// The rung of the ladder that an end stands on: each is told once. `None` while it is far, and once it is there.
pub fn rung(end: &LifecycleDate, now: Timestamp) -> Option<i64> {
    let left = days_left(end, now);
    let reached = LADDER.iter().copied().filter(|rung| left <= *rung);
    reached.min().filter(|_| left > 0)
}

/// Days until an end begins, a part of one counted as a whole one; 0 or less once it has.
pub fn days_left(end: &LifecycleDate, now: Timestamp) -> i64 {
    let seconds = end.starts().duration_since(now).as_secs();
    seconds.div_euclid(86_400) + i64::from(seconds.rem_euclid(86_400) > 0)
}

/// How grave a rung is: what may only come then is no emergency.
pub fn severity(rung: i64, certainty: Certainty) -> Severity {
    match (rung, certainty) {
        (..=7, Certainty::Firm) => Severity::Critical,
        (..=30, Certainty::Firm) | (..=7, Certainty::NotBefore) => Severity::Warning,
        _ => Severity::Notice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs_of_an_end() {
        let end = LifecycleDate::from_text("2027-06-01")
            .expect("a day")
            .expect("a day");
        for (now, left, reached) in [
            ("2027-01-01T00:00:00Z", 151, None),
            ("2027-03-02T23:59:59Z", 91, None),
            ("2027-03-03T00:00:00Z", 90, Some(90)),
            ("2027-04-01T12:00:00Z", 61, Some(90)),
            ("2027-04-02T00:00:00Z", 60, Some(60)),
            ("2027-05-29T00:00:00Z", 3, Some(3)),
            ("2027-05-30T12:00:00Z", 2, Some(3)),
            ("2027-05-31T00:00:01Z", 1, Some(1)),
            ("2027-06-01T00:00:00Z", 0, None),
            ("2027-06-02T00:00:00Z", -1, None),
        ] {
            let now: Timestamp = now.parse().expect("a time");
            assert_eq!(
                (days_left(&end, now), rung(&end, now)),
                (left, reached),
                "{now}"
            );
        }
        assert_eq!(severity(7, Certainty::Firm), Severity::Critical);
        assert_eq!(severity(7, Certainty::NotBefore), Severity::Warning);
        assert_eq!(severity(30, Certainty::NotBefore), Severity::Notice);
    }
}
