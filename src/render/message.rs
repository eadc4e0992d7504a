//! The messages that are mailed: one for changes of one cause, and one when the watching starts.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::dispatch;
use super::headline::{rank, says_the_same, shown, title, transition};
use super::leave;
use super::line::{counted, link, one_line};
use super::template::Letterhead;
use super::{outage, template};

use crate::alerting::is_measured;
use crate::market::{
    Attribute, OutgoingMessage, RecordedChange, Severity, SubjectKind, Taken, WayOut,
};

/// Characters of a subject.
const SUBJECT_LIMIT: usize = 120;
/// Places that a message lists, most to least: the first number that gives a page below [`PAGE_LIMIT`].
const ROWS: [usize; 4] = [60, 20, 5, 1];
/// Bytes of a page: Gmail cuts at 102 kB.
pub(super) const PAGE_LIMIT: usize = 100_000;
/// Lines of one fact, such as the sources of a group.
const LINES: usize = 8;
/// Sources that the first message lists.
const SOURCES: usize = 100;

#[derive(Serialize)]
pub(super) struct View {
    pub severity: &'static str,
    pub colour: &'static str,
    pub heading: String,
    pub items: Vec<Item>,
    pub more: Option<String>,
    /// How many are not shown.
    pub hidden: usize,
    pub more_command: String,
    pub facts: Vec<Fact>,
}

/// One thing said, and where.
#[derive(Serialize)]
pub(super) struct Item {
    pub what: String,
    pub rows: Vec<Row>,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub place: String,
    pub id: String,
}

#[derive(Serialize)]
pub(super) struct Fact {
    pub label: &'static str,
    pub lines: Vec<Line>,
    pub is_command: bool,
}

#[derive(Serialize, PartialEq)]
pub(super) struct Line {
    pub text: String,
    pub link: Option<String>,
}

/// The message about changes of one cause. `message_id` is left empty: the outbox knows the recipient.
pub fn group_message(
    taken: &[Taken],
    ways_out: &[WayOut],
    letterhead: &Letterhead<'_>,
    now: Timestamp,
) -> OutgoingMessage {
    let mut sorted: Vec<&RecordedChange> = taken.iter().map(|taken| &taken.recorded).collect();
    let touched: Vec<&str> = taken
        .iter()
        .flat_map(|taken| &taken.touched)
        .map(String::as_str)
        .collect();
    sorted.sort_by_cached_key(|recorded| {
        (
            rank(recorded),
            recorded.change.kind,
            recorded.change.subject.clone(),
            recorded.change.attribute.clone(),
        )
    });
    let view = |rows| view(&sorted, (&touched, ways_out), letterhead.zone, rows);
    let (message, view) = fitting(&ROWS, view, letterhead, now);
    OutgoingMessage {
        dispatch: Some(Box::new(dispatch::of_group(&view, &sorted, &touched))),
        ..message
    }
}

/// The message of a view that is shortened, from the first of these limits to the last, until its page is below [`PAGE_LIMIT`].
pub(super) fn fitting(
    limits: &[usize],
    view: impl Fn(usize) -> View,
    letterhead: &Letterhead<'_>,
    now: Timestamp,
) -> (OutgoingMessage, View) {
    let mut limits = limits.iter().peekable();
    loop {
        let view = view(limits.next().copied().unwrap_or(1));
        let message = written(&view, letterhead, now);
        if message.html.len() < PAGE_LIMIT || limits.peek().is_none() {
            return (message, view);
        }
    }
}

/// A view as the user's or the shipped templates write it.
pub(super) fn written(view: &View, letterhead: &Letterhead<'_>, now: Timestamp) -> OutgoingMessage {
    let templates = letterhead.templates;
    let text = format!("{}\n", templates.write("message.txt", view).trim_end());
    let html = templates.page(view, &text);
    OutgoingMessage {
        subject: one_line(&templates.write("subject.txt", view), SUBJECT_LIMIT),
        ..message("", text, html, now)
    }
}

/// The message that is sent once, when the daemon starts to watch: each source with its title and its next reading.
pub fn started_message(
    sources: &[(String, String, Option<Timestamp>)],
    zone: &TimeZone,
    now: Timestamp,
) -> OutgoingMessage {
    let soonest = sources.iter().filter_map(|(_, _, next)| *next).min();
    let watching = format!("now watching {}", counted(sources.len(), "source"));
    let heading = match soonest {
        Some(next) => format!("{watching}, next readings due {}", time(next, zone)),
        None => format!("{watching}, no reading is due"),
    };
    let view = Started {
        note: "The first reading of a source is its baseline and raises nothing. After that every confirmed change is told once.",
        rows: sources
            .iter()
            .take(SOURCES)
            .map(|(source, title, next)| StartedRow {
                source: one_line(source, 80),
                title: one_line(title, 120),
                next: next.map_or("not scheduled".to_string(), |next| time(next, zone)),
            })
            .collect(),
        more: (sources.len() > SOURCES).then(|| format!("and {} more", sources.len() - SOURCES)),
        heading,
    };
    let mut text = format!("Bellwether: {}\n\n{}\n\n", view.heading, view.note);
    for row in &view.rows {
        text.push_str(&format!("{}  {} ({})\n", row.next, row.title, row.source));
    }
    if let Some(more) = &view.more {
        text.push_str(&format!("{more}\n"));
    }
    let html = template::html("started.html", &view, &text);
    message(&view.heading, text, html, now)
}

/// The message that our own network was away, sent once it is back: from when to when, how many checks and how many sources are
/// inconclusive for it.
pub fn away_message(
    (from, until): (Timestamp, Timestamp),
    checks: u64,
    sources: usize,
    zone: &TimeZone,
    now: Timestamp,
) -> OutgoingMessage {
    let (from, until) = (time(from, zone), time(until, zone));
    let checks = counted(usize::try_from(checks).unwrap_or(usize::MAX), "check");
    let sources = counted(sources, "source");
    let view = Away {
        heading: format!("the network here was away from {from} to {until}"),
        note: format!(
            "{checks} of endpoints and models and the readings of {sources} are inconclusive: nobody was reached, so that they say nothing of the others. No outage is recorded, and the time counts as unknown."
        ),
    };
    let text = format!("Bellwether: {}\n\n{}\n", view.heading, view.note);
    let html = template::html("away.html", &view, &text);
    message(&view.heading, text, html, now)
}

/// The message that tries a route out.
pub fn test_message(route: &str, letterhead: &Letterhead<'_>, now: Timestamp) -> OutgoingMessage {
    let said = format!("the route {} works", one_line(route, 60));
    let note = format!(
        "This is a test, sent {}. Alerts that this route takes come this way; nothing has changed.",
        time(now, letterhead.zone)
    );
    let dispatch = dispatch::of_test(&said, &note);
    let view = View {
        severity: Severity::Info.word(),
        colour: colour(Severity::Info),
        heading: format!("test: {said}"),
        items: vec![Item {
            what: note,
            rows: Vec::new(),
        }],
        more: None,
        hidden: 0,
        more_command: String::new(),
        facts: Vec::new(),
    };
    OutgoingMessage {
        dispatch: Some(Box::new(dispatch)),
        ..written(&view, letterhead, now)
    }
}

#[derive(Serialize)]
struct Away {
    heading: String,
    note: String,
}

#[derive(Serialize)]
struct Started {
    heading: String,
    note: &'static str,
    rows: Vec<StartedRow>,
    more: Option<String>,
}

#[derive(Serialize)]
struct StartedRow {
    source: String,
    title: String,
    next: String,
}

pub(super) fn message(said: &str, text: String, html: String, now: Timestamp) -> OutgoingMessage {
    OutgoingMessage {
        subject: one_line(&format!("[bellwether] {said}"), SUBJECT_LIMIT),
        text,
        html,
        parts: Vec::new(),
        message_id: String::new(),
        in_reply_to: None,
        date: now,
        dispatch: None,
    }
}

/// A moment as people of the zone read it.
pub(super) fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}

/// A colour that white text is readable on, in light and in dark mode.
pub(super) fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "#b3261e",
        Severity::Warning => "#8f5200",
        Severity::Notice => "#0b57a4",
        Severity::Info => "#5b626b",
    }
}

fn view(
    sorted: &[&RecordedChange],
    (touched, ways_out): (&[&str], &[WayOut]),
    zone: &TimeZone,
    rows: usize,
) -> View {
    let severity = sorted
        .first()
        .map_or(Severity::Info, |recorded| recorded.change.severity);
    let (items, hidden) = items(sorted, rows);
    View {
        severity: severity.word(),
        colour: colour(severity),
        heading: one_line(&title(sorted), 300),
        items,
        more: (hidden > 0).then(|| format!("and {} more", super::line::grouped(hidden))),
        hidden,
        more_command: more_command(sorted),
        facts: facts(sorted, touched, ways_out, zone),
    }
}

/// What is said, each once, with at most `limit` places in all; and how many changes are not shown.
fn items(sorted: &[&RecordedChange], limit: usize) -> (Vec<Item>, usize) {
    let mut items: Vec<(&RecordedChange, Item)> = Vec::new();
    let mut providers = sorted.iter().map(|r| &r.change.subject.provider);
    let first = providers.next();
    let is_at_several = providers.any(|provider| Some(provider) != first);
    for &recorded in sorted.iter().take(limit) {
        let mut place = place(recorded);
        if is_at_several {
            let provider = one_line(recorded.change.subject.provider.as_str(), 30);
            place = format!("{provider}: {place}");
        }
        let row = Row {
            place,
            id: one_line(&recorded.change.id.0, 40),
        };
        match items
            .iter_mut()
            .find(|(first, _)| says_the_same(first, recorded))
        {
            Some((_, item)) => item.rows.push(row),
            None => items.push((
                recorded,
                Item {
                    what: what(recorded),
                    rows: vec![row],
                },
            )),
        }
    }
    let items = items.into_iter().map(|(_, item)| item).collect();
    (items, sorted.len().saturating_sub(limit))
}

fn what(recorded: &RecordedChange) -> String {
    if let Some(part) = outage::part(recorded) {
        return part.what;
    }
    let change = &recorded.change;
    let (old, new) = (change.old.as_ref(), change.new.as_ref());
    let label = match &change.attribute {
        Some(attribute) => one_line(&attribute.to_string(), 80),
        None => change.kind.word().replace('_', " "),
    };
    match (&change.attribute, change.subject.kind) {
        (Some(Attribute::Text), _) => format!("{label}: {}", text_change(recorded)),
        (Some(_), _) => format!("{label}: {}", transition(old, new)),
        (None, SubjectKind::Offering) => label,
        (None, _) => format!("{label}: {}", text_change(recorded)),
    }
}

fn text_change(recorded: &RecordedChange) -> String {
    let long = |value: &crate::market::Value| one_line(&value.to_string(), 400);
    let change = &recorded.change;
    match (&change.old, &change.new) {
        (Some(old), Some(new)) => format!("{} → {}", long(old), long(new)),
        (None, Some(value)) | (Some(value), None) => long(value),
        (None, None) => shown(None),
    }
}

/// What the change is about and where: `gpt-4o "GPT-4o", GlobalStandard in swedencentral`. An incident is what it hits.
fn place(recorded: &RecordedChange) -> String {
    let subject = &recorded.change.subject;
    let mut place = match recorded.called.hits.as_slice() {
        [] => one_line(recorded.name(), 80),
        hits => one_line(&hits.join(", "), 200),
    };
    if subject.kind == SubjectKind::Offering && recorded.change.attribute.is_none() {
        let name = recorded
            .change
            .new
            .as_ref()
            .or(recorded.change.old.as_ref());
        if let Some(name) = name {
            place.push_str(&format!(" \u{201c}{}\u{201d}", shown(Some(name))));
        }
    }
    if let Some(deployment) = &subject.deployment {
        place.push_str(&format!(", {}", one_line(deployment, 40)));
    }
    if subject.region.is_stated() {
        place.push_str(&format!(" in {}", one_line(subject.region.as_str(), 40)));
    }
    if let Some(detail) = outage::part(recorded).and_then(|part| part.detail) {
        place.push_str(&format!(", {detail}"));
    }
    place
}

/// Whether a word can be pasted into a shell: nothing of a scraped page must do harm there.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@".contains(&byte))
}

pub(super) fn more_command(sorted: &[&RecordedChange]) -> String {
    let mut command = "bellwether changes".to_string();
    let mut providers: Vec<&str> = sorted
        .iter()
        .map(|recorded| recorded.change.subject.provider.as_str())
        .collect();
    providers.sort_unstable();
    providers.dedup();
    if let [provider] = providers.as_slice()
        && is_plain(provider)
    {
        command.push_str(&format!(" --provider {provider}"));
    }
    let recorded_at = sorted.iter().map(|recorded| recorded.change.confirmed_at);
    if let Some(first) = recorded_at.min() {
        command.push_str(&format!(" --since {first}"));
    }
    command
}

fn facts(
    sorted: &[&RecordedChange],
    touched: &[&str],
    ways_out: &[WayOut],
    zone: &TimeZone,
) -> Vec<Fact> {
    let sources = sorted.iter().map(|one| {
        let change = &one.change;
        (&change.source, one.authority, is_measured(change))
    });
    let sources = once(sources).map(|(source, authority, is_measured)| {
        let by = match is_measured {
            true => "our own samples",
            false => authority.word(),
        };
        Line::of(format!("{} ({by})", one_line(&source.to_string(), 100)))
    });
    let evidence = once(sorted.iter().map(|one| one.url.as_str())).filter_map(|url| {
        let line = match link(url) {
            Some(url) => Line {
                text: one_line(&url, 200),
                link: Some(url),
            },
            None => Line::of(one_line(url, 200)),
        };
        Some(line).filter(|line| !line.text.is_empty())
    });
    let confirmed_by = once(sorted.iter().flat_map(|one| &one.confirmed_by));
    let confirmed_by = confirmed_by.map(|source| Line::of(one_line(source, 100)));
    let moments = |moment: &dyn Fn(&RecordedChange) -> Option<Timestamp>| {
        span(sorted.iter().filter_map(|recorded| moment(recorded)), zone)
    };
    let why = sorted.first().map(|recorded| {
        Line::of(format!(
            "bellwether why {}",
            one_line(&recorded.change.id.0, 40)
        ))
    });
    let touched = once(touched.iter().copied()).map(|name| Line::of(one_line(name, 100)));
    let ways = leave::facts(ways_out);
    let before = [
        Fact::of("Touches", distinct(touched)),
        Fact::of("True from", moments(&|recorded| recorded.change.true_from)),
        Fact::of("Seen", moments(&|recorded| Some(recorded.change.seen_at))),
        Fact::of(
            "Confirmed",
            moments(&|recorded| Some(recorded.change.confirmed_at)),
        ),
        Fact::of("Source", distinct(sources)),
        Fact::of("Confirmed by", distinct(confirmed_by)),
        Fact::of("Evidence", distinct(evidence)),
    ];
    let after = [
        Fact::command("More", why.into_iter().collect()),
        Fact::command("Silence", leave::silence(sorted).into_iter().collect()),
    ];
    before
        .into_iter()
        .chain(ways)
        .chain(after)
        .filter(|fact| !fact.lines.is_empty())
        .collect()
}

impl Fact {
    /// What is known.
    pub fn of(label: &'static str, lines: Vec<Line>) -> Self {
        Self {
            label,
            lines,
            is_command: false,
        }
    }

    /// What can be typed.
    pub fn command(label: &'static str, lines: Vec<Line>) -> Self {
        Self {
            label,
            lines,
            is_command: true,
        }
    }
}

impl Line {
    pub fn of(text: String) -> Self {
        Self { text, link: None }
    }
}

/// Each of many things once, before something is made of it.
fn once<T: Copy + Eq + std::hash::Hash>(all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut seen = std::collections::HashSet::new();
    all.filter(move |one| seen.insert(*one))
}

/// Each line once, a bounded number of them.
fn distinct(lines: impl Iterator<Item = Line>) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    let mut hidden = 0;
    let mut seen = std::collections::HashSet::new();
    for line in lines {
        if !seen.insert(line.text.clone()) {
            continue;
        }
        if found.len() < LINES {
            found.push(line);
        } else {
            hidden += 1;
        }
    }
    if hidden > 0 {
        found.push(Line::of(format!("and {hidden} more")));
    }
    found
}

/// The moment, or the first and the last of several.
fn span(moments: impl Iterator<Item = Timestamp>, zone: &TimeZone) -> Vec<Line> {
    let moments: Vec<Timestamp> = moments.collect();
    match (moments.iter().min(), moments.iter().max()) {
        (Some(first), Some(last)) if time(*first, zone) != time(*last, zone) => {
            vec![Line::of(format!(
                "{} to {}",
                time(*first, zone),
                time(*last, zone)
            ))]
        }
        (Some(first), _) => vec![Line::of(time(*first, zone))],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
