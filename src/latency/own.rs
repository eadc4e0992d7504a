//! Whether we are to blame ourselves: when several providers, or a reference and a provider, are out of reach at the same time
//! and nobody is reached, it is our network.

use std::collections::{BTreeSet, VecDeque};

use super::varint::{Broken, Bytes, push, push_signed};

/// The format of the stored form.
const FORMAT: u64 = 1;
/// So many providers out of reach: it is our network.
const SEVERAL: usize = 3;
/// With a reference among them, which we trust more than a provider, so many.
const WITH_REFERENCE: usize = 2;
/// Samples that are further apart have nothing to do with each other, in milliseconds: as far as a deadline, a pause and the
/// slowest of the usual schedules.
const NEAR: i64 = 600_000;
/// So long before and after what was out of reach by our own fault nobody can tell, in milliseconds: the deadline of a request.
const EDGE: i64 = 30_000;
/// Samples are kept for so long, in milliseconds: judgement is never later.
const KEPT: i64 = 6 * 3_600_000;
/// Samples that are kept at most.
const MOST: usize = 20_000;

/// A sample of a target, as far as it concerns our own network.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sight {
    at: i64,
    provider: Box<str>,
    is_reference: bool,
    is_reached: bool,
}

/// A time in which we were away ourselves. Milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    /// The first sample that was out of reach,
    pub from: i64,
    /// and the last one.
    pub last: i64,
    /// The first one after it that was not; `None` while there is none, or none before the next that was.
    pub until: Option<i64>,
}

impl Spell {
    /// When samples that were out of reach were so by our own fault: a request may have been under way when we went away, and
    /// not everything is back at once.
    pub fn edges(&self) -> (i64, i64) {
        let end = self.last.max(self.until.unwrap_or(self.last));
        (self.from.saturating_sub(EDGE), end.saturating_add(EDGE))
    }

    /// Whether what was out of reach at this moment was so by our own fault.
    pub fn is_ours(&self, at: i64) -> bool {
        let (from, until) = self.edges();
        (from..=until).contains(&at)
    }
}

/// Samples in a row of which none was reached, none far from the next.
struct Run<'a> {
    from: i64,
    last: i64,
    asked: BTreeSet<(&'a str, bool)>,
}

impl<'a> Run<'a> {
    fn new(at: i64) -> Self {
        Self {
            from: at,
            last: at,
            asked: BTreeSet::new(),
        }
    }

    fn add(&mut self, sight: &'a Sight) {
        self.last = sight.at;
        self.asked.insert((&sight.provider, sight.is_reference));
    }

    fn spell(self, known: usize, until: Option<i64>) -> Option<Spell> {
        let has_reference = self.asked.iter().any(|(_, is_reference)| *is_reference);
        let enough = if has_reference { WITH_REFERENCE } else { known };
        (self.asked.len() >= enough).then_some(Spell {
            from: self.from,
            last: self.last,
            until,
        })
    }
}

/// Samples of late of all targets. Times are milliseconds since 1970. The order in which samples come means nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    sights: VecDeque<Sight>,
}

impl Own {
    /// Takes in a sample: whether a target of this provider, or a reference, was reached.
    pub fn feed(&mut self, provider: &str, is_reference: bool, is_reached: bool, at: i64) {
        let place = self.sights.partition_point(|sight| sight.at <= at);
        let newest = self.sights.back().map_or(at, |sight| sight.at);
        if at < newest.saturating_sub(KEPT) {
            return;
        }
        let sight = Sight {
            at,
            provider: provider.into(),
            is_reference,
            is_reached,
        };
        self.sights.insert(place, sight);
        let oldest = self.sights.back().map_or(at, |sight| sight.at) - KEPT;
        while self.sights.len() > MOST || self.sights.front().is_some_and(|s| s.at < oldest) {
            self.sights.pop_front();
        }
    }

    /// When we were away ourselves, in the order of time: nobody was reached, and too many were asked for it to be their fault.
    /// It is known best a little later, when others were asked as well.
    pub fn spells(&self) -> Vec<Spell> {
        let known = SEVERAL.min(self.providers().max(WITH_REFERENCE));
        let (mut found, mut run): (Vec<Spell>, Option<Run<'_>>) = (Vec::new(), None);
        for sight in &self.sights {
            let is_near = run.as_ref().is_some_and(|run| sight.at - run.last <= NEAR);
            if sight.is_reached || !is_near {
                let until = Some(sight.at).filter(|_| sight.is_reached);
                found.extend(run.take().and_then(|run| run.spell(known, until)));
            }
            if !sight.is_reached {
                run.get_or_insert_with(|| Run::new(sight.at)).add(sight);
            }
        }
        found.extend(run.and_then(|run| run.spell(known, None)));
        found
    }

    /// How many providers were asked of late at all.
    fn providers(&self) -> usize {
        let providers: BTreeSet<&str> = self.sights.iter().map(|sight| &*sight.provider).collect();
        providers.len()
    }

    /// Its stable form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, FORMAT);
        push(&mut out, self.sights.len() as u64);
        let mut before = 0;
        for sight in &self.sights {
            push_signed(&mut out, sight.at - before);
            before = sight.at;
            push(
                &mut out,
                u64::from(sight.is_reference) * 2 + u64::from(sight.is_reached),
            );
            push(&mut out, sight.provider.len() as u64);
            out.extend_from_slice(sight.provider.as_bytes());
        }
        out
    }

    /// Reads what [`Own::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Broken> {
        let mut bytes = Bytes(bytes);
        let format = bytes.number()?;
        if format != FORMAT {
            return Err(Broken::Format(format));
        }
        let mut own = Self::default();
        let mut at = 0i64;
        for _ in 0..bytes.number()? {
            at = at.saturating_add(bytes.signed()?);
            let flags = bytes.number()?;
            own.sights.push_back(Sight {
                at,
                provider: bytes.text()?.into(),
                is_reference: flags & 2 > 0,
                is_reached: flags & 1 > 0,
            });
        }
        bytes.end()?;
        Ok(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(sights: &[(&str, bool, i64)]) -> Own {
        let mut own = Own::default();
        for (provider, is_reached, second) in sights {
            own.feed(
                provider,
                provider.starts_with("reference"),
                *is_reached,
                second * 1_000,
            );
        }
        own
    }

    fn is_ours(own: &Own, at: i64) -> bool {
        own.spells().iter().any(|spell| spell.is_ours(at))
    }

    #[test]
    fn several_providers_at_once_are_our_network() {
        let calm = [
            ("a", true, 0),
            ("b", true, 1),
            ("c", true, 2),
            ("d", true, 3),
        ];
        let with = |more: &[(&'static str, bool, i64)]| own(&[&calm, more].concat());
        let gone = with(&[("a", false, 60), ("b", false, 61), ("c", false, 62)]);
        assert!(is_ours(&gone, 60_000) && is_ours(&gone, 62_000));
        assert!(!is_ours(&gone, 1_000), "then all was well");
        let two = with(&[("a", false, 60), ("a", false, 61), ("b", false, 62)]);
        assert!(!is_ours(&two, 60_000), "a provider and another of four");
        let other = with(&[
            ("a", false, 60),
            ("d", true, 61),
            ("b", false, 62),
            ("c", false, 63),
        ]);
        assert!(!is_ours(&other, 62_000), "somebody was reached between");
        let far = with(&[("a", false, 60), ("b", false, 61), ("c", false, 4_000)]);
        assert!(!is_ours(&far, 60_000), "an hour later is another matter");
    }

    #[test]
    fn a_reference_decides() {
        let seen = own(&[("a", false, 0), ("reference", false, 1)]);
        assert!(is_ours(&seen, 0));
        let seen = own(&[
            ("a", false, 0),
            ("b", false, 0),
            ("reference", true, 1),
            ("c", false, 1),
        ]);
        assert!(!is_ours(&seen, 0), "the reference is reached: it is theirs");
        let alone = own(&[("a", false, 0), ("a", false, 9)]);
        assert!(!is_ours(&alone, 0), "of one provider nobody can tell");
        let both = own(&[("a", false, 0), ("b", false, 9)]);
        assert!(is_ours(&both, 0), "all there are");
    }

    #[test]
    fn a_spell_has_its_begin_and_its_end() {
        let mut sights = vec![
            ("a", true, 0),
            ("b", true, 100),
            ("c", false, 190),
            ("a", true, 200),
            ("b", false, 300),
            ("c", false, 310),
            ("a", false, 400),
        ];
        let spell = |until: Option<i64>| Spell {
            from: 300_000,
            last: 400_000,
            until: until.map(|second| second * 1_000),
        };
        assert_eq!(own(&sights).spells(), [spell(None)], "it goes on");
        sights.push(("b", true, 420));
        let found = own(&sights).spells();
        assert_eq!(found, [spell(Some(420))]);
        let ours = [269_999, 270_000, 450_000, 450_001].map(|at| found[0].is_ours(at));
        assert_eq!(ours, [false, true, true, false], "what was under way");
    }

    #[test]
    fn order_and_restarts_mean_nothing() {
        let sights = [
            ("a", true, 5),
            ("b", false, 60),
            ("c", false, 61),
            ("a", false, 62),
        ];
        let forward = own(&sights);
        let mut turned = sights;
        turned.reverse();
        assert_eq!(own(&turned), forward);
        assert_eq!(Own::decode(&forward.encode()), Ok(forward));
    }
}
