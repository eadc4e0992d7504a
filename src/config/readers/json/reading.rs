//! What bodies say under declared mappings: the mapping language from end to end.

use super::mapping;
use crate::config::tree::walk;
use crate::market::{Content, Failure, ProviderId, Reading, Region, Settled, Stage};
use crate::readers::convert::StageWords;
use crate::readers::json::{Mapping, read};
use crate::readers::{Body, Context};

pub fn declared(text: &str) -> Mapping {
    walk("probe.toml", text, mapping).unwrap_or_else(|problems| panic!("{problems}"))
}

pub fn reading(mapping: &Mapping, text: &str) -> Result<Reading, Failure> {
    let stages = StageWords::new([
        ("Active".to_string(), Stage::Ga),
        ("Legacy".to_string(), Stage::Legacy),
    ]);
    let context = Context {
        provider: &ProviderId::from("acme"),
        region: &Region::from("*"),
        stages: &stages,
        item: "",
        complete: true,
        settled: &Settled::new(),
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: Some("application/json"),
    };
    read(mapping, &body, &context)
}

/// Every claim and note of a reading as sorted lines, or the failure.
pub fn shown(mapping: &Mapping, text: &str) -> String {
    let reading = match reading(mapping, text) {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let subject = &entry.subject;
        let deployment = subject.deployment.as_deref().unwrap_or("-");
        let name = format!(
            "{} {} {} {deployment}",
            subject.provider, subject.native_id, subject.region
        );
        let Content::Stated { claims, .. } = &entry.content else {
            continue;
        };
        if claims.is_empty() {
            lines.push(format!("{name}:"));
        }
        for claim in claims {
            lines.push(format!("{name}: {} = {}", claim.attribute, claim.value));
        }
    }
    lines.sort();
    lines.extend(reading.unexpected.iter().map(|note| {
        format!(
            "? {}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    }));
    lines.join("\n")
}

pub const CATALOGUE: &str = r#"
    items = ["value[]", "[]"]
    each = [{ name = "sku", path = "model.skus[]", optional = true }]
    native_id = "{model.name}@{model.version}"
    deployment = "sku.name"
    skip = [{ path = "kind", is = "Trial" }]
    [[attribute]]
    attribute = "date.retires"
    path = ["sku.ends", "model.ends"]
    [[attribute]]
    attribute = "stage"
    path = "model.stage"
    required = true
    [[attribute]]
    attribute = "capability.{key}"
    path = "model.can{}"
    [[attribute]]
    attribute = "modality.input"
    path = "model.in"
    words = { TEXT = "text" }
"#;

#[test]
fn inner_lists_make_rows_and_twins_merge() {
    let model = r#"{"name":"m","version":"1","stage":"Active","ends":"2027-01-01","can":{"chat":true,"Fine Tune":"false"},
        "in":["TEXT","image"],"skus":[{"name":"Standard","ends":"2026-12-01"},{"name":"Batch"}]}"#;
    let text = format!(
        r#"[{{"kind":"OpenAI","model":{model}}},{{"kind":"AIServices","model":{model}}},{{"kind":"Trial","model":{model}}},
            {{"kind":"x","model":{{"name":"plain","version":2,"skus":[]}}}}]"#
    );
    let mapping = declared(CATALOGUE);
    insta::assert_snapshot!(shown(&mapping, &text), @"
    acme m@1 * Batch: capability.chat = yes
    acme m@1 * Batch: capability.fine_tune = no
    acme m@1 * Batch: date.retires = 2027-01-01
    acme m@1 * Batch: modality.input = image, text
    acme m@1 * Batch: stage = ga
    acme m@1 * Standard: capability.chat = yes
    acme m@1 * Standard: capability.fine_tune = no
    acme m@1 * Standard: date.retires = 2026-12-01
    acme m@1 * Standard: modality.input = image, text
    acme m@1 * Standard: stage = ga
    acme plain@2 * -:
    ? model.stage: expected stage, found nothing at plain@2
    ");
    assert_eq!(
        shown(&mapping, &format!(r#"{{"value":{text}}}"#)),
        shown(&mapping, &text)
    );
}

#[test]
fn what_has_another_shape_is_noted_and_not_guessed() {
    let mapping = declared(
        r#"
        items = "data[]"
        native_id = "id"
        [[attribute]]
        attribute = "stage"
        path = "lifecycle"
        [[attribute]]
        attribute = "limit.context"
        path = "limits.context"
        [[attribute]]
        attribute = "name"
        path = "names[]"
        [[attribute]]
        attribute = "price.input"
        path = "price"
        times = "1000000"
        "#,
    );
    insta::assert_snapshot!(shown(&mapping, r#"{"data":[
        {"id":"a","lifecycle":"sunset","limits":7,"names":["A"],"price":1.1e-6},
        {"id":"b","lifecycle":"sunset","limits":{"context":"many"},"names":["A","B"],"price":"0.0000025"},
        {"id":"c","lifecycle":null,"limits":{"context":131072.0},"price":{"usd":1}},
        {"id":null},
        {"id":["x"]}
    ]}"#), @"
    acme a * -: name = A
    acme a * -: price.input = $1.1 / 1M tokens
    acme b * -: price.input = $2.5 / 1M tokens
    acme c * -: limit.context = 131072
    ? id: expected a native id, found an object with id (2 times)
    ? lifecycle: expected a stage word (active, legacy), found 'sunset' at a and 1 more
    ? limits.context: expected a number such as 128,000 or 1M, found 'many' at b
    ? limits.context: expected the declared fields, found a number at a
    ? names[]: expected one value, found 2 different ones at b
    ? price: expected a plain value, found an object at c
    ");
}

#[test]
fn bodies_of_another_shape_are_unreadable() {
    let list = declared("items = 'data[]'\nnative_id = 'id'");
    let object = declared("items = '{}'\nnative_id = 'id'");
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for (mapping, text, expected) in [
        (&list, r#"{"data":[]}"#, ""),
        (
            &list,
            r#"{"error":{"message":"no"},"request_id":"r"}"#,
            "expected items at data[], found an object with error, request_id",
        ),
        (
            &list,
            r#"{"data":{"id":"a"}}"#,
            "expected items at data[], found an object with data",
        ),
        (
            &list,
            r#"{"data":null}"#,
            "expected items at data[], found an object with data",
        ),
        (
            &list,
            r#"{"data":["a",{"name":"b"}]}"#,
            "expected items with a native id at id, found 2 items, none with one, in an object with data",
        ),
        (
            &object,
            r#"{"error":{"message":"no"}}"#,
            "expected items with a native id at id, found 1 items, none with one, in an object with error",
        ),
        (&list, "[]", "expected items at data[], found a list of 0"),
        (
            &list,
            "<html>",
            "expected JSON, found expected value at line 1 column 1, in a body that begins '<html>'",
        ),
        (
            &list,
            "",
            "expected JSON, found EOF while parsing a value at line 1 column 0, in a body that begins ''",
        ),
    ] {
        assert_eq!(shown(mapping, text), expected, "{text}");
    }
    assert!(shown(&list, &deep).contains("recursion limit"));
}

#[test]
fn registries_speak_of_other_providers() {
    let mapping = declared(
        r#"
        kind = "offering"
        items = "{}"
        each = [{ name = "model", path = "models{}" }]
        provider = "@key"
        providers = { aws = "bedrock" }
        native_id = "model.@key"
        region = "model.region"
        deployment = "=on-demand"
        only = [{ path = "model.type", is = ["chat"] }]
        [[attribute]]
        attribute = "stage"
        value = "deprecated"
        when = [{ path = "model.end", present = true }]
        [[attribute]]
        attribute = "stage"
        value = "ga"
        when = [{ path = "model.end", present = false }]
        "#,
    );
    insta::assert_snapshot!(shown(&mapping, r#"{
        "aws": {"models": {"a": {"type":"chat","region":"us-east-1","end":"2026-01-01"}, "b": {"type":"chat"}, "c": {"type":"image"}}},
        "other": {"models": {"d": {"type":"chat","region":"x"}}}
    }"#), @"
    bedrock a us-east-1 on-demand: stage = deprecated
    bedrock b * on-demand: stage = ga
    ? model.region: expected a region, found nothing at b
    ");
}

#[test]
fn aliases_are_left_out_and_ids_rewritten() {
    let mapping = declared(
        r#"
        items = "data[]"
        native_id = "id"
        rewrite = [{ from = "publishers/acme/models/", to = "" }, { from = "publishers/", to = "" }, { from = "/models/", to = "/" }]
        skip = [{ path = "aliases[]", same_as = "name" }, { path = "end", present = true }]
        [[attribute]]
        attribute = "name"
        path = "name"
        [[attribute]]
        attribute = "date.retires"
        path = "dedicated"
        deployment = "dedicated"
        "#,
    );
    insta::assert_snapshot!(shown(&mapping, r#"{"data":[
        {"id":"publishers/acme/models/m-1","name":"m-1","aliases":["m"],"end":""},
        {"id":"publishers/acme/models/m","name":"m-1","aliases":["m-1"],"end":null},
        {"id":"publishers/other/models/n","name":"n","aliases":[],"dedicated":"2027-01-01"},
        {"id":"publishers/acme/models/","aliases":[]},
        {"id":"gone","name":"gone","end":"2026-01-01"}
    ]}"#), @"
    acme m-1 * -: name = m-1
    acme other/n * -: name = n
    acme other/n * dedicated: date.retires = 2027-01-01
    acme publishers/acme/models/ * -:
    ");
}

#[test]
fn several_lists_are_one_where_all_are_asked_for() {
    let text = r#"{"open":[{"id":"a"}],"planned":[{"id":"b"}]}"#;
    let first = declared("items = ['open[]', 'planned[]']\nnative_id = 'id'");
    let every =
        declared("items = ['open[]', 'gone[]', 'planned[]']\nevery = true\nnative_id = 'id'");
    assert_eq!(shown(&first, text), "acme a * -:");
    assert_eq!(shown(&every, text), "acme a * -:\nacme b * -:");
    assert_eq!(
        shown(&every, r#"{"error":1}"#),
        "expected items at open[] or gone[] or planned[], found an object with error"
    );
}

proptest::proptest! {
    #[test]
    fn mutated_bodies_are_read_without_panic_and_any_order_is_one_reading(
        cut in 0usize..200, byte: u8, shift in 0usize..4
    ) {
        let rows = [
            r#"{"model":{"name":"a","version":"1","stage":"Active","skus":[{"name":"S"}]}}"#,
            r#"{"model":{"name":"a","version":"1","stage":"Legacy","skus":[{"name":"S"}]}}"#,
            r#"{"model":{"name":"b","version":"2","stage":"gone","can":{"x":true}}}"#,
            r#"{"model":{"name":null,"skus":7}}"#,
        ];
        let mut turned = rows;
        turned.rotate_left(shift);
        let mapping = declared(CATALOGUE);
        let body = |rows: [&str; 4]| format!("[{}]", rows.join(","));
        proptest::prop_assert_eq!(shown(&mapping, &body(rows)), shown(&mapping, &body(turned)));
        let mut bytes = body(rows).into_bytes();
        let at = cut % bytes.len();
        bytes[at] = byte;
        let _ = shown(&mapping, &String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn elements_that_are_skipped_make_no_row_and_terms_stand_for_others() {
    let mapping = declared(
        r#"
        items = "[]"
        each = [{ name = "type", path = "types[]", optional = true, skip = ["PROFILE"] }]
        native_id = "id"
        region = "in:{id before .}"
        deployment = "type"
        deployments = { ON_DEMAND = "on-demand" }
        [[attribute]]
        attribute = "capability.regions"
        path = "arns[]"
        as = "set"
        between = [":shop:", ":"]
        words = { here = "there" }
        [[attribute]]
        attribute = "limit.context"
        path = "size"
        between = ["(", ")"]
        "#,
    );
    insta::assert_snapshot!(shown(&mapping, r#"[
        {"id":"us.a.b","types":["ON_DEMAND","PROFILE","Other"],"arns":["arn:shop:here:1","arn:shop::2","arn:shop:b:3","arn"],"size":"(5k) tokens"},
        {"id":"x","types":["PROFILE"],"size":"6"},
        {"id":"y","types":[]}
    ]"#), @"
    acme us.a.b in:us Other: capability.regions = b, there
    acme us.a.b in:us Other: limit.context = 5000
    acme us.a.b in:us on-demand: capability.regions = b, there
    acme us.a.b in:us on-demand: limit.context = 5000
    acme x in:x -:
    acme y in:y -:
    ? arns[]: expected a text with ':shop:' and ':', found 'arn' at us.a.b and 1 more
    ? size: expected a text with '(' and ')', found '6' at x
    ");
}
