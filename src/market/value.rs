//! What a claim says: a typed value with one JSON spelling, which is also what is stored.

use std::fmt;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::{
    Attribute, Certainty, Currency, Interface, LifecycleDate, Price, PriceUnit, Stage,
    decimal_from_json,
};

/// What a claim says of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A stage.
    Stage(Stage),
    /// An interface.
    Interface(Interface),
    /// A lifecycle date.
    Date(LifecycleDate),
    /// A price.
    Price(Price),
    /// A limit or other number.
    Number(Decimal),
    /// A yes or no.
    Flag(bool),
    /// A set, sorted, each member once.
    Set(Vec<Box<str>>),
    /// Anything that is only text.
    Text(Box<str>),
    /// Stated, but in a way that cannot be read: only on the way from a reader's rows to its reading, which keeps such
    /// attributes apart from those that are not stated.
    Unclear,
}

impl Value {
    /// A set from its members in any order.
    pub fn set<I: IntoIterator<Item = T>, T: Into<Box<str>>>(members: I) -> Self {
        let mut members: Vec<Box<str>> = members.into_iter().map(Into::into).collect();
        members.sort();
        members.dedup();
        Self::Set(members)
    }

    /// The value as `changes` and `offerings` print it in machine formats.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Stage(stage) => json!(stage.word()),
            Self::Interface(interface) => json!(interface.word()),
            Self::Date(date) => {
                json!({ "date": date.text(), "certainty": date.certainty.word() })
            }
            Self::Price(price) if price.is_usd_per_million_tokens() => {
                json!(price.amount.to_string())
            }
            Self::Price(price) => json!({
                "amount": price.amount.to_string(),
                "currency": price.currency.code(),
                "unit": price.unit.word(),
            }),
            Self::Number(number) => number
                .to_string()
                .parse::<serde_json::Number>()
                .map_or_else(|_| json!(number.to_string()), Json::Number),
            Self::Flag(flag) => json!(flag),
            Self::Set(members) => json!(members),
            Self::Text(text) => json!(text),
            Self::Unclear => Json::Null,
        }
    }

    /// The stored spelling: compact JSON. Equal values have equal spellings.
    pub fn to_stored(&self) -> String {
        self.to_json().to_string()
    }

    /// Reads the stored spelling of an attribute's value. `None` if it is none.
    pub fn from_stored(attribute: &Attribute, stored: &str) -> Option<Self> {
        Self::from_json(attribute, &serde_json::from_str(stored).ok()?)
    }

    /// Reads the printed JSON of an attribute's value. `None` if it is none.
    pub fn from_json(attribute: &Attribute, json: &Json) -> Option<Self> {
        match (attribute, json) {
            (Attribute::Stage, Json::String(word)) => Stage::from_word(word).map(Self::Stage),
            (Attribute::Interface, Json::String(word)) => {
                Interface::from_word(word).map(Self::Interface)
            }
            (Attribute::Date(_), Json::Object(fields)) => {
                let certainty = match fields.get("certainty")?.as_str()? {
                    "firm" => Certainty::Firm,
                    "not_before" => Certainty::NotBefore,
                    _ => return None,
                };
                LifecycleDate::from_printed(fields.get("date")?.as_str()?, certainty)
                    .map(Self::Date)
            }
            (Attribute::Price(_), Json::String(amount)) => Some(Self::Price(
                Price::usd_per_million_tokens(decimal_from_json(amount)?),
            )),
            (Attribute::Price(_), Json::Object(fields)) => Some(Self::Price(Price {
                amount: decimal_from_json(fields.get("amount")?.as_str()?)?,
                currency: Currency::from_code(fields.get("currency")?.as_str()?)?,
                unit: PriceUnit::from_word(fields.get("unit")?.as_str()?),
            })),
            (_, Json::Number(number)) => decimal_from_json(&number.to_string()).map(Self::Number),
            (_, Json::Bool(flag)) => Some(Self::Flag(*flag)),
            (_, Json::Array(members)) => {
                let members: Option<Vec<&str>> = members.iter().map(Json::as_str).collect();
                Some(Self::set(members?))
            }
            (_, Json::String(text)) => Some(Self::Text(text.as_str().into())),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    /// For people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stage(stage) => f.write_str(stage.word()),
            Self::Interface(interface) => f.write_str(interface.word()),
            Self::Date(date) => date.fmt(f),
            Self::Price(price) => price.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
            Self::Set(members) if members.is_empty() => f.write_str("none"),
            Self::Set(members) => f.write_str(&members.join(", ")),
            Self::Text(text) => f.write_str(text),
            Self::Unclear => f.write_str("unclear"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_values_read_back_and_have_one_spelling() {
        for (attribute, stored) in [
            ("stage", r#""ga""#),
            ("interface", r#""stateful""#),
            (
                "date.retires",
                r#"{"certainty":"not_before","date":"2026-10-01"}"#,
            ),
            ("price.input", r#""0.28""#),
            (
                "price.image",
                r#"{"amount":"0.04","currency":"EUR","unit":"image"}"#,
            ),
            ("limit.context", "128000"),
            ("capability.tool_call", "true"),
            ("modality.input", r#"["image","text"]"#),
            ("name", r#""Nova \"Lite\"""#),
        ] {
            let attribute: Attribute = attribute.parse().expect("an attribute");
            let value = Value::from_stored(&attribute, stored).expect(stored);
            assert_eq!(value.to_stored(), stored);
        }
        let price: Attribute = "price.input".parse().expect("an attribute");
        assert_eq!(
            Value::from_stored(&price, r#""2.50""#),
            Value::from_stored(&price, r#""2.5""#),
        );
        assert_eq!(Value::from_stored(&Attribute::Stage, r#""stable""#), None);
    }
}
