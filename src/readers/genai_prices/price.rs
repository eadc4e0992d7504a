//! The names and values of the registry's price fields: `<meter>_<unit>`, a number or a base with tiers.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::market::{
    Attribute, Claim, Currency, Price, PriceMeter, PriceUnit, Value, decimal_from_json,
};

/// The units that names end in, with ours; the meter's name completes one that ends in an underscore.
const UNITS: [(&str, &str); 6] = [
    ("_mtok", "1M_tokens"),
    ("_mchars", "million_characters"),
    ("_hours", "hour"),
    ("_gpixels", "billion_pixels"),
    ("_kpages", "thousand_pages"),
    ("_kcount", "thousand_"),
];

/// What a field states: its price, and those of prompts above so many tokens. The error is what was expected.
pub fn of(field: &str, value: &Json, tier: Option<&str>) -> Result<Vec<Claim>, &'static str> {
    let (meter, unit) = meter(field).ok_or("a price that is understood")?;
    let claim = |value: &Json, over: Option<u64>| -> Result<Claim, &'static str> {
        let raw = value.as_number().ok_or("a price")?.to_string();
        let amount = decimal_from_json(&raw).filter(|amount| *amount >= Decimal::ZERO);
        let price = Price {
            amount: amount.ok_or("a price")?,
            currency: Currency::USD,
            unit: unit.clone(),
        };
        let attribute = Attribute::Price(PriceMeter {
            meter: meter.as_str().into(),
            tier: tier.map(Into::into),
            over,
        });
        Ok(Claim::new(attribute, Value::Price(price), raw))
    };
    let Json::Object(fields) = value else {
        return Ok(vec![claim(value, None)?]);
    };
    let mut claims = vec![claim(fields.get("base").unwrap_or(&Json::Null), None)?];
    for band in fields
        .get("tiers")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
    {
        let start = band
            .get("start")
            .and_then(Json::as_u64)
            .ok_or("a tier with a start in tokens")?;
        claims.push(claim(
            band.get("price").unwrap_or(&Json::Null),
            Some(start),
        )?);
    }
    Ok(claims)
}

/// What a field is about; `None` for a name that is not understood.
pub fn attribute(field: &str, tier: Option<&str>) -> Option<Attribute> {
    let (meter, _) = meter(field)?;
    Some(Attribute::Price(PriceMeter {
        meter: meter.into(),
        tier: tier.map(Into::into),
        over: None,
    }))
}

/// The meter as we call it, and its unit: `cache_audio_read_mtok` is `cache_read_audio` per million tokens.
fn meter(field: &str) -> Option<(String, PriceUnit)> {
    let (name, unit) = UNITS
        .iter()
        .find_map(|(suffix, unit)| Some((field.strip_suffix(suffix)?, *unit)))?;
    if name.is_empty() {
        return None;
    }
    let unit = if unit.ends_with('_') {
        PriceUnit::from_word(&format!("{unit}{name}"))
    } else {
        PriceUnit::from_word(unit)
    };
    let ours = ["audio", "text", "image", "video"].iter().find_map(|kind| {
        let rest = name.strip_prefix("cache_")?.strip_prefix(kind)?;
        let deed = ["_read", "_write"]
            .into_iter()
            .find(|deed| rest.starts_with(deed))?;
        Some(format!("cache{deed}_{kind}{}", rest.strip_prefix(deed)?))
    });
    let ours = ours.unwrap_or_else(|| match name {
        "output_reasoning" => "reasoning".to_string(),
        name => name.to_string(),
    });
    Some((ours, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_understood() {
        for (field, expected) in [
            ("input_mtok", Some("input 1M_tokens")),
            ("cache_write_1h_mtok", Some("cache_write_1h 1M_tokens")),
            (
                "cache_audio_write_5m_mtok",
                Some("cache_write_audio_5m 1M_tokens"),
            ),
            ("output_reasoning_mtok", Some("reasoning 1M_tokens")),
            (
                "web_searches_kcount",
                Some("web_searches thousand_web_searches"),
            ),
            ("input_audio_hours", Some("input_audio hour")),
            ("_mtok", None),
            ("input_bushels", None),
        ] {
            let shown = meter(field).map(|(name, unit)| format!("{name} {}", unit.word()));
            assert_eq!(shown.as_deref(), expected, "{field}");
        }
    }
}
