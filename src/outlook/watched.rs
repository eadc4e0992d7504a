//! What each watch of the configuration fits now.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use crate::alerting::{Matcher, Policy, Route, Scope};
use crate::landscape::{Denoted, Matrix, matrix};
use crate::market::{
    Attribute, ChangeKind, DateKind, Identity, Interface, OfferingFact, Subject, SubjectKey, Value,
};
use crate::store::{Error, OfferingFilter, Offerings, Questions};

/// What a watch fits now.
#[derive(Debug)]
pub struct Watched<'a> {
    /// What the user calls it.
    pub name: &'a str,
    /// What it wants: of a gateway one of each provider.
    pub scopes: Vec<&'a Scope>,
    /// Models × providers, of what fits alone.
    pub found: Matrix,
    /// Words for models that nothing fits, and whether the word denotes a model that is known by name.
    pub missing: Vec<(&'a str, Option<&'a str>)>,
    /// The routes that tell what touches it, in their order.
    pub routes: Vec<&'a Route>,
}

/// What each watch fits as of `now`.
///
/// # Errors
/// Those of the store.
pub fn watched<'a>(
    store: &impl Questions,
    policy: &'a Policy,
    now: Timestamp,
) -> Result<Vec<Watched<'a>>, Error> {
    let mut named: BTreeMap<&str, Vec<&Scope>> = BTreeMap::new();
    let mut names: Vec<&str> = Vec::new();
    for watch in &policy.watches {
        let scopes = named.entry(&watch.name).or_default();
        if scopes.is_empty() {
            names.push(&watch.name);
        }
        scopes.push(&watch.scope);
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let facts = store.offerings(&OfferingFilter {
        attributes: asked(),
        ..OfferingFilter::default()
    })?;
    let interfaces = interfaces(&facts);
    let denoted = Denoted::new(&facts);
    let all = names.into_iter().map(|name| {
        let scopes = named.remove(name).unwrap_or_default();
        let fits = |subject: &Subject, identity: &Identity| {
            let interface = interfaces.get(&subject.key()).copied();
            let mut scopes = scopes.iter();
            scopes.any(|scope| scope.fits(subject, Some(identity), interface))
        };
        let mut fitting = Vec::new();
        // what is said of one offering stands together
        let mut last: Option<(&Arc<Subject>, bool)> = None;
        let mut missing = words(&scopes);
        for (fact, identity) in denoted.facts() {
            let fits = match last {
                Some((subject, fits)) if Arc::ptr_eq(subject, &fact.subject) => fits,
                _ => {
                    let fits = fits(&fact.subject, identity);
                    if fits {
                        missing.retain(|(scope, nth)| {
                            let word = scope.models.get(*nth);
                            word.is_some_and(|word| !word.means(&fact.subject, Some(identity)))
                        });
                    }
                    fits
                }
            };
            last = Some((&fact.subject, fits));
            if fits {
                fitting.push((fact, identity));
            }
        }
        let missing = missing.into_iter().filter_map(|(scope, nth)| {
            let word = scope.models.get(nth)?;
            Some((word.word(), word.model()))
        });
        Watched {
            name,
            missing: missing.collect(),
            found: matrix(fitting, None, now),
            routes: routes(policy, name),
            scopes,
        }
    });
    Ok(all.collect())
}

fn asked() -> Vec<Attribute> {
    vec![
        Attribute::Stage,
        Attribute::Interface,
        Attribute::Date(DateKind::Retires),
        Attribute::price("input"),
        Attribute::price("output"),
    ]
}

/// What kind of interface each offering has, where a source says.
fn interfaces(facts: &[OfferingFact]) -> HashMap<SubjectKey, Interface> {
    let stated = facts
        .iter()
        .rev()
        .filter_map(|fact| match fact.value.as_deref() {
            Some(Value::Interface(interface)) => Some((fact.subject.key(), *interface)),
            _ => None,
        });
    stated.collect()
}

/// The words for models, each once.
fn words<'a>(scopes: &[&'a Scope]) -> Vec<(&'a Scope, usize)> {
    let mut seen = BTreeSet::new();
    let mut words = Vec::new();
    for scope in scopes {
        for (nth, word) in scope.models.iter().enumerate() {
            if seen.insert(word.word()) {
                words.push((*scope, nth));
            }
        }
    }
    words
}

/// The routes that take what touches a watch. One that names no watch takes it as anything else.
fn routes<'a>(policy: &'a Policy, name: &str) -> Vec<&'a Route> {
    let is_of_sources = |kind: &ChangeKind| {
        matches!(
            kind,
            ChangeKind::ProbeBroken | ChangeKind::ProbeRecovered | ChangeKind::SourceSuspect
        )
    };
    let takes = |route: &&Route| {
        let Matcher { kinds, watches, .. } = &route.takes;
        let is_its = watches.is_empty() || watches.iter().any(|word| word == "*" || word == name);
        // trouble with a source touches no watch
        is_its && (kinds.is_empty() || !kinds.iter().all(is_of_sources))
    };
    policy.routes.iter().filter(takes).collect()
}
