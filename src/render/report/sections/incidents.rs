//! Incidents, and who saw them first.

use super::super::Report;
use super::super::block::{Block, Bound, Cell, Column, Table, Tone};
use super::super::facts::IncidentLine;
use crate::render::line::{lasting, link, one_line};

/// Each incident, what we measured, what its provider's page states, and who was first.
pub fn table(report: &Report) -> Block {
    Block::Table(Table {
        key: "incidents",
        title: None,
        columns: vec![
            Column::name("provider", "provider"),
            Column::text("began", "began"),
            Column::text("stated", "its page states"),
            Column::text("measured", "we measured"),
            Column::text("first", "who saw it first"),
        ],
        rows: report
            .facts
            .incidents
            .iter()
            .map(|line| row(report, line))
            .collect(),
        bound: Bound {
            limit: 15,
            more: report.listing("incidents"),
        },
        note: None,
    })
}

fn row(report: &Report, line: &IncidentLine) -> Vec<Cell> {
    let began = line.began.to_zoned(report.zone.clone());
    let lasted = match line.ended {
        Some(ended) => Cell::of(&lasting(ended.duration_since(line.began).as_secs())),
        None => Cell::of("goes on").with_tone(Tone::Bad),
    };
    let why = line.id.as_ref();
    vec![
        Cell::of(&line.provider),
        Cell {
            text: began.strftime("%a %-d %b %H:%M").to_string(),
            detail: lasted.text,
            tone: lasted.tone,
            ..Cell::default()
        }
        .with_value(line.began.to_string()),
        Cell {
            link: line.stated.as_ref().and_then(|_| link(&line.url)),
            detail: why.map_or(String::new(), |id| {
                format!("bellwether why {}", one_line(id, 40))
            }),
            ..Cell::of(line.stated.as_deref().unwrap_or("nothing"))
        },
        Cell {
            detail: one_line(line.evidence.as_deref().unwrap_or_default(), 120),
            ..Cell::of(line.measured.as_deref().unwrap_or("nothing"))
        },
        Cell::of(&first(line)),
    ]
}

fn first(line: &IncidentLine) -> String {
    match (line.lead, &line.measured) {
        (Some(0), _) => "both at once".to_string(),
        (Some(lead), _) if lead > 0 => format!("we, by {}", lasting(lead)),
        (Some(lead), _) => format!("the page, by {}", lasting(-lead)),
        (None, Some(_)) => "only we".to_string(),
        (None, None) => "only the page".to_string(),
    }
}
