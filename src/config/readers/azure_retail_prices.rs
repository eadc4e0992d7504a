//! `[probe.azure_retail_prices]`: which rows of Azure's retail prices are prices of models, and how models are named.

use std::collections::BTreeMap;

use crate::config::tree::Table;
use crate::readers::azure_retail_prices::Mapping;

/// Reads `services` (a service = how its products' names begin, empty for all), `families` (how a product's name begins = the
/// family of its models) and `long_context` (how a product's name begins = the tokens above which its long-context price
/// holds). `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let services = table.text_map("services");
    if services.is_empty() {
        table.problem("services", "services with how their products begin", "none");
    }
    let mut long_context = BTreeMap::new();
    for (product, tokens) in table.text_map("long_context") {
        match tokens.replace('_', "").parse::<u64>() {
            Ok(tokens) => {
                long_context.insert(product, tokens);
            }
            Err(_) => table.problem("long_context", "a number of tokens", format!("'{tokens}'")),
        }
    }
    let mapping = Mapping {
        services,
        families: table.text_map("families"),
        long_context,
    };
    table.is_sound().then_some(mapping)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::walk;

    #[test]
    fn mappings_are_read_and_problems_reported() {
        let read =
            |text: &str| walk("probe.toml", text, mapping).map_err(|problems| problems.to_string());
        let whole = "[services]\n'Foundry Models' = ''\n[families]\n'Azure Grok' = 'Grok'\n[long_context]\n'Azure OpenAI' = '272_000'";
        let mapping = read(whole).expect("a mapping");
        assert_eq!(mapping.long_context.get("Azure OpenAI"), Some(&272_000));
        insta::assert_snapshot!(read("[long_context]\na = 'many'\n[extra]\na = 'b'").expect_err("wrong"), @"
        probe.toml:1: long_context: expected a number of tokens, found 'many'
        probe.toml:1: services: expected services with how their products begin, found none
        probe.toml:3: extra: expected one of families, long_context, services, found the unknown key 'extra'
        ");
    }
}
