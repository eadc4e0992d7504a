//! How a user names models: a glob over any spelling, or a spelling that denotes a model.

use crate::market::{Identity, Subject, identify, is_like};

/// A user's word for models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPattern {
    /// In small letters, with `*` for any text.
    glob: String,
    /// What the word denotes, where it is a name and no glob: `claude-sonnet-4-5` stands for `anthropic/claude-sonnet-4.5`.
    denotes: Option<(String, Option<String>)>,
}

impl ModelPattern {
    /// A user's word. `None` for one that is blank.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim();
        if word.is_empty() {
            return None;
        }
        let is_glob = word.contains(['*', '?']);
        let identity = (!is_glob).then(|| identify(None, word));
        Some(Self {
            glob: word.to_lowercase(),
            denotes: identity.and_then(|identity| Some((identity.model?, identity.version))),
        })
    }

    /// The user's word, in small letters.
    pub fn word(&self) -> &str {
        &self.glob
    }

    /// The one model that it stands for; `None` for a glob or a name that is not known.
    pub fn model(&self) -> Option<&str> {
        self.denotes.as_ref().map(|(model, _)| model.as_str())
    }

    /// Whether it means a model, `lab/name`; of a word for a version, whether it is a version of the model.
    pub fn names(&self, model: &str) -> bool {
        let bare = model.split_once('/').map_or(model, |(_, bare)| bare);
        is_like(model, &self.glob)
            || is_like(bare, &self.glob)
            || self.model().is_some_and(|denoted| denoted == model)
    }

    /// Whether it means what a native id denotes. A version means the model where the id names no version: what is said of
    /// the model holds for it.
    pub fn means(&self, subject: &Subject, identity: Option<&Identity>) -> bool {
        let is_named = |text: &str| {
            let text = text.to_lowercase();
            let bare = text.split_once('/').map(|(_, bare)| bare);
            is_like(&text, &self.glob) || bare.is_some_and(|bare| is_like(bare, &self.glob))
        };
        if is_named(subject.native_id.as_str()) {
            return true;
        }
        let Some(identity) = identity else {
            return false;
        };
        let names = [&identity.model, &identity.version];
        names.into_iter().flatten().any(|name| is_named(name))
            || self.denotes.as_ref().is_some_and(|(model, version)| {
                identity.model.as_ref() == Some(model)
                    && (version.is_none()
                        || identity.version.is_none()
                        || identity.version == *version)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_words_for_models_mean() {
        for (word, provider, native_id, is_meant) in [
            (
                "anthropic/claude-sonnet-4.5",
                "bedrock",
                "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
                true,
            ),
            (
                "claude-sonnet-4-5",
                "bedrock",
                "anthropic.claude-sonnet-4-5-20250929-v1:0",
                true,
            ),
            (
                "claude-sonnet-4.5",
                "vertex",
                "claude-sonnet-4-5@20250929",
                true,
            ),
            (
                "anthropic/*",
                "bedrock",
                "anthropic.claude-opus-4-1-20250805-v1:0",
                true,
            ),
            ("claude-*", "openrouter", "anthropic/claude-opus-4.1", true),
            ("gpt-4o", "azure", "gpt-4o@2024-05-13", true),
            ("gpt-4o", "azure", "gpt-4o-mini@2024-07-18", false),
            ("gpt-4o*", "azure", "gpt-4o-mini@2024-07-18", true),
            // a version, and what is said of its model or of another version
            ("gpt-4o-2024-05-13", "azure", "gpt-4o@2024-05-13", true),
            ("gpt-4o-2024-05-13", "openai", "gpt-4o", true),
            ("gpt-4o-2024-05-13", "openai", "gpt-4o-2024-08-06", false),
            ("no-such-model", "openai", "gpt-4o", false),
            // a native id that denotes nothing that is known
            ("acme.sol-v1", "bedrock", "acme.sol-v1", true),
        ] {
            let subject = Subject::offering(provider, native_id);
            let identity = subject.identity();
            let pattern = ModelPattern::from_word(word).expect("a word");
            assert_eq!(
                pattern.means(&subject, identity.as_ref()),
                is_meant,
                "{word}: {native_id}"
            );
        }
        assert_eq!(ModelPattern::from_word("  "), None);
    }
}
