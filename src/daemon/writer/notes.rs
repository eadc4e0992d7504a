//! Fetches that showed nothing new, until they are written: with what is written next, or after a second.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::{Error, Store, Unchanged};

/// More do not wait.
const MOST: usize = 10_000;

/// What waits to be written.
#[derive(Debug, Default)]
pub(super) struct Notes(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    fetches: Vec<Unchanged>,
    /// The store could not take them the last time: whoever has more hears from it itself.
    is_stuck: bool,
}

impl Notes {
    /// Takes a fetch in. `call` calls the writer, once for all that wait; `false` if nobody hears. Gives the fetch back if it
    /// cannot wait here.
    pub fn push(
        &self,
        fetch: Unchanged,
        call: impl FnOnce() -> bool,
    ) -> Result<(), Box<Unchanged>> {
        let mut waiting = self.lock();
        if waiting.is_stuck || waiting.fetches.len() >= MOST {
            return Err(Box::new(fetch));
        }
        if waiting.fetches.is_empty() && !call() {
            return Err(Box::new(fetch));
        }
        waiting.fetches.push(fetch);
        Ok(())
    }

    /// Writes all that waits. `false`: some of it waits on.
    pub fn write(&self, store: &mut Store) -> bool {
        let fetches = std::mem::take(&mut self.lock().fetches);
        if fetches.is_empty() {
            return true;
        }
        let mut left = keep(store, fetches);
        let mut waiting = self.lock();
        waiting.is_stuck = !left.is_empty();
        if !left.is_empty() {
            left.append(&mut waiting.fetches);
            waiting.fetches = left;
        }
        !waiting.is_stuck
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps fetches in one transaction; where one of them is in the way, each in its own. Gives those that are to be tried again.
fn keep(store: &mut Store, fetches: Vec<Unchanged>) -> Vec<Unchanged> {
    let Err(error) = keep_all(store, &fetches) else {
        return Vec::new();
    };
    let mut last = error;
    let mut fetches = fetches.into_iter();
    while matches!(last, Error::Damaged(_)) {
        let Some(fetch) = fetches.next() else {
            return Vec::new();
        };
        match keep_all(store, slice::from_ref(&fetch)) {
            Err(Error::Damaged(what)) => {
                tracing::error!(source = %fetch.source, "a fetch is not kept: {what}");
            }
            Err(error) => {
                last = error;
                fetches = [vec![fetch], fetches.collect()].concat().into_iter();
            }
            Ok(()) => {}
        }
    }
    let left: Vec<Unchanged> = fetches.collect();
    tracing::error!("{} fetches wait for the database: {last}", left.len());
    left
}

fn keep_all(store: &mut Store, fetches: &[Unchanged]) -> Result<(), Error> {
    let kept = catch_unwind(AssertUnwindSafe(|| {
        store.transaction(|transaction| transaction.keep_unchanged(fetches))
    }));
    kept.unwrap_or_else(|_| {
        Err(Error::Damaged(
            "the program failed in itself while it wrote".to_string(),
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::market::{
        Authority, CoveredStages, Hash, Phases, ProbeId, ProviderId, Sample, Scope, SourceId,
    };
    use crate::store::{Accepted, Readings, Sources};

    fn source(name: &str) -> SourceId {
        SourceId {
            probe: ProbeId::from(name),
            scope: Scope::from(""),
        }
    }

    fn minute(n: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(n)
    }

    fn fetch(of: &str, n: i64) -> Unchanged {
        Unchanged {
            source: source(of),
            at: minute(n),
            outcome: "same",
            body: Hash::of(b"body"),
            sample: Sample {
                at: minute(n),
                host: "acme.test".to_string(),
                phases: Phases::default(),
                outcome: "ok".to_string(),
                status: Some(200),
                bytes: 4,
                clock_ahead: None,
            },
            vantage: Arc::from("here"),
        }
    }

    /// A store in which `acme.page` has been read once.
    fn store(path: &Path) -> Store {
        let mut store = Store::open(path).expect("a database");
        let read = store.transaction(|transaction| {
            let (id, provider) = (source("acme.page"), ProviderId::from("acme"));
            let row = transaction.enter_source(&id, &provider, Authority::ProviderPage, "u")?;
            transaction.accept_reading(
                &row,
                &Accepted {
                    at: minute(0),
                    body: Hash::of(b"body"),
                    fingerprint: Hash::of(b"mapping"),
                    content_type: None,
                    etag: None,
                    last_modified: None,
                    covered_stages: CoveredStages::default(),
                    items: 1,
                    unexpected: None,
                },
            )
        });
        read.expect("a reading");
        store
    }

    /// When the source was last asked, and its readings.
    fn kept(store: &Store) -> (Option<Timestamp>, Vec<Timestamp>) {
        let row = store.source(&source("acme.page")).expect("a row");
        let row = row.expect("the source");
        let readings = store.kept_readings(&row).expect("readings");
        let at = readings.into_iter().map(|reading| reading.at).collect();
        (row.record.last_at, at)
    }

    #[test]
    fn one_that_cannot_be_kept_keeps_back_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = store(&folder.path().join("bellwether.db"));
        let notes = Notes::default();
        for (of, n) in [("acme.page", 1), ("acme.gone", 2), ("acme.page", 3)] {
            notes.push(fetch(of, n), || true).expect("room");
        }
        assert!(notes.write(&mut store));
        let expected = vec![minute(1), minute(3)];
        assert_eq!(kept(&store), (Some(minute(3)), expected));
    }

    #[test]
    fn what_a_store_in_trouble_cannot_take_waits_and_hides_nothing_that_came_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bellwether.db");
        let mut store = store(&path);
        let notes = Notes::default();
        let trouble = rusqlite::Connection::open(&path).expect("a connection");
        let rename = |from: &str, to: &str| {
            let sql = format!("ALTER TABLE {from} RENAME TO {to}");
            trouble.execute_batch(&sql).expect("renamed");
        };
        rename("journal", "gone");
        for n in 1..=2 {
            notes.push(fetch("acme.page", n), || true).expect("room");
        }
        assert!(!notes.write(&mut store));
        assert_eq!(kept(&store), (Some(minute(0)), Vec::new()));
        // who comes now is to hear of the trouble
        assert!(notes.push(fetch("acme.page", 3), || true).is_err());
        rename("gone", "journal");
        let later = store.transaction(|transaction| {
            let row = transaction.source(&source("acme.page"))?;
            transaction.accept_repeat(&row.expect("the source"), minute(4), "same")
        });
        later.expect("a reading");
        assert!(notes.write(&mut store));
        assert_eq!(kept(&store), (Some(minute(4)), vec![minute(1), minute(2)]));
        assert!(notes.push(fetch("acme.page", 5), || true).is_ok());
        // a writer that is gone takes nothing
        notes.write(&mut store);
        assert!(notes.push(fetch("acme.page", 6), || false).is_err());
    }
}
