//! Days of a model's life, as a calendar shows them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{DateKind, LifecycleDate};

/// A day of one version's life at one provider, wherever it is sold there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Milestone {
    /// Who sells it.
    pub provider: String,
    /// The version, else the model; the native id where nobody knows which model it is.
    pub name: String,
    /// Which day of its life.
    pub kind: DateKind,
    /// The day.
    pub date: LifecycleDate,
    /// What tells it from another day of the same kind, where a provider states several: one of its places. Empty for the
    /// first place's day, and where there is only one.
    pub mark: String,
    /// Where it holds and another day of the same kind does not: deployments, else regions. Empty where there is only one day.
    pub only: BTreeSet<String>,
    /// Where it holds; empty where no source says.
    pub regions: BTreeSet<String>,
    /// The provider's terms for the deployments of which it holds.
    pub deployments: BTreeSet<String>,
    /// The provider's spellings.
    pub native_ids: BTreeSet<String>,
    /// Who says so.
    pub sources: BTreeSet<String>,
    /// What the provider says to move to.
    pub replacements: BTreeSet<String>,
    /// Since when the last of its sources says so.
    pub since: Timestamp,
}
