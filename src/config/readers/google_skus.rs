//! `[probe.google_skus]`: which SKUs of a billing catalogue are prices of models.

use super::feed::filled;
use crate::config::tree::Table;
use crate::readers::google_skus::Mapping;

/// Reads `families`. `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let families = filled(table, "families");
    if families.is_empty() && table.is_sound() {
        table.problem("families", "the first words of models' names", "none");
    }
    table.is_sound().then_some(Mapping { families })
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
            read("families = 'Gemini'").map(|mapping| mapping.families),
            Ok(vec!["Gemini".to_string()])
        );
        insta::assert_snapshot!(read("only = 'x'").expect_err("wrong"), @"
        probe.toml:1: families: expected the first words of models' names, found none
        probe.toml:1: only: expected one of families, found the unknown key 'only'
        ");
    }
}
