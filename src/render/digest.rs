//! The message of what a route gathered: one entry a cause, or what one probe says of one offering; the gravest first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::dispatch;
use super::headline::{headline, rank, title};
use super::line::{counted, grouped, one_line};
use super::message::{
    Fact, Item, Line, Row, View, colour, fitting, group_message, more_command, time,
};
use super::sighting::Sighting;
use super::template::Letterhead;

use crate::market::{OutgoingMessage, RecordedChange, Severity, Taken, WayOut};

/// Causes that a digest lists: the first number that gives a page that is not too long.
const CAUSES: [usize; 4] = [200, 100, 40, 10];
/// Causes of one sighting that are told each by itself.
const PARTS: usize = 8;

/// The changes of one cause, or of the causes of one sighting.
#[derive(Default)]
struct Cause<'a> {
    changes: Vec<&'a RecordedChange>,
    touched: Vec<&'a str>,
}

impl<'a> Cause<'a> {
    /// The changes of each cause, the one that is said first before the others.
    fn parts(&self) -> Vec<Vec<&'a RecordedChange>> {
        let mut parts: Vec<Vec<&RecordedChange>> = Vec::new();
        for one in &self.changes {
            let is_same = |part: &&mut Vec<&RecordedChange>| {
                part.first().is_some_and(|first| first.group == one.group)
            };
            match parts.iter_mut().find(is_same) {
                Some(part) => part.push(one),
                None => parts.push(vec![one]),
            }
        }
        parts.sort_by_key(|part| part.iter().map(|one| rank(one)).min());
        parts
    }

    fn severity(&self) -> Severity {
        let severities = self.changes.iter().map(|recorded| recorded.change.severity);
        severities.max().unwrap_or(Severity::Info)
    }

    fn said(&self) -> String {
        title(&self.changes)
    }

    /// What its gravest part says.
    fn first_said(&self) -> String {
        let parts = self.parts();
        parts.first().map_or_else(String::new, |part| title(part))
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
    let mut groups: BTreeMap<&str, Cause<'_>> = BTreeMap::new();
    for one in taken {
        let group = groups.entry(&one.recorded.group).or_default();
        group.changes.push(&one.recorded);
        group.touched.extend(one.touched.iter().map(String::as_str));
    }
    let count = counted(groups.len(), "change");
    let mut causes: Vec<Cause<'_>> = Vec::new();
    let mut places: BTreeMap<Sighting, usize> = BTreeMap::new();
    for group in groups.into_values() {
        let sighting = Sighting::of(group.changes.iter().copied());
        let place = sighting.map(|sighting| *places.entry(sighting).or_insert(causes.len()));
        match place.and_then(|place| causes.get_mut(place)) {
            Some(cause) => {
                cause.changes.extend(group.changes);
                cause.touched.extend(group.touched);
            }
            None => causes.push(group),
        }
    }
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
    let said = match causes.as_slice() {
        [one] => one.said(),
        [first, ..] => format!("{count}, first of all {}", first.first_said()),
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
    let hidden = causes.iter().skip(limit).map(|cause| cause.parts().len());
    let hidden = hidden.sum();
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
    let parts = cause.parts();
    let mut parts = parts.iter();
    let id_of = |part: &[&RecordedChange]| {
        let first = part.first().map(|recorded| recorded.change.id.0.as_str());
        one_line(first.unwrap_or_default(), 40)
    };
    let mut rows = vec![Row {
        place,
        id: parts.next().map(|first| id_of(first)).unwrap_or_default(),
    }];
    let more = parts.len().saturating_sub(PARTS);
    rows.extend(parts.take(PARTS).map(|part| Row {
        place: one_line(&headline(part), 200),
        id: id_of(part),
    }));
    rows.extend((more > 0).then(|| Row {
        place: format!("and {more} more"),
        id: String::new(),
    }));
    Item {
        what: format!(
            "{}  {}",
            cause.severity().word().to_uppercase(),
            one_line(&cause.said(), 300)
        ),
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::ChangeKind;
    use crate::render::samples::{change, moment, price, valued, zone};

    #[test]
    fn what_one_probe_says_of_one_offering_is_one_entry() {
        let gone =
            |meter: &str, amount| valued("gemini", "g-4-preview", meter, price(amount), None);
        let mut other = gone("price.input", "2");
        other.change.subject.native_id = "g-5".into();
        let mut later = gone("price.cache_read", "0.25");
        later.change.confirmed_at = moment("2026-11-10T09:05:00Z");
        let listed = change(other.change.subject.clone(), ChangeKind::OfferingAdded);
        let all = [
            gone("price.input", "2.5"),
            gone("price.output", "15"),
            gone("price.output.batch", "7.5"),
            listed,
            other,
            later,
        ];
        let taken = all.into_iter().zip(["a", "b", "c", "d", "e", "f"]);
        let taken = taken.map(|(mut recorded, group)| {
            recorded.group = group.to_string();
            recorded.change.id = crate::market::ChangeId(group.repeat(16));
            Taken {
                recorded,
                touched: Vec::new(),
            }
        });
        let taken: Vec<Taken> = taken.collect();
        let now = moment("2026-11-11T08:00:00Z");
        let message = digest_message("rest", &taken, &Letterhead::plain(&zone()), now);
        insta::assert_snapshot!(message.text, @"
        NOTICE  digest: 6 changes, first of all gemini: g-4-preview price.cache_read 0.25 $/1M → nothing

        NOTICE  gemini: g-4-preview price.cache_read 0.25 $/1M → nothing
          ffffffffffffffff  seen 2026-11-10 09:00 CET by gemini.models

        NOTICE  gemini: g-4-preview price.input 2.5 $/1M → nothing; and 2 other changes
          aaaaaaaaaaaaaaaa  seen 2026-11-10 09:00 CET by gemini.models
          bbbbbbbbbbbbbbbb  g-4-preview price.output 15 $/1M → nothing
          cccccccccccccccc  g-4-preview price.output.batch 7.5 $/1M → nothing

        NOTICE  gemini: g-5 price.input 2 $/1M → nothing; and 1 other change
          eeeeeeeeeeeeeeee  seen 2026-11-10 09:00 CET by gemini.models
          dddddddddddddddd  g-5 added

        Route         rest
        ");
    }
}
