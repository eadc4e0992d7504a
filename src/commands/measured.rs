//! Which measurements are asked for, and what they are summed up by: what `latency` and `uptime` have in common.

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::Timestamp;

use super::Setup;
use crate::store::Series;

/// Which measurements are asked for. Each command has its own default of `--since`.
#[derive(Debug, clap::Args)]
pub struct Chosen {
    /// Measured at or after this time, or an age.
    #[arg(long, value_name = "TIME")]
    since: String,
    /// Measured before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Of this provider.
    #[arg(long)]
    provider: Option<String>,
    /// Of this host.
    #[arg(long)]
    host: Option<String>,
    /// Of this region or account.
    #[arg(long)]
    region: Option<String>,
}

impl Chosen {
    /// The span that is asked for, until now where no end is.
    pub fn span(&self, setup: &Setup, now: Timestamp) -> anyhow::Result<[Timestamp; 2]> {
        let until = self.until.as_deref();
        super::setup::span(&self.since, until, &setup.settings.zone, now)
    }

    /// Whether measurements of a series are asked for.
    pub fn has(&self, series: &Series) -> bool {
        [
            (&self.provider, &series.provider),
            (&self.host, &series.host),
            (&self.region, &series.region),
        ]
        .into_iter()
        .all(|(wanted, own)| wanted.as_ref().is_none_or(|wanted| wanted == own))
    }
}

/// What figures are summed up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
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
    /// Reads one of those that a command sums up by.
    pub fn among(those: &[Self]) -> impl TypedValueParser<Value = Self> {
        let values = those.iter().filter_map(Self::to_possible_value);
        PossibleValuesParser::new(values).try_map(|word| Self::from_str(&word, false))
    }

    /// The word on the command line, and the key in what programs read.
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
