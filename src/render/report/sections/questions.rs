//! The topics that are watched: what was said of them last.

use super::super::Report;
use super::super::block::{Block, Bound, Cell, Column, Section, Table, Tone};
use super::super::facts::QuestionLine;
use crate::render::line::{link, one_line};

/// Each topic with its last answer, or that there is none yet.
pub fn section(report: &Report) -> Option<Section> {
    let table = Table {
        key: "topics",
        title: None,
        columns: vec![
            Column::name("topic", "topic"),
            Column::text("said", "last said"),
        ],
        rows: report
            .facts
            .questions
            .iter()
            .map(|line| row(report, line))
            .collect(),
        bound: Bound {
            limit: 20,
            more: report.listing("changes"),
        },
        note: None,
    };
    Section::of("questions", "Open questions", [Block::Table(table)])
}

fn row(report: &Report, line: &QuestionLine) -> Vec<Cell> {
    let day = |at: jiff::Timestamp| {
        let at = at.to_zoned(report.zone.clone());
        at.strftime("%-d %b %Y").to_string()
    };
    let said = match (&line.last, line.since) {
        (Some(said), _) => Cell {
            link: link(&said.url),
            tone: if said.is_new {
                Tone::Caution
            } else {
                Tone::Plain
            },
            detail: format!(
                "{}{}; bellwether why {}",
                if said.is_new { "new: " } else { "" },
                day(said.at),
                one_line(&said.id, 40)
            ),
            ..Cell::of(&said.text)
        },
        (None, Some(since)) => Cell::of(&format!("nothing yet since {}", day(since)))
            .with_tone(Tone::Quiet)
            .with_value(serde_json::Value::Null),
        (None, None) => Cell::of("nothing yet")
            .with_tone(Tone::Quiet)
            .with_value(serde_json::Value::Null),
    };
    let topic = Cell {
        detail: format!("watch {}", one_line(&line.watch, 60)),
        ..Cell::of(&line.topic)
    };
    vec![topic, said]
}
