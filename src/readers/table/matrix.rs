//! Tables whose columns are regions: a mark in a cell says that the row's model is offered there.

use std::rc::Rc;

use super::cell::Cell;
use super::compared;
use super::grid::Grid;
use super::ids::says_nothing;

/// The columns, of those that are not `known`, whose header is a region's code such as `swedencentral` or `us-east-1`.
pub fn columns(grid: &Grid, known: &[usize]) -> Vec<(usize, String)> {
    let unknown = (0..grid.width()).filter(|x| !known.contains(x));
    let named = unknown.map(|x| (x, grid.header(x).trim().to_string()));
    named.filter(|(_, header)| is_code(header)).collect()
}

fn is_code(header: &str) -> bool {
    let is_of_code = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    header.starts_with(|c: char| c.is_ascii_lowercase())
        && header.len() >= 4
        && header.chars().all(is_of_code)
}

/// What a row says of its regions.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The regions that are marked.
    pub offered: Vec<String>,
    /// Cells that are neither a mark nor nothing, with their regions.
    pub strange: Vec<(String, String)>,
}

/// Reads the marks of a row; `yes` are the marks in the compared form.
pub fn marks(yes: &[String], columns: &[(usize, String)], row: &[Rc<Cell>]) -> Marks {
    let mut marks = Marks::default();
    for (x, region) in columns {
        let Some(cell) = row.get(*x) else { continue };
        let text = compared(&cell.text);
        if yes.contains(&text) {
            marks.offered.push(region.clone());
        } else if !says_nothing(&cell.text) && !matches!(text.as_str(), "no" | "\u{274c}") {
            marks.strange.push((region.clone(), cell.text.clone()));
        }
    }
    marks
}
