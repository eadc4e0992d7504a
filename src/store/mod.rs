//! SQLite: the history and everything that must survive a restart. SQL stands only here, one function a question;
//! no row type leaves this folder.

mod acknowledged;
mod alerts;
mod bodies;
mod budget;
mod changes;
mod claims;
mod counts;
mod incidents;
mod indicators;
mod launches;
mod lock;
mod migrate;
mod offerings;
mod outages;
mod outbox;
mod parts;
mod readings;
mod rebuild;
mod reports;
mod retention;
mod series;
mod silences;
mod sources;
mod spellings;
mod state;
mod unchanged;
mod untell;
mod version;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

pub use acknowledged::{Acknowledged, Raised};
pub use alerts::{Alerts, DIGEST, Telling, Told};
pub use bodies::{Bodies, Kept};
pub use budget::{Reservation, Spending, Spent};
pub use changes::{ChangeFilter, Changes, Disagreement, Disagreements, GroupPlace, Groups};
pub use claims::{Claims, LastClaim};
pub use counts::Counts;
pub use incidents::{
    AllIncidents, EndedBy, IncidentId, Judged, OwnIncident, OwnKind, Remembering, StatedIncident,
    Unjudged,
};
pub use indicators::Indicators;
pub use launches::{Launched, Launches};
pub use lock::Lock;
pub use offerings::{Ceased, OfferingFilter, Offerings};
pub use outages::Outages;
pub use outbox::{Due, HeldUp, Outbox, QueuedMessage, alert_of};
pub use parts::{ChangeParts, ChangePlace};
pub use readings::{KeptReading, LateReading, Lately, LatencyRow, ReadingRow, Readings};
pub use rebuild::Remembered;
pub use reports::{RenderedReport, ReportForm, ReportRecord, Reports};
pub use retention::Pruned;
pub use series::{AllSeries, AnswerRow, Answers, ConnectionRow, Series, SeriesId, SeriesKind};
pub use silences::Silences;
pub use sources::{Accepted, SourceRecord, SourceRow, Sources};
pub use state::States;
pub use unchanged::{Rests, Unchanged};
pub use version::{Version, Versions};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is a database of some other program.
    #[error(
        "{0} is a database, but not Bellwether's: name another file with --data or BELLWETHER_DATA"
    )]
    Foreign(PathBuf),
    /// The file is no database.
    #[error(
        "{path} cannot be read as a database ({detail}): restore a backup or name another place with --data"
    )]
    NoDatabase {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// A newer program wrote it.
    #[error(
        "{path} has schema {found}, this program knows up to {known}: install the newer Bellwether again"
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// There is no database yet.
    #[error("there is no database at {0} yet: start `bellwether run`, or import a history")]
    Missing(PathBuf),
    /// The place cannot be used.
    #[error("{path}: {detail}")]
    Place {
        /// Which place.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// Another process writes this database.
    #[error(
        "another Bellwether (process {holder}) is using {path}: stop it first, or name another place with --data"
    )]
    Locked {
        /// Which database.
        path: PathBuf,
        /// Whose lock it is, as far as it says.
        holder: String,
    },
    /// The disk is full: nothing of the transaction was kept, and it can be tried again.
    #[error("the disk is full: free some space; nothing accepted is lost")]
    DiskFull,
    /// A question took longer than it may.
    #[error("the question took too long and was given up")]
    Interrupted,
    /// A stored value is not what the program wrote.
    #[error("the database holds something unexpected: {0}")]
    Damaged(String),
    /// Anything else that SQLite says.
    #[error("database: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            Some(rusqlite::ErrorCode::OperationInterrupted) => Self::Interrupted,
            _ => Self::Sqlite(error),
        }
    }
}

type Result<T> = std::result::Result<T, Error>;

/// Instructions of SQLite between two looks at the clock: less than a millisecond.
const STEPS: i32 = 10_000;

/// `BELL` in ASCII: marks the file as ours.
const APPLICATION_ID: i64 = 0x4245_4c4c;

/// An open database.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    recent: bodies::Recent,
    spellings: spellings::Spellings,
}

impl Store {
    /// Opens the database for writing; creates it and its folder if there is none, and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|error| Error::Place {
                path: folder.to_path_buf(),
                detail: error.to_string(),
            })?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = connect(path, flags)?;
        migrate::check(&connection, path)?;
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;
                 PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096; PRAGMA journal_size_limit = 16777216;",
            )
            .map_err(|error| no_database(path, error))?;
        migrate::migrate(&mut connection, path)?;
        Ok(Self {
            connection,
            path: path.to_path_buf(),
            recent: bodies::Recent::default(),
            spellings: spellings::Spellings::default(),
        })
    }

    /// Opens an existing database for reading, beside whoever writes it.
    pub fn open_read_only(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::Missing(path.to_path_buf()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = connect(path, flags).or_else(|_| {
            connect(
                path,
                OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )
        })?;
        let (connection, found) = match migrate::check(&connection, path) {
            Err(Error::Sqlite(error)) if is_refused(&error) => {
                let still = connect_still(path)?;
                let found = migrate::check(&still, path)?;
                if found < migrate::newest() {
                    return Err(Error::Place {
                        path: path.to_path_buf(),
                        detail: "an older Bellwether wrote it, and nothing may be written here to bring it up to date"
                            .to_string(),
                    });
                }
                (still, found)
            }
            found => (connection, found?),
        };
        if found < migrate::newest() {
            drop(connection);
            // an older schema is brought up to date by whoever may write
            return Self::open(path);
        }
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4096;")?;
        Ok(Self {
            connection,
            path: path.to_path_buf(),
            recent: bodies::Recent::default(),
            spellings: spellings::Spellings::default(),
        })
    }

    /// Lets go of the body that is held for the next one of the same source: between other sources it would only lie there.
    pub fn let_go(&mut self) {
        self.recent = bodies::Recent::default();
    }

    /// What is wrong with the file, if anything is: the first finding of SQLite's quick check.
    pub fn damage(&self) -> Result<Option<String>> {
        let found: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok((found != "ok").then_some(found))
    }

    /// Asks within a time: what the database is busy with when it is over fails as [`Error::Interrupted`].
    pub fn within<T>(&mut self, limit: Duration, ask: impl FnOnce(&Self) -> T) -> T {
        let begun = Instant::now();
        let is_over = move || begun.elapsed() > limit;
        // a database without the handler answers as well, only without a bound
        let _ = self.connection.progress_handler(STEPS, Some(is_over));
        let answer = ask(self);
        let _ = self.connection.progress_handler(0, None::<fn() -> bool>);
        answer
    }

    /// Where the database lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in one transaction: everything it writes is kept, or nothing.
    pub fn transaction<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let Self {
            connection,
            recent,
            spellings,
            ..
        } = self;
        let inner = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(Error::from)?;
        let transaction = Transaction {
            inner,
            recent,
            spellings,
        };
        let done = work(&transaction);
        let inner = transaction.inner;
        let done = done.and_then(|value| {
            inner.commit().map_err(Error::from)?;
            Ok(value)
        });
        if done.is_err() {
            spellings.forget();
        }
        done
    }

    /// The same, and what is kept outlives a loss of power too: for what happens in the world because it was written.
    pub fn durable_transaction<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let synchronous = |store: &Self, level: &str| {
            let set = store.connection.pragma_update(None, "synchronous", level);
            set.map_err(Error::from)
        };
        synchronous(self, "FULL")?;
        let done = self.transaction(work);
        synchronous(self, "NORMAL")?;
        done
    }

    /// Writes a consistent copy to `target`, while others go on writing here.
    pub fn backup(&self, target: &Path) -> Result<()> {
        if target.exists() {
            return Err(Error::Place {
                path: target.to_path_buf(),
                detail: "the file is there already; name another one".to_string(),
            });
        }
        let copied = self.copy_to(target);
        if copied.is_err() {
            // half a copy is none, and would stand in the way of the next one
            let _ = std::fs::remove_file(target);
        }
        copied
    }

    fn copy_to(&self, target: &Path) -> Result<()> {
        let mut copy = Connection::open(target).map_err(|error| Error::Place {
            path: target.to_path_buf(),
            detail: error.to_string(),
        })?;
        let backup = rusqlite::backup::Backup::new(&self.connection, &mut copy)?;
        // all pages in one step: in smaller ones a busy writer would make it start over for ever
        backup.step(-1)?;
        drop(backup);
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        Ok(())
    }

    /// Brings the write-ahead log back into the file and lets SQLite refresh its statistics.
    pub fn tidy(&self) -> Result<()> {
        self.connection.execute_batch("PRAGMA optimize;")?;
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}

/// A transaction in progress.
#[derive(Debug)]
pub struct Transaction<'a> {
    inner: rusqlite::Transaction<'a>,
    recent: &'a bodies::Recent,
    spellings: &'a spellings::Spellings,
}

/// One moment of the store: while it is held, all questions are answered as of its first one, whatever is written beside.
#[derive(Debug)]
pub struct View<'a> {
    connection: &'a Connection,
    /// `None` where a wider view, or a transaction, is held already.
    _held: Option<rusqlite::Transaction<'a>>,
}

impl<'a> View<'a> {
    fn of(connection: &'a Connection) -> Result<Self> {
        let is_alone = connection.is_autocommit();
        let held = is_alone.then(|| connection.unchecked_transaction());
        Ok(Self {
            connection,
            _held: held.transpose()?,
        })
    }
}

impl std::ops::Deref for View<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// What both an open store and a transaction can answer.
pub trait Questions {
    /// The connection to ask.
    #[doc(hidden)]
    fn ask(&self) -> &Connection;

    /// Answers that belong together.
    fn view(&self) -> Result<View<'_>> {
        View::of(self.ask())
    }
}

impl Questions for Store {
    fn ask(&self) -> &Connection {
        &self.connection
    }
}

impl Questions for Transaction<'_> {
    fn ask(&self) -> &Connection {
        &self.inner
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags).map_err(|error| Error::Place {
        path: path.to_path_buf(),
        detail: error.to_string(),
    })?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    // else several questions are planned anew whenever they are asked for another value: a fifth of an import's time
    connection.set_db_config(
        rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG,
        true,
    )?;
    Ok(connection)
}

/// Whether a database cannot be read because nothing may be written beside it.
fn is_refused(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::ReadOnly | rusqlite::ErrorCode::CannotOpen)
    )
}

/// A database in a place where nothing may be written: nobody writes it, so that it is read as it lies there.
fn connect_still(path: &Path) -> Result<Connection> {
    let refuse = |detail: &str| Error::Place {
        path: path.to_path_buf(),
        detail: detail.to_string(),
    };
    let log = PathBuf::from(format!("{}-wal", path.display()));
    if log.metadata().is_ok_and(|log| log.len() > 0) {
        return Err(refuse(
            "it was not closed well, and nothing may be written here to mend that: open it once where it may be written",
        ));
    }
    let whole = path
        .canonicalize()
        .map_err(|error| refuse(&error.to_string()))?;
    let mut uri = url::Url::from_file_path(&whole).map_err(|()| refuse("the path is none"))?;
    uri.set_query(Some("immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    connect(Path::new(uri.as_str()), flags)
}

fn no_database(path: &Path, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            Error::NoDatabase {
                path: path.to_path_buf(),
                detail: error.to_string(),
            }
        }
        _ => Error::from(error),
    }
}

fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
