//! From a confirmed difference to the change that is recorded.

use jiff::Timestamp;

use super::{Seen, Source, severity};
use crate::market::{
    AcceptedSubject, Attribute, Authority, Change, ChangeId, ChangeKind, Claim, Direction, Hash,
    Pending, Severity, Subject, SubjectKind, Value, twin_form,
};

/// What is said of a change before it has an identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// About what.
    pub subject: Subject,
    /// What kind.
    pub kind: ChangeKind,
    /// Of which attribute.
    pub attribute: Option<Attribute>,
    /// Before.
    pub old: Option<Value>,
    /// Now.
    pub new: Option<Value>,
    /// The source's own spelling now.
    pub new_raw: Option<Box<str>>,
    /// When it became true, or becomes so, where the source says so.
    pub true_from: Option<Timestamp>,
    /// Whether a registry only fills in what it documents.
    pub documented: bool,
    /// What groups it with the same change elsewhere.
    pub cause: String,
}

/// A new subject. `None` where its appearance is no change of its own.
pub fn addition(
    subject: &Subject,
    claims: &[Claim],
    returned: bool,
    is_new_provider: bool,
) -> Option<Story> {
    let kind = match subject.kind {
        SubjectKind::Offering if returned => ChangeKind::OfferingReturned,
        SubjectKind::Offering => ChangeKind::OfferingAdded,
        SubjectKind::Announcement => ChangeKind::Announcement,
        SubjectKind::Incident if is_over(claims.iter().map(|c| (&c.attribute, &c.value))) => {
            return None;
        }
        SubjectKind::Incident => ChangeKind::IncidentOpened,
        SubjectKind::Component
        | SubjectKind::Text
        | SubjectKind::Source
        | SubjectKind::Landscape => return None,
    };
    let name = claims
        .iter()
        .find(|claim| claim.attribute == Attribute::Name)
        .map(|claim| claim.value.clone());
    let cause = if is_new_provider && kind == ChangeKind::OfferingAdded {
        format!("{} listed with all its offerings", subject.provider)
    } else {
        cause(subject, kind, None, None, None)
    };
    Some(Story {
        subject: subject.clone(),
        kind,
        attribute: None,
        old: None,
        new: name,
        new_raw: None,
        true_from: None,
        documented: false,
        cause,
    })
}

/// An offering under another spelling. A source that lists no offerings only spells its own rows otherwise.
pub fn renaming(source: &Source<'_>, from: &Subject, to: &Subject) -> Story {
    let spelling = |subject: &Subject| Some(Value::Text(subject.native_id.as_str().into()));
    Story {
        subject: to.clone(),
        kind: ChangeKind::OfferingRenamed,
        attribute: None,
        old: spelling(from),
        new: spelling(to),
        new_raw: None,
        true_from: None,
        documented: !source.lists,
        cause: cause(to, ChangeKind::OfferingRenamed, None, None, None),
    }
}

/// A subject that is stated no more, with when it ended where the source says so. `None` where that is no change of its own.
pub fn removal(
    subject: &Subject,
    accepted: &AcceptedSubject,
    end: Option<Timestamp>,
) -> Option<Story> {
    let kind = match subject.kind {
        SubjectKind::Offering => ChangeKind::OfferingRemoved,
        SubjectKind::Incident if is_over(accepted.values.iter()) => return None,
        SubjectKind::Incident => ChangeKind::IncidentResolved,
        _ => return None,
    };
    Some(Story {
        subject: subject.clone(),
        kind,
        attribute: None,
        old: accepted.values.get(&Attribute::Name).cloned(),
        new: None,
        new_raw: None,
        true_from: end,
        documented: false,
        cause: cause(subject, kind, None, None, None),
    })
}

/// Another value of one attribute.
pub fn value_change(
    source: &Source<'_>,
    subject: &Subject,
    attribute: &Attribute,
    old: Option<&Value>,
    new: Option<&Claim>,
) -> Story {
    let new_value = new.map(|claim| &claim.value);
    let mut kind = ChangeKind::of_attribute(subject.kind, attribute);
    let resolved = |value: Option<&Value>| {
        value.is_some_and(|value| is_over([(attribute, value)].into_iter()))
    };
    if subject.kind == SubjectKind::Incident && resolved(new_value) && !resolved(old) {
        kind = ChangeKind::IncidentResolved;
    }
    let appears_or_vanishes = old.is_none() || new.is_none();
    let documented = appears_or_vanishes && source.authority == Authority::Registry;
    Story {
        subject: subject.clone(),
        kind,
        attribute: Some(attribute.clone()),
        old: old.cloned(),
        new: new_value.cloned(),
        new_raw: new.map(|claim| claim.raw.clone()),
        true_from: new.and_then(|claim| claim.true_from),
        documented,
        cause: cause(subject, kind, Some(attribute), old, new_value),
    }
}

fn is_over<'a>(mut values: impl Iterator<Item = (&'a Attribute, &'a Value)>) -> bool {
    values.any(|(attribute, value)| match (attribute, value) {
        (Attribute::Status, Value::Text(word)) => {
            matches!(&**word, "resolved" | "postmortem" | "completed")
        }
        _ => false,
    })
}

/// What the same change on twin offerings has in common: regions, deployments and routing prefixes do not count.
fn cause(
    subject: &Subject,
    kind: ChangeKind,
    attribute: Option<&Attribute>,
    old: Option<&Value>,
    new: Option<&Value>,
) -> String {
    let mut cause = format!(
        "{} {} {}",
        kind.word(),
        subject.provider,
        twin_form(subject.native_id.as_str())
    );
    if subject.kind != SubjectKind::Offering {
        cause = format!(
            "{} {} {}",
            subject.kind.word(),
            subject.provider,
            subject.native_id
        );
    }
    if let Some(attribute) = attribute.filter(|_| subject.kind == SubjectKind::Offering) {
        let spelled = |value: Option<&Value>| value.map_or("null".to_string(), Value::to_stored);
        cause.push_str(&format!(" {attribute} {} {}", spelled(old), spelled(new)));
    }
    cause
}

/// Gives a story its identity, times and weight. `reading` is the identity of the reading that is seen.
pub fn change(
    source: &Source<'_>,
    story: Story,
    pending: &Pending,
    seen: &Seen,
    reading: Hash,
    flapping: bool,
) -> Change {
    let direction = Direction::between(story.old.as_ref(), story.new.as_ref());
    let key = story.subject.key();
    // what was pending before this reading was shown before the body that came before this one
    let first_seen_now = pending.first_reading == reading;
    let severity = if story.documented || flapping {
        Severity::Info
    } else {
        severity(
            story.kind,
            story.attribute.as_ref(),
            direction,
            (story.old.as_ref(), story.new.as_ref()),
        )
    };
    Change {
        id: change_id(source, &story, &pending.first_reading),
        source: source.id.clone(),
        key,
        kind: story.kind,
        old_raw: None,
        new_raw: story.new_raw,
        seen_at: pending.first_seen,
        confirmed_at: seen.at,
        true_from: story.true_from,
        direction,
        severity,
        documented: story.documented,
        flapping,
        new_body: Some(pending.first_body),
        old_body: seen.previous.filter(|_| first_seen_now),
        cause: story.cause,
        subject: story.subject,
        attribute: story.attribute,
        old: story.old,
        new: story.new,
    }
}

/// A change about the source itself: broken, recovered, suspect.
pub fn about_source(source: &Source<'_>, kind: ChangeKind, said: &str, seen: &Seen) -> Change {
    let subject = Subject::of_kind(
        SubjectKind::Source,
        source.provider.as_str(),
        source.id.to_string(),
    );
    let story = Story {
        // a credential that is refused is refused in every region that the probe asks: one cause
        cause: format!("{} {}", kind.word(), source.id.probe),
        subject: subject.clone(),
        kind,
        attribute: None,
        old: None,
        new: Some(Value::Text(
            said.chars().take(500).collect::<String>().into(),
        )),
        new_raw: None,
        true_from: None,
        documented: false,
    };
    let pending = Pending {
        subject,
        what: crate::market::PendingWhat::Removed,
        first_seen: seen.at,
        first_reading: seen.reading(source.id),
        first_body: seen.body,
        readings: 1,
    };
    change(source, story, &pending, seen, pending.first_reading, false)
}

fn change_id(source: &Source<'_>, story: &Story, first_reading: &Hash) -> ChangeId {
    let what = story.attribute.as_ref().map_or_else(
        || {
            if story.subject.kind == SubjectKind::Source {
                // one reading may be suspect for several providers
                let said = story.new.as_ref().map_or(String::new(), Value::to_stored);
                format!("{} {said}", story.kind.word())
            } else {
                String::new()
            }
        },
        ToString::to_string,
    );
    let parts = [
        &source.id.to_string(),
        &story.subject.hash().hex(64),
        &what,
        &first_reading.hex(64),
    ];
    ChangeId(Hash::of_parts(&parts.map(String::as_str)).hex(16))
}
