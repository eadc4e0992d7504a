//! The message of what a route gathered: one line a cause, the gravest first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::dispatch;
use super::headline::title;
use super::line::{counted, grouped, one_line};
use super::message::{
    Fact, Item, Line, Row, View, colour, fitting, group_message, more_command, time,
};
use super::template::Letterhead;

use crate::market::{OutgoingMessage, RecordedChange, Severity, Taken, WayOut};

/// Causes that a digest lists: the first number that gives a page that is not too long.
const CAUSES: [usize; 4] = [200, 100, 40, 10];

/// The changes of one cause.
struct Cause<'a> {
    changes: Vec<&'a RecordedChange>,
    touched: Vec<&'a str>,
}

impl Cause<'_> {
    fn severity(&self) -> Severity {
        let severities = self.changes.iter().map(|recorded| recorded.change.severity);
        severities.max().unwrap_or(Severity::Info)
    }

    fn said(&self) -> String {
        title(&self.changes)
    }
}

/// The message of an alert: of what a route gathered for its digest, or of changes that belong together.
pub fn alert_message(
    digest_of: Option<&str>,
    taken: &[Taken],
    ways_out: &[WayOut],
    letterhead: &Letterhead<'_>,
    now: Timestamp,
) -> OutgoingMessage {
    match digest_of {
        Some(route) => digest_message(route, taken, letterhead, now),
        None => group_message(taken, ways_out, letterhead, now),
    }
}

/// What a route gathered, times in `zone`. `message_id` is left empty: the outbox knows the recipient.
fn digest_message(
    route: &str,
    taken: &[Taken],
    letterhead: &Letterhead<'_>,
    now: Timestamp,
) -> OutgoingMessage {
    let mut causes: BTreeMap<&str, Cause<'_>> = BTreeMap::new();
    for one in taken {
        let cause = causes.entry(&one.recorded.group).or_insert_with(|| Cause {
            changes: Vec::new(),
            touched: Vec::new(),
        });
        cause.changes.push(&one.recorded);
        cause.touched.extend(one.touched.iter().map(String::as_str));
    }
    let mut causes: Vec<Cause<'_>> = causes.into_values().collect();
    causes.sort_by_cached_key(|cause| {
        let last = cause
            .changes
            .iter()
            .map(|recorded| recorded.change.confirmed_at);
        (
            Reverse(cause.severity()),
            cause.touched.is_empty(),
            Reverse(last.max()),
        )
    });
    let count = counted(causes.len(), "change");
    let said = match causes.as_slice() {
        [one] => one.said(),
        [first, ..] => format!("{count}, first of all {}", first.said()),
        [] => count,
    };
    let view = |limit| view(route, &causes, &said, letterhead.zone, limit);
    let (message, view) = fitting(&CAUSES, view, letterhead, now);
    OutgoingMessage {
        dispatch: Some(Box::new(dispatch::of_digest(&view, taken))),
        ..message
    }
}

fn view(route: &str, causes: &[Cause<'_>], said: &str, zone: &TimeZone, limit: usize) -> View {
    let severity = causes.first().map_or(Severity::Info, Cause::severity);
    let all: Vec<&RecordedChange> = causes
        .iter()
        .flat_map(|c| c.changes.iter().copied())
        .collect();
    let hidden = causes.len().saturating_sub(limit);
    View {
        severity: severity.word(),
        colour: colour(severity),
        heading: one_line(&format!("digest: {said}"), 300),
        items: causes
            .iter()
            .take(limit)
            .map(|cause| item(cause, zone))
            .collect(),
        more: (hidden > 0).then(|| format!("and {} more", grouped(hidden))),
        hidden,
        more_command: more_command(&all),
        facts: vec![Fact::of("Route", vec![Line::of(one_line(route, 60))])],
    }
}

fn item(cause: &Cause<'_>, zone: &TimeZone) -> Item {
    let mut touched = cause.touched.clone();
    touched.sort_unstable();
    touched.dedup();
    let seen = cause
        .changes
        .iter()
        .map(|recorded| recorded.change.seen_at)
        .min();
    let sources: std::collections::BTreeSet<String> = cause
        .changes
        .iter()
        .map(|recorded| recorded.change.source.probe.to_string())
        .collect();
    let mut place = seen.map_or_else(String::new, |seen| format!("seen {} by ", time(seen, zone)));
    place.push_str(&one_line(
        &sources.into_iter().collect::<Vec<_>>().join(", "),
        100,
    ));
    if !touched.is_empty() {
        place.push_str(&format!("; touches {}", one_line(&touched.join(", "), 100)));
    }
    let id = cause
        .changes
        .first()
        .map(|recorded| recorded.change.id.0.as_str());
    Item {
        what: format!(
            "{}  {}",
            cause.severity().word().to_uppercase(),
            one_line(&cause.said(), 300)
        ),
        rows: vec![Row {
            place,
            id: one_line(id.unwrap_or_default(), 40),
        }],
    }
}
