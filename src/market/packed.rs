//! Large bodies, packed: they are handed on, kept and read without ever standing in memory whole.

use std::fmt;
use std::io::{self, Read, Write};

use bytes::Bytes;

use super::{BodyHash, Hash};

/// Fast enough to go unnoticed beside the network.
const LEVEL: i32 = 1;

/// Room for a frame, in bytes: taken at once, since room that is never written costs nothing and a frame that is moved as it grows
/// costs several times its size. A hundred megabytes of prices pack to five.
const ROOM: usize = 16 << 20;

/// A body in one zstd frame.
#[derive(Clone, PartialEq, Eq)]
pub struct Packed {
    frame: Bytes,
    size: u64,
    hash: BodyHash,
}

impl Packed {
    /// One that was kept: its frame, its size unpacked in bytes, and its hash.
    pub fn kept(frame: impl Into<Bytes>, size: u64, hash: BodyHash) -> Self {
        Self {
            frame: frame.into(),
            size,
            hash,
        }
    }

    /// The zstd frame.
    pub fn frame(&self) -> &[u8] {
        &self.frame
    }

    /// In bytes, unpacked.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hash of the unpacked body.
    pub fn hash(&self) -> BodyHash {
        self.hash
    }

    /// The unpacked body, piece by piece, and never more of it than its size.
    pub fn reader(&self) -> io::Result<impl Read> {
        Ok(zstd::stream::Decoder::new(self.frame())?.take(self.size))
    }

    /// The unpacked body whole, for those who must have it.
    pub fn unpacked(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether the frame still holds the body of that hash and size.
    pub fn is_sound(&self) -> bool {
        let mut hashing = Hashing::default();
        let copied = self
            .reader()
            .and_then(|mut reader| io::copy(&mut reader, &mut hashing));
        copied.is_ok_and(|size| size == self.size) && hashing.hash() == self.hash
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packed")
            .field("size", &self.size)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Hashing(blake3::Hasher);

impl Hashing {
    fn hash(&self) -> BodyHash {
        // the same 32 bytes as of the whole at once
        Hash::from_bytes(self.0.finalize().as_bytes()).unwrap_or_else(|| Hash::of(b""))
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A body that is packed while it comes.
pub struct Packing {
    encoder: zstd::stream::Encoder<'static, Vec<u8>>,
    hashing: Hashing,
    size: u64,
}

impl Packing {
    /// Nothing yet.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            encoder: zstd::stream::Encoder::new(Vec::with_capacity(ROOM), LEVEL)?,
            hashing: Hashing::default(),
            size: 0,
        })
    }

    /// The next piece.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hashing.0.update(bytes);
        self.size += bytes.len() as u64;
        self.encoder.write_all(bytes)
    }

    /// The whole.
    pub fn finish(self) -> io::Result<Packed> {
        let mut frame = self.encoder.finish()?;
        frame.shrink_to_fit();
        Ok(Packed {
            frame: frame.into(),
            size: self.size,
            hash: self.hashing.hash(),
        })
    }
}

impl fmt::Debug for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packing")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(pieces: &[&[u8]]) -> Packed {
        let mut packing = Packing::new().expect("an encoder");
        for piece in pieces {
            packing.push(piece).expect("room");
        }
        packing.finish().expect("a frame")
    }

    #[test]
    fn a_packed_body_is_the_body() {
        let whole = b"a price and a price and a price".repeat(1_000);
        let (head, tail) = whole.split_at(700);
        let packed = packed(&[head, b"", tail]);
        assert_eq!(packed.unpacked().expect("the body"), whole);
        assert_eq!(
            (packed.size(), packed.hash()),
            (whole.len() as u64, Hash::of(&whole))
        );
        assert!(packed.frame().len() < whole.len() / 10);
        assert!(packed.is_sound());
    }

    #[test]
    fn what_is_damaged_is_not_sound_and_never_more_than_its_size() {
        let sound = packed(&[b"a body"]);
        let cut = &sound.frame()[..sound.frame().len() - 4];
        assert!(!Packed::kept(cut.to_vec(), sound.size(), sound.hash()).is_sound());
        let short = Packed::kept(sound.frame().to_vec(), 2, sound.hash());
        assert_eq!(short.unpacked().expect("a part"), b"a ");
        assert!(!short.is_sound());
        assert!(!Packed::kept(b"no frame".to_vec(), 8, Hash::of(b"no frame")).is_sound());
    }
}
