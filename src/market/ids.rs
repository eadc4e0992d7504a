//! Identifiers as types, so that a region is never passed where a provider is meant.

use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<Box<str>>) -> Self {
                Self(text.into())
            }
            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
    };
}

text_id! {
    /// A place to buy inference: `bedrock`, `azure`, `openai` …
    ProviderId
}
text_id! {
    /// A provider's own spelling of a model, verbatim: `eu.anthropic.claude-sonnet-4-5-20250929-v1:0`.
    /// For subjects that are no offerings: the feed item's guid, the incident's or component's id, the watched part's name.
    NativeId
}
text_id! {
    /// A declared probe: `provider.name`, such as `openai.models`.
    ProbeId
}
text_id! {
    /// A probe's scope (a region, an account); empty for a probe that has only one.
    Scope
}
text_id! {
    /// A provider's region name; `*` where the source does not say.
    Region
}

impl Region {
    /// The region of a source that does not name one.
    pub fn unstated() -> Self {
        Self::from("*")
    }
    /// Whether the source named a region.
    pub fn is_stated(&self) -> bool {
        self.as_str() != "*"
    }
}

/// One probe in one scope: the thing that has a last good reading. Written `openai.models` or `azure.models@northeurope`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId {
    /// The probe that is asked.
    pub probe: ProbeId,
    /// The scope it is asked in; empty for the only one.
    pub scope: Scope,
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scope.as_str() {
            "" => write!(f, "{}", self.probe),
            scope => write!(f, "{}@{scope}", self.probe),
        }
    }
}

/// A BLAKE3 hash. Two writers who hash the same thing get the same identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Hash of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
    /// Hash of several texts or bytes, each with its length, so that no two lists of parts run together.
    pub fn of_parts(parts: &[impl AsRef<[u8]>]) -> Self {
        let length = parts.iter().map(|part| part.as_ref().len() + 8).sum();
        let mut all = Vec::with_capacity(length);
        for part in parts.iter().map(AsRef::as_ref) {
            all.extend_from_slice(&(part.len() as u64).to_le_bytes());
            all.extend_from_slice(part);
        }
        Self(*blake3::hash(&all).as_bytes())
    }
    /// The hash as stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
    /// Reads a stored hash; `None` if it is not 32 bytes long.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
    /// Reads all 64 hexadecimal digits.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let byte = |at: usize| u8::from_str_radix(hex.get(at * 2..at * 2 + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..hex.len() / 2).map(byte).collect();
        Self::from_bytes(&bytes?)
    }
    /// The first 64 bits.
    pub fn short(&self) -> u64 {
        let mut head = [0u8; 8];
        head.copy_from_slice(&self.0[..8]);
        u64::from_le_bytes(head)
    }
    /// The first `digits` hexadecimal digits, at most 64.
    pub fn hex(&self, digits: usize) -> String {
        let mut out = String::with_capacity(digits);
        let nibbles = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let hexadecimal = nibbles.filter_map(|nibble| char::from_digit(u32::from(nibble), 16));
        out.extend(hexadecimal.take(digits));
        out
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({})", self.hex(12))
    }
}

/// The hash of a decoded body: bodies are addressed by content.
pub type BodyHash = Hash;

/// A subject's identity as 64 bits of its hash; what readings and the accepted state are joined on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectKey(pub u64);

/// A change's identifier: 16 hexadecimal digits of the hash of source, subject, attribute and the reading that first showed it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeId(pub String);

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
