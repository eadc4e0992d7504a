//! The landscape: models, providers, offerings, prices, what a workload costs, what retires.

use std::borrow::Cow;

use jiff::SignedDuration;

use super::fields;
use super::operation::{Found, Given, Operation, Row};
use super::parameters::{
    AT, BATCH, CACHE_WRITES, CACHED, INPUT, INTERFACE, LAB_PART, LEFT_OUT, METER,
    MODEL as OF_MODEL, MODEL_GLOB, MODEL_PART, MODELS as CHOSEN, OUTPUT, PLACE, PLACES, PROVIDER,
    PROVIDERS as AT_PROVIDERS, REACH, REGION, REQUESTS, RETIRING, SINCE, STAGE, STAGES, UNTIL,
    WATCH, WORKLOAD,
};
use super::shape::{Shape, of_columns, of_list, of_struct};
use crate::landscape::{Bounds, choices};
use crate::market::{
    Attribute, FactRow, Interface, Milestone, Place, Reach, Stage, Tabular as _, Wanted, identify,
};
use crate::outlook::compared::Compared;
use crate::outlook::costs::{Given as Said, denoted, meant, offers};
use crate::outlook::landscape::Part;
use crate::outlook::objects::{compared, costs, landscape};
use crate::outlook::published::concerns;
use crate::outlook::rows::{MilestoneRow, ModelRow, PriceRow, ProviderRow, object};
use crate::store::{OfferingFilter, Offerings as _};
use crate::web::refusal::Refusal;
use crate::web::route::FACTS;

pub(super) const STATUS: Operation = Operation {
    path: "/api/v1/status",
    id: "status",
    summary: "The landscape now: models × providers",
    description: "One row for each model at each provider, with the keys of `bellwether status --format jsonl`. A price is the lowest of input and output, in USD per 1M tokens.",
    parameters: &[MODEL_GLOB, AT_PROVIDERS, STAGE, PLACE, INTERFACE, RETIRING],
    shape: Shape {
        name: "Cell",
        make: || of_list(fields::STATUS),
    },
    is_list: true,
    run: status,
    holds: FACTS,
};

pub(super) const MODELS: Operation = Operation {
    path: "/api/v1/models",
    id: "models",
    summary: "Every model that is offered",
    description: "Those that can be had at most providers first.",
    parameters: &[MODEL_GLOB, AT_PROVIDERS, STAGE, PLACE, INTERFACE, RETIRING],
    shape: Shape {
        name: "ModelRow",
        make: of_struct::<ModelRow>,
    },
    is_list: true,
    run: models,
    holds: FACTS,
};

pub(super) const MODEL: Operation = Operation {
    path: "/api/v1/models/{lab}/{model}",
    id: "model",
    summary: "One model on every provider",
    description: "Its offerings with stage, dates, access, prices, where sources differ and what to fall back to, with the keys of `bellwether compare --format jsonl`.",
    parameters: &[LAB_PART, MODEL_PART, PLACE],
    shape: Shape {
        name: "Offering",
        make: || of_list(fields::COMPARED),
    },
    is_list: true,
    run: model,
    holds: FACTS,
};

pub(super) const PROVIDERS: Operation = Operation {
    path: "/api/v1/providers",
    id: "providers",
    summary: "Every provider that something is known of",
    description: "How many models and offerings it has, how its sources are, how many incidents go on.",
    parameters: &[],
    shape: Shape {
        name: "ProviderRow",
        make: of_struct::<ProviderRow>,
    },
    is_list: true,
    run: providers,
    holds: FACTS,
};

pub(super) const OFFERINGS: Operation = Operation {
    path: "/api/v1/offerings",
    id: "offerings",
    summary: "The facts, now or as of any time",
    description: "Every attribute of every offering with its source and age, with the keys of `bellwether offerings --format jsonl`.",
    parameters: &[AT, PROVIDER, OF_MODEL, REGION, INTERFACE],
    shape: Shape {
        name: "Fact",
        make: || of_columns(FactRow::COLUMNS),
    },
    is_list: true,
    run: offerings,
    holds: FACTS,
};

pub(super) const PRICES: Operation = Operation {
    path: "/api/v1/prices",
    id: "prices",
    summary: "Prices over time",
    description: "For as long as each source stated it, the oldest first for each offering and meter.",
    parameters: &[PROVIDER, OF_MODEL, REGION, METER, SINCE, UNTIL],
    shape: Shape {
        name: "PriceRow",
        make: of_struct::<PriceRow>,
    },
    is_list: true,
    run: prices,
    holds: FACTS,
};

pub(super) const COST: Operation = Operation {
    path: "/api/v1/cost",
    id: "cost",
    summary: "What a workload costs on every offering",
    description: "The cheapest first in each currency, with every assumption, with the keys of `bellwether cost --format jsonl`. The workload is one of the configuration, or is given by `input` and `output`.",
    parameters: &[
        CHOSEN,
        WORKLOAD,
        INPUT,
        OUTPUT,
        REQUESTS,
        CACHED,
        CACHE_WRITES,
        BATCH,
        AT_PROVIDERS,
        PLACES,
        REACH,
        STAGES,
        INTERFACE,
        LEFT_OUT,
    ],
    shape: Shape {
        name: "Cost",
        make: || of_list(fields::COST),
    },
    is_list: true,
    run: cost,
    holds: FACTS,
};

pub(super) const RETIREMENTS: Operation = Operation {
    path: "/api/v1/retirements",
    id: "retirements",
    summary: "The days on which models are deprecated and retire",
    description: "What holds for a version at a provider is one day, wherever it is sold; the order is that of providers and models. A day is firm, or not before.",
    parameters: &[PROVIDER, OF_MODEL, WATCH],
    shape: Shape {
        name: "MilestoneRow",
        make: of_struct::<MilestoneRow>,
    },
    is_list: true,
    run: retirements,
    holds: FACTS,
};

/// The part of the landscape that is asked for.
fn part(given: &Given<'_>) -> Part {
    Part {
        model: given.text(&MODEL_GLOB),
        providers: given.texts(&AT_PROVIDERS),
        stage: given.word(&STAGE, Stage::from_word),
        region: given.word(&PLACE, Place::from_word),
        interface: given.word(&INTERFACE, Interface::from_word),
        retiring: given.flag(&RETIRING),
        ..Part::default()
    }
}

fn status(given: &Given<'_>) -> Result<Found, Refusal> {
    let (asked, part) = (given.asked, part(given));
    let found = asked.site.landscape_with(asked.store, &part, asked.now)?;
    let rows = part.of(found.matrix.rows.iter().map(Cow::Borrowed), asked.now);
    let rows = landscape::all(rows.iter().map(|row| &**row));
    let name = |row: &Row, key| row.get(key).and_then(|of| of.as_str()).map(str::to_string);
    given.part(
        &rows,
        |row| format!("{:?} {:?}", name(row, "model"), name(row, "provider")),
        Row::clone,
    )
}

fn models(given: &Given<'_>) -> Result<Found, Refusal> {
    let (asked, part) = (given.asked, part(given));
    let found = asked.site.landscape_with(asked.store, &part, asked.now)?;
    let rows = part.of(found.matrix.rows.iter().map(Cow::Borrowed), asked.now);
    given.part(
        &rows,
        |row| row.model.clone(),
        |row| object(&ModelRow::of(row, asked.now)),
    )
}

fn model(given: &Given<'_>) -> Result<Found, Refusal> {
    let asked = given.asked;
    let text = |parameter| given.text(parameter).unwrap_or_default();
    let named = format!("{}/{}", text(&LAB_PART), text(&MODEL_PART));
    let unknown = || {
        Refusal::Missing(format!(
            "expected a model such as anthropic/claude-sonnet-4.5, found '{named}', of which nothing is known: /api/v1/models lists them"
        ))
    };
    let model = identify(None, &named).model.ok_or_else(unknown)?;
    let place = given.word(&PLACE, Place::from_word);
    let found = Compared::of(asked.store, model, place.as_ref(), asked.now)?;
    if found.offers.is_empty() && place.is_none() {
        return Err(unknown());
    }
    given.part_of_rows(&compared::all(&found))
}

fn providers(given: &Given<'_>) -> Result<Found, Refusal> {
    let asked = given.asked;
    let probes = asked.site.means.probes.iter().map(|(probe, _)| probe);
    let kinds = crate::outlook::indicators::kinds(probes);
    let whole = asked.site.landscape(asked.store, asked.now)?;
    let rows = ProviderRow::all(asked.store, &whole, &kinds, asked.now)?;
    given.part(&rows, |row| row.provider.clone(), object)
}

fn offerings(given: &Given<'_>) -> Result<Found, Refusal> {
    let asked = given.asked;
    let at = given.time(&AT);
    let facts = asked.store.offerings(&OfferingFilter {
        at,
        provider: given.text(&PROVIDER),
        model: given.text(&OF_MODEL),
        region: given.text(&REGION),
        interface: given.word(&INTERFACE, Interface::from_word),
        ..OfferingFilter::default()
    })?;
    let at = at.unwrap_or(asked.now);
    let key = |fact: &crate::market::OfferingFact| {
        let attribute = fact.attribute.as_ref().map(ToString::to_string);
        format!("{:?} {attribute:?} {}", fact.subject, fact.source)
    };
    given.part(&facts, key, |fact| {
        let identity = fact.subject.identity();
        let identity = identity.as_ref();
        FactRow { fact, identity, at }.object()
    })
}

fn prices(given: &Given<'_>) -> Result<Found, Refusal> {
    let asked = given.asked;
    let mut meters = given.texts(&METER);
    if meters.is_empty() {
        meters = vec!["input".to_string(), "output".to_string()];
    }
    let attributes: Vec<Attribute> = meters
        .iter()
        .filter_map(|meter| format!("price.{meter}").parse().ok())
        .collect();
    let until = given.time(&UNTIL).unwrap_or(asked.now);
    let since = given.time(&SINCE);
    let (provider, region) = (given.text(&PROVIDER), given.text(&REGION));
    let model = given.text(&OF_MODEL);
    let model = model.as_deref().map(Wanted::new);
    let mut spells = asked.store.spells(&attributes, until)?;
    spells.retain(|spell| {
        let subject = &spell.fact.subject;
        spell.fact.attribute.is_some()
            && since.is_none_or(|since| spell.until.is_none_or(|until| until > since))
            && provider
                .as_ref()
                .is_none_or(|p| *p == subject.provider.as_str())
            && region
                .as_ref()
                .is_none_or(|r| *r == subject.region.as_str())
            && model.as_ref().is_none_or(|model| model.fits(subject))
    });
    let key = |spell: &crate::market::Spell| {
        let fact = &spell.fact;
        let attribute = fact.attribute.as_ref().map(ToString::to_string);
        format!(
            "{:?} {attribute:?} {} {}",
            fact.subject, fact.source, fact.since
        )
    };
    given.part(&spells, key, |spell| object(&PriceRow::of(spell)))
}

fn cost(given: &Given<'_>) -> Result<Found, Refusal> {
    let asked = given.asked;
    let wrong = |error: crate::outlook::costs::Unclear| Refusal::Wrong(error.to_string());
    let said = Said {
        workload: given.text(&WORKLOAD),
        models: given.texts(&CHOSEN),
        input: given.number(&INPUT),
        output: given.number(&OUTPUT),
        requests: given.number(&REQUESTS),
        cached: given.share(&CACHED),
        cache_writes: given.share(&CACHE_WRITES),
        batch: given.share(&BATCH),
        bounds: Bounds {
            providers: given.texts(&AT_PROVIDERS),
            places: given.words(&PLACES, Place::from_word),
            reach: given.words(&REACH, Reach::from_word),
            stages: given.words(&STAGES, Stage::from_word),
            interface: given.word(&INTERFACE, Interface::from_word),
        },
    };
    let workload = meant(&asked.site.means.settings.workloads, &said).map_err(wrong)?;
    let wanted = denoted(&workload.models).map_err(wrong)?;
    let by_model = offers(asked.store, &wanted)?;
    let all = by_model
        .iter()
        .flat_map(|(model, offers)| offers.iter().map(move |offer| (model.as_str(), offer)));
    let (chosen, rejected) = choices(all, &workload, asked.now);
    let mut rows: Vec<Row> = chosen
        .iter()
        .map(|choice| costs::object(&workload, choice, asked.now))
        .collect();
    if given.flag(&LEFT_OUT) {
        let left_out = rejected.iter();
        rows.extend(left_out.map(|one| costs::left_out(&workload, one, asked.now)));
    }
    given.part_of_rows(&rows)
}

fn retirements(given: &Given<'_>) -> Result<Found, Refusal> {
    let asked = given.asked;
    let all = asked.site.milestones(asked.store, asked.now)?;
    let watch = given.watch()?;
    let (provider, model) = (given.text(&PROVIDER), given.text(&OF_MODEL));
    let is_asked = |one: &&Milestone| concerns(one, provider.as_deref(), model.as_deref(), watch);
    let found: Vec<&Milestone> = all.iter().filter(is_asked).collect();
    let key = |one: &&Milestone| {
        let Milestone {
            provider,
            name,
            kind,
            mark,
            ..
        } = one;
        format!("{provider} {name} {} {mark}", Attribute::Date(*kind))
    };
    given.part(&found, key, |one| object(&MilestoneRow::of(one)))
}

/// Days of what is measured that are told of unless it is said.
pub(super) const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);
