//! Bodies by content, compressed with the source's previous body as dictionary, in chains of bounded length.

use std::cell::RefCell;
use std::io::{Read, Write};

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Error, Questions, Result, Transaction, millis};
use crate::market::{BodyHash, Hash, Packed};

/// Longest chain of bodies that must be unpacked to read one.
const MAX_DEPTH: i64 = 20;
/// Chains that begin with one body: when it is thrown away, each is packed anew.
const MOST_LEANING: i64 = 20;
/// A chain begins anew with a body that takes more than this part of its first one when it is packed against that.
const WORN: usize = 4;
/// Fast enough to go unnoticed beside parsing.
const LEVEL: i32 = 1;
/// Largest body that is ever unpacked, as a bound against a damaged length.
const MAX_SIZE: u64 = 1 << 30;

/// The body that was kept last, unpacked: while one source is imported it is the next one's base.
#[derive(Debug, Default)]
pub(super) struct Recent(RefCell<Option<(BodyHash, Vec<u8>)>>);

/// A larger body is not held in memory.
const LARGEST_HELD: usize = 4 << 20;

impl Recent {
    fn take(&self, hash: BodyHash) -> Option<Vec<u8>> {
        self.0
            .take()
            .filter(|(held, _)| *held == hash)
            .map(|(_, bytes)| bytes)
    }

    fn hold(&self, hash: BodyHash, bytes: &[u8]) {
        let held = (bytes.len() <= LARGEST_HELD).then(|| (hash, bytes.to_vec()));
        self.0.replace(held);
    }
}

/// What a body is packed against.
struct Base {
    hash: BodyHash,
    /// Of the body that is packed against it.
    depth: i64,
    /// How long the packed body is with which a chain begins, where it is the base once more.
    begun: Option<usize>,
}

impl Base {
    /// Whether the bodies have become so unlike the first one that a new chain is to begin.
    fn is_worn(&self, packed: usize) -> bool {
        self.begun.is_some_and(|begun| packed > begun / WORN)
    }
}

struct Row {
    base: Option<Hash>,
    size: u64,
    data: Vec<u8>,
}

/// A larger body is no dictionary for another, and is read back packed: it is not to stand in memory whole.
const LARGEST_BASE: u64 = 16 << 20;

/// A kept body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Itself.
    Plain(Vec<u8>),
    /// A large one, as it is kept.
    Packed(Packed),
}

impl Kept {
    /// The body, unless it is packed.
    pub fn plain(&self) -> Option<&[u8]> {
        match self {
            Self::Plain(bytes) => Some(bytes),
            Self::Packed(_) => None,
        }
    }

    /// The hash of the body.
    pub fn hash(&self) -> BodyHash {
        match self {
            Self::Plain(bytes) => Hash::of(bytes),
            Self::Packed(packed) => packed.hash(),
        }
    }

    /// In bytes, unpacked.
    pub fn size(&self) -> u64 {
        match self {
            Self::Plain(bytes) => bytes.len() as u64,
            Self::Packed(packed) => packed.size(),
        }
    }
}

impl Transaction<'_> {
    /// Keeps a large body as it is, unless it is kept already.
    pub fn keep_packed(
        &self,
        body: &Packed,
        content_type: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        self.inner
            .prepare_cached(
                "INSERT OR IGNORE INTO body (hash, encoding, base, depth, size, stored_at, data, content_type)
                 VALUES (?1, 'zstd', NULL, 0, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                body.hash().as_bytes(),
                i64::try_from(body.size()).unwrap_or(i64::MAX),
                millis(at),
                body.frame(),
                content_type,
            ])?;
        Ok(())
    }

    /// Keeps a body, with what it was sent as, unless it is kept already. `base` is the source's previous body and its bytes
    /// are packed against it.
    pub fn keep_body(
        &self,
        hash: BodyHash,
        bytes: &[u8],
        content_type: Option<&str>,
        base: Option<BodyHash>,
        at: Timestamp,
    ) -> Result<()> {
        let known: bool = self
            .inner
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM body WHERE hash = ?1)")?
            .query_row([hash.as_bytes()], |row| row.get(0))?;
        if known {
            return Ok(());
        }
        let base = match base.filter(|base| *base != hash) {
            Some(base) => self.base_from(base)?,
            None => None,
        };
        let previous = match &base {
            Some(base) => match self.recent.take(base.hash) {
                Some(held) => Some(held),
                None => self.body(base.hash)?,
            },
            None => None,
        };
        self.recent.hold(hash, bytes);
        let mut data = pack(bytes, previous.as_deref())?;
        let mut base = base.filter(|_| previous.is_some());
        if base.as_ref().is_some_and(|base| base.is_worn(data.len())) {
            (base, data) = (None, pack(bytes, None)?);
        }
        self.inner
            .prepare_cached(
                "INSERT INTO body (hash, encoding, base, depth, size, stored_at, data, content_type)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                hash.as_bytes(),
                if base.is_some() { "zstd-base" } else { "zstd" },
                base.as_ref().map(|base| base.hash.as_bytes()),
                base.as_ref().map_or(0, |base| base.depth),
                bytes.len() as i64,
                millis(at),
                data,
                content_type,
            ])?;
        Ok(())
    }

    /// What a body is packed against that comes after `previous`: this or, where the chain has its length, the body that the
    /// chain began with.
    fn base_from(&self, previous: BodyHash) -> Result<Option<Base>> {
        let mut statement = self.inner.prepare_cached(
            "SELECT depth, base, length(data) FROM body WHERE hash = ?1 AND size <= ?2",
        )?;
        let mut next = previous;
        // a damaged chain could be one without end
        for _ in 0..=MAX_DEPTH + 1 {
            let row = statement
                .query_row(params![next.as_bytes(), LARGEST_BASE as i64], |row| {
                    let base: Option<Vec<u8>> = row.get(1)?;
                    Ok((row.get::<_, i64>(0)?, base, row.get::<_, i64>(2)?))
                })
                .optional()?;
            let Some((depth, base, length)) = row else {
                return Ok(None);
            };
            if next == previous && depth < MAX_DEPTH {
                return Ok(Some(Base {
                    hash: previous,
                    depth: depth + 1,
                    begun: None,
                }));
            }
            match base.and_then(|base| Hash::from_bytes(&base)) {
                Some(base) => next = base,
                None => {
                    let begun = usize::try_from(length).ok();
                    let first = Base {
                        hash: next,
                        depth: 1,
                        begun,
                    };
                    let is_taken = self.leaning_on(next)? >= MOST_LEANING;
                    return Ok(Some(first).filter(|_| !is_taken));
                }
            }
        }
        Ok(None)
    }

    /// How many bodies are packed against this one.
    fn leaning_on(&self, base: BodyHash) -> Result<i64> {
        Ok(self
            .inner
            .prepare_cached("SELECT count(*) FROM body WHERE base = ?1")?
            .query_row([base.as_bytes()], |row| row.get(0))?)
    }

    /// Packs the bodies that lean on `base` anew, each on its own, so that `base` can be dropped.
    pub(super) fn free_base(&self, base: BodyHash) -> Result<()> {
        let mut statement = self
            .inner
            .prepare_cached("SELECT hash FROM body WHERE base = ?1")?;
        let leaning: Vec<Vec<u8>> = statement
            .query_map([base.as_bytes()], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for hash in leaning {
            let hash = Hash::from_bytes(&hash)
                .ok_or_else(|| Error::Damaged("a body's hash".to_string()))?;
            let bytes = self
                .body(hash)?
                .ok_or_else(|| Error::Damaged("a body went missing".to_string()))?;
            self.inner
                .prepare_cached(
                    "UPDATE body SET encoding = 'zstd', base = NULL, depth = 0, data = ?2 WHERE hash = ?1",
                )?
                .execute(params![hash.as_bytes(), pack(&bytes, None)?])?;
        }
        Ok(())
    }
}

/// Reading bodies back.
pub trait Bodies: Questions {
    /// A kept body, a large one packed; `None` if it was never kept or has been pruned.
    fn kept(&self, hash: BodyHash) -> Result<Option<Kept>> {
        let large = packed(self.ask(), hash)?
            .filter(|packed| packed.base.is_none() && packed.size > LARGEST_BASE);
        let Some(large) = large else {
            return Ok(self.body(hash)?.map(Kept::Plain));
        };
        let large = Packed::kept(large.data, large.size.min(MAX_SIZE), hash);
        if large.is_sound() {
            Ok(Some(Kept::Packed(large)))
        } else {
            Err(Error::Damaged(format!(
                "body {} does not match its hash",
                hash.hex(12)
            )))
        }
    }

    /// A kept body; `None` if it was never kept or has been pruned.
    fn body(&self, hash: BodyHash) -> Result<Option<Vec<u8>>> {
        let mut chain = Vec::new();
        let mut next = Some(hash);
        while let Some(hash) = next {
            let Some(packed) = packed(self.ask(), hash)? else {
                return if chain.is_empty() {
                    Ok(None)
                } else {
                    Err(Error::Damaged(format!(
                        "body {} lacks its base",
                        hash.hex(12)
                    )))
                };
            };
            next = packed.base;
            chain.push(packed);
            if chain.len() as i64 > MAX_DEPTH + 2 {
                return Err(Error::Damaged("a chain of bodies without end".to_string()));
            }
        }
        let mut bytes: Option<Vec<u8>> = None;
        for packed in chain.iter().rev() {
            bytes = Some(unpack(packed, bytes.as_deref())?);
        }
        match bytes {
            Some(bytes) if Hash::of(&bytes) == hash => Ok(Some(bytes)),
            _ => Err(Error::Damaged(format!(
                "body {} does not match its hash",
                hash.hex(12)
            ))),
        }
    }
}

impl<T: Questions> Bodies for T {}

fn packed(connection: &rusqlite::Connection, hash: Hash) -> Result<Option<Row>> {
    let row = connection
        .prepare_cached("SELECT base, size, data FROM body WHERE hash = ?1")?
        .query_row([hash.as_bytes()], |row| {
            let base: Option<Vec<u8>> = row.get(0)?;
            Ok(Row {
                base: base.and_then(|base| Hash::from_bytes(&base)),
                size: row.get::<_, i64>(1)?.unsigned_abs(),
                data: row.get(2)?,
            })
        })
        .optional()?;
    Ok(row)
}

/// The window must span the dictionary and the body for the one to be found from the end of the other.
fn window_log(length: usize) -> u32 {
    (usize::BITS - length.leading_zeros()).clamp(18, 30)
}

fn pack(bytes: &[u8], base: Option<&[u8]>) -> Result<Vec<u8>> {
    let trouble = |error: std::io::Error| Error::Damaged(format!("compression: {error}"));
    let mut packed = Vec::with_capacity(bytes.len() / 8 + 64);
    let mut encoder = match base {
        Some(base) => {
            let mut encoder = zstd::stream::Encoder::with_ref_prefix(&mut packed, LEVEL, base)
                .map_err(trouble)?;
            encoder
                .window_log(window_log(base.len() + bytes.len()))
                .map_err(trouble)?;
            encoder.long_distance_matching(true).map_err(trouble)?;
            encoder
        }
        None => zstd::stream::Encoder::new(&mut packed, LEVEL).map_err(trouble)?,
    };
    encoder.include_contentsize(true).map_err(trouble)?;
    encoder
        .set_pledged_src_size(Some(bytes.len() as u64))
        .map_err(trouble)?;
    encoder.write_all(bytes).map_err(trouble)?;
    encoder.finish().map_err(trouble)?;
    Ok(packed)
}

fn unpack(packed: &Row, base: Option<&[u8]>) -> Result<Vec<u8>> {
    let trouble = |error: std::io::Error| Error::Damaged(format!("decompression: {error}"));
    let size = packed.size.min(MAX_SIZE);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    match base {
        Some(base) => {
            let mut decoder = zstd::stream::Decoder::with_ref_prefix(packed.data.as_slice(), base)
                .map_err(trouble)?;
            decoder.window_log_max(31).map_err(trouble)?;
            decoder
                .take(size + 1)
                .read_to_end(&mut bytes)
                .map_err(trouble)?;
        }
        None => {
            let decoder = zstd::stream::Decoder::new(packed.data.as_slice()).map_err(trouble)?;
            decoder
                .take(size + 1)
                .read_to_end(&mut bytes)
                .map_err(trouble)?;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Packing;
    use crate::store::Store;

    fn packed(byte: u8, size: u64) -> Packed {
        let mut packing = Packing::new().expect("an encoder");
        for _ in 0..size >> 16 {
            packing.push(&[byte; 1 << 16]).expect("room");
        }
        packing.finish().expect("a frame")
    }

    #[test]
    fn a_large_body_is_kept_as_it_is_and_is_no_dictionary() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(&folder.path().join("bellwether.db")).expect("a database");
        let at = Timestamp::UNIX_EPOCH;
        let (large, small) = (packed(b'a', 2 * LARGEST_BASE), packed(b'b', 1 << 17));
        store
            .transaction(|transaction| {
                transaction.keep_packed(&large, None, at)?;
                transaction.keep_packed(&large, None, at)?;
                transaction.keep_packed(&small, None, at)?;
                let kept = transaction.kept(large.hash())?;
                assert_eq!(kept, Some(Kept::Packed(large.clone())));
                let kept = transaction.kept(small.hash())?;
                assert_eq!(kept, Some(Kept::Plain(vec![b'b'; 1 << 17])));
                assert_eq!(transaction.kept(Hash::of(b"never"))?, None);
                let whole = transaction.body(large.hash())?.expect("the body");
                assert_eq!(whole.len() as u64, large.size());

                let next = b"what came after it".as_slice();
                transaction.keep_body(Hash::of(next), next, None, Some(large.hash()), at)?;
                let row = packed_row(transaction, Hash::of(next))?;
                assert!(row.is_some_and(|row| row.base.is_none()));
                Ok::<(), Error>(())
            })
            .expect("a sound store");
    }

    fn packed_row(transaction: &Transaction<'_>, hash: Hash) -> Result<Option<Row>> {
        super::packed(transaction.ask(), hash)
    }
}
