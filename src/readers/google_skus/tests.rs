use super::*;
use crate::market::{Content, ProviderId, Settled};
use crate::readers::convert::StageWords;

#[test]
fn descriptions_say_model_and_meter() {
    let families = ["Gemini".to_string()];
    for (description, expected) in [
        (
            "Gemini 3.8 Flash Global Text Input - Predictions",
            "Gemini 3.8 Flash: input global",
        ),
        (
            "Gemini 3.8 Flash Global Text Output",
            "Gemini 3.8 Flash: output global",
        ),
        (
            "Gemini 2.5 Pro Text and Thinking Output",
            "Gemini 2.5 Pro: output",
        ),
        (
            "Gemini 2.5 Flash GA Thinking Text Output - Predictions",
            "Gemini 2.5 Flash: reasoning ga",
        ),
        (
            "Gemini 2.5 Flash Text Input - Batch Predictions",
            "Gemini 2.5 Flash: input batch",
        ),
        (
            "Gemini 2.5 Flash GA Video Input Priority - Predictions",
            "Gemini 2.5 Flash: input_video priority ga",
        ),
        (
            "Gemini 2.5 Pro Text Input Caching (Long)",
            "Gemini 2.5 Pro: cache_read long",
        ),
        (
            "Gemini 2.5 Flash GA Audio Input (Long) - Predictions",
            "Gemini 2.5 Flash: input_audio long ga",
        ),
        (
            "Gemini 2.5 Flash Input Text Caching Storage",
            "Gemini 2.5 Flash: cache_storage",
        ),
        (
            "Gemini 3.1 Flash Image Text Input - Predictions",
            "Gemini 3.1 Flash Image: input",
        ),
        (
            "Gemini 2.5 Flash Image Input",
            "Gemini 2.5 Flash: input_image or Gemini 2.5 Flash Image",
        ),
        (
            "Gemini 3.6 Flash Live Audio Input - Predictions",
            "Gemini 3.6 Flash Live: input_audio or Gemini 3.6 Flash Live Audio",
        ),
        (
            "Generate_content text input token count for gemini 3 pro short",
            "gemini 3 pro: input",
        ),
        (
            "Generate_content text cached input token count for gemini 3 pro long",
            "gemini 3 pro: cache_read long",
        ),
        (
            "Generate content output token count gemini 2.5 flash lite short output text non-thinking",
            "gemini 2.5 flash lite: output",
        ),
        (
            "Generate_content image output token count for Gemini 3 Pro Image",
            "Gemini 3 Pro Image: output_image",
        ),
        ("CodeMender Gemini 3.1 Pro Global Text Output", "no model"),
        ("Vertex AI: Provisioned Throughput 1 month", "no model"),
        (
            "Gemini 2.5 Flash Live Audio (AV2A) Output - Predictions",
            "not understood: AV2A",
        ),
        (
            "Gemini 3.0 Pro Grounding with Search",
            "not understood: Search",
        ),
        ("Gemini Text Input", "not understood: Gemini Text Input"),
    ] {
        let shown = match meaning(description, &families) {
            None => "no model".to_string(),
            Some(Err(word)) => format!("not understood: {word}"),
            Some(Ok(meaning)) => {
                let tier = meaning.tier.map(|tier| format!(" {tier}"));
                let flags = [
                    (meaning.long, " long"),
                    (meaning.global, " global"),
                    (meaning.generally_available, " ga"),
                ];
                let flags: String = flags
                    .iter()
                    .filter(|(is, _)| *is)
                    .map(|(_, word)| *word)
                    .collect();
                let other = meaning.or_else_model.map(|model| format!(" or {model}"));
                format!(
                    "{}: {}{}{flags}{}",
                    meaning.model,
                    meaning.meter,
                    tier.unwrap_or_default(),
                    other.unwrap_or_default()
                )
            }
        };
        assert_eq!(shown, expected, "{description}");
    }
}

/// A SKU in the shape of the catalogue.
fn sku(description: &str, unit: &str, quantity: u32, nanos: u32, regions: &str) -> String {
    format!(
        r#"{{"name":"services/C/skus/A","skuId":"A","description":"{description}","category":{{"serviceDisplayName":"Vertex AI","resourceFamily":"ApplicationServices","usageType":"OnDemand"}},
        "serviceRegions":[{regions}],"geoTaxonomy":{{"type":"GLOBAL","regions":[]}},"serviceProviderName":"Google","pricingInfo":[{{"effectiveTime":"2026-09-02T00:00:00Z",
        "pricingExpression":{{"usageUnit":"{unit}","displayQuantity":{quantity},"baseUnit":"{unit}","baseUnitConversionFactor":1,"tieredRates":[
        {{"startUsageAmount":0,"unitPrice":{{"currencyCode":"USD","units":"0","nanos":0}}}},
        {{"startUsageAmount":1000,"unitPrice":{{"currencyCode":"USD","units":"0","nanos":{nanos}}}}}]}},"currencyConversionRate":1}}]}}"#
    )
}

fn shown(text: &str) -> String {
    let context = Context {
        provider: &ProviderId::from("acme"),
        region: &Region::unstated(),
        item: "",
        stages: &StageWords::default(),
        complete: true,
        settled: &Settled::new(),
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: Some("application/json"),
    };
    let mapping = Mapping {
        families: vec!["Gemini".to_string()],
    };
    let reading = match read(&mapping, &body, &context) {
        Ok(reading) => reading,
        Err(failure) => return failure.to_string(),
    };
    let mut lines = Vec::new();
    for entry in &reading.entries {
        if let Content::Stated { claims, .. } = &entry.content {
            let subject = &entry.subject;
            let term = subject.deployment.as_deref().unwrap_or("-");
            lines.extend(claims.iter().map(|claim| {
                format!(
                    "{} {} {term}: {} = {}",
                    subject.native_id, subject.region, claim.attribute, claim.value
                )
            }));
        }
    }
    lines.sort();
    lines.extend(reading.unexpected.iter().map(|note| {
        format!(
            "? {}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    }));
    lines.join("\n")
}

fn page(skus: &[String]) -> String {
    format!(r#"{{"skus":[{}],"nextPageToken":""}}"#, skus.join(","))
}

fn skus() -> Vec<String> {
    vec![
        sku(
            "Gemini 3.8 Flash Global Text Input - Predictions",
            "count",
            1_000_000,
            1500,
            r#""global""#,
        ),
        sku(
            "Gemini 2.5 Flash Text Input - Predictions",
            "count",
            1_000_000,
            150,
            r#""global""#,
        ),
        sku(
            "Gemini 2.5 Flash GA Text Input - Predictions",
            "count",
            1_000_000,
            300,
            r#""global""#,
        ),
        sku(
            "Gemini 2.5 Pro Text Output (Long) - Batch Predictions",
            "count",
            1_000_000,
            7500,
            r#""us-central1","europe-west1""#,
        ),
        sku(
            "Gemini 2.5 Flash Input Text Caching Storage",
            "h",
            1_000_000,
            1,
            r#""global""#,
        ),
        sku("Gemini 1.5 Pro Text Input", "k{char}", 1, 1_250_000, ""),
        sku("Gemini 2.5 Flash Image Input", "count", 1_000_000, 150, ""),
        sku(
            "Gemini 2.5 Flash Image Text Input",
            "count",
            1_000_000,
            300,
            "",
        ),
        sku("Gemini 3 Pro Grounding", "count", 1000, 14_000_000, ""),
        sku("Custom Training n1 core", "h", 1, 31_611_000, ""),
        r#"{"skuId":"no description"}"#.to_string(),
    ]
}

#[test]
fn token_prices_are_read_by_region() {
    insta::assert_snapshot!(shown(&page(&skus())), @"
    Gemini 2.5 Flash * -: price.cache_storage = $0.001 / 1M_tokens_hour
    Gemini 2.5 Flash * -: price.input = $0.3 / 1M tokens
    Gemini 2.5 Flash Image * -: price.input = $0.3 / 1M tokens
    Gemini 2.5 Pro europe-west1 -: price.output.batch.over_200000 = $7.5 / 1M tokens
    Gemini 2.5 Pro us-central1 -: price.output.batch.over_200000 = $7.5 / 1M tokens
    Gemini 3.8 Flash global global: price.input = $1.5 / 1M tokens
    ? a SKU: expected a description, found nothing
    ? description: expected words of a meter, found 'Grounding' at Gemini 3 Pro Grounding
    ? description: expected words that name one model and meter, found a name of two meanings at Gemini 2.5 Flash Image Input
    ? usageUnit: expected count, found 'k{char}' at Gemini 1.5 Pro Text Input
    ");
}

#[test]
fn an_error_is_no_catalogue_and_a_page_may_hold_no_model() {
    assert_eq!(
        shown(r#"{"error":{"code":403}}"#),
        "expected a list of skus, found an object with error"
    );
    assert!(shown("<html>").starts_with("expected JSON"));
    assert_eq!(shown(r#"{"skus":[]}"#), "");
}

proptest::proptest! {
    #[test]
    fn mutated_pages_are_read_without_panic(at in 0usize..9_000, with in "\\PC{0,3}") {
        let mut text = page(&skus());
        let at = text.floor_char_boundary(at % text.len());
        text.insert_str(at, &with);
        let _ = shown(&text);
    }

    #[test]
    fn skus_in_any_order_are_one_reading(turn in 0usize..11) {
        let mut turned = skus();
        turned.rotate_left(turn);
        proptest::prop_assert_eq!(shown(&page(&turned)), shown(&page(&skus())));
    }

    #[test]
    fn any_description_is_read_without_panic(words in proptest::collection::vec("Gemini|Flash|Image|Text|Input|Output|and|\\(Long\\)|-|[a-z]{0,4}", 0..8)) {
        let _ = meaning(&words.join(" "), &["Gemini".to_string()]);
    }
}
