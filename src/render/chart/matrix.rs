//! Which model can be had where: models by providers, each cell a stage told by form and colour.

use plotters::prelude::DrawingBackend;

use super::area::Area;
use super::canvas::{Canvas, Mark, SMALL, Side};
use super::ink::Ink;
use super::key::{self, Entry, Sample};
use super::lettering::{fit, short, tame, width};
use super::rows::{Names, fitting, left_out};
use super::{Heights, Kind};
use crate::market::Stage;
use crate::render::line::counted;

/// Height of a row.
const ROW: f64 = 24.0;
/// The narrowest and the widest column.
const COLUMN: (f64, f64) = (24.0, 96.0);
/// The longest head of a column that is read from below.
const HEAD: f64 = 104.0;

/// Models by providers.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Names of providers.
    pub columns: Vec<String>,
    /// Models.
    pub rows: Vec<MatrixRow>,
}

/// A model.
#[derive(Debug, Clone)]
pub struct MatrixRow {
    /// Its name.
    pub name: String,
    /// One cell a provider; missing ones are not known.
    pub cells: Vec<Cell>,
}

/// A model at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// It is offered, in this stage.
    Stage(Stage),
    /// The provider is watched, and does not list it.
    NotOffered,
    /// Nobody knows: the provider is not watched, or has not answered.
    Unknown,
}

impl Cell {
    fn sample(self) -> (Sample, Ink) {
        match self {
            Self::Stage(Stage::Announced) => (Sample::Mark(Mark::Ring), Ink::Blue),
            Self::Stage(Stage::Preview) => (Sample::Mark(Mark::Up), Ink::Sky),
            Self::Stage(Stage::Limited) => (Sample::Mark(Mark::Diamond), Ink::Purple),
            Self::Stage(Stage::Ga) => (Sample::Mark(Mark::Dot), Ink::Green),
            Self::Stage(Stage::Legacy) => (Sample::Mark(Mark::Square), Ink::Orange),
            Self::Stage(Stage::Deprecated) => (Sample::Mark(Mark::Down), Ink::Vermilion),
            Self::Stage(Stage::Retired) => (Sample::Mark(Mark::Cross), Ink::Text),
            Self::Stage(Stage::Unknown) => (Sample::Mark(Mark::Frame), Ink::Quiet),
            Self::NotOffered => (Sample::Mark(Mark::Dash), Ink::Rule),
            Self::Unknown => (Sample::Letter("?"), Ink::Quiet),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Stage(Stage::Ga) => "generally available",
            Self::Stage(Stage::Unknown) => "offered, stage not said",
            Self::Stage(stage) => stage.word(),
            Self::NotOffered => "not offered",
            Self::Unknown => "not known",
        }
    }
}

/// Where everything is.
struct Plan {
    entries: Vec<Entry>,
    names: Names,
    rest: Area,
    head: f64,
    are_upright: bool,
    column: f64,
    columns: usize,
    rows: usize,
}

impl Matrix {
    fn cells(&self) -> impl Iterator<Item = Cell> {
        self.rows
            .iter()
            .flat_map(|row| (0..self.columns.len()).map(|at| row.cell(at)))
    }

    /// Every content of cells that occurs, with how often.
    fn occurring(&self) -> std::collections::BTreeMap<Cell, usize> {
        let mut all = std::collections::BTreeMap::new();
        for cell in self.cells() {
            *all.entry(cell).or_insert(0) += 1;
        }
        all
    }

    fn plan(&self, area: Area) -> Plan {
        let entry = |cell: Cell| {
            let (sample, ink) = cell.sample();
            Entry {
                sample,
                ink,
                text: cell.word().to_string(),
                figure: String::new(),
            }
        };
        let entries: Vec<Entry> = self.occurring().into_keys().map(entry).collect();
        let rest = area.less(0.0, key::height(&entries, area.width()), 0.0, 0.0);
        let names = Names::new(rest, self.rows.iter().map(|row| row.name.as_str()));
        let room = rest.width() - names.left();
        let columns = fitting(room, COLUMN.0).min(self.columns.len());
        let column = (room / columns.max(1) as f64)
            .clamp(COLUMN.0, COLUMN.1)
            .floor();
        let heads = self.columns.iter().take(columns);
        let widest = heads
            .map(|name| width(&tame(name), SMALL))
            .fold(0.0, f64::max);
        let are_upright = widest + 10.0 > column;
        let head = if are_upright {
            widest.min(HEAD) + 10.0
        } else {
            20.0
        };
        let rows = fitting(rest.height() - head, ROW + names.height()).min(self.rows.len());
        Plan {
            entries,
            names,
            rest,
            head,
            are_upright,
            column,
            columns,
            rows,
        }
    }

    fn heads<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, plan: &Plan) {
        let bottom = plan.rest.top + plan.head;
        for (at, name) in self.columns.iter().take(plan.columns).enumerate() {
            let x = plan.rest.left + plan.names.left() + plan.column * (at as f64 + 0.5);
            if plan.are_upright {
                let text = fit(name, SMALL, HEAD);
                canvas.text_upwards(&text, (x, bottom - 6.0), SMALL, Ink::Quiet, Side::Start);
            } else {
                canvas.text(
                    &tame(name),
                    (x, bottom - 10.0),
                    SMALL,
                    Ink::Quiet,
                    Side::Middle,
                );
            }
        }
    }
}

impl MatrixRow {
    fn cell(&self, at: usize) -> Cell {
        self.cells.get(at).copied().unwrap_or(Cell::Unknown)
    }

    fn offered(&self) -> usize {
        let is_offered =
            |cell: &&Cell| matches!(cell, Cell::Stage(stage) if *stage != Stage::Retired);
        self.cells.iter().filter(is_offered).count()
    }
}

impl Kind for Matrix {
    fn in_words(&self, _: &str) -> String {
        let (Some(most), Some(fewest)) = (
            self.rows.iter().rev().max_by_key(|row| row.offered()),
            self.rows.iter().min_by_key(|row| row.offered()),
        ) else {
            return "no models".to_string();
        };
        let counts: Vec<String> = self
            .occurring()
            .into_iter()
            .map(|(cell, n)| format!("{n} {}", cell.word()))
            .collect();
        let extremes = if self.rows.len() > 1 {
            format!(
                "; most widely offered is {} ({} of {}), least {} ({})",
                short(&most.name),
                most.offered(),
                self.columns.len(),
                short(&fewest.name),
                fewest.offered()
            )
        } else {
            String::new()
        };
        format!(
            "table of {} at {}: {}{extremes}",
            counted(self.rows.len(), "model"),
            counted(self.columns.len(), "provider"),
            counts.join(", ")
        )
    }

    fn heights(&self, width: f64) -> Heights {
        if self.rows.is_empty() {
            return Heights::NOTHING;
        }
        let plan = self.plan(Area::new(0.0, 0.0, width, 100.0));
        let around = plan.rest.top + plan.head + 6.0;
        Heights::of_rows(around, ROW + plan.names.height(), self.rows.len())
    }

    fn notes(&self, area: Area) -> Vec<String> {
        let plan = self.plan(area);
        let rows = left_out(self.rows.len(), plan.rows, "model");
        let columns = left_out(self.columns.len(), plan.columns, "provider");
        rows.into_iter().chain(columns).collect()
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<'_, B>, area: Area) {
        if self.rows.is_empty() || self.columns.is_empty() {
            return key::nothing(canvas, area, "no models to compare");
        }
        let plan = self.plan(area);
        key::draw(canvas, area, &plan.entries);
        self.heads(canvas, &plan);
        let height = ROW + plan.names.height();
        let right = plan.rest.left + plan.names.left() + plan.column * plan.columns as f64;
        for (at, row) in self.rows.iter().take(plan.rows).enumerate() {
            let top = plan.rest.top + plan.head + height * at as f64;
            canvas.level((plan.rest.left, right), top, Ink::Grid);
            let whole = Area::new(plan.rest.left, top, plan.rest.right, top + height);
            plan.names.draw(canvas, whole, &row.name, 0.0);
            let cells = plan.names.rest(whole);
            for column in 0..plan.columns {
                let x = cells.left + plan.column * (column as f64 + 0.5);
                let at = (x, cells.middle().1);
                match row.cell(column).sample() {
                    (Sample::Mark(mark), ink) => canvas.mark(mark, at, 5.5, ink),
                    (Sample::Letter(letter), ink) => {
                        canvas.text(letter, at, SMALL, ink, Side::Middle)
                    }
                    _ => {}
                }
            }
        }
    }
}
