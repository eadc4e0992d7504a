//! A number about the landscape on one day.

/// One number about the landscape on one day of UTC. `docs/indicators.md` defines the names.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicator {
    /// What is counted: `models`, `coverage`, `basket`.
    pub name: Box<str>,
    /// At which provider; empty: over all of them.
    pub provider: Box<str>,
    /// Of what, where it is told apart by labs, stages, interfaces or days; empty for all.
    pub of: Box<str>,
    /// The number.
    pub value: f64,
    /// What it was counted from, where it is no count itself.
    pub n: Option<u64>,
}
