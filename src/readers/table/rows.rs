//! The rows of one table → claims.

mod about;
mod unknown;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::cell::{Cell, shortened};
use super::grid::Grid;
use super::ids::{self, RowId};
use super::mapping::{Column, Names, Part, Rank, TableMapping, Template};
use super::matrix;
use super::when::{When, label_of};
use super::{compared, dated, label};
use crate::market::{Attribute, Claim, Failure, Fingerprint, LifecycleDate, Value};
use crate::readers::Context;

pub use about::{About, Found};

/// Subjects that one page may speak of, over all its rows.
const MOST_SUBJECTS: usize = 100_000;

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// A table with the places of the columns that its mapping names.
pub struct Located<'a> {
    mapping: &'a TableMapping,
    grid: &'a Grid,
    label: String,
    ids: Vec<usize>,
    regions: Option<usize>,
    deployment: Vec<usize>,
    tier: Option<usize>,
    columns: Vec<(usize, &'a Column)>,
    when: Vec<(Option<usize>, &'a When)>,
    dated: Option<(&'a str, LifecycleDate)>,
    /// The columns that are regions, with their names.
    matrix: Vec<(usize, String)>,
}

impl<'a> Located<'a> {
    /// Finds the columns. A table that lacks a required one is another table than the probe knows.
    pub fn new(mapping: &'a TableMapping, grid: &'a Grid) -> Result<Self, Failure> {
        let missing = |name: &str| Failure::Unreadable {
            expected: format!("the column '{name}' in the table with {}", mapping.shown()),
            found: format!("the columns {}", shortened(&grid.headers(), 400)),
        };
        let all = |template: &Template| -> Result<Vec<usize>, Failure> {
            let found = template
                .columns()
                .map(|names| names.find(grid).ok_or_else(|| missing(names.shown())));
            found.collect()
        };
        // without its regions or tiers a row would be about something else
        let one = |names: Option<&Names>| -> Result<Option<usize>, Failure> {
            names
                .map(|names| names.find(grid).ok_or_else(|| missing(names.shown())))
                .transpose()
        };
        let mut columns = Vec::with_capacity(mapping.columns.len());
        for column in &mapping.columns {
            match column.header.find(grid) {
                Some(x) => columns.push((x, column)),
                None if column.required => return Err(missing(column.header.shown())),
                None => {}
            }
        }
        let mut located = Self {
            mapping,
            grid,
            label: label(grid),
            ids: all(&mapping.native_id)?,
            regions: one(mapping.regions.as_ref().map(|regions| &regions.header))?,
            deployment: match &mapping.deployment {
                Some(template) => all(template)?,
                None => Vec::new(),
            },
            tier: one(mapping.tier.as_ref())?,
            columns,
            when: mapping
                .when
                .iter()
                .map(|rule| {
                    let column = rule.cell.as_ref().and_then(|(names, _)| names.find(grid));
                    (column, rule)
                })
                .collect(),
            dated: dated(grid, mapping.heading_phrase.as_deref()),
            matrix: Vec::new(),
        };
        if !mapping.region_columns.is_empty() {
            located.matrix = matrix::columns(grid, &located.known());
            if located.matrix.is_empty() {
                return Err(missing("a region"));
            }
        }
        Ok(located)
    }

    /// Whom each row is about; the row itself is not read yet.
    pub fn about(
        &self,
        context: &Context<'_>,
        found: &mut Found,
    ) -> Result<Vec<About<'_>>, Failure> {
        self.note_unknown_columns(found);
        let head = self.head();
        let mut all = Vec::with_capacity(self.grid.rows.len());
        let mut label = None;
        let mut labels = self.grid.labels.iter().peekable();
        for (y, row) in self.grid.rows.iter().enumerate() {
            while let Some((_, text)) = labels.next_if(|(above, _)| *above <= y) {
                label = Some(Rc::from(compared(text)));
            }
            match label_of(&self.mapping.when, row.iter().map(Rc::as_ref)) {
                Some(of_row) => label = Some(Rc::from(of_row)),
                None => all.extend(self.about_row(row, label.as_ref(), &head, context, found)),
            }
            if found.count > MOST_SUBJECTS {
                return Err(Failure::Unreadable {
                    expected: format!("at most {MOST_SUBJECTS} rows, ids and regions"),
                    found: "more".to_string(),
                });
            }
        }
        Ok(all)
    }

    fn about_row<'r>(
        &self,
        row: &'r [Rc<Cell>],
        label: Option<&Rc<str>>,
        head: &[u8],
        context: &Context<'_>,
        found: &mut Found,
    ) -> Option<About<'r>> {
        if row.iter().all(|cell| cell.text.is_empty()) || self.is_skipped(row) {
            return None;
        }
        let ids = match ids::of_row(self.mapping, &self.ids, row) {
            Ok(ids) if ids.is_empty() && self.mapping.blank_ids => return None,
            Ok(ids) if ids.is_empty() => {
                let cells: Vec<&str> = row.iter().map(|cell| cell.text.as_str()).collect();
                let shown = cells.join(" | ");
                found.note(self.label.clone(), "a row with a native id", &shown);
                return None;
            }
            Ok(ids) => ids,
            Err(wrong) => {
                found.note(self.label.clone(), "a native id", &wrong);
                return None;
            }
        };
        let marked = self.marked(row, found);
        if marked.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        let in_cell = || {
            self.regions
                .and_then(|x| row.get(x))
                .zip(self.mapping.regions.as_ref())
                .map_or(Vec::new(), |(cell, regions)| {
                    ids::regions(cell, &regions.separators)
                })
        };
        let mut about = About {
            row,
            label: label.cloned(),
            ids,
            regions: marked.unwrap_or_else(in_cell),
            subjects: Vec::new(),
        };
        let deployments = self.deployments(row);
        about.enter(&deployments, self.print(row, label, head), context, found);
        Some(about)
    }

    /// What a row states of those of its subjects that are not settled.
    pub fn read(&self, about: &About<'_>, context: &Context<'_>, found: &mut Found) {
        if about.subjects.iter().all(|at| found.is_settled(*at)) {
            return;
        }
        let place = |column: &Column| {
            let id = about.ids.first().map_or("", |id| id.id.as_str());
            let header = shortened(column.header.shown(), 80);
            format!(
                "{} \u{203a} {} \u{203a} {header}",
                self.label,
                shortened(id, 80)
            )
        };
        let noted = found.unexpected.len();
        let mut stated = self.stated(about.row, &about.regions, context, &place, found);
        let is_noted = found.unexpected.len() > noted;
        stated
            .all
            .extend(self.by_rule(about.row, about.label.as_deref()));
        let mut subjects = about.subjects.iter();
        for id in &about.ids {
            for region in 0..about.regions.len().max(1) {
                for own in stated.by_deployment.values() {
                    let Some(at) = subjects.next() else { return };
                    let of_region = stated.by_region.get(&region).into_iter().flatten();
                    let claims = stated.all.iter().chain(own).chain(of_region);
                    found.state(*at, claims.map(|claim| banded(claim, id)), is_noted);
                }
            }
        }
    }

    /// What of the table besides its rows tells what they state.
    fn head(&self) -> Vec<u8> {
        let mut head = Vec::new();
        let headers = (0..self.grid.width()).map(|x| self.grid.header(x));
        let heading = self.dated.map_or("", |(heading, _)| heading);
        for text in headers.chain([self.label.as_str(), heading]) {
            about::add_text(&mut head, text);
        }
        blake3::hash(&head).as_bytes().to_vec()
    }

    /// The fingerprint of all that a row is read from.
    fn print(&self, row: &[Rc<Cell>], label: Option<&Rc<str>>, head: &[u8]) -> Fingerprint {
        let mut text = Vec::with_capacity(256);
        text.extend_from_slice(head);
        about::add_text(&mut text, label.map_or("", |label| label));
        for cell in row {
            about::add_text(&mut text, &cell.text);
            for (kind, all) in [(b'c', &cell.codes), (b'l', &cell.links)] {
                for one in all {
                    text.push(kind);
                    about::add_text(&mut text, one);
                }
            }
        }
        Fingerprint::of(&text)
    }

    /// The deployments that a row is about, in the order of what it states by them.
    fn deployments(&self, row: &[Rc<Cell>]) -> Vec<Option<String>> {
        let mut stated = Stated::default();
        for (x, column) in self.columns.iter().filter(|(_, c)| !c.cases.is_empty()) {
            if let Some(cell) = row.get(*x) {
                self.read_cases(column, cell, &mut stated);
            }
        }
        if stated.by_deployment.is_empty() {
            return vec![self.deployment(row)];
        }
        stated.by_deployment.into_keys().collect()
    }

    /// The regions whose columns are marked; `None` where columns are no regions.
    fn marked(&self, row: &[Rc<Cell>], found: &mut Found) -> Option<Vec<String>> {
        if self.matrix.is_empty() {
            return None;
        }
        let marks = matrix::marks(&self.mapping.region_columns, &self.matrix, row);
        for (region, text) in marks.strange {
            let place = format!("{} \u{203a} {region}", self.label);
            found.note(place, "a mark, or nothing", &text);
        }
        Some(marks.offered)
    }

    fn is_skipped(&self, row: &[Rc<Cell>]) -> bool {
        self.ids.iter().filter_map(|x| row.get(*x)).any(|cell| {
            self.mapping
                .skip
                .iter()
                .any(|word| has_word(&cell.text, word))
        })
    }

    /// What the row states, whichever of its ids it is about.
    fn stated(
        &self,
        row: &[Rc<Cell>],
        regions: &[String],
        context: &Context<'_>,
        place: &dyn Fn(&Column) -> String,
        found: &mut Found,
    ) -> Stated {
        let mut stated = Stated {
            all: self.constant(),
            ..Stated::default()
        };
        for (x, column) in &self.columns {
            let Some(cell) = row.get(*x) else {
                continue;
            };
            if self.read_cases(column, cell, &mut stated) {
                continue;
            }
            let Some(text) = column.part(&cell.text) else {
                continue;
            };
            let lines: Vec<&str> = text.lines().collect();
            if column.per_region && lines.len() > 1 && lines.len() == regions.len() {
                for (index, line) in lines.iter().enumerate() {
                    let claim = self.claim(row, column, line, context, place, found);
                    stated.by_region.entry(index).or_default().extend(claim);
                }
                continue;
            }
            let claim = self.claim(row, column, &text, context, place, found);
            stated.all.extend(claim);
        }
        if stated.by_deployment.is_empty() {
            stated
                .by_deployment
                .insert(self.deployment(row), Vec::new());
        }
        stated
    }

    fn constant(&self) -> Vec<Claim> {
        let mut claims: Vec<Claim> = self
            .mapping
            .set
            .iter()
            .map(|(attribute, value)| {
                let raw = format!("(every row of '{}')", self.label);
                self.ranked(Claim::new(attribute.clone(), value.clone(), raw))
            })
            .collect();
        if let (Some(attribute), Some((heading, date))) = (&self.mapping.heading_date, self.dated) {
            let raw = shortened(heading, 200);
            let claim = Claim::new(attribute.clone(), Value::Date(date), raw);
            claims.push(self.ranked(claim));
        }
        claims
    }

    /// What the first rule that holds of a row states.
    fn by_rule(&self, row: &[Rc<Cell>], label: Option<&str>) -> Vec<Claim> {
        let cell = |x: &Option<usize>| x.and_then(|x| row.get(x)).map(Rc::as_ref);
        let held = self
            .when
            .iter()
            .find(|(x, rule)| rule.holds(label, cell(x)));
        let Some((x, rule)) = held else {
            return Vec::new();
        };
        let raw = match (cell(x), label) {
            (Some(cell), _) => shortened(&cell.text, 300),
            (None, label) => shortened(label.unwrap_or_default(), 300),
        };
        let claims = rule.set.iter().map(|(attribute, value)| {
            self.ranked(Claim::new(attribute.clone(), value.clone(), raw.as_str()))
        });
        claims.collect()
    }

    /// Reads a cell that has one of the column's phrases. `false` if it has none.
    fn read_cases(&self, column: &Column, cell: &Cell, stated: &mut Stated) -> bool {
        let mut any = false;
        for case in &column.cases {
            let Some(date) = LifecycleDate::after_phrase(&cell.text, &case.after) else {
                continue;
            };
            any = true;
            let raw = shortened(&cell.text, 300);
            let claim = Claim::new(column.attribute.clone(), Value::Date(date), raw);
            let claim = self.ranked(claim);
            let unnamed = case.deployments.is_empty().then_some(None);
            let named = case.deployments.iter().cloned().map(Some);
            for deployment in named.chain(unnamed) {
                let own = stated.by_deployment.entry(deployment).or_default();
                own.push(claim.clone());
            }
        }
        any
    }

    fn claim(
        &self,
        row: &[Rc<Cell>],
        column: &Column,
        text: &str,
        context: &Context<'_>,
        place: &dyn Fn(&Column) -> String,
        found: &mut Found,
    ) -> Option<Claim> {
        let separate = matches!(
            column.conversion.kind,
            crate::readers::convert::As::Set { .. }
        );
        let one_line = if separate {
            text.to_string()
        } else {
            text.replace('\n', " ")
        };
        match column.conversion.read(&one_line, context.stages) {
            Ok(value) => {
                let attribute = self.in_tier(row, &column.attribute);
                let claim = Claim::new(attribute, value?, shortened(text, 300));
                Some(self.ranked(claim))
            }
            Err(expected) => {
                found.note(place(column), expected, text);
                let attribute = self.in_tier(row, &column.attribute);
                Some(self.ranked(Claim::unclear(attribute, shortened(text, 300))))
            }
        }
    }

    fn ranked(&self, claim: Claim) -> Claim {
        let rank = match self.mapping.rank {
            None => None,
            Some(Rank::Highest) => Some(i64::MAX),
            Some(Rank::HeadingDate) => self
                .dated
                .map(|(_, date)| date.starts().as_second().div_euclid(SECONDS_PER_DAY)),
        };
        Claim { rank, ..claim }
    }

    fn deployment(&self, row: &[Rc<Cell>]) -> Option<String> {
        let template = self.mapping.deployment.as_ref()?;
        let mut columns = self.deployment.iter();
        let mut text = String::new();
        for part in &template.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Column(_) => {
                    let cell = columns.next().and_then(|x| row.get(*x))?;
                    text.push_str(&cell.text.replace('\n', " "));
                }
            }
        }
        Some(text).filter(|text| !ids::says_nothing(text))
    }

    /// A price in the service tier that the row names.
    fn in_tier(&self, row: &[Rc<Cell>], attribute: &Attribute) -> Attribute {
        let named = self
            .tier
            .and_then(|x| row.get(x))
            .map(|cell| word(&cell.text));
        let usual = ["", "standard", "default"];
        match (attribute, named) {
            (Attribute::Price(meter), Some(tier))
                if meter.tier.is_none() && !usual.contains(&tier.as_str()) =>
            {
                let mut meter = meter.clone();
                meter.tier = Some(tier.into());
                Attribute::Price(meter)
            }
            _ => attribute.clone(),
        }
    }
}

#[derive(Default)]
struct Stated {
    all: Vec<Claim>,
    by_region: BTreeMap<usize, Vec<Claim>>,
    by_deployment: BTreeMap<Option<String>, Vec<Claim>>,
}

fn banded(claim: &Claim, id: &RowId) -> Claim {
    let mut claim = claim.clone();
    if let (Attribute::Price(meter), Some(over)) = (&mut claim.attribute, id.over) {
        meter.over.get_or_insert(over);
    }
    claim
}

/// A tier's name as one word: lower case, letters and digits, the rest an underscore.
fn word(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("_").chars().take(40).collect()
}

/// Whether `word` stands in the text and is no part of a longer word.
fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let begins = word.starts_with(joins);
    let ends = word.ends_with(joins);
    !word.is_empty()
        && text.match_indices(&word).any(|(at, _)| {
            let before = text.get(..at).and_then(|t| t.chars().next_back());
            let behind = text.get(at + word.len()..).and_then(|t| t.chars().next());
            !(begins && before.is_some_and(joins) || ends && behind.is_some_and(joins))
        })
}
