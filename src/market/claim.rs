//! One statement of a source.

use jiff::Timestamp;

use super::{Attribute, Value};

/// What a source says of one attribute of the entry that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Of what.
    pub attribute: Attribute,
    /// Says what.
    pub value: Value,
    /// The source's own spelling, as evidence.
    pub raw: Box<str>,
    /// Which of two claims on one attribute in one body holds: the higher rank (a later dated section of a page). `None` ranks lowest.
    pub rank: Option<i64>,
    /// Since when, or from when on, it is true, where the source says so.
    pub true_from: Option<Timestamp>,
}

impl Claim {
    /// A claim without rank.
    pub fn new(attribute: Attribute, value: Value, raw: impl Into<Box<str>>) -> Self {
        Self {
            attribute,
            value,
            raw: raw.into(),
            rank: None,
            true_from: None,
        }
    }

    /// Whether the store gives it back as it is. The spelling of a meter with a dot in its name, or of a day before our
    /// era, reads back as something else or as nothing: kept, it would differ from itself for ever.
    pub fn can_be_kept(&self) -> bool {
        let has_open_name = matches!(
            self.attribute,
            Attribute::Price(_) | Attribute::Limit(_) | Attribute::Capability(_)
        );
        let has_open_value = matches!(
            self.value,
            Value::Date(_) | Value::Price(_) | Value::Number(_)
        );
        (!has_open_name || self.attribute.to_string().parse().as_ref() == Ok(&self.attribute))
            && (!has_open_value
                || Value::from_stored(&self.attribute, &self.value.to_stored()).as_ref()
                    == Some(&self.value))
    }

    /// Says that the attribute is stated in a way that cannot be read.
    pub fn unclear(attribute: Attribute, raw: impl Into<Box<str>>) -> Self {
        Self::new(attribute, Value::Unclear, raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Certainty, LifecycleDate, Price, PriceMeter, decimal_from_json};
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn meter(name: &str) -> Attribute {
        Attribute::Price(PriceMeter {
            meter: name.into(),
            tier: None,
            over: None,
        })
    }

    fn dollars(text: &str) -> Value {
        Value::Price(Price::usd_per_million_tokens(
            decimal_from_json(text).expect("a number"),
        ))
    }

    #[test]
    fn what_would_read_back_otherwise_cannot_be_kept() {
        for (name, expected) in [
            ("input", true),
            ("cache_write_5m", true),
            ("", false),
            ("1.5x", false),
            ("a.b.c", false),
            ("over_5", false),
            ("over_the_top", false),
        ] {
            let claim = Claim::new(meter(name), dollars("1"), "");
            assert_eq!(claim.can_be_kept(), expected, "{name}");
        }
        let limit = |name: &str| Attribute::Limit(name.into());
        let ten = Value::Number(10.into());
        assert!(Claim::new(limit("a.b"), ten.clone(), "").can_be_kept());
        assert!(!Claim::new(limit(""), ten, "").can_be_kept());
        for (seconds, expected) in [(1_700_000_000, true), (-99_999_999_999, false)] {
            let instant = Timestamp::from_second(seconds).expect("an instant");
            let date = Value::Date(LifecycleDate::at(instant, Certainty::Firm));
            let launch = Attribute::Date(crate::market::DateKind::Launch);
            assert_eq!(Claim::new(launch, date, "").can_be_kept(), expected);
        }
    }

    proptest! {
        #[test]
        fn numbers_of_any_believable_size_can_be_kept(digits in "[0-9]{1,12}", point in 0usize..13, exponent in -6i32..12) {
            let at = point.min(digits.len());
            let text = format!("{}.{}e{exponent}", &digits[..at], &digits[at..]);
            let text = text.replace(".e", "e");
            let Some(number) = decimal_from_json(&format!("0{text}")) else { return Ok(()) };
            let limit = Attribute::Limit("context".into());
            prop_assert!(Claim::new(limit, Value::Number(number), "").can_be_kept(), "{number}");
            let price = Value::Price(Price::usd_per_million_tokens(number));
            prop_assert!(Claim::new(meter("input"), price, "").can_be_kept(), "{number}");
        }
    }
}
