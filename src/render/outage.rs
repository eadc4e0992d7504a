//! What is said of a provider that does not answer, or does again: what was measured, and what its status page states.

use std::collections::BTreeSet;

use super::headline::shown;
use super::line::{counted, one_line};
use crate::alerting::{is_measured, is_of_outage};
use crate::market::{ChangeKind, RecordedChange, SubjectKind, Value};

/// Characters of a title that a status page gives.
const TITLE_LIMIT: usize = 90;
/// What is measured of whoever was down.
const WELL: &str = "answers again";

/// One change of an outage.
pub(super) struct Part {
    /// What it says, the same for all that say it: `down`.
    pub what: String,
    /// What is said of this one alone: `since 2026-11-23 10:06 UTC: 4 of the last 5 checks failed`.
    pub detail: Option<String>,
}

/// What a change of an outage says; `None` for any other change.
pub(super) fn part(recorded: &RecordedChange) -> Option<Part> {
    let change = &recorded.change;
    if !is_of_outage(change) {
        return None;
    }
    if is_measured(change) {
        return measured(recorded);
    }
    let title = |value: &Option<Value>| {
        let value = value.as_ref();
        value.map(|value| one_line(&value.to_string(), TITLE_LIMIT))
    };
    let (old, new) = (change.old.as_ref(), change.new.as_ref());
    let what = match (change.kind, &change.attribute) {
        (ChangeKind::IncidentOpened, _) => {
            format!("incident opened: {}", title(&change.new)?)
        }
        (ChangeKind::IncidentResolved, None) => {
            format!("incident resolved: {}", title(&change.old)?)
        }
        (_, Some(attribute)) => {
            let word = change.subject.kind.word();
            format!("{word} {attribute} {} → {}", shown(old), shown(new))
        }
        (_, None) => return None,
    };
    Some(Part { what, detail: None })
}

/// What was measured is told in a sentence that begins with what it is about.
fn measured(recorded: &RecordedChange) -> Option<Part> {
    let change = &recorded.change;
    let said = change.new.as_ref()?.to_string();
    let said = said.strip_prefix(change.subject.native_id.as_str())?;
    let (_, since) = said.split_once(" since ")?;
    let all = [
        ("is down", "down"),
        ("is degraded", "degraded"),
        (WELL, WELL),
    ];
    let is_said = |said_of_one: &str| said.contains(&format!(" {said_of_one} since "));
    let (_, what) = all.into_iter().find(|(said, _)| is_said(said))?;
    Some(Part {
        what: what.to_string(),
        detail: Some(format!("since {}", one_line(since, 120))),
    })
}

/// `40 endpoints down since 2026-11-23 10:06 UTC; incident opened: Elevated errors`; `None` unless all changes are of an outage.
pub(super) fn headline(changes: &[&RecordedChange]) -> Option<String> {
    let mut parts: Vec<(Part, Vec<&RecordedChange>)> = Vec::new();
    for &recorded in changes {
        let part = part(recorded)?;
        match parts.iter_mut().find(|(known, _)| known.what == part.what) {
            Some((_, alike)) => alike.push(recorded),
            None => parts.push((part, vec![recorded])),
        }
    }
    // what we measured first, and of that what is worst
    parts.sort_by_key(|(part, alike)| {
        (
            !alike.iter().all(|one| is_measured(&one.change)),
            weight(&part.what),
        )
    });
    let said: Vec<String> = parts
        .iter()
        .map(|(part, alike)| in_words(part, alike))
        .collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn weight(what: &str) -> u8 {
    match what {
        "down" => 0,
        "degraded" => 1,
        WELL => 2,
        _ => 3,
    }
}

fn in_words(part: &Part, alike: &[&RecordedChange]) -> String {
    let name = |one: &RecordedChange| one_line(one.name(), 60);
    if !alike.iter().all(|one| is_measured(&one.change)) {
        return match alike {
            [one] if one.change.subject.kind == SubjectKind::Component => {
                format!(
                    "component {} {}",
                    name(one),
                    part.what.trim_start_matches("component ")
                )
            }
            [one, other, rest @ ..] if one.change.subject.kind == SubjectKind::Component => {
                let count = counted(alike.len(), "component");
                let more = if rest.is_empty() { "" } else { ", …" };
                let names = format!("{}, {}{more}", name(one), name(other));
                let what = part.what.trim_start_matches("component ");
                format!("{count} ({names}): {what}")
            }
            [_] => part.what.clone(),
            several => format!("{} times {}", several.len(), part.what),
        };
    }
    let is_over = part.what == WELL;
    let moments = alike.iter().filter_map(|one| one.change.true_from);
    // all of them are down from the first on, and well from the last on
    let since = if is_over {
        moments.max()
    } else {
        moments.min()
    };
    let since = since.map_or(String::new(), |since| {
        since.strftime(" since %Y-%m-%d %H:%M UTC").to_string()
    });
    let said = match alike {
        [one] => format!("{} {}", name(one), part.what),
        several => {
            let is_host = |one: &&RecordedChange| {
                one.url == format!("https://{}/", one.change.subject.native_id)
            };
            let noun = if several.iter().all(is_host) {
                "endpoint"
            } else {
                "target"
            };
            let what = if is_over { "answer again" } else { &part.what };
            format!("{} {what}", counted(several.len(), noun))
        }
    };
    format!("{said}{since}{}", lasted(alike))
}

/// `, down for 20 min`, or for up to so long if they differ.
fn lasted(alike: &[&RecordedChange]) -> String {
    let of_one = |one: &&RecordedChange| {
        let said = one.change.new.as_ref()?.to_string();
        let (_, lasted) = said.rsplit_once(" for ")?;
        Some((minutes(lasted)?, lasted.to_string()))
    };
    let all: BTreeSet<(u64, String)> = alike.iter().filter_map(of_one).collect();
    let (first, last) = (all.first(), all.last());
    match (first, last) {
        (Some(first), Some((_, longest))) if all.len() == 1 && first.1 == *longest => {
            format!(", after {longest}")
        }
        (_, Some((_, longest))) => format!(", after up to {longest}"),
        _ => String::new(),
    }
}

/// Of `1 h 20 min`.
fn minutes(said: &str) -> Option<u64> {
    let said = said.strip_suffix(" min")?;
    match said.split_once(" h ") {
        Some((hours, minutes)) => {
            Some(hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?)
        }
        None => said.parse().ok(),
    }
}

#[cfg(test)]
mod tests;
