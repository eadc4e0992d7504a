//! A change as it is recorded.

use super::{Attribute, Authority, Change, Content, Reading, Subject, SubjectKind, Value};

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

/// How its source speaks of the subject of a change that is no offering.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Called {
    /// Its name; `None` where the source gives none.
    pub name: Option<String>,
    /// What an incident hits, as its page says: components, products, places.
    pub hits: Vec<String>,
}

impl Called {
    /// As a body says.
    pub fn in_reading(reading: &Reading, subject: &Subject) -> Self {
        let mut called = Self::default();
        let mut entries = reading.entries.iter();
        let entry = entries.find(|entry| entry.subject == *subject);
        let Some(Content::Stated { claims, .. }) = entry.map(|entry| &entry.content) else {
            return called;
        };
        for claim in claims {
            match (subject.kind, &claim.attribute, &claim.value) {
                (SubjectKind::Offering, ..) => {}
                (_, Attribute::Name, Value::Text(name)) => called.name = Some(name.to_string()),
                (SubjectKind::Incident, Attribute::Topics, Value::Set(hits)) => {
                    called.hits = hits.iter().map(ToString::to_string).collect();
                }
                _ => {}
            }
        }
        called
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
    /// How the source speaks of the subject.
    pub called: Called,
}

impl RecordedChange {
    /// What people call the subject: an offering by its native id, anything else by its name where it has one.
    pub fn name(&self) -> &str {
        let name = self.called.name.as_deref();
        name.unwrap_or(self.change.subject.native_id.as_str())
    }
}
