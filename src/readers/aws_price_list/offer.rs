//! An offer file of the AWS price list, entry by entry: one product or term at a time is held as text, never the whole.

use std::fmt;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use crate::market::decimal_from_json;

/// What a product is, as the offer states it. What is not stated is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(Map<String, Json>);

impl Attributes {
    /// An attribute's text without blanks at its ends; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0
            .get(name)
            .and_then(Json::as_str)
            .map_or("", str::trim)
    }

    /// The first of some attributes that is not empty.
    pub fn first(&self, names: &[&str]) -> &str {
        let mut texts = names.iter().map(|name| self.text(name));
        texts.find(|text| !text.is_empty()).unwrap_or("")
    }
}

/// One price of a term.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dimension {
    /// From which volume on it holds, as stated; empty where that is not stated.
    pub begins: String,
    /// Per what, as stated.
    pub unit: String,
    /// Currency and amount, in the order of the currencies' codes.
    pub amounts: Vec<(String, Decimal)>,
}

/// One term of a product: its prices from some moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// From when it holds.
    pub effective: Option<Timestamp>,
    /// Its prices.
    pub dimensions: Vec<Dimension>,
}

/// What hears of the entries of an offer, in the order of the file.
pub trait Listener {
    /// When the file was published.
    fn published(&mut self, at: &str);
    /// A product by its SKU.
    fn product(&mut self, sku: &str, attributes: &Attributes);
    /// All on-demand terms of a SKU.
    fn terms(&mut self, sku: &str, terms: Vec<Term>);
    /// An entry of another form.
    fn strange(&mut self, place: &str, sku: &str, what: &str);
}

/// Which parts an offer had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// A list of products.
    pub products: bool,
    /// A list of on-demand terms.
    pub terms: bool,
}

/// Reads an offer, telling the listener of each entry as it comes.
pub struct Offer<'l, L>(pub &'l mut L);

impl<'de, L: Listener> DeserializeSeed<'de> for Offer<'_, L> {
    type Value = Parts;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parts, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, L: Listener> Visitor<'de> for Offer<'_, L> {
    type Value = Parts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an offer with products and terms")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts, A::Error> {
        let mut parts = Parts::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "publicationDate" => {
                    let at: Json = map.next_value()?;
                    self.0.published(at.as_str().unwrap_or(""));
                }
                "products" => {
                    parts.products = true;
                    map.next_value_seed(Entries(&mut *self.0, Self::product))?;
                }
                "terms" => parts.terms |= map.next_value_seed(Terms(&mut *self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(parts)
    }
}

impl<L: Listener> Offer<'_, L> {
    fn product(listener: &mut L, sku: &str, text: &str) {
        let attributes = object(text).and_then(|mut fields| match fields.remove("attributes")? {
            Json::Object(attributes) => Some(Attributes(attributes)),
            _ => None,
        });
        match attributes {
            Some(attributes) => listener.product(sku, &attributes),
            None => listener.strange("products", sku, "a product without attributes"),
        }
    }

    fn terms_of(listener: &mut L, sku: &str, text: &str) {
        let Some(terms) = object(text) else {
            listener.strange("terms.OnDemand", sku, "no terms");
            return;
        };
        let terms = terms.values().map(term).collect();
        listener.terms(sku, terms);
    }
}

fn object(text: &str) -> Option<Map<String, Json>> {
    match serde_json::from_str(text) {
        Ok(Json::Object(fields)) => Some(fields),
        _ => None,
    }
}

fn term(term: &Json) -> Term {
    let effective = term.get("effectiveDate").and_then(Json::as_str);
    let dimensions = term.get("priceDimensions").and_then(Json::as_object);
    Term {
        effective: effective.and_then(|text| text.trim().parse().ok()),
        dimensions: dimensions
            .into_iter()
            .flat_map(Map::values)
            .map(dimension)
            .collect(),
    }
}

fn dimension(dimension: &Json) -> Dimension {
    let text = |name: &str| {
        let text = dimension.get(name).and_then(Json::as_str);
        text.map_or("", str::trim).to_string()
    };
    let amounts = dimension.get("pricePerUnit").and_then(Json::as_object);
    let mut amounts: Vec<(String, Decimal)> = amounts
        .into_iter()
        .flatten()
        .filter_map(|(currency, amount)| {
            let amount = match amount {
                Json::String(text) => decimal_from_json(text),
                Json::Number(number) => decimal_from_json(&number.to_string()),
                _ => None,
            };
            Some((currency.clone(), amount?))
        })
        .collect();
    amounts.sort();
    Dimension {
        begins: text("beginRange"),
        unit: text("unit"),
        amounts,
    }
}

/// The lists of terms; whether there was one of on-demand terms.
struct Terms<'l, L>(&'l mut L);

impl<'de, L: Listener> DeserializeSeed<'de> for Terms<'_, L> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, L: Listener> Visitor<'de> for Terms<'_, L> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("terms by their kind")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut on_demand = false;
        while let Some(kind) = map.next_key::<String>()? {
            if kind == "OnDemand" {
                on_demand = true;
                map.next_value_seed(Entries(&mut *self.0, Offer::<L>::terms_of))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(on_demand)
    }
}

/// A map from SKUs to entries; the function hears of each as text.
struct Entries<'l, L>(&'l mut L, fn(&mut L, &str, &str));

impl<'de, L: Listener> DeserializeSeed<'de> for Entries<'_, L> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, L: Listener> Visitor<'de> for Entries<'_, L> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("entries by their SKU")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(sku) = map.next_key::<String>()? {
            let text: Box<RawValue> = map.next_value()?;
            (self.1)(self.0, &sku, text.get());
        }
        Ok(())
    }
}
