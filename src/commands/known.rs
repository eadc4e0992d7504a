//! Bounds of the command line that name what nothing is known of are refused.

use super::setup::own_probes;
use super::{Setup, wrong};
use crate::config::watched;
use crate::landscape::Bounds;
use crate::market::Place;
use crate::outlook::known::Known;
use crate::store::Store;

/// What is known, with what probes and endpoints are declared for.
pub fn all(setup: &Setup, known: Known) -> anyhow::Result<Known> {
    let own = own_probes(setup.settings.probes.folder.as_deref())?;
    let all = watched(&own, &setup.settings)?;
    Ok(known.with_declared(&all.probes, &all.endpoints))
}

/// Refuses bounds that name what is not known. What else is declared is read only where the history knows no such name.
pub fn check(
    setup: &Setup,
    store: &Store,
    bounds: &Bounds,
    given: impl Fn(&str) -> String,
) -> anyhow::Result<()> {
    if bounds.providers.is_empty() && bounds.places.is_empty() {
        return Ok(());
    }
    let known = Known::of_history(store)?;
    if known.problems(bounds, &given).is_empty() {
        return Ok(());
    }
    match all(setup, known)?.problems(bounds, given).as_slice() {
        [] => Ok(()),
        problems => Err(wrong(problems.join("\n"))),
    }
}

/// Refuses a provider of `--provider` that nothing is known of. Only where nothing was found: a provider that something is told
/// of is known by that.
pub fn check_provider(setup: &Setup, store: &Store, provider: Option<&str>) -> anyhow::Result<()> {
    let bounds = Bounds {
        providers: provider.into_iter().map(str::to_string).collect(),
        ..Bounds::default()
    };
    check(setup, store, &bounds, |_| "--provider".to_string())
}

/// Refuses a place of `--region` that nothing is known of.
pub fn check_region(setup: &Setup, store: &Store, region: Option<&Place>) -> anyhow::Result<()> {
    let bounds = Bounds {
        places: region.into_iter().cloned().collect(),
        ..Bounds::default()
    };
    check(setup, store, &bounds, |_| "--region".to_string())
}
