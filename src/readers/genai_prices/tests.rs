use jiff::Timestamp;

use super::*;
use crate::market::{Content, Region, Settled};
use crate::readers::convert::StageWords;

const REGISTRY: &str = r#"[
    {"id":"acme","name":"Acme","api_pattern":"x","models":[
        {"id":"plain","name":"Plain","match":{"equals":"plain"},"context_window":200000,"deprecated":true,
         "prices":{"input_mtok":8,"output_mtok":24.5,"requests_kcount":12,"cache_read_mtok":null}},
        {"id":"banded","match":{"starts_with":"banded"},
         "prices":{"input_mtok":{"base":5,"tiers":[{"start":272000,"price":10}]},"output_mtok":30,"input_bushels":1,"cache_read_mtok":"free"}},
        {"id":"dated","match":{"equals":"dated"},"prices":[
            {"prices":{"input_mtok":5,"cache_read_mtok":0.5}},
            {"constraint":{"start_date":"2026-03-13"},"prices":{"input_mtok":4}},
            {"constraint":{"start_date":"2026-09-15"},"prices":{"input_mtok":3,"output_mtok":9}}]},
        {"id":"hourly","match":{"equals":"hourly"},"prices":[
            {"prices":{"input_mtok":0.135}},
            {"constraint":{"start_time":"00:30:00Z","end_time":"16:30:00Z"},"prices":{"input_mtok":0.27}},
            {"constraint":{"weekday":1},"prices":{"input_mtok":0.1}}]},
        {"name":"nameless"}]},
    {"id":"other","models":[{"id":"x","prices":{"input_mtok":1}}]}]"#;

fn reading(text: &str) -> Result<Reading, Failure> {
    let mapping = Mapping {
        providers: [("acme".to_string(), ProviderId::from("acme"))].into(),
    };
    let context = Context {
        provider: &ProviderId::from("genai-prices"),
        region: &Region::unstated(),
        stages: &StageWords::default(),
        item: "",
        complete: true,
        settled: &Settled::new(),
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: None,
    };
    read(&mapping, &body, &context)
}

fn shown(text: &str, at: &str) -> String {
    let mut reading = match reading(text) {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    let at: Timestamp = at.parse().expect("a time");
    reading.as_of(at);
    let mut lines: Vec<String> = Vec::new();
    for entry in &reading.entries {
        if let Content::Stated { claims, .. } = &entry.content {
            let claims: Vec<String> = claims
                .iter()
                .map(|c| format!("{}={}", c.attribute, c.value))
                .collect();
            lines.push(format!(
                "{}: {}",
                entry.subject.native_id,
                claims.join("; ")
            ));
        }
    }
    lines.sort();
    let notes = reading.unexpected.iter();
    lines.extend(notes.map(|note| {
        format!(
            "? {}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    }));
    lines.join("\n")
}

#[test]
fn prices_are_those_of_the_moment_and_those_announced() {
    insta::assert_snapshot!(shown(REGISTRY, "2026-06-01T00:00:00Z"), @r#"
    banded: price.input=$5 / 1M tokens; price.input.over_272000=$10 / 1M tokens; price.output=$30 / 1M tokens
    dated: price.input=$4 / 1M tokens; price.input.from_2026-09-15=$3 / 1M tokens; price.output.from_2026-09-15=$9 / 1M tokens
    hourly: price.input=$0.135 / 1M tokens; price.input.utc_0030_1630=$0.27 / 1M tokens
    plain: stage=deprecated; name=Plain; price.input=$8 / 1M tokens; price.output=$24.5 / 1M tokens; price.requests=$12 / thousand_requests; limit.context=200000
    ? cache_read_mtok: expected a price, found "free" at banded
    ? input_bushels: expected a price that is understood, found 1 at banded
    ? models[].id: expected a text, found none at acme
    ? prices[].constraint: expected a start date or hours, found {"weekday":1} at hourly
    "#);
    let dated = |at: &str| {
        shown(REGISTRY, at)
            .lines()
            .find(|l| l.starts_with("dated"))
            .map(str::to_string)
    };
    insta::assert_snapshot!(dated("2026-03-12T23:59:59Z").unwrap_or_default(), @"dated: price.cache_read=$0.5 / 1M tokens; price.input=$5 / 1M tokens; price.input.from_2026-03-13=$4 / 1M tokens; price.input.from_2026-09-15=$3 / 1M tokens; price.output.from_2026-09-15=$9 / 1M tokens");
    insta::assert_snapshot!(dated("2026-09-15T00:00:00Z").unwrap_or_default(), @"dated: price.input=$3 / 1M tokens; price.output=$9 / 1M tokens");
}

#[test]
fn other_bodies_are_unreadable() {
    for (text, expected) in [
        (
            "{}",
            "expected a list of providers with models, found an empty object",
        ),
        (
            "[]",
            "expected a list of providers with models, found a list of 0",
        ),
        (
            r#"[{"id":"acme"}]"#,
            "expected a list of providers with models, found a list of 1",
        ),
    ] {
        assert_eq!(shown(text, "2026-06-01T00:00:00Z"), expected);
    }
}

proptest::proptest! {
    #[test]
    fn any_order_is_one_reading_and_mutations_never_panic(at in 0usize..2_000, with in "\\PC{0,3}", shift in 0usize..4) {
        let json: Json = serde_json::from_str(REGISTRY).expect("JSON");
        let mut turned = json.clone();
        turned.as_array_mut().expect("a list").reverse();
        turned[1]["models"].as_array_mut().expect("a list").rotate_left(shift);
        let now = "2026-06-01T00:00:00Z";
        proptest::prop_assert_eq!(shown(&turned.to_string(), now), shown(REGISTRY, now));
        let mut text = REGISTRY.to_string();
        let at = text.floor_char_boundary(at % text.len());
        text.insert_str(at, &with);
        let _ = shown(&text, now);
    }
}
