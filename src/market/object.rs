//! A change as programs read it.

use serde_json::{Map, Value as Json, json};

use super::{Attribute, RecordedChange, Value};

impl RecordedChange {
    /// The change with the keys of the contract, of `changes --format jsonl` and of webhooks; null where unknown.
    pub fn object(&self) -> Map<String, Json> {
        let change = &self.change;
        let identity = change.subject.identity();
        let (model, version) = identity.map_or((None, None), |found| (found.model, found.version));
        let value = |value: &Option<Value>| value.as_ref().map_or(Json::Null, Value::to_json);
        let fields = [
            ("id", json!(change.id.0)),
            ("seen_at", json!(change.seen_at.to_string())),
            ("confirmed_at", json!(change.confirmed_at.to_string())),
            (
                "true_from",
                json!(change.true_from.map(|at| at.to_string())),
            ),
            ("provider", json!(change.subject.provider.as_str())),
            ("native_id", json!(change.subject.native_id.as_str())),
            ("model", json!(model)),
            ("version", json!(version)),
            ("region", json!(change.subject.region.as_str())),
            ("deployment", json!(change.subject.deployment)),
            ("kind", json!(change.kind.word())),
            (
                "attribute",
                json!(change.attribute.as_ref().map(Attribute::to_string)),
            ),
            ("old", value(&change.old)),
            ("new", value(&change.new)),
            (
                "direction",
                json!(change.direction.map(|direction| direction.word())),
            ),
            ("severity", json!(change.severity.word())),
            ("source", json!(change.source.to_string())),
            ("authority", json!(self.authority.word())),
            ("confirmed_by", json!(self.confirmed_by)),
            ("imported", json!(self.imported)),
            ("documented", json!(change.documented)),
            ("group", json!(self.group)),
            ("url", json!(self.url)),
        ];
        fields
            .into_iter()
            .map(|(key, value)| (key.to_string(), value))
            .collect()
    }
}
