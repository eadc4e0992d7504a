//! The report as plain text.

use std::fmt::Write as _;

use super::block::{
    Block, Bound, Cell, ColumnKind, Document, Figure, Items, Lines, Section, Table,
};
use super::day;
use crate::render::line::grouped;

/// Columns of text that stand beside each other on a screen; wider tables stand one cell below the other.
const WIDTH: usize = 110;

/// Columns are padded by what people see: one character is one column, which holds for the names of sources.
pub fn text(document: &Document) -> String {
    let mut out = format!(
        "{}\n{}\n\n{}\n",
        document.title,
        "=".repeat(document.title.chars().count()),
        document.summary
    );
    let keys: Vec<String> = document
        .keys
        .iter()
        .map(|key| format!("{} {}", key.value.text, key.label))
        .collect();
    if !keys.is_empty() {
        let _ = writeln!(out, "{}", keys.join(" · "));
    }
    for section in &document.sections {
        write_section(&mut out, document, section);
    }
    out
}

fn write_section(out: &mut String, document: &Document, section: &Section) {
    let _ = write!(
        out,
        "\n{}\n{}\n",
        section.title,
        "-".repeat(section.title.chars().count())
    );
    for (at, block) in section.blocks.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        match block {
            Block::Items(block) => items(out, document, block),
            Block::Table(block) => table(out, block),
            Block::Lines(block) => lines(out, block),
            Block::Figure(block) => figure(out, block),
        }
    }
}

fn more(out: &mut String, hidden: usize, bound: &Bound) {
    if hidden > 0 {
        let _ = writeln!(out, "and {} more: {}", grouped(hidden), bound.more);
    }
}

fn items(out: &mut String, document: &Document, block: &Items) {
    let (shown, hidden) = block.bound.split(block.items.len(), 1);
    for item in block.items.iter().take(shown) {
        let _ = writeln!(
            out,
            "{:<8}  {:<10}  {}",
            item.severity.word(),
            day(item.seen_at, &document.zone),
            item.said
        );
        let id = item.ids.first().map_or("", String::as_str);
        let watched = item.watched();
        let watched = watched.map_or(String::new(), |watched| format!("; {watched}"));
        let _ = writeln!(
            out,
            "{:20}  {}{watched}; bellwether why {id}",
            "", item.source
        );
    }
    more(out, hidden, &block.bound);
}

fn lines(out: &mut String, block: &Lines) {
    let (shown, hidden) = block.bound.split(block.lines.len(), 1);
    for line in block.lines.iter().take(shown) {
        let _ = match &line.link {
            Some(link) => writeln!(out, "{}\n  {link}", line.text),
            None => writeln!(out, "{}", line.text),
        };
    }
    more(out, hidden, &block.bound);
}

fn figure(out: &mut String, block: &Figure) {
    let _ = writeln!(out, "{}", block.in_words());
    if !block.caption.is_empty() {
        let _ = writeln!(out, "{}", block.caption);
    }
}

fn table(out: &mut String, block: &Table) {
    let (shown, hidden) = block.bound.split(block.rows.len(), 1);
    let rows = block.rows.get(..shown).unwrap_or_default();
    if let Some(title) = &block.title {
        let _ = writeln!(out, "{title}:");
    }
    let widths = widths(block, rows);
    if widths.iter().map(|width| width + 2).sum::<usize>() > WIDTH {
        stacked(out, block, rows);
    } else {
        let heads: Vec<&str> = block.columns.iter().map(|one| one.title.as_str()).collect();
        beside(out, block, &heads, &widths);
        for row in rows {
            let cells: Vec<&str> = row.iter().map(|cell| cell.text.as_str()).collect();
            beside(out, block, &cells, &widths);
            details(out, row);
        }
    }
    more(out, hidden, &block.bound);
    if let Some(note) = &block.note {
        let _ = writeln!(out, "{note}");
    }
}

fn widths(block: &Table, rows: &[Vec<Cell>]) -> Vec<usize> {
    let heads = block
        .columns
        .iter()
        .map(|column| column.title.chars().count());
    let mut widths: Vec<usize> = heads.collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.text.chars().count());
        }
    }
    widths
}

fn beside(out: &mut String, block: &Table, cells: &[&str], widths: &[usize]) {
    let mut line = String::new();
    for (at, ((cell, width), column)) in cells.iter().zip(widths).zip(&block.columns).enumerate() {
        let gap = if at == 0 { "" } else { "  " };
        let _ = match column.kind {
            ColumnKind::Number => write!(line, "{gap}{cell:>width$}"),
            ColumnKind::Name | ColumnKind::Text => write!(line, "{gap}{cell:<width$}"),
        };
    }
    let _ = writeln!(out, "{}", line.trim_end());
}

/// Each row's name, and below it what is known of it.
fn stacked(out: &mut String, block: &Table, rows: &[Vec<Cell>]) {
    for row in rows {
        for (column, cell) in block.columns.iter().zip(row) {
            let _ = match column.kind {
                _ if cell.text.is_empty() => Ok(()),
                ColumnKind::Name => writeln!(out, "{}", known(cell)),
                _ => writeln!(out, "  {}: {}", column.title, known(cell)),
            };
            if let Some(link) = &cell.link {
                let _ = writeln!(out, "    {link}");
            }
        }
    }
}

fn known(cell: &Cell) -> String {
    match cell.detail.as_str() {
        "" => cell.text.clone(),
        detail => format!("{} ({detail})", cell.text),
    }
}

/// Where a row is from, below it.
fn details(out: &mut String, row: &[Cell]) {
    for cell in row {
        let link = cell.link.as_deref().unwrap_or_default();
        let _ = match (cell.detail.as_str(), link) {
            ("", "") => Ok(()),
            (one, "") | ("", one) => writeln!(out, "  {one}"),
            (detail, link) => writeln!(out, "  {detail}; {link}"),
        };
    }
}
