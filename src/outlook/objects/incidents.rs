//! An incident, with the keys that programs read.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::outlook::incidents::{EndBy, Row, Whose};
use crate::store::EndedBy;

impl Row {
    /// With the keys that programs read.
    pub fn object(&self) -> Map<String, Json> {
        let mut fields = Map::new();
        let mut tell = |name: &str, value: Json| fields.insert(name.to_string(), value);
        let time = |at: Option<Timestamp>| json!(at.map(|at| at.to_string()));
        let own = self.own.as_ref();
        let stated = self.stated.as_ref();
        let text = |text: Option<&String>| json!(text.filter(|text| !text.is_empty()));
        let millis = |micros: Option<i64>| json!(micros.map(|micros| micros as f64 / 1_000.0));
        tell("provider", json!(self.provider()));
        tell("began", json!(self.begin().to_string()));
        tell("open", json!(self.goes_on()));
        let end = self.end_by();
        tell("ended", time(end.map(|(end, _)| end)));
        tell("ended_by", json!(end.map(|(_, by)| by.word())));
        tell("first", json!(self.first().map(Whose::word)));
        tell("lead_s", json!(self.lead));
        tell("kind", json!(own.map(|own| own.kind.word())));
        tell("vantage", text(own.map(|own| &own.vantage)));
        tell("region", text(own.map(|own| &own.region)));
        tell("probe", text(own.map(|own| &own.probe)));
        tell("host", text(own.map(|own| &own.host)));
        tell("model", text(own.map(|own| &own.model)));
        tell("own_began", time(own.map(|own| own.begin)));
        tell("own_seen", time(own.map(|own| own.seen)));
        tell("own_ended", time(own.and_then(|own| own.ended)));
        tell(
            "own_ended_by",
            json!(own.and_then(|own| own.ended_by).map(EndedBy::word)),
        );
        tell("n", json!(own.map(|own| own.n)));
        tell("of", json!(own.map(|own| own.of)));
        tell("before_ms", millis(own.and_then(|own| own.before)));
        tell("during_ms", millis(own.and_then(|own| own.during)));
        tell("samples", json!(own.and_then(|own| own.samples)));
        tell("page_id", text(stated.map(|stated| &stated.id)));
        tell("page_name", text(stated.map(|stated| &stated.name)));
        tell(
            "page_impact",
            text(stated.and_then(|stated| stated.impact.as_ref())),
        );
        tell("page_places", json!(stated.map(|stated| &stated.places)));
        tell("page_began", time(stated.and_then(|stated| stated.begin)));
        tell("page_seen", time(stated.map(|stated| stated.seen)));
        let over = stated.and_then(EndBy::of_page);
        tell("page_ended", time(over.map(|(over, _)| over)));
        tell("page_ended_by", json!(over.map(|(_, by)| by.word())));
        tell(
            "page_link",
            text(stated.and_then(|stated| stated.link.as_ref())),
        );
        let said_by = [own.map(|_| "ours"), stated.map(|_| "page")];
        tell(
            "said_by",
            json!(Vec::from_iter(said_by.into_iter().flatten())),
        );
        fields
    }
}
