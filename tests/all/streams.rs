//! Streams that providers really sent, against what `streams.tsv` says of them: lengths in bytes and checksums of text and
//! thinking, tokens, reason to stop and model, taken without the project's code. Input is counted as `Usage` does: with the
//! tokens of the cache.

use std::path::Path;

use bellwether::inference::{Dialect, End, Stream, Told};
use jiff::SignedDuration;

use crate::shared::folder;

const EXPECTED: &str = include_str!("streams.tsv");

/// Recorded streams of at most this many bytes are cut at each of them; longer ones at some.
const SHORT: usize = 24 << 10;

fn told(dialect: Dialect, bytes: &[u8]) -> Told {
    let mut stream = Stream::new(dialect);
    stream.push(bytes, SignedDuration::ZERO);
    stream.end()
}

fn recorded(folder: &Path) -> impl Iterator<Item = (Vec<&'static str>, Dialect, Vec<u8>)> {
    EXPECTED.lines().skip(1).map(|row| {
        let columns: Vec<&str> = row.split('\t').collect();
        let bytes = std::fs::read(folder.join(columns[0])).expect("a recorded stream");
        let dialect = Dialect::from_word(columns[1]).expect("a dialect");
        (columns, dialect, bytes)
    })
}

fn crc32(text: &str) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    crc.sum()
}

fn row(file: &str, dialect: Dialect, told: &Told) -> Vec<String> {
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let count = |value: Option<u64>| or_dash(value.map(|value| value.to_string()));
    let usage = told.usage;
    vec![
        file.to_owned(),
        dialect.word().to_owned(),
        told.text.len().to_string(),
        crc32(&told.text).to_string(),
        told.thinking.len().to_string(),
        crc32(&told.thinking).to_string(),
        count(usage.input),
        count(usage.cached),
        count(usage.cache_write),
        count(usage.output),
        count(usage.reasoning),
        or_dash(told.stop.clone()),
        or_dash(told.model.clone()),
        told.end
            .failure()
            .map_or("complete", |failure| failure.word())
            .to_owned(),
    ]
}

#[test]
fn recorded_streams_tell_their_text_and_usage() {
    let Some(folder) = folder("corpus/streams") else {
        return;
    };
    for (columns, dialect, bytes) in recorded(&folder) {
        assert_eq!(row(columns[0], dialect, &told(dialect, &bytes)), columns);
    }
}

#[test]
fn recorded_streams_can_be_cut_anywhere() {
    let Some(folder) = folder("corpus/streams") else {
        return;
    };
    for (columns, dialect, bytes) in recorded(&folder) {
        let whole = told(dialect, &bytes);
        let step = bytes.len().div_ceil(SHORT);
        let mut stream = Stream::new(dialect);
        for (at, byte) in bytes.iter().enumerate() {
            if at % step == 0 {
                let cut = stream.clone().end();
                assert!(
                    cut == whole || cut.end != End::Complete,
                    "{} cut at {at}: {cut:?}",
                    columns[0]
                );
            }
            stream.push(&[*byte], SignedDuration::ZERO);
        }
        assert_eq!(stream.end(), whole, "{} byte by byte", columns[0]);
    }
}

#[test]
fn a_recorded_stream_with_any_wrong_byte_is_refused() {
    let Some(folder) = folder("corpus/streams") else {
        return;
    };
    let mut refused = 0;
    for (columns, dialect, mut bytes) in recorded(&folder) {
        if !columns[0].ends_with(".eventstream") || bytes.len() > 3000 {
            continue;
        }
        for at in 0..bytes.len() {
            for wrong in [0x01, 0x80, 0xff] {
                bytes[at] ^= wrong;
                match told(dialect, &bytes).end {
                    End::Broken(failure) => assert_eq!(failure.word(), "protocol"),
                    other => panic!("{} with a wrong byte {at}: {other:?}", columns[0]),
                }
                bytes[at] ^= wrong;
                refused += 1;
            }
        }
    }
    assert!(refused > 10_000, "only {refused} wrong bytes were tried");
}
