use super::*;
use crate::market::{Attribute, ProbeId, Region, Subject};
use crate::render::samples::*;

/// What is measured of an endpoint.
fn measured(n: usize, kind: ChangeKind, said: &str, since: &str) -> RecordedChange {
    let host = format!("area-{n}.acme.test");
    let mut subject = Subject::of_kind(SubjectKind::Incident, "acme", host.clone());
    subject.region = Region::new(format!("area-{n}"));
    let mut recorded = change(subject, kind);
    let change = &mut recorded.change;
    change.source.probe = ProbeId::new("acme.measured");
    change.true_from = Some(moment(since));
    change.new = text(&format!("{host} in area-{n} {said}"));
    recorded.url = format!("https://{host}/");
    recorded
}

fn page(kind: ChangeKind) -> RecordedChange {
    change(Subject::of_kind(SubjectKind::Incident, "acme", "i1"), kind)
}

fn said(changes: &[RecordedChange]) -> Option<String> {
    headline(&changes.iter().collect::<Vec<_>>())
}

#[test]
fn what_was_measured_is_counted_and_what_the_page_states_follows() {
    let down = |n, minute| {
        let since = format!("2026-11-23T10:0{minute}:00Z");
        let words =
            format!("is down since 2026-11-23 10:0{minute} UTC: 4 of the last 5 checks failed");
        measured(n, ChangeKind::IncidentOpened, &words, &since)
    };
    assert_eq!(
        said(&[down(1, 6)]).as_deref(),
        Some("area-1.acme.test down since 2026-11-23 10:06 UTC")
    );
    let mut stated = page(ChangeKind::IncidentOpened);
    stated.change.new = text("Elevated errors");
    assert_eq!(
        said(&[stated.clone(), down(1, 6), down(2, 4)]).as_deref(),
        Some("2 endpoints down since 2026-11-23 10:04 UTC; incident opened: Elevated errors")
    );
    let part = part(&down(1, 6)).expect("a part");
    assert_eq!(part.what, "down");
    assert_eq!(
        part.detail.as_deref(),
        Some("since 2026-11-23 10:06 UTC: 4 of the last 5 checks failed")
    );
    assert_eq!(
        said(&[stated, added("acme", "m-1")]),
        None,
        "a model is no outage"
    );
}

#[test]
fn what_is_over_is_told_with_how_long_it_lasted() {
    let well = |n, minute, lasted: &str| {
        let since = format!("2026-11-23T11:0{minute}:00Z");
        let words = format!("answers again since 2026-11-23 11:0{minute} UTC, down for {lasted}");
        measured(n, ChangeKind::IncidentResolved, &words, &since)
    };
    for (changes, expected) in [
        (
            vec![well(1, 5, "59 min")],
            "area-1.acme.test answers again since 2026-11-23 11:05 UTC, after 59 min",
        ),
        (
            vec![
                well(1, 5, "59 min"),
                well(2, 7, "1 h 3 min"),
                well(3, 6, "1 h 0 min"),
            ],
            "3 endpoints answer again since 2026-11-23 11:07 UTC, after up to 1 h 3 min",
        ),
    ] {
        assert_eq!(said(&changes).as_deref(), Some(expected));
    }
    let mut stated = page(ChangeKind::IncidentResolved);
    stated.change.old = text("Elevated errors");
    assert_eq!(
        said(&[stated]).as_deref(),
        Some("incident resolved: Elevated errors")
    );
    let mut updated = page(ChangeKind::IncidentUpdated);
    updated.change.attribute = Some(Attribute::Status);
    updated.change.old = text("investigating");
    updated.change.new = text("identified");
    assert_eq!(
        said(&[updated]).as_deref(),
        Some("incident status investigating → identified")
    );
}

#[test]
fn components_are_told_by_their_names() {
    let turned = |id: &str, name: Option<&str>| {
        let subject = Subject::of_kind(SubjectKind::Component, "acme", id);
        let mut turned = change(subject, ChangeKind::IncidentUpdated);
        turned.change.attribute = Some(Attribute::Status);
        turned.change.old = text("operational");
        turned.change.new = text("partial_outage");
        turned.called.name = name.map(str::to_string);
        turned
    };
    let all = [
        turned("k1", Some("API (api.acme.test)")),
        turned("k2", Some("Chat")),
        turned("k3", None),
    ];
    for (count, expected) in [
        (
            1,
            "component API (api.acme.test) status operational → partial_outage",
        ),
        (
            2,
            "2 components (API (api.acme.test), Chat): status operational → partial_outage",
        ),
        (
            3,
            "3 components (API (api.acme.test), Chat, …): status operational → partial_outage",
        ),
    ] {
        assert_eq!(said(&all[..count]).as_deref(), Some(expected));
    }
    assert_eq!(
        said(&all[2..]).as_deref(),
        Some("component k3 status operational → partial_outage")
    );
}
