//! Prices as an offer states them, small while the whole is gathered: a large offer states a hundred thousand, most of them
//! equal to others but for their SKU.

use std::collections::HashMap;

use crate::market::{Attribute, Claim, Content, Entry, Fingerprint, Price, PriceMeter, Value};
use crate::readers::Context;
use crate::readers::folding::shortened;

/// Things of which many are equal, each kept once.
#[derive(Debug)]
pub struct Pool<T> {
    pub all: Vec<T>,
    pub places: HashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Pool<T> {
    pub fn new() -> Self {
        Self {
            all: Vec::new(),
            places: HashMap::new(),
        }
    }

    pub fn place(&mut self, thing: T) -> u32 {
        if let Some(place) = self.places.get(&thing) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.places.insert(thing.clone(), place);
        self.all.push(thing);
        place
    }
}

/// What a term says, whatever its SKU.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rate {
    value: Value,
    spelling: Box<str>,
}

impl Rate {
    /// A price, as it is spelled.
    pub fn price(price: Price, spelling: String) -> Self {
        Self {
            value: Value::Price(price),
            spelling: spelling.into(),
        }
    }

    /// A price that cannot be read.
    pub fn unclear(spelling: String) -> Self {
        Self {
            value: Value::Unclear,
            spelling: spelling.into(),
        }
    }
}

/// A price of a subject.
#[derive(Debug)]
pub struct Stated {
    /// Its meter's place among the meters.
    pub meter: u32,
    /// Its rate's place among the rates.
    pub rate: u32,
    /// The SKU leads to all that the offer says of it.
    pub sku: Box<str>,
}

impl Stated {
    /// The claim that it is.
    pub fn claim(&self, meters: &[PriceMeter], rates: &[Rate]) -> Option<Claim> {
        let attribute = Attribute::Price(meters.get(self.meter as usize)?.clone());
        let Rate { value, spelling } = rates.get(self.rate as usize)?;
        let raw = match value {
            Value::Unclear => spelling.to_string(),
            _ => shortened(&format!("{spelling}, SKU {}", self.sku), 300),
        };
        Some(Claim::new(attribute, value.clone(), raw))
    }
}

/// Leaves out the claims of a subject that says what it said when it was settled.
pub fn settle(entry: &mut Entry, context: &Context<'_>) {
    let Content::Stated {
        claims,
        fingerprint,
    } = &mut entry.content
    else {
        return;
    };
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
