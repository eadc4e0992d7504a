//! The offerings of one model, each with what the best source says of every attribute of it.
//!
//! Sources speak of an offering in their own spellings: an API lists a native id in a region, a price list names a display
//! name and a reach, a page a version. All that speak of one model at one provider are brought together here, by identity;
//! what a source says holds for an offering unless it says that it is about another version, region or reach.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::spread::{self, Spread};
use crate::market::{
    Attribute, Authority, Identity, OfferingFact, Reach, SourceId, Stage, Subject, Value,
    normal_form,
};

/// What one source says, as far as it holds for an offering.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// What it says.
    pub value: Value,
    /// Who says it.
    pub source: SourceId,
    /// How far that is to be believed.
    pub authority: Authority,
    /// Since when it says so.
    pub since: Timestamp,
    /// Its last good reading, which still said so.
    pub confirmed_at: Option<Timestamp>,
}

/// An offering of a model with what is believed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The offering.
    pub subject: Subject,
    /// Which dated version it is, where its native id tells.
    pub version: Option<String>,
    /// Who lists it, the highest authority first; empty where sources only speak of it.
    pub listed_by: Vec<SourceId>,
    /// What the best source says of each attribute.
    pub facts: BTreeMap<Attribute, Stated>,
    /// Where sources differ about its prices.
    pub spreads: Vec<Spread>,
}

impl Offer {
    /// Its stage; unknown where no source says.
    pub fn stage(&self) -> Stage {
        match self.facts.get(&Attribute::Stage).map(|fact| &fact.value) {
            Some(Value::Stage(stage)) => *stage,
            _ => Stage::Unknown,
        }
    }

    /// How far its traffic may travel, where its deployment says so.
    pub fn reach(&self) -> Option<Reach> {
        self.subject.reach()
    }
}

/// A fact with what its native id denotes.
struct Said<'a> {
    fact: &'a OfferingFact,
    identity: &'a Identity,
}

/// How closely a fact is about an offering: the greater, the closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Closeness {
    native_id: u8,
    region: bool,
    deployment: u8,
}

/// The offerings of one model. `facts` are of any offerings; those whose identity is another model's are passed over.
///
/// What a registry alone lists is left out where the provider itself lists the same version: it is the same offering told
/// with less detail. Where nobody lists anything, what sources speak of stands for what is offered.
pub fn offers<'a>(
    model: &str,
    facts: impl IntoIterator<Item = (&'a OfferingFact, &'a Identity)>,
) -> Vec<Offer> {
    let mut by_provider: BTreeMap<&str, Vec<Said<'a>>> = BTreeMap::new();
    for (fact, identity) in facts {
        if identity.model.as_deref() == Some(model) {
            let provider = fact.subject.provider.as_str();
            let said = Said { fact, identity };
            by_provider.entry(provider).or_default().push(said);
        }
    }
    by_provider
        .values()
        .flat_map(|said| of_provider(said))
        .collect()
}

fn of_provider(said: &[Said<'_>]) -> Vec<Offer> {
    let is_listing = |said: &&Said<'_>| said.fact.attribute.is_none();
    let mut subjects: BTreeMap<&Subject, &Identity> = said
        .iter()
        .filter(is_listing)
        .map(|said| (&said.fact.subject, said.identity))
        .collect();
    if subjects.is_empty() {
        subjects = said
            .iter()
            .map(|said| (&said.fact.subject, said.identity))
            .collect();
    }
    let listed_by = |subject: &Subject| -> Vec<(Authority, SourceId)> {
        let mut sources: Vec<(Authority, SourceId)> = said
            .iter()
            .filter(is_listing)
            .filter(|said| said.fact.subject == *subject)
            .map(|said| (said.fact.authority, said.fact.source.clone()))
            .collect();
        sources.sort_by_key(|(authority, source)| (Reverse(*authority), source.clone()));
        sources.dedup();
        sources
    };
    // the spellings and versions that the provider itself lists
    let own: BTreeSet<String> = subjects
        .iter()
        .filter(|(subject, _)| {
            let best = listed_by(subject).first().map(|(authority, _)| *authority);
            best.is_some_and(|best| best > Authority::Registry)
        })
        .flat_map(|(subject, identity)| sameness(subject, identity))
        .collect();
    let mut offers = Vec::new();
    for (subject, identity) in &subjects {
        let listed = listed_by(subject);
        let is_registry_only = listed
            .first()
            .is_none_or(|(best, _)| *best == Authority::Registry);
        if is_registry_only
            && sameness(subject, identity)
                .iter()
                .any(|key| own.contains(key))
        {
            continue;
        }
        let facts = best_facts(subject, identity, said);
        let spreads = spread::spreads(&facts);
        offers.push(Offer {
            subject: (*subject).clone(),
            version: identity.version.clone(),
            listed_by: listed.into_iter().map(|(_, source)| source).collect(),
            facts: facts
                .into_iter()
                .filter_map(|(attribute, mut stated)| {
                    (!stated.is_empty()).then(|| (attribute, stated.swap_remove(0)))
                })
                .collect(),
            spreads,
        });
    }
    offers
}

/// What two subjects share if they are one offering in two sources' words: a spelling, or a version.
fn sameness(subject: &Subject, identity: &Identity) -> Vec<String> {
    let spelling = normal_form(subject.native_id.as_str());
    let version = identity.version.clone().or_else(|| identity.model.clone());
    [Some(spelling), version].into_iter().flatten().collect()
}

/// Every attribute with what the sources say of it that holds for the offering, the best first.
fn best_facts(
    subject: &Subject,
    identity: &Identity,
    said: &[Said<'_>],
) -> BTreeMap<Attribute, Vec<Stated>> {
    let mut ranked: BTreeMap<&Attribute, Vec<(Authority, Closeness, &OfferingFact)>> =
        BTreeMap::new();
    for said in said {
        let (Some(attribute), Some(closeness)) =
            (&said.fact.attribute, closeness(subject, identity, said))
        else {
            continue;
        };
        let entry = (said.fact.authority, closeness, said.fact);
        ranked.entry(attribute).or_default().push(entry);
    }
    ranked
        .into_iter()
        .map(|(attribute, mut facts)| {
            facts.sort_by(|a, b| {
                let key = |(authority, closeness, fact): &(Authority, Closeness, &OfferingFact)| {
                    Reverse((*authority, *closeness, fact.since))
                };
                key(a)
                    .cmp(&key(b))
                    .then_with(|| a.2.source.cmp(&b.2.source))
                    .then_with(|| a.2.value.cmp(&b.2.value))
            });
            let stated = facts.into_iter().filter_map(|(_, _, fact)| stated(fact));
            (attribute.clone(), stated.collect())
        })
        .collect()
}

fn stated(fact: &OfferingFact) -> Option<Stated> {
    Some(Stated {
        value: fact.value.clone()?,
        source: fact.source.clone(),
        authority: fact.authority,
        since: fact.since,
        confirmed_at: fact.confirmed_at,
    })
}

/// How closely a fact is about the offering; `None` if it is about another one.
fn closeness(subject: &Subject, identity: &Identity, said: &Said<'_>) -> Option<Closeness> {
    let other = &said.fact.subject;
    let native_id = match (&identity.version, &said.identity.version) {
        _ if other.native_id == subject.native_id => 3,
        (Some(ours), Some(theirs)) if ours != theirs => return None,
        (Some(_), Some(_)) => 2,
        _ => 1,
    };
    let region = match (other.region.is_stated(), subject.region.is_stated()) {
        (true, _) if other.region == subject.region => true,
        (true, _) => return None,
        (false, _) => false,
    };
    let deployment = match (&other.deployment, &subject.deployment) {
        (None, _) => 0,
        (theirs, ours) if theirs == ours => 2,
        _ => match (other.reach(), subject.reach()) {
            (Some(theirs), Some(ours)) if theirs == ours => 1,
            _ => return None,
        },
    };
    Some(Closeness {
        native_id,
        region,
        deployment,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Price, ProbeId, Region, Scope};

    const MODEL: &str = "anthropic/claude-sonnet-4.5";

    fn fact(
        source: &str,
        authority: Authority,
        (provider, native_id, region, deployment): (&str, &str, &str, &str),
        said: Option<(&str, Value)>,
    ) -> OfferingFact {
        let mut subject = Subject::offering(provider, native_id);
        subject.region = Region::from(region);
        subject.deployment = Some(deployment)
            .filter(|term| !term.is_empty())
            .map(Into::into);
        OfferingFact {
            subject,
            attribute: said
                .as_ref()
                .map(|(attribute, _)| attribute.parse().expect("an attribute")),
            value: said.map(|(_, value)| value),
            source: SourceId {
                probe: ProbeId::from(source),
                scope: Scope::from(""),
            },
            authority,
            since: Timestamp::UNIX_EPOCH,
            confirmed_at: None,
        }
    }

    fn dollars(amount: &str) -> Value {
        Value::Price(Price::usd_per_million_tokens(
            amount.parse().expect("a decimal"),
        ))
    }

    fn joined(facts: &[OfferingFact]) -> Vec<Offer> {
        let identities: Vec<Identity> = facts
            .iter()
            .map(|fact| fact.subject.identity().expect("an offering"))
            .collect();
        offers(MODEL, facts.iter().zip(&identities))
    }

    fn shown(offers: &[Offer]) -> Vec<String> {
        let line = |offer: &Offer| {
            let subject = &offer.subject;
            let price = offer.facts.get(&Attribute::price("input"));
            format!(
                "{} {} {} {} {} {}",
                subject.provider,
                subject.native_id,
                subject.region,
                subject.deployment.as_deref().unwrap_or("-"),
                offer.stage().word(),
                price.map_or_else(|| "-".to_string(), |price| price.value.to_string()),
            )
        };
        offers.iter().map(line).collect()
    }

    const ID: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    const PROFILE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

    /// An API that lists, a price list by display name, and a registry with another spelling of the same.
    fn landscape() -> Vec<OfferingFact> {
        use Authority::{ProviderApi, ProviderPage, Registry};
        let ga = || Some(("stage", Value::Stage(Stage::Ga)));
        let name = "Claude Sonnet 4.5";
        vec![
            fact(
                "b.models",
                ProviderApi,
                ("bedrock", ID, "us-east-1", "on-demand"),
                None,
            ),
            fact(
                "b.models",
                ProviderApi,
                ("bedrock", ID, "us-east-1", "on-demand"),
                ga(),
            ),
            fact(
                "b.profiles",
                ProviderApi,
                ("bedrock", PROFILE, "us-east-1", "profile:us"),
                None,
            ),
            fact(
                "b.prices",
                ProviderPage,
                ("bedrock", name, "us-east-1", "on-demand"),
                Some(("price.input", dollars("3.3"))),
            ),
            fact(
                "b.prices",
                ProviderPage,
                ("bedrock", name, "us-east-1", "profile:geo"),
                Some(("price.input", dollars("3.6"))),
            ),
            fact(
                "b.prices",
                ProviderPage,
                ("bedrock", name, "eu-west-1", "on-demand"),
                Some(("price.input", dollars("9"))),
            ),
            fact("registry", Registry, ("bedrock", ID, "*", ""), None),
            fact(
                "registry",
                Registry,
                ("bedrock", ID, "*", ""),
                Some(("price.input", dollars("3"))),
            ),
            fact(
                "registry",
                Registry,
                (
                    "bedrock",
                    "anthropic.claude-opus-4-5-20251101-v1:0",
                    "*",
                    "",
                ),
                None,
            ),
            fact(
                "registry",
                Registry,
                ("vertex", "claude-sonnet-4-5@20250929", "*", ""),
                None,
            ),
        ]
    }

    #[test]
    fn what_sources_say_in_their_own_words_is_brought_together() {
        let offers = joined(&landscape());
        assert_eq!(
            shown(&offers),
            [
                format!("bedrock {ID} us-east-1 on-demand ga $3.3 / 1M tokens"),
                format!("bedrock {PROFILE} us-east-1 profile:us unknown $3.6 / 1M tokens"),
                "vertex claude-sonnet-4-5@20250929 * - unknown -".to_string(),
            ]
        );
        let spread = &offers[0].spreads[0];
        assert_eq!(spread.class, super::super::SpreadClass::RegionalPremium);
        assert_eq!(spread.other.source.probe.as_str(), "registry");
    }

    #[test]
    fn another_version_lends_nothing() {
        let ga = Some(("stage", Value::Stage(Stage::Ga)));
        let facts = [
            fact(
                "a",
                Authority::ProviderApi,
                ("openai", "gpt-4o-2024-08-06", "*", ""),
                None,
            ),
            fact(
                "b",
                Authority::ProviderPage,
                ("openai", "gpt-4o-2024-05-13", "*", ""),
                ga,
            ),
        ];
        let identities = facts
            .each_ref()
            .map(|fact| fact.subject.identity().expect("an offering"));
        let offers = offers("openai/gpt-4o", facts.iter().zip(&identities));
        assert_eq!(offers.len(), 1);
        assert_eq!(offers[0].stage(), Stage::Unknown);
    }

    proptest::proptest! {
        #[test]
        fn any_order_of_facts_is_one_landscape(turns in 0usize..10, swap in 0usize..10) {
            let mut facts = landscape();
            let count = facts.len();
            facts.rotate_left(turns % count);
            facts.swap(0, swap % count);
            proptest::prop_assert_eq!(joined(&facts), joined(&landscape()));
        }
    }
}
