//! When models end: firm dates and dates that are only floors, told by form and colour.

use jiff::civil::Date;
use jiff::{ToSpan, Unit};
use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{BODY, Canvas, Mark, SMALL, Side};
use super::ink::Ink;
use super::key::{self, Entry, Sample, kept};
use super::lettering::{short, width};
use super::plane::{TIMES, times};
use super::rows::{Names, fitting, left_out};
use super::scale::{Span, midnight};
use super::{Heights, Kind};
use crate::render::line::counted;

/// Height of a row.
const ROW: f64 = 24.0;
/// What the line of today takes above the rows.
const TODAY: f64 = 18.0;

/// Dates of models.
#[derive(Debug, Clone)]
pub struct Retirements {
    /// The day of the chart.
    pub today: Date,
    /// In any order; where there is no room for all, the nearest are shown.
    pub rows: Vec<Retirement>,
}

/// The end of one model somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retirement {
    /// Which model, and where: `gpt-4o · azure`.
    pub name: String,
    /// The day.
    pub date: Date,
    /// Whether the day is committed; otherwise the model ends then or later.
    pub is_firm: bool,
}

impl Retirement {
    fn label(&self) -> String {
        let day = self.date.strftime("%-d %b %Y");
        if self.is_firm {
            day.to_string()
        } else {
            format!("not before {day}")
        }
    }

    fn mark(&self) -> (Mark, Ink) {
        if self.is_firm {
            (Mark::Diamond, Ink::Vermilion)
        } else {
            (Mark::Right, Ink::Blue)
        }
    }
}

struct Plan<'a> {
    entries: Vec<Entry>,
    names: Names,
    rest: Area,
    rows: Vec<&'a Retirement>,
    span: Span,
    plot: (f64, f64),
}

impl Retirements {
    /// The nearest, in the order of their days; what is past comes after what is to come.
    fn nearest(&self, n: usize) -> Vec<&Retirement> {
        let mut rows: Vec<&Retirement> = self.rows.iter().collect();
        let distance = |row: &&Retirement| {
            let days = self.today.until((Unit::Day, row.date));
            let days = days.map_or(i32::MAX, |span| span.get_days());
            (days < 0, days.unsigned_abs(), row.name.clone())
        };
        rows.sort_by_cached_key(distance);
        rows.truncate(n);
        rows.sort_by(|one, other| (one.date, &one.name).cmp(&(other.date, &other.name)));
        rows
    }

    fn plan(&self, area: Area) -> Plan<'_> {
        let mut entries = Vec::new();
        for (is_firm, text) in [(true, "firm date"), (false, "not before: then or later")] {
            if let Some(row) = self.rows.iter().find(|row| row.is_firm == is_firm) {
                let (mark, ink) = row.mark();
                entries.push(Entry {
                    sample: Sample::Mark(mark),
                    ink,
                    text: text.to_string(),
                    figure: String::new(),
                });
            }
        }
        let rest = area.less(0.0, key::height(&entries, area.width()), 0.0, 0.0);
        let names = Names::new(rest, self.rows.iter().map(|row| row.name.as_str()));
        let room = rest.height() - TODAY - TIMES;
        let rows = self.nearest(fitting(room, ROW + names.height()));
        let labels = rows.iter().map(|row| width(&row.label(), SMALL));
        let label = labels.fold(0.0, f64::max).ceil() + 12.0;
        let first = rows.iter().map(|row| row.date).chain([self.today]).min();
        let last = rows.iter().map(|row| row.date).chain([self.today]).max();
        let (first, last) = (first.unwrap_or(self.today), last.unwrap_or(self.today));
        let last = if last > first {
            last
        } else {
            first.checked_add(30.days()).unwrap_or(Date::MAX)
        };
        Plan {
            plot: (rest.left + names.left(), rest.right - label),
            entries,
            names,
            rest,
            rows,
            span: Span::of_days(first, last),
        }
    }
}

impl Kind for Retirements {
    fn in_words(&self, _: &str) -> String {
        let all = self.nearest(usize::MAX);
        let (Some(first), Some(last)) = (all.first(), all.last()) else {
            return "no retirement dates".to_string();
        };
        let firm = all.iter().filter(|row| row.is_firm).count();
        let next = all.iter().find(|row| row.date >= self.today && row.is_firm);
        let next = next.map_or(String::new(), |row| {
            format!(", next firm {} on {}", short(&row.name), row.label())
        });
        format!(
            "time line of {}, {firm} firm and {} not before a day; first {}, {}; last {}, {}{next}",
            counted(all.len(), "date"),
            all.len() - firm,
            short(&first.name),
            first.label(),
            short(&last.name),
            last.label()
        )
    }

    fn heights(&self, width: f64) -> Heights {
        if self.rows.is_empty() {
            return Heights::NOTHING;
        }
        let plan = self.plan(Area::new(0.0, 0.0, width, 100.0));
        let around = plan.rest.top + TODAY + TIMES + 2.0;
        Heights::of_rows(around, ROW + plan.names.height(), self.rows.len())
    }

    fn notes(&self, area: Area) -> Vec<String> {
        let shown = self.plan(area).rows.len();
        let left = left_out(self.rows.len(), shown, "date");
        left.map(|left| format!("the nearest: {left}"))
            .into_iter()
            .collect()
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area) {
        if self.rows.is_empty() {
            return key::nothing(canvas, area, "no retirement dates known");
        }
        let plan = self.plan(area);
        key::draw(canvas, area, &plan.entries);
        let (left, right) = plan.plot;
        let x = |day: Date| left + plan.span.share(midnight(day)) * (right - left);
        let height = ROW + plan.names.height();
        let top = plan.rest.top + TODAY;
        let bottom = top + height * plan.rows.len() as f64;
        let today = x(self.today);
        for (at, row) in plan.rows.iter().enumerate() {
            let whole = Area::new(
                plan.rest.left,
                top + height * at as f64,
                plan.rest.right,
                top + height * (at + 1) as f64,
            );
            canvas.level((whole.left, whole.right), whole.top, Ink::Grid);
            plan.names.draw(canvas, whole, &row.name, 0.0);
            let rest = plan.names.rest(whole);
            let y = rest.middle().1;
            canvas.upright(today, (rest.top, rest.bottom), Ink::Text);
            let end = x(row.date);
            let (mark, ink) = row.mark();
            let between = (today.min(end), today.max(end) - 5.0);
            if row.is_firm {
                canvas.fill(Area::new(between.0, y - 1.0, between.1, y + 1.0), ink);
            } else {
                canvas.level_dashes(between, y, 2.0, ink);
            }
            canvas.mark(mark, (end, y), 5.0, ink);
            canvas.text(&row.label(), (end + 10.0, y), SMALL, Ink::Text, Side::Start);
        }
        let label = kept("today", today, (area.left, area.right));
        canvas.text(
            "today",
            (label, top - 11.0),
            BODY - 1.0,
            Ink::Text,
            Side::Middle,
        );
        let plot = Area::new(left, top, right, bottom);
        times(canvas, plan.span, plot, (area.left, area.right));
    }
}
