//! What changes of one cause say, short enough for a subject line.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::line::{counted, one_line};
use super::outage;
use super::sentence::{days, percent};
use crate::market::{
    Attribute, Certainty, ChangeKind, DateKind, Direction, Price, PriceMeter, PriceUnit,
    RecordedChange, Severity, Subject, SubjectKind, Value,
};

/// Characters of a foreign name that a headline shows.
const NAME_LIMIT: usize = 60;
/// Characters of a foreign value that a headline shows.
const VALUE_LIMIT: usize = 48;
/// Names that a headline lists before it only counts.
const NAMES: usize = 2;

/// The provider, or for what is said of a source the source.
pub fn topic(changes: &[&RecordedChange]) -> String {
    let named: BTreeSet<(&str, usize)> = changes
        .iter()
        .map(|recorded| {
            let subject = &recorded.change.subject;
            match subject.kind {
                SubjectKind::Source => (subject.native_id.as_str(), NAME_LIMIT),
                _ => (subject.provider.as_str(), 30),
            }
        })
        .collect();
    let named = named.into_iter();
    let mut topics: Vec<String> = named.map(|(name, most)| one_line(name, most)).collect();
    topics.sort();
    topics.dedup();
    let is_source =
        |recorded: &&RecordedChange| recorded.change.subject.kind == SubjectKind::Source;
    let probe = |topic: &String| topic.split('@').next().unwrap_or_default().to_string();
    if let [first, _, ..] = topics.as_slice()
        && changes.iter().all(is_source)
        && topics.iter().all(|topic| probe(topic) == probe(first))
    {
        return format!("{} in {}", probe(first), counted(topics.len(), "scope"));
    }
    match topics.as_slice() {
        [one] => one.clone(),
        [first, second] => format!("{first}, {second}"),
        several => counted(several.len(), "provider"),
    }
}

/// What changes of one cause say: who is meant by what is said first, and that.
pub fn title(changes: &[&RecordedChange]) -> String {
    let lead = lead(changes).filter(|lead| lead.change.subject.kind == SubjectKind::Offering);
    let topic = match lead {
        Some(lead) => topic(&alike(changes, lead)),
        None => topic(changes),
    };
    format!("{topic}: {}", headline(changes))
}

/// The changes that differ from one of them only in where.
fn alike<'a>(changes: &[&'a RecordedChange], lead: &RecordedChange) -> Vec<&'a RecordedChange> {
    let changes = changes.iter().copied();
    changes
        .filter(|recorded| says_the_same(recorded, lead))
        .collect()
}

/// ` at openai`, ` at 3 providers`: where the others are, if that is not where what is said first is.
fn elsewhere<'a>(changes: &[&'a RecordedChange], alike: &[&'a RecordedChange]) -> String {
    let lead = alike.first();
    let others = changes
        .iter()
        .filter(|recorded| lead.is_none_or(|lead| !says_the_same(recorded, lead)));
    let provider = |recorded: &&'a RecordedChange| recorded.change.subject.provider.as_str();
    let others: BTreeSet<&str> = others.map(provider).collect();
    let here: BTreeSet<&str> = alike.iter().map(provider).collect();
    let mut names = others.iter();
    match (others.is_subset(&here), names.next(), names.next()) {
        (true, ..) | (_, None, _) => String::new(),
        (_, Some(name), None) => format!(" at {}", one_line(name, 30)),
        _ => format!(" at {}", counted(others.len(), "provider")),
    }
}

/// What changes of one cause say without the topic: `gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03) in 3 regions`.
/// Changes that have different things to say are led by the gravest.
pub fn headline(changes: &[&RecordedChange]) -> String {
    if let Some(said) = outage::headline(changes) {
        return said;
    }
    let Some(lead) = lead(changes) else {
        return "nothing changed".to_string();
    };
    let alike = alike(changes, lead);
    let others = changes.len() - alike.len();
    let said = said(lead, &alike);
    match others {
        0 => said,
        _ => {
            let count = counted(others, "other change");
            format!("{said}; and {count}{}", elsewhere(changes, &alike))
        }
    }
}

/// The gravest change; of equals the one that says most, and of those the first.
fn lead<'a>(changes: &[&'a RecordedChange]) -> Option<&'a RecordedChange> {
    let first = changes.iter().copied().enumerate();
    let first = first.min_by_key(|(place, recorded)| (rank(recorded), *place));
    first.map(|(_, recorded)| recorded)
}

/// The place of a change among others of one message: the gravest first, then what weighs most for whoever depends on it.
pub fn rank(recorded: &RecordedChange) -> (Reverse<Severity>, u8, i64) {
    let change = &recorded.change;
    let weight = match (change.kind, &change.attribute) {
        (_, Some(Attribute::Date(DateKind::Retires))) => match change.direction {
            Some(Direction::Earlier) => 0,
            _ => 1,
        },
        (ChangeKind::OfferingRemoved, _) => 2,
        (ChangeKind::StageChanged, _) => 3,
        (ChangeKind::PriceChanged, Some(Attribute::Price(meter))) if is_usual(meter) => 4,
        (ChangeKind::PriceChanged, _) => 5,
        (ChangeKind::OfferingAdded | ChangeKind::OfferingReturned, _) => 6,
        (ChangeKind::DateChanged, _) => 7,
        _ => 8,
    };
    // of ends the nearest
    let day = match &change.new {
        Some(Value::Date(day)) if weight <= 1 => day.starts().as_second(),
        _ => i64::MAX,
    };
    (Reverse(change.severity), weight, day)
}

/// Whether a price is what everybody pays, and not that of a cache or a tier.
fn is_usual(meter: &PriceMeter) -> bool {
    matches!(&*meter.meter, "input" | "output") && meter.tier.is_none() && meter.over.is_none()
}

/// Whether two changes differ only in where.
pub fn says_the_same(one: &RecordedChange, other: &RecordedChange) -> bool {
    if let (Some(one), Some(other)) = (outage::part(one), outage::part(other)) {
        return one.what == other.what;
    }
    let (one, other) = (&one.change, &other.change);
    let is_listing = matches!(
        one.kind,
        ChangeKind::OfferingAdded | ChangeKind::OfferingRemoved | ChangeKind::OfferingReturned
    );
    // Names of listed offerings differ; that they are listed is the one thing said.
    one.kind == other.kind
        && one.subject.kind == other.subject.kind
        && one.attribute == other.attribute
        && (is_listing || (one.old == other.old && one.new == other.new))
}

fn said(lead: &RecordedChange, alike: &[&RecordedChange]) -> String {
    let change = &lead.change;
    let mut text = match change.subject.kind {
        SubjectKind::Offering => of_offerings(lead, alike),
        _ => of_anything_else(lead),
    };
    if change.subject.kind == SubjectKind::Offering {
        text.push_str(&places(alike));
    }
    text
}

fn of_offerings(lead: &RecordedChange, alike: &[&RecordedChange]) -> String {
    let change = &lead.change;
    let names = names(alike);
    let listed = |deed: &str| match names.as_slice() {
        [name] => format!("{name} {deed}"),
        several => {
            let shown: Vec<&str> = several.iter().take(NAMES).map(String::as_str).collect();
            let more = if several.len() > NAMES { ", …" } else { "" };
            format!(
                "{} {deed} ({}{more})",
                counted(several.len(), "offering"),
                shown.join(", ")
            )
        }
    };
    let name = match names.as_slice() {
        [name] => name.clone(),
        several => counted(several.len(), "offering"),
    };
    match (change.kind, &change.attribute) {
        (ChangeKind::OfferingAdded, _) => listed("added"),
        (ChangeKind::OfferingReturned, _) => listed("returned"),
        (ChangeKind::OfferingRemoved, _) => listed("removed"),
        (ChangeKind::OfferingRenamed, _) => {
            format!("{name} renamed (was {})", shown(change.old.as_ref()))
        }
        (_, Some(Attribute::Date(kind))) => {
            format!("{name} {}", date_words(*kind, lead, names.len() > 1))
        }
        (_, Some(attribute)) => format!(
            "{name} {} {}",
            one_line(&attribute.to_string(), NAME_LIMIT),
            transition(change.old.as_ref(), change.new.as_ref())
        ),
        (kind, None) => format!("{name} {}", kind.word().replace('_', " ")),
    }
}

fn date_words(kind: DateKind, recorded: &RecordedChange, are_several: bool) -> String {
    let (old, new) = (recorded.change.old.as_ref(), recorded.change.new.as_ref());
    let (one, several, noun) = match kind {
        DateKind::Launch => ("launches", "launch", "launch date"),
        DateKind::Legacy => ("becomes legacy", "become legacy", "legacy date"),
        DateKind::Deprecated => ("is deprecated", "are deprecated", "deprecation date"),
        DateKind::Retires => ("retires", "retire", "retirement date"),
        DateKind::Updated => ("was updated", "were updated", "update date"),
    };
    let deed = if are_several { several } else { one };
    match (old, new) {
        (_, None) => format!("{noun} withdrawn (was {})", shown(old)),
        (None, Some(_)) => format!("{deed} {}", shown(new)),
        (Some(_), Some(_)) => {
            let distance = days(&recorded.change.old, &recorded.change.new)
                .map_or(String::new(), |days| format!(", {days}"));
            let certainty = |value: Option<&Value>| match value {
                Some(Value::Date(day)) => Some(day.certainty),
                _ => None,
            };
            let is_sure = certainty(old) == Some(Certainty::NotBefore)
                && certainty(new) == Some(Certainty::Firm);
            let sure = if is_sure { " for sure" } else { "" };
            format!("{deed} {}{sure}{distance} (was {})", shown(new), shown(old))
        }
    }
}

/// `5 → 4 $/1M (−20 %)`: old and new with the unit once, and how far that is.
pub fn transition(old: Option<&Value>, new: Option<&Value>) -> String {
    let (left, right) = match (old, new) {
        (Some(Value::Price(old)), Some(Value::Price(new)))
            if old.currency == new.currency && old.unit == new.unit =>
        {
            (old.amount.to_string(), price_words(new))
        }
        _ => (shown(old), shown(new)),
    };
    let far = percent(&old.cloned(), &new.cloned())
        .map(|percent| percent.replace('-', "\u{2212}"))
        .or_else(|| days(&old.cloned(), &new.cloned()));
    match far {
        Some(far) => format!("{left} → {right} ({far})"),
        None => format!("{left} → {right}"),
    }
}

/// A value as one bounded line; `nothing` where there is none.
pub fn shown(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_string(),
        Some(Value::Price(value)) => price_words(value),
        Some(value) => one_line(&value.to_string(), VALUE_LIMIT),
    }
}

fn price_words(price: &Price) -> String {
    let unit = match &price.unit {
        PriceUnit::MillionTokens => "1M".to_string(),
        PriceUnit::Other(word) => one_line(word, 20),
    };
    let code = price.currency.code();
    let currency = if code == "USD" { "$" } else { code };
    format!("{} {currency}/{unit}", price.amount)
}

fn of_anything_else(lead: &RecordedChange) -> String {
    let change = &lead.change;
    let name = one_line(lead.name(), NAME_LIMIT);
    let title = |value: Option<&Value>| value.map(|value| one_line(&value.to_string(), 90));
    let called = title(change.new.as_ref().or(change.old.as_ref())).unwrap_or(name.clone());
    match (change.kind, &change.attribute) {
        (ChangeKind::Announcement, None) => format!("announced: {called}"),
        // its numbers follow the first sentence
        (ChangeKind::LandscapeShifted, _) => match called.split_once(". ") {
            Some((first, _)) => first.to_string(),
            None => called,
        },
        (ChangeKind::IncidentOpened, _) => format!("incident opened: {called}"),
        (ChangeKind::IncidentResolved, None) => format!("incident resolved: {called}"),
        (ChangeKind::IncidentResolved, Some(_)) => format!("incident resolved: {name}"),
        (_, Some(attribute)) => format!(
            "{name} {attribute}: {}",
            transition(change.old.as_ref(), change.new.as_ref())
        ),
        (kind, None) => format!("{}: {called}", kind.word().replace('_', " ")),
    }
}

/// What the changes are about, each name once. Spellings that differ only in a routing prefix (`us.`, `eu.`) are one name.
fn names(changes: &[&RecordedChange]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for recorded in changes {
        let native_id = recorded.change.subject.native_id.as_str();
        if seen.insert(crate::market::twin_form(native_id)) {
            names.push(one_line(native_id, NAME_LIMIT));
        }
    }
    names
}

/// ` in eu-west-1`, ` in 14 regions`, ` in 5 deployments`; nothing where no source says.
fn places(changes: &[&RecordedChange]) -> String {
    let subjects: Vec<&Subject> = changes.iter().map(|r| &r.change.subject).collect();
    let regions: BTreeSet<&str> = subjects
        .iter()
        .filter(|subject| subject.region.is_stated())
        .map(|subject| subject.region.as_str())
        .collect();
    let deployments: BTreeSet<&str> = subjects
        .iter()
        .filter_map(|subject| subject.deployment.as_deref())
        .collect();
    match (regions.len(), deployments.len()) {
        (0, 0 | 1) => String::new(),
        (0, several) => format!(" in {}", counted(several, "deployment")),
        (1, _) => regions
            .iter()
            .map(|region| format!(" in {}", one_line(region, 40)))
            .collect(),
        (several, _) => format!(" in {}", counted(several, "region")),
    }
}

#[cfg(test)]
mod tests;
