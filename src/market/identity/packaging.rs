//! What an id says besides the name: what stands after an `@`, how the model is packaged, and whether the name is an alias.

use super::parts::{self, Parts, Steps};
use super::rows::{Family, Lab};
use super::tables::Tables;
use super::{name, stamp};

/// What stands after an `@`: a stamp, packaging, a region, an alias, or a part of the name.
pub fn version_after(
    parts: &Parts,
    lab: Option<&Lab>,
    family: Option<&Family>,
    tokens: &mut Vec<String>,
    steps: &mut Steps,
) -> Option<String> {
    let version = parts.at.as_deref()?;
    let numbers = |c: char| c.is_ascii_digit() || c == '.';
    if matches!(version, "default" | "latest" | "") {
        steps.note("alias");
        return None;
    }
    if parts::is_region(version) {
        steps.note("region");
        return None;
    }
    let mut words = name::tokens(version);
    let stamp = stamp::take(&mut words, lab, family);
    if stamp.is_none() && version.chars().all(numbers) {
        if version.len() == 3 && family.is_some_and(|family| family.revisions) {
            return Some(version.to_string());
        }
        if !stamp::is_release(version) {
            steps.note("packaging version");
            return None;
        }
    }
    // mistral-large@2411-001
    let is_packaging = |word: &String| word.len() == 3 && word.chars().all(numbers);
    if words.len() > 1 && words.last().is_some_and(is_packaging) {
        words.pop();
    }
    tokens.extend(words);
    stamp
}

/// Takes off what says how the model is packaged.
pub fn take_off(
    tables: &Tables,
    parts: &Parts,
    lab: Option<&Lab>,
    tokens: &mut Vec<String>,
    steps: &mut Steps,
) {
    while let Some(last) = tokens.last()
        && tokens.len() > 1
        && tables.words.packaging.contains(last)
    {
        tokens.pop();
        steps.note("packaging suffix");
    }
    let Some((last, before)) = tokens.split_last() else {
        return;
    };
    let sized = before.last().is_some_and(|token| name::is_size(token));
    let first = parts.dotted || lab.is_some_and(|lab| lab.first);
    match (last.as_str(), parts.revision.as_deref()) {
        // mistral-7b-instruct-v0:2
        ("v0", Some(revision)) => {
            let version = format!("v0.{revision}");
            tokens.pop();
            tokens.push(version);
        }
        ("v1", _) if first && !before.is_empty() => {
            tokens.pop();
            steps.note("packaging suffix");
        }
        // gpt-oss-120b-1:0
        ("1", Some(_)) if parts.dotted && sized => {
            tokens.pop();
        }
        _ => {}
    }
}

/// `-latest` behind a name with a generation is that model; a line without one moves, and its alias is a name of its own.
pub fn latest(family: Option<&Family>, tokens: &mut Vec<String>, steps: &mut Steps) {
    if tokens.last().is_none_or(|last| last != "latest") {
        return;
    }
    let glued = family.is_some_and(|family| family.called().contains(|c: char| c.is_ascii_digit()));
    if glued || name::has_generation(tokens) {
        tokens.pop();
        steps.note("alias");
    } else {
        steps.note("moving alias");
    }
}
