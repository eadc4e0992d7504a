//! Which rows of a body are read, and what of them: preferences, variants, words beside dates, and what is settled.

use super::reading::{CATALOGUE, declared, reading, shown};
use crate::market::{Content, ProviderId, Region, Settled, Stage};
use crate::readers::convert::StageWords;
use crate::readers::json::read;
use crate::readers::{Body, Context};

#[test]
fn the_preferred_of_twin_rows_is_read_and_variants_are_deployments_of_their_own() {
    let mapping = declared(
        r#"
        items = "[]"
        each = [{ name = "sku", path = "skus[]", optional = true }]
        native_id = "id"
        deployment = "sku.name"
        variants = [{ deployment = "{sku.name}-tuned", when = [{ path = "sku.pool", ends_with = ["-tuned"] }] }]
        prefer = [{ path = "kind", is = "best" }, { path = "kind", is = "good" }]
        [[attribute]]
        attribute = "stage"
        path = "stage"
        [[attribute]]
        attribute = "replacement"
        template = ["{next.name}@{next.best}", "next.name"]
        "#,
    );
    let row = |kind: &str, id: &str, stage: &str| {
        format!(
            r#"{{"kind":"{kind}","id":"{id}","stage":"{stage}","next":{{"name":"to-{id}","{kind}":"2"}},
                "skus":[{{"name":"S","pool":"x"}},{{"name":"S","pool":"x-tuned"}}]}}"#
        )
    };
    let all = [
        row("other", "a", "Legacy"),
        row("best", "a", "Active"),
        row("other", "b", "Legacy"),
        row("good", "b", "Active"),
        row("other", "c", "Legacy"),
    ];
    let text = format!("[{}]", all.join(","));
    let turned = format!("[{},{},{},{},{}]", all[4], all[3], all[2], all[1], all[0]);
    insta::assert_snapshot!(shown(&mapping, &text), @"
    acme a * S-tuned: replacement = to-a@2
    acme a * S-tuned: stage = ga
    acme a * S: replacement = to-a@2
    acme a * S: stage = ga
    acme b * S-tuned: replacement = to-b
    acme b * S-tuned: stage = ga
    acme b * S: replacement = to-b
    acme b * S: stage = ga
    acme c * S-tuned: replacement = to-c
    acme c * S-tuned: stage = legacy
    acme c * S: replacement = to-c
    acme c * S: stage = legacy
    ");
    assert_eq!(shown(&mapping, &turned), shown(&mapping, &text));
}

#[test]
fn a_word_of_the_row_says_whether_its_date_is_firm() {
    let mapping = declared(
        r#"
        items = "[]"
        native_id = "id"
        [[attribute]]
        attribute = "date.retires"
        path = "ends"
        none_from = "2099-01-01"
        certainty_of = { path = "plan", firm = ["Planned"], not_before = ["Tentative"] }
        "#,
    );
    insta::assert_snapshot!(shown(&mapping, r#"[
        {"id":"a","ends":"2027-01-01T00:00:00Z"},
        {"id":"b","ends":"2027-01-01","plan":"Planned"},
        {"id":"c","ends":"2027-01-01","plan":"Tentative"},
        {"id":"d","ends":"2027-01-01","plan":"Hoped"},
        {"id":"e","ends":"2099-12-31T00:00:00.000Z","plan":"Planned"}
    ]"#), @"
    acme a * -: date.retires = 2027-01-01
    acme b * -: date.retires = 2027-01-01
    acme c * -: date.retires = not before 2027-01-01
    acme d * -:
    acme e * -:
    ? plan: expected one of Planned, Tentative, found 'Hoped' at d
    ");
}

#[test]
fn keys_are_left_out_where_the_mapping_says_so() {
    let mapping = declared(
        r#"
        items = "[]"
        native_id = "id"
        [[attribute]]
        attribute = "capability.{key}"
        path = "can{}"
        except = ["area", "_H_*"]
        "#,
    );
    insta::assert_snapshot!(shown(&mapping, r#"[{"id":"a","can":{"chat":"true","area":"US","_H_x":"1.5","new":"7"}}]"#), @"
    acme a * -: capability.chat = yes
    ? can{}: expected yes or no, found '7' at a
    ");
}

#[test]
fn settled_items_are_not_read_again() {
    let mapping = declared(CATALOGUE);
    let model = |stage: &str| {
        format!(
            r#"{{"kind":"x","model":{{"name":"m","version":"1","stage":"{stage}","skus":[{{"name":"A"}},{{"name":"B"}}]}}}}"#
        )
    };
    let other = r#"{"model":{"name":"o","version":"1","stage":"Active"},"kind":"x"}"#;
    let first = reading(&mapping, &format!("[{},{other}]", model("Active"))).expect("a reading");
    let settled: Settled = first
        .entries
        .iter()
        .filter_map(|entry| match &entry.content {
            Content::Stated { fingerprint, .. } => Some((entry.key, (*fingerprint)?)),
            Content::Settled => None,
        })
        .collect();
    assert_eq!(settled.len(), 3);
    let again = |text: &str| {
        let context = Context {
            provider: &ProviderId::from("acme"),
            region: &Region::from("*"),
            stages: &StageWords::new([("Legacy".to_string(), Stage::Legacy)]),
            item: "",
            complete: true,
            settled: &settled,
        };
        let body = Body {
            bytes: text.as_bytes(),
            content_type: None,
        };
        let reading = read(&mapping, &body, &context).expect("a reading");
        let mut read_anew: Vec<String> = reading
            .entries
            .iter()
            .filter(|entry| entry.content != Content::Settled)
            .map(|entry| {
                let deployment = entry.subject.deployment.as_deref().unwrap_or("-");
                format!("{} {deployment}", entry.subject.native_id)
            })
            .collect();
        read_anew.sort();
        assert_eq!(reading.entries.len(), 3);
        read_anew
    };
    // neither blanks nor the order of items and fields count
    let same = r#"{ "kind": "x", "model": {"stage": "Active", "version": "1", "name": "o"} }"#;
    assert_eq!(
        again(&format!("[{same},{}]", model("Active"))),
        Vec::<String>::new()
    );
    assert_eq!(
        again(&format!("[{},{other}]", model("Legacy"))),
        ["m@1 A", "m@1 B"]
    );
    // an item that stands twice with different contents is read whole
    assert_eq!(
        again(&format!(
            "[{},{},{other}]",
            model("Active"),
            model("Active").replace("\"x\"", "\"y\"")
        )),
        ["m@1 A", "m@1 B"]
    );
}
