//! A model's name in its canonical spelling: lower case, hyphens between words, dots within versions.

use super::rows::Family;

/// The most words a name may have; what follows is no name.
const MOST: usize = 24;

/// The words of a name: `Llama-3_3 70B` is `llama`, `3`, `3`, `70b`. A dot stays only between digits, `4p7` is `4.7`, and
/// `+` is a word.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut token = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let before_digit = rest.peek().is_some_and(char::is_ascii_digit);
        let after_digit = token.ends_with(|c: char| c.is_ascii_digit());
        if after_digit && before_digit && (c == '.' || c == 'p') {
            token.push('.');
        } else if c.is_alphanumeric() {
            token.extend(c.to_lowercase());
        } else {
            tokens.push(std::mem::take(&mut token));
            if c == '+' {
                tokens.push("plus".to_string());
            }
        }
    }
    tokens.push(token);
    tokens.retain(|token| !token.is_empty());
    tokens.truncate(MOST);
    tokens
}

/// Joins versions that were taken apart and drops what says nothing: `3`, `3` is `3.3`; `k2`, `5` is `k2.5`; `4.0` is `4`.
/// `true` if a word was respelled, as for the functions below.
pub fn versions(tokens: &mut Vec<String>, family: Option<&Family>) -> bool {
    let mut respelled = false;
    if let Some(first) = tokens.first_mut()
        && family.is_some_and(|family| family.pairs)
        && let [major @ b'1'..=b'9', minor @ b'1'..=b'9'] = first.as_bytes()
    {
        *first = format!("{}.{}", char::from(*major), char::from(*minor));
        respelled = true;
    }
    let mut at = 0;
    while at + 1 < tokens.len() {
        let (Some(head), Some(next)) = (tokens.get(at), tokens.get(at + 1)) else {
            break;
        };
        if head == "v" && is_number(next) {
            let joined = format!("v{next}");
            tokens.splice(at..at + 2, [joined]);
            respelled = true;
            continue;
        }
        let vision = next.strip_suffix('v').unwrap_or(next);
        if is_head(head) && is_small(vision) {
            let joined = format!("{head}.{next}");
            tokens.splice(at..at + 2, [joined]);
            respelled = true;
        }
        at += 1;
    }
    if !family.is_some_and(|family| family.zero) {
        for token in tokens.iter_mut() {
            if let Some(whole) = token.strip_suffix(".0")
                && is_head(whole)
            {
                *token = whole.to_string();
                respelled = true;
            }
        }
    }
    respelled
}

/// `v2` is `2` where the family writes it both ways, and `v2:1` is `2.1`.
pub fn bare_version(
    tokens: &mut [String],
    revision: Option<&str>,
    family: Option<&Family>,
) -> bool {
    let alone = tokens.len() == 1;
    let bare = family.is_some_and(|family| family.bare_v);
    let Some(first) = tokens.first_mut().filter(|_| bare) else {
        return false;
    };
    let Some(version) = first.strip_prefix('v').filter(|version| is_number(version)) else {
        return false;
    };
    *first = match revision.filter(|revision| alone && *revision != "0" && is_small(revision)) {
        Some(revision) => format!("{version}.{revision}"),
        None => version.to_string(),
    };
    true
}

/// Puts words into the order in which the maker writes them.
pub fn order(tokens: &mut [String], family: Option<&Family>) -> bool {
    // Llama 3.3 Instruct (70B)
    for at in 1..tokens.len() {
        if tokens[at - 1] == "instruct" && is_size(&tokens[at]) {
            tokens.swap(at - 1, at);
        }
    }
    let Some(family) = family else { return false };
    if let Some(at) = tokens
        .iter()
        .position(|token| family.trailing.contains(token))
    {
        tokens[at..].rotate_left(1);
    }
    if family.version_first.is_empty() {
        return false;
    }
    let [first, second, ..] = tokens else {
        return false;
    };
    let below = |version: &str| {
        let major = version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok());
        match (family.version_first_below, major) {
            (Some(bound), Some(major)) => major < bound,
            _ => true,
        }
    };
    let line = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let follows = is_number(second) && below(second) && family.version_first.contains(first);
    let precedes = is_number(first) && !below(first) && line(second);
    if follows || precedes {
        std::mem::swap(first, second);
    }
    follows || precedes
}

/// Whether the words tell a generation: a number that is no size. A name without one is a line whose models come and go.
pub fn has_generation(tokens: &[String]) -> bool {
    let numbered = |token: &&String| token.bytes().any(|byte| byte.is_ascii_digit());
    tokens.iter().filter(numbered).any(|token| !is_size(token))
}

/// A count of parameters, experts or tokens: `70b`, `1.5b`, `8x22b`, `a22b`, `e4b`, `128e`, `1t`, `32k`.
pub fn is_size(token: &str) -> bool {
    let token = token.strip_prefix(['a', 'e']).unwrap_or(token);
    let Some(number) = token.strip_suffix(['b', 'm', 't', 'k', 'e']) else {
        return false;
    };
    let (count, size) = number.split_once('x').unwrap_or(("1", number));
    is_number(count) && is_number(size)
}

/// Digits, with at most one dot.
fn is_number(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(part)
}

/// A part of a version: one or two digits that are no padded number.
fn is_small(text: &str) -> bool {
    matches!(text.as_bytes(), [b'0'..=b'9'] | [b'1'..=b'9', b'0'..=b'9'])
}

/// What a version begins with: a small number, or one behind a letter (`v3`, `k2`, `r1`).
fn is_head(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase();
    is_small(text.strip_prefix(letter).unwrap_or(text))
}
