//! What an AWS usage type says of Amazon Bedrock's token meters (facts: aws-bedrock.md §5).
//!
//! Three spellings: `USE1-Nova2.0Lite-input-tokens-cross-region-global-batch` (a model's token, then the meter),
//! `USE1-openai.gpt-oss-120b-mantle-input-tokens-standard` (a model's id, then the meter), and on the Marketplace
//! `USE1-MP:USE1_CacheReadInputTokenCount_Global-Units` or `USE1-MP:USE1_input_tokens_global_standard-Units` (the meter alone).

#[cfg(test)]
mod tests;

use crate::market::PriceMeter;

/// How far the traffic of a metered call may travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Served where it is called, or within a geography, which costs the same.
    Regional,
    /// Within a geography that the usage type names, or `geo`.
    Geo(&'static str),
    /// Anywhere.
    Global,
}

/// What a usage type meters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The model's token or id, where the usage type has one.
    pub model: Option<String>,
    /// Whether it is the OpenAI-compatible endpoint that is metered.
    pub mantle: bool,
    /// How far the traffic may travel.
    pub scope: Scope,
    /// What is metered, in which tier. A long context is a tier of its own, since no usage type says how long it is.
    pub meter: PriceMeter,
}

const SCOPES: [&str; 8] = ["geo", "us", "eu", "apac", "jp", "au", "ca", "in"];
const TIERS: [&str; 6] = [
    "standard",
    "batch",
    "flex",
    "priority",
    "ultrafast",
    "latency_optimized",
];
const MODALITIES: [&str; 4] = ["speech", "audio", "image", "video"];
/// A meter begins with one of these, or with a modality before one of them.
const HEADS: [&str; 7] = [
    "cache",
    "cached",
    "cacheread",
    "cachewrite",
    "input",
    "output",
    "response",
];

/// Reads a usage type, with the words of other attributes that may state the tier. `None` if it is no token meter, or holds a
/// word that is not known: its price is then of something else than input, output or cache.
pub fn token_usage(usage_type: &str, tier_words: &str) -> Option<Usage> {
    let rest = without_region(usage_type);
    let (model, mantle, tail) = match marketplace(usage_type) {
        Some(metric) => (None, false, metric.to_string()),
        None => match rest.split_once("-mantle-") {
            Some((model, tail)) => (Some(model.to_string()), true, tail.to_string()),
            None => {
                let (model, tail) = split_at_meter(rest)?;
                (Some(model), false, tail)
            }
        },
    };
    let mut words = Words::default();
    words.take_all(&words_of(&tail))?;
    words.also(tier_words);
    Some(Usage {
        model: model.filter(|model| !model.is_empty()),
        mantle,
        scope: words.scope.unwrap_or(Scope::Regional),
        meter: words.meter()?,
    })
}

/// A usage type without the code of its region: `USE1-`, `EU-`, `UGW1-`.
pub fn without_region(usage_type: &str) -> &str {
    match usage_type.split_once('-') {
        Some((code, rest)) if is_region_code(code) => rest,
        _ => usage_type,
    }
}

fn is_region_code(code: &str) -> bool {
    (2..=5).contains(&code.len())
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && code
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// The metric of a usage type of the Marketplace: `[USE1-][MP:]USE1_{metric}-Units`.
pub fn marketplace(usage_type: &str) -> Option<&str> {
    let rest = usage_type.strip_suffix("-Units")?;
    let rest = rest.rsplit_once(':').map_or(rest, |(_, rest)| rest);
    let rest = without_region(rest);
    match rest.split_once('_') {
        Some((code, metric)) if is_region_code(code) => Some(metric),
        _ => Some(rest),
    }
}

/// The model's token and the meter of `{token}-{meter}`.
fn split_at_meter(rest: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = rest.split('-').collect();
    let is = |part: &&str, words: &[&str]| words.contains(&part.to_lowercase().as_str());
    let mut at = parts.iter().skip(1).position(|part| is(part, &HEADS))? + 1;
    let before = parts.get(at - 1)?;
    if at > 1 && (is(before, &MODALITIES) || before.eq_ignore_ascii_case("text")) {
        at -= 1;
    }
    let (model, meter) = parts.split_at(at);
    Some((model.join("-"), meter.join("-")))
}

/// The words of a metric in small letters: `CacheWrite1hInputTokenCount_Global` is cache, write, 1h, input, token, count, global.
fn words_of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut last = ' ';
    for c in text.chars() {
        let begins = c.is_ascii_uppercase() && (last.is_ascii_lowercase() || last.is_ascii_digit())
            || c.is_ascii_digit() && last.is_ascii_lowercase();
        if (begins || !c.is_ascii_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        last = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[derive(Debug, Default)]
struct Words {
    side: Option<&'static str>,
    cache: Option<&'static str>,
    keeps: Option<&'static str>,
    modality: Option<&'static str>,
    tier: Option<&'static str>,
    scope: Option<Scope>,
    long: bool,
    tokens: bool,
}

impl Words {
    /// Takes every word; `None` if one is not known or two contradict each other.
    fn take_all(&mut self, words: &[String]) -> Option<()> {
        let mut words = words.iter().map(String::as_str).peekable();
        while let Some(word) = words.next() {
            let next = words.peek().copied().unwrap_or("");
            match (word, next) {
                ("long", "ctx" | "context") => self.long = true,
                ("latency", "optimized") => once(&mut self.tier, "latency_optimized")?,
                ("cross", "region") => {
                    words.next();
                    self.scope(words.next()?)?;
                    continue;
                }
                _ => {
                    self.take(word)?;
                    continue;
                }
            }
            words.next();
        }
        Some(())
    }

    fn take(&mut self, word: &str) -> Option<()> {
        match word {
            "text" | "count" | "cache" => Some(()),
            "token" | "tokens" => {
                self.tokens = true;
                Some(())
            }
            "input" => once(&mut self.side, "input"),
            "output" | "response" => once(&mut self.side, "output"),
            "read" | "cached" | "cacheread" => once(&mut self.cache, "cache_read"),
            "write" | "writes" | "cachewrite" => once(&mut self.cache, "cache_write"),
            "5m" => once(&mut self.keeps, "_5m"),
            "30m" => once(&mut self.keeps, "_30m"),
            "1h" | "1hr" => once(&mut self.keeps, "_1h"),
            "global" => self.scope(word),
            "geo" => self.scope(word),
            _ => {
                if let Some(modality) = MODALITIES.iter().find(|known| **known == word) {
                    return once(&mut self.modality, modality);
                }
                let tier = TIERS.iter().find(|known| **known == word)?;
                // "global-standard" says no more than "global"
                match self.tier {
                    Some(_) if *tier == "standard" => Some(()),
                    Some("standard") | None => {
                        self.tier = Some(tier);
                        Some(())
                    }
                    Some(other) => (other == *tier).then_some(()),
                }
            }
        }
    }

    fn scope(&mut self, word: &str) -> Option<()> {
        let scope = match word {
            "global" => Scope::Global,
            _ => Scope::Geo(SCOPES.iter().find(|known| **known == word)?),
        };
        match self.scope {
            Some(other) if other != scope => None,
            _ => {
                self.scope = Some(scope);
                Some(())
            }
        }
    }

    /// Another attribute's text may state the tier where the usage type does not.
    fn also(&mut self, text: &str) {
        if self.tier.is_some_and(|tier| tier != "standard") {
            return;
        }
        let words = words_of(text);
        let named = TIERS
            .iter()
            .find(|tier| words.iter().any(|word| word == *tier));
        if let Some(tier) = named {
            self.tier = Some(tier);
        }
    }

    fn meter(&self) -> Option<PriceMeter> {
        if !self.tokens {
            return None;
        }
        let name = match (self.cache, self.side) {
            (Some(cache), _) => {
                let keeps = self.keeps.unwrap_or("");
                format!("{cache}{keeps}")
            }
            (None, Some(side)) if self.keeps.is_none() => side.to_string(),
            _ => return None,
        };
        let modality = self.modality.map_or(String::new(), |m| format!("_{m}"));
        let tier: Vec<&str> = self
            .tier
            .filter(|tier| *tier != "standard")
            .into_iter()
            .chain(self.long.then_some("long_context"))
            .collect();
        Some(PriceMeter {
            meter: format!("{name}{modality}").into(),
            tier: (!tier.is_empty()).then(|| tier.join("_").into()),
            over: None,
        })
    }
}

fn once(place: &mut Option<&'static str>, word: &'static str) -> Option<()> {
    match place {
        Some(other) if *other != word => None,
        _ => {
            *place = Some(word);
            Some(())
        }
    }
}
