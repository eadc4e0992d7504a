//! The report for programs.

use serde_json::{Map, Value as Json, json};

use super::Report;
use super::block::{Block, Cell, Column, Document, Figure, Item, Line, Section};
use super::sections::knowing;
use crate::latency::{Figures, Quantiles};

/// Everything that the report lists, unbounded; times in UTC, durations in milliseconds. `sections` holds by the key of each
/// section its `position`, and what it has of `items`, `tables`, `figures` (both by their keys) and `lines`.
pub fn json(report: &Report, document: &Document) -> Json {
    let sections: Map<String, Json> = document
        .sections
        .iter()
        .enumerate()
        .map(|(position, one)| (one.key.to_string(), section(position, one)))
        .collect();
    let method = knowing::method(report);
    json!({
        "title": document.title,
        "from": report.from.to_string(),
        "to": report.to.to_string(),
        "timezone": report.zone.iana_name(),
        "made_at": report.made_at.to_string(),
        "summary": document.summary,
        "key_figures": document.keys.iter().map(|key| json!({
            "key": key.key,
            "value": key.value.value,
            "label": key.label,
            "section": key.section,
        })).collect::<Vec<_>>(),
        "sections": sections,
        "latency": report.latency.iter().map(|summary| json!({
            "group": summary.group,
            "n": summary.n,
            "failed": summary.failed,
            "first_at": summary.first_at.to_string(),
            "last_at": summary.last_at.to_string(),
            "total": figures(&summary.total),
            "first_byte": figures(&summary.first_byte),
            "dns": figures(&summary.dns),
            "connect": figures(&summary.connect),
            "tls": figures(&summary.tls),
            "body": figures(&summary.body),
        })).collect::<Vec<_>>(),
        "sources": report.sources.iter().map(|source| json!({
            "source": source.name,
            "title": source.title,
            "state": source.state,
            "last_good": source.last_good.map(|at| at.to_string()),
            "failures": source.failures,
            "readings": source.readings,
        })).collect::<Vec<_>>(),
        "method": {
            "readings": method.readings,
            "corroborations": method.corroborations,
            "outranked": method.outranked,
            "documented": method.documented,
            "flapping": method.flapping,
            "imported": method.imported,
        },
    })
}

fn section(position: usize, section: &Section) -> Json {
    let (mut items, mut lines) = (Vec::new(), Vec::new());
    let (mut tables, mut figures) = (Map::new(), Map::new());
    for block in &section.blocks {
        match block {
            Block::Items(block) => items.extend(block.items.iter().map(item)),
            Block::Lines(block) => lines.extend(block.lines.iter().map(line)),
            Block::Table(table) => {
                let rows = table.rows.iter().map(|cells| row(&table.columns, cells));
                tables.insert(table.key.to_string(), rows.collect());
            }
            Block::Figure(figure) => {
                figures.insert(figure.key.to_string(), drawn(figure));
            }
        }
    }
    let mut object = Map::new();
    object.insert("title".to_string(), section.title.into());
    object.insert("position".to_string(), position.into());
    for (key, is_empty, value) in [
        ("items", items.is_empty(), Json::Array(items)),
        ("tables", tables.is_empty(), Json::Object(tables)),
        ("figures", figures.is_empty(), Json::Object(figures)),
        ("lines", lines.is_empty(), Json::Array(lines)),
    ] {
        if !is_empty {
            object.insert(key.to_string(), value);
        }
    }
    Json::Object(object)
}

fn item(item: &Item) -> Json {
    json!({
        "severity": item.severity.word(),
        "seen_at": item.seen_at.to_string(),
        "said": item.said,
        "source": item.source,
        "watches": item.watches,
        "url": item.url,
        "changes": item.ids,
    })
}

fn line(line: &Line) -> Json {
    json!({ "text": line.text, "url": line.link })
}

fn row(columns: &[Column], cells: &[Cell]) -> Json {
    let mut row = Map::new();
    for (column, cell) in columns.iter().zip(cells) {
        let value = cell.value.clone();
        row.insert(
            column.key.clone(),
            value.unwrap_or(cell.text.as_str().into()),
        );
        if !cell.detail.is_empty() {
            row.insert(
                format!("{}_detail", column.key),
                cell.detail.as_str().into(),
            );
        }
        if let Some(link) = &cell.link {
            row.insert(format!("{}_url", column.key), link.as_str().into());
        }
    }
    Json::Object(row)
}

fn drawn(block: &Figure) -> Json {
    json!({
        "says": block.in_words(),
        "caption": block.caption,
        "data": block.data,
    })
}

fn figures(figures: &Figures) -> Json {
    let of = |quantile: fn(&Quantiles) -> jiff::SignedDuration| {
        figures
            .quantiles
            .as_ref()
            .map(|quantiles| quantile(quantiles).as_micros() as f64 / 1000.0)
    };
    json!({
        "n": figures.n,
        "missing": figures.missing,
        "p50_ms": of(|quantiles| quantiles.p50),
        "p95_ms": of(|quantiles| quantiles.p95),
        "p99_ms": of(|quantiles| quantiles.p99),
    })
}
