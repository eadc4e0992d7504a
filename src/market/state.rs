//! What detection remembers of a source between readings. The store keeps it; `detect/` reads it and says how to edit it.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::{
    Attribute, ChangeKind, Claim, Fingerprint, Hash, ProviderId, Subject, SubjectKey, SubjectKind,
    Value,
};

/// A subject that a source is accepted to state, with the values it is accepted to state of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedSubject {
    /// The subject.
    pub subject: Subject,
    /// Its values.
    pub values: BTreeMap<Attribute, Value>,
}

/// How much a source is accepted to state of one provider: what the guard's shares are of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Subjects.
    pub subjects: u64,
    /// Values of all subjects.
    pub values: u64,
}

/// What is pending or flapping: a subject's presence (`None`) or one attribute of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PendingKey {
    /// Which subject.
    pub subject: SubjectKey,
    /// Which attribute; `None` for the subject itself.
    pub attribute: Option<Attribute>,
}

/// What will be recorded if it stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PendingWhat {
    /// The subject appeared with these claims.
    Added(Vec<Claim>),
    /// The subject is missing.
    Removed,
    /// The attribute has this claim instead of the accepted value; `None`: it is not stated any more.
    Changed(Option<Claim>),
}

/// A difference that has been seen but not yet often or long enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// About what.
    pub subject: Subject,
    /// What was seen.
    pub what: PendingWhat,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// The reading that first showed it: part of the change's identity.
    pub first_reading: Hash,
    /// The body that first showed it.
    pub first_body: Hash,
    /// In how many consecutive complete readings it has been.
    pub readings: u32,
}

impl Pending {
    /// What it will be recorded as, of this attribute, or of the subject itself: the word of a kind of change where there is
    /// one.
    pub fn word(&self, attribute: Option<&Attribute>) -> String {
        let kind = match (self.subject.kind, &self.what, attribute) {
            (kind, _, Some(attribute)) => ChangeKind::of_attribute(kind, attribute),
            (SubjectKind::Offering, PendingWhat::Removed, None) => ChangeKind::OfferingRemoved,
            (SubjectKind::Offering, _, None) => ChangeKind::OfferingAdded,
            (SubjectKind::Announcement, _, None) => ChangeKind::Announcement,
            (SubjectKind::Incident, PendingWhat::Removed, None) => ChangeKind::IncidentResolved,
            (SubjectKind::Incident, _, None) => ChangeKind::IncidentOpened,
            (kind, PendingWhat::Removed, None) => return format!("{}_removed", kind.word()),
            (kind, _, None) => return format!("{}_added", kind.word()),
        };
        kind.word().to_string()
    }
}

/// How often a key has come back of late.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flap {
    /// When changes of this key were recorded, oldest first, within two flap windows.
    pub changes: Vec<(Timestamp, Hash)>,
    /// When a change returned to what had been before, within the window.
    pub returns: Vec<Timestamp>,
    /// Since when it counts as flapping.
    pub flapping_since: Option<Timestamp>,
}

/// The part of a source's accepted state that one reading needs.
#[derive(Debug, Clone, Default)]
pub struct DetectionState {
    /// Every accepted subject, with the fingerprint of its raw text where it is settled.
    pub index: HashMap<SubjectKey, Option<Fingerprint>>,
    /// The accepted values of the subjects that the reading touches: see `detect::touched`.
    pub accepted: HashMap<SubjectKey, AcceptedSubject>,
    /// All that is pending.
    pub pending: HashMap<PendingKey, Pending>,
    /// Keys with recent changes.
    pub flaps: HashMap<PendingKey, Flap>,
    /// Which of the subjects that the reading adds the source has stated before.
    pub former: HashSet<SubjectKey>,
    /// How much is accepted, by provider.
    pub totals: HashMap<ProviderId, Totals>,
}

/// One edit that detection makes to the accepted state.
#[derive(Debug, Clone, PartialEq)]
pub enum StateEdit {
    /// The source now states this subject with these claims.
    Open(Subject, Vec<Claim>),
    /// The source no longer states this subject.
    Close(Subject),
    /// The source now states another value; `None`: no value any more.
    Set(Subject, Attribute, Option<Claim>),
    /// Something is pending, or has been seen once more.
    Pend(PendingKey, Pending),
    /// Something is no longer pending.
    Drop(PendingKey),
    /// A key's recent changes.
    Flap(PendingKey, Flap),
    /// An entry's fingerprint: known where it is settled, `None` where the next reading must read it.
    Settle(SubjectKey, Option<Fingerprint>),
}
