use super::*;
use crate::market::{Content, ProviderId, Region, Settled};
use crate::readers::convert::StageWords;

/// A product: its SKU, what it is, and its terms as (begins, unit, price).
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str, &'a str)]);

/// An offer in the shape of the price list, its products and terms in the order of the rows.
fn offer(rows: &[Row<'_>]) -> String {
    let products: Vec<String> = rows
        .iter()
        .map(|(sku, attributes, _)| {
            format!(r#""{sku}":{{"sku":"{sku}","productFamily":"Amazon Bedrock","attributes":{{{attributes}}}}}"#)
        })
        .collect();
    let term = |(index, (begins, unit, price)): (usize, &(&str, &str, &str))| {
        format!(
            r#""T{index}":{{"offerTermCode":"T{index}","effectiveDate":"{begins}","termAttributes":{{}},"priceDimensions":{{"R":{{
                "rateCode":"R","unit":"{unit}","beginRange":"0","endRange":"Inf","pricePerUnit":{{"USD":"{price}"}},"appliesTo":[]}}}}}}"#
        )
    };
    let terms: Vec<String> = rows
        .iter()
        .map(|(sku, _, terms)| {
            let terms: Vec<String> = terms.iter().enumerate().map(term).collect();
            format!(r#""{sku}":{{{}}}"#, terms.join(","))
        })
        .collect();
    format!(
        r#"{{"formatVersion":"v1.0","disclaimer":"d","offerCode":"AmazonBedrock","version":"20261101000000",
        "publicationDate":"2026-11-01T00:00:00Z","products":{{{}}},"terms":{{"OnDemand":{{{}}},"Reserved":{{}}}}}}"#,
        products.join(","),
        terms.join(",")
    )
}

fn shown_with(units: &[(&str, &str)], text: &str) -> String {
    let context = Context {
        provider: &ProviderId::from("bedrock"),
        region: &Region::from("scope-1"),
        stages: &StageWords::default(),
        complete: true,
        settled: &Settled::new(),
        item: "",
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: Some("application/json"),
    };
    let units = units
        .iter()
        .map(|(stated, unit)| (stated.to_string(), unit.to_string()));
    let mapping = Mapping {
        units: units.collect(),
    };
    let reading = match read(&mapping, &body, &context) {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    let mut lines = Vec::new();
    for entry in &reading.entries {
        let subject = &entry.subject;
        let deployment = subject.deployment.as_deref().unwrap_or("-");
        let name = format!("{} {} {deployment}", subject.native_id, subject.region);
        if let Content::Stated { claims, .. } = &entry.content {
            lines.extend(
                claims
                    .iter()
                    .map(|claim| format!("{name}: {} = {}", claim.attribute, claim.value)),
            );
        }
    }
    lines.sort();
    lines.extend(
        reading
            .unexpected
            .iter()
            .map(|note| format!("? {}: {}", note.place, note.found)),
    );
    lines.join("\n")
}

fn shown(text: &str) -> String {
    shown_with(&[], text)
}

const NOVA: &str = r#""servicecode":"AmazonBedrock","servicename":"Amazon Bedrock","regionCode":"us-east-1","provider":"Amazon","model":"Nova 2.0 Lite""#;

fn nova(rest: &str) -> String {
    format!("{NOVA},{rest}")
}

const SINCE: &str = "2026-10-01T00:00:00Z";

#[test]
fn amazon_and_open_models_are_priced_by_scope_tier_and_meter() {
    let rows = [
        (
            r#""usagetype":"USE1-Nova2.0Lite-input-tokens","inferenceType":"Input tokens","service_tier":"standard""#,
            ("1K tokens", "0.0003300000"),
        ),
        (
            r#""usagetype":"USE1-Nova2.0Lite-input-tokens-cross-region-global-batch","feature":"Batch Inference""#,
            ("1K tokens", "0.0001500000"),
        ),
        (
            r#""usagetype":"USE1-Nova2.0Lite-cache-read-input-token-count""#,
            ("1K tokens", "0.0000825000"),
        ),
        (
            r#""usagetype":"USE1-Nova2.0Lite-output-tokens-flex","service_tier":"flex""#,
            ("1M tokens", "1.375"),
        ),
        (
            r#""usagetype":"USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits","feature":"Provisioned Throughput""#,
            ("hour", "108.15"),
        ),
        (
            r#""usagetype":"USE1-Nova2.0Lite-Customization-Storage","feature":"Model Customization""#,
            ("month", "1.95"),
        ),
        (
            r#""usagetype":"USE1-Nova2.0Lite-input-tokens-custom-model""#,
            ("1K tokens", "0.0004"),
        ),
    ];
    let products: Vec<String> = rows.iter().map(|(rest, _)| nova(rest)).collect();
    let skus: Vec<String> = (0..rows.len()).map(|index| format!("S{index}")).collect();
    let terms: Vec<[(&str, &str, &str); 1]> = rows
        .iter()
        .map(|(_, (unit, price))| [(SINCE, *unit, *price)])
        .collect();
    let listed: Vec<Row<'_>> = (0..rows.len())
        .map(|index| {
            (
                skus[index].as_str(),
                products[index].as_str(),
                &terms[index][..],
            )
        })
        .collect();
    insta::assert_snapshot!(shown(&offer(&listed)), @"
    Nova 2.0 Lite us-east-1 -: price.nova2_0lite_customization_storage = $1.95 / month
    Nova 2.0 Lite us-east-1 -: price.nova2_0lite_input_tokens_custom_model = $0.4 / 1M tokens
    Nova 2.0 Lite us-east-1 on-demand: price.cache_read = $0.0825 / 1M tokens
    Nova 2.0 Lite us-east-1 on-demand: price.input = $0.33 / 1M tokens
    Nova 2.0 Lite us-east-1 on-demand: price.output.flex = $1.375 / 1M tokens
    Nova 2.0 Lite us-east-1 profile:global: price.input.batch = $0.15 / 1M tokens
    Nova 2.0 Lite us-east-1 provisioned: price.nova2_0lite_provisionedthroughput_nocommit_modelunits = $108.15 / hour
    ");
    let turned: Vec<Row<'_>> = listed.iter().rev().copied().collect();
    assert_eq!(shown(&offer(&turned)), shown(&offer(&listed)));
}

#[test]
fn models_are_named_as_the_offer_names_them() {
    let one: &[(&str, &str, &str)] = &[(SINCE, "1M tokens", "2.20")];
    let rows: [Row<'_>; 7] = [
        (
            "A",
            r#""usagetype":"USE1-openai.gpt-oss-120b-mantle-input-tokens-standard","model":"gpt-oss-120b","regionCode":"us-east-1""#,
            one,
        ),
        (
            "B",
            r#""usagetype":"USE1-moonshotai.kimi-k3-mantle-input-tokens-global-standard","model":"Kimi K3""#,
            one,
        ),
        (
            "C",
            r#""usagetype":"USE1-MP:USE1_input_tokens_standard-Units","servicename":"Claude Sonnet 5.5 (Amazon Bedrock Edition)","regionCode":"us-east-1""#,
            one,
        ),
        (
            "D",
            r#""usagetype":"USE1-Claude4Sonnet-input-tokens-cross-region-geo","servicename":"Amazon Bedrock Service","model":"""#,
            one,
        ),
        (
            "E",
            r#""usagetype":"USE1-M-output-tokens","modelId":"amazon.nova-2-lite-v1:0","model":"Nova 2.0 Lite""#,
            one,
        ),
        (
            "F",
            r#""usagetype":"USE1-Runtime:Consumption-based:vCPU","servicename":"Amazon Bedrock AgentCore","servicecode":"AmazonBedrockAgentCore""#,
            &[(SINCE, "vCPU-Hours", "0.0895")],
        ),
        ("G", r#""usagetype":"""#, one),
    ];
    let text = offer(&rows);
    insta::assert_snapshot!(shown_with(&[("vcpu-hours", "vcpu_hour")], &text), @"
    Amazon Bedrock AgentCore scope-1 -: price.runtime_consumption_based_vcpu = $0.0895 / vcpu_hour
    Claude Sonnet 5.5 (Amazon Bedrock Edition) us-east-1 on-demand: price.input = $2.2 / 1M tokens
    Claude4Sonnet scope-1 profile:geo: price.input = $2.2 / 1M tokens
    amazon.nova-2-lite-v1:0 scope-1 on-demand: price.output = $2.2 / 1M tokens
    moonshotai.kimi-k3 scope-1 mantle:global: price.input = $2.2 / 1M tokens
    openai.gpt-oss-120b us-east-1 mantle: price.input = $2.2 / 1M tokens
    ? products: neither at G
    ");
    assert!(shown(&text).contains("? unit: 'vCPU-Hours' at F"));
}

#[test]
fn a_bare_unit_is_a_million_tokens_only_where_tokens_are_metered() {
    let row = |usage: &str| {
        format!(
            r#""usagetype":"USE1-MP:USE1_{usage}-Units","servicename":"M (Amazon Bedrock Edition)","regionCode":"us-east-1""#
        )
    };
    let usages = [
        "InputTokenCount",
        "CacheWrite1hInputTokenCount_Global",
        "output_tokens_long_ctx_global_flex",
        "created_image",
        "search_units",
        "InputTextRequestCount",
    ]
    .map(row);
    let skus = ["A", "B", "C", "D", "E", "F"];
    let terms: &[(&str, &str, &str)] = &[(SINCE, "Units", "3.3")];
    let rows: Vec<Row<'_>> = skus
        .iter()
        .zip(&usages)
        .map(|(sku, attributes)| (*sku, attributes.as_str(), terms))
        .collect();
    insta::assert_snapshot!(shown_with(&[("units", "1M_tokens")], &offer(&rows)), @"
    M (Amazon Bedrock Edition) us-east-1 -: price.created_image = $3.3 / image
    M (Amazon Bedrock Edition) us-east-1 -: price.search_units = $3.3 / search_unit
    M (Amazon Bedrock Edition) us-east-1 on-demand: price.input = $3.3 / 1M tokens
    M (Amazon Bedrock Edition) us-east-1 profile:global: price.cache_write_1h = $3.3 / 1M tokens
    M (Amazon Bedrock Edition) us-east-1 profile:global: price.output.flex_long_context = $3.3 / 1M tokens
    ? unit: 'Units' at F
    ");
}

#[test]
fn the_term_that_holds_is_the_latest_that_has_begun() {
    let attributes = nova(r#""usagetype":"USE1-Nova2.0Lite-input-tokens""#);
    let price = |terms: &[(&str, &str, &str)]| shown(&offer(&[("S", &attributes, terms)]));
    let line = |price: &str| {
        format!("Nova 2.0 Lite us-east-1 on-demand: price.input = ${price} / 1M tokens")
    };
    let (old, new, next) = (
        ("2025-12-02T00:00:00Z", "1K tokens", "0.0005"),
        ("2026-11-01T00:00:00Z", "1K tokens", "0.0004"),
        ("2026-12-01T00:00:00Z", "1K tokens", "0.0009"),
    );
    assert_eq!(price(&[old, new]), line("0.4"));
    assert_eq!(price(&[new, old]), line("0.4"));
    // a price that is still to come is no price yet
    let later = line("0.9").replace("price.input", "price.input.from_2026-12-01");
    assert_eq!(
        price(&[new, next, old]),
        format!("{}\n{later}", line("0.4"))
    );
    assert_eq!(price(&[next]), later);
    assert_eq!(price(&[]), "");
}

#[test]
fn the_parts_of_an_offer_may_come_in_any_order() {
    let attributes = nova(r#""usagetype":"USE1-Nova2.0Lite-input-tokens""#);
    let terms = [
        (SINCE, "1K tokens", "0.0004"),
        ("2026-12-01T00:00:00Z", "1K tokens", "0.0009"),
    ];
    let usual = offer(&[("S", &attributes, &terms)]);
    let json: serde_json::Value = serde_json::from_str(&usual).expect("JSON");
    let turned = format!(
        r#"{{"terms":{},"products":{},"publicationDate":{}}}"#,
        json["terms"], json["products"], json["publicationDate"]
    );
    assert_eq!(shown(&turned), shown(&usual));
    assert!(shown(&usual).contains("$0.4"));
}

#[test]
fn what_cannot_be_read_is_noted_and_not_guessed() {
    let attributes = nova(r#""usagetype":"USE1-Nova2.0Lite-input-tokens""#);
    for (unit, price, expected) in [
        ("1B tokens", "1", "? unit: '1B tokens' at S"),
        ("1K tokens", "free", "? pricePerUnit: neither at S"),
        ("1K tokens", "-1", "? pricePerUnit: neither at S"),
        (
            "1K tokens",
            "0.0000000000",
            "Nova 2.0 Lite us-east-1 on-demand: price.input = $0 / 1M tokens",
        ),
    ] {
        let terms = [(SINCE, unit, price)];
        assert_eq!(shown(&offer(&[("S", &attributes, &terms)])), expected);
    }
    for (text, expected) in [
        (r#"{"products":{},"terms":{"OnDemand":{}}}"#, ""),
        (
            r#"{"products":{"A":7,"B":{"attributes":[]}},"terms":{"OnDemand":{"A":7}}}"#,
            "? products: a product without attributes at A and 1 more\n? terms.OnDemand: no terms at A",
        ),
        (
            r#"{"terms":{"OnDemand":{}}}"#,
            "expected an offer with products and terms.OnDemand, found no products",
        ),
        (
            r#"{"products":{}}"#,
            "expected an offer with products and terms.OnDemand, found no terms.OnDemand",
        ),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
    assert!(shown("[]").starts_with("expected JSON"));
    assert!(shown("<Error><Code>AccessDenied</Code></Error>").starts_with("expected JSON"));
}

fn body(bytes: &[u8]) -> Body<'_> {
    Body {
        bytes,
        content_type: None,
    }
}

/// Runs with what every reader is told, some of it settled.
fn with_context<T>(settled: &Settled, run: impl FnOnce(&Context<'_>) -> T) -> T {
    run(&Context {
        provider: &ProviderId::from("bedrock"),
        region: &Region::unstated(),
        stages: &StageWords::default(),
        complete: true,
        settled,
        item: "",
    })
}

#[test]
fn an_offer_that_is_streamed_says_the_same_and_what_is_settled_is_not_said_again() {
    let attributes = nova(r#""usagetype":"USE1-Nova2.0Lite-input-tokens""#);
    let other = nova(r#""usagetype":"USE1-Nova2.0Lite-input-tokens-cross-region-global""#);
    let strange = nova(r#""usagetype":"USE1-Nova2.0Lite-output-tokens-cross-region-geo""#);
    let text = |price: &str| {
        let changing = [(SINCE, "1K tokens", price)];
        let rows: [Row<'_>; 3] = [
            ("A", &attributes, &changing),
            ("B", &other, &[(SINCE, "1K tokens", "0.2")]),
            ("C", &strange, &[(SINCE, "furlong", "0.2")]),
        ];
        offer(&rows)
    };
    let first = text("0.1");
    let whole = with_context(&Settled::new(), |context| {
        let mapping = Mapping::default();
        let marked = format!("\u{feff}{first}");
        let streamed = read_from(&mapping, marked.as_bytes(), context).expect("a reading");
        let whole = read(&mapping, &body(first.as_bytes()), context).expect("a reading");
        let contents = |reading: &Reading| -> Vec<_> {
            let said = reading
                .entries
                .iter()
                .map(|entry| (entry.key, entry.content.clone()));
            let mut said: Vec<_> = said.collect();
            said.sort_by_key(|(key, _)| *key);
            said
        };
        assert_eq!(contents(&streamed), contents(&whole));
        let broken = read_from(&mapping, &marked.as_bytes()[..marked.len() / 2], context);
        assert!(matches!(broken, Err(Failure::Unreadable { .. })));
        whole
    });
    let settled: Settled = whole
        .entries
        .iter()
        .filter_map(|entry| match &entry.content {
            Content::Stated { fingerprint, .. } => Some((entry.key, (*fingerprint)?)),
            Content::Settled => None,
        })
        .collect();
    assert_eq!(settled.len(), 2, "what could not be read is never settled");
    for (price, said_again) in [("0.1", 0), ("0.3", 1)] {
        let second = text(price);
        let again = with_context(&settled, |context| {
            read(&Mapping::default(), &body(second.as_bytes()), context).expect("a reading")
        });
        let known = settled.keys().filter(|key| {
            let entry = again.entries.iter().find(|entry| entry.key == **key);
            entry.is_some_and(|entry| entry.content != Content::Settled)
        });
        assert_eq!(known.count(), said_again, "{price}");
    }
}

proptest::proptest! {
    #[test]
    fn mutated_offers_are_read_without_panic(at in 0usize..2_000, with in "\\PC{0,3}") {
        let attributes = nova(r#""usagetype":"USE1-Nova2.0Lite-input-tokens""#);
        let terms = [(SINCE, "1K tokens", "0.1"), ("2027-01-01T00:00:00Z", "1K tokens", "0.2")];
        let mut text = offer(&[("S", &attributes, &terms), ("T", &attributes, &terms)]);
        text.insert_str(text.floor_char_boundary(at % text.len()), &with);
        let _ = shown(&text);
    }
}
