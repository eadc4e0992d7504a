//! What a call costs by what sources say.

use crate::config::{InferenceProbe, Scoping};
use crate::inference::Prices;
use crate::market::{Attribute, Identity, OfferingFact, Price, Region, Value, identify};
use crate::store::{Error, OfferingFilter, Offerings, Questions};

/// Everything that a call is charged for.
const METERS: [&str; 6] = [
    "input",
    "output",
    "cache_read",
    "cache_write",
    "cache_write_5m",
    "cache_write_1h",
];

/// The prices of a probe's calls in a scope: its own, or else the highest that any source states of its native id there, or
/// of the same version of the same model. A budget is kept whoever is right.
///
/// # Errors
/// Where the store cannot answer.
pub fn prices(
    store: &impl Questions,
    probe: &InferenceProbe,
    scoping: &Scoping,
) -> Result<Prices, Error> {
    let own = probe.prices;
    if own.input.is_some() && own.output.is_some() {
        return Ok(own);
    }
    let stated = stated(store, probe, scoping)?;
    Ok(Prices {
        input: own.input.or(stated.input),
        output: own.output.or(stated.output),
        cache_read: own.cache_read.or(stated.cache_read),
        cache_write: own.cache_write.or(stated.cache_write),
    })
}

fn stated(
    store: &impl Questions,
    probe: &InferenceProbe,
    scoping: &Scoping,
) -> Result<Prices, Error> {
    let (region, priced_as) = (scoping.region(), probe.priced_as(scoping));
    let asked = |model: String| OfferingFilter {
        provider: Some(probe.provider.to_string()),
        model: Some(model),
        attributes: METERS.map(Attribute::price).to_vec(),
        ..OfferingFilter::default()
    };
    let is_there = |fact: &OfferingFact| {
        let of = &fact.subject.region;
        *of == region || *of == Region::unstated() || region == Region::unstated()
    };
    let facts = store.offerings(&asked(priced_as.clone()))?;
    let is_named =
        |fact: &&OfferingFact| fact.subject.native_id.as_str() == priced_as && is_there(fact);
    let exact = of_facts(facts.iter().filter(is_named));
    if exact.input.is_some() && exact.output.is_some() {
        return Ok(exact);
    }
    let provider = Some(probe.provider.as_str());
    let identity = identify(provider, &priced_as);
    let Some(model) = &identity.model else {
        return Ok(exact);
    };
    let facts = store.offerings(&asked(model.clone()))?;
    let is_same = |fact: &&OfferingFact| {
        let other = identify(provider, fact.subject.native_id.as_str());
        is_same_model(&identity, &other) && is_there(fact)
    };
    Ok(of_facts(facts.iter().filter(is_same)))
}

/// Whether two ids may denote one version: an id without a date is of any.
fn is_same_model(one: &Identity, other: &Identity) -> bool {
    let is_apart = one.version.is_some() && other.version.is_some() && one.version != other.version;
    one.model == other.model && !is_apart
}

fn of_facts<'a>(facts: impl Iterator<Item = &'a OfferingFact>) -> Prices {
    let prices: Vec<(&str, &Price)> = facts
        .filter_map(
            |fact| match (fact.attribute.as_deref(), fact.value.as_deref()) {
                (Some(Attribute::Price(meter)), Some(Value::Price(price))) => {
                    Some((&*meter.meter, price))
                }
                _ => None,
            },
        )
        .collect();
    Prices::of(prices)
}
