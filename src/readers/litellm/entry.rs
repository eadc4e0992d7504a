//! One entry of the map.

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::super::folding::shortened;
use super::super::json::shape;
use super::super::notes::Notes;
use super::price;
use crate::market::{
    Attribute, Certainty, Claim, Currency, DateKind, LifecycleDate, Price, PriceMeter, Value,
    decimal_from_json,
};

/// What an entry states, its last day as sure as `certainty` says. `None`, with a note, if it is no object that can be read.
pub fn claims(
    name: &str,
    raw: &str,
    certainty: Certainty,
    notes: &mut Notes,
) -> Option<Vec<Claim>> {
    let fields: Map<String, Json> = match serde_json::from_str(raw) {
        Ok(fields) => fields,
        Err(error) => {
            notes.add("an entry", name, "an object", &error.to_string());
            return None;
        }
    };
    let mut entry = Fields {
        name,
        certainty,
        notes,
        claims: Vec::with_capacity(fields.len()),
        prices: Vec::new(),
    };
    for (field, value) in &fields {
        if !value.is_null() {
            entry.field(field, value);
        }
    }
    Some(entry.finish())
}

struct Fields<'a> {
    name: &'a str,
    certainty: Certainty,
    notes: &'a mut Notes,
    claims: Vec<Claim>,
    prices: Vec<Claim>,
}

impl Fields<'_> {
    fn field(&mut self, field: &str, value: &Json) {
        match field {
            "max_input_tokens" => self.limit("context", field, value),
            "max_output_tokens" => self.limit("output", field, value),
            "output_vector_size" => self.limit("output_vector", field, value),
            "deprecation_date" => self.deprecation(value),
            "mode" => self.text(Attribute::Capability("mode".into()), field, value),
            "source" => self.text(Attribute::Link, field, value),
            "supported_modalities" => self.modalities("input", field, value),
            "supported_output_modalities" => self.modalities("output", field, value),
            "search_context_cost_per_query" => match value {
                Json::Object(sizes) => {
                    for (size, value) in sizes {
                        self.price(size, value);
                    }
                }
                other => self.unexpected(field, "an object", shape(other)),
            },
            "tiered_pricing" => self.bands(field, value),
            "off_peak_pricing" => self.off_peak(field, value),
            "provider_specific_entry" => match value {
                Json::Object(multipliers) => {
                    for (of, value) in multipliers {
                        self.multiplier(of, field, value);
                    }
                }
                other => self.unexpected(field, "an object", shape(other)),
            },
            _ if field.contains("_multiplier") => {
                let of = field.replace("_multiplier", "");
                self.multiplier(&of, field, value);
            }
            _ => match field.strip_prefix("supports_") {
                Some(can) => self.capability(can, field, value),
                None if price::field(field).is_some() || price::is_about_prices(field) => {
                    self.price(field, value);
                }
                None => {}
            },
        }
    }

    fn unexpected(&mut self, field: &str, expected: &str, found: &str) {
        self.notes.add(field, self.name, expected, found);
    }

    fn price(&mut self, field: &str, value: &Json) {
        self.price_in(field, value, |_| {});
    }

    /// Prices by the tokens of the prompt: `[{"range": [0, 256000], "input_cost_per_token": …}, …]`.
    fn bands(&mut self, field: &str, value: &Json) {
        for band in value.as_array().map_or(&[][..], Vec::as_slice) {
            let from = band.get("range").and_then(|range| range.get(0));
            let from = from.and_then(Json::as_f64).filter(|from| *from >= 0.0);
            let (Some(from), Some(prices)) = (from, band.as_object()) else {
                self.unexpected(field, "bands with a range of tokens", shape(band));
                continue;
            };
            // whole tokens, written as floats
            let over = Some(from as u64).filter(|from| *from > 0);
            for (name, value) in prices.iter().filter(|(name, _)| *name != "range") {
                self.price_in(name, value, |meter| meter.over = meter.over.or(over));
            }
        }
        if !value.is_array() {
            self.unexpected(field, "a list of bands", shape(value));
        }
    }

    /// Prices of certain hours, with those hours.
    fn off_peak(&mut self, field: &str, value: &Json) {
        let Json::Object(prices) = value else {
            return self.unexpected(field, "an object of prices", shape(value));
        };
        for (name, value) in prices {
            if name == "windows" {
                let raw = shortened(&value.to_string(), 500);
                let attribute = Attribute::Capability("off_peak_windows".into());
                let value = Value::Text(raw.as_str().into());
                self.claims.push(Claim::new(attribute, value, raw));
            } else {
                self.price_in(name, value, |meter| {
                    meter.tier.get_or_insert_with(|| "off_peak".into());
                });
            }
        }
    }

    /// By how much prices are higher in a case, such as processing in one geography.
    fn multiplier(&mut self, of: &str, field: &str, value: &Json) {
        let number = number_text(value).and_then(|raw| Some((decimal_from_json(&raw)?, raw)));
        match number {
            Some((number, raw)) => {
                let attribute =
                    Attribute::Capability(format!("times_{}", shortened(of, 64)).into());
                self.claims
                    .push(Claim::new(attribute, Value::Number(number), raw));
            }
            None => self.unexpected(field, "a number", shape(value)),
        }
    }

    fn price_in(&mut self, field: &str, value: &Json, place: impl FnOnce(&mut PriceMeter)) {
        let Some(mut known) = price::field(field) else {
            return self.unexpected(field, "a price that is understood", shape(value));
        };
        place(&mut known.meter);
        let Some(raw) = number_text(value) else {
            return self.unexpected(field, "a number", shape(value));
        };
        let amount = decimal_from_json(&raw)
            .filter(|amount| !amount.is_sign_negative())
            .and_then(|amount| amount.checked_mul(known.times))
            .and_then(|amount| decimal_from_json(&amount.to_string()));
        match amount {
            Some(amount) => self.prices.push(Claim::new(
                Attribute::Price(known.meter),
                Value::Price(Price {
                    amount,
                    currency: Currency::USD,
                    unit: known.unit,
                }),
                raw,
            )),
            None => self.unexpected(field, "a price", &raw),
        }
    }

    fn limit(&mut self, limit: &str, field: &str, value: &Json) {
        let number = number_text(value).and_then(|raw| Some((decimal_from_json(&raw)?, raw)));
        match number {
            Some((number, raw)) if number > Decimal::ZERO => {
                let attribute = Attribute::Limit(limit.into());
                self.claims
                    .push(Claim::new(attribute, Value::Number(number), raw));
            }
            Some((number, _)) if number.is_zero() => {}
            _ => self.unexpected(field, "a number", shape(value)),
        }
    }

    fn deprecation(&mut self, value: &Json) {
        const FIELD: &str = "deprecation_date";
        let Some(raw) = value.as_str() else {
            return self.unexpected(FIELD, "a date", shape(value));
        };
        match LifecycleDate::from_text(raw) {
            Ok(Some(date)) => self.claims.push(Claim::new(
                Attribute::Date(DateKind::Retires),
                Value::Date(date.with_certainty(self.certainty)),
                raw,
            )),
            Ok(None) => {}
            Err(error) => self.unexpected(FIELD, "a date", &error.to_string()),
        }
    }

    fn text(&mut self, attribute: Attribute, field: &str, value: &Json) {
        match value.as_str().map(str::trim) {
            Some("") => {}
            Some(text) => {
                let text = shortened(text, 500);
                let value = Value::Text(text.as_str().into());
                self.claims.push(Claim::new(attribute, value, text));
            }
            None => self.unexpected(field, "a text", shape(value)),
        }
    }

    fn capability(&mut self, can: &str, field: &str, value: &Json) {
        match value {
            Json::Bool(flag) => self.claims.push(Claim::new(
                Attribute::Capability(shortened(can, 64).into()),
                Value::Flag(*flag),
                flag.to_string(),
            )),
            other => self.unexpected(field, "true or false", shape(other)),
        }
    }

    fn modalities(&mut self, side: &str, field: &str, value: &Json) {
        let members = value.as_array().and_then(|members| {
            let words: Option<Vec<&str>> = members.iter().map(Json::as_str).collect();
            words
        });
        match members {
            Some(members) => {
                let raw = shortened(&members.join(", "), 500);
                let attribute = Attribute::Modality(side.into());
                let value = Value::set(members.into_iter().map(str::to_lowercase));
                self.claims.push(Claim::new(attribute, value, raw));
            }
            None => self.unexpected(field, "a list of texts", shape(value)),
        }
    }

    /// All claims; prices of 0 only beside others that are not.
    fn finish(mut self) -> Vec<Claim> {
        let costs =
            |claim: &Claim| matches!(&claim.value, Value::Price(price) if !price.amount.is_zero());
        if self.prices.iter().any(costs) {
            self.claims.append(&mut self.prices);
        }
        self.claims
    }
}

/// A number's shortest text; some entries write numbers as texts.
fn number_text(value: &Json) -> Option<String> {
    match value {
        Json::Number(number) => Some(number.to_string()),
        Json::String(text) => Some(text.trim().to_string()),
        _ => None,
    }
}
