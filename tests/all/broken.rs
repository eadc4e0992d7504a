//! A source in trouble: one message about the source, no removal that is not one.

use crate::reading::shipped;
use crate::watched::Watch;

const STATES: &str = "# Model deprecations\n\n## Model status\n\n\
    | API model name | Current state | Deprecated | Tentative retirement date | Recommended replacement |\n|---|---|---|---|---|\n\
    | `claude-a-1-20250101` | Active | N/A | Not sooner than January 1, 2027 | N/A |\n\
    | `claude-b-1-20250102` | Active | N/A | Not sooner than January 2, 2027 | N/A |\n\
    | `claude-c-1-20250103` | Active | N/A | Not sooner than January 3, 2027 | N/A |\n\
    | `claude-f-1-20250106` | Active | N/A | Not sooner than January 6, 2027 | N/A |\n\
    | `claude-g-1-20250107` | Active | N/A | Not sooner than January 7, 2027 | N/A |\n\
    | `claude-d-1-20250104` | Deprecated | December 1, 2025 | June 1, 2026 | `claude-a-1-20250101` |\n\
    | `claude-e-1-20250105` | Retired | June 30, 2025 | January 5, 2026 | N/A |\n";

#[test]
fn a_page_that_is_built_anew_is_told_of_once() {
    let probe = shipped("anthropic.deprecations");
    let renamed = STATES
        .replace("API model name", "Identifier")
        .replace("Current state", "Standing");
    let without_table = "# Model deprecations\n\nThis page has moved to the developers' console.\n";
    let login = "<!doctype html><html><head><title>Sign in</title></head><body><form><input type=\"password\"></form></body></html>";
    for broken in [renamed.as_str(), without_table, login] {
        let mut watch = Watch::begin();
        watch.reads(&probe, "", STATES);
        watch.reads(&probe, "", STATES);
        for _ in 0..24 {
            watch.reads(&probe, "", broken);
        }
        assert_eq!(
            watch.news(),
            ["probe_broken anthropic.deprecations"],
            "{broken}"
        );
        assert_eq!(watch.messages(), 1, "{broken}");
        // the page heals, and tells nothing that it did not tell before
        for _ in 0..3 {
            watch.reads(&probe, "", STATES);
        }
        let healed = ["probe_recovered anthropic.deprecations"];
        assert_eq!(watch.news()[1..], healed, "{broken}");
        // what really goes is told
        let gone = STATES.replace(
            "| `claude-c-1-20250103` | Active | N/A | Not sooner than January 3, 2027 | N/A |\n",
            "",
        );
        for _ in 0..3 {
            watch.reads(&probe, "", &gone);
        }
        let removed = ["offering_removed claude-c-1-20250103"];
        assert_eq!(watch.news()[2..], removed, "{broken}");
    }
}

fn list(ids: std::ops::Range<u32>) -> String {
    let rows: Vec<_> = ids
        .map(|n| serde_json::json!({ "id": format!("gpt-{n}"), "object": "model", "created": 1_744_316_542, "owned_by": "system" }))
        .collect();
    serde_json::json!({ "object": "list", "data": rows }).to_string()
}

#[test]
fn a_list_that_shrinks_by_half_is_doubted() {
    let probe = shipped("openai.models");
    let mut watch = Watch::begin();
    watch.reads(&probe, "", &list(0..40));
    watch.reads(&probe, "", &list(0..20));
    watch.reads(&probe, "", &list(0..40));
    watch.reads(&probe, "", &list(0..40));
    assert_eq!(watch.news(), ["source_suspect openai.models"]);
    assert_eq!(watch.messages(), 1);
    // an empty one is no list at all
    for _ in 0..24 {
        watch.reads(&probe, "", &list(0..0));
    }
    assert_eq!(watch.news()[1..], ["probe_broken openai.models"]);
    assert_eq!(watch.messages(), 2);
    watch.reads(&probe, "", &list(0..40));
    for _ in 0..3 {
        watch.reads(&probe, "", &list(0..39));
    }
    let last = ["probe_recovered openai.models", "offering_removed gpt-39"];
    assert_eq!(watch.news()[2..], last);
}

fn azure_list(ids: std::ops::Range<u32>) -> String {
    let rows: Vec<_> = ids
        .map(|n| {
            serde_json::json!({ "kind": "OpenAI", "skuName": "S0", "description": "", "model": {
                "format": "OpenAI", "name": format!("gpt-{n}"), "version": "2025-01-01", "isDefaultVersion": true,
                "skus": [{ "name": "GlobalStandard", "usageName": "OpenAI.GlobalStandard.gpt", "capacity": { "maximum": 9, "default": 1 },
                    "deprecationDate": "2027-01-01T00:00:00Z" }],
                "maxCapacity": 3, "capabilities": { "chatCompletion": "true" }, "deprecation": { "inference": "2027-01-01T00:00:00Z" },
                "lifecycleStatus": "GenerallyAvailable", "systemData": {} } })
        })
        .collect();
    serde_json::json!({ "value": rows }).to_string()
}

fn bedrock_list(ids: std::ops::Range<u32>) -> String {
    let rows: Vec<_> = ids
        .map(|n| {
            let id = format!("amazon.nova-{n}-v1:0");
            serde_json::json!({ "modelArn": format!("arn:aws:bedrock:eu-west-1::foundation-model/{id}"), "modelId": id,
                "modelName": format!("Nova {n}"), "providerName": "Amazon", "inputModalities": ["TEXT"], "outputModalities": ["TEXT"],
                "responseStreamingSupported": true, "inferenceTypesSupported": ["ON_DEMAND"], "modelLifecycle": { "status": "ACTIVE" } })
        })
        .collect();
    serde_json::json!({ "modelSummaries": rows }).to_string()
}

#[test]
fn a_region_that_refuses_takes_nothing_from_the_others() {
    for (id, refusing, list) in [
        (
            "bedrock.models",
            "eu-west-1",
            bedrock_list as fn(std::ops::Range<u32>) -> String,
        ),
        ("azure.models", "westeurope", azure_list),
    ] {
        let mut probe = shipped(id);
        if probe.scopes.is_empty() {
            probe.scopes = probe.of_files.clone();
        }
        let regions: Vec<String> = probe
            .scopes
            .iter()
            .map(|scoping| scoping.scope.to_string())
            .collect();
        assert!(regions.len() >= 30, "{regions:?}");
        let mut watch = Watch::begin();
        for _ in 0..6 {
            for region in &regions {
                watch.reads(&probe, region, &list(0..12));
            }
        }
        let before = watch.messages();
        for _ in 0..24 {
            for region in &regions {
                match region.contains(refusing) {
                    true => watch.is_refused(&probe, region, 403),
                    false => watch.reads(&probe, region, &list(0..12)),
                };
            }
        }
        let news = watch.news();
        assert!(
            news.len() == 1
                && news[0].starts_with(&format!("probe_broken {id}@"))
                && news[0].contains(refusing),
            "{news:?}"
        );
        assert_eq!(watch.messages(), before + 1, "{id}");
    }
}

#[test]
fn a_credential_that_every_region_refuses_is_one_message() {
    let probe = shipped("bedrock.models");
    let mut watch = Watch::begin();
    watch.step = jiff::SignedDuration::from_secs(1);
    let regions: Vec<String> = probe
        .scopes
        .iter()
        .map(|scoping| scoping.scope.to_string())
        .collect();
    for region in &regions {
        watch.reads(&probe, region, &bedrock_list(0..12));
    }
    let before = watch.messages();
    for _ in 0..4 {
        for region in &regions {
            watch.is_refused(&probe, region, 403);
        }
    }
    assert_eq!(watch.news().len(), regions.len());
    assert_eq!(watch.messages(), before + 1);
}
