//! Offer files of the AWS price list (facts: aws-bedrock.md §5).

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use super::offered::{Offered, maker};
use crate::world::moment::{Moment, Offer};
use crate::world::play::priced;

/// A region as the price list names it: its code, the token of its usage types, and its name.
const REGIONS: [(&str, &str, &str); 8] = [
    ("us-east-1", "USE1", "US East (N. Virginia)"),
    ("us-east-2", "USE2", "US East (Ohio)"),
    ("us-west-2", "USW2", "US West (Oregon)"),
    ("eu-central-1", "EUC1", "EU (Frankfurt)"),
    ("eu-west-1", "EUW1", "EU (Ireland)"),
    ("ap-northeast-1", "APN1", "Asia Pacific (Tokyo)"),
    ("ap-southeast-2", "APS2", "Asia Pacific (Sydney)"),
    ("ap-south-1", "APS3", "Asia Pacific (Mumbai)"),
];

/// A product with its price.
struct Product {
    usage: String,
    attributes: Vec<(&'static str, String)>,
    unit: &'static str,
    amount: String,
    since: Date,
}

/// Whether an offer of the list sells anything in a region.
pub fn is_sold(offered: &Offered<'_, '_>, code: &str, region: &str) -> bool {
    let mut own = offered
        .priced
        .iter()
        .filter(|offer| offer.extra("list") == Some(code));
    REGIONS.iter().any(|(known, ..)| *known == region)
        && own.any(|offer| offer.regions().contains(&region))
}

/// What an offer of the list sells in a region; `None` where it sells nothing, for which there is no file.
pub fn offer(
    moment: &Moment<'_>,
    offered: &Offered<'_, '_>,
    code: &str,
    region: &str,
) -> Option<Json> {
    let (_, token, location) = REGIONS.iter().find(|(own, ..)| *own == region)?;
    let mut products = Vec::new();
    let own = offered.priced.iter();
    for offer in own.filter(|offer| offer.extra("list") == Some(code)) {
        let since = priced::since(moment, offer);
        for place in &offer.places {
            if !place.regions.iter().any(|own| own == region) {
                continue;
            }
            let prices = priced::of_place(offer, place);
            for ((meter, amount), deployment) in prices
                .iter()
                .flat_map(|price| place.deployments.iter().map(move |term| (price, term)))
            {
                products.extend(
                    product(code, offer, (deployment, meter), *amount, token)
                        .map(|product| Product { since, ..product }),
                );
            }
        }
    }
    let published = products.iter().map(|product| product.since).max()?;
    Some(file(code, &products, (region, location), published))
}

fn product(
    code: &str,
    offer: &Offer<'_>,
    (deployment, meter): (&str, &str),
    amount: Decimal,
    token: &str,
) -> Option<Product> {
    let global = deployment == "profile:global";
    let made = |usage: String, unit, amount: Decimal, attributes| Product {
        usage,
        attributes,
        unit,
        amount: format!("{amount:.10}"),
        since: Date::default(),
    };
    let words = |input, output, cache| match meter {
        "input" => Some(input),
        "output" => Some(output),
        "cache_read" => Some(cache),
        _ => None,
    };
    Some(match code {
        "AmazonBedrock" => {
            let kind = words(
                "input-tokens",
                "output-tokens",
                "cache-read-input-token-count",
            )?;
            let said = words(
                "Input tokens",
                "Output tokens",
                "Prompt cache read input tokens",
            )?;
            let spelled: String = offer.id.split_whitespace().collect();
            let reach = if global { "-cross-region-global" } else { "" };
            let attributes = vec![
                ("servicename", "Amazon Bedrock".to_string()),
                ("provider", maker(offer).to_string()),
                ("model", offer.id.to_string()),
                ("feature", "On-demand Inference".to_string()),
                ("inferenceType", said.to_string()),
                ("service_tier", "standard".to_string()),
            ];
            let usage = format!("{token}-{spelled}-{kind}{reach}");
            made(
                usage,
                "1K tokens",
                amount / Decimal::ONE_THOUSAND,
                attributes,
            )
        }
        "AmazonBedrockFoundationModels" => {
            let kind = words("input_tokens", "output_tokens", "cache_read_tokens")?;
            let reach = if global { "_global" } else { "" };
            let usage = format!("{token}-MP:{token}_{kind}{reach}_standard-Units");
            let attributes = vec![("servicename", offer.id.to_string())];
            made(usage, "1M tokens", amount, attributes)
        }
        "AmazonBedrockService" => {
            let kind = words("input-tokens", "output-tokens", "cache-read-input-tokens")?;
            let attributes = vec![
                ("servicename", "Amazon Bedrock Service".to_string()),
                ("provider", maker(offer).to_string()),
            ];
            let usage = format!("{token}-{}-mantle-{kind}-standard", offer.id);
            made(usage, "1M tokens", amount, attributes)
        }
        "AmazonBedrockAgentCore" => {
            let (usage, unit) = match meter {
                "vcpu_hour" => ("vCPU", "vCPU-Hours"),
                "gb_hour" => ("Memory", "GB-Hours"),
                _ => return None,
            };
            let attributes = vec![
                ("servicename", offer.id.to_string()),
                ("operation", "Runtime".to_string()),
            ];
            let usage = format!("{token}-Runtime:Consumption-based:{usage}");
            made(usage, unit, amount, attributes)
        }
        _ => return None,
    })
}

fn file(code: &str, products: &[Product], place: (&str, &str), published: Date) -> Json {
    let (region, location) = place;
    let mut listed = Map::new();
    let mut terms = Map::new();
    for product in products {
        let sku = sku(code, product);
        let mut attributes = Map::new();
        for (name, value) in [
            ("servicecode", code),
            ("location", location),
            ("locationType", "AWS Region"),
            ("regionCode", region),
            ("usagetype", product.usage.as_str()),
            ("operation", ""),
        ] {
            attributes.insert(name.to_string(), value.into());
        }
        for (name, value) in &product.attributes {
            attributes.insert((*name).to_string(), value.as_str().into());
        }
        listed.insert(
            sku.clone(),
            json!({ "sku": sku, "productFamily": "Amazon Bedrock", "attributes": attributes }),
        );
        terms.insert(sku.clone(), term(&sku, product, location));
    }
    json!({
        "formatVersion": "v1.0",
        "disclaimer": "These prices are simulated and nobody's.",
        "offerCode": code,
        "version": published.strftime("%Y%m%d000000").to_string(),
        "publicationDate": format!("{published}T00:00:00Z"),
        "products": listed,
        "terms": { "OnDemand": terms, "Reserved": {} },
    })
}

fn term(sku: &str, product: &Product, location: &str) -> Json {
    let term = format!("{sku}.JRTCKXETXF");
    let rate = format!("{term}.6YS6EN2CT7");
    let dimension = json!({
        "rateCode": rate,
        "description": format!("${} per {} in {location}", product.amount, product.unit),
        "beginRange": "0",
        "endRange": "Inf",
        "unit": product.unit,
        "pricePerUnit": { "USD": product.amount },
        "appliesTo": [],
    });
    let of_term = json!({
        "offerTermCode": "JRTCKXETXF",
        "sku": sku,
        "effectiveDate": format!("{}T00:00:00Z", product.since),
        "termAttributes": {},
        "priceDimensions": { rate: dimension },
    });
    json!({ term: of_term })
}

/// What stands for a product wherever it is stated. On the Marketplace only the service tells models apart.
fn sku(code: &str, product: &Product) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(code.as_bytes());
    hasher.update(product.usage.as_bytes());
    for (name, value) in &product.attributes {
        hasher.update(format!(" {name} {value}").as_bytes());
    }
    let hex = hasher.finalize().to_hex().to_uppercase();
    hex.chars().take(16).collect()
}
