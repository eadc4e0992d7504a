//! One raw text → one value, as a probe's mapping declares it. Shared by every reader with a mapping.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::market::{
    Certainty, CoveredStages, Currency, Interface, LifecycleDate, Price, PriceUnit, Stage,
    StageSet, Value, day_start, decimal_from_json, words_before_date,
};

/// A provider's words for stages, lower-cased, with what they mean, and what else they cover.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageWords(BTreeMap<String, (Stage, StageSet)>);

impl StageWords {
    /// From the words of a probe file, each of which means one stage.
    pub fn new(words: impl IntoIterator<Item = (String, Stage)>) -> Self {
        let words = words.into_iter();
        Self::covering(words.map(|(word, stage)| (word, (stage, StageSet::default()))))
    }

    /// From the words of a probe file, each with the stage that it is taken for and those that it covers besides.
    pub fn covering(words: impl IntoIterator<Item = (String, (Stage, StageSet))>) -> Self {
        let words = words.into_iter();
        Self(
            words
                .map(|(word, stages)| (word.trim().to_lowercase(), stages))
                .collect(),
        )
    }

    /// These words with others set over them: what one source of the provider means by a word may be another thing.
    pub fn with(&self, own: Self) -> Self {
        let mut words = self.0.clone();
        words.extend(own.0);
        Self(words)
    }

    /// What a word means here; `None` for a word that the probe does not know.
    pub fn stage(&self, word: &str) -> Option<Stage> {
        let stages = self.0.get(&word.trim().to_lowercase());
        stages.map(|(stage, _)| *stage)
    }

    /// What the words cover besides the stages that they are taken for.
    pub fn covered(&self) -> CoveredStages {
        self.0.values().copied().collect()
    }

    /// The known words, for messages.
    pub fn known(&self) -> String {
        self.0.keys().cloned().collect::<Vec<_>>().join(", ")
    }
}

/// What a raw text is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum As {
    /// Itself, trimmed.
    Text,
    /// A stage, through the provider's stage words; a date may follow the word.
    Stage,
    /// An interface's word.
    Interface,
    /// A date in ISO or English; hedged phrases make it a floor. `certainty` overrides what the phrase says.
    Date {
        /// For columns whose heading says what the cells do not.
        certainty: Option<Certainty>,
    },
    /// Seconds since 1970.
    UnixSeconds {
        /// Whether such a date is a commitment or a floor.
        certainty: Certainty,
    },
    /// The first number in the text, in `currency` per `unit`, times `times`.
    Price {
        /// As stated; nothing is converted.
        currency: Currency,
        /// What it is paid for.
        unit: PriceUnit,
        /// Brings per-token prices to one million tokens.
        times: Decimal,
    },
    /// A number; `1M`, `200k`, `128,000` are understood.
    Number,
    /// `true`, `yes`, `supported` …
    Flag,
    /// A set, split at any of the separators.
    Set {
        /// For instance `,` and ` or `.
        separators: Vec<String>,
    },
}

/// How one raw text becomes a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// What it is read as.
    pub kind: As,
    /// Only what stands between these two is read; a text without both is not what was declared.
    pub between: Option<(String, String)>,
    /// Raw texts (compared without regard to case) that stand for other texts; an empty replacement means "not stated".
    pub words: BTreeMap<String, String>,
    /// A date from this day on is the source's way to write that there is none.
    pub none_from: Option<Date>,
}

impl Conversion {
    /// Without replaced words.
    pub fn new(kind: As) -> Self {
        Self {
            kind,
            between: None,
            words: BTreeMap::new(),
            none_from: None,
        }
    }

    /// What of a raw text is read. `Err`: what was expected.
    pub fn part<'a>(&self, raw: &'a str) -> Result<&'a str, String> {
        let Some((start, end)) = &self.between else {
            return Ok(raw);
        };
        let part = raw.split_once(start.as_str());
        part.and_then(|(_, rest)| rest.split_once(end.as_str()))
            .map(|(part, _)| part)
            .ok_or_else(|| format!("a text with '{start}' and '{end}'"))
    }

    /// Reads a raw text. `Ok(None)`: it says that nothing is stated. `Err`: what was expected.
    pub fn read(&self, raw: &str, stages: &StageWords) -> Result<Option<Value>, String> {
        let value = self.as_stated(raw, stages)?;
        Ok(value.filter(|value| !self.means_none(value)))
    }

    fn means_none(&self, value: &Value) -> bool {
        match (value, self.none_from) {
            (Value::Date(date), Some(none_from)) => date.starts() >= day_start(none_from),
            _ => false,
        }
    }

    fn as_stated(&self, raw: &str, stages: &StageWords) -> Result<Option<Value>, String> {
        let trimmed = self.part(raw)?.trim();
        let replaced = self.words.get(&trimmed.to_lowercase()).map(String::as_str);
        let text = replaced.unwrap_or(trimmed).trim();
        if replaced == Some("") {
            return Ok(None);
        }
        if says_nothing(text) && !matches!(self.kind, As::Date { .. }) {
            return Ok(None);
        }
        match &self.kind {
            As::Text => Ok(Some(Value::Text(text.into()))),
            As::Stage => stages
                .stage(text)
                .or_else(|| replaced.and_then(Stage::from_word))
                .or_else(|| stages.stage(&words_before_date(text)?))
                .map(|stage| Some(Value::Stage(stage)))
                .ok_or_else(|| format!("a stage word ({})", stages.known())),
            As::Interface => Interface::from_word(text)
                .map(|interface| Some(Value::Interface(interface)))
                .ok_or_else(|| "stateless, stateful or platform".to_string()),
            As::Date { certainty } => {
                let date = LifecycleDate::from_text(text).map_err(|error| error.to_string())?;
                Ok(date.map(|date| {
                    Value::Date(date.with_certainty(certainty.unwrap_or(date.certainty)))
                }))
            }
            As::UnixSeconds { certainty } => text
                .parse::<i64>()
                .ok()
                .and_then(|seconds| Timestamp::from_second(seconds).ok())
                .map(|instant| Some(Value::Date(LifecycleDate::at(instant, *certainty))))
                .ok_or_else(|| "seconds since 1970".to_string()),
            As::Price {
                currency,
                unit,
                times,
            } => price(text, *currency, unit, *times).map(|price| price.map(Value::Price)),
            As::Number => number(text)
                .map(|number| Some(Value::Number(number)))
                .ok_or_else(|| "a number such as 128,000 or 1M".to_string()),
            As::Flag => flag(text)
                .map(|flag| Some(Value::Flag(flag)))
                .ok_or_else(|| "yes or no".to_string()),
            As::Set { separators } => {
                let mut members = vec![text];
                for separator in separators.iter().filter(|separator| !separator.is_empty()) {
                    members = members
                        .into_iter()
                        .flat_map(|m| m.split(separator.as_str()))
                        .collect();
                }
                let members = members.into_iter().map(str::trim).filter(|m| !m.is_empty());
                Ok(Some(Value::set(members)))
            }
        }
    }
}

/// Whether a cell is one of the ways to write "nothing".
fn says_nothing(text: &str) -> bool {
    let plain: String = text
        .chars()
        .map(|c| {
            if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}') {
                '-'
            } else {
                c
            }
        })
        .collect();
    matches!(
        plain.to_lowercase().as_str(),
        "" | "-" | "--" | "---" | "n/a" | "na" | "none" | "null" | "tbd"
    )
}

/// The first number of a cell such as `$5 / MTok`, `\$0.60`, `$0.25 / MTok1`, `Free`. `Free` states no price that could be compared.
fn price(
    text: &str,
    currency: Currency,
    unit: &PriceUnit,
    times: Decimal,
) -> Result<Option<Price>, String> {
    let digits = |c: char| c.is_ascii_digit();
    let Some(start) = text.find(digits) else {
        return if text.to_lowercase().contains("free") {
            Ok(None)
        } else {
            Err("a price such as $2.50".to_string())
        };
    };
    let rest = &text[start..];
    let end = rest
        .char_indices()
        .find(|(at, c)| {
            let exponent =
                matches!(c, 'e' | 'E') && rest[at + 1..].starts_with(['-', '+', '0', '1']);
            let sign = matches!(c, '-' | '+') && rest[..*at].ends_with(['e', 'E']);
            !(c.is_ascii_digit() || matches!(c, '.' | ',') || exponent || sign)
        })
        .map_or(rest.len(), |(at, _)| at);
    let amount = decimal_from_json(&rest[..end].trim_end_matches(['.', ',']).replace(',', ""))
        .and_then(|amount| amount.checked_mul(times))
        .and_then(|amount| decimal_from_json(&amount.to_string()))
        .ok_or_else(|| "a price such as $2.50".to_string())?;
    let negative = text[..start].ends_with('-');
    if negative {
        return Err("a price that is not negative".to_string());
    }
    Ok(Some(Price {
        amount,
        currency,
        unit: unit.clone(),
    }))
}

fn number(text: &str) -> Option<Decimal> {
    let lower = text.to_lowercase();
    let lower = lower.trim_end_matches("tokens").trim();
    let (digits, times) = match lower.chars().last()? {
        'k' => (&lower[..lower.len() - 1], Decimal::ONE_THOUSAND),
        'm' => (&lower[..lower.len() - 1], Decimal::from(1_000_000)),
        _ => (lower, Decimal::ONE),
    };
    decimal_from_json(&digits.replace([',', ' ', '_'], ""))?
        .checked_mul(times)
        .map(|n| n.normalize())
}

fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "supported" | "\u{2713}" | "\u{2705}" | "1" => Some(true),
        "false" | "no" | "not supported" | "\u{2717}" | "\u{274c}" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(conversion: &Conversion, raw: &str) -> String {
        let stages = StageWords::new([("Active".to_string(), Stage::Ga)]);
        match conversion.read(raw, &stages) {
            Ok(Some(value)) => value.to_string(),
            Ok(None) => "nothing".to_string(),
            Err(expected) => format!("expected {expected}"),
        }
    }

    #[test]
    fn raw_texts_become_values() {
        let dollars = As::Price {
            currency: Currency::USD,
            unit: PriceUnit::MillionTokens,
            times: Decimal::ONE,
        };
        let per_token = As::Price {
            currency: Currency::USD,
            unit: PriceUnit::MillionTokens,
            times: Decimal::from(1_000_000),
        };
        let set = As::Set {
            separators: vec![",".into(), " or ".into()],
        };
        for (kind, raw, expected) in [
            (As::Text, "  a b ", "a b"),
            (As::Text, "\u{2014}", "nothing"),
            (As::Stage, "active", "ga"),
            (As::Stage, "Active since May 2026", "ga"),
            (As::Stage, "Sleeping", "expected a stage word (active)"),
            (As::Date { certainty: None }, "N/A", "nothing"),
            (
                As::Date {
                    certainty: Some(Certainty::NotBefore),
                },
                "2026-10-01",
                "not before 2026-10-01",
            ),
            (
                As::UnixSeconds {
                    certainty: Certainty::Firm,
                },
                "1744316542",
                "2025-04-10T20:22:22Z",
            ),
            (dollars.clone(), "$5 / MTok", "$5 / 1M tokens"),
            (dollars.clone(), "\\$0.60", "$0.6 / 1M tokens"),
            (dollars.clone(), "$0.25 / MTok1", "$0.25 / 1M tokens"),
            (dollars.clone(), "$1,250.00", "$1250 / 1M tokens"),
            (dollars.clone(), "Free", "nothing"),
            (dollars.clone(), "-", "nothing"),
            (dollars, "call us", "expected a price such as $2.50"),
            (per_token.clone(), "1.375e-06", "$1.375 / 1M tokens"),
            (per_token, "-1", "expected a price that is not negative"),
            (As::Number, "1,048,576", "1048576"),
            (As::Number, "200K", "200000"),
            (As::Number, "1M tokens", "1000000"),
            (
                As::Number,
                "lots",
                "expected a number such as 128,000 or 1M",
            ),
            (As::Flag, "Supported", "yes"),
            (As::Flag, "maybe", "expected yes or no"),
            (set, "b, a or c,", "a, b, c"),
        ] {
            assert_eq!(shown(&Conversion::new(kind), raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn declared_words_stand_for_others() {
        let mut conversion = Conversion::new(As::Stage);
        conversion.words = [
            ("soon".to_string(), "announced".to_string()),
            ("?".to_string(), String::new()),
        ]
        .into();
        assert_eq!(shown(&conversion, "Soon"), "announced");
        assert_eq!(shown(&conversion, "?"), "nothing");
    }

    #[test]
    fn a_probes_own_words_are_set_over_the_providers() {
        let words = |pairs: &[(&str, Stage)]| {
            StageWords::new(pairs.iter().map(|(word, stage)| (word.to_string(), *stage)))
        };
        let pages = words(&[("GA", Stage::Ga), ("Deprecated", Stage::Deprecated)]);
        let own = pages.with(words(&[("deprecated", Stage::Retired)]));
        assert_eq!(own.stage("Deprecated"), Some(Stage::Retired));
        assert_eq!(own.stage("ga"), Some(Stage::Ga));
    }

    #[test]
    fn a_date_beyond_all_plans_is_none() {
        let mut conversion = Conversion::new(As::Date { certainty: None });
        conversion.none_from = Some(jiff::civil::date(2099, 1, 1));
        for (raw, expected) in [
            ("2099-12-31T00:00:00.000Z", "nothing"),
            ("2099-06-01", "nothing"),
            ("2098-12-31", "2098-12-31"),
        ] {
            assert_eq!(shown(&conversion, raw), expected, "{raw}");
        }
    }
}
