//! The offers of the script that are Azure's, sorted by what of Azure tells of them.
//!
//! A model is `name@version` with its locations and deployment types. What the price list spells is an offer of its own, whose
//! `product` names the product that its meters belong to. What another cloud of Microsoft's has names it in `cloud`.

use crate::market::Stage;
use crate::world::moment::Offer;

/// Everything, sorted.
#[derive(Debug, Default)]
pub struct Offered<'o, 'w> {
    /// Model versions of the public cloud.
    pub models: Vec<&'o Offer<'w>>,
    /// Those of the government's cloud.
    pub government: Vec<&'o Offer<'w>>,
    /// What the price list spells.
    pub priced: Vec<&'o Offer<'w>>,
}

impl<'o, 'w> Offered<'o, 'w> {
    /// Sorts offers.
    pub fn of(offers: &'o [Offer<'w>]) -> Self {
        let mut offered = Self::default();
        for offer in offers {
            let place = if offer.extra("product").is_some() {
                &mut offered.priced
            } else if offer.extra("cloud").is_some() {
                &mut offered.government
            } else {
                &mut offered.models
            };
            place.push(offer);
        }
        offered
    }
}

/// A model's name and version.
pub fn name<'o>(offer: &'o Offer<'_>) -> (&'o str, &'o str) {
    offer.id.split_once('@').unwrap_or((offer.id, "1"))
}

/// The resource manager's word for who makes a model.
pub fn format<'o>(offer: &'o Offer<'_>) -> &'o str {
    offer.extra("format").unwrap_or("OpenAI")
}

/// Whether Azure sells it itself.
pub fn is_sold_by_azure(offer: &Offer<'_>) -> bool {
    offer.extra("seller") != Some("partner")
}

/// Its deployment types in a location.
pub fn deployments<'o>(offer: &'o Offer<'_>, location: &str) -> Vec<&'o str> {
    let here = offer
        .places
        .iter()
        .filter(|place| place.regions.iter().any(|own| own == location));
    let mut found: Vec<&str> = here
        .flat_map(|place| &place.deployments)
        .map(String::as_str)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The stages by the words of the resource manager, of the catalogue and of the pages.
pub fn words(stage: Stage) -> (&'static str, &'static str, &'static str) {
    match stage {
        Stage::Announced | Stage::Preview | Stage::Limited => ("Preview", "Preview", "Preview"),
        Stage::Legacy => ("Legacy", "Legacy", "Legacy"),
        Stage::Deprecated => ("Deprecating", "Deprecated", "Deprecated"),
        Stage::Retired => ("Deprecated", "Retired", "Retired"),
        Stage::Ga | Stage::Unknown => ("GenerallyAvailable", "Generally Available", "GA"),
    }
}
