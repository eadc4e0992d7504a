//! How far the store has come: what was made of an older state need not be made again while it is the same.

use std::collections::BTreeSet;

use super::{Questions, Result};

/// How far the store has come. Equal versions have the same claims and changes: a claim ends where another one begins, or with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Version {
    /// The newest claim.
    pub claims: i64,
    /// The newest change.
    pub changes: i64,
    /// The newest archived report.
    pub reports: i64,
}

impl Version {
    /// Whether the store can have come from another version to this one: not after its history was read anew.
    pub fn follows(&self, other: &Self) -> bool {
        self.claims >= other.claims
            && self.changes >= other.changes
            && self.reports >= other.reports
    }
}

/// Questions about how far the store has come.
pub trait Versions: Questions {
    /// How far it has come. A few microseconds.
    fn version(&self) -> Result<Version> {
        let version = self
            .ask()
            .prepare_cached(
                "SELECT (SELECT coalesce(max(id), 0) FROM claim), (SELECT coalesce(max(ordinal), 0) FROM change_record),
                        (SELECT coalesce(max(rowid), 0) FROM report)",
            )?
            .query_row([], |row| {
                Ok(Version {
                    claims: row.get(0)?,
                    changes: row.get(1)?,
                    reports: row.get(2)?,
                })
            })?;
        Ok(version)
    }

    /// The providers of whose offerings something was said since a version that came before.
    fn spoken_of_since(&self, version: Version) -> Result<BTreeSet<String>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT DISTINCT provider FROM subject WHERE kind = 'offering' AND id IN
                (SELECT subject FROM claim WHERE id > ?1 UNION SELECT subject FROM change_record WHERE ordinal > ?2)",
        )?;
        let rows = statement.query_map([version.claims, version.changes], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl<Q: Questions> Versions for Q {}
