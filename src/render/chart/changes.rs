//! What was added and what was removed: stacked bars, those of the one upwards, those of the other downwards.

use jiff::ToSpan;
use jiff::civil::Date;
use plotters::prelude::DrawingBackend;

use super::Kind;
use super::area::Area;
use super::canvas::{BODY, Canvas, LINE, SMALL, Side};
use super::decimate::bins;
use super::ink::Ink;
use super::key::{self, Entry, Sample, kept};
use super::lettering::width;
use super::scale::Range;
use crate::render::line::grouped;

/// The narrowest bar with what parts it from the next.
const NARROWEST: f64 = 5.0;
/// The widest bar.
const WIDEST: f64 = 64.0;
/// Bars that still have their totals written on them.
const TOTALS: usize = 16;
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

impl Changes {
    fn total(part: &Part) -> u64 {
        part.counts.iter().map(|count| u64::from(*count)).sum()
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
            .map(|part| Entry {
                sample: Sample::Block(1.0),
                ink: part.ink,
                text: format!(
                    "{} {}",
                    part.name,
                    grouped(usize::try_from(Self::total(part)).unwrap_or(usize::MAX))
                ),
            })
            .collect()
    }

    /// How many changes there are, and where the bars are.
    fn plot(&self, area: Area) -> (Area, Range) {
        let guess = self.bars((area.width() - 40.0).max(1.0));
        let reaches: Vec<(u64, u64)> = guess.counts.iter().map(|bar| self.reach(bar)).collect();
        let above = reaches.iter().map(|reach| reach.0).max().unwrap_or(0);
        let below = reaches.iter().map(|reach| reach.1).max().unwrap_or(0);
        let top = if above + below == 0 {
            1.0
        } else {
            above as f64
        };
        let mut range = Range::linear([0.0, top, -(below as f64)], 5);
        range.ticks.retain(|tick| tick.fract().abs() < 1e-9);
        let labels = range.ticks.iter().map(|tick| width(&label(*tick), SMALL));
        let left = labels.fold(0.0, f64::max).ceil() + 8.0;
        let totals = guess.counts.len() <= TOTALS;
        let (over, under) = match (totals, below > 0) {
            (true, true) => (LINE, LINE),
            (true, false) => (LINE, 0.0),
            _ => (6.0, 0.0),
        };
        let rest = area.less(0.0, key::height(&self.entries(), area.width()), 0.0, 0.0);
        (rest.less(left, over, 0.0, BELOW + under), range)
    }

    fn day(&self, bars: &Bars, at: usize) -> Option<Date> {
        let days = i64::try_from(at).ok()?.checked_mul(bars.days)?;
        self.from.checked_add(i32::try_from(days).ok()?.days()).ok()
    }

    /// Dates below as many bars as have room for them.
    fn dates<B: DrawingBackend>(
        &self,
        canvas: &mut Canvas<'_, B>,
        bars: &Bars,
        plot: Area,
        sides: (f64, f64),
    ) {
        let slot = plot.width() / bars.counts.len().max(1) as f64;
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
            let text = day.strftime(format).to_string();
            let half = width(&text, SMALL) / 2.0;
            let middle = plot.left + slot * (at as f64 + 0.5);
            let x = kept(&text, middle, sides);
            // a label that had to move away from its bar names another
            if x - half < free || (x - middle).abs() > slot.max(12.0) {
                continue;
            }
            canvas.text(
                &text,
                (x, sides_bottom(plot)),
                SMALL,
                Ink::Quiet,
                Side::Middle,
            );
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

fn sides_bottom(plot: Area) -> f64 {
    plot.bottom + 13.0
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
            .map(|part| format!("{} {}", Self::total(part), part.name))
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

    fn height(&self, width: f64) -> f64 {
        key::height(&self.entries(), width) + 210.0
    }

    fn notes(&self, area: Area) -> Vec<String> {
        let (plot, _) = self.plot(area);
        let bars = self.bars(plot.width());
        let is_joined = bars.days != self.days_per_bar.max(1);
        is_joined
            .then(|| format!("each bar is {} days", bars.days))
            .into_iter()
            .collect()
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area) {
        key::draw(canvas, area, &self.entries());
        let (plot, range) = self.plot(area);
        let bars = self.bars(plot.width());
        let y = |number: f64| (plot.bottom - range.share(number) * plot.height()).round();
        for tick in &range.ticks {
            let ink = if *tick == 0.0 { Ink::Rule } else { Ink::Grid };
            canvas.level((plot.left, plot.right), y(*tick), ink);
            canvas.text(
                &label(*tick),
                (plot.left - 6.0, y(*tick)),
                SMALL,
                Ink::Quiet,
                Side::End,
            );
        }
        let slot = plot.width() / bars.counts.len().max(1) as f64;
        let thick = (slot * 0.72).min(WIDEST).max(2.0);
        for (at, bar) in bars.counts.iter().enumerate() {
            let middle = plot.left + slot * (at as f64 + 0.5);
            let (left, right) = (
                (middle - thick / 2.0).round(),
                (middle + thick / 2.0).round(),
            );
            let (mut above, mut below) = (0.0, 0.0);
            for (part, count) in self.parts.iter().zip(bar) {
                let side = if part.is_below {
                    &mut below
                } else {
                    &mut above
                };
                let sign = if part.is_below { -1.0 } else { 1.0 };
                let (from, to) = (y(*side), y(*side + sign * *count as f64));
                *side += sign * *count as f64;
                // what is there is seen, however few
                let (top, bottom) = (from.min(to), from.max(to));
                if *count > 0 {
                    canvas.fill(Area::new(left, top, right, bottom.max(top + 1.0)), part.ink);
                }
            }
            if bars.counts.len() <= TOTALS {
                let total = |canvas: &mut Canvas<'_, B>, n: f64, at: f64| {
                    let text = label(n);
                    if n != 0.0 && width(&text, SMALL) < slot {
                        canvas.text(&text, (middle, at), SMALL, Ink::Text, Side::Middle);
                    }
                };
                total(canvas, above, y(above) - 8.0);
                total(canvas, below, y(below) + 8.0);
            }
        }
        let under = if range.low < 0.0 && bars.counts.len() <= TOTALS {
            LINE
        } else {
            0.0
        };
        let foot = plot.less(0.0, 0.0, 0.0, -under);
        self.dates(canvas, &bars, foot, (area.left, area.right));
        if self.parts.iter().all(|part| Self::total(part) == 0) {
            let (x, y) = plot.middle();
            canvas.text("no changes", (x, y), BODY, Ink::Quiet, Side::Middle);
        }
    }
}
