//! The traps in the list of models by location, by their numbers in the facts (azure.md §2.3).

use serde_json::json;

use crate::ledger::{Ledger, at, hour, lines, notes, probe, read, shown};
use crate::models::{answer, changes, others, row, sku, twice, with_others};

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
