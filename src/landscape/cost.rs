//! What a workload costs on an offering, by list price. Pure; every figure says which price it comes from.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::offer::{Offer, Stated};
use super::workload::Workload;
use crate::market::{Attribute, Currency, PriceMeter, PriceUnit, Purchase, Reach, Stage, Value};

/// What is taken for granted where no source states a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assumption {
    /// No price of reading from the cache: priced as any input.
    CachedAsInput,
    /// No price of writing to the cache: priced as any input.
    WritesAsInput,
    /// No price of the batch tier: priced as the rest.
    BatchAsStandard,
    /// No price of the cache in the batch tier: batches are priced as if nothing were cached.
    BatchUncached,
    /// A price that names neither region nor reach: priced as if staying in a region or geography cost nothing more.
    Unlocated,
    /// No price of one meter for prompts so long, though another has one: priced as shorter ones.
    ShorterBand,
}

impl Assumption {
    /// The printed words.
    pub fn words(self) -> &'static str {
        match self {
            Self::CachedAsInput => {
                "no price of cached input is known: it is priced as any other input"
            }
            Self::WritesAsInput => {
                "no price of writing to the cache is known: it is priced as any other input"
            }
            Self::BatchAsStandard => "no batch price is known: batches are priced as the rest",
            Self::BatchUncached => {
                "no batch price of cached input is known: batches are priced as if nothing were cached"
            }
            Self::Unlocated => {
                "its price is stated without a region or reach: a premium for staying may come on top"
            }
            Self::ShorterBand => {
                "not every price is known for prompts of this length: where none is, that of shorter ones is taken"
            }
        }
    }
}

/// Why a workload has no price on an offering.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unpriced {
    /// No source states a price of this meter.
    NoPrice(&'static str),
    /// It is not sold by the token.
    OtherUnit(Box<str>),
    /// Its prices are stated in several currencies.
    Currencies,
    /// It is bought by the hour.
    ByCapacity,
    /// It takes batches alone, and not all of the workload can wait.
    BatchOnly,
    /// It has no way to be called of its own: its profiles have.
    ByProfile,
    /// It serves only models that its buyer has tuned.
    Tuned,
    /// The prompt or the answer is longer than it takes.
    TooLong,
    /// The sum is greater than can be held.
    TooMuch,
}

impl Unpriced {
    /// The printed words.
    pub fn words(&self) -> String {
        match self {
            Self::NoPrice(meter) => format!("no source states a price of {meter}"),
            Self::OtherUnit(unit) => format!("sold by the {unit}, not by the token"),
            Self::Currencies => "its prices are stated in several currencies".to_string(),
            Self::ByCapacity => "bought by the hour of capacity".to_string(),
            Self::BatchOnly => "takes batches alone".to_string(),
            Self::ByProfile => "can only be called through an inference profile".to_string(),
            Self::Tuned => "only for tuned models".to_string(),
            Self::TooLong => "takes no prompts or answers of this length".to_string(),
            Self::TooMuch => "costs more than can be written".to_string(),
        }
    }
}

/// One line of a bill.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What is metered.
    pub meter: PriceMeter,
    /// Tokens a month.
    pub tokens: Decimal,
    /// The price of a million, in the currency of the bill.
    pub price: Decimal,
    /// Who says so.
    pub stated: Stated,
    /// What it comes to in a month.
    pub amount: Decimal,
}

/// What a workload costs on an offering.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// A month's sum.
    pub per_month: Decimal,
    /// In which currency.
    pub currency: Currency,
    /// How it comes about.
    pub items: Vec<Item>,
    /// What was taken for granted.
    pub assumptions: BTreeSet<Assumption>,
}

/// What a workload costs on an offering, in or out of its bounds.
pub fn cost(offer: &Offer, workload: &Workload) -> Result<Cost, Unpriced> {
    let bought = offer.subject.deployment.as_deref();
    match bought.map_or(Purchase::OnDemand, Purchase::of_term) {
        Purchase::OnDemand => {}
        Purchase::Batch if workload.batch == Decimal::ONE => {}
        Purchase::Batch => return Err(Unpriced::BatchOnly),
        Purchase::Capacity => return Err(Unpriced::ByCapacity),
        Purchase::Tuned => return Err(Unpriced::Tuned),
    }
    let by_profile = Attribute::Capability("inference_profile".into());
    let by_profile = offer.facts.get(&by_profile).map(|fact| &fact.value);
    if bought.is_none() && by_profile == Some(&Value::Flag(true)) {
        return Err(Unpriced::ByProfile);
    }
    if is_too_long(offer, workload) {
        return Err(Unpriced::TooLong);
    }
    let mut bill = Bill {
        offer,
        workload,
        items: Vec::new(),
        assumptions: BTreeSet::new(),
    };
    bill.fill(None, Decimal::ONE - workload.batch)?;
    bill.fill(Some("batch"), workload.batch)?;
    bill.total()
}

/// Whether a limit that a source states is passed by one request.
fn is_too_long(offer: &Offer, workload: &Workload) -> bool {
    let passes = |name: &str, tokens: u64| {
        let fact = offer.facts.get(&Attribute::Limit(name.into()));
        matches!(fact.map(|fact| &fact.value), Some(Value::Number(limit)) if Decimal::from(tokens) > *limit)
    };
    passes("input", workload.input)
        || passes("output", workload.output)
        || passes("context", workload.input.saturating_add(workload.output))
}

struct Bill<'a> {
    offer: &'a Offer,
    workload: &'a Workload,
    items: Vec<Item>,
    assumptions: BTreeSet<Assumption>,
}

impl Bill<'_> {
    /// The items of the share of requests that goes to a tier.
    fn fill(&mut self, tier: Option<&'static str>, share: Decimal) -> Result<(), Unpriced> {
        if share.is_zero() {
            return Ok(());
        }
        let workload = self.workload;
        let requests = Decimal::from(workload.requests) * share;
        let input = requests * Decimal::from(workload.input);
        let output = requests * Decimal::from(workload.output);
        let has_both = |bill: &Self| {
            bill.best(&["input"], tier).is_some() && bill.best(&["output"], tier).is_some()
        };
        let tier = match tier {
            Some(_) if !has_both(self) => {
                self.assumptions.insert(Assumption::BatchAsStandard);
                None
            }
            tier => tier,
        };
        let reads = input * workload.cached;
        let writes = input * workload.cache_writes;
        let writing = ["cache_write", "cache_write_5m", "cache_write_1h"];
        let read = self.place(&["cache_read"], tier, reads, Assumption::CachedAsInput)?;
        let written = self.place(&writing, tier, writes, Assumption::WritesAsInput)?;
        self.add(&["input"], tier, input - read - written)?;
        self.add(&["output"], tier, output)
    }

    /// An item of the cache, if it has a price; gives how many tokens it takes up.
    fn place(
        &mut self,
        meters: &[&'static str],
        tier: Option<&'static str>,
        tokens: Decimal,
        otherwise: Assumption,
    ) -> Result<Decimal, Unpriced> {
        if tokens.is_zero() {
            return Ok(tokens);
        }
        if self.best(meters, tier).is_none() {
            self.assumptions.insert(match tier {
                Some(_) => Assumption::BatchUncached,
                None => otherwise,
            });
            return Ok(Decimal::ZERO);
        }
        self.add(meters, tier, tokens)?;
        Ok(tokens)
    }

    fn add(
        &mut self,
        meters: &[&'static str],
        tier: Option<&'static str>,
        tokens: Decimal,
    ) -> Result<(), Unpriced> {
        if tokens.is_zero() {
            return Ok(());
        }
        let Some((meter, stated)) = self.best(meters, tier) else {
            return Err(Unpriced::NoPrice(
                meters.first().copied().unwrap_or("input"),
            ));
        };
        let Value::Price(price) = &stated.value else {
            return Err(Unpriced::NoPrice("input"));
        };
        if let PriceUnit::Other(unit) = &price.unit {
            return Err(Unpriced::OtherUnit(unit.clone()));
        }
        let amount = tokens
            .checked_mul(price.amount)
            .map(|amount| amount / Decimal::from(1_000_000))
            .ok_or(Unpriced::TooMuch)?;
        let item = Item {
            meter: meter.clone(),
            tokens: tokens.normalize(),
            price: price.amount,
            stated: stated.clone(),
            amount: amount.normalize(),
        };
        self.items.push(item);
        Ok(())
    }

    /// The price of the first of the meters that has one, in the band that a prompt of this length falls into.
    fn best(&self, meters: &[&str], tier: Option<&str>) -> Option<(&PriceMeter, &Stated)> {
        meters.iter().find_map(|wanted| {
            let prices = self.offer.facts.iter().filter_map(|(attribute, stated)| {
                let Attribute::Price(meter) = attribute else {
                    return None;
                };
                let is_meant = &*meter.meter == *wanted && meter.tier.as_deref() == tier;
                let is_passed = meter.over.is_none_or(|over| self.workload.input > over);
                (is_meant && is_passed).then_some((meter, stated))
            });
            let prices: Vec<(&PriceMeter, &Stated)> = prices.collect();
            // a surcharge that only lower authorities still know is none
            let base = prices.iter().find(|(meter, _)| meter.over.is_none());
            let least = base.map(|(_, stated)| stated.authority);
            prices
                .into_iter()
                .filter(|(_, stated)| least.is_none_or(|least| stated.authority >= least))
                .max_by_key(|(meter, _)| meter.over)
        })
    }

    /// What it is really sold by, where tokens cost nothing: registries write zero beside the price of a query.
    fn other_unit(&self) -> Option<Box<str>> {
        if self.items.iter().any(|item| !item.price.is_zero()) {
            return None;
        }
        let prices = self
            .offer
            .facts
            .values()
            .filter_map(|stated| match &stated.value {
                Value::Price(price) if !price.amount.is_zero() => Some(&price.unit),
                _ => None,
            });
        let mut others = prices.filter_map(|unit| match unit {
            PriceUnit::Other(unit) => Some(unit.clone()),
            PriceUnit::MillionTokens => None,
        });
        others.next()
    }

    fn total(mut self) -> Result<Cost, Unpriced> {
        let currencies: BTreeSet<Currency> = self
            .items
            .iter()
            .filter_map(|item| match &item.stated.value {
                Value::Price(price) => Some(price.currency),
                _ => None,
            })
            .collect();
        let mut currencies = currencies.into_iter();
        let (Some(currency), None) = (currencies.next(), currencies.next()) else {
            return Err(Unpriced::Currencies);
        };
        let stays = self.offer.reach() != Some(Reach::Global);
        if stays && self.items.iter().any(|item| item.stated.general) {
            self.assumptions.insert(Assumption::Unlocated);
        }
        let bands: BTreeSet<Option<u64>> = self.items.iter().map(|item| item.meter.over).collect();
        if bands.len() > 1 {
            self.assumptions.insert(Assumption::ShorterBand);
        }
        if let Some(unit) = self.other_unit() {
            return Err(Unpriced::OtherUnit(unit));
        }
        let mut per_month = Decimal::ZERO;
        for item in &self.items {
            per_month = per_month
                .checked_add(item.amount)
                .ok_or(Unpriced::TooMuch)?;
        }
        Ok(Cost {
            per_month: per_month.normalize(),
            currency,
            items: self.items,
            assumptions: self.assumptions,
        })
    }
}

/// An offering that a workload could run on, with what it would cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice<'a> {
    /// Of which model.
    pub model: &'a str,
    /// The offering.
    pub offer: &'a Offer,
    /// What the workload costs there.
    pub cost: Cost,
    /// By how many percent that is more than on the cheapest offering of the same version of the model at the same provider, bounds aside:
    /// what it costs to stay in a region or geography. `None` on that one itself.
    pub premium: Option<Decimal>,
}

/// An offering that a workload cannot run on.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected<'a> {
    /// Of which model.
    pub model: &'a str,
    /// The offering.
    pub offer: &'a Offer,
    /// Why not, in words.
    pub reason: String,
}

/// What a workload costs on every offering of the models: where it can run, the cheapest first in each currency, and where it
/// cannot, as of `now`. Amounts in different currencies are never compared.
pub fn choices<'a>(
    offers: impl IntoIterator<Item = (&'a str, &'a Offer)>,
    workload: &Workload,
    now: Timestamp,
) -> (Vec<Choice<'a>>, Vec<Rejected<'a>>) {
    let mut priced = Vec::new();
    let mut rejected = Vec::new();
    for (model, offer) in offers {
        match (cost(offer, workload), workload.bounds.breach(offer, now)) {
            (Ok(cost), breach) => priced.push((model, offer, cost, breach)),
            (Err(unpriced), breach) => rejected.push(Rejected {
                model,
                offer,
                reason: breach
                    .map_or_else(|| unpriced.words(), |breach| breach.words().to_string()),
            }),
        }
    }
    let key = |model: &'a str, offer: &'a Offer, cost: &Cost| {
        (
            model,
            offer.version.as_deref(),
            offer.subject.provider.as_str(),
            cost.currency,
        )
    };
    let mut cheapest = std::collections::BTreeMap::new();
    let cannot_be_had =
        |offer: &Offer| matches!(offer.stage_at(now), Stage::Retired | Stage::Announced);
    for (model, offer, cost, _) in &priced {
        if cannot_be_had(offer) {
            continue;
        }
        let lowest = cheapest
            .entry(key(model, offer, cost))
            .or_insert(cost.per_month);
        *lowest = cost.per_month.min(*lowest);
    }
    let mut choices = Vec::new();
    for (model, offer, cost, breach) in priced {
        if let Some(breach) = breach {
            let reason = breach.words().to_string();
            rejected.push(Rejected {
                model,
                offer,
                reason,
            });
            continue;
        }
        let premium = cheapest
            .get(&key(model, offer, &cost))
            .and_then(|lowest| cost.per_month.checked_div(*lowest))
            .and_then(|ratio| (ratio - Decimal::ONE).checked_mul(Decimal::ONE_HUNDRED))
            .map(|percent| percent.round_dp(1).normalize())
            .filter(|percent| !percent.is_zero());
        choices.push(Choice {
            model,
            offer,
            cost,
            premium,
        });
    }
    rejected.sort_by(|a, b| (a.model, &a.offer.subject).cmp(&(b.model, &b.offer.subject)));
    choices.sort_by(|a, b| {
        let key = |choice: &Choice<'a>| (choice.cost.currency, choice.cost.per_month);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.model.cmp(b.model))
            .then_with(|| a.offer.subject.cmp(&b.offer.subject))
    });
    (choices, rejected)
}

#[cfg(test)]
mod tests;
