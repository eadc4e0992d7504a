//! `[probe.aws_price_list]`: how an offer of the AWS price list is read.

use crate::config::tree::Table;
use crate::readers::aws_price_list::Mapping;

/// Reads `units`: units that only this offer states, with the unit of the price (`Units = "1M_tokens"`). `None` if something was
/// wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let units = table
        .text_map("units")
        .into_iter()
        .map(|(stated, unit)| {
            if stated.trim().is_empty() || unit.trim().is_empty() {
                table.problem(
                    "units",
                    "units with the words that stand for them",
                    "a blank one",
                );
            }
            (stated.trim().to_lowercase(), unit.trim().to_string())
        })
        .collect();
    table.is_sound().then_some(Mapping { units })
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
            read("units = { Units = '1M_tokens' }").map(|mapping| mapping.units),
            Ok([("units".to_string(), "1M_tokens".to_string())].into())
        );
        insta::assert_snapshot!(read("units = { '' = 'x' }\nunit = 'x'").expect_err("wrong"), @"
        probe.toml:1: units: expected units with the words that stand for them, found a blank one
        probe.toml:2: unit: expected one of units, found the unknown key 'unit'
        ");
    }
}
