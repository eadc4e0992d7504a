//! The public catalogue and the lists of a resource.

use bellwether::config::Scoping;
use bellwether::market::{Failure, Scope};
use serde_json::{Value as Json, json};

use crate::ledger::{Ledger, hour, lines, notes, probe, read, shown};
use crate::shared;

fn only() -> Scoping {
    Scoping {
        scope: Scope::from(""),
        values: std::collections::BTreeMap::new(),
    }
}

fn summary(name: &str, version: &str, lifecycle: Option<&str>) -> Json {
    json!({
        "name": name, "displayName": "A model", "publisher": "OpenAI", "registryName": "azure-openai", "version": version,
        "lifecycle": lifecycle, "deprecation": { "inferenceRetirementDate": null },
        "deploymentOptions": ["UnifiedEndpointMaaS", "AOAI"], "azureOffers": null,
        "inferenceTasks": ["responses", "chat-completion"], "modelCapabilities": ["tool-calling", "streaming"],
        "modelLimits": { "textLimits": { "inputContextWindow": 1_050_000, "maxOutputTokens": 128_000 },
            "supportedInputModalities": ["text", "image"], "supportedOutputModalities": ["text"], "supportedLanguages": ["en"], "otherLimits": {} },
        "isDirectFromAzure": true, "popularity": 0.123, "createdTime": "2026-08-01T10:11:12Z",
    })
}

/// A whole catalogue with these models among sixty others.
fn catalogue(models: &[Json]) -> String {
    let others = (0..60).map(|n| summary(&format!("other-{n}"), "1", Some("Generally Available")));
    let all: Vec<Json> = others.chain(models.iter().cloned()).collect();
    json!({ "summaries": all, "continuationToken": null }).to_string()
}

#[test]
fn a_summary_is_a_model_version() {
    let probe = probe("azure.catalogue");
    let mut retired = summary("DeepSeek-R1", "1", Some("Retired"));
    retired["deprecation"]["inferenceRetirementDate"] = json!("2026-08-13T00:00:00Z");
    retired["modelLimits"] = json!(null);
    let models = [
        summary("gpt-5.6-sol", "2026-07-09", Some("Generally available")),
        retired,
        summary("quiet", "3", None),
    ];
    let body = json!({ "summaries": models, "continuationToken": null }).to_string();
    let reading = read(&probe, &only(), &body).expect("a reading");
    insta::assert_snapshot!(shown(&reading).join("\n"), @"
    DeepSeek-R1@1 * -: capability.deployment_options = AOAI, UnifiedEndpointMaaS
    DeepSeek-R1@1 * -: capability.features = streaming, tool-calling
    DeepSeek-R1@1 * -: capability.sold_by_azure = yes
    DeepSeek-R1@1 * -: capability.tasks = chat-completion, responses
    DeepSeek-R1@1 * -: date.retires = 2026-08-13
    DeepSeek-R1@1 * -: interface = stateless
    DeepSeek-R1@1 * -: name = A model
    DeepSeek-R1@1 * -: stage = retired
    gpt-5.6-sol@2026-07-09 * -: capability.deployment_options = AOAI, UnifiedEndpointMaaS
    gpt-5.6-sol@2026-07-09 * -: capability.features = streaming, tool-calling
    gpt-5.6-sol@2026-07-09 * -: capability.sold_by_azure = yes
    gpt-5.6-sol@2026-07-09 * -: capability.tasks = chat-completion, responses
    gpt-5.6-sol@2026-07-09 * -: interface = stateless
    gpt-5.6-sol@2026-07-09 * -: limit.context = 1050000
    gpt-5.6-sol@2026-07-09 * -: limit.output = 128000
    gpt-5.6-sol@2026-07-09 * -: modality.input = image, text
    gpt-5.6-sol@2026-07-09 * -: modality.output = text
    gpt-5.6-sol@2026-07-09 * -: name = A model
    gpt-5.6-sol@2026-07-09 * -: stage = ga
    quiet@3 * -: capability.deployment_options = AOAI, UnifiedEndpointMaaS
    quiet@3 * -: capability.features = streaming, tool-calling
    quiet@3 * -: capability.sold_by_azure = yes
    quiet@3 * -: capability.tasks = chat-completion, responses
    quiet@3 * -: interface = stateless
    quiet@3 * -: limit.context = 1050000
    quiet@3 * -: limit.output = 128000
    quiet@3 * -: modality.input = image, text
    quiet@3 * -: modality.output = text
    quiet@3 * -: name = A model
    ");
}

#[test]
fn noise_and_case_are_no_change() {
    let mut ledger = Ledger::new("azure.catalogue");
    let usual = catalogue(&[summary("gpt-oss-120b", "4", Some("Preview"))]);
    let mut noisy = summary("gpt-oss-120b", "4", Some("Preview"));
    noisy["popularity"] = json!(0.999);
    noisy["createdTime"] = json!("2026-08-01T23:59:59Z");
    let noisy = catalogue(&[noisy]);
    let shouted = catalogue(&[summary("gpt-oss-120B", "4", Some("Preview"))]);
    for (hours, body) in [
        (0, &usual),
        (24, &noisy),
        (48, &shouted),
        (51, &shouted),
        (54, &usual),
        (78, &usual),
    ] {
        ledger.take(&only(), hour(hours), body);
    }
    assert_eq!(lines(&ledger.changes()), Vec::<String>::new());
    // a spelling that stays is a spelling, not another model
    for hours in [100, 125, 150] {
        ledger.take(&only(), hour(hours), &shouted);
    }
    assert_eq!(
        lines(&ledger.changes()),
        ["offering_renamed gpt-oss-120B@4 -"]
    );
}

#[test]
fn a_catalogue_that_breaks_off_is_no_catalogue() {
    let mut ledger = Ledger::new("azure.catalogue");
    ledger.take(&only(), hour(0), &catalogue(&[]));
    let few =
        json!({ "summaries": [summary("a", "1", None)], "continuationToken": null }).to_string();
    let taken = ledger.take(&only(), hour(1), &few);
    assert!(matches!(
        taken,
        bellwether::daemon::pipeline::Taken::Failed(Failure::TooFewItems { .. })
    ));
}

#[test]
fn lists_of_a_resource_are_read() {
    let v1 = probe("azure.resource-models");
    let classic = probe("azure.resource-models-classic");
    let base = json!({ "id": "gpt-4o-2024-11-20", "object": "model", "status": "succeeded", "created_at": 1_732_060_800, "model": null,
        "fine_tune": null, "lifecycle_status": "generally-available", "deprecation": { "fine_tune": 1_790_812_800, "inference": 1_790_812_800 },
        "capabilities": { "fine_tune": true, "inference": true, "chat_completion": true, "scale_types": ["standard"] } });
    let tuned = json!({ "id": "ft:mine", "object": "model", "model": "gpt-4o", "created_at": 1_732_060_800, "capabilities": {} });
    let gone = json!({ "id": "gpt-35-turbo-0301", "object": "model", "created_at": 1_688_169_600, "lifecycle_status": "deprecated",
        "deprecation": { "inference": 1_739_404_800 }, "capabilities": { "inference": true } });
    let never = json!({ "id": "grok-4-1", "object": "model", "created_at": 0, "lifecycle_status": "preview",
        "deprecation": { "inference": 4_102_358_400_i64 }, "capabilities": {} });
    let body = json!({ "object": "list", "data": [base, tuned, gone, never] }).to_string();
    let reading = read(&classic, &only(), &body).expect("a reading");
    insta::assert_snapshot!(shown(&reading).join("\n"), @"
    gpt-35-turbo-0301 * -: capability.inference = yes
    gpt-35-turbo-0301 * -: date.launch = 2023-07-01
    gpt-35-turbo-0301 * -: date.retires = 2025-02-13
    gpt-35-turbo-0301 * -: interface = stateless
    gpt-35-turbo-0301 * -: stage = retired
    gpt-4o-2024-11-20 * -: capability.chat_completion = yes
    gpt-4o-2024-11-20 * -: capability.fine_tune = yes
    gpt-4o-2024-11-20 * -: capability.inference = yes
    gpt-4o-2024-11-20 * -: date.launch = 2024-11-20
    gpt-4o-2024-11-20 * -: date.retires = 2026-10-01
    gpt-4o-2024-11-20 * -: interface = stateless
    gpt-4o-2024-11-20 * -: stage = ga
    grok-4-1 * -: interface = stateless
    grok-4-1 * -: stage = preview
    ");
    let plain = json!({ "object": "list", "data": [{ "id": "gpt-5.5", "object": "model", "created": 1_777_000_000, "owned_by": "openai" }] });
    let reading = read(&v1, &only(), &plain.to_string()).expect("a reading");
    insta::assert_snapshot!(shown(&reading).join("\n"), @"
    gpt-5.5 * -: date.launch = 2026-04-24T03:06:40Z
    gpt-5.5 * -: interface = stateless
    ");
}

#[test]
fn a_recorded_list_of_a_resource_is_whole() {
    let Some(folder) = shared::folder("corpus/single/azure-openai-v1-models") else {
        return;
    };
    let body = std::fs::read_to_string(folder.join("2026-02-10.json")).expect("a body");
    let json: Json = serde_json::from_str(&body).expect("JSON");
    let rows = json["data"].as_array().expect("rows");
    let ids: std::collections::BTreeSet<&str> =
        rows.iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!((rows.len(), ids.len()), (265, 263));
    let reading = read(&probe("azure.resource-models"), &only(), &body).expect("a reading");
    let found: std::collections::BTreeSet<&str> = reading
        .entries
        .iter()
        .map(|entry| entry.subject.native_id.as_str())
        .collect();
    assert_eq!(found, ids);
    let claims = shown(&reading);
    let count = |part: &str| claims.iter().filter(|line| line.contains(part)).count();
    // two ids stand twice, in equal stages
    assert_eq!(
        (
            count("stage = ga"),
            count("stage = preview"),
            count("stage = retired")
        ),
        (174, 26, 63)
    );
    let dated: std::collections::BTreeSet<&str> = rows
        .iter()
        .filter(|row| row["deprecation"]["inference"].as_i64() < Some(4_070_908_800))
        .filter_map(|row| row["id"].as_str())
        .collect();
    assert_eq!((count("date.retires"), dated.len()), (136, 136));
    let strange: Vec<String> = notes(&reading)
        .into_iter()
        .filter(|note| !note.contains("expected one value"))
        .collect();
    assert_eq!(strange, Vec::<String>::new());
}
