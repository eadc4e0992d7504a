//! What is found, with the keys that programs read: the commands print them, and the API answers with them.

pub mod availability;
pub mod compared;
pub mod costs;
mod incidents;
pub mod landscape;
pub mod probes;
pub mod speeds;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::market::{FactRow, OfferingFact, Tabular as _};

/// Every fact; what an offering's id denotes is found once for all of its facts.
pub fn facts(facts: &[OfferingFact], at: Timestamp) -> Vec<Map<String, Json>> {
    let mut all = Vec::with_capacity(facts.len());
    for of_one in facts.chunk_by(|one, next| one.subject == next.subject) {
        let identity = of_one.first().and_then(|fact| fact.subject.identity());
        let identity = identity.as_ref();
        let rows = of_one.iter().map(|fact| FactRow { fact, identity, at });
        all.extend(rows.map(|row| row.object()));
    }
    all
}
