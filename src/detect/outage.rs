//! What a status page states of an incident and of the components that it hits is one outage, and is told once.

use std::collections::BTreeSet;

use crate::market::{
    Attribute, Change, Claim, Standing, StateEdit, SubjectKey, SubjectKind, Value, is_well,
};

/// The components that the incidents of a reading name which are opened by it, or name others than before; but for what is planned,
/// and for what comes and goes, of which nobody is told.
pub fn named_by_incidents(edits: &[StateEdit], changes: &[Change]) -> BTreeSet<String> {
    let is_silent = |key: SubjectKey| changes.iter().any(|one| one.key == key && one.flapping);
    let is_planned = |claim: &Claim| match (&claim.attribute, &claim.value) {
        (Attribute::Impact, Value::Text(word)) => &**word == "maintenance",
        _ => false,
    };
    let mut named = BTreeSet::new();
    for edit in edits {
        let (subject, claims) = match edit {
            StateEdit::Open(subject, claims) => (subject, claims.as_slice()),
            StateEdit::Set(subject, _, Some(claim)) => (subject, std::slice::from_ref(claim)),
            _ => continue,
        };
        let is_told = !claims.iter().any(is_planned) && !is_silent(subject.key());
        if subject.kind != SubjectKind::Incident || !is_told {
            continue;
        }
        for claim in claims
            .iter()
            .filter(|claim| claim.attribute == Attribute::Topics)
        {
            if let Value::Set(names) = &claim.value {
                named.extend(names.iter().map(ToString::to_string));
            }
        }
    }
    named
}

/// Whether a component turns to what is planned.
pub fn is_maintained(change: &Change) -> bool {
    matches!(&change.new, Some(Value::Text(word)) if &**word == "under_maintenance")
}

/// Whether what a component's status turns to is told by an incident: one that names the component is open, or begins with the
/// same reading. That all is well is told of a component but where nothing of it was told `before`, since it was last well.
pub fn is_told_by_incident(change: &Change, is_named: bool, before: Option<Standing>) -> bool {
    let is_status = change.subject.kind == SubjectKind::Component
        && change.attribute == Some(Attribute::Status);
    is_status
        && match change.new.as_ref().is_some_and(is_well) {
            true => before == Some(Standing::Outranked),
            false => is_named,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{ChangeKind, Claim, SourceId, Subject};

    fn turned(kind: SubjectKind, status: &str) -> Change {
        let source = SourceId {
            probe: "acme.status".into(),
            scope: "".into(),
        };
        let subject = Subject::of_kind(kind, "acme", "c1");
        Change {
            attribute: Some(Attribute::Status),
            new: Some(Value::Text(status.into())),
            ..Change::plain(
                source,
                subject,
                ChangeKind::IncidentUpdated,
                jiff::Timestamp::UNIX_EPOCH,
            )
        }
    }

    #[test]
    fn an_incident_tells_of_the_components_that_it_names() {
        let ill = turned(SubjectKind::Component, "partial_outage");
        assert!(is_told_by_incident(&ill, true, None));
        assert!(is_told_by_incident(&ill, true, Some(Standing::News)));
        assert!(!is_told_by_incident(&ill, false, Some(Standing::Outranked)));
        let incident = turned(SubjectKind::Incident, "identified");
        assert!(!is_told_by_incident(&incident, true, None));
    }

    #[test]
    fn that_a_component_is_well_is_told_to_whoever_was_told_that_it_is_not() {
        let well = turned(SubjectKind::Component, "operational");
        assert!(is_told_by_incident(&well, false, Some(Standing::Outranked)));
        assert!(!is_told_by_incident(&well, true, Some(Standing::News)));
        assert!(!is_told_by_incident(&well, true, None));
    }

    #[test]
    fn what_begins_with_a_reading_names_components_too() {
        let topics = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            Claim::new(Attribute::Topics, Value::set(names), "")
        };
        let planned = Claim::new(Attribute::Impact, Value::Text("maintenance".into()), "");
        let incident = |id: &str| Subject::of_kind(SubjectKind::Incident, "acme", id);
        let item = Subject::of_kind(SubjectKind::Announcement, "acme", "a");
        let edits = [
            StateEdit::Open(incident("i1"), vec![topics(&["API", "Login"])]),
            StateEdit::Set(incident("i2"), Attribute::Topics, Some(topics(&["Chat"]))),
            StateEdit::Set(incident("i3"), Attribute::Topics, None),
            StateEdit::Open(item, vec![topics(&["Blog"])]),
            StateEdit::Open(incident("i4"), vec![topics(&["Files"]), planned]),
            StateEdit::Open(incident("i5"), vec![topics(&["Voice"])]),
        ];
        let comes_and_goes = Change {
            key: incident("i5").key(),
            flapping: true,
            ..turned(SubjectKind::Incident, "investigating")
        };
        let named = named_by_incidents(&edits, &[comes_and_goes]);
        assert_eq!(Vec::from_iter(named), ["API", "Chat", "Login"]);
    }
}
