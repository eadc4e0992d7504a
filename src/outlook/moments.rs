//! Times as people write and read them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::schedule::duration_from_text;

/// What a time is written as, for whoever wrote another thing.
pub const EXPECTED: &str = "a time such as 2026-11-01, 2026-11-01T06:00:00Z or 7d";

/// A moment as people write it: `2026-11-01` (the day's begin in their zone), `2026-11-01T06:00:00Z`, or an age such as `7d`.
pub fn moment(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let day = || {
        let day = text.parse::<Date>().ok()?;
        Some(day.to_zoned(zone.clone()).ok()?.timestamp())
    };
    let age = || now.checked_sub(duration_from_text(text).ok()?).ok();
    text.parse::<Timestamp>().ok().or_else(day).or_else(age)
}

/// How long ago, for people.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs().max(0);
    match seconds {
        0..=59 => "just now".to_string(),
        60..=3_599 => format!("{} min ago", seconds / 60),
        3_600..=172_799 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}
