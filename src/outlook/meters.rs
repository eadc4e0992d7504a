//! What one meter costs on every offering.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::landscape::{fits, lab_of};
use crate::landscape::{Denoted, Offer, Stated};
use crate::market::{Attribute, Place, Price, PriceMeter, Stage, Value};
use crate::store::{Error, OfferingFilter, Offerings, Questions};

/// Which prices are asked for. What is empty narrows nothing.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Of which meter, tier and band.
    pub meter: PriceMeter,
    /// Models whose name fits.
    pub model: Option<String>,
    /// Models of this lab.
    pub lab: Option<String>,
    /// At this provider.
    pub provider: Option<String>,
    /// In this place; offerings whose source names no region stay in.
    pub region: Option<Place>,
}

/// Offerings that ask one price and differ by region alone.
#[derive(Debug, Clone)]
pub struct Line {
    /// Of which model.
    pub model: String,
    /// One of them.
    pub offer: Offer,
    /// The regions of all.
    pub regions: BTreeSet<String>,
    /// What is asked.
    pub price: Price,
    /// Who says so.
    pub stated: Stated,
    /// Its stage.
    pub stage: Stage,
}

/// What the meter costs wherever it is sold, by currency and unit, the cheapest first. What is retired or only announced is left out.
///
/// # Errors
/// Those of the store.
pub fn lines(store: &impl Questions, asked: &Asked, now: Timestamp) -> Result<Vec<Line>, Error> {
    let attribute = Attribute::Price(asked.meter.clone());
    let retires = Attribute::Date(crate::market::DateKind::Retires);
    let facts = store.offerings(&OfferingFilter {
        provider: asked.provider.clone(),
        attributes: vec![Attribute::Stage, retires, attribute.clone()],
        ..OfferingFilter::default()
    })?;
    let denoted = Denoted::new(&facts);
    let mut lines: BTreeMap<_, Line> = BTreeMap::new();
    for (model, offers) in denoted.by_model() {
        let is_of_lab = asked.lab.as_deref().is_none_or(|lab| lab == lab_of(model));
        let is_meant = asked.model.as_deref().is_none_or(|glob| fits(glob, model));
        if !is_of_lab || !is_meant {
            continue;
        }
        for offer in offers {
            let stage = offer.stage_at(now);
            let is_in = |place: &Place| place.admits(&offer.subject.region);
            let is_sold = !matches!(stage, Stage::Retired | Stage::Announced);
            if !is_sold || !asked.region.as_ref().is_none_or(is_in) {
                continue;
            }
            let Some(stated) = offer.facts.get(&attribute).cloned() else {
                continue;
            };
            let Value::Price(price) = stated.value.clone() else {
                continue;
            };
            let key = (
                (price.currency, price.unit.clone(), price.amount),
                model.to_string(),
                offer.subject.provider.to_string(),
                offer.subject.native_id.to_string(),
                offer.subject.deployment.clone(),
                stage.word(),
                stated.source.probe.to_string(),
            );
            let region = offer.subject.region.is_stated();
            let region = region.then(|| offer.subject.region.to_string());
            let line = lines.entry(key).or_insert_with(|| Line {
                model: model.to_string(),
                offer,
                regions: BTreeSet::new(),
                price,
                stated,
                stage,
            });
            line.regions.extend(region);
        }
    }
    Ok(lines.into_values().collect())
}
