//! `[probe.request.follow]`: which of an answer's items are asked too.

use super::probe::is_web_address;
use super::readers::json::path;
use super::tree::Table;
use crate::readers::following::Items;

/// An answer that is an index: each item found in it is asked for as well, and all answers make one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follow {
    /// Where the items stand in the index.
    pub items: Items,
    /// Where an item is asked for, with `{item}` and the placeholders of the scope.
    pub url: String,
    /// Whether an item is a path whose slashes stay.
    pub slashes: bool,
    /// Whether an item is the native id of what its answer tells, so that one without an answer hides nothing but itself.
    pub native_ids: bool,
    /// Whether the index is read as well; not where items are native ids, since it is none.
    pub index: bool,
    /// More items than this are a failure, not a flood of requests.
    pub most: usize,
}

const WHERE: &str = "items, a path such as data[].id, or between, the two texts around each item";

/// Reads the table. `None` if something was wrong, which the table has then reported.
pub(super) fn follow(table: &Table<'_>) -> Option<Follow> {
    let between = table.texts("between");
    let items = match (table.has("items"), between.as_slice()) {
        (true, []) => path(table, "items").map(Items::At),
        (false, [before, after]) if !before.is_empty() && !after.is_empty() => {
            Some(Items::Between {
                before: before.clone(),
                after: after.clone(),
            })
        }
        (true, _) => {
            table.problem("items", WHERE, "both");
            None
        }
        (false, _) => {
            table.problem("between", WHERE, "neither");
            None
        }
    };
    let url = table
        .required_text("url", "the address of an item, with {item} in it")
        .filter(|url| is_web_address(table, "url", url))
        .filter(|url| {
            let sound = url.contains("{item}");
            if !sound {
                table.problem("url", "{item} in the address", format!("'{url}'"));
            }
            sound
        });
    let most = table.integer("most", 1..5_001).unwrap_or(400);
    let flag = |key: &'static str| table.flag(key).unwrap_or(false);
    let (native_ids, index) = (flag("native_ids"), flag("index"));
    if native_ids && index {
        let expected = "an index that is not read, where its items are native ids";
        table.problem("index", expected, "both");
    }
    Some(Follow {
        slashes: flag("slashes"),
        native_ids,
        index,
        most: usize::try_from(most).ok()?,
        items: items?,
        url: url?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::walk;

    fn read(text: &str) -> Result<Follow, String> {
        walk("probe.toml", text, follow).map_err(|problems| problems.to_string())
    }

    #[test]
    fn both_ways_to_find_items_are_read() {
        let follow =
            read("items = 'data[].id'\nurl = 'https://x.test/{item}/endpoints'").expect("a path");
        assert_eq!((follow.most, follow.index), (400, false));
        let follow = read("between = ['card-', '.html']\nurl = 'https://x.test/card-{item}.md'\nmost = 9\nindex = true")
            .expect("two texts");
        assert_eq!((follow.most, follow.index), (9, true));
    }

    #[test]
    fn every_problem_is_reported() {
        insta::assert_snapshot!(read("between = ['a']\nurl = 'https://x.test/'\nmost = 0").expect_err("wrong"), @"
        probe.toml:1: between: expected items, a path such as data[].id, or between, the two texts around each item, found neither
        probe.toml:2: url: expected {item} in the address, found 'https://x.test/'
        probe.toml:3: most: expected a whole number from 1 to 5000, found 0
        ");
        insta::assert_snapshot!(read("items = 'a[]'\nbetween = ['a', 'b']\nurl = 'x{item}'").expect_err("wrong"), @"
        probe.toml:1: items: expected items, a path such as data[].id, or between, the two texts around each item, found both
        probe.toml:3: url: expected an address that begins with https://, found 'x{item}'
        ");
        insta::assert_snapshot!(read("items = 'a[]'\nurl = 'https://x.test/{item}'\nnative_ids = true\nindex = true").expect_err("wrong"), @"
        probe.toml:4: index: expected an index that is not read, where its items are native ids, found both
        ");
    }
}
