//! The amounts of one cell. Each begins with a dollar sign; what it is for stands behind it (`$0.30 (text / image / video)`), or
//! before it where the cell does not begin with an amount (`Non-thinking: $0.60`).

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::market::{LifecycleDate, PriceUnit, decimal_from_json};

/// Amounts that one cell may hold.
const MOST: usize = 32;

/// Kinds of content, and of what is made.
const KINDS: [&str; 15] = [
    "text",
    "image",
    "images",
    "video",
    "audio",
    "thinking",
    "non-thinking",
    "standard",
    "default",
    "720p",
    "1080p",
    "4k",
    "2k",
    "1k",
    "including thinking tokens",
];

/// Words around amounts that say nothing of them.
const FILLERS: [&str; 8] = [
    "tokens", "token", "prompts", "prompt", "price", "in", "usd", "per",
];

/// One amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// In USD.
    pub amount: Decimal,
    /// For what, where that is not the table's unit.
    pub unit: Option<PriceUnit>,
    /// For prompts of more tokens than this.
    pub over: Option<u64>,
    /// From when on, if not now.
    pub from: Option<Timestamp>,
    /// Of what kinds of content; empty if it does not say.
    pub kinds: Vec<String>,
    /// Whether it is paid for keeping tokens.
    pub is_storage: bool,
}

/// Reads a cell; no amount where it says that there is no price. The error is the words that are not understood.
pub fn amounts(text: &str) -> Result<Vec<Amount>, String> {
    let plain = text
        .replace('\\', "")
        .replace('\u{2264}', "<=")
        .replace('\u{a0}', " ");
    let mut all = Vec::new();
    for line in plain.lines() {
        all.extend(of_line(line)?);
        if all.len() > MOST {
            return Err("more amounts than a cell may hold".to_string());
        }
    }
    if all.is_empty() && !says_nothing(&plain) {
        return Err(plain.trim().to_string());
    }
    Ok(all)
}

fn says_nothing(text: &str) -> bool {
    const NOTHING: [&str; 6] = [
        "free of charge",
        "not available",
        "not applicable",
        "free",
        "yes",
        "no",
    ];
    let lower = text.trim().to_lowercase();
    let plain = lower.trim_end_matches(['.', '*']).trim();
    plain.trim_matches(['-', '\u{2013}', '\u{2014}']).is_empty()
        || NOTHING.iter().any(|word| plain.starts_with(word))
}

fn of_line(line: &str) -> Result<Vec<Amount>, String> {
    let starts: Vec<usize> = line
        .match_indices('$')
        .map(|(at, _)| at)
        .filter(|at| {
            line.get(at + 1..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
        .collect();
    let Some(first) = starts.first() else {
        return Ok(Vec::new());
    };
    let labels_lead = !line.get(..*first).unwrap_or_default().trim().is_empty();
    let mut amounts = Vec::new();
    let mut before = line.get(..*first).unwrap_or_default();
    let mut is_repeated = false;
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(line.len());
        let part = line.get(start + 1..end).unwrap_or_default();
        let length = part
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
            .unwrap_or(part.len());
        let (digits, behind) = part.split_at_checked(length).unwrap_or((part, ""));
        let said = if labels_lead { before } else { behind };
        let said = if labels_lead && end == line.len() {
            format!("{said} {behind}")
        } else {
            said.to_string()
        };
        // "equivalent to $0.045 per image" says the amount before it once more
        let repeats = said_again(behind);
        if !is_repeated {
            let digits = digits.trim_end_matches(['.', ',']).replace(',', "");
            let amount = decimal_from_json(&digits).ok_or_else(|| part.trim().to_string())?;
            amounts.push(amount_of(amount, &without_repeat(&said))?);
        }
        is_repeated = repeats;
        before = behind;
    }
    Ok(amounts)
}

const REPEATS: [&str; 4] = ["equivalent to", "(or", " or", "="];

fn said_again(text: &str) -> bool {
    let lower = text.to_lowercase();
    let lower = lower.trim_end();
    REPEATS.iter().any(|word| lower.ends_with(word))
}

fn without_repeat(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut said = lower.trim_end();
    for word in REPEATS {
        said = said.strip_suffix(word).unwrap_or(said).trim_end();
    }
    said.to_string()
}

/// Reads what is said of an amount, word by word: whatever is left over is not understood.
fn amount_of(amount: Decimal, said: &str) -> Result<Amount, String> {
    let mut read = Amount {
        amount,
        unit: None,
        over: None,
        from: None,
        kinds: Vec::new(),
        is_storage: false,
    };
    let said = read.storage(said);
    let said = read.band(&said);
    let said = read.day(&said)?;
    let mut left = String::new();
    let mut rest = said.as_str();
    while let Some((outside, after)) = rest.split_once('(') {
        left.push_str(outside);
        left.push(' ');
        let (remark, behind) = after.split_once(')').unwrap_or((after, ""));
        let found = kinds(remark);
        if found.is_empty() && !read.paid_per(remark).trim().is_empty() {
            return Err(format!("({remark})"));
        }
        read.kinds.extend(found);
        rest = behind;
    }
    left.push_str(rest);
    let left = read.paid_per(&left);
    for word in left.split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '*' | '/' | ';'))
    {
        let word = word.trim_matches(['.', '+', ')', '-', '&']);
        if word.is_empty() || FILLERS.contains(&word) || word == "and" {
            continue;
        }
        if !KINDS.contains(&word) {
            return Err(word.to_string());
        }
        read.kinds.push(word.to_string());
    }
    Ok(read)
}

impl Amount {
    /// `/ 1,000,000 tokens per hour (storage price)`.
    fn storage(&mut self, said: &str) -> String {
        if !said.contains("per hour") {
            return said.to_string();
        }
        self.is_storage = true;
        self.unit = Some(PriceUnit::from_word("1M_tokens_hour"));
        let mut said = said
            .replace("(storage price)", " ")
            .replace("(storage)", " ");
        for words in [
            "/ 1,000,000 tokens per hour",
            "/ 1m tokens per hour",
            "per hour",
            "1,000,000",
        ] {
            said = said.replace(words, " ");
        }
        said
    }

    /// `prompts > 200k tokens`; the price of shorter ones is the usual one.
    fn band(&mut self, said: &str) -> String {
        let mark = said.find(['<', '>']);
        let Some((before, after)) = mark.and_then(|at| said.split_at_checked(at)) else {
            return said.to_string();
        };
        let is_over = after.starts_with('>');
        let digits = after.trim_start_matches(['<', '>', '=', ' ']);
        let length = digits
            .find(|c: char| !(c.is_ascii_digit() || c == ','))
            .unwrap_or(digits.len());
        let (number, rest) = digits.split_at_checked(length).unwrap_or((digits, ""));
        let times = match rest.chars().next() {
            Some('k' | 'K') => 1000,
            Some('m' | 'M') => 1_000_000,
            _ => 1,
        };
        let rest = if times == 1 {
            rest
        } else {
            rest.get(1..).unwrap_or_default()
        };
        let tokens = number.replace(',', "").parse::<u64>().ok();
        if is_over {
            self.over = tokens.and_then(|tokens| tokens.checked_mul(times));
        }
        format!("{before} {rest}")
    }

    /// `through December 31, 2026`, which is the price now, or `starting January 1, 2027`.
    fn day(&mut self, said: &str) -> Result<String, String> {
        for (lead, begins) in [
            ("through", false),
            ("until", false),
            ("starting", true),
            ("effective", true),
            ("from", true),
            ("beginning", true),
        ] {
            let Some((before, after)) = said.split_once(lead) else {
                continue;
            };
            let date = LifecycleDate::after_phrase(after, "").ok_or_else(|| said.to_string())?;
            if begins {
                self.from = Some(date.starts());
            }
            // the day ends with its year
            let year = date.text().get(..4).unwrap_or_default().to_string();
            let behind = after
                .split_once(year.as_str())
                .map_or("", |(_, behind)| behind);
            return Ok(format!("{before} {behind}"));
        }
        Ok(said.to_string())
    }

    /// `per image`, `/ 1,000 requests`: another unit than the table's.
    fn paid_per(&mut self, said: &str) -> String {
        const UNITS: [(&str, &str); 16] = [
            ("per 1,000 requests", "thousand_requests"),
            ("/ 1,000 requests", "thousand_requests"),
            ("per request", "request"),
            ("per image", "image"),
            ("/ image", "image"),
            ("per second", "second"),
            ("/ second", "second"),
            ("/ sec", "second"),
            ("per minute", "minute"),
            ("/ minute", "minute"),
            ("/ min", "minute"),
            ("/min", "minute"),
            ("per song", "song"),
            ("per video", "video"),
            ("per frame", "frame"),
            ("/ 1,000,000 tokens", ""),
        ];
        for (words, unit) in UNITS {
            if let Some((before, after)) = said.split_once(words) {
                if !unit.is_empty() && self.unit.is_none() {
                    self.unit = Some(PriceUnit::from_word(unit));
                }
                return format!("{before} {after}");
            }
        }
        said.to_string()
    }
}

/// The kinds that a remark lists: `text / image / video`; none if one of them is not known.
pub fn kinds(remark: &str) -> Vec<String> {
    let remark = remark.trim();
    if KINDS.contains(&remark) {
        return vec![remark.to_string()];
    }
    let parts = remark.replace(" and ", ",");
    let parts: Vec<&str> = parts
        .split([',', '/', '&'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.iter().all(|part| KINDS.contains(part)) {
        parts.iter().map(ToString::to_string).collect()
    } else {
        Vec::new()
    }
}
