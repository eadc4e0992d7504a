//! Which messages belong together: what is told later of one matter answers what was told first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::settle::SETTLING;
use crate::market::{
    Attribute, Change, ChangeKind, DateKind, Direction, Subject, SubjectKind, is_well,
};

/// What was said of a source or measured by ourselves is another matter after a day of silence.
pub const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// What does not answer for longer holds back no word that something else does again, and is ended for nobody.
pub const LONGEST_OUTAGE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A model's life, a status page's incident: as long as messages are kept.
const FOR_LONG: SignedDuration = SignedDuration::from_hours(400 * 24);

/// What a change has in common with those whose messages it answers.
pub fn thread_key(change: &Change) -> String {
    let Subject {
        provider,
        native_id,
        kind,
        ..
    } = &change.subject;
    match kind {
        _ if is_measured(change) => change.cause.clone(),
        SubjectKind::Offering => {
            let identity = change.subject.identity();
            let model = identity.as_ref().and_then(|identity| identity.closest());
            let what = change.attribute.as_ref().map(ToString::to_string);
            format!(
                "offering {provider} {} {}",
                model.unwrap_or(native_id.as_str()),
                what.unwrap_or_else(|| "listed".to_string())
            )
        }
        SubjectKind::Source => format!("source {}", change.source.probe),
        _ => format!("{} {provider} {native_id}", kind.word()),
    }
}

/// So many matters in one reading are one mass of changes: a list that was filled, a page of prices that was written anew.
const MASS: usize = 4;

/// The routes that take so many matters of one reading that they tell them together, whatever they are about. Given is which
/// route takes which change.
pub fn masses<'a>(takes: impl IntoIterator<Item = (&'a str, &'a Change)>) -> BTreeSet<&'a str> {
    let mut matters: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (route, change) in takes {
        let of_route = matters.entry(route).or_default();
        if of_route.len() < MASS {
            of_route.insert(matter(change));
        }
    }
    matters.retain(|_, of_route| of_route.len() >= MASS);
    matters.into_keys().collect()
}

/// What a change has in common with those that are told in one message with it: the model, whoever sells it; the provider, of an
/// outage; or who said so, if it is one of a mass. What waits for the end of a window is told with what waits for the same end.
pub fn bundle_key(change: &Change, is_mass: bool, held_until: Option<Timestamp>) -> String {
    let bundle = bundle(change, is_mass);
    match held_until {
        Some(end) => format!("{HELD}{end} {bundle}"),
        None => bundle,
    }
}

/// Whether what is gathered under this key waits for the end of a window, whether or not it must stand until then.
pub fn is_held(bundle: &str) -> bool {
    let bundle = bundle.strip_prefix(SETTLING).unwrap_or(bundle);
    bundle.starts_with(HELD)
}

/// Whether what is gathered under this key is a mass, whatever it waits for.
pub fn is_of_mass(bundle: &str) -> bool {
    let bundle = bundle.strip_prefix(SETTLING).unwrap_or(bundle);
    let held = bundle.strip_prefix(HELD);
    let held = held.and_then(|held| held.split_once(' '));
    held.map_or(bundle, |(_, bundle)| bundle)
        .starts_with(OF_MASS)
}

/// What begins the key of a mass.
const OF_MASS: &str = "mass ";
/// What begins the key of what waits for the end of a window.
const HELD: &str = "held ";

fn bundle(change: &Change, is_mass: bool) -> String {
    let probe = change.source.probe.as_str();
    match is_mass && change.subject.kind == SubjectKind::Offering {
        true => format!("{OF_MASS}{}", probe.split('.').next().unwrap_or(probe)),
        false if is_of_outage(change) => format!("outage {}", change.subject.provider),
        false => matter(change),
    }
}

/// Whether a change says that a provider does not answer, or does again: by our own samples, or by its status page.
pub fn is_of_outage(change: &Change) -> bool {
    let is_stated = matches!(
        change.subject.kind,
        SubjectKind::Incident | SubjectKind::Component
    );
    let is_of_speed = matches!(
        change.kind,
        ChangeKind::LatencyShifted | ChangeKind::LatencyRecovered
    );
    is_stated && !is_of_speed
}

/// What changes of a provider have in common that say whether it answers, by our own samples.
pub fn health_cause(provider: &str) -> String {
    format!("measured {provider} health")
}

/// Whether a change only says that something is over: what is left of it may still be measured.
pub fn is_all_clear(change: &Change) -> bool {
    is_of_outage(change)
        && match change.subject.kind {
            SubjectKind::Component => change.new.as_ref().is_some_and(is_well),
            _ => change.kind == ChangeKind::IncidentResolved,
        }
}

/// Whether a change says that something is over which was told before: whoever heard of its beginning hears of its end.
pub fn is_end(change: &Change) -> bool {
    let is_recovery = matches!(
        change.kind,
        ChangeKind::LatencyRecovered | ChangeKind::ProbeRecovered
    );
    is_recovery || is_all_clear(change)
}

/// Whether a change tells of something that goes on until another one ends it.
pub fn goes_on(change: &Change) -> bool {
    let is_slow_or_broken = matches!(
        change.kind,
        ChangeKind::LatencyShifted | ChangeKind::ProbeBroken
    );
    (is_of_outage(change) || is_slow_or_broken) && !is_end(change)
}

fn matter(change: &Change) -> String {
    match change.subject.kind {
        SubjectKind::Offering => format!("model {}", model(&change.subject)),
        _ => change.cause.clone(),
    }
}

/// The model that an offering sells, or what it is called by its provider where that denotes none.
pub(super) fn model(subject: &Subject) -> String {
    let identity = subject.identity();
    let model = identity.and_then(|found| found.model);
    model.unwrap_or_else(|| format!("{} {}", subject.provider, subject.native_id))
}

/// For how long after its last message a thread goes on.
pub fn thread_lasts(change: &Change) -> SignedDuration {
    match change.subject.kind {
        SubjectKind::Source => A_DAY,
        _ if is_measured(change) => A_DAY,
        _ => FOR_LONG,
    }
}

/// Whether the message is a chapter of a story that has an end, and bears the subject of its first one.
pub fn is_chapter(kind: ChangeKind) -> bool {
    matches!(
        kind,
        ChangeKind::IncidentOpened
            | ChangeKind::IncidentUpdated
            | ChangeKind::IncidentResolved
            | ChangeKind::LatencyShifted
            | ChangeKind::LatencyRecovered
            | ChangeKind::ProbeBroken
            | ChangeKind::ProbeRecovered
    )
}

/// Whether our own samples say so.
pub fn is_measured(change: &Change) -> bool {
    let Subject { provider, kind, .. } = &change.subject;
    *kind == SubjectKind::Incident && change.source.probe.as_str() == format!("{provider}.measured")
}

/// Whether those who are told of a change may want to leave: what they use ends, goes away, gets dearer, slower or does not answer.
pub fn drives_away(change: &Change) -> bool {
    let is_later = change.direction == Some(Direction::Later);
    match (change.kind, &change.attribute) {
        (
            ChangeKind::OfferingRemoved | ChangeKind::IncidentOpened | ChangeKind::LatencyShifted,
            _,
        ) => true,
        (ChangeKind::StageChanged, _) => change.direction == Some(Direction::AwayFromGa),
        (ChangeKind::PriceChanged, _) => change.direction == Some(Direction::Up),
        (ChangeKind::DateChanged, Some(Attribute::Date(DateKind::Launch))) => false,
        (ChangeKind::DateChanged, _) => change.new.is_some() && !is_later,
        (_, Some(Attribute::Replacement)) => change.new.is_some(),
        _ => false,
    }
}
