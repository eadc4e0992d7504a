//! Which offerings a person means who names a model.

use super::{Identity, identify};
use crate::market::Subject;

/// A model as a person names it: a model id, a version, a bare name, or a part of a native id.
#[derive(Debug, Clone)]
pub struct Wanted {
    text: String,
    identity: Identity,
    exact: bool,
}

impl Wanted {
    /// Reads what a person typed.
    pub fn new(text: &str) -> Self {
        let text = text.trim().to_ascii_lowercase();
        let identity = identify(None, &text);
        // a whole model id means that model and none whose name goes on
        let is_id = |id: &Option<String>| id.as_deref() == Some(text.as_str());
        let exact = is_id(&identity.model) || is_id(&identity.version);
        Self {
            text,
            identity,
            exact,
        }
    }

    /// Whether a subject is meant: its native id holds the text, or it sells the model or version that the text denotes.
    pub fn fits(&self, subject: &Subject) -> bool {
        let native = subject.native_id.as_str().to_ascii_lowercase();
        let named = if self.exact {
            native == self.text
        } else {
            native.contains(&self.text)
        };
        named || self.denotes(subject)
    }

    fn denotes(&self, subject: &Subject) -> bool {
        if self.identity.model.is_none() {
            return false;
        }
        subject
            .identity()
            .is_some_and(|found| match &self.identity.version {
                Some(version) => found.version.as_ref() == Some(version),
                None => found.model == self.identity.model,
            })
    }
}
