//! `[probe.table]`: how the tables of a page are read.

use super::super::conversion;
use super::super::tree::Table;
use crate::market::Attribute;
use crate::readers::quirks::Quirk;
use crate::readers::table::{
    Case, Column, Format, Ids, Mapping, Names, Rank, Regions, Says, TableMapping, Template, When,
    compared,
};

const NAMES: &str = "a header, or several separated by |";
const TEMPLATE: &str = "a text with headers in braces, such as {Model}@{Version}";

/// Reads `[probe.table]`. `None` if something was wrong, which the table has then reported.
pub fn mapping(table: &Table<'_>) -> Option<Mapping> {
    let format = table.word("format", "auto, html or markdown", |word| match word {
        "auto" => Some(Format::Auto),
        "html" => Some(Format::Html),
        "markdown" => Some(Format::Markdown),
        _ => None,
    });
    let quirks: Vec<&str> = Quirk::ALL.iter().map(|quirk| quirk.word()).collect();
    let quirk = table.word("quirk", &quirks.join(" or "), Quirk::from_word);
    let lists = table.flag("lists").unwrap_or(false);
    let inner = table.tables("tables");
    if inner.is_empty() {
        table.problem("tables", "at least one [[…tables]]", "none");
    }
    let tables: Vec<Option<TableMapping>> = inner
        .iter()
        .map(|inner| {
            let read = one_table(inner);
            inner.finish();
            read
        })
        .collect();
    table.finish();
    let tables: Option<Vec<TableMapping>> = tables.into_iter().collect();
    Some(Mapping {
        format: format.unwrap_or_default(),
        quirk,
        lists,
        tables: tables.filter(|tables| !tables.is_empty())?,
    })
}

fn one_table(table: &Table<'_>) -> Option<TableMapping> {
    let header = all_names(table, "header");
    if header.is_empty() && table.is_sound() {
        table.problem("header", "the columns by which the table is known", "none");
    }
    let native_id = match table.required_text("native_id", TEMPLATE) {
        Some(text) => template(table, "native_id", &text),
        None => None,
    };
    let ids = table.word("ids", "cell or code", |word| match word {
        "cell" => Some(Ids::Cell),
        "code" => Some(Ids::Code),
        _ => None,
    });
    let rank = table.word("rank", "heading-date or highest", |word| match word {
        "heading-date" => Some(Rank::HeadingDate),
        "highest" => Some(Rank::Highest),
        _ => None,
    });
    let deployment = table
        .text("deployment")
        .and_then(|text| template(table, "deployment", &text));
    let columns = columns(table);
    // every key is read before anything is given up, so that all problems are found at once
    let mapping = TableMapping {
        header,
        headings: compared_texts(table, "heading"),
        required: table.flag("required").unwrap_or(true),
        native_id: native_id.unwrap_or(Template(Vec::new())),
        ids: ids.unwrap_or_default(),
        link_ids: table.texts("link_ids"),
        blank_ids: table.flag("blank_ids").unwrap_or(false),
        separators: table.texts("split_native_id"),
        strip: compared_texts(table, "strip"),
        context_bands: table.flag("context_bands").unwrap_or(false),
        skip: table.texts("skip"),
        regions: regions(table),
        region_columns: compared_texts(table, "region_columns"),
        deployment,
        tier: names(table, "tier"),
        rank,
        heading_date: table.parsed("heading_date", "a date attribute", date_attribute),
        heading_phrase: phrase(table, "heading_phrase"),
        transpose: table.flag("transpose").unwrap_or(false),
        when: rules(table),
        set: conversion::constants(table),
        ignore: all_names(table, "ignore"),
        columns: columns.as_deref().unwrap_or_default().to_vec(),
    };
    (table.is_sound() && columns.is_some()).then_some(mapping)
}

/// `[[…when]]`: a `label`, or a `header` and what its cell `says`, and the values to `set`.
fn rules(table: &Table<'_>) -> Vec<When> {
    const RULE: &str = "a label, or a header and what its cell says: firm, floor or nothing";
    let mut rules = Vec::new();
    for inner in table.tables("when") {
        let label = phrase(&inner, "label").map(|label| compared(&label));
        let header = names(&inner, "header");
        let says = inner.word("says", RULE, |word| {
            let known = Says::WORDS.iter().find(|(known, _)| *known == word);
            known.map(|(_, says)| *says)
        });
        if header.is_some() != says.is_some() || label.is_none() && header.is_none() {
            inner.problem("says", RULE, "a part of it");
        }
        let set = conversion::constants(&inner);
        inner.finish();
        rules.push(When {
            label,
            cell: header.zip(says),
            set,
        });
    }
    rules
}

/// A text that is not blank.
fn phrase(table: &Table<'_>, key: &'static str) -> Option<String> {
    let text = table.text(key)?;
    if text.trim().is_empty() {
        table.problem(key, "a text that is not blank", "an empty text");
    }
    Some(text)
}

fn regions(table: &Table<'_>) -> Option<Regions> {
    let separators = table.texts("split_region");
    let header = names(table, "region");
    if header.is_none() && !separators.is_empty() {
        table.problem("split_region", "a region column to split", "none");
    }
    Some(Regions {
        header: header?,
        separators,
    })
}

fn columns(table: &Table<'_>) -> Option<Vec<Column>> {
    let columns: Vec<Option<Column>> = table
        .tables("column")
        .iter()
        .map(|column| {
            let read = one_column(column);
            column.finish();
            read
        })
        .collect();
    columns.into_iter().collect()
}

fn one_column(table: &Table<'_>) -> Option<Column> {
    let header = match table.required_text("header", NAMES) {
        Some(_) => names(table, "header"),
        None => None,
    };
    let stated = conversion::attribute(table);
    let required = table.flag("required").unwrap_or(true);
    let per_region = table.flag("per_region").unwrap_or(false);
    let (after, before) = (phrase(table, "after"), phrase(table, "before"));
    let inner = table.tables("case");
    let is_date = matches!(&stated, Some((Attribute::Date(_), _)));
    if !inner.is_empty() && stated.is_some() && !is_date {
        table.problem("case", "cases of a date", "cases of another attribute");
    }
    let cases: Vec<Option<Case>> = inner
        .iter()
        .map(|case| {
            let after = case.required_text("after", "the phrase that leads to the date");
            let deployments = case.texts("deployment");
            case.finish();
            after.map(|after| Case { after, deployments })
        })
        .collect();
    let (attribute, conversion) = stated?;
    Some(Column {
        header: header?,
        attribute,
        conversion,
        required,
        per_region,
        cases: cases.into_iter().collect::<Option<_>>()?,
        after,
        before,
    })
}

fn names(table: &Table<'_>, key: &'static str) -> Option<Names> {
    let text = table.text(key)?;
    let names = Names::new(&text);
    if names.is_none() {
        table.problem(key, NAMES, format!("'{text}'"));
    }
    names
}

fn all_names(table: &Table<'_>, key: &'static str) -> Vec<Names> {
    let mut all = Vec::new();
    for text in table.texts(key) {
        match Names::new(&text) {
            Some(names) => all.push(names),
            None => table.problem(key, NAMES, format!("'{text}'")),
        }
    }
    all
}

fn template(table: &Table<'_>, key: &'static str, text: &str) -> Option<Template> {
    let template = Template::new(text);
    if template.is_none() {
        table.problem(key, TEMPLATE, format!("'{text}'"));
    }
    template
}

fn compared_texts(table: &Table<'_>, key: &'static str) -> Vec<String> {
    table.texts(key).iter().map(|text| compared(text)).collect()
}

fn date_attribute(text: &str) -> Result<Attribute, String> {
    match text.parse::<Attribute>() {
        Ok(attribute @ Attribute::Date(_)) => Ok(attribute),
        Ok(_) => Err("no date".to_string()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::walk;
    use super::*;

    #[test]
    fn every_problem_of_a_mapping_is_named() {
        let text = "format = 'pdf'\nquirk = 'x'\n[[tables]]\nheader = ['A|']\nnative_id = '{A'\nrank = 'first'\nset = { stage = 'x' }\n\
                    heading_date = 'stage'\nsplit_region = [',']\ncolour = 1\n[[tables.when]]\nheader = 'A'\n[[tables.column]]\nattribute = 'stage'\n[[tables.column.case]]\n";
        let shown = walk("probe.toml", text, mapping)
            .expect_err("problems")
            .to_string();
        insta::assert_snapshot!(shown, @"
        probe.toml:1: format: expected auto, html or markdown, found 'pdf'
        probe.toml:2: quirk: expected openai-pricing-panes or azure-retired-versions, found 'x'
        probe.toml:4: tables[0].header: expected a header, or several separated by |, found 'A|'
        probe.toml:5: tables[0].native_id: expected a text with headers in braces, such as {Model}@{Version}, found '{A'
        probe.toml:6: tables[0].rank: expected heading-date or highest, found 'first'
        probe.toml:7: tables[0].set: expected a value of stage, found 'x'
        probe.toml:8: tables[0].heading_date: expected a date attribute, found 'stage' (no date)
        probe.toml:9: tables[0].split_region: expected a region column to split, found none
        probe.toml:10: tables[0].colour: expected one of blank_ids, column, context_bands, deployment, header, heading, heading_date, heading_phrase, ids, ignore, link_ids, native_id, rank, region, region_columns, required, set, skip, split_native_id, split_region, strip, tier, transpose, when, found the unknown key 'colour'
        probe.toml:11: tables[0].when[0].says: expected a label, or a header and what its cell says: firm, floor or nothing, found a part of it
        probe.toml:13: tables[0].column[0].header: expected a header, or several separated by |, found nothing
        probe.toml:15: tables[0].column[0].case: expected cases of a date, found cases of another attribute
        probe.toml:15: tables[0].column[0].case[0].after: expected the phrase that leads to the date, found nothing
        ");
    }
}
