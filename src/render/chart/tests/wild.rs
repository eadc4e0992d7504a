//! Charts of whatever there may be: names of any characters, numbers that are none, times in no order.

use jiff::{SignedDuration, Timestamp};

use super::samples::{chart, day};
use crate::market::Stage;
use crate::render::chart::*;

/// What charts are made of.
#[derive(Debug, Clone)]
pub struct Stuff {
    pub names: Vec<String>,
    pub numbers: Vec<f64>,
    /// Seconds.
    pub times: Vec<i64>,
}

impl Stuff {
    fn name(&self, at: usize) -> String {
        self.names
            .get(at % self.names.len().max(1))
            .cloned()
            .unwrap_or_default()
    }

    fn number(&self, at: usize) -> f64 {
        self.numbers
            .get(at % self.numbers.len().max(1))
            .copied()
            .unwrap_or(f64::NAN)
    }

    fn time(&self, at: usize) -> Timestamp {
        let second = self
            .times
            .get(at % self.times.len().max(1))
            .copied()
            .unwrap_or(0);
        Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn date(&self, at: usize) -> jiff::civil::Date {
        self.time(at).to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    fn count(&self, at: usize) -> u32 {
        self.number(at).abs() as u32
    }
}

/// A chart of each kind with about `n` of everything.
pub fn all(stuff: &Stuff, n: usize) -> Vec<(&'static str, Chart)> {
    let wrap = |kind: &'static str, body: Body| {
        (
            kind,
            chart(
                &stuff.name(0),
                &stuff.name(1),
                n as u64,
                &stuff.name(2),
                &stuff.name(3),
                body,
            ),
        )
    };
    vec![
        wrap("matrix", matrix(stuff, n)),
        wrap("prices", prices(stuff, n)),
        wrap("index", index(stuff, n)),
        wrap("latency", latency(stuff, n)),
        wrap("uptime", uptime(stuff, n)),
        wrap("changes", changes(stuff, n)),
        wrap("lag", lag(stuff, n)),
        wrap("retirements", retirements(stuff, n)),
    ]
}

fn matrix(stuff: &Stuff, n: usize) -> Body {
    let cell = |at: usize| match stuff.count(at) % 10 {
        8 => Cell::NotOffered,
        9 => Cell::Unknown,
        stage => Cell::Stage(Stage::ALL[stage as usize % 8]),
    };
    Body::Matrix(Matrix {
        columns: (0..n).map(|at| stuff.name(at + 5)).collect(),
        rows: (0..n)
            .map(|row| MatrixRow {
                name: stuff.name(row),
                cells: (0..n / 2 + row % 3).map(|at| cell(at + row)).collect(),
            })
            .collect(),
    })
}

fn prices(stuff: &Stuff, n: usize) -> Body {
    let step = |at: usize| PriceStep {
        from: stuff.time(at),
        to: (at % 3 != 1).then(|| stuff.time(at + 1)),
        price: (at % 5 != 1).then(|| Amount {
            value: stuff.number(at),
            text: stuff.name(at),
        }),
    };
    Body::Prices(Prices {
        from: stuff.time(0),
        to: stuff.time(1),
        series: (0..n)
            .map(|line| PriceSeries {
                name: stuff.name(line),
                steps: (0..n).map(|at| step(at + line)).collect(),
            })
            .collect(),
    })
}

fn index(stuff: &Stuff, n: usize) -> Body {
    Body::Index(Index {
        from: stuff.date(0),
        to: stuff.date(1),
        series: (0..n)
            .map(|line| IndexSeries {
                name: stuff.name(line),
                points: (0..n)
                    .map(|at| {
                        (
                            stuff.date(at + line),
                            (at % 4 > 0).then(|| stuff.number(at + line)),
                        )
                    })
                    .collect(),
            })
            .collect(),
        breaks: (0..n).map(|at| stuff.date(at)).collect(),
    })
}

fn latency(stuff: &Stuff, n: usize) -> Body {
    Body::Latency(Latency {
        from: stuff.time(0),
        to: stuff.time(1),
        every: SignedDuration::from_secs(stuff.times.first().copied().unwrap_or(0)),
        points: (0..n)
            .map(|at| LatencyPoint {
                at: stuff.time(at),
                p50: stuff.number(at),
                p95: stuff.number(at + 1),
                p99: stuff.number(at + 2),
            })
            .collect(),
    })
}

fn uptime(stuff: &Stuff, n: usize) -> Body {
    let states = [
        State::Up,
        State::Down,
        State::Degraded,
        State::Inconclusive,
        State::Unmeasured,
    ];
    Body::Uptime(Uptime {
        from: stuff.time(0),
        every: SignedDuration::from_secs(stuff.times.first().copied().unwrap_or(0)),
        rows: (0..n)
            .map(|row| UptimeRow {
                name: stuff.name(row),
                figure: stuff.name(row + 1),
                bars: (0..n * row)
                    .map(|at| states[stuff.count(at) as usize % 5])
                    .collect(),
            })
            .collect(),
        limits: stuff.name(n),
    })
}

fn changes(stuff: &Stuff, n: usize) -> Body {
    Body::Changes(Changes {
        from: stuff.date(0),
        days_per_bar: stuff.times.first().copied().unwrap_or(0),
        bars: n * 3,
        parts: (0..n)
            .map(|part| Part {
                name: stuff.name(part),
                ink: Ink::SERIES[part % 7],
                is_below: part % 3 == 0,
                counts: (0..n * 2 + part).map(|at| stuff.count(at + part)).collect(),
            })
            .collect(),
    })
}

fn lag(stuff: &Stuff, n: usize) -> Body {
    let parity = |at: usize| match at % 5 {
        0 => Parity::SinceUnknown,
        1 => Parity::NotYet((at % 4 != 1).then(|| stuff.number(at))),
        _ => Parity::Days(stuff.number(at)),
    };
    Body::Lag(Lag {
        rows: (0..n)
            .map(|row| LagRow {
                name: stuff.name(row),
                providers: (0..n)
                    .map(|at| (stuff.name(at), parity(at + row)))
                    .collect(),
            })
            .collect(),
    })
}

fn retirements(stuff: &Stuff, n: usize) -> Body {
    Body::Retirements(Retirements {
        today: day("2026-11-15"),
        rows: (0..n)
            .map(|at| Retirement {
                name: stuff.name(at),
                date: stuff.date(at),
                is_firm: at % 2 > 0,
            })
            .collect(),
    })
}
