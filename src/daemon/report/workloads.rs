//! What the user's workloads cost when a span began and when it ended.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Span;
use crate::landscape::{Choice, Cost, Denoted, Offer, Workload, choices, cost};
use crate::market::{ChangeKind, Currency, RecordedChange, identify};
use crate::render::report::{Quote, WorkloadLine};
use crate::store::{Error, OfferingFilter, Offerings, Questions};

/// Changes that explain a drift.
const BECAUSE: usize = 3;

/// An offering on which a workload is cheapest.
struct Cheapest {
    model: String,
    offer: Offer,
    cost: Cost,
}

/// By currency.
type InEach<T> = BTreeMap<Currency, T>;

/// Where each workload is cheapest at a moment.
struct Market<'a> {
    workloads: &'a [Workload],
    at: Timestamp,
    cheapest: Vec<InEach<Cheapest>>,
}

impl<'a> Market<'a> {
    /// As of a moment. `look` is shown the offerings of every model in question, which are not held.
    fn as_of(
        store: &impl Questions,
        workloads: &'a [Workload],
        at: Timestamp,
        mut look: impl FnMut(&str, &[Offer]),
    ) -> Result<Self, Error> {
        let wanted: Vec<BTreeSet<String>> = workloads
            .iter()
            .map(|workload| models(workload).collect())
            .collect();
        let mut found = Self {
            workloads,
            at,
            cheapest: workloads.iter().map(|_| InEach::new()).collect(),
        };
        each_model(store, workloads, at, |model, offers| {
            look(model, offers);
            found.consider(model, offers, &wanted);
        })?;
        Ok(found)
    }

    /// Models come in order: of two that cost the same the first one stays.
    fn consider(&mut self, model: &str, offers: &[Offer], wanted: &[BTreeSet<String>]) {
        let all = self.workloads.iter().zip(wanted).zip(&mut self.cheapest);
        for ((workload, wanted), cheapest) in all {
            if !workload.models.is_empty() && !wanted.contains(model) {
                continue;
            }
            let offers = offers.iter().map(|offer| (model, offer));
            let (choices, _) = choices(offers, workload, self.at);
            for Choice { offer, cost, .. } in choices {
                let known = cheapest.get(&cost.currency);
                if known.is_none_or(|known| cost.per_month < known.cost.per_month) {
                    let found = Cheapest {
                        model: model.to_string(),
                        offer: offer.clone(),
                        cost,
                    };
                    cheapest.insert(found.cost.currency, found);
                }
            }
        }
    }
}

/// Gives `take` what was believed of the offerings of each model that the workloads name, or of every model if one of them names
/// none: a model at a time, since those of thousands of offerings take much room.
fn each_model(
    store: &impl Questions,
    workloads: &[Workload],
    at: Timestamp,
    mut take: impl FnMut(&str, &[Offer]),
) -> Result<(), Error> {
    let filter = |model: Option<String>| OfferingFilter {
        at: Some(at),
        model,
        ..OfferingFilter::default()
    };
    if workloads.iter().any(|workload| workload.models.is_empty()) {
        let facts = store.offerings(&filter(None))?;
        for (model, offers) in Denoted::new(&facts).by_model() {
            take(model, &offers);
        }
        return Ok(());
    }
    let wanted: BTreeSet<String> = workloads.iter().flat_map(models).collect();
    for wanted in wanted {
        let facts = store.offerings(&filter(Some(wanted.clone())))?;
        for (model, offers) in Denoted::new(&facts).by_model() {
            if model == wanted {
                take(model, &offers);
            }
        }
    }
    Ok(())
}

/// What a workload costs now where it was cheapest before, if it may still run there.
fn stayed(workload: &Workload, before: &Cheapest, offers: &[Offer], at: Timestamp) -> Option<Cost> {
    let same = |offer: &&Offer| offer.subject == before.offer.subject;
    let offer = offers.iter().find(same)?;
    if workload.bounds.breach(offer, at).is_some() {
        return None;
    }
    let cost = cost(offer, workload).ok();
    cost.filter(|cost| cost.currency == before.cost.currency)
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
    let then = Market::as_of(store, workloads, span.since, |_, _| {})?;
    let mut staying: Vec<InEach<Cost>> = workloads.iter().map(|_| InEach::new()).collect();
    let now = Market::as_of(store, workloads, span.until, |model, offers| {
        let all = workloads.iter().zip(&then.cheapest).zip(&mut staying);
        for ((workload, cheapest), staying) in all {
            for (currency, before) in cheapest.iter().filter(|(_, one)| one.model == model) {
                let cost = stayed(workload, before, offers, span.until);
                staying.extend(cost.map(|cost| (*currency, cost)));
            }
        }
    })?;
    let mut lines = Vec::new();
    let cheapest = then.cheapest.iter().zip(&now.cheapest).zip(&staying);
    for (workload, ((before, after), staying)) in workloads.iter().zip(cheapest) {
        let currencies: BTreeSet<Currency> = before.keys().chain(after.keys()).copied().collect();
        if currencies.is_empty() {
            lines.push(empty(workload));
        }
        for currency in currencies {
            let (before, after) = (before.get(&currency), after.get(&currency));
            lines.push(WorkloadLine {
                currency: Some(currency),
                then: before.map(|cheapest| quote(span, cheapest)),
                now: after.map(|cheapest| quote(span, cheapest)),
                stayed: staying.get(&currency).map(|cost| cost.per_month),
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

fn quote(span: &Span<'_>, cheapest: &Cheapest) -> Quote {
    let subject = &cheapest.offer.subject;
    let region = Some(subject.region.as_str()).filter(|_| subject.region.is_stated());
    let place: Vec<&str> = subject
        .deployment
        .as_deref()
        .into_iter()
        .chain(region)
        .collect();
    let source = cheapest.cost.items.first().map(|item| &item.stated.source);
    Quote {
        model: cheapest.model.clone(),
        provider: subject.provider.to_string(),
        native_id: subject.native_id.to_string(),
        place: place.join(" in "),
        per_month: cheapest.cost.per_month,
        url: source.map(|source| span.url(source)).unwrap_or_default(),
    }
}

/// The changes of the offerings where it was and where it is cheapest.
fn because(changes: &[RecordedChange], cheapest: [Option<&Cheapest>; 2]) -> Vec<String> {
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
        let is_of = |cheapest: &Cheapest| {
            let subject = &cheapest.offer.subject;
            subject.provider == change.subject.provider
                && subject.native_id == change.subject.native_id
        };
        is_of_kind && cheapest.iter().flatten().any(|one| is_of(one))
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
