//! Azure's retail prices of models: rows of a meter in a region, whose name is free text
//! (facts: azure.md §7, <https://learn.microsoft.com/en-us/rest/api/cost-management/retail-prices/azure-retail-prices>).

mod meter;
#[cfg(test)]
mod tests;
mod unit;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::folding::shortened;
use super::notes::Notes;
use super::{Body, Context, encoding, json};
use crate::market::{
    Attribute, Claim, Content, Currency, Dated, Failure, Price, PriceMeter, Reading, Region,
    Subject, Value, decimal_from_json,
};
use meter::Meter;

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 3;

/// More rows of one page are refused; the interface answers a thousand.
const MOST_ROWS: usize = 100_000;

/// How the rows are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The services whose rows are prices of models, each with how its products' names begin; rows of others are left out.
    pub services: BTreeMap<String, String>,
    /// Products (by how their names begin) with the family that their meters leave out of a model's name.
    pub families: BTreeMap<String, String>,
    /// Products (by how their names begin) with the tokens of context above which the long-context price holds.
    pub long_context: BTreeMap<String, u64>,
}

/// The part of a product's name that decides is the longest that is declared.
fn of_product<'a, T>(declared: &'a BTreeMap<String, T>, product: &str) -> Option<&'a T> {
    let fitting = declared
        .iter()
        .filter(|(head, _)| product.starts_with(head.as_str()));
    fitting
        .max_by_key(|(head, _)| head.len())
        .map(|(_, value)| value)
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(rename = "Items", borrow)]
    items: Vec<&'a RawValue>,
}

/// One row; what is absent in some recordings is optional.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Row<'a> {
    meter_name: String,
    product_name: String,
    service_name: String,
    unit_of_measure: String,
    #[serde(borrow)]
    retail_price: &'a RawValue,
    arm_region_name: Option<String>,
    currency_code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    effective_start_date: Option<String>,
    tier_minimum_units: Option<f64>,
}

/// Reads a page of rows. Rows of other services, reservations and rows for development and test are left out; of two rows of
/// one price the one that took effect later holds, from its own day on (see [`Reading::as_of`]). A meter whose name says neither what is paid for nor where is not guessed
/// at: such rows are counted, and noted once for each reason. A body without `Items` is [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    let page: Page<'_> = serde_json::from_str(&text).map_err(|error| match json::tree(&text) {
        Ok(json) => Failure::Unreadable {
            expected: "an object with a list of Items".to_string(),
            found: json::outline_of(&json),
        },
        Err(_) => json::not_json(&error, &text),
    })?;
    if page.items.len() > MOST_ROWS {
        return Err(Failure::Unreadable {
            expected: format!("at most {MOST_ROWS} rows on a page"),
            found: page.items.len().to_string(),
        });
    }
    let mut notes = Notes::default();
    let mut prices: Prices = BTreeMap::new();
    for raw in &page.items {
        match serde_json::from_str::<Row<'_>>(raw.get()) {
            Ok(row) if is_wanted(mapping, &row) => {
                if let Some((subject, claim)) = priced(mapping, &row, context, &mut notes) {
                    let since = prices.entry(claim.true_from).or_default();
                    since.push((subject, vec![claim]));
                }
            }
            Ok(_) => {}
            Err(error) => {
                let found = shortened(&error.to_string(), 80);
                notes.add("Items", "", "the fields of a price", &found);
            }
        }
    }
    let mut reading = by_day(prices, context.complete);
    notes.put_into(&mut reading);
    Ok(reading)
}

/// The prices by when they take effect; `None` for those of rows that do not say.
type Prices = BTreeMap<Option<Timestamp>, Vec<(Subject, Vec<Claim>)>>;

/// A reading in which each price holds from its day on. Of two prices of one meter and day the smaller one is taken, with a note.
fn by_day(mut prices: Prices, complete: bool) -> Reading {
    let undated = prices.remove(&None).unwrap_or_default();
    let all = prices.values().flatten().chain(&undated);
    let subjects: Vec<(Subject, Vec<Claim>)> = all
        .map(|(subject, _)| (subject.clone(), Vec::new()))
        .collect();
    let mut reading = Reading::from_claims(undated.into_iter().chain(subjects), complete);
    for (from, rows) in prices {
        let Some(from) = from else { continue };
        let since = Reading::from_claims(rows, complete);
        reading.unexpected.extend(since.unexpected);
        reading.unclear.extend(since.unclear);
        for entry in since.entries {
            if let Content::Stated { claims, .. } = entry.content
                && !claims.is_empty()
            {
                let key = entry.key;
                let whole = false;
                reading.dated.push(Dated {
                    key,
                    from,
                    claims,
                    whole,
                });
            }
        }
    }
    // what one row states clearly is not unclear because of another row
    for dated in &reading.dated {
        for claim in &dated.claims {
            reading
                .unclear
                .remove(&(dated.key, claim.attribute.clone()));
        }
    }
    reading
}

fn is_wanted(mapping: &Mapping, row: &Row<'_>) -> bool {
    let products = mapping.services.get(&row.service_name);
    let is_used = row.kind.as_deref().is_none_or(|kind| kind == "Consumption");
    is_used && products.is_some_and(|head| row.product_name.starts_with(head.as_str()))
}

/// What a row prices, and at how much. `None`, with a note, where it does not say so clearly.
fn priced(
    mapping: &Mapping,
    row: &Row<'_>,
    context: &Context<'_>,
    notes: &mut Notes,
) -> Option<(Subject, Claim)> {
    let name = shortened(&row.meter_name, 200);
    let mut refuse = |place: &str, expected: &str, found: &str| {
        notes.add(place, &name, expected, found);
        None
    };
    // what is paid beyond a number of units is no list price
    if row.tier_minimum_units.is_some_and(|units| units > 0.0) {
        return refuse(
            "tierMinimumUnits",
            "a price from the first unit on",
            "a later one",
        );
    }
    let meter = match meter::parse(&row.meter_name, &row.unit_of_measure) {
        Ok(meter) => meter,
        Err(why) => return refuse("meterName", "what a model's use costs", why),
    };
    let family = of_product(&mapping.families, &row.product_name);
    let subject = Subject {
        region: region(row, context),
        deployment: meter.deployment.map(Box::from),
        ..Subject::offering(context.provider.as_str(), named(mapping, family, &meter))
    };
    let attribute = Attribute::Price(price_meter(mapping, row, &meter));
    let raw = row.retail_price.get();
    let code = row.currency_code.as_deref().unwrap_or("USD");
    let spelled = shortened(
        &format!("{name}: {raw} {code} / {}", row.unit_of_measure),
        300,
    );
    let amount = decimal_from_json(raw).filter(|amount| *amount >= Decimal::ZERO);
    let amount = amount.and_then(|amount| meter.unit.of_one(amount));
    let claim = match (amount, Currency::from_code(code)) {
        (Some(amount), Some(currency)) => {
            let unit = meter.unit.one;
            let price = Price {
                amount,
                currency,
                unit,
            };
            Claim::new(attribute, Value::Price(price), spelled)
        }
        (None, _) => {
            notes.add("retailPrice", &name, "a price", raw);
            Claim::unclear(attribute, spelled)
        }
        (_, None) => {
            notes.add("currencyCode", &name, "a currency's three letters", code);
            Claim::unclear(attribute, spelled)
        }
    };
    let true_from = took_effect(row);
    Some((subject, Claim { true_from, ..claim }))
}

/// The model as its meters spell it. Meters of a product leave its family out, so that `4.3` is a Grok and `5.4` a GPT.
fn named(mapping: &Mapping, family: Option<&String>, meter: &Meter) -> String {
    let spelled = meter.model.to_lowercase();
    let names_one = mapping
        .families
        .values()
        .any(|family| spelled.contains(&family.to_lowercase()));
    match family {
        Some(family) if !names_one => format!("{family} {}", meter.model),
        _ => meter.model.clone(),
    }
}

fn region(row: &Row<'_>, context: &Context<'_>) -> Region {
    let stated = row.arm_region_name.as_deref();
    match stated.unwrap_or(context.region.as_str()) {
        "" | "Global" => Region::unstated(),
        region => Region::from(region),
    }
}

fn price_meter(mapping: &Mapping, row: &Row<'_>, meter: &Meter) -> PriceMeter {
    let over = of_product(&mapping.long_context, &row.product_name).copied();
    let over = over.filter(|_| meter.long);
    let name = match (meter.long, over) {
        // from how many tokens on is not said
        (true, None) => format!("{}_long_context", meter.name),
        _ => meter.name.clone(),
    };
    PriceMeter {
        meter: name.into(),
        tier: meter.tier.map(Into::into),
        over,
    }
}

/// When the price took effect, where the row says so.
fn took_effect(row: &Row<'_>) -> Option<Timestamp> {
    row.effective_start_date.as_deref()?.parse().ok()
}
