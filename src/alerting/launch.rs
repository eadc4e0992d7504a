//! A model that is new at a provider is told at once. What only completes that in its first day, as its list, its pages and its
//! prices come one after the other, is told once, in the thread of the launch.

use jiff::{SignedDuration, Timestamp};

use super::matcher::Matter;
use super::route::{Due, Route};
use super::thread::model;
use super::{LONGEST_WAIT, Policy};
use crate::market::{Attribute, Change, ChangeKind, DateKind, Severity, Subject, SubjectKind};

/// A launch is completed for so long. A list that flaps confirms its regions a day after it was seen to have them, and a group
/// gathers for [`LONGEST_WAIT`] at most.
pub const LAUNCH: SignedDuration = SignedDuration::from_secs(24 * 60 * 60 + LONGEST_WAIT.as_secs());

/// How the bundles begin of what completes a launch.
pub const FOLLOWING: &str = "launch ";

/// Whether a change says that a provider has an offering that it did not have.
pub fn is_launch(change: &Change) -> bool {
    change.kind == ChangeKind::OfferingAdded && change.subject.kind == SubjectKind::Offering
}

/// What an offering has in common with those of one launch: the provider and the model.
pub fn launch_key(subject: &Subject) -> String {
    format!("{} {}", subject.provider, model(subject))
}

/// Where what completes a launch is gathered.
pub fn following(bundle: &str, launched: Timestamp) -> String {
    format!("{FOLLOWING}{launched} {bundle}")
}

/// Whether a change can complete a launch: where else the model is, or what nobody said of it before. An end does not wait: it may be
/// near.
pub fn can_complete(change: &Change, severity: Severity) -> bool {
    let is_end = matches!(
        change.attribute,
        Some(Attribute::Date(
            DateKind::Retires | DateKind::Deprecated | DateKind::Legacy
        ))
    );
    let is_first_word =
        change.attribute.is_some() && change.old.is_none() && change.new.is_some() && !is_end;
    change.subject.kind == SubjectKind::Offering
        && severity < Severity::Critical
        && (is_launch(change) || is_first_word)
}

impl Policy {
    /// When a route tells a change that completes what it told of a launch: once all that does so is gathered. `None` for what is
    /// told later or with a digest anyway.
    pub fn due_after_launch(
        &self,
        route: &Route,
        matter: &Matter<'_>,
        severity: Severity,
        (due, launched): (Due, Timestamp),
    ) -> Option<Due> {
        let complete = launched.checked_add(LAUNCH).ok()?;
        let is_in_time = due.digest.is_none() && due.at <= complete;
        is_in_time
            .then(|| self.due(route, matter, severity, complete))
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Region;
    use crate::render::samples::{added, retirement, valued};

    #[test]
    fn what_nobody_said_before_completes_a_launch() {
        let price = |old: Option<&str>| {
            let price = |text: &str| crate::render::samples::price(text);
            let old = old.and_then(price);
            valued("acme", "m-1", "price.input", old, price("4")).change
        };
        assert!(can_complete(&price(None), Severity::Notice));
        assert!(can_complete(&price(None), Severity::Warning));
        assert!(!can_complete(&price(None), Severity::Critical));
        assert!(!can_complete(&price(Some("5")), Severity::Notice));
        assert!(!can_complete(&retirement().change, Severity::Warning));
        let mut elsewhere = added("acme", "m-1").change;
        elsewhere.subject.region = Region::new("eu");
        assert!(can_complete(&elsewhere, Severity::Notice));
    }

    #[test]
    fn a_launch_is_of_one_model_at_one_provider() {
        let of = |provider: &str, id: &str| Subject::offering(provider, id);
        let claude = of("bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0");
        let elsewhere = of("bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0");
        let is_of_launch = |one: &Subject, other: &Subject| launch_key(one) == launch_key(other);
        assert!(is_of_launch(&elsewhere, &claude));
        assert!(!is_of_launch(
            &of("anthropic", "claude-sonnet-4-5-20250929"),
            &claude
        ));
        assert!(!is_of_launch(
            &of("bedrock", "amazon.nova-pro-v1:0"),
            &claude
        ));
        assert!(is_of_launch(&of("acme", "x"), &of("acme", "x")));
    }
}
