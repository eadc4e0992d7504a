//! What people read of a workload's costs.

use std::collections::{BTreeMap, BTreeSet};

use super::Arguments;
use crate::commands::output::{clean, in_words, print, table, width, wrapped};
use crate::commands::say;
use crate::landscape::{Assumption, Choice, Rejected, Workload};
use crate::market::{Attribute, DateKind, Stage, amount_for_people};
use crate::outlook::costs::lines;

/// Tells what a workload costs. `models` are those asked for, with whether nobody offers them.
pub fn tell(
    workload: &Workload,
    models: &[(&str, bool)],
    choices: &[Choice<'_>],
    rejected: &[Rejected<'_>],
    arguments: &Arguments,
) {
    let width = width();
    let tell = |text: &str| print(&wrapped(&clean(text), ["", "  "], width));
    tell(&format!("{}: {}", workload.name, workload.in_words()));
    if let Some(bounds) = workload.bounds.in_words() {
        tell(&bounds);
    }
    say("");
    let marks: BTreeMap<Assumption, char> = choices
        .iter()
        .flat_map(|choice| choice.cost.assumptions.iter().copied())
        .collect::<BTreeSet<Assumption>>()
        .into_iter()
        .zip('a'..='z')
        .collect();
    let mut shown: Vec<Vec<String>> = Vec::new();
    let mut hidden = 0;
    for of_one_currency in choices.chunk_by(|one, next| one.cost.currency == next.cost.currency) {
        let rows = rows(of_one_currency, &marks, models.len() > 1);
        hidden += rows.len().saturating_sub(arguments.limit);
        shown.extend(rows.into_iter().take(arguments.limit));
    }
    if shown.is_empty() {
        say("nothing that is known runs this workload within these bounds at a known price");
    } else {
        print(&without_empty(&shown));
    }
    if hidden > 0 {
        say(&format!("and {hidden} more: --limit shows them"));
    }
    tell_cheapest(choices, width);
    if !marks.is_empty() {
        say("");
        for (assumption, mark) in &marks {
            tell(&format!("{mark} {}", assumption.words()));
        }
    }
    tell_rejected(rejected, models, arguments.all);
    say("");
    tell(
        "By list price: without taxes, agreements, free allotments or storage of caches. Premium: above the provider's \
         cheapest way to call the same model. Amounts in different currencies are not compared.",
    );
}

const HEADER: [&str; 10] = [
    "PER MONTH",
    "PREMIUM",
    "MODEL",
    "PROVIDER",
    "NATIVE ID",
    "DEPLOYMENT",
    "REGIONS",
    "STAGE",
    "RETIRES",
    "",
];
/// Where the regions stand.
const REGIONS: usize = 6;

/// The table, without the columns in which nothing stands.
fn without_empty(rows: &[Vec<String>]) -> String {
    let is_told = |column: &usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(*column));
        cells.any(|cell| !cell.is_empty() && cell != "-")
    };
    let told: Vec<usize> = (0..HEADER.len()).filter(is_told).collect();
    let of_row = |row: &Vec<String>| {
        let cells = told.iter().filter_map(|column| row.get(*column));
        cells.cloned().collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(of_row).collect();
    let header = told
        .iter()
        .filter_map(|column| HEADER.get(*column).copied());
    table(&Vec::from_iter(header), &rows)
}

/// The choices, those that differ by region alone in one row.
fn rows(
    choices: &[Choice<'_>],
    marks: &BTreeMap<Assumption, char>,
    with_model: bool,
) -> Vec<Vec<String>> {
    let lines = lines(choices).into_iter();
    let rows = lines.map(|line| {
        let mut row = row(line.choice, marks, with_model);
        row.insert(REGIONS, in_words(&line.regions, 30));
        row
    });
    rows.collect()
}

/// A choice as the table shows it, but for its region.
fn row(choice: &Choice<'_>, marks: &BTreeMap<Assumption, char>, with_model: bool) -> Vec<String> {
    let subject = &choice.offer.subject;
    let premium = choice.premium.map(|percent| format!("+{percent} %"));
    let retires = choice.offer.facts.get(&Attribute::Date(DateKind::Retires));
    let stage = match choice.offer.stage() {
        Stage::Unknown => "-",
        stage => stage.word(),
    };
    let assumptions = choice.cost.assumptions.iter();
    vec![
        amount_for_people(choice.cost.per_month, choice.cost.currency),
        premium.unwrap_or_default(),
        if with_model { choice.model } else { "" }.to_string(),
        subject.provider.to_string(),
        subject.native_id.to_string(),
        subject.deployment.as_deref().unwrap_or("-").to_string(),
        stage.to_string(),
        retires.map_or_else(|| "-".to_string(), |fact| fact.value.to_string()),
        assumptions
            .filter_map(|assumption| marks.get(assumption))
            .collect(),
    ]
}

/// So many of those that are equally cheap are named.
const CHEAPEST: usize = 3;

/// The cheapest of each currency.
fn tell_cheapest(choices: &[Choice<'_>], width: usize) {
    let mut told = BTreeSet::new();
    for choice in choices {
        if !told.insert(choice.cost.currency) {
            continue;
        }
        let lowest = choice.cost.per_month;
        let equal: BTreeSet<String> = choices
            .iter()
            .filter(|other| {
                other.cost.currency == choice.cost.currency && other.cost.per_month == lowest
            })
            .map(|other| format!("{} on {}", other.model, other.offer.subject.provider))
            .collect();
        let named: Vec<&str> = equal.iter().map(String::as_str).take(CHEAPEST).collect();
        let more = match equal.len().saturating_sub(CHEAPEST) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let line = format!(
            "cheapest: {}{more}: {} a month",
            named.join(", "),
            amount_for_people(lowest, choice.cost.currency)
        );
        say("");
        say(&clean(&line));
    }
    let sources: BTreeSet<&str> = choices
        .iter()
        .flat_map(|choice| &choice.cost.items)
        .map(|item| item.stated.source.probe.as_str())
        .collect();
    if !sources.is_empty() {
        let sources: Vec<&str> = sources.into_iter().collect();
        let line = format!("prices by {}", sources.join(", "));
        print(&wrapped(&clean(&line), ["", "  "], width));
    }
}

/// What is left out: how many for each reason, or every one.
fn tell_rejected(rejected: &[Rejected<'_>], models: &[(&str, bool)], all: bool) {
    let nobody: Vec<&str> = models
        .iter()
        .filter(|(_, is_empty)| *is_empty)
        .map(|(model, _)| *model)
        .collect();
    if rejected.is_empty() && nobody.is_empty() {
        return;
    }
    say("");
    say(match all {
        true => "left out",
        false => "left out (--all names them)",
    });
    for model in nobody {
        say(&format!("  {}: no source speaks of it", clean(model)));
    }
    let mut reasons: BTreeMap<&str, Vec<&Rejected<'_>>> = BTreeMap::new();
    for one in rejected {
        reasons.entry(&one.reason).or_default().push(one);
    }
    for (reason, group) in reasons {
        let offerings = match group.len() {
            1 => "1 offering".to_string(),
            count => format!("{count} offerings"),
        };
        say(&format!("  {offerings}: {}", clean(reason)));
        for one in group.iter().filter(|_| all) {
            let subject = &one.offer.subject;
            let deployment = subject.deployment.as_deref().unwrap_or("-");
            let line = format!(
                "    {} {} {} {deployment}",
                subject.provider, subject.native_id, subject.region
            );
            say(&clean(&line));
        }
    }
}
