//! Which native ids of a provider denote the same model and version, as far as there are subjects of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::Connection;

use super::Result;
use crate::market::{Subject, SubjectKind, identify};

/// What has been found so far: each native id is looked at once.
#[derive(Debug, Default)]
pub(super) struct Spellings(RefCell<Known>);

/// Native ids by the version that they name, if they name one.
type Versions = BTreeMap<Option<String>, BTreeSet<String>>;

#[derive(Debug, Default)]
struct Known {
    /// The last subject that was looked at, by its row.
    last: i64,
    /// By provider and model.
    by_model: HashMap<(String, String), Versions>,
}

impl Spellings {
    /// Looks at all again: subjects whose transaction failed are none, and others may come in their rows.
    pub(super) fn forget(&self) {
        self.0.take();
    }

    /// The native ids that denote what the subject denotes, its own among them. An id that names no version ("Cohere Command A")
    /// denotes the one version that the provider has of the model, if it has but one.
    pub(super) fn of(
        &self,
        connection: &Connection,
        subject: &Subject,
    ) -> Result<BTreeSet<String>> {
        let mut ids = BTreeSet::from([subject.native_id.to_string()]);
        let identity = subject.identity();
        let Some((model, version)) = identity.and_then(|own| Some((own.model?, own.version)))
        else {
            return Ok(ids);
        };
        let mut known = self.0.borrow_mut();
        known.look(connection)?;
        let Some(versions) = known.by_model.get(&(subject.provider.to_string(), model)) else {
            return Ok(ids);
        };
        ids.extend(versions.get(&version).into_iter().flatten().cloned());
        if versions.keys().flatten().count() == 1 {
            ids.extend(versions.values().flatten().cloned());
        }
        Ok(ids)
    }
}

impl Known {
    /// Looks at the subjects that have come since.
    fn look(&mut self, connection: &Connection) -> Result<()> {
        let mut statement = connection.prepare_cached(
            "SELECT max(id), provider, native_id FROM subject WHERE kind = ?1 AND id > ?2 GROUP BY provider, native_id",
        )?;
        let mut rows = statement.query((SubjectKind::Offering.word(), self.last))?;
        let mut last = self.last;
        while let Some(row) = rows.next()? {
            let (id, provider, native_id): (i64, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            last = last.max(id);
            let identity = identify(Some(&provider), &native_id);
            if let Some(model) = identity.model {
                let versions = self.by_model.entry((provider, model)).or_default();
                let ids = versions.entry(identity.version).or_default();
                ids.insert(native_id);
            }
        }
        self.last = last;
        Ok(())
    }
}
