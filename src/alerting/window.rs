//! Times at which work is done: what is told then waits for their end, and only what still stands is told.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::{SignedDuration, Timestamp};

use super::matcher::{Matcher, Matter};
use crate::market::{Change, ChangeKind, Hash, Severity, Taken, Value};
use crate::schedule::Schedule;

/// A time at which work is done, again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// What the user calls it.
    pub name: String,
    /// Whose changes wait.
    pub takes: Matcher,
    /// When it begins.
    pub begins: Schedule,
    /// For how long it lasts each time.
    pub lasts: SignedDuration,
}

/// A week in which nothing is told is no maintenance.
pub const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Window {
    /// Whether it begins anew before it has ended, again and again.
    pub fn is_endless(&self) -> bool {
        let begin = self.begins.next_after(Timestamp::UNIX_EPOCH);
        let end = begin.and_then(|begin| self.ends(begin));
        begin
            .zip(end)
            .is_some_and(|(begin, end)| end.duration_since(begin) > LONGEST_WINDOW)
    }

    /// When the window that holds a moment ends; `None` if none does. One that begins while another goes on makes it longer, up to
    /// [`LONGEST_WINDOW`] from then on.
    pub fn ends(&self, at: Timestamp) -> Option<Timestamp> {
        let mut end = None;
        let mut seen = at.checked_sub(self.lasts).ok()?;
        // what began earlier is over
        while let Some(begin) = self.begins.next_after(seen) {
            let last = end.unwrap_or(at);
            if begin > last || last.duration_since(at) > LONGEST_WINDOW {
                break;
            }
            end = begin.checked_add(self.lasts).ok();
            seen = begin;
            end?;
        }
        end
    }

    /// When a change that is told at a moment may be told, if it must wait.
    pub fn holds(
        &self,
        matter: &Matter<'_>,
        severity: Severity,
        at: Timestamp,
    ) -> Option<Timestamp> {
        self.takes
            .takes(matter, severity, &[])
            .then(|| self.ends(at))?
    }
}

/// How a thing was, or is.
#[derive(Debug, PartialEq)]
enum State<'a> {
    Off,
    On,
    Stated(Option<&'a Value>),
}

/// Whether nothing of these changes is left: each thing is again as it was before the first of them. They stand in the order in
/// which they were recorded.
pub fn comes_to_nothing(taken: &[Taken]) -> bool {
    let mut things: BTreeMap<(Hash, String), (State<'_>, State<'_>)> = BTreeMap::new();
    for taken in taken {
        let change = &taken.recorded.change;
        let Some((before, after)) = step(change) else {
            return false;
        };
        let aspect = change.attribute.as_ref().map(ToString::to_string);
        let thing = (change.subject.hash(), aspect.unwrap_or_default());
        match things.entry(thing) {
            // an update ends nothing
            Entry::Occupied(_) if change.kind == ChangeKind::IncidentUpdated => {}
            Entry::Occupied(mut known) => known.get_mut().1 = after,
            Entry::Vacant(unknown) => {
                unknown.insert((before, after));
            }
        }
    }
    things.values().all(|(before, after)| before == after)
}

/// What a change leads from and to; `None` for what is only said.
fn step(change: &Change) -> Option<(State<'_>, State<'_>)> {
    use ChangeKind as Kind;
    match change.kind {
        Kind::OfferingAdded
        | Kind::OfferingReturned
        | Kind::IncidentOpened
        | Kind::LatencyShifted
        | Kind::ProbeBroken => Some((State::Off, State::On)),
        // of one that is merely told on, it is not known here how it began
        Kind::OfferingRemoved
        | Kind::IncidentUpdated
        | Kind::IncidentResolved
        | Kind::LatencyRecovered
        | Kind::ProbeRecovered => Some((State::On, State::Off)),
        _ if change.attribute.is_some() => Some((
            State::Stated(change.old.as_ref()),
            State::Stated(change.new.as_ref()),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{RecordedChange, SubjectKind};
    use crate::render::samples;

    fn window(line: &str, zone: &str, hours: i64) -> Window {
        Window {
            name: "patching".to_string(),
            takes: Matcher::default(),
            begins: Schedule::cron(line, zone).expect("a line"),
            lasts: SignedDuration::from_hours(hours),
        }
    }

    #[test]
    fn windows_over_both_edges_of_daylight_saving_in_three_zones() {
        for (zone, line, hours, at, ends) in [
            // Sundays from two to six
            (
                "Europe/Berlin",
                "0 2 * * sun",
                4,
                "2026-11-29T00:59:59Z",
                None,
            ),
            (
                "Europe/Berlin",
                "0 2 * * sun",
                4,
                "2026-11-29T01:00:00Z",
                Some("2026-11-29T05:00:00Z"),
            ),
            (
                "Europe/Berlin",
                "0 2 * * sun",
                4,
                "2026-11-29T04:59:59Z",
                Some("2026-11-29T05:00:00Z"),
            ),
            (
                "Europe/Berlin",
                "0 2 * * sun",
                4,
                "2026-11-29T05:00:00Z",
                None,
            ),
            // clocks go forward from two to three, and back from three to two: it lasts four hours all the same
            (
                "Europe/Berlin",
                "0 1 * * sun",
                4,
                "2026-03-29T03:59:59Z",
                Some("2026-03-29T04:00:00Z"),
            ),
            (
                "Europe/Berlin",
                "0 1 * * sun",
                4,
                "2026-10-25T02:30:00Z",
                Some("2026-10-25T03:00:00Z"),
            ),
            // an hour that is left out begins when the clock has moved, one that comes twice begins once
            (
                "Europe/Berlin",
                "30 2 * * sun",
                1,
                "2026-03-29T01:00:00Z",
                Some("2026-03-29T02:00:00Z"),
            ),
            (
                "Europe/Berlin",
                "30 2 * * sun",
                1,
                "2026-10-25T00:45:00Z",
                Some("2026-10-25T01:30:00Z"),
            ),
            (
                "Europe/Berlin",
                "30 2 * * sun",
                1,
                "2026-10-25T01:45:00Z",
                None,
            ),
            (
                "America/New_York",
                "0 1 * * sun",
                3,
                "2026-03-08T08:59:59Z",
                Some("2026-03-08T09:00:00Z"),
            ),
            (
                "America/New_York",
                "0 0 * * sun",
                3,
                "2026-11-01T06:30:00Z",
                Some("2026-11-01T07:00:00Z"),
            ),
            (
                "Australia/Lord_Howe",
                "0 1 * * sun",
                2,
                "2026-04-04T15:30:00Z",
                Some("2026-04-04T16:00:00Z"),
            ),
            (
                "Australia/Lord_Howe",
                "0 1 * * sun",
                2,
                "2026-10-03T15:45:00Z",
                Some("2026-10-03T16:30:00Z"),
            ),
            // windows that touch are one
            (
                "UTC",
                "0 1,3 * * *",
                2,
                "2026-11-25T01:30:00Z",
                Some("2026-11-25T05:00:00Z"),
            ),
        ] {
            let at: Timestamp = at.parse().expect("a time");
            let found = window(line, zone, hours).ends(at);
            assert_eq!(
                found.map(|at| at.to_string()).as_deref(),
                ends,
                "{zone} {line} {at}"
            );
        }
    }

    #[test]
    fn a_window_that_never_ends_holds_nothing_for_ever() {
        for (line, hours, is_endless) in [
            ("0 2 * * *", 24, true),
            ("0 2 * * *", 23, false),
            ("0 2 * * sun", 7 * 24, true),
            ("* * * * *", 1, true),
            ("0 1,3 * * *", 2, false),
        ] {
            let window = window(line, "UTC", hours);
            assert_eq!(window.is_endless(), is_endless, "{line} {hours}");
            let at = "2026-11-25T02:00:00Z".parse().expect("a time");
            let ends = window.ends(at).unwrap_or(at);
            assert!(ends.duration_since(at) <= LONGEST_WINDOW * 2, "{ends}");
        }
    }

    #[test]
    fn what_came_and_went_is_nothing() {
        let kind = |kind| {
            let subject = crate::market::Subject::of_kind(SubjectKind::Incident, "openai", "i-1");
            samples::change(subject, kind)
        };
        let dearer = samples::valued(
            "openai",
            "gpt-5",
            "price.input",
            samples::price("4"),
            samples::price("5"),
        );
        let all = |changes: &[RecordedChange]| {
            let taken = |recorded: &RecordedChange| Taken {
                recorded: recorded.clone(),
                touched: Vec::new(),
            };
            comes_to_nothing(&changes.iter().map(taken).collect::<Vec<_>>())
        };
        let (opened, updated, resolved) = (
            kind(ChangeKind::IncidentOpened),
            kind(ChangeKind::IncidentUpdated),
            kind(ChangeKind::IncidentResolved),
        );
        let of = |changes: &[&RecordedChange]| {
            all(&changes.iter().copied().cloned().collect::<Vec<_>>())
        };
        assert!(of(&[&opened, &updated, &resolved]));
        assert!(!of(&[&opened, &updated]));
        assert!(!of(&[&resolved]), "it began before");
        assert!(!of(&[&updated]) && !of(&[&updated, &resolved]));
        let cheaper = samples::cheaper();
        assert!(of(&[&dearer, &cheaper]));
        assert!(!of(&[&cheaper]) && !of(&[&opened, &resolved, &cheaper]));
        let mut elsewhere = resolved.clone();
        elsewhere.change.subject.region = crate::market::Region::new("eu");
        assert!(!of(&[&opened, &elsewhere]), "another place");
        let said = kind(ChangeKind::Announcement);
        assert!(!of(&[&said]));
    }
}
