//! What is believed of an offering, with who says so.

use jiff::Timestamp;

use super::{Attribute, Authority, SourceId, Subject, Value};

/// One fact about an offering, with its source.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferingFact {
    /// The offering.
    pub subject: Subject,
    /// Which attribute; `None`: the source lists it.
    pub attribute: Option<Attribute>,
    /// What the source says of it.
    pub value: Option<Value>,
    /// Who says so.
    pub source: SourceId,
    /// How far that is to be believed.
    pub authority: Authority,
    /// Since when.
    pub since: Timestamp,
    /// Its last good reading, which still said so.
    pub confirmed_at: Option<Timestamp>,
}
