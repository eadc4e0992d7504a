//! What the readers of an alert can do: fall back to something else, or ask not to be told.

use std::collections::BTreeSet;

use super::line::{grouped, one_line};
use super::message::{Fact, Line, is_plain};
use crate::alerting::is_end;
use crate::market::{Alternative, Answers, Replacement, WayOut, identify};
use crate::market::{Certainty, Price, RecordedChange, SubjectKind};

/// Providers that a message names for one model.
const ELSEWHERE: usize = 5;

/// What to move to, who else sells it, and the command that says more.
pub(super) fn facts(ways_out: &[WayOut]) -> Vec<Fact> {
    let of = |way: &WayOut| match ways_out.len() {
        1 => String::new(),
        _ => format!("{}: ", one_line(&way.model, 60)),
    };
    let mut facts = vec![
        Fact::of("Move to", Vec::new()),
        Fact::of("Also on", Vec::new()),
        Fact::command("Compare", Vec::new()),
    ];
    for way in ways_out {
        let to = way.replacements.iter().take(ELSEWHERE).map(replacement);
        let also = way.elsewhere.iter().take(ELSEWHERE).map(alternative);
        let more = way.elsewhere.len().saturating_sub(ELSEWHERE);
        let more = (more > 0).then(|| format!("and {more} more providers"));
        let is_known = identify(None, &way.model).model.as_ref() == Some(&way.model);
        let compare = is_known && is_plain(&way.model);
        let compare = compare.then(|| format!("bellwether compare {}", way.model));
        let lines = |said: Vec<String>, of: &str| -> Vec<Line> {
            let said = said.into_iter();
            said.map(|said| Line::of(format!("{of}{said}"))).collect()
        };
        let said = [
            (to.collect(), of(way)),
            (also.chain(more).collect(), of(way)),
            (compare.into_iter().collect(), String::new()),
        ];
        for (fact, (said, of)) in facts.iter_mut().zip(said) {
            fact.lines.extend(lines(said, &of));
        }
    }
    facts
}

/// On one line: what its providers say to move to, and the cheapest of those that also sell it.
pub(super) fn in_short(way: &WayOut, most: usize) -> String {
    let to = way.replacements.iter().map(replacement);
    let also = way.elsewhere.iter().map(alternative);
    let ways: Vec<String> = to.chain(also).collect();
    let mut said = ways
        .iter()
        .take(most)
        .cloned()
        .collect::<Vec<_>>()
        .join(" | ");
    if ways.len() > most {
        said.push_str(&format!(" | and {} more", ways.len() - most));
    }
    said
}

fn replacement(replacement: &Replacement) -> String {
    let named = one_line(&replacement.named, 100);
    let provider = one_line(&replacement.provider, 30);
    let on: Vec<String> = replacement
        .offered_on
        .iter()
        .map(|provider| one_line(provider, 30))
        .collect();
    match on.as_slice() {
        [] => format!("{named}, says {provider}"),
        on => format!("{named}, says {provider}; offered on {}", on.join(", ")),
    }
}

/// `openai gpt-4o: $2.5 in, $10 out / 1M tokens; first token 412 ms (p50 of 2,016 in 7 days); not before 2027-04-03`
fn alternative(alternative: &Alternative) -> String {
    let price = prices(&alternative.input, &alternative.output);
    let mut said = vec![price.unwrap_or_else(|| "no price of tokens is stated".to_string())];
    said.extend(alternative.answers.map(answers));
    said.extend(alternative.ends.map(|end| match end.certainty {
        Certainty::Firm => format!("retires {}", end.text()),
        Certainty::NotBefore => format!("retires not before {}", end.text()),
    }));
    let unknown = match (alternative.is_ga, alternative.ends) {
        (true, _) => None,
        (false, Some(_)) => Some("its stage is not stated"),
        (false, None) => Some("neither its stage nor its last day is stated"),
    };
    said.extend(unknown.map(str::to_string));
    format!(
        "{} {}: {}",
        one_line(&alternative.provider, 30),
        one_line(&alternative.native_id, 80),
        said.join("; ")
    )
}

fn prices(input: &Option<Price>, output: &Option<Price>) -> Option<String> {
    match (input, output) {
        (Some(input), Some(output))
            if input.is_usd_per_million_tokens() && output.is_usd_per_million_tokens() =>
        {
            Some(format!(
                "${} in, ${} out / 1M tokens",
                input.amount, output.amount
            ))
        }
        (Some(input), Some(output)) => Some(format!("{input} in, {output} out")),
        (Some(input), None) => Some(format!("{input} in")),
        (None, Some(output)) => Some(format!("{output} out")),
        (None, None) => None,
    }
}

fn answers(answers: Answers) -> String {
    let what = match answers.is_token {
        true => "first token",
        false => "its endpoint answers in",
    };
    let n = usize::try_from(answers.n).unwrap_or(usize::MAX);
    format!(
        "{what} {} ms (p50 of {} in 7 days)",
        answers.median.as_millis(),
        grouped(n)
    )
}

/// The command by which nobody is told of such changes for a week. `None` where a handful of words does not say which.
pub(super) fn silence(changes: &[&RecordedChange]) -> Option<Line> {
    // what is over comes once
    if changes.iter().all(|recorded| is_end(&recorded.change)) {
        return None;
    }
    let mut command = "bellwether silence add".to_string();
    let words = |of: fn(&RecordedChange) -> &str| -> BTreeSet<&str> {
        changes.iter().map(|recorded| of(recorded)).collect()
    };
    let is_offering =
        |recorded: &&RecordedChange| recorded.change.subject.kind == SubjectKind::Offering;
    let models = match changes.iter().all(is_offering) {
        true => words(|recorded| recorded.change.subject.native_id.as_str()),
        false => BTreeSet::new(),
    };
    let lists = [
        ("--model", models),
        (
            "--provider",
            words(|recorded| recorded.change.subject.provider.as_str()),
        ),
        ("--kind", words(|recorded| recorded.change.kind.word())),
    ];
    for (option, words) in lists {
        // a mass is not told apart by a handful of words
        if words.len() > 3 || !words.iter().all(|word| is_plain(word)) {
            return None;
        }
        for word in words {
            command.push_str(&format!(" {option} {word}"));
        }
    }
    Some(Line::of(format!("{command} --for 7d --reason known")))
}
