//! A price list too large to stand in memory: it is packed as it comes, read as it unpacks, and kept as it is.

use crate::http::{Answer, Server};
use crate::world::{World, until};

const PROBE: &str = r#"
provider = "bedrock"
kind = "cloud"

[[probe]]
name = "prices"
title = "List prices"
authority = "provider-api"
complete = true
every = "1s"
reader = "aws-price-list"

[probe.request]
url = "https://prices.test/offer.json"
accept = "json"

[probe.aws_price_list]
"#;

const PRODUCTS: usize = 6_000;

/// An offer of about four megabytes in which one product has another price.
fn offer(changed: usize) -> String {
    let usage = |n: usize| format!("USE1-Model{n}-input-tokens");
    let products: Vec<String> = (0..PRODUCTS)
        .map(|n| {
            format!(
                r#""SKU{n}":{{"sku":"SKU{n}","productFamily":"Amazon Bedrock","attributes":{{"servicecode":"AmazonBedrock",
                "location":"US East (N. Virginia)","locationType":"AWS Region","regionCode":"us-east-1","usagetype":"{}",
                "operation":"","provider":"Acme","model":"Model {n}","feature":"On-demand Inference","inferenceType":"Input tokens"}}}}"#,
                usage(n)
            )
        })
        .collect();
    let terms: Vec<String> = (0..PRODUCTS)
        .map(|n| {
            let price = if n == changed { "0.0009" } else { "0.0003300000" };
            format!(
                r#""SKU{n}":{{"SKU{n}.T":{{"offerTermCode":"T","sku":"SKU{n}","effectiveDate":"2026-10-01T00:00:00Z","termAttributes":{{}},
                "priceDimensions":{{"R":{{"rateCode":"R","description":"{} in US East (N. Virginia)","beginRange":"0","endRange":"Inf",
                "unit":"1K tokens","appliesTo":[],"pricePerUnit":{{"USD":"{price}"}}}}}}}}}}"#,
                usage(n)
            )
        })
        .collect();
    format!(
        r#"{{"publicationDate":"2026-11-01T00:00:00Z","products":{{{}}},"terms":{{"OnDemand":{{{}}}}}}}"#,
        products.join(","),
        terms.join(",")
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_price_list_is_read_kept_and_compared() {
    let web = Server::start().await;
    let first = offer(PRODUCTS);
    assert!(first.len() > 4 << 20, "{}", first.len());
    web.tell("/offer.json", Answer::ok("application/json", first));
    tokio::task::spawn_blocking(move || {
        let world = World::new(&format!(
            "[probes]\nfolder = \"own\"\nonly = [\"bedrock.prices\"]\n[http]\nper_host_pace_ms = 0\n\
             [http.rewrite]\n\"https://prices.test\" = \"{}\"\n",
            web.url()
        ));
        world.write("own/prices.toml", PROBE);
        let said = world.good(&["run", "--once"]);
        assert!(said.contains(&format!("first reading: {PRODUCTS} items")), "{said}");
        let again = until(|| {
            let said = world.good(&["run", "--once"]);
            said.contains("1 sources asked").then_some(said)
        });
        assert!(again.contains("unchanged"), "{again}");

        web.tell("/offer.json", Answer::ok("application/json", offer(7)));
        let changes = until(|| {
            world.good(&["run", "--once"]);
            Some(world.changes(false)).filter(|changes| !changes.is_empty())
        });
        assert_eq!(changes.len(), 1);
        let change = &changes[0];
        assert_eq!(change["native_id"], "Model 7");
        assert_eq!((&change["old"], &change["new"]), (&"0.33".into(), &"0.9".into()));
        let why = world.good(&["why", change["id"].as_str().expect("an id")]);
        assert!(why.contains("SKU7"), "{why}");
        assert!(world.good(&["probe", "test", "bedrock.prices"]).contains(&format!("good: {PRODUCTS} items")));

        // another mapping reads the kept body again, and finds nothing new in it
        world.write("own/prices.toml", &format!("{PROBE}units = {{ furlong = \"furlong\" }}\n"));
        until(|| world.good(&["run", "--once"]).contains("1 sources asked").then_some(()));
        assert_eq!(world.changes(false).len(), 1);
    })
    .await
    .expect("the rounds");
}

#[test]
fn a_large_saved_price_list_says_what_it_would_say_from_its_host() {
    let world = World::new("[probes]\nfolder = \"own\"\nonly = [\"bedrock.prices\"]\n");
    world.write("own/prices.toml", PROBE);
    let first = world.write("2026-11-02.json", &offer(PRODUCTS));
    let second = world.write("2026-11-03.json", &offer(7));
    let paths = [first, second].map(|path| path.display().to_string());
    let tried = world.good(&["probe", "test", "bedrock.prices", "--file", &paths[0]]);
    assert!(
        tried.contains(&format!("good: {PRODUCTS} items")),
        "{tried}"
    );
    world.good(&["import", "--probe", "bedrock.prices", &paths[0], &paths[1]]);
    let changes = world.changes(false);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["native_id"], "Model 7");
    world.good(&["import", "--probe", "bedrock.prices", "--rebuild"]);
    assert_eq!(world.changes(false), changes);
}
