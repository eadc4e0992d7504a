//! The retail prices: what rows look like, and a recorded price list.

use std::collections::BTreeMap;

use bellwether::config::Scoping;
use bellwether::daemon::reading::{PAGES, Target, read_body};
use bellwether::market::{Content, Reading, Scope, Settled, Value};
use serde_json::{Value as Json, json};

use crate::ledger::{Ledger, hour, lines, notes, probe, shown};
use crate::shared;

fn of_region(region: &str) -> Scoping {
    Scoping {
        scope: Scope::from(region),
        values: BTreeMap::from([("region".to_string(), region.to_string())]),
    }
}

/// The recorded list, as the interface answers it: a row for each region, a thousand on a page.
pub fn pages(file: &str) -> Option<(Vec<Json>, String)> {
    let folder = shared::folder("corpus/single/azure-retail-prices-condensed")?;
    let text = std::fs::read_to_string(folder.join(file)).expect("a price list");
    let json: Json = serde_json::from_str(&text).expect("JSON");
    let mut rows = Vec::new();
    for item in json["items"].as_array().expect("items") {
        for region in item["regions"].as_array().expect("regions") {
            let mut row = item.clone();
            let fields = row.as_object_mut().expect("an object");
            fields.remove("regions");
            for (key, value) in [
                ("armRegionName", region.clone()),
                ("currencyCode", json!("USD")),
                ("serviceName", json!("Foundry Models")),
                ("type", json!("Consumption")),
                ("tierMinimumUnits", json!(0.0)),
            ] {
                fields.insert(key.to_string(), value);
            }
            rows.push(row);
        }
    }
    let pages: Vec<Json> = rows
        .chunks(1000)
        .map(|rows| json!({ "BillingCurrency": "USD", "Items": rows, "NextPageLink": null, "Count": rows.len() }))
        .collect();
    Some((rows, Json::Array(pages).to_string()))
}

/// Reads pages as the shipped probe does.
pub fn read_pages(body: &str) -> Reading {
    let probe = probe("azure.prices");
    let scoping = of_region("eastus2");
    let target = Target::new(&probe, &scoping);
    let read = read_body(&target, body.as_bytes(), Some(PAGES), &Settled::new());
    let mut reading = read.expect("pages");
    reading.as_of("2026-11-20T00:00:00Z".parse().expect("a time"));
    reading
}

/// Whether a meter is of training, hosting or use of tuned models, by its words.
fn is_of_tuning(name: &str) -> bool {
    let lower = name.to_lowercase();
    let mut words = lower.split([' ', '-']);
    words.any(|word| ["ft", "rft", "tuned", "grader", "grdr", "hosting"].contains(&word))
}

/// The few meters that say neither what is paid for nor for which model.
fn says_too_little(name: &str) -> bool {
    const WHOLE: [&str; 5] = [
        "Az-Babbage-002 Tokens",
        "Az-Davinci-002 Tokens",
        "Az-GPT-3.5-turbo Tokens",
        "Ministral 3bFTregnl Tokens",
        "Standard Unit",
    ];
    WHOLE.contains(&name) || name.contains("-base-")
}

fn is_reserved(name: &str) -> bool {
    name.contains("Provisioned") && !name.starts_with("Provisioned Managed")
}

fn field<'a>(row: &'a Json, name: &str) -> &'a str {
    row[name].as_str().expect("a text")
}

/// A price in dollars per million tokens, or per one of what else is counted, in ten digits.
fn of_one(price: f64, measure: &str, is_of_tokens: bool) -> String {
    let count = match measure {
        "1K" => 1e3,
        "1M" => 1e6,
        "100" => 100.0,
        _ => 1.0,
    };
    let million = if is_of_tokens { 1e6 } else { 1.0 };
    format!("{:.9e}", price * million / count)
}

/// What is expected: for each region and meter its latest price. `product` keeps meters of one name apart.
fn expected(rows: &[Json]) -> BTreeMap<(String, String, String), String> {
    let mut latest: BTreeMap<(String, String, String), (String, String)> = BTreeMap::new();
    for row in rows {
        let name = field(row, "meterName");
        if is_of_tuning(name) || is_reserved(name) || says_too_little(name) {
            continue;
        }
        let price = row["retailPrice"].as_f64().expect("a number");
        let amount = of_one(
            price,
            field(row, "unitOfMeasure"),
            name.ends_with(" Tokens"),
        );
        let key = (field(row, "armRegionName"), name, field(row, "productName"));
        let key = (key.0.to_string(), key.1.to_string(), key.2.to_string());
        let since = field(row, "effectiveStartDate").to_string();
        let known = latest
            .entry(key)
            .or_insert_with(|| (since.clone(), amount.clone()));
        if since > known.0 {
            *known = (since, amount);
        }
    }
    latest
        .into_iter()
        .map(|(key, (_, amount))| (key, amount))
        .collect()
}

/// Region, meter and amount, as the claims have them.
fn found(reading: &Reading) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for entry in &reading.entries {
        let Content::Stated { claims, .. } = &entry.content else {
            continue;
        };
        for claim in claims {
            let Value::Price(price) = &claim.value else {
                panic!("{claim:?}")
            };
            let amount: f64 = price.amount.to_string().parse().expect("a number");
            let name = claim.raw.split(": ").next().expect("a meter").to_string();
            all.push((
                entry.subject.region.to_string(),
                name,
                format!("{amount:.9e}"),
            ));
        }
    }
    all.sort();
    all
}

/// Rows: all, of tuned models, of reserved capacity, too little said; then meters times regions that are left.
const FIGURES: [(&str, [usize; 5]); 2] = [
    (
        "azure-genai-prices-git.json",
        [20_893, 2_308, 100, 23, 18_462],
    ),
    (
        "azure-genai-prices-0.2.0.json",
        [27_014, 2_835, 120, 24, 24_026],
    ),
];

#[test]
fn every_row_of_a_recorded_price_list_is_explained() {
    for (file, figures) in FIGURES {
        let Some((rows, body)) = pages(file) else {
            return;
        };
        let names = || rows.iter().map(|row| field(row, "meterName"));
        let expected = expected(&rows);
        let counted = [
            rows.len(),
            names().filter(|name| is_of_tuning(name)).count(),
            names().filter(|name| is_reserved(name)).count(),
            names().filter(|name| says_too_little(name)).count(),
            expected.len(),
        ];
        assert_eq!(counted, figures, "{file}");
        let reading = read_pages(&body);
        let mut wanted: Vec<(String, String, String)> = expected
            .into_iter()
            .map(|((region, name, _), amount)| {
                let region = if ["", "Global"].contains(&region.as_str()) {
                    "*".to_string()
                } else {
                    region
                };
                (region, name, amount)
            })
            .collect();
        wanted.sort();
        let found = found(&reading);
        let lacking: Vec<_> = wanted
            .iter()
            .filter(|price| !found.contains(price))
            .collect();
        assert!(lacking.is_empty(), "{file}: {lacking:?}");
        assert_eq!(found.len(), wanted.len(), "{file}");
        let other = found
            .iter()
            .zip(&wanted)
            .find(|(found, wanted)| found != wanted);
        assert_eq!(other, None, "{file}");
        // each refused row is in a note, none is a conflict
        let refused: usize = notes(&reading)
            .iter()
            .map(|note| {
                assert!(
                    note.starts_with("? meterName: expected what a model's use costs, found "),
                    "{note}"
                );
                let more = note
                    .split(" and ")
                    .last()
                    .and_then(|more| more.strip_suffix(" more"));
                more.map_or(1, |more| more.parse::<usize>().expect("a number") + 1)
            })
            .sum();
        assert_eq!(refused, figures[1] + figures[2] + figures[3], "{file}");
    }
}

#[test]
fn prices_of_the_recorded_list_that_a_person_reads_off() {
    let Some((_, body)) = pages("azure-genai-prices-0.2.0.json") else {
        return;
    };
    let lines = shown(&read_pages(&body));
    for line in [
        "5.4 eastus2 DataZoneStandard: price.output = $16.5 / 1M tokens",
        "5.4 eastus2 GlobalStandard: price.input.over_272000 = $5 / 1M tokens",
        "5.5 eastus2 GlobalBatch: price.input.batch = $2.5 / 1M tokens",
        "5.6 sol eastus2 GlobalStandard: price.input = $5 / 1M tokens",
        "gpt 4.1 eastus2 Standard: price.input = $2.2 / 1M tokens",
        "gpt-realtime-2 eastus2 GlobalStandard: price.cache_read_image = $0.5 / 1M tokens",
        "gpt img 1.5 eastus2 DataZoneStandard: price.output_image = $35.2 / 1M tokens",
        "Provisioned Managed japaneast DataZoneProvisionedManaged: price.provisioned_unit = $1.2 / hour",
    ] {
        assert!(lines.iter().any(|found| found == line), "{line}");
    }
}

#[test]
fn a_recorded_answer_of_the_interface() {
    let Some(folder) = shared::folder("corpus/single/azure-retail-prices-api") else {
        return;
    };
    let body = std::fs::read_to_string(folder.join("gpt5-eastus_2026-08.json")).expect("a body");
    let reading = read_pages(&format!("[{body}]"));
    assert_eq!(
        shown(&reading),
        [
            "5 eastus DataZoneStandard: price.cache_read.priority = $0.275 / 1M tokens",
            "5 eastus DataZoneStandard: price.input.priority = $2.75 / 1M tokens",
            "5 eastus DataZoneStandard: price.output.priority = $22 / 1M tokens",
            "5 eastus GlobalStandard: price.cache_read.priority = $0.25 / 1M tokens",
            "5 eastus GlobalStandard: price.input.priority = $2.5 / 1M tokens",
            "5 eastus GlobalStandard: price.output.priority = $20 / 1M tokens",
            "gpt 4.1 eastus Standard: price.input = $2.2 / 1M tokens",
            "? meterName: expected what a model's use costs, found words that contradict each other at 5 pp Batch inp Gl 1M Tokens",
        ]
    );
}

#[test]
fn a_price_is_true_from_the_day_that_its_row_says() {
    let page = |price: f64, since: &str| {
        let row = json!({ "meterName": "5 inp Gl 1M Tokens", "unitOfMeasure": "1M", "retailPrice": price, "armRegionName": "eastus2",
            "productName": "Azure OpenAI GPT5", "serviceName": "Foundry Models", "effectiveStartDate": since });
        json!({ "Items": [row], "NextPageLink": null }).to_string()
    };
    // at once, and after the change has waited in the store
    for (readings, hours) in [(1, vec![0, 6]), (2, vec![0, 6, 12])] {
        let mut ledger = Ledger::confirming_values("azure.prices", readings);
        for (place, hours) in hours.into_iter().enumerate() {
            let body = if place == 0 {
                page(1.25, "2026-01-01T00:00:00Z")
            } else {
                page(1.5, "2026-05-01T00:00:00Z")
            };
            ledger.take(&of_region("eastus2"), hour(hours), &body);
        }
        let changes = ledger.changes();
        assert_eq!(
            lines(&changes),
            [
                "price_changed 5 GlobalStandard: price.input $1.25 / 1M tokens -> $1.5 / 1M tokens (up)"
            ]
        );
        let since = changes[0].true_from.map(|at| at.to_string());
        assert_eq!(since.as_deref(), Some("2026-05-01T00:00:00Z"));
    }
}
