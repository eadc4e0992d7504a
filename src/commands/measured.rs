//! Which measurements are asked for, and what they are summed up by: what `latency` and `uptime` have in common.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use jiff::Timestamp;

use super::Setup;
use crate::outlook::by::By;
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

/// Reads one of those that a command sums up by.
pub fn among(those: &[By]) -> impl TypedValueParser<Value = By> {
    let values = those
        .iter()
        .map(|by| PossibleValue::new(by.word()).help(by.meaning()));
    let expected = || "expected what figures are summed up by".to_string();
    PossibleValuesParser::new(values).try_map(move |word| By::from_word(&word).ok_or_else(expected))
}
