//! How many days after the first a model came to each provider: a dot a provider; what is not known apart from the scale.

mod placing;

use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{Canvas, Mark, SMALL, Side};
use super::ink::Ink;
use super::key::{self, Entry, Sample, kept};
use super::lettering::{fit, short, tame, width};
use super::plane::is_wide;
use super::rows::{Names, left_out};
use super::scale::{Range, number, sane};
use super::{Heights, Kind};
use crate::render::line::counted;

use placing::{DOTS, LANE, Laid, MARK, lay};

/// The most providers of a model that are looked at.
const MOST: usize = 40;
/// Days that the scale reaches in any case.
const LEAST: f64 = 5.0;
/// Height of the axis.
const AXIS: f64 = 38.0;

/// Models and when they came where.
#[derive(Debug, Clone)]
pub struct Lag {
    /// A row each.
    pub rows: Vec<LagRow>,
}

/// One model.
#[derive(Debug, Clone)]
pub struct LagRow {
    /// Its name.
    pub name: String,
    /// Providers, and when they had it.
    pub providers: Vec<(String, Parity)>,
}

/// When a provider had a model, counted from the first that did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Parity {
    /// This many days later; 0 for the first.
    Days(f64),
    /// It is offered, and it is not known since when.
    SinceUnknown,
    /// It is not offered yet, after this many days if that is known.
    NotYet(Option<f64>),
}

struct Plan {
    entries: Vec<Entry>,
    names: Names,
    rest: Area,
    range: Range,
    /// Where what stands apart begins, and its width; below the dots in a narrow chart.
    apart: [(f64, f64); 2],
    is_below: bool,
    scale: (f64, f64),
    rows: Vec<Laid>,
    shown: usize,
}

impl LagRow {
    fn known(&self) -> Vec<(&str, f64)> {
        let mut known: Vec<(&str, f64)> = self
            .providers
            .iter()
            .filter_map(|(name, parity)| match parity {
                Parity::Days(days) => Some((name.as_str(), sane(*days)?.max(0.0))),
                _ => None,
            })
            .take(MOST)
            .collect();
        known.sort_by(|one, other| one.1.total_cmp(&other.1).then(one.0.cmp(other.0)));
        known
    }

    fn unknown(&self) -> String {
        let is_unknown = |(_, parity): &&(String, Parity)| *parity == Parity::SinceUnknown;
        let names = self.providers.iter().filter(is_unknown).take(MOST);
        names
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn not_yet(&self) -> String {
        let names = self
            .providers
            .iter()
            .filter_map(|(name, parity)| match parity {
                Parity::NotYet(Some(days)) if sane(*days).is_some() => Some(format!(
                    "{name}\u{a0}>{}\u{a0}d",
                    number(days.max(0.0), 1.0)
                )),
                Parity::NotYet(_) => Some(name.clone()),
                _ => None,
            });
        names.take(MOST).collect::<Vec<_>>().join(", ")
    }
}

impl Lag {
    fn all_known(&self) -> impl Iterator<Item = f64> {
        self.rows
            .iter()
            .flat_map(|row| row.known())
            .map(|(_, days)| days)
    }

    fn entries(&self) -> Vec<Entry> {
        let has = |is: fn(&Parity) -> bool| {
            self.rows
                .iter()
                .flat_map(|row| &row.providers)
                .any(|(_, parity)| is(parity))
        };
        let kinds: [(bool, Mark, Ink, &str); 3] = [
            (
                has(|parity| matches!(parity, Parity::Days(_))),
                Mark::Dot,
                Ink::Blue,
                "listed",
            ),
            (
                has(|parity| matches!(parity, Parity::SinceUnknown)),
                Mark::Left,
                Ink::Orange,
                "not known since when",
            ),
            (
                has(|parity| matches!(parity, Parity::NotYet(_))),
                Mark::Ring,
                Ink::Vermilion,
                "not offered yet",
            ),
        ];
        kinds
            .into_iter()
            .filter(|(has, ..)| *has)
            .map(|(_, mark, ink, text)| Entry {
                sample: Sample::Mark(mark),
                ink,
                text: text.to_string(),
                figure: String::new(),
            })
            .collect()
    }

    fn plan(&self, area: Area) -> Plan {
        let entries = self.entries();
        let rest = area.less(0.0, key::height(&entries, area.width()), 0.0, 0.0);
        let names = Names::above_if_narrow(rest, self.rows.iter().map(|row| row.name.as_str()));
        let is_below = !is_wide(area);
        let widest = |of: fn(&LagRow) -> String| {
            let texts = self.rows.iter().map(|row| width(&tame(&of(row)), SMALL));
            let widest = texts.fold(0.0, f64::max).ceil();
            match widest {
                0.0 => 0.0,
                _ if is_below => 0.0,
                widest => (widest + 22.0).min(area.width() * 0.21),
            }
        };
        let apart = (widest(LagRow::unknown), widest(LagRow::not_yet));
        let left = rest.left + names.left();
        let scale = (left + apart.0 + 8.0, rest.right - apart.1 - 8.0);
        let range = Range::linear(self.all_known().chain([0.0, LEAST]), 5);
        let apart = if is_below {
            [(left, rest.right - left); 2]
        } else {
            [(left, apart.0), (rest.right - apart.1, apart.1)]
        };
        let rows: Vec<Laid> = self
            .rows
            .iter()
            .map(|row| lay(row, scale, &range, (apart.map(|(_, room)| room), is_below)))
            .collect();
        let mut left = rest.height() - AXIS;
        let shown = rows
            .iter()
            .take_while(|row| {
                left -= row.height() + names.height();
                left >= -1e-6
            })
            .count();
        Plan {
            entries,
            names,
            rest,
            range,
            apart,
            is_below,
            scale,
            rows,
            shown,
        }
    }
}

/// `1 day`, `12 days`.
fn days(days: f64) -> String {
    counted(days.round() as usize, "day")
}

impl Plan {
    /// The scale, its labels, and lines that part what stands apart.
    fn axis<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area, bottom: f64) {
        let (left, right) = self.scale;
        canvas.level((left, right), bottom, Ink::Rule);
        let mut free = f64::NEG_INFINITY;
        for tick in &self.range.ticks {
            let x = left + self.range.share(*tick) * (right - left);
            canvas.upright(x, (self.rest.top, bottom), Ink::Grid);
            let text = self.range.label(*tick);
            let half = width(&text, SMALL) / 2.0;
            if x - half > free {
                canvas.text(&text, (x, bottom + 12.0), SMALL, Ink::Quiet, Side::Middle);
                free = x + half + 8.0;
            }
        }
        let what = fit("days after the first provider", SMALL, area.width());
        let x = kept(&what, (left + right) / 2.0, (area.left, area.right));
        canvas.text(&what, (x, bottom + 27.0), SMALL, Ink::Quiet, Side::Middle);
    }

    fn row<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, whole: Area, row: &Laid) {
        let y = self.names.rest(whole).top + DOTS / 2.0;
        let lane = |lane: usize| match lane {
            0 => y,
            lane => y + DOTS / 2.0 + LANE * (lane as f64 - 0.5) - 1.0,
        };
        for name in row.names.iter().filter(|name| name.has_line) {
            canvas.upright(
                name.dot - 0.5,
                (y, lane(name.lane) - LANE / 2.0 + 1.0),
                Ink::Rule,
            );
        }
        for dot in &row.dots {
            canvas.mark(Mark::Dot, (*dot, y), 4.5, Ink::Blue);
        }
        for name in &row.names {
            for (at, line) in name.lines.iter().enumerate() {
                let at = (name.left, lane(name.lane + at));
                canvas.text(line, at, SMALL, Ink::Text, Side::Start);
            }
        }
        let mut first = if self.is_below { row.lanes.0 + 1 } else { 0 };
        let marks = [(Mark::Left, Ink::Orange), (Mark::Ring, Ink::Vermilion)];
        for ((lines, (left, _)), (mark, ink)) in row.apart.iter().zip(self.apart).zip(marks) {
            for (at, line) in lines.iter().enumerate() {
                if at == 0 {
                    canvas.mark(mark, (left + 6.0, lane(first)), 4.5, ink);
                }
                let at = (left + MARK, lane(first + at));
                canvas.text(line, at, SMALL, Ink::Text, Side::Start);
            }
            if self.is_below {
                first += lines.len();
            }
        }
    }
}

impl Kind for Lag {
    fn in_words(&self, _: &str) -> String {
        let mut all: Vec<(&str, &str, f64)> = self
            .rows
            .iter()
            .flat_map(|row| {
                row.known()
                    .into_iter()
                    .map(|(name, days)| (row.name.as_str(), name, days))
            })
            .collect();
        let count = |is: fn(&Parity) -> bool| {
            let providers = self.rows.iter().flat_map(|row| &row.providers);
            providers.filter(|(_, parity)| is(parity)).count()
        };
        all.sort_by(|one, other| one.2.total_cmp(&other.2));
        let apart = format!(
            "{} not known since when, {} not offered yet",
            count(|parity| *parity == Parity::SinceUnknown),
            count(|parity| matches!(parity, Parity::NotYet(_)))
        );
        if self.rows.is_empty() {
            return "no models".to_string();
        }
        match (all.iter().find(|dot| dot.2 > 0.0), all.last()) {
            (Some(shortest), Some(longest)) => format!(
                "dot plot of {}; shortest wait {} at {} ({}), longest {} at {} ({}); {apart}",
                counted(self.rows.len(), "model"),
                short(shortest.0),
                short(shortest.1),
                days(shortest.2),
                short(longest.0),
                short(longest.1),
                days(longest.2)
            ),
            _ => format!(
                "dot plot of {} models; nobody waited; {apart}",
                self.rows.len()
            ),
        }
    }

    fn heights(&self, width: f64) -> Heights {
        if self.rows.is_empty() {
            return Heights::NOTHING;
        }
        let plan = self.plan(Area::new(0.0, 0.0, width, 100.0));
        let rows = plan
            .rows
            .iter()
            .map(|row| row.height() + plan.names.height());
        let around = plan.rest.top + AXIS + 1.0;
        Heights {
            least: around + rows.clone().next().unwrap_or(0.0),
            all: around + rows.sum::<f64>(),
        }
    }

    fn notes(&self, area: Area) -> Vec<String> {
        let plan = self.plan(area);
        let rows = left_out(self.rows.len(), plan.shown, "model");
        let unnamed: usize = plan
            .rows
            .iter()
            .take(plan.shown)
            .map(|row| row.unnamed)
            .sum();
        let unnamed = (unnamed > 0).then(|| format!("{unnamed} dots without a name"));
        rows.into_iter().chain(unnamed).collect()
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area) {
        if self.rows.is_empty() {
            return key::nothing(canvas, area, "no models to compare");
        }
        let plan = self.plan(area);
        key::draw(canvas, area, &plan.entries);
        let heights = plan
            .rows
            .iter()
            .take(plan.shown)
            .map(|row| row.height() + plan.names.height());
        let bottom = plan.rest.top + heights.sum::<f64>();
        plan.axis(canvas, area, bottom);
        let mut top = plan.rest.top;
        for (row, laid) in self.rows.iter().zip(&plan.rows).take(plan.shown) {
            let height = laid.height() + plan.names.height();
            let whole = Area::new(plan.rest.left, top, plan.rest.right, top + height);
            canvas.level((whole.left, whole.right), top, Ink::Grid);
            let head = Area::new(whole.left, whole.top, whole.right, whole.top + DOTS);
            plan.names.draw(canvas, head, &row.name, 0.0);
            plan.row(canvas, whole, laid);
            top += height;
        }
    }
}
