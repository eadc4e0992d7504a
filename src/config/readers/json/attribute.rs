//! `[[probe.json.attribute]]`: what a row states.

use super::{PATH, TEMPLATE, conditions, level, place, template};
use crate::config::conversion;
use crate::config::tree::Table;
use crate::market::{Attribute, Certainty};
use crate::readers::json::{
    CertaintyWords, KEY, Leave, Place, Source, Stated, Template, named_by_key,
};

/// Reads one attribute. `None` if something was wrong, which the table has then reported.
pub fn stated(table: &Table<'_>, names: &[String]) -> Option<Stated> {
    let read = conversion::attribute(table);
    let mut names = names.to_vec();
    let each = table.table("each").and_then(|inner| {
        let level = level(&inner, &mut names);
        inner.finish();
        level
    });
    let names = names.as_slice();
    let over = table
        .text("over")
        .and_then(|text| place(table, "over", &text, names));
    let tier = template(table, "tier", names);
    let since = table
        .text("since")
        .and_then(|text| place(table, "since", &text, names));
    let keys = table.text_map("keys");
    let when = conditions(table, "when", names);
    let required = table.flag("required").unwrap_or(false);
    let deployment = table.text("deployment");
    let except = Leave(table.texts("except"));
    let certainty = certainty(table, names);
    let constant = table.text("value");
    let source = source(table, names, constant.as_deref());
    let (attribute, mut conversion) = read?;
    if let Some(text) = constant {
        conversion.words.insert(text.to_lowercase(), text);
    }
    let source = source?;
    let keyed = match &source {
        Source::Places(places) => places.iter().all(Place::has_key),
        Source::Templates(_) | Source::Constant(_) => false,
    };
    let is_price = matches!(attribute, Attribute::Price(_));
    if !is_price && (over.is_some() || tier.is_some()) {
        table.problem(
            "attribute",
            "a price beside over or tier",
            attribute.to_string(),
        );
    }
    if !keys.is_empty() && !named_by_key(&attribute) {
        let expected = format!("keys only for an attribute with {KEY}");
        table.problem("keys", expected, attribute.to_string());
    }
    if named_by_key(&attribute) && !keyed {
        table.problem(
            "attribute",
            format!("a path with {{}} for an attribute with {KEY}"),
            "one without",
        );
        return None;
    }
    if certainty.is_some() && !matches!(attribute, Attribute::Date(_)) {
        table.problem("certainty_of", "a key of a date", attribute.to_string());
    }
    let stated = Stated {
        attribute,
        conversion,
        source,
        when: when?,
        since,
        each,
        over,
        tier,
        keys: (!keys.is_empty()).then_some(keys),
        certainty,
        except,
        required,
        deployment: deployment.map(Into::into),
    };
    table.is_sound().then_some(stated)
}

/// Where an attribute's text is: exactly one of `path`, `template` and `value`.
fn source(table: &Table<'_>, names: &[String], constant: Option<&str>) -> Option<Source> {
    const SOURCES: &str = "a path, a template or a constant value";
    let paths = table.texts("path");
    let templates = table.texts("template");
    let places = paths.iter().map(|text| place(table, "path", text, names));
    let places: Option<Vec<Place>> = places.collect();
    let filled = templates.iter().map(|text| {
        Template::parse(text, names)
            .map_err(|error| table.problem("template", TEMPLATE, format!("'{text}' ({error})")))
            .ok()
    });
    let filled: Option<Vec<Template>> = filled.collect();
    match (constant, paths.is_empty(), templates.is_empty()) {
        (Some(text), true, true) => Some(Source::Constant(text.to_string())),
        (None, false, true) => places.map(Source::Places),
        (None, true, false) => filled.map(Source::Templates),
        (None, true, true) => {
            table.problem("path", SOURCES, "nothing");
            None
        }
        _ => {
            table.problem("path", SOURCES, "more than one of them");
            None
        }
    }
}

/// `certainty_of = { path = "…", firm = ["…"], not_before = ["…"] }`.
fn certainty(table: &Table<'_>, names: &[String]) -> Option<CertaintyWords> {
    let inner = table.table("certainty_of")?;
    let text = inner.required_text("path", PATH);
    let firm = inner.texts("firm").into_iter();
    let floors = inner.texts("not_before").into_iter();
    let words = firm
        .map(|word| (word, Certainty::Firm))
        .chain(floors.map(|word| (word, Certainty::NotBefore)))
        .collect();
    let place = text.and_then(|text| place(&inner, "path", &text, names));
    inner.finish();
    Some(CertaintyWords {
        place: place?,
        words,
    })
}
