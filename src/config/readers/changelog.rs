//! `[probe.changelog]`: which announcements of a page under dated headings are kept.

use super::feed::filled;
use crate::config::tree::Table;
use crate::readers::changelog::Mapping;

/// Reads `items`, `link` and `matches`. `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let mapping = Mapping {
        items: table.flag("items").unwrap_or(false),
        link: table.text("link"),
        matches: filled(table, "matches"),
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
        assert_eq!(read("items = true").map(|mapping| mapping.items), Ok(true));
        insta::assert_snapshot!(read("items = 1\nmatches = ['']\nonly = 'x'").expect_err("wrong"), @"
        probe.toml:1: items: expected true or false, found an integer
        probe.toml:2: matches: expected texts that are not blank, found an empty text
        probe.toml:3: only: expected one of items, link, matches, found the unknown key 'only'
        ");
    }
}
