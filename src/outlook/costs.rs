//! What a workload costs on everything that is known.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::landscape::{Bounds, Choice, Denoted, Offer, Workload, WorkloadProblem};
use crate::market::{Attribute, DateKind, Value, amount_for_people, decimal_from_json, identify};
use crate::store::{Error, OfferingFilter, Offerings, Questions};

/// Requests a month where nobody says how many.
pub const REQUESTS: u64 = 1_000;

/// What is said over a declared workload, or in place of one. What is not given leaves the workload as it is.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Which of the declared workloads is meant.
    pub workload: Option<String>,
    /// The models to choose from, in any spelling.
    pub models: Vec<String>,
    /// Tokens of one request's prompt, cached ones included.
    pub input: Option<u64>,
    /// Tokens of one answer.
    pub output: Option<u64>,
    /// Requests a month.
    pub requests: Option<u64>,
    /// The share of the prompt that is read from the cache, from 0 to 1.
    pub cached: Option<Decimal>,
    /// The share of the prompt that is written to the cache, from 0 to 1.
    pub cache_writes: Option<Decimal>,
    /// The share of requests that can wait for a day, from 0 to 1.
    pub batch: Option<Decimal>,
    /// Where it may run.
    pub bounds: Bounds,
}

/// Why it is not clear what is to be priced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// A workload is named, and none is declared at all.
    #[error("expected a [[workload]] named '{0}' in the configuration, found none at all")]
    NoneDeclared(String),
    /// A workload is named that is not declared.
    #[error("expected one of the workloads {declared}, found '{found}'")]
    NotDeclared {
        /// Those that are.
        declared: String,
        /// What was named.
        found: String,
    },
    /// Neither tokens nor a workload are given.
    #[error("expected tokens of input and output a request, found neither")]
    Nothing,
    /// Several workloads are declared, and none is named.
    #[error("expected one of the workloads {0}, found none")]
    Several(String),
    /// Nobody knows whose model that is.
    #[error(
        "expected a model such as anthropic/claude-sonnet-4.5, found '{0}', whose maker is not known"
    )]
    Model(String),
    /// The workload cannot be.
    #[error(transparent)]
    Problem(#[from] WorkloadProblem),
}

/// The workload that is meant: a declared one, with what is given over it, or what is given alone.
///
/// # Errors
/// Where it is not clear which that is, or what is given cannot be.
pub fn meant(declared: &[Workload], given: &Given) -> Result<Workload, Unclear> {
    let names = || {
        let names: Vec<&str> = declared.iter().map(|one| one.name.as_str()).collect();
        names.join(", ")
    };
    let has_tokens = given.input.is_some() || given.output.is_some();
    let mut workload = match (&given.workload, declared) {
        (Some(name), _) => {
            let found = declared.iter().find(|one| one.name == *name);
            found.cloned().ok_or_else(|| match declared {
                [] => Unclear::NoneDeclared(name.clone()),
                _ => Unclear::NotDeclared {
                    declared: names(),
                    found: name.clone(),
                },
            })?
        }
        (None, _) if has_tokens => Workload {
            requests: REQUESTS,
            ..Workload::of_tokens(0, 0)
        },
        (None, [only]) => only.clone(),
        (None, []) => return Err(Unclear::Nothing),
        (None, _) => return Err(Unclear::Several(names())),
    };
    let set = |value: &mut u64, given: Option<u64>| *value = given.unwrap_or(*value);
    set(&mut workload.requests, given.requests);
    set(&mut workload.input, given.input);
    set(&mut workload.output, given.output);
    let set = |value: &mut Decimal, given: Option<Decimal>| *value = given.unwrap_or(*value);
    set(&mut workload.cached, given.cached);
    set(&mut workload.cache_writes, given.cache_writes);
    set(&mut workload.batch, given.batch);
    over(&mut workload.models, &given.models);
    let (bounds, given) = (&mut workload.bounds, &given.bounds);
    over(&mut bounds.providers, &given.providers);
    over(&mut bounds.places, &given.places);
    over(&mut bounds.reach, &given.reach);
    over(&mut bounds.stages, &given.stages);
    bounds.interface = given.interface.or(bounds.interface);
    match workload.problem() {
        Some(problem) => Err(problem.into()),
        None => Ok(workload),
    }
}

fn over<T: Clone>(own: &mut Vec<T>, given: &[T]) {
    if !given.is_empty() {
        *own = given.to_vec();
    }
}

/// A share as people write it, from 0 to 1.
pub fn share_from_text(text: &str) -> Option<Decimal> {
    let share = decimal_from_json(text);
    share.filter(|share| (Decimal::ZERO..=Decimal::ONE).contains(share))
}

/// The models that the user's spellings denote.
///
/// # Errors
/// The first of which nobody knows whose it is.
pub fn denoted(spelled: &[String]) -> Result<Vec<String>, Unclear> {
    let denoted = |text: &String| {
        let model = identify(None, text).model;
        model.ok_or_else(|| Unclear::Model(text.clone()))
    };
    spelled.iter().map(denoted).collect()
}

/// The offerings of these models, of those that nobody offers none; without any, of all.
///
/// # Errors
/// Those of the store.
pub fn offers(
    store: &impl Questions,
    wanted: &[String],
) -> Result<BTreeMap<String, Vec<Offer>>, Error> {
    if wanted.is_empty() {
        let facts = store.offerings(&OfferingFilter::default())?;
        return Ok(Denoted::new(&facts).offers());
    }
    let mut by_model = BTreeMap::new();
    for model in wanted {
        let offers = super::ways_out::offers(store, model, Vec::new())?;
        by_model.insert(model.clone(), offers);
    }
    Ok(by_model)
}

/// Choices that differ by region alone.
#[derive(Debug)]
pub struct Line<'a> {
    /// The first of them.
    pub choice: &'a Choice<'a>,
    /// The regions of all.
    pub regions: BTreeSet<&'a str>,
}

/// The choices, those that differ by region alone on one line; in their order.
pub fn lines<'a>(choices: &'a [Choice<'a>]) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    let mut places = BTreeMap::new();
    for choice in choices {
        let offer = choice.offer;
        let subject = &offer.subject;
        let end = match offer.facts.get(&Attribute::Date(DateKind::Retires)) {
            Some(fact) => match fact.value {
                Value::Date(day) => Some(day),
                _ => None,
            },
            None => None,
        };
        let key = (
            amount_for_people(choice.cost.per_month, choice.cost.currency),
            choice.premium,
            (
                choice.model,
                subject.provider.as_str(),
                subject.native_id.as_str(),
            ),
            subject.deployment.as_deref(),
            (offer.stage(), end.map(|end| (end.text(), end.certainty))),
            &choice.cost.assumptions,
        );
        let place = *places.entry(key).or_insert(lines.len());
        let region = subject.region.as_str();
        match lines.get_mut(place) {
            Some(line) => {
                line.regions.insert(region);
            }
            None => lines.push(Line {
                choice,
                regions: BTreeSet::from([region]),
            }),
        }
    }
    lines
}
