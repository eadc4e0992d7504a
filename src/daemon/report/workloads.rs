//! What the user's workloads cost when a span began and when it ended.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Span;
use crate::landscape::{Choice, Denoted, Offer, Workload, choices, cost};
use crate::market::{ChangeKind, Currency, RecordedChange, Subject, identify};
use crate::render::report::{Quote, WorkloadLine};
use crate::store::{Error, OfferingFilter, Offerings, Questions};

/// Changes that explain a drift.
const BECAUSE: usize = 3;

/// What was believed of models at a moment.
struct Market {
    at: Timestamp,
    offers: BTreeMap<String, Vec<Offer>>,
}

impl Market {
    /// Of the models of all workloads, or of all models if one of them names none.
    fn as_of(store: &impl Questions, workloads: &[Workload], at: Timestamp) -> Result<Self, Error> {
        let mut wanted = BTreeSet::new();
        let mut offers = BTreeMap::new();
        for workload in workloads {
            if workload.models.is_empty() {
                let filter = OfferingFilter {
                    at: Some(at),
                    ..OfferingFilter::default()
                };
                let facts = store.offerings(&filter)?;
                let offers = Denoted::new(&facts).offers();
                return Ok(Self { at, offers });
            }
            wanted.extend(models(workload));
        }
        for model in wanted {
            let facts = store.offerings(&OfferingFilter {
                at: Some(at),
                model: Some(model.clone()),
                ..OfferingFilter::default()
            })?;
            let found = Denoted::new(&facts).offers().remove(&model);
            offers.insert(model, found.unwrap_or_default());
        }
        Ok(Self { at, offers })
    }

    /// Where a workload is cheapest, in each currency.
    fn cheapest(&self, workload: &Workload) -> BTreeMap<Currency, Choice<'_>> {
        let wanted: BTreeSet<String> = models(workload).collect();
        let all = self
            .offers
            .iter()
            .filter(|(model, _)| workload.models.is_empty() || wanted.contains(*model))
            .flat_map(|(model, offers)| offers.iter().map(move |offer| (model.as_str(), offer)));
        let (choices, _) = choices(all, workload, self.at);
        let mut cheapest = BTreeMap::new();
        for choice in choices {
            cheapest.entry(choice.cost.currency).or_insert(choice);
        }
        cheapest
    }

    fn offer(&self, model: &str, subject: &Subject) -> Option<&Offer> {
        let mut offers = self.offers.get(model)?.iter();
        offers.find(|offer| offer.subject == *subject)
    }
}

/// The models that a workload's spellings denote; what denotes none is told by `cost`.
fn models(workload: &Workload) -> impl Iterator<Item = String> {
    let spelled = workload.models.iter();
    spelled.filter_map(|text| identify(None, text).model)
}

/// A line for each workload and currency.
pub fn workloads(
    store: &impl Questions,
    span: &Span<'_>,
    changes: &[RecordedChange],
) -> Result<Vec<WorkloadLine>, Error> {
    let workloads = &span.audience.workloads;
    if workloads.is_empty() {
        return Ok(Vec::new());
    }
    let then = Market::as_of(store, workloads, span.since)?;
    let now = Market::as_of(store, workloads, span.until)?;
    let mut lines = Vec::new();
    for workload in workloads {
        let (before, after) = (then.cheapest(workload), now.cheapest(workload));
        let currencies: BTreeSet<Currency> = before.keys().chain(after.keys()).copied().collect();
        if currencies.is_empty() {
            lines.push(empty(workload));
        }
        for currency in currencies {
            let (before, after) = (before.get(&currency), after.get(&currency));
            let stayed = before
                .and_then(|before| now.offer(before.model, &before.offer.subject))
                .filter(|offer| workload.bounds.breach(offer, now.at).is_none())
                .and_then(|offer| cost(offer, workload).ok())
                .filter(|cost| cost.currency == currency);
            lines.push(WorkloadLine {
                currency: Some(currency),
                then: before.map(|choice| quote(span, choice)),
                now: after.map(|choice| quote(span, choice)),
                stayed: stayed.map(|cost| cost.per_month),
                because: because(changes, [before, after]),
                ..empty(workload)
            });
        }
    }
    Ok(lines)
}

fn empty(workload: &Workload) -> WorkloadLine {
    WorkloadLine {
        name: workload.name.clone(),
        profile: workload.in_words(),
        currency: None,
        then: None,
        now: None,
        stayed: None,
        because: Vec::new(),
    }
}

fn quote(span: &Span<'_>, choice: &Choice<'_>) -> Quote {
    let subject = &choice.offer.subject;
    let region = Some(subject.region.as_str()).filter(|_| subject.region.is_stated());
    let place: Vec<&str> = subject
        .deployment
        .as_deref()
        .into_iter()
        .chain(region)
        .collect();
    let source = choice.cost.items.first().map(|item| &item.stated.source);
    Quote {
        model: choice.model.to_string(),
        provider: subject.provider.to_string(),
        native_id: subject.native_id.to_string(),
        place: place.join(" in "),
        per_month: choice.cost.per_month,
        url: source.map(|source| span.url(source)).unwrap_or_default(),
    }
}

/// The changes of the offerings where it was and where it is cheapest.
fn because(changes: &[RecordedChange], choices: [Option<&Choice<'_>>; 2]) -> Vec<String> {
    let is_cause = |recorded: &&RecordedChange| {
        let change = &recorded.change;
        let is_of_kind = matches!(
            change.kind,
            ChangeKind::PriceChanged
                | ChangeKind::OfferingAdded
                | ChangeKind::OfferingRemoved
                | ChangeKind::OfferingReturned
                | ChangeKind::StageChanged
        );
        let is_of = |choice: &Choice<'_>| {
            let subject = &choice.offer.subject;
            subject.provider == change.subject.provider
                && subject.native_id == change.subject.native_id
        };
        is_of_kind && choices.iter().flatten().any(|choice| is_of(choice))
    };
    let mut ids: Vec<String> = Vec::new();
    for recorded in crate::render::report::listed(changes).filter(is_cause) {
        let id = &recorded.change.id.0;
        if ids.len() < BECAUSE && !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}
