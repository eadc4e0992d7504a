//! What a provider abbreviates or writes in words of its own, written out.

use super::parts::Steps;
use super::rows::{Family, Lab, Provider};
use super::{name, stamp};

/// The most words of a begin.
const LONGEST_BEGIN: usize = 6;

/// Writes out what the provider's tables say of a name's begin and of its words: `gpt rt mn` is `gpt realtime mini`.
pub fn write_out(provider: &Provider, tokens: &mut Vec<String>, steps: &mut Steps) {
    let most = match provider.begins.is_empty() {
        true => 0,
        false => tokens.len().min(LONGEST_BEGIN),
    };
    let begin = (1..=most).rev().find_map(|count| {
        let begin = tokens.get(..count)?.join("-");
        Some((count, provider.begins.get(&begin)?))
    });
    if let Some((count, written)) = begin {
        tokens.splice(..count, name::tokens(written));
        steps.note("the price list's own name");
    }
    if provider.abbreviations.is_empty() {
        return;
    }
    let out = |word: String| match provider.abbreviations.get(&word) {
        Some(written) => name::tokens(written),
        None => vec![word],
    };
    let words = tokens.iter().flat_map(|token| parted(token));
    let written: Vec<String> = words.flat_map(out).collect();
    if written != *tokens {
        *tokens = written;
        steps.note("abbreviation");
    }
}

/// A word without the month and day that is glued to it: `mini0718`.
fn parted(token: &str) -> Vec<String> {
    let letters = token.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = token.get(letters.len()..).unwrap_or_default();
    let is_word = letters.len() > 1 && letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let ends_in_letter = letters.ends_with(|c: char| c.is_ascii_alphabetic());
    match is_word && ends_in_letter && stamp::is_month_and_day(digits) {
        true => vec![letters.to_string(), digits.to_string()],
        false => vec![token.to_string()],
    }
}

/// Puts the family before a name that leaves it out: `5.4 mini`, `image 2`. `true` if it did.
pub fn add_family(provider: &Provider, tokens: &mut Vec<String>) -> bool {
    let Some(family) = &provider.numbered else {
        return false;
    };
    let number_at = |at: usize| {
        let token: Option<&String> = tokens.get(at);
        token.is_some_and(|token| token.starts_with(|c: char| c.is_ascii_digit()))
    };
    let first = tokens.first();
    let follows = first.is_some_and(|first| provider.numbered_after.contains(first));
    let is_left_out = number_at(0) || (follows && number_at(1));
    if is_left_out {
        tokens.insert(0, family.clone());
    }
    is_left_out
}

/// Writes the number of a name with a `v` where its maker does: `embed-english-3` is `embed-english-v3`. `true` if it did.
pub fn versioned(lab: Option<&Lab>, family: Option<&Family>, tokens: &mut [String]) -> bool {
    let called = family.map(|family| family.called()).unwrap_or_default();
    let first = called.split('-').find(|word| !word.is_empty());
    let first = first.or(tokens.first().map(String::as_str));
    let is_so =
        |lab: &Lab| first.is_some_and(|first| lab.versioned.iter().any(|word| word == first));
    if !lab.is_some_and(is_so) || called.ends_with("-v") {
        return false;
    }
    let is_number = |token: &&mut String| {
        token.len() < 4
            && token
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    match tokens.iter_mut().find(is_number) {
        Some(number) => {
            number.insert(0, 'v');
            true
        }
        None => false,
    }
}
