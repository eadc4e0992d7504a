//! Models × providers: what each model is at each provider, over all of its offerings there.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::offer::{Heard, Said, of_provider};
use crate::market::{
    Attribute, DateKind, Identity, LifecycleDate, OfferingFact, Place, Price, Reach, Stage, Value,
};

#[cfg(test)]
mod tests;

/// One model at one provider, over all of its offerings there.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The best stage of any offering; unknown where no source says.
    pub stage: Stage,
    /// How many offerings there are.
    pub offerings: usize,
    /// The regions that sources name; empty where none does.
    pub regions: BTreeSet<Box<str>>,
    /// The nearest day in the future on which an offering retires; where all such days have passed, the last of them.
    pub retires: Option<LifecycleDate>,
    /// How far traffic travels in its deployments, where they say so.
    pub reach: BTreeSet<Reach>,
    /// The lowest believed price of input, in USD per 1M tokens.
    pub input: Option<Price>,
    /// The lowest believed price of output, in USD per 1M tokens.
    pub output: Option<Price>,
}

/// One model at every provider that offers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The model, `lab/name`.
    pub model: String,
    /// By provider.
    pub cells: BTreeMap<String, Arc<Cell>>,
}

/// Models × providers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matrix {
    /// Models: those that can be had at most providers first, then in most regions, then by name; the retired last.
    pub rows: Vec<Row>,
    /// Providers, the one that offers most models first.
    pub providers: Vec<String>,
    /// Native ids of which it is not known which model they denote.
    pub unknown: usize,
}

/// One provider's part of the matrix.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column {
    /// By model, `lab/name`.
    pub cells: BTreeMap<String, Arc<Cell>>,
    /// Native ids of which it is not known which model they denote.
    pub unknown: usize,
}

/// What is known of every model at every provider, as of `now`. Of the facts, the listings, stages, dates of retirement and
/// prices of input and output count; `identities` knows each offering's model. Offerings are told apart as `offers`
/// does; with a place, those in other regions are left out.
pub fn matrix<'a>(
    facts: impl IntoIterator<Item = (&'a OfferingFact, &'a Identity)>,
    place: Option<&Place>,
    now: Timestamp,
) -> Matrix {
    let mut said: BTreeMap<&str, Vec<(&'a OfferingFact, &'a Identity)>> = BTreeMap::new();
    for (fact, identity) in facts {
        let provider = fact.subject.provider.as_str();
        said.entry(provider).or_default().push((fact, identity));
    }
    let columns: Vec<(&str, Column)> = said
        .into_iter()
        .map(|(provider, said)| (provider, Column::of(said, place, now)))
        .collect();
    Matrix::of(columns.iter().map(|(provider, column)| (*provider, column)))
}

impl Column {
    /// What `matrix` knows of one provider, of which alone the facts are.
    pub fn of<'a>(
        facts: impl IntoIterator<Item = (&'a OfferingFact, &'a Identity)>,
        place: Option<&Place>,
        now: Timestamp,
    ) -> Self {
        let facts = facts.into_iter();
        let all: Vec<Said<'a>> = facts
            .map(|(fact, identity)| Said { fact, identity })
            .collect();
        let mut said: BTreeMap<&str, Vec<Said<'a>>> = BTreeMap::new();
        let mut unknown: BTreeSet<&str> = BTreeSet::new();
        for run in all.chunk_by(Said::is_beside) {
            let Some(Said { fact, identity }) = run.first() else {
                continue;
            };
            match identity.model.as_deref() {
                Some(model) => said.entry(model).or_default().extend(run),
                None => {
                    unknown.insert(fact.subject.native_id.as_str());
                }
            }
        }
        let mut cells = BTreeMap::new();
        for (model, said) in said {
            let mut offerings = of_provider(&said);
            if let Some(place) = place {
                offerings.retain(|offering| place.admits(&offering.subject.region));
            }
            if !offerings.is_empty() {
                cells.insert(model.to_string(), Arc::new(cell(&offerings, now)));
            }
        }
        Self {
            cells,
            unknown: unknown.len(),
        }
    }
}

impl Matrix {
    /// The columns of all providers beside one another.
    pub fn of<'a>(columns: impl IntoIterator<Item = (&'a str, &'a Column)>) -> Self {
        let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
        let mut providers: Vec<(&str, usize)> = Vec::new();
        let mut unknown = 0;
        for (provider, column) in columns {
            unknown += column.unknown;
            if !column.cells.is_empty() {
                providers.push((provider, column.cells.len()));
            }
            for (model, cell) in &column.cells {
                let row = rows.entry(model).or_insert_with(|| Row {
                    model: model.clone(),
                    cells: BTreeMap::new(),
                });
                row.cells.insert(provider.to_string(), Arc::clone(cell));
            }
        }
        let mut rows: Vec<Row> = rows.into_values().collect();
        rows.sort_by_cached_key(|row| Reverse(row.weight()));
        providers.sort_by_key(|(provider, models)| (Reverse(*models), *provider));
        let providers = providers.into_iter();
        Self {
            rows,
            providers: providers
                .map(|(provider, _)| provider.to_string())
                .collect(),
            unknown,
        }
    }
}

impl Row {
    /// At how many providers it can be had, and in how many of their regions.
    pub fn weight(&self) -> (usize, usize) {
        let had = || {
            let cells = self.cells.values();
            cells.filter(|cell| !matches!(cell.stage, Stage::Retired | Stage::Announced))
        };
        (had().count(), had().map(|cell| cell.regions.len()).sum())
    }

    /// The lowest price of a kind at any provider.
    pub fn lowest(&self, price: impl Fn(&Cell) -> Option<&Price>) -> Option<&Price> {
        let is_sold = |cell: &&Cell| !matches!(cell.stage, Stage::Retired | Stage::Announced);
        let cells = self.cells.values().map(|cell| &**cell);
        let prices = cells.filter(is_sold).filter_map(price);
        prices.min_by_key(|price| price.amount)
    }

    /// The nearest day in the future on which it retires anywhere.
    pub fn retires(&self, now: Timestamp) -> Option<LifecycleDate> {
        let days = self.cells.values().filter_map(|cell| cell.retires);
        days.filter(|day| day.ends() > now)
            .min_by_key(LifecycleDate::starts)
    }
}

/// What a model is at a provider, over all of its offerings there.
pub(super) fn cell(offerings: &[Heard<'_>], now: Timestamp) -> Cell {
    let mut cell = Cell {
        stage: Stage::Unknown,
        offerings: offerings.len(),
        regions: BTreeSet::new(),
        retires: None,
        reach: BTreeSet::new(),
        input: None,
        output: None,
    };
    let stages = offerings.iter().map(|offering| stage(offering, now));
    cell.stage = stages
        .min_by_key(|stage| rank(*stage))
        .unwrap_or(cell.stage);
    // what a cell says is true together: of the offerings at its stage
    let offerings = offerings
        .iter()
        .filter(|offering| stage(offering, now) == cell.stage);
    let (input, output) = (Attribute::price("input"), Attribute::price("output"));
    let retires = Attribute::Date(DateKind::Retires);
    let mut days: Vec<LifecycleDate> = Vec::new();
    for offering in offerings {
        let subject = offering.subject;
        if subject.region.is_stated() && !cell.regions.contains(subject.region.as_str()) {
            cell.regions.insert(subject.region.as_str().into());
        }
        cell.reach.extend(subject.reach());
        lower(&mut cell.input, believed(offering, &input));
        lower(&mut cell.output, believed(offering, &output));
        if let Some(Value::Date(day)) = believed(offering, &retires) {
            days.push(*day);
        }
    }
    let to_come = days.iter().filter(|day| day.ends() > now);
    let nearest = to_come.min_by_key(|day| (day.starts(), day.certainty));
    cell.retires = nearest
        .or_else(|| days.iter().max_by_key(|day| day.starts()))
        .copied();
    cell
}

/// What the best source says of an attribute of an offering.
pub(super) fn believed<'a>(offering: &Heard<'a>, attribute: &Attribute) -> Option<&'a Value> {
    let facts = offering.facts.get(attribute)?;
    facts.iter().find_map(|fact| fact.value.as_deref())
}

/// The stage of an offering; one whose last day is over is retired, whatever its list still says (facts: azure.md §2.3).
pub(super) fn stage(offering: &Heard<'_>, now: Timestamp) -> Stage {
    let retires = believed(offering, &Attribute::Date(DateKind::Retires));
    if matches!(retires, Some(Value::Date(day)) if day.is_over(now)) {
        return Stage::Retired;
    }
    match believed(offering, &Attribute::Stage) {
        Some(Value::Stage(stage)) => *stage,
        _ => Stage::Unknown,
    }
}

/// The less, the better for whoever wants to call it: what is stated to be served goes before what nobody has spoken of.
pub(super) fn rank(stage: Stage) -> u8 {
    match stage {
        Stage::Ga => 0,
        Stage::Limited => 1,
        Stage::Preview => 2,
        Stage::Legacy => 3,
        Stage::Deprecated => 4,
        Stage::Unknown => 5,
        Stage::Announced => 6,
        Stage::Retired => 7,
    }
}

/// Prices in other units are not compared with these.
fn lower(lowest: &mut Option<Price>, said: Option<&Value>) {
    if let Some(Value::Price(price)) = said
        && price.is_usd_per_million_tokens()
        && lowest
            .as_ref()
            .is_none_or(|lowest| price.amount < lowest.amount)
    {
        *lowest = Some(price.clone());
    }
}
