//! What a claim is about.

use super::{Hash, Identity, NativeId, ProviderId, Reach, Region, SubjectKey, identify};

/// The kinds of thing that sources speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// Provider × native id × region × deployment: the unit that has a stage, prices, limits.
    Offering,
    /// One item of a feed.
    Announcement,
    /// A problem that a status page states.
    Incident,
    /// A part of a provider's service that a status page lists.
    Component,
    /// A watched part of a page.
    Text,
    /// A source of ours: what is said of the watching itself.
    Source,
    /// What indicators show of all providers, or of one among them.
    Landscape,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Offering,
        Self::Announcement,
        Self::Incident,
        Self::Component,
        Self::Text,
        Self::Source,
        Self::Landscape,
    ];

    /// The stored and printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Offering => "offering",
            Self::Announcement => "announcement",
            Self::Incident => "incident",
            Self::Component => "component",
            Self::Text => "text",
            Self::Source => "source",
            Self::Landscape => "landscape",
        }
    }
    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What a claim is about: an offering, or a feed item, incident, component or watched text of a provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Which kind of thing.
    pub kind: SubjectKind,
    /// Whose it is: a registry's claims carry the provider that they are about.
    pub provider: ProviderId,
    /// The provider's own spelling, verbatim.
    pub native_id: NativeId,
    /// Where; `*` where the source does not say.
    pub region: Region,
    /// The provider's term for how it is deployed (`on-demand`, `GlobalStandard`, `profile:eu`); `None` where the source does not say.
    pub deployment: Option<Box<str>>,
}

impl Subject {
    /// An offering of which only provider and native id are stated.
    pub fn offering(provider: impl Into<Box<str>>, native_id: impl Into<Box<str>>) -> Self {
        Self::of_kind(SubjectKind::Offering, provider, native_id)
    }

    /// A subject of `kind` without region or deployment.
    pub fn of_kind(
        kind: SubjectKind,
        provider: impl Into<Box<str>>,
        native_id: impl Into<Box<str>>,
    ) -> Self {
        Self {
            kind,
            provider: ProviderId::new(provider),
            native_id: NativeId::new(native_id),
            region: Region::unstated(),
            deployment: None,
        }
    }

    /// The identity that two writers compute alike.
    pub fn hash(&self) -> Hash {
        Hash::of_parts(&[
            self.kind.word(),
            self.provider.as_str(),
            self.native_id.as_str(),
            self.region.as_str(),
            self.deployment.as_deref().unwrap_or(""),
        ])
    }

    /// The identity that readings and the accepted state are joined on.
    pub fn key(&self) -> SubjectKey {
        SubjectKey(self.hash().short())
    }

    /// Which model an offering sells, computed anew from its native id; `None` for what is no offering.
    pub fn identity(&self) -> Option<Identity> {
        let sells = self.kind == SubjectKind::Offering;
        sells.then(|| identify(Some(self.provider.as_str()), self.native_id.as_str()))
    }

    /// Which model an incident names, if it does. The name must speak for itself: beside a provider that makes models, a host or a
    /// status page's id would pass for one of them.
    pub fn incident_of(&self) -> Option<Identity> {
        let names = self.kind == SubjectKind::Incident;
        let identity = names.then(|| identify(None, self.native_id.as_str()))?;
        identity.model.is_some().then_some(identity)
    }

    /// How far the deployment's traffic may travel, where its term says so.
    pub fn reach(&self) -> Option<Reach> {
        self.deployment.as_deref().and_then(Reach::of_term)
    }
}
