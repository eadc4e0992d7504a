//! What sources say no more of offerings.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::params;

use super::{Known, OfferingFilter, sources, subjects};
use crate::market::{Attribute, OfferingFact};
use crate::store::{Questions, Result, millis, time};

/// Questions about what ceased.
pub trait Ceased: Questions {
    /// What each source said last of these attributes and says no more since `since` or later, with the moment when it ceased.
    fn ceased(
        &self,
        attributes: &[Attribute],
        since: Timestamp,
    ) -> Result<Vec<(OfferingFact, Timestamp)>> {
        let connection = self.ask();
        let subjects = subjects(connection, &OfferingFilter::default())?;
        let sources = sources(connection)?;
        let words: Vec<String> = attributes.iter().map(ToString::to_string).collect();
        let words = serde_json::json!(words).to_string();
        let mut statement = connection.prepare_cached(
            "SELECT subject, source, attribute, value, opened_at, closed_at FROM claim c
             WHERE closed_at >= ?1 AND attribute IN (SELECT value FROM json_each(?2))
               AND NOT EXISTS (SELECT 1 FROM claim n WHERE n.subject = c.subject AND n.source = c.source
                   AND n.attribute = c.attribute AND (n.closed_at IS NULL OR n.closed_at > c.closed_at))
             ORDER BY id",
        )?;
        let mut rows = statement.query(params![millis(since), words])?;
        let mut known = Known::default();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (subject, source): (i64, i64) = (row.get(0)?, row.get(1)?);
            let (Some((_, subject)), Some(source)) = (subjects.get(&subject), sources.get(&source))
            else {
                continue;
            };
            let (word, stored): (String, String) = (row.get(2)?, row.get(3)?);
            let (attribute, value) = known.value(&word, &stored)?;
            let fact = OfferingFact {
                subject: Arc::clone(subject),
                attribute,
                covers: source.covered.beside(value.as_deref()),
                value,
                source: Arc::clone(&source.id),
                authority: source.authority,
                since: time(row.get(4)?),
                confirmed_at: source.accepted_at,
            };
            found.push((fact, time(row.get(5)?)));
        }
        // facts about one offering stand together
        found.sort_by(|(one, _), (other, _)| one.subject.cmp(&other.subject));
        Ok(found)
    }
}

impl<T: Questions> Ceased for T {}
