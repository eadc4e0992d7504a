//! What a table has beyond what its mapping knows.

use std::rc::Rc;

use super::super::cell::{Cell, shortened};
use super::{Found, Located};

impl Located<'_> {
    /// The columns that the mapping names.
    pub(super) fn known(&self) -> Vec<usize> {
        let conditions = self.mapping.when.iter().flat_map(|rule| &rule.cell);
        let ignored = self
            .mapping
            .ignore
            .iter()
            .chain(conditions.map(|(names, _)| names))
            .chain(&self.mapping.header)
            .filter_map(|names| names.find(self.grid));
        self.ids
            .iter()
            .chain(&self.deployment)
            .copied()
            .chain(self.regions)
            .chain(self.tier)
            .chain(self.columns.iter().map(|(x, _)| *x))
            .chain(ignored)
            .collect()
    }

    /// Notes columns that the mapping does not name, and rows that are longer than the header.
    pub(super) fn note_unknown_columns(&self, found: &mut Found) {
        let known = self.known();
        for x in (0..self.grid.width()).filter(|x| !known.contains(x)) {
            let header = self.grid.header(x);
            let is_region = self.matrix.iter().any(|(column, _)| *column == x);
            if !header.is_empty() && !is_region {
                let place = format!("{} \u{203a} {}", self.label, shortened(header, 80));
                found.note(place, "a column that the probe knows", header);
            }
        }
        let width = self.grid.width();
        let filled = |row: &Vec<Rc<Cell>>| row.iter().rposition(|cell| !cell.text.is_empty());
        let widest = self.grid.rows.iter().filter_map(filled).max();
        if let Some(last) = widest.filter(|last| *last >= width) {
            let expected = format!("rows of {width} cells, as the header has");
            found.note(self.label.clone(), expected, &format!("{} cells", last + 1));
        }
    }
}
