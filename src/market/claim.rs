//! One statement of a source.

use super::{Attribute, Value};

/// What a source says of one attribute of the entry that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Of what.
    pub attribute: Attribute,
    /// Says what.
    pub value: Value,
    /// The source's own spelling, as evidence.
    pub raw: Box<str>,
    /// Which of two claims on one attribute in one body holds: the higher rank (a later dated section of a page). `None` ranks lowest.
    pub rank: Option<i64>,
}

impl Claim {
    /// A claim without rank.
    pub fn new(attribute: Attribute, value: Value, raw: impl Into<Box<str>>) -> Self {
        Self {
            attribute,
            value,
            raw: raw.into(),
            rank: None,
        }
    }

    /// Says that the attribute is stated in a way that cannot be read.
    pub fn unclear(attribute: Attribute, raw: impl Into<Box<str>>) -> Self {
        Self::new(attribute, Value::Unclear, raw)
    }
}
