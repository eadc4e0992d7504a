//! `[probe.text]`: which part of a page is watched.

use scraper::Selector;

use super::feed::filled;
use crate::config::tree::Table;
use crate::readers::text::{Format, Mapping};

const SELECTOR: &str = "a CSS selector such as main article";

/// Reads `part`, `format`, `select`, `from`, `until` and `drop`. `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let part = table.required_text("part", "a name for the watched part");
    let format = format(table);
    let select = select(table);
    if select.is_some() && format.is_some_and(|format| format != Format::Html) {
        table.problem("select", "a selector only where format = 'html'", "one");
    }
    let phrase = |key| {
        let phrase = table.text(key);
        if phrase
            .as_ref()
            .is_some_and(|phrase| phrase.trim().is_empty())
        {
            table.problem(key, "a phrase of the page", "an empty text");
        }
        phrase
    };
    let (from, until) = (phrase("from"), phrase("until"));
    let drop = filled(table, "drop");
    let mapping = Mapping {
        part: part?,
        format: format?,
        select,
        from,
        until,
        drop,
    };
    table.is_sound().then_some(mapping)
}

/// What the page is written in.
pub(super) fn format(table: &Table<'_>) -> Option<Format> {
    const FORMATS: &str = "html, markdown or text";
    table.required_text("format", FORMATS)?;
    table.word("format", FORMATS, |word| match word {
        "html" => Some(Format::Html),
        "markdown" => Some(Format::Markdown),
        "text" => Some(Format::Plain),
        _ => None,
    })
}

/// The parser's own messages help nobody, so that only the selector itself is shown.
fn select(table: &Table<'_>) -> Option<Selector> {
    table.word("select", SELECTOR, |text| {
        let text = text.trim();
        // cssparser closes what was left open
        let balanced = [('(', ')'), ('[', ']')]
            .iter()
            .all(|(open, close)| text.matches(*open).count() == text.matches(*close).count());
        (balanced && !text.is_empty())
            .then(|| Selector::parse(text).ok())
            .flatten()
    })
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
        let whole = "part = 'agents'\nformat = 'html'\nselect = 'main .box'\nfrom = 'a'\nuntil = 'b'\ndrop = 'Updated'";
        assert_eq!(read(whole).map(|mapping| mapping.drop.len()), Ok(1));
        insta::assert_snapshot!(read("format = 'pdf'\nselect = 'a:is(b'\nfrom = ' '").expect_err("wrong"), @"
        probe.toml:1: format: expected html, markdown or text, found 'pdf'
        probe.toml:1: part: expected a name for the watched part, found nothing
        probe.toml:2: select: expected a CSS selector such as main article, found 'a:is(b'
        probe.toml:3: from: expected a phrase of the page, found an empty text
        ");
        insta::assert_snapshot!(read("part = 'p'\nformat = 'text'\nselect = 'a'").expect_err("wrong"), @"probe.toml:3: select: expected a selector only where format = 'html', found one");
    }
}
