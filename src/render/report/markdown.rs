//! The report as Markdown: foreign text is escaped, so that no name becomes a link, a heading or a table's border.

use std::fmt::Write as _;

use super::{Report, figures, sections};
use crate::render::line::{grouped, markdown as escaped};

/// The report as GitHub's dialect, which has tables.
pub fn markdown(report: &Report) -> String {
    let mut out = format!(
        "# {}\n\n{}\n",
        escaped(&report.title()),
        escaped(&report.summary())
    );
    for section in report.sections() {
        let _ = write!(out, "\n## {}\n\n", section.title);
        for item in section.items.iter().take(section.limit) {
            let day = item
                .seen_at
                .to_zoned(report.zone.clone())
                .strftime("%a %-d %b")
                .to_string();
            let id = item.ids.first().map_or("", String::as_str);
            let source = match &item.url {
                // The address holds neither blank nor angle bracket: both are percent-encoded.
                Some(url) => format!("[{}](<{url}>)", escaped(&item.source)),
                None => escaped(&item.source),
            };
            let _ = writeln!(
                out,
                "- **{}** {day}: {} ({source}, `{}`)",
                item.severity.word(),
                escaped(&item.said),
                id.replace('`', "")
            );
        }
        more(&mut out, section.items.len(), section.limit, "changes");
    }
    latency(&mut out, report);
    let trouble = sections::trouble(report);
    if !trouble.is_empty() {
        out.push_str("\n## Sources in trouble\n\n");
        for line in trouble.iter().take(super::page::TROUBLE) {
            let _ = writeln!(out, "- {}", escaped(line));
        }
        more(&mut out, trouble.len(), super::page::TROUBLE, "status");
    }
    out.push_str("\n## How this is known\n\n");
    for line in sections::method_lines(report) {
        let _ = writeln!(out, "- {}", escaped(&line));
    }
    out
}

fn more(out: &mut String, there_are: usize, shown: usize, command: &str) {
    if there_are > shown {
        let _ = writeln!(
            out,
            "- and {} more: `bellwether {command}`",
            grouped(there_are - shown)
        );
    }
}

fn latency(out: &mut String, report: &Report) {
    if report.latency.is_empty() {
        return;
    }
    out.push_str("\n## Latency\n\n");
    let _ = writeln!(out, "| {} |", figures::HEAD.join(" | "));
    let _ = writeln!(out, "| --- |{}", " ---: |".repeat(figures::HEAD.len() - 1));
    for summary in report.latency.iter().take(figures::ROWS) {
        let cells = figures::row(summary).map(|cell| escaped(&cell));
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    let _ = writeln!(out, "\n{}", figures::NOTE);
    let hidden = report.latency.len().saturating_sub(figures::ROWS);
    if hidden > 0 {
        let _ = writeln!(out, "And {} more: `bellwether latency`.", grouped(hidden));
    }
}
