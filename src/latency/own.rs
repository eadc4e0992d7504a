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

    /// Whether what was out of reach at this moment was so by our own fault. It is known best a little later, when others were
    /// asked as well.
    pub fn is_ours(&self, at: i64) -> bool {
        let (before, after) = self.unreached_around(at);
        let run = || before.clone().chain(after.clone());
        let providers: BTreeSet<(&str, bool)> = run()
            .map(|sight| (&*sight.provider, sight.is_reference))
            .collect();
        let has_reference = run().any(|sight| sight.is_reference);
        let enough = if has_reference {
            WITH_REFERENCE
        } else {
            SEVERAL.min(self.providers().max(WITH_REFERENCE))
        };
        providers.len() >= enough
    }

    /// How many providers were asked of late at all.
    fn providers(&self) -> usize {
        let providers: BTreeSet<&str> = self.sights.iter().map(|sight| &*sight.provider).collect();
        providers.len()
    }

    /// The samples around a moment between which nobody was reached.
    fn unreached_around(
        &self,
        at: i64,
    ) -> (
        impl Iterator<Item = &Sight> + Clone,
        impl Iterator<Item = &Sight> + Clone,
    ) {
        let place = self.sights.partition_point(|sight| sight.at < at);
        let is_of_run =
            move |sight: &&Sight| !sight.is_reached && (sight.at - at).saturating_abs() <= NEAR;
        let before = self.sights.range(..place).rev().take_while(is_of_run);
        let after = self.sights.range(place..).take_while(is_of_run);
        (before, after)
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
        assert!(gone.is_ours(60_000) && gone.is_ours(62_000));
        assert!(!gone.is_ours(1_000), "then all was well");
        let two = with(&[("a", false, 60), ("a", false, 61), ("b", false, 62)]);
        assert!(!two.is_ours(60_000), "a provider and another of four");
        let other = with(&[
            ("a", false, 60),
            ("d", true, 61),
            ("b", false, 62),
            ("c", false, 63),
        ]);
        assert!(!other.is_ours(62_000), "somebody was reached between");
        let far = with(&[("a", false, 60), ("b", false, 61), ("c", false, 4_000)]);
        assert!(!far.is_ours(60_000), "an hour later is another matter");
    }

    #[test]
    fn a_reference_decides() {
        let seen = own(&[("a", false, 0), ("reference", false, 1)]);
        assert!(seen.is_ours(0));
        let seen = own(&[
            ("a", false, 0),
            ("b", false, 0),
            ("reference", true, 1),
            ("c", false, 1),
        ]);
        assert!(!seen.is_ours(0), "the reference is reached: it is theirs");
        let alone = own(&[("a", false, 0), ("a", false, 9)]);
        assert!(!alone.is_ours(0), "of one provider nobody can tell");
        let both = own(&[("a", false, 0), ("b", false, 9)]);
        assert!(both.is_ours(0), "all there are");
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
