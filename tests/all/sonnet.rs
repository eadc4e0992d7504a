//! Claude Sonnet 4.5 in the landscape: bodies in the shapes that providers send, with figures of our own.

use serde_json::{Value as Json, json};

use crate::world::World;

const ID: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The list of a region, in which the model is bought in these ways.
pub fn bedrock_models(region: &str, ways: &[&str], lifecycle: Json) -> String {
    json!({ "modelSummaries": [{
        "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/{ID}"), "modelId": ID, "modelName": "Claude Sonnet 4.5",
        "providerName": "Anthropic", "inputModalities": ["TEXT", "IMAGE"], "outputModalities": ["TEXT"],
        "responseStreamingSupported": true, "inferenceTypesSupported": ways,
        "modelLifecycle": lifecycle,
    }] })
    .to_string()
}

fn on_its_way_out() -> Json {
    json!({ "status": "LEGACY", "startOfLifeTime": "2025-09-29T00:00:00Z", "legacyTime": "2026-10-14T00:00:00Z",
        "publicExtendedAccessTime": "2027-01-14T00:00:00Z", "endOfLifeTime": "2027-04-14T00:00:00Z" })
}

/// The inference profiles that can be called from a region: by their prefix, the regions that they lead to.
pub fn bedrock_profiles(profiles: &[(&str, &[&str])]) -> String {
    let profile = |(route, regions): &(&str, &[&str])| {
        let arn = |region: &&str| json!({ "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/{ID}") });
        json!({
            "inferenceProfileId": format!("{route}.{ID}"), "inferenceProfileName": "Claude Sonnet 4.5", "status": "ACTIVE",
            "type": "SYSTEM_DEFINED", "models": regions.iter().map(arn).collect::<Vec<_>>(),
        })
    };
    json!({ "inferenceProfileSummaries": profiles.iter().map(profile).collect::<Vec<_>>() })
        .to_string()
}

/// Units are millions of tokens: the list price in the region, and the lower one of traffic that may go anywhere.
const US_PRICES: [(&str, &str); 6] = [
    ("InputTokenCount", "3.3000000000"),
    ("OutputTokenCount", "16.5000000000"),
    ("CacheReadInputTokenCount", "0.3300000000"),
    ("InputTokenCount_Global", "3.0000000000"),
    ("OutputTokenCount_Global", "15.0000000000"),
    ("CacheWriteInputTokenCount_Global", "3.7500000000"),
];

/// The marketplace's list of a region, whose usage types begin with `code`.
pub fn bedrock_prices(region: &str, code: &str, meters: &[(&str, &str)]) -> String {
    let (mut products, mut terms) = (serde_json::Map::new(), serde_json::Map::new());
    for (meter, price) in meters {
        let attributes = json!({
            "usagetype": format!("{code}-MP:{code}_{meter}-Units"), "servicename": "Claude Sonnet 4.5 (Amazon Bedrock Edition)",
            "regionCode": region,
        });
        products.insert(
            (*meter).into(),
            json!({ "sku": meter, "productFamily": "Amazon Bedrock", "attributes": attributes }),
        );
        let dimension = json!({ "rateCode": "R", "unit": "Units", "beginRange": "0", "endRange": "Inf", "pricePerUnit": { "USD": price } });
        let term = json!({ "offerTermCode": "T", "effectiveDate": "2025-10-01T00:00:00Z", "priceDimensions": { "R": dimension } });
        terms.insert((*meter).into(), json!({ "T": term }));
    }
    json!({ "formatVersion": "v1.0", "offerCode": "AmazonBedrockFoundationModels", "publicationDate": "2026-01-01T00:00:00Z",
        "products": products, "terms": { "OnDemand": terms } })
    .to_string()
}

fn anthropic_models() -> String {
    json!({ "data": [{ "type": "model", "id": "claude-sonnet-4-5-20250929", "display_name": "Claude Sonnet 4.5",
        "created_at": "2025-09-29T00:00:00Z", "lifecycle": "active", "max_input_tokens": 200_000, "max_tokens": 64_000 }],
        "has_more": false, "first_id": "claude-sonnet-4-5-20250929", "last_id": "claude-sonnet-4-5-20250929" })
    .to_string()
}

/// Anthropic's page of what is retired when.
pub const ANTHROPIC_STATES: &str = "# Model deprecations\n\n## Model status\n\n\
    | API model name | Current state | Deprecated | Tentative retirement date | Recommended replacement |\n|---|---|---|---|---|\n\
    | `claude-sonnet-4-5-20250929` | Active | N/A | Not sooner than September 29, 2026 | `claude-opus-4-5-20251101` |\n\
    | `claude-opus-4-5-20251101` | Active | N/A | Not sooner than November 24, 2026 | N/A |\n\
    | `claude-opus-4-1-20250805` | Active | N/A | Not sooner than August 5, 2026 | N/A |\n\
    | `claude-haiku-4-5-20251001` | Active | N/A | Not sooner than October 15, 2026 | N/A |\n\
    | `claude-3-opus-20240229` | Retired | June 30, 2025 | January 5, 2026 | N/A |\n";

const ANTHROPIC_PRICES: &str = "# Pricing\n\n\
    | Model | Base Input Tokens | 5m Cache Writes | 1h Cache Writes | Cache Hits & Refreshes | Output Tokens |\n|---|---|---|---|---|---|\n\
    | Claude Opus 4.5 | $5 / MTok | $6.25 / MTok | $10 / MTok | $0.50 / MTok | $25 / MTok |\n\
    | Claude Opus 4.1 | $15 / MTok | $18.75 / MTok | $30 / MTok | $1.50 / MTok | $75 / MTok |\n\
    | Claude Sonnet 4.5 | $3 / MTok | $3.75 / MTok | $6 / MTok | $0.30 / MTok | $15 / MTok |\n\
    | Claude Haiku 4.5 | $1 / MTok | $1.25 / MTok | $2 / MTok | $0.10 / MTok | $5 / MTok |\n\
    | Claude Haiku 3 | $0.25 / MTok | $0.30 / MTok | $0.50 / MTok | $0.03 / MTok | $1.25 / MTok |\n\n\
    | Model | Batch input | Batch output |\n|---|---|---|\n\
    | Claude Sonnet 4.5 | $1.50 / MTok | $7.50 / MTok |\n";

/// Tells of Bedrock with one price for all ways, and alone of Vertex.
fn registry() -> String {
    let sonnet = |id: &str| json!({ id: { "id": id, "name": "Claude Sonnet 4.5", "cost": { "input": 3, "output": 15, "cache_read": 0.3 } } });
    let others: serde_json::Map<String, Json> = (0..50)
        .map(|n| {
            (
                format!("mistral-{n}"),
                json!({ "id": format!("mistral-{n}"), "name": "M" }),
            )
        })
        .collect();
    json!({
        "amazon-bedrock": { "models": sonnet(ID) },
        "google-vertex-anthropic": { "models": sonnet("claude-sonnet-4-5@20250929") },
        "mistral": { "models": others },
    })
    .to_string()
}

/// An installation that has read them all.
pub fn landscape() -> World {
    let world = World::new("");
    for (probe, extension, body) in [
        (
            "bedrock.models@us-east-1",
            "json",
            bedrock_models(
                "us-east-1",
                &["ON_DEMAND", "INFERENCE_PROFILE"],
                on_its_way_out(),
            ),
        ),
        (
            "bedrock.profiles@us-east-1",
            "json",
            bedrock_profiles(&[
                ("us", &["us-east-1", "us-west-2"]),
                ("global", &["us-east-1", ""]),
            ]),
        ),
        (
            "bedrock.marketplace-prices@us-east-1",
            "json",
            bedrock_prices("us-east-1", "USE1", &US_PRICES),
        ),
        ("anthropic.models", "json", anthropic_models()),
        ("anthropic.deprecations", "md", ANTHROPIC_STATES.to_string()),
        ("anthropic.pricing", "md", ANTHROPIC_PRICES.to_string()),
        ("models-dev.catalogue", "json", registry()),
    ] {
        import(&world, probe, extension, &body);
    }
    world
}

/// Takes a body in as if it had been fetched on the last day of January.
pub fn import(world: &World, probe: &str, extension: &str, body: &str) {
    let path = world.write(&format!("{probe}/2026-01-31.{extension}"), body);
    world.good(&["import", "--probe", probe, &path.display().to_string()]);
}

/// The objects of machine-readable lines.
pub fn objects(text: &str) -> Vec<Json> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}
