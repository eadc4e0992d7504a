//! How much somebody should care about a change, before any watch of the user's is considered.

use rust_decimal::Decimal;

use crate::market::{Attribute, ChangeKind, DateKind, Direction, Severity, Stage, Value};

/// A price that moves by less than this share of itself, in thousandths, was only rounded otherwise.
const ROUNDED: i64 = 1;

/// The severity of a change by its class (DESIGN: classes with their own severity).
pub fn severity(
    kind: ChangeKind,
    attribute: Option<&Attribute>,
    direction: Option<Direction>,
    (old, new): (Option<&Value>, Option<&Value>),
) -> Severity {
    match kind {
        ChangeKind::OfferingAdded | ChangeKind::OfferingReturned => Severity::Notice,
        ChangeKind::OfferingRemoved | ChangeKind::ProbeBroken => Severity::Warning,
        ChangeKind::StageChanged => match (direction, new) {
            (Some(Direction::AwayFromGa), _) => Severity::Warning,
            (_, Some(Value::Stage(Stage::Unknown))) => Severity::Info,
            _ => Severity::Notice,
        },
        ChangeKind::DateChanged => match (attribute, direction) {
            (Some(Attribute::Date(DateKind::Retires)), Some(Direction::Earlier)) => {
                Severity::Critical
            }
            (Some(Attribute::Date(DateKind::Retires)), _) => Severity::Warning,
            (Some(Attribute::Date(DateKind::Deprecated | DateKind::Legacy)), _) => {
                Severity::Warning
            }
            _ => Severity::Info,
        },
        ChangeKind::PriceChanged if is_rounded(old, new) => Severity::Info,
        ChangeKind::PriceChanged => match direction {
            Some(Direction::Up) => Severity::Warning,
            _ => Severity::Notice,
        },
        ChangeKind::IncidentOpened | ChangeKind::LatencyShifted => Severity::Warning,
        ChangeKind::LimitChanged if direction == Some(Direction::Down) => Severity::Warning,
        ChangeKind::LimitChanged
        | ChangeKind::CapabilityChanged
        | ChangeKind::Announcement
        | ChangeKind::IncidentUpdated
        | ChangeKind::IncidentResolved
        | ChangeKind::LatencyRecovered
        | ChangeKind::ProbeRecovered
        | ChangeKind::SourceSuspect
        | ChangeKind::SourcesDisagree
        | ChangeKind::LandscapeShifted => Severity::Notice,
        ChangeKind::TextChanged => match attribute {
            Some(Attribute::Replacement | Attribute::Text) => Severity::Notice,
            _ => Severity::Info,
        },
        ChangeKind::OfferingRenamed => Severity::Notice,
    }
}

fn is_rounded(old: Option<&Value>, new: Option<&Value>) -> bool {
    let (Some(Value::Price(old)), Some(Value::Price(new))) = (old, new) else {
        return false;
    };
    let moved = (old.amount - new.amount).abs();
    let moved = moved.checked_mul(Decimal::from(1_000));
    old.currency == new.currency
        && old.unit == new.unit
        && moved.is_some_and(|moved| moved < old.amount.abs() * Decimal::from(ROUNDED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Price;

    #[test]
    fn a_price_that_is_rounded_otherwise_is_no_news_to_wake_for() {
        let severity = |old: &str, new: &str| {
            let price = |text: &str| {
                Value::Price(Price::usd_per_million_tokens(
                    text.parse().expect("a decimal"),
                ))
            };
            let (old, new) = (price(old), price(new));
            let direction = Direction::between(Some(&old), Some(&new));
            super::severity(
                ChangeKind::PriceChanged,
                None,
                direction,
                (Some(&old), Some(&new)),
            )
        };
        for (old, new, expected) in [
            ("0.38999995632", "0.39", Severity::Info),
            ("1.65", "1.6499998152", Severity::Info),
            ("1", "1.001", Severity::Warning),
            ("1", "0.99", Severity::Notice),
            ("0", "0.1", Severity::Warning),
        ] {
            assert_eq!(severity(old, new), expected, "{old} to {new}");
        }
    }
}
