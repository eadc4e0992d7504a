//! The matrix as a table that fits the terminal.

use jiff::{SignedDuration, Timestamp};

use crate::commands::output::{clean, wrapped};
use crate::landscape::{Cell, Matrix, Row};
use crate::market::{Certainty, Price, Reach, Stage};

#[cfg(test)]
mod tests;

/// What the marks of a cell mean.
const LEGEND: [&str; 4] = [
    "ga generally available, lim limited, pre preview, leg legacy, dep deprecated, ret retired, ann announced, ? not said;",
    "a number: regions, where sources name any; i in-region, z within a geography, w worldwide;",
    "!2027-03 retires then, >2027-03 not before; 3/15: lowest price of input and output, USD per 1M tokens;",
    "more: providers that have no column here",
];
/// A model that retires within these days is counted where it is not shown.
const SOON: i64 = 90;
/// The widest name of a model.
const NAME: usize = 34;

/// The first `models` of the matrix, with as many providers as have place in `width` columns, and what the marks mean.
pub fn for_people(
    matrix: &Matrix,
    models: usize,
    width: usize,
    now: Timestamp,
    colour: bool,
) -> String {
    if matrix.rows.is_empty() {
        return "no model fits, or nothing is known of the landscape yet\n".to_string();
    }
    let (shown, folded) = matrix.rows.split_at(models.min(matrix.rows.len()));
    let columns = Columns::new(matrix, shown, width);
    let mut text = columns.head();
    for row in shown {
        text.push_str(&columns.line(row, colour));
    }
    if !folded.is_empty() {
        let until = now + SignedDuration::from_hours(24 * SOON);
        let is_soon = |row: &&Row| row.retires(now).is_some_and(|day| day.starts() <= until);
        let soon = match folded.iter().filter(is_soon).count() {
            0 => String::new(),
            soon => format!(", {soon} of which retire within {SOON} days (--retiring)"),
        };
        let more = format!(
            "and {} more models{soon}: --all, or --model GLOB",
            folded.len()
        );
        text.push_str(&wrapped(&more, ["", ""], width));
    }
    if matrix.unknown > 0 {
        let unknown = format!(
            "{} native ids denote no known model: `bellwether offerings`",
            matrix.unknown
        );
        text.push_str(&wrapped(&unknown, ["", ""], width));
    }
    text.push('\n');
    text.push_str(&wrapped(&LEGEND.join(" "), ["", ""], width));
    text
}

/// What has a place in the width.
struct Columns<'a> {
    model: usize,
    providers: Vec<(&'a str, usize)>,
    price: usize,
    /// Whether some provider has no column.
    folds: bool,
    detail: Detail,
}

#[derive(Clone, Copy)]
struct Detail {
    reach: bool,
    price: bool,
}

impl<'a> Columns<'a> {
    fn new(matrix: &'a Matrix, rows: &[Row], width: usize) -> Self {
        let detail = Detail {
            reach: width >= 100,
            price: width >= 160,
        };
        let names = rows.iter().map(|row| row.model.chars().count());
        let model = names.max().unwrap_or(0).clamp(5, NAME.min(width / 3));
        let price = rows.iter().map(|row| from(row).chars().count());
        let price = price.max().unwrap_or(0).max(4);
        let mut left = width.saturating_sub(model + 2 + price);
        let mut providers: Vec<(&str, usize)> = Vec::new();
        let mut folds = false;
        // those that sell most of the models that are shown
        let sells = |provider: &str| {
            rows.iter()
                .filter(|row| row.cells.contains_key(provider))
                .count()
        };
        let mut ranked: Vec<(&str, usize)> = matrix
            .providers
            .iter()
            .map(|provider| (provider.as_str(), sells(provider)))
            .filter(|(_, sold)| *sold > 0)
            .collect();
        ranked.sort_by_key(|(_, sold)| std::cmp::Reverse(*sold));
        let count = ranked.len();
        for (place, (provider, _)) in ranked.into_iter().enumerate() {
            let cells = rows.iter().filter_map(|row| row.cells.get(provider));
            let widest = cells.map(|cell| said(cell, detail).chars().count()).max();
            let wide = widest.unwrap_or(0).max(label(provider).chars().count());
            // the column of those that have none takes six
            let spare = if place + 1 == count && !folds { 0 } else { 6 };
            if left < wide + 2 + spare {
                folds = true;
                continue;
            }
            left -= wide + 2;
            providers.push((provider, wide));
        }
        Self {
            model,
            providers,
            price,
            folds,
            detail,
        }
    }

    fn head(&self) -> String {
        let mut cells = vec![padded("MODEL", self.model)];
        for (provider, wide) in &self.providers {
            cells.push(padded(&label(provider), *wide));
        }
        if self.folds {
            cells.push("more".to_string());
        }
        cells.push("FROM".to_string());
        format!("{}\n", cells.join("  ").trim_end())
    }

    fn line(&self, row: &Row, colour: bool) -> String {
        let mut cells = vec![padded(&clean(&row.model), self.model)];
        let mut named = 0;
        for (provider, wide) in &self.providers {
            let cell = row.cells.get(*provider);
            named += usize::from(cell.is_some());
            let text = cell.map_or(String::new(), |cell| said(cell, self.detail));
            let text = padded(&text, *wide);
            cells.push(
                match cell.filter(|_| colour).and_then(|cell| tint(cell.stage)) {
                    Some(code) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
                    None => text,
                },
            );
        }
        if self.folds {
            let more = row.cells.len() - named;
            let more = if more == 0 {
                String::new()
            } else {
                format!("+{more}")
            };
            cells.push(padded(&more, 4));
        }
        cells.push(padded(&from(row), self.price));
        format!("{}\n", cells.join("  ").trim_end())
    }
}

/// A provider's name in at most twelve characters.
fn label(provider: &str) -> String {
    cut(&clean(provider), 12)
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}\u{2026}")
}

fn padded(text: &str, wide: usize) -> String {
    let text = cut(text, wide);
    let spaces = wide.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(spaces))
}

/// A cell: `ga 14 iz >2026-10 3/15`.
fn said(cell: &Cell, detail: Detail) -> String {
    let mut words = vec![mark(cell.stage).to_string()];
    if !cell.regions.is_empty() {
        words.push(cell.regions.len().to_string());
    }
    if detail.reach && !cell.reach.is_empty() {
        let letters = cell.reach.iter().map(|reach| match reach {
            Reach::InRegion => 'i',
            Reach::Geo => 'z',
            Reach::Global => 'w',
        });
        words.push(letters.collect());
    }
    if let Some(day) = cell.retires {
        let sign = match day.certainty {
            Certainty::Firm => '!',
            Certainty::NotBefore => '>',
        };
        let month: String = day.text().chars().take(7).collect();
        words.push(format!("{sign}{month}"));
    }
    if detail.price {
        words.extend(prices(cell.input.as_ref(), cell.output.as_ref()));
    }
    words.join(" ")
}

/// The lowest prices at any provider.
fn from(row: &Row) -> String {
    let input = row.lowest(|cell| cell.input.as_ref());
    let output = row.lowest(|cell| cell.output.as_ref());
    prices(input, output).unwrap_or_default()
}

fn prices(input: Option<&Price>, output: Option<&Price>) -> Option<String> {
    let amount = |price: Option<&Price>| {
        price.map_or("-".to_string(), |price| {
            price
                .amount
                .round_sf(4)
                .unwrap_or(price.amount)
                .normalize()
                .to_string()
        })
    };
    (input.is_some() || output.is_some()).then(|| format!("{}/{}", amount(input), amount(output)))
}

fn mark(stage: Stage) -> &'static str {
    match stage {
        Stage::Announced => "ann",
        Stage::Preview => "pre",
        Stage::Limited => "lim",
        Stage::Ga => "ga",
        Stage::Legacy => "leg",
        Stage::Deprecated => "dep",
        Stage::Retired => "ret",
        Stage::Unknown => "?",
    }
}

/// The colour of a stage, as a number of SGR (ECMA-48).
fn tint(stage: Stage) -> Option<u8> {
    match stage {
        Stage::Ga => Some(32),
        Stage::Announced | Stage::Preview | Stage::Limited => Some(36),
        Stage::Legacy | Stage::Deprecated => Some(33),
        Stage::Retired => Some(31),
        Stage::Unknown => None,
    }
}
