//! What a report lists, before it becomes text, Markdown, HTML or JSON.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;

use super::Report;
use crate::market::{ChangeKind, RecordedChange, Severity, Standing, SubjectKind};
use crate::render::headline::{headline, topic};
use crate::render::line::{counted, grouped, link, one_line};
use crate::render::message::time;

/// Causes that stand under "What mattered"; further ones stand in the section of their class.
const MATTERED: usize = 20;
/// Flapping changes that the method names.
const FLAPPING: usize = 5;

/// A heading with what stands below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What it is called in JSON.
    pub key: &'static str,
    pub title: &'static str,
    /// How many of its items are shown to people.
    pub limit: usize,
    pub items: Vec<Item>,
}

/// Changes of one cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub severity: Severity,
    /// When the first of them was seen.
    pub seen_at: Timestamp,
    /// `azure: gpt-4o retires …`: one bounded line.
    pub said: String,
    pub source: String,
    /// The evidence, where it is an address of the web.
    pub url: Option<String>,
    /// Their ids, the gravest first.
    pub ids: Vec<String>,
}

/// What is told but not measured: how the report knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Method {
    pub readings: u64,
    pub corroborations: usize,
    pub outranked: usize,
    pub documented: usize,
    pub flapping: usize,
    pub imported: usize,
}

/// The changes that a report lists: news that is neither documented by a registry alone nor flapping.
pub fn listed(report: &Report) -> impl Iterator<Item = &RecordedChange> {
    report.changes.iter().filter(|recorded| {
        recorded.standing == Standing::News
            && !recorded.change.documented
            && !recorded.change.flapping
    })
}

/// Whether somebody has to decide something.
pub fn is_grave(recorded: &RecordedChange) -> bool {
    let is_of_market = !matches!(
        recorded.change.subject.kind,
        SubjectKind::Source | SubjectKind::Incident | SubjectKind::Component
    );
    recorded.change.severity >= Severity::Warning && is_of_market
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Mattered,
    NewAndGone,
    Life,
    Prices,
    Announcements,
    Incidents,
    Other,
    Watching,
}

/// Key, title and how many are shown.
const CLASSES: [(Class, &str, &str, usize); 8] = [
    (Class::Mattered, "mattered", "What mattered", MATTERED),
    (Class::NewAndGone, "new_and_gone", "New and gone", 25),
    (Class::Life, "life", "Stages and dates", 20),
    (Class::Prices, "prices", "Prices", 25),
    (Class::Announcements, "announcements", "Announcements", 20),
    (Class::Incidents, "incidents", "Incidents", 15),
    (Class::Other, "other", "Limits, capabilities and texts", 15),
    (Class::Watching, "watching", "The watching itself", 15),
];

fn class_of(recorded: &RecordedChange) -> Class {
    match (recorded.change.subject.kind, recorded.change.kind) {
        (SubjectKind::Source, _) => Class::Watching,
        (SubjectKind::Incident | SubjectKind::Component, _) => Class::Incidents,
        (SubjectKind::Announcement, _) => Class::Announcements,
        (
            _,
            ChangeKind::OfferingAdded
            | ChangeKind::OfferingRemoved
            | ChangeKind::OfferingReturned
            | ChangeKind::OfferingRenamed,
        ) => Class::NewAndGone,
        (_, ChangeKind::DateChanged | ChangeKind::StageChanged) => Class::Life,
        (_, ChangeKind::PriceChanged) => Class::Prices,
        (_, ChangeKind::SourcesDisagree) => Class::Watching,
        _ => Class::Other,
    }
}

/// The sections that have something to say, the gravest of each first.
pub fn sections(report: &Report) -> Vec<Section> {
    let mut causes = causes(report);
    causes.sort_by_key(|changes| {
        changes.first().map(|lead| {
            (
                Reverse(lead.change.severity),
                lead.change.subject.provider.clone(),
                lead.change.kind,
                lead.change.seen_at,
                lead.change.id.clone(),
            )
        })
    });
    let mut mattered = 0;
    let mut sorted: Vec<(Class, Item)> = Vec::with_capacity(causes.len());
    for changes in causes {
        let Some(lead) = changes.first() else {
            continue;
        };
        let class = if is_grave(lead) && mattered < MATTERED {
            mattered += 1;
            Class::Mattered
        } else {
            class_of(lead)
        };
        sorted.push((class, item(lead, &changes)));
    }
    CLASSES
        .into_iter()
        .map(|(class, key, title, limit)| Section {
            key,
            title,
            limit,
            items: sorted
                .iter()
                .filter(|(of, _)| *of == class)
                .map(|(_, item)| item.clone())
                .collect(),
        })
        .filter(|section| !section.items.is_empty())
        .collect()
}

/// The listed changes by their cause, the gravest of each first: a model that came to 14 regions is one line.
pub fn causes(report: &Report) -> Vec<Vec<&RecordedChange>> {
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut causes: Vec<Vec<&RecordedChange>> = Vec::new();
    for recorded in listed(report) {
        let cause = recorded.change.cause.as_str();
        match index.get(cause).and_then(|at| causes.get_mut(*at)) {
            Some(changes) => changes.push(recorded),
            None => {
                index.insert(cause, causes.len());
                causes.push(vec![recorded]);
            }
        }
    }
    for changes in &mut causes {
        // Of an incident the latest word counts, of everything else the gravest.
        changes.sort_by_key(|recorded| {
            let change = &recorded.change;
            let is_incident = change.subject.kind == SubjectKind::Incident;
            let latest = is_incident.then_some(Reverse(change.confirmed_at));
            (latest, Reverse(change.severity), change.id.clone())
        });
    }
    causes
}

fn item(lead: &RecordedChange, changes: &[&RecordedChange]) -> Item {
    let told = match lead.change.subject.kind {
        SubjectKind::Incident => incident(lead, changes),
        _ => headline(changes),
    };
    let mut sources: Vec<String> = changes
        .iter()
        .map(|recorded| recorded.change.source.to_string())
        .collect();
    sources.sort();
    sources.dedup();
    let source = match sources.as_slice() {
        [one] => one_line(one, 80),
        several => counted(several.len(), "source"),
    };
    Item {
        severity: lead.change.severity,
        seen_at: changes
            .iter()
            .map(|recorded| recorded.change.seen_at)
            .min()
            .unwrap_or(lead.change.seen_at),
        said: one_line(&format!("{}: {told}", topic(changes)), 240),
        source,
        url: link(&lead.url),
        ids: changes
            .iter()
            .map(|recorded| one_line(&recorded.change.id.0, 40))
            .collect(),
    }
}

/// An incident's name comes from its opening, its state from its latest change.
fn incident(lead: &RecordedChange, changes: &[&RecordedChange]) -> String {
    let opening = changes
        .iter()
        .copied()
        .find(|recorded| recorded.change.kind == ChangeKind::IncidentOpened);
    let Some(opening) = opening.filter(|_| changes.len() > 1) else {
        return headline(&[lead]);
    };
    let opened = headline(&[opening]);
    if lead.change.kind == ChangeKind::IncidentResolved {
        let minutes = lead
            .change
            .seen_at
            .duration_since(opening.change.seen_at)
            .as_mins()
            .max(0);
        let took = match (minutes / 60, minutes % 60) {
            (0, minutes) => format!("{minutes} min"),
            (hours, minutes) => format!("{hours} h {minutes} min"),
        };
        format!("{opened}; resolved after {took}")
    } else {
        format!("{opened}; {}", counted(changes.len() - 1, "update"))
    }
}

/// How the report knows what it says.
pub fn method(report: &Report) -> Method {
    let count = |is: &dyn Fn(&RecordedChange) -> bool| {
        report
            .changes
            .iter()
            .filter(|recorded| is(recorded))
            .count()
    };
    Method {
        readings: report
            .sources
            .iter()
            .fold(0, |sum, source| sum.saturating_add(source.readings)),
        corroborations: count(&|recorded| recorded.standing == Standing::Corroboration),
        outranked: count(&|recorded| recorded.standing == Standing::Outranked),
        documented: count(&|recorded| recorded.change.documented),
        flapping: count(&|recorded| recorded.change.flapping),
        imported: count(&|recorded| recorded.imported),
    }
}

/// The method in sentences.
pub fn method_lines(report: &Report) -> Vec<String> {
    let method = method(report);
    let readings = usize::try_from(method.readings).unwrap_or(usize::MAX);
    let mut lines = vec![format!(
        "{} of {}; times are in {}; made {}.",
        counted(readings, "good reading"),
        counted(report.sources.len(), "source"),
        report.zone.iana_name().unwrap_or("a fixed offset"),
        time(report.made_at, &report.zone),
    )];
    let mut tell = |count: usize, what: &str| {
        if count > 0 {
            lines.push(format!("{} {what}", counted(count, "change")));
        }
    };
    tell(
        method.corroborations,
        "confirmed what another source had said: counted, not listed.",
    );
    tell(
        method.outranked,
        "of lower authority contradicted a higher one: counted, not listed.",
    );
    tell(
        method.documented,
        "only documented what a registry had left out, or took back: counted, not listed.",
    );
    tell(method.imported, "came from imported history.");
    tell(method.flapping, "kept coming back: told to nobody.");
    let flapping = report
        .changes
        .iter()
        .filter(|recorded| recorded.change.flapping);
    for recorded in flapping.take(FLAPPING) {
        let said = format!("{}: {}", topic(&[recorded]), headline(&[recorded]));
        lines.push(format!("Flapping: {}", one_line(&said, 200)));
    }
    lines
}

/// The sources in trouble, a line each.
pub fn trouble(report: &Report) -> Vec<String> {
    report
        .sources
        .iter()
        .filter(|source| source.is_in_trouble())
        .map(|source| {
            let last = match source.last_good {
                Some(at) => format!("last good reading {}", time(at, &report.zone)),
                None => "no good reading yet".to_string(),
            };
            let failures = match source.failures {
                0 => String::new(),
                several => format!(
                    ", {} in a row",
                    counted(usize::try_from(several).unwrap_or(usize::MAX), "failure")
                ),
            };
            format!(
                "{} ({}): {}{failures}; {last}",
                one_line(&source.title, 80),
                one_line(&source.name, 80),
                one_line(&source.state, 160),
            )
        })
        .collect()
}

/// One sentence on the whole span.
pub fn summary(report: &Report) -> String {
    let news = listed(report).count();
    let sources = counted(report.sources.len(), "source");
    let method = method(report);
    let readings = counted(
        usize::try_from(method.readings).unwrap_or(usize::MAX),
        "good reading",
    );
    if news == 0 && method.readings == 0 {
        return format!("Nothing is known of what changed: none of {sources} gave a good reading.");
    }
    if news == 0 {
        return format!("Nothing changed: {readings} of {sources} said the same as before.");
    }
    let grave = listed(report).filter(|recorded| is_grave(recorded)).count();
    let providers: std::collections::BTreeSet<&str> = listed(report)
        .map(|recorded| recorded.change.subject.provider.as_str())
        .collect();
    let matter = match grave {
        0 => "none needs a decision".to_string(),
        1 => "1 needs a decision".to_string(),
        several => format!("{} need a decision", grouped(several)),
    };
    format!(
        "{} at {}, {matter}; from {readings} of {sources}.",
        counted(news, "change"),
        counted(providers.len(), "provider"),
    )
}
