//! The native ids and regions that a row's cells name.

use std::rc::Rc;

use super::cell::{Cell, compared};
use super::mapping::{Ids, Part, TableMapping};

/// Ids and regions that are taken from one row; a cell with more is no list of them.
const MOST: usize = 256;

/// The longest native id.
const LONGEST: usize = 200;

/// A native id and the tokens of context above which the row's prices hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowId {
    /// The provider's own spelling.
    pub id: String,
    /// From a remark such as `(>272K context length)`.
    pub over: Option<u64>,
}

/// The ids of a row. `cell` gives the cell of a template's column. Empty if there is none; the first error otherwise.
pub fn of_row(
    mapping: &TableMapping,
    columns: &[usize],
    row: &[Rc<Cell>],
) -> Result<Vec<RowId>, String> {
    let mut made = vec![String::new()];
    let mut columns = columns.iter();
    let mut literal = "";
    let mut first = true;
    for part in &mapping.native_id.0 {
        match part {
            Part::Literal(text) => literal = text,
            Part::Column(_) => {
                let cell = columns.next().and_then(|x| row.get(*x));
                let texts = cell.map_or(Vec::new(), |cell| texts(mapping, cell));
                if texts.is_empty() && first {
                    return Ok(Vec::new());
                }
                // a blank version leaves its separator out
                if !texts.is_empty() {
                    made = made
                        .iter()
                        .flat_map(|begun| texts.iter().map(move |t| format!("{begun}{literal}{t}")))
                        .take(MOST)
                        .collect();
                }
                literal = "";
                first = false;
            }
        }
    }
    let mut ids: Vec<RowId> = Vec::new();
    for text in made {
        let text = format!("{text}{literal}");
        let wrong = text.chars().count() > LONGEST
            || mapping.ids == Ids::Code && text.contains(char::is_whitespace);
        if wrong {
            return Err(text);
        }
        ids.push(with_band(mapping, &text));
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

fn texts(mapping: &TableMapping, cell: &Cell) -> Vec<String> {
    if !mapping.link_ids.is_empty() {
        return linked(mapping, cell);
    }
    let whole = [cell.text.clone()];
    let found: &[String] = match mapping.ids {
        Ids::Code if !cell.codes.is_empty() => &cell.codes,
        _ => &whole,
    };
    let mut texts: Vec<String> = found.to_vec();
    for separator in mapping.separators.iter().filter(|s| !s.is_empty()) {
        texts = texts
            .iter()
            .flat_map(|text| text.split(separator.as_str()))
            .map(str::to_string)
            .take(MOST)
            .collect();
    }
    texts
        .iter()
        .map(|text| without_remarks(&text.replace('\n', " "), &mapping.strip))
        .filter(|text| !says_nothing(text))
        .collect()
}

/// The ids in the targets of a cell's links: what stands behind a known head, without query or fragment.
fn linked(mapping: &TableMapping, cell: &Cell) -> Vec<String> {
    let id = |link: &String| {
        let (_, rest) = mapping
            .link_ids
            .iter()
            .find_map(|head| link.split_once(head.as_str()))?;
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        // a link to a page's Markdown twin
        let id = rest
            .get(..end)?
            .trim_end_matches('/')
            .trim_end_matches(".md");
        (!id.is_empty()).then(|| id.to_string())
    };
    cell.links.iter().filter_map(id).take(MOST).collect()
}

/// Whether a cell is one of the ways to write "nothing".
pub fn says_nothing(text: &str) -> bool {
    matches!(
        compared(text).as_str(),
        "" | "-" | "--" | "---" | "n/a" | "na" | "none"
    )
}

/// A text without the remarks in parentheses that begin with one of `words`.
fn without_remarks(text: &str, words: &[String]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        kept.push_str(before);
        let end = closing(after);
        let remark = after.get(..end).unwrap_or(after);
        let known = compared(remark);
        if !words.iter().any(|word| known.starts_with(word.as_str())) {
            kept.push('(');
            kept.push_str(after.get(..(end + 1).min(after.len())).unwrap_or(after));
        }
        rest = after.get(end + 1..).unwrap_or("");
    }
    kept.push_str(rest);
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The offset of the parenthesis that closes the one before `text`, or its length.
fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return at,
            ')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn with_band(mapping: &TableMapping, text: &str) -> RowId {
    let unbanded = || RowId {
        id: text.to_string(),
        over: None,
    };
    let Some((id, remark)) = text.split_once('(').filter(|_| mapping.context_bands) else {
        return unbanded();
    };
    let remark = compared(remark.trim_end_matches(')'));
    let limit = |marks: &[&str]| {
        marks
            .iter()
            .find_map(|mark| remark.strip_prefix(mark))
            .and_then(tokens)
    };
    let id = id.trim().to_string();
    if let Some(over) = limit(&[">", "\u{2265}", "over ", "above "]) {
        return RowId {
            id,
            over: Some(over),
        };
    }
    match limit(&["<", "\u{2264}", "up to ", "under ", "below "]) {
        Some(_) => RowId { id, over: None },
        None => unbanded(),
    }
}

/// The number at the start of `272k context length`, `=200,000`, `1M tokens`.
pub fn tokens(text: &str) -> Option<u64> {
    let text = text.trim_start_matches(['=', ' ']);
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == ','))
        .unwrap_or(text.len());
    let number: u64 = text.get(..end)?.replace(',', "").parse().ok()?;
    let times = match text.get(end..)?.chars().next() {
        Some('k' | 'K') => 1000,
        Some('m' | 'M') => 1_000_000,
        _ => 1,
    };
    number.checked_mul(times)
}

/// The regions that a cell names, in order; empty if it names none.
pub fn regions(cell: &Cell, separators: &[String]) -> Vec<String> {
    if separators.is_empty() {
        return cell
            .text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .filter(|word| is_region_code(word))
            .map(str::to_string)
            .take(MOST)
            .collect();
    }
    let mut texts = vec![cell.text.as_str()];
    for separator in separators.iter().filter(|s| !s.is_empty()) {
        texts = texts
            .into_iter()
            .flat_map(|text| text.split(separator.as_str()))
            .take(MOST)
            .collect();
    }
    texts
        .into_iter()
        .map(|text| text.split_once('(').map_or(text, |(name, _)| name))
        .map(|text| text.trim().trim_end_matches('*').trim_end())
        .filter(|text| !says_nothing(text))
        .map(str::to_string)
        .collect()
}

/// `us-east-1`, `us-gov-west-1`, `europe-west4`.
pub fn is_region_code(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [first @ .., last] if word.len() <= 30 && first.iter().all(letters) => {
            let stem = last.trim_end_matches(|c: char| c.is_ascii_digit());
            let numbered = stem.len() < last.len();
            numbered
                && match first.len() {
                    0 => false,
                    1 => letters(&stem),
                    _ => stem.is_empty() || letters(&stem),
                }
        }
        _ => false,
    }
}
