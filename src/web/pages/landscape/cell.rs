//! A row's cells as markup. They are most of the page, so that they are short: stage, regions, prices, and an end that is near.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::landscape::{Cell, Row};
use crate::market::{Certainty, Price, Stage};
use crate::outlook::providers::is_within;

/// A retirement is shown where it lies within so many days.
const NEAR: SignedDuration = SignedDuration::from_hours(180 * 24);

/// The cells of a row at these providers.
pub(super) fn row(row: &Row, providers: &[&str], now: Timestamp) -> String {
    let mut html = String::with_capacity(providers.len() * 64);
    for provider in providers {
        match row.cells.get(*provider) {
            Some(cell) => write(&mut html, cell, now),
            None => html.push_str("<td>"),
        }
    }
    html
}

/// An end tag of a cell may be left out (HTML, optional tags).
fn write(html: &mut String, cell: &Cell, now: Timestamp) {
    let _ = write!(
        html,
        "<td><b class={}>{}</b>",
        class(cell.stage),
        words(cell.stage)
    );
    match cell.regions.len() {
        0 => {}
        1 => html.push_str(" 1 region"),
        regions => {
            let _ = write!(html, " {regions} regions");
        }
    }
    if cell.input.is_some() || cell.output.is_some() {
        html.push_str("<br>");
        amount(html, cell.input.as_ref());
        html.push_str(" / ");
        amount(html, cell.output.as_ref());
    }
    let near = cell.retires.filter(|day| is_within(day, now, NEAR));
    if let Some(day) = near {
        let lead = match day.certainty {
            Certainty::Firm => "retires",
            Certainty::NotBefore => "not before",
        };
        let day: String = day.text().chars().take(10).collect();
        let _ = write!(html, "<br><i>{lead} {day}</i>");
    }
}

fn amount(html: &mut String, price: Option<&Price>) {
    match price {
        None => html.push('–'),
        Some(price) => {
            let amount = price.amount.round_sf(4).unwrap_or(price.amount);
            let _ = write!(html, "${}", amount.normalize());
        }
    }
}

/// What a stage is called in a cell.
fn words(stage: Stage) -> &'static str {
    match stage {
        Stage::Unknown => "listed",
        stage => stage.word(),
    }
}

/// How the style sheet tells stages apart.
pub(in crate::web) fn class(stage: Stage) -> &'static str {
    match stage {
        Stage::Ga => "good",
        Stage::Announced | Stage::Preview | Stage::Limited => "early",
        Stage::Legacy | Stage::Deprecated => "caution",
        Stage::Retired => "bad",
        Stage::Unknown => "quiet",
    }
}
