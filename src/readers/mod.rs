//! Bytes → reading. One file a kind; a reader never fetches, never guesses, and says what it did not expect.

pub mod convert;
pub mod models_dev;

use crate::market::{ProviderId, Region, Settled};
use convert::StageWords;

/// What a reader is told besides the body.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The provider that the probe asks.
    pub provider: &'a ProviderId,
    /// The region of the source's scope; `*` where the source has none.
    pub region: &'a Region,
    /// The provider's words for stages.
    pub stages: &'a StageWords,
    /// Whether absence from the body means something.
    pub complete: bool,
    /// Entries that need not be read again if their raw text is the same.
    pub settled: &'a Settled,
}

/// A body to be read.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    /// Decompressed, in whatever character encoding the server sent.
    pub bytes: &'a [u8],
    /// The `Content-Type` header, if there was one.
    pub content_type: Option<&'a str>,
}
