//! Charts of lines and bands.

use jiff::SignedDuration;

use super::samples::{Amount, chart, day, days_after, moment, noise};
use crate::render::chart::{
    Body, Chart, Index, IndexSeries, Latency, LatencyPoint, PriceSeries, PriceStep, Prices,
};

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
                        price: is_known.then(|| crate::render::chart::Amount {
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
