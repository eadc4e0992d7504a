//! `[probe.models_dev]`.

use crate::config::tree::Table;
use crate::readers::models_dev::Mapping;

/// Reads the mapping.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let providers = table.text_map("providers");
    let deployments = table.text_map("deployments");
    if providers.is_empty() {
        table.problem(
            "providers",
            "the registry's providers that are read, each with ours",
            "nothing",
        );
        return None;
    }
    for registry_id in deployments.keys().filter(|id| !providers.contains_key(*id)) {
        table.problem(
            "deployments",
            "only providers that are read",
            format!("'{registry_id}'"),
        );
    }
    Some(Mapping {
        providers,
        deployments,
    })
}
