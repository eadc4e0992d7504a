//! Rows as files that other programs read: CSV, JSON and Parquet. A row is written when it is given.

mod csv;
mod flat;
mod json;
mod parquet;

use std::io::{Result, Write};

use crate::market::{Cell, Column};

pub use flat::{Flat, FlatCell, FlatKind, flat, flattened};

/// The forms of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    /// Comma-separated values with a header (RFC 4180).
    Csv,
    /// One JSON array, an object a line.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet, compressed with zstd.
    Parquet,
}

/// A table that is being written.
pub enum Table<W: Write + Send> {
    /// As CSV.
    #[doc(hidden)]
    Csv(csv::Csv<W>),
    /// As JSON.
    #[doc(hidden)]
    Json(json::Json<W>),
    /// As Parquet.
    #[doc(hidden)]
    Parquet(Box<parquet::Parquet<W>>),
}

impl<W: Write + Send> Table<W> {
    /// Begins a table of these columns.
    ///
    /// # Errors
    /// Those of `out`, here as below.
    pub fn new(form: TableForm, columns: &'static [Column], out: W) -> Result<Self> {
        Ok(match form {
            TableForm::Csv => Self::Csv(csv::Csv::new(columns, out)?),
            TableForm::Json => Self::Json(json::Json::array(columns, out)),
            TableForm::Jsonl => Self::Json(json::Json::lines(columns, out)),
            TableForm::Parquet => Self::Parquet(Box::new(parquet::Parquet::new(columns, out)?)),
        })
    }

    /// Writes a row, whose cells stand in the order of the columns.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        match self {
            Self::Csv(table) => table.row(cells),
            Self::Json(table) => table.row(cells),
            Self::Parquet(table) => table.row(cells),
        }
    }

    /// Ends the table and gives back where it was written to.
    pub fn finish(self) -> Result<W> {
        match self {
            Self::Csv(table) => table.finish(),
            Self::Json(table) => table.finish(),
            Self::Parquet(table) => table.finish(),
        }
    }
}

#[cfg(test)]
mod tests;
