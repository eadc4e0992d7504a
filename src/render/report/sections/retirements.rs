//! What ends soon, and what there is instead.

use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::super::Report;
use super::super::block::{Block, Bound, Cell, Column, Figure, Section, Table, Tone};
use super::super::facts::EndLine;
use crate::market::Certainty;
use crate::render::chart::{self, Body, Chart};
use crate::render::leave;
use crate::render::line::{counted, link, one_line};

/// Days that are counted apart.
const HORIZONS: [i64; 3] = [30, 90, 180];
/// Ways out that a row names.
const WAYS: usize = 3;

/// What ends for certain and what may end, each on its own: a floor is no date.
pub fn section(report: &Report) -> Option<Section> {
    let firm = table(report, Certainty::Firm, "firm", "Ends on a stated day");
    let floor = table(
        report,
        Certainty::NotBefore,
        "not_before",
        "Ends no earlier",
    );
    let line = drawn(report).map(Block::Figure);
    let blocks = line.into_iter().chain([firm, floor]);
    Section::of("retirements", "Upcoming retirements", blocks)
}

/// The time line of all ends.
fn drawn(report: &Report) -> Option<Figure> {
    let ends = &report.facts.ends;
    let (first, today) = (ends.first()?, report.last_day());
    let row = |end: &EndLine| chart::Retirement {
        name: format!("{} · {}", end.model, end.provider),
        date: end.end.starts().to_zoned(TimeZone::UTC).date(),
        is_firm: end.end.certainty == Certainty::Firm,
    };
    let data = ends.iter().map(|end| {
        json!({
            "model": end.model,
            "provider": end.provider,
            "date": end.end.text(),
            "firm": end.end.certainty == Certainty::Firm,
        })
    });
    let source = match ends.iter().all(|end| end.url == first.url) {
        true => one_line(&first.url, 80),
        false => "providers and registries".to_string(),
    };
    Some(Figure {
        key: "retirements",
        data: Json::Array(data.collect()),
        chart: Chart {
            title: "What ends within 180 days".to_string(),
            unit: String::new(),
            n: ends.len() as u64,
            counted: "models at providers".to_string(),
            source,
            body: Body::Retirements(chart::Retirements {
                today,
                rows: ends.iter().map(row).collect(),
            }),
        },
        caption: String::new(),
    })
}

/// How many ends come for certain within the nearest horizon.
pub fn soon(report: &Report) -> usize {
    let ends = report.facts.ends.iter();
    ends.filter(|end| end.end.certainty == Certainty::Firm && end.days <= HORIZONS[0])
        .count()
}

fn table(report: &Report, certainty: Certainty, key: &'static str, what: &str) -> Block {
    let ends: Vec<&EndLine> = report
        .facts
        .ends
        .iter()
        .filter(|end| end.end.certainty == certainty)
        .collect();
    let within = |days: i64| ends.iter().filter(|end| end.days <= days).count();
    let counts = HORIZONS.map(|days| format!("{} within {days} days", within(days)));
    Block::Table(Table {
        key,
        title: Some(format!("{what}: {}", counts.join(", "))),
        columns: vec![
            Column::name("model", "model"),
            Column::text("provider", "at"),
            Column::text("date", "ends"),
            Column::text("instead", "instead"),
        ],
        rows: ends.iter().map(|end| row(end)).collect(),
        bound: Bound {
            limit: 15,
            more: "bellwether offerings".to_string(),
        },
        note: None,
    })
}

fn row(line: &EndLine) -> Vec<Cell> {
    let mut known = Vec::new();
    if !line.touched.is_empty() {
        known.push(format!(
            "watched: {}",
            one_line(&line.touched.join(", "), 80)
        ));
    }
    if line.offerings > 1 {
        known.push(counted(line.offerings, "offering"));
    }
    let days = usize::try_from(line.days).unwrap_or(0);
    let tone = match (line.touched.is_empty(), line.end.certainty) {
        (false, Certainty::Firm) if line.days <= HORIZONS[0] => Tone::Bad,
        (false, _) => Tone::Caution,
        (true, _) => Tone::Plain,
    };
    vec![
        Cell {
            detail: known.join("; "),
            ..Cell::of(&line.model).with_tone(tone)
        },
        Cell::of(&line.provider),
        Cell {
            link: link(&line.url),
            ..Cell::of(&format!("{}, in {}", line.end.text(), counted(days, "day")))
                .with_value(line.end.text().to_string())
        },
        Cell::of(&leave::in_short(&line.way_out, WAYS)),
    ]
}
