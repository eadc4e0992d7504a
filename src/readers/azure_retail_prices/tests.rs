//! Pages of rows → prices.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::market::{Content, ProviderId, Settled};
use crate::readers::convert::StageWords;

fn mapping() -> Mapping {
    let words = |pairs: &[(&str, &str)]| {
        let owned = |(key, value): &(&str, &str)| (key.to_string(), value.to_string());
        pairs
            .iter()
            .map(owned)
            .collect::<BTreeMap<String, String>>()
    };
    Mapping {
        services: words(&[
            ("Foundry Models", ""),
            ("Cognitive Services", "Azure OpenAI"),
        ]),
        families: words(&[
            ("Azure Grok", "Grok"),
            ("Azure Deepseek", "DeepSeek"),
            ("MAI", "MAI"),
        ]),
        long_context: BTreeMap::from([("Azure OpenAI".to_string(), 272_000)]),
    }
}

fn row(meter: &str, measure: &str, price: Json) -> Json {
    json!({
        "currencyCode": "USD", "tierMinimumUnits": 0.0, "retailPrice": price, "unitPrice": price, "armRegionName": "eastus2",
        "location": "US East 2", "effectiveStartDate": "2026-03-01T00:00:00Z", "meterId": "1", "meterName": meter,
        "productName": "Azure OpenAI GPT5", "skuName": "x", "serviceName": "Foundry Models", "unitOfMeasure": measure,
        "type": "Consumption", "isPrimaryMeterRegion": true, "armSkuName": "x",
    })
}

fn with(mut row: Json, fields: &[(&str, Json)]) -> Json {
    for (field, value) in fields {
        row[*field] = value.clone();
    }
    row
}

fn read_text(text: &str) -> Result<Reading, Failure> {
    let context = Context {
        provider: &ProviderId::from("azure"),
        region: &Region::from("here"),
        stages: &StageWords::default(),
        item: "",
        complete: true,
        settled: &Settled::new(),
    };
    let body = Body {
        bytes: text.as_bytes(),
        content_type: None,
    };
    read(&mapping(), &body, &context)
}

fn page(rows: &[Json]) -> String {
    json!({ "BillingCurrency": "USD", "Items": rows, "NextPageLink": null, "Count": rows.len() })
        .to_string()
}

fn shown(rows: &[Json]) -> String {
    shown_at("2026-11-20T00:00:00Z", rows)
}

fn shown_at(now: &str, rows: &[Json]) -> String {
    let mut reading = read_text(&page(rows)).expect("a reading");
    reading.as_of(now.parse().expect("a time"));
    let mut lines: Vec<String> = Vec::new();
    for entry in &reading.entries {
        let subject = &entry.subject;
        let Content::Stated { claims, .. } = &entry.content else {
            continue;
        };
        let deployment = subject.deployment.as_deref().unwrap_or("-");
        lines.extend(claims.iter().map(|claim| {
            format!(
                "{} {} {deployment}: {} = {}",
                subject.native_id, subject.region, claim.attribute, claim.value
            )
        }));
    }
    lines.sort();
    lines.extend(reading.unexpected.iter().map(|note| {
        format!(
            "? {}: expected {}, found {}",
            note.place, note.expected, note.found
        )
    }));
    lines.join("\n")
}

#[test]
fn a_price_of_a_later_day_is_announced_until_then() {
    let of = |price: f64, since: &str| {
        let row = row("5 inp Gl 1M Tokens", "1M", json!(price));
        with(row, &[("effectiveStartDate", json!(since))])
    };
    let new = with(
        row("6 inp Gl 1M Tokens", "1M", json!(4)),
        &[("effectiveStartDate", json!("2026-12-01T00:00:00Z"))],
    );
    let rows = [
        of(1.5, "2026-12-01T00:00:00Z"),
        of(1.25, "2026-09-01T00:00:00Z"),
        of(1.0, "2026-01-01T00:00:00Z"),
        new,
    ];
    insta::assert_snapshot!(shown_at("2026-11-30T23:59:59Z", &rows), @"
    5 eastus2 GlobalStandard: price.input = $1.25 / 1M tokens
    5 eastus2 GlobalStandard: price.input.from_2026-12-01 = $1.5 / 1M tokens
    6 eastus2 GlobalStandard: price.input.from_2026-12-01 = $4 / 1M tokens
    ");
    insta::assert_snapshot!(shown_at("2026-12-01T00:00:00Z", &rows), @"
    5 eastus2 GlobalStandard: price.input = $1.5 / 1M tokens
    6 eastus2 GlobalStandard: price.input = $4 / 1M tokens
    ");
}

#[test]
fn rows_are_prices_in_one_unit() {
    insta::assert_snapshot!(shown(&[
        row("gpt 4.1 Inp regnl Tokens", "1K", json!(0.0022)),
        row("5.6 sol ShortCo Inp Std Gl 1M Tokens", "1M", json!(4.0)),
        row("5.6 sol LongCo Inp Std Gl 1M Tokens", "1M", json!(8.0)),
        row("5.6 sol ShortCo Cd Inp PP Gl 1M Tokens", "1M", json!(0.8)),
        with(row("4.3 Inp DZ L Tokens", "1K", json!(0.006)), &[("productName", json!("Azure Grok Models"))]),
        with(row("MAI-DS-R1 Inp glbl Tokens", "1K", json!(0.00135)), &[("productName", json!("Azure Deepseek Models"))]),
        with(row("gpt-4o-0806-Inp-glbl Tokens", "1K", json!(2.5e-3)),
             &[("serviceName", json!("Cognitive Services")), ("productName", json!("Azure OpenAI"))]),
        with(row("5 pp opt Gl 1M Tokens", "1M", json!(20)), &[("armRegionName", json!(""))]),
        with(row("5 pp inp Gl 1M Tokens", "1M", json!(2.5)), &[("armRegionName", json!("Global"))]),
        with(row("5 pp inp Dz 1M Tokens", "1M", json!(2.5)), &[("currencyCode", json!("EUR"))]),
        row("Sora 2 glbl Second", "1", json!(0.1)),
        row("Provisioned Managed Global Unit", "1/Hour", json!(1)),
    ]), @"
    5 * GlobalStandard: price.input.priority = $2.5 / 1M tokens
    5 * GlobalStandard: price.output.priority = $20 / 1M tokens
    5 eastus2 DataZoneStandard: price.input.priority = 2.5 EUR / 1M tokens
    5.6 sol eastus2 GlobalStandard: price.cache_read.priority = $0.8 / 1M tokens
    5.6 sol eastus2 GlobalStandard: price.input = $4 / 1M tokens
    5.6 sol eastus2 GlobalStandard: price.input.over_272000 = $8 / 1M tokens
    Grok 4.3 eastus2 DataZoneStandard: price.input_long_context = $6 / 1M tokens
    MAI-DS-R1 eastus2 GlobalStandard: price.input = $1.35 / 1M tokens
    Provisioned Managed eastus2 GlobalProvisionedManaged: price.provisioned_unit = $1 / hour
    Sora 2 eastus2 GlobalStandard: price.output_per_second = $0.1 / second
    gpt 4.1 eastus2 Standard: price.input = $2.2 / 1M tokens
    gpt-4o-0806 eastus2 GlobalStandard: price.input = $2.5 / 1M tokens
    ");
}

#[test]
fn recordings_that_lack_fields_are_read() {
    let bare = json!({ "meterName": "5 inp Gl 1M Tokens", "unitOfMeasure": "1M", "retailPrice": 1.25,
        "productName": "Azure OpenAI GPT5", "serviceName": "Foundry Models" });
    assert_eq!(
        shown(&[bare]),
        "5 here GlobalStandard: price.input = $1.25 / 1M tokens"
    );
}

#[test]
fn what_is_no_list_price_of_a_models_use_is_left_out() {
    let other = |field: &'static str, value: &str| {
        with(
            row("5 inp Gl 1M Tokens", "1M", json!(9.0)),
            &[(field, json!(value))],
        )
    };
    assert_eq!(
        shown(&[
            other("type", "Reservation"),
            other("type", "DevTestConsumption"),
            other("serviceName", "Foundry Tools"),
            with(
                other("serviceName", "Cognitive Services"),
                &[("productName", json!("Speech"))]
            ),
        ]),
        ""
    );
}

#[test]
fn what_is_not_understood_is_counted_and_noted_once() {
    insta::assert_snapshot!(shown(&[
        row("gpt-4.1-ft input global Tokens", "1K", json!(1)),
        row("gpt-4.1-ft output global Tokens", "1K", json!(1)),
        row("gpt-4.1-ft hosting global Unit", "1 Hour", json!(1.7)),
        row("babbage-002-base-glbl Tokens", "1K", json!(1)),
        row("5 inp Gl 1M Tokens", "1M", json!("1.25")),
        row("5 inp Gl 1M Tokens", "1M", json!(-1)),
        with(row("5 inp Gl 1M Tokens", "1M", json!(1)), &[("currencyCode", json!("dollars"))]),
        with(row("5 inp Gl 1M Tokens", "1M", json!(1)), &[("tierMinimumUnits", json!(1000.0))]),
        json!({ "meterName": 7 }),
        json!("row"),
    ]), @r#"
    ? Items: expected the fields of a price, found invalid type: integer `7`, expected a string at line 1 column 14
    ? Items: expected the fields of a price, found invalid type: string "row", expected an object at line 1 column 5
    ? currencyCode: expected a currency's three letters, found dollars at 5 inp Gl 1M Tokens
    ? meterName: expected what a model's use costs, found a meter of tuned models at gpt-4.1-ft hosting global Unit and 2 more
    ? meterName: expected what a model's use costs, found neither input nor output at babbage-002-base-glbl Tokens
    ? retailPrice: expected a price, found "1.25" at 5 inp Gl 1M Tokens
    ? retailPrice: expected a price, found -1 at 5 inp Gl 1M Tokens
    ? tierMinimumUnits: expected a price from the first unit on, found a later one at 5 inp Gl 1M Tokens
    "#);
}

#[test]
fn a_price_that_cannot_be_read_is_no_absence_of_it() {
    let unread = row("5 inp Gl 1M Tokens", "1M", json!("1.25"));
    let reading = read_text(&page(&[unread])).expect("a reading");
    let unclear: Vec<String> = reading
        .unclear
        .iter()
        .map(|(_, attribute)| attribute.to_string())
        .collect();
    assert_eq!(unclear, ["price.input"]);
}

#[test]
fn of_two_rows_of_one_price_the_later_holds() {
    let at = |date: &str, price: f64| {
        with(
            row("5 inp Gl 1M Tokens", "1M", json!(price)),
            &[("effectiveStartDate", json!(date))],
        )
    };
    let rows = [
        at("2026-06-01T00:00:00Z", 1.1),
        at("2026-08-01T00:00:00Z", 1.2),
    ];
    let turned = [rows[1].clone(), rows[0].clone()];
    assert_eq!(
        shown(&rows),
        "5 eastus2 GlobalStandard: price.input = $1.2 / 1M tokens"
    );
    assert_eq!(shown(&turned), shown(&rows));
}

#[test]
fn bodies_of_another_shape_are_unreadable() {
    for (text, expected) in [
        (
            r#"{"Error":{"Code":"BadRequest","Message":"Invalid OData parameters supplied"}}"#,
            "expected an object with a list of Items, found an object with Error",
        ),
        (
            r#"{"Items":null}"#,
            "expected an object with a list of Items, found an object with Items",
        ),
        (
            "[]",
            "expected an object with a list of Items, found a list of 0",
        ),
        (
            "<html>",
            "expected JSON, found expected value at line 1 column 1, in a body that begins '<html>'",
        ),
    ] {
        let failure = read_text(text).expect_err("no prices");
        assert_eq!(failure.to_string(), expected);
    }
    assert_eq!(
        read_text(&page(&[])).map(|reading| reading.entries.len()),
        Ok(0)
    );
}

fn any_row() -> impl Strategy<Value = Json> {
    let meter = prop::sample::select(vec![
        "5 inp Gl 1M Tokens",
        "5 opt Gl 1M Tokens",
        "5 Batch inp Dz 1M Tokens",
        "5 LongCo inp Gl 1M Tokens",
        "4.1 ft inp Dz Tokens",
        "beans",
    ]);
    let date = prop::sample::select(vec!["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "soon"]);
    (meter, date, 0u32..3).prop_map(|(meter, date, price)| {
        with(
            row(meter, "1M", json!(price)),
            &[("effectiveStartDate", json!(date))],
        )
    })
}

proptest! {
    #[test]
    fn any_order_of_rows_is_one_reading(rows in prop::collection::vec(any_row(), 0..12), by in 0usize..12) {
        let mut turned = rows.clone();
        turned.reverse();
        turned.rotate_left(by % rows.len().max(1));
        prop_assert_eq!(shown(&rows), shown(&turned));
    }

    #[test]
    fn mutated_bodies_and_names_are_read_without_panic(cut in 0usize..1_000, text in "\\PC{0,12}", name in "[ \\-A-Za-z0-9.é]{0,40}") {
        let body = page(&[row(&name, "1K", json!(1)), row("5 inp Gl 1M Tokens", "1M", json!(1.25))]);
        let place = body.floor_char_boundary(cut % body.len());
        let _ = read_text(&format!("{}{text}{}", &body[..place], &body[place..]));
        let _ = read_text(&body);
        let _ = meter::parse(&format!("{name} Tokens"), &text);
    }
}
