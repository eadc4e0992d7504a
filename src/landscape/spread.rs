//! Where sources differ about a price, and what the difference likely is.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::offer::Stated;
use crate::market::{Attribute, Price, PriceMeter, Value};

/// What a difference between two prices likely is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpreadClass {
    /// One is a tenth to a fifth above the other: a premium for staying in a region or geography
    /// (facts: aws-bedrock.md §5, azure.md §7).
    RegionalPremium,
    /// One is half or twice the other: another service tier.
    Tier,
    /// One is a thousand or a million times the other: per thousand or per token against per million.
    UnitSlip,
    /// The lower source has said so since before the higher one changed.
    Stale,
    /// None of these.
    Unknown,
}

impl SpreadClass {
    /// The printed words.
    pub fn words(self) -> &'static str {
        match self {
            Self::RegionalPremium => "regional premium",
            Self::Tier => "tier",
            Self::UnitSlip => "unit slip",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
        }
    }
}

/// Two sources that differ about one price.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// About which price.
    pub meter: PriceMeter,
    /// What is believed.
    pub believed: Stated,
    /// What the other says.
    pub other: Stated,
    /// What the difference likely is.
    pub class: SpreadClass,
}

/// The sources that differ from the best one, by price. Each source speaks once: with what it says closest to the offering.
pub(super) fn spreads(facts: &BTreeMap<Attribute, Vec<Stated>>) -> Vec<Spread> {
    let mut found = Vec::new();
    for (attribute, stated) in facts {
        let (Attribute::Price(meter), [believed, others @ ..]) = (attribute, stated.as_slice())
        else {
            continue;
        };
        let mut heard = vec![&believed.source];
        for other in others {
            if heard.contains(&&other.source) {
                continue;
            }
            heard.push(&other.source);
            if let Some(class) = class(believed, other) {
                found.push(Spread {
                    meter: meter.clone(),
                    believed: believed.clone(),
                    other: other.clone(),
                    class,
                });
            }
        }
    }
    found
}

/// `None` where they agree, or cannot be compared for their units.
fn class(believed: &Stated, other: &Stated) -> Option<SpreadClass> {
    let (Value::Price(ours), Value::Price(theirs)) = (&believed.value, &other.value) else {
        return None;
    };
    if ours == theirs || (&ours.currency, &ours.unit) != (&theirs.currency, &theirs.unit) {
        return None;
    }
    let Some(ratio) = ratio(ours, theirs) else {
        return Some(SpreadClass::Unknown);
    };
    let is = |times: i64| ratio == Decimal::from(times);
    let between =
        |low: i64, high: i64| Decimal::new(low, 2) <= ratio && ratio <= Decimal::new(high, 2);
    Some(if is(1_000) || is(1_000_000) {
        SpreadClass::UnitSlip
    } else if between(108, 121) {
        SpreadClass::RegionalPremium
    } else if is(2) {
        SpreadClass::Tier
    } else if other.since < believed.since {
        SpreadClass::Stale
    } else {
        SpreadClass::Unknown
    })
}

/// The greater divided by the smaller, in 12 significant digits; `None` if one is zero.
fn ratio(a: &Price, b: &Price) -> Option<Decimal> {
    let (low, high) = (a.amount.min(b.amount), a.amount.max(b.amount));
    if low.is_zero() {
        return None;
    }
    high.checked_div(low)?
        .round_sf(12)
        .map(|ratio| ratio.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Authority, ProbeId, Scope, SourceId};

    fn stated(source: &str, dollars: &str, since: i64) -> Stated {
        Stated {
            value: Value::Price(Price::usd_per_million_tokens(
                dollars.parse().expect("a decimal"),
            )),
            source: SourceId {
                probe: ProbeId::from(source),
                scope: Scope::from(""),
            },
            authority: Authority::Registry,
            since: jiff::Timestamp::from_second(since).expect("a time"),
            confirmed_at: None,
            general: false,
        }
    }

    #[test]
    fn differences_are_told_apart() {
        for (ours, theirs, since, expected) in [
            ("3", "3.0", 1, None),
            ("3", "3.3", 1, Some(SpreadClass::RegionalPremium)),
            ("3.6", "3", 1, Some(SpreadClass::RegionalPremium)),
            ("3", "1.5", 1, Some(SpreadClass::Tier)),
            ("3", "3000", 1, Some(SpreadClass::UnitSlip)),
            ("3", "0.000003", 1, Some(SpreadClass::UnitSlip)),
            ("3", "0", 1, Some(SpreadClass::Unknown)),
            ("3", "5", 1, Some(SpreadClass::Stale)),
            ("3", "5", 9, Some(SpreadClass::Unknown)),
        ] {
            let found = class(&stated("a", ours, 5), &stated("b", theirs, since));
            assert_eq!(found, expected, "{ours} and {theirs}");
        }
    }

    #[test]
    fn each_source_speaks_once() {
        let said = vec![
            stated("api", "3", 5),
            stated("api", "4", 5),
            stated("page", "3.3", 5),
            stated("page", "9", 5),
        ];
        let found = spreads(&BTreeMap::from([(Attribute::price("input"), said)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].class, SpreadClass::RegionalPremium);
    }
}
