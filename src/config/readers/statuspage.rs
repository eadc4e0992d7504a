//! `[probe.statuspage]`: which components of a status page matter, and whether it lists what is over.

use super::feed::filled;
use crate::config::tree::Table;
use crate::readers::statuspage::Mapping;

/// Reads `components` (ids or names; all without) and `past` (without it false). `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let components = filled(table, "components");
    let past = table.flag("past").unwrap_or(false);
    table.is_sound().then_some(Mapping { components, past })
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
            read("components = ['k8w3', 'API']").map(|mapping| mapping.components.len()),
            Ok(2)
        );
        assert_eq!(read("past = true").map(|mapping| mapping.past), Ok(true));
        insta::assert_snapshot!(read("components = 1\nonly = 'x'").expect_err("wrong"), @"
        probe.toml:1: components: expected a list of texts, found an integer
        probe.toml:2: only: expected one of components, past, found the unknown key 'only'
        ");
    }
}
