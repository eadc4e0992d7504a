//! What ends soon, and what there is instead.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::ways_out::asked;
use crate::alerting::reminder::days_left;
use crate::alerting::{Matter, Policy};
use crate::landscape::{Denoted, Offer, elsewhere, end, replacements};
use crate::market::{
    Attribute, Change, ChangeKind, DateKind, Interface, SourceId, Stage, Value, WayOut,
};
use crate::render::report::EndLine;
use crate::store::{Error, OfferingFilter, Offerings, Questions};

/// Which ends are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ahead<'a> {
    /// From when on.
    pub from: Timestamp,
    /// Whether what was believed then is told, not what is believed now.
    pub as_of: bool,
    /// So many days are looked ahead.
    pub days: i64,
    /// What is watched.
    pub policy: &'a Policy,
    /// Where sources ask.
    pub addresses: &'a HashMap<SourceId, String>,
}

/// A line for each version, provider and day: what is watched first, then what ends soonest.
///
/// # Errors
/// Those of the store.
pub fn ends(store: &impl Questions, ahead: &Ahead<'_>) -> Result<Vec<EndLine>, Error> {
    let facts = store.offerings(&OfferingFilter {
        at: ahead.as_of.then_some(ahead.from),
        attributes: asked().into_iter().chain([Attribute::Interface]).collect(),
        ..OfferingFilter::default()
    })?;
    let denoted = Denoted::new(&facts);
    let known = denoted.offers();
    let unknown = denoted.unknown_offers();
    let unknown = unknown.iter().map(|((_, name), offers)| (name, offers));
    let mut lines = Vec::new();
    for (model, offers) in known.iter().chain(unknown) {
        for of_one in alike(model, offers, ahead).values() {
            lines.extend(line(model, of_one, offers, &known, ahead)?);
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
    ahead: &Ahead<'_>,
) -> BTreeMap<(String, String, String), Vec<&'a Offer>> {
    let mut alike: BTreeMap<_, Vec<&Offer>> = BTreeMap::new();
    for offer in offers {
        let Some(end) = end(offer) else { continue };
        let days = days_left(&end, ahead.from);
        if !(1..=ahead.days).contains(&days) || offer.stage_at(ahead.from) == Stage::Retired {
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
    ahead: &Ahead<'_>,
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
                ahead.from,
            )
        };
        let matter = Matter::new(&change, interface(offer));
        let names = ahead.policy.touched(&matter);
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
        days: days_left(&end, ahead.from),
        touched: touched.into_iter().collect(),
        url: ahead.url(&stated.source),
        way_out: WayOut {
            model: model.to_string(),
            elsewhere: elsewhere(offers, |provider| provider == left, ahead.from),
            replacements: replacements(&leaving, ahead.from, offered)?,
        },
    }))
}

impl Ahead<'_> {
    /// Where a source asks.
    fn url(&self, source: &SourceId) -> String {
        self.addresses.get(source).cloned().unwrap_or_default()
    }
}

fn interface(offer: &Offer) -> Option<Interface> {
    match offer.facts.get(&Attribute::Interface)?.value {
        Value::Interface(interface) => Some(interface),
        _ => None,
    }
}
