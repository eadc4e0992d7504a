//! Closed sets of words: stages, reach, interfaces, kinds of provider, authority.

use std::collections::BTreeMap;

use super::Value;

/// Where in its life an offering stands at one provider. Ordered from announcement to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Said to come; cannot be called.
    Announced,
    /// Open to try, without the promises of general availability.
    Preview,
    /// Callable by those admitted.
    Limited,
    /// Generally available.
    Ga,
    /// Still served, no longer developed.
    Legacy,
    /// Its end is announced.
    Deprecated,
    /// Calls fail.
    Retired,
    /// The source does not say, or says a word that is not known.
    Unknown,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 8] = [
        Self::Announced,
        Self::Preview,
        Self::Limited,
        Self::Ga,
        Self::Legacy,
        Self::Deprecated,
        Self::Retired,
        Self::Unknown,
    ];

    /// The word that is stored, printed and written in probe files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Preview => "preview",
            Self::Limited => "limited",
            Self::Ga => "ga",
            Self::Legacy => "legacy",
            Self::Deprecated => "deprecated",
            Self::Retired => "retired",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// Distance from general availability; `None` for an unknown stage.
    pub fn distance_from_ga(self) -> Option<u8> {
        match self {
            Self::Announced => Some(3),
            Self::Preview => Some(2),
            Self::Limited => Some(1),
            Self::Ga => Some(0),
            Self::Legacy => Some(1),
            Self::Deprecated => Some(2),
            Self::Retired => Some(3),
            Self::Unknown => None,
        }
    }
}

/// A set of stages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct StageSet(u8);

impl StageSet {
    /// Whether the value is one of these stages.
    pub fn holds(self, value: Option<&Value>) -> bool {
        matches!(value, Some(Value::Stage(stage)) if self.contains(*stage))
    }

    fn contains(self, stage: Stage) -> bool {
        self.0 & (1 << stage as u8) != 0
    }
}

impl FromIterator<Stage> for StageSet {
    fn from_iter<T: IntoIterator<Item = Stage>>(stages: T) -> Self {
        Self(
            stages
                .into_iter()
                .fold(0, |set, stage| set | 1 << stage as u8),
        )
    }
}

/// Which further stages a source's words cover: Amazon Bedrock's interface calls a preview ACTIVE, too, so that its `ga` does not
/// contradict who says `preview` (facts: aws-bedrock.md §10).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CoveredStages(BTreeMap<Stage, StageSet>);

impl CoveredStages {
    /// What else a stated value may be; nothing, if it is no stage or the source's word means that stage alone.
    pub fn beside(&self, stated: Option<&Value>) -> StageSet {
        match stated {
            Some(Value::Stage(stage)) => self.0.get(stage).copied().unwrap_or_default(),
            _ => StageSet::default(),
        }
    }

    /// As it is stored: `ga: limited preview; …`, empty where every word means one stage.
    pub fn to_stored(&self) -> String {
        let of = |(stated, covered): (&Stage, &StageSet)| {
            let covered = Stage::ALL.iter().filter(|stage| covered.contains(**stage));
            let covered: Vec<&str> = covered.map(|stage| stage.word()).collect();
            format!("{}: {}", stated.word(), covered.join(" "))
        };
        self.0.iter().map(of).collect::<Vec<_>>().join("; ")
    }

    /// What was stored. A word that is not known, from a newer program, covers nothing.
    pub fn from_stored(stored: &str) -> Self {
        let stages = stored.split("; ").filter_map(|of| {
            let (stated, covered) = of.split_once(": ")?;
            let covered = covered.split(' ').filter_map(Stage::from_word);
            Some((Stage::from_word(stated)?, covered.collect::<StageSet>()))
        });
        stages.collect()
    }
}

/// A stage that is stated twice covers what either covers.
impl FromIterator<(Stage, StageSet)> for CoveredStages {
    fn from_iter<T: IntoIterator<Item = (Stage, StageSet)>>(stages: T) -> Self {
        let mut all: BTreeMap<Stage, StageSet> = BTreeMap::new();
        for (stated, StageSet(covered)) in stages.into_iter().filter(|(_, set)| set.0 != 0) {
            all.entry(stated).or_default().0 |= covered;
        }
        Self(all)
    }
}

/// How far a deployment's traffic may travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Served where it is called.
    InRegion,
    /// Served within a geography.
    Geo,
    /// Served anywhere.
    Global,
}

impl Reach {
    /// The printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::InRegion => "in-region",
            Self::Geo => "geo",
            Self::Global => "global",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::InRegion, Self::Geo, Self::Global]
            .into_iter()
            .find(|reach| reach.word() == word)
    }

    /// Reach of a provider's deployment term: Azure's SKU names and Bedrock's inference profiles
    /// (facts: azure.md §2.1, aws-bedrock.md §11). `None` where the term does not say.
    pub fn of_term(term: &str) -> Option<Self> {
        let lower = term.to_ascii_lowercase();
        match lower.as_str() {
            "on-demand" | "provisioned" | "mantle" | "standard" | "provisionedmanaged" => {
                Some(Self::InRegion)
            }
            "profile:global" | "mantle:global" => Some(Self::Global),
            _ if lower.starts_with("profile:") || lower.starts_with("datazone") => Some(Self::Geo),
            _ if lower.starts_with("global") => Some(Self::Global),
            _ => None,
        }
    }
}

/// How a deployment is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purchase {
    /// By the token, at once.
    OnDemand,
    /// By the token, within a day.
    Batch,
    /// By the hour of capacity.
    Capacity,
    /// Only for models that the buyer has tuned.
    Tuned,
}

impl Purchase {
    /// Of a provider's deployment term (facts: azure.md §2.1, aws-bedrock.md §5, other-direct.md A3). What says nothing else is bought by the
    /// token.
    pub fn of_term(term: &str) -> Self {
        let lower = term.to_ascii_lowercase();
        if lower == "developertier" || lower.ends_with("finetune") {
            Self::Tuned
        } else if ["provisioned", "managedcompute", "dedicated"]
            .iter()
            .any(|word| lower.contains(word))
        {
            Self::Capacity
        } else if lower.contains("batch") {
            Self::Batch
        } else {
            Self::OnDemand
        }
    }
}

/// What kind of thing an offering lets one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interface {
    /// Plain inference.
    Stateless,
    /// A runtime that keeps context.
    Stateful,
    /// An agent platform.
    Platform,
}

impl Interface {
    /// The word that is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stateless => "stateless",
            Self::Stateful => "stateful",
            Self::Platform => "platform",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Stateless, Self::Stateful, Self::Platform]
            .into_iter()
            .find(|interface| interface.word() == word)
    }
}

/// What kind of place a provider is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProviderKind {
    /// A cloud that sells models of several labs.
    Cloud,
    /// A lab that sells its own models.
    Direct,
    /// A reseller of other providers.
    Gateway,
    /// Only tells, sells nothing.
    Registry,
}

impl ProviderKind {
    /// The word of the probe file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::Direct => "direct",
            Self::Gateway => "gateway",
            Self::Registry => "registry",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Cloud, Self::Direct, Self::Gateway, Self::Registry]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// How far a source is to be believed when sources differ. Ordered: a higher authority is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// Somebody else's list of what providers sell.
    Registry,
    /// A page that the provider writes.
    ProviderPage,
    /// What the provider's own interface answers.
    ProviderApi,
}

impl Authority {
    /// The word that is stored, printed and written in probe files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::ProviderPage => "provider-page",
            Self::ProviderApi => "provider-api",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Registry, Self::ProviderPage, Self::ProviderApi]
            .into_iter()
            .find(|authority| authority.word() == word)
    }
}
