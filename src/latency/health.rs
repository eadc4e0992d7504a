//! Whether a target is up, degraded or down: by how many of its last statements are bad, and not up again before it has been
//! well for a while.

use super::varint::{Broken, Bytes, push, push_float, push_signed};

/// The format of the stored form.
const FORMAT: u64 = 1;
/// Down: so many of the last five are bad. At 1 % of errors by chance four of five come once in 60,000 days of every five
/// minutes, three of five every 350.
const DOWN: Rule = Rule { of: 5, least: 4 };
/// Degraded: six of twenty (by chance once in 300,000 days), or ten of a hundred.
const DEGRADED: [Rule; 2] = [Rule { of: 20, least: 6 }, Rule { of: 100, least: 10 }];
/// Statements that are kept.
const KEPT: usize = 100;
/// No trouble is shorter: a target that is asked every few seconds must fail for this long.
const LEAST_TROUBLE: i64 = 120_000;
/// It is up again after so many good ones in a row,
const GOOD_AGAIN: usize = 3;
/// over so long: what comes and goes every few minutes is one trouble.
const LEAST_WELL: i64 = 600_000;
/// Degraded ends when at most one of so many is bad, and twice what is usual.
const WELL: usize = 20;
/// Statements of which the usual share of bad ones is known: a week of every five minutes.
const MEMORY: f64 = 2_016.0;
/// The share of bad ones that is taken for usual at first.
const USUAL: f64 = 0.01;
/// What comes by chance less often than this is no chance.
const CHANCE: f64 = 1e-7;

/// So many of the last ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    of: usize,
    least: usize,
}

impl Rule {
    /// How many of the last ones are too many for a target of which this share is bad usually: what it always does is no news.
    fn least_for(self, usual: f64) -> usize {
        let mut by_chance = (1.0 - usual).powi(self.of as i32);
        for bad in 0..self.of {
            let is_chance = by_chance > CHANCE || bad < self.least;
            if !is_chance {
                return bad;
            }
            let (left, more) = ((self.of - bad) as f64, (bad + 1) as f64);
            by_chance *= left / more * usual / (1.0 - usual);
        }
        self.of
    }
}

/// How a target does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// It answers.
    Up,
    /// It fails more often than it usually does.
    Degraded,
    /// It does not answer.
    Down,
}

impl Condition {
    /// The stored and printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

/// A change of a target's condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    /// What it was.
    pub from: Condition,
    /// What it is.
    pub to: Condition,
    /// Since when: of trouble the first bad sample, of its end the first good one of those that ended it. Milliseconds since
    /// 1970.
    pub since: i64,
    /// How many of the last statements were bad,
    pub bad: usize,
    /// of how many.
    pub of: usize,
}

/// What is remembered of a target. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    condition: Condition,
    /// The last statements in the order of time, and whether each was bad.
    last: Vec<(i64, bool)>,
    /// Statements up to this time are no longer taken.
    forgotten: Option<i64>,
    /// The share of bad ones outside of trouble, with how many it was learnt from.
    usual: f64,
    n: f64,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            condition: Condition::Up,
            last: Vec::new(),
            forgotten: None,
            usual: USUAL,
            // the first guess counts as much as a hundred statements
            n: 100.0,
        }
    }
}

impl Health {
    /// How it does.
    pub fn condition(&self) -> Condition {
        self.condition
    }

    /// Takes in a statement. A late one takes its place in time, as if it had come then; one that is older than all that are kept
    /// says nothing any more.
    pub fn add(&mut self, at: i64, is_bad: bool) {
        let place = self.last.partition_point(|(other, _)| *other <= at);
        if self.forgotten.is_some_and(|forgotten| at <= forgotten) {
            return;
        }
        self.last.insert(place, (at, is_bad));
        if self.last.len() > KEPT {
            let (at, is_bad) = self.last.remove(0);
            self.forgotten = Some(at);
            self.learn(is_bad);
        }
    }

    /// What is usual is learnt from what has turned out to be no trouble.
    fn learn(&mut self, is_bad: bool) {
        if self.condition == Condition::Up {
            self.n = (self.n + 1.0).min(MEMORY);
            self.usual += (f64::from(u8::from(is_bad)) - self.usual) / self.n;
            self.usual = self.usual.clamp(USUAL, 0.9);
        }
    }

    /// Judges by all statements so far. Bad ones of moments that `is_ours` are taken back: they say nothing of the target.
    pub fn judge(&mut self, is_ours: impl Fn(i64) -> bool) -> Option<Turned> {
        self.last.retain(|(at, is_bad)| !(*is_bad && is_ours(*at)));
        let turned = self.turned()?;
        self.condition = turned.to;
        match turned.to {
            // the trouble that is over must not count for the next one
            Condition::Up => {
                self.last.retain(|(at, _)| *at >= turned.since);
                self.forgotten = Some(turned.since - 1);
            }
            Condition::Degraded | Condition::Down => {}
        }
        Some(turned)
    }

    fn turned(&self) -> Option<Turned> {
        let turned = |to: Condition, since: i64, (bad, of): (usize, usize)| {
            Some(Turned {
                from: self.condition,
                to,
                since,
                bad,
                of,
            })
        };
        let worse = self.worse();
        if let Some((to, since, counted)) = worse
            && to > self.condition
        {
            return turned(to, since, counted);
        }
        if self.condition == Condition::Up {
            return None;
        }
        let well = self.last.iter().rev().take_while(|(_, is_bad)| !is_bad);
        let n = well.count();
        let run = self.last.get(self.last.len() - n..)?;
        let (first, last) = (run.first()?.0, run.last()?.0);
        let is_well = n >= GOOD_AGAIN && last - first >= LEAST_WELL;
        let (bad, of) = self.bad_of(WELL);
        let few = 1.0 + 2.0 * WELL as f64 * self.usual;
        let few = self.condition == Condition::Down || bad as f64 <= few;
        if is_well && few {
            return turned(Condition::Up, first, (bad, of));
        }
        None
    }

    /// The worst condition that the last statements show, since when, and by how many.
    fn worse(&self) -> Option<(Condition, i64, (usize, usize))> {
        let rules = [(Condition::Down, DOWN)]
            .into_iter()
            .chain(DEGRADED.map(|rule| (Condition::Degraded, rule)));
        let (last, is_bad) = self.last.last()?;
        if !is_bad {
            return None;
        }
        rules.into_iter().find_map(|(condition, rule)| {
            let (bad, of) = self.bad_of(rule.of);
            let window = self.last.get(self.last.len() - of..)?;
            let since = window.iter().find(|(_, is_bad)| *is_bad)?.0;
            let is_so = bad >= rule.least_for(self.usual) && last - since >= LEAST_TROUBLE;
            is_so.then_some((condition, since, (bad, of)))
        })
    }

    fn bad_of(&self, n: usize) -> (usize, usize) {
        let last = self.last.iter().rev().take(n);
        let bad = last.clone().filter(|(_, is_bad)| *is_bad).count();
        (bad, last.count())
    }

    /// Its stable form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, FORMAT);
        push(&mut out, self.condition as u64);
        push_float(&mut out, self.usual);
        push_float(&mut out, self.n);
        push(&mut out, u64::from(self.forgotten.is_some()));
        push_signed(&mut out, self.forgotten.unwrap_or_default());
        push(&mut out, self.last.len() as u64);
        let mut before = 0;
        for (at, is_bad) in &self.last {
            push_signed(&mut out, at - before);
            push(&mut out, u64::from(*is_bad));
            before = *at;
        }
        out
    }

    /// Reads what [`Health::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Broken> {
        let mut bytes = Bytes(bytes);
        let format = bytes.number()?;
        if format != FORMAT {
            return Err(Broken::Format(format));
        }
        let condition = match bytes.number()? {
            0 => Condition::Up,
            1 => Condition::Degraded,
            2 => Condition::Down,
            _ => return Err(Broken::Impossible("a condition")),
        };
        let (usual, n) = (bytes.float()?, bytes.float()?);
        let is_forgotten = bytes.number()? > 0;
        let forgotten = Some(bytes.signed()?).filter(|_| is_forgotten);
        let mut last = Vec::new();
        let mut before = 0i64;
        for _ in 0..bytes.number()? {
            before = before.saturating_add(bytes.signed()?);
            last.push((before, bytes.number()? > 0));
        }
        bytes.end()?;
        if !(0.0..1.0).contains(&usual) || n < 1.0 || last.len() > KEPT {
            return Err(Broken::Impossible("a share"));
        }
        Ok(Self {
            condition,
            last,
            forgotten,
            usual,
            n,
        })
    }
}

#[cfg(test)]
mod tests;
