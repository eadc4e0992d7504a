//! How the report knows what it says, and where it does not.

use super::super::Report;
use super::super::SourceLine;
use super::super::block::{Block, Bound, Cell, Column, Line, Lines, Section, Table, Tone};
use super::changes::said;
use crate::latency::{INCONCLUSIVE, is_good};
use crate::market::{RecordedChange, Standing};
use crate::render::line::{counted, grouped, one_line};
use crate::render::message::time;

/// Flapping changes that the method names.
const FLAPPING: usize = 5;
/// Sources in trouble that people are shown.
const TROUBLE: usize = 30;

/// What is told but not measured: how the report knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Method {
    pub readings: u64,
    pub corroborations: usize,
    pub outranked: usize,
    pub documented: usize,
    pub flapping: usize,
    pub imported: usize,
}

/// How the report knows what it says.
pub fn method(report: &Report) -> Method {
    let count = |is: &dyn Fn(&RecordedChange) -> bool| {
        report
            .changes
            .iter()
            .filter(|recorded| is(recorded))
            .count()
    };
    Method {
        readings: report
            .sources
            .iter()
            .fold(0, |sum, source| sum.saturating_add(source.readings)),
        corroborations: count(&|recorded| recorded.standing == Standing::Corroboration),
        outranked: count(&|recorded| recorded.standing == Standing::Outranked),
        documented: count(&|recorded| recorded.change.documented),
        flapping: count(&|recorded| recorded.change.flapping),
        imported: count(&|recorded| recorded.imported),
    }
}

/// How this is known, in sentences.
pub fn known(report: &Report) -> Option<Section> {
    let lines = Lines {
        lines: sentences(report)
            .iter()
            .map(|said| Line::of(said))
            .collect(),
        bound: Bound {
            limit: usize::MAX,
            more: "bellwether status".to_string(),
        },
        tone: Tone::Quiet,
    };
    Section::of("method", "How this is known", [Block::Lines(lines)])
}

fn sentences(report: &Report) -> Vec<String> {
    let method = method(report);
    let readings = usize::try_from(method.readings).unwrap_or(usize::MAX);
    let mut lines = vec![format!(
        "{} of {}; times are in {}; made {}.",
        counted(readings, "good reading"),
        counted(report.sources.len(), "source"),
        report.zone.iana_name().unwrap_or("a fixed offset"),
        time(report.made_at, &report.zone),
    )];
    lines.extend(asked(report));
    let mut tell = |count: usize, what: &str| {
        if count > 0 {
            lines.push(format!("{} {what}", counted(count, "change")));
        }
    };
    tell(
        method.corroborations,
        "confirmed what another source had said: counted, not listed.",
    );
    tell(
        method.outranked,
        "of lower authority contradicted a higher one: counted, not listed.",
    );
    tell(
        method.documented,
        "only documented what a registry had left out, or took back: counted, not listed.",
    );
    tell(method.imported, "came from imported history.");
    tell(method.flapping, "kept coming back: told to nobody.");
    let flapping = report
        .changes
        .iter()
        .filter(|recorded| recorded.change.flapping);
    for recorded in flapping.take(FLAPPING) {
        lines.push(format!("Flapping: {}", said(recorded)));
    }
    lines
}

/// How often sources were asked, and what came of it.
fn asked(report: &Report) -> Vec<String> {
    let facts = &report.facts;
    let mut lines = Vec::new();
    let count = |of: &dyn Fn(&str) -> bool| -> usize {
        let outcomes = facts.readings.iter().filter(|(word, _)| of(word));
        outcomes
            .map(|(_, n)| usize::try_from(*n).unwrap_or(usize::MAX))
            .sum()
    };
    let is_failure = |word: &str| !is_good(word) && word != INCONCLUSIVE;
    let (all, failed) = (count(&|_| true), count(&is_failure));
    let inconclusive = count(&|word| word == INCONCLUSIVE);
    if failed > 0 {
        let kinds: Vec<String> = facts
            .readings
            .iter()
            .filter(|(word, _)| is_failure(word))
            .map(|(word, n)| format!("{} {n}", word.replace('_', " ")))
            .collect();
        lines.push(format!(
            "{} of {} failed ({}): what they would have said is not known, and ends nothing.",
            grouped(failed),
            counted(all, "reading"),
            kinds.join(", ")
        ));
    }
    if inconclusive > 0 {
        lines.push(format!(
            "{} inconclusive: the network here was away.",
            counted(inconclusive, "reading")
        ));
    }
    if facts.missed > 0 {
        let missed = usize::try_from(facts.missed).unwrap_or(usize::MAX);
        lines.push(format!(
            "{} missed so far while nothing ran here, and made up for once.",
            counted(missed, "run")
        ));
    }
    lines
}

/// The sources in trouble.
pub fn trouble(report: &Report) -> Option<Section> {
    let sources = report.sources.iter().filter(|one| one.is_in_trouble());
    let table = Table {
        key: "sources",
        title: None,
        columns: vec![
            Column::name("source", "source"),
            Column::text("state", "state"),
            Column::text("last_good", "last good reading"),
        ],
        rows: sources.map(|source| in_trouble(report, source)).collect(),
        bound: Bound {
            limit: TROUBLE,
            more: "bellwether status".to_string(),
        },
        note: None,
    };
    Section::of("trouble", "Sources in trouble", [Block::Table(table)])
}

fn in_trouble(report: &Report, source: &SourceLine) -> Vec<Cell> {
    let state = one_line(&source.state, 160);
    let state = match usize::try_from(source.failures).unwrap_or(usize::MAX) {
        0 => state,
        failures => format!("{state}; {} in a row", counted(failures, "failure")),
    };
    let last = match source.last_good {
        Some(at) => Cell::of(&time(at, &report.zone)).with_value(at.to_string()),
        None => Cell::of("none yet").with_value(serde_json::Value::Null),
    };
    let name = match source.title.as_str() {
        "" => Cell::of(&source.name),
        title => Cell {
            detail: one_line(&source.name, 80),
            ..Cell::of(title)
        },
    };
    vec![
        name.with_value(source.name.as_str()),
        Cell::of(&state).with_tone(Tone::Bad),
        last,
    ]
}
