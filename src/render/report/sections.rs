//! What a report tells, in which order.

pub mod changes;
mod incidents;
pub mod knowing;
mod landscape;
mod latency;
pub mod measured;
mod movers;
mod questions;
mod retirements;
mod workloads;

use serde_json::{Value as Json, json};

use super::Report;
use super::block::{Block, Cell, Figure, KeyFigure, Section, Tone};
use crate::landscape::indicator::Way;
use crate::market::RecordedChange;
use crate::render::chart;
use crate::render::line::{counted, grouped};

use changes::{Class, Sorted, causes, listed, needs_decision};

/// Figures at the head.
const MOST: usize = 5;

/// The sections that have something to say.
pub fn sections(report: &Report) -> Vec<Section> {
    let sorted = Sorted::of(report);
    let changes = |key, title, class| Section::of(key, title, [sorted.of_class(report, class)]);
    let told = report.landscape.as_ref();
    let basket = told.map(landscape::basket).unwrap_or_default();
    let movers = told
        .map(|told| movers::movers(report, told))
        .unwrap_or_default();
    let moved = movers
        .into_iter()
        .chain([sorted.of_class(report, Class::NewAndGone)]);
    let prices = [
        workloads::table(report),
        sorted.of_class(report, Class::Prices),
    ]
    .into_iter()
    .chain(basket);
    [
        told.and_then(landscape::shifted),
        changes("mattered", "What mattered", Class::Mattered),
        by_day(report),
        told.and_then(landscape::landscape),
        Section::of("new_and_gone", "New and gone", moved),
        changes("life", "Stages and dates", Class::Life),
        told.and_then(landscape::arrivals),
        Section::of("prices", "Prices and your workloads", prices),
        latency::section(report),
        Section::of(
            "incidents",
            "Incidents, and who saw them first",
            [
                incidents::table(report),
                sorted.of_class(report, Class::Incidents),
            ],
        ),
        retirements::section(report),
        questions::section(report),
        changes("announcements", "Announcements", Class::Announcements),
        changes("other", "Limits, capabilities and texts", Class::Other),
        knowing::trouble(report),
        changes("watching", "The watching itself", Class::Watching),
        knowing::known(report),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The days of the span, where something changed.
fn by_day(report: &Report) -> Option<Section> {
    let days = report.days().ok().filter(|days| days.n() > 0)?;
    let classes = chart::Class::ALL.into_iter();
    let counts = classes.map(|class| (class.word().to_string(), days.of(class).into()));
    let figure = Figure {
        key: "changes-by-day",
        data: json!({ "changes": Json::Object(counts.collect()) }),
        chart: days.chart(),
        caption: String::new(),
    };
    Section::of("by_day", "Day by day", [Block::Figure(figure)])
}

/// The figures at the head, where there is anything to count.
pub fn key_figures(report: &Report) -> Vec<KeyFigure> {
    let causes = causes(report);
    let leads: Vec<&RecordedChange> = causes
        .iter()
        .filter_map(|changes| changes.first().copied())
        .collect();
    let figure = |key, count: usize, (one, several), section, tone| KeyFigure {
        key,
        value: Cell::of(&grouped(count))
            .with_value(count)
            .with_tone(if count > 0 { tone } else { Tone::Plain }),
        label: if count == 1 { one } else { several },
        section,
    };
    let of = |class| {
        leads
            .iter()
            .filter(|lead| chart::Class::of(lead.change.kind) == class)
            .count()
    };
    let mut figures = Vec::new();
    if !leads.is_empty() {
        let grave = leads
            .iter()
            .filter(|lead| needs_decision(report, lead))
            .count();
        let words = ("needs a decision", "need a decision");
        let (new, gone) = match &report.landscape {
            // models, whatever spellings and regions they have, and without what registries only tidied up
            Some(landscape) => (
                movers::moved(landscape, Way::Added),
                movers::moved(landscape, Way::Removed),
            ),
            None => (of(chart::Class::New), of(chart::Class::Gone)),
        };
        let moved = of(chart::Class::Prices);
        let prices = ("price moved", "prices moved");
        figures.extend([
            figure("decisions", grave, words, "mattered", Tone::Caution),
            figure(
                "new",
                new,
                ("model came", "models came"),
                "new_and_gone",
                Tone::Plain,
            ),
            figure(
                "gone",
                gone,
                ("model went", "models went"),
                "new_and_gone",
                Tone::Plain,
            ),
            figure("prices", moved, prices, "prices", Tone::Plain),
        ]);
    }
    let soon = retirements::soon(report);
    if soon > 0 {
        let words = ("ends in 30 days", "end in 30 days");
        figures.push(figure("ends", soon, words, "retirements", Tone::Caution));
    }
    let trouble = report.sources.iter().filter(|one| one.is_in_trouble());
    let words = ("source in trouble", "sources in trouble");
    match trouble.count() {
        0 => {}
        several => figures.push(figure("trouble", several, words, "trouble", Tone::Bad)),
    }
    figures.truncate(MOST);
    figures
}

/// What the whole span brought: how the landscape shifted, and how much changed.
pub fn summary(report: &Report) -> String {
    let changed = changed(report);
    match report.first_shift() {
        Some(shift) => format!("{shift}. {changed}"),
        None => changed,
    }
}

fn changed(report: &Report) -> String {
    let news = listed(&report.changes).count();
    let sources = counted(report.sources.len(), "source");
    let method = knowing::method(report);
    let readings = counted(
        usize::try_from(method.readings).unwrap_or(usize::MAX),
        "good reading",
    );
    if news == 0 && method.readings == 0 {
        return format!("Nothing is known of what changed: none of {sources} gave a good reading.");
    }
    let is_first = report.landscape.as_ref().is_some_and(|of| !of.has_eve());
    if news == 0 && is_first {
        return format!(
            "The first readings, with nothing before to compare: {readings} of {sources}."
        );
    }
    if news == 0 {
        let what = match report.first_shift() {
            Some(_) => "No source changed",
            None => "Nothing changed",
        };
        return format!("{what}: {readings} of {sources} said the same as before.");
    }
    let grave = listed(&report.changes)
        .filter(|recorded| needs_decision(report, recorded))
        .count();
    let providers: std::collections::BTreeSet<&str> = listed(&report.changes)
        .map(|recorded| recorded.change.subject.provider.as_str())
        .collect();
    let matter = match grave {
        0 => "none needs a decision".to_string(),
        1 => "1 needs a decision".to_string(),
        several => format!("{} need a decision", grouped(several)),
    };
    format!(
        "{} at {}, {matter}; from {readings} of {sources}.",
        counted(news, "change"),
        counted(providers.len(), "provider"),
    )
}
