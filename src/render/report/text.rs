//! The report as plain text.

use std::fmt::Write as _;

use super::{Report, figures, sections};
use crate::render::line::grouped;

/// Columns are padded by what people see: one character is one column, which holds for the names of sources.
pub fn text(report: &Report) -> String {
    let title = report.title();
    let mut out = format!(
        "{title}\n{}\n\n{}\n",
        "=".repeat(title.chars().count()),
        report.summary()
    );
    for section in report.sections() {
        heading(&mut out, section.title);
        for item in section.items.iter().take(section.limit) {
            let day = item
                .seen_at
                .to_zoned(report.zone.clone())
                .strftime("%a %-d %b")
                .to_string();
            let _ = writeln!(
                out,
                "{:<8}  {:<10}  {}",
                item.severity.word(),
                day,
                item.said
            );
            let id = item.ids.first().map_or("", String::as_str);
            let _ = writeln!(out, "{:20}  {}; bellwether why {id}", "", item.source);
        }
        more(&mut out, section.items.len(), section.limit, "changes");
    }
    latency(&mut out, report);
    let trouble = sections::trouble(report);
    if !trouble.is_empty() {
        heading(&mut out, "Sources in trouble");
        for line in trouble.iter().take(super::page::TROUBLE) {
            let _ = writeln!(out, "{line}");
        }
        more(&mut out, trouble.len(), super::page::TROUBLE, "status");
    }
    heading(&mut out, "How this is known");
    for line in sections::method_lines(report) {
        let _ = writeln!(out, "{line}");
    }
    out
}

fn heading(out: &mut String, title: &str) {
    let _ = write!(out, "\n{title}\n{}\n", "-".repeat(title.chars().count()));
}

fn more(out: &mut String, there_are: usize, shown: usize, command: &str) {
    if there_are > shown {
        let _ = writeln!(
            out,
            "and {} more: bellwether {command}",
            grouped(there_are - shown)
        );
    }
}

fn latency(out: &mut String, report: &Report) {
    if report.latency.is_empty() {
        return;
    }
    heading(out, "Latency");
    let mut rows = vec![figures::HEAD.map(str::to_string)];
    rows.extend(report.latency.iter().take(figures::ROWS).map(figures::row));
    let widths: Vec<usize> = (0..figures::HEAD.len())
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for row in &rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = match column {
                0 => write!(out, "{cell:<width$}"),
                _ => write!(out, "  {cell:>width$}"),
            };
        }
        out.push('\n');
    }
    if report.latency.len() > figures::ROWS {
        let _ = writeln!(
            out,
            "and {} more: bellwether latency",
            grouped(report.latency.len() - figures::ROWS)
        );
    }
    let _ = writeln!(out, "{}", figures::NOTE);
}
