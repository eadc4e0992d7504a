use super::*;
use crate::market::{Content, ProviderId, Region, Settled};
use crate::readers::convert::StageWords;

const PAGE: &str = r#"{"page":{"id":"p","name":"P"},"status":{"indicator":"minor"},
    "components":[{"id":"c1","name":"API","status":"partial_outage","group":false},
        {"id":"c2","name":"Login","status":"asleep"},{"id":"c3","name":"Login","status":"operational"},
        {"id":"g","name":"All","status":"operational","group":true},{"name":"no id"}],
    "incidents":[
        {"id":"i1","name":"Errors","status":"monitoring","impact":"major","shortlink":"https://s/1","started_at":"2026-11-20T09:50:00.000Z",
         "incident_updates":[{"body":"First.","created_at":"2026-11-20T09:58:00Z","affected_components":null},
            {"body":"A fix\n is in.","created_at":"2026-11-20T11:10:00+01:00","affected_components":[{"code":"c1","name":"API"}]},
            {"body":"","created_at":"2026-11-20T12:00:00Z"}],"components":[]},
        {"id":"i2","name":"Login","status":"identified","impact":"tiny","created_at":"noon","components":[{"id":"c2","name":"Log-in"}]},
        {"id":"i3","name":"Old","status":"resolved","impact":"none"},
        {"id":"i4","name":"Older","status":"postmortem","resolved_at":"2026-11-19T10:30:00.000Z"},
        {"id":"i5","name":"Said","status":"resolved","resolved_at":null,"incident_updates":[
            {"status":"postmortem","created_at":"2026-11-18T12:00:00Z"},{"status":"resolved","created_at":"2026-11-18T11:00:00Z"},
            {"status":"monitoring","created_at":"2026-11-18T10:00:00Z"},{"status":"resolved","created_at":"2026-11-18T09:00:00Z"}]}],
    "scheduled_maintenances":[{"id":"m1","name":"Move","status":"scheduled","impact":"none","created_at":"2026-11-01T00:00:00Z",
        "scheduled_for":"2026-12-01T00:00:00Z"}]}"#;

fn shown(components: &[&str], text: &str) -> String {
    let components = components.iter().map(ToString::to_string).collect();
    let mapping = Mapping {
        components,
        past: false,
    };
    shown_with(&mapping, text)
}

fn shown_with(mapping: &Mapping, text: &str) -> String {
    let context = Context {
        provider: &ProviderId::from("acme"),
        region: &Region::unstated(),
        stages: &StageWords::default(),
        item: "",
        complete: true,
        settled: &Settled::new(),
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: Some("application/json"),
    };
    let reading = match read(mapping, &body, &context) {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let name = format!("{} {}", entry.subject.kind.word(), entry.subject.native_id);
        if let Content::Stated { claims, .. } = &entry.content {
            let shown = claims
                .iter()
                .map(|claim| format!("{}={}", claim.attribute, claim.value));
            lines.push(format!("{name}: {}", shown.collect::<Vec<_>>().join("; ")));
        }
    }
    let over = ["i1", "i3", "i4", "i5"].into_iter().filter_map(|id| {
        let subject = Subject::of_kind(SubjectKind::Incident, "acme", id);
        let end = reading.ended.get(&subject.key())?;
        Some(format!("incident {id}: ended {end}"))
    });
    lines.extend(over);
    lines.sort();
    lines.extend(
        reading
            .unexpected
            .iter()
            .map(|note| format!("? {}: {}", note.place, note.found)),
    );
    lines.join("\n")
}

#[test]
fn components_and_open_incidents_are_read() {
    insta::assert_snapshot!(shown(&[], PAGE), @"
    component c1: name=API; status=partial_outage
    component c2: name=Login; status=asleep
    component c3: name=Login; status=operational
    incident i1: name=Errors; date.launch=2026-11-20T09:50:00Z; status=monitoring; impact=major; text=A fix is in.; link=https://s/1; topics=API
    incident i2: name=Login; status=identified; impact=tiny; topics=Login
    incident i4: ended 2026-11-19T10:30:00Z
    incident i5: ended 2026-11-18T11:00:00Z
    incident m1: name=Move; date.launch=2026-12-01; status=scheduled; impact=maintenance
    ? components: missing field `id`
    ? components.status: 'asleep' at c2
    ? incidents.impact: 'tiny' at i2
    ? incidents.started_at: 'noon' at i2
    ");
    insta::assert_snapshot!(shown(&["c3", "API"], PAGE), @"
    component c1: name=API; status=partial_outage
    component c3: name=Login; status=operational
    incident i1: name=Errors; date.launch=2026-11-20T09:50:00Z; status=monitoring; impact=major; text=A fix is in.; link=https://s/1; topics=API
    incident i4: ended 2026-11-19T10:30:00Z
    incident i5: ended 2026-11-18T11:00:00Z
    incident m1: name=Move; date.launch=2026-12-01; status=scheduled; impact=maintenance
    ? components: missing field `id`
    ");
}

#[test]
fn of_past_incidents_only_the_end_is_read() {
    let past = |components: &[&str]| Mapping {
        components: components.iter().map(ToString::to_string).collect(),
        past: true,
    };
    insta::assert_snapshot!(shown_with(&past(&[]), PAGE), @"
    incident i4: date.retires=2026-11-19T10:30:00Z; status=resolved
    incident i5: date.retires=2026-11-18T11:00:00Z; status=resolved
    ? incidents.resolved_at: nothing at i3
    ");
    let other = r#"{"page":{},"incidents":[{"id":"i6","status":"resolved","resolved_at":"2026-11-19T10:30:00Z","components":[{"id":"c9","name":"Chat"}]}]}"#;
    assert_eq!(shown_with(&past(&["API"]), other), "");
    assert_eq!(
        shown_with(&past(&[]), r#"{"page":{},"components":[]}"#),
        "expected a list of incidents with their page, found an object with components, page"
    );
}

#[test]
fn calm_pages_are_readings_and_others_are_not() {
    let calm = r#"{"page":{},"components":[{"id":"c","name":"API","status":"operational"}]}"#;
    let refusal = "expected a status summary with page and components, found an object with error";
    for (text, expected) in [
        (calm, "component c: name=API; status=operational"),
        (r#"{"error":"status_page_not_found"}"#, refusal),
        (
            r#"{"page":{},"components":[],"incidents":{"a":1}}"#,
            "expected a list of incidents, found an object with a",
        ),
        (
            r#"{"status":{"indicator":"none"},"components":[]}"#,
            "expected a status summary with page and components, found an object with components, status",
        ),
    ] {
        assert_eq!(shown(&[], text), expected);
    }
}

proptest::proptest! {
    #[test]
    fn mutated_pages_are_read_without_panic(at in 0usize..2_000, with in "\\PC{0,3}") {
        let mut text = PAGE.to_string();
        let at = text.floor_char_boundary(at % text.len());
        text.insert_str(at, &with);
        let _ = shown(&[], &text);
    }
}
