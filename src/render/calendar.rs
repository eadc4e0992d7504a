//! The days on which models are deprecated and retire, as a calendar that others subscribe to (RFC 5545).

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::line::one_line;
use crate::market::{Attribute, Certainty, DateKind, Hash, Milestone};

/// How long a day stays that is over.
const STAYS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Octets of a line, without its end (RFC 5545 §3.1).
const LINE: usize = 75;
/// Characters of a foreign name.
const NAME: usize = 120;
/// Names that a description lists before it only counts.
const NAMES: usize = 40;

/// The calendar: one all-day event for each day that is not long over. The same days make the same text, whenever it is made:
/// an event was last changed when its sources came to say so. What is `simulated` says so in every name.
pub fn calendar<'a>(
    milestones: impl IntoIterator<Item = &'a Milestone>,
    now: Timestamp,
    is_simulated: bool,
) -> String {
    let mut out = String::new();
    let calendar = match is_simulated {
        true => "Simulated retirement of AI models",
        false => "Retirement of AI models",
    };
    for (name, value) in [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Bellwether//Lifecycle of models//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("NAME", calendar),
        ("X-WR-CALNAME", calendar),
        ("REFRESH-INTERVAL;VALUE=DURATION", "PT6H"),
        ("X-PUBLISHED-TTL", "PT6H"),
    ] {
        push(&mut out, name, value);
    }
    let is_shown = |milestone: &&Milestone| {
        let kept = milestone.date.ends().checked_add(STAYS);
        kept.map_or(true, |until| until > now)
    };
    for milestone in milestones.into_iter().filter(is_shown) {
        event(&mut out, milestone, is_simulated);
    }
    push(&mut out, "END", "VCALENDAR");
    out
}

fn event(out: &mut String, milestone: &Milestone, is_simulated: bool) {
    let date = &milestone.date;
    let changed = milestone.since.to_zoned(TimeZone::UTC);
    let changed = changed.strftime("%Y%m%dT%H%M%SZ").to_string();
    let first = date.starts().to_zoned(TimeZone::UTC).date();
    let next = first.tomorrow().unwrap_or(first);
    let end = date.ends().to_zoned(TimeZone::UTC).date().max(next);
    let kind = Attribute::Date(milestone.kind).to_string();
    let uid = Hash::of_parts(&[
        "calendar",
        &milestone.provider,
        &milestone.name,
        &kind,
        &milestone.mark,
    ]);
    let (category, _) = words(milestone.kind);
    let status = match date.certainty {
        Certainty::Firm => "CONFIRMED",
        Certainty::NotBefore => "TENTATIVE",
    };
    push(out, "BEGIN", "VEVENT");
    push(out, "UID", &format!("{}@bellwether", uid.hex(32)));
    push(out, "DTSTAMP", &changed);
    push(out, "LAST-MODIFIED", &changed);
    let day = |day: jiff::civil::Date| day.strftime("%Y%m%d").to_string();
    push(out, "DTSTART;VALUE=DATE", &day(first));
    push(out, "DTEND;VALUE=DATE", &day(end));
    let mark = if is_simulated { "Simulated: " } else { "" };
    let summary = format!("{mark}{}", summary(milestone));
    push(out, "SUMMARY", &text(&summary));
    push(out, "DESCRIPTION", &text(&description(milestone)));
    push(out, "CATEGORIES", category);
    push(out, "STATUS", status);
    push(out, "TRANSP", "TRANSPARENT");
    push(out, "END", "VEVENT");
}

/// The category of a day, and what happens on it.
fn words(kind: DateKind) -> (&'static str, &'static str) {
    match kind {
        DateKind::Launch => ("Launch", "launches"),
        DateKind::Legacy => ("Legacy", "becomes legacy"),
        DateKind::Deprecated => ("Deprecation", "is deprecated"),
        DateKind::Retires => ("Retirement", "retires"),
        DateKind::Updated => ("Update", "was updated"),
    }
}

fn summary(milestone: &Milestone) -> String {
    let name = one_line(&milestone.name, NAME);
    let provider = one_line(&milestone.provider, NAME);
    let (_, deed) = words(milestone.kind);
    let only = match milestone.only.len() {
        0 => String::new(),
        _ => format!(" ({})", some(&milestone.only, 3)),
    };
    match milestone.date.certainty {
        Certainty::Firm => format!("{name} {deed} at {provider}{only}"),
        Certainty::NotBefore => {
            let date = milestone.date.text();
            format!("{name} {deed} not before {date} at {provider}{only}")
        }
    }
}

fn description(milestone: &Milestone) -> String {
    let (_, deed) = words(milestone.kind);
    let date = milestone.date.text();
    let name = one_line(&milestone.name, NAME);
    let mut lines = vec![match milestone.date.certainty {
        Certainty::Firm => format!("{name} {deed} {date}: a firm date."),
        Certainty::NotBefore => {
            format!("{name} {deed} not before {date}: a floor, on which nothing need happen.")
        }
    }];
    let since = milestone.since.to_zoned(TimeZone::UTC).date().to_string();
    for (what, names) in [
        ("Called", &milestone.native_ids),
        ("Deployments", &milestone.deployments),
        ("Regions", &milestone.regions),
        ("Move to", &milestone.replacements),
        ("Source", &milestone.sources),
    ] {
        if !names.is_empty() {
            lines.push(format!("{what}: {}", some(names, NAMES)));
        }
    }
    lines.push(format!("Said since {since}."));
    lines.join("\n")
}

/// At most so many names, and how many more there are.
fn some(names: &BTreeSet<String>, most: usize) -> String {
    let shown = names.iter().take(most).map(|name| one_line(name, NAME));
    let shown: Vec<String> = shown.collect();
    match names.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A text as the value of a property (RFC 5545 §3.3.11).
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Adds a property, folded: no line is longer than it may be, and no character is cut.
fn push(out: &mut String, name: &str, value: &str) {
    let mut length = 0;
    for c in name.chars().chain([':']).chain(value.chars()) {
        if length + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests;
