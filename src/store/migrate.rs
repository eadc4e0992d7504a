//! Numbered migrations; `user_version` says how many have been made.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{APPLICATION_ID, Error, Result, no_database};

const MIGRATIONS: [&str; 14] = [
    include_str!("migrations/0001_history.sql"),
    include_str!("migrations/0002_content_types.sql"),
    include_str!("migrations/0003_series.sql"),
    include_str!("migrations/0004_chunks.sql"),
    include_str!("migrations/0005_judgement.sql"),
    include_str!("migrations/0006_spending.sql"),
    include_str!("migrations/0007_told.sql"),
    include_str!("migrations/0008_covered_stages.sql"),
    include_str!("migrations/0009_taken.sql"),
    include_str!("migrations/0010_silences.sql"),
    include_str!("migrations/0011_acknowledged.sql"),
    include_str!("migrations/0012_outbox_by_alert.sql"),
    include_str!("migrations/0013_indicators.sql"),
    include_str!("migrations/0014_reports.sql"),
];

/// The newest schema that this program knows.
pub fn newest() -> i64 {
    MIGRATIONS.len() as i64
}

/// Whether the file may be used at all. Gives its schema number; 0 for an empty file.
pub fn check(connection: &Connection, path: &Path) -> Result<i64> {
    let pragma = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(|error| no_database(path, error))
    };
    let found = pragma("user_version")?;
    let application = pragma("application_id")?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| no_database(path, error))?;
    if application != APPLICATION_ID && tables > 0 {
        return Err(Error::Foreign(path.to_path_buf()));
    }
    if found > newest() {
        return Err(Error::Newer {
            path: path.to_path_buf(),
            found,
            known: newest(),
        });
    }
    Ok(found)
}

/// Makes the migrations that are missing, all or none.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    if check(connection, path)? == newest() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // another process may have migrated while this one waited
    let found = check(&transaction, path)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", newest())?;
    transaction.commit()?;
    Ok(())
}
