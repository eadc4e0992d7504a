//! Findings for people: what is well first, what is to be mended last, where a terminal shows it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::output::{colour, print, room, wrapped};
use super::finding::{Finding, State, Sum};
use super::machine::Check;

/// Prints every finding, what else the daemon needs, and the sum.
pub fn tell(findings: &[Finding<'_>], checks: &[Check]) {
    print(&text(findings, checks, colour(), room()));
}

/// In the order in which they are told.
const ORDER: [&str; 5] = ["well", "off", "waiting", "partly", "failing"];

/// The further lines of what has no place on one begin below it, if that leaves enough.
fn below(first: &str, said: &str, room: Option<usize>) -> String {
    let room = room.unwrap_or(usize::MAX);
    let further = first.chars().count().min(room / 3);
    wrapped(said, [first, &" ".repeat(further)], room)
}

fn text(
    findings: &[Finding<'_>],
    checks: &[Check],
    is_coloured: bool,
    room: Option<usize>,
) -> String {
    let mut told: Vec<(usize, &Finding<'_>, Sum)> = findings
        .iter()
        .map(|finding| {
            let sum = finding.sum();
            let word = finding.word(&sum);
            let place = ORDER.iter().position(|known| *known == word);
            (place.unwrap_or(ORDER.len()), finding, sum)
        })
        .collect();
    told.sort_by_key(|(place, finding, _)| (*place, &finding.probe.id));
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let states = width(
        &mut told
            .iter()
            .map(|(_, finding, sum)| state(finding, sum).len()),
    );
    let ids = width(
        &mut told
            .iter()
            .map(|(_, finding, _)| finding.probe.id.as_str().len()),
    );
    let mut text = String::new();
    // what is merely switched off is counted; where a credential lies idle, that is said
    let is_told = |finding: &Finding<'_>| {
        !matches!(finding.state, State::Off(_)) || finding.probe.credential.is_some()
    };
    for (_, finding, sum) in told.iter().filter(|(_, finding, _)| is_told(finding)) {
        let state = state(finding, sum);
        let took = match &finding.state {
            State::Tried(_) => format!("{:.1} s", sum.took.as_secs_f64()),
            _ => String::new(),
        };
        let (id, said) = (finding.probe.id.as_str(), finding.said(sum));
        let first = format!("{state:<states$}  {id:<ids$}  {took:>7}  ");
        let line = below(&first, &said, room);
        text.push_str(&painted(finding, sum, state, is_coloured));
        text.push_str(line.get(state.len()..).unwrap_or_default());
        let mends: BTreeSet<&str> = sum.troubles.keys().map(|t| t.mend.as_str()).collect();
        for mend in mends {
            text.push_str(&below(&format!("{:states$}  \u{2192} ", ""), mend, room));
        }
    }
    for check in checks {
        let (state, code) = match check.mend {
            None => ("well", 32),
            Some(_) => ("failing", 31),
        };
        let states = states.max("failing".len());
        let said = format!("{}: {}", check.name, check.said);
        let line = below(&format!("{state:<states$}  "), &said, room);
        text.push_str(&shaded(state, code, is_coloured));
        text.push_str(line.get(state.len()..).unwrap_or_default());
        if let Some(mend) = &check.mend {
            text.push_str(&below(&format!("{:states$}  \u{2192} ", ""), mend, room));
        }
    }
    text.push('\n');
    for line in in_sum(&told).lines() {
        text.push_str(&below("", line, room));
    }
    text
}

/// The rung that fails, or the word for what does not.
fn state(finding: &Finding<'_>, sum: &Sum) -> &'static str {
    match sum.troubles.keys().next() {
        Some(trouble) => trouble.rung.word(),
        None => finding.word(sum),
    }
}

fn painted(finding: &Finding<'_>, sum: &Sum, state: &str, is_coloured: bool) -> String {
    let code = match finding.word(sum) {
        "well" => 32,
        "partly" => 33,
        "failing" => 31,
        _ => 2,
    };
    shaded(state, code, is_coloured)
}

fn shaded(word: &str, code: u8, is_coloured: bool) -> String {
    match is_coloured {
        true => format!("\u{1b}[{code}m{word}\u{1b}[0m"),
        false => word.to_string(),
    }
}

fn in_sum(told: &[(usize, &Finding<'_>, Sum)]) -> String {
    let count = |word: &str| {
        let is = |(_, finding, sum): &&(usize, &Finding<'_>, Sum)| finding.word(sum) == word;
        told.iter().filter(is).count()
    };
    let (well, waiting, off) = (count("well"), count("waiting"), count("off"));
    let sources: usize = told.iter().map(|(_, _, sum)| sum.all).sum();
    let mut rungs: BTreeMap<_, usize> = BTreeMap::new();
    for (_, _, sum) in told {
        if let Some(trouble) = sum.troubles.keys().next() {
            *rungs.entry(trouble.rung).or_default() += 1;
        }
    }
    let asked = told.len() - waiting - off;
    let mut text = format!("{asked} probes asked in {sources} sources: {well} well");
    for (rung, count) in &rungs {
        text.push_str(&format!(", {count} {}", rung.word()));
    }
    if waiting > 0 {
        text.push_str(&format!("; {waiting} wait for what they name"));
    }
    if off > 0 {
        text.push_str(&format!("; {off} off"));
    }
    let unreached = told.iter().filter(|(_, _, sum)| sum.is_unreached()).count();
    if asked > 1 && unreached == asked {
        text.push_str("\nnothing was reached: is there a network? ([http] proxy if it needs one)");
    }
    text
}
