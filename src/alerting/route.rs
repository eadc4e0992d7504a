//! Whom changes are told to, and when.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::limit::Limit;
use super::matcher::Matcher;
use crate::market::Severity;
use crate::schedule::Schedule;

/// A way to people.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its name, as the outbox keeps it.
    pub name: String,
    /// What it takes.
    pub takes: Matcher,
    /// Addresses.
    pub recipients: Vec<String>,
    /// When it tells.
    pub when: When,
    /// When it does not.
    pub quiet: Option<Quiet>,
    /// How many messages it carries, but for critical ones and digests.
    pub limit: Option<Limit>,
    /// Whether the routes after it may take the same change.
    pub goes_on: bool,
}

/// When a route tells.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// As soon as the changes of one cause are gathered.
    AtOnce,
    /// All that was gathered, at these times.
    Digest(Schedule),
}

/// Hours in which nobody is woken.
#[derive(Debug, Clone, PartialEq)]
pub struct Quiet {
    /// From when to when; past midnight where the end is earlier.
    pub spans: Vec<(Time, Time)>,
    /// Whose hours.
    pub zone: TimeZone,
    /// What is told all the same.
    pub breaks: Severity,
}

impl Quiet {
    /// When a message that is due at a moment may be sent: at once, or when the quiet hours are over.
    pub fn over(&self, at: Timestamp, severity: Severity) -> Timestamp {
        if severity >= self.breaks {
            return at;
        }
        let mut now = at.to_zoned(self.zone.clone());
        // one span may end in another one
        for _ in 0..=self.spans.len() {
            match self.spans.iter().find_map(|span| ends(&now, *span)) {
                Some(end) => now = end,
                None => break,
            }
        }
        now.timestamp()
    }
}

/// When the span that holds a moment ends.
fn ends(now: &Zoned, (from, until): (Time, Time)) -> Option<Zoned> {
    let time = now.time();
    let ends_tomorrow = until <= from;
    let is_in = match ends_tomorrow {
        true => time >= from || time < until,
        false => time >= from && time < until,
    };
    if !is_in {
        return None;
    }
    let day = match ends_tomorrow && time >= from {
        true => now.date().tomorrow().ok()?,
        false => now.date(),
    };
    // an hour that a clock leaves out ends with it, one that it repeats ends the first time
    let end = day
        .to_datetime(until)
        .to_zoned(now.time_zone().clone())
        .ok()?;
    Some(match end > *now {
        true => end,
        // the repeated hour: its end has passed once already
        false => now.checked_add(SignedDuration::from_mins(1)).ok()?,
    })
}

impl Route {
    /// When what is gathered by `closes_at` is told, and by which digest.
    pub fn due(&self, closes_at: Timestamp, severity: Severity) -> Option<Due> {
        match &self.when {
            When::AtOnce => Some(Due {
                at: self
                    .quiet
                    .as_ref()
                    .map_or(closes_at, |quiet| quiet.over(closes_at, severity)),
                digest: None,
                held_until: None,
            }),
            When::Digest(schedule) => {
                let at = schedule.next_after(closes_at)?;
                Some(Due {
                    at,
                    digest: Some(at),
                    held_until: None,
                })
            }
        }
    }
}

/// When a change is told by a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Not earlier.
    pub at: Timestamp,
    /// The digest that tells it, by its time; `None`: it is told at once.
    pub digest: Option<Timestamp>,
    /// The end of the window that it waits for: what has come to nothing by then is not told.
    pub held_until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::zone_from_name;

    fn quiet(spans: &[(&str, &str)], zone: &str) -> Quiet {
        let time = |text: &str| text.parse().expect("a time");
        Quiet {
            spans: spans
                .iter()
                .map(|(from, until)| (time(from), time(until)))
                .collect(),
            zone: zone_from_name(zone).expect("a zone"),
            breaks: Severity::Critical,
        }
    }

    #[test]
    fn quiet_hours_over_both_edges_of_daylight_saving_in_three_zones() {
        let night = [("22:00:00", "07:00:00")];
        for (zone, spans, at, until) in [
            // an ordinary night, its edges and the day
            (
                "Europe/Berlin",
                &night[..],
                "2026-11-25T20:59:59Z",
                "2026-11-25T20:59:59Z",
            ),
            (
                "Europe/Berlin",
                &night,
                "2026-11-25T21:00:00Z",
                "2026-11-26T06:00:00Z",
            ),
            (
                "Europe/Berlin",
                &night,
                "2026-11-26T02:00:00Z",
                "2026-11-26T06:00:00Z",
            ),
            (
                "Europe/Berlin",
                &night,
                "2026-11-26T06:00:00Z",
                "2026-11-26T06:00:00Z",
            ),
            // clocks go forward on 29 March, back on 25 October
            (
                "Europe/Berlin",
                &night,
                "2026-03-28T21:30:00Z",
                "2026-03-29T05:00:00Z",
            ),
            (
                "Europe/Berlin",
                &night,
                "2026-10-24T20:30:00Z",
                "2026-10-25T06:00:00Z",
            ),
            // an end that is left out: 02:30 does not exist
            (
                "Europe/Berlin",
                &[("00:00:00", "02:30:00")],
                "2026-03-29T00:30:00Z",
                "2026-03-29T01:30:00Z",
            ),
            // an end within the hour that comes twice
            (
                "Europe/Berlin",
                &[("00:00:00", "02:30:00")],
                "2026-10-24T23:00:00Z",
                "2026-10-25T00:30:00Z",
            ),
            // America: 8 March and 1 November
            (
                "America/New_York",
                &night,
                "2026-03-08T03:30:00Z",
                "2026-03-08T11:00:00Z",
            ),
            (
                "America/New_York",
                &night,
                "2026-11-01T02:30:00Z",
                "2026-11-01T12:00:00Z",
            ),
            // Lord Howe moves by half an hour: 5 April back, 4 October forward
            (
                "Australia/Lord_Howe",
                &night,
                "2026-04-04T12:00:00Z",
                "2026-04-04T20:30:00Z",
            ),
            (
                "Australia/Lord_Howe",
                &night,
                "2026-10-03T13:00:00Z",
                "2026-10-03T20:00:00Z",
            ),
            // spans that touch
            (
                "Europe/Berlin",
                &[("12:00:00", "13:00:00"), ("13:00:00", "14:00:00")],
                "2026-11-25T11:30:00Z",
                "2026-11-25T13:00:00Z",
            ),
        ] {
            let quiet = quiet(spans, zone);
            let at: Timestamp = at.parse().expect("a time");
            let over = quiet.over(at, Severity::Warning);
            assert_eq!(over.to_string(), until, "{zone} {at}");
            assert_eq!(quiet.over(at, Severity::Critical), at);
        }
    }
}
