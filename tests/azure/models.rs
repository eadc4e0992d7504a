//! The list of models by location: what its answers look like, and the traps in them (facts: azure.md §2.3).

use bellwether::daemon::pipeline::{PAGES, Taken, Target, pages_in, read_body};
use bellwether::market::{Failure, Settled};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::ledger::{Ledger, at, hour, lines, notes, probe, read, shown};

/// One row, as the kind of account `kind` sees it.
fn row(kind: &str, name: &str, version: &str, stage: &str, ends: &str, skus: &[Json]) -> Json {
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

fn sku(name: &str, ends: &str) -> Json {
    json!({ "name": name, "usageName": format!("OpenAI.{name}.pool"), "deprecationDate": format!("{ends}T00:00:00.000Z"),
            "capacity": { "maximum": 1000, "default": 10 }, "cost": [], "rateLimits": [{ "renewalPeriod": 60, "count": 1000 }] })
}

/// Each model twice, as the interface lists them.
fn twice(rows: &[(&str, &str, &str, &str)]) -> Vec<Json> {
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

fn answer(rows: &[Json]) -> String {
    json!({ "value": rows, "nextLink": null }).to_string()
}

/// Eight models that stay as they are, so that shares of a whole mean something.
fn others() -> Vec<Json> {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let all: Vec<(&str, &str, &str, &str)> = names
        .iter()
        .map(|name| (*name, "1", "GenerallyAvailable", "2028-01-01"))
        .collect();
    twice(&all)
}

fn with_others(rows: &[(&str, &str, &str, &str)]) -> String {
    let mut all = others();
    all.extend(twice(rows));
    answer(&all)
}

/// The changes that a second body makes after a first one, each seen twice with a day between.
fn changes(first: &str, second: &str) -> Vec<String> {
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
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: limit.context = 128000
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: limit.output = 16384
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: replacement = gpt-4.1-mini@2025-04-14
    gpt-4o-mini@2024-07-18 eastus2 GlobalBatch: stage = deprecated
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: capability.chatcompletion = yes
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: capability.priority_tier = DataZoneStandard, GlobalStandard
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: date.launch = 2025-01-01
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: date.retires = 2028-04-13
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: limit.context = 128000
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: limit.output = 16384
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: replacement = gpt-4.1-mini@2025-04-14
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard-finetune: stage = deprecated
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: capability.chatcompletion = yes
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: capability.priority_tier = DataZoneStandard, GlobalStandard
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: date.launch = 2025-01-01
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: date.retires = 2027-04-14
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: limit.context = 128000
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: limit.output = 16384
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: replacement = gpt-4.1-mini@2025-04-14
    gpt-4o-mini@2024-07-18 eastus2 GlobalStandard: stage = deprecated
    gpt-4o-mini@2024-07-18 eastus2 Standard: capability.chatcompletion = yes
    gpt-4o-mini@2024-07-18 eastus2 Standard: capability.priority_tier = DataZoneStandard, GlobalStandard
    gpt-4o-mini@2024-07-18 eastus2 Standard: date.launch = 2025-01-01
    gpt-4o-mini@2024-07-18 eastus2 Standard: date.retires = 2026-03-31
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
fn trap_1_words_are_shifted_by_one_here_and_nowhere_else() {
    let here = |word: &str| {
        let body = answer(&twice(&[("m", "1", word, "2028-01-01")]));
        let reading = read(&probe("azure.models"), &at("x"), &body).expect("a reading");
        let stage = shown(&reading)
            .into_iter()
            .find(|line| line.contains("stage"));
        stage.and_then(|line| line.split(" = ").nth(1).map(str::to_string))
    };
    for (word, stage) in [
        ("Preview", "preview"),
        ("GenerallyAvailable", "ga"),
        ("Stable", "ga"),
        ("Legacy", "legacy"),
        ("Deprecating", "deprecated"),
        ("Deprecated", "retired"),
    ] {
        assert_eq!(here(word).as_deref(), Some(stage), "{word}");
    }
    for id in ["azure.catalogue", "azure.retirements", "azure.retired"] {
        let stages = probe(id).stages;
        assert_eq!(
            stages.stage("Deprecated").map(|stage| stage.word()),
            Some("deprecated"),
            "{id}"
        );
        assert_eq!(
            stages.stage("Retired").map(|stage| stage.word()),
            Some("retired"),
            "{id}"
        );
    }
    let other = answer(&twice(&[("m", "1", "Sunset", "2028-01-01")]));
    let reading = read(&probe("azure.models"), &at("x"), &other).expect("a reading");
    assert!(
        notes(&reading)[0].contains("found 'Sunset' at m@1"),
        "{:?}",
        notes(&reading)
    );
}

#[test]
fn trap_2_a_date_that_has_passed_makes_no_retirement() {
    let body = |stage: &str| with_others(&[("gone", "1", stage, "2026-07-01")]);
    let mut ledger = Ledger::new("azure.models");
    for hours in [0, 24, 48, 72] {
        ledger.take(&at("eastus2"), hour(hours), &body("Preview"));
    }
    assert_eq!(lines(&ledger.changes()), Vec::<String>::new());
    ledger.take(&at("eastus2"), hour(96), &body("Deprecated"));
    assert_eq!(
        lines(&ledger.changes()),
        ["stage_changed gone@1 GlobalStandard: stage preview -> retired (away_from_ga)"]
    );
}

#[test]
fn trap_3_the_end_of_the_century_is_no_date() {
    let body = |ends: &str| with_others(&[("m", "1", "GenerallyAvailable", ends)]);
    for far in ["2099-12-31", "2099-06-01"] {
        assert_eq!(
            changes(&body(far), &body("2027-06-01")),
            ["date_changed m@1 GlobalStandard: date.retires none -> 2027-06-01"]
        );
        assert_eq!(
            changes(&body("2027-06-01"), &body(far)),
            ["date_changed m@1 GlobalStandard: date.retires 2027-06-01 -> none"]
        );
    }
    assert_eq!(
        changes(&body("2099-12-31"), &body("2099-06-01")),
        Vec::<String>::new()
    );
}

#[test]
fn trap_4_dates_move_both_ways() {
    let body = |ends: &str| with_others(&[("m", "1", "GenerallyAvailable", ends)]);
    assert_eq!(
        changes(&body("2026-10-31"), &body("2026-10-19")),
        ["date_changed m@1 GlobalStandard: date.retires 2026-10-31 -> 2026-10-19 (earlier)"]
    );
    assert_eq!(
        changes(&body("2026-10-01"), &body("2027-04-14")),
        ["date_changed m@1 GlobalStandard: date.retires 2026-10-01 -> 2027-04-14 (later)"]
    );
    // in bulk, as when the policy changes
    let bulk = |ends: &str| {
        let names: Vec<String> = (0..40).map(|n| format!("m{n}")).collect();
        let rows: Vec<(&str, &str, &str, &str)> = names
            .iter()
            .map(|name| (name.as_str(), "1", "GenerallyAvailable", ends))
            .collect();
        answer(&twice(&rows))
    };
    let moved = changes(&bulk("2027-04-24"), &bulk("2027-10-26"));
    assert_eq!(moved.len(), 40);
    assert!(
        moved
            .iter()
            .all(|line| line.ends_with("2027-04-24 -> 2027-10-26 (later)"))
    );
}

#[test]
fn trap_5_a_stage_may_go_backwards() {
    let body = |stage: &str| with_others(&[("m", "1", stage, "2028-01-01")]);
    let stages = [
        "GenerallyAvailable",
        "Deprecating",
        "Legacy",
        "Preview",
        "GenerallyAvailable",
    ];
    let mut ledger = Ledger::new("azure.models");
    for (day, stage) in (0..).zip(stages) {
        ledger.take(&at("eastus2"), hour(day * 24 * 20), &body(stage));
    }
    assert_eq!(
        lines(&ledger.changes()),
        [
            "stage_changed m@1 GlobalStandard: stage deprecated -> legacy (towards_ga)",
            "stage_changed m@1 GlobalStandard: stage ga -> deprecated (away_from_ga)",
            "stage_changed m@1 GlobalStandard: stage legacy -> preview (away_from_ga)",
            "stage_changed m@1 GlobalStandard: stage preview -> ga (towards_ga)",
        ]
    );
    // the same stage in an older word is the same stage
    assert_eq!(
        changes(&body("Stable"), &body("GenerallyAvailable")),
        Vec::<String>::new()
    );
}

#[test]
fn trap_6_what_disappears_is_no_longer_listed_and_nothing_more() {
    let with = with_others(&[("m", "1", "Preview", "2027-04-01")]);
    let without = with_others(&[]);
    assert_eq!(
        changes(&with, &without),
        ["offering_removed m@1 GlobalStandard"]
    );
    // back on the next day: nothing happened
    let mut ledger = Ledger::new("azure.models");
    for (hours, body) in [
        (0, &with),
        (24, &without),
        (30, &without),
        (47, &with),
        (72, &with),
    ] {
        ledger.take(&at("eastus2"), hour(hours), body);
    }
    assert_eq!(lines(&ledger.changes()), Vec::<String>::new());
    // models past their day are purged in batches, which is no reason for suspicion
    let old: Vec<(&str, &str, &str, &str)> = ["p", "q", "r", "s", "t", "u"]
        .map(|name| (name, "1", "Deprecated", "2025-01-01"))
        .to_vec();
    let purged = changes(&with_others(&old), &without);
    assert_eq!(purged.len(), 6, "{purged:?}");
    assert!(
        purged
            .iter()
            .all(|line| line.starts_with("offering_removed"))
    );
}

#[test]
fn trap_7_deployment_types_have_dates_of_their_own() {
    let model = row(
        "AIServices",
        "gpt-4o",
        "2024-05-13",
        "GenerallyAvailable",
        "2026-10-01",
        &[
            sku("Standard", "2026-03-31"),
            sku("GlobalStandard", "2026-10-01"),
            json!({ "name": "ProvisionedManaged", "usageName": "OpenAI.ProvisionedManaged" }),
            json!({ "name": "Standard", "usageName": "OpenAI.Standard.gpt-4o-Finetune", "deprecationDate": "2027-03-31T00:00:00.000Z" }),
        ],
    );
    let reading = read(&probe("azure.models"), &at("x"), &answer(&[model])).expect("a reading");
    let dates: Vec<String> = shown(&reading)
        .into_iter()
        .filter(|line| line.contains("retires"))
        .collect();
    assert_eq!(
        dates,
        [
            "gpt-4o@2024-05-13 x GlobalStandard: date.retires = 2026-10-01",
            "gpt-4o@2024-05-13 x ProvisionedManaged: date.retires = 2026-10-01",
            "gpt-4o@2024-05-13 x Standard-finetune: date.retires = 2027-03-31",
            "gpt-4o@2024-05-13 x Standard: date.retires = 2026-03-31",
        ]
    );
}

#[test]
fn trap_8_locations_disagree_and_each_is_right() {
    let body = |stage: &str, ends: &str| with_others(&[("o1", "2024-12-17", stage, ends)]);
    let mut ledger = Ledger::new("azure.models");
    for (location, stage, ends) in [
        ("eastasia", "Legacy", "2026-09-16"),
        ("westus", "Deprecating", "2026-07-15"),
    ] {
        for hours in [0, 1] {
            ledger.take(&at(location), hour(hours), &body(stage, ends));
        }
        let reading = read(&probe("azure.models"), &at(location), &body(stage, ends));
        let lines = shown(&reading.expect("a reading"));
        assert!(lines.iter().any(|line| *line
            == format!("o1@2024-12-17 {location} GlobalStandard: date.retires = {ends}")));
    }
    assert_eq!(lines(&ledger.changes()), Vec::<String>::new());
}

#[test]
fn traps_9_and_10_pools_and_subscriptions_are_no_models() {
    // the pools of a quota are spelled in several ways and shared by models
    let spelled = |pool: &str| {
        let mut rows = others();
        let mut model = row(
            "AIServices",
            "m",
            "1",
            "Preview",
            "2028-01-01",
            &[sku("GlobalStandard", "2028-01-01")],
        );
        model["model"]["skus"][0]["usageName"] = json!(pool);
        rows.push(model);
        answer(&rows)
    };
    let names = [
        "OpenAI.GlobalStandard.gpt4.1-nano",
        "OpenAI.GlobalStandard.gpt-4.1-nano",
        "AIServices.GlobalStandard",
    ];
    for pair in names.windows(2) {
        assert_eq!(
            changes(&spelled(pair[0]), &spelled(pair[1])),
            Vec::<String>::new()
        );
    }
    // another subscription sees other rows: another source
    let mut ledger = Ledger::new("azure.models");
    let of = |subscription: &str| {
        let mut scoping = at("eastus2");
        scoping.scope = format!("eastus2,{subscription}").as_str().into();
        scoping
    };
    for hours in [0, 25, 50] {
        let gated = with_others(&[("sora", "1", "Preview", "2028-01-01")]);
        ledger.take(&of("one"), hour(hours), &gated);
        ledger.take(&of("two"), hour(hours), &with_others(&[]));
    }
    assert_eq!(lines(&ledger.changes()), Vec::<String>::new());
}

#[test]
fn trap_11_the_host_of_a_model_is_part_of_its_version() {
    let hosted = |version: &str, by: &str| {
        let mut model = row(
            "AIServices",
            "claude-opus-4-8",
            version,
            "GenerallyAvailable",
            "2028-01-01",
            &[sku("GlobalStandard", "2028-01-01")],
        );
        model["model"]["capabilities"]["hostedOn"] = json!(by);
        model
    };
    let body = answer(&[hosted("1", "anthropic"), hosted("2", "azure")]);
    let reading = read(&probe("azure.models"), &at("x"), &body).expect("a reading");
    let hosts: Vec<String> = shown(&reading)
        .into_iter()
        .filter(|line| line.contains("hosted_on"))
        .collect();
    assert_eq!(
        hosts,
        [
            "claude-opus-4-8@1 x GlobalStandard: capability.hosted_on = anthropic",
            "claude-opus-4-8@2 x GlobalStandard: capability.hosted_on = azure",
        ]
    );
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
