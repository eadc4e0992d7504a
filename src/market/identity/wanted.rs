//! Which offerings a person means who names a model.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::{Identity, identify};
use crate::market::{Subject, SubjectKind};

/// What native ids denote: whoever names a model has all of them looked at, and the tables stay as they are.
static DENOTED: LazyLock<Mutex<Denoted>> = LazyLock::new(|| Mutex::new(Denoted::new(50_000)));

/// The model and the version that an id denotes.
type Model = Arc<(Option<String>, Option<String>)>;

/// What native ids denote, by provider.
struct Denoted {
    known: HashMap<Box<str>, HashMap<Box<str>, Model>>,
    count: usize,
    /// So many are remembered at most; then all begins anew.
    most: usize,
}

impl Denoted {
    fn new(most: usize) -> Self {
        Self {
            known: HashMap::new(),
            count: 0,
            most,
        }
    }

    fn of(&mut self, provider: &str, native_id: &str) -> Model {
        let of_provider = self.known.get(provider);
        if let Some(known) = of_provider.and_then(|of_provider| of_provider.get(native_id)) {
            return Arc::clone(known);
        }
        let Identity { model, version, .. } = identify(Some(provider), native_id);
        let found: Model = Arc::new((model, version));
        if self.count >= self.most {
            self.known.clear();
            self.count = 0;
        }
        self.count += 1;
        let of_provider = self.known.entry(provider.into()).or_default();
        of_provider.insert(native_id.into(), Arc::clone(&found));
        found
    }
}

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
        if subject.kind != SubjectKind::Offering {
            return false;
        }
        let denoted = {
            let mut denoted = DENOTED.lock().unwrap_or_else(PoisonError::into_inner);
            denoted.of(subject.provider.as_str(), subject.native_id.as_str())
        };
        let (model, version) = &*denoted;
        match &self.identity.version {
            Some(wanted) => version.as_ref() == Some(wanted),
            None => *model == self.identity.model,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_is_found_and_no_more_than_some() {
        let mut denoted = Denoted::new(2);
        let ids = [
            ("openai", "gpt-4o-2024-08-06"),
            ("bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
            ("azure", "gpt-4o-2024-08-06"),
            ("azure", "nothing known"),
        ];
        for (provider, id) in ids.into_iter().chain(ids).flat_map(|one| [one, one]) {
            let found = denoted.of(provider, id);
            let Identity { model, version, .. } = identify(Some(provider), id);
            assert_eq!(*found, (model, version), "{provider}/{id}");
            let kept: usize = denoted.known.values().map(HashMap::len).sum();
            assert!(
                kept <= 2 && kept == denoted.count,
                "{provider}/{id}: {kept}"
            );
        }
    }
}
