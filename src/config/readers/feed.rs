//! `[probe.feed]`: which items of a feed are kept, and by what an item is one item.

use crate::config::tree::Table;
use crate::readers::feed::{Key, Mapping};

/// Reads `key`, `any_category`, `title_matches`, `matches`, `title_skips`, `split` and `incidents`. `None` if something was
/// wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let key = table.word("key", "guid, link or title+date", |word| match word {
        "guid" => Some(Key::Guid),
        "link" => Some(Key::Link),
        "title+date" => Some(Key::TitleAndDate),
        _ => None,
    });
    let split = table.word("split", "h2, h3 or h4", |word| {
        matches!(word, "h2" | "h3" | "h4").then(|| word.to_string())
    });
    let mapping = Mapping {
        key: key.unwrap_or(Key::Guid),
        any_category: filled(table, "any_category"),
        title_matches: filled(table, "title_matches"),
        matches: filled(table, "matches"),
        title_skips: filled(table, "title_skips"),
        split,
        incidents: table.flag("incidents").unwrap_or(false),
    };
    table.is_sound().then_some(mapping)
}

/// A list of texts, none of them blank.
pub(super) fn filled(table: &Table<'_>, key: &'static str) -> Vec<String> {
    let texts = table.texts(key);
    if texts.iter().any(|text| text.trim().is_empty()) {
        table.problem(key, "texts that are not blank", "an empty text");
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::walk;

    fn read(text: &str) -> Result<Mapping, String> {
        walk("probe.toml", text, mapping).map_err(|problems| problems.to_string())
    }

    #[test]
    fn mappings_are_read_and_problems_reported() {
        assert_eq!(read("").map(|mapping| mapping.key), Ok(Key::Guid));
        assert_eq!(
            read("key = 'title+date'\ntitle_matches = ['Foundry']")
                .map(|m| (m.key, m.title_matches)),
            Ok((Key::TitleAndDate, vec!["Foundry".to_string()]))
        );
        insta::assert_snapshot!(read("key = 'url'\nany_category = ['']\ntitles = 'a'").expect_err("wrong"), @"
        probe.toml:1: key: expected guid, link or title+date, found 'url'
        probe.toml:2: any_category: expected texts that are not blank, found an empty text
        probe.toml:3: titles: expected one of any_category, incidents, key, matches, split, title_matches, title_skips, found the unknown key 'titles'
        ");
    }
}
