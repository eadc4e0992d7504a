//! How much somebody should care about a change, once it is known what they depend on.

use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::thread::is_measured;
use crate::market::{
    Attribute, Certainty, Change, ChangeKind, DateKind, Direction, Severity, Value,
};

/// An end this near leaves no time to plan.
const NEAR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Moves below these are good to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thresholds {
    /// Of a price, in hundredths of what it was.
    pub price_percent: Option<Decimal>,
    /// Of a price, in its own currency and unit.
    pub price_amount: Option<Decimal>,
    /// Of a latency, in hundredths of what it was.
    pub latency_percent: Option<Decimal>,
    /// Of a latency, in milliseconds.
    pub latency_ms: Option<Decimal>,
}

impl Thresholds {
    /// Whether a price moved by less than somebody wants to hear of.
    fn is_small(&self, change: &Change) -> bool {
        let (Some(Value::Price(old)), Some(Value::Price(new))) = (&change.old, &change.new) else {
            return false;
        };
        if old.currency != new.currency || old.unit != new.unit {
            return false;
        }
        let moved = (new.amount - old.amount).abs();
        let percent = moved
            .checked_mul(Decimal::ONE_HUNDRED)
            .and_then(|moved| moved.checked_div(old.amount.abs()));
        is_below(self.price_percent, percent) || is_below(self.price_amount, Some(moved))
    }

    /// Whether a latency moved by less than somebody wants to hear of; both in microseconds.
    pub fn is_slight(&self, before: i64, during: i64) -> bool {
        let (before, during) = (Decimal::from(before), Decimal::from(during));
        let moved = (during - before).abs();
        let percent = moved
            .checked_mul(Decimal::ONE_HUNDRED)
            .and_then(|moved| moved.checked_div(before));
        let millis = moved.checked_div(Decimal::ONE_THOUSAND);
        is_below(self.latency_percent, percent) || is_below(self.latency_ms, millis)
    }
}

fn is_below(least: Option<Decimal>, moved: Option<Decimal>) -> bool {
    matches!((least, moved), (Some(least), Some(moved)) if moved < least)
}

/// The severity for somebody who depends on it (`is_watched`) or not.
pub fn grade(change: &Change, is_watched: bool, thresholds: &Thresholds) -> Severity {
    let usual = change.severity;
    if change.kind == ChangeKind::PriceChanged && thresholds.is_small(change) {
        return Severity::Info;
    }
    if is_near_end(change) {
        return Severity::Critical;
    }
    if !is_watched {
        return usual;
    }
    match (change.kind, &change.attribute) {
        // what had ended was known to go
        (ChangeKind::OfferingRemoved, _) if usual >= Severity::Warning => Severity::Critical,
        (ChangeKind::IncidentOpened | ChangeKind::IncidentUpdated, _)
            if is_measured(change) && usual == Severity::Warning =>
        {
            Severity::Critical
        }
        (ChangeKind::TextChanged, Some(Attribute::Replacement)) => usual.max(Severity::Warning),
        (ChangeKind::StageChanged, _) => usual.max(Severity::Notice),
        (_, Some(Attribute::Name | Attribute::Date(_))) if !is_respelled(change) => {
            usual.max(Severity::Notice)
        }
        _ => usual,
    }
}

/// Whether a name or a day only became another spelling of itself: `GPT 4o (latest)`, `2025-05` for `2025-05-07`.
fn is_respelled(change: &Change) -> bool {
    let plain = |name: &str| {
        let name = name.to_lowercase();
        let name = name
            .trim_end_matches("(latest)")
            .trim_end_matches("(preview)");
        name.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    match (&change.old, &change.new) {
        (Some(Value::Date(old)), Some(Value::Date(new))) => {
            let (old, new) = (old.text(), new.text());
            old.starts_with(&*new) || new.starts_with(&*old)
        }
        (Some(Value::Text(old)), Some(Value::Text(new))) => plain(old) == plain(new),
        _ => false,
    }
}

/// Whether a firm end was set that comes within 30 days of the change; a firm one that is put off leaves more time, not less.
fn is_near_end(change: &Change) -> bool {
    let is_end = change.attribute == Some(Attribute::Date(DateKind::Retires));
    let was_firm =
        matches!(&change.old, Some(Value::Date(day)) if day.certainty == Certainty::Firm);
    let is_put_off = change.direction == Some(Direction::Later) && was_firm;
    let Some(Value::Date(day)) = change.new.as_ref().filter(|_| is_end && !is_put_off) else {
        return false;
    };
    let from = change.confirmed_at;
    day.certainty == Certainty::Firm
        && day.starts() > from
        && day.starts().duration_since(from) <= NEAR
}
