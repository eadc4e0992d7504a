//! How many days after the first a model came to each provider: a dot a provider; what is not known apart from the scale.

use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{Canvas, Mark, SMALL, Side};
use super::ink::Ink;
use super::key::{self, Entry, Sample, kept};
use super::lettering::{fit, short, tame, width, wrap};
use super::plane::is_wide;
use super::rows::{Names, left_out};
use super::scale::{Range, number, sane};
use super::{Heights, Kind};
use crate::render::line::counted;

/// Height of the line of dots in a row, of a line of names below it, and of the end of a row.
const DOTS: f64 = 22.0;
const LANE: f64 = 14.0;
const FOOT: f64 = 5.0;
/// The most lines of names below the dots.
const LANES: usize = 5;
/// The most providers of a model that are looked at.
const MOST: usize = 40;
/// Dots that are closer than this share one name.
const CLOSE: f64 = 8.0;
/// The most lines of what stands apart, and the room of a mark before it.
const APART: usize = 4;
const MARK: f64 = 15.0;
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
    /// It was listed before watching began: nobody knows since when.
    BeforeWatching,
    /// It is not offered yet, after this many days if that is known.
    NotYet(Option<f64>),
}

/// Dots that share one name.
struct Cluster {
    dots: Vec<f64>,
    text: String,
}

/// Where the name of a cluster stands: its first line (0 is that of the dots) and its left side.
struct Placed {
    lines: Vec<String>,
    lane: usize,
    left: f64,
    dot: f64,
}

/// A row that is laid out.
struct Laid {
    dots: Vec<f64>,
    names: Vec<Placed>,
    /// What was there before watching began, and what is not there yet, in lines.
    apart: [Vec<String>; 2],
    /// Lines below the dots: of their names, and of all.
    lanes: (usize, usize),
    unnamed: usize,
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

    fn before(&self) -> String {
        let is_before = |(_, parity): &&(String, Parity)| *parity == Parity::BeforeWatching;
        let names = self.providers.iter().filter(is_before).take(MOST);
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
                has(|parity| matches!(parity, Parity::BeforeWatching)),
                Mark::Left,
                Ink::Orange,
                "listed before watching began",
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
        let names = Names::new(rest, self.rows.iter().map(|row| row.name.as_str()));
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
        let apart = (widest(LagRow::before), widest(LagRow::not_yet));
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

impl Laid {
    fn height(&self) -> f64 {
        DOTS + self.lanes.1 as f64 * LANE + FOOT
    }
}

/// `1 day`, `12 days`.
fn days(days: f64) -> String {
    counted(days.round() as usize, "day")
}

/// Finds each name a place where it touches neither a dot nor another name.
fn lay(row: &LagRow, sides: (f64, f64), range: &Range, (room, is_below): ([f64; 2], bool)) -> Laid {
    let clusters = clusters(row, sides, range);
    let dots: Vec<f64> = clusters
        .iter()
        .flat_map(|cluster| cluster.dots.iter().copied())
        .collect();
    let mut lanes = Lanes::new(&dots, sides);
    // from the right, so that no line to a name below crosses another name
    let placed: Vec<Option<Placed>> = clusters
        .iter()
        .rev()
        .map(|cluster| lanes.place(cluster))
        .collect();
    let unnamed = placed.iter().filter(|name| name.is_none()).count();
    let names: Vec<Placed> = placed.into_iter().flatten().collect();
    let [before, not_yet] = room;
    let apart = [
        wrap(&row.before(), SMALL, before - MARK, APART),
        wrap(&row.not_yet(), SMALL, not_yet - MARK, APART),
    ];
    let below = names
        .iter()
        .map(|name| (name.lane + name.lines.len()).saturating_sub(1))
        .max();
    let below = below.unwrap_or(0);
    let [before, not_yet] = [0, 1].map(|at: usize| apart.get(at).map_or(0, Vec::len));
    let all = if is_below {
        below + before + not_yet
    } else {
        below
            .max(before.saturating_sub(1))
            .max(not_yet.saturating_sub(1))
    };
    Laid {
        lanes: (below, all),
        dots,
        names,
        apart,
        unnamed,
    }
}

/// What is taken in the line of the dots and in the lines below it.
struct Lanes {
    taken: Vec<Vec<(f64, f64)>>,
    sides: (f64, f64),
}

impl Lanes {
    fn new(dots: &[f64], sides: (f64, f64)) -> Self {
        let mut taken = vec![Vec::new(); LANES + 1];
        if let Some(first) = taken.first_mut() {
            first.extend(dots.iter().map(|dot| (dot - 6.0, dot + 6.0)));
        }
        Self { taken, sides }
    }

    fn is_free(&self, lane: usize, (from, to): (f64, f64)) -> bool {
        let is_inside = from >= self.sides.0 - 1e-6 && to <= self.sides.1 + 1e-6;
        is_inside
            && self.taken.get(lane).is_some_and(|all| {
                all.iter()
                    .all(|other| to + 2.0 <= other.0 || from >= other.1 + 2.0)
            })
    }

    fn take(&mut self, lane: usize, part: (f64, f64)) {
        if let Some(lane) = self.taken.get_mut(lane) {
            lane.push(part);
        }
    }

    /// Beside the dots if there is room, else below them.
    fn place(&mut self, cluster: &Cluster) -> Option<Placed> {
        let (first, last) = (*cluster.dots.first()?, *cluster.dots.last()?);
        let lines = wrap(&cluster.text, SMALL, self.sides.1 - self.sides.0, LANES);
        let wide = lines
            .iter()
            .map(|line| width(line, SMALL))
            .fold(0.0, f64::max);
        let n = lines.len();
        let beside = [last + 9.0, first - 9.0 - wide];
        let beside = beside
            .into_iter()
            .find(|from| n == 1 && self.is_free(0, (*from, from + wide)));
        if let Some(left) = beside {
            self.take(0, (left, left + wide));
            return Some(Placed {
                lines,
                lane: 0,
                left,
                dot: first,
            });
        }
        let left = (first - 4.0).min(self.sides.1 - wide).max(self.sides.0);
        let lane = (1..=LANES).find(|lane| {
            let has_room = (*lane..lane + n).all(|lane| self.is_free(lane, (left, left + wide)));
            // the line from the dot passes the names above
            has_room && (1..*lane).all(|above| self.is_free(above, (first, first)))
        })?;
        for lane in lane..lane + n {
            self.take(lane, (left, left + wide));
        }
        for above in 1..lane {
            self.take(above, (first - 1.0, first + 1.0));
        }
        Some(Placed {
            lines,
            lane,
            left,
            dot: first,
        })
    }
}

fn clusters(row: &LagRow, (left, right): (f64, f64), range: &Range) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for (name, days) in row.known() {
        let x = left + range.share(days) * (right - left);
        match clusters.last_mut() {
            Some(last) if last.dots.last().is_some_and(|dot| x - dot < CLOSE) => {
                last.text.push_str(", ");
                last.text.push_str(name);
                if last.dots.last() != Some(&x) {
                    last.dots.push(x);
                }
            }
            _ => clusters.push(Cluster {
                dots: vec![x],
                text: name.to_string(),
            }),
        }
    }
    clusters
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
        for name in row.names.iter().filter(|name| name.lane > 0) {
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
            "{} listed before watching began, {} not offered yet",
            count(|parity| *parity == Parity::BeforeWatching),
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
