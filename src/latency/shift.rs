//! Whether a series has become slower than it was: cumulated likelihoods of what is new in each point (Page's CUSUM), for
//! several sizes of a step at once. `docs/measuring.md` has the measured curve of detection against false alarms.

use super::baseline::Known;
use super::middle;
use super::noise::{Innovation, Noise};
use super::varint::{Broken, Bytes, push, push_float, push_signed};

/// The steps that are looked for, as differences of the logarithm: a third more, twice, more than three times as slow.
const STEPS: [f64; 3] = [0.35, 0.69, 1.2];
/// The evidence for a step is the logarithm of a likelihood ratio, and false alarms fall by it exponentially. Below this a step is
/// small …
const SMALL: f64 = 0.5;
/// … and needs more, since a daily rhythm that is not known well looks like one.
const FOR_SMALL: f64 = 18.0;
/// The evidence for larger steps.
const FOR_LARGE: f64 = 14.5;
/// The evidence for the largest step while the daily rhythm is not known.
const WITHOUT_RHYTHM: f64 = 30.0;
/// That a shift has ended needs less: it is looked for only while there is one.
const END: f64 = 14.5;
/// Evidence stays with what is hardly more: a series that creeps must not owe its alarm to the past.
const MOST: f64 = 60.0;
/// A shift by less than a quarter is not told.
const LEAST: f64 = 0.22;
/// Nor one that is not so many times what whole days differ by anyway.
const TIMES_WANDER: f64 = 4.0;
/// Where the daily rhythm is known, a step is looked for as at most so many deviations of what is new in a point: of a still
/// series, whose points are cut far below the step, a larger one would speak against itself.
const WIDEST: f64 = 5.5;
/// Fewer points of noise say too little of it.
const POINTS_OF_NOISE: f64 = 288.0;
/// One point alone is no shift, however far it lies.
const POINTS: u32 = 3;
/// Points that the level of a shift is the mean of, the latest.
const LEVEL: f64 = 288.0;
/// Points after which a level is the new normal: a week.
const NEW_NORMAL: i64 = 7 * 288;
/// A shift of which less than this is left is over.
const GONE: f64 = 0.1;

/// What a point turned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Turn {
    /// Slower since this point, by `level` in the logarithm; `n` points show it.
    Began {
        /// The first point of it.
        since: i64,
        /// By how much.
        level: f64,
        /// How many points show it.
        n: u32,
    },
    /// As before, since this point.
    Recovered {
        /// The first point that was as before.
        since: i64,
    },
    /// The level has lasted for so long that it is the normal one.
    NewNormal {
        /// By how much it is above the old one.
        level: f64,
    },
}

/// Evidence for a step of one size.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Evidence {
    sum: f64,
    /// Since which point.
    since: i64,
    /// The points since, and the sum of the distances from what is normal of all but the first, each the middle one of three: a
    /// spike is no level.
    n: u32,
    distance: f64,
}

impl Evidence {
    /// Takes in what is new in a point, for a step by `step`: it either began earlier or with this point. `middle`: of the
    /// distances of this point and the two before it.
    fn add(&mut self, step: f64, point: i64, middle: f64, new: &Innovation) {
        let gain = |step: f64| new.weight * (step * new.value - step * step / 2.0) / new.variance;
        let (goes_on, begins) = (self.sum + gain(step * (1.0 - new.share)), gain(step));
        if self.n > 0 && goes_on >= begins && goes_on > 0.0 {
            self.sum = goes_on.min(MOST);
            self.n = self.n.saturating_add(1);
            self.distance += middle;
        } else {
            let sum = begins.max(goes_on).max(0.0);
            *self = Self {
                sum,
                since: point,
                n: u32::from(sum > 0.0),
                distance: 0.0,
            };
        }
    }

    fn level(&self) -> f64 {
        self.distance / f64::from(self.n.saturating_sub(1).max(1))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        push_float(out, self.sum);
        push_signed(out, self.since);
        push(out, u64::from(self.n));
        push_float(out, self.distance);
    }

    fn decode(bytes: &mut Bytes<'_>) -> Result<Self, Broken> {
        Ok(Self {
            sum: bytes.float()?,
            since: bytes.signed()?,
            n: u32::try_from(bytes.number()?).map_err(|_| Broken::Impossible("a count"))?,
            distance: bytes.float()?,
        })
    }
}

/// On what grounds a point is judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grounds {
    /// How well the series is known.
    pub known: Known,
    /// By how much whole days differ from what is normal for them.
    pub wander: f64,
    /// How many series it stands for: one test for several may err as often as theirs together.
    pub series: f64,
}

/// A shift that has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// The first point of it.
    pub since: i64,
    /// By how much it is slower now, in the logarithm.
    pub level: f64,
    /// How many points it has had.
    pub n: f64,
    end: Evidence,
}

/// What a series' shifts are judged by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detector {
    noise: Noise,
    /// The distances of the last points, two at most, the latest first.
    last: Vec<f64>,
    /// Whether the evidence is against what is normal for the hour; else against what is so for all hours.
    is_by_hour: bool,
    evidence: [Evidence; STEPS.len()],
    shift: Option<Shift>,
}

impl Detector {
    /// The shift that the series is in.
    pub fn shift(&self) -> Option<&Shift> {
        self.shift.as_ref()
    }

    /// The series' noise.
    pub fn noise(&self) -> &Noise {
        &self.noise
    }

    /// Forgets all evidence: it has been told as part of something larger.
    pub fn forget_evidence(&mut self) {
        self.evidence = Default::default();
        self.last.clear();
    }

    /// Learns anew what one point says of the next.
    pub fn learn_pairs_anew(&mut self) {
        self.noise.learn_pairs_anew();
        self.forget_evidence();
    }

    /// Another level is normal now.
    pub fn lower(&mut self, by: f64) {
        self.noise.lower(by);
        self.forget_evidence();
    }

    /// Takes in a point, `value` away from what is normal, with `spread` times the usual variance. Points come in the order of
    /// time; one that does not is not taken.
    pub fn add(&mut self, point: i64, value: f64, spread: f64, grounds: &Grounds) -> Option<Turn> {
        if self.noise.last().is_some_and(|last| point <= last) {
            return None;
        }
        if let Some(shift) = &mut self.shift {
            let turn = shift.add(&mut self.noise, point, value, spread)?;
            let level = shift.level;
            self.shift = None;
            self.forget_evidence();
            if matches!(turn, Turn::Recovered { .. }) {
                self.noise.lower(-level);
            }
            return Some(turn);
        }
        let is_by_hour = grounds.known == Known::Rhythm;
        if is_by_hour != self.is_by_hour {
            self.forget_evidence();
            self.is_by_hour = is_by_hour;
        }
        let new = self.noise.add(point, value, spread);
        self.last.insert(0, value);
        let middle = middle(&mut self.last.clone()).unwrap_or(value);
        self.last.truncate(2);
        let steps = steps(is_by_hour, &new);
        for (evidence, step) in self.evidence.iter_mut().zip(steps) {
            evidence.add(step, point, middle, &new);
        }
        let found = self.found(grounds, steps)?;
        self.last.clear();
        self.shift = Some(Shift {
            since: found.since,
            level: found.level(),
            n: f64::from(found.n),
            end: Evidence::default(),
        });
        self.noise.lower(found.level());
        Some(Turn::Began {
            since: found.since,
            level: found.level(),
            n: found.n,
        })
    }

    fn found(&self, grounds: &Grounds, steps: [f64; STEPS.len()]) -> Option<Evidence> {
        let known = grounds.known;
        let points = self.noise.known();
        if known == Known::Nothing || points < POINTS_OF_NOISE {
            return None;
        }
        // few points say the noise less exactly
        let unsure = 1.0 + 2.0 / points.sqrt();
        let least = LEAST.max(TIMES_WANDER * grounds.wander);
        let is_enough = |evidence: &Evidence, needed: f64| {
            evidence.sum > needed * unsure && evidence.n >= POINTS && evidence.level() > least
        };
        if known == Known::Level {
            // a daily rhythm looks like any smaller one
            let largest = self.evidence.last()?;
            return Some(*largest).filter(|largest| is_enough(largest, WITHOUT_RHYTHM));
        }
        let mut tests = self.evidence.iter().zip(steps);
        let found = tests.find(|(evidence, step)| {
            let needed = match *step < SMALL {
                true => FOR_SMALL,
                false => FOR_LARGE - grounds.series.ln(),
            };
            is_enough(evidence, needed)
        });
        found.map(|(evidence, _)| *evidence)
    }

    /// Appends its stable form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.noise.encode(out);
        push(out, self.last.len() as u64);
        for value in &self.last {
            push_float(out, *value);
        }
        push(out, u64::from(self.is_by_hour));
        for evidence in &self.evidence {
            evidence.encode(out);
        }
        push(out, u64::from(self.shift.is_some()));
        if let Some(shift) = &self.shift {
            push_signed(out, shift.since);
            push_float(out, shift.level);
            push_float(out, shift.n);
            shift.end.encode(out);
        }
    }

    /// Reads what [`Detector::encode`] wrote, or its first form, which kept no last points.
    pub fn decode(bytes: &mut Bytes<'_>, is_first: bool) -> Result<Self, Broken> {
        let noise = Noise::decode(bytes, is_first)?;
        let mut last = Vec::new();
        for _ in 0..if is_first { 0 } else { bytes.number()? } {
            last.push(bytes.float()?);
        }
        if last.len() > 2 {
            return Err(Broken::Impossible("last points"));
        }
        let is_by_hour = !is_first && bytes.number()? > 0;
        let mut evidence = [Evidence::default(); STEPS.len()];
        for kept in &mut evidence {
            *kept = Evidence::decode(bytes)?;
        }
        let shift = match bytes.number()? {
            0 => None,
            _ => Some(Shift {
                since: bytes.signed()?,
                level: bytes.float()?,
                n: bytes.float()?,
                end: Evidence::decode(bytes)?,
            }),
        };
        Ok(Self {
            noise,
            last,
            is_by_hour,
            evidence,
            shift,
        })
    }
}

/// The steps as they are looked for in a point.
fn steps(is_by_hour: bool, new: &Innovation) -> [f64; STEPS.len()] {
    match is_by_hour {
        true => STEPS.map(|step| at_most_widest(step, new)),
        false => STEPS,
    }
}

fn at_most_widest(step: f64, new: &Innovation) -> f64 {
    step.min(WIDEST * new.variance.sqrt())
}

impl Shift {
    fn add(&mut self, noise: &mut Noise, point: i64, value: f64, spread: f64) -> Option<Turn> {
        let from_level = value - self.level;
        let new = noise.add(point, from_level, spread);
        // the other way round: a step down by the whole level
        let down = Innovation {
            value: -new.value,
            ..new
        };
        let step = at_most_widest(self.level, &new);
        self.end.add(step, point, -from_level, &down);
        self.n += 1.0;
        let widest = 3.0 * noise.deviation();
        self.level += from_level.clamp(-widest, widest) / self.n.min(LEVEL);
        if self.end.sum > END && self.end.n >= POINTS {
            return Some(Turn::Recovered {
                since: self.end.since,
            });
        }
        if self.level < GONE {
            return Some(Turn::Recovered { since: point });
        }
        let lasted = point - self.since >= NEW_NORMAL;
        lasted.then_some(Turn::NewNormal { level: self.level })
    }
}
