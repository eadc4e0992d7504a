//! Single samples of one series, packed: column by column, so that what is alike stands together.

use jiff::{SignedDuration, Timestamp};

use super::varint::{Broken, Bytes, push, push_signed};
use crate::market::Phases;

/// The format of the stored form.
const FORMAT: u64 = 1;

/// More samples than an hour has tenths of a second are no chunk of ours: what is read is bounded before it is unpacked.
const MOST: u64 = 36_000;
/// No sample takes more than this before it is packed: seven phases, its time, its outcome.
const MOST_BYTES: u64 = 100;

/// One measurement as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSample {
    /// When it began, to the millisecond.
    pub at: Timestamp,
    /// How it ended: a word.
    pub outcome: String,
    /// How long its phases took, to the microsecond.
    pub phases: Phases,
    /// To the first content token, where a model was asked.
    pub first_token: Option<SignedDuration>,
}

const COLUMNS: usize = 7;

impl KeptSample {
    /// In microseconds. The total comes last: it is told by what it differs from the sum of its parts.
    fn columns(&self) -> [Option<i64>; COLUMNS] {
        let micros = |duration: Option<SignedDuration>| {
            duration.map(|duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
        };
        let phases = &self.phases;
        let mut columns = [
            micros(phases.dns),
            micros(phases.connect),
            micros(phases.tls),
            micros(phases.first_byte),
            micros(phases.body),
            micros(self.first_token),
            micros(phases.total),
        ];
        let parts = sum_of_parts(&columns);
        if let Some(total) = columns.last_mut() {
            *total = total.map(|total| total.wrapping_sub(parts));
        }
        columns
    }

    fn of(at: Timestamp, outcome: String, mut columns: [Option<i64>; COLUMNS]) -> Self {
        let parts = sum_of_parts(&columns);
        if let Some(total) = columns.last_mut() {
            *total = total.map(|total| total.wrapping_add(parts));
        }
        let [dns, connect, tls, first_byte, body, first_token, total] =
            columns.map(|column| column.map(SignedDuration::from_micros));
        Self {
            at,
            outcome,
            phases: Phases {
                dns,
                connect,
                tls,
                first_byte,
                body,
                total,
            },
            first_token,
        }
    }
}

fn sum_of_parts(columns: &[Option<i64>; COLUMNS]) -> i64 {
    let phases = columns.iter().take(5).flatten();
    phases.fold(0, |sum: i64, part| sum.wrapping_add(*part))
}

/// Packs chunks. To make one takes as long as to pack many.
pub struct Packer(zstd::bulk::Compressor<'static>);

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Packer")
    }
}

impl Packer {
    /// A new one.
    ///
    /// # Errors
    /// Where there is no room.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self(zstd::bulk::Compressor::new(9)?))
    }

    /// Packs samples, in the order of their times.
    ///
    /// # Errors
    /// Where the compressor fails, which is a fault of ours.
    pub fn pack(&mut self, samples: &[KeptSample]) -> std::io::Result<Vec<u8>> {
        let mut sorted: Vec<&KeptSample> = samples.iter().collect();
        sorted.sort_by_key(|sample| sample.at);
        let mut out = Vec::new();
        push(&mut out, sorted.len() as u64);
        push_times(&mut out, &sorted);
        push_outcomes(&mut out, &sorted);
        let rows: Vec<[Option<i64>; COLUMNS]> =
            sorted.iter().map(|sample| sample.columns()).collect();
        for column in 0..COLUMNS {
            let values: Vec<Option<i64>> =
                rows.iter().map(|row| row.get(column).copied()?).collect();
            push_column(&mut out, &values);
        }
        let packed = self.0.compress(&out)?;
        let mut all = Vec::with_capacity(packed.len() + 1);
        push(&mut all, FORMAT);
        all.extend(packed);
        Ok(all)
    }
}

/// Times as what each interval differs from the one before it.
fn push_times(out: &mut Vec<u8>, sorted: &[&KeptSample]) {
    let (mut last, mut interval) = (0, 0);
    for sample in sorted {
        let at = sample.at.as_millisecond();
        let next = at - last;
        push_signed(out, next.wrapping_sub(interval));
        (last, interval) = (at, next);
    }
}

/// Each outcome once, then runs of them.
fn push_outcomes(out: &mut Vec<u8>, sorted: &[&KeptSample]) {
    let mut words: Vec<&str> = sorted.iter().map(|s| s.outcome.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    push(out, words.len() as u64);
    for word in &words {
        push(out, word.len() as u64);
        out.extend_from_slice(word.as_bytes());
    }
    for run in sorted.chunk_by(|a, b| a.outcome == b.outcome) {
        let outcome = run.first().map_or("", |sample| sample.outcome.as_str());
        push(out, words.binary_search(&outcome).unwrap_or(0) as u64);
        push(out, run.len() as u64);
    }
}

/// Which are there in runs, the first of those that are; the least; and what each is more than that.
fn push_column(out: &mut Vec<u8>, values: &[Option<i64>]) {
    let mut is_there = true;
    let mut rest = values;
    while !rest.is_empty() {
        let run = rest
            .iter()
            .take_while(|value| value.is_some() == is_there)
            .count();
        push(out, run as u64);
        rest = rest.get(run..).unwrap_or(&[]);
        is_there = !is_there;
    }
    let Some(least) = values.iter().flatten().min() else {
        return;
    };
    push_signed(out, *least);
    for value in values.iter().flatten() {
        push(out, value.wrapping_sub(*least).cast_unsigned());
    }
}

/// Unpacks what [`Packer::pack`] made.
///
/// # Errors
/// Where the bytes are none of ours.
pub fn unpack(bytes: &[u8]) -> Result<Vec<KeptSample>, Broken> {
    let mut bytes = Bytes(bytes);
    let format = bytes.number()?;
    if format != FORMAT {
        return Err(Broken::Format(format));
    }
    let most = usize::try_from(MOST * MOST_BYTES).unwrap_or(usize::MAX);
    let unpacked = zstd::bulk::decompress(bytes.0, most)
        .map_err(|_| Broken::Impossible("compressed samples"))?;
    let mut bytes = Bytes(&unpacked);
    let n = bytes.number()?;
    if n > MOST {
        return Err(Broken::Impossible("more samples than an hour has"));
    }
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    let times = times(&mut bytes, n)?;
    let outcomes = outcomes(&mut bytes, n)?;
    let mut rows = vec![[None; COLUMNS]; n];
    for column in 0..COLUMNS {
        read_column(&mut bytes, &mut rows, column)?;
    }
    bytes.end()?;
    let samples = times.into_iter().zip(outcomes).zip(rows);
    Ok(samples
        .map(|((at, outcome), columns)| KeptSample::of(at, outcome, columns))
        .collect())
}

fn times(bytes: &mut Bytes<'_>, n: usize) -> Result<Vec<Timestamp>, Broken> {
    let (mut last, mut interval) = (0i64, 0i64);
    let mut times = Vec::with_capacity(n);
    for _ in 0..n {
        interval = interval.wrapping_add(bytes.signed()?);
        last = last.wrapping_add(interval);
        let at = Timestamp::from_millisecond(last).map_err(|_| Broken::Impossible("a time"))?;
        times.push(at);
    }
    Ok(times)
}

fn outcomes(bytes: &mut Bytes<'_>, n: usize) -> Result<Vec<String>, Broken> {
    let mut words = Vec::new();
    for _ in 0..bytes.number()? {
        words.push(bytes.text()?);
    }
    let mut outcomes = Vec::with_capacity(n);
    while outcomes.len() < n {
        let word = usize::try_from(bytes.number()?).ok();
        let word = word.and_then(|word| words.get(word));
        let word = word.ok_or(Broken::Impossible("an outcome"))?;
        let run = usize::try_from(bytes.number()?).unwrap_or(usize::MAX);
        if run == 0 || run > n - outcomes.len() {
            return Err(Broken::Impossible("a run of outcomes"));
        }
        outcomes.extend(std::iter::repeat_n((*word).to_string(), run));
    }
    Ok(outcomes)
}

fn read_column(
    bytes: &mut Bytes<'_>,
    rows: &mut [[Option<i64>; COLUMNS]],
    column: usize,
) -> Result<(), Broken> {
    let mut there = Vec::with_capacity(rows.len());
    let mut is_there = true;
    while there.len() < rows.len() {
        let run = usize::try_from(bytes.number()?).unwrap_or(usize::MAX);
        if run > rows.len() - there.len() || run == 0 && !there.is_empty() {
            return Err(Broken::Impossible("a run of phases"));
        }
        there.extend(std::iter::repeat_n(is_there, run));
        is_there = !is_there;
    }
    if !there.contains(&true) {
        return Ok(());
    }
    let least = bytes.signed()?;
    for (row, _) in rows.iter_mut().zip(there).filter(|(_, there)| *there) {
        let value = least.wrapping_add(bytes.number()?.cast_signed());
        if let Some(cell) = row.get_mut(column) {
            *cell = Some(value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> impl Strategy<Value = KeptSample> {
        let duration = || prop::option::of(any::<i64>().prop_map(SignedDuration::from_micros));
        let small = || prop::option::of((0i64..9_000_000).prop_map(SignedDuration::from_micros));
        let phases = (small(), small(), small(), small(), small(), duration());
        let at = -377_705_023_201_000i64..253_402_207_200_000;
        (at, "[a-z_]{0,12}", phases, small()).prop_map(|(at, outcome, phases, first_token)| {
            let (dns, connect, tls, first_byte, body, total) = phases;
            KeptSample {
                at: Timestamp::from_millisecond(at).expect("a time"),
                outcome,
                phases: Phases {
                    dns,
                    connect,
                    tls,
                    first_byte,
                    body,
                    total,
                },
                first_token,
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(mut samples in prop::collection::vec(sample(), 0..60)) {
            let packed = Packer::new().and_then(|mut packer| packer.pack(&samples)).expect("packed");
            samples.sort_by_key(|sample| sample.at);
            prop_assert_eq!(unpack(&packed), Ok(samples));
        }

        #[test]
        fn what_is_damaged_is_refused_or_read_but_never_panics(
            samples in prop::collection::vec(sample(), 0..20), at: prop::sample::Index, byte: u8, raw in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut packed = Packer::new().and_then(|mut packer| packer.pack(&samples)).expect("packed");
            for end in 0..packed.len() {
                prop_assert!(unpack(&packed[..end]).is_err());
            }
            let at = at.index(packed.len());
            packed[at] = byte;
            let _ = unpack(&packed);
            let inner = zstd::bulk::compress(&raw, 1).expect("packed");
            let _ = unpack(&[&[1], inner.as_slice()].concat());
        }
    }
}
