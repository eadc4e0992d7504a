//! `[probe.page]`: which offering a page is about, and where its title and lines say what it is.

use super::feed::filled;
use crate::config::conversion;
use crate::config::tree::Table;
use crate::readers::convert::StageWords;
use crate::readers::page::{Mapping, Pick, Stated};

const ID: &str = "native_id, a text in which {item} stands for the item of an index, or id_after";
const PICK: &str = "case, or before and after";

/// Reads `format`, `id_after` and `native_id`, `title` and the attributes. `None` if something was wrong, which the table has then
/// reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let format = super::text::format(table);
    let id_after = filled(table, "id_after");
    let native_id = table.text("native_id");
    let blank = native_id
        .as_ref()
        .is_some_and(|text| text.trim().is_empty());
    if blank || native_id.is_none() && id_after.is_empty() {
        table.problem("native_id", ID, "neither");
    }
    let stated: Vec<Option<Stated>> = table
        .tables("attribute")
        .iter()
        .map(|inner| {
            let stated = stated(inner);
            inner.finish();
            stated
        })
        .collect();
    let mapping = Mapping {
        format: format?,
        id_after,
        native_id,
        title: filled(table, "title"),
        stated: stated.into_iter().collect::<Option<_>>()?,
    };
    table.is_sound().then_some(mapping)
}

fn stated(table: &Table<'_>) -> Option<Stated> {
    let read = conversion::attribute(table);
    let in_title = table.word("in", "title or text", |word| match word {
        "title" => Some(true),
        "text" => Some(false),
        _ => None,
    });
    let cases: Vec<(String, String)> = table.tables("case").iter().filter_map(case).collect();
    let otherwise = table.text("otherwise");
    let (before, after) = (filled(table, "before"), filled(table, "after"));
    let required = table.flag("required").unwrap_or(false);
    let (attribute, mut conversion) = read?;
    let beside = !before.is_empty() || !after.is_empty();
    let pick = match (cases.is_empty(), beside) {
        (false, false) => {
            // in our own words
            for text in cases.iter().map(|(_, text)| text).chain(&otherwise) {
                conversion.words.insert(text.to_lowercase(), text.clone());
                if !matches!(conversion.read(text, &StageWords::default()), Ok(Some(_))) {
                    let expected = format!("a value of {attribute}");
                    table.problem("case", expected, format!("'{text}'"));
                }
            }
            Pick::Cases { cases, otherwise }
        }
        (true, true) if otherwise.is_none() => Pick::Beside { before, after },
        (true, false) => {
            table.problem("case", PICK, "neither");
            return None;
        }
        _ => {
            table.problem("case", PICK, "both");
            return None;
        }
    };
    let stated = Stated {
        attribute,
        conversion,
        in_title: in_title.unwrap_or(false),
        pick,
        required,
    };
    table.is_sound().then_some(stated)
}

fn case(table: &Table<'_>) -> Option<(String, String)> {
    let contains = table.required_text("contains", "a phrase of the page");
    let value = table.required_text("value", "what the phrase stands for");
    table.finish();
    contains.zip(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::walk;

    #[test]
    fn every_problem_is_reported() {
        let text = "format = 'pdf'\nnative_id = ''\n[[attribute]]\nattribute = 'stage'\n[[attribute]]\nattribute = 'stage'\n\
                    in = 'foot'\nafter = ['x']\ncase = [{ contains = 'y' }]\n[[attribute]]\nattribute = 'stage'\ncase = [{ contains = 'y', value = 'ripe' }]\n";
        let shown = walk("probe.toml", text, mapping)
            .expect_err("wrong")
            .to_string();
        insta::assert_snapshot!(shown, @"
        probe.toml:1: format: expected html, markdown or text, found 'pdf'
        probe.toml:2: native_id: expected native_id, a text in which {item} stands for the item of an index, or id_after, found neither
        probe.toml:3: attribute[0].case: expected case, or before and after, found neither
        probe.toml:7: attribute[1].in: expected title or text, found 'foot'
        probe.toml:9: attribute[1].case[0].value: expected what the phrase stands for, found nothing
        probe.toml:12: attribute[2].case: expected a value of stage, found 'ripe'
        ");
    }
}
