//! Names of rows: beside them where there is room, above them where there is not.

use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{BODY, Canvas, Side};
use super::ink::Ink;
use super::lettering::{fit, tame, width};
use super::plane::is_wide;
use crate::render::line::grouped;

/// Height of a line for names above their rows.
const ABOVE: f64 = 16.0;
/// From a name to its row.
const GAP: f64 = 12.0;

/// Where the names of rows stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Names {
    /// Width of their column; the whole width where they are above.
    pub room: f64,
    /// Whether they are above their rows.
    pub are_above: bool,
}

impl Names {
    /// For the names of all rows in an area.
    pub fn new<'a>(area: Area, names: impl Iterator<Item = &'a str>) -> Self {
        let widest = names
            .map(|name| width(&tame(name), BODY))
            .fold(0.0, f64::max)
            .ceil();
        let are_above = !is_wide(area) && widest > area.width() * 0.36;
        let room = if are_above {
            area.width()
        } else {
            widest.min(area.width() * 0.36)
        };
        Self { room, are_above }
    }

    /// Above their rows in every narrow area: for rows that need its whole width.
    pub fn above_if_narrow<'a>(area: Area, names: impl Iterator<Item = &'a str>) -> Self {
        if is_wide(area) {
            return Self::new(area, names);
        }
        Self {
            room: area.width(),
            are_above: true,
        }
    }

    /// What a name above its row adds to the row's height.
    pub fn height(&self) -> f64 {
        if self.are_above { ABOVE } else { 0.0 }
    }

    /// Where the content of an area begins from the left.
    pub fn left(&self) -> f64 {
        if self.are_above { 0.0 } else { self.room + GAP }
    }

    /// What is left of a row beside or below its name.
    pub fn rest(&self, row: Area) -> Area {
        row.less(self.left(), self.height(), 0.0, 0.0)
    }

    /// Writes the name of a row; `taken` is what stands at the right end of a line above.
    pub fn draw<B: DrawingBackend>(
        &self,
        canvas: &mut Canvas<'_, B>,
        row: Area,
        name: &str,
        taken: f64,
    ) {
        let (y, room) = if self.are_above {
            (row.top + ABOVE / 2.0 + 1.0, self.room - taken)
        } else {
            (row.middle().1, self.room)
        };
        let text = fit(name, BODY, room);
        canvas.text(&text, (row.left, y), BODY, Ink::Text, Side::Start);
    }
}

/// How many rows of a height there is room for.
pub fn fitting(room: f64, row: f64) -> usize {
    (room / row + 1e-6).floor().max(0.0) as usize
}

/// What the caption says of rows that there is no room for.
pub fn left_out(all: usize, shown: usize, singular: &str) -> Option<String> {
    let left = all.saturating_sub(shown);
    let plural = if left == 1 { "" } else { "s" };
    let left_in_words = grouped(left);
    (left > 0).then(|| format!("{left_in_words} more {singular}{plural} not shown"))
}
