//! What was added and what was removed: stacked bars, those of the one upwards, those of the other downwards.

use jiff::civil::Date;
use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{Canvas, LINE, SMALL, Side};
use super::decimate::bins;
use super::ink::Ink;
use super::key::{self, Entry, Sample, kept};
use super::lettering::{short, width};
use super::scale::Range;
use super::{Heights, Kind};
use crate::render::line::grouped;

/// The narrowest bar with what parts it from the next.
const NARROWEST: f64 = 5.0;
/// The widest bar.
const WIDEST: f64 = 64.0;
/// Bars that still have their totals written on them.
const TOTALS: usize = 16;
/// Room for the labels of the axis, when it is asked how many bars fit.
const LABELS: f64 = 40.0;
/// Height of the labels below.
const BELOW: f64 = 22.0;

/// Counts per day, week or any number of days.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The day with which the first bar begins.
    pub from: Date,
    /// Days that one bar stands for, at least 1.
    pub days_per_bar: i64,
    /// How many bars there are.
    pub bars: usize,
    /// What a bar is made of, from the line outwards.
    pub parts: Vec<Part>,
}

/// One class of what is counted.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is called.
    pub name: String,
    /// Its colour.
    pub ink: Ink,
    /// Whether its bars hang below the line.
    pub is_below: bool,
    /// The count of each bar; missing ones are none.
    pub counts: Vec<u32>,
}

/// Bars as they are drawn.
struct Bars {
    days: i64,
    /// For each bar the count of each part.
    counts: Vec<Vec<u64>>,
}

/// Where everything is.
struct Plan {
    bars: Bars,
    plot: Area,
    range: Range,
    has_totals: bool,
    /// The middle of the labels below.
    dates: f64,
}

impl Changes {
    fn total(part: &Part) -> u64 {
        part.counts.iter().map(|count| u64::from(*count)).sum()
    }

    fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| Self::total(part) == 0)
    }

    /// Bars put together where there are more than fit.
    fn bars(&self, plot: f64) -> Bars {
        let most = (plot / NARROWEST).floor().max(1.0) as usize;
        let bins = bins(self.bars, most);
        let joined = bins.first().map_or(1, |(begin, end)| end - begin);
        let sum = |part: &Part, (begin, end): (usize, usize)| {
            let counts = part.counts.get(begin..end.min(part.counts.len()));
            counts
                .unwrap_or_default()
                .iter()
                .map(|count| u64::from(*count))
                .sum()
        };
        Bars {
            days: self
                .days_per_bar
                .max(1)
                .saturating_mul(i64::try_from(joined).unwrap_or(1)),
            counts: bins
                .into_iter()
                .map(|bin| self.parts.iter().map(|part| sum(part, bin)).collect())
                .collect(),
        }
    }

    /// What a bar reaches above and below the line.
    fn reach(&self, bar: &[u64]) -> (u64, u64) {
        self.parts
            .iter()
            .zip(bar)
            .fold((0, 0), |(above, below), (part, count)| {
                if part.is_below {
                    (above, below + count)
                } else {
                    (above + count, below)
                }
            })
    }

    fn entries(&self) -> Vec<Entry> {
        self.parts
            .iter()
            .filter(|part| Self::total(part) > 0)
            .map(|part| Entry {
                sample: Sample::Block(1.0),
                ink: part.ink,
                text: part.name.clone(),
                figure: grouped(usize::try_from(Self::total(part)).unwrap_or(usize::MAX)),
            })
            .collect()
    }

    fn plan(&self, area: Area) -> Plan {
        let bars = self.bars(area.width() - LABELS);
        let (above, below) = bars
            .counts
            .iter()
            .map(|bar| self.reach(bar))
            .fold((0, 0), |most, bar| (most.0.max(bar.0), most.1.max(bar.1)));
        let mut range = Range::linear([0.0, above as f64, -(below as f64)], 5);
        range.ticks.retain(|tick| tick.fract().abs() < 1e-9);
        let labels = range.ticks.iter().map(|tick| width(&label(*tick), SMALL));
        let left = labels.fold(0.0, f64::max).ceil() + 8.0;
        let has_totals = bars.counts.len() <= TOTALS;
        let over = if has_totals { LINE } else { 6.0 };
        let under = if has_totals && below > 0 { LINE } else { 0.0 };
        let rest = area.less(0.0, key::height(&self.entries(), area.width()), 0.0, 0.0);
        Plan {
            plot: rest.less(left, over, 0.0, BELOW + under),
            range,
            has_totals,
            dates: rest.bottom - BELOW + 13.0,
            bars,
        }
    }

    /// The parts of one bar, and its totals.
    fn bar<B: DrawingBackend>(
        &self,
        canvas: &mut Canvas<'_, B>,
        plan: &Plan,
        at: usize,
        bar: &[u64],
    ) {
        let slot = plan.slot();
        let thick = (slot * 0.72).clamp(2.0, WIDEST);
        let middle = plan.plot.left + slot * (at as f64 + 0.5);
        let (left, right) = (
            (middle - thick / 2.0).round(),
            (middle + thick / 2.0).round(),
        );
        let (mut above, mut below) = (0.0, 0.0);
        for (part, count) in self.parts.iter().zip(bar) {
            let (side, sign) = if part.is_below {
                (&mut below, -1.0)
            } else {
                (&mut above, 1.0)
            };
            let (from, to) = (plan.y(*side), plan.y(*side + sign * *count as f64));
            *side += sign * *count as f64;
            let (top, bottom) = (from.min(to), from.max(to));
            if *count > 0 {
                // what is there is seen, however few
                canvas.fill(Area::new(left, top, right, bottom.max(top + 1.0)), part.ink);
            }
        }
        for (n, away) in [(above, -8.0), (below, 8.0)] {
            let text = label(n);
            if plan.has_totals && n != 0.0 && width(&text, SMALL) < slot {
                let at = (middle, plan.y(n) + away);
                canvas.text(&text, at, SMALL, Ink::Text, Side::Middle);
            }
        }
    }

    fn day(&self, bars: &Bars, at: usize) -> Option<Date> {
        let days = i64::try_from(at).ok()?.checked_mul(bars.days)?;
        let span = jiff::Span::new().try_days(days).ok()?;
        self.from.checked_add(span).ok()
    }

    /// Dates below as many bars as have room for them.
    fn dates<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, plan: &Plan, sides: (f64, f64)) {
        let (bars, plot) = (&plan.bars, plan.plot);
        let slot = plan.slot();
        let last = self.day(bars, bars.counts.len().saturating_sub(1));
        let is_long = last.is_none_or(|last| last.year() != self.from.year());
        let format = match (slot >= 76.0 && bars.days == 1, is_long) {
            (true, _) => "%a %-d %b",
            (_, false) => "%-d %b",
            (_, true) => "%-d %b %Y",
        };
        let mut free = f64::NEG_INFINITY;
        for at in 0..bars.counts.len() {
            let Some(day) = self.day(bars, at) else { break };
            let format = if at == 0 && !format.starts_with("%a") {
                "%-d %b %Y"
            } else {
                format
            };
            let text = day.strftime(format).to_string();
            let half = width(&text, SMALL) / 2.0;
            let middle = plot.left + slot * (at as f64 + 0.5);
            let x = kept(&text, middle, sides);
            // a label that had to move away from its bar names another
            if x - half < free || (x - middle).abs() > slot.max(12.0) {
                continue;
            }
            canvas.text(&text, (x, plan.dates), SMALL, Ink::Quiet, Side::Middle);
            free = x + half + 14.0;
        }
    }

    fn busiest(&self) -> Option<(Date, u64)> {
        let bars = Bars {
            days: self.days_per_bar.max(1),
            counts: Vec::new(),
        };
        let total = |at: usize| {
            let counts = self.parts.iter().filter_map(|part| part.counts.get(at));
            counts.map(|count| u64::from(*count)).sum::<u64>()
        };
        let most = (0..self.bars).rev().max_by_key(|at| total(*at))?;
        Some((self.day(&bars, most)?, total(most)))
    }
}

impl Plan {
    fn slot(&self) -> f64 {
        self.plot.width() / self.bars.counts.len().max(1) as f64
    }

    fn y(&self, number: f64) -> f64 {
        (self.plot.bottom - self.range.share(number) * self.plot.height()).round()
    }
}

/// Counts have no sign: which side of the line they are on says it.
fn label(tick: f64) -> String {
    grouped(tick.abs().round() as usize)
}

impl Kind for Changes {
    fn in_words(&self, _: &str) -> String {
        let classes: Vec<String> = self
            .parts
            .iter()
            .filter(|part| Self::total(part) > 0)
            .map(|part| format!("{} {}", Self::total(part), short(&part.name)))
            .collect();
        match (classes.as_slice(), self.busiest()) {
            ([], _) | (_, None) => "no changes".to_string(),
            (classes, Some((day, n))) => {
                let from = day.strftime("%-d %b %Y");
                let what = match self.days_per_bar {
                    ..=1 => format!("most on {from}"),
                    days => format!("most in the {days} days from {from}"),
                };
                format!("bar chart, {}; {what} ({n})", classes.join(", "))
            }
        }
    }

    fn heights(&self, width: f64) -> Heights {
        if self.is_empty() {
            return Heights::NOTHING;
        }
        let key = key::height(&self.entries(), width);
        Heights {
            least: key + 110.0,
            all: key + 210.0,
        }
    }

    fn notes(&self, area: Area) -> Vec<String> {
        let bars = self.bars(area.width() - LABELS);
        let is_joined = bars.days != self.days_per_bar.max(1);
        is_joined
            .then(|| format!("each bar is {} days", bars.days))
            .into_iter()
            .collect()
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area) {
        if self.is_empty() {
            return key::nothing(canvas, area, "no changes");
        }
        key::draw(canvas, area, &self.entries());
        let plan = self.plan(area);
        let plot = plan.plot;
        let mut before = f64::INFINITY;
        for tick in &plan.range.ticks {
            let y = plan.y(*tick);
            let ink = if *tick == 0.0 { Ink::Rule } else { Ink::Grid };
            canvas.level((plot.left, plot.right), y, ink);
            if before - y >= LINE - 2.0 {
                before = y;
                let at = (plot.left - 6.0, y);
                canvas.text(&label(*tick), at, SMALL, Ink::Quiet, Side::End);
            }
        }
        for (at, bar) in plan.bars.counts.iter().enumerate() {
            self.bar(canvas, &plan, at, bar);
        }
        self.dates(canvas, &plan, (area.left, area.right));
    }
}
