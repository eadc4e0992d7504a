//! What was recorded, beside what had to be.

use super::{Besides, Expected, Liberty, Truth};
use crate::market::{ChangeKind, RecordedChange, Standing, SubjectKind};

/// What a history lacks and what it has too much.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// What had to come out and did, each with the change that tells it, in the order in which these were recorded.
    pub found: Vec<(Expected, RecordedChange)>,
    /// What came out and might, with the name of the event that gives leave for it.
    pub besides: Vec<(String, RecordedChange)>,
    /// What had to come out and did not.
    pub missed: Vec<Expected>,
    /// What came out and had not to, nor might.
    pub extra: Vec<RecordedChange>,
}

impl Truth {
    /// Compares recorded changes, in the order in which they were recorded, with what had to come out. Only news counts; what a
    /// registry merely documents does not, nor do shifts, which are computed from all of it.
    pub fn judge(&self, recorded: &[RecordedChange]) -> Judged {
        let mut is_found = vec![false; self.expected.len()];
        let mut judged = Judged::default();
        for one in recorded.iter().filter(|one| counts(one)) {
            let mut open = self.expected.iter().zip(&mut is_found);
            let mut free = self.liberties.iter();
            if let Some((expected, found)) =
                open.find(|(expected, found)| !**found && is_meant(expected, one))
            {
                *found = true;
                judged.found.push((expected.clone(), one.clone()));
            } else if let Some(liberty) = free.find(|liberty| is_at_liberty(liberty, one)) {
                let event = liberty.event.clone();
                judged.besides.push((event, one.clone()));
            } else {
                judged.extra.push(one.clone());
            }
        }
        let missed = self
            .expected
            .iter()
            .zip(&is_found)
            .filter(|(_, found)| !**found);
        judged.missed = missed.map(|(expected, _)| expected.clone()).collect();
        judged
    }
}

fn counts(one: &RecordedChange) -> bool {
    let change = &one.change;
    one.standing == Standing::News
        && !change.documented
        && change.kind != ChangeKind::LandscapeShifted
}

/// How the names of sources end that are our own measuring.
pub(super) const MEASURED: &str = ".measured";

fn is_measured(probe: &str) -> bool {
    probe.ends_with(MEASURED)
}

fn is_meant(expected: &Expected, one: &RecordedChange) -> bool {
    let change = &one.change;
    let subject = &change.subject;
    let fits =
        |wanted: &Option<String>, found: Option<String>| wanted.is_none() || *wanted == found;
    let is_value = |wanted: &Option<String>, found: Option<&crate::market::Value>| {
        fits(wanted, found.map(ToString::to_string))
    };
    // what somebody states of an outage is not what is measured of it
    let by = expected.by.as_deref().unwrap_or_default();
    expected.kind == change.kind
        && is_measured(by) == is_measured(change.source.probe.as_str())
        && expected.provider == subject.provider.as_str()
        && is_of(&expected.ids, subject.native_id.as_str())
        && (expected.region.is_none()
            || expected.region.as_deref() == Some(subject.region.as_str()))
        && (expected.attribute.is_none() || expected.attribute == change.attribute)
        && is_value(&expected.old, change.old.as_ref())
        && is_value(&expected.new, change.new.as_ref())
        && (expected.direction.is_none() || expected.direction == change.direction)
        && (expected.from..=expected.until).contains(&change.confirmed_at)
}

fn is_at_liberty(liberty: &Liberty, one: &RecordedChange) -> bool {
    let change = &one.change;
    let subject = &change.subject;
    let is_there = (liberty.from..=liberty.until).contains(&change.confirmed_at);
    let is_whose = liberty.provider.is_empty() || liberty.provider == subject.provider.as_str();
    let is_what = match liberty.what {
        Besides::FirstValues => change.attribute.is_some() && change.old.is_none(),
        Besides::LastValues => change.attribute.is_some() && change.new.is_none(),
        Besides::Routes => matches!(
            change.kind,
            ChangeKind::OfferingAdded | ChangeKind::OfferingRemoved | ChangeKind::OfferingReturned
        ),
        Besides::Places => {
            let kinds = [
                ChangeKind::OfferingAdded,
                ChangeKind::OfferingRemoved,
                ChangeKind::OfferingReturned,
            ];
            change.attribute.is_some() || kinds.contains(&change.kind)
        }
        Besides::Course => {
            let is_post = subject.kind == SubjectKind::Announcement;
            is_post && change.kind == ChangeKind::TextChanged
                || matches!(
                    change.kind,
                    ChangeKind::IncidentUpdated | ChangeKind::CapabilityChanged
                )
        }
        Besides::Trouble => {
            matches!(
                change.kind,
                ChangeKind::ProbeBroken | ChangeKind::ProbeRecovered | ChangeKind::SourceSuspect
            )
        }
        Besides::Measured => {
            is_measured(change.source.probe.as_str())
                && matches!(
                    change.kind,
                    ChangeKind::LatencyShifted
                        | ChangeKind::LatencyRecovered
                        | ChangeKind::IncidentOpened
                        | ChangeKind::IncidentUpdated
                        | ChangeKind::IncidentResolved
                )
        }
    };
    let is_trouble = liberty.what == Besides::Trouble;
    is_there
        && is_whose
        && is_what
        && (is_trouble || is_of(&liberty.ids, subject.native_id.as_str()))
}

fn is_of(ids: &[String], id: &str) -> bool {
    ids.is_empty() || ids.iter().any(|own| own == id)
}
