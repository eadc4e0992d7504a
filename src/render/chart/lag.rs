//! How many days after the first a model came to each provider: a dot a provider; what is not known apart from the scale.

use plotters::prelude::DrawingBackend;

use super::Kind;
use super::area::Area;
use super::canvas::{Canvas, Mark, SMALL, Side};
use super::ink::Ink;
use super::key::{self, Entry, Sample, kept};
use super::lettering::{fit, tame, width};
use super::rows::{Names, left_out};
use super::scale::{Range, number, sane};

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

/// Where the name of a cluster stands: the line (0 is that of the dots) and its left side.
struct Placed {
    text: String,
    lane: usize,
    left: f64,
    dot: f64,
}

/// A row that is laid out.
struct Laid {
    dots: Vec<f64>,
    names: Vec<Placed>,
    before: String,
    not_yet: String,
    /// Lines of names below the dots.
    lanes: usize,
    unnamed: usize,
}

struct Plan {
    entries: Vec<Entry>,
    names: Names,
    rest: Area,
    range: Range,
    /// Width of what stands apart: before watching, not yet.
    apart: (f64, f64),
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
                Parity::NotYet(Some(days)) if sane(*days).is_some() => {
                    Some(format!("{name} >{} d", number(days.max(0.0), 1.0)))
                }
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
            })
            .collect()
    }

    fn plan(&self, area: Area) -> Plan {
        let entries = self.entries();
        let rest = area.less(0.0, key::height(&entries, area.width()), 0.0, 0.0);
        let names = Names::new(rest, self.rows.iter().map(|row| row.name.as_str()));
        let widest = |of: fn(&LagRow) -> String| {
            let texts = self.rows.iter().map(|row| width(&tame(&of(row)), SMALL));
            let widest = texts.fold(0.0, f64::max).ceil();
            if widest > 0.0 {
                (widest + 22.0).min(area.width() * 0.21)
            } else {
                0.0
            }
        };
        let apart = (widest(LagRow::before), widest(LagRow::not_yet));
        let scale = (
            rest.left + names.left() + apart.0 + 8.0,
            rest.right - apart.1 - 8.0,
        );
        let range = Range::linear(self.all_known().chain([0.0]), 5);
        let rows: Vec<Laid> = self
            .rows
            .iter()
            .map(|row| lay(row, scale, &range))
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
            scale,
            rows,
            shown,
        }
    }
}

impl Laid {
    fn height(&self) -> f64 {
        DOTS + self.lanes as f64 * LANE + FOOT
    }
}

/// Finds each name a place where it touches neither a dot nor another name.
fn lay(row: &LagRow, (left, right): (f64, f64), range: &Range) -> Laid {
    let clusters = clusters(row, (left, right), range);
    let dots: Vec<f64> = clusters
        .iter()
        .flat_map(|cluster| cluster.dots.iter().copied())
        .collect();
    let mut taken: Vec<Vec<(f64, f64)>> = vec![Vec::new(); LANES + 1];
    if let Some(first) = taken.first_mut() {
        first.extend(dots.iter().map(|dot| (dot - 6.0, dot + 6.0)));
    }
    let (mut names, mut unnamed) = (Vec::new(), 0);
    for cluster in clusters {
        let (Some(first), Some(last)) =
            (cluster.dots.first().copied(), cluster.dots.last().copied())
        else {
            continue;
        };
        let text = fit(&cluster.text, SMALL, right - left);
        let wide = width(&text, SMALL);
        let below = (first - 4.0).min(right - wide).max(left);
        let places = [(0, last + 9.0), (0, first - 9.0 - wide)];
        let places = places
            .into_iter()
            .chain((1..=LANES).map(|lane| (lane, below)));
        let free = places.into_iter().find(|(lane, from)| {
            let is_inside = *from >= left - 1e-6 && from + wide <= right + 1e-6;
            let others = taken.get(*lane).map(Vec::as_slice).unwrap_or_default();
            is_inside
                && others.iter().all(|other| {
                    from + wide + 4.0 <= other.0
                        || *from >= other.1 + 4.0
                        || (*lane == 0 && is_own(&cluster, other))
                })
        });
        match free {
            Some((lane, from)) => {
                if let Some(lane) = taken.get_mut(lane) {
                    lane.push((from, from + wide));
                }
                names.push(Placed {
                    text,
                    lane,
                    left: from,
                    dot: first,
                });
            }
            None => unnamed += 1,
        }
    }
    Laid {
        lanes: names.iter().map(|name| name.lane).max().unwrap_or(0),
        dots,
        names,
        before: row.before(),
        not_yet: row.not_yet(),
        unnamed,
    }
}

/// Whether what is taken is a dot of the cluster itself.
fn is_own(cluster: &Cluster, taken: &(f64, f64)) -> bool {
    cluster
        .dots
        .iter()
        .any(|dot| (dot - 6.0, dot + 6.0) == *taken)
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
        let rest = self.names.rest(whole);
        let y = rest.top + DOTS / 2.0;
        for name in row.names.iter().filter(|name| name.lane > 0) {
            let below = y + DOTS / 2.0 + LANE * (name.lane as f64 - 1.0);
            canvas.upright(name.dot - 0.5, (y, below), Ink::Rule);
        }
        for dot in &row.dots {
            canvas.mark(Mark::Dot, (*dot, y), 4.5, Ink::Blue);
        }
        for name in &row.names {
            let y = match name.lane {
                0 => y,
                lane => y + DOTS / 2.0 + LANE * (lane as f64 - 0.5) - 1.0,
            };
            canvas.text(&name.text, (name.left, y), SMALL, Ink::Text, Side::Start);
        }
        let sides = [
            (
                &row.before,
                rest.left,
                self.apart.0,
                Mark::Left,
                Ink::Orange,
            ),
            (
                &row.not_yet,
                whole.right - self.apart.1,
                self.apart.1,
                Mark::Ring,
                Ink::Vermilion,
            ),
        ];
        for (text, left, room, mark, ink) in sides {
            if !text.is_empty() {
                canvas.mark(mark, (left + 6.0, y), 4.5, ink);
                let text = fit(text, SMALL, room - 16.0);
                canvas.text(&text, (left + 15.0, y), SMALL, Ink::Text, Side::Start);
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
                "dot plot of {} models; shortest wait {} at {} ({} days), longest {} at {} ({} days); {apart}",
                self.rows.len(),
                shortest.0,
                shortest.1,
                number(shortest.2, 1.0),
                longest.0,
                longest.1,
                number(longest.2, 1.0)
            ),
            _ => format!(
                "dot plot of {} models; nobody waited; {apart}",
                self.rows.len()
            ),
        }
    }

    fn height(&self, width: f64) -> f64 {
        if self.rows.is_empty() {
            return 80.0;
        }
        let plan = self.plan(Area::new(0.0, 0.0, width, 100.0));
        let rows: f64 = plan
            .rows
            .iter()
            .map(|row| row.height() + plan.names.height())
            .sum();
        plan.rest.top + rows + AXIS + 1.0
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
