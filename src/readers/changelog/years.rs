//! Days whose year stands in the heading of their month: `July, 2026` above `Jul 22` (OpenAI's changelog).

use std::collections::BTreeSet;

use super::pieces::Piece;
use crate::market::{Certainty, LifecycleDate};

/// The pieces with such days written out. A month's heading with days of its own below it is no day itself and is left out.
pub fn written_out(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    // where the open month's heading stands, its level and its year
    let mut month: Option<(usize, u8, String)> = None;
    let mut dropped = BTreeSet::new();
    for piece in pieces {
        let Piece::Heading(level, text) = &piece else {
            out.push(piece);
            continue;
        };
        let whole = match &month {
            Some((_, above, year)) if above < level => Some(format!("{text}, {year}")),
            _ => None,
        };
        if let (Some(whole), Some((at, ..))) = (whole.filter(|whole| is_day(whole)), &month) {
            dropped.insert(*at);
            out.push(Piece::Heading(*level, whole));
            continue;
        }
        match year_of_month(text) {
            Some(year) => month = Some((out.len(), *level, year)),
            None if month.as_ref().is_some_and(|(_, above, _)| level <= above) => month = None,
            None => {}
        }
        out.push(piece);
    }
    let mut at = 0;
    out.retain(|_| {
        at += 1;
        !dropped.contains(&(at - 1))
    });
    out
}

fn is_day(text: &str) -> bool {
    let day = LifecycleDate::from_printed(&text.to_lowercase(), Certainty::Firm);
    day.is_some_and(|day| day.text().len() == "2026-07-22".len())
}

fn year_of_month(text: &str) -> Option<String> {
    let plain = text.replace(',', " ").to_lowercase();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let month = LifecycleDate::from_printed(&words.join(" "), Certainty::Firm)?.text();
    let (year, _) = month
        .split_once('-')
        .filter(|_| month.len() == "2026-07".len())?;
    Some(year.to_string())
}
