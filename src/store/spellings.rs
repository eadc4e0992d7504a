//! Which native ids of a provider denote the same dated version, as far as there are subjects of them.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use rusqlite::Connection;

use super::Result;
use crate::market::{Subject, SubjectKind, identify};

/// What has been found so far: each native id is looked at once.
#[derive(Debug, Default)]
pub(super) struct Spellings(RefCell<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The last subject that was looked at, by its row.
    last: i64,
    /// Native ids by provider and version.
    by_version: HashMap<(String, String), BTreeSet<String>>,
}

impl Spellings {
    /// The native ids that denote what the subject denotes, its own among them.
    pub(super) fn of(
        &self,
        connection: &Connection,
        subject: &Subject,
    ) -> Result<BTreeSet<String>> {
        let own = BTreeSet::from([subject.native_id.to_string()]);
        let Some(version) = subject.identity().and_then(|identity| identity.version) else {
            return Ok(own);
        };
        let mut known = self.0.borrow_mut();
        let mut statement = connection.prepare_cached(
            "SELECT max(id), provider, native_id FROM subject WHERE kind = ?1 AND id > ?2 GROUP BY provider, native_id",
        )?;
        let mut rows = statement.query((SubjectKind::Offering.word(), known.last))?;
        let mut last = known.last;
        while let Some(row) = rows.next()? {
            let (id, provider, native_id): (i64, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            last = last.max(id);
            if let Some(version) = identify(Some(&provider), &native_id).version {
                let ids = known.by_version.entry((provider, version)).or_default();
                ids.insert(native_id);
            }
        }
        known.last = last;
        let key = (subject.provider.to_string(), version);
        let found = known.by_version.get(&key).cloned().unwrap_or_default();
        Ok(found.into_iter().chain(own).collect())
    }
}
