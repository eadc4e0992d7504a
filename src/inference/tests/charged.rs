//! What may be spent, and what a call is charged.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::*;
use crate::market::{Failure, Phase, Price};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn a_day_is_one_of_utc() {
    let day = |text: &str| utc_day(text.parse::<Timestamp>().unwrap());
    assert_eq!(day("1970-01-01T00:00:00Z"), 0);
    assert_eq!(day("1969-12-31T23:59:59Z"), -1);
    assert_eq!(day("2026-11-25T23:59:59.999Z"), day("2026-11-25T00:00:00Z"));
    assert_eq!(
        day("2026-11-26T00:30:00+01:00"),
        day("2026-11-25T00:00:00Z")
    );
}

#[test]
fn the_last_cent_may_be_spent_and_none_more() {
    let budget = Budget {
        daily: decimal("2.00"),
    };
    assert!(budget.has_room(decimal("1.99"), decimal("0.01")));
    assert!(!budget.has_room(decimal("1.99"), decimal("0.010000000001")));
    assert!(!budget.has_room(decimal("2.5"), Decimal::ZERO));
    assert!(!budget.has_room(Decimal::MAX, Decimal::MAX));
}

#[test]
fn a_call_is_charged_what_is_sure() {
    let (input, output) = (
        Price::usd_per_million_tokens(decimal("3")),
        Price::usd_per_million_tokens(decimal("15")),
    );
    let prices = Prices::of([("input", &input), ("output", &output)]);
    let whole = told(Dialect::OpenAiChat, &whole(Dialect::OpenAiChat));
    let charge = |status, failure: Option<Failure>, change: fn(&mut Told)| {
        let mut told = whole.clone();
        change(&mut told);
        let ended = Ended {
            status,
            failure: failure.as_ref(),
            told: &told,
        };
        ended.charge(decimal("0.01"), &prices).to_string()
    };
    let keep = |_: &mut Told| {};
    let broken = |told: &mut Told| {
        let detail = String::new();
        told.end = End::Broken(Failure::Truncated { detail });
    };
    let timeout = |phase| Some(Failure::Timeout { phase });
    let detail = String::new();
    assert_eq!(charge(Some(200), None, keep), "0.000102");
    assert_eq!(
        charge(Some(200), None, |told| told.stated_cost =
            Some(decimal("0.005"))),
        "0.005"
    );
    assert_eq!(
        charge(Some(200), None, |told| told.stated_cost =
            Some(Decimal::ZERO)),
        "0.000102"
    );
    assert_eq!(
        charge(Some(200), None, |told| told.usage = Usage::default()),
        "0.01"
    );
    assert_eq!(charge(Some(200), None, broken), "0.01");
    assert_eq!(charge(Some(200), timeout(Phase::Body), keep), "0.01");
    assert_eq!(charge(None, timeout(Phase::FirstByte), broken), "0.01");
    // more than was set aside is charged in full
    assert_eq!(
        charge(Some(200), None, |told| told.usage.output = Some(100_000)),
        "1.500027"
    );
    assert_eq!(
        charge(Some(200), timeout(Phase::Body), |told| told.usage.output =
            Some(100_000)),
        "1.500027"
    );
    // what was never asked, or refused, costs nothing
    assert_eq!(charge(None, timeout(Phase::Tls), broken), "0");
    assert_eq!(
        charge(
            None,
            Some(Failure::Dns {
                detail: detail.clone()
            }),
            broken
        ),
        "0"
    );
    assert_eq!(
        charge(
            None,
            Some(Failure::Tls {
                detail: detail.clone()
            }),
            broken
        ),
        "0"
    );
    assert_eq!(
        charge(
            None,
            Some(Failure::CredentialMissing {
                name: detail.clone()
            }),
            broken
        ),
        "0"
    );
    assert_eq!(
        charge(
            Some(429),
            Some(Failure::Throttled {
                retry_after: None,
                code: None
            }),
            broken
        ),
        "0"
    );
    // a connection that broke after the request may have been answered
    assert_eq!(
        charge(None, Some(Failure::Protocol { detail }), broken),
        "0.01"
    );
}
