//! `[probe.litellm]`: which of LiteLLM's providers are ours.

use crate::config::tree::Table;
use crate::market::{Certainty, ProviderId};
use crate::readers::litellm::{Mapping, Provider};

/// Reads `providers` (LiteLLM's word = ours), `deployments` (LiteLLM's word = the deployment that it stands for), `prefixes`
/// (what LiteLLM puts before a provider's own ids, such as `xai/`) and `firm` (LiteLLM's words for providers that announce
/// no end but firm ones; of the others a day is one before which nothing ends).
/// `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let providers = table.text_map("providers");
    let mut deployments = table.text_map("deployments");
    if providers.is_empty() {
        table.problem("providers", "LiteLLM's providers with ours", "none");
    }
    let firm = table.texts("firm");
    for word in firm.iter().filter(|word| !providers.contains_key(*word)) {
        table.problem("firm", "words of providers", format!("'{word}'"));
    }
    let providers = providers
        .into_iter()
        .map(|(word, ours)| {
            if ours.trim().is_empty() {
                table.problem(
                    "providers",
                    "one of our providers",
                    format!("nothing for '{word}'"),
                );
            }
            let deployment = deployments.remove(&word).map(Into::into);
            let provider = Provider {
                id: ProviderId::new(ours),
                deployment,
                certainty: match firm.contains(&word) {
                    true => Certainty::Firm,
                    false => Certainty::NotBefore,
                },
            };
            (word, provider)
        })
        .collect();
    for word in deployments.keys() {
        table.problem("deployments", "a word of providers", format!("'{word}'"));
    }
    let prefixes = super::feed::filled(table, "prefixes");
    for prefix in prefixes.iter().filter(|prefix| !prefix.ends_with('/')) {
        let found = format!("'{prefix}'");
        table.problem("prefixes", "beginnings that end in a slash", found);
    }
    table.is_sound().then_some(Mapping {
        providers,
        prefixes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::walk;

    #[test]
    fn mappings_are_read_and_problems_reported() {
        let read =
            |text: &str| walk("probe.toml", text, mapping).map_err(|problems| problems.to_string());
        let two = "[providers]\nopenai = 'openai'\nbedrock_mantle = 'bedrock'\n[deployments]\nbedrock_mantle = 'mantle'";
        let mantle =
            read(two).map(|mapping| mapping.providers["bedrock_mantle"].deployment.clone());
        assert_eq!(mantle, Ok(Some("mantle".into())));
        insta::assert_snapshot!(read("firm = 'xai'\n[deployments]\nazure = 'x'").expect_err("wrong"), @"
        probe.toml:1: firm: expected words of providers, found 'xai'
        probe.toml:1: providers: expected LiteLLM's providers with ours, found none
        probe.toml:2: deployments: expected a word of providers, found 'azure'
        ");
    }
}
