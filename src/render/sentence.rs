//! A change in one line.

use std::fmt::Write as _;

use crate::market::{ChangeKind, RecordedChange, Subject, SubjectKind, Value};

/// What a change says, in one line.
pub fn sentence(recorded: &RecordedChange) -> String {
    let change = &recorded.change;
    let subject = &change.subject;
    let place = line_of(subject, recorded.name());
    let shown = |value: &Option<Value>| {
        value
            .as_ref()
            .map_or("nothing".to_string(), ToString::to_string)
    };
    let named = |value: &Option<Value>| {
        value
            .as_ref()
            .map_or(String::new(), |name| format!(" \"{name}\""))
    };
    let mut line = match (change.kind, &change.attribute) {
        (ChangeKind::OfferingAdded, _) => format!("{place} added{}", named(&change.new)),
        (ChangeKind::OfferingReturned, _) => format!("{place} returned{}", named(&change.new)),
        (ChangeKind::OfferingRemoved, _) => format!("{place} removed{}", named(&change.old)),
        (ChangeKind::OfferingRenamed, _) => format!("{place} renamed from {}", shown(&change.old)),
        (ChangeKind::Announcement, _) => {
            format!("{}: announced: {}", subject.provider, shown(&change.new))
        }
        (ChangeKind::IncidentOpened, _) => format!(
            "{}: incident opened: {}",
            subject.provider,
            shown(&change.new)
        ),
        (ChangeKind::LandscapeShifted, _) => {
            format!(
                "{}: landscape shifted: {}",
                subject.provider,
                shown(&change.new)
            )
        }
        (ChangeKind::LatencyShifted | ChangeKind::LatencyRecovered, _) => format!(
            "{}: {}: {}",
            subject.provider,
            change.kind.word().replace('_', " "),
            shown(&change.new)
        ),
        (_, None) if subject.kind == SubjectKind::Source => {
            format!(
                "{}: {}: {}",
                subject.native_id,
                change.kind.word().replace('_', " "),
                shown(&change.new)
            )
        }
        (kind, None) => format!(
            "{place}: {}{}",
            kind.word().replace('_', " "),
            named(&change.old)
        ),
        (_, Some(attribute)) => {
            format!(
                "{place} {attribute}: {} -> {}",
                shown(&change.old),
                shown(&change.new)
            )
        }
    };
    if let Some(percent) = percent(&change.old, &change.new) {
        let _ = write!(line, " ({percent})");
    } else if let Some(days) = days(&change.old, &change.new) {
        let _ = write!(line, " ({days})");
    }
    if change.documented {
        line.push_str(" [documented]");
    }
    line
}

pub(super) fn percent(old: &Option<Value>, new: &Option<Value>) -> Option<String> {
    let (Some(Value::Price(old)), Some(Value::Price(new))) = (old, new) else {
        return None;
    };
    if old.currency != new.currency || old.unit != new.unit || old.amount.is_zero() {
        return None;
    }
    let change = (new.amount - old.amount)
        .checked_div(old.amount)?
        .checked_mul(100.into())?
        .round_dp(1);
    let sign = if change.is_sign_negative() { "" } else { "+" };
    Some(format!("{sign}{} %", change.normalize()))
}

pub(super) fn days(old: &Option<Value>, new: &Option<Value>) -> Option<String> {
    let (Some(Value::Date(old)), Some(Value::Date(new))) = (old, new) else {
        return None;
    };
    match new.days_after(old) {
        // a firm day after one before which nothing ended puts nothing off
        days if days > 0 && old.certainty != new.certainty => None,
        0 => None,
        1 => Some("1 day later".to_string()),
        -1 => Some("1 day earlier".to_string()),
        days if days > 0 => Some(format!("{days} days later")),
        days => Some(format!("{} days earlier", -days)),
    }
}

/// Provider, name, deployment and region in one line.
fn line_of(subject: &Subject, name: &str) -> String {
    let mut place = format!("{}: {name}", subject.provider);
    if let Some(deployment) = &subject.deployment {
        let _ = write!(place, " ({deployment})");
    }
    if subject.region.is_stated() {
        let _ = write!(place, " in {}", subject.region);
    }
    place
}
