//! The names of LiteLLM's price fields:
//! `<base>[_above_1hr|_above_12hr][_above_200k_tokens][_batches|_flex|_priority|…]`.

use rust_decimal::Decimal;

use crate::market::{PriceMeter, PriceUnit};

/// What a price field prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceField {
    /// The meter, its tier and context band.
    pub meter: PriceMeter,
    /// Per what.
    pub unit: PriceUnit,
    /// Brings the field's number to that unit.
    pub times: Decimal,
}

/// Suffixes with our words for the tier.
const TIERS: [(&str, &str); 7] = [
    ("_batches", "batch"),
    ("_batch_requests", "batch"),
    ("_flex", "flex"),
    ("_priority", "priority"),
    ("_ultrafast", "ultrafast"),
    ("_balanced", "balanced"),
    ("_decisions", "decisions"),
];

/// Fields priced per token.
const PER_TOKEN: [(&str, &str); 18] = [
    ("input_cost_per_token", "input"),
    ("output_cost_per_token", "output"),
    ("cache_read_input_token_cost", "cache_read"),
    ("input_cost_per_token_cache_hit", "cache_read"),
    ("cache_creation_input_token_cost", "cache_write"),
    ("output_cost_per_reasoning_token", "reasoning"),
    ("citation_cost_per_token", "citation"),
    ("input_cost_per_audio_token", "input_audio"),
    ("output_cost_per_audio_token", "output_audio"),
    ("cache_read_input_audio_token_cost", "cache_read_audio"),
    ("cache_creation_input_audio_token_cost", "cache_write_audio"),
    ("input_cost_per_image_token", "input_image"),
    ("output_cost_per_image_token", "output_image"),
    ("cache_read_input_image_token_cost", "cache_read_image"),
    ("cache_creation_input_image_token_cost", "cache_write_image"),
    ("input_cost_per_video_token", "input_video"),
    ("output_cost_per_video_token", "output_video"),
    ("cache_read_input_video_token_cost", "cache_read_video"),
];

/// Fields priced per something else, with the unit.
const PER_UNIT: [(&str, &str, &str); 23] = [
    ("input_cost_per_image", "input_per_image", "image"),
    ("output_cost_per_image", "output_per_image", "image"),
    ("input_cost_per_pixel", "input_per_pixel", "pixel"),
    ("output_cost_per_pixel", "output_per_pixel", "pixel"),
    ("input_cost_per_second", "input_per_second", "second"),
    ("output_cost_per_second", "output_per_second", "second"),
    (
        "input_cost_per_audio_per_second",
        "input_audio_per_second",
        "second",
    ),
    (
        "output_cost_per_audio_per_second",
        "output_audio_per_second",
        "second",
    ),
    (
        "input_cost_per_video_per_second",
        "input_video_per_second",
        "second",
    ),
    (
        "output_cost_per_video_per_second",
        "output_video_per_second",
        "second",
    ),
    (
        "input_cost_per_character",
        "input_per_character",
        "character",
    ),
    (
        "output_cost_per_character",
        "output_per_character",
        "character",
    ),
    ("input_cost_per_query", "input_per_query", "query"),
    ("output_cost_per_query", "output_per_query", "query"),
    ("input_cost_per_request", "input_per_request", "request"),
    ("output_cost_per_request", "output_per_request", "request"),
    ("ocr_cost_per_page", "ocr_per_page", "page"),
    ("annotation_cost_per_page", "annotation_per_page", "page"),
    (
        "code_interpreter_cost_per_session",
        "code_interpreter_per_session",
        "session",
    ),
    ("search_context_size_low", "search_low", "query"),
    ("search_context_size_medium", "search_medium", "query"),
    ("search_context_size_high", "search_high", "query"),
    (
        "file_search_cost_per_gb_per_day",
        "file_search_storage",
        "gb_day",
    ),
];

/// Reads a price field's name. `None` for a name that this grammar does not hold.
pub fn field(name: &str) -> Option<PriceField> {
    let (rest, tier) = TIERS
        .iter()
        .find_map(|(suffix, tier)| Some((name.strip_suffix(suffix)?, Some(*tier))))
        .unwrap_or((name, None));
    let (rest, over) = match band(rest) {
        Some((rest, over)) => (rest, Some(over)),
        None => (rest, None),
    };
    let (base, kept) = qualified(rest);
    let token = PER_TOKEN.iter().find(|(name, _)| *name == base);
    let (meter, unit, times) = match token {
        Some((_, meter)) => (*meter, PriceUnit::MillionTokens, Decimal::from(1_000_000)),
        None => {
            let (_, meter, unit) = PER_UNIT.iter().find(|(name, _, _)| *name == base)?;
            (*meter, PriceUnit::from_word(unit), Decimal::ONE)
        }
    };
    Some(PriceField {
        meter: PriceMeter {
            meter: format!("{meter}{kept}").into(),
            tier: tier.map(Into::into),
            over,
        },
        unit,
        times,
    })
}

/// A field's name without what qualifies its meter, and those qualifiers as the meter's name keeps them.
fn qualified(name: &str) -> (&str, String) {
    const WORDS: [(&str, &str); 4] = [
        ("_above_1hr", "_1h"),
        ("_above_12hr", "_12h"),
        ("_and_premium_image", "_premium"),
        ("_premium_image", "_premium"),
    ];
    let (mut base, mut kept) = (name, String::new());
    while let Some((rest, word)) = WORDS
        .iter()
        .find_map(|(suffix, word)| Some((base.strip_suffix(suffix)?, (*word).to_string())))
        .or_else(|| interval(base))
        .or_else(|| pixels(base))
    {
        base = rest;
        kept.insert_str(0, &word);
    }
    (base, kept)
}

/// `_above_8s_interval`.
fn interval(name: &str) -> Option<(&str, String)> {
    let (rest, seconds) = name.strip_suffix("s_interval")?.rsplit_once("_above_")?;
    let seconds: u32 = seconds.parse().ok()?;
    Some((rest, format!("_above_{seconds}s")))
}

/// `_above_512_and_512_pixels`.
fn pixels(name: &str) -> Option<(&str, String)> {
    let (rest, size) = name.strip_suffix("_pixels")?.rsplit_once("_above_")?;
    let (width, height) = size.split_once("_and_")?;
    let (width, height): (u32, u32) = (width.parse().ok()?, height.parse().ok()?);
    Some((rest, format!("_above_{width}x{height}")))
}

/// A context band's suffix, `_above_200k_tokens`, with its tokens.
fn band(name: &str) -> Option<(&str, u64)> {
    let (rest, thousands) = name.strip_suffix("k_tokens")?.rsplit_once("_above_")?;
    let tokens = thousands.parse::<u64>().ok()?.checked_mul(1_000)?;
    Some((rest, tokens))
}

/// Whether a field speaks of prices, so that not understanding it is worth a note.
pub fn is_about_prices(name: &str) -> bool {
    name.contains("cost") || name.ends_with("_pricing") || name.contains("_multiplier")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Attribute;

    #[test]
    fn names_of_price_fields_are_understood() {
        for (name, expected) in [
            ("input_cost_per_token", "price.input per 1M_tokens"),
            (
                "output_cost_per_token_above_200k_tokens",
                "price.output.over_200000 per 1M_tokens",
            ),
            (
                "input_cost_per_token_batches",
                "price.input.batch per 1M_tokens",
            ),
            (
                "input_cost_per_token_above_272k_tokens_priority",
                "price.input.priority.over_272000 per 1M_tokens",
            ),
            (
                "cache_creation_input_token_cost_above_1hr",
                "price.cache_write_1h per 1M_tokens",
            ),
            (
                "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
                "price.cache_write_1h.over_200000 per 1M_tokens",
            ),
            ("output_cost_per_image", "price.output_per_image per image"),
            (
                "input_cost_per_audio_per_second_above_128k_tokens",
                "price.input_audio_per_second.over_128000 per second",
            ),
            ("input_dbu_cost_per_token", "none"),
            (
                "output_cost_per_image_above_512_and_512_pixels_and_premium_image",
                "price.output_per_image_above_512x512_premium per image",
            ),
            (
                "input_cost_per_video_per_second_above_15s_interval",
                "price.input_video_per_second_above_15s per second",
            ),
            ("output_cost_per_image_above_many_and_512_pixels", "none"),
            (
                "input_cost_per_token_above_99999999999999999999k_tokens",
                "none",
            ),
        ] {
            let shown = field(name).map_or("none".to_string(), |field| {
                format!(
                    "{} per {}",
                    Attribute::Price(field.meter),
                    field.unit.word()
                )
            });
            assert_eq!(shown, expected, "{name}");
        }
    }
}
