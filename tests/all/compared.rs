//! One model on every provider, from bodies in the shapes that providers send: every figure below is derived by hand.

use serde_json::{Value as Json, json};

use crate::world::World;

const ID: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

fn bedrock_models() -> String {
    json!({ "modelSummaries": [{
        "modelArn": format!("arn:aws:bedrock:us-east-1::foundation-model/{ID}"), "modelId": ID, "modelName": "Claude Sonnet 4.5",
        "providerName": "Anthropic", "inputModalities": ["TEXT", "IMAGE"], "outputModalities": ["TEXT"],
        "responseStreamingSupported": true, "inferenceTypesSupported": ["ON_DEMAND", "INFERENCE_PROFILE"],
        "modelLifecycle": { "status": "LEGACY", "startOfLifeTime": "2025-09-29T00:00:00Z", "legacyTime": "2026-10-14T00:00:00Z",
            "publicExtendedAccessTime": "2027-01-14T00:00:00Z", "endOfLifeTime": "2027-04-14T00:00:00Z" },
    }] })
    .to_string()
}

fn bedrock_profiles() -> String {
    let profile = |route: &str, regions: &[&str]| {
        let arn = |region: &&str| json!({ "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/{ID}") });
        json!({
            "inferenceProfileId": format!("{route}.{ID}"), "inferenceProfileName": "Claude Sonnet 4.5", "status": "ACTIVE",
            "type": "SYSTEM_DEFINED", "models": regions.iter().map(arn).collect::<Vec<_>>(),
        })
    };
    json!({ "inferenceProfileSummaries": [profile("us", &["us-east-1", "us-west-2"]), profile("global", &["us-east-1", ""])] })
        .to_string()
}

/// Units are millions of tokens: the list price in the region, and the lower one of traffic that may go anywhere.
fn bedrock_prices() -> String {
    let meters = [
        ("A", "InputTokenCount", "3.3000000000"),
        ("B", "OutputTokenCount", "16.5000000000"),
        ("C", "CacheReadInputTokenCount", "0.3300000000"),
        ("D", "InputTokenCount_Global", "3.0000000000"),
        ("E", "OutputTokenCount_Global", "15.0000000000"),
        ("F", "CacheWriteInputTokenCount_Global", "3.7500000000"),
    ];
    let (mut products, mut terms) = (serde_json::Map::new(), serde_json::Map::new());
    for (sku, meter, price) in meters {
        let attributes = json!({
            "usagetype": format!("USE1-MP:USE1_{meter}-Units"), "servicename": "Claude Sonnet 4.5 (Amazon Bedrock Edition)",
            "regionCode": "us-east-1",
        });
        products.insert(
            sku.into(),
            json!({ "sku": sku, "productFamily": "Amazon Bedrock", "attributes": attributes }),
        );
        let dimension = json!({ "rateCode": "R", "unit": "Units", "beginRange": "0", "endRange": "Inf", "pricePerUnit": { "USD": price } });
        let term = json!({ "offerTermCode": "T", "effectiveDate": "2025-10-01T00:00:00Z", "priceDimensions": { "R": dimension } });
        terms.insert(sku.into(), json!({ "T": term }));
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

const ANTHROPIC_STATES: &str = "# Model deprecations\n\n## Model status\n\n\
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

fn landscape() -> World {
    let world = World::new("");
    for (probe, extension, body) in [
        ("bedrock.models@us-east-1", "json", bedrock_models()),
        ("bedrock.profiles@us-east-1", "json", bedrock_profiles()),
        (
            "bedrock.marketplace-prices@us-east-1",
            "json",
            bedrock_prices(),
        ),
        ("anthropic.models", "json", anthropic_models()),
        ("anthropic.deprecations", "md", ANTHROPIC_STATES.to_string()),
        ("anthropic.pricing", "md", ANTHROPIC_PRICES.to_string()),
        ("models-dev.catalogue", "json", registry()),
    ] {
        let path = world.write(&format!("{probe}/2026-01-31.{extension}"), &body);
        world.good(&["import", "--probe", probe, &path.display().to_string()]);
    }
    world
}

fn objects(text: &str) -> Vec<Json> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

#[test]
fn every_offering_has_the_figures_that_are_derived_by_hand() {
    let world = landscape();
    let rows = objects(&world.good(&[
        "--format",
        "jsonl",
        "compare",
        "anthropic/claude-sonnet-4.5",
    ]));
    let price = |row: &Json, meter: &str| {
        row["prices"][format!("price.{meter}")]["value"]
            .as_str()
            .unwrap_or("-")
            .to_string()
    };
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or("-").to_string();
            let prices = [
                "input",
                "output",
                "cache_read",
                "cache_write",
                "input.batch",
            ]
            .map(|meter| price(row, meter));
            format!(
                "{} {} {} {} {} {}",
                text("provider"),
                text("deployment"),
                text("reach"),
                text("region"),
                text("stage"),
                prices.join(" ")
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            // the page of prices by display name; batch is half
            "anthropic - - * ga 3 15 0.3 - 1.5",
            // the price list in the region
            "bedrock on-demand in-region us-east-1 legacy 3.3 16.5 0.33 - -",
            // the price list for traffic that may go anywhere; the registry for what that list does not say
            "bedrock profile:global global us-east-1 ga 3 15 0.3 3.75 -",
            // no list price within the geography: the registry alone has one
            "bedrock profile:us geo us-east-1 ga 3 15 0.3 - -",
            "vertex partner - * unknown 3 15 0.3 - -",
        ]
    );
    let (anthropic, list) = (&rows[0], &rows[1]);
    assert_eq!(price(anthropic, "cache_write_5m"), "3.75");
    assert_eq!(
        anthropic["retires"],
        json!({ "date": "2026-09-29", "certainty": "not_before" })
    );
    assert_eq!(
        list["legacy"],
        json!({ "date": "2026-10-14", "certainty": "firm" })
    );
    assert_eq!(
        list["deprecated"],
        json!({ "date": "2027-01-14", "certainty": "firm" })
    );
    assert_eq!(
        list["retires"],
        json!({ "date": "2027-04-14", "certainty": "firm" })
    );
    assert_eq!(list["access"]["rung"], "listed");
    assert_eq!(
        rows[3]["destination_regions"],
        json!(["us-east-1", "us-west-2"])
    );
    let paid = &list["prices"]["price.input"];
    assert_eq!(paid["source"], "bedrock.marketplace-prices@us-east-1");
    // 3.3 is a tenth more than 3
    let spread = &list["spreads"].as_array().expect("spreads")[0];
    assert_eq!(
        (&spread["attribute"], &spread["class"]),
        (&json!("price.cache_read"), &json!("regional premium"))
    );
    assert_eq!(list["fall_back"]["ga_on"], json!(["anthropic"]));
    let replaced = &anthropic["fall_back"]["replacements"][0];
    assert_eq!(replaced["model"], "anthropic/claude-opus-4.5");
    assert_eq!(replaced["offered_on"], json!(["anthropic"]));
    let csv = world.good(&["--format", "csv", "compare", "anthropic/claude-sonnet-4.5"]);
    assert_eq!(csv.lines().count(), 6);
}

#[test]
fn a_comparison_fits_the_terminal() {
    let world = landscape();
    for width in ["80", "120"] {
        let said = world.run_with(
            &[("COLUMNS", width)],
            &["compare", "anthropic/claude-sonnet-4.5", "--meters"],
        );
        let widest = said.out.lines().map(|line| line.chars().count()).max();
        assert!(widest <= width.parse().ok(), "{}", said.out);
    }
    let said = world.run_with(
        &[("COLUMNS", "80")],
        &["compare", "anthropic/claude-sonnet-4.5"],
    );
    insta::with_settings!({ filters => vec![(r"confirmed \d+ days\s+ago", "confirmed [n] days ago")] }, {
        insta::assert_snapshot!(said.out, @r"
        anthropic/claude-sonnet-4.5

        anthropic  claude-sonnet-4-5-20250929
          DEPLOYMENT  REACH  STAGE  RETIRES      INPUT  OUTPUT  CACHED  REGIONS
          -           -      ga     >2026-09-29  3      15      0.3     *
          stateless, access: listed
          launch !2025-09-29
          prices by anthropic.pricing since 2026-01-31, confirmed [n] days ago
          also priced: cache_write_1h, cache_write_5m, input.batch, output.batch
            (--meters)

        bedrock  anthropic.claude-sonnet-4-5-20250929-v1:0
          DEPLOYMENT  REACH      STAGE   RETIRES      INPUT  OUTPUT  CACHED  REGIONS
          on-demand   in-region  legacy  !2027-04-14  3.3    16.5    0.33    us-east-1
          stateless, access: listed
          launch !2025-09-29, legacy !2026-10-14, deprecated !2027-01-14
          prices by bedrock.marketplace-prices since 2026-01-31, confirmed [n] days ago

        bedrock  global.anthropic.claude-sonnet-4-5-20250929-v1:0
          DEPLOYMENT      REACH   STAGE  RETIRES  INPUT  OUTPUT  CACHED  REGIONS
          profile:global  global  ga     -        3      15      0.3     us-east-1
          stateless, access: listed
          leads to us-east-1
          prices by bedrock.marketplace-prices since 2026-01-31, confirmed [n] days ago
          also priced: cache_write (--meters)

        bedrock  us.anthropic.claude-sonnet-4-5-20250929-v1:0
          DEPLOYMENT  REACH  STAGE  RETIRES  INPUT  OUTPUT  CACHED  REGIONS
          profile:us  geo    ga     -        3      15      0.3     us-east-1
          stateless, access: listed
          leads to us-east-1, us-west-2
          prices by models-dev.catalogue since 2026-01-31, confirmed [n] days ago

        vertex  claude-sonnet-4-5@20250929
          DEPLOYMENT  REACH  STAGE    RETIRES  INPUT  OUTPUT  CACHED  REGIONS
          partner     -      unknown  -        3      15      0.3     *
          access: listed
          prices by models-dev.catalogue since 2026-01-31, confirmed [n] days ago

          prices in USD per 1M tokens unless another unit is named; !2027-03-01 retires
            then, >2027-03-01 not before

        sources differ
          bedrock anthropic.claude-sonnet-4-5-20250929-v1:0 price.cache_read: 0.33
            (bedrock.marketplace-prices) against 0.3 (models-dev.catalogue): regional
            premium
          bedrock anthropic.claude-sonnet-4-5-20250929-v1:0 price.input: 3.3
            (bedrock.marketplace-prices) against 3 (models-dev.catalogue): regional
            premium
          bedrock anthropic.claude-sonnet-4-5-20250929-v1:0 price.output: 16.5
            (bedrock.marketplace-prices) against 15 (models-dev.catalogue): regional
            premium

        to fall back to
          generally available on anthropic, bedrock
          claude-opus-4-5-20251101, says anthropic: anthropic/claude-opus-4.5, offered
            on anthropic
        ");
    });
}

#[test]
fn the_landscape_is_a_matrix_with_the_health_of_sources() {
    let world = landscape();
    let rows = objects(&world.good(&[
        "--format",
        "jsonl",
        "status",
        "--model",
        "claude-sonnet-4.5",
    ]));
    let bedrock = rows
        .iter()
        .find(|row| row["provider"] == "bedrock")
        .expect("a row");
    assert_eq!(
        *bedrock,
        json!({ "model": "anthropic/claude-sonnet-4.5", "provider": "bedrock", "stage": "ga", "offerings": 3, "regions": ["us-east-1"],
            "reach": ["in-region", "geo", "global"], "retires": { "date": "2027-04-14", "certainty": "firm" }, "input": "3", "output": "15" })
    );
    assert_eq!(rows.len(), 3);
    let table = world.good(&["status", "--model", "anthropic/*"]);
    assert!(table.contains("MODEL") && table.contains("ga 1"), "{table}");
    assert!(table.contains("sources: 7 of 7 good"), "{table}");
    let sources = objects(&world.good(&["--format", "jsonl", "status", "--sources"]));
    assert_eq!(sources.len(), 7);
    assert!(
        sources.iter().all(|source| source["state"] == "good"),
        "{sources:?}"
    );
    let none = world.run(&["status", "--model", "nobody/*"]);
    assert_eq!(none.code, 2, "{}{}", none.out, none.err);
    assert!(!table.contains('\u{1b}'));
}
