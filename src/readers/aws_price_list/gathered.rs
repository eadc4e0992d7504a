//! The prices of an offer, gathered entry by entry.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::offer::{Attributes, Dimension, Listener, Term};
use super::{Mapping, product, usage};
use crate::market::{
    Attribute, Claim, Content, Currency, Failure, Fingerprint, Hash, Price, PriceMeter, PriceUnit,
    Reading, Region, Subject, SubjectKey, Value, decimal_from_json,
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

/// Things of which many are equal, each kept once.
#[derive(Debug)]
struct Pool<T> {
    all: Vec<T>,
    places: HashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Pool<T> {
    fn new() -> Self {
        Self {
            all: Vec::new(),
            places: HashMap::new(),
        }
    }

    fn place(&mut self, thing: T) -> u32 {
        if let Some(place) = self.places.get(&thing) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.places.insert(thing.clone(), place);
        self.all.push(thing);
        place
    }
}

/// What an offer has said so far.
pub struct Gathered<'a> {
    mapping: &'a Mapping,
    context: &'a Context<'a>,
    published: Option<Timestamp>,
    subjects: Pool<Subject>,
    meters: Pool<PriceMeter>,
    /// The prices of each subject.
    claims: Vec<Vec<Claim>>,
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
        self.claims.resize_with(self.subjects.all.len(), Vec::new);
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
            claims: Vec::new(),
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
        let mut stated: Vec<(PriceMeter, &Term)> = Vec::with_capacity(terms.len());
        stated.extend(current.map(|term| (meter.clone(), term)));
        for term in terms.iter().filter(later) {
            stated.extend(term.effective.map(|from| (to_come(meter, from), term)));
        }
        for (meter, term) in stated {
            let claim = self.price(sku, product, meter, term);
            if let (Some(claim), Some(claims)) =
                (claim, self.claims.get_mut(product.subject as usize))
            {
                claims.push(claim);
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
        drop((self.products, self.subjects.places));
        let stated = self
            .subjects
            .all
            .into_iter()
            .zip(self.claims)
            .filter(|(_, claims)| !claims.is_empty());
        let mut reading = Reading::from_claims(stated, self.context.complete);
        settle(&mut reading, self.context);
        self.notes.put_into(&mut reading);
        Ok(reading)
    }

    /// The price of a term.
    fn price(
        &mut self,
        sku: &str,
        product: &Product,
        meter: PriceMeter,
        term: &Term,
    ) -> Option<Claim> {
        let Some(dimension) = self.first_volume(sku, &term.dimensions) else {
            self.notes.add("priceDimensions", sku, "a price", "none");
            return None;
        };
        let attribute = Attribute::Price(meter);
        let Some((unit, times)) = self.unit(product, &dimension.unit) else {
            let found = format!("'{}'", dimension.unit);
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
        // the SKU leads to all that the offer says of it
        let raw = format!("{amount} per {}, SKU {sku}", dimension.unit);
        Some(Claim::new(
            attribute,
            Value::Price(price),
            shortened(&raw, 300),
        ))
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

/// Leaves out the claims of subjects that say what they said when they were settled.
fn settle(reading: &mut Reading, context: &Context<'_>) {
    let unclear: HashSet<SubjectKey> = reading.unclear.iter().map(|(key, _)| *key).collect();
    for entry in &mut reading.entries {
        let Content::Stated {
            claims,
            fingerprint,
        } = &mut entry.content
        else {
            continue;
        };
        if unclear.contains(&entry.key) {
            continue;
        }
        let mut said = String::new();
        for claim in claims.iter() {
            said.push_str(&format!(
                "{} {} {}\n",
                claim.attribute,
                claim.value.to_stored(),
                claim.raw
            ));
        }
        let print = Fingerprint::of(said.as_bytes());
        if context.settled.get(&entry.key) == Some(&print) {
            entry.content = Content::Settled;
        } else {
            *fingerprint = Some(print);
        }
    }
}
