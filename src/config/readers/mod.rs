//! The part of a probe file that says how its reader reads a body: one file a kind of reader.

pub mod aws_health;
pub mod aws_price_list;
pub mod azure_retail_prices;
pub mod changelog;
pub mod feed;
pub mod genai_prices;
pub mod google_incidents;
pub mod google_pricing;
pub mod google_skus;
pub mod json;
pub mod litellm;
pub mod models_dev;
pub mod page;
pub mod paging;
pub mod sitemap;
pub mod statuspage;
pub mod table;
pub mod text;
