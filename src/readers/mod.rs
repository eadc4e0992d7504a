//! Bytes → reading. One file a kind; a reader never fetches, never guesses, and says what it did not expect.

pub mod aws_health;
pub mod aws_price_list;
pub mod azure_retail_prices;
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
mod markdown;
pub mod model_card;
pub mod models_dev;
mod notes;
pub mod page;
pub mod paging;
pub mod quirks;
pub mod sitemap;
pub mod statuspage;
pub mod table;
pub mod text;

use crate::market::{Failure, Packed, ProviderId, Reading, Region, Settled};
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
    /// A sitemap, for newsrooms without a feed.
    Sitemap(sitemap::Mapping),
    /// A Statuspage summary, or one compatible with it.
    Statuspage(statuspage::Mapping),
    /// A watched part of a page.
    Text(text::Mapping),
    /// A page that is about one offering.
    Page(Box<page::Mapping>),
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
    /// Open events of the AWS health dashboard.
    AwsHealth(aws_health::Mapping),
    /// Offers of the AWS price list.
    AwsPriceList(aws_price_list::Mapping),
    /// Cards of Amazon Bedrock's models.
    ModelCard,
    /// Azure's retail prices.
    AzureRetailPrices(azure_retail_prices::Mapping),
}

impl Spec {
    /// The words of the probe file.
    pub const WORDS: &'static str = "json, table, feed, changelog, sitemap, statuspage, text, page, models-dev, litellm, \
         genai-prices, aws-health, aws-price-list, model-card, azure-retail-prices, google-incidents, google-pricing or google-skus";

    /// The reader's word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Table(_) => "table",
            Self::Feed(_) => "feed",
            Self::Changelog(_) => "changelog",
            Self::Sitemap(_) => "sitemap",
            Self::Statuspage(_) => "statuspage",
            Self::Text(_) => "text",
            Self::Page(_) => "page",
            Self::ModelsDev(_) => "models-dev",
            Self::Litellm(_) => "litellm",
            Self::GoogleIncidents(_) => "google-incidents",
            Self::GooglePricing(_) => "google-pricing",
            Self::GoogleSkus(_) => "google-skus",
            Self::GenaiPrices(_) => "genai-prices",
            Self::AwsHealth(_) => "aws-health",
            Self::AwsPriceList(_) => "aws-price-list",
            Self::ModelCard => "model-card",
            Self::AzureRetailPrices(_) => "azure-retail-prices",
        }
    }

    /// Whether a body says what holds from a day on, so that the same body says something else on another day.
    pub fn is_dated(&self) -> bool {
        match self {
            Self::GenaiPrices(_) | Self::GooglePricing(_) | Self::AzureRetailPrices(_) => true,
            Self::Json(mapping) => mapping.is_dated(),
            _ => false,
        }
    }

    /// The reader's version: raised whenever it makes other claims of the same body.
    pub fn version(&self) -> u32 {
        match self {
            Self::Json(_) => json::VERSION,
            Self::Table(_) => table::VERSION,
            Self::Feed(_) => feed::VERSION,
            Self::Changelog(_) => changelog::VERSION,
            Self::Sitemap(_) => sitemap::VERSION,
            Self::Statuspage(_) => statuspage::VERSION,
            Self::Text(_) => text::VERSION,
            Self::Page(_) => page::VERSION,
            Self::ModelsDev(_) => models_dev::VERSION,
            Self::Litellm(_) => litellm::VERSION,
            Self::GoogleIncidents(_) => google_incidents::VERSION,
            Self::GooglePricing(_) => google_pricing::VERSION,
            Self::GoogleSkus(_) => google_skus::VERSION,
            Self::GenaiPrices(_) => genai_prices::VERSION,
            Self::AwsHealth(_) => aws_health::VERSION,
            Self::AwsPriceList(_) => aws_price_list::VERSION,
            Self::ModelCard => model_card::VERSION,
            Self::AzureRetailPrices(_) => azure_retail_prices::VERSION,
        }
    }

    /// Whether it reads a packed body as it unpacks.
    pub fn reads_packed(&self) -> bool {
        matches!(self, Self::AwsPriceList(_))
    }

    /// Reads a packed body; a reader that must have it whole is given it whole.
    pub fn read_packed(
        &self,
        packed: &Packed,
        content_type: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Reading, Failure> {
        let unpacked = |error: std::io::Error| Failure::Internal {
            detail: format!("unpacking a body: {error}"),
        };
        if let Self::AwsPriceList(mapping) = self {
            let offer = packed.reader().map_err(unpacked)?;
            return aws_price_list::read_from(mapping, offer, context);
        }
        let bytes = packed.unpacked().map_err(unpacked)?;
        self.read(
            &Body {
                bytes: &bytes,
                content_type,
            },
            context,
        )
    }

    /// Reads a body.
    pub fn read(&self, body: &Body<'_>, context: &Context<'_>) -> Result<Reading, Failure> {
        match self {
            Self::Json(mapping) => json::read(mapping, body, context),
            Self::Table(mapping) => table::read(mapping, body, context),
            Self::Feed(mapping) => feed::read(mapping, body, context),
            Self::Changelog(mapping) => changelog::read(mapping, body, context),
            Self::Sitemap(mapping) => sitemap::read(mapping, body, context),
            Self::Statuspage(mapping) => statuspage::read(mapping, body, context),
            Self::Text(mapping) => text::read(mapping, body, context),
            Self::Page(mapping) => page::read(mapping, body, context),
            Self::ModelsDev(mapping) => models_dev::read(mapping, body, context),
            Self::Litellm(mapping) => litellm::read(mapping, body, context),
            Self::GoogleIncidents(mapping) => google_incidents::read(mapping, body, context),
            Self::GooglePricing(mapping) => google_pricing::read(mapping, body, context),
            Self::GoogleSkus(mapping) => google_skus::read(mapping, body, context),
            Self::GenaiPrices(mapping) => genai_prices::read(mapping, body, context),
            Self::AwsHealth(mapping) => aws_health::read(mapping, body, context),
            Self::AwsPriceList(mapping) => aws_price_list::read(mapping, body, context),
            Self::ModelCard => model_card::read(body, context),
            Self::AzureRetailPrices(mapping) => azure_retail_prices::read(mapping, body, context),
        }
    }
}
