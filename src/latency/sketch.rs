//! How durations are spread, in a few hundred bytes however many they are: counts in buckets whose bounds grow by a constant
//! factor (DDSketch, <https://arxiv.org/abs/1908.10693>). Merging adds counts and loses nothing.

use jiff::SignedDuration;

use super::varint::{Broken, Bytes, push};

/// The largest relative error of a quantile. A little under the promised 1 %, so that rounding cannot break the promise.
const ERROR: f64 = 0.0099;

/// By what the bounds of the buckets grow.
const GROWTH: f64 = (1.0 + ERROR) / (1.0 - ERROR);

/// The bucket of the largest duration there is lies below.
const BUCKETS: u64 = 2_304;

/// A spread of durations in microseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    /// How many were shorter than a microsecond.
    zeros: u64,
    /// The number of the first bucket in `counts`.
    first: usize,
    /// Neither the first nor the last is zero, so that equal spreads are equal values.
    counts: Vec<u64>,
    min: u64,
    max: u64,
    sum: u64,
    n: u64,
}

/// In microseconds; `None` below zero, which only a broken clock measures.
pub fn micros(duration: SignedDuration) -> Option<u64> {
    u64::try_from(duration.as_micros()).ok()
}

fn duration(micros: u64) -> SignedDuration {
    SignedDuration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

fn bucket(micros: u64) -> usize {
    ((micros as f64).ln() / GROWTH.ln()).ceil() as usize
}

impl Sketch {
    /// Takes in one duration; one below zero is no duration.
    pub fn add(&mut self, duration: SignedDuration) {
        let Some(micros) = micros(duration) else {
            return;
        };
        if micros == 0 {
            self.zeros = self.zeros.saturating_add(1);
        } else {
            self.count(bucket(micros), 1);
        }
        self.extend(micros, micros, micros, 1);
    }

    fn extend(&mut self, min: u64, max: u64, sum: u64, n: u64) {
        self.min = if self.n == 0 { min } else { self.min.min(min) };
        self.max = self.max.max(max);
        self.sum = self.sum.saturating_add(sum);
        self.n = self.n.saturating_add(n);
    }

    fn count(&mut self, bucket: usize, n: u64) {
        self.make_room(bucket, bucket);
        if let Some(count) = self.counts.get_mut(bucket - self.first) {
            *count = count.saturating_add(n);
        }
    }

    /// Makes the buckets reach from `first` to `last` at least.
    fn make_room(&mut self, first: usize, last: usize) {
        if self.counts.is_empty() {
            self.first = first;
        }
        if first < self.first {
            let more = self.first - first;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first = first;
        }
        let length = last + 1 - self.first;
        if self.counts.len() < length {
            self.counts.resize(length, 0);
        }
    }

    /// Takes in all that another one has: the same as if its durations had been added one by one.
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        self.zeros = self.zeros.saturating_add(other.zeros);
        if !other.counts.is_empty() {
            self.make_room(other.first, other.first + other.counts.len() - 1);
            let from = other.first - self.first;
            for (count, more) in self.counts.iter_mut().skip(from).zip(&other.counts) {
                *count = count.saturating_add(*more);
            }
        }
        self.extend(other.min, other.max, other.sum, other.n);
    }

    /// How many lasted at most so long, as exactly as percentiles are told.
    pub fn within(&self, bound: SignedDuration) -> u64 {
        let Some(bound) = micros(bound) else { return 0 };
        let most = (bucket(bound.max(1)) + 1).saturating_sub(self.first);
        let counted: u64 = self.counts.iter().take(most).sum();
        self.zeros.saturating_add(counted)
    }

    /// How many durations it has, exactly.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The shortest, exactly; `None` if there is none.
    pub fn min(&self) -> Option<SignedDuration> {
        (self.n > 0).then(|| duration(self.min))
    }

    /// The longest, exactly; `None` if there is none.
    pub fn max(&self) -> Option<SignedDuration> {
        (self.n > 0).then(|| duration(self.max))
    }

    /// The sum of all, exactly.
    pub fn sum(&self) -> SignedDuration {
        duration(self.sum)
    }

    /// The mean; `None` if there is none.
    pub fn mean(&self) -> Option<SignedDuration> {
        self.sum.checked_div(self.n).map(duration)
    }

    /// The nearest-rank percentile (the duration that at least `percent` in a hundred do not exceed), at most 1 % off; the
    /// slowest one is exact, so that the 99th of fewer than a hundred is. `None` if there is none.
    pub fn percentile(&self, percent: u8) -> Option<SignedDuration> {
        let rank = (u128::from(self.n) * u128::from(percent.min(100))).div_ceil(100);
        let rank = u64::try_from(rank).ok()?.max(1);
        if rank >= self.n {
            return self.max();
        }
        let mut passed = self.zeros;
        if rank <= passed {
            return Some(SignedDuration::ZERO);
        }
        let at = self.counts.iter().position(|count| {
            passed = passed.saturating_add(*count);
            rank <= passed
        })?;
        let power = i32::try_from(self.first + at).ok()?;
        let nanos = 2_000.0 * GROWTH.powi(power) / (GROWTH + 1.0);
        let told = SignedDuration::from_nanos(nanos.round() as i64);
        Some(told.clamp(duration(self.min), duration(self.max)))
    }

    /// Appends its stable form: the shorter than a microsecond, how many buckets, of each how far it is from the one before and
    /// its count; unless it is empty, the shortest, how much longer the longest is, the sum.
    pub fn encode(&self, out: &mut Vec<u8>) {
        push(out, self.zeros);
        let used = || {
            self.counts
                .iter()
                .zip(self.first..)
                .filter(|(n, _)| **n > 0)
        };
        push(out, used().count() as u64);
        let mut before = 0;
        for (count, bucket) in used() {
            // most buckets of short windows hold one
            let gap = (bucket - before) as u64;
            push(out, gap << 1 | u64::from(*count > 1));
            if *count > 1 {
                push(out, *count);
            }
            before = bucket;
        }
        if self.n > 0 {
            push(out, self.min);
            push(out, self.max.saturating_sub(self.min));
            push(out, self.sum);
        }
    }

    /// Reads what [`Sketch::encode`] wrote, or wrote once (`is_plain`): every bucket with its count.
    pub fn decode(bytes: &mut Bytes<'_>, is_plain: bool) -> Result<Self, Broken> {
        let mut sketch = Self {
            zeros: bytes.number()?,
            ..Self::default()
        };
        let mut n = sketch.zeros;
        let mut bucket = 0u64;
        for at in 0..bytes.number()? {
            let (gap, count) = match (is_plain, bytes.number()?) {
                (true, gap) => (gap, bytes.number()?),
                (false, one) if one & 1 == 0 => (one >> 1, 1),
                (false, several) => (several >> 1, bytes.number()?),
            };
            bucket = bucket.saturating_add(gap);
            if bucket >= BUCKETS || count == 0 || (at > 0 && gap == 0) {
                return Err(Broken::Impossible("a bucket"));
            }
            sketch.count(bucket as usize, count);
            n = n.saturating_add(count);
        }
        if n > 0 {
            let min = bytes.number()?;
            let max = min.checked_add(bytes.number()?);
            let max = max.ok_or(Broken::Impossible("the longest"))?;
            sketch.extend(min, max, bytes.number()?, n);
        }
        Ok(sketch)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(micros: &[u64]) -> Sketch {
        let mut sketch = Sketch::default();
        for micros in micros {
            sketch.add(duration(*micros));
        }
        sketch
    }

    fn merged(one: &Sketch, other: &Sketch) -> Sketch {
        let mut all = one.clone();
        all.merge(other);
        all
    }

    fn encoded(sketch: &Sketch) -> Vec<u8> {
        let mut bytes = Vec::new();
        sketch.encode(&mut bytes);
        bytes
    }

    /// From under a microsecond to years, as many of each size.
    fn spread() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(
            (0u64..1 << 15, 0u32..35).prop_map(|(n, by)| n << by),
            0..200,
        )
    }

    #[test]
    fn nothing_says_nothing() {
        let sketch = of(&[]);
        assert_eq!(sketch.percentile(50), None);
        assert_eq!((sketch.min(), sketch.mean()), (None, None));
        let mut sketch = of(&[5]);
        sketch.add(SignedDuration::from_millis(-1));
        assert_eq!(sketch, of(&[5]), "a broken clock measured nothing");
    }

    #[test]
    fn the_slowest_of_few_is_exact() {
        let sketch = of(&[1_000, 777_777, 3]);
        assert_eq!(sketch.percentile(99), Some(duration(777_777)));
        assert_eq!(sketch.min(), Some(duration(3)));
        assert_eq!(sketch.sum(), duration(778_780));
    }

    #[test]
    fn a_day_of_one_minute_samples_takes_little_room() {
        let day: Vec<u64> = (0..1_440u64)
            .map(|n| 80_000 + n * 7_919 % 120_000)
            .collect();
        let bytes = encoded(&of(&day)).len();
        assert!(bytes < 250, "{bytes} bytes");
    }

    proptest! {
        #[test]
        fn merging_is_adding_all(a in spread(), b in spread(), c in spread()) {
            let all = of(&[a.clone(), b.clone(), c.clone()].concat());
            let (a, b, c) = (of(&a), of(&b), of(&c));
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
            prop_assert_eq!(&merged(&merged(&a, &b), &c), &all);
            prop_assert_eq!(&merged(&a, &merged(&b, &c)), &all);
        }

        #[test]
        fn percentiles_are_within_a_hundredth(mut micros in spread(), percent in 0u8..=100) {
            let sketch = of(&micros);
            micros.sort_unstable();
            let rank = (micros.len() * usize::from(percent)).div_ceil(100).max(1);
            let exact = micros.get(rank - 1).map(|micros| *micros as f64 / 1e6);
            let told = sketch.percentile(percent).map(|told| told.as_secs_f64());
            prop_assert_eq!(told.is_some(), exact.is_some());
            if let (Some(told), Some(exact)) = (told, exact) {
                prop_assert!((told - exact).abs() <= exact * 0.01, "{} for {}", told, exact);
            }
        }

        #[test]
        fn what_is_written_is_read(micros in spread()) {
            let sketch = of(&micros);
            let bytes = encoded(&sketch);
            let mut left = Bytes(&bytes);
            prop_assert_eq!(Sketch::decode(&mut left, false), Ok(sketch));
            prop_assert_eq!(left.end(), Ok(()));
            for end in 0..bytes.len() {
                prop_assert_eq!(Sketch::decode(&mut Bytes(&bytes[..end]), false), Err(Broken::Cut));
            }
        }

        #[test]
        fn anything_else_is_refused_or_sound(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(sketch) = Sketch::decode(&mut Bytes(&bytes), false) {
                prop_assert_eq!(sketch.percentile(50).is_some(), sketch.n() > 0);
                let again = encoded(&merged(&sketch, &sketch));
                prop_assert!(Sketch::decode(&mut Bytes(&again), false).is_ok());
            }
        }
    }
}
