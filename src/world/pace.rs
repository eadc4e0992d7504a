//! How long the simulated hosts take to answer: a log-normal noise that lasts, a daily rhythm, spikes and errors.

use std::f64::consts::TAU;

use jiff::{SignedDuration, Timestamp};

use super::noise::{self, Random};
use super::{World, play};
use crate::market::Phases;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Whose host it is.
    pub provider: &'a str,
    /// The region, or nothing.
    pub region: &'a str,
    /// The original's host.
    pub host: &'a str,
    /// Over what: `fresh` opens a connection, every other word uses one that is there.
    pub kind: &'a str,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// How long each phase took; none behind the one that failed.
    pub phases: Phases,
    /// As in a sample: `ok`, or the word of a failure.
    pub outcome: &'static str,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
}

/// How strongly durations vary: the standard deviation of their logarithm.
const DEVIATION: f64 = 0.16;
/// How much of that lasts for an hour.
const LASTING: f64 = 0.6;
/// By how much the slowest hour of a day is slower than the mean.
const RHYTHM: f64 = 0.12;
/// The share of measurements that take several times as long.
const SPIKES: f64 = 0.004;
/// The share of measurements that time out.
const ERRORS: f64 = 0.001;

impl World {
    /// How long one check of a host takes at a moment, and how it ends. `expects`: the status of a sound answer, such as 401
    /// without a key.
    pub fn phases(&self, line: &Line<'_>, expects: u16, now: Timestamp) -> Measured {
        let seed = self.course.seed;
        let key = format!("{}/{}/{}", line.provider, line.region, line.host);
        let mut random = Random::new(noise::number(
            seed,
            &format!("{key}/{}", line.kind),
            now.as_second(),
        ));
        let usual = Usual::of(&key);
        let pace = pace(seed, &key, now, &mut random) * self.slowness(line.host, now);
        let milliseconds = |length: f64| SignedDuration::from_micros((length * 1000.0) as i64);
        let is_fresh = line.kind == "fresh";
        let vary = |length: f64, random: &mut Random| {
            milliseconds(length * (0.08 * random.normal()).exp())
        };
        let mut phases = Phases::default();
        let mut total = SignedDuration::ZERO;
        if is_fresh {
            let opening =
                [usual.dns, usual.way, usual.way * 1.3].map(|length| vary(length, &mut random));
            [phases.dns, phases.connect, phases.tls] = opening.map(Some);
            total += opening.into_iter().sum::<SignedDuration>();
        }
        let fault = self.fault(line.host, "/", now).map(|fault| fault.status);
        if fault == Some(0) || random.share() < ERRORS {
            phases.total = Some(total + SignedDuration::from_secs(10));
            return Measured {
                phases,
                outcome: "timeout",
                status: None,
            };
        }
        let first_byte = milliseconds(usual.way + usual.thinking * pace);
        let body = vary(1.5, &mut random);
        phases.first_byte = Some(first_byte);
        phases.body = Some(body);
        phases.total = Some(total + first_byte + body);
        let status = fault.unwrap_or(expects);
        let outcome = match status {
            429 => "throttled",
            529 => "overloaded",
            500.. => "status",
            _ => "ok",
        };
        Measured {
            phases,
            outcome,
            status: Some(status),
        }
    }

    /// How many times as long a host takes by the script.
    fn slowness(&self, host: &str, now: Timestamp) -> f64 {
        let course = &self.course;
        let events = course.script.events.iter().zip(&course.events);
        let slow =
            events.flat_map(|(event, begun)| event.slow.iter().map(move |slow| (*begun, slow)));
        let on = slow.filter(|(begun, slow)| {
            let is_now = *begun <= now && now < course.after(*begun, slow.lasts, 0);
            is_now && play::is_host(&slow.hosts, host)
        });
        on.map(|(_, slow)| slow.factor).product()
    }
}

/// What a host usually takes, in milliseconds.
struct Usual {
    dns: f64,
    /// There and back.
    way: f64,
    thinking: f64,
}

impl Usual {
    /// By chance, but the same for all seeds: hosts are where they are.
    fn of(key: &str) -> Self {
        let share = |of: &str| noise::share(noise::number(0, &format!("{key} {of}"), 0));
        Self {
            dns: 2.0 + 12.0 * share("dns"),
            way: 6.0 + 90.0 * share("way").powi(2),
            thinking: 45.0 + 120.0 * share("thinking"),
        }
    }
}

/// Noise of which a part lasts from hour to hour, the hour of the day, and spikes.
fn pace(seed: u64, key: &str, now: Timestamp, random: &mut Random) -> f64 {
    let hour = now.as_second().div_euclid(3600);
    let of_hour = |hour: i64| Random::new(noise::number(seed, key, hour)).normal();
    let lasting: f64 = (0..6)
        .map(|ago| LASTING.powi(ago) * of_hour(hour - i64::from(ago)))
        .sum();
    let lasting = lasting * (1.0 - LASTING * LASTING).sqrt();
    let noise = DEVIATION * (0.8 * lasting + 0.6 * random.normal());
    let phase = noise::share(noise::number(0, key, 1));
    let day = (now.as_second().rem_euclid(86_400)) as f64 / 86_400.0;
    let rhythm = 1.0 + RHYTHM * (TAU * (day + phase)).sin();
    let spike = match random.share() < SPIKES {
        true => 3.0 + 6.0 * random.share(),
        false => 1.0,
    };
    noise.exp() * rhythm * spike
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENAI: Line<'_> = Line {
        provider: "openai",
        region: "",
        host: "api.openai.com",
        kind: "fresh",
    };

    fn median(world: &World, from_hour: i64, hours: i64) -> f64 {
        let begin = world.course().begin;
        let at = |hour: i64| begin + SignedDuration::from_mins(60 * hour);
        let measured =
            (from_hour..from_hour + hours).map(|hour| world.phases(&OPENAI, 401, at(hour)));
        let mut lengths: Vec<f64> = measured
            .filter_map(|one| Some(one.phases.first_byte?.as_secs_f64()))
            .collect();
        lengths.sort_by(f64::total_cmp);
        lengths[lengths.len() / 2]
    }

    #[test]
    fn a_regression_of_the_script_is_in_the_measurements() {
        let world = World::shipped(1, "2026-09-02T00:00:00Z".parse().expect("a time"))
            .expect("a sound script");
        let (before, during, after) = (
            median(&world, 43 * 24, 44),
            median(&world, 45 * 24 + 7, 44),
            median(&world, 48 * 24, 44),
        );
        assert!(
            during > 1.6 * before && during > 1.6 * after,
            "{before} {during} {after}"
        );
        let same = World::shipped(1, world.course().begin).expect("a sound script");
        assert_eq!(median(&same, 10, 50), median(&world, 10, 50));
        let down = world.course().begin + SignedDuration::from_mins(40 * 1440 + 14 * 60 + 40);
        assert_eq!(world.phases(&OPENAI, 401, down).outcome, "status");
    }
}
