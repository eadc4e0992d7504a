//! What somebody has said that they know of.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::{Questions, Result, Transaction, millis, time};
use crate::market::Acknowledgement;

/// A message that was raised, by what it can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The alert.
    pub alert: String,
    /// `changes`, `reminder` …
    pub kind: String,
    /// What its message has in common with those that it answers.
    pub thread: String,
}

/// Questions about what is acknowledged.
pub trait Acknowledged: Questions {
    /// Who knows of a thread, since when.
    fn acknowledged(&self, thread: &str) -> Result<Option<Acknowledgement>> {
        let found = self
            .ask()
            .prepare_cached("SELECT at, who, note FROM acknowledged WHERE thread = ?1")?
            .query_row([thread], |row| {
                Ok(Acknowledgement {
                    at: time(row.get(0)?),
                    who: row.get(1)?,
                    note: row.get(2)?,
                })
            })
            .optional()?;
        Ok(found)
    }

    /// The alerts whose id begins like this.
    fn raised(&self, id: &str) -> Result<Vec<Raised>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT DISTINCT a.id, a.kind, o.thread_key FROM alert a JOIN outbox o ON o.alert = a.id
             WHERE substr(a.id, 1, length(?1)) = ?1 ORDER BY 1, 3 LIMIT 20",
        )?;
        let rows = statement.query_map([id], |row| {
            Ok(Raised {
                alert: row.get(0)?,
                kind: row.get(1)?,
                thread: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl<T: Questions> Acknowledged for T {}

impl Transaction<'_> {
    /// Keeps that somebody knows of these threads; a word of later takes the place of an earlier one.
    pub fn acknowledge(&self, threads: &BTreeSet<String>, by: &Acknowledgement) -> Result<()> {
        for thread in threads {
            self.inner
                .prepare_cached(
                    "INSERT OR REPLACE INTO acknowledged (thread, at, who, note) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![thread, millis(by.at), by.who, by.note])?;
        }
        Ok(())
    }

    /// Takes that back. Gives of how many threads it was known.
    pub fn take_back(&self, threads: &BTreeSet<String>) -> Result<usize> {
        let mut known = 0;
        for thread in threads {
            known += self
                .inner
                .prepare_cached("DELETE FROM acknowledged WHERE thread = ?1")?
                .execute([thread])?;
        }
        Ok(known)
    }
}
