//! Models × providers, with the keys that programs read.

use serde_json::{Map, Value as Json, json};

use crate::landscape::{Cell, Row};
use crate::market::{Price, Value};

/// One object for each model and provider, with the keys that programs read.
pub fn all<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Vec<Map<String, Json>> {
    let rows = rows.into_iter();
    rows.flat_map(|row| {
        let cells = row.cells.iter();
        cells.map(|(provider, cell)| object(&row.model, provider, cell))
    })
    .collect()
}

fn object(model: &str, provider: &str, cell: &Cell) -> Map<String, Json> {
    let price = |price: &Option<Price>| price.clone().map(|price| Value::Price(price).to_json());
    let reach: Vec<&str> = cell.reach.iter().map(|reach| reach.word()).collect();
    let fields = [
        ("model", json!(model)),
        ("provider", json!(provider)),
        ("stage", json!(cell.stage.word())),
        ("offerings", json!(cell.offerings)),
        ("regions", json!(cell.regions)),
        ("reach", json!(reach)),
        (
            "retires",
            json!(cell.retires.map(|day| Value::Date(day).to_json())),
        ),
        ("input", json!(price(&cell.input))),
        ("output", json!(price(&cell.output))),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}
