//! `[probe.google_incidents]`: whose incidents are read.

use super::feed::filled;
use crate::config::tree::Table;
use crate::readers::google_incidents::Mapping;

/// Reads `products` (ids or titles; all without). `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let products = filled(table, "products");
    table.is_sound().then_some(Mapping { products })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::walk;

    #[test]
    fn mappings_are_read_and_problems_reported() {
        let read =
            |text: &str| walk("probe.toml", text, mapping).map_err(|problems| problems.to_string());
        assert_eq!(read("").map(|mapping| mapping.products.len()), Ok(0));
        insta::assert_snapshot!(read("products = ['']\nonly = 'x'").expect_err("wrong"), @"
        probe.toml:1: products: expected texts that are not blank, found an empty text
        probe.toml:2: only: expected one of products, found the unknown key 'only'
        ");
    }
}
