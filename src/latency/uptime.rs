//! How much of a time a target was up, in two definitions. *By duration*: the share of the known time in which no incident of
//! our own says that it was down. *By request*: the share of good samples among good and bad ones. Time without samples (the
//! program was not running, or a fault was ours) is unknown: neither up nor down.

/// A window with samples that say something of the target. Seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// When it begins.
    pub begin: i64,
    /// How long it is.
    pub length: i64,
    /// How many samples in it were good.
    pub good: u64,
    /// How many were bad.
    pub bad: u64,
}

/// How a target did over a span; of several targets, the sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Uptime {
    /// Good samples.
    pub good: u64,
    /// Bad ones.
    pub bad: u64,
    /// Seconds of known time.
    pub known: i64,
    /// Seconds of known time in which it was down.
    pub down: i64,
    /// Seconds of which nothing is known.
    pub unknown: i64,
}

/// What an objective allows, and what of it is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// What may be bad: seconds or requests.
    pub allowed: f64,
    /// What was.
    pub used: f64,
}

impl Budget {
    /// The share that is left; below zero if more was used than is allowed. `None` if nothing is allowed.
    pub fn left(&self) -> Option<f64> {
        (self.allowed > 0.0).then(|| 1.0 - self.used / self.allowed)
    }
}

/// A sample speaks for the time until the next one, if that comes within so many times the usual distance,
const USUAL_DISTANCES: i64 = 3;
/// and for no longer than this.
const LONGEST: i64 = 2 * 3_600;

/// How one target did between two seconds since 1970. `down` are the times of its own incidents, which may overlap.
pub fn uptime(mut windows: Vec<Window>, down: &[(i64, i64)], (from, until): (i64, i64)) -> Uptime {
    windows.retain(|window| window.good + window.bad > 0);
    windows.sort_unstable();
    let mut found = Uptime {
        unknown: (until - from).max(0),
        ..Uptime::default()
    };
    let down = merged(down.to_vec());
    for (begin, end) in known(&windows) {
        let (begin, end) = (begin.max(from), end.min(until));
        if begin >= end {
            continue;
        }
        found.known += end - begin;
        let overlaps = down
            .iter()
            .map(|(b, e)| (end.min(*e) - begin.max(*b)).max(0));
        found.down += overlaps.sum::<i64>();
    }
    found.unknown -= found.known;
    for window in windows {
        found.good += window.good;
        found.bad += window.bad;
    }
    found
}

/// The stretches of time that samples speak for.
fn known(windows: &[Window]) -> Vec<(i64, i64)> {
    let pairs = windows.iter().zip(windows.iter().skip(1));
    let mut distances: Vec<i64> = pairs.map(|(a, b)| b.begin - a.begin).collect();
    distances.sort_unstable();
    let usual = distances.get(distances.len() / 2).copied().unwrap_or(0);
    let longest = (USUAL_DISTANCES * usual).min(LONGEST);
    let stretches = windows.iter().enumerate().map(|(n, window)| {
        let end = window.begin + window.length;
        let next = windows.get(n + 1).map(|next| next.begin);
        let end = match next {
            Some(next) if next - window.begin <= longest => end.max(next),
            _ => end,
        };
        (window.begin, end)
    });
    merged(stretches.collect())
}

/// How long stretches of time are together, in seconds; what several have in common counts once.
pub fn covered(stretches: Vec<(i64, i64)>) -> i64 {
    let merged = merged(stretches).into_iter();
    merged.map(|(begin, end)| end - begin).sum()
}

/// Stretches of time in order, none touching another.
fn merged(mut stretches: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    stretches.sort_unstable();
    let mut found: Vec<(i64, i64)> = Vec::new();
    for (begin, end) in stretches {
        match found.last_mut() {
            Some(last) if begin <= last.1 => last.1 = last.1.max(end),
            _ => found.push((begin, end)),
        }
    }
    found
}

impl Uptime {
    /// The share of known time in which it was not down; `None` if nothing is known.
    pub fn by_duration(&self) -> Option<f64> {
        (self.known > 0).then(|| 1.0 - self.down as f64 / self.known as f64)
    }

    /// The share of good samples; `None` if there are none.
    pub fn by_request(&self) -> Option<f64> {
        let all = self.good + self.bad;
        (all > 0).then(|| self.good as f64 / all as f64)
    }

    /// Adds another target.
    pub fn add(&mut self, other: &Self) {
        self.good += other.good;
        self.bad += other.bad;
        self.known += other.known;
        self.down += other.down;
        self.unknown += other.unknown;
    }

    /// What an objective (a share, such as 0.999) allows in the known time, in seconds.
    pub fn budget_by_duration(&self, objective: f64) -> Budget {
        Budget {
            allowed: (1.0 - objective) * self.known as f64,
            used: self.down as f64,
        }
    }

    /// What an objective allows of the requests.
    pub fn budget_by_request(&self, objective: f64) -> Budget {
        Budget {
            allowed: (1.0 - objective) * (self.good + self.bad) as f64,
            used: self.bad as f64,
        }
    }
}

/// A share as a percentage of three places, never rounded up to all: `99.950 %`.
pub fn percent(share: f64) -> String {
    let thousandths = (share * 100_000.0 + 1e-6).floor();
    format!("{:.3} %", thousandths / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(begins: impl IntoIterator<Item = i64>) -> Vec<Window> {
        let window = |begin: i64| Window {
            begin,
            length: 300,
            good: 1,
            bad: u64::from(begin % 1_200 == 0),
        };
        begins.into_iter().map(window).collect()
    }

    #[test]
    fn both_definitions_and_what_is_unknown() {
        let hour = windows((0..12).map(|n| n * 300));
        let told = uptime(hour.clone(), &[(1_000, 1_600), (1_500, 1_900)], (0, 3_600));
        assert_eq!((told.known, told.down, told.unknown), (3_600, 900, 0));
        assert_eq!(told.by_duration(), Some(0.75));
        assert_eq!((told.good, told.bad), (12, 3));
        assert_eq!(told.by_request(), Some(0.8));
        let budget = told.budget_by_request(0.9);
        assert!((budget.allowed - 1.5).abs() < 1e-9 && budget.left().expect("some") < -0.9);
        let budget = told.budget_by_duration(0.5);
        assert_eq!(
            (budget.allowed, budget.used, budget.left()),
            (1_800.0, 900.0, Some(0.5))
        );
        assert_eq!(told.budget_by_duration(1.0).left(), None);
    }

    #[test]
    fn a_program_that_does_not_run_knows_nothing() {
        // an hour of samples, six of none, an hour of samples; down over the end of the first
        let all = windows((0..12).chain(84..96).map(|n| n * 300));
        let told = uptime(all, &[(3_300, 4_000)], (0, 8 * 3_600));
        assert_eq!((told.known, told.unknown), (7_200, 6 * 3_600));
        assert_eq!(told.down, 300, "only where it is known");
        let nothing = uptime(Vec::new(), &[(0, 100)], (0, 3_600));
        assert_eq!(nothing.unknown, 3_600);
        assert_eq!((nothing.by_duration(), nothing.by_request()), (None, None));
    }

    #[test]
    fn rare_samples_speak_for_the_time_between() {
        let all = windows((0..10).map(|n| n * 1_800));
        let told = uptime(all, &[], (0, 18_000));
        assert_eq!((told.known, told.unknown), (9 * 1_800 + 300, 1_500));
        // one that is missing, too
        let some = windows([0, 1, 2, 3, 5, 6].map(|n| n * 1_800));
        assert_eq!(uptime(some, &[], (0, 11_000)).known, 11_000);
        // but nobody speaks for a day
        let few = windows([0, 86_400, 172_800]);
        assert_eq!(uptime(few, &[], (0, 200_000)).known, 900);
    }
}
