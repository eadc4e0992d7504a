//! The changes of the span, a line for each cause.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use super::super::Report;
use super::super::block::{Block, Bound, Item, Items};
use crate::market::{ChangeKind, RecordedChange, Severity, Standing, SubjectKind};
use crate::render::headline::{headline, topic};
use crate::render::line::{counted, link, one_line};

/// Causes that stand under "What mattered"; further ones stand in the section of their class.
const MATTERED: usize = 20;

/// The changes that a report lists: news that is neither documented by a registry alone nor flapping.
pub fn listed(changes: &[RecordedChange]) -> impl Iterator<Item = &RecordedChange> {
    changes.iter().filter(|recorded| {
        recorded.standing == Standing::News
            && !recorded.change.documented
            && !recorded.change.flapping
            // indicators say so themselves, in a section of their own
            && recorded.change.kind != ChangeKind::LandscapeShifted
    })
}

/// Whether somebody has to decide something: about what is watched, or about anything where nothing is.
pub fn needs_decision(report: &Report, recorded: &RecordedChange) -> bool {
    let facts = &report.facts;
    is_grave(recorded) && (!facts.has_watches || facts.touched.contains_key(&recorded.change.id.0))
}

/// The watches that changes touch.
fn touched(report: &Report, changes: &[&RecordedChange]) -> Vec<String> {
    let touched = &report.facts.touched;
    let names = changes
        .iter()
        .filter_map(|recorded| touched.get(&recorded.change.id.0));
    let names: BTreeSet<&String> = names.flatten().collect();
    names.into_iter().cloned().collect()
}

fn is_grave(recorded: &RecordedChange) -> bool {
    let is_of_market = !matches!(
        recorded.change.subject.kind,
        SubjectKind::Source | SubjectKind::Incident | SubjectKind::Component
    );
    recorded.change.severity >= Severity::Warning && is_of_market
}

/// Under which heading a cause stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Somebody has to decide something, whatever kind of change it is.
    Mattered,
    NewAndGone,
    Life,
    Prices,
    Announcements,
    Incidents,
    Other,
    Watching,
}

impl Class {
    /// How many of its causes people are shown.
    fn limit(self) -> usize {
        match self {
            Self::Mattered | Self::Life | Self::Announcements => 20,
            Self::Prices => 25,
            // which models came and went stands above them
            Self::NewAndGone => 10,
            Self::Incidents | Self::Other | Self::Watching => 15,
        }
    }
}

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

/// The causes of the span, the gravest of each class first.
pub struct Sorted(Vec<(Class, Item)>);

impl Sorted {
    /// Sorts what a report lists.
    pub fn of(report: &Report) -> Self {
        let mut causes = causes(report);
        causes.sort_by_key(|changes| {
            changes.first().map(|lead| {
                (
                    touched(report, changes).is_empty(),
                    Reverse(lead.change.severity),
                    lead.change.subject.provider.clone(),
                    lead.change.kind,
                    lead.change.seen_at,
                    lead.change.id.clone(),
                )
            })
        });
        let mut mattered = 0;
        let mut sorted = Vec::with_capacity(causes.len());
        for changes in causes {
            let Some(lead) = changes.first() else {
                continue;
            };
            // they stand in a table, with what we measured beside them
            if lead.change.subject.kind == SubjectKind::Incident {
                continue;
            }
            let is_open = changes.iter().any(|one| needs_decision(report, one));
            let class = if is_open && mattered < MATTERED {
                mattered += 1;
                Class::Mattered
            } else {
                class_of(lead)
            };
            sorted.push((class, item(report, lead, &changes)));
        }
        Self(sorted)
    }

    /// The causes of a class.
    pub fn of_class(&self, report: &Report, class: Class) -> Block {
        let items = self.0.iter().filter(|(of, _)| *of == class);
        Block::Items(Items {
            items: items.map(|(_, item)| item.clone()).collect(),
            bound: Bound {
                limit: class.limit(),
                more: report.listing("changes"),
            },
        })
    }
}

/// The listed changes by their cause, the gravest of each first: a model that came to 14 regions is one line.
pub fn causes(report: &Report) -> Vec<Vec<&RecordedChange>> {
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut causes: Vec<Vec<&RecordedChange>> = Vec::new();
    for recorded in listed(&report.changes) {
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

/// What a change says: `aws: announced: …`, one bounded line.
pub fn said(recorded: &RecordedChange) -> String {
    let told = format!("{}: {}", topic(&[recorded]), headline(&[recorded]));
    one_line(&told, 240)
}

fn item(report: &Report, lead: &RecordedChange, changes: &[&RecordedChange]) -> Item {
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
    let watches = touched(report, changes);
    let watches: Vec<String> = watches.iter().map(|name| one_line(name, 40)).collect();
    Item {
        severity: lead.change.severity,
        seen_at: changes
            .iter()
            .map(|recorded| recorded.change.seen_at)
            .min()
            .unwrap_or(lead.change.seen_at),
        said: one_line(&format!("{}: {}", topic(changes), headline(changes)), 240),
        source,
        watches,
        url: link(&lead.url),
        ids: changes
            .iter()
            .map(|recorded| one_line(&recorded.change.id.0, 40))
            .collect(),
    }
}
