//! Declared probes and endpoints, with the keys that programs read.

use serde_json::{Map, Value as Json, json};

use crate::config::{Endpoint, Probe, Ways};
use crate::schedule::duration_to_text;

/// A probe, and whether it is asked.
pub fn probe(probe: &Probe, is_asked: bool) -> Map<String, Json> {
    let rights: Vec<&str> = probe.needs.iter().map(|need| need.right.as_str()).collect();
    let fields = [
        ("id", json!(probe.id.as_str())),
        ("on", json!(is_asked)),
        ("title", json!(probe.title)),
        ("provider", json!(probe.provider.as_str())),
        ("provider_kind", json!(probe.provider_kind.word())),
        ("authority", json!(probe.authority.word())),
        ("credential", json!(probe.credential)),
        ("needs", json!(rights)),
        ("role", json!(probe.role)),
        ("unset", json!(probe.unset)),
        ("schedule", json!(probe.schedule.to_string())),
        ("reader", json!(probe.reader.word())),
        ("url", json!(probe.request.url)),
        (
            "scopes",
            json!(
                probe
                    .scopes
                    .iter()
                    .map(|s| s.scope.as_str())
                    .collect::<Vec<_>>()
            ),
        ),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}

/// An endpoint, and whether it is checked.
pub fn endpoint(endpoint: &Endpoint, is_checked: bool) -> Map<String, Json> {
    let scopes: Vec<&str> = endpoint.scopes.iter().map(|s| s.scope.as_str()).collect();
    let fields = [
        ("id", json!(endpoint.id.as_str())),
        ("on", json!(is_checked)),
        ("title", json!(endpoint.title)),
        ("provider", json!(endpoint.provider.as_str())),
        ("kind", json!("endpoint")),
        ("connection", json!(connection(endpoint))),
        ("http", json!(endpoint.version.word())),
        ("ip", json!(endpoint.family.word())),
        ("reference", json!(endpoint.is_reference)),
        ("unset", json!(endpoint.unset)),
        (
            "schedule",
            json!(format!("every {}", duration_to_text(endpoint.every))),
        ),
        ("url", json!(endpoint.url)),
        ("scopes", json!(scopes)),
    ];
    fields
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}

/// Over which connections it is checked.
pub fn connection(endpoint: &Endpoint) -> &'static str {
    match endpoint.ways {
        Ways::Both => "both",
        Ways::Fresh => "fresh",
        Ways::Warm => "warm",
    }
}
