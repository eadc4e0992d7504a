//! `[probe.json]`: where the items of a JSON body stand and what they state.
//!
//! A path is fields joined by dots; `[]` is every element of a list, `{}` every value of an object, whose key is then `@key`;
//! `@` is the value itself, and `'a.b'` a field with a dot in its name. `items` says where the items stand (several paths: the
//! first that the body has). Each `each = [{ name, path, optional }]` is a list inside an item, whose elements make rows of
//! their own, but for those that `skip` names; paths that begin with its name start at the element, all others at the item.
//! `native_id`, `region`, `deployment` and `provider` are a path, a template such as `{name}@{version}` or `{id before .}`, or a
//! constant after `=`; `deployments` says which terms stand for others. Conditions (`only`, `skip`, `when`, `prefer`) have a
//! `path` and one of `is`, `starts_with`, `ends_with`, `contains`, `present`, `same_as` (another path). Of several rows about one
//! subject, only those are read that fulfil the first condition of `prefer` that any of them fulfils. `variants` call the
//! deployment of some rows otherwise. `every = true` reads the items of all paths that the body has.
//! `rewrite = [{ from, to }]` turns parts of native ids.
//!
//! A `[[probe.json.attribute]]` has a `path` (or several: the first with a value), a `template` (or several: the first whose
//! values are all there) or a constant `value`; `{key}` in its name makes one attribute of each key that the path's `{}` passes,
//! `keys = { prompt = "input", discount = "" }` names those keys (an empty name leaves one out, an unnamed one is noted),
//! `except` leaves some out (`*` at the end stands for any rest), and `each = { name, path }` states a price once for each
//! element of a list inside the row: `over` is the path of the tokens of context from which on it holds, `tier` a template of its
//! service tier. `since` is the path of the moment from which on it holds. `deployment` says of which deployment it is stated, `certainty_of` names a place whose word says whether the
//! date is firm.

mod attribute;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod rows;

use std::collections::BTreeMap;

use crate::config::tree::Table;
use crate::market::{ProviderId, SubjectKind};
use crate::readers::json::{
    Condition, Level, Mapping, Path, Place, RowProvider, Stated, Template, Test, Variant,
};

const PATH: &str = "a path such as data[].id";
const TEMPLATE: &str = "a path, a template such as {name}@{version}, or =constant";

/// Reads the mapping. `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let kind = table.word("kind", &kinds(), SubjectKind::from_word);
    let items = paths(table, "items");
    let every = table.flag("every").unwrap_or(false);
    let (names, levels) = levels(table);
    let native_id = match table.required_text("native_id", TEMPLATE) {
        Some(_) => template(table, "native_id", &names),
        None => None,
    };
    let rewrite = rewrite(table);
    let region = template(table, "region", &names);
    let deployment = template(table, "deployment", &names);
    let variants = variants(table, &names);
    let provider = row_provider(table, &names);
    let only = conditions(table, "only", &names);
    let skip = conditions(table, "skip", &names);
    let prefer = conditions(table, "prefer", &names);
    let attributes: Vec<Option<Stated>> = table
        .tables("attribute")
        .iter()
        .map(|inner| {
            let stated = attribute::stated(inner, &names);
            inner.finish();
            stated
        })
        .collect();
    let mapping = Mapping {
        kind: kind.unwrap_or(SubjectKind::Offering),
        items: items?,
        every,
        levels: levels?,
        native_id: native_id?,
        rewrite: rewrite?,
        region,
        deployment,
        deployments: lower_keys(table.text_map("deployments")),
        variants: variants?,
        provider,
        only: only?,
        skip: skip?,
        prefer: prefer?,
        attributes: attributes.into_iter().collect::<Option<_>>()?,
    };
    table.is_sound().then_some(mapping)
}

fn kinds() -> String {
    SubjectKind::ALL.map(SubjectKind::word).join(", ")
}

/// A path that must be there.
pub fn path(table: &Table<'_>, key: &'static str) -> Option<Path> {
    table.required_text(key, PATH)?;
    table.parsed(key, PATH, str::parse)
}

fn paths(table: &Table<'_>, key: &'static str) -> Option<Vec<Path>> {
    let texts = table.texts(key);
    if texts.is_empty() {
        table.problem(key, PATH, "nothing");
        return None;
    }
    texts
        .iter()
        .map(|text| {
            text.parse()
                .map_err(|error| table.problem(key, PATH, format!("'{text}' ({error})")))
                .ok()
        })
        .collect()
}

fn place(table: &Table<'_>, key: &'static str, text: &str, names: &[String]) -> Option<Place> {
    Place::parse(text, names)
        .map_err(|error| table.problem(key, PATH, format!("'{text}' ({error})")))
        .ok()
}

fn template(table: &Table<'_>, key: &'static str, names: &[String]) -> Option<Template> {
    table.parsed(key, TEMPLATE, |text| Template::parse(text, names))
}

/// `rewrite = [{ from = "models/", to = "" }]`.
fn rewrite(table: &Table<'_>) -> Option<Vec<(String, String)>> {
    let all: Vec<Option<(String, String)>> = table
        .tables("rewrite")
        .iter()
        .map(|inner| {
            let from = inner
                .required_text("from", "what is replaced")
                .filter(|from| !from.is_empty());
            let to = inner.text("to").unwrap_or_default();
            inner.finish();
            from.map(|from| (from, to))
        })
        .collect();
    all.into_iter().collect()
}

/// The names of the inner lists with the lists. A list may stand in the item or in one named before it.
fn levels(table: &Table<'_>) -> (Vec<String>, Option<Vec<Level>>) {
    let mut names: Vec<String> = Vec::new();
    let mut levels = Some(Vec::new());
    for inner in table.tables("each") {
        match (levels.as_mut(), level(&inner, &mut names)) {
            (Some(levels), Some(level)) => levels.push(level),
            _ => levels = None,
        }
        inner.finish();
    }
    (names, levels)
}

/// One inner list, whose name is added to the names before it.
fn level(table: &Table<'_>, names: &mut Vec<String>) -> Option<Level> {
    let name = table.required_text("name", "a name that paths can begin with");
    let text = table.required_text("path", "a path to a list, such as model.skus[]");
    let place = text.and_then(|text| place(table, "path", &text, names));
    if place.as_ref().is_some_and(|place| !place.is_many()) {
        table.problem(
            "path",
            "a path to a list, with [] or {}",
            "one to a single value",
        );
    }
    let optional = table.flag("optional").unwrap_or(false);
    if let Some(name) = name {
        if names.contains(&name) {
            table.problem("name", "a name of its own", format!("'{name}' twice"));
        }
        names.push(name);
    }
    let skip = table.texts("skip");
    let level = place.map(|place| Level {
        place,
        optional,
        skip,
    });
    level.filter(|_| table.is_sound())
}

fn lower_keys(words: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let lower = |(word, stands_for): (String, String)| (word.to_lowercase(), stands_for);
    words.into_iter().map(lower).collect()
}

fn row_provider(table: &Table<'_>, names: &[String]) -> Option<RowProvider> {
    let word = template(table, "provider", names);
    let providers = table.text_map("providers");
    match (word, providers.is_empty()) {
        (Some(word), false) => Some(RowProvider {
            word,
            names: providers
                .into_iter()
                .map(|(word, provider)| (word, ProviderId::new(provider)))
                .collect(),
        }),
        (Some(_), true) => {
            table.problem("providers", "its words with our providers", "nothing");
            None
        }
        (None, false) => {
            table.problem("provider", "where a row names its provider", "nothing");
            None
        }
        (None, true) => None,
    }
}

fn variants(table: &Table<'_>, names: &[String]) -> Option<Vec<Variant>> {
    let all: Vec<Option<Variant>> = table
        .tables("variants")
        .iter()
        .map(|inner| {
            let when = conditions(inner, "when", names);
            let deployment = match inner.required_text("deployment", TEMPLATE) {
                Some(_) => template(inner, "deployment", names),
                None => None,
            };
            inner.finish();
            Some(Variant {
                when: when?,
                deployment: deployment?,
            })
        })
        .collect();
    all.into_iter().collect()
}

fn conditions(table: &Table<'_>, key: &'static str, names: &[String]) -> Option<Vec<Condition>> {
    let all: Vec<Option<Condition>> = table
        .tables(key)
        .iter()
        .map(|inner| {
            let condition = condition(inner, names);
            inner.finish();
            condition
        })
        .collect();
    all.into_iter().collect()
}

fn condition(table: &Table<'_>, names: &[String]) -> Option<Condition> {
    const TESTS: &str = "one of is, starts_with, ends_with, contains, present, same_as";
    let text = table.required_text("path", PATH);
    let place = text.and_then(|text| place(table, "path", &text, names));
    let is = table.texts("is");
    let starts_with = table.texts("starts_with");
    let ends_with = table.texts("ends_with");
    let contains = table.texts("contains");
    let present = table.flag("present");
    let same_as = table.text("same_as");
    let same_as = same_as.and_then(|other| self::place(table, "same_as", &other, names));
    let mut tests: Vec<Test> = [
        (!is.is_empty()).then_some(Test::Is(is)),
        (!starts_with.is_empty()).then_some(Test::StartsWith(starts_with)),
        (!ends_with.is_empty()).then_some(Test::EndsWith(ends_with)),
        (!contains.is_empty()).then_some(Test::Contains(contains)),
        present.map(Test::Present),
        same_as.map(Test::SameAs),
    ]
    .into_iter()
    .flatten()
    .collect();
    match (tests.pop(), tests.len()) {
        (Some(test), 0) => Some(Condition {
            place: place?,
            test,
        }),
        (None, _) => {
            table.problem("path", TESTS, "none of them");
            None
        }
        (Some(_), more) => {
            table.problem("path", TESTS, format!("{} of them", more + 1));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::walk;

    fn read(text: &str) -> Result<Mapping, String> {
        walk("probe.toml", text, mapping).map_err(|problems| problems.to_string())
    }

    #[test]
    fn a_whole_mapping_is_read() {
        let text = r#"
            items = ["value[]", "[]"]
            each = [{ name = "sku", path = "model.skus[]", optional = true }]
            native_id = "{model.name}@{model.version}"
            deployment = "sku.name"
            only = [{ path = "kind", is = ["OpenAI", "AIServices"] }]
            skip = [{ path = "model.name", starts_with = "ft:" }]
            [[attribute]]
            attribute = "date.retires"
            path = ["sku.deprecationDate", "model.deprecation.inference"]
            [[attribute]]
            attribute = "capability.{key}"
            path = "model.capabilities{}"
            as = "text"
            [[attribute]]
            attribute = "stage"
            value = "deprecated"
            when = [{ path = "model.deprecation", present = true }]
        "#;
        let mapping = read(text).expect("a mapping");
        assert_eq!(mapping.items.len(), 2);
        assert_eq!(mapping.levels.len(), 1);
        assert_eq!(mapping.attributes.len(), 3);
    }

    #[test]
    fn every_problem_is_reported() {
        let text = r#"items = "data[[]"
each = [{ name = "sku", path = "sku" }]
provider = "owner"
skip = [{ path = "id" }, { path = "id", is = "a", present = true }]
[[attribute]]
attribute = "stage"
[[attribute]]
attribute = "capability.{key}"
path = "capabilities"
[[attribute]]
attribute = "name"
path = "a..b"
value = "both"
colour = "red"
"#;
        insta::assert_snapshot!(read(text).expect_err("wrong"), @"
        probe.toml:1: items: expected a path such as data[].id, found 'data[[]' (a path is fields joined by dots, [] for every element, {} for every value, @key, or @ for the value itself: data[[])
        probe.toml:1: native_id: expected a path, a template such as {name}@{version}, or =constant, found nothing
        probe.toml:1: providers: expected its words with our providers, found nothing
        probe.toml:2: each.sku.path: expected a path to a list, with [] or {}, found one to a single value
        probe.toml:4: skip[0].path: expected one of is, starts_with, ends_with, contains, present, same_as, found none of them
        probe.toml:4: skip[1].path: expected one of is, starts_with, ends_with, contains, present, same_as, found 2 of them
        probe.toml:5: attribute[0].path: expected a path, a template or a constant value, found nothing
        probe.toml:8: attribute[1].attribute: expected a path with {} for an attribute with {key}, found one without
        probe.toml:12: attribute[2].path: expected a path such as data[].id, found 'a..b' (a path is fields joined by dots, [] for every element, {} for every value, @key, or @ for the value itself: a..b)
        probe.toml:12: attribute[2].path: expected a path, a template or a constant value, found more than one of them
        probe.toml:14: attribute[2].colour: expected one of as, attribute, between, certainty, certainty_of, currency, deployment, each, except, keys, none_from, over, path, required, separators, since, template, tier, times, unit, value, when, words, found the unknown key 'colour'
        ");
    }
}
