//! A source told anew from what is kept of it: what is forgotten first, and what must come back as it was.

use rusqlite::params;

use super::sources::SourceRow;
use super::{Result, Transaction};

/// What others have made of a source's changes, and no replay of its own readings can tell: the groups in which they were
/// told, and who confirmed them.
#[derive(Debug, Default)]
pub struct Remembered {
    /// Change and group.
    groups: Vec<(String, String)>,
    /// Change, source and time.
    confirmations: Vec<(String, String, i64)>,
}

impl Transaction<'_> {
    /// Forgets everything that a source said, so that its kept readings can be replayed. Readings and bodies stay;
    /// changes go and come back under the same identifiers. A disagreement with another source is no reading's: it stays.
    pub fn forget_claims(&self, source: &SourceRow) -> Result<Remembered> {
        let remembered = Remembered {
            groups: self
                .inner
                .prepare_cached("SELECT id, group_id FROM change_record WHERE source = ?1")?
                .query_map([source.id], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?,
            confirmations: self
                .inner
                .prepare_cached(
                    "SELECT c.change_id, c.source, c.at FROM confirmation c
                     JOIN change_record r ON r.id = c.change_id WHERE r.source = ?1",
                )?
                .query_map([source.id], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?
                .collect::<rusqlite::Result<_>>()?,
        };
        for statement in [
            "DELETE FROM claim WHERE source = ?1",
            "DELETE FROM pending WHERE source = ?1",
            "DELETE FROM flap WHERE source = ?1",
            "DELETE FROM total WHERE source = ?1",
            "DELETE FROM change_record WHERE source = ?1 AND kind != 'sources_disagree'",
            "UPDATE source SET fingerprint = NULL, baseline_at = NULL, accepted_at = NULL, accepted_body = NULL,
                 content_type = NULL, etag = NULL, last_modified = NULL, subject_index = x'', last_at = NULL,
                 last_outcome = NULL, last_detail = NULL, failures = 0, retry_after = NULL, broken_since = NULL,
                 items = NULL, unexpected = NULL WHERE id = ?1",
        ] {
            self.inner.prepare_cached(statement)?.execute([source.id])?;
        }
        Ok(remembered)
    }

    /// Gives the changes that have come back what others had made of them.
    pub fn remember(&self, remembered: &Remembered) -> Result<()> {
        for (change, group) in &remembered.groups {
            self.inner
                .prepare_cached("UPDATE change_record SET group_id = ?2 WHERE id = ?1")?
                .execute(params![change, group])?;
        }
        for (change, source, at) in &remembered.confirmations {
            self.inner
                .prepare_cached(
                    "INSERT OR IGNORE INTO confirmation (change_id, source, at)
                     SELECT id, ?2, ?3 FROM change_record WHERE id = ?1",
                )?
                .execute(params![change, source, at])?;
        }
        Ok(())
    }
}
