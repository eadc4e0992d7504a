//! Date stamps in names: which of a name's tokens tell a version of the model, and which belong to its name.

use super::rows::{Family, Lab};

/// Takes the first stamp out of the tokens. Every lab writes `20250929` and `2025-09-29`, and month and year `08-2024`; Azure's price list writes `05282026`;
/// what else is a stamp depends on the lab and the family. Year and month `2512` is none: it tells releases of one line apart.
pub fn take(
    tokens: &mut Vec<String>,
    lab: Option<&Lab>,
    family: Option<&Family>,
) -> Option<String> {
    for at in 0..tokens.len() {
        if let Some((length, stamp)) = at_token(tokens, at, lab, family) {
            tokens.drain(at..at + length);
            // the packaging version of a dated name: claude-3-5-sonnet-20241022-v2
            if at + 1 == tokens.len() && tokens.get(at).is_some_and(|token| is_packaging(token)) {
                tokens.truncate(at);
            }
            return Some(stamp);
        }
    }
    None
}

fn is_packaging(token: &str) -> bool {
    token
        .strip_prefix('v')
        .is_some_and(|rest| !rest.is_empty() && is_digits(rest))
}

/// How many tokens the stamp takes up that begins at one of them, and what it says.
fn at_token(
    tokens: &[String],
    at: usize,
    lab: Option<&Lab>,
    family: Option<&Family>,
) -> Option<(usize, String)> {
    let token = |ahead: usize| tokens.get(at + ahead).map_or("", String::as_str);
    let (first, second, third) = (token(0), token(1), token(2));
    if let Some(stamp) = whole(first, lab) {
        return Some((1, stamp));
    }
    if is_year(first) && is_month(second) && is_day(third) {
        return Some((3, format!("{first}-{second}-{third}")));
    }
    if is_month(first) && is_year(second) {
        return Some((2, format!("{second}-{first}")));
    }
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let early = before.is_some_and(|word| word == "preview" || word == "exp");
    if early && is_month(first) && is_day(second) {
        return Some((2, format!("{first}-{second}")));
    }
    let last = at + 1 == tokens.len() && at > 0;
    let revision =
        family.is_some_and(|family| family.revisions) && first.len() == 3 && is_digits(first);
    (last && revision).then(|| (1, first.to_string()))
}

/// The stamp that one word is, as every name or this lab's names write it.
pub fn whole(word: &str, lab: Option<&Lab>) -> Option<String> {
    if !is_digits(word) {
        return None;
    }
    match word.len() {
        8 => {
            let (year, month, day) = (word.get(..4)?, word.get(4..6)?, word.get(6..)?);
            let american = (word.get(4..)?, word.get(..2)?, word.get(2..4)?);
            let is_date = |(year, month, day): &(&str, &str, &str)| {
                is_year(year) && is_month(month) && is_day(day)
            };
            // no year begins like a month
            let orders = [(year, month, day), american];
            let (year, month, day) = orders.into_iter().find(is_date)?;
            Some(format!("{year}-{month}-{day}"))
        }
        6 if lab?.yymmdd => {
            let (year, month, day) = (word.get(..2)?, word.get(2..4)?, word.get(4..)?);
            (is_month(month) && is_day(day)).then(|| format!("20{year}-{month}-{day}"))
        }
        4 if lab?.mmdd => {
            let (month, day) = (word.get(..2)?, word.get(2..)?);
            (is_month(month) && is_day(day)).then(|| word.to_string())
        }
        _ => None,
    }
}

/// Whether four digits are a month and a day: `1217`.
pub fn is_month_and_day(word: &str) -> bool {
    word.len() == 4 && word.get(..2).is_some_and(is_month) && word.get(2..).is_some_and(is_day)
}

/// Whether a word is a release by year and month: `2512`.
pub fn is_release(word: &str) -> bool {
    let year = word.get(..2).is_some_and(|year| is_within(year, 2, 23, 49));
    word.len() == 4 && year && word.get(2..).is_some_and(is_month)
}

/// Writes a lab's releases in one way: `24.11` is `2411`.
pub fn releases(tokens: &mut [String], lab: Option<&Lab>) {
    if lab.is_some_and(|lab| lab.releases) {
        for token in tokens {
            let plain = token.replace('.', "");
            if token.find('.') == Some(2) && is_release(&plain) {
                *token = plain;
            }
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_within(text: &str, length: usize, least: u32, most: u32) -> bool {
    text.len() == length
        && is_digits(text)
        && text.parse().is_ok_and(|n: u32| (least..=most).contains(&n))
}

fn is_year(text: &str) -> bool {
    is_within(text, 4, 2019, 2049)
}

fn is_month(text: &str) -> bool {
    is_within(text, 2, 1, 12)
}

fn is_day(text: &str) -> bool {
    is_within(text, 2, 1, 31)
}
