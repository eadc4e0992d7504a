//! From the store to the history that indicators are counted from.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::alerting::Watch;
use crate::config::Probe;
use crate::landscape::History;
use crate::market::ProviderKind;
use crate::store::{Error, Offerings, Questions};

/// What kind of place each provider is, as far as probes say.
pub fn kinds<P: Borrow<Probe>>(
    probes: impl IntoIterator<Item = P>,
) -> BTreeMap<String, ProviderKind> {
    let of = |probe: P| {
        let probe = probe.borrow();
        (probe.provider.to_string(), probe.provider_kind)
    };
    probes.into_iter().map(of).collect()
}

/// What every model was everywhere, up to a moment.
///
/// # Errors
/// Those of the store.
pub fn history(
    store: &impl Questions,
    kinds: BTreeMap<String, ProviderKind>,
    now: Timestamp,
) -> Result<History, Error> {
    let spells = store.spells(&History::attributes(), now)?;
    Ok(History::new(&spells, kinds, now))
}

/// The models of a history that are watched by name.
pub fn watched(history: &History, watches: &[Watch]) -> BTreeSet<String> {
    let patterns: Vec<_> = watches
        .iter()
        .flat_map(|watch| &watch.scope.models)
        .collect();
    let models = history.models().map(|(model, _)| model);
    models
        .filter(|model| patterns.iter().any(|pattern| pattern.names(model)))
        .map(ToString::to_string)
        .collect()
}
