//! Exact money: a decimal, its currency, and what one pays it for. Never a float.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};

/// Significant digits that are kept of a number from JSON: a float's shortest text never carries more meaning.
const SIGNIFICANT_DIGITS: u32 = 12;

/// A three-letter ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// Reads a code such as `EUR`; `None` unless it is three ASCII letters.
    pub fn from_code(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self(bytes.map(|b| b.to_ascii_uppercase())))
    }

    /// The code in capitals.
    pub fn code(&self) -> &str {
        // the bytes are ASCII letters by construction
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

/// What one pays a price for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceUnit {
    /// One million tokens: the unit that token prices are normalised to.
    MillionTokens,
    /// Anything else, singular: `image`, `second`, `hour`, `thousand_calls` …
    Other(Box<str>),
}

impl PriceUnit {
    /// The word that is printed.
    pub fn word(&self) -> &str {
        match self {
            Self::MillionTokens => "1M_tokens",
            Self::Other(word) => word,
        }
    }

    /// Reads the printed word.
    pub fn from_word(word: &str) -> Self {
        match word {
            "1M_tokens" => Self::MillionTokens,
            other => Self::Other(other.into()),
        }
    }
}

/// A price as stated: never converted to another currency, never zero for missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price {
    /// How much, normalised: no trailing zeros.
    pub amount: Decimal,
    /// In which currency.
    pub currency: Currency,
    /// For what.
    pub unit: PriceUnit,
}

impl Price {
    /// United States dollars per million tokens.
    pub fn usd_per_million_tokens(amount: Decimal) -> Self {
        Self {
            amount: amount.normalize(),
            currency: Currency::USD,
            unit: PriceUnit::MillionTokens,
        }
    }

    /// Whether it is in the unit that prints as a bare string.
    pub fn is_usd_per_million_tokens(&self) -> bool {
        self.currency == Currency::USD && self.unit == PriceUnit::MillionTokens
    }
}

impl fmt::Display for Price {
    /// For people: `$0.28 / 1M tokens`, `3.5 EUR / hour`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match &self.unit {
            PriceUnit::MillionTokens => "1M tokens",
            PriceUnit::Other(word) => word,
        };
        if self.currency == Currency::USD {
            write!(f, "${} / {unit}", self.amount)
        } else {
            write!(f, "{} {} / {unit}", self.amount, self.currency.code())
        }
    }
}

/// Takes a number's text (`0.000002`, `2.9999999999999997e-06`) as a decimal of at most 12 significant digits,
/// so that `2879.2` and `2879.20` are one amount. `None` if it is no number or too large to hold.
pub fn decimal_from_json(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let number = Decimal::from_str(text)
        .or_else(|_| Decimal::from_scientific(text))
        .ok()?;
    let rounded = number
        .round_sf_with_strategy(SIGNIFICANT_DIGITS, RoundingStrategy::MidpointAwayFromZero)?;
    Some(rounded.normalize())
}

/// An amount for people: two digits after the point, four of one that is below a unit.
pub fn amount_for_people(amount: Decimal, currency: Currency) -> String {
    let digits = if amount < Decimal::ONE { 4 } else { 2 };
    let rounded = amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    let text = format!("{rounded:.0$}", digits as usize);
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let text = format!("{}.{cents}", digits_in_groups(whole));
    match currency {
        Currency::USD => format!("${text}"),
        other => format!("{text} {}", other.code()),
    }
}

/// Digits in groups of three: `200,000`.
pub fn digits_in_groups(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_for_people() {
        for (amount, code, expected) in [
            ("0", "USD", "$0.0000"),
            ("0.01255", "USD", "$0.0126"),
            ("1", "USD", "$1.00"),
            ("999.995", "USD", "$1,000.00"),
            ("1234567.8", "EUR", "1,234,567.80 EUR"),
        ] {
            let amount = amount.parse().expect("a decimal");
            let currency = Currency::from_code(code).expect("a code");
            assert_eq!(amount_for_people(amount, currency), expected);
        }
    }

    #[test]
    fn numbers_of_json_become_exact() {
        for (text, expected) in [
            ("0.28", Some("0.28")),
            ("2879.20", Some("2879.2")),
            ("1.375e-06", Some("0.000001375")),
            ("2.9999999999999997e-06", Some("0.000003")),
            ("0", Some("0")),
            ("1e400", None),
            ("three", None),
            ("", None),
        ] {
            assert_eq!(
                decimal_from_json(text).map(|d| d.to_string()),
                expected.map(str::to_string),
                "{text}"
            );
        }
    }

    #[test]
    fn prices_print_for_people() {
        let dollars = Price::usd_per_million_tokens(Decimal::new(2800, 4));
        assert_eq!(dollars.to_string(), "$0.28 / 1M tokens");
        let hour = Price {
            amount: Decimal::new(35, 1),
            currency: Currency::from_code("eur").expect("a code"),
            unit: PriceUnit::from_word("hour"),
        };
        assert_eq!(hour.to_string(), "3.5 EUR / hour");
    }
}
