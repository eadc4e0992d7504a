use super::*;
use crate::market::{Content, ProviderId, Region, Settled};
use crate::readers::convert::StageWords;

const LIST: &str = r#"[
    {"id":"Qw12","number":"1","begin":"2026-11-20T10:00:00+00:00","created":"2026-11-20T10:20:00+00:00","modified":"2026-11-20T10:40:00+00:00",
     "external_desc":"Elevated error rates for Gemini on Agent Platform","updates":[{"text":"old"}],
     "most_recent_update":{"created":"2026-11-20T10:40:00+00:00","when":"2026-11-20T10:40:00+00:00","text":"**We** look\ninto it.","status":"SERVICE_DISRUPTION","affected_locations":[]},
     "status_impact":"SERVICE_DISRUPTION","severity":"medium","service_key":"Z0FZJAMvEB4j3NbCJs6B","service_name":"Gemini on Agent Platform",
     "affected_products":[{"title":"Gemini on Agent Platform","id":"Z0FZJAMvEB4j3NbCJs6B"}],"uri":"incidents/Qw12",
     "currently_affected_locations":[{"title":"Global","id":"global"},{"title":"Iowa (us-central1)","id":"us-central1"}],"previously_affected_locations":[]},
    {"id":"Er34","begin":"2026-11-19T10:00:00+00:00","end":"","external_desc":"Several products","most_recent_update":{"text":"","status":"AVAILABLE"},
     "status_impact":"SERVICE_PANIC","service_key":"multi","service_name":"Multiple Products",
     "affected_products":[{"title":"Cloud Run","id":"r"},{"title":"Vertex AI Online Prediction","id":"v"}],"uri":"https://status.cloud.google.com/incidents/Er34"},
    {"id":"Ty56","begin":"noon","end":null,"external_desc":"Storage","status_impact":"SERVICE_OUTAGE","affected_products":[{"title":"Cloud Storage","id":"s"}]},
    {"id":"Ui78","begin":"2026-11-01T10:00:00+00:00","end":"2026-11-01T12:00:00+00:00","external_desc":"Over","status_impact":"SERVICE_OUTAGE",
     "affected_products":[{"title":"Gemini on Agent Platform","id":"Z0FZJAMvEB4j3NbCJs6B"}]},
    {"number":"no id"}]"#;

fn shown(products: &[&str], text: &str) -> String {
    let context = Context {
        provider: &ProviderId::from("acme"),
        region: &Region::unstated(),
        item: "",
        stages: &StageWords::default(),
        complete: true,
        settled: &Settled::new(),
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: Some("application/json"),
    };
    let mapping = Mapping {
        products: products.iter().map(ToString::to_string).collect(),
    };
    let reading = match read(&mapping, &body, &context) {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    assert!(reading.complete);
    let mut lines = Vec::new();
    for entry in &reading.entries {
        if let Content::Stated { claims, .. } = &entry.content {
            let shown = claims
                .iter()
                .map(|claim| format!("{}={}", claim.attribute, claim.value));
            let shown: Vec<String> = shown.collect();
            lines.push(format!("{}: {}", entry.subject.native_id, shown.join("; ")));
        }
    }
    lines.extend(ended(&reading));
    lines.sort();
    lines.extend(reading.unexpected.iter().map(|note| {
        format!(
            "? {}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    }));
    lines.join("\n")
}

/// Which incidents of the list are over, and since when.
fn ended(reading: &Reading) -> Vec<String> {
    let known = ["Qw12", "Er34", "Ty56", "Ui78"].into_iter();
    known
        .filter_map(|id| {
            let subject = Subject::of_kind(SubjectKind::Incident, "acme", id);
            let end = reading.ended.get(&subject.key())?;
            Some(format!("{id}: ended {end}"))
        })
        .collect()
}

#[test]
fn open_incidents_of_the_wanted_products_are_read() {
    let wanted = ["Z0FZJAMvEB4j3NbCJs6B", "Vertex AI Online Prediction"];
    insta::assert_snapshot!(shown(&wanted, LIST), @"
    Er34: name=Several products; date.launch=2026-11-19T10:00:00Z; status=AVAILABLE; impact=SERVICE_PANIC; link=https://status.cloud.google.com/incidents/Er34; topics=Cloud Run, Vertex AI Online Prediction
    Qw12: name=Elevated error rates for Gemini on Agent Platform; date.launch=2026-11-20T10:00:00Z; status=SERVICE_DISRUPTION; impact=SERVICE_DISRUPTION; text=**We** look into it.; link=https://status.cloud.google.com/incidents/Qw12; topics=Gemini on Agent Platform, global, us-central1
    Ui78: ended 2026-11-01T12:00:00Z
    ? an incident: expected the fields of an incident, found missing field `id` at line 1 column 18
    ? status_impact: expected SERVICE_INFORMATION, SERVICE_DISRUPTION, SERVICE_OUTAGE, found 'SERVICE_PANIC' at Er34
    ");
    let all = shown(&[], LIST);
    assert_eq!(all.lines().filter(|line| !line.starts_with('?')).count(), 4);
    assert!(all.contains("? begin: expected an RFC 3339 time, found 'noon' at Ty56"));
}

#[test]
fn a_calm_list_is_a_reading_and_an_error_is_none() {
    assert_eq!(shown(&[], "[]"), "");
    let no_list = shown(&[], r#"{"error":{"code":403}}"#);
    assert!(no_list.starts_with("expected JSON"), "{no_list}");
    assert_eq!(
        shown(&[], "[1,2]"),
        "expected a list of incidents with ids, found a list of 2, none of them one"
    );
}

proptest::proptest! {
    #[test]
    fn mutated_lists_are_read_without_panic(at in 0usize..3_000, with in "\\PC{0,3}") {
        let mut text = LIST.to_string();
        let at = text.floor_char_boundary(at % text.len());
        text.insert_str(at, &with);
        if let Ok(json) = serde_json::from_str::<serde_json::Value>(&text)
            && json.is_array()
        {
            let _ = shown(&[], &text);
        }
    }

    #[test]
    fn incidents_in_any_order_are_one_reading(turn in 0usize..5) {
        let mut json: Vec<serde_json::Value> = serde_json::from_str(LIST).expect("JSON");
        json.rotate_left(turn);
        let turned = serde_json::Value::from(json).to_string();
        proptest::prop_assert_eq!(shown(&[], &turned), shown(&[], LIST));
    }
}
