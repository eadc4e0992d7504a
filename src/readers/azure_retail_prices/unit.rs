//! What one pays a price for: the last word of a meter's name, and how many of it the unit of measure counts.

use rust_decimal::Decimal;

use crate::market::{PriceUnit, decimal_from_json};

/// A unit, and how many of it a stated price buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The unit that the price is brought to.
    pub one: PriceUnit,
    /// A stated price times this is the price of one.
    times: Decimal,
    /// What is divided by, where the unit of measure counts several.
    by: Decimal,
}

impl Unit {
    /// The price of one unit, from the price of as many as the unit of measure counts.
    pub fn of_one(&self, stated: Decimal) -> Option<Decimal> {
        let times = stated.checked_mul(self.times)?;
        decimal_from_json(&times.checked_div(self.by)?.to_string())
    }
}

/// Tokens, a million of which are one unit.
pub fn tokens(measure: &str) -> Option<Unit> {
    Some(Unit {
        one: PriceUnit::MillionTokens,
        times: Decimal::from(1_000_000),
        by: count(measure)?,
    })
}

/// Things that are counted: images, pages, calls.
pub fn each(word: &str, measure: &str) -> Option<Unit> {
    Some(Unit {
        one: PriceUnit::from_word(word),
        times: Decimal::ONE,
        by: count(measure)?,
    })
}

/// A stretch of time, where the unit of measure is one of it: `1 Hour`, `1/Hour`.
pub fn time(word: &str, measure: &str) -> Option<Unit> {
    let stretch = measure.strip_prefix('1')?.trim_start_matches([' ', '/']);
    stretch.eq_ignore_ascii_case(word).then(|| Unit {
        one: PriceUnit::from_word(word),
        times: Decimal::ONE,
        by: Decimal::ONE,
    })
}

/// `1K`, `1M`, `100`, `1`.
fn count(measure: &str) -> Option<Decimal> {
    let measure = measure.trim();
    let (digits, thousands) = match measure.chars().last()? {
        'K' | 'k' => (&measure[..measure.len() - 1], Decimal::ONE_THOUSAND),
        'M' | 'm' => (&measure[..measure.len() - 1], Decimal::from(1_000_000)),
        _ => (measure, Decimal::ONE),
    };
    let number: u32 = digits.parse().ok()?;
    Decimal::from(number)
        .checked_mul(thousands)
        .filter(|count| !count.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_brought_to_one_unit() {
        let shown = |unit: Option<Unit>, stated: &str| {
            let stated = decimal_from_json(stated).expect("a number");
            unit.and_then(|unit| Some(format!("{} / {}", unit.of_one(stated)?, unit.one.word())))
        };
        for (unit, stated, expected) in [
            (tokens("1K"), "0.0022", Some("2.2 / 1M_tokens")),
            (tokens("1M"), "22.0", Some("22 / 1M_tokens")),
            (tokens("1"), "0.000001", Some("1 / 1M_tokens")),
            (tokens("1 Hour"), "1", None),
            (tokens("0K"), "1", None),
            (tokens("K"), "1", None),
            (each("image", "100"), "4", Some("0.04 / image")),
            (each("page", "1K"), "3", Some("0.003 / page")),
            (each("query", "3"), "1", Some("0.333333333333 / query")),
            (time("hour", "1/Hour"), "2", Some("2 / hour")),
            (time("hour", "1 Hour"), "0.36", Some("0.36 / hour")),
            (time("hour", "1/Month"), "2", None),
        ] {
            assert_eq!(shown(unit, stated).as_deref(), expected);
        }
    }
}
