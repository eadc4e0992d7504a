use super::*;
use crate::landscape::history::example::{day, history};

/// Prices of a model at a provider, each from a day on until the next; the last may have an end.
fn priced(model: &str, provider: &str, prices: &[(&str, &str)]) -> Vec<String> {
    let mut lines = vec![format!("0.. api {provider} {model}")];
    for (days, amount) in prices {
        for meter in ["input", "output"] {
            lines.push(format!(
                "{days} api {provider} {model} price.{meter} \"{amount}\""
            ));
        }
    }
    lines
}

fn market(lines: &[Vec<String>], baskets: &[(i64, &[&str])], days: &[i64]) -> Vec<Option<f64>> {
    let lines: Vec<&str> = lines.iter().flatten().map(String::as_str).collect();
    let baskets = baskets.iter().map(|(from, models)| Basket {
        from: day(*from),
        models: models.iter().map(ToString::to_string).collect(),
    });
    let reference = Reference {
        lines: Vec::new(),
        baskets: baskets.collect(),
    };
    let baskets = Baskets::new(&history(&lines), &reference, day(100));
    let value = |number: &i64| baskets.market.at(day(*number)).map(|level| level.value);
    days.iter().map(value).collect()
}

const BOTH: &[&str] = &["xai/grok-3", "xai/grok-4"];

#[test]
fn a_first_price_weighs_nothing() {
    let lines = [
        priced("grok-3", "xai", &[("0..5", "2"), ("5..", "1")]),
        priced("grok-4", "xai", &[("5..8", "7"), ("8..", "28")]),
    ];
    let index = market(&lines, &[(0, BOTH)], &[4, 5, 8]);
    // half of it, then the mean of once and four times of it
    assert_eq!(index, [Some(100.0), Some(50.0), Some(100.0)]);
}

#[test]
fn a_gap_keeps_the_last_price_and_zero_is_none() {
    let lines = [priced(
        "grok-3",
        "xai",
        &[("0..3", "2"), ("5..6", "0"), ("6..", "1")],
    )];
    let index = market(&lines, &[(0, BOTH)], &[2, 4, 5, 6]);
    assert_eq!(index, [Some(100.0), None, None, Some(50.0)]);
}

#[test]
fn another_basket_moves_nothing_but_what_both_hold() {
    let lines = [
        priced("grok-3", "xai", &[("0..5", "2"), ("7..", "1")]),
        priced("grok-4", "xai", &[("0..6", "9"), ("6..", "18")]),
        priced("grok-2", "xai", &[("0..5", "3"), ("5..", "300")]),
    ];
    let next: &[&str] = &["xai/grok-3", "xai/grok-4"];
    let before: &[&str] = &["xai/grok-3", "xai/grok-2"];
    let index = market(&lines, &[(0, before), (5, next)], &[4, 5, 6, 7]);
    // what left the basket is not followed on its last day, what is new only after its first, and who has no price on that
    // day goes on from the last one
    assert_eq!(
        index,
        [Some(100.0), Some(100.0), Some(200.0), Some(141.421)]
    );
}

#[test]
fn a_reseller_sets_no_price_of_the_market() {
    let lines = [
        priced("grok-3", "xai", &[("0..", "2")]),
        priced("x-ai/grok-3", "openrouter", &[("0..5", "2"), ("5..", "1")]),
    ];
    assert_eq!(market(&lines, &[(0, BOTH)], &[6]), [Some(100.0)]);
}
