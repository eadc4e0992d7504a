//! Changes and facts as programs read them.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::table::{Cell, Column, ColumnKind, Tabular};
use super::{Attribute, Identity, OfferingFact, Reach, RecordedChange};

impl RecordedChange {
    /// The change with the keys of the contract, of `changes --format jsonl` and of webhooks; null where unknown.
    pub fn object(&self) -> Map<String, Json> {
        Tabular::object(self)
    }
}

impl Tabular for RecordedChange {
    const COLUMNS: &'static [Column] = &[
        Column::new("id", ColumnKind::Text),
        Column::new("seen_at", ColumnKind::Time),
        Column::new("confirmed_at", ColumnKind::Time),
        Column::new("true_from", ColumnKind::Time),
        Column::new("provider", ColumnKind::Text),
        Column::new("native_id", ColumnKind::Text),
        Column::new("model", ColumnKind::Text),
        Column::new("version", ColumnKind::Text),
        Column::new("region", ColumnKind::Text),
        Column::new("deployment", ColumnKind::Text),
        Column::new("kind", ColumnKind::Text),
        Column::new("attribute", ColumnKind::Text),
        Column::new("old", ColumnKind::Value),
        Column::new("new", ColumnKind::Value),
        Column::new("direction", ColumnKind::Text),
        Column::new("severity", ColumnKind::Text),
        Column::new("source", ColumnKind::Text),
        Column::new("authority", ColumnKind::Text),
        Column::new("confirmed_by", ColumnKind::Texts),
        Column::new("imported", ColumnKind::Flag),
        Column::new("documented", ColumnKind::Flag),
        Column::new("group", ColumnKind::Text),
        Column::new("url", ColumnKind::Text),
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let change = &self.change;
        let subject = &change.subject;
        let identity = subject.identity();
        let (model, version) = identity.map_or((None, None), |found| (found.model, found.version));
        let word = |word: &'static str| Cell::Text(Cow::Borrowed(word));
        vec![
            Cell::text(Some(change.id.0.as_str())),
            Cell::Time(change.seen_at),
            Cell::Time(change.confirmed_at),
            change.true_from.map_or(Cell::Missing, Cell::Time),
            Cell::text(Some(subject.provider.as_str())),
            Cell::text(Some(subject.native_id.as_str())),
            Cell::text(model),
            Cell::text(version),
            Cell::text(Some(subject.region.as_str())),
            Cell::text(subject.deployment.as_deref()),
            word(change.kind.word()),
            Cell::text(change.attribute.as_ref().map(Attribute::to_string)),
            Cell::value(change.old.as_ref()),
            Cell::value(change.new.as_ref()),
            Cell::text(change.direction.map(|direction| direction.word())),
            word(change.severity.word()),
            Cell::text(Some(change.source.to_string())),
            word(self.authority.word()),
            Cell::Texts(&self.confirmed_by),
            Cell::Flag(self.imported),
            Cell::Flag(change.documented),
            Cell::text(Some(self.group.as_str())),
            Cell::text(Some(self.url.as_str())),
        ]
    }
}

/// A fact as a row, with what its table says besides.
#[derive(Debug, Clone, Copy)]
pub struct FactRow<'a> {
    /// The fact.
    pub fact: &'a OfferingFact,
    /// What the native id of its offering denotes, which is found once for all facts of the offering.
    pub identity: Option<&'a Identity>,
    /// The moment that its age is told of.
    pub at: Timestamp,
}

impl Tabular for FactRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::new("provider", ColumnKind::Text),
        Column::new("native_id", ColumnKind::Text),
        Column::new("model", ColumnKind::Text),
        Column::new("version", ColumnKind::Text),
        Column::new("region", ColumnKind::Text),
        Column::new("deployment", ColumnKind::Text),
        Column::new("reach", ColumnKind::Text),
        Column::new("attribute", ColumnKind::Text),
        Column::new("value", ColumnKind::Value),
        Column::new("source", ColumnKind::Text),
        Column::new("authority", ColumnKind::Text),
        Column::new("since", ColumnKind::Time),
        Column::new("age_seconds", ColumnKind::Count),
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let fact = self.fact;
        let subject = &fact.subject;
        let attribute = fact.attribute.as_deref().map(Attribute::to_string);
        // an offering without an attribute is listed
        let value = fact.value.as_deref().map_or(Cell::Flag(true), Cell::Value);
        let age = self.at.duration_since(fact.since).as_secs().max(0);
        let model = self.identity.and_then(|found| found.model.as_deref());
        let version = self.identity.and_then(|found| found.version.as_deref());
        vec![
            Cell::text(Some(subject.provider.as_str())),
            Cell::text(Some(subject.native_id.as_str())),
            Cell::text(model),
            Cell::text(version),
            Cell::text(Some(subject.region.as_str())),
            Cell::text(subject.deployment.as_deref()),
            Cell::text(subject.reach().map(Reach::word)),
            Cell::text(Some(attribute.unwrap_or_else(|| "listed".to_string()))),
            value,
            Cell::text(Some(fact.source.to_string())),
            Cell::text(Some(fact.authority.word())),
            Cell::Time(fact.since),
            Cell::Count(age),
        ]
    }
}
