//! The archive of reports: what was made for a period is kept for ever, as it was told.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row, params};

use super::{Error, Questions, Result, Transaction, millis, time};

/// How hard the forms are compressed: a report is written once.
const LEVEL: i32 = 15;

/// What is known of an archived report without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRecord {
    /// Its name: `2026-W46`, `2026-11`, `early-2026-11-12`.
    pub period: String,
    /// `weekly`, `monthly` or `early`.
    pub kind: String,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// The zone of its days.
    pub zone: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The subject of its mail.
    pub subject: String,
}

/// A form that an archived report has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportForm {
    /// The page that stands on its own.
    Html,
    /// For programs.
    Json,
    /// Plain text.
    Text,
}

/// A report in all forms that are kept.
#[derive(Debug, Clone)]
pub struct RenderedReport {
    /// The page that stands on its own.
    pub html: String,
    /// For programs.
    pub json: String,
    /// Plain text.
    pub text: String,
}

/// Questions about past reports.
pub trait Reports: Questions {
    /// Every archived report, the latest first.
    fn reports(&self) -> Result<Vec<ReportRecord>> {
        let mut statement = self.ask().prepare_cached(
            "SELECT period, kind, first_day, last_day, zone, made_at, subject FROM report
             ORDER BY last_day DESC, first_day DESC",
        )?;
        let mut rows = statement.query([])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            records.push(record(row)?);
        }
        Ok(records)
    }

    /// Whether the report of a period has been made.
    fn has_report(&self, period: &str) -> Result<bool> {
        let mut statement = self
            .ask()
            .prepare_cached("SELECT 1 FROM report WHERE period = ?1")?;
        Ok(statement.exists([period])?)
    }

    /// An archived report in one of its forms.
    fn archived_report(&self, period: &str, form: ReportForm) -> Result<Option<String>> {
        let question = match form {
            ReportForm::Html => "SELECT html FROM report WHERE period = ?1",
            ReportForm::Json => "SELECT json FROM report WHERE period = ?1",
            ReportForm::Text => "SELECT text FROM report WHERE period = ?1",
        };
        let packed: Option<Vec<u8>> = self
            .ask()
            .prepare_cached(question)?
            .query_row([period], |row| row.get(0))
            .optional()?;
        packed.map(|packed| unpack(period, &packed)).transpose()
    }
}

impl<T: Questions> Reports for T {}

fn record(row: &Row<'_>) -> Result<ReportRecord> {
    let period: String = row.get(0)?;
    let day = |at: usize| -> Result<Date> {
        let text: String = row.get(at)?;
        text.parse()
            .map_err(|_| Error::Damaged(format!("a day of the report {period}")))
    };
    Ok(ReportRecord {
        first: day(2)?,
        last: day(3)?,
        kind: row.get(1)?,
        zone: row.get(4)?,
        made_at: time(row.get(5)?),
        subject: row.get(6)?,
        period,
    })
}

fn pack(text: &str) -> Result<Vec<u8>> {
    zstd::stream::encode_all(text.as_bytes(), LEVEL)
        .map_err(|error| Error::Damaged(format!("compression: {error}")))
}

fn unpack(period: &str, packed: &[u8]) -> Result<String> {
    let damaged = || Error::Damaged(format!("the report {period}"));
    let bytes = zstd::stream::decode_all(packed).map_err(|_| damaged())?;
    String::from_utf8(bytes).map_err(|_| damaged())
}

impl Transaction<'_> {
    /// Keeps a report. `false`, and nothing is kept, if there is one of its period.
    pub fn archive_report(&self, record: &ReportRecord, rendered: &RenderedReport) -> Result<bool> {
        let kept = self
            .inner
            .prepare_cached(
                "INSERT OR IGNORE INTO report
                     (period, kind, first_day, last_day, zone, made_at, subject, html, json, text)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                record.period,
                record.kind,
                record.first.to_string(),
                record.last.to_string(),
                record.zone,
                millis(record.made_at),
                record.subject,
                pack(&rendered.html)?,
                pack(&rendered.json)?,
                pack(&rendered.text)?,
            ])?;
        Ok(kept > 0)
    }
}
