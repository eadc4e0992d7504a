//! What is normal for a series at an hour of the week: the median of the logarithms of its own durations over four weeks.

use std::cell::OnceCell;

use super::varint::{Broken, Bytes, push, push_signed};

/// Points of a series are five minutes apart; so many are an hour.
pub const POINTS_AN_HOUR: i64 = 12;
/// Hours that are kept: four weeks.
const HOURS: usize = 28 * 24;
const WEEK: usize = 7 * 24;
/// An hour of the day is known after so many days; before that, all hours are taken as one.
const DAYS: usize = 7;
/// So many hours make a level.
const LEVEL_HOURS: usize = 24;
/// An hour's median is kept if so many of the hour's points have a value.
const POINTS: usize = 1;
/// Weeks that say something of an hour of the week.
const WEEKS: usize = 3;
/// Hours that a shift can take back.
const FORGOTTEN: i64 = 72;
/// What stands for an hour without a value.
const NONE: i16 = i16::MIN;
/// The median of normal values has this times the variance of their mean.
const MEDIAN_VARIANCE: f64 = std::f64::consts::FRAC_PI_2;
/// The median absolute deviation of normal values times this is their standard deviation.
pub const DEVIATION: f64 = 1.4826;

/// How well a series is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Too short a history for any judgement.
    Nothing,
    /// Its level of all hours together: its daily rhythm is not told from a shift yet.
    Level,
    /// Its daily rhythm.
    Rhythm,
}

/// The history of a series by the hour, and what is normal by it. Hours are counted since 1970 in UTC; values are natural
/// logarithms, so that a difference of 0.69 is twice as slow.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// The median of each hour in thousandths; the hour since 1970 modulo the length is its place.
    ring: Vec<i16>,
    /// The hour that is under way, with its points.
    hour: Option<i64>,
    points: Vec<f64>,
    /// Once it is needed: most hours pass unasked.
    normal: OnceCell<Normal>,
}

impl PartialEq for Baseline {
    fn eq(&self, other: &Self) -> bool {
        // what is normal follows from the rest
        (&self.ring, self.hour, &self.points) == (&other.ring, other.hour, &other.points)
    }
}

/// What follows from the hours that are kept.
#[derive(Debug, Clone, PartialEq)]
struct Normal {
    known: Known,
    hours: Vec<f64>,
    /// How far whole days lie from it: a standard deviation.
    wander: f64,
}

impl Default for Baseline {
    fn default() -> Self {
        Self {
            normal: OnceCell::new(),
            ring: vec![NONE; HOURS],
            hour: None,
            points: Vec::new(),
        }
    }
}

fn place(hour: i64, length: usize) -> usize {
    usize::try_from(hour.rem_euclid(length as i64)).unwrap_or(0)
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(*upper);
    }
    let lower = values.get(values.len() / 2 - 1)?;
    Some((lower + upper) / 2.0)
}

fn thousandths(value: f64) -> i16 {
    let rounded = (value * 1_000.0).round();
    rounded.clamp(f64::from(NONE + 1), f64::from(i16::MAX)) as i16
}

impl Baseline {
    fn what_is_normal(&self) -> &Normal {
        self.normal.get_or_init(|| Normal::of(&self.ring))
    }

    /// How well the series is known.
    pub fn known(&self) -> Known {
        self.what_is_normal().known
    }

    /// By how much whole days differ from what is normal for them: a standard deviation of the logarithm.
    pub fn wander(&self) -> f64 {
        self.what_is_normal().wander
    }

    /// What is normal for a point, between the middles of the hours beside it; `None` while nothing is known.
    pub fn normal(&self, point: i64) -> Option<f64> {
        let normal = self.what_is_normal();
        if normal.known == Known::Nothing {
            return None;
        }
        let half = POINTS_AN_HOUR as f64 / 2.0;
        let hours = (point as f64 + 0.5 - half) / POINTS_AN_HOUR as f64;
        let before = hours.floor();
        let share = hours - before;
        let of = |hour: i64| normal.hours.get(place(hour, WEEK)).copied();
        let (first, second) = (of(before as i64)?, of(before as i64 + 1)?);
        Some(first * (1.0 - share) + second * share)
    }

    /// Takes in a point. Points come in the order of time; one of an hour that has ended is not taken.
    pub fn add(&mut self, point: i64, value: f64) {
        self.pass(point);
        if self.hour == Some(point.div_euclid(POINTS_AN_HOUR)) {
            self.points.push(value);
        }
    }

    /// Lets time pass without a point: an hour that a shift has spoilt stays without a value.
    pub fn pass(&mut self, point: i64) {
        let now = point.div_euclid(POINTS_AN_HOUR);
        let Some(hour) = self.hour else {
            self.hour = Some(now);
            return;
        };
        if now <= hour {
            return;
        }
        let of_hour = (self.points.len() >= POINTS).then(|| median(&mut self.points));
        let passed = (now - hour).min(HOURS as i64);
        for step in 0..passed {
            let value = of_hour.flatten().filter(|_| step == 0);
            if let Some(kept) = self.ring.get_mut(place(hour + step, HOURS)) {
                *kept = value.map_or(NONE, thousandths);
            }
        }
        self.points.clear();
        self.hour = Some(now);
        self.normal.take();
    }

    /// Forgets the hours since a point, three days at most: they turned out to be part of a shift.
    pub fn forget_since(&mut self, point: i64) {
        let Some(now) = self.hour else {
            return;
        };
        let since = point.div_euclid(POINTS_AN_HOUR).max(now - FORGOTTEN);
        for hour in since..now {
            if let Some(kept) = self.ring.get_mut(place(hour, HOURS)) {
                *kept = NONE;
            }
        }
        self.points.clear();
        self.normal.take();
    }

    /// Takes another level for the normal one.
    pub fn raise(&mut self, by: f64) {
        for value in self.ring.iter_mut().filter(|value| **value != NONE) {
            *value = thousandths(f64::from(*value) / 1_000.0 + by);
        }
        for value in &mut self.points {
            *value += by;
        }
        self.normal.take();
    }

    /// Appends its stable form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        push_signed(out, self.hour.unwrap_or(i64::MIN));
        push(out, self.points.len() as u64);
        for value in &self.points {
            super::varint::push_float(out, *value);
        }
        // neighbours are alike
        let mut last = 0;
        for value in &self.ring {
            push_signed(out, i64::from(*value) - last);
            last = i64::from(*value);
        }
    }

    /// Reads what [`Baseline::encode`] wrote.
    pub fn decode(bytes: &mut Bytes<'_>) -> Result<Self, Broken> {
        let hour = Some(bytes.signed()?).filter(|hour| *hour != i64::MIN);
        let mut points = Vec::new();
        for _ in 0..bytes.number()? {
            points.push(bytes.float()?);
        }
        let mut ring = Vec::with_capacity(HOURS);
        let mut last = 0i64;
        for _ in 0..HOURS {
            last = last.saturating_add(bytes.signed()?);
            ring.push(i16::try_from(last).map_err(|_| Broken::Impossible("an hour"))?);
        }
        Ok(Self {
            normal: OnceCell::new(),
            ring,
            hour,
            points,
        })
    }
}

impl Normal {
    fn of(ring: &[i16]) -> Self {
        let nothing = Self {
            known: Known::Nothing,
            hours: Vec::new(),
            wander: 0.0,
        };
        let value = |at: usize| {
            let kept = ring.get(at).copied().filter(|kept| *kept != NONE);
            kept.map(|kept| f64::from(kept) / 1_000.0)
        };
        let mut all: Vec<f64> = (0..HOURS).filter_map(value).collect();
        if all.len() < LEVEL_HOURS {
            return nothing;
        }
        let of_day: Vec<Option<f64>> = (0..24)
            .map(|hour| {
                let mut values: Vec<f64> = (hour..HOURS).step_by(24).filter_map(value).collect();
                let is_known = values.len() >= DAYS;
                median(&mut values).filter(|_| is_known)
            })
            .collect();
        let Some(of_day) = of_day.into_iter().collect::<Option<Vec<f64>>>() else {
            return Self {
                known: Known::Level,
                hours: vec![median(&mut all).unwrap_or_default(); WEEK],
                ..nothing
            };
        };
        let hours = of_week(&smoothed(&of_day), &value);
        let wander = wander(&hours, &value);
        Self {
            known: Known::Rhythm,
            hours,
            wander,
        }
    }
}

/// Each hour of the day with a little of those beside it: one alone has few days.
fn smoothed(of_day: &[f64]) -> Vec<f64> {
    let of = |hour: usize| of_day.get(hour % 24).copied().unwrap_or_default();
    (0..24)
        .map(|hour| 0.25 * of(hour + 23) + 0.5 * of(hour) + 0.25 * of(hour + 1))
        .collect()
}

/// What is normal for each hour of the week: what is so for the hour of the day, and as much of the difference of the hour of
/// the week as the differences of all hours are more than chance.
fn of_week(of_day: &[f64], value: &impl Fn(usize) -> Option<f64>) -> Vec<f64> {
    let of_day = |hour: usize| of_day.get(hour % 24).copied().unwrap_or_default();
    let mut differences = vec![0.0; WEEK];
    let (mut squares, mut chance, mut n) = (0.0, 0.0, 0);
    for (hour, difference) in differences.iter_mut().enumerate() {
        let mut values: Vec<f64> = (hour..HOURS)
            .step_by(WEEK)
            .filter_map(|at| Some(value(at)? - of_day(hour)))
            .collect();
        if values.len() < WEEKS {
            continue;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0);
        *difference = median(&mut values).unwrap_or_default();
        squares += difference.powi(2);
        chance += MEDIAN_VARIANCE * variance / count;
        n += 1;
    }
    let share = if 2 * n >= WEEK && squares > 0.0 {
        ((squares - chance) / squares).max(0.0)
    } else {
        0.0
    };
    let with = |(hour, difference): (usize, &f64)| of_day(hour) + share * difference;
    differences.iter().enumerate().map(with).collect()
}

/// How far whole days lie from what is normal for them.
fn wander(hours: &[f64], value: &impl Fn(usize) -> Option<f64>) -> f64 {
    let mut days: Vec<f64> = (0..HOURS / 24)
        .filter_map(|day| {
            let mut of_day: Vec<f64> = (day * 24..(day + 1) * 24)
                .filter_map(|at| Some(value(at)? - hours.get(at % WEEK)?))
                .collect();
            median(&mut of_day)
        })
        .collect();
    let Some(middle) = median(&mut days) else {
        return 0.0;
    };
    let mut deviations: Vec<f64> = days.iter().map(|day| (day - middle).abs()).collect();
    DEVIATION * median(&mut deviations).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value of each point: by day and night, and on Sundays.
    fn course(point: i64) -> f64 {
        let hour = point.div_euclid(POINTS_AN_HOUR);
        let by_day = 0.4 * (hour.rem_euclid(24) as f64 / 24.0 * std::f64::consts::TAU).sin();
        let of_week = if hour.div_euclid(24).rem_euclid(7) == 3 {
            -0.5
        } else {
            0.0
        };
        11.0 + by_day + of_week
    }

    #[test]
    fn the_more_history_the_finer_it_is_known() {
        let mut baseline = Baseline::default();
        let mut at = Vec::new();
        for point in 0..28 * 288 + POINTS_AN_HOUR {
            if at.last() != Some(&baseline.known()) {
                at.push(baseline.known());
            }
            baseline.add(point, course(point));
            if point == 16 * 288 {
                let off = baseline.normal(3 * 288).expect("known") - course(3 * 288);
                assert!(off > 0.4, "two Sundays are too few: {off}");
            }
        }
        assert_eq!(at, [Known::Nothing, Known::Level, Known::Rhythm]);
        for point in (28 * 288 + 6..35 * 288).step_by(12) {
            let off = (baseline.normal(point).expect("known") - course(point)).abs();
            let edge = (point.div_euclid(288) - 31).abs() <= 1;
            assert!(off < 0.02 || edge, "{point}: {off}");
        }
        let kept = |baseline: &Baseline| {
            let mut bytes = Vec::new();
            baseline.encode(&mut bytes);
            Baseline::decode(&mut Bytes(&bytes)).expect("its own form")
        };
        assert_eq!(kept(&baseline), baseline);
        baseline.raise(0.5);
        let normal = baseline.normal(28 * 288 + 6).expect("known");
        assert!((normal - course(28 * 288 + 6) - 0.5).abs() < 0.02);
    }

    #[test]
    fn a_long_pause_leaves_nothing_known() {
        let mut baseline = Baseline::default();
        for point in 0..10 * 288 {
            baseline.add(point, course(point));
        }
        assert_eq!(baseline.known(), Known::Rhythm);
        baseline.add(60 * 288, 11.0);
        assert_eq!(baseline.known(), Known::Nothing);
        assert_eq!(Baseline::decode(&mut Bytes(&[])), Err(Broken::Cut));
    }
}
