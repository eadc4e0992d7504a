//! Prices as steps: each stands from a day to a day, and what is not known is a gap.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{BODY, Canvas, Mark};
use super::decimate::thin;
use super::ink::Ink;
use super::key;
use super::lettering::{fit, short, tame};
use super::plane::{End, Name, Plane, ends, line_entries, lowest, names_room, zone_note};
use super::scale::{Range, Span, sane};
use super::{Heights, Kind};

/// A history of prices.
#[derive(Debug, Clone)]
pub struct Prices {
    /// The left side of the chart.
    pub from: Timestamp,
    /// The right side of the chart.
    pub to: Timestamp,
    /// A line each; the first seven are drawn.
    pub series: Vec<PriceSeries>,
}

/// One price over time.
#[derive(Debug, Clone)]
pub struct PriceSeries {
    /// Whose price it is: `azure GlobalStandard`.
    pub name: String,
    /// In any order.
    pub steps: Vec<PriceStep>,
}

/// A price and how long it stood.
#[derive(Debug, Clone)]
pub struct PriceStep {
    /// From when on it is valid.
    pub from: Timestamp,
    /// Until when; `None` if it still is, or until the next step.
    pub to: Option<Timestamp>,
    /// `None` while it is not known.
    pub price: Option<Amount>,
}

/// Money as it is placed and as it is written.
#[derive(Debug, Clone)]
pub struct Amount {
    /// Where it is drawn.
    pub value: f64,
    /// What is said of it: `$1.25`.
    pub text: String,
}

/// A step that can be drawn.
struct Drawn<'a> {
    from: Timestamp,
    to: Timestamp,
    value: f64,
    text: &'a str,
}

/// The most room that an amount takes.
const MONEY: f64 = 110.0;
/// Marks that are closer than this are left out.
const CLOSE: f64 = 9.0;

impl PriceSeries {
    /// Its known steps inside a span, in order and without overlap.
    fn drawn(&self, span: Span) -> Vec<Drawn<'_>> {
        let mut steps: Vec<&PriceStep> = self.steps.iter().collect();
        steps.sort_by_key(|step| step.from);
        let nexts = steps.iter().skip(1).map(|step| step.from).chain([span.to]);
        steps
            .iter()
            .zip(nexts)
            .filter_map(|(step, next)| {
                let price = step.price.as_ref()?;
                let (from, to) = (step.from.max(span.from), step.to.unwrap_or(next));
                let to = to.min(next).min(span.to);
                (from < to).then_some(Drawn {
                    from,
                    to,
                    value: sane(price.value)?,
                    text: &price.text,
                })
            })
            .collect()
    }
}

impl Prices {
    fn span(&self) -> Span {
        Span::new(self.from, self.to)
    }

    fn shown(&self) -> impl Iterator<Item = (Ink, &PriceSeries)> {
        Ink::SERIES.into_iter().zip(&self.series)
    }

    fn range(&self) -> Range {
        let span = self.span();
        let values = self
            .shown()
            .flat_map(|(_, series)| series.drawn(span))
            .map(|step| step.value);
        let values: Vec<f64> = values.collect();
        let low = values.iter().copied().reduce(f64::min).unwrap_or(0.0);
        let high = values.iter().copied().reduce(f64::max).unwrap_or(0.0);
        if low > 0.0 && high / low > 40.0 {
            Range::logarithmic(values, 5)
        } else {
            Range::linear(values.into_iter().chain([0.0]), 5)
        }
    }

    /// The names of the lines with what they say last.
    fn names(&self) -> Vec<Name> {
        let span = self.span();
        let figure = |series: &PriceSeries| match series.drawn(span).last() {
            Some(last) if last.to < span.to => format!("last {}", tame(last.text)),
            Some(last) => tame(last.text),
            None => "not known".to_string(),
        };
        self.shown()
            .map(|(ink, series)| Name {
                sample: key::Sample::Line,
                ink,
                text: series.name.clone(),
                figure: fit(&figure(series), BODY, MONEY),
            })
            .collect()
    }

    fn is_empty(&self) -> bool {
        let span = self.span();
        self.series
            .iter()
            .all(|series| series.drawn(span).is_empty())
    }

    fn plane(&self, area: Area) -> (Plane, Vec<key::Entry>, Area) {
        let names = self.names();
        let room = names_room(area, &names);
        let entries = if room > 0.0 {
            Vec::new()
        } else {
            line_entries(&names)
        };
        let rest = area.less(0.0, key::height(&entries, area.width()), 0.0, 0.0);
        let plane = Plane::new(rest, self.span(), self.range(), room);
        (plane, entries, rest)
    }
}

fn day(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    at.strftime("%-d %b %Y").to_string()
}

/// One line from where a price begins to be known to where it ends.
fn line<B: DrawingBackend>(
    canvas: &mut Canvas<'_, B>,
    plane: &Plane,
    steps: &[Drawn<'_>],
    ink: Ink,
) {
    let points: Vec<(f64, f64)> = steps
        .iter()
        .flat_map(|step| {
            let y = plane.y(step.value);
            [(plane.x(step.from), y), (plane.x(step.to), y)]
        })
        .collect();
    canvas.line(&thin(&points), ink, 2.0);
    let mut before = f64::NEG_INFINITY;
    for step in steps {
        let x = plane.x(step.from);
        if step.from > plane.span.from && x - before > CLOSE {
            canvas.mark(Mark::Dot, (x, plane.y(step.value)), 3.2, ink);
            before = x;
        }
    }
    if let Some(last) = steps.last() {
        let at = (plane.x(last.to), plane.y(last.value));
        if last.to < plane.span.to && at.0 - before > CLOSE / 2.0 {
            canvas.mark(Mark::Dot, at, 3.6, Ink::Paper);
            canvas.mark(Mark::Ring, at, 3.6, ink);
        }
    }
}

impl Kind for Prices {
    fn in_words(&self, unit: &str) -> String {
        let span = self.span();
        let lines: Vec<String> = self
            .shown()
            .map(|(_, series)| {
                let steps = series.drawn(span);
                let by_value =
                    |one: &&Drawn<'_>, other: &&Drawn<'_>| one.value.total_cmp(&other.value);
                let (Some(first), Some(last), Some(low), Some(high)) = (
                    steps.first(),
                    steps.last(),
                    steps.iter().min_by(by_value),
                    steps.iter().max_by(by_value),
                ) else {
                    return format!("{} not known", short(&series.name));
                };
                let extremes = if steps.len() > 2 {
                    format!(", lowest {}, highest {}", short(low.text), short(high.text))
                } else {
                    String::new()
                };
                format!(
                    "{} {} from {}, {} until {}{extremes}",
                    short(&series.name),
                    short(first.text),
                    day(first.from),
                    short(last.text),
                    day(last.to)
                )
            })
            .collect();
        match lines.as_slice() {
            [] => "no prices".to_string(),
            lines if unit.is_empty() => format!("prices in steps; {}", lines.join("; ")),
            lines => format!("prices in steps, {unit}; {}", lines.join("; ")),
        }
    }

    fn heights(&self, width: f64) -> Heights {
        if self.is_empty() {
            return Heights::NOTHING;
        }
        let area = Area::new(0.0, 0.0, width, 400.0);
        let (_, _, rest) = self.plane(area);
        let all = rest.top + if width < 520.0 { 190.0 } else { 240.0 };
        Heights {
            least: rest.top + lowest(area, &self.names()),
            all,
        }
    }

    fn notes(&self, area: Area) -> Vec<String> {
        let (plane, _, _) = self.plane(area);
        let mut notes = Vec::new();
        let left = self.series.len().saturating_sub(Ink::SERIES.len());
        if left > 0 {
            notes.push(format!("{left} more not shown"));
        }
        if !self.is_empty() {
            notes.push("dot: valid from, ring: valid until, gap: not known".to_string());
        }
        if plane.range.is_log {
            notes.push("equal distances are equal factors".to_string());
        }
        notes.extend(zone_note(self.span(), plane.plot.width()));
        notes
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area) {
        if self.is_empty() {
            return key::nothing(canvas, area, "no prices recorded");
        }
        let (plane, entries, rest) = self.plane(area);
        key::draw(canvas, area, &entries);
        plane.axes(canvas, rest);
        let mut all = Vec::new();
        for ((ink, series), name) in self.shown().zip(self.names()) {
            let steps = series.drawn(self.span());
            for known in steps.chunk_by(|one, other| one.to == other.from) {
                line(canvas, &plane, known, ink);
            }
            let at = steps.last().map_or((0.0, plane.plot.bottom), |last| {
                (plane.x(last.to), plane.y(last.value))
            });
            all.push(End { at, name });
        }
        if entries.is_empty() {
            let room = rest.right - plane.plot.right - 24.0;
            ends(canvas, plane.plot, room, all);
        }
    }
}
