//! A workload on every offering: every sum below is derived by hand.

use serde_json::{Value as Json, json};

use crate::sonnet::{bedrock_models, bedrock_prices, bedrock_profiles, import, landscape, objects};
use crate::world::World;

/// 200,000 requests a month: 1,200 million tokens in, half of them cached, 160 million out; a quarter can wait.
const WORKLOAD: &str = "[[workload]]\nname = \"support\"\nrequests = 200_000\ninput = 6_000\noutput = 800\ncached = 0.5\n\
    batch = 0.25\nmodels = \"claude-sonnet-4.5\"\n";

/// With Frankfurt, whose lists also price batches.
fn with_frankfurt() -> World {
    let world = landscape();
    world.configure(WORKLOAD);
    let models = bedrock_models(
        "eu-central-1",
        &["INFERENCE_PROFILE"],
        json!({ "status": "ACTIVE" }),
    );
    import(&world, "bedrock.models@eu-central-1", "json", &models);
    let profiles = bedrock_profiles(&[
        ("eu", &["eu-central-1", "eu-north-1", "eu-west-1"]),
        ("global", &["eu-central-1", ""]),
    ]);
    import(&world, "bedrock.profiles@eu-central-1", "json", &profiles);
    let prices = bedrock_prices(
        "eu-central-1",
        "EUC1",
        &[
            ("InputTokenCount", "3.3000000000"),
            ("OutputTokenCount", "16.5000000000"),
            ("CacheReadInputTokenCount", "0.3300000000"),
            ("InputTokenCount_Batch", "1.6500000000"),
            ("OutputTokenCount_Batch", "8.2500000000"),
            ("CacheReadInputTokenCount_Batch", "0.1650000000"),
            ("InputTokenCount_Global", "3.0000000000"),
            ("OutputTokenCount_Global", "15.0000000000"),
            ("CacheReadInputTokenCount_Global", "0.3000000000"),
            ("InputTokenCount_Global_Batch", "1.5000000000"),
            ("OutputTokenCount_Global_Batch", "7.5000000000"),
        ],
    );
    import(
        &world,
        "bedrock.marketplace-prices@eu-central-1",
        "json",
        &prices,
    );
    world
}

fn sums(rows: &[Json]) -> Vec<String> {
    let line = |row: &Json| {
        let text = |key: &str| row[key].as_str().unwrap_or("-").to_string();
        [
            "provider",
            "deployment",
            "region",
            "per_month",
            "premium_percent",
            "left_out",
        ]
        .map(text)
        .join(" ")
    };
    rows.iter().map(line).collect()
}

#[test]
fn every_offering_costs_what_is_derived_by_hand() {
    let world = with_frankfurt();
    let rows = objects(&world.good(&["--format", "jsonl", "cost"]));
    assert_eq!(
        sums(&rows),
        [
            // at once: 450 × 3 + 450 × 0.3 + 120 × 15 = 3,285; in batches, whose cache has no price: 300 × 1.5 + 40 × 7.5 = 750
            "anthropic - * 4035 - -",
            "bedrock profile:global eu-central-1 4035 - -",
            // at once: 450 × 3.3 + 450 × 0.33 + 120 × 16.5 = 3,613.5; in batches: 150 × 1.65 + 150 × 0.165 + 40 × 8.25 = 602.25
            "bedrock profile:eu eu-central-1 4215.75 4.5 -",
            // no batch price is stated: 600 × 3 + 600 × 0.3 + 160 × 15
            "bedrock profile:global us-east-1 4380 8.6 -",
            "vertex partner * 4380 - -",
            // 600 × 3.3 + 600 × 0.33 + 160 × 16.5; the geography is billed as the region
            "bedrock on-demand us-east-1 4818 19.4 -",
            "bedrock profile:us us-east-1 4818 19.4 -",
        ]
    );
    let eu = &rows[2];
    assert_eq!(eu["per_request"], json!("0.02107875"));
    let sum = |items: &Json| -> f64 {
        let items = items.as_array().expect("items").iter();
        items
            .map(|item| {
                item["amount"]
                    .as_str()
                    .expect("text")
                    .parse::<f64>()
                    .expect("a number")
            })
            .sum()
    };
    assert!((sum(&eu["items"]) - 4215.75).abs() < 1e-9, "{eu}");
    assert_eq!(
        eu["items"][0]["source"],
        "bedrock.marketplace-prices@eu-central-1"
    );
    assert_eq!(eu["assumptions"], json!([]));
}

#[test]
fn traffic_that_must_stay_in_the_union_stays_there() {
    let world = with_frankfurt();
    let bound = ["--region", "eu", "--stage", "ga"];
    let asked = |format: &str, more: &[&str]| {
        let arguments = [&["--format", format, "cost"], &bound[..], more].concat();
        world.good(&arguments)
    };
    assert_eq!(
        sums(&objects(&asked("jsonl", &["--all"]))),
        [
            "bedrock profile:eu eu-central-1 4215.75 4.5 -",
            "anthropic - * - - no source says in which region",
            "bedrock - eu-central-1 - - no source says how far its traffic may travel",
            "bedrock on-demand us-east-1 - - at another stage",
            "bedrock profile:global eu-central-1 - - its traffic may travel too far",
            "bedrock profile:global us-east-1 - - at another stage",
            "bedrock profile:us us-east-1 - - at another stage",
            "vertex partner * - - no source says at which stage",
        ]
    );
    // whoever lets traffic leave the union pays less
    let called = objects(&asked("jsonl", &["--reach", "global"]));
    assert_eq!(
        sums(&called),
        ["bedrock profile:global eu-central-1 4035 - -"]
    );
    insta::assert_snapshot!(asked("table", &[]), @r"
    support: 200,000 requests a month, each 6,000 tokens in and 800 out; 50 % of the input read from the
      cache; 25 % of the requests in batches
    only staying in eu, stage ga

    PER MONTH  PREMIUM  PROVIDER  NATIVE ID                                     DEPLOYMENT  REGIONS       STAGE
    $4,215.75  +4.5 %   bedrock   eu.anthropic.claude-sonnet-4-5-20250929-v1:0  profile:eu  eu-central-1  ga

    cheapest: anthropic/claude-sonnet-4.5 on bedrock: $4,215.75 a month
    prices by bedrock.marketplace-prices

    left out (--all names them)
      3 offerings: at another stage
      1 offering: its traffic may travel too far
      1 offering: no source says at which stage
      1 offering: no source says how far its traffic may travel
      1 offering: no source says in which region

    By list price: without taxes, agreements, free allotments or storage of caches. Premium: above the
      provider's cheapest way to call the same model. Amounts in different currencies are not compared.
    ");
}

#[test]
fn a_workload_that_is_not_meant_clearly_is_asked_for() {
    let world = landscape();
    for (configuration, arguments, expected) in [
        (
            "",
            &["cost"][..],
            "expected --input and --output in tokens a request, or a [[workload]] in the configuration; found neither",
        ),
        (
            "",
            &["cost", "--workload", "x"],
            "expected a [[workload]] named 'x' in the configuration, found none at all",
        ),
        (
            WORKLOAD,
            &["cost", "--workload", "x"],
            "expected one of the workloads support, found 'x'",
        ),
        (
            WORKLOAD,
            &["cost", "--cached", "0.9", "--cache-writes", "0.2"],
            "cache_writes: expected a share that is at most 1.0",
        ),
        (
            "",
            &["cost", "--input", "5", "--batch", "2"],
            "expected a share from 0 to 1",
        ),
        (
            "",
            &["cost", "--input", "5", "nobodys-model"],
            "found 'nobodys-model', whose maker is not known",
        ),
        (
            "",
            &["cost", "--input", "5", "--provider", "bedrok"],
            "--provider: expected a known provider, found 'bedrok': nearest is bedrock",
        ),
        (
            "",
            &["cost", "--input", "5", "--region", "us-esat-1"],
            "found 'us-esat-1': nearest is us-east-1",
        ),
        (
            &format!("{WORKLOAD}providers = [\"vertexx\"]\nregions = [\"eu\", \"nowhere\"]\n"),
            &["cost"],
            "workload.support.providers: expected a known provider, found 'vertexx': nearest is vertex\n\
             workload.support.regions: expected a known region or one of eu, us, uk, switzerland, canada, japan, australia, \
             india, found 'nowhere': known are ",
        ),
    ] {
        world.configure(configuration);
        let said = world.run(arguments);
        assert_eq!(said.code, 2, "{}{}", said.out, said.err);
        assert!(said.err.contains(expected), "{}", said.err);
    }
    world.configure("");
    let none = world.good(&["cost", "gpt-5", "--input", "5", "--output", "5"]);
    assert!(
        none.contains("openai/gpt-5: no source speaks of it"),
        "{none}"
    );
}
