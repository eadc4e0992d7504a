//! The decoded body as it comes: in memory, or packed once it is too large to stand there.

use bytes::{Bytes, BytesMut};

use crate::market::{BodyHash, Failure, Packed, Packing};

/// So much of the beginning of a packed body is left to tell of what kind it is.
const HEAD: usize = 64 << 10;

/// Room for no more is made before it comes, whatever length is announced.
const MOST_RESERVED: u64 = 1 << 20;

/// A body on its way in.
#[derive(Debug)]
pub(super) struct Gathering {
    plain: BytesMut,
    packing: Option<Packing>,
    /// From how many bytes on it is packed; never, if `None`.
    pack_above: Option<u64>,
}

/// A whole body.
#[derive(Debug)]
pub(super) enum Gathered {
    /// Itself.
    Plain(Bytes),
    /// Packed, with its beginning as it is.
    Packed(Packed, Bytes),
}

impl Gathered {
    /// As much as is at hand unpacked.
    pub(super) fn head(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) | Self::Packed(_, bytes) => bytes,
        }
    }

    /// The hash of the whole body.
    pub(super) fn hash(&self) -> BodyHash {
        match self {
            Self::Plain(bytes) => BodyHash::of(bytes),
            Self::Packed(packed, _) => packed.hash(),
        }
    }
}

impl Gathering {
    /// For a body that is announced to be so long.
    pub(super) fn new(pack_above: Option<u64>, announced: Option<u64>) -> Self {
        let reserved = announced.unwrap_or(0).min(MOST_RESERVED);
        Self {
            plain: BytesMut::with_capacity(usize::try_from(reserved).unwrap_or(0)),
            packing: None,
            pack_above,
        }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        if let Some(packing) = &mut self.packing {
            return packing.push(chunk).map_err(fault);
        }
        self.plain.extend_from_slice(chunk);
        if self
            .pack_above
            .is_some_and(|above| self.plain.len() as u64 > above)
        {
            let mut packing = Packing::new().map_err(fault)?;
            packing.push(&self.plain).map_err(fault)?;
            // the rest of the buffer is given back, not only left unused
            let head = self.plain.get(..HEAD).unwrap_or(&self.plain);
            self.plain = BytesMut::from(head);
            self.packing = Some(packing);
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Gathered, Failure> {
        let plain = self.plain.freeze();
        Ok(match self.packing {
            None => Gathered::Plain(plain),
            Some(packing) => Gathered::Packed(packing.finish().map_err(fault)?, plain),
        })
    }
}

fn fault(error: std::io::Error) -> Failure {
    Failure::Internal {
        detail: format!("packing a body: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Hash;

    #[test]
    fn a_body_is_packed_once_it_is_large() {
        let piece = b"0123456789".repeat(1_000);
        for (pieces, pack_above, is_packed) in [
            (9, None, false),
            (9, Some(100_000), false),
            (11, Some(100_000), true),
        ] {
            let mut gathering = Gathering::new(pack_above, None);
            for _ in 0..pieces {
                gathering.push(&piece).expect("room");
            }
            let whole = piece.repeat(pieces);
            match gathering.finish().expect("a body") {
                Gathered::Plain(bytes) => {
                    assert!(!is_packed);
                    assert_eq!(bytes, whole);
                }
                Gathered::Packed(packed, head) => {
                    assert!(is_packed);
                    assert_eq!(packed.unpacked().expect("the body"), whole);
                    assert_eq!(packed.hash(), Hash::of(&whole));
                    assert_eq!(head, whole[..HEAD]);
                }
            }
        }
    }
}
