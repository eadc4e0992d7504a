//! What a body is encoded with on its way, and taking that off while it comes.

use compression_codecs::core::util::{PartialBuffer, WriteBuffer};
use compression_codecs::zstd::params::DParameter;
use compression_codecs::{BrotliDecoder, DecodeV2, GzipDecoder, ZlibDecoder, ZstdDecoder};

use super::cause;
use crate::market::{Failure, plain};

/// What is offered in the `Accept-Encoding` header.
pub(super) const OFFERED: &str = "gzip, br, zstd, deflate";

/// In bytes: so much is decoded at a time.
const PIECE: usize = 16 << 10;

/// No window of zstd is larger than 2 to the power of this, 8 MB (RFC 9659, section 3): its writer chooses what reading takes.
const LARGEST_WINDOW: u32 = 23;

/// What the first byte of a brotli stream holds, but for its last bit, where its window may be 1 GB: one that RFC 7932,
/// section 9.1, leaves no room for, and no browser takes as `br`.
const LARGE_WINDOW_OF_BROTLI: u8 = 0x11;

/// Takes one encoding off a body.
pub(super) struct Decoding {
    decoder: Box<dyn DecodeV2 + Send>,
    piece: Box<[u8]>,
    is_brotli: bool,
    /// Whether another stream may follow the end of one (RFC 1952, section 2.2; RFC 8878, section 3.1).
    is_repeatable: bool,
    has_begun: bool,
    has_ended: bool,
}

impl Decoding {
    /// For the `Content-Encoding` of an answer; `None` where the body comes as it is.
    pub fn of(encoding: Option<&str>) -> Result<Option<Self>, Failure> {
        let Some(encoding) = encoding else {
            return Ok(None);
        };
        let name = encoding.trim().to_ascii_lowercase();
        let decoder: Box<dyn DecodeV2 + Send> = match name.as_str() {
            "" | "identity" => return Ok(None),
            "gzip" | "x-gzip" => Box::new(GzipDecoder::new()),
            "deflate" => Box::new(ZlibDecoder::new()),
            "br" => Box::new(BrotliDecoder::new()),
            "zstd" => Box::new(ZstdDecoder::new_with_params(&[DParameter::window_log_max(
                LARGEST_WINDOW,
            )])),
            _ => {
                return Err(Failure::Protocol {
                    detail: format!("encoded as {}, which was not offered", plain(encoding, 40)),
                });
            }
        };
        Ok(Some(Self {
            decoder,
            piece: vec![0; PIECE].into(),
            is_brotli: name == "br",
            is_repeatable: matches!(name.as_str(), "gzip" | "x-gzip" | "zstd"),
            has_begun: false,
            has_ended: false,
        }))
    }

    /// Decodes a part of the body, and gives each piece of what it says to `take`.
    pub fn push(
        &mut self,
        part: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if let Some(first) = part.first()
            && !self.has_begun
        {
            self.has_begun = true;
            if self.is_brotli && first & 0x7f == LARGE_WINDOW_OF_BROTLI {
                return Err(Failure::Protocol {
                    detail: "encoded as br with a large window, which was not offered".to_owned(),
                });
            }
        }
        let mut input = PartialBuffer::new(part);
        loop {
            if self.has_ended {
                if input.unwritten().is_empty() {
                    return Ok(());
                }
                if !self.is_repeatable {
                    return Err(Failure::Truncated {
                        detail: "something follows the end of its encoding".to_owned(),
                    });
                }
                self.decoder.reinit().map_err(|error| broken(&error))?;
                self.has_ended = false;
            }
            let mut output = WriteBuffer::new_initialized(&mut self.piece);
            let (taken, is_whole) = (input.written_len(), input.unwritten().is_empty());
            match self.decoder.decode(&mut input, &mut output) {
                Ok(has_ended) => self.has_ended = has_ended,
                // there was nothing left to give out
                Err(_) if is_whole => return Ok(()),
                Err(error) => return Err(broken(&error)),
            }
            let is_stuck = output.written().is_empty() && input.written_len() == taken;
            if is_stuck && !is_whole && !self.has_ended {
                return Err(broken(&std::io::ErrorKind::InvalidData.into()));
            }
            take(output.written())?;
            let is_full = output.has_no_spare_space();
            if input.unwritten().is_empty() && !is_full && !self.has_ended {
                return Ok(());
            }
        }
    }

    /// Whether the body may end here. An empty one may: some hosts name an encoding and send nothing.
    pub fn finish(&self) -> Result<(), Failure> {
        match self.has_ended || !self.has_begun {
            true => Ok(()),
            false => Err(Failure::Truncated {
                detail: "it ends before its encoding does".to_owned(),
            }),
        }
    }
}

fn broken(error: &std::io::Error) -> Failure {
    Failure::Truncated {
        detail: cause::of(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 3).unwrap()
    }

    /// `one` as it is: a window of 64 KB, a length of 3 bytes, then an empty part that ends it (RFC 7932, section 9).
    const ONE_IN_BROTLI: &[u8] = b"\x20\x00\x10one\x03";

    /// What a body says that comes in parts of this length.
    fn decoded(encoding: &str, body: &[u8], part: usize) -> Result<Vec<u8>, Failure> {
        let mut decoding = Decoding::of(Some(encoding))?.expect("an encoding");
        let mut text = Vec::new();
        for part in body.chunks(part) {
            decoding.push(part, |piece| {
                assert!(piece.len() <= PIECE);
                text.extend_from_slice(piece);
                Ok(())
            })?;
        }
        decoding.finish()?;
        Ok(text)
    }

    #[test]
    fn a_body_says_the_same_in_parts_of_any_length() {
        // less than a piece, just one, and many, some of which compress to next to nothing
        for length in [1, PIECE - 1, PIECE, PIECE + 1, PIECE * 3, PIECE * 9 + 7] {
            for repeats in [1, 251] {
                let text: Vec<u8> = (0..length).map(|at| (at % repeats) as u8).collect();
                let cases = [
                    ("gzip", gzip(&text)),
                    ("X-GZIP", gzip(&text)),
                    ("deflate", deflate(&text)),
                    ("zstd", zstd(&text)),
                ];
                for (encoding, body) in cases {
                    for part in [1, 7, 4096, body.len()] {
                        let said = decoded(encoding, &body, part).unwrap();
                        assert!(said == text, "{encoding} {length} {repeats} {part}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_follows_the_end_is_another_stream_or_a_failure() {
        for (encoding, one, two) in [
            ("zstd", zstd(b"one "), zstd(b"two")),
            ("gzip", gzip(b"one "), gzip(b"two")),
        ] {
            let whole = [one, two].concat();
            for part in [1, 3, whole.len()] {
                assert_eq!(decoded(encoding, &whole, part).unwrap(), b"one two");
                let cut = &whole[..whole.len() - 1];
                assert!(decoded(encoding, cut, part).is_err(), "{encoding} {part}");
            }
        }
        for (encoding, body) in [
            ("gzip", gzip(b"one")),
            ("deflate", deflate(b"one")),
            ("br", ONE_IN_BROTLI.to_vec()),
            ("zstd", zstd(b"one")),
        ] {
            assert_eq!(decoded(encoding, &body, 5).unwrap(), b"one");
            for more in ["\n", "and more than a header"] {
                let body = [&body, more.as_bytes()].concat();
                for part in [1, 5, body.len()] {
                    let failed = decoded(encoding, &body, part);
                    let is_broken = matches!(failed, Err(Failure::Truncated { .. }));
                    assert!(is_broken, "{encoding} {part} {failed:?}");
                }
            }
        }
    }

    #[test]
    fn a_window_that_is_too_large_is_refused() {
        // RFC 8878, section 3.1.1: magic number, a header that names a window, 1 GB of it
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x01, 0x00, 0x00];
        assert!(decoded("zstd", &frame, frame.len()).is_err());
        // an empty stream with a window of 64 KB, and one of 1 GB
        assert_eq!(decoded("br", &[0x06], 1).unwrap(), b"");
        for part in [1, 2] {
            let failed = decoded("br", &[0x11, 0xde], part);
            assert!(
                matches!(failed, Err(Failure::Protocol { .. })),
                "{failed:?}"
            );
        }
    }

    #[test]
    fn nothing_at_all_is_an_empty_body() {
        for encoding in ["gzip", "deflate", "br", "zstd"] {
            assert_eq!(decoded(encoding, b"", 1).unwrap(), b"");
        }
        assert!(Decoding::of(Some("identity")).unwrap().is_none());
        assert!(Decoding::of(Some("gzip, gzip")).is_err());
    }

    #[test]
    fn whoever_takes_no_more_ends_it() {
        let body = gzip(&vec![0; 20 << 20]);
        let mut decoding = Decoding::of(Some("gzip")).unwrap().expect("an encoding");
        let mut taken = 0;
        let ended = decoding.push(&body, |piece| {
            taken += piece.len();
            match taken > 100_000 {
                true => Err(Failure::TooLarge { limit: 100_000 }),
                false => Ok(()),
            }
        });
        assert_eq!(ended, Err(Failure::TooLarge { limit: 100_000 }));
        assert!(taken <= 100_000 + PIECE);
    }

    proptest! {
        #[test]
        fn mutated_bodies_end(at in 0usize..400, byte in any::<u8>(), part in 1usize..50, which in 0usize..4) {
            let text: Vec<u8> = (0..5_000u32).flat_map(|number| (number % 97).to_le_bytes()).collect();
            let (encoding, mut body) = match which {
                0 => ("gzip", gzip(&text)),
                1 => ("deflate", deflate(&text)),
                2 => ("zstd", zstd(&text)),
                // no encoder of ours writes it: bytes that are none
                _ => ("br", deflate(&text)),
            };
            let at = at % body.len();
            body[at] = byte;
            let _ = decoded(encoding, &body, part);
        }
    }
}
