//! The names of providers and regions that something speaks of: a bound that names none of them is a mistake, not an empty
//! answer.

use std::collections::BTreeSet;

use crate::config::{Endpoint, Probe, nearest};
use crate::landscape::Bounds;
use crate::market::{Place, RegionSet, provider_id, provider_ids};
use crate::store::{Error, Offerings as _, Questions};

/// So many names are told where none is near.
const FIRST: usize = 12;

/// What is known by name.
#[derive(Debug, Default)]
pub struct Known {
    providers: BTreeSet<String>,
    regions: BTreeSet<String>,
}

impl Known {
    /// What the shipped lists name.
    pub fn shipped() -> Self {
        Self {
            providers: provider_ids().map(str::to_string).collect(),
            regions: RegionSet::all()
                .iter()
                .flat_map(RegionSet::names)
                .map(str::to_string)
                .collect(),
        }
    }

    /// What the history holds offerings of, and what the shipped lists name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of_history(store: &impl Questions) -> Result<Self, Error> {
        let mut known = Self::shipped();
        for (provider, region) in store.places()? {
            known.providers.insert(provider);
            known.add_region(&region);
        }
        Ok(known)
    }

    /// The same with what probes and endpoints are declared for.
    pub fn with_declared(
        mut self,
        probes: &[(Probe, bool)],
        endpoints: &[(Endpoint, bool)],
    ) -> Self {
        let probes = probes.iter().map(|(probe, _)| probe);
        let endpoints = endpoints.iter().map(|(endpoint, _)| endpoint);
        let scopes = probes
            .map(|probe| (&probe.provider, &probe.scopes))
            .chain(endpoints.map(|endpoint| (&endpoint.provider, &endpoint.scopes)));
        for (provider, scopes) in scopes {
            self.providers.insert(provider.to_string());
            for scoping in scopes {
                self.add_region(scoping.region().as_str());
            }
        }
        self
    }

    fn add_region(&mut self, region: &str) {
        if region != "*" && !region.is_empty() {
            self.regions.insert(region.to_lowercase());
        }
    }

    /// What a name of a provider should have been, if nothing is known of it.
    pub fn provider_problem(&self, name: &str) -> Option<String> {
        if self.providers.contains(name) {
            return None;
        }
        let near = match provider_id(name) {
            Some(ours) => vec![ours],
            None => nearest(name, self.providers.iter().map(String::as_str)),
        };
        Some(expected("a known provider", name, &near, &self.providers))
    }

    /// What the name of a place should have been, if nothing is known of it.
    pub fn place_problem(&self, place: &Place) -> Option<String> {
        let regions = || self.regions.iter().map(String::as_str);
        if place.names_one_of(regions()) {
            return None;
        }
        let sets = RegionSet::all().iter().map(|set| set.name.as_str());
        let name = place.to_string();
        let near = nearest(&name, sets.clone().chain(regions()));
        let what = format!(
            "a known region or one of {}",
            sets.collect::<Vec<_>>().join(", ")
        );
        Some(expected(&what, &name, &near, &self.regions))
    }

    /// Every bound that names what is not known; `given` says whose it is, by its key.
    pub fn problems(&self, bounds: &Bounds, given: impl Fn(&str) -> String) -> Vec<String> {
        let providers = bounds.providers.iter();
        let providers = providers.filter_map(|name| self.provider_problem(name));
        let providers = providers.map(|problem| (given("providers"), problem));
        let places = bounds.places.iter();
        let places = places.filter_map(|place| self.place_problem(place));
        let places = places.map(|problem| (given("regions"), problem));
        providers
            .chain(places)
            .map(|(key, problem)| format!("{key}: {problem}"))
            .collect()
    }
}

fn expected(what: &str, found: &str, near: &[&str], all: &BTreeSet<String>) -> String {
    let known = match near {
        [] => {
            let first: Vec<&str> = all.iter().map(String::as_str).take(FIRST).collect();
            let more = match all.len().saturating_sub(FIRST) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("known are {}{more}", first.join(", "))
        }
        near => format!("nearest is {}", near.join(" or ")),
    };
    format!("expected {what}, found '{found}': {known}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lists_name_is_known_and_all_else_is_said() {
        let known = Known {
            providers: BTreeSet::from(["azure", "bedrock"].map(str::to_string)),
            regions: BTreeSet::from(["eu-west-1", "swedencentral", "us-gov-*"].map(str::to_string)),
        };
        let problem = |word| known.place_problem(&Place::from_word(word).expect("a word"));
        for word in [
            "eu",
            "EU-WEST-1",
            "eu-*",
            "sweden*",
            "us-gov-east-1",
            "us-gov-e*",
        ] {
            assert_eq!(problem(word), None, "{word}");
        }
        insta::assert_snapshot!(problem("nowhere").expect("unknown"), @"expected a known region or one of eu, us, uk, switzerland, canada, japan, australia, india, found 'nowhere': known are eu-west-1, swedencentral, us-gov-*");
        insta::assert_snapshot!(problem("swedncentral").expect("unknown"), @"expected a known region or one of eu, us, uk, switzerland, canada, japan, australia, india, found 'swedncentral': nearest is swedencentral");
        insta::assert_snapshot!(known.provider_problem("amazon-bedrock").expect("unknown"), @"expected a known provider, found 'amazon-bedrock': nearest is bedrock");
    }
}
