//! Which changes a route or a rank is about.

use std::cell::OnceCell;

use jiff::Timestamp;

use super::pattern::ModelPattern;
use crate::market::{
    Change, ChangeKind, Identity, Interface, Place, Reach, Severity, Silence, Subject, SubjectKind,
    Value,
};

/// A change with what is known of its subject besides.
#[derive(Debug, Clone)]
pub struct Matter<'a> {
    /// The change.
    pub change: &'a Change,
    /// What its native id denotes, once somebody has asked.
    identity: OnceCell<Option<Identity>>,
    /// What kind of interface the offering is, where a source says.
    pub interface: Option<Interface>,
}

impl<'a> Matter<'a> {
    /// A change, with the interface of its offering.
    pub fn new(change: &'a Change, interface: Option<Interface>) -> Self {
        Self {
            change,
            identity: OnceCell::new(),
            interface,
        }
    }

    /// What its native id denotes.
    fn identity(&self) -> Option<&Identity> {
        let identity = self.identity.get_or_init(|| self.change.subject.identity());
        identity.as_ref()
    }

    /// The words that are read of it: an announcement's title, a page's text, an incident's name.
    fn words(&self) -> impl Iterator<Item = &str> {
        let text = |value: &'a Option<Value>| match value {
            Some(Value::Text(text)) => Some(&**text),
            _ => None,
        };
        [text(&self.change.new), text(&self.change.old)]
            .into_iter()
            .flatten()
            .chain([self.change.subject.native_id.as_str()])
    }
}

/// What is wanted of an offering. What is empty wants nothing; what a source does not state may be what is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Of these models.
    pub models: Vec<ModelPattern>,
    /// At these providers.
    pub providers: Vec<String>,
    /// In these places.
    pub places: Vec<Place>,
    /// With this reach.
    pub reach: Vec<Reach>,
    /// Of these interfaces.
    pub interfaces: Vec<Interface>,
    /// What announcements, pages and incidents speak of: all words of one of these, whatever their case.
    pub topics: Vec<String>,
}

impl Scope {
    /// Whether a change is about it. An offering is, that fits all that is wanted. An announcement is, that speaks of a topic. An
    /// incident or a component is, that names a model that is wanted, or is one of a whole provider that is wanted by name, unless it
    /// names another place. A shift of the landscape is, that is one of a model that is wanted, or speaks of a topic.
    pub fn holds(&self, matter: &Matter<'_>) -> bool {
        let subject = &matter.change.subject;
        let provider = subject.provider.as_str();
        let is_there = self.providers.is_empty() || self.providers.iter().any(|p| p == provider);
        let is_in_place =
            self.places.is_empty() || self.places.iter().any(|p| p.admits(&subject.region));
        match subject.kind {
            SubjectKind::Offering => self.is_wanted(matter),
            SubjectKind::Incident | SubjectKind::Component => {
                let is_wanted = match self.incident_of(matter) {
                    Some(is_wanted) => is_wanted,
                    // one of the whole provider concerns every model, where the provider is wanted by name
                    None => !self.providers.is_empty(),
                };
                is_there && is_in_place && is_wanted || self.speaks_of_topic(matter)
            }
            SubjectKind::Landscape => {
                let model = subject.native_id.as_str();
                is_there && self.models.iter().any(|wanted| wanted.names(model))
                    || self.speaks_of_topic(matter)
            }
            _ => is_there && self.speaks_of_topic(matter),
        }
    }

    /// Whether an offering is what is wanted. `identity` is what its native id denotes, `interface` what kind it is, where a source
    /// says.
    pub fn fits(
        &self,
        subject: &Subject,
        identity: Option<&Identity>,
        interface: Option<Interface>,
    ) -> bool {
        let provider = subject.provider.as_str();
        let is_there = self.providers.is_empty() || self.providers.iter().any(|p| p == provider);
        let is_in_place =
            self.places.is_empty() || self.places.iter().any(|p| p.admits(&subject.region));
        let is_only_topic = self.models.is_empty()
            && self.providers.is_empty()
            && self.places.is_empty()
            && self.reach.is_empty()
            && self.interfaces.is_empty()
            && !self.topics.is_empty();
        is_there
            && is_in_place
            && !is_only_topic
            && (self.models.is_empty() || self.models.iter().any(|m| m.means(subject, identity)))
            && (self.reach.is_empty()
                || subject
                    .reach()
                    .is_none_or(|reach| self.reach.contains(&reach)))
            && (self.interfaces.is_empty()
                || interface.is_none_or(|interface| self.interfaces.contains(&interface)))
    }

    fn is_wanted(&self, matter: &Matter<'_>) -> bool {
        let identity = match self.models.is_empty() {
            true => None,
            false => matter.identity(),
        };
        self.fits(&matter.change.subject, identity, matter.interface)
    }

    /// Whether the model that an incident names is wanted; `None` if it names none.
    fn incident_of(&self, matter: &Matter<'_>) -> Option<bool> {
        let subject = &matter.change.subject;
        let identity = subject.incident_of()?;
        let mut models = self.models.iter();
        let by_name = self.models.is_empty() && !self.providers.is_empty();
        Some(by_name || models.any(|model| model.means(subject, Some(&identity))))
    }

    fn speaks_of_topic(&self, matter: &Matter<'_>) -> bool {
        let said: Vec<String> = matter.words().map(str::to_lowercase).collect();
        self.topics.iter().any(|topic| {
            let topic = topic.to_lowercase();
            let mut words = topic.split_whitespace().peekable();
            words.peek().is_some() && words.all(|word| said.iter().any(|said| said.contains(word)))
        })
    }
}

/// Whether a silence holds for a change of this severity at a moment before its end.
pub fn silences_it(
    silence: &Silence,
    matter: &Matter<'_>,
    severity: Severity,
    at: Timestamp,
) -> bool {
    // what names no region may be anywhere: a watch must hear of it, and no silence of a region may take it
    let is_there = silence.regions.is_empty() || matter.change.subject.region.is_stated();
    silence.begun <= at && is_there && Matcher::of_silence(silence).takes(matter, severity, &[])
}

/// What a route or a rank takes. What is empty takes everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// Of these kinds.
    pub kinds: Vec<ChangeKind>,
    /// About this.
    pub scope: Scope,
    /// Touching a watch of one of these names; `*` is any.
    pub watches: Vec<String>,
    /// Not graver than anything below this.
    pub minimum: Severity,
}

impl Default for Matcher {
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            scope: Scope::default(),
            watches: Vec::new(),
            minimum: Severity::Info,
        }
    }
}

impl Matcher {
    /// What a silence is about.
    pub fn of_silence(silence: &Silence) -> Self {
        let models = silence.models.iter();
        let places = silence.regions.iter();
        Self {
            kinds: silence.kinds.clone(),
            scope: Scope {
                models: models
                    .filter_map(|word| ModelPattern::from_word(word))
                    .collect(),
                providers: silence.providers.clone(),
                places: places.filter_map(|word| Place::from_word(word)).collect(),
                ..Scope::default()
            },
            ..Self::default()
        }
    }

    /// Whether it takes a change of this severity, which touches these watches.
    pub fn takes(&self, matter: &Matter<'_>, severity: Severity, touched: &[&str]) -> bool {
        severity >= self.minimum
            && (self.kinds.is_empty() || self.kinds.contains(&matter.change.kind))
            && (self.watches.is_empty()
                || touched
                    .iter()
                    .any(|name| self.watches.iter().any(|w| w == "*" || w == name)))
            && (self.scope == Scope::default() || self.scope.holds(matter))
    }
}
