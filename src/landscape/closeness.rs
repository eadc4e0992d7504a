//! Which of what sources say is about an offering, and how closely.

use super::offer::Said;
use crate::market::{Attribute, DateKind, Identity, Purchase, Reach, Subject, route};

/// How closely a fact is about an offering: the greater, the closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Closeness {
    /// 3 of the same native id, 2 of the same version, 1 of the model.
    pub(super) native_id: u8,
    /// Whether the region is the same one.
    region: bool,
    /// 3 of the same deployment, 2 of the same reach, 1 of none that is stated, 0 of another one.
    deployment: u8,
}

/// How closely a fact is about the offering; `None` if it is about another one.
pub(super) fn closeness(
    subject: &Subject,
    identity: &Identity,
    said: &Said<'_>,
) -> Option<Closeness> {
    let other = &*said.fact.subject;
    let native_id = match identity.is_version_of(said.identity) {
        _ if other.native_id == subject.native_id => 3,
        Some(false) => return None,
        Some(true) => 2,
        // a dated version ends before the name that moves on to the next one
        None if said.identity.version.is_some()
            && said.fact.attribute.as_deref().is_some_and(is_of_life) =>
        {
            return None;
        }
        None => 1,
    };
    // what is said of one way to a model holds for no other way to it
    if let Some(way) = route(other.native_id.as_str())
        && native_id < 3
        && route(subject.native_id.as_str()) != Some(way)
    {
        return None;
    }
    let region = match (other.region.is_stated(), subject.region.is_stated()) {
        (true, _) if other.region == subject.region => true,
        (true, _) => return None,
        (false, _) => false,
    };
    Some(Closeness {
        native_id,
        region,
        deployment: deployment(subject, said)?,
    })
}

fn deployment(subject: &Subject, said: &Said<'_>) -> Option<u8> {
    let (theirs, ours) = (&said.fact.subject.deployment, &subject.deployment);
    if theirs.is_none() {
        return Some(1);
    }
    if theirs == ours {
        return Some(3);
    }
    match (
        said.fact.subject.reach(),
        subject.reach(),
        said.fact.attribute.as_deref(),
    ) {
        (Some(theirs), Some(ours), _) if theirs == ours => Some(2),
        // lists that state no price of a geography bill it as the region (facts: aws-bedrock.md §5, azure.md §7)
        (Some(Reach::InRegion), Some(Reach::Geo), Some(Attribute::Price(_))) => Some(0),
        // a profile is a way to the model that stands in the region, and lives as long
        (Some(Reach::InRegion), _, Some(attribute))
            if is_of_life(attribute) && ours.as_deref().is_some_and(is_profile) =>
        {
            Some(0)
        }
        // who lists a model without saying how it is bought sells it by the token, too (facts: other-direct.md A3)
        (_, _, Some(attribute)) if ours.is_none() && is_of_life(attribute) => {
            let by_token = theirs.as_deref().map(Purchase::of_term) == Some(Purchase::OnDemand);
            by_token.then_some(0)
        }
        _ => None,
    }
}

fn is_profile(deployment: &str) -> bool {
    deployment.starts_with("profile:")
}

fn is_of_life(attribute: &Attribute) -> bool {
    matches!(
        attribute,
        Attribute::Stage
            | Attribute::Replacement
            | Attribute::Date(DateKind::Legacy | DateKind::Deprecated | DateKind::Retires)
    )
}
