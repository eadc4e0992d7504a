//! The `table` reader: claims from the tables of HTML and Markdown pages.

mod cell;
mod grid;
mod html;
mod ids;
mod lists;
mod mapping;
mod markdown;
mod matrix;
mod outline;
mod rows;
mod tags;
#[cfg(test)]
mod tests;
mod when;

use std::borrow::Cow;

pub(super) use self::cell::CellText;
pub use self::cell::compared;
use self::cell::shortened;
use self::grid::Budget;
pub(super) use self::grid::Grid;
pub(super) use self::html::apply as apply_html;
pub(super) use self::ids::{is_region_code, tokens};
pub use self::mapping::{
    Case, Column, Format, Ids, Mapping, Names, Part, Rank, Regions, TableMapping, Template,
};
pub(super) use self::markdown::{apply as apply_markdown, options, prepared};
pub(super) use self::outline::Named;
use self::outline::Outline;
use self::rows::{Found, Located};
pub(super) use self::tags::{Token, Tokens};
pub use self::when::{Says, When};
use super::{Body, Context};
use crate::market::{Failure, Reading};

/// Raised whenever this reader makes other claims of the same body.
pub const VERSION: u32 = 1;
/// A page longer than this is not read.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What is reported of one body as unexpected; a page with more has changed as a whole, and the first say how.
const MOST_NOTES: usize = 500;

/// Reads the tables of a page. A page without the tables that the mapping requires is a failure, never an absence of their rows.
pub fn read(mapping: &Mapping, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
    if body.bytes.len() > MOST_BYTES {
        return Err(Failure::TooLarge {
            limit: MOST_BYTES as u64,
        });
    }
    let text = super::encoding::decode(body)?;
    let text: Cow<'_, str> = match mapping.quirk {
        Some(quirk) => quirk.rewrite(&text).into(),
        None => text,
    };
    let grids = grids(mapping.format, mapping.lists, body.content_type, &text)?;
    let mut seen = vec![false; mapping.tables.len()];
    let mut fitting: Vec<(&TableMapping, &Grid, Option<Grid>)> = Vec::new();
    for grid in &grids {
        for (table, seen) in mapping.tables.iter().zip(&mut seen) {
            let turned = table.transpose.then(|| grid.transposed());
            if table.fits(turned.as_ref().unwrap_or(grid)) {
                *seen = true;
                fitting.push((table, grid, turned));
                break;
            }
        }
    }
    let located = fitting
        .iter()
        .map(|(table, grid, turned)| Located::new(table, turned.as_ref().unwrap_or(grid)));
    let located = located.collect::<Result<Vec<_>, Failure>>()?;
    let missing = mapping
        .tables
        .iter()
        .zip(&seen)
        .find(|(table, seen)| table.required && !**seen)
        .or_else(|| {
            let first = mapping.tables.iter().zip(&seen).next();
            first.filter(|_| !seen.contains(&true))
        });
    if let Some((table, _)) = missing {
        return Err(without_table(table, &grids));
    }
    let mut reading = read_located(&located, context)?;
    reading.unexpected.sort();
    reading.unexpected.dedup();
    reading.unexpected.truncate(MOST_NOTES);
    Ok(reading)
}

/// Reads the rows of all tables: a row is not read if all that is said of its subjects was settled before.
fn read_located(all: &[Located<'_>], context: &Context<'_>) -> Result<Reading, Failure> {
    let mut found = Found::default();
    let mut rows = Vec::new();
    for located in all {
        rows.push((located, located.about(context, &mut found)?));
    }
    found.settle(context);
    for (located, rows) in &rows {
        for about in rows {
            located.read(about, context, &mut found);
        }
    }
    Ok(found.into_reading(context.complete))
}

/// The tables of a page, and its lists if they are asked for.
pub(super) fn grids(
    format: Format,
    lists: bool,
    content_type: Option<&str>,
    text: &str,
) -> Result<Vec<Grid>, Failure> {
    let mut budget = Budget::of_a_page();
    let html = match format {
        Format::Html => true,
        Format::Markdown => false,
        Format::Auto => is_html(content_type, text),
    };
    if html {
        html::tables(text, false, &mut Outline::default(), &mut budget)
    } else {
        markdown::tables(text, lists, &mut budget)
    }
}

fn is_html(content_type: Option<&str>, text: &str) -> bool {
    let start: String = text.trim_start().chars().take(2048).collect();
    let start = start.to_ascii_lowercase();
    let declared = content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    start.starts_with('<')
        && (declared || start.contains("<!doctype html") || start.contains("<html"))
}

fn without_table(table: &TableMapping, grids: &[Grid]) -> Failure {
    let under = match table.headings.as_slice() {
        [] => String::new(),
        headings => format!(" under a heading with '{}'", headings.join("' or '")),
    };
    let mut headers: Vec<String> = grids.iter().map(Grid::headers).collect();
    headers.sort();
    headers.dedup();
    let found = match headers.as_slice() {
        [] => "a page without tables".to_string(),
        headers => format!(
            "tables with the columns {}",
            shortened(&headers.join("; "), 400)
        ),
    };
    Failure::Unreadable {
        expected: format!("a table with the columns {}{under}", table.shown()),
        found,
    }
}

/// A table's name for messages: the nearest heading, else its caption, else its header.
fn label(grid: &Grid) -> String {
    let named = grid.headings.last().filter(|heading| !heading.is_empty());
    let text = match named {
        Some(heading) => heading.clone(),
        None if !grid.caption.is_empty() => grid.caption.clone(),
        None => grid.headers(),
    };
    shortened(&text.replace('\n', " "), 80)
}

/// The nearest heading above a table that begins with a date or has one behind `phrase`, with that date.
fn dated<'a>(
    grid: &'a Grid,
    phrase: Option<&str>,
) -> Option<(&'a str, crate::market::LifecycleDate)> {
    grid.headings.iter().rev().find_map(|heading| {
        if let Some(phrase) = phrase {
            let date = crate::market::LifecycleDate::after_phrase(heading, phrase)?;
            return Some((heading.as_str(), date));
        }
        let plain = compared(heading);
        let start = plain
            .split_once(": ")
            .map_or(plain.as_str(), |(date, _)| date);
        let start = start.split_once(" - ").map_or(start, |(date, _)| date);
        crate::market::LifecycleDate::from_printed(start.trim(), crate::market::Certainty::Firm)
            .map(|date| (heading.as_str(), date))
    })
}
