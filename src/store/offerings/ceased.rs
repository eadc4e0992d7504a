//! What sources say no more of offerings.

use jiff::Timestamp;
use rusqlite::ToSql;

use super::{OfferingFilter, facts_where, subjects};
use crate::market::{Attribute, OfferingFact};
use crate::store::{Questions, Result, millis, time};

/// Of claims `c` those that ended, and that nothing followed.
const ENDED: &str = "c.closed_at >= ?1 AND c.attribute IN (SELECT value FROM json_each(?2))
    AND NOT EXISTS (SELECT 1 FROM claim n WHERE n.subject = c.subject AND n.source = c.source
        AND n.attribute = c.attribute AND (n.closed_at IS NULL OR n.closed_at > c.closed_at))";

/// Questions about what ceased.
pub trait Ceased: Questions {
    /// What each source said last of these attributes and says no more since `since` or later, with the moment when it ceased:
    /// offering by offering.
    fn ceased(
        &self,
        attributes: &[Attribute],
        since: Timestamp,
    ) -> Result<Vec<(OfferingFact, Timestamp)>> {
        let connection = self.ask();
        let subjects = subjects(connection, &OfferingFilter::default())?;
        let words: Vec<String> = attributes.iter().map(ToString::to_string).collect();
        let values: Vec<Box<dyn ToSql>> = vec![
            Box::new(millis(since)),
            Box::new(serde_json::json!(words).to_string()),
        ];
        let mut ceased: Vec<(u32, OfferingFact, Timestamp)> = Vec::new();
        facts_where(
            connection,
            &subjects,
            ENDED,
            &values,
            "c.closed_at",
            |fact, rank, closed| ceased.extend(closed.map(|at| (rank, fact, time(at)))),
        )?;
        ceased.sort_by_key(|(rank, ..)| *rank);
        Ok(ceased.into_iter().map(|(_, fact, at)| (fact, at)).collect())
    }
}

impl<T: Questions> Ceased for T {}
