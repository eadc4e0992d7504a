//! A series as it may be: durations with a log-normal noise that lasts, a daily rhythm, spikes and errors. From a seed.

use std::f64::consts::TAU;

/// Numbers by chance (SplitMix64): the same of the same seed.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Above 0 and below 1.
    pub fn share(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Of the normal distribution (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.share().ln()).sqrt();
        radius * (TAU * self.share()).cos()
    }
}

/// How a series is.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The standard deviation of the logarithm.
    pub deviation: f64,
    /// How much of the noise is still there five minutes later.
    pub lasting: f64,
    /// The standard deviation of what lasts from hour to hour besides.
    pub hourly: f64,
    /// How much slower or faster it is by the time of day.
    pub rhythm: f64,
    /// The share of points that are several times as slow.
    pub spikes: f64,
    /// The share of points that fail.
    pub errors: f64,
}

/// That of the acceptance.
pub const USUAL: Kind = Kind {
    deviation: 0.35,
    lasting: 0.6,
    hourly: 0.0,
    rhythm: 0.4,
    spikes: 0.005,
    errors: 0.01,
};

/// How much of what lasts is still there five minutes later: six tenths of it an hour later.
const HOURLY: f64 = 0.958;

/// A series of a point every five minutes.
#[derive(Debug, Clone)]
pub struct Simulated {
    kind: Kind,
    random: Random,
    noise: f64,
    hourly: f64,
    /// When its day begins.
    phase: f64,
}

impl Simulated {
    /// Of a seed.
    pub fn new(kind: Kind, seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            kind,
            noise: kind.deviation * random.normal(),
            hourly: 0.0,
            phase: random.share(),
            random,
        }
    }

    /// The next point's duration in microseconds, `factor` times as slow as usual; `None` if it fails.
    pub fn next(&mut self, point: i64, factor: f64) -> Option<f64> {
        let kind = self.kind;
        let new = (1.0 - kind.lasting * kind.lasting).sqrt() * kind.deviation;
        self.noise = kind.lasting * self.noise + new * self.random.normal();
        if kind.hourly > 0.0 {
            let new = (1.0 - HOURLY * HOURLY).sqrt() * kind.hourly;
            self.hourly = HOURLY * self.hourly + new * self.random.normal();
        }
        let by_day = 1.0 + kind.rhythm * (TAU * (point as f64 / 288.0 + self.phase)).sin();
        let spike = if self.random.share() < kind.spikes {
            5.0 + 15.0 * self.random.share()
        } else {
            1.0
        };
        let is_error = self.random.share() < kind.errors;
        (!is_error).then(|| 100_000.0 * (self.noise + self.hourly).exp() * by_day * factor * spike)
    }
}
