//! The prices of an offer, gathered entry by entry.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::offer::{Attributes, Dimension, Listener, Term};
use super::stated::{Pool, Rate, Stated, settle};
use super::{Mapping, product, usage};
use crate::market::{
    Currency, Failure, Hash, Price, PriceMeter, PriceUnit, Reading, Region, Subject,
    decimal_from_json,
};
use crate::readers::Context;
use crate::readers::folding::{folded, shortened};
use crate::readers::notes::Notes;

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

/// A product that has a price to come. A large offer has a hundred thousand of them, so that each is small.
#[derive(Debug, Clone, Copy)]
struct Product {
    /// Its place among the subjects.
    subject: u32,
    /// Its meter's place among the meters.
    meter: u32,
    /// Whether it meters tokens, so that a bare `Units` cannot be anything else.
    of_tokens: bool,
}

/// What stands for a SKU.
type Key = [u8; 16];

fn key(sku: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&Hash::of(sku.as_bytes()).as_bytes()[..16]);
    key
}

/// What an offer has said so far.
pub struct Gathered<'a> {
    mapping: &'a Mapping,
    context: &'a Context<'a>,
    published: Option<Timestamp>,
    subjects: Pool<Subject>,
    meters: Pool<PriceMeter>,
    rates: Pool<Rate>,
    /// The prices of each subject.
    stated: Vec<Vec<Stated>>,
    /// Products whose terms are still to come.
    products: HashMap<Key, Product>,
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
        let Some(name) = product::name(attributes, usage.as_ref()) else {
            self.notes
                .add("products", sku, "a model or a service", "neither");
            return;
        };
        let (deployment, meter) = match &usage {
            Some(usage) => (Some(product::deployment(usage)), usage.meter.clone()),
            None => (
                product::provisioned(attributes),
                product::other_meter(attributes),
            ),
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
        let subject = self.subjects.place(subject);
        self.stated.resize_with(self.subjects.all.len(), Vec::new);
        let product = Product {
            subject,
            meter: self.meters.place(meter),
            of_tokens: usage.is_some(),
        };
        self.products.insert(key(sku), product);
    }

    fn terms(&mut self, sku: &str, terms: Vec<Term>) {
        // an offer says first when it was published, then its products: nothing but prices need be held
        let product = self.published.and_then(|_| self.products.remove(&key(sku)));
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
    /// Nothing yet.
    pub fn new(mapping: &'a Mapping, context: &'a Context<'a>) -> Self {
        Self {
            mapping,
            context,
            published: None,
            subjects: Pool::new(),
            meters: Pool::new(),
            rates: Pool::new(),
            stated: Vec::new(),
            products: HashMap::new(),
            waiting: HashMap::new(),
            count: 0,
            notes: Notes::default(),
        }
    }

    fn meter(&self, product: &Product) -> Option<&PriceMeter> {
        self.meters.all.get(product.meter as usize)
    }

    fn state(&mut self, sku: &str, product: &Product, terms: &[Term]) {
        let later = |term: &&Term| {
            let both = term.effective.zip(self.published);
            both.is_some_and(|(effective, published)| effective > published)
        };
        let latest =
            |a: &&Term, b: &&Term| (a.effective, &b.dimensions).cmp(&(b.effective, &a.dimensions));
        let current = terms.iter().filter(|term| !later(term)).max_by(latest);
        let Some(meter) = self.meter(product) else {
            return;
        };
        let mut all: Vec<(u32, &Term)> = Vec::with_capacity(terms.len());
        all.extend(current.map(|term| (product.meter, term)));
        let to_come: Vec<(PriceMeter, &Term)> = terms
            .iter()
            .filter(later)
            .filter_map(|term| Some((to_come(meter, term.effective?), term)))
            .collect();
        for (meter, term) in to_come {
            all.push((self.meters.place(meter), term));
        }
        for (meter, term) in all {
            let Some(rate) = self.rate(sku, product, term) else {
                continue;
            };
            let rate = self.rates.place(rate);
            if let Some(stated) = self.stated.get_mut(product.subject as usize) {
                stated.push(Stated {
                    meter,
                    rate,
                    sku: shortened(sku, LONGEST_NAME).into(),
                });
            }
        }
    }

    /// What it has said in all. A subject whose prices are settled and the same is not stated again.
    pub fn reading(mut self) -> Result<Reading, Failure> {
        if self.count > MOST_PRODUCTS {
            return Err(Failure::Unreadable {
                expected: format!("at most {MOST_PRODUCTS} products"),
                found: "more".to_string(),
            });
        }
        for (sku, terms) in std::mem::take(&mut self.waiting) {
            if let Some(product) = self.products.remove(&key(&sku)) {
                self.state(&sku, &product, &terms);
            }
        }
        drop((self.products, self.subjects.places, self.rates.places));
        let mut reading = Reading {
            complete: self.context.complete,
            ..Reading::default()
        };
        let stated = self.subjects.all.into_iter().zip(self.stated);
        for (subject, stated) in stated.filter(|(_, stated)| !stated.is_empty()) {
            let claim = |one: &Stated| one.claim(&self.meters.all, &self.rates.all);
            let unclear = reading.unclear.len();
            reading.push(subject, stated.iter().filter_map(claim).collect());
            if let Some(entry) = reading.entries.last_mut()
                && reading.unclear.len() == unclear
            {
                settle(entry, self.context);
            }
        }
        reading.unexpected.sort();
        reading.unexpected.dedup();
        self.notes.put_into(&mut reading);
        Ok(reading)
    }

    /// The price of a term.
    fn rate(&mut self, sku: &str, product: &Product, term: &Term) -> Option<Rate> {
        let Some(dimension) = self.first_volume(sku, &term.dimensions) else {
            self.notes.add("priceDimensions", sku, "a price", "none");
            return None;
        };
        let Some((unit, times)) = self.unit(product, &dimension.unit) else {
            let found = format!("'{}'", dimension.unit);
            self.notes.add("unit", sku, "a unit that is known", &found);
            return Some(Rate::unclear(shortened(&dimension.unit, 80)));
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
            return Some(Rate::unclear(String::new()));
        };
        let amount = stated.map_or(String::new(), |(_, amount)| amount.to_string());
        let spelling = format!("{amount} per {}", shortened(&dimension.unit, LONGEST_NAME));
        Some(Rate::price(price, spelling))
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
            Some(_) => match self.meter(product).map_or("", |meter| &*meter.meter) {
                "created_image" => Some((PriceUnit::from_word("image"), Decimal::ONE)),
                "search_units" => Some((PriceUnit::from_word("search_unit"), Decimal::ONE)),
                _ => None,
            },
            None => Some((PriceUnit::from_word(word), Decimal::ONE)),
        }
    }
}

/// The meter of a price that begins later: a tier named by its day, as [`Reading::as_of`] names it.
fn to_come(meter: &PriceMeter, from: Timestamp) -> PriceMeter {
    let day = from.to_zoned(TimeZone::UTC).date();
    let tier = meter
        .tier
        .as_deref()
        .map_or(String::new(), |tier| format!("{tier}_"));
    PriceMeter {
        tier: Some(format!("{tier}from_{day}").into()),
        ..meter.clone()
    }
}
