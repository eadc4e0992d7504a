//! Whether our own network seems to be away right now, by all who are asked: sources and endpoints alike.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::run::Plan;

/// So many providers in a row out of reach: it is our network.
const SEVERAL: usize = 3;

/// Providers that were out of reach since the last one that was not. Clones share what is known.
#[derive(Debug, Clone)]
pub struct Unreached {
    providers: Arc<Mutex<HashSet<String>>>,
    /// How many must be out of reach.
    enough: usize,
}

impl Unreached {
    /// Nobody, of all that a plan asks. Of one provider alone nobody can tell: then it is theirs.
    pub fn of(plan: &Plan) -> Self {
        let sources = plan.probes.iter().filter(|(_, is_asked)| *is_asked);
        let endpoints = plan.endpoints.iter().filter(|(_, is_checked)| *is_checked);
        let providers = sources.map(|(probe, _)| probe.provider.as_str());
        let all: HashSet<&str> = providers
            .chain(endpoints.map(|(endpoint, _)| endpoint.provider.as_str()))
            .collect();
        Self {
            providers: Arc::default(),
            enough: all.len().clamp(2, SEVERAL),
        }
    }

    /// We were away when the program ended: so it is until somebody is reached.
    pub fn begin_away(&self, plan: &Plan) {
        let sources = plan.probes.iter().map(|(probe, _)| &probe.provider);
        let endpoints = plan.endpoints.iter().map(|(one, _)| &one.provider);
        for provider in sources.chain(endpoints) {
            self.hear(provider.as_str(), false);
        }
    }

    /// A provider was asked.
    pub fn hear(&self, provider: &str, is_reached: bool) {
        let mut providers = self
            .providers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if is_reached {
            providers.clear();
        } else if !providers.contains(provider) {
            providers.insert(provider.to_string());
        }
    }

    /// Whether what is out of reach now is so by our own fault.
    pub fn is_ours(&self) -> bool {
        let providers = self.providers.lock();
        providers.unwrap_or_else(PoisonError::into_inner).len() >= self.enough
    }
}
