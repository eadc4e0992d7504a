//! What only a registry says must stand for a while before somebody is told, and what is taken back before is told to nobody.

use jiff::{SignedDuration, Timestamp};

use super::Policy;
use crate::market::{
    Attribute, Authority, Change, ChangeKind, DateKind, RecordedChange, SubjectKind,
};

/// How long a registry's word alone must have stood, unless the user says otherwise. Of what editors of registries wrote, most of
/// what was undone was undone within three days.
pub const REGISTRY_WAIT: SignedDuration = SignedDuration::from_hours(3 * 24);

impl Policy {
    /// When a change has stood for long enough to be told; `None` for what need not stand. An end does not wait: it may be near.
    pub fn settles_at(&self, recorded: &RecordedChange) -> Option<Timestamp> {
        let change = &recorded.change;
        let is_alone =
            recorded.authority == Authority::Registry && recorded.confirmed_by.is_empty();
        let is_end = change.attribute == Some(Attribute::Date(DateKind::Retires));
        let must_stand = is_alone && !is_end && change.subject.kind == SubjectKind::Offering;
        let settles_at = change.seen_at.checked_add(self.registry_wait).ok();
        settles_at.filter(|at| must_stand && *at > change.confirmed_at)
    }
}

/// Where what must stand is gathered: with what is told at the same time, so that nothing is told sooner for another's sake.
pub fn settling(bundle: &str, due: Timestamp) -> String {
    format!("{SETTLING}{bundle} {due}")
}

/// How the bundles of what must stand begin.
pub const SETTLING: &str = "settling ";

/// Whether a change brings back what another one of the same source had changed.
pub fn takes_back(later: &Change, earlier: &Change) -> bool {
    let is_removal = |change: &Change| match change.kind {
        ChangeKind::OfferingRemoved => Some(true),
        ChangeKind::OfferingAdded | ChangeKind::OfferingReturned => Some(false),
        _ => None,
    };
    let is_same = later.source == earlier.source
        && later.subject == earlier.subject
        && later.attribute == earlier.attribute;
    is_same
        && match (&later.attribute, is_removal(later), is_removal(earlier)) {
            (None, Some(later), Some(earlier)) => later != earlier,
            (None, ..) => false,
            (Some(_), ..) => later.old == earlier.new && later.new == earlier.old,
        }
}

/// Whether another source's change says the same.
pub fn says_too(later: &Change, earlier: &Change) -> bool {
    later.source != earlier.source
        && later.subject.provider == earlier.subject.provider
        && later.subject.native_id == earlier.subject.native_id
        && later.attribute == earlier.attribute
        && match later.attribute {
            Some(_) => later.new == earlier.new,
            None => later.kind == earlier.kind,
        }
}
