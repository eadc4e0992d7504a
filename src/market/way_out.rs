//! What the readers of an alert can fall back to.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{LifecycleDate, Price};

/// What to do about a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WayOut {
    /// Which model.
    pub model: String,
    /// Who else sells it.
    pub elsewhere: Vec<Alternative>,
    /// What its providers say to move to.
    pub replacements: Vec<Replacement>,
}

/// A provider that sells a model, with its cheapest offering by the token.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// Who sells it.
    pub provider: String,
    /// In its own words.
    pub native_id: String,
    /// Whether a source states that it is generally available; where none states its stage, it is merely listed.
    pub is_ga: bool,
    /// What tokens read cost; `None`: no source says.
    pub input: Option<Price>,
    /// What tokens written cost; `None`: no source says.
    pub output: Option<Price>,
    /// When it ends there, where a source says.
    pub ends: Option<LifecycleDate>,
    /// How soon it answered us.
    pub answers: Option<Answers>,
}

/// How soon somebody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answers {
    /// The median.
    pub median: SignedDuration,
    /// Of so many answers.
    pub n: u64,
    /// Whether it is the model's first content token, and not an endpoint's first byte.
    pub is_token: bool,
}

/// What a provider says to move to.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// Who says so.
    pub provider: String,
    /// In its own words.
    pub named: String,
    /// Which model that is; `None`: not known.
    pub model: Option<String>,
    /// The providers that offer that model.
    pub offered_on: BTreeSet<String>,
}
