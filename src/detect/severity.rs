//! How much somebody should care about a change, before any watch of the user's is considered.

use crate::market::{Attribute, ChangeKind, DateKind, Direction, Severity, Stage, Value};

/// The severity of a change by its class (DESIGN: classes with their own severity).
pub fn severity(
    kind: ChangeKind,
    attribute: Option<&Attribute>,
    direction: Option<Direction>,
    new: Option<&Value>,
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
        ChangeKind::PriceChanged => match direction {
            Some(Direction::Up) => Severity::Warning,
            _ => Severity::Notice,
        },
        ChangeKind::IncidentOpened => Severity::Warning,
        ChangeKind::LimitChanged if direction == Some(Direction::Down) => Severity::Warning,
        ChangeKind::LimitChanged
        | ChangeKind::CapabilityChanged
        | ChangeKind::Announcement
        | ChangeKind::IncidentUpdated
        | ChangeKind::IncidentResolved
        | ChangeKind::ProbeRecovered
        | ChangeKind::SourceSuspect
        | ChangeKind::SourcesDisagree => Severity::Notice,
        ChangeKind::TextChanged => match attribute {
            Some(Attribute::Replacement | Attribute::Text) => Severity::Notice,
            _ => Severity::Info,
        },
        ChangeKind::OfferingRenamed => Severity::Notice,
    }
}
