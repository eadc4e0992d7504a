//! JSON: one object a line, by itself or as the members of one array.

use std::io::{Result, Write};

use serde_json::{Map, Value};

use crate::market::{Cell, Column};

pub struct Json<W> {
    columns: &'static [Column],
    out: W,
    is_array: bool,
    rows: u64,
}

impl<W: Write> Json<W> {
    pub fn array(columns: &'static [Column], out: W) -> Self {
        Self {
            columns,
            out,
            is_array: true,
            rows: 0,
        }
    }

    pub fn lines(columns: &'static [Column], out: W) -> Self {
        Self {
            is_array: false,
            ..Self::array(columns, out)
        }
    }

    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        if self.is_array {
            let before = if self.rows == 0 { "[\n" } else { ",\n" };
            self.out.write_all(before.as_bytes())?;
        }
        self.rows += 1;
        let named = self.columns.iter().zip(cells);
        let object: Map<String, Value> = named
            .map(|(column, cell)| (column.name.to_string(), cell.to_json()))
            .collect();
        serde_json::to_writer(&mut self.out, &object)?;
        if !self.is_array {
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<W> {
        if self.is_array {
            let end = if self.rows == 0 { "[]\n" } else { "\n]\n" };
            self.out.write_all(end.as_bytes())?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}
