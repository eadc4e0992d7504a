//! One model on every provider: its offerings, how far an account has come towards calling them, what to fall back to.

mod called;

use std::collections::BTreeSet;

use jiff::Timestamp;

pub use called::{Called, Rung, words};

use super::ways_out;
use crate::landscape::{Offer, Stated, replacements};
use crate::market::{Attribute, DateKind, Place, PriceMeter, Purchase, Replacement, Stage, Value};
use crate::store::{Error, Questions};

/// One model, its offerings, and what to fall back to.
#[derive(Debug)]
pub struct Compared {
    /// Which model.
    pub model: String,
    /// As of when.
    pub now: Timestamp,
    /// Its offerings, provider by provider.
    pub offers: Vec<Offer>,
    /// What our calls to models came to.
    pub called: Called,
    /// What its providers say to move to.
    pub replacements: Vec<Replacement>,
}

impl Compared {
    /// What is known of a model; with a place, of its offerings there and of those whose source names no region.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(
        store: &impl Questions,
        model: String,
        region: Option<&Place>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let offers = offered(store, &model, region, Vec::new())?;
        let life = || vec![Attribute::Stage, Attribute::Date(DateKind::Retires)];
        let replacements =
            replacements(&offers, now, |model| offered(store, model, region, life()))?;
        Ok(Self {
            called: Called::of(store, now)?,
            model,
            now,
            offers,
            replacements,
        })
    }

    /// The providers on which it is generally available, and its end is not over.
    pub fn open_on(&self) -> BTreeSet<&str> {
        let open = self
            .offers
            .iter()
            .filter(|offer| offer.stage_at(self.now) == Stage::Ga);
        open.map(|offer| offer.subject.provider.as_str()).collect()
    }
}

/// The offerings of a model in a place, with what is said of these attributes; none: of all.
fn offered(
    store: &impl Questions,
    model: &str,
    region: Option<&Place>,
    attributes: Vec<Attribute>,
) -> Result<Vec<Offer>, Error> {
    let mut offers = ways_out::offers(store, model, attributes)?;
    if let Some(place) = region {
        offers.retain(|offer| place.admits(&offer.subject.region));
    }
    Ok(offers)
}

/// What is stated of a meter, for whoever buys an offering as it is sold: batches are priced by their own tier, and capacity is
/// paid by the hour, not by the token.
pub fn paid<'a>(offer: &'a Offer, meter: &str) -> Option<&'a Stated> {
    let bought = offer.subject.deployment.as_deref();
    let bought = bought.map_or(Purchase::OnDemand, Purchase::of_term);
    let price = PriceMeter {
        meter: meter.into(),
        tier: (bought == Purchase::Batch).then(|| "batch".into()),
        over: None,
    };
    let fact = offer.facts.get(&Attribute::Price(price));
    fact.filter(|_| bought != Purchase::Capacity)
}

/// A price without the unit that goes without saying.
pub fn amount(value: &Value) -> String {
    match value {
        Value::Price(price) if price.is_usd_per_million_tokens() => price.amount.to_string(),
        other => other.to_string(),
    }
}

/// A yes or no that sources say of a capability.
pub fn flag(offer: &Offer, capability: &str) -> Option<bool> {
    match &capability_of(offer, capability)? {
        Value::Flag(flag) => Some(*flag),
        Value::Text(text) if &**text == "yes" => Some(true),
        Value::Text(text) if &**text == "no" => Some(false),
        _ => None,
    }
}

/// What the best source says of a capability.
pub fn capability_of<'a>(offer: &'a Offer, capability: &str) -> Option<&'a Value> {
    let attribute = Attribute::Capability(capability.into());
    offer.facts.get(&attribute).map(|fact| &fact.value)
}
