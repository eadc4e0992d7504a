//! The registries and the gateway: their true shapes, and their recorded bodies counted apart from the readers.

use std::collections::BTreeSet;

use crate::reading::{bodies, claims, count, notes, parsed, read, rows, shipped};

/// USD per million tokens, of twelve digits, of a price per token written as a decimal.
fn per_million(text: &str) -> String {
    let token: rust_decimal::Decimal = text.parse().expect("a decimal");
    let million = token * rust_decimal::Decimal::from(1_000_000);
    let kept = million.round_sf(12).expect("twelve digits");
    kept.normalize().to_string()
}

#[test]
fn openrouter_prices_its_models_per_token_in_bands_and_hours() {
    let body = br#"{"data":[
        {"id":"openai/gpt-9","canonical_slug":"openai/gpt-9-20270101","name":"OpenAI: GPT-9","created":1783555200,"description":"x",
         "context_length":1050000,"architecture":{"modality":"text+image->text","input_modalities":["text","image"],"output_modalities":["text"]},
         "pricing":{"prompt":"0.000004","completion":"0.00002","request":"0","image":"0.001","web_search":"0.01","internal_reasoning":"0",
          "input_cache_read":"0.0000004","discount":0,
          "overrides":[{"min_prompt_tokens":272000,"prompt":"0.000008","completion":"0.00003"},
                       {"utc_start":"1630","utc_end":"0030","prompt":"0.000002"},
                       {"utc_days":[6],"prompt":"0.000001"}]},
         "top_provider":{"context_length":1050000,"max_completion_tokens":128000,"is_moderated":true},
         "supported_parameters":["tools","reasoning"],"expiration_date":"2027-03-01"},
        {"id":"openrouter/auto","name":"Auto","created":1699401600,"context_length":2000000,
         "architecture":{"input_modalities":["text"],"output_modalities":["text"]},
         "pricing":{"prompt":"-1","completion":"-1","surcharge":"0.1"},"top_provider":{"max_completion_tokens":null},
         "supported_parameters":[],"expiration_date":null},
        {"id":"~openai/gpt-latest","name":"Latest","pricing":{"prompt":"1","completion":"1"},"alias_target":"openai/gpt-9"}],
        "links":{"next":null},"total_count":3}"#;
    let reading = read(&shipped("openrouter.models"), body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    openrouter openai/gpt-9 capability.reasoning = yes
    openrouter openai/gpt-9 capability.tool_call = yes
    openrouter openai/gpt-9 date.launch = 2026-07-09
    openrouter openai/gpt-9 date.retires = 2027-03-01
    openrouter openai/gpt-9 interface = stateless
    openrouter openai/gpt-9 limit.context = 1050000
    openrouter openai/gpt-9 limit.output = 128000
    openrouter openai/gpt-9 modality.input = image, text
    openrouter openai/gpt-9 modality.output = text
    openrouter openai/gpt-9 name = OpenAI: GPT-9
    openrouter openai/gpt-9 price.cache_read = $0.4 / 1M tokens
    openrouter openai/gpt-9 price.input = $4 / 1M tokens
    openrouter openai/gpt-9 price.input.over_272000 = $8 / 1M tokens
    openrouter openai/gpt-9 price.input.utc_1630_0030 = $2 / 1M tokens
    openrouter openai/gpt-9 price.input_per_image = $0.001 / image
    openrouter openai/gpt-9 price.output = $20 / 1M tokens
    openrouter openai/gpt-9 price.output.over_272000 = $30 / 1M tokens
    openrouter openai/gpt-9 price.web_search = $0.01 / search
    openrouter openrouter/auto date.launch = 2023-11-08
    openrouter openrouter/auto interface = stateless
    openrouter openrouter/auto limit.context = 2000000
    openrouter openrouter/auto modality.input = text
    openrouter openrouter/auto modality.output = text
    openrouter openrouter/auto name = Auto
    ");
    insta::assert_snapshot!(notes(&reading).join("\n"), @"pricing{}: expected a key that the probe knows, found surcharge at openrouter/auto");
}

#[test]
fn openrouter_lists_hold_every_model_and_price() {
    let probe = shipped("openrouter.models");
    for place in [
        "seq/openrouter-v1-models",
        "single/openrouter-v1-models-filtered",
    ] {
        let Some(files) = bodies(place) else { return };
        for (name, bytes) in files {
            let json = parsed(&bytes);
            let reading = read(&probe, &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            let lines = claims(&reading);
            let mut expected: BTreeSet<String> = BTreeSet::new();
            for row in rows(&json["data"]) {
                let id = row["id"].as_str().expect("an id");
                for (field, meter) in [("prompt", "input"), ("completion", "output")] {
                    let price = row["pricing"][field].as_str().expect("a price");
                    if !price.starts_with('-') {
                        let price = per_million(price);
                        expected.insert(format!(
                            "openrouter {id} price.{meter} = ${price} / 1M tokens"
                        ));
                    }
                }
                expected.insert(format!(
                    "openrouter {id} limit.context = {}",
                    row["context_length"]
                ));
            }
            let kept = |line: &&String| {
                line.contains(" price.input = ")
                    || line.contains(" price.output = ")
                    || line.contains(" limit.context")
            };
            let read: BTreeSet<String> = lines.iter().filter(kept).cloned().collect();
            let differ: Vec<_> = read.symmetric_difference(&expected).collect();
            assert!(differ.is_empty(), "{name}: {differ:#?}");
            assert_eq!(reading.entries.len(), rows(&json["data"]).len(), "{name}");
            assert_eq!(notes(&reading), Vec::<String>::new(), "{name}");
            let cached = rows(&json["data"]).iter().filter(|row| {
                let price = row["pricing"]["input_cache_read"].as_str();
                price.is_some_and(|price| price != "0")
            });
            assert_eq!(
                count(&lines, " price.cache_read = "),
                cached.count(),
                "{name}"
            );
            assert_eq!(
                count(&lines, " interface = stateless"),
                reading.entries.len()
            );
        }
    }
}

#[test]
fn deprecations_info_keeps_floors_and_commitments_apart() {
    let body = br#"[
        {"provider":"OpenAI","model_id":"gpt-4-x","announcement_date":"2026-01-05","deprecation_date":"","shutdown_date":"2026-07-05",
         "replacement_models":["gpt-9","gpt-9-mini"],"deprecation_context":"...","url":"https://x","content_hash":"1","scraped_at":"2026-01-06T02:00:00Z"},
        {"provider":"AWS Bedrock","model_id":"acme.titan-v1","announcement_date":"2025-07-10","shutdown_date":"January 28, 2026 (all regions)","replacement_models":null},
        {"provider":"Google","model_id":"gemini-9-pro","announcement_date":"2025-06-17","shutdown_date":"","replacement_models":[]},
        {"provider":"Nobody","model_id":"n","shutdown_date":"2026-01-01"}]"#;
    let reading = read(&shipped("deprecations-info.deprecations"), body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    bedrock acme.titan-v1 date.deprecated = 2025-07-10
    bedrock acme.titan-v1 date.retires = not before 2026-01-28
    gemini gemini-9-pro replacement = none
    openai gpt-4-x date.deprecated = 2026-01-05
    openai gpt-4-x date.retires = 2026-07-05
    openai gpt-4-x replacement = gpt-9, gpt-9-mini
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn deprecations_info_files_hold_every_row_of_ours() {
    let Some(files) = bodies("seq/deprecations-info-json") else {
        return;
    };
    let probe = shipped("deprecations-info.deprecations");
    let (mut read_files, mut strange) = (0, Vec::new());
    for (name, bytes) in files {
        let json = parsed(&bytes);
        // the first two days of the feed had no model ids
        let has_ids = rows(&json).iter().any(|row| row["model_id"].is_string());
        let reading = read(&probe, &bytes);
        assert_eq!(reading.is_ok(), has_ids, "{name}: {reading:?}");
        let Ok(reading) = reading else { continue };
        read_files += 1;
        let lines = claims(&reading);
        let ids: BTreeSet<(&str, &str)> = rows(&json)
            .iter()
            .map(|row| {
                (
                    row["provider"].as_str().expect("one"),
                    row["model_id"].as_str().expect("one"),
                )
            })
            .collect();
        assert_eq!(reading.entries.len(), ids.len(), "{name}");
        let dated = rows(&json).iter().filter(|row| {
            row["shutdown_date"]
                .as_str()
                .is_some_and(|d| d.contains("20"))
        });
        let dated = dated.count();
        let unread = reading
            .unclear
            .iter()
            .filter(|(_, a)| a.to_string() == "date.retires")
            .count();
        assert_eq!(count(&lines, " date.retires = ") + unread, dated, "{name}");
        let firm = rows(&json).iter().filter(|row| {
            ["OpenAI", "Anthropic", "Cohere", "xAI"]
                .contains(&row["provider"].as_str().unwrap_or(""))
                && row["shutdown_date"]
                    .as_str()
                    .is_some_and(|d| d.contains("20"))
        });
        let floors = count(&lines, " date.retires = not before ");
        assert_eq!(
            count(&lines, " date.retires = ") - floors,
            firm.count(),
            "{name}"
        );
        let replaced = rows(&json).iter().filter(|row| {
            row["replacement_models"]
                .as_array()
                .is_some_and(|list| !list.is_empty())
                || row["replacement_model"].is_string()
        });
        assert_eq!(count(&lines, " replacement = "), replaced.count(), "{name}");
        strange.extend(
            notes(&reading)
                .into_iter()
                .map(|note| format!("{name}: {note}")),
        );
    }
    assert_eq!(read_files, 6);
    assert_eq!(strange, Vec::<String>::new());
}

#[test]
fn modeldeprecations_dev_states_one_day_firm_or_not_before() {
    let body = br#"{"$schema":"https://x","generatedAt":"2026-11-20T02:00:00Z","count":3,"models":[
        {"provider":"openai","model":"gpt-4-32k","name":"GPT-4 32k","aliases":["gpt-4-32k-0613"],"description":"x","released_on":"2023-06-13",
         "deprecated_on":"2024-06-06","shutdown_on":"2025-06-06","status":"retired","replacements":[{"provider":"openai","model":"gpt-4o","recommended":true}],
         "sources":[{"url":"https://x","accessed":"2026-07-30"}],"last_verified":"2026-07-30"},
        {"provider":"google","model":"gemini-9-pro","name":"Gemini 9 Pro","aliases":[],"earliest_shutdown_on":"2027-10-16","status":"active","replacements":[],"sources":[],"last_verified":"2026-07-30"},
        {"provider":"xiaomi","model":"mimo","name":"MiMo","status":"active","last_verified":"2026-07-30"}]}"#;
    let reading = read(&shipped("modeldeprecations-dev.models"), body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    gemini gemini-9-pro date.retires = not before 2027-10-16
    gemini gemini-9-pro name = Gemini 9 Pro
    gemini gemini-9-pro replacement = none
    gemini gemini-9-pro stage = ga
    openai gpt-4-32k date.deprecated = 2024-06-06
    openai gpt-4-32k date.launch = 2023-06-13
    openai gpt-4-32k date.retires = 2025-06-06
    openai gpt-4-32k name = GPT-4 32k
    openai gpt-4-32k replacement = gpt-4o
    openai gpt-4-32k stage = retired
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn openais_components_are_read_whole() {
    let body = br#"{"page":{"id":"01J","name":"OpenAI","url":"https://status.openai.com","updated_at":"2026-11-20T10:00:00Z"},
        "components":[{"id":"01A","name":"Chat Completions","status":"operational"},{"id":"01B","name":"Login","status":"operational"},
         {"id":"01C","name":"Login","status":"degraded_performance"},{"id":"01D","name":"Compliance API","status":"operational"},
         {"id":"01E","name":"APIs","group":true,"status":"operational"}]}"#;
    let reading = read(&shipped("openai.components"), body).expect("a reading");
    let lines = claims(&reading);
    assert_eq!((reading.entries.len(), count(&lines, " status = ")), (4, 4));
    assert_eq!(notes(&reading), Vec::<String>::new());
}

#[test]
fn openrouters_routes_are_deployments_of_its_offering() {
    let body = br#"{"data":{"id":"acme/m-9","name":"M","created":1,"endpoints":[
        {"name":"Azure | acme/m-9","provider_name":"Azure","tag":"azure","context_length":200000,"max_completion_tokens":64000,"max_prompt_tokens":null,
         "pricing":{"prompt":"0.000002","completion":"0.000008","input_cache_read":"0.0000002","discount":0},"quantization":"unknown","service_tier":null,
         "status":0,"uptime_last_30m":99.9,"latency_last_30m":{"p50":400},"supported_parameters":["tools"],"supports_implicit_caching":true},
        {"name":"Azure | acme/m-9","provider_name":"Azure","tag":"azure","context_length":200000,"max_completion_tokens":64000,
         "pricing":{"prompt":"0.000001","completion":"0.000004"},"quantization":"unknown","service_tier":"flex","status":-2,"supported_parameters":["tools"]},
        {"name":"Deep | acme/m-9","provider_name":"Deep","tag":"deep/fp4","context_length":131072,"pricing":{"prompt":"0","completion":"0"},"quantization":"fp4","status":0,"supported_parameters":[]}]}}"#;
    let reading = read(&shipped("openrouter.endpoints"), body).expect("a reading");
    insta::assert_snapshot!(claims(&reading).join("\n"), @"
    openrouter acme/m-9 [azure] capability.implicit_caching = yes
    openrouter acme/m-9 [azure] capability.parameters = tools
    openrouter acme/m-9 [azure] capability.served_by = Azure
    openrouter acme/m-9 [azure] interface = stateless
    openrouter acme/m-9 [azure] limit.context = 200000
    openrouter acme/m-9 [azure] limit.output = 64000
    openrouter acme/m-9 [azure] price.cache_read = $0.2 / 1M tokens
    openrouter acme/m-9 [azure] price.input = $2 / 1M tokens
    openrouter acme/m-9 [azure] price.input.flex = $1 / 1M tokens
    openrouter acme/m-9 [azure] price.output = $8 / 1M tokens
    openrouter acme/m-9 [azure] price.output.flex = $4 / 1M tokens
    openrouter acme/m-9 [deep/fp4] capability.parameters = none
    openrouter acme/m-9 [deep/fp4] capability.quantization = fp4
    openrouter acme/m-9 [deep/fp4] capability.served_by = Deep
    openrouter acme/m-9 [deep/fp4] interface = stateless
    openrouter acme/m-9 [deep/fp4] limit.context = 131072
    openrouter acme/m-9 [deep/fp4] price.input = $0 / 1M tokens
    openrouter acme/m-9 [deep/fp4] price.output = $0 / 1M tokens
    ");
    assert_eq!(notes(&reading), Vec::<String>::new());
    let Some(files) = bodies("single/openrouter-model-endpoints") else {
        return;
    };
    for (name, bytes) in files {
        let json = parsed(&bytes);
        let reading = read(&shipped("openrouter.endpoints"), &bytes).expect("a reading");
        let lines = claims(&reading);
        let routes = rows(&json["data"]["endpoints"]);
        assert_eq!(reading.entries.len(), routes.len(), "{name}");
        for route in routes {
            let tag = route["tag"].as_str().expect("a tag");
            let price = per_million(route["pricing"]["prompt"].as_str().expect("a price"));
            let wanted =
                format!("openrouter z-ai/glm-5.2 [{tag}] price.input = ${price} / 1M tokens");
            assert!(lines.contains(&wanted), "{wanted}");
        }
        let quantised = routes
            .iter()
            .filter(|route| route["quantization"] != "unknown")
            .count();
        assert_eq!(count(&lines, " capability.quantization = "), quantised);
        assert_eq!(notes(&reading), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn an_announced_price_takes_effect_on_its_day_though_the_body_stays() {
    let world = crate::world::World::new("[detect]\nconfirm_values = 1\n");
    let prices = r#"[{"prices":{"input_mtok":5}},{"constraint":{"start_date":"2026-09-15"},"prices":{"input_mtok":3}}]"#;
    let models: Vec<String> = (0..120)
        .map(|n| match n {
            0 => format!(r#"{{"id":"dated","prices":{prices}}}"#),
            _ => format!(r#"{{"id":"m{n}","prices":{{"input_mtok":1}}}}"#),
        })
        .collect();
    let body = format!(r#"[{{"id":"openai","models":[{}]}}]"#, models.join(","));
    for day in ["2026-09-01", "2026-09-14", "2026-09-15", "2026-09-16"] {
        world.write(&format!("bodies/{day}.json"), &body);
    }
    let folder = world.path("bodies").display().to_string();
    world.good(&["import", "--probe", "genai-prices", &folder]);
    let changed: Vec<String> = world
        .changes(true)
        .iter()
        .filter(|change| change["attribute"] == "price.input")
        .map(|change| {
            let seen = change["seen_at"].as_str().unwrap_or_default();
            format!("{} {} to {}", &seen[..10], change["old"], change["new"])
        })
        .collect();
    assert_eq!(changed, [r#"2026-09-15 "5" to "3""#]);
}
