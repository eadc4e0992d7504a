//! Numbers about the landscape, as they were counted day by day.

use jiff::civil::Date;
use rusqlite::params;

use super::{Error, Questions, Result, Transaction};
use crate::market::Indicator;

impl Transaction<'_> {
    /// Keeps the numbers of a day in the place of those that were kept of it.
    pub fn keep_indicators(&self, day: Date, indicators: &[Indicator]) -> Result<()> {
        let day = day.to_string();
        self.inner
            .prepare_cached("DELETE FROM indicator WHERE day = ?1")?
            .execute([&day])?;
        let mut insert = self.inner.prepare_cached(
            "INSERT INTO indicator (day, name, provider, \"of\", value, n) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for indicator in indicators {
            insert.execute(params![
                day,
                indicator.name,
                indicator.provider,
                indicator.of,
                indicator.value,
                indicator.n.and_then(|n| i64::try_from(n).ok()),
            ])?;
        }
        Ok(())
    }

    /// Forgets what was counted of a day and of those after it: what is known of them is about to change.
    pub fn forget_indicators(&self, from: Date) -> Result<()> {
        self.inner
            .prepare_cached("DELETE FROM indicator WHERE day >= ?1")?
            .execute([from.to_string()])?;
        Ok(())
    }
}

/// Questions about indicators.
pub trait Indicators: Questions {
    /// The numbers of the days from one to another, both included, in order.
    fn indicators(&self, from: Date, to: Date) -> Result<Vec<(Date, Indicator)>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT day, name, provider, \"of\", value, n FROM indicator WHERE day BETWEEN ?1 AND ?2
             ORDER BY day, name, provider, \"of\"",
        )?;
        let mut rows = statement.query([from.to_string(), to.to_string()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let n: Option<i64> = row.get(5)?;
            let indicator = Indicator {
                name: row.get(1)?,
                provider: row.get(2)?,
                of: row.get(3)?,
                value: row.get(4)?,
                n: n.and_then(|n| u64::try_from(n).ok()),
            };
            found.push((day(&row.get::<_, String>(0)?)?, indicator));
        }
        Ok(found)
    }

    /// The last day whose numbers are kept.
    fn last_counted(&self) -> Result<Option<Date>> {
        let last: Option<String> = self
            .ask()
            .prepare_cached("SELECT max(day) FROM indicator")?
            .query_row([], |row| row.get(0))?;
        last.as_deref().map(day).transpose()
    }
}

fn day(text: &str) -> Result<Date> {
    text.parse()
        .map_err(|_| Error::Damaged(format!("the day '{text}'")))
}

impl<T: Questions> Indicators for T {}
