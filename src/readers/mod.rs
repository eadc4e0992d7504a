//! Bytes → reading. One file a kind; a reader never fetches, never guesses, and says what it did not expect.

pub mod convert;
pub mod encoding;
pub mod feed;
mod folding;
pub mod html;
pub mod json;
pub mod litellm;
mod notes;
pub mod json;
pub mod models_dev;
pub mod paging;
pub mod statuspage;
pub mod text;

use crate::market::{Failure, ProviderId, Reading, Region, Settled};
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

/// How a probe's answers are read: which reader, with which mapping.
#[derive(Debug, Clone, PartialEq)]
pub enum Spec {
    /// The models.dev registry.
    ModelsDev(models_dev::Mapping),
}

impl Spec {
    /// The words of the probe file.
    pub const WORDS: &'static str = "one of models-dev";

    /// The reader's word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::ModelsDev(_) => "models-dev",
        }
    }

    /// The reader's version: raised whenever it makes other claims of the same body.
    pub fn version(&self) -> u32 {
        match self {
            Self::ModelsDev(_) => models_dev::VERSION,
        }
    }

    /// Reads a body.
    pub fn read(&self, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
        match self {
            Self::ModelsDev(mapping) => models_dev::read(mapping, body, context),
        }
    }
}
