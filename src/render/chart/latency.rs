//! Latency over time: the median as a line, bands up to the 95th and the 99th percentile, and gaps where nothing was measured.

use jiff::{SignedDuration, Timestamp};
use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::Canvas;
use super::ink::Ink;
use super::key::{self, Entry, Sample};
use super::plane::{End, LOWEST, Name, Plane, ends, line_entries, names_room, zone_note};
use super::scale::{Range, Span, number, sane};
use super::{Heights, Kind};

/// Between the fastest median and the slowest percentile, from which on distances are factors.
const LOG_FROM: f64 = 20.0;
/// How strong the bands up to the 95th and up to the 99th percentile are.
const WITHIN: f64 = 0.5;
const BEYOND: f64 = 0.24;

/// Percentiles of one series.
#[derive(Debug, Clone)]
pub struct Latency {
    /// The left side of the chart.
    pub from: Timestamp,
    /// The right side of the chart.
    pub to: Timestamp,
    /// How long each point stands for; where none follows, it is a gap.
    pub every: SignedDuration,
    /// In any order.
    pub points: Vec<LatencyPoint>,
}

/// Percentiles of the measurements that begin at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LatencyPoint {
    /// The begin.
    pub at: Timestamp,
    /// The median, in the unit of the chart.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile.
    pub p99: f64,
}

/// What is drawn in one column.
#[derive(Debug, Clone, Copy)]
struct Column {
    from: f64,
    to: f64,
    low: f64,
    p50: f64,
    p95: f64,
    p99: f64,
}

impl Latency {
    fn span(&self) -> Span {
        Span::new(self.from, self.to)
    }

    /// The points that can be drawn, in order.
    fn sound(&self) -> Vec<LatencyPoint> {
        let is_sound = |point: &&LatencyPoint| {
            let all = [point.p50, point.p95, point.p99];
            let span = self.span();
            all.into_iter()
                .all(|value| sane(value).is_some_and(|value| value >= 0.0))
                && (span.from..span.to).contains(&point.at)
        };
        let mut points: Vec<LatencyPoint> = self.points.iter().filter(is_sound).copied().collect();
        points.sort_by_key(|point| point.at);
        points
    }

    fn range(points: &[LatencyPoint]) -> Range {
        let all = points
            .iter()
            .flat_map(|point| [point.p50, point.p95, point.p99]);
        let low = all.clone().reduce(f64::min).unwrap_or(0.0);
        let high = all.clone().reduce(f64::max).unwrap_or(0.0);
        if low > 0.0 && high / low > LOG_FROM {
            Range::logarithmic(all, 6)
        } else {
            Range::linear(all.chain([0.0]), 5)
        }
    }

    /// Points as columns of the plot, never narrower than a pixel; those that share one keep their extremes.
    fn columns(&self, plane: &Plane, points: &[LatencyPoint]) -> Vec<Column> {
        let share = self.every.as_secs_f64().max(1e-3)
            / (self.to.duration_since(self.from)).as_secs_f64().max(1e-3);
        let wide = (share * plane.plot.width()).clamp(1.0, plane.plot.width().max(1.0));
        let mut columns: Vec<Column> = Vec::new();
        for point in points {
            let from = if wide > 1.0 {
                plane.x(point.at)
            } else {
                plane.x(point.at).floor()
            };
            let (p50, p95, p99) = (plane.y(point.p50), plane.y(point.p95), plane.y(point.p99));
            match columns.last_mut() {
                Some(last) if from - last.from < wide * 0.5 => {
                    // upwards is less
                    last.low = last.low.max(p50);
                    last.p50 = last.p50.min(p50);
                    last.p95 = last.p95.min(p95);
                    last.p99 = last.p99.min(p99);
                }
                _ => columns.push(Column {
                    from,
                    to: (from + wide).min(plane.plot.right),
                    low: p50,
                    p50,
                    p95,
                    p99,
                }),
            }
        }
        columns
    }

    fn plane(&self, area: Area, points: &[LatencyPoint]) -> (Plane, Vec<Entry>, Area) {
        let names = points.last().map(names).unwrap_or_default();
        let room = names_room(area, &names);
        let entries = if room > 0.0 {
            Vec::new()
        } else {
            line_entries(&names)
        };
        let rest = area.less(0.0, key::height(&entries, area.width()), 0.0, 0.0);
        let plane = Plane::new(rest, self.span(), Self::range(points), room);
        (plane, entries, rest)
    }

    /// What lies between columns that do not touch, and before the first and after the last.
    fn gaps<B: DrawingBackend>(canvas: &mut Canvas<'_, B>, plane: &Plane, columns: &[Column]) {
        let plot = plane.plot;
        let begins = columns.iter().map(|column| column.from).chain([plot.right]);
        let ends = [plot.left]
            .into_iter()
            .chain(columns.iter().map(|column| column.to));
        for (end, begin) in ends.zip(begins) {
            if begin - end > 1.5 {
                canvas.fill(Area::new(end, plot.top, begin, plot.bottom), Ink::Faint);
            }
        }
    }
}

fn names(last: &LatencyPoint) -> Vec<Name> {
    [
        (Sample::Line, Ink::Blue, "p50", last.p50),
        (Sample::Band(WITHIN), Ink::Blue, "p95", last.p95),
        (Sample::Thin, Ink::Sky, "p99", last.p99),
    ]
    .into_iter()
    .map(|(sample, ink, text, value)| Name {
        sample,
        ink,
        text: text.to_string(),
        figure: figure(value),
    })
    .collect()
}

/// Three digits.
fn figure(value: f64) -> String {
    let step = match value.abs() {
        ..10.0 => 0.01,
        ..100.0 => 0.1,
        _ => 1.0,
    };
    number(value, step)
}

/// The upper side of columns: level over each, and through the middle of those that are narrow.
fn side(columns: &[Column], of: impl Fn(&Column) -> f64) -> Vec<(f64, f64)> {
    let mut points = Vec::with_capacity(columns.len() + 2);
    if let Some(first) = columns.first() {
        points.push((first.from, of(first)));
    }
    points.extend(
        columns
            .iter()
            .map(|column| ((column.from + column.to) / 2.0, of(column))),
    );
    if let Some(last) = columns.last() {
        points.push((last.to, of(last)));
    }
    points
}

/// The median, with both extremes where a column has two.
fn median(columns: &[Column]) -> Vec<(f64, f64)> {
    let (upper, lower) = (
        side(columns, |column| column.p50),
        side(columns, |column| column.low),
    );
    upper
        .into_iter()
        .zip(lower)
        .flat_map(|(upper, lower)| [upper, lower])
        .collect()
}

fn band<B: DrawingBackend>(
    canvas: &mut Canvas<'_, B>,
    upper: &[(f64, f64)],
    lower: &[(f64, f64)],
    alpha: f64,
) {
    let around: Vec<(f64, f64)> = upper.iter().chain(lower.iter().rev()).copied().collect();
    canvas.polygon(&around, Ink::Blue, alpha);
}

impl Kind for Latency {
    fn in_words(&self, unit: &str) -> String {
        let points = self.sound();
        let by = |of: fn(&LatencyPoint) -> f64| {
            move |one: &&LatencyPoint, other: &&LatencyPoint| of(one).total_cmp(&of(other))
        };
        let (Some(first), Some(last), Some(low), Some(high)) = (
            points.first(),
            points.last(),
            points.iter().min_by(by(|point| point.p50)),
            points.iter().max_by(by(|point| point.p99)),
        ) else {
            return "nothing measured".to_string();
        };
        let at = |point: &LatencyPoint| point.at.strftime("%-d %b %Y %H:%M UTC").to_string();
        let [p50, p95, p99] = [last.p50, last.p95, last.p99].map(figure);
        format!(
            "percentiles of latency; median {} {unit} at {}; last p50 {p50}, p95 {p95}, p99 {p99}; lowest median {} at {}, highest p99 {} at {}",
            figure(first.p50),
            at(first),
            figure(low.p50),
            at(low),
            figure(high.p99),
            at(high)
        )
    }

    fn heights(&self, width: f64) -> Heights {
        let points = self.sound();
        if points.is_empty() {
            return Heights::NOTHING;
        }
        let (_, _, rest) = self.plane(Area::new(0.0, 0.0, width, 400.0), &points);
        let all = rest.top + if width < 520.0 { 190.0 } else { 230.0 };
        Heights {
            least: rest.top + LOWEST,
            all,
        }
    }

    fn notes(&self, area: Area) -> Vec<String> {
        let points = self.sound();
        let (plane, _, _) = self.plane(area, &points);
        let mut notes = Vec::new();
        let is_shared = self.every.as_secs_f64() * plane.plot.width()
            < self.to.duration_since(self.from).as_secs_f64();
        if is_shared && !points.is_empty() {
            notes.push("each pixel shows the extremes of what it holds".to_string());
        }
        if plane.range.is_log {
            notes.push("equal distances are equal factors".to_string());
        }
        if !points.is_empty() {
            notes.push("grey: not measured".to_string());
        }
        notes.extend(zone_note(self.span(), plane.plot.width()));
        notes
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area) {
        let points = self.sound();
        let Some(last) = points.last() else {
            return key::nothing(canvas, area, "nothing measured");
        };
        let (plane, entries, rest) = self.plane(area, &points);
        let columns = self.columns(&plane, &points);
        key::draw(canvas, area, &entries);
        Self::gaps(canvas, &plane, &columns);
        plane.axes(canvas, rest);
        for whole in columns.chunk_by(|one, other| other.from - one.to <= 1.5) {
            let (p95, p99) = (
                side(whole, |column| column.p95),
                side(whole, |column| column.p99),
            );
            let lower = side(whole, |column| column.p50);
            band(canvas, &p99, &p95, BEYOND);
            band(canvas, &p95, &lower, WITHIN);
            canvas.line(&p99, Ink::Sky, 1.0);
            canvas.line(&median(whole), Ink::Blue, 2.0);
        }

        if entries.is_empty() {
            let x = columns.last().map_or(0.0, |column| column.to);
            let values = [last.p50, last.p95, last.p99];
            let all = names(last)
                .into_iter()
                .zip(values)
                .map(|(name, value)| End {
                    at: (x, plane.y(value)),
                    name,
                });
            let room = rest.right - plane.plot.right - 24.0;
            ends(canvas, plane.plot, room, all.collect());
        }
    }
}
