//! The keys of a probe file that say how a raw text becomes a value: the same in every reader's mapping.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::tree::Table;
use crate::market::{Attribute, Certainty, Currency, PriceUnit, Value, decimal_from_json};
use crate::readers::convert::{As, Conversion};

const AS: &str =
    "text, stage, interface, date, unix_seconds, price, number, flag or set, as fits the attribute";

/// Reads `attribute` and the keys of its conversion: `as`, `certainty`, `currency`, `unit`, `times`, `separators`,
/// `between` (two texts: only what stands between them is read), `words`, `none_from`.
/// `None` if something was wrong, which the table has then reported.
pub fn attribute(table: &Table<'_>) -> Option<(Attribute, Conversion)> {
    if table
        .required_text("attribute", "the attribute that is stated")
        .is_none()
    {
        let _ = conversion(table, &Attribute::Text);
        return None;
    }
    let attribute = table.parsed("attribute", "an attribute", str::parse::<Attribute>);
    let conversion = conversion(table, attribute.as_ref().unwrap_or(&Attribute::Text));
    Some((attribute?, conversion?))
}

fn conversion(table: &Table<'_>, attribute: &Attribute) -> Option<Conversion> {
    let word = table
        .text("as")
        .unwrap_or_else(|| usual(attribute).to_string());
    let certainty = table.word("certainty", "firm or not-before", |word| match word {
        "firm" => Some(Certainty::Firm),
        "not-before" => Some(Certainty::NotBefore),
        _ => None,
    });
    let currency = table
        .word(
            "currency",
            "a currency's three letters",
            Currency::from_code,
        )
        .unwrap_or(Currency::USD);
    let unit = table
        .text("unit")
        .map_or(PriceUnit::MillionTokens, |unit| PriceUnit::from_word(&unit));
    let times = table
        .word("times", "a number above zero, as a text", |text| {
            decimal_from_json(text).filter(|times| *times > Decimal::ZERO)
        })
        .unwrap_or(Decimal::ONE);
    let none_from = table.parsed("none_from", "a day such as 2099-01-01", str::parse::<Date>);
    let separators = table.texts("separators");
    let between = match table.texts("between").as_slice() {
        [] => None,
        [start, end] if !start.is_empty() && !end.is_empty() => Some((start.clone(), end.clone())),
        _ => {
            table.problem("between", "two texts", "something else");
            None
        }
    };
    let words = table
        .text_map("words")
        .into_iter()
        .map(|(word, stands_for)| (word.trim().to_lowercase(), stands_for))
        .collect();
    let kind = match word.as_str() {
        "text" => As::Text,
        "stage" => As::Stage,
        "interface" => As::Interface,
        "date" => As::Date { certainty },
        "unix_seconds" => As::UnixSeconds {
            certainty: certainty.unwrap_or(Certainty::Firm),
        },
        "price" => As::Price {
            currency,
            unit,
            times,
        },
        "number" => As::Number,
        "flag" => As::Flag,
        "set" if separators.is_empty() => As::Set {
            separators: vec![",".to_string()],
        },
        "set" => As::Set { separators },
        other => {
            table.problem("as", AS, format!("'{other}'"));
            return None;
        }
    };
    if !fits(attribute, &kind) {
        table.problem("as", AS, format!("'{word}' for {attribute}"));
        return None;
    }
    if none_from.is_some() && !matches!(kind, As::Date { .. } | As::UnixSeconds { .. }) {
        table.problem("none_from", "a key of a date", format!("'{word}'"));
    }
    Some(Conversion {
        kind,
        between,
        words,
        none_from,
    })
}

/// What an attribute is read as where the mapping does not say.
fn usual(attribute: &Attribute) -> &'static str {
    match attribute {
        Attribute::Stage => "stage",
        Attribute::Interface => "interface",
        Attribute::Date(_) => "date",
        Attribute::Price(_) => "price",
        Attribute::Limit(_) => "number",
        Attribute::Capability(_) => "flag",
        Attribute::Modality(_) | Attribute::Topics => "set",
        Attribute::Name
        | Attribute::Replacement
        | Attribute::Status
        | Attribute::Impact
        | Attribute::Text
        | Attribute::Link => "text",
    }
}

fn fits(attribute: &Attribute, kind: &As) -> bool {
    match attribute {
        Attribute::Stage => matches!(kind, As::Stage),
        Attribute::Interface => matches!(kind, As::Interface),
        Attribute::Date(_) => matches!(kind, As::Date { .. } | As::UnixSeconds { .. }),
        Attribute::Price(_) => matches!(kind, As::Price { .. }),
        Attribute::Limit(_) => matches!(kind, As::Number),
        Attribute::Capability(_) => matches!(kind, As::Flag | As::Text | As::Set { .. }),
        Attribute::Modality(_) | Attribute::Topics => matches!(kind, As::Set { .. }),
        Attribute::Name
        | Attribute::Replacement
        | Attribute::Status
        | Attribute::Impact
        | Attribute::Text
        | Attribute::Link => matches!(kind, As::Text | As::Set { .. }),
    }
}

/// `set = { stage = "deprecated" }`: values as they are printed, a text without its quotes.
pub fn constants(table: &Table<'_>) -> Vec<(Attribute, Value)> {
    let mut constants = Vec::new();
    for (key, word) in table.text_map("set") {
        let attribute: Attribute = match key.parse() {
            Ok(attribute) => attribute,
            Err(error) => {
                table.problem("set", "attributes and their values", format!("{error}"));
                continue;
            }
        };
        let json = serde_json::from_str(&word).unwrap_or(Json::String(word.clone()));
        match Value::from_json(&attribute, &json) {
            Some(value) => constants.push((attribute, value)),
            None => table.problem("set", format!("a value of {key}"), format!("'{word}'")),
        }
    }
    constants
}

#[cfg(test)]
mod tests {
    use super::super::tree::walk;
    use super::*;

    fn read(text: &str) -> Result<(Attribute, Conversion), String> {
        walk("probe.toml", text, attribute).map_err(|problems| problems.to_string())
    }

    #[test]
    fn the_attribute_says_how_it_is_usually_read() {
        for (text, kind) in [
            ("attribute = 'stage'", As::Stage),
            (
                "attribute = 'date.retires'\ncertainty = 'not-before'",
                As::Date {
                    certainty: Some(Certainty::NotBefore),
                },
            ),
            ("attribute = 'limit.context'", As::Number),
            (
                "attribute = 'modality.input'",
                As::Set {
                    separators: vec![",".to_string()],
                },
            ),
        ] {
            assert_eq!(
                read(text).map(|(_, conversion)| conversion.kind),
                Ok(kind),
                "{text}"
            );
        }
    }

    #[test]
    fn impossible_mappings_are_named() {
        let shown =
            read("attribute = 'stage'\nas = 'price'\ntimes = '-1'").expect_err("impossible");
        insta::assert_snapshot!(shown, @r"
        probe.toml:2: as: expected text, stage, interface, date, unix_seconds, price, number, flag or set, as fits the attribute, found 'price' for stage
        probe.toml:3: times: expected a number above zero, as a text, found '-1'
        ");
    }
}
