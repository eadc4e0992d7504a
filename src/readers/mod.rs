//! Bytes → reading. One file a kind; a reader never fetches, never guesses, and says what it did not expect.

pub mod changelog;
pub mod convert;
pub mod encoding;
pub mod feed;
mod folding;
pub mod following;
pub mod genai_prices;
pub mod google_incidents;
pub mod google_pricing;
pub mod google_skus;
pub mod html;
pub mod json;
pub mod litellm;
pub mod models_dev;
mod notes;
pub mod paging;
pub mod quirks;
pub mod statuspage;
pub mod table;
pub mod text;

use crate::market::{Failure, ProviderId, Reading, Region, Settled};
use convert::StageWords;

/// What a reader is told besides the body.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The provider that the probe asks.
    pub provider: &'a ProviderId,
    /// The region of the source's scope; `*` where the source has none.
    pub region: &'a Region,
    /// The provider's words for stages.
    pub stages: &'a StageWords,
    /// The item of an index that the body is the answer for; empty where there is no index.
    pub item: &'a str,
    /// Whether absence from the body means something.
    pub complete: bool,
    /// Entries that need not be read again if their raw text is the same.
    pub settled: &'a Settled,
}

/// A body to be read.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    /// Decompressed, in whatever character encoding the server sent.
    pub bytes: &'a [u8],
    /// The `Content-Type` header, if there was one.
    pub content_type: Option<&'a str>,
}

/// How a probe's answers are read: which reader, with which mapping.
#[derive(Debug, Clone)]
pub enum Spec {
    /// JSON by declared paths.
    Json(Box<json::Mapping>),
    /// Tables of HTML and Markdown pages.
    Table(Box<table::Mapping>),
    /// RSS, Atom, JSON Feed.
    Feed(feed::Mapping),
    /// Announcements under dated headings.
    Changelog(changelog::Mapping),
    /// A Statuspage summary, or one compatible with it.
    Statuspage(statuspage::Mapping),
    /// A watched part of a page.
    Text(text::Mapping),
    /// The models.dev registry.
    ModelsDev(models_dev::Mapping),
    /// The LiteLLM price map.
    Litellm(litellm::Mapping),
    /// Google Cloud's incidents.
    GoogleIncidents(google_incidents::Mapping),
    /// The pricing page of the Gemini API.
    GooglePricing(google_pricing::Mapping),
    /// A service's SKUs in Google's billing catalogue.
    GoogleSkus(google_skus::Mapping),
    /// The genai-prices registry.
    GenaiPrices(genai_prices::Mapping),
}

impl Spec {
    /// The words of the probe file.
    pub const WORDS: &'static str = "json, table, feed, changelog, statuspage, text, google-incidents, google-pricing, google-skus, models-dev, litellm or genai-prices";

    /// The reader's word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Table(_) => "table",
            Self::Feed(_) => "feed",
            Self::Changelog(_) => "changelog",
            Self::Statuspage(_) => "statuspage",
            Self::Text(_) => "text",
            Self::ModelsDev(_) => "models-dev",
            Self::Litellm(_) => "litellm",
            Self::GoogleIncidents(_) => "google-incidents",
            Self::GooglePricing(_) => "google-pricing",
            Self::GoogleSkus(_) => "google-skus",
            Self::GenaiPrices(_) => "genai-prices",
        }
    }

    /// The reader's version: raised whenever it makes other claims of the same body.
    pub fn version(&self) -> u32 {
        match self {
            Self::Json(_) => json::VERSION,
            Self::Table(_) => table::VERSION,
            Self::Feed(_) => feed::VERSION,
            Self::Changelog(_) => changelog::VERSION,
            Self::Statuspage(_) => statuspage::VERSION,
            Self::Text(_) => text::VERSION,
            Self::ModelsDev(_) => models_dev::VERSION,
            Self::Litellm(_) => litellm::VERSION,
            Self::GoogleIncidents(_) => google_incidents::VERSION,
            Self::GooglePricing(_) => google_pricing::VERSION,
            Self::GoogleSkus(_) => google_skus::VERSION,
            Self::GenaiPrices(_) => genai_prices::VERSION,
        }
    }

    /// Reads a body.
    pub fn read(&self, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
        match self {
            Self::Json(mapping) => json::read(mapping, body, context),
            Self::Table(mapping) => table::read(mapping, body, context),
            Self::Feed(mapping) => feed::read(mapping, body, context),
            Self::Changelog(mapping) => changelog::read(mapping, body, context),
            Self::Statuspage(mapping) => statuspage::read(mapping, body, context),
            Self::Text(mapping) => text::read(mapping, body, context),
            Self::ModelsDev(mapping) => models_dev::read(mapping, body, context),
            Self::Litellm(mapping) => litellm::read(mapping, body, context),
            Self::GoogleIncidents(mapping) => google_incidents::read(mapping, body, context),
            Self::GooglePricing(mapping) => google_pricing::read(mapping, body, context),
            Self::GoogleSkus(mapping) => google_skus::read(mapping, body, context),
            Self::GenaiPrices(mapping) => genai_prices::read(mapping, body, context),
        }
    }
}
