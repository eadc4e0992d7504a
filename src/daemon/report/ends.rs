//! What ends within half a year of a span, and what there is instead.

use std::collections::{BTreeMap, BTreeSet};

use super::Span;
use crate::alerting::Matter;
use crate::alerting::reminder::days_left;
use crate::landscape::{Denoted, Offer, elsewhere, end, replacements};
use crate::market::{
    Attribute, Change, ChangeKind, DateKind, Interface, SourceId, Stage, Value, WayOut,
};
use crate::outlook::ways_out::asked;
use crate::render::report::EndLine;
use crate::store::{Error, OfferingFilter, Offerings, Questions};

/// Days that are looked ahead.
const HORIZON: i64 = 180;

/// A line for each version, provider and day: what is watched first, then what ends soonest.
pub fn ends(store: &impl Questions, span: &Span<'_>) -> Result<Vec<EndLine>, Error> {
    let facts = store.offerings(&OfferingFilter {
        at: Some(span.until),
        attributes: asked().into_iter().chain([Attribute::Interface]).collect(),
        ..OfferingFilter::default()
    })?;
    let denoted = Denoted::new(&facts);
    let known = denoted.offers();
    let unknown = denoted.unknown_offers();
    let unknown = unknown.iter().map(|((_, name), offers)| (name, offers));
    let mut lines = Vec::new();
    for (model, offers) in known.iter().chain(unknown) {
        for of_one in alike(model, offers, span).values() {
            lines.extend(line(model, of_one, offers, &known, span)?);
        }
    }
    lines.sort_by(|one, other| {
        let key = |line: &EndLine| (line.touched.is_empty(), line.days);
        key(one)
            .cmp(&key(other))
            .then_with(|| one.model.cmp(&other.model))
            .then_with(|| one.provider.cmp(&other.provider))
    });
    Ok(lines)
}

/// Offerings that end as one: those of a version at a provider on a day.
fn alike<'a>(
    model: &str,
    offers: &'a [Offer],
    span: &Span<'_>,
) -> BTreeMap<(String, String, String), Vec<&'a Offer>> {
    let mut alike: BTreeMap<_, Vec<&Offer>> = BTreeMap::new();
    for offer in offers {
        let Some(end) = end(offer) else { continue };
        let days = days_left(&end, span.until);
        if !(1..=HORIZON).contains(&days) || offer.stage_at(span.until) == Stage::Retired {
            continue;
        }
        let version = offer.version.clone().unwrap_or_else(|| model.to_string());
        let day = format!("{} {}", end.text(), end.certainty.word());
        let key = (offer.subject.provider.to_string(), version, day);
        alike.entry(key).or_default().push(offer);
    }
    alike
}

fn line(
    model: &str,
    of_one: &[&Offer],
    offers: &[Offer],
    known: &BTreeMap<String, Vec<Offer>>,
    span: &Span<'_>,
) -> Result<Option<EndLine>, Error> {
    let retires = Attribute::Date(DateKind::Retires);
    let (Some(first), mut touched) = (of_one.first(), BTreeSet::new()) else {
        return Ok(None);
    };
    let (Some(end), Some(stated)) = (end(first), first.facts.get(&retires)) else {
        return Ok(None);
    };
    for offer in of_one {
        let subject = offer.subject.clone();
        let change = Change {
            attribute: Some(retires.clone()),
            new: Some(Value::Date(end)),
            ..Change::plain(
                SourceId::clone(&stated.source),
                subject,
                ChangeKind::DateChanged,
                span.until,
            )
        };
        let matter = Matter::new(&change, interface(offer));
        let names = span.audience.policy.touched(&matter);
        touched.extend(names.into_iter().map(str::to_string));
    }
    let left = first.subject.provider.as_str();
    let leaving: Vec<Offer> = of_one.iter().copied().cloned().collect();
    let offered = |model: &str| -> Result<Vec<Offer>, Error> {
        Ok(known.get(model).cloned().unwrap_or_default())
    };
    Ok(Some(EndLine {
        model: first.version.clone().unwrap_or_else(|| model.to_string()),
        provider: left.to_string(),
        offerings: of_one.len(),
        end,
        days: days_left(&end, span.until),
        touched: touched.into_iter().collect(),
        url: span.url(&stated.source),
        way_out: WayOut {
            model: model.to_string(),
            elsewhere: elsewhere(offers, |provider| provider == left, span.until),
            replacements: replacements(&leaving, span.until, offered)?,
        },
    }))
}

fn interface(offer: &Offer) -> Option<Interface> {
    match offer.facts.get(&Attribute::Interface)?.value {
        Value::Interface(interface) => Some(interface),
        _ => None,
    }
}
