//! Small histories for tests, a claim a line.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};

use super::History;
use crate::market::{
    Attribute, Authority, OfferingFact, ProbeId, ProviderKind, Scope, SourceId, Spell, StageSet,
    Subject, Value, day_start,
};

/// An offering with what is said of it.
type Of = (Arc<Subject>, Vec<Spell>);

/// The day of a number: the first is 0.
pub fn day(number: i64) -> Date {
    date(2025, 6, 1).saturating_add(number.days())
}

/// A history from lines such as `3..9 api azure gpt-5-2025-08-07 price.input "2"`: from when until when (open without an end),
/// who says so (`api`, `page` or `registry`), of which offering, and what, as it is stored; without more the offering is listed.
/// The first day of a source at a provider is its baseline.
pub fn history(lines: &[&str]) -> History {
    let mut subjects: BTreeMap<(&str, &str), Of> = BTreeMap::new();
    for line in lines {
        let words: Vec<&str> = line.splitn(6, ' ').collect();
        let (offering, said) = words.split_at(4);
        let (days, source, provider, native_id) =
            (offering[0], offering[1], offering[2], offering[3]);
        let (from, until) = days.split_once("..").expect("days");
        let noon = |number: &str| -> Timestamp {
            let number: i64 = number.parse().expect("a number");
            day_start(day(number)) + 12.hours()
        };
        let attribute: Option<Attribute> = said.first().map(|word| word.parse().expect("one"));
        let value = attribute.as_ref().map(|attribute| {
            let stored = said.get(1).expect("a value");
            Value::from_stored(attribute, stored).expect("a value")
        });
        let (subject, spells) = subjects.entry((provider, native_id)).or_insert_with(|| {
            let subject = Subject::offering(provider, native_id);
            (Arc::new(subject), Vec::new())
        });
        let fact = OfferingFact {
            subject: Arc::clone(subject),
            attribute: attribute.map(Arc::new),
            value: value.map(Arc::new),
            source: Arc::new(SourceId {
                probe: ProbeId::new(format!("{source}.list")),
                scope: Scope::new(""),
            }),
            authority: match source {
                "api" => Authority::ProviderApi,
                "page" => Authority::ProviderPage,
                _ => Authority::Registry,
            },
            covers: StageSet::default(),
            since: noon(from),
            confirmed_at: None,
        };
        let until = (!until.is_empty()).then(|| noon(until));
        spells.push(Spell { fact, until });
    }
    let spells: Vec<Spell> = subjects
        .into_values()
        .flat_map(|(_, spells)| spells)
        .collect();
    let kinds = BTreeMap::from([("openrouter".to_string(), ProviderKind::Gateway)]);
    History::new(&spells, kinds, day_start(day(1_000)))
}
