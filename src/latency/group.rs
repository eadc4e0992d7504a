//! Series that are judged together: those of one provider and region. Each has its own baseline and detector; a pool of all
//! sees what they share sooner than each alone, since their noise is not shared. A shift is told once for the group.

use std::collections::BTreeMap;

use super::baseline::{Baseline, Known};
use super::middle;
use super::shift::{Detector, Grounds, Turn};
use super::varint::{Broken, Bytes, push, push_float, push_signed};

/// The format of the stored form.
const FORMAT: u64 = 2;
/// One without the last points of a series; what it knows of a point and the next is mixed with what was assumed at first.
const FIRST: u64 = 1;
/// The length of a point in seconds.
pub const POINT: i64 = 300;
/// A member that was not measured for so many points (a day) is no member of the pool.
const ABSENT: i64 = 288;
/// A member's points enter the pool cut to so many of its standard deviations.
const CUT: f64 = 4.0;
/// Weight of the latest point in a member's recent level.
const RECENT: f64 = 1.0 / 6.0;

/// A series of a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Member {
    baseline: Baseline,
    detector: Detector,
    /// The level of late, away from what is normal.
    recent: f64,
}

/// How much slower a group is.
#[derive(Debug, Clone, PartialEq)]
pub struct Slow {
    /// When it began, in seconds since 1970.
    pub since: i64,
    /// By which factor durations have grown.
    pub factor: f64,
    /// What was normal for the members that are slower, their median, in microseconds.
    pub before: f64,
    /// What it is instead.
    pub during: f64,
    /// How many points show it.
    pub n: u32,
    /// The members that are slower.
    pub slower: Vec<i64>,
    /// How many members were measured of late.
    pub of: usize,
}

/// What a point turned for the group.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Slower.
    Began(Slow),
    /// As before.
    Recovered {
        /// Since when, in seconds since 1970.
        since: i64,
    },
    /// It stays so slow for so long that this is the normal level now.
    NewNormal {
        /// When that was decided, in seconds since 1970.
        at: i64,
    },
}

/// The series that are judged together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    members: BTreeMap<i64, Member>,
    pool: Detector,
    /// How many members a point of the pool usually has.
    usual: f64,
    /// Durations in microseconds by point and member that wait for the end of their point.
    waiting: BTreeMap<i64, BTreeMap<i64, Vec<f64>>>,
    /// The first point that may still come.
    open: i64,
    /// Whether slowness was told and has not ended.
    is_slow: bool,
}

impl Group {
    /// Takes in a duration that was measured at a second since 1970. One of a point that is judged already is late: it judges
    /// nothing.
    pub fn add(&mut self, series: i64, second: i64, micros: f64) {
        let point = second.div_euclid(POINT);
        if point >= self.open && micros >= 1.0 && micros.is_finite() {
            let of_point = self.waiting.entry(point).or_default();
            of_point.entry(series).or_default().push(micros);
        }
    }

    /// Judges every point that has ended by this second, and gives what turned.
    pub fn judge(&mut self, now: i64) -> Vec<Event> {
        let end = now.div_euclid(POINT);
        let later = self.waiting.split_off(&end);
        let ended = std::mem::replace(&mut self.waiting, later);
        self.open = self.open.max(end);
        ended
            .into_iter()
            .filter_map(|(point, values)| self.close(point, values))
            .collect()
    }

    /// Whether it is slower than usual now.
    pub fn is_slow(&self) -> bool {
        self.is_slow
    }

    fn close(&mut self, point: i64, values: BTreeMap<i64, Vec<f64>>) -> Option<Event> {
        let pooled = self.pool.shift().map_or(0.0, |shift| shift.level);
        let (mut began, mut over) = (None, None);
        let mut shared = Vec::new();
        for (series, mut micros) in values {
            let Some(value) = middle(&mut micros).map(f64::ln) else {
                continue;
            };
            let member = self.members.entry(series).or_default();
            let Some(normal) = member.baseline.normal(point) else {
                member.baseline.add(point, value);
                continue;
            };
            let away = value - normal;
            if member.detector.shift().is_none() {
                shared.push((member.cut(away), member.known()));
            }
            match member.add(point, away, pooled) {
                Some(Turn::Began { since, level, n }) => {
                    member.baseline.forget_since(since);
                    began.get_or_insert((since, level, n));
                }
                Some(Turn::NewNormal { level }) => {
                    member.baseline.raise(level);
                    over = Some(Turn::NewNormal { level });
                }
                Some(turn) => over = Some(turn),
                None => {}
            }
            if member.detector.shift().is_none() && self.pool.shift().is_none() {
                member.baseline.add(point, value);
            } else {
                member.baseline.pass(point);
            }
        }
        match self.close_pool(point, &shared) {
            Some(Turn::Began { since, level, n }) => began = Some((since, level, n)),
            Some(turn) => over = Some(turn),
            None => {}
        }
        self.turn(point, began, over)
    }

    /// What it means for the group that one of it turned.
    fn turn(
        &mut self,
        point: i64,
        began: Option<(i64, f64, u32)>,
        over: Option<Turn>,
    ) -> Option<Event> {
        let goes_on = self.pool.shift().is_some()
            || self.members.values().any(|m| m.detector.shift().is_some());
        match (self.is_slow, goes_on) {
            (false, true) => {
                let (since, level, n) = began?;
                self.is_slow = true;
                Some(Event::Began(self.slow(point, since, level, n)))
            }
            (true, false) => {
                self.is_slow = false;
                Some(match over {
                    Some(Turn::NewNormal { .. }) => Event::NewNormal {
                        at: (point + 1) * POINT,
                    },
                    Some(Turn::Recovered { since }) => Event::Recovered {
                        since: since * POINT,
                    },
                    _ => Event::Recovered {
                        since: point * POINT,
                    },
                })
            }
            _ => None,
        }
    }

    fn slow(&self, point: i64, since: i64, level: f64, n: u32) -> Slow {
        let present = |member: &&Member| member.is_present(point);
        // of a few points, a recent level has only seen a part
        let seen = 1.0 - (1.0 - RECENT).powf(f64::from(n));
        let is_slower = |member: &Member| {
            member.detector.shift().is_some()
                || self.pool.shift().is_some() && member.recent > seen * level / 2.0
        };
        let slower: Vec<(i64, &Member)> = self
            .members
            .iter()
            .filter(|(_, member)| present(member) && is_slower(member))
            .map(|(series, member)| (*series, member))
            .collect();
        let normal = |(_, member): &(i64, &Member)| member.baseline.normal(since);
        let mut before: Vec<f64> = slower.iter().filter_map(normal).map(f64::exp).collect();
        let before = middle(&mut before).unwrap_or_default();
        Slow {
            since: since * POINT,
            factor: level.exp(),
            before,
            during: before * level.exp(),
            n,
            slower: slower.into_iter().map(|(series, _)| series).collect(),
            of: self.members.values().filter(present).count(),
        }
    }

    /// Judges what the members share: the mean of their distances from what is normal.
    fn close_pool(&mut self, point: i64, shared: &[(f64, Known)]) -> Option<Turn> {
        let present = self.members.values().filter(|m| m.is_present(point));
        let (members, wander) = present.fold((0, 0.0_f64), |(n, widest), member| {
            (n + 1, widest.max(member.baseline.wander()))
        });
        let known: Vec<f64> = shared
            .iter()
            .filter(|(_, known)| *known == Known::Rhythm)
            .map(|(away, _)| *away)
            .collect();
        if known.len() < 2 || known.len() * 2 < members {
            return None;
        }
        let n = known.len() as f64;
        let weight = if self.usual == 0.0 { 1.0 } else { 0.01 };
        self.usual += weight * (n - self.usual);
        let away = known.iter().sum::<f64>() / n;
        let grounds = Grounds {
            known: Known::Rhythm,
            wander,
            series: n,
        };
        let turn = self.pool.add(point, away, self.usual / n, &grounds);
        match turn {
            Some(Turn::Began { since, level, .. }) => {
                for member in self.members.values_mut() {
                    member.baseline.forget_since(since);
                    member.detector.lower(level);
                }
            }
            Some(Turn::NewNormal { level }) => {
                for member in self.members.values_mut() {
                    member.baseline.raise(level);
                    member.detector.forget_evidence();
                }
            }
            Some(Turn::Recovered { .. }) => {
                for member in self.members.values_mut() {
                    member.detector.forget_evidence();
                }
            }
            None => {}
        }
        turn
    }

    /// Forgets a series that is no more.
    pub fn forget(&mut self, series: i64) {
        self.members.remove(&series);
    }

    /// Its stable form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, FORMAT);
        push(&mut out, self.members.len() as u64);
        for (series, member) in &self.members {
            push_signed(&mut out, *series);
            push_float(&mut out, member.recent);
            member.detector.encode(&mut out);
            member.baseline.encode(&mut out);
        }
        self.pool.encode(&mut out);
        push_float(&mut out, self.usual);
        push_signed(&mut out, self.open);
        push(&mut out, u64::from(self.is_slow));
        push(&mut out, self.waiting.len() as u64);
        for (point, values) in &self.waiting {
            push_signed(&mut out, *point);
            push(&mut out, values.len() as u64);
            for (series, micros) in values {
                push_signed(&mut out, *series);
                push(&mut out, micros.len() as u64);
                for value in micros {
                    push_float(&mut out, *value);
                }
            }
        }
        out
    }

    /// Reads what [`Group::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Broken> {
        let mut bytes = Bytes(bytes);
        let format = bytes.number()?;
        if ![FORMAT, FIRST].contains(&format) {
            return Err(Broken::Format(format));
        }
        let is_first = format == FIRST;
        let mut group = Self::default();
        for _ in 0..bytes.number()? {
            let series = bytes.signed()?;
            let member = Member {
                recent: bytes.float()?,
                detector: Detector::decode(&mut bytes, is_first)?,
                baseline: Baseline::decode(&mut bytes)?,
            };
            group.members.insert(series, member);
        }
        group.pool = Detector::decode(&mut bytes, is_first)?;
        group.usual = bytes.float()?;
        group.open = bytes.signed()?;
        group.is_slow = bytes.number()? > 0;
        for _ in 0..bytes.number()? {
            let of_point = group.waiting.entry(bytes.signed()?).or_default();
            for _ in 0..bytes.number()? {
                let values = of_point.entry(bytes.signed()?).or_default();
                for _ in 0..bytes.number()? {
                    values.push(bytes.float()?);
                }
            }
        }
        bytes.end()?;
        if is_first {
            let members = group.members.values_mut();
            let detectors = members.map(|member| &mut member.detector);
            detectors
                .chain([&mut group.pool])
                .for_each(Detector::learn_pairs_anew);
        }
        Ok(group)
    }
}

impl Member {
    fn known(&self) -> Known {
        self.baseline.known()
    }

    fn is_present(&self, point: i64) -> bool {
        let last = self.detector.noise().last();
        last.is_some_and(|last| point - last < ABSENT)
    }

    fn cut(&self, away: f64) -> f64 {
        let widest = CUT * self.detector.noise().deviation();
        away.clamp(-widest, widest)
    }

    /// Takes in a point; what the pool has told already is no surprise here.
    fn add(&mut self, point: i64, away: f64, pooled: f64) -> Option<Turn> {
        self.recent += RECENT * (self.cut(away) - self.recent);
        let grounds = Grounds {
            known: self.known(),
            wander: self.baseline.wander(),
            series: 1.0,
        };
        self.detector.add(point, away - pooled, 1.0, &grounds)
    }
}

#[cfg(test)]
mod tests;
