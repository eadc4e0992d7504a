//! Charts of every kind, with nothing, one thing, a few things and very many to show.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::market::Stage;
use crate::render::chart::*;

/// How much there is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    Nothing,
    One,
    Small,
    Few,
    Many,
}

pub const AMOUNTS: [Amount; 5] = [
    Amount::Nothing,
    Amount::One,
    Amount::Small,
    Amount::Few,
    Amount::Many,
];

pub const MODELS: [&str; 9] = [
    "anthropic/claude-sonnet-4.5",
    "anthropic/claude-haiku-4.5",
    "openai/gpt-5.1",
    "openai/gpt-4o",
    "meta/llama-4-maverick",
    "mistral/mistral-large-3",
    "google/gemini-3-pro",
    "amazon/nova-premier",
    "deepseek/deepseek-v3.2",
];

pub const PROVIDERS: [&str; 7] = [
    "bedrock",
    "azure",
    "anthropic",
    "openai",
    "vertex",
    "mistral",
    "oci",
];

pub fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

pub fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn days_after(from: Date, days: i64) -> Date {
    from.checked_add(days.days()).expect("a day")
}

/// Numbers without a pattern that are the same each time.
pub fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

pub fn chart(title: &str, unit: &str, n: u64, counted: &str, source: &str, body: Body) -> Chart {
    Chart {
        title: title.to_string(),
        unit: unit.to_string(),
        n,
        counted: counted.to_string(),
        source: source.to_string(),
        body,
    }
}

pub fn all(amount: Amount) -> Vec<(&'static str, Chart)> {
    vec![
        ("matrix", matrix(amount)),
        ("prices", prices(amount)),
        ("index", index(amount)),
        ("latency", latency(amount)),
        ("uptime", uptime(amount)),
        ("changes", changes(amount)),
        ("lag", lag(amount)),
        ("retirements", retirements(amount)),
    ]
}

/// Names for as many things as asked for.
fn name(of: &[&str], at: usize) -> String {
    match of.get(at) {
        Some(name) => (*name).to_string(),
        None => format!("{}-{at}", of[at % of.len()]),
    }
}

pub fn matrix(amount: Amount) -> Chart {
    let (rows, columns) = match amount {
        Amount::Nothing => (0, 0),
        Amount::One => (1, 1),
        Amount::Small => (2, 3),
        Amount::Few => (9, 7),
        Amount::Many => (200, 50),
    };
    let cell = |row: usize, column: usize| match (row * 7 + column * 5 + row * column) % 13 {
        0 | 1 => Cell::Unknown,
        2..=5 => Cell::NotOffered,
        at => Cell::Stage(Stage::ALL[(at * 3 + row) % 8]),
    };
    let body = Matrix {
        columns: (0..columns).map(|at| name(&PROVIDERS, at)).collect(),
        rows: (0..rows)
            .map(|row| MatrixRow {
                name: name(&MODELS, row),
                cells: (0..columns).map(|column| cell(row, column)).collect(),
            })
            .collect(),
    };
    let n = (rows * columns) as u64;
    chart(
        "Where models can be had",
        "",
        n,
        "cells",
        "23 sources, as of 15 Nov 2026",
        Body::Matrix(body),
    )
}

pub fn prices(amount: Amount) -> Chart {
    let from = moment("2026-08-01T00:00:00Z");
    let to = moment("2026-11-15T00:00:00Z");
    let (series, steps) = match amount {
        Amount::Nothing => (0, 0),
        Amount::One => (1, 1),
        Amount::Small => (2, 3),
        Amount::Few => (4, 4),
        Amount::Many => (1, 10_000),
    };
    let names = [
        "bedrock eu",
        "azure GlobalStandard",
        "openai",
        "vertex us-central1",
    ];
    let line = |at: usize| {
        let mut random = noise(at as u64 + 3);
        let length = to.duration_since(from) / steps.max(1) as i32;
        let begin = |step: usize| from + length * step as i32;
        PriceSeries {
            name: names[at % 4].to_string(),
            steps: (0..steps)
                .map(|step| {
                    let cents = 200 + at * 110 + (random() * 130.0) as usize;
                    let is_known = (at, step) != (1, 2);
                    PriceStep {
                        from: begin(step) + SignedDuration::from_hours(20 * at as i64),
                        to: match (at, step + 1 == steps) {
                            (3, true) => Some(moment("2026-11-05T00:00:00Z")),
                            (_, true) => None,
                            _ => Some(begin(step + 1) + SignedDuration::from_hours(20 * at as i64)),
                        },
                        price: is_known.then(|| super::super::Amount {
                            value: cents as f64 / 100.0,
                            text: format!("${}.{:02}", cents / 100, cents % 100),
                        }),
                    }
                })
                .collect(),
        }
    };
    let body = Prices {
        from,
        to,
        series: (0..series).map(line).collect(),
    };
    let n = (series * steps) as u64;
    chart(
        "Price of claude-sonnet-4.5, input",
        "USD per 1M tokens",
        n,
        "prices",
        "models.dev, Azure retail prices, AWS price list",
        Body::Prices(body),
    )
}

pub fn index(amount: Amount) -> Chart {
    let from = day("2026-01-01");
    let (series, points) = match amount {
        Amount::Nothing => (0, 0),
        Amount::One => (1, 1),
        Amount::Small => (1, 5),
        Amount::Few => (2, 300),
        Amount::Many => (1, 10_000),
    };
    let line = |at: usize| {
        let mut random = noise(at as u64 + 11);
        let mut value = 100.0;
        IndexSeries {
            name: ["frontier models", "small models"][at % 2].to_string(),
            points: (0..points)
                .map(|point| {
                    value *=
                        1.0 - 0.0015 * (random() - 0.2) * (at + 1) as f64 + 0.02 * (random() - 0.5);
                    let is_gap = points > 100 && (120..140).contains(&point) && at == 0;
                    (days_after(from, point as i64), (!is_gap).then_some(value))
                })
                .collect(),
        }
    };
    let body = Index {
        from,
        to: days_after(from, points.max(30) as i64),
        series: (0..series).map(line).collect(),
        breaks: if amount == Amount::Few {
            vec![day("2026-04-01"), day("2026-08-12")]
        } else {
            Vec::new()
        },
    };
    chart(
        "Price of a basket of models",
        "index, 1 Jan 2026 = 100",
        (series * points) as u64,
        "daily values",
        "40 prices of 12 models",
        Body::Index(body),
    )
}

pub fn latency(amount: Amount) -> Chart {
    let from = moment("2026-11-08T00:00:00Z");
    let n: i64 = match amount {
        Amount::Nothing => 0,
        Amount::One => 1,
        Amount::Small => 6,
        Amount::Few => 168,
        Amount::Many => 10_000,
    };
    let length = SignedDuration::from_hours(168);
    let every = length / n.max(24) as i32;
    let mut random = noise(5);
    let points = (0..n)
        .filter(|at| n < 100 || !(at * 168 / n > 60 && at * 168 / n < 75))
        .map(|at| {
            let p50 = 320.0 + 90.0 * (at as f64 / n as f64 * 44.0).sin() + 60.0 * random();
            let spike = if random() > 0.985 { 4.0 } else { 1.0 };
            LatencyPoint {
                at: from + every * at as i32,
                p50,
                p95: p50 * (1.5 + 0.4 * random()),
                p99: p50 * (2.1 + 0.9 * random()) * spike,
            }
        })
        .collect();
    let body = Latency {
        from,
        to: from + length,
        every,
        points,
    };
    chart(
        "Time to first token, bedrock eu-central-1",
        "milliseconds",
        n as u64 * 60,
        "measurements",
        "own measurements from frankfurt",
        Body::Latency(body),
    )
}

pub fn uptime(amount: Amount) -> Chart {
    let (rows, bars) = match amount {
        Amount::Nothing => (0, 0),
        Amount::One => (1, 1),
        Amount::Small => (2, 8),
        Amount::Few => (5, 90),
        Amount::Many => (8, 10_000),
    };
    let row = |at: usize| {
        let mut random = noise(at as u64 + 17);
        let bars: Vec<State> = (0..bars)
            .map(|bar| match (random() * 100.0) as u32 {
                0..=1 => State::Down,
                2..=4 => State::Degraded,
                5 => State::Inconclusive,
                _ if bar < 12 && at == 2 => State::Unmeasured,
                _ => State::Up,
            })
            .collect();
        let up = bars.iter().filter(|state| **state == State::Up).count();
        UptimeRow {
            name: format!(
                "{} {}",
                PROVIDERS[at % 7],
                ["models API", "inference", "price list"][at % 3]
            ),
            figure: format!("{:.2} %", up as f64 / bars.len().max(1) as f64 * 100.0),
            bars,
        }
    };
    let body = Uptime {
        from: moment("2026-08-17T00:00:00Z"),
        every: SignedDuration::from_hours(24),
        rows: (0..rows).map(row).collect(),
    };
    chart(
        "Availability",
        "",
        129_600,
        "measurements",
        "own measurements from frankfurt",
        Body::Uptime(body),
    )
}

pub fn changes(amount: Amount) -> Chart {
    let bars = match amount {
        Amount::Nothing => 7,
        Amount::One => 1,
        Amount::Small => 3,
        Amount::Few => 7,
        Amount::Many => 10_000,
    };
    let mut random = noise(23);
    let mut counts = |most: f64| -> Vec<u32> {
        (0..bars)
            .map(|_| {
                if amount == Amount::Nothing {
                    0
                } else {
                    (random() * most) as u32
                }
            })
            .collect()
    };
    let parts = [
        ("added", Ink::Green, false, 14.0),
        ("prices", Ink::Blue, false, 9.0),
        ("dates and stages", Ink::Orange, false, 5.0),
        ("removed", Ink::Vermilion, true, 8.0),
    ];
    let body = Changes {
        from: day("2026-11-09"),
        days_per_bar: 1,
        bars,
        parts: parts
            .into_iter()
            .map(|(name, ink, is_below, most)| Part {
                name: name.to_string(),
                ink,
                is_below,
                counts: counts(most),
            })
            .collect(),
    };
    chart(
        "Added and removed per day",
        "number of offerings",
        131,
        "changes",
        "23 sources",
        Body::Changes(body),
    )
}

pub fn lag(amount: Amount) -> Chart {
    let (rows, providers) = match amount {
        Amount::Nothing => (0, 0),
        Amount::One => (1, 1),
        Amount::Small => (2, 4),
        Amount::Few => (7, 6),
        Amount::Many => (200, 50),
    };
    let row = |at: usize| {
        let mut random = noise(at as u64 + 29);
        let parity =
            |provider: usize, random: &mut dyn FnMut() -> f64| match (random() * 10.0) as u32 {
                _ if provider == 0 => Parity::Days(0.0),
                0 | 1 => Parity::NotYet(Some(40.0 + at as f64)),
                2 => Parity::BeforeWatching,
                3 | 4 => Parity::Days((random() * 4.0).floor()),
                _ => Parity::Days((random() * 70.0).floor()),
            };
        LagRow {
            name: name(&MODELS, at),
            providers: (0..providers)
                .map(|provider| {
                    (
                        name(&PROVIDERS, (provider + at) % providers),
                        parity(provider, &mut random),
                    )
                })
                .collect(),
        }
    };
    let body = Lag {
        rows: (0..rows).map(row).collect(),
    };
    chart(
        "Days until each provider had a model",
        "",
        (rows * providers) as u64,
        "listings",
        "23 sources since 1 Mar 2026",
        Body::Lag(body),
    )
}

pub fn retirements(amount: Amount) -> Chart {
    let n = match amount {
        Amount::Nothing => 0,
        Amount::One => 1,
        Amount::Small => 3,
        Amount::Few => 8,
        Amount::Many => 10_000,
    };
    let mut random = noise(31);
    let body = Retirements {
        today: day("2026-11-15"),
        rows: (0..n)
            .map(|at| Retirement {
                name: format!("{} · {}", name(&MODELS, at), PROVIDERS[at % 7]),
                date: days_after(day("2026-11-01"), (random() * 400.0) as i64),
                is_firm: random() > 0.4,
            })
            .collect(),
    };
    chart(
        "When models retire",
        "",
        n as u64,
        "dates",
        "OpenAI, Anthropic, AWS and Azure lifecycle pages",
        Body::Retirements(body),
    )
}
