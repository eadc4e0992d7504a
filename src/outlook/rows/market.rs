//! Models, providers, prices and days of a model's life, with the keys that programs read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use crate::landscape::Row;
use crate::market::{Attribute, DateKind, Milestone, ProviderKind, Spell, Stage, Value};
use crate::outlook::incidents::rows;
use crate::outlook::landscape::{Found, lab_of};
use crate::store::{AllIncidents, Error, Questions, Sources};

/// A model that is offered somewhere.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ModelRow {
    /// The model: lab/name.
    pub model: String,
    /// Who makes it.
    pub lab: String,
    /// Its best stage at any provider.
    #[schema(value_type = String)]
    pub stage: &'static str,
    /// Who sells it.
    pub providers: Vec<String>,
    /// How many offerings there are.
    pub offerings: usize,
    /// In how many of their regions.
    pub regions: usize,
    /// The nearest day to come on which it retires anywhere.
    #[schema(schema_with = crate::outlook::rows::value)]
    pub retires: Option<Json>,
    /// The lowest price of input, in USD per 1M tokens.
    #[schema(schema_with = crate::outlook::rows::value)]
    pub input: Option<Json>,
    /// The lowest price of output, in USD per 1M tokens.
    #[schema(schema_with = crate::outlook::rows::value)]
    pub output: Option<Json>,
}

impl ModelRow {
    /// Of a row of the matrix.
    pub fn of(row: &Row, now: Timestamp) -> Self {
        // as open as it is anywhere: stages past general availability are less than it
        let rank = |stage: Stage| match stage {
            Stage::Ga => 7,
            Stage::Limited => 6,
            Stage::Preview => 5,
            Stage::Legacy => 4,
            Stage::Deprecated => 3,
            Stage::Announced => 2,
            Stage::Unknown => 1,
            Stage::Retired => 0,
        };
        let stages = row.cells.values().map(|cell| cell.stage);
        let stage = stages.max_by_key(|stage| rank(*stage));
        let price = |price: Option<&crate::market::Price>| {
            price.map(|price| Value::Price(price.clone()).to_json())
        };
        Self {
            model: row.model.clone(),
            lab: lab_of(&row.model).to_string(),
            stage: stage.unwrap_or(Stage::Unknown).word(),
            providers: row.cells.keys().cloned().collect(),
            offerings: row.cells.values().map(|cell| cell.offerings).sum(),
            regions: row.cells.values().map(|cell| cell.regions.len()).sum(),
            retires: row.retires(now).map(|day| Value::Date(day).to_json()),
            input: price(row.lowest(|cell| cell.input.as_ref())),
            output: price(row.lowest(|cell| cell.output.as_ref())),
        }
    }
}

/// A provider that something is known of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProviderRow {
    /// Which.
    pub provider: String,
    /// What kind of place it is, where a probe says.
    #[schema(value_type = Option<String>)]
    pub kind: Option<&'static str>,
    /// How many models it offers.
    pub models: usize,
    /// How many offerings it has.
    pub offerings: usize,
    /// In how many regions, as far as sources name any.
    pub regions: usize,
    /// How many sources ask it.
    pub sources: usize,
    /// How many of them are broken.
    pub broken: usize,
    /// How many incidents go on.
    pub incidents: usize,
}

impl ProviderRow {
    /// Every provider, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn all(
        store: &impl Questions,
        whole: &Found,
        kinds: &BTreeMap<String, ProviderKind>,
        now: Timestamp,
    ) -> Result<Vec<Self>, Error> {
        let mut all: BTreeMap<String, Self> = BTreeMap::new();
        let mut regions: BTreeMap<String, BTreeSet<Box<str>>> = BTreeMap::new();
        fn entry<'a>(
            all: &'a mut BTreeMap<String, ProviderRow>,
            name: &str,
        ) -> &'a mut ProviderRow {
            all.entry(name.to_string()).or_insert_with(|| ProviderRow {
                provider: name.to_string(),
                kind: None,
                models: 0,
                offerings: 0,
                regions: 0,
                sources: 0,
                broken: 0,
                incidents: 0,
            })
        }
        for (provider, cell) in whole.matrix.rows.iter().flat_map(|row| &row.cells) {
            let row = entry(&mut all, provider);
            row.models += 1;
            row.offerings += cell.offerings;
            let named = regions.entry(provider.clone()).or_default();
            named.extend(cell.regions.iter().cloned());
        }
        for source in store.sources()? {
            let row = entry(&mut all, source.provider.as_str());
            row.sources += 1;
            row.broken += usize::from(source.broken_since.is_some());
        }
        let (own, stated) = store.open_incidents(now)?;
        for incident in rows(own, stated) {
            entry(&mut all, incident.provider()).incidents += 1;
        }
        Ok(all
            .into_values()
            .map(|row| Self {
                kind: kinds.get(&row.provider).map(|kind| kind.word()),
                regions: regions.get(&row.provider).map_or(0, BTreeSet::len),
                ..row
            })
            .collect())
    }
}

/// A price, for as long as a source stated it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PriceRow {
    /// Who sells it.
    pub provider: String,
    /// Under which name.
    pub native_id: String,
    /// Which model that is.
    pub model: Option<String>,
    /// Which version of it.
    pub version: Option<String>,
    /// Where.
    pub region: String,
    /// In which deployment.
    pub deployment: Option<String>,
    /// For what: price.input, price.output.batch …
    pub attribute: String,
    /// How much.
    #[schema(schema_with = crate::outlook::rows::value)]
    pub value: Option<Json>,
    /// Who says so.
    pub source: String,
    /// How far that is to be believed.
    #[schema(value_type = String)]
    pub authority: &'static str,
    /// Since when.
    #[schema(format = DateTime)]
    pub since: String,
    /// Until when; null while it still does.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

impl PriceRow {
    /// Of what a source said.
    pub fn of(spell: &Spell) -> Self {
        let fact = &spell.fact;
        let subject = &fact.subject;
        let identity = subject.identity();
        let (model, version) = identity.map_or((None, None), |one| (one.model, one.version));
        Self {
            provider: subject.provider.to_string(),
            native_id: subject.native_id.to_string(),
            model,
            version,
            region: subject.region.to_string(),
            deployment: subject.deployment.as_deref().map(str::to_string),
            attribute: fact
                .attribute
                .as_deref()
                .map(Attribute::to_string)
                .unwrap_or_default(),
            value: fact.value.as_deref().map(Value::to_json),
            source: fact.source.to_string(),
            authority: fact.authority.word(),
            since: fact.since.to_string(),
            until: spell.until.map(|until| until.to_string()),
        }
    }
}

/// A day of one version's life at one provider.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MilestoneRow {
    /// Who sells it.
    pub provider: String,
    /// The version, else the model; the native id where nobody knows which model it is.
    pub name: String,
    /// deprecated or retires.
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// The day, and whether it is firm or not before.
    #[schema(schema_with = crate::outlook::rows::value)]
    pub date: Json,
    /// Where this day holds and another one does not; empty where there is only one.
    pub only: BTreeSet<String>,
    /// Where it holds; empty where no source says.
    pub regions: BTreeSet<String>,
    /// The provider's terms for the deployments of which it holds.
    pub deployments: BTreeSet<String>,
    /// The provider's spellings.
    pub native_ids: BTreeSet<String>,
    /// Who says so.
    pub sources: BTreeSet<String>,
    /// What the provider says to move to.
    pub replacements: BTreeSet<String>,
    /// Since when the last of its sources says so.
    #[schema(format = DateTime)]
    pub since: String,
}

impl MilestoneRow {
    /// Of a day.
    pub fn of(milestone: &Milestone) -> Self {
        Self {
            provider: milestone.provider.clone(),
            name: milestone.name.clone(),
            kind: match milestone.kind {
                DateKind::Retires => "retires",
                DateKind::Deprecated => "deprecated",
                DateKind::Launch => "launch",
                DateKind::Legacy => "legacy",
                DateKind::Updated => "updated",
            },
            date: Value::Date(milestone.date).to_json(),
            only: milestone.only.clone(),
            regions: milestone.regions.clone(),
            deployments: milestone.deployments.clone(),
            native_ids: milestone.native_ids.clone(),
            sources: milestone.sources.clone(),
            replacements: milestone.replacements.clone(),
            since: milestone.since.to_string(),
        }
    }
}
