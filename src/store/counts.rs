//! How many there are of what is kept, for those who watch Bellwether itself.

use super::{Questions, Result};
use crate::market::Standing;

/// Questions about how many there are.
pub trait Counts: Questions {
    /// How many news were recorded of each kind and severity, ever.
    fn news_counts(&self) -> Result<Vec<(String, String, u64)>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT kind, severity, count(*) FROM change_record WHERE standing = ?1 GROUP BY kind, severity ORDER BY 1, 2",
        )?;
        let rows = statement.query_map([Standing::News.word()], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get::<_, i64>(2)?.unsigned_abs(),
            ))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How large the database is, in bytes.
    fn size(&self) -> Result<u64> {
        let pragma = |name: &str| -> Result<u64> {
            let question = format!("SELECT {name} FROM pragma_{name}");
            let value = self
                .ask()
                .query_row(&question, [], |row| row.get::<_, i64>(0))?;
            Ok(value.unsigned_abs())
        };
        Ok(pragma("page_count")?.saturating_mul(pragma("page_size")?))
    }
}

impl<T: Questions> Counts for T {}
