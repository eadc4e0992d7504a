//! Time to the right, a number upwards: the axes of lines, steps and bands, and the names at the ends of lines.

use jiff::Timestamp;
use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{BODY, Canvas, LINE, SMALL, Side};
use super::ink::Ink;
use super::key::{self, kept};
use super::lettering::{fit_before, width};
use super::scale::{Range, Span, Tick};

/// Height of the labels below a time axis: two lines.
pub const TIMES: f64 = 36.0;
/// From which width on the names of lines stand at their ends and names of rows beside them.
const WIDE: f64 = 520.0;
/// From the end of a line to its name.
const REACH: f64 = 24.0;
/// The room above what is plotted.
const ABOVE: f64 = 7.0;
/// Lower planes show nothing.
pub const LOWEST: f64 = 110.0;

/// Whether an area is so wide that names stand beside what they name.
pub fn is_wide(area: Area) -> bool {
    area.width() >= WIDE
}

/// A plot with its scales.
#[derive(Debug, Clone)]
pub struct Plane {
    /// Where lines are drawn.
    pub plot: Area,
    /// What the left and right sides are.
    pub span: Span,
    /// What the lower and upper sides are.
    pub range: Range,
}

impl Plane {
    /// Leaves room in `area` for the labels of both axes and for names on the right.
    pub fn new(area: Area, span: Span, range: Range, names: f64) -> Self {
        let labels = range
            .ticks
            .iter()
            .map(|tick| width(&range.label(*tick), SMALL));
        let left = labels.fold(0.0, f64::max).ceil() + 8.0;
        let right = if names > 0.0 { names + REACH } else { 8.0 };
        Self {
            plot: area.less(left, ABOVE, right, TIMES),
            span,
            range,
        }
    }

    /// The pixel of a moment; outside is moved to the sides.
    pub fn x(&self, at: Timestamp) -> f64 {
        self.plot.left + self.span.share(at) * self.plot.width()
    }

    /// The pixel of a number; outside is moved to the sides.
    pub fn y(&self, number: f64) -> f64 {
        self.plot.bottom - self.range.share(number) * self.plot.height()
    }

    /// The lines and labels of both axes, below what is plotted.
    pub fn axes<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area) {
        let (plot, range) = (self.plot, &self.range);
        for tick in &range.ticks {
            canvas.level((plot.left, plot.right), self.y(*tick), Ink::Grid);
        }
        let mut before = f64::INFINITY;
        for tick in &range.ticks {
            let y = self.y(*tick);
            if before - y >= LINE - 2.0 {
                before = y;
                let at = (plot.left - 6.0, y);
                canvas.text(&range.label(*tick), at, SMALL, Ink::Quiet, Side::End);
            }
        }
        times(canvas, self.span, self.plot, (area.left, area.right));
    }
}

/// The line and labels of a time axis below `plot`; labels stay between `sides`.
pub fn times<B: DrawingBackend>(
    canvas: &mut Canvas<'_, B>,
    span: Span,
    plot: Area,
    sides: (f64, f64),
) {
    canvas.level((plot.left, plot.right), plot.bottom, Ink::Rule);
    let ticks = span.ticks(plot.width());
    let place = |tick: &Tick| plot.left + span.share(tick.at) * plot.width();
    for tick in &ticks {
        canvas.upright(place(tick), (plot.bottom, plot.bottom + 4.0), Ink::Rule);
    }
    for tick in &ticks {
        let lines = [Some(&tick.label), tick.below.as_ref()];
        let heights = [plot.bottom + 13.0, plot.bottom + 13.0 + LINE - 1.0];
        for (line, y) in lines.into_iter().zip(heights) {
            if let Some(line) = line {
                let at = (kept(line, place(tick), sides), y);
                canvas.text(line, at, SMALL, Ink::Quiet, Side::Middle);
            }
        }
    }
}

/// What the caption says where hours are told apart.
pub fn zone_note(span: Span, plot: f64) -> Option<String> {
    span.has_hours(plot).then(|| "times in UTC".to_string())
}

/// What a line is called.
#[derive(Debug, Clone)]
pub struct Name {
    /// How it is drawn.
    pub sample: key::Sample,
    /// Its colour.
    pub ink: Ink,
    /// Its name.
    pub text: String,
    /// Its last figure.
    pub figure: String,
}

/// The end of a line with its name.
#[derive(Debug, Clone)]
pub struct End {
    /// Where the line ends.
    pub at: (f64, f64),
    /// What stands beside it.
    pub name: Name,
}

/// How wide names may be in an area; 0 if they have to stand above.
pub fn names_room(area: Area, names: &[Name]) -> f64 {
    if !is_wide(area) {
        return 0.0;
    }
    names
        .iter()
        .map(|name| {
            width(
                &fit_before(&name.text, &name.figure, BODY, f64::INFINITY),
                BODY,
            )
        })
        .fold(0.0, f64::max)
        .min(area.width() * 0.32)
        .ceil()
}

/// How high lines with these names are at least; all that stand beside their lines need room there.
pub fn lowest(area: Area, names: &[Name]) -> f64 {
    let beside = names.len() as f64 * LINE + ABOVE + TIMES;
    match names_room(area, names) > 0.0 {
        true => beside.max(LOWEST),
        false => LOWEST,
    }
}

/// Writes the names of lines beside their ends, moved apart where they would touch.
pub fn ends<B: DrawingBackend>(
    canvas: &mut Canvas<'_, B>,
    plot: Area,
    room: f64,
    mut all: Vec<End>,
) {
    all.sort_by(|one, other| one.at.1.total_cmp(&other.at.1));
    let heights: Vec<f64> = all.iter().map(|end| end.at.1).collect();
    let places = apart(&heights, LINE, (plot.top, plot.bottom - 5.0));
    for (end, y) in all.iter().zip(places) {
        let left = plot.right + REACH;
        let is_at_the_side = end.at.0 >= plot.right - 2.0;
        if is_at_the_side && (y - end.at.1).abs() > 1.5 {
            let knee = [(plot.right + 2.0, end.at.1), (left - 12.0, y)];
            canvas.line(&knee, Ink::Rule, 1.0);
        }
        let (from, to) = (left - 11.0, left - 3.0);
        match end.name.sample {
            key::Sample::Band(alpha) => {
                canvas.tint(Area::new(from, y - 4.0, to, y + 4.0), end.name.ink, alpha);
            }
            key::Sample::Thin => {
                canvas.fill(Area::new(from, y - 0.5, to, y + 0.5), end.name.ink);
            }
            _ => canvas.fill(Area::new(from, y - 1.5, to, y + 1.5), end.name.ink),
        }
        let text = fit_before(&end.name.text, &end.name.figure, BODY, room);
        canvas.text(&text, (left, y), BODY, Ink::Text, Side::Start);
    }
}

/// Rising heights moved so that each is `gap` from the next and all are between two sides, as far as there is room.
pub fn apart(heights: &[f64], gap: f64, (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut places = Vec::with_capacity(heights.len());
    let mut next = top;
    for height in heights {
        let place = height.max(next);
        places.push(place);
        next = place + gap;
    }
    let mut limit = bottom;
    for place in places.iter_mut().rev() {
        *place = place.min(limit);
        limit = *place - gap;
    }
    places
}

/// The entries of a key for lines whose names do not stand at their ends.
pub fn line_entries(names: &[Name]) -> Vec<key::Entry> {
    names
        .iter()
        .map(|name| key::Entry {
            sample: name.sample,
            ink: name.ink,
            text: name.text.clone(),
            figure: name.figure.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_moved_apart_and_stay_inside() {
        assert_eq!(
            apart(&[10.0, 11.0, 12.0], 15.0, (0.0, 100.0)),
            [10.0, 25.0, 40.0]
        );
        assert_eq!(
            apart(&[98.0, 99.0, 100.0], 15.0, (0.0, 100.0)),
            [70.0, 85.0, 100.0]
        );
        assert_eq!(apart(&[5.0, 50.0], 15.0, (0.0, 100.0)), [5.0, 50.0]);
    }
}
