//! A basket of prices as an index: lines whose base is 100, and where their chain was broken.

use jiff::civil::Date;
use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{Canvas, Mark, SMALL, Side};
use super::decimate::thin;
use super::ink::Ink;
use super::key;
use super::lettering::short;
use super::plane::{End, Name, Plane, ends, line_entries, lowest, names_room};
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
    fn shown(&self) -> impl Iterator<Item = (Ink, &IndexSeries)> {
        Ink::SERIES.into_iter().zip(&self.series)
    }

    /// The first and the last day; one day more where they are in no order.
    fn days(&self) -> (Date, Date) {
        let next = self.from.tomorrow().unwrap_or(self.from);
        (self.from, self.to.max(next))
    }

    fn names(&self) -> Vec<Name> {
        let days = self.days();
        let figure = |series: &IndexSeries| {
            let last = series.known(days).max_by_key(|(day, _)| *day);
            last.map_or("not known".to_string(), |(_, value)| number(value, 0.1))
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
        let days = self.days();
        self.series
            .iter()
            .all(|series| series.known(days).next().is_none())
    }

    /// Room for names at the ends of lines or, where there is none, a key; and what is left below it.
    fn key(&self, area: Area) -> (f64, Vec<key::Entry>, Area) {
        let names = self.names();
        let room = names_room(area, &names);
        let entries = if room > 0.0 {
            Vec::new()
        } else {
            line_entries(&names)
        };
        let rest = area.less(0.0, key::height(&entries, area.width()), 0.0, 0.0);
        (room, entries, rest)
    }

    fn plane(&self, area: Area, room: f64) -> Plane {
        let days = self.days();
        let values = self.shown().flat_map(|(_, series)| series.known(days));
        // what hardly moves must not look as if it did
        let values = values
            .map(|(_, value)| value)
            .chain([BASE - STILL, BASE + STILL]);
        let span = Span::of_days(days.0, days.1);
        Plane::new(area, span, Range::linear(values, 5), room)
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
    /// Its points within days; `None` is a gap.
    fn inside(&self, (from, to): (Date, Date)) -> impl Iterator<Item = (Date, Option<f64>)> {
        self.points
            .iter()
            .filter(move |(day, _)| (from..=to).contains(day))
            .map(|(day, value)| (*day, value.and_then(sane)))
    }

    fn known(&self, days: (Date, Date)) -> impl Iterator<Item = (Date, f64)> {
        self.inside(days)
            .filter_map(|(day, value)| Some((day, value?)))
    }
}

impl Kind for Index {
    fn in_words(&self, _: &str) -> String {
        let days = self.days();
        let day = |day: &Date| day.strftime("%-d %b %Y").to_string();
        let lines: Vec<String> = self
            .shown()
            .map(|(_, series)| {
                let mut known: Vec<(Date, f64)> = series.known(days).collect();
                known.sort_by_key(|(day, _)| *day);
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
        let area = Area::new(0.0, 0.0, width, 400.0);
        let (_, _, rest) = self.key(area);
        let all = rest.top + if width < 520.0 { 180.0 } else { 220.0 };
        Heights {
            least: rest.top + lowest(area, &self.names()),
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
        let (room, entries, rest) = self.key(area);
        let plane = self.plane(rest, room);
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
            let mut points: Vec<(Date, Option<f64>)> = series.inside(self.days()).collect();
            points.sort_by_key(|(day, _)| *day);
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
            ends(canvas, plane.plot, room, all);
        }
    }
}
