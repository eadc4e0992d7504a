//! Azure's retail prices (facts: azure.md §7): a row for each meter, whose name is free text.

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::{AZURE, nowhere, with};
use crate::world::moment::{Moment, Offer};
use crate::world::play::{Found, Resource, priced, written};
use crate::world::{Answer, Asked, Channel, JSON, Request, Topic};

/// So many rows stand on one page.
const PAGE: usize = 100;

/// Where prices stand that hold in every region.
const GLOBAL: &str = "Global";

/// What the interface answers to a filter.
pub fn find(asked: &Asked, request: &Request) -> Found {
    if asked.path != "/api/retail/prices" {
        return nowhere();
    }
    let filter = asked.parameter("$filter").unwrap_or_default();
    let of = |name: &str| {
        let rest = filter.split_once(&format!("{name} eq '"))?.1;
        rest.split_once('\'').map(|(value, _)| value.to_string())
    };
    let Some(region) = of("armRegionName") else {
        let error = json!({ "Error": { "Code": "BadRequest", "Message": "Invalid OData parameters supplied" } });
        return Answer::json(400, &error).into();
    };
    let is_of_models = of("serviceName").as_deref() == Some("Foundry Models");
    let from = asked
        .parameter("$skip")
        .and_then(|skip| skip.parse().ok())
        .unwrap_or(0);
    let query = request.url.split_once('?').map_or("", |(_, query)| query);
    let own = query.split('&').filter(|pair| !pair.starts_with("$skip"));
    let own = own.collect::<Vec<_>>().join("&");
    let made = Resource::new(
        "azure.prices",
        asked,
        JSON,
        vec![Topic::api(AZURE)],
        move |moment| {
            let rows = match is_of_models {
                true => rows(moment, &region),
                false => Vec::new(),
            };
            let after = from + PAGE;
            let next = (after < rows.len()).then(|| {
                format!("https://prices.azure.com:443/api/retail/prices?{own}&$skip={after}")
            });
            let page: Vec<Json> = rows.into_iter().skip(from).take(PAGE).collect();
            let count = page.len();
            written::json(
                moment,
                &json!({
                    "BillingCurrency": "USD",
                    "CustomerEntityId": "Default",
                    "CustomerEntityType": "Retail",
                    "Items": page,
                    "NextPageLink": next,
                    "Count": count,
                }),
            )
        },
    );
    Resource {
        has_etag: false,
        ..made
    }
    .into()
}

fn rows(moment: &Moment<'_>, region: &str) -> Vec<Json> {
    with(moment, Channel::Api, |offered| {
        let mut rows = Vec::new();
        for offer in &offered.priced {
            for place in &offer.places {
                let is_here = match place.regions.as_slice() {
                    [] => region == GLOBAL,
                    regions => regions.iter().any(|own| own == region),
                };
                if !is_here {
                    continue;
                }
                for deployment in &place.deployments {
                    let prices = priced::of_place(offer, place).into_iter();
                    rows.extend(prices.filter_map(|(meter, amount)| {
                        row(moment, offer, region, (deployment, meter), amount)
                    }));
                }
            }
        }
        rows
    })
}

fn row(
    moment: &Moment<'_>,
    offer: &Offer<'_>,
    region: &str,
    (deployment, meter): (&str, &str),
    amount: Decimal,
) -> Option<Json> {
    let (meter, batch) = meter
        .strip_suffix(".batch")
        .map_or((meter, ""), |meter| (meter, " Batch"));
    let kind = match meter {
        "input" => " Inp",
        "output" => " Outp",
        "cache_read" => " Cd Inp",
        _ => return None,
    };
    let scope = match deployment {
        "GlobalStandard" | "GlobalBatch" => " Gl",
        "DataZoneStandard" | "DataZoneBatch" => " DZ",
        "Standard" => " Rgnl",
        _ => return None,
    };
    let (unit, words, amount) = match offer.extra("unit") {
        Some("1K") => ("1K", "", amount / Decimal::ONE_THOUSAND),
        _ => ("1M", " 1M", amount),
    };
    let name = format!("{}{batch}{kind}{scope}", offer.id);
    // a number of JSON by its shortest text, as the interface writes it
    let amount: f64 = amount.normalize().to_string().parse().ok()?;
    let id = blake3::hash(format!("{region} {name}").as_bytes()).to_hex();
    let part = |from: usize, to: usize| id.get(from..to).unwrap_or_default();
    let meter_id = format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    );
    let product = part(32, 44).to_uppercase();
    Some(json!({
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": amount,
        "unitPrice": amount,
        "armRegionName": region,
        "location": if region == GLOBAL { "" } else { region },
        "effectiveStartDate": format!("{}T00:00:00Z", priced::since(moment, offer)),
        "meterId": meter_id,
        "meterName": format!("{name}{words} Tokens"),
        "productId": product,
        "skuId": format!("{product}/0001"),
        "productName": offer.extra("product"),
        "skuName": name,
        "serviceName": "Foundry Models",
        "serviceId": "DZH314HC0WV9",
        "serviceFamily": "AI + Machine Learning",
        "unitOfMeasure": unit,
        "type": "Consumption",
        "isPrimaryMeterRegion": true,
        "armSkuName": name,
    }))
}
