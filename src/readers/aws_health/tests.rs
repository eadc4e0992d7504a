use super::*;
use crate::market::{Content, ProviderId, Settled};
use crate::readers::convert::StageWords;

const EVENTS: &str = r#"[
    {"date":"1795000000","arn":"arn:aws:health:us-east-1::event/BEDROCK/AWS_BEDROCK_OPERATIONAL_ISSUE/AWS_BEDROCK_OPERATIONAL_ISSUE_AB_1",
     "service":"bedrock-us-east-1","service_name":"Amazon Bedrock","region_name":"N. Virginia","status":"1","summary":"Increased error rates",
     "event_log":[{"timestamp":1795000300,"status":1,"summary":"Increased error rates","message":"We are\n investigating."},
        {"timestamp":"1795000900","status":"2","summary":"s","message":"We have found the cause."},{"timestamp":1795009999,"message":""}]},
    {"date":1795000000,"arn":"arn:aws:health:me-south-1::event/MULTIPLE_SERVICES/AWS_MULTIPLE_SERVICES_OPERATIONAL_ISSUE/X_2",
     "service":"multipleservices-me-south-1","service_name":"Multiple services","status":"3","summary":"Power",
     "impacted_services":{"s3-me-south-1":{"service_name":"Amazon S3","current":"3","max":"3"},
        "bedrock-me-south-1":{"service_name":"Amazon Bedrock","current":"2","max":"3"}}},
    {"arn":"arn:aws:health:eu-west-1::event/MULTIPLE_SERVICES/AWS_MULTIPLE_SERVICES_OPERATIONAL_ISSUE/X_3","service":"multipleservices-eu-west-1",
     "status":3,"summary":"Network","impacted_services":{"s3-eu-west-1":{"current":"3"}}},
    {"arn":"arn:aws:health:eu-west-2::event/MULTIPLE_SERVICES/AWS_MULTIPLE_SERVICES_OPERATIONAL_ISSUE/X_4","service":"multipleservices-eu-west-2",
     "status":"9","summary":"Network"},
    {"arn":"arn:aws:health:eu-west-3::event/MULTIPLE_SERVICES/AWS_MULTIPLE_SERVICES_OPERATIONAL_ISSUE/X_5","service":"multipleservices-eu-west-3",
     "status":"3","impacted_services":{"bedrock-eu-west-3":{"current":"0","max":"3"}},
     "impacted_service_status_changes":[{"service":"bedrock-eu-west-3","current_status":"3","timestamp":1795000100000},
        {"service":"bedrock-eu-west-3","current_status":"0","timestamp":1795000200000},
        {"service":"s3-eu-west-3","current_status":"0","timestamp":1795000300000}]},
    {"service":"bedrock-eu-central-1","startTime":1795000000123,"status":"2","summary":"No arn"},
    {"service":"bedrock-eu-central-1","status":"1","summary":"Nothing to know it by"},
    {"arn":"arn:aws:health:us-west-2::event/BEDROCK/T/OVER","service":"bedrock-us-west-2","status":"0",
     "event_log":[{"timestamp":1795000400,"status":"0","message":"Well again."},{"timestamp":1795000300,"status":"2","message":"Ill."}]},
    {"arn":"arn:aws:health:us-west-2::event/BEDROCK/T/ENDED","service":"bedrock-us-west-2","status":"1","end_time":"1795000001"},
    {"arn":"arn:aws:health:global::event/S3/T/OTHER","service":"s3-us-west-2","status":"1"},
    7
]"#;

fn reading(mapping: &Mapping, bytes: &[u8], content_type: &str) -> Result<Reading, Failure> {
    let context = Context {
        provider: &ProviderId::from("bedrock"),
        region: &Region::unstated(),
        stages: &StageWords::default(),
        complete: true,
        settled: &Settled::new(),
        item: "",
    };
    let body = Body {
        bytes,
        content_type: Some(content_type),
    };
    read(mapping, &body, &context)
}

fn shown(mapping: &Mapping, text: &str) -> String {
    let reading = match reading(mapping, text.as_bytes(), "application/json") {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let id = entry.subject.native_id.as_str();
        let name = id.rsplit('/').next().unwrap_or("");
        if let Content::Stated { claims, .. } = &entry.content {
            let claims = claims
                .iter()
                .map(|claim| format!("{}={}", claim.attribute, claim.value));
            let claims = claims.collect::<Vec<_>>().join("; ");
            lines.push(format!("{name} {}: {claims}", entry.subject.region));
        }
    }
    lines.sort();
    lines.extend(
        reading
            .unexpected
            .iter()
            .map(|note| format!("? {}: {}", note.place, note.found)),
    );
    lines.join("\n")
}

fn bedrock() -> Mapping {
    Mapping {
        services: vec!["bedrock".to_string()],
        regions: vec!["eu-west-2".to_string()],
    }
}

#[test]
fn open_events_that_matter_are_incidents_with_their_latest_word() {
    insta::assert_snapshot!(shown(&bedrock(), EVENTS), @"
    AWS_BEDROCK_OPERATIONAL_ISSUE_AB_1 us-east-1: name=Increased error rates; date.launch=2026-11-18T11:06:40Z; status=open; impact=minor; text=We have found the cause.; topics=Amazon Bedrock
    X_2 me-south-1: name=Power; date.launch=2026-11-18T11:06:40Z; status=open; impact=major; topics=Amazon Bedrock, Multiple services
    X_4 eu-west-2: name=Network; status=open
    bedrock-eu-central-1 1795000000123 eu-central-1: name=No arn; date.launch=2026-11-18T11:06:40.123Z; status=open; impact=major
    ? arn: neither
    ? status: '9' at arn:aws:health:eu-west-2::event/MULTIPLE_SERVICES/AWS_MULTIPLE_SERVICES_OPERATI…
    ? the list: a number
    ");
}

#[test]
fn events_that_are_over_end_when_the_dashboard_says_so() {
    let reading = reading(&bedrock(), EVENTS.as_bytes(), "application/json").expect("a reading");
    let ended = |region: &str, event: &str| {
        let id = format!("arn:aws:health:{region}::event/{event}");
        let subject = Subject {
            region: Region::new(region),
            ..Subject::of_kind(SubjectKind::Incident, "bedrock", id)
        };
        let end = reading.ended.get(&subject.key());
        end.map(|end| end.as_second())
    };
    let of_many = "MULTIPLE_SERVICES/AWS_MULTIPLE_SERVICES_OPERATIONAL_ISSUE/X_5";
    assert_eq!(ended("eu-west-3", of_many), Some(1_795_000_200));
    assert_eq!(ended("us-west-2", "BEDROCK/T/OVER"), Some(1_795_000_400));
    assert_eq!(ended("us-west-2", "BEDROCK/T/ENDED"), Some(1_795_000_001));
    assert_eq!(reading.ended.len(), 3);
}

#[test]
fn calm_is_a_reading_and_another_body_is_none() {
    assert_eq!(shown(&bedrock(), "[]"), "");
    assert_eq!(
        shown(&bedrock(), r#"{"message":"Forbidden"}"#),
        "expected a list of events, found an object with message"
    );
    assert!(shown(&bedrock(), "<html>").starts_with("expected JSON"));
    assert_eq!(shown(&Mapping::default(), EVENTS).lines().count(), 9);
}

#[test]
fn it_is_read_in_the_encoding_it_is_sent_in() {
    let wide: Vec<u8> = std::iter::once(0xFEFF)
        .chain(EVENTS.encode_utf16())
        .flat_map(u16::to_be_bytes)
        .collect();
    let reading = reading(&bedrock(), &wide, "application/json;charset=utf-16").expect("a reading");
    assert_eq!(reading.entries.len(), 4);
}

proptest::proptest! {
    #[test]
    fn any_order_is_one_reading_and_mutated_bodies_do_not_panic(turn in 0usize..11, at in 0usize..4_000, with in "\\PC{0,3}") {
        let events: Vec<Json> = serde_json::from_str(EVENTS).expect("JSON");
        let mut turned = events.clone();
        turned.rotate_left(turn % events.len());
        let text = |events: &[Json]| serde_json::to_string(events).expect("JSON");
        proptest::prop_assert_eq!(shown(&bedrock(), &text(&turned)), shown(&bedrock(), &text(&events)));
        let mut text = EVENTS.to_string();
        text.insert_str(text.floor_char_boundary(at % EVENTS.len()), &with);
        let _ = shown(&bedrock(), &text);
    }
}
