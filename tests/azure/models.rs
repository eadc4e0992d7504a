//! The list of models by location: what its answers look like.

use bellwether::daemon::pipeline::Taken;
use bellwether::daemon::reading::{PAGES, Target, pages_in, read_body};
use bellwether::market::{Failure, Settled};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::ledger::{Ledger, at, hour, lines, probe, read, shown};

/// One row, as the kind of account `kind` sees it.
pub fn row(kind: &str, name: &str, version: &str, stage: &str, ends: &str, skus: &[Json]) -> Json {
    json!({
        "kind": kind, "skuName": "S0", "model": {
            "format": "OpenAI", "name": name, "version": version, "isDefaultVersion": true, "maxCapacity": 3, "skus": skus,
            "capabilities": { "chatCompletion": "true", "assistants": "false", "area": "US", "_H_Nexus-Internal-AuthType": "Identity" },
            "deprecation": { "inference": format!("{ends}T00:00:00Z"), "fineTune": format!("{ends}T00:00:00Z") },
            "lifecycleStatus": stage,
            "systemData": { "createdBy": "Microsoft", "createdAt": "2025-01-01T00:00:00.000Z", "lastModifiedAt": "2026-01-01T00:00:00Z" },
        },
    })
}

pub fn sku(name: &str, ends: &str) -> Json {
    json!({ "name": name, "usageName": format!("OpenAI.{name}.pool"), "deprecationDate": format!("{ends}T00:00:00.000Z"),
            "capacity": { "maximum": 1000, "default": 10 }, "cost": [], "rateLimits": [{ "renewalPeriod": 60, "count": 1000 }] })
}

/// Each model twice, as the interface lists them.
pub fn twice(rows: &[(&str, &str, &str, &str)]) -> Vec<Json> {
    rows.iter()
        .flat_map(|(name, version, stage, ends)| {
            ["OpenAI", "AIServices"].map(|kind| {
                row(
                    kind,
                    name,
                    version,
                    stage,
                    ends,
                    &[sku("GlobalStandard", ends)],
                )
            })
        })
        .collect()
}

pub fn answer(rows: &[Json]) -> String {
    json!({ "value": rows, "nextLink": null }).to_string()
}

/// Eight models that stay as they are, so that shares of a whole mean something.
pub fn others() -> Vec<Json> {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let all: Vec<(&str, &str, &str, &str)> = names
        .iter()
        .map(|name| (*name, "1", "GenerallyAvailable", "2028-01-01"))
        .collect();
    twice(&all)
}

pub fn with_others(rows: &[(&str, &str, &str, &str)]) -> String {
    let mut all = others();
    all.extend(twice(rows));
    answer(&all)
}

/// The changes that a second body makes after a first one, each seen twice with a day between.
pub fn changes(first: &str, second: &str) -> Vec<String> {
    let mut ledger = Ledger::new("azure.models");
    let eastus2 = at("eastus2");
    for (hours, body) in [(0, first), (25, first), (50, second), (75, second)] {
        let taken = ledger.take(&eastus2, hour(hours), body);
        assert!(!matches!(taken, Taken::Failed(_)), "{taken:?}");
    }
    lines(&ledger.changes())
}

#[test]
fn a_row_is_an_offering_for_each_deployment_type() {
    let mut model = row(
        "AIServices",
        "gpt-4o-mini",
        "2024-07-18",
        "Deprecating",
        "2027-04-14",
        &[
            sku("Standard", "2026-03-31"),
            sku("GlobalStandard", "2027-04-14"),
            json!({ "name": "GlobalStandard", "usageName": "OpenAI.GlobalStandard.gpt-4o-mini-finetune",
                    "deprecationDate": "2028-04-13T00:00:00.000Z" }),
            json!({ "name": "GlobalBatch", "usageName": "OpenAI.GlobalBatch.gpt4o-mini" }),
        ],
    );
    model["model"]["capabilities"] = json!({ "chatCompletion": "true", "maxContextToken": "128000", "maxOutputToken": "16384",
        "priorityTierSkus": "GlobalStandard,DataZoneStandard", "models": "[{\"name\":\"x\"}]", "FineTuneTokensMaxValue": "1" });
    model["model"]["replacementConfig"] = json!({ "targetModelName": "gpt-4.1-mini", "targetModelVersion": "2025-04-14", "upgradeOnExpiryLeadTimeDays": 23 });
    let probe = probe("azure.models");
    let reading = read(&probe, &at("eastus2"), &answer(&[model.clone()])).expect("a reading");
    insta::assert_snapshot!(shown(&reading).join("\n"), @"
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: capability.chatcompletion = yes
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: capability.priority_tier = DataZoneStandard, GlobalStandard
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: date.launch = 2025-01-01
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: date.retires = 2027-04-14
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: interface = stateless
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: limit.context = 128000
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: limit.output = 16384
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: replacement = gpt-4.1-mini@2025-04-14
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: stage = deprecated
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: capability.chatcompletion = yes
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: capability.priority_tier = DataZoneStandard, GlobalStandard
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: date.launch = 2025-01-01
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: date.retires = 2028-04-13
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: interface = stateless
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: limit.context = 128000
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: limit.output = 16384
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: replacement = gpt-4.1-mini@2025-04-14
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: stage = deprecated
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: capability.chatcompletion = yes
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: capability.priority_tier = DataZoneStandard, GlobalStandard
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: date.launch = 2025-01-01
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: date.retires = 2027-04-14
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: interface = stateless
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: limit.context = 128000
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: limit.output = 16384
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: replacement = gpt-4.1-mini@2025-04-14
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: stage = deprecated
    gpt-4o-mini@2024-07-18 eastus2 Standard: capability.chatcompletion = yes
    gpt-4o-mini@2024-07-18 eastus2 Standard: capability.priority_tier = DataZoneStandard, GlobalStandard
    gpt-4o-mini@2024-07-18 eastus2 Standard: date.launch = 2025-01-01
    gpt-4o-mini@2024-07-18 eastus2 Standard: date.retires = 2026-03-31
    gpt-4o-mini@2024-07-18 eastus2 Standard: interface = stateless
    gpt-4o-mini@2024-07-18 eastus2 Standard: limit.context = 128000
    gpt-4o-mini@2024-07-18 eastus2 Standard: limit.output = 16384
    gpt-4o-mini@2024-07-18 eastus2 Standard: replacement = gpt-4.1-mini@2025-04-14
    gpt-4o-mini@2024-07-18 eastus2 Standard: stage = deprecated
    ");
    // the command line answers the bare list
    let bare = read(&probe, &at("eastus2"), &json!([model]).to_string()).expect("a reading");
    assert_eq!(shown(&bare), shown(&reading));
}

#[test]
fn an_empty_answer_is_a_failure_and_no_removal() {
    let body = with_others(&[]);
    let mut ledger = Ledger::new("azure.models");
    ledger.take(&at("qatarcentral"), hour(0), &body);
    for (hours, empty) in [(24, "[]"), (48, r#"{"value":[]}"#), (72, "[]"), (96, "[]")] {
        let taken = ledger.take(&at("qatarcentral"), hour(hours), empty);
        assert!(
            matches!(taken, Taken::Failed(Failure::TooFewItems { .. })),
            "{taken:?}"
        );
    }
    ledger.take(&at("qatarcentral"), hour(120), &body);
    let kinds: Vec<String> = lines(&ledger.changes())
        .iter()
        .map(|line| line.split(' ').next().unwrap_or("").to_string())
        .collect();
    assert_eq!(kinds, ["probe_broken", "probe_recovered"]);
    let refused = r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#;
    let taken = ledger.take(&at("qatarcentral"), hour(144), refused);
    assert!(
        matches!(taken, Taken::Failed(Failure::Unreadable { .. })),
        "{taken:?}"
    );
}

#[test]
fn a_row_that_loses_its_twin_is_no_change() {
    let rows = twice(&[("m", "1", "Preview", "2028-01-01")]);
    let both = answer(&[others(), rows.clone()].concat());
    for left in &rows {
        let one = answer(&[others(), vec![left.clone()]].concat());
        assert_eq!(changes(&both, &one), Vec::<String>::new());
        assert_eq!(changes(&one, &both), Vec::<String>::new());
    }
    // where twins differ, the wider kind of account is right
    let mut other = rows.clone();
    other[0]["model"]["lifecycleStatus"] = json!("Legacy");
    other[0]["model"]["deprecation"]["deprecationStatus"] = json!("Tentative");
    assert_eq!(
        changes(&both, &answer(&[others(), other].concat())),
        Vec::<String>::new()
    );
}

#[test]
fn a_tentative_date_is_a_floor() {
    let body = |status: &str| {
        let mut rows = twice(&[("m", "1", "GenerallyAvailable", "2027-01-01")]);
        for row in &mut rows {
            row["model"]["deprecation"]["deprecationStatus"] = json!(status);
        }
        answer(&[others(), rows].concat())
    };
    assert_eq!(
        changes(&body("Tentative"), &body("Planned")),
        ["date_changed m@1 GlobalStandard: date.retires not before 2027-01-01 -> 2027-01-01"]
    );
}

fn any_model() -> impl Strategy<Value = Json> {
    let stage = prop::sample::select(vec!["Preview", "Stable", "Legacy", "Deprecated", "?"]);
    let ends = prop::sample::select(vec!["2027-01-01", "2099-12-31", "2026-01-01", "soon"]);
    let name = prop::sample::select(vec!["a", "b", "c"]);
    let kind = prop::sample::select(vec!["OpenAI", "AIServices", "MaaS"]);
    let skus = prop::collection::vec(
        prop::sample::select(vec!["Standard", "GlobalStandard"]),
        0..3,
    );
    (kind, name, stage, ends, skus).prop_map(|(kind, name, stage, ends, skus)| {
        let skus: Vec<Json> = skus.iter().map(|name| sku(name, ends)).collect();
        row(kind, name, "1", stage, ends, &skus)
    })
}

proptest! {
    #[test]
    fn any_order_of_rows_is_one_reading(rows in prop::collection::vec(any_model(), 1..8), by in 0usize..8) {
        let probe = probe("azure.models");
        let first = read(&probe, &at("x"), &answer(&rows)).expect("a reading");
        let mut turned = rows.clone();
        turned.reverse();
        turned.rotate_left(by % rows.len());
        let second = read(&probe, &at("x"), &answer(&turned)).expect("a reading");
        prop_assert_eq!(shown(&first), shown(&second));
    }

    #[test]
    fn mutated_bodies_are_read_without_panic(cut in 0usize..4_000, with in "\\PC{0,8}") {
        let body = with_others(&[("m", "1", "Preview", "2028-01-01")]);
        let place = body.floor_char_boundary(cut % body.len());
        let mutated = format!("{}{with}{}", &body[..place], &body[place..]);
        let _ = read(&probe("azure.models"), &at("x"), &mutated);
        let _ = read(&probe("azure.models"), &at("x"), &body[..place]);
    }
}

#[test]
fn pages_are_one_answer_and_twins_may_stand_on_two_of_them() {
    let rows = twice(&[("m", "1", "Preview", "2028-01-01")]);
    let mut worse = rows[0].clone();
    worse["model"]["lifecycleStatus"] = json!("Legacy");
    let pages =
        json!([{ "value": [worse], "nextLink": "https://x" }, { "value": [rows[1]] }]).to_string();
    let probe = probe("azure.models");
    let eastus2 = at("eastus2");
    let target = Target::new(&probe, &eastus2);
    assert_eq!(pages_in(&target, pages.as_bytes()), Some(PAGES));
    let bare = json!(rows).to_string();
    assert_eq!(pages_in(&target, bare.as_bytes()), None);
    assert_eq!(pages_in(&target, b"[]"), None);
    let both = read_body(&target, pages.as_bytes(), Some(PAGES), &Settled::new()).expect("pages");
    let one = read(&probe, &eastus2, &bare).expect("a reading");
    let stages = |lines: Vec<String>| {
        lines
            .into_iter()
            .filter(|line| !line.starts_with('?'))
            .collect::<Vec<_>>()
    };
    assert_eq!(stages(shown(&both)), stages(shown(&one)));
}
