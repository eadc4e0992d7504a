//! Bodies of the sizes and shapes that are answered live.

use serde_json::{Map, Value as Json, json};

/// A registry of the live size, 2.4 MB, of which every model is read; another version has another price in one of a hundred.
pub fn registry(version: u64) -> Vec<u8> {
    let providers = [
        "openai",
        "anthropic",
        "azure",
        "amazon-bedrock",
        "google",
        "mistral",
        "groq",
        "openrouter",
    ];
    let mut all = Map::new();
    for (place, provider) in providers.iter().enumerate() {
        let models: Map<String, Json> = (0..660)
            .map(|n| {
                // one model in a hundred has another price in each version
                let changes = (n + place) % 100 == usize::try_from(version % 100).expect("small");
                let price = if changes { 2.0 + version as f64 } else { 1.25 };
                let entry = json!({
                    "id": format!("{provider}-model-{n}"), "name": format!("Model {n} of {provider}"), "family": "family-name",
                    "attachment": true, "reasoning": n % 2 == 0, "tool_call": true, "structured_output": true,
                    "temperature": true, "knowledge": "2025-12-01", "release_date": "2026-01-23", "last_updated": "2026-02-23",
                    "modalities": { "input": ["text", "image", "pdf"], "output": ["text"] }, "open_weights": false,
                    "limit": { "context": 1_050_000, "input": 922_000, "output": 128_000 },
                    "cost": { "input": price, "output": 30, "cache_read": 0.5 },
                });
                (format!("{provider}-model-{n}"), entry)
            })
            .collect();
        all.insert(
            (*provider).to_string(),
            json!({ "id": provider, "name": provider, "env": [], "models": models }),
        );
    }
    Json::Object(all).to_string().into_bytes()
}

/// The registry as it is: 147 providers with 5,300 models, of which fifteen providers are read.
pub fn registry_as_it_is(version: u64) -> Vec<u8> {
    const READ: [&str; 15] = [
        "openrouter",
        "openai",
        "anthropic",
        "azure",
        "azure-cognitive-services",
        "amazon-bedrock",
        "google",
        "google-vertex",
        "google-vertex-anthropic",
        "mistral",
        "groq",
        "cohere",
        "deepseek",
        "llama",
        "xai",
    ];
    let mut all = Map::new();
    let others = (0..132).map(|n| (format!("other-{n}"), 31));
    let read = READ.iter().map(|name| {
        (
            (*name).to_string(),
            if *name == "openrouter" { 340 } else { 60 },
        )
    });
    for (provider, models) in read.chain(others) {
        let models: Map<String, Json> = (0..models)
            .map(|n| {
                (
                    format!("{provider}-model-{n}"),
                    model(&provider, n, version),
                )
            })
            .collect();
        let section = json!({ "id": provider, "name": provider, "env": [], "models": models });
        all.insert(provider, section);
    }
    Json::Object(all).to_string().into_bytes()
}

fn model(provider: &str, n: usize, version: u64) -> Json {
    let changes = n % 100 == usize::try_from(version % 100).expect("small");
    let price = if changes { 2.0 + version as f64 } else { 1.25 };
    json!({
        "id": format!("{provider}-model-{n}"), "name": format!("Model {n} of {provider}"), "family": "family-name",
        "attachment": true, "reasoning": n.is_multiple_of(2), "tool_call": true, "structured_output": true,
        "temperature": true, "knowledge": "2025-12-01", "release_date": "2026-01-23", "last_updated": "2026-02-23",
        "modalities": { "input": ["text", "image", "pdf"], "output": ["text"] }, "open_weights": false,
        "limit": { "context": 1_050_000, "input": 922_000, "output": 128_000 },
        "cost": { "input": price, "output": 30, "cache_read": 0.5 },
    })
}

/// A price map of the live size: 4,553 keys, 3.2 MB, about two in three of providers that are read.
pub fn price_map(version: u64) -> Vec<u8> {
    const PROVIDERS: [&str; 6] = [
        "openai",
        "bedrock_converse",
        "azure",
        "vertex_ai-language-models",
        "fireworks_ai",
        "deepinfra",
    ];
    let supports = [
        "assistant_prefill",
        "audio_input",
        "audio_output",
        "computer_use",
        "function_calling",
        "native_streaming",
        "parallel_function_calling",
        "pdf_input",
        "prompt_caching",
        "reasoning",
        "response_schema",
        "system_messages",
        "tool_choice",
        "vision",
        "web_search",
    ];
    let all: Map<String, Json> = (0..4_553usize)
        .map(|n| {
            let changes = n % 100 == usize::try_from(version % 100).expect("small");
            let price = if changes { 1e-6 * (2.0 + version as f64) } else { 1.25e-6 };
            let mut entry = json!({
                "input_cost_per_token": price, "output_cost_per_token": 1e-5, "cache_read_input_token_cost": 1.25e-7,
                "litellm_provider": PROVIDERS[n % 6], "mode": "chat", "max_input_tokens": 400_000, "max_output_tokens": 128_000,
                "max_tokens": 128_000, "supported_endpoints": ["/v1/chat/completions", "/v1/responses"],
                "supported_modalities": ["text", "image"], "supported_output_modalities": ["text"],
            });
            if let Json::Object(fields) = &mut entry {
                fields.extend(supports.iter().map(|name| (format!("supports_{name}"), json!(n % 3 != 0))));
            }
            (format!("{}/model-{n}", PROVIDERS[n % 6]), entry)
        })
        .collect();
    Json::Object(all).to_string().into_bytes()
}

/// Ten providers with 100 models of about 20 values; in every version each provider has other prices for some.
pub fn churned(version: u32) -> Vec<u8> {
    let providers = [
        "openai",
        "anthropic",
        "azure",
        "cohere",
        "google",
        "mistral",
        "groq",
        "openrouter",
        "xai",
        "llama",
    ];
    let mut all = Map::new();
    for provider in providers {
        let models: Map<String, Json> = (0..100u32)
            .map(|n| {
                let price = if n < 50 { f64::from(version % 97) + 1.0 } else { 1.0 };
                let entry = json!({
                    "id": format!("m{n}"), "name": format!("M {n}"), "attachment": true, "reasoning": true, "tool_call": true,
                    "structured_output": true, "temperature": true, "open_weights": false, "release_date": "2026-01-23",
                    "last_updated": "2026-02-23", "modalities": { "input": ["text"], "output": ["text"] },
                    "limit": { "context": 1000, "input": 900, "output": 100 },
                    "cost": { "input": price, "output": price * 3.0, "cache_read": 0.5, "cache_write": 1.0 },
                });
                (format!("m{n}"), entry)
            })
            .collect();
        all.insert(
            provider.to_string(),
            json!({ "id": provider, "models": models }),
        );
    }
    Json::Object(all).to_string().into_bytes()
}
