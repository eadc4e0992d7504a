//! Changes by their cause, a page at a time.

use std::collections::BTreeSet;

use rusqlite::ToSql;

use super::narrowed::{ChangeFilter, narrowed};
use super::{COLUMNS, TABLES, recorded};
use crate::market::RecordedChange;
use crate::store::claims::subjects_known;
use crate::store::{Questions, Result};

/// Where a group stands among others: changes that join it later do not move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupPlace {
    /// When its first change was recorded, in milliseconds since 1970.
    pub at: i64,
    /// Which one that was.
    pub ordinal: i64,
}

/// Questions about changes of one cause.
pub trait Groups: Questions {
    /// The groups of changes that are asked for, at most so many: the latest first, those alone that stand before a place.
    fn groups_before(
        &self,
        filter: &ChangeFilter,
        before: Option<GroupPlace>,
        most: u32,
    ) -> Result<Vec<(GroupPlace, String)>> {
        let (conditions, mut values) = narrowed(self.ask(), filter)?;
        let n = values.len();
        let (at, ordinal) = before.map_or((i64::MAX, i64::MAX), |place| (place.at, place.ordinal));
        let sql = format!(
            "SELECT min(r.confirmed_at), min(r.ordinal), r.group_id FROM {TABLES} WHERE 1{conditions} GROUP BY r.group_id
             HAVING (min(r.confirmed_at), min(r.ordinal)) < (?{}, ?{})
             ORDER BY min(r.confirmed_at) DESC, min(r.ordinal) DESC LIMIT ?{}",
            n + 1,
            n + 2,
            n + 3
        );
        values.push(Box::new(at));
        values.push(Box::new(ordinal));
        values.push(Box::new(most));
        let mut statement = self.ask().prepare_cached(&sql)?;
        let values: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
        let rows = statement.query_map(values.as_slice(), |row| {
            let (at, ordinal) = (row.get(0)?, row.get(1)?);
            Ok((GroupPlace { at, ordinal }, row.get(2)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The news that was recorded after another change, at most so many of the newest, in the order in which they were recorded.
    /// What is never told is none of them.
    fn news_after(&self, ordinal: i64, most: u32) -> Result<Vec<RecordedChange>> {
        let mut statement = self.ask().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE r.ordinal > ?1 AND r.standing = 'news' AND NOT r.documented
               AND NOT r.flapping AND NOT r.imported ORDER BY r.ordinal DESC LIMIT ?2"
        ))?;
        let rows = statement.query_map(rusqlite::params![ordinal, most], recorded)?;
        let mut news: Vec<RecordedChange> = rows.collect::<rusqlite::Result<_>>()?;
        news.reverse();
        Ok(news)
    }

    /// Every provider of which anything was ever said.
    fn providers_told_of(&self) -> Result<BTreeSet<String>> {
        let mut statement = self
            .ask()
            .prepare_cached("SELECT DISTINCT provider FROM subject")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Every lab of which a model was ever told.
    fn labs_told_of(&self) -> Result<BTreeSet<String>> {
        let mut labs = BTreeSet::new();
        subjects_known(self.ask(), |_, identity| {
            let model = identity.and_then(|identity| identity.model.as_deref());
            let lab = model.and_then(|model| model.split('/').next());
            if let Some(lab) = lab.filter(|lab| !labs.contains(*lab)) {
                labs.insert(lab.to_string());
            }
            false
        })?;
        Ok(labs)
    }
}

impl<T: Questions> Groups for T {}
