//! One table as rows and columns, whatever it was written in.

#[cfg(test)]
mod tests;

use std::rc::Rc;

use super::cell::{Cell, compared};
use super::outline::{Named, Outline};
use crate::market::Failure;

/// Columns that one cell may cover.
const MOST_COLUMNS: usize = 1000;

/// A cell before it is laid out.
#[derive(Debug)]
pub struct RawCell {
    /// Its text.
    pub cell: Cell,
    /// Columns that it covers; zero counts as one.
    pub colspan: usize,
    /// Rows that it covers; zero means to the end.
    pub rowspan: usize,
    /// Whether it is marked up as a header cell.
    pub head: bool,
}

/// A row before it is laid out.
#[derive(Debug, Default)]
pub struct RawRow {
    /// In order.
    pub cells: Vec<RawCell>,
    /// Whether it stands in the table's head.
    pub head: bool,
}

impl RawRow {
    fn is_header(&self) -> bool {
        self.cells.len() > 1 && self.cells.iter().all(|cell| cell.head)
    }
}

/// How many cells the tables of one body may still have.
#[derive(Debug)]
pub struct Budget {
    cells: usize,
    /// Before they are laid out.
    raw: usize,
}

impl Budget {
    /// Two hundred thousand cells: far more than any page that a probe reads.
    pub fn of_a_page() -> Self {
        // each cell is paid for when it is placed and when room is made for it
        Self {
            cells: 400_000,
            raw: 200_000,
        }
    }

    /// One more cell, which is not laid out before its table has ended.
    pub fn gather(&mut self) -> Result<(), Failure> {
        self.raw = self.raw.checked_sub(1).ok_or_else(too_many)?;
        Ok(())
    }

    fn take(&mut self, cells: usize) -> Result<(), Failure> {
        self.cells = self.cells.checked_sub(cells).ok_or_else(too_many)?;
        Ok(())
    }
}

fn too_many() -> Failure {
    Failure::Unreadable {
        expected: "a page whose tables have at most 200,000 cells".to_string(),
        found: "more cells".to_string(),
    }
}

/// A column's names, in the form in which they are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    shown: String,
    whole: String,
    last: String,
}

impl Column {
    fn named(shown: String, last: &str) -> Self {
        Self {
            whole: compared(&shown),
            last: compared(last),
            shown,
        }
    }
}

/// One table.
#[derive(Debug)]
pub struct Grid {
    columns: Vec<Column>,
    /// The body's rows. A row may be shorter or longer than the header.
    pub rows: Vec<Vec<Rc<Cell>>>,
    /// Cells that cover a whole row: the number of rows above them, and what they call the rows below.
    pub labels: Vec<(usize, String)>,
    /// The headings that it stands under, outermost first.
    pub headings: Vec<String>,
    /// Its own caption, if it has one.
    pub caption: String,
    /// What the code below one of its headings names.
    pub named: Option<Named>,
}

impl Grid {
    /// Lays out the rows of one table. A row of header cells amid the body begins a further table.
    pub fn lay_out(
        rows: Vec<RawRow>,
        headings: &[String],
        caption: &str,
        budget: &mut Budget,
    ) -> Result<Vec<Self>, Failure> {
        let mut parts: Vec<Vec<RawRow>> = Vec::new();
        let mut in_body = true;
        for row in rows.into_iter().filter(|row| !row.cells.is_empty()) {
            let header = row.head || row.is_header();
            if header && in_body {
                parts.push(Vec::new());
            }
            in_body = !header;
            match parts.last_mut() {
                Some(part) => part.push(row),
                None => parts.push(vec![row]),
            }
        }
        let mut grids = Vec::with_capacity(parts.len());
        for part in parts {
            let header = part.iter().take_while(|r| r.head || r.is_header()).count();
            let header = header.max(1);
            let mut laid = matrix(&part, header, budget)?;
            let body = laid.split_off(header.min(laid.len()));
            let mut rows: Vec<Vec<Rc<Cell>>> = Vec::with_capacity(body.len());
            let mut labels = Vec::new();
            for row in body {
                match row.first() {
                    Some(Some(first)) if is_section(&row) => {
                        labels.push((rows.len(), first.text.clone()));
                    }
                    _ => rows.push(row.into_iter().map(Option::unwrap_or_default).collect()),
                }
            }
            grids.push(Self {
                columns: columns(&laid),
                rows,
                labels,
                headings: headings.to_vec(),
                caption: caption.to_string(),
                named: None,
            });
        }
        Ok(grids)
    }

    /// A list as a table of one column called `item`, under what introduces it as its caption.
    pub fn of_list(
        items: Vec<Cell>,
        lead: &str,
        headings: &[String],
        budget: &mut Budget,
    ) -> Result<Self, Failure> {
        budget.take(items.len().saturating_mul(2))?;
        Ok(Self {
            columns: vec![Column::named("item".to_string(), "item")],
            rows: items.into_iter().map(|item| vec![Rc::new(item)]).collect(),
            labels: Vec::new(),
            headings: headings.to_vec(),
            caption: lead.to_string(),
            named: None,
        })
    }

    /// The table with its columns as rows: where what is compared stands side by side. Its first columns, as many as have the
    /// header of the very first, name the new columns.
    pub fn transposed(&self) -> Self {
        let first = self.columns.first();
        let same = |column: &&Column| first.is_some_and(|first| first.whole == column.whole);
        let names = self.columns.iter().take_while(same).count();
        let named = |row: &Vec<Rc<Cell>>| {
            let mut texts: Vec<&str> = Vec::new();
            for cell in row.iter().take(names) {
                if !cell.text.is_empty() && texts.last() != Some(&cell.text.as_str()) {
                    texts.push(&cell.text);
                }
            }
            let last = texts.last().copied().unwrap_or_default().to_string();
            Column::named(texts.join(" ").replace('\n', " "), &last)
        };
        let columns = first.cloned().into_iter();
        let rows = self.columns.iter().enumerate().skip(names);
        Self {
            columns: columns.chain(self.rows.iter().map(named)).collect(),
            rows: rows
                .map(|(x, column)| {
                    let header = Rc::new(Cell {
                        text: column.shown.clone(),
                        ..Cell::default()
                    });
                    let cells = self.rows.iter().map(|row| row.get(x).cloned());
                    [header]
                        .into_iter()
                        .chain(cells.map(Option::unwrap_or_default))
                        .collect()
                })
                .collect(),
            labels: Vec::new(),
            headings: self.headings.clone(),
            caption: self.caption.clone(),
            named: self.named.clone(),
        }
    }

    /// With what the code below its headings names.
    pub fn under(mut self, outline: &Outline) -> Self {
        self.named = outline.named();
        self
    }

    /// The column that is called by one of `names` (in the compared form), by its whole header or by the last row of it.
    pub fn column(&self, names: &[String]) -> Option<usize> {
        let find = |is: &dyn Fn(&Column, &str) -> bool| {
            names
                .iter()
                .find_map(|name| self.columns.iter().position(|column| is(column, name)))
        };
        find(&|column, name| column.whole == name)
            .or_else(|| {
                find(&|column, name| {
                    column.last == name
                        && self.columns.iter().filter(|c| c.last == name).count() == 1
                })
            })
            .or_else(|| {
                // a footnote's digit that lost its markup
                find(&|column, name| {
                    column
                        .whole
                        .strip_suffix(|c: char| c.is_ascii_digit())
                        .is_some_and(|cut| {
                            cut == name && cut.ends_with(|c: char| c.is_alphabetic())
                        })
                })
            })
    }

    /// How many columns the header names.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The header of a column as people read it.
    pub fn header(&self, column: usize) -> &str {
        self.columns
            .get(column)
            .map_or("", |column| column.shown.as_str())
    }

    /// All headers, for messages.
    pub fn headers(&self) -> String {
        let shown: Vec<&str> = self.columns.iter().map(|c| c.shown.as_str()).collect();
        shown.join(" | ")
    }
}

fn columns(header: &[Vec<Option<Rc<Cell>>>]) -> Vec<Column> {
    let width = header.iter().map(Vec::len).max().unwrap_or(0);
    let mut columns = Vec::with_capacity(width);
    for x in 0..width {
        let mut names: Vec<&str> = Vec::new();
        for row in header {
            if let Some(Some(cell)) = row.get(x)
                && !cell.text.is_empty()
                && names.last() != Some(&cell.text.as_str())
            {
                names.push(&cell.text);
            }
        }
        let last = names.last().copied().unwrap_or_default();
        columns.push(Column::named(names.join(" ").replace('\n', " "), last));
    }
    columns
}

/// Whether one cell covers the whole row: it labels the rows below and is none of them.
fn is_section(row: &[Option<Rc<Cell>>]) -> bool {
    match row {
        [Some(first), rest @ ..] if !rest.is_empty() => rest
            .iter()
            .all(|cell| cell.as_ref().is_some_and(|cell| Rc::ptr_eq(cell, first))),
        _ => false,
    }
}

/// Lays spans out. A cell of the header ends with the header, one of the body with the body.
fn matrix(
    rows: &[RawRow],
    header: usize,
    budget: &mut Budget,
) -> Result<Vec<Vec<Option<Rc<Cell>>>>, Failure> {
    let mut laid: Vec<Vec<Option<Rc<Cell>>>> = rows.iter().map(|_| Vec::new()).collect();
    for (y, row) in rows.iter().enumerate() {
        let end = if y < header {
            header.min(rows.len())
        } else {
            rows.len()
        };
        let mut x = 0;
        for raw in &row.cells {
            while laid
                .get(y)
                .is_some_and(|row| row.get(x).is_some_and(Option::is_some))
            {
                x += 1;
            }
            let wide = raw.colspan.clamp(1, MOST_COLUMNS);
            let room = end - y;
            let tall = if raw.rowspan == 0 {
                room
            } else {
                raw.rowspan.min(room)
            };
            budget.take(wide.saturating_mul(tall))?;
            let cell = Rc::new(raw.cell.clone());
            for line in laid.iter_mut().skip(y).take(tall) {
                if line.len() < x + wide {
                    budget.take(x + wide - line.len())?;
                    line.resize(x + wide, None);
                }
                for place in line.iter_mut().skip(x).take(wide) {
                    place.get_or_insert_with(|| Rc::clone(&cell));
                }
            }
            x += wide;
        }
    }
    Ok(laid)
}
