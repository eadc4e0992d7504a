//! `[probe.google_pricing]`: which sections of the Gemini API's pricing page are about no model.

use super::feed::filled;
use crate::config::tree::Table;
use crate::readers::google_pricing::Mapping;
use crate::readers::table::compared;

/// Reads `ignore`. `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let ignore = filled(table, "ignore");
    table.is_sound().then(|| Mapping {
        ignore: ignore.iter().map(|heading| compared(heading)).collect(),
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
        assert_eq!(
            read("ignore = 'Pricing for Tools'").map(|mapping| mapping.ignore),
            Ok(vec!["pricing for tools".to_string()])
        );
        insta::assert_snapshot!(read("ignore = ['']\nonly = 'x'").expect_err("wrong"), @"
        probe.toml:1: ignore: expected texts that are not blank, found an empty text
        probe.toml:2: only: expected one of ignore, found the unknown key 'only'
        ");
    }
}
