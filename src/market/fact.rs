//! What is believed of an offering, with who says so.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Attribute, Authority, SourceId, StageSet, Subject, Value};

/// A source that has not been read for so long (it is no longer asked, or broken) says nothing of today: what it said last
/// neither stands against what others see go, nor differs from what they say.
pub const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// One fact about an offering, with its source.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferingFact {
    /// The offering; all facts about it share it.
    pub subject: Arc<Subject>,
    /// Which attribute; `None`: the source lists it. All facts about it may share it.
    pub attribute: Option<Arc<Attribute>>,
    /// What the source says of it; the same few values stand in many facts.
    pub value: Option<Arc<Value>>,
    /// Who says so.
    pub source: Arc<SourceId>,
    /// How far that is to be believed.
    pub authority: Authority,
    /// What else its word for a stage may mean.
    pub covers: StageSet,
    /// Since when.
    pub since: Timestamp,
    /// Its last good reading, which still said so.
    pub confirmed_at: Option<Timestamp>,
}

/// What a source said of an offering, for as long as it was believed.
#[derive(Debug, Clone, PartialEq)]
pub struct Spell {
    /// What it said. `confirmed_at` is the last good reading of its source, whenever that was.
    pub fact: OfferingFact,
    /// From when on it was believed no more; `None`: it still is.
    pub until: Option<Timestamp>,
}
