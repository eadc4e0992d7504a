//! What measurements are summed up by.

use crate::store::Series;

/// What figures are summed up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The provider.
    Provider,
    /// The host that was asked.
    Host,
    /// The region or account that was asked of.
    Region,
    /// The model that was asked.
    Model,
    /// The probe or endpoint.
    Probe,
    /// Whether the connection was opened for it (fresh) or open (warm).
    Way,
    /// What is measured: a source that is read, or an endpoint that is checked.
    Kind,
    /// From where it was measured.
    Vantage,
}

impl By {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Provider,
        Self::Host,
        Self::Region,
        Self::Model,
        Self::Probe,
        Self::Way,
        Self::Kind,
        Self::Vantage,
    ];

    /// The word by which it is asked for, and the key in what programs read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Host => "host",
            Self::Region => "region",
            Self::Model => "model",
            Self::Probe => "probe",
            Self::Way => "way",
            Self::Kind => "kind",
            Self::Vantage => "vantage",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.word() == word)
    }

    /// What it is, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Provider => "The provider",
            Self::Host => "The host that was asked",
            Self::Region => "The region or account that was asked of",
            Self::Model => "The model that was asked",
            Self::Probe => "The probe or endpoint",
            Self::Way => "Whether the connection was opened for it (fresh) or open (warm)",
            Self::Kind => "What is measured: a source that is read, or an endpoint that is checked",
            Self::Vantage => "From where it was measured",
        }
    }

    /// What it is of a series.
    pub fn of(self, series: &Series) -> &str {
        match self {
            Self::Provider => &series.provider,
            Self::Host => &series.host,
            Self::Region => &series.region,
            Self::Model => &series.model,
            Self::Probe => &series.probe,
            Self::Way => &series.way,
            Self::Kind => series.kind.word(),
            Self::Vantage => &series.vantage,
        }
    }
}
