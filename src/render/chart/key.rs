//! What marks and colours mean, in rows that wrap; and the sentence of a chart that has nothing to show.

use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{BODY, Canvas, Mark, SMALL, Side};
use super::ink::Ink;
use super::lettering::{fit, fit_before, width};

/// Height of a row.
const ROW: f64 = 19.0;
/// From the sample to its word, and from a word to the next sample.
const GAPS: (f64, f64) = (15.0, 16.0);

/// What stands before a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sample {
    /// A mark.
    Mark(Mark),
    /// A letter in place of a mark.
    Letter(&'static str),
    /// A filled block, of a height between 0 and 1.
    Block(f64),
    /// An empty block.
    Frame,
    /// A piece of a line.
    Line,
    /// A piece of a thin line.
    Thin,
    /// A piece of a band.
    Band(f64),
}

/// One thing that is explained.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What stands before the word.
    pub sample: Sample,
    /// Its colour.
    pub ink: Ink,
    /// The word; cut where there is no room for it.
    pub text: String,
    /// What follows the word, and is not cut.
    pub figure: String,
}

/// Each entry with its place from the upper left corner.
fn places(entries: &[Entry], room: f64) -> Vec<(f64, f64, String)> {
    let (mut x, mut y) = (0.0, 0.0);
    let mut places = Vec::with_capacity(entries.len());
    for entry in entries {
        let text = fit_before(&entry.text, &entry.figure, BODY, (room - GAPS.0).min(260.0));
        let wide = GAPS.0 + width(&text, BODY);
        if x > 0.0 && x + wide > room {
            (x, y) = (0.0, y + ROW);
        }
        places.push((x, y, text));
        x += wide + GAPS.1;
    }
    places
}

/// How high the rows are, with what parts them from what follows.
pub fn height(entries: &[Entry], room: f64) -> f64 {
    match places(entries, room).last() {
        Some((_, y, _)) => y + ROW + 7.0,
        None => 0.0,
    }
}

/// Draws the rows at the top of an area, and returns what is left below them.
pub fn draw<B: DrawingBackend>(canvas: &mut Canvas<'_, B>, area: Area, entries: &[Entry]) -> Area {
    for (entry, (x, y, text)) in entries.iter().zip(places(entries, area.width())) {
        let (left, middle) = (area.left + x, area.top + y + ROW / 2.0);
        let block = |share: f64| {
            let height = 11.0 * share;
            Area::new(left, middle + 5.5 - height, left + 11.0, middle + 5.5)
        };
        match entry.sample {
            Sample::Mark(mark) => canvas.mark(mark, (left + 5.5, middle), 5.0, entry.ink),
            Sample::Letter(letter) => {
                canvas.text(letter, (left + 5.5, middle), SMALL, entry.ink, Side::Middle);
            }
            Sample::Block(share) => canvas.fill(block(share), entry.ink),
            Sample::Frame => canvas.frame(block(0.6), entry.ink, 1.5),
            Sample::Line => {
                canvas.fill(
                    Area::new(left, middle - 1.0, left + 11.0, middle + 1.0),
                    entry.ink,
                );
            }
            Sample::Thin => {
                canvas.fill(
                    Area::new(left, middle - 0.5, left + 11.0, middle + 0.5),
                    entry.ink,
                );
            }
            Sample::Band(alpha) => canvas.tint(block(1.0), entry.ink, alpha),
        }
        let at = (left + GAPS.0, middle);
        canvas.text(&text, at, BODY, Ink::Text, Side::Start);
    }
    area.less(0.0, height(entries, area.width()), 0.0, 0.0)
}

/// Says in the middle of an area that there is nothing to show.
pub fn nothing<B: DrawingBackend>(canvas: &mut Canvas<'_, B>, area: Area, what: &str) {
    let text = fit(what, BODY, area.width() - 8.0);
    canvas.text(&text, area.middle(), BODY, Ink::Quiet, Side::Middle);
}

/// A label of small text that is kept between two sides: its centre.
pub fn kept(text: &str, x: f64, (left, right): (f64, f64)) -> f64 {
    let half = width(text, SMALL) / 2.0;
    if right - left < 2.0 * half {
        return (left + right) / 2.0;
    }
    x.clamp(left + half, right - half)
}
