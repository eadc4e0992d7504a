//! A basket of prices as an index: lines whose base is 100, and where their chain was broken.

use jiff::civil::Date;
use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{Canvas, Mark, SMALL, Side};
use super::decimate::thin;
use super::ink::Ink;
use super::key;
use super::lettering::short;
use super::plane::{End, Name, Plane, ends, line_entries, names_room};
use super::scale::{Range, Span, midnight, number, sane};
use super::{Heights, Kind};

/// What every line begins with.
const BASE: f64 = 100.0;
/// What is shown above and below the base in any case.
const STILL: f64 = 2.0;

/// Lines over days.
#[derive(Debug, Clone)]
pub struct Index {
    /// The left side of the chart.
    pub from: Date,
    /// The right side of the chart.
    pub to: Date,
    /// A line each; the first seven are drawn.
    pub series: Vec<IndexSeries>,
    /// Days on which the basket was chained anew.
    pub breaks: Vec<Date>,
}

/// One basket.
#[derive(Debug, Clone)]
pub struct IndexSeries {
    /// What is in it.
    pub name: String,
    /// In any order; `None` is a gap.
    pub points: Vec<(Date, Option<f64>)>,
}

impl Index {
    fn span(&self) -> Span {
        Span::of_days(self.from, self.to)
    }

    fn shown(&self) -> impl Iterator<Item = (Ink, &IndexSeries)> {
        Ink::SERIES.into_iter().zip(&self.series)
    }

    fn names(&self) -> Vec<Name> {
        let figure = |series: &IndexSeries| match series.known(self.span()).last() {
            Some((_, last)) => number(*last, 0.1),
            None => "not known".to_string(),
        };
        self.shown()
            .map(|(ink, series)| Name {
                sample: key::Sample::Line,
                ink,
                text: series.name.clone(),
                figure: figure(series),
            })
            .collect()
    }

    fn is_empty(&self) -> bool {
        let span = self.span();
        self.series
            .iter()
            .all(|series| series.known(span).is_empty())
    }

    fn plane(&self, area: Area) -> (Plane, Vec<key::Entry>, Area) {
        let span = self.span();
        let names = self.names();
        let room = names_room(area, &names);
        let entries = if room > 0.0 {
            Vec::new()
        } else {
            line_entries(&names)
        };
        let rest = area.less(0.0, key::height(&entries, area.width()), 0.0, 0.0);
        let values = self.shown().flat_map(|(_, series)| series.known(span));
        // what hardly moves must not look as if it did
        let values = values
            .map(|(_, value)| value)
            .chain([BASE - STILL, BASE + STILL]);
        let plane = Plane::new(rest, span, Range::linear(values, 5), room);
        (plane, entries, rest)
    }

    fn breaks<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, plane: &Plane) {
        let mut days = self.breaks.clone();
        days.sort_unstable();
        let mut before = f64::NEG_INFINITY;
        for day in days
            .into_iter()
            .filter(|day| (self.from..=self.to).contains(day))
        {
            let x = plane.x(midnight(day));
            if x - before > 5.0 {
                canvas.upright_dashes(x, (plane.plot.top, plane.plot.bottom), Ink::Rule);
                before = x;
            }
        }
    }
}

impl IndexSeries {
    /// Its points inside a span in the order of days; `None` is a gap.
    fn inside(&self, span: Span) -> Vec<(Date, Option<f64>)> {
        let mut points: Vec<(Date, Option<f64>)> = self
            .points
            .iter()
            .filter(|(day, _)| (span.from..=span.to).contains(&midnight(*day)))
            .map(|(day, value)| (*day, value.and_then(sane)))
            .collect();
        points.sort_by_key(|(day, _)| *day);
        points
    }

    fn known(&self, span: Span) -> Vec<(Date, f64)> {
        let points = self.inside(span).into_iter();
        points
            .filter_map(|(day, value)| Some((day, value?)))
            .collect()
    }
}

impl Kind for Index {
    fn in_words(&self, _: &str) -> String {
        let span = self.span();
        let day = |day: &Date| day.strftime("%-d %b %Y").to_string();
        let lines: Vec<String> = self
            .shown()
            .map(|(_, series)| {
                let known = series.known(span);
                let by_value = |one: &&(Date, f64), other: &&(Date, f64)| one.1.total_cmp(&other.1);
                let (Some(first), Some(last), Some(low), Some(high)) = (
                    known.first(),
                    known.last(),
                    known.iter().min_by(by_value),
                    known.iter().max_by(by_value),
                ) else {
                    return format!("{} not known", short(&series.name));
                };
                format!(
                    "{} from {} on {} to {} on {}, lowest {} on {}, highest {} on {}",
                    short(&series.name),
                    number(first.1, 0.1),
                    day(&first.0),
                    number(last.1, 0.1),
                    day(&last.0),
                    number(low.1, 0.1),
                    day(&low.0),
                    number(high.1, 0.1),
                    day(&high.0)
                )
            })
            .collect();
        match lines.as_slice() {
            [] => "no index".to_string(),
            lines => format!("lines, base 100; {}", lines.join("; ")),
        }
    }

    fn heights(&self, width: f64) -> Heights {
        if self.is_empty() {
            return Heights::NOTHING;
        }
        let (_, _, rest) = self.plane(Area::new(0.0, 0.0, width, 400.0));
        let all = rest.top + if width < 520.0 { 180.0 } else { 220.0 };
        Heights {
            least: rest.top + 110.0,
            all,
        }
    }

    fn notes(&self, _: Area) -> Vec<String> {
        let mut notes = Vec::new();
        let left = self.series.len().saturating_sub(Ink::SERIES.len());
        if left > 0 {
            notes.push(format!("{left} more not shown"));
        }
        let has_breaks = self
            .breaks
            .iter()
            .any(|day| (self.from..=self.to).contains(day));
        if has_breaks && !self.is_empty() {
            notes.push("dashes: the basket changed, chained anew".to_string());
        }
        notes
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area) {
        if self.is_empty() {
            return key::nothing(canvas, area, "no index recorded");
        }
        let (plane, entries, rest) = self.plane(area);
        key::draw(canvas, area, &entries);
        plane.axes(canvas, rest);
        let base = plane.y(BASE);
        canvas.level((plane.plot.left, plane.plot.right), base, Ink::Rule);
        if plane
            .range
            .ticks
            .iter()
            .all(|tick| (plane.y(*tick) - base).abs() >= 13.0)
        {
            canvas.text(
                "100",
                (plane.plot.left - 6.0, base),
                SMALL,
                Ink::Text,
                Side::End,
            );
        }
        self.breaks(canvas, &plane);
        let mut all = Vec::new();
        for ((ink, series), name) in self.shown().zip(self.names()) {
            let points = series.inside(self.span());
            let mut end = None;
            for known in points.chunk_by(|one, other| one.1.is_some() == other.1.is_some()) {
                let line: Vec<(f64, f64)> = known
                    .iter()
                    .filter_map(|(day, value)| Some((plane.x(midnight(*day)), plane.y((*value)?))))
                    .collect();
                match line.as_slice() {
                    [alone] => canvas.mark(Mark::Dot, *alone, 3.2, ink),
                    line => canvas.line(&thin(line), ink, 2.0),
                }
                end = line.last().copied().or(end);
            }
            all.push(End {
                at: end.unwrap_or((0.0, plane.plot.bottom)),
                name,
            });
        }
        if entries.is_empty() {
            let room = rest.right - plane.plot.right - 24.0;
            ends(canvas, plane.plot, room, all);
        }
    }
}
