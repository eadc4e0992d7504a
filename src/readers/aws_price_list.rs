//! Offer files of the AWS price list (`https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{offer}/current/{region}/index.json`;
//! facts: aws-bedrock.md §5). Amazon Bedrock's prices stand in four offers, per thousand or per million tokens, and name models
//! by an id, a display name or a service of the Marketplace: a price's subject has the offer's own spelling.
//!
//! A subject's deployment is `on-demand` (served in the region or its geography, which costs the same), `profile:global`,
//! `profile:geo` or `profile:us` and the like where the offer prices a geography apart, `mantle` and `mantle:global` for the
//! OpenAI-compatible endpoint, and `provisioned` for throughput by the hour.
//!
//! Which term of a product holds is decided by the file's own date of publication, so that one body is one reading: a term that
//! begins later is noted until the offer is published anew.

pub mod offer;
#[cfg(test)]
mod tests;
pub mod usage;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::de::DeserializeSeed as _;

use super::folding::{folded, shortened};
use super::notes::Notes;
use super::{Body, Context, encoding, json};
use crate::market::{
    Attribute, Claim, Currency, Failure, Price, PriceMeter, PriceUnit, Reading, Region, Subject,
    Value, decimal_from_json,
};
use offer::{Attributes, Dimension, Listener, Offer, Term};
use usage::{Scope, Usage};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;

/// More products than this are refused; the largest offer of any service has fewer in one region.
const MOST_PRODUCTS: usize = 500_000;

/// Names are cut to so many characters.
const LONGEST_NAME: usize = 200;

/// Units that offers state, in small letters, with the unit of the price. Others are declared in the probe or noted.
const UNITS: [(&str, &str); 26] = [
    ("1k tokens", "1K_tokens"),
    ("1000 tokens", "1K_tokens"),
    ("1,000 tokens", "1K_tokens"),
    ("thousand tokens", "1K_tokens"),
    ("1m tokens", "1M_tokens"),
    ("1,000,000 tokens", "1M_tokens"),
    ("1 million tokens", "1M_tokens"),
    ("million tokens", "1M_tokens"),
    ("token", "1_token"),
    ("tokens", "1_token"),
    ("image", "image"),
    ("images", "image"),
    ("second", "second"),
    ("seconds", "second"),
    ("minute", "minute"),
    ("minutes", "minute"),
    ("hour", "hour"),
    ("hours", "hour"),
    ("hrs", "hour"),
    ("month", "month"),
    ("count", "count"),
    ("request", "request"),
    ("requests", "request"),
    ("search_unit", "search_unit"),
    ("search units", "search_unit"),
    ("page", "page"),
];

/// How an offer is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Further units, in small letters: what the offer states, with the word of the unit.
    pub units: BTreeMap<String, String>,
}

/// Reads an offer: each product with an on-demand term states one price of its model. Units that are not known are noted, never
/// guessed. A body without products and on-demand terms is [`Failure::Unreadable`].
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    let text = encoding::decode(body)?;
    let mut gathered = Gathered::new(mapping, context);
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    let parts = Offer(&mut gathered)
        .deserialize(&mut deserializer)
        .and_then(|parts| deserializer.end().map(|()| parts))
        .map_err(|error| json::not_json(&error, &text))?;
    if !parts.products || !parts.terms {
        return Err(Failure::Unreadable {
            expected: "an offer with products and terms.OnDemand".to_string(),
            found: if parts.products {
                "no terms.OnDemand".to_string()
            } else {
                "no products".to_string()
            },
        });
    }
    gathered.reading()
}

/// A product that has a price to come.
#[derive(Debug)]
struct Product {
    /// Its place among the subjects.
    subject: usize,
    meter: PriceMeter,
    /// Whether it meters tokens, so that a bare `Units` cannot be anything else.
    of_tokens: bool,
    raw: Box<str>,
}

struct Gathered<'a> {
    mapping: &'a Mapping,
    context: &'a Context<'a>,
    published: Option<Timestamp>,
    subjects: Vec<Subject>,
    places: HashMap<Subject, usize>,
    /// The prices of each subject.
    claims: Vec<Vec<Claim>>,
    /// Products whose terms are still to come.
    products: HashMap<Box<str>, Product>,
    /// Terms that came before their product, or before it was known when the offer was published.
    waiting: HashMap<Box<str>, Vec<Term>>,
    /// How many products there have been.
    count: usize,
    notes: Notes,
}

impl Listener for Gathered<'_> {
    fn published(&mut self, at: &str) {
        self.published = at.trim().parse().ok();
    }

    fn product(&mut self, sku: &str, attributes: &Attributes) {
        self.count += 1;
        if self.count > MOST_PRODUCTS {
            return;
        }
        let usage_type = attributes.text("usagetype");
        let tiers = ["service_tier", "feature", "inferenceType"].map(|name| attributes.text(name));
        let usage = usage::token_usage(usage_type, &tiers.join(" "));
        let Some(name) = name(attributes, usage.as_ref()) else {
            self.notes
                .add("products", sku, "a model or a service", "neither");
            return;
        };
        let (deployment, meter) = match &usage {
            Some(usage) => (Some(deployment(usage)), usage.meter.clone()),
            None => (provisioned(attributes), other_meter(attributes)),
        };
        let region = match attributes.text("regionCode") {
            "" => self.context.region.clone(),
            region => Region::new(shortened(region, LONGEST_NAME)),
        };
        let subject = Subject {
            region,
            deployment: deployment.map(Into::into),
            ..Subject::offering(
                self.context.provider.as_str(),
                shortened(&name, LONGEST_NAME),
            )
        };
        let subject = self.place(subject);
        self.products.insert(
            sku.into(),
            Product {
                subject,
                meter,
                of_tokens: usage.is_some(),
                raw: shortened(usage_type, LONGEST_NAME).into(),
            },
        );
    }

    fn terms(&mut self, sku: &str, terms: Vec<Term>) {
        // an offer says first when it was published, then its products: nothing but prices need be held
        let product = self.published.and_then(|_| self.products.remove(sku));
        if let Some(product) = product {
            self.state(sku, &product, &terms);
        } else if self.waiting.len() <= MOST_PRODUCTS {
            self.waiting.insert(sku.into(), terms);
        }
    }

    fn strange(&mut self, place: &str, sku: &str, what: &str) {
        self.notes.add(place, sku, "the form of an offer", what);
    }
}

impl<'a> Gathered<'a> {
    fn new(mapping: &'a Mapping, context: &'a Context<'a>) -> Self {
        Self {
            mapping,
            context,
            published: None,
            subjects: Vec::new(),
            places: HashMap::new(),
            claims: Vec::new(),
            products: HashMap::new(),
            waiting: HashMap::new(),
            count: 0,
            notes: Notes::default(),
        }
    }

    fn place(&mut self, subject: Subject) -> usize {
        if let Some(place) = self.places.get(&subject) {
            return *place;
        }
        self.places.insert(subject.clone(), self.subjects.len());
        self.subjects.push(subject);
        self.claims.push(Vec::new());
        self.subjects.len() - 1
    }

    fn state(&mut self, sku: &str, product: &Product, terms: &[Term]) {
        let claim = self.price(sku, product, terms);
        if let (Some(claim), Some(claims)) = (claim, self.claims.get_mut(product.subject)) {
            claims.push(claim);
        }
    }

    fn reading(mut self) -> Result<Reading, Failure> {
        if self.count > MOST_PRODUCTS {
            return Err(Failure::Unreadable {
                expected: format!("at most {MOST_PRODUCTS} products"),
                found: "more".to_string(),
            });
        }
        for (sku, terms) in std::mem::take(&mut self.waiting) {
            if let Some(product) = self.products.remove(&sku) {
                self.state(&sku, &product, &terms);
            }
        }
        drop((self.products, self.places));
        let stated = self
            .subjects
            .into_iter()
            .zip(self.claims)
            .filter(|(_, claims)| !claims.is_empty());
        let mut reading = Reading::from_claims(stated, self.context.complete);
        self.notes.put_into(&mut reading);
        Ok(reading)
    }

    /// The price that holds when the offer is published.
    fn price(&mut self, sku: &str, product: &Product, terms: &[Term]) -> Option<Claim> {
        let term = self.current(sku, terms)?;
        let Some(dimension) = self.first_volume(sku, &term.dimensions) else {
            self.notes.add("priceDimensions", sku, "a price", "none");
            return None;
        };
        let attribute = Attribute::Price(product.meter.clone());
        let Some((unit, times)) = self.unit(product, &dimension.unit) else {
            let found = format!("'{}' of {}", dimension.unit, product.raw);
            self.notes.add("unit", sku, "a unit that is known", &found);
            return Some(Claim::unclear(attribute, shortened(&dimension.unit, 80)));
        };
        let stated = dimension
            .amounts
            .iter()
            .find(|(currency, _)| currency == "USD")
            .or(dimension.amounts.first());
        let price = stated.and_then(|(currency, amount)| {
            let amount = decimal_from_json(&amount.checked_mul(times)?.to_string())?;
            Some(Price {
                amount: (amount >= Decimal::ZERO).then_some(amount)?,
                currency: Currency::from_code(currency)?,
                unit,
            })
        });
        let Some(price) = price else {
            self.notes
                .add("pricePerUnit", sku, "an amount and a currency", "neither");
            return Some(Claim::unclear(attribute, ""));
        };
        let amount = stated.map_or(String::new(), |(_, amount)| amount.to_string());
        let raw = format!("{amount} per {} of {}", dimension.unit, product.raw);
        Some(Claim::new(
            attribute,
            Value::Price(price),
            shortened(&raw, 300),
        ))
    }

    /// The latest term that had begun when the offer was published.
    fn current<'t>(&mut self, sku: &str, terms: &'t [Term]) -> Option<&'t Term> {
        let later = |term: &&Term| {
            let both = term.effective.zip(self.published);
            both.is_some_and(|(effective, published)| effective > published)
        };
        let to_come = terms.iter().filter(later).count();
        let current = terms
            .iter()
            .filter(|term| !later(term))
            .max_by(|a, b| (a.effective, &b.dimensions).cmp(&(b.effective, &a.dimensions)));
        if to_come > 0 {
            let expected = "terms that have begun";
            let found = "one that begins after the offer was published";
            self.notes.add("terms.OnDemand", sku, expected, found);
        }
        current
    }

    /// The price of the first unit that is bought.
    fn first_volume<'t>(
        &mut self,
        sku: &str,
        dimensions: &'t [Dimension],
    ) -> Option<&'t Dimension> {
        let begins = |dimension: &&Dimension| decimal_from_json(&dimension.begins);
        let first = dimensions
            .iter()
            .min_by(|a, b| (begins(a), a).cmp(&(begins(b), b)))?;
        if dimensions.len() > 1 {
            let found = "others for larger volumes";
            self.notes.add("priceDimensions", sku, "one price", found);
        }
        Some(first)
    }

    /// The unit of a price with the factor that brings its amount to that unit.
    fn unit(&self, product: &Product, stated: &str) -> Option<(PriceUnit, Decimal)> {
        let stated = folded(stated).to_lowercase();
        let declared = self.mapping.units.get(&stated).map(String::as_str);
        let known = UNITS.iter().find(|(known, _)| *known == stated);
        let word = declared.or(known.map(|(_, word)| *word))?;
        let tokens = match word {
            "1K_tokens" => Some(Decimal::ONE_THOUSAND),
            "1M_tokens" => Some(Decimal::ONE),
            "1_token" => Some(Decimal::from(1_000_000)),
            _ => None,
        };
        match tokens {
            Some(times) if product.of_tokens || stated.contains("token") => {
                Some((PriceUnit::MillionTokens, times))
            }
            // a bare "Units" of what is no token
            Some(_) => match &*product.meter.meter {
                "created_image" => Some((PriceUnit::from_word("image"), Decimal::ONE)),
                "search_units" => Some((PriceUnit::from_word("search_unit"), Decimal::ONE)),
                _ => None,
            },
            None => Some((PriceUnit::from_word(word), Decimal::ONE)),
        }
    }
}

/// The offer's own spelling of the model, else of the service.
fn name(attributes: &Attributes, usage: Option<&Usage>) -> Option<String> {
    let of_usage = |wanted: bool| {
        let usage = usage.filter(|usage| usage.mantle == wanted)?;
        usage.model.clone()
    };
    let text =
        |names: &[&str]| Some(folded(attributes.first(names))).filter(|text| !text.is_empty());
    let service = text(&["servicename"]);
    let general = |name: &String| name.starts_with("Amazon Bedrock");
    of_usage(true)
        .or_else(|| text(&["modelId", "model", "titanModel"]))
        .or_else(|| service.clone().filter(|name| !general(name)))
        .or_else(|| of_usage(false))
        .or(service)
        .or_else(|| text(&["servicecode"]))
}

fn deployment(usage: &Usage) -> String {
    match (usage.mantle, usage.scope) {
        (false, Scope::Regional) => "on-demand".to_string(),
        (false, Scope::Geo(geo)) => format!("profile:{geo}"),
        (false, Scope::Global) => "profile:global".to_string(),
        (true, Scope::Regional) => "mantle".to_string(),
        (true, Scope::Geo(geo)) => format!("mantle:{geo}"),
        (true, Scope::Global) => "mantle:global".to_string(),
    }
}

fn provisioned(attributes: &Attributes) -> Option<String> {
    let stated = ["feature", "usagetype"].map(|name| attributes.text(name).to_lowercase());
    stated
        .iter()
        .any(|text| text.contains("provisioned"))
        .then(|| "provisioned".to_string())
}

/// The meter of what is no token of input, output or cache: the usage type's own words.
fn other_meter(attributes: &Attributes) -> PriceMeter {
    let usage_type = attributes.text("usagetype");
    let stated = usage::marketplace(usage_type).unwrap_or(usage::without_region(usage_type));
    let stated = match stated {
        "" => attributes.first(&["inferenceType", "operation", "groupDescription"]),
        stated => stated,
    };
    let lower = stated.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let meter = shortened(&words.join("_"), 100);
    PriceMeter {
        meter: if meter.is_empty() {
            "usage".into()
        } else {
            meter.into()
        },
        tier: None,
        over: None,
    }
}
