//! How long our own network is away, and what it cost: what is remembered of it until it is told.

use std::collections::BTreeSet;

use super::Spell;
use super::varint::{Broken, Bytes, push, push_signed};

/// The format of the stored form.
const FORMAT: u64 = 1;
/// What is shorter is told to nobody: a router that starts anew, or a line that is dialled again at night, is done with in five
/// minutes, nobody would do anything about it, and at the usual schedules it costs one check an endpoint.
const WORTH_TELLING: i64 = 300_000;
/// So long after it is back what was under way is waited for, in milliseconds: longer than any request takes.
const SETTLED: i64 = 45_000;

/// Our own network was away and is back. Times are milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// The first sample that was out of reach.
    pub from: i64,
    /// The first one that was not.
    pub until: i64,
    /// How many checks of endpoints and models are inconclusive for it.
    pub checks: u64,
    /// How many sources could not be read.
    pub sources: usize,
}

impl Gone {
    /// Whether somebody should hear of it.
    pub fn is_worth_telling(&self) -> bool {
        self.until - self.from >= WORTH_TELLING
    }
}

/// What is remembered of being away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Away {
    /// Since when, while it is not told.
    since: Option<i64>,
    checks: u64,
    sources: BTreeSet<i64>,
    /// Up to this sample of the journal all are counted.
    counted: i64,
    /// What was before is told.
    told: i64,
}

impl Away {
    /// Whether nothing was told of the spell yet.
    pub fn is_untold(&self, spell: &Spell) -> bool {
        spell.from >= self.told
    }

    /// A sample of the spell is inconclusive: its number in the journal, and of which source it is, if it is of one.
    pub fn count(&mut self, number: i64, source: Option<i64>) {
        if number <= self.counted {
            return;
        }
        match source {
            Some(source) => {
                self.sources.insert(source);
            }
            None => self.checks += 1,
        }
    }

    /// All of its samples up to now are counted. Gives what is over, once, when nothing of it is under way any more.
    pub fn ended(&mut self, spell: &Spell, last: i64, now: i64) -> Option<Gone> {
        let from = *self.since.get_or_insert(spell.from);
        self.counted = self.counted.max(last);
        let until = spell.until.filter(|until| now - until >= SETTLED)?;
        let gone = Gone {
            from,
            until,
            checks: self.checks,
            sources: self.sources.len(),
        };
        *self = Self {
            told: until,
            counted: self.counted,
            ..Self::default()
        };
        Some(gone)
    }

    /// Its stable form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, FORMAT);
        push(&mut out, u64::from(self.since.is_some()));
        for number in [self.since.unwrap_or_default(), self.counted, self.told] {
            push_signed(&mut out, number);
        }
        push(&mut out, self.checks);
        push(&mut out, self.sources.len() as u64);
        for source in &self.sources {
            push_signed(&mut out, *source);
        }
        out
    }

    /// Reads what [`Away::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Broken> {
        let mut bytes = Bytes(bytes);
        let format = bytes.number()?;
        if format != FORMAT {
            return Err(Broken::Format(format));
        }
        let is_away = bytes.number()? > 0;
        let since = Some(bytes.signed()?).filter(|_| is_away);
        let (counted, told) = (bytes.signed()?, bytes.signed()?);
        let checks = bytes.number()?;
        let mut sources = BTreeSet::new();
        for _ in 0..bytes.number()? {
            sources.insert(bytes.signed()?);
        }
        bytes.end()?;
        Ok(Self {
            since,
            checks,
            sources,
            counted,
            told,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn spell(until: Option<i64>) -> Spell {
        Spell {
            from: 10 * MINUTE,
            last: 20 * MINUTE,
            until,
        }
    }

    #[test]
    fn it_is_told_once_when_it_is_over_and_counts_nothing_twice() {
        let mut away = Away::default();
        for number in [1, 2] {
            away.count(number, None);
        }
        away.count(3, Some(7));
        assert_eq!(away.ended(&spell(None), 3, 20 * MINUTE), None);
        // after a restart, with the first samples forgotten
        let mut away = Away::decode(&away.encode()).expect("what was encoded");
        for number in [2, 3, 4] {
            away.count(number, None);
        }
        away.count(5, Some(7));
        let over = Spell {
            from: 15 * MINUTE,
            ..spell(Some(21 * MINUTE))
        };
        assert_eq!(away.clone().ended(&over, 5, 21 * MINUTE + 1), None);
        let gone = away.ended(&over, 5, 22 * MINUTE).expect("it is over");
        let expected = Gone {
            from: 10 * MINUTE,
            until: 21 * MINUTE,
            checks: 3,
            sources: 1,
        };
        assert_eq!(gone, expected);
        assert!(gone.is_worth_telling());
        assert!(!away.is_untold(&over));
        assert_eq!(Away::decode(&away.encode()), Ok(away));
    }

    #[test]
    fn a_blip_is_told_to_nobody() {
        let mut away = Away::default();
        let blip = Spell {
            from: 0,
            last: 4 * MINUTE,
            until: Some(5 * MINUTE - 1),
        };
        let gone = away.ended(&blip, 0, 6 * MINUTE).expect("it is over");
        assert!(!gone.is_worth_telling());
    }
}
