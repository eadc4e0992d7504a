//! Where dots and their names stand in a row, so that none touches another.

use super::LagRow;
use crate::render::chart::canvas::SMALL;
use crate::render::chart::lettering::{width, wrap};
use crate::render::chart::scale::Range;

/// Height of the line of dots in a row, of a line of names below it, and of the end of a row.
pub const DOTS: f64 = 22.0;
pub const LANE: f64 = 14.0;
const FOOT: f64 = 5.0;
/// The most lines of names below the dots.
const LANES: usize = 5;
/// Dots that are closer than this share one name.
const CLOSE: f64 = 8.0;
/// The most lines of what stands apart, and the room of a mark before it.
const APART: usize = 4;
pub const MARK: f64 = 15.0;

/// Dots that share one name.
struct Cluster {
    dots: Vec<f64>,
    text: String,
}

/// Where the name of a cluster stands: its first line (0 is that of the dots) and its left side.
pub struct Placed {
    /// Its lines.
    pub lines: Vec<String>,
    /// The first of them.
    pub lane: usize,
    /// Where they begin.
    pub left: f64,
    /// The dot that they belong to.
    pub dot: f64,
    /// Whether a line leads from it to them.
    pub has_line: bool,
}

/// A row that is laid out.
pub struct Laid {
    /// The dots.
    pub dots: Vec<f64>,
    /// Their names.
    pub names: Vec<Placed>,
    /// What is there nobody knows since when, and what is not there yet, in lines.
    pub apart: [Vec<String>; 2],
    /// Lines below the dots: of their names, and of all.
    pub lanes: (usize, usize),
    /// Dots whose names have no place.
    pub unnamed: usize,
}

impl Laid {
    /// Height in pixels.
    pub fn height(&self) -> f64 {
        DOTS + self.lanes.1 as f64 * LANE + FOOT
    }
}

/// Finds each name a place where it touches neither a dot nor another name.
pub fn lay(
    row: &LagRow,
    sides: (f64, f64),
    range: &Range,
    (room, is_below): ([f64; 2], bool),
) -> Laid {
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
    let [unknown, not_yet] = room;
    let apart = [
        wrap(&row.unknown(), SMALL, unknown - MARK, APART),
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
                has_line: false,
            });
        }
        let left = (first - 4.0).min(self.sides.1 - wide).max(self.sides.0);
        let has_room =
            |lane: &usize| (*lane..lane + n).all(|lane| self.is_free(lane, (left, left + wide)));
        // the line from the dot passes the names above
        let is_reached = |lane: &usize| (1..*lane).all(|above| self.is_free(above, (first, first)));
        let reached = (1..=LANES).find(|lane| has_room(lane) && is_reached(lane));
        let lane = reached.or_else(|| (1..=LANES).find(has_room))?;
        for lane in lane..lane + n {
            self.take(lane, (left, left + wide));
        }
        if reached.is_some() {
            for above in 1..lane {
                self.take(above, (first - 1.0, first + 1.0));
            }
        }
        Some(Placed {
            lines,
            lane,
            left,
            dot: first,
            has_line: reached.is_some(),
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
