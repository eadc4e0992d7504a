//! What the readers of an alert can fall back to, with what it costs and how soon it answered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::alerting::{ModelPattern, Watch, drives_away};
use crate::landscape::{Denoted, Offer, elsewhere, replacements};
use crate::latency::{Sketch, cover};
use crate::market::{
    Alternative, Answers, Attribute, Change, DateKind, SubjectKind, Taken, WayOut, identify,
};
use crate::store::{AllSeries, Error, OfferingFilter, Offerings, Questions, SeriesKind};

/// A message about more models tells what they have in common, and no way out of each.
const MODELS: usize = 3;
/// Whose answers tell how fast somebody is.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What must be known of offerings to tell a way out.
pub fn asked() -> Vec<Attribute> {
    vec![
        Attribute::Stage,
        Attribute::Replacement,
        Attribute::Date(DateKind::Retires),
        Attribute::price("input"),
        Attribute::price("output"),
    ]
}

/// The ways out of what a message tells, one for each model that its readers may want to leave; none where those are many. Of an
/// incident that names no model, those that the touched watches name.
///
/// # Errors
/// Those of the store.
pub fn ways_out(
    store: &impl Questions,
    watches: &[Watch],
    taken: &[Taken],
    now: Timestamp,
) -> Result<Vec<WayOut>, Error> {
    // by model: the providers to leave, and whether a change is about this very model
    let mut models: BTreeMap<String, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for taken in taken {
        let change = &taken.recorded.change;
        if !drives_away(change) {
            continue;
        }
        let (concerned, is_named) = concerned(change, &taken.touched, watches);
        for model in concerned {
            let (left, named) = models.entry(model).or_default();
            left.insert(change.subject.provider.as_str());
            *named |= is_named;
        }
        if models.len() > MODELS {
            return Ok(Vec::new());
        }
    }
    let mut found = Vec::new();
    for (model, (left, is_named)) in models {
        let offers = offers(store, &model, asked())?;
        let is_sold = |offer: &Offer| left.contains(offer.subject.provider.as_str());
        // a provider's outage does not touch what it does not sell
        if is_named || offers.iter().any(is_sold) {
            found.push(way_out(store, model, &offers, &left, now)?);
        }
    }
    Ok(found)
}

/// The models that a change is about, and whether it names them itself.
fn concerned(change: &Change, touched: &[String], watches: &[Watch]) -> (BTreeSet<String>, bool) {
    let subject = &change.subject;
    let is_incident = subject.kind == SubjectKind::Incident;
    let named = match is_incident {
        true => subject.incident_of(),
        false => subject.identity(),
    };
    if let Some(model) = named.and_then(|named| named.model) {
        return (BTreeSet::from([model]), true);
    }
    let watched = watches
        .iter()
        .filter(|watch| is_incident && touched.contains(&watch.name))
        .flat_map(|watch| watch.scope.models.iter().filter_map(ModelPattern::model));
    (watched.map(str::to_string).collect(), false)
}

/// The way out of a model, of which these are the offerings, at providers that are left.
pub fn way_out(
    store: &impl Questions,
    model: String,
    offers: &[Offer],
    left: &BTreeSet<&str>,
    now: Timestamp,
) -> Result<WayOut, Error> {
    let of_left: Vec<Offer> = offers
        .iter()
        .filter(|offer| left.contains(offer.subject.provider.as_str()))
        .cloned()
        .collect();
    let life = || vec![Attribute::Stage, Attribute::Date(DateKind::Retires)];
    let replacements = replacements(&of_left, now, |model| self::offers(store, model, life()))?;
    let mut elsewhere = elsewhere(offers, |provider| left.contains(provider), now);
    answers(store, &model, &mut elsewhere, now)?;
    Ok(WayOut {
        model,
        elsewhere,
        replacements,
    })
}

/// The offerings of a model, with what is said of these attributes; none: of all.
///
/// # Errors
/// Those of the store.
pub fn offers(
    store: &impl Questions,
    model: &str,
    attributes: Vec<Attribute>,
) -> Result<Vec<Offer>, Error> {
    let facts = store.offerings(&OfferingFilter {
        model: Some(model.to_string()),
        attributes,
        ..OfferingFilter::default()
    })?;
    Ok(Denoted::new(&facts)
        .offers()
        .remove(model)
        .unwrap_or_default())
}

/// Fills in how soon each answered us: the model, or else the nearest of its provider's endpoints.
fn answers(
    store: &impl Questions,
    model: &str,
    alternatives: &mut [Alternative],
    now: Timestamp,
) -> Result<(), Error> {
    if alternatives.is_empty() {
        return Ok(());
    }
    let mut tokens: BTreeMap<(String, String), Sketch> = BTreeMap::new();
    let mut bytes: BTreeMap<(String, String), Sketch> = BTreeMap::new();
    let since = now.checked_sub(LOOKS_BACK).unwrap_or(Timestamp::MIN);
    store.windows(&cover(since, now, now), |series, _, figures| {
        let provider = series.provider.clone();
        match series.kind {
            SeriesKind::Model => {
                let found = identify(Some(&provider), &series.model).model;
                if let Some(found) = found {
                    tokens
                        .entry((provider, found))
                        .or_default()
                        .merge(&figures.first_token);
                }
            }
            SeriesKind::Endpoint => {
                let of = (provider, series.host.clone());
                bytes.entry(of).or_default().merge(&figures.first_byte);
            }
            SeriesKind::Source => {}
        }
    })?;
    let answers = |sketch: &Sketch, is_token: bool| {
        let median = sketch.percentile(50)?;
        Some(Answers {
            median,
            n: sketch.n(),
            is_token,
        })
    };
    for one in alternatives {
        let of = (one.provider.clone(), model.to_string());
        let asked = tokens.get(&of).and_then(|sketch| answers(sketch, true));
        let endpoints = bytes
            .iter()
            .filter(|((provider, _), _)| *provider == one.provider);
        let nearest = endpoints.filter_map(|(_, sketch)| answers(sketch, false));
        one.answers = asked.or_else(|| nearest.min_by_key(|answers| answers.median));
    }
    Ok(())
}
