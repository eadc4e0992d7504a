//! How fast and how reliably providers answered in the course of the span, drawn.

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::latency::percent;
use crate::render::chart::{self, Body, Chart};
use crate::render::report::block::{Block, Figure};
use crate::render::report::{CourseLine, Report, StripBar, StripLine, Strips};

/// Keys of the courses that are drawn.
const COURSES: [&str; 3] = ["latency-1", "latency-2", "latency-3"];
/// With a smaller share of good samples than this something is down, and with a smaller one than this degraded.
const DOWN: f64 = 0.95;
const DEGRADED: f64 = 0.999;
/// The same in words.
const LIMITS: &str =
    "down: below 95 % good; degraded: below 99.9 % good, or an incident measured here says down";
/// Where the figures of these pictures are from.
const SOURCE: &str = "our own samples";

/// The bands of latency of what matters most.
pub fn courses(report: &Report) -> Vec<Block> {
    let courses = report.facts.courses.iter();
    let drawn = COURSES
        .into_iter()
        .zip(courses.filter(|line| !line.points.is_empty()));
    drawn
        .map(|(key, line)| Block::Figure(course(key, line)))
        .collect()
}

fn course(key: &'static str, line: &CourseLine) -> Figure {
    let millis = |duration: SignedDuration| duration.as_secs_f64() * 1_000.0;
    let points = line.points.iter().map(|point| chart::LatencyPoint {
        at: point.at,
        p50: millis(point.p50),
        p95: millis(point.p95),
        p99: millis(point.p99),
    });
    let data = line.points.iter().map(|point| {
        json!({
            "at": point.at.to_string(),
            "p50_ms": millis(point.p50),
            "p95_ms": millis(point.p95),
            "p99_ms": millis(point.p99),
        })
    });
    let until = match line.is_model {
        true => "first token",
        false => "last byte",
    };
    Figure {
        key,
        data: json!({
            "provider": line.provider,
            "measured": line.name,
            "points": Json::Array(data.collect()),
        }),
        chart: Chart {
            title: format!("{} {}, until the {until}", line.provider, line.name),
            unit: "milliseconds; p50, p95 and p99".to_string(),
            n: line.n,
            counted: "good answers".to_string(),
            source: SOURCE.to_string(),
            body: Body::Latency(chart::Latency {
                from: line.from,
                to: line.until,
                every: line.every,
                points: points.collect(),
            }),
        },
        caption: String::new(),
    }
}

/// The strips of all providers.
pub fn strips(report: &Report) -> Option<Block> {
    let strips = &report.facts.strips;
    let chart = strips_chart(strips)?;
    let mut data = serde_json::Map::new();
    for line in &strips.lines {
        let states = line.bars.iter().map(|bar| Json::from(word(state(bar))));
        data.insert(line.provider.clone(), Json::Array(states.collect()));
    }
    Some(Block::Figure(Figure {
        key: "uptime-strips",
        data: json!({
            "from": strips.from.to_string(),
            "every_s": strips.every.as_secs(),
            "states": Json::Object(data),
        }),
        chart,
        caption: String::new(),
    }))
}

/// How providers stood, a strip for each; `None` where nothing was measured.
pub fn strips_chart(strips: &Strips) -> Option<Chart> {
    if strips.lines.is_empty() {
        return None;
    }
    let bars = strips.lines.iter().flat_map(|line| &line.bars);
    let rows = strips.lines.iter().map(|line| chart::UptimeRow {
        name: line.provider.clone(),
        figure: share(line),
        bars: line.bars.iter().map(state).collect(),
    });
    let every = match strips.every.as_hours() {
        1 => "an hour",
        _ => "a day",
    };
    Some(Chart {
        title: "How providers answered".to_string(),
        unit: format!("a bar {every}; the share of good samples beside it"),
        n: bars.map(|bar| bar.good + bar.bad).sum(),
        counted: "samples".to_string(),
        source: SOURCE.to_string(),
        body: Body::Uptime(chart::Uptime {
            from: strips.from,
            every: strips.every,
            rows: rows.collect(),
            limits: LIMITS.to_string(),
        }),
    })
}

/// Any downtime that was measured shows: an hour of it is little of a day, and less where most endpoints went on.
fn state(bar: &StripBar) -> chart::State {
    let all = bar.good + bar.bad;
    let good = bar.good as f64 / all.max(1) as f64;
    match () {
        () if all == 0 && bar.unsaid == 0 => chart::State::Unmeasured,
        () if all == 0 => chart::State::Inconclusive,
        () if good < DOWN => chart::State::Down,
        () if good < DEGRADED || bar.has_down => chart::State::Degraded,
        () => chart::State::Up,
    }
}

fn word(state: chart::State) -> &'static str {
    match state {
        chart::State::Unmeasured => "unmeasured",
        chart::State::Up => "up",
        chart::State::Inconclusive => "inconclusive",
        chart::State::Degraded => "degraded",
        chart::State::Down => "down",
    }
}

fn share(line: &StripLine) -> String {
    let good: u64 = line.bars.iter().map(|bar| bar.good).sum();
    let bad: u64 = line.bars.iter().map(|bar| bar.bad).sum();
    match good + bad {
        0 => String::new(),
        all => percent(good as f64 / all as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_tell_how_an_hour_stood() {
        let told = |good, bad, unsaid, has_down| {
            word(state(&StripBar {
                good,
                bad,
                unsaid,
                has_down,
            }))
        };
        let of = |good, bad, unsaid| told(good, bad, unsaid, false);
        assert_eq!(of(0, 0, 0), "unmeasured");
        assert_eq!(of(0, 0, 3), "inconclusive");
        assert_eq!(of(60, 0, 3), "up");
        assert_eq!(of(999, 1, 0), "up");
        assert_eq!(of(59, 1, 0), "degraded");
        assert_eq!(of(57, 3, 0), "degraded");
        assert_eq!(of(56, 4, 0), "down");
        // eighty minutes of a day, checked each minute: alone, and as one of seventy endpoints
        assert_eq!(of(1_360, 80, 0), "down");
        assert_eq!(of(100_720, 80, 0), "up");
        assert_eq!(told(100_720, 80, 0, true), "degraded");
    }
}
