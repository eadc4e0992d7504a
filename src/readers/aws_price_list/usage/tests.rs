use super::*;
use crate::market::Attribute;

fn shown(usage_type: &str, tier_words: &str) -> String {
    let Some(usage) = token_usage(usage_type, tier_words) else {
        return "none".to_string();
    };
    let model = usage.model.unwrap_or_default();
    let mantle = if usage.mantle { " mantle" } else { "" };
    let scope = match usage.scope {
        Scope::Regional => String::new(),
        Scope::Geo(geo) => format!(" {geo}"),
        Scope::Global => " global".to_string(),
    };
    format!("{model}{mantle}{scope} {}", Attribute::Price(usage.meter))
}

#[test]
fn usage_types_of_every_spelling_are_understood() {
    for (usage_type, expected) in [
        ("USE1-Nova2.0Lite-input-tokens", "Nova2.0Lite price.input"),
        (
            "USE1-Nova2.0Lite-input-tokens-cross-region-global-batch",
            "Nova2.0Lite global price.input.batch",
        ),
        (
            "USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global",
            "Nova2.0Pro global price.input.priority",
        ),
        (
            "USW2-NovaPro-cache-write-input-token-count-cross-region-geo",
            "NovaPro geo price.cache_write",
        ),
        (
            "USE1-NovaPro-cache-read-input-token-count",
            "NovaPro price.cache_read",
        ),
        (
            "USE1-Nova2.0Pro-input-image-token-count",
            "Nova2.0Pro price.input_image",
        ),
        (
            "USE1-NovaSonic-speech-output-tokens",
            "NovaSonic price.output_speech",
        ),
        (
            "EU-TitanEmbeddingV2-Text-input-tokens",
            "TitanEmbeddingV2 price.input",
        ),
        (
            "USE1-Claude3-5Haiku-input-tokens-latency-optimized",
            "Claude3-5Haiku price.input.latency_optimized",
        ),
        (
            "gpt-oss-20b-input-tokens-flex",
            "gpt-oss-20b price.input.flex",
        ),
        (
            "USE1-Claude4Sonnet-input-tokens-long-context-cross-region-global",
            "Claude4Sonnet global price.input.long_context",
        ),
        (
            "USE1-openai.gpt-oss-120b-mantle-input-tokens-standard",
            "openai.gpt-oss-120b mantle price.input",
        ),
        (
            "UGW1-openai.gpt-5.6-terra-mantle-cache-write-tokens-30m-long-ctx-standard",
            "openai.gpt-5.6-terra mantle price.cache_write_30m.long_context",
        ),
        (
            "USE1-moonshotai.kimi-k3-mantle-input-tokens-global-standard",
            "moonshotai.kimi-k3 mantle global price.input",
        ),
        ("USE1-MP:USE1_InputTokenCount-Units", " price.input"),
        (
            "USE1-MP:USE1_CacheWrite1hInputTokenCount_Global_Batch-Units",
            " global price.cache_write_1h.batch",
        ),
        (
            "USE1-MP:USE1_CacheReadInputTokenCount_Global-Units",
            " global price.cache_read",
        ),
        ("USE1_input_tokens_standard-Units", " price.input"),
        (
            "USE1-MP:USE1_cache_write_tokens_1h_global_standard-Units",
            " global price.cache_write_1h",
        ),
        (
            "USE1-MP:USE1_output_tokens_long_ctx_global_flex-Units",
            " global price.output.flex_long_context",
        ),
        (
            "USE1-MP:USE1_cached_input_tokens_ultrafast-Units",
            " price.cache_read.ultrafast",
        ),
        ("USE1-MP:USE1_created_image-Units", "none"),
        ("USE1-MP:USE1_search_units-Units", "none"),
        ("USE1-NovaLite-input-tokens-custom-model", "none"),
        ("USE1-NovaCanvas-T2I-1024-Standard", "none"),
        ("USE1-cohere.rerank-english-v3-search-units", "none"),
        ("USE1-Runtime:Consumption-based:vCPU", "none"),
        ("USE1-NovaPro-input-tokens-cross-region-mars", "none"),
        ("USE1-NovaPro-input-tokens-cross-region", "none"),
        ("USE1-NovaPro-input-tokens-batch-flex", "none"),
        ("input-tokens", "none"),
        ("", "none"),
    ] {
        assert_eq!(shown(usage_type, ""), expected, "{usage_type}");
    }
    for (words, expected) in [
        ("Batch Inference", "M price.input.batch"),
        ("global-standard", "M price.input"),
        ("Flex", "M price.input.flex"),
    ] {
        assert_eq!(shown("USE1-M-input-tokens", words), expected);
    }
    assert_eq!(
        shown("USE1-M-input-tokens-priority", "standard"),
        "M price.input.priority"
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,60}", metric in "[-A-Za-z0-9_:.]{0,40}") {
        let _ = token_usage(&text, &metric);
        let _ = token_usage(&format!("USE1-{metric}-input-tokens"), &text);
    }
}
