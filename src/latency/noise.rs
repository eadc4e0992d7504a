//! How a series moves about what is normal for it while nothing happens: by how much, and how long it stays away. A point is
//! taken as a share of the one before it and something new (an autoregressive process of first order); only what is new counts.

use super::varint::{Broken, Bytes, push, push_float, push_signed};

/// Points that are remembered: two weeks of every five minutes.
const MEMORY: f64 = 4_032.0;
/// So many first points count alike; the later of more count more, so that what was assumed at first is soon outweighed: a
/// still series is a hundred times as still.
const FIRST: f64 = 40.0;
/// What is new is cut to so many standard deviations: a spike is one point and says no more than any surprising one.
const CLIP: f64 = 3.0;
/// The longest share: a series that hardly moves would make everything a surprise.
const LONGEST: f64 = 0.97;
/// No series is so still that a hundredth of its duration is a surprise.
const STILLEST: f64 = 0.01;
/// Points of an hour of the day count as much as those of all hours once there are so many.
const POINTS_OF_HOUR: f64 = 200.0;

/// A step is the usual one if it differs by no more.
const NEAR: f64 = 0.6;
/// An hour's own variance is off by so much by chance alone.
const CHANCE: f64 = 0.87;
/// Stretches of so many points in a row are looked at: whether they stay away together for longer than a point and the next say.
const STRETCHES: [u32; 2] = [6, 24];

/// What is new in a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Innovation {
    /// Cut, in the logarithm.
    pub value: f64,
    /// Its variance.
    pub variance: f64,
    /// How much of the last point is still in this one.
    pub share: f64,
    /// How much what follows from it weighs: less where stretches of points stay away together for longer than the share says.
    pub weight: f64,
}

/// A stretch of points in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    /// The points so far, and their sum.
    n: u32,
    sum: f64,
    /// The square of a whole stretch's mean, as a multiple of what the share of a point in the next explains …
    excess: f64,
    /// … of so many whole ones.
    whole: f64,
}

impl Default for Stretch {
    fn default() -> Self {
        Self {
            n: 0,
            sum: 0.0,
            excess: 1.0,
            whole: 0.0,
        }
    }
}

impl Stretch {
    /// Takes in a point of a series of this variance, of which a point's `share` is in the next.
    fn add(&mut self, length: u32, value: f64, variance: f64, share: f64) {
        self.n += 1;
        self.sum += value;
        if self.n < length {
            return;
        }
        let of = f64::from(length);
        let mean = self.sum / of;
        let shared: f64 = (1..length)
            .map(|apart| f64::from(length - apart) * share.powf(f64::from(apart)))
            .sum();
        let explained = variance * (of + 2.0 * shared) / (of * of);
        self.whole = (self.whole + 1.0).min(2.0 * MEMORY / of);
        let times = (mean * mean / explained).min(CLIP * CLIP);
        self.excess += weight_of(self.whole) * (times - self.excess);
        (self.n, self.sum) = (0, 0.0);
    }
}

/// What is remembered of a series' noise.
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    n: f64,
    /// Of the points, of a point with the next one, of what is new.
    variance: f64,
    covariance: f64,
    innovation: f64,
    /// The same of what is new by the hour of the day, with how many.
    by_hour: [(f64, f64); 24],
    stretches: [Stretch; STRETCHES.len()],
    /// How many points apart they usually are.
    step: f64,
    last: Option<(i64, f64)>,
}

impl Default for Noise {
    fn default() -> Self {
        // wider than series are, so that the first points are no surprise
        Self {
            n: 0.0,
            variance: 0.5,
            covariance: 0.25,
            innovation: 0.4,
            by_hour: [(0.0, 0.0); 24],
            stretches: Default::default(),
            step: 1.0,
            last: None,
        }
    }
}

fn cut(value: f64, by: f64) -> f64 {
    value.clamp(-by, by)
}

fn weight_of(n: f64) -> f64 {
    2.0 / n.max(FIRST)
}

impl Noise {
    /// How many points are behind it, and behind what it says of one and the next, of those that are remembered.
    pub fn known(&self) -> f64 {
        self.n.min(self.pairs())
    }

    /// The standard deviation of a point.
    pub fn deviation(&self) -> f64 {
        self.variance.sqrt()
    }

    /// When the last point was.
    pub fn last(&self) -> Option<i64> {
        self.last.map(|(point, _)| point)
    }

    /// Another level is normal now.
    pub fn lower(&mut self, by: f64) {
        if let Some((_, value)) = &mut self.last {
            *value -= by;
        }
    }

    /// Takes in a point, `value` away from what is normal; `spread` is how many times the usual variance it has. Points come in
    /// the order of time.
    pub fn add(&mut self, point: i64, value: f64, spread: f64) -> Innovation {
        let gap = self.last.map(|(last, _)| (point - last).max(1) as f64);
        let before = self.last.map_or(0.0, |(_, value)| value);
        let usual = self.step.max(1.0);
        let of_step = (self.covariance / self.variance).clamp(0.0, LONGEST);
        let share = gap.map_or(0.0, |gap| of_step.powf(gap / usual));
        // of a step that is longer or shorter than usual, more or less is new
        let longer = (1.0 - share * share) / (1.0 - of_step * of_step);
        let variance = (self.of_hour(point) * longer * spread.max(1.0)).max(STILLEST.powi(2));
        let innovation = cut(value - share * before, CLIP * variance.sqrt());
        let cleaned = share * before + innovation;
        self.n = (self.n + 1.0).min(2.0 * MEMORY);
        let weight = weight_of(self.n);
        let widest = CLIP * self.deviation();
        let (now, then) = (cut(cleaned, widest), cut(before, widest));
        self.variance += weight * (now * now - self.variance);
        self.variance = self.variance.max(STILLEST.powi(2));
        if let Some(gap) = gap {
            let gap = gap.min(288.0);
            self.step += (gap - self.step) * weight.max(0.005);
            // a period between two whole ones has both in turn
            if (gap - usual).abs() <= NEAR {
                let weight = weight_of(self.pairs());
                self.covariance += weight * (now * then - self.covariance);
                let new = cut(value - of_step * before, CLIP * self.innovation.sqrt()).powi(2);
                self.innovation += weight * (new - self.innovation);
                self.learn_hour(point, new);
            }
            for (stretch, length) in self.stretches.iter_mut().zip(STRETCHES) {
                match gap <= 2.0 * usual {
                    true => stretch.add(length, now, self.variance, of_step),
                    false => (stretch.n, stretch.sum) = (0, 0.0),
                }
            }
        }
        self.last = Some((point, cleaned));
        let excess = self.stretches.iter().map(|stretch| stretch.excess);
        Innovation {
            value: innovation,
            variance,
            share,
            weight: 1.0 / excess.fold(1.0, f64::max),
        }
    }

    /// How many points came in the usual step after another, of those that are remembered: what they say of the next was
    /// learned from these alone.
    fn pairs(&self) -> f64 {
        self.by_hour.iter().map(|(_, n)| n).sum()
    }

    /// Learns anew what one point says of the next; by how much points move stays known.
    pub fn learn_pairs_anew(&mut self) {
        self.covariance = self.variance / 2.0;
        self.innovation = self.variance;
        self.by_hour = [(0.0, 0.0); 24];
        self.stretches = Default::default();
    }

    fn hour(point: i64) -> usize {
        let hour = point.div_euclid(super::baseline::POINTS_AN_HOUR);
        usize::try_from(hour.rem_euclid(24)).unwrap_or(0)
    }

    fn learn_hour(&mut self, point: i64, new: f64) {
        if let Some((variance, n)) = self.by_hour.get_mut(Self::hour(point)) {
            *n = (*n + 1.0).min(MEMORY / 12.0);
            *variance += (new - *variance) / *n;
        }
    }

    /// The variance of what is new at an hour of the day: a restless one is granted its restlessness, a calm one none is taken.
    fn of_hour(&self, point: i64) -> f64 {
        let (variance, n) = self
            .by_hour
            .get(Self::hour(point))
            .copied()
            .unwrap_or_default();
        let of_hour = (n * variance + POINTS_OF_HOUR * self.innovation) / (n + POINTS_OF_HOUR);
        self.innovation.max(of_hour * CHANCE)
    }

    /// Appends its stable form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for number in [
            self.n,
            self.variance,
            self.covariance,
            self.innovation,
            self.step,
        ] {
            push_float(out, number);
        }
        for (variance, n) in self.by_hour {
            push_float(out, variance);
            push_float(out, n);
        }
        push(out, u64::from(self.last.is_some()));
        if let Some((point, value)) = self.last {
            push_signed(out, point);
            push_float(out, value);
        }
        for stretch in &self.stretches {
            push(out, u64::from(stretch.n));
            for number in [stretch.sum, stretch.excess, stretch.whole] {
                push_float(out, number);
            }
        }
    }

    /// Reads what [`Noise::encode`] wrote, or its first form, which knew no stretches.
    pub fn decode(bytes: &mut Bytes<'_>, is_first: bool) -> Result<Self, Broken> {
        let mut noise = Self {
            n: bytes.float()?,
            variance: bytes.float()?,
            covariance: bytes.float()?,
            innovation: bytes.float()?,
            step: bytes.float()?,
            ..Self::default()
        };
        for (variance, n) in &mut noise.by_hour {
            *variance = bytes.float()?;
            *n = bytes.float()?;
        }
        if bytes.number()? > 0 {
            noise.last = Some((bytes.signed()?, bytes.float()?));
        }
        for stretch in noise.stretches.iter_mut().filter(|_| !is_first) {
            let n = u32::try_from(bytes.number()?);
            *stretch = Stretch {
                n: n.map_err(|_| Broken::Impossible("a count"))?,
                sum: bytes.float()?,
                excess: bytes.float()?,
                whole: bytes.float()?,
            };
        }
        let least = [noise.n, noise.variance, noise.innovation, noise.step];
        if least.iter().any(|number| *number < 0.0) || noise.variance == 0.0 {
            return Err(Broken::Impossible("a variance"));
        }
        Ok(noise)
    }
}
