//! The prices of a card: one table for each tier, context band and partition, a row for each way to call the model.

use super::super::folding::folded;
use super::super::notes::Notes;
use super::super::table::{is_region_code, tokens};
use super::access::{Access, Endpoint, profile, reach_in};
use super::page::{Page, Table};
use crate::market::{
    Attribute, Claim, Currency, Price, PriceMeter, PriceUnit, Reach, Value, decimal_from_json,
};

/// Service tiers that a heading or cell may name.
const TIERS: [&str; 6] = [
    "standard",
    "priority",
    "flex",
    "batch",
    "ultrafast",
    "reserved",
];

/// A price of one way to call the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Priced {
    /// The id that is called.
    pub id: String,
    /// Where; `None` for all regions of the commercial partition.
    pub region: Option<String>,
    /// The term of the deployment.
    pub deployment: String,
    /// The price.
    pub claim: Claim,
}

/// Reads the prices. A table whose unit is not stated, a column or row that is not known is noted and left out.
pub fn prices(page: &Page, accesses: &[Access], notes: &mut Notes) -> Vec<Priced> {
    let mut prices = Vec::new();
    for table in &page.tables {
        let Some(option) = table.column(&["inference option", "inference type"]) else {
            continue;
        };
        let said = page.sections.get(table.section).map_or("", String::as_str);
        let header = table.header.join(" ");
        if !per_million(said) && !per_million(&header) {
            let found = "no such words in the section";
            notes.add("pricing", &page.title, "prices per 1 million tokens", found);
            continue;
        }
        let Some(part) = Part::of(table, page, notes) else {
            continue;
        };
        let meters: Vec<(usize, PriceMeter)> = table
            .header
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != option)
            .filter_map(|(at, name)| {
                let meter = meter(name, &part);
                if meter.is_none() {
                    notes.add("pricing", &page.title, "a meter that is known", name);
                }
                Some((at, meter?))
            })
            .collect();
        for row in &table.rows {
            let name = row.get(option).map_or("", String::as_str);
            let ways = ways(name, accesses);
            if ways.is_empty() {
                notes.add("pricing", &page.title, "a way to call the model", name);
            }
            let region = regions_in(name).or_else(|| part.region.clone());
            for (at, meter) in &meters {
                let cell = row.get(*at).map_or("", String::as_str);
                let claim = claim(cell, meter, &page.title, notes);
                for (id, deployment) in ways.iter().filter(|_| claim.is_some()) {
                    prices.extend(claim.clone().map(|claim| Priced {
                        id: id.clone(),
                        region: region.clone(),
                        deployment: deployment.clone(),
                        claim,
                    }));
                }
            }
        }
    }
    prices
}

fn per_million(text: &str) -> bool {
    [
        "1 million tokens",
        "per million tokens",
        "1m tokens",
        "1,000,000 tokens",
    ]
    .iter()
    .any(|words| text.contains(words))
}

/// What the headings above a table say of all its prices.
struct Part {
    tier: Option<String>,
    over: Option<u64>,
    region: Option<String>,
}

impl Part {
    /// `None` if the table is of a partition whose region is not said.
    fn of(table: &Table, page: &Page, notes: &mut Notes) -> Option<Self> {
        let near: Vec<&String> = table.above.iter().rev().take(2).collect();
        let text = near
            .iter()
            .map(|text| text.as_str())
            .collect::<Vec<_>>()
            .join(" | ");
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let tier = TIERS.iter().find(|tier| words.contains(tier));
        let long = text.contains("long context") || text.contains("long-context");
        let over = [
            "more than ",
            "over ",
            "above ",
            "greater than ",
            "exceeds ",
            "> ",
        ]
        .iter()
        .find_map(|lead| tokens(text.split_once(lead)?.1))
        .filter(|_| long);
        let region = if text.contains("govcloud") {
            let region = match (text.contains("us-west"), text.contains("us-east")) {
                (true, false) => "us-gov-west-1",
                (false, true) => "us-gov-east-1",
                _ => {
                    notes.add("pricing", &page.title, "one region of AWS GovCloud", &text);
                    return None;
                }
            };
            Some(region.to_string())
        } else {
            None
        };
        let mut tiers: Vec<&str> = tier
            .copied()
            .filter(|tier| *tier != "standard")
            .into_iter()
            .collect();
        // a long context that does not say how long it is
        if long && over.is_none() {
            tiers.push("long_context");
        }
        Some(Self {
            tier: (!tiers.is_empty()).then(|| tiers.join("_")),
            over,
            region,
        })
    }
}

/// `Input`, `Input - 30m cache write`, `Cache read`, `Output`.
fn meter(name: &str, part: &Part) -> Option<PriceMeter> {
    let words: Vec<&str> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |word: &str| words.contains(&word);
    let keeps = ["5m", "30m", "1h"].iter().find(|keeps| has(keeps));
    let meter = if has("write") || has("writes") {
        keeps.map_or("cache_write".to_string(), |keeps| {
            format!("cache_write_{keeps}")
        })
    } else if has("read") || has("cached") {
        "cache_read".to_string()
    } else if has("input") && !has("output") {
        "input".to_string()
    } else if has("output") {
        "output".to_string()
    } else {
        return None;
    };
    Some(PriceMeter {
        meter: meter.into(),
        tier: part.tier.as_deref().map(Into::into),
        over: part.over,
    })
}

/// The ids and deployments that a row is about: `In-Region`, `Mantle in-Region`, `US Geo CRIS`, `Global CRIS`.
fn ways(name: &str, accesses: &[Access]) -> Vec<(String, String)> {
    let lower = name.to_lowercase();
    let endpoint = Endpoint::named_in(&lower);
    let mut ways: Vec<(String, String)> = match reach_in(&lower) {
        None => Vec::new(),
        Some(Reach::InRegion) => accesses
            .iter()
            .filter(|access| match endpoint {
                Some(endpoint) => access.endpoint == endpoint,
                None => access.in_region,
            })
            .map(|access| {
                (
                    access.model.clone(),
                    access.endpoint.deployment().to_string(),
                )
            })
            .collect(),
        Some(Reach::Geo) => {
            let geography = lower.split_whitespace().next().unwrap_or("");
            let named = format!("{geography}.");
            let all: Vec<&String> = accesses.iter().flat_map(|access| &access.geo).collect();
            let own: Vec<&String> = all
                .iter()
                .copied()
                .filter(|id| id.starts_with(&named))
                .collect();
            let ids = if geography == "geo" { all } else { own };
            ids.into_iter()
                .map(|id| (id.clone(), profile(id)))
                .collect()
        }
        Some(Reach::Global) => accesses
            .iter()
            .flat_map(|access| &access.global)
            .map(|id| (id.clone(), profile(id)))
            .collect(),
    };
    ways.sort();
    ways.dedup();
    ways
}

/// `In-Region (us-east-1)`.
fn regions_in(name: &str) -> Option<String> {
    let remark = name.split_once('(')?.1.trim_end_matches(')').trim();
    is_region_code(remark).then(|| remark.to_string())
}

fn claim(cell: &str, meter: &PriceMeter, title: &str, notes: &mut Notes) -> Option<Claim> {
    let text = folded(cell);
    let lower = text.to_lowercase();
    if matches!(
        lower.as_str(),
        "" | "-" | "n/a" | "not supported" | "not available"
    ) {
        return None;
    }
    let attribute = Attribute::Price(meter.clone());
    let amount = text.strip_prefix('$').map(|amount| amount.replace(',', ""));
    let price = amount
        .and_then(|amount| decimal_from_json(amount.trim()))
        .map(|amount| Price {
            amount,
            currency: Currency::USD,
            unit: PriceUnit::MillionTokens,
        });
    match price.filter(|price| !price.amount.is_sign_negative()) {
        Some(price) => Some(Claim::new(attribute, Value::Price(price), text)),
        None => {
            notes.add(
                "pricing",
                title,
                "a price such as $2.50",
                &format!("'{text}'"),
            );
            Some(Claim::unclear(attribute, text))
        }
    }
}
