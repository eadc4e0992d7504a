//! The offers of the script that are Bedrock's, sorted by what of Bedrock tells of them.
//!
//! A model's own id has places with the deployment `on-demand`, with `mantle`, or with none where only its profiles can be called
//! from there. A profile is an offer of its own (`us.anthropic.…`, deployment `profile:us`), and so is the spelling of the price
//! list, whose `list` names the file that it stands in.

use crate::market::Stage;
use crate::world::moment::Offer;

/// The deployment of a call by a model's own id.
pub const ON_DEMAND: &str = "on-demand";
/// That of the OpenAI-compatible endpoint.
pub const MANTLE: &str = "mantle";
/// How the deployments of profiles begin.
const PROFILE: &str = "profile:";

/// Everything, sorted.
#[derive(Debug, Default)]
pub struct Offered<'o, 'w> {
    /// Models by their own ids.
    pub models: Vec<&'o Offer<'w>>,
    /// Profiles.
    pub profiles: Vec<&'o Offer<'w>>,
    /// What the price list spells.
    pub priced: Vec<&'o Offer<'w>>,
}

impl<'o, 'w> Offered<'o, 'w> {
    /// Sorts offers.
    pub fn of(offers: &'o [Offer<'w>]) -> Self {
        let mut offered = Self::default();
        for offer in offers {
            if offer.extra("list").is_some() {
                offered.priced.push(offer);
            } else if offer.extra("page").is_some() {
                // a service with a page of its own
            } else if prefix(offer).is_some() {
                offered.profiles.push(offer);
            } else {
                offered.models.push(offer);
            }
        }
        offered
    }

    /// The profiles of a model.
    pub fn profiles_of(&self, model: &Offer<'_>) -> Vec<&'o Offer<'w>> {
        let own = self
            .profiles
            .iter()
            .filter(|profile| base(profile) == model.id);
        own.copied().collect()
    }

    /// The model that a profile leads to.
    pub fn model_of(&self, profile: &Offer<'_>) -> Option<&'o Offer<'w>> {
        let mut models = self.models.iter();
        models.find(|model| model.id == base(profile)).copied()
    }
}

/// The first part of a profile's id; `None` if the offer is none.
pub fn prefix<'o>(offer: &'o Offer<'_>) -> Option<&'o str> {
    let terms = offer.places.iter().flat_map(|place| &place.deployments);
    terms.filter_map(|term| term.strip_prefix(PROFILE)).next()
}

fn base<'w>(profile: &Offer<'w>) -> &'w str {
    profile
        .id
        .split_once('.')
        .map_or(profile.id, |(_, base)| base)
}

/// The regions in which an offer has a deployment; `None` stands for those where it has none of its own.
pub fn regions<'o>(offer: &'o Offer<'_>, deployment: Option<&str>) -> Vec<&'o str> {
    let places = offer.places.iter().filter(|place| match deployment {
        None => place.deployments.is_empty(),
        Some(term) => place.deployments.iter().any(|own| own == term),
    });
    let mut found: Vec<&str> = places
        .flat_map(|place| &place.regions)
        .map(String::as_str)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether an offer has a deployment in a region.
pub fn is_at(offer: &Offer<'_>, deployment: Option<&str>, region: &str) -> bool {
    regions(offer, deployment).contains(&region)
}

/// Who makes a model, for people.
pub fn maker<'o>(offer: &'o Offer<'_>) -> &'o str {
    offer.extra("maker").unwrap_or("Amazon")
}

/// Whether it is past the stage in which everybody can begin with it.
pub fn is_legacy(offer: &Offer<'_>) -> bool {
    matches!(offer.stage(), Stage::Legacy | Stage::Deprecated)
}
