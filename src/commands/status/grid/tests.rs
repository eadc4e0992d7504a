//! The table at three widths.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::date;

use super::*;
use crate::market::LifecycleDate;

fn cell(stage: Stage, regions: usize, retires: Option<LifecycleDate>, prices: &str) -> Cell {
    let price = |text: &str| {
        let amount = text.parse().ok()?;
        Some(Price::usd_per_million_tokens(amount))
    };
    let (input, output) = prices.split_once('/').unwrap_or(("", ""));
    Cell {
        stage,
        offerings: regions.max(1),
        regions: (0..regions).map(|n| format!("region-{n}").into()).collect(),
        retires,
        reach: [Reach::InRegion, Reach::Geo]
            .into_iter()
            .take(regions)
            .collect(),
        input: price(input),
        output: price(output),
    }
}

fn small() -> Matrix {
    let day = date(2026, 10, 14);
    let row = |model: &str, cells: Vec<(&str, Cell)>| Row {
        model: model.to_string(),
        cells: cells
            .into_iter()
            .map(|(provider, cell)| (provider.to_string(), Arc::new(cell)))
            .collect::<BTreeMap<_, _>>(),
    };
    let names = [
        "bedrock",
        "anthropic",
        "vertex",
        "azure",
        "openrouter",
        "a-provider-with-a-name",
        "groq",
    ];
    Matrix {
        rows: vec![
            row(
                "anthropic/claude-sonnet-4.5",
                vec![
                    (
                        "bedrock",
                        cell(Stage::Ga, 14, Some(LifecycleDate::firm(day)), "3.3/16.5"),
                    ),
                    (
                        "anthropic",
                        cell(
                            Stage::Legacy,
                            0,
                            Some(LifecycleDate::not_before(day)),
                            "3/15",
                        ),
                    ),
                    ("vertex", cell(Stage::Preview, 1, None, "")),
                    ("openrouter", cell(Stage::Unknown, 0, None, "3/15")),
                    ("groq", cell(Stage::Ga, 0, None, "")),
                ],
            ),
            row(
                "meta/llama-4-maverick-17b-128e-instruct-a-very-long-name",
                vec![
                    ("bedrock", cell(Stage::Deprecated, 2, None, "0.24/0.97")),
                    (
                        "a-provider-with-a-name",
                        cell(Stage::Announced, 0, None, ""),
                    ),
                    ("azure", cell(Stage::Ga, 27, None, "0.25/1")),
                ],
            ),
            row(
                "openai/gpt-4",
                vec![(
                    "azure",
                    cell(
                        Stage::Retired,
                        1,
                        Some(LifecycleDate::firm(date(2025, 6, 6))),
                        "",
                    ),
                )],
            ),
        ],
        providers: names.map(str::to_string).to_vec(),
        unknown: 2,
    }
}

fn at(width: usize, models: usize) -> String {
    let now = "2026-08-01T00:00:00Z".parse().expect("a time");
    for_people(&small(), models, width, now, false)
}

#[test]
fn eighty_columns() {
    insta::assert_snapshot!(at(80, 3), @r"
    MODEL                       bedrock         azure           more  FROM
    anthropic/claude-sonnet-4…  ga 14 !2026-10                  +4    3/15
    meta/llama-4-maverick-17b…  dep 2           ga 27           +1    0.24/0.97
    openai/gpt-4                                ret 1 !2025-06
    2 native ids denote no known model: `bellwether offerings`

    ga generally available, lim limited, pre preview, leg legacy, dep deprecated,
    ret retired, ann announced, ? not said; a number: regions, where sources name
    any; i in-region, z within a geography, w worldwide; !2027-03 retires then,
    >2027-03 not before; 3/15: lowest price of input and output, USD per 1M tokens;
    more: providers that have no column here
    ");
}

#[test]
fn a_hundred_and_twenty_columns_with_models_folded() {
    insta::assert_snapshot!(at(120, 2), @r"
    MODEL                               bedrock            anthropic     vertex   azure     openrouter  more  FROM
    anthropic/claude-sonnet-4.5         ga 14 iz !2026-10  leg >2026-10  pre 1 i            ?           +1    3/15
    meta/llama-4-maverick-17b-128e-in…  dep 2 iz                                  ga 27 iz              +1    0.24/0.97
    and 1 more models: --all, or --model GLOB
    2 native ids denote no known model: `bellwether offerings`

    ga generally available, lim limited, pre preview, leg legacy, dep deprecated, ret retired, ann announced, ? not said; a
    number: regions, where sources name any; i in-region, z within a geography, w worldwide; !2027-03 retires then, >2027-03
    not before; 3/15: lowest price of input and output, USD per 1M tokens; more: providers that have no column here
    ");
}

#[test]
fn two_hundred_columns() {
    insta::assert_snapshot!(at(200, 3), @r"
    MODEL                               bedrock                     azure             anthropic          vertex   openrouter  a-provider-…  groq  FROM
    anthropic/claude-sonnet-4.5         ga 14 iz !2026-10 3.3/16.5                    leg >2026-10 3/15  pre 1 i  ? 3/15                    ga    3/15
    meta/llama-4-maverick-17b-128e-in…  dep 2 iz 0.24/0.97          ga 27 iz 0.25/1                                           ann                 0.24/0.97
    openai/gpt-4                                                    ret 1 i !2025-06
    2 native ids denote no known model: `bellwether offerings`

    ga generally available, lim limited, pre preview, leg legacy, dep deprecated, ret retired, ann announced, ? not said; a number: regions, where sources name any; i in-region, z within a geography, w
    worldwide; !2027-03 retires then, >2027-03 not before; 3/15: lowest price of input and output, USD per 1M tokens; more: providers that have no column here
    ");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in 40..260 {
        for line in at(width, 3).lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn colour_is_only_where_it_may_be() {
    let now = Timestamp::UNIX_EPOCH;
    assert!(!for_people(&small(), 3, 100, now, false).contains('\u{1b}'));
    assert!(for_people(&small(), 3, 100, now, true).contains("\u{1b}[32mga 14"));
}
