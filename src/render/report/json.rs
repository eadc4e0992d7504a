//! The report for programs.

use serde_json::{Map, Value as Json, json};

use super::{Report, sections};
use crate::latency::{Figures, Quantiles};

/// Everything that the report lists, unbounded; times in UTC, durations in milliseconds.
pub fn json(report: &Report) -> Json {
    let sections: Map<String, Json> = report
        .sections()
        .into_iter()
        .map(|section| {
            let items: Vec<Json> = section.items.into_iter().map(item).collect();
            (section.key.to_string(), Json::Array(items))
        })
        .collect();
    let method = sections::method(report);
    json!({
        "title": report.title(),
        "from": report.from.to_string(),
        "to": report.to.to_string(),
        "timezone": report.zone.iana_name(),
        "made_at": report.made_at.to_string(),
        "summary": report.summary(),
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

fn item(item: sections::Item) -> Json {
    json!({
        "severity": item.severity.word(),
        "seen_at": item.seen_at.to_string(),
        "said": item.said,
        "source": item.source,
        "url": item.url,
        "changes": item.ids,
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
