//! Changes a part at a time: what is recorded meanwhile moves nothing that was told.

use jiff::Timestamp;
use rusqlite::ToSql;

use super::changes::{Changes, recorded};
use super::{ChangeFilter, Error, Result, millis};
use crate::market::RecordedChange;

/// Where a part of a list of changes ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePlace {
    /// When the last change of it was recorded.
    pub at: Timestamp,
    /// Which one that is.
    pub id: String,
}

impl ChangePlace {
    /// Of a change.
    pub fn of(recorded: &RecordedChange) -> Self {
        Self {
            at: recorded.change.confirmed_at,
            id: recorded.change.id.0.clone(),
        }
    }
}

/// Questions about parts of a list of changes.
pub trait ChangeParts: Changes {
    /// At most so many changes that follow a place, the newest first or the oldest. Where the place's own change is gone, those
    /// that were recorded in the same moment follow it, too.
    fn changes_after(
        &self,
        filter: &ChangeFilter,
        after: Option<&ChangePlace>,
        newest_first: bool,
        most: usize,
    ) -> Result<Vec<RecordedChange>> {
        let (sql, mut values) = self.changes_asked(filter)?;
        let order = " ORDER BY r.confirmed_at, r.ordinal";
        let Some(sql) = sql.strip_suffix(order) else {
            return Err(Error::Damaged("the question for changes".to_string()));
        };
        let mut sql = sql.to_string();
        let (follows, order) = match newest_first {
            true => ("<", " ORDER BY r.confirmed_at DESC, r.ordinal DESC"),
            false => (">", order),
        };
        if let Some(place) = after {
            values.push(Box::new(millis(place.at)));
            let at = values.len();
            values.push(Box::new(place.id.clone()));
            let id = values.len();
            sql.push_str(&format!(
                " AND r.confirmed_at {follows}= ?{at} AND (r.confirmed_at {follows} ?{at} OR coalesce(r.ordinal {follows}
                    (SELECT ordinal FROM change_record WHERE id = ?{id}), 1))"
            ));
        }
        values.push(Box::new(i64::try_from(most).unwrap_or(i64::MAX)));
        sql.push_str(&format!("{order} LIMIT ?{}", values.len()));
        let mut statement = self.ask().prepare_cached(&sql)?;
        let values: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
        let rows = statement.query_map(values.as_slice(), recorded)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl<T: Changes> ChangeParts for T {}
