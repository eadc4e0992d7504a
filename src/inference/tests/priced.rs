//! Speed and cost.

use rust_decimal::Decimal;

use super::asked::recipe;
use super::*;
use crate::market::{Currency, Price, PriceUnit};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn dollars(text: &str) -> Price {
    Price::usd_per_million_tokens(decimal(text))
}

fn told_of(usage: Usage, times: [Option<SignedDuration>; 3]) -> Told {
    let mut told = told(Dialect::OpenAiChat, &whole(Dialect::OpenAiChat));
    let [first_thinking, first_content, last_token] = times;
    told.usage = usage;
    told.times = Times {
        first_thinking,
        first_content,
        last_token,
        ..Times::default()
    };
    told
}

#[test]
fn speed_has_both_definitions() {
    let output = |output, reasoning| Usage {
        output,
        reasoning,
        ..Usage::default()
    };
    let cases = [
        // nothing thought: 41 tokens in 2 s; 40 after the first one, in 1 s
        (
            output(Some(41), None),
            [None, ms(1000), ms(2000)],
            (Some(20.5), Some(40.0)),
        ),
        (
            output(Some(41), Some(0)),
            [None, ms(1000), ms(2000)],
            (Some(20.5), Some(40.0)),
        ),
        // thought unseen, or seen as a summary: 11 of the tokens are text
        (
            output(Some(41), Some(30)),
            [None, ms(1000), ms(2000)],
            (Some(20.5), Some(10.0)),
        ),
        (
            output(Some(41), Some(30)),
            [ms(500), ms(1000), ms(2000)],
            (Some(20.5), Some(10.0)),
        ),
        // thought openly and counted together
        (
            output(Some(41), None),
            [ms(1000), ms(1500), ms(2000)],
            (Some(20.5), Some(40.0)),
        ),
        // all at once, one token, no usage, no text
        (
            output(Some(41), None),
            [None, ms(2000), ms(2000)],
            (Some(20.5), None),
        ),
        (
            output(Some(1), None),
            [None, ms(1000), ms(2000)],
            (Some(0.5), None),
        ),
        (output(None, None), [None, ms(1000), ms(2000)], (None, None)),
        (output(Some(41), Some(41)), [None, None, None], (None, None)),
        (
            output(Some(1), Some(5)),
            [None, ms(1000), ms(2000)],
            (Some(0.5), None),
        ),
    ];
    for (usage, times, (end_to_end, after_first)) in cases {
        let expected = Speed {
            end_to_end,
            after_first,
        };
        assert_eq!(
            told_of(usage, times).speed(),
            expected,
            "{usage:?} {times:?}"
        );
    }
}

#[test]
fn cost_is_exact_and_never_guessed() {
    let input = dollars("3");
    let output = dollars("15");
    let read = dollars("0.3");
    let written = dollars("3.75");
    let prices = Prices::of([
        ("input", &input),
        ("output", &output),
        ("cache_read", &read),
        ("cache_write_5m", &written),
    ]);
    let usage = Usage {
        input: Some(1000),
        cached: Some(400),
        cache_write: Some(100),
        output: Some(10),
        ..Usage::default()
    };
    // 500 × 3 + 400 × 0.3 + 100 × 3.75 + 10 × 15, in millionths
    assert_eq!(prices.cost(&usage), Some(decimal("0.002145")));
    let without = |change: fn(&mut Usage)| {
        let mut usage = usage;
        change(&mut usage);
        usage
    };
    assert_eq!(prices.cost(&without(|usage| usage.input = None)), None);
    assert_eq!(prices.cost(&without(|usage| usage.output = None)), None);
    assert_eq!(
        prices.cost(&without(|usage| usage.cached = Some(2000))),
        None
    );
    assert_eq!(
        prices
            .cost(&without(|usage| usage.input = Some(u64::MAX)))
            .map(|cost| cost > Decimal::ONE),
        Some(true)
    );
    let billed = without(|usage| (usage.billed_input, usage.billed_output) = (Some(100), Some(2)));
    assert_eq!(prices.cost(&billed), Some(decimal("0.00033")));

    let few = Prices::of([("input", &input), ("output", &output)]);
    assert_eq!(few.cost(&usage), None, "writing to the cache has no price");
    let unwritten = without(|usage| usage.cache_write = Some(0));
    assert_eq!(few.cost(&unwritten), Some(decimal("0.00315")));
    assert_eq!(Prices::of([("input", &input)]).cost(&usage), None);
}

#[test]
fn only_dollars_for_tokens_are_prices() {
    let euros = Price {
        currency: Currency::from_code("EUR").unwrap(),
        ..dollars("3")
    };
    let hours = Price {
        unit: PriceUnit::from_word("hour"),
        ..dollars("3")
    };
    let below = dollars("-1");
    let prices = Prices::of([
        ("input", &euros),
        ("output", &hours),
        ("cache_read", &below),
    ]);
    assert_eq!(prices, Prices::default());
}

#[test]
fn the_most_is_more_than_any_honest_call() {
    let (input, output) = (dollars("3"), dollars("15"));
    let prices = Prices::of([("input", &input), ("output", &output)]);
    for dialect in Dialect::ALL {
        let recipe = recipe(dialect);
        let most = prices.most(&recipe).unwrap();
        let usage = Usage {
            input: Some(PROMPT.len() as u64 + 400),
            output: Some(u64::from(recipe.most_output())),
            ..Usage::default()
        };
        assert!(most > prices.cost(&usage).unwrap(), "{}", dialect.word());
        assert!(most < decimal("0.004"), "{}: {most}", dialect.word());
    }
    assert_eq!(
        Prices::of([("input", &input)]).most(&recipe(Dialect::OpenAiChat)),
        None
    );
    let written = dollars("6");
    let dearer = Prices::of([
        ("input", &input),
        ("output", &output),
        ("cache_write", &written),
    ]);
    assert!(dearer.most(&recipe(Dialect::OpenAiChat)) > prices.most(&recipe(Dialect::OpenAiChat)));
}
