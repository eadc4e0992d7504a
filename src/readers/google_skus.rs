//! The SKUs of a Google Cloud service (`cloudbilling.googleapis.com/v1/services/ID/skus`) that are token prices of models
//! (facts: google.md §6; <https://cloud.google.com/billing/docs/reference/rest/v1/services.skus/list>). The catalogue holds
//! thousands of SKUs; which model and meter one is about stands only in its description.

mod description;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::folding::shortened;
use super::notes::Notes;
use super::{Body, Context, encoding, json};
use crate::market::{
    Attribute, Claim, Currency, Failure, Price, PriceMeter, PriceUnit, Reading, Region, Subject,
    Value, decimal_from_json,
};
use description::{Meaning, meaning};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// SKUs that are read; the largest service has some ten thousand.
const MOST: usize = 100_000;

/// Prices by model, meter and region that are read.
const MOST_PRICES: usize = 200_000;

/// Prompts of more tokens than this are what descriptions call long (https://ai.google.dev/gemini-api/docs/pricing).
const LONG: u64 = 200_000;

/// The service's word for what is counted one by one: tokens, for the meters that are read.
const TOKENS: &str = "count";

/// The service's word for what is paid by the hour.
const HOURS: &str = "h";

/// How a catalogue is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The first words of models' names: `Gemini`. SKUs of other products, even if they name a model, are left out.
    pub families: Vec<String>,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    skus: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    description: Option<std::borrow::Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sku {
    description: String,
    #[serde(default)]
    service_regions: Vec<String>,
    #[serde(default)]
    pricing_info: Vec<PricingInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PricingInfo {
    #[serde(default)]
    effective_time: String,
    pricing_expression: Option<Expression>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Expression {
    usage_unit: Option<String>,
    display_quantity: Option<Json>,
    #[serde(default)]
    tiered_rates: Vec<Rate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rate {
    start_usage_amount: Option<Json>,
    unit_price: Option<Money>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Money {
    currency_code: Option<String>,
    units: Option<Json>,
    nanos: Option<Json>,
}

/// Reads a page of SKUs. One whose description is of a wanted family and not understood is noted and states nothing.
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    let page: Page<'_> = serde_json::from_str(&text).map_err(|error| {
        json::tree(&text).map_or_else(
            |_| json::not_json(&error, &text),
            |json| Failure::Unreadable {
                expected: "a list of skus".to_string(),
                found: json::outline_of(&json),
            },
        )
    })?;
    let mut notes = Notes::default();
    if page.skus.len() > MOST {
        let found = page.skus.len().to_string();
        notes.add("skus", "", &format!("at most {MOST}"), &found);
    }
    let mut understood: Vec<(Sku, Meaning)> = Vec::new();
    for raw in page.skus.iter().take(MOST) {
        understood.extend(sku(mapping, raw, &mut notes));
    }
    let models: BTreeSet<String> = understood
        .iter()
        .map(|(_, meaning)| meaning.model.to_lowercase())
        .collect();
    let mut claims = Vec::new();
    for (sku, meaning) in &understood {
        // "Flash Image Input" is input of a model called "Flash Image" or images for one called "Flash"
        let other = meaning.or_else_model.as_ref();
        if other.is_some_and(|other| models.contains(&other.to_lowercase())) {
            let expected = "words that name one model and meter";
            notes.add(
                "description",
                &sku.description,
                expected,
                "a name of two meanings",
            );
            continue;
        }
        if let Some(claim) = claim(sku, meaning, &mut notes) {
            for subject in subjects(sku, meaning, context) {
                claims.push((subject, vec![claim.clone()]));
            }
        }
        if claims.len() > MOST_PRICES {
            return Err(Failure::Unreadable {
                expected: format!("at most {MOST_PRICES} prices by region"),
                found: "more".to_string(),
            });
        }
    }
    let mut reading = Reading::from_claims(claims, context.complete);
    notes.put_into(&mut reading);
    Ok(reading)
}

/// A SKU of a wanted family with what its description says.
fn sku(mapping: &Mapping, raw: &RawValue, notes: &mut Notes) -> Option<(Sku, Meaning)> {
    let head = match serde_json::from_str::<Head<'_>>(raw.get()) {
        Ok(Head {
            description: Some(description),
        }) => description,
        Ok(_) => {
            notes.add("a SKU", "", "a description", "nothing");
            return None;
        }
        Err(error) => {
            notes.add("a SKU", "", "the fields of a SKU", &error.to_string());
            return None;
        }
    };
    let meaning = match meaning(&head, &mapping.families)? {
        Ok(meaning) => meaning,
        Err(word) => {
            let found = format!("'{}'", shortened(&word, 40));
            notes.add("description", &head, "words of a meter", &found);
            return None;
        }
    };
    match serde_json::from_str::<Sku>(raw.get()) {
        Ok(sku) => Some((sku, meaning)),
        Err(error) => {
            notes.add("a SKU", &head, "the fields of a SKU", &error.to_string());
            None
        }
    }
}

fn claim(sku: &Sku, meaning: &Meaning, notes: &mut Notes) -> Option<Claim> {
    let mut note = |place: &str, expected: &str, found: &str| {
        notes.add(place, &sku.description, expected, found);
    };
    // of several prices over time the last one holds
    let info = sku
        .pricing_info
        .iter()
        .max_by(|a, b| a.effective_time.cmp(&b.effective_time));
    let Some(expression) = info.and_then(|info| info.pricing_expression.as_ref()) else {
        note("pricingInfo", "a price", "nothing");
        return None;
    };
    let wanted = if meaning.meter.starts_with("cache_storage") {
        HOURS
    } else {
        TOKENS
    };
    let usage = expression.usage_unit.as_deref().unwrap_or("nothing");
    if usage != wanted {
        note("usageUnit", wanted, &format!("'{}'", shortened(usage, 40)));
        return None;
    }
    let quantity = expression.display_quantity.as_ref().and_then(number);
    if quantity != Some(Decimal::from(1_000_000)) {
        let found = quantity.map_or("nothing".to_string(), |quantity| quantity.to_string());
        note("displayQuantity", "1000000", &found);
        return None;
    }
    // the first tiers may be an allotment that costs nothing
    let start = |rate: &&Rate| rate.start_usage_amount.as_ref().and_then(number);
    let rate = expression.tiered_rates.iter().max_by_key(start);
    let Some(money) = rate.and_then(|rate| rate.unit_price.as_ref()) else {
        note("tieredRates", "a price", "nothing");
        return None;
    };
    let currency = money.currency_code.as_deref().and_then(Currency::from_code);
    let amount = amount(money).and_then(|amount| amount.checked_mul(Decimal::from(1_000_000)));
    let (Some(currency), Some(amount)) = (currency, amount) else {
        note("unitPrice", "an amount and its currency", "neither");
        return None;
    };
    if amount.is_zero() {
        return None;
    }
    let amount = decimal_from_json(&amount.to_string())?;
    let raw = shortened(&sku.description, 200);
    let unit = if wanted == HOURS {
        PriceUnit::from_word("1M_tokens_hour")
    } else {
        PriceUnit::MillionTokens
    };
    let attribute = Attribute::Price(PriceMeter {
        meter: meaning.meter.as_str().into(),
        tier: meaning.tier.map(Box::from),
        over: meaning.long.then_some(LONG),
    });
    let price = Value::Price(Price {
        amount,
        currency,
        unit,
    });
    Some(Claim {
        // what was priced before it was generally available stays in the catalogue
        rank: meaning.generally_available.then_some(1),
        ..Claim::new(attribute, price, raw)
    })
}

fn amount(money: &Money) -> Option<Decimal> {
    let units = money.units.as_ref().map_or(Some(Decimal::ZERO), number)?;
    let nanos = money.nanos.as_ref().map_or(Some(Decimal::ZERO), number)?;
    let amount = units.checked_add(nanos.checked_div(Decimal::from(1_000_000_000))?)?;
    (!amount.is_sign_negative()).then_some(amount)
}

/// A number, which 64-bit fields of Google's JSON write as a text.
fn number(json: &Json) -> Option<Decimal> {
    match json {
        Json::Number(number) => decimal_from_json(&number.to_string()),
        Json::String(text) => decimal_from_json(text),
        _ => None,
    }
}

/// The offerings that the price is of. `global` among the regions of a SKU that is not for the global endpoint says that the
/// price is the same everywhere.
fn subjects(sku: &Sku, meaning: &Meaning, context: &Context<'_>) -> Vec<Subject> {
    let subject = |region: Region| Subject {
        region,
        deployment: meaning.global.then(|| "global".into()),
        ..Subject::offering(context.provider.as_str(), meaning.model.as_str())
    };
    if meaning.global {
        return vec![subject(Region::from("global"))];
    }
    let everywhere = sku.service_regions.is_empty()
        || sku.service_regions.iter().any(|region| region == "global");
    if everywhere {
        return vec![subject(context.region.clone())];
    }
    let regions: BTreeSet<&String> = sku.service_regions.iter().collect();
    regions
        .into_iter()
        .map(|region| subject(Region::new(region.as_str())))
        .collect()
}
