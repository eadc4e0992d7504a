//! What happens in the simulated market, as `data/demo/world.toml` tells it. Times are relative to the beginning.

mod trouble;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::span::Span;
use crate::market::Stage;

pub use trouble::{Bend, Bent, Fault, Flap, Incident, Slow, Update};

/// The whole story.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// How many days it lasts.
    pub days: i64,
    /// By how much each event is later than it is written, at most; how much exactly comes from the seed.
    #[serde(default)]
    pub jitter: Span,
    /// How long after an event each kind of source shows it.
    #[serde(default)]
    pub lag: Lags,
    /// The labs' models.
    #[serde(default, rename = "model")]
    pub models: Vec<Model>,
    /// What is offered where.
    #[serde(default, rename = "offer")]
    pub offers: Vec<OfferSketch>,
    /// Parts of status pages.
    #[serde(default, rename = "component")]
    pub components: Vec<Component>,
    /// What feeds, changelogs and sitemaps hold apart from events.
    #[serde(default, rename = "post")]
    pub posts: Vec<Post>,
    /// What happens.
    #[serde(default, rename = "event")]
    pub events: Vec<Event>,
}

/// How long after an event each kind of source shows it.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lags {
    /// The providers' APIs.
    #[serde(default)]
    pub api: Span,
    /// The providers' pages.
    #[serde(default)]
    pub page: Span,
    /// Registries, and gateways where they speak of others.
    #[serde(default)]
    pub registry: Span,
}

/// One model, whoever sells it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The script's own name of it.
    pub key: String,
    /// Who makes it, as registries spell it: `openai`, `anthropic` …
    pub lab: String,
    /// Its name for people.
    pub name: String,
    /// The family, as registries have it.
    #[serde(default)]
    pub family: String,
    /// One sentence.
    #[serde(default)]
    pub about: String,
    /// Tokens that go in at most.
    #[serde(default)]
    pub context: u64,
    /// Tokens that come out at most.
    #[serde(default)]
    pub output: u64,
    /// What goes in: `text`, `image` …
    #[serde(default, rename = "in")]
    pub inputs: Vec<String>,
    /// What comes out.
    #[serde(default, rename = "out")]
    pub outputs: Vec<String>,
    /// Until when it knows the world, as `2026-03`.
    #[serde(default)]
    pub knowledge: String,
    /// The day of its release.
    #[serde(default)]
    pub released: i64,
    /// Whether it thinks before it answers.
    #[serde(default)]
    pub thinks: bool,
}

/// One day of a lifecycle, in days from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Day {
    /// Committed.
    Firm(i64),
    /// A floor.
    Floor {
        /// Not before this day.
        not_before: i64,
    },
}

/// A stage by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct StageWord(pub Stage);

impl TryFrom<String> for StageWord {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        Stage::from_word(&word)
            .map(Self)
            .ok_or_else(|| format!("'{word}' is no stage"))
    }
}

/// Where something is offered, and for how much.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The provider's regions; none where it does not tell any.
    #[serde(default)]
    pub regions: Vec<String>,
    /// The provider's terms: `on-demand`, `GlobalStandard` …
    #[serde(default)]
    pub deployments: Vec<String>,
    /// By meter and tier: `input`, `input.batch` …, USD per 1M tokens.
    #[serde(default)]
    pub price: BTreeMap<String, String>,
}

/// What a provider offers; of `ids` each is like the others.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct OfferSketch {
    /// At whom.
    pub provider: String,
    /// The provider's id.
    #[serde(default)]
    pub id: String,
    /// Several ids instead of one.
    #[serde(default)]
    pub ids: Vec<String>,
    /// The key of the model.
    #[serde(default)]
    pub model: String,
    /// The provider's name for people, where it is not the model's.
    #[serde(default)]
    pub name: String,
    /// The event with which it is there; without one from the beginning.
    #[serde(default)]
    pub from: String,
    /// What holds of it.
    #[serde(flatten)]
    pub facts: Facts,
    /// Everywhere at once …
    #[serde(default)]
    pub regions: Vec<String>,
    /// … in these deployments …
    #[serde(default)]
    pub deployments: Vec<String>,
    /// … or at several places with differing prices.
    #[serde(default, rename = "place")]
    pub places: Vec<Place>,
    /// Keys that mean nothing: an error.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, toml::Value>,
}

/// What holds of an offer, or what an event changes of it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Facts {
    /// Its stage.
    pub stage: Option<StageWord>,
    /// From when on it can be called.
    pub launch: Option<Day>,
    /// When it becomes legacy.
    pub legacy: Option<Day>,
    /// When its end was announced.
    pub deprecated: Option<Day>,
    /// When it ends.
    pub retires: Option<Day>,
    /// What to use instead, as the provider names it.
    pub replacement: Option<String>,
    /// By meter and tier, USD per 1M tokens.
    #[serde(default)]
    pub price: BTreeMap<String, String>,
    /// `context`, `output`, where they are not the model's.
    #[serde(default)]
    pub limits: BTreeMap<String, u64>,
    /// What only this provider says.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
}

/// A part of a status page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Whose page.
    pub page: String,
    /// The page's own id.
    pub id: String,
    /// For people.
    pub name: String,
    /// Whether it is only a heading.
    #[serde(default)]
    pub group: bool,
}

/// One item of a feed, a changelog or a sitemap.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// When; an event's posts stand that long after it.
    #[serde(default)]
    pub at: Span,
    /// The probes whose sources have it: `openai.news` …
    pub feeds: Vec<String>,
    /// Its title.
    pub title: String,
    /// What it says.
    #[serde(default)]
    pub text: String,
    /// Its categories.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The last part of its address.
    #[serde(default)]
    pub slug: String,
}

/// One thing that happens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its name.
    pub id: String,
    /// When, from the beginning.
    pub at: Span,
    /// One sentence for people.
    pub title: String,
    /// Other lags than the script's.
    pub lag: Option<Lags>,
    /// What becomes different in what is offered.
    #[serde(default, rename = "edit")]
    pub edits: Vec<Edit>,
    /// What is announced with it.
    #[serde(default, rename = "post")]
    pub posts: Vec<Post>,
    /// What a status page says of it.
    #[serde(default, rename = "incident")]
    pub incidents: Vec<Incident>,
    /// Which requests fail.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
    /// Which answers come late.
    #[serde(default, rename = "slow")]
    pub slow: Vec<Slow>,
    /// Which pages are worked over.
    #[serde(default, rename = "bend")]
    pub bends: Vec<Bend>,
    /// What leaves a list and returns.
    #[serde(default, rename = "flap")]
    pub flaps: Vec<Flap>,
}

/// What becomes different of some offers.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Edit {
    /// `provider:id`, or `provider:prefix*`.
    pub offers: Vec<String>,
    /// What holds from then on.
    #[serde(flatten)]
    pub facts: Facts,
    /// Whether they leave all lists for good.
    #[serde(default)]
    pub gone: bool,
    /// Of `launch`, `legacy`, `deprecated`, `retires`, `replacement`: what is no longer said.
    #[serde(default)]
    pub clear: Vec<String>,
    /// Only the prices in these regions are touched.
    #[serde(default)]
    pub only_regions: Vec<String>,
    /// Only the prices of these deployments are touched.
    #[serde(default)]
    pub only_deployments: Vec<String>,
    /// Where they come to.
    #[serde(default)]
    pub add: Vec<Place>,
    /// Where they leave; of these regions …
    #[serde(default)]
    pub drop_regions: Vec<String>,
    /// … only these deployments, if any are named.
    #[serde(default)]
    pub drop_deployments: Vec<String>,
    /// Keys that mean nothing: an error.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, toml::Value>,
}
