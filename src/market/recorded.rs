//! A change as it is recorded.

use super::{Authority, Change};

/// What a source's change means for the landscape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It changes the landscape: only this can alert.
    News,
    /// It follows what an equal or higher authority has held: it confirms, and is never news.
    Corroboration,
    /// A higher authority says otherwise, or the source itself says more elsewhere: it changes nothing.
    Outranked,
}

impl Standing {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Corroboration => "corroboration",
            Self::Outranked => "outranked",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::News, Self::Corroboration, Self::Outranked]
            .into_iter()
            .find(|standing| standing.word() == word)
    }
}

/// A change with what recording it added.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedChange {
    /// The change.
    pub change: Change,
    /// What it means for the landscape.
    pub standing: Standing,
    /// The authority of its source when it was recorded.
    pub authority: Authority,
    /// Whether its reading was imported: such changes alert nobody.
    pub imported: bool,
    /// Its group: changes of one cause.
    pub group: String,
    /// Where it can be seen.
    pub url: String,
    /// Other sources that say the same, earliest first.
    pub confirmed_by: Vec<String>,
}
