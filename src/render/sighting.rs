//! What one probe says of one offering at one moment: its prices, dates and limits are causes of their own, but people read
//! them as one.

use jiff::Timestamp;

use crate::market::{ProbeId, RecordedChange, SubjectKind, twin_form};

/// What changes of one sighting have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sighting {
    provider: String,
    offering: String,
    probe: ProbeId,
    at: Timestamp,
}

impl Sighting {
    /// The sighting that changes of one cause began with; `None` where they are about no offering.
    pub fn of<'a>(changes: impl IntoIterator<Item = &'a RecordedChange>) -> Option<Self> {
        let changes = changes.into_iter().map(|recorded| &recorded.change);
        let first = changes.min_by_key(|change| change.confirmed_at)?;
        let subject = &first.subject;
        (subject.kind == SubjectKind::Offering).then(|| Self {
            provider: subject.provider.to_string(),
            offering: twin_form(subject.native_id.as_str()),
            probe: first.source.probe.clone(),
            at: first.confirmed_at,
        })
    }
}
