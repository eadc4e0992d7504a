use super::*;
use crate::market::{LifecycleDate, Region, Severity, Stage};
use crate::render::samples::*;

fn told(changes: &[RecordedChange]) -> String {
    let changes: Vec<&RecordedChange> = changes.iter().collect();
    title(&changes)
}

#[test]
fn one_cause_is_one_line() {
    let mut incident = change(
        Subject::of_kind(SubjectKind::Incident, "openai", "inc-1"),
        ChangeKind::IncidentOpened,
    );
    incident.change.new = text("Elevated errors");
    let mut broken = change(
        Subject::of_kind(SubjectKind::Source, "openai", "openai.models"),
        ChangeKind::ProbeBroken,
    );
    broken.change.new = text("timeout in tls");
    let mut renamed = change(
        Subject::offering("mistral", "large-3"),
        ChangeKind::OfferingRenamed,
    );
    renamed.change.old = text("large-03");
    let stage = |stage| Some(Value::Stage(stage));
    let floor = Some(Value::Date(LifecycleDate::not_before(
        "2026-10-01".parse().expect("a day"),
    )));
    for (changes, expected) in [
        (
            vec![retirement()],
            "azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03)",
        ),
        (
            in_regions(&added("bedrock", "claude-x"), 14),
            "bedrock: claude-x added in 14 regions",
        ),
        (
            in_regions(&added("bedrock", "claude-x"), 1),
            "bedrock: claude-x added in region-1",
        ),
        (
            vec![cheaper()],
            "openai: gpt-5 price.input 5 → 4 $/1M (−20 %)",
        ),
        (
            vec![added("oci", "a"), added("oci", "b"), added("oci", "c")],
            "oci: 3 offerings added (a, b, …)",
        ),
        (
            vec![valued(
                "azure",
                "o1",
                "date.retires",
                date("2027-04-03"),
                None,
            )],
            "azure: o1 retirement date withdrawn (was 2027-04-03)",
        ),
        (
            vec![valued("azure", "o1", "date.retires", None, floor)],
            "azure: o1 retires not before 2026-10-01",
        ),
        (
            vec![valued(
                "azure",
                "o1",
                "stage",
                stage(Stage::Preview),
                stage(Stage::Ga),
            )],
            "azure: o1 stage preview → ga",
        ),
        (
            vec![valued("azure", "o1", "price.input", None, price("0.25"))],
            "azure: o1 price.input nothing → 0.25 $/1M",
        ),
        (vec![incident], "openai: incident opened: Elevated errors"),
        (vec![broken], "openai.models: probe broken: timeout in tls"),
        (vec![renamed], "mistral: large-3 renamed (was large-03)"),
        (
            vec![cheaper(), retirement()],
            "azure: gpt-4o retires 2026-10-01, 184 days earlier (was 2027-04-03); and 1 other change at openai",
        ),
        (Vec::new(), "0 providers: nothing changed"),
    ] {
        assert_eq!(told(&changes), expected);
    }
}

#[test]
fn routing_prefixes_are_one_name_and_deployments_count_where_no_region_is_stated() {
    let routed: Vec<RecordedChange> = ["us.lab.m-v1:0", "eu.lab.m-v1:0"]
        .into_iter()
        .map(|native_id| added("bedrock", native_id))
        .collect();
    assert_eq!(told(&routed), "bedrock: us.lab.m-v1:0 added");
    let deployed: Vec<RecordedChange> = ["Standard", "GlobalStandard"]
        .into_iter()
        .map(|term| {
            let mut recorded = added("azure", "m");
            recorded.change.subject.deployment = Some(term.into());
            recorded
        })
        .collect();
    assert_eq!(told(&deployed), "azure: m added in 2 deployments");
}

#[test]
fn hostile_names_and_values_stay_one_short_line() {
    for name in HOSTILE {
        let mut recorded = valued(
            name,
            name,
            "replacement",
            text(name),
            text(&name.repeat(50)),
        );
        recorded.change.subject.region = Region::new(name);
        recorded.change.severity = Severity::Critical;
        let line = told(&[recorded]);
        assert!(line.chars().count() < 300, "{line}");
        assert!(!line.contains(char::is_control), "{line}");
    }
}
