//! Charts of every kind, with nothing, one thing, a few things and very many to show.

use super::lines::{index, latency, prices};
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

pub fn days_after(from: Date, days: i64) -> Date {
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
        limits: String::new(),
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
                2 => Parity::SinceUnknown,
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
