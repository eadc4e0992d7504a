//! What a row's label says is metered.

use super::cell::Amount;
use crate::market::PriceUnit;

/// Words of rows that are no price of a token or a medium: tools, storage of files, terms.
const OTHERS: [&str; 12] = [
    "grounding",
    "used to improve",
    "google search",
    "google maps",
    "file search",
    "url context",
    "code execution",
    "computer use",
    "tuning",
    "text-to-speech",
    "live api",
    "agent",
];

/// Words that tell the models of one part apart: `Imagen 4 Fast image price`.
const VARIANTS: [&str; 4] = ["fast", "ultra", "lite", "pro"];

/// What a row is about.
#[derive(Debug, PartialEq, Eq)]
pub enum Row {
    /// A price.
    Meter(Meter),
    /// Something that is known and not read.
    Other,
}

/// A price's meter.
#[derive(Debug, PartialEq, Eq)]
pub struct Meter {
    /// `input`, `output`, `cache_read`, `output_per_image` …
    pub base: String,
    /// The kinds of content that the label names.
    kinds: Vec<String>,
    /// Which of the part's models, where the label says so.
    variants: Option<Vec<&'static str>>,
}

/// Reads a label; `unit` is that of the table. `None` for a label that is not understood.
pub fn read(label: &str, unit: &PriceUnit) -> Option<Row> {
    let lower = label.to_lowercase().replace('\n', " ");
    let (plain, kinds) = without_kinds(&lower);
    let words: Vec<&str> = plain.split_whitespace().collect();
    if plain.trim().is_empty() || OTHERS.iter().any(|other| plain.contains(other)) {
        return Some(Row::Other);
    }
    let mut kinds = kinds;
    if *unit != PriceUnit::MillionTokens {
        return Some(Row::Meter(medium(&words, unit, kinds)));
    }
    let named = |base: &str, mut kinds: Vec<String>, first: Option<&&str>| {
        kinds.extend(first.map(ToString::to_string));
        Some(Row::Meter(Meter {
            base: base.to_string(),
            kinds,
            variants: None,
        }))
    };
    match words.as_slice() {
        ["context", "caching", rest @ ..] if rest.contains(&"storage") => {
            named("cache_storage", kinds, None)
        }
        ["context", "caching", ..] => named("cache_read", kinds, None),
        ["input", "price", ..] => named("input", kinds, None),
        ["output", "price", ..] => {
            // "including thinking tokens" names no kind of content
            kinds.retain(|kind| kind != "including thinking tokens");
            named("output", kinds, None)
        }
        [kind, "input", "price", ..] => named("input", kinds, Some(kind)),
        [kind, "output", "price", ..] => named("output", kinds, Some(kind)),
        _ => None,
    }
}

/// A price of an image, a second, a song.
fn medium(words: &[&str], unit: &PriceUnit, mut kinds: Vec<String>) -> Meter {
    let mut base = format!("output_per_{}", unit.word());
    if let Some(at) = words
        .iter()
        .position(|word| matches!(*word, "with" | "without"))
        && let Some([how, what]) = words.get(at..at + 2)
    {
        base = format!("{base}_{how}_{what}");
    }
    if words.first() == Some(&"input") || words.get(1) == Some(&"input") {
        base = base.replacen("output", "input", 1);
    }
    kinds.retain(|kind| kind != "default");
    let variants = VARIANTS.into_iter().filter(|word| words.contains(word));
    Meter {
        base,
        kinds,
        variants: Some(variants.collect()),
    }
}

/// A label without its remarks in parentheses, and the kinds that they name.
fn without_kinds(label: &str) -> (String, Vec<String>) {
    let mut plain = String::new();
    let mut kinds = Vec::new();
    let mut rest = label;
    while let Some((before, after)) = rest.split_once('(') {
        plain.push_str(before);
        let (remark, behind) = after.split_once(')').unwrap_or((after, ""));
        kinds.extend(super::cell::kinds(remark));
        plain.push(' ');
        rest = behind;
    }
    plain.push_str(rest);
    (plain, kinds)
}

impl Meter {
    /// Which of a part's models the row is about.
    pub fn ids<'a>(&self, ids: &'a [String]) -> Vec<&'a str> {
        let all = || ids.iter().map(String::as_str).collect();
        let Some(variants) = self.variants.as_ref().filter(|_| ids.len() > 1) else {
            return all();
        };
        let own = |id: &&String| {
            let parts: Vec<&str> = id.split('-').collect();
            VARIANTS
                .iter()
                .all(|word| parts.contains(word) == variants.contains(word))
        };
        let of_variant: Vec<&str> = ids.iter().filter(own).map(String::as_str).collect();
        if of_variant.is_empty() {
            all()
        } else {
            of_variant
        }
    }

    /// The names of an amount's meters: one, or one for each kind of content that is paid apart from text.
    pub fn names(&self, amount: &Amount) -> Vec<String> {
        let base = match (amount.is_storage, &amount.unit) {
            (true, _) => "cache_storage".to_string(),
            (false, Some(unit)) => format!("{}_per_{}", self.base, unit.word()),
            (false, None) => self.base.clone(),
        };
        let kinds = if amount.kinds.is_empty() {
            &self.kinds
        } else {
            &amount.kinds
        };
        let suffixes: Vec<String> = kinds.iter().filter_map(|kind| suffix(kind)).collect();
        if suffixes.is_empty() || suffixes.iter().any(String::is_empty) {
            return vec![base];
        }
        suffixes
            .iter()
            .map(|suffix| match suffix.as_str() {
                "thinking" if base == "output" => "reasoning".to_string(),
                suffix => format!("{base}_{suffix}"),
            })
            .collect()
    }
}

/// What a kind of content adds to a meter's name; nothing for text, which is what a meter without a suffix is about.
fn suffix(kind: &str) -> Option<String> {
    match kind {
        "text" | "non-thinking" | "standard" => Some(String::new()),
        "image" | "images" => Some("image".to_string()),
        "default" => None,
        other => Some(other.replace(' ', "_")),
    }
}

/// What a column's prices are paid per: `Paid Tier, per 1M tokens in USD`.
pub fn unit_of_header(header: &str) -> Option<PriceUnit> {
    let lower = header.to_lowercase();
    let (_, rest) = lower.split_once(" per ")?;
    let what = rest.split(" in usd").next()?.trim();
    match what {
        "1m tokens" | "1 million tokens" | "million tokens" => Some(PriceUnit::MillionTokens),
        "image" | "second" | "minute" | "hour" | "song" | "video" | "request" | "clip" => {
            Some(PriceUnit::from_word(what))
        }
        _ => None,
    }
}
