//! `[probe.genai_prices]`: which of the registry's providers are ours.

use crate::config::tree::Table;
use crate::market::ProviderId;
use crate::readers::genai_prices::Mapping;

/// Reads `providers` (the registry's id = ours). `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let providers = table.text_map("providers");
    if providers.is_empty() {
        table.problem("providers", "the registry's providers with ours", "none");
    }
    let ours = providers
        .into_iter()
        .map(|(id, ours)| (id, ProviderId::new(ours)));
    let mapping = Mapping {
        providers: ours.collect(),
    };
    table.is_sound().then_some(mapping)
}
