//! The numbers of detection, by authority, with what `[detect]` and a probe override.

use jiff::SignedDuration;

use super::differences::What;
use crate::market::{Authority, SubjectKind};

/// The numbers that a source is judged by.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Readings that an addition must be in.
    pub confirm_additions: u32,
    /// Readings that a removal must be in.
    pub confirm_removals: u32,
    /// Readings that a changed value must be in.
    pub confirm_values: u32,
    /// How long an addition or removal must have been seen besides.
    pub confirm_hours: SignedDuration,
    /// The share of a provider's offerings that one reading may lack for the first time.
    pub max_loss: f64,
    /// The share of a provider's values that one reading may change for the first time.
    pub max_churn: f64,
    /// Within how long the second return of a key marks it flapping; zero never does.
    pub flap_window: SignedDuration,
    /// Fewer items than this are a failed reading.
    pub min_items: u64,
}

/// Numbers that are set over the defaults: by `[detect]` for all probes, then by a probe for itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleOverrides {
    /// See [`Rules::confirm_additions`].
    pub confirm_additions: Option<u32>,
    /// See [`Rules::confirm_removals`].
    pub confirm_removals: Option<u32>,
    /// See [`Rules::confirm_values`].
    pub confirm_values: Option<u32>,
    /// See [`Rules::confirm_hours`].
    pub confirm_hours: Option<SignedDuration>,
    /// See [`Rules::max_loss`].
    pub max_loss: Option<f64>,
    /// See [`Rules::max_churn`].
    pub max_churn: Option<f64>,
    /// See [`Rules::flap_window`].
    pub flap_window: Option<SignedDuration>,
    /// See [`Rules::min_items`].
    pub min_items: Option<u64>,
}

impl RuleOverrides {
    /// Nothing is overridden.
    pub const NONE: Self = Self {
        confirm_additions: None,
        confirm_removals: None,
        confirm_values: None,
        confirm_hours: None,
        max_loss: None,
        max_churn: None,
        flap_window: None,
        min_items: None,
    };
}

/// Below this many offerings the shares of the guard mean nothing.
pub const GUARD_BASE: u64 = 5;
/// Readings that a flapping key needs.
pub const FLAPPING_READINGS: u32 = 3;
/// How long a flapping key must have been seen.
pub const FLAPPING_HOURS: SignedDuration = SignedDuration::from_hours(24);

impl Rules {
    /// The defaults of an authority. `flappy`: a provider interface known to drop and return entries.
    pub fn of(authority: Authority, flappy: bool) -> Self {
        let (additions, removals, values) = match authority {
            Authority::ProviderApi if flappy => (2, 2, 1),
            Authority::ProviderApi => (1, 2, 1),
            Authority::ProviderPage | Authority::Registry => (2, 2, 2),
        };
        let hours = if flappy { 24 } else { 0 };
        Self {
            confirm_additions: additions,
            confirm_removals: removals,
            confirm_values: values,
            confirm_hours: SignedDuration::from_hours(hours),
            max_loss: 0.20,
            max_churn: 0.30,
            flap_window: SignedDuration::from_hours(7 * 24),
            min_items: 1,
        }
    }

    /// These numbers with others set over them.
    pub fn with(self, over: &RuleOverrides) -> Self {
        Self {
            confirm_additions: over.confirm_additions.unwrap_or(self.confirm_additions),
            confirm_removals: over.confirm_removals.unwrap_or(self.confirm_removals),
            confirm_values: over.confirm_values.unwrap_or(self.confirm_values),
            confirm_hours: over.confirm_hours.unwrap_or(self.confirm_hours),
            max_loss: over.max_loss.unwrap_or(self.max_loss),
            max_churn: over.max_churn.unwrap_or(self.max_churn),
            flap_window: over.flap_window.unwrap_or(self.flap_window),
            min_items: over.min_items.unwrap_or(self.min_items),
        }
    }

    /// In how many readings, and for how long, a difference must have been seen.
    pub(super) fn needed(
        &self,
        kind: SubjectKind,
        what: What<'_>,
        lists: bool,
    ) -> (u32, SignedDuration) {
        let at_once = (1, SignedDuration::ZERO);
        match (kind, what) {
            (SubjectKind::Announcement | SubjectKind::Incident | SubjectKind::Component, what)
                if what != What::Removed =>
            {
                at_once
            }
            (_, What::Changed(_)) => (self.confirm_values.max(1), SignedDuration::ZERO),
            // a row of a source that only states attributes is a set of values
            (_, What::Added(_)) if !lists => (self.confirm_values.max(1), SignedDuration::ZERO),
            (_, What::Added(_)) => (self.confirm_additions.max(1), self.confirm_hours),
            (_, What::Removed) => (self.confirm_removals.max(1), self.confirm_hours),
        }
    }
}
