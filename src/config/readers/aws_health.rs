//! `[probe.aws_health]`: which events of the AWS health dashboard matter.

use super::feed::filled;
use crate::config::tree::Table;
use crate::readers::aws_health::Mapping;

/// Reads `services` (how their keys begin; all without) and `regions` (where an event of many services that does not say which
/// matters; all without). `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let mapping = Mapping {
        services: filled(table, "services"),
        regions: filled(table, "regions"),
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
        assert_eq!(read(""), Ok(Mapping::default()));
        assert_eq!(
            read("services = ['bedrock']\nregions = ['us-east-1']").map(|mapping| mapping.services),
            Ok(vec!["bedrock".to_string()])
        );
        insta::assert_snapshot!(read("services = ['']\nservice = 'x'").expect_err("wrong"), @"
        probe.toml:1: services: expected texts that are not blank, found an empty text
        probe.toml:2: service: expected one of regions, services, found the unknown key 'service'
        ");
    }
}
