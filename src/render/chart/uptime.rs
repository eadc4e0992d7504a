//! How sources and endpoints stood: a strip a row, a bar an hour or a day; what is worse is taller.

use jiff::{SignedDuration, Timestamp};
use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{BODY, Canvas, Side};
use super::decimate::bins;
use super::ink::Ink;
use super::key::{self, Entry, Sample};
use super::lettering::{fit, short, tame, width};
use super::plane::{TIMES, times, zone_note};
use super::rows::{Names, fitting, left_out};
use super::scale::Span;
use super::{Heights, Kind};

/// Height of a bar of the worst, and of a row.
const BAR: f64 = 20.0;
const ROW: f64 = 30.0;
/// The narrowest bar.
const NARROWEST: f64 = 4.0;
/// The most room that the figures beside strips take.
const FIGURE: f64 = 110.0;

/// Strips below each other.
#[derive(Debug, Clone)]
pub struct Uptime {
    /// When the first bar begins.
    pub from: Timestamp,
    /// How long each bar stands for: an hour, a day.
    pub every: SignedDuration,
    /// The strips.
    pub rows: Vec<UptimeRow>,
    /// What makes a bar degraded or down; empty if nothing is to be said.
    pub limits: String,
}

/// One strip.
#[derive(Debug, Clone)]
pub struct UptimeRow {
    /// Whose it is.
    pub name: String,
    /// What stands beside it: `99.98 %`.
    pub figure: String,
    /// One a bar, from the first on.
    pub bars: Vec<State>,
}

/// How something stood in an hour or a day. Ordered from what says least to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing was measured.
    Unmeasured,
    /// It answered.
    Up,
    /// Our own network may have been down.
    Inconclusive,
    /// It was slow, or failed in part.
    Degraded,
    /// It did not answer.
    Down,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Up,
        Self::Degraded,
        Self::Down,
        Self::Inconclusive,
        Self::Unmeasured,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Unmeasured => "not measured",
            Self::Up => "up",
            Self::Inconclusive => "inconclusive",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }

    fn ink(self) -> Ink {
        match self {
            Self::Unmeasured => Ink::Rule,
            Self::Up => Ink::Green,
            Self::Inconclusive => Ink::Purple,
            Self::Degraded => Ink::Orange,
            Self::Down => Ink::Vermilion,
        }
    }

    /// Of the tallest bar.
    fn share(self) -> f64 {
        match self {
            Self::Unmeasured => 0.1,
            Self::Up | Self::Inconclusive => 0.5,
            Self::Degraded => 0.75,
            Self::Down => 1.0,
        }
    }
}

/// Where everything is.
struct Plan {
    entries: Vec<Entry>,
    names: Names,
    figures: f64,
    rest: Area,
    rows: usize,
    strip: (f64, f64),
    bins: Vec<(usize, usize)>,
}

impl Uptime {
    fn length(&self) -> usize {
        self.rows
            .iter()
            .map(|row| row.bars.len())
            .max()
            .unwrap_or(0)
    }

    fn span(&self) -> Span {
        let n = i32::try_from(self.length().max(1)).unwrap_or(i32::MAX);
        let length = self.every.checked_mul(n).unwrap_or(SignedDuration::MAX);
        let to = self.from.checked_add(length).unwrap_or(Timestamp::MAX);
        Span::new(self.from, to)
    }

    fn count(&self, state: State) -> usize {
        let bars = self.rows.iter().flat_map(|row| &row.bars);
        bars.filter(|bar| **bar == state).count()
    }

    fn plan(&self, area: Area) -> Plan {
        let entries: Vec<Entry> = State::ALL
            .into_iter()
            .filter(|state| self.count(*state) > 0)
            .map(|state| Entry {
                sample: match state {
                    State::Inconclusive => Sample::Frame,
                    state => Sample::Block(state.share()),
                },
                ink: state.ink(),
                text: state.word().to_string(),
                figure: String::new(),
            })
            .collect();
        let rest = area.less(0.0, key::height(&entries, area.width()), 0.0, 0.0);
        let names = Names::new(rest, self.rows.iter().map(|row| row.name.as_str()));
        let widest = self.rows.iter().map(|row| width(&tame(&row.figure), BODY));
        let figures = widest.fold(0.0, f64::max).ceil().min(FIGURE);
        let right = match (names.are_above, figures > 0.0) {
            (false, true) => rest.right - figures - 10.0,
            _ => rest.right,
        };
        let strip = (rest.left + names.left(), right);
        let most = ((strip.1 - strip.0) / NARROWEST).floor().max(1.0) as usize;
        Plan {
            rows: fitting(rest.height() - TIMES, ROW + names.height()).min(self.rows.len()),
            bins: bins(self.length(), most),
            entries,
            names,
            figures,
            rest,
            strip,
        }
    }
}

impl Plan {
    /// The bars of a row, state by state: what looks the same is written together.
    fn strip<B: DrawingBackend>(
        &self,
        canvas: &mut Canvas<'_, B>,
        row: &UptimeRow,
        slot: f64,
        bottom: f64,
    ) {
        let states: Vec<State> = self.bins.iter().map(|bin| row.worst(*bin)).collect();
        for state in State::ALL {
            for (bin, _) in self
                .bins
                .iter()
                .zip(&states)
                .filter(|(_, of)| **of == state)
            {
                let at = |bar: usize| (self.strip.0 + slot * bar as f64).round();
                let (from, to) = (at(bin.0), at(bin.1));
                let gap = if to - from >= 4.0 { 1.0 } else { 0.0 };
                bar(canvas, (from, to - gap), bottom, state);
            }
        }
    }
}

impl UptimeRow {
    /// The worst of some bars.
    fn worst(&self, (begin, end): (usize, usize)) -> State {
        let bars = self.bars.get(begin..end.min(self.bars.len()));
        bars.unwrap_or_default()
            .iter()
            .copied()
            .max()
            .unwrap_or(State::Unmeasured)
    }
}

fn bar<B: DrawingBackend>(
    canvas: &mut Canvas<'_, B>,
    (left, right): (f64, f64),
    bottom: f64,
    state: State,
) {
    let area = Area::new(left, bottom - (BAR * state.share()).round(), right, bottom);
    match state {
        State::Inconclusive if right - left >= 4.0 => canvas.frame(area, state.ink(), 1.5),
        _ => canvas.fill(area, state.ink()),
    }
}

impl Kind for Uptime {
    fn in_words(&self, _: &str) -> String {
        if self.rows.is_empty() {
            return "nothing measured".to_string();
        }
        let span = self.span();
        let day = |at: Timestamp| at.strftime("%-d %b %Y").to_string();
        let rows: Vec<String> = self
            .rows
            .iter()
            .take(20)
            .map(|row| {
                let count = |state| row.bars.iter().filter(|bar| **bar == state).count();
                let counts: Vec<String> = State::ALL
                    .into_iter()
                    .filter(|state| count(*state) > 0)
                    .map(|state| format!("{} {}", count(state), state.word()))
                    .collect();
                let last = row.bars.last().map_or("not measured", |state| state.word());
                format!(
                    "{} {} ({}; last {last})",
                    short(&row.name),
                    short(&row.figure),
                    counts.join(", ")
                )
            })
            .collect();
        let of = match self.every.as_secs() {
            3_600 => "hours",
            86_400 => "days",
            _ => "spans",
        };
        format!(
            "strips of {} {of} from {} to {}; {}",
            self.length(),
            day(span.from),
            day(span.to),
            rows.join("; ")
        )
    }

    fn heights(&self, width: f64) -> Heights {
        if self.rows.is_empty() {
            return Heights::NOTHING;
        }
        let plan = self.plan(Area::new(0.0, 0.0, width, 100.0));
        let around = plan.rest.top + TIMES + 2.0;
        Heights::of_rows(around, ROW + plan.names.height(), self.rows.len())
    }

    fn notes(&self, area: Area) -> Vec<String> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let plan = self.plan(area);
        let mut notes = Vec::new();
        notes.extend(left_out(self.rows.len(), plan.rows, "row"));
        notes.extend(Some(self.limits.clone()).filter(|limits| !limits.is_empty()));
        let joined = plan.bins.first().map_or(1, |(begin, end)| end - begin);
        let every = self.every.as_secs();
        let (n, unit) = match every {
            3_600 => (joined, "hour"),
            86_400 => (joined, "day"),
            _ => (joined, "span"),
        };
        notes.push(match n {
            1 => format!("each bar is one {unit}"),
            n => format!("each bar is {n} {unit}s, the worst of them"),
        });
        notes.extend(zone_note(self.span(), plan.strip.1 - plan.strip.0));
        notes
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area) {
        if self.rows.is_empty() {
            return key::nothing(canvas, area, "nothing measured");
        }
        let plan = self.plan(area);
        key::draw(canvas, area, &plan.entries);
        let height = ROW + plan.names.height();
        let (left, right) = plan.strip;
        let slot = (right - left) / self.length().max(1) as f64;
        let mut bottom = plan.rest.top;
        for (at, row) in self.rows.iter().take(plan.rows).enumerate() {
            let top = plan.rest.top + height * at as f64;
            let whole = Area::new(plan.rest.left, top, plan.rest.right, top + height);
            plan.names
                .draw(canvas, whole, &row.name, plan.figures + 10.0);
            bottom = whole.bottom - 5.0;
            plan.strip(canvas, row, slot, bottom);
            let y = if plan.names.are_above {
                whole.top + 9.0
            } else {
                whole.middle().1
            };
            let figure = fit(&row.figure, BODY, FIGURE);
            canvas.text(&figure, (whole.right, y), BODY, Ink::Text, Side::End);
        }
        let plot = Area::new(left, plan.rest.top, right, bottom + 5.0);
        times(canvas, self.span(), plot, (area.left, area.right));
    }
}
