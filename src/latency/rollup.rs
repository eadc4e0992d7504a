//! All that one window of a series says, as it is kept when the samples themselves are gone.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::sketch::{Sketch, micros};
use super::varint::{Broken, Bytes, push};
use crate::market::Phases;

/// The format of the stored form.
const FORMAT: u64 = 2;
/// In which every bucket had its count beside it.
const PLAIN: u64 = 1;

/// Whether an outcome's word is one of a fetch that succeeded; failures are counted and enter no figure.
pub fn is_good(outcome: &str) -> bool {
    matches!(outcome, "ok" | "same" | "not_modified")
}

/// Whether an outcome's word says nothing of the other side: a fault of ours, or an answer whose time we cannot vouch for.
pub fn is_ours(outcome: &str) -> bool {
    matches!(
        outcome,
        "inconclusive" | "delayed" | "internal" | "credential_missing"
    )
}

/// A phase of which only the mean is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many samples had it.
    pub n: u64,
    micros: u64,
}

impl Sum {
    fn add(&mut self, duration: Option<SignedDuration>) {
        if let Some(micros) = duration.and_then(micros) {
            self.merge(&Self { n: 1, micros });
        }
    }

    fn merge(&mut self, other: &Self) {
        self.n = self.n.saturating_add(other.n);
        self.micros = self.micros.saturating_add(other.micros);
    }

    /// The mean; `None` if no sample had it.
    pub fn mean(&self) -> Option<SignedDuration> {
        let mean = self.micros.checked_div(self.n)?;
        Some(SignedDuration::from_micros(i64::try_from(mean).ok()?))
    }
}

/// The figures of a window. Merging those of two windows gives those of both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollUp {
    /// From the start to the last byte.
    pub total: Sketch,
    /// From the request on the open connection to the answer's head.
    pub first_byte: Sketch,
    /// To the first content token, where a model was asked.
    pub first_token: Sketch,
    /// Name resolution.
    pub dns: Sum,
    /// Opening the TCP connection.
    pub connect: Sum,
    /// The TLS handshake.
    pub tls: Sum,
    /// From the answer's head to its last byte.
    pub body: Sum,
    /// How many samples ended how.
    pub outcomes: BTreeMap<String, u64>,
}

impl RollUp {
    /// Takes in one sample.
    pub fn add(&mut self, phases: &Phases, first_token: Option<SignedDuration>, outcome: &str) {
        self.count(outcome, 1);
        if !is_good(outcome) {
            return;
        }
        for (sketch, duration) in [
            (&mut self.total, phases.total),
            (&mut self.first_byte, phases.first_byte),
            (&mut self.first_token, first_token),
        ] {
            if let Some(duration) = duration {
                sketch.add(duration);
            }
        }
        self.dns.add(phases.dns);
        self.connect.add(phases.connect);
        self.tls.add(phases.tls);
        self.body.add(phases.body);
    }

    fn count(&mut self, outcome: &str, n: u64) {
        match self.outcomes.get_mut(outcome) {
            Some(count) => *count = count.saturating_add(n),
            None => {
                self.outcomes.insert(outcome.to_string(), n);
            }
        }
    }

    /// So many samples that were counted as failures of one kind are of another.
    pub fn recount(&mut self, from: &str, to: &str, n: u64) {
        let Some(count) = self.outcomes.get_mut(from) else {
            return;
        };
        let n = n.min(*count);
        *count -= n;
        if *count == 0 {
            self.outcomes.remove(from);
        }
        self.count(to, n);
    }

    /// Takes in another window.
    pub fn merge(&mut self, other: &Self) {
        self.total.merge(&other.total);
        self.first_byte.merge(&other.first_byte);
        self.first_token.merge(&other.first_token);
        self.dns.merge(&other.dns);
        self.connect.merge(&other.connect);
        self.tls.merge(&other.tls);
        self.body.merge(&other.body);
        for (outcome, n) in &other.outcomes {
            self.count(outcome, *n);
        }
    }

    /// How many samples succeeded.
    pub fn good(&self) -> u64 {
        self.counted(is_good)
    }

    /// How many failed.
    pub fn failed(&self) -> u64 {
        self.counted(|outcome| !is_good(outcome) && !is_ours(outcome))
    }

    fn counted(&self, is_meant: impl Fn(&str) -> bool) -> u64 {
        self.outcomes
            .iter()
            .filter(|(outcome, _)| is_meant(outcome))
            .fold(0, |sum, (_, n)| sum.saturating_add(*n))
    }

    /// How many ended otherwise than well, by the outcome's word: failures, and what says nothing of the other side.
    pub fn failures(&self) -> impl Iterator<Item = (&str, u64)> {
        self.outcomes
            .iter()
            .filter(|(outcome, _)| !is_good(outcome))
            .map(|(outcome, n)| (outcome.as_str(), *n))
    }

    /// Its stable form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, FORMAT);
        push(&mut out, self.outcomes.len() as u64);
        for (outcome, n) in &self.outcomes {
            push(&mut out, outcome.len() as u64);
            out.extend_from_slice(outcome.as_bytes());
            push(&mut out, *n);
        }
        for sum in [self.dns, self.connect, self.tls, self.body] {
            push(&mut out, sum.n);
            push(&mut out, sum.micros);
        }
        for sketch in [&self.total, &self.first_byte, &self.first_token] {
            sketch.encode(&mut out);
        }
        out
    }

    /// Reads what [`RollUp::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Broken> {
        let mut bytes = Bytes(bytes);
        let format = bytes.number()?;
        if ![FORMAT, PLAIN].contains(&format) {
            return Err(Broken::Format(format));
        }
        let mut found = Self::default();
        for _ in 0..bytes.number()? {
            let outcome = bytes.text()?;
            let n = bytes.number()?;
            if found.outcomes.insert(outcome.to_string(), n).is_some() {
                return Err(Broken::Impossible("an outcome twice"));
            }
        }
        for sum in [
            &mut found.dns,
            &mut found.connect,
            &mut found.tls,
            &mut found.body,
        ] {
            sum.n = bytes.number()?;
            sum.micros = bytes.number()?;
        }
        for sketch in [
            &mut found.total,
            &mut found.first_byte,
            &mut found.first_token,
        ] {
            *sketch = Sketch::decode(&mut bytes, format == PLAIN)?;
        }
        bytes.end()?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Row = (u32, Option<u32>, u8);

    fn of(rows: &[Row]) -> RollUp {
        let mut found = RollUp::default();
        let duration = |micros: u32| SignedDuration::from_micros(i64::from(micros));
        for (total, connect, outcome) in rows {
            let phases = Phases {
                connect: connect.map(duration),
                first_byte: Some(duration(total / 2)),
                total: Some(duration(*total)),
                ..Phases::default()
            };
            let outcome =
                ["ok", "not_modified", "throttled", "timeout", "delayed"][usize::from(outcome % 5)];
            found.add(&phases, Some(duration(total / 3)), outcome);
        }
        found
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        prop::collection::vec(any::<Row>(), 0..40)
    }

    #[test]
    fn failures_are_counted_and_enter_no_figure() {
        let found = of(&[
            (10, Some(2), 0),
            (9_999, Some(8), 2),
            (9_999, None, 3),
            (9_999, None, 4),
        ]);
        assert_eq!((found.good(), found.failed()), (1, 2));
        assert_eq!((found.total.n(), found.connect.n), (1, 1));
        assert_eq!(found.connect.mean(), Some(SignedDuration::from_micros(2)));
        assert_eq!(found.tls.mean(), None, "missing is missing, not zero");
        let failures: Vec<_> = found.failures().collect();
        assert_eq!(failures, [("delayed", 1), ("throttled", 1), ("timeout", 1)]);
    }

    /// What is kept in the form of today, in the first one.
    fn in_the_first_format(now: &[u8]) -> Result<Vec<u8>, Broken> {
        let (mut now, mut first) = (Bytes(now), Vec::new());
        now.number()?;
        push(&mut first, PLAIN);
        let copied = |now: &mut Bytes<'_>, first: &mut Vec<u8>| {
            let number = now.number()?;
            push(first, number);
            Ok::<u64, Broken>(number)
        };
        for _ in 0..copied(&mut now, &mut first)? {
            let outcome = now.text()?;
            push(&mut first, outcome.len() as u64);
            first.extend_from_slice(outcome.as_bytes());
            copied(&mut now, &mut first)?;
        }
        for _ in 0..8 {
            copied(&mut now, &mut first)?;
        }
        for _ in 0..3 {
            let zeros = copied(&mut now, &mut first)?;
            let used = copied(&mut now, &mut first)?;
            for _ in 0..used {
                let bucket = now.number()?;
                push(&mut first, bucket >> 1);
                let count = if bucket & 1 == 1 { now.number()? } else { 1 };
                push(&mut first, count);
            }
            if zeros + used > 0 {
                for _ in 0..3 {
                    copied(&mut now, &mut first)?;
                }
            }
        }
        now.end()?;
        Ok(first)
    }

    proptest! {
        #[test]
        fn two_windows_are_one(a in rows(), b in rows()) {
            let all = of(&[a.clone(), b.clone()].concat());
            let mut merged = of(&a);
            merged.merge(&of(&b));
            prop_assert_eq!(&merged, &all);
            let mut turned = of(&b);
            turned.merge(&of(&a));
            prop_assert_eq!(&turned, &all);
        }

        #[test]
        fn what_was_written_in_the_first_format_is_read(rows in rows()) {
            let found = of(&rows);
            let first = in_the_first_format(&found.encode()).expect("sound");
            prop_assert_eq!(RollUp::decode(&first), Ok(found));
        }

        #[test]
        fn what_is_written_is_read_and_what_is_cut_is_refused(rows in rows(), at in any::<prop::sample::Index>(), byte: u8) {
            let found = of(&rows);
            let mut bytes = found.encode();
            prop_assert_eq!(RollUp::decode(&bytes), Ok(found));
            for end in 0..bytes.len() {
                prop_assert!(RollUp::decode(&bytes[..end]).is_err());
            }
            let at = at.index(bytes.len());
            bytes[at] = byte;
            // a sound one or an error, never a panic
            if let Ok(mut other) = RollUp::decode(&bytes) {
                other.merge(&other.clone());
                prop_assert!(other.total.percentile(99).is_some() == (other.total.n() > 0));
            }
        }
    }
}
