//! How soon a series that has become slower is told, against how often one that has not is: `cargo bench --bench pipeline
//! judgement`. From seeds, so that it says the same again.

use bellwether::latency::{Event, Group, POINT};

#[path = "../../src/latency/simulated.rs"]
mod simulated;

use simulated::{Kind, Simulated, USUAL};

const DAY: i64 = 288;
/// Days of nothing before the step.
const CALM: i64 = 60;
/// Days that the step lasts.
const STEP: i64 = 3;
/// Series-days of nothing behind each line.
const SERIES_DAYS: i64 = 30_000;

struct Line {
    name: &'static str,
    kind: Kind,
    members: i64,
    factor: f64,
    /// How many of the members become slower.
    slower: i64,
    /// Every how many points they are asked.
    every: i64,
}

/// What became of one group.
#[derive(Default)]
struct Found {
    false_alarms: u32,
    flaps: u32,
    began: Option<i64>,
    ended: Option<i64>,
}

/// The table of `docs/measuring.md`.
pub fn curve() {
    let line = |name, kind, members| Line {
        name,
        kind,
        members,
        factor: 2.0,
        slower: members,
        every: 1,
    };
    let kind = |deviation, lasting, rhythm| Kind {
        deviation,
        lasting,
        rhythm,
        ..USUAL
    };
    let rough = Kind {
        spikes: 0.02,
        errors: 0.05,
        ..USUAL
    };
    let lasting = Kind {
        hourly: 0.12,
        ..kind(0.1, 0.0, 0.12)
    };
    println!(
        "| series | step | false alarms in series-days | told by 30 / 60 / 120 / 240 min | its end by 30 / 60 / 120 / 240 min | flaps in days of shift |"
    );
    println!("|---|---|---|---|---|---|");
    for line in [
        line("1", USUAL, 1),
        line("2 of a provider and region", USUAL, 2),
        line("4", USUAL, 4),
        line("6", USUAL, 6),
        line("8", USUAL, 8),
        Line {
            slower: 1,
            ..line("1 of 6", USUAL, 6)
        },
        Line {
            factor: 1.5,
            ..line("6", USUAL, 6)
        },
        Line {
            factor: 4.0,
            ..line("1", USUAL, 1)
        },
        line("1, σ 0.25", kind(0.25, 0.6, 0.4), 1),
        line("1, σ 0.5, AR 0.3, rhythm ±60 %", kind(0.5, 0.3, 0.6), 1),
        line("4, σ 0.5, AR 0.3, rhythm ±60 %", kind(0.5, 0.3, 0.6), 4),
        line("1, AR 0.8", kind(0.35, 0.8, 0.4), 1),
        line("6, AR 0.8", kind(0.35, 0.8, 0.4), 6),
        line("4, spikes 2 %, errors 5 %", rough, 4),
        Line {
            factor: 1.5,
            ..line("1, σ 0.07, rhythm ±12 %", kind(0.07, 0.6, 0.12), 1)
        },
        Line {
            factor: 1.5,
            every: 4,
            ..line(
                "1, σ 0.07, rhythm ±12 %, every 20 min",
                kind(0.07, 0.6, 0.12),
                1,
            )
        },
        Line {
            factor: 1.5,
            ..line("4, σ 0.07, rhythm ±40 %", kind(0.07, 0.6, 0.4), 4)
        },
        Line {
            factor: 1.5,
            every: 4,
            ..line(
                "1, σ 0.1 and 0.12 that lasts for hours, rhythm ±12 %, every 20 min",
                lasting,
                1,
            )
        },
        Line {
            every: 4,
            ..line("1, every 20 min", USUAL, 1)
        },
        Line {
            every: 4,
            ..line("4, every 20 min", USUAL, 4)
        },
    ] {
        tell(&line);
    }
}

fn tell(line: &Line) {
    let groups = SERIES_DAYS / CALM / line.members;
    let all: Vec<Found> = (0..groups).map(|seed| judged(line, seed)).collect();
    let by = |of: fn(&Found) -> Option<i64>| {
        let share = |points: i64| {
            let in_time = all.iter().filter(|f| of(f).is_some_and(|at| at <= points));
            format!("{:.0}", in_time.count() as f64 * 100.0 / groups as f64)
        };
        [6, 12, 24, 48].map(share).join(" / ") + " %"
    };
    println!(
        "| {} | {}× | {} in {} | {} | {} | {} in {} |",
        line.name,
        line.factor,
        all.iter().map(|found| found.false_alarms).sum::<u32>(),
        groups * CALM * line.members,
        by(|found| found.began),
        by(|found| found.ended),
        all.iter().map(|found| found.flaps).sum::<u32>(),
        groups * STEP,
    );
}

/// Days of nothing, days of a step, a day of nothing. Times are told in points since the step began or ended, the point's own
/// five minutes included.
fn judged(line: &Line, seed: i64) -> Found {
    let mut series: Vec<Simulated> = (0..line.members)
        .map(|member| Simulated::new(line.kind, (seed * 1_000 + member).unsigned_abs()))
        .collect();
    // at another hour in each
    let begin = CALM * DAY + seed * 37 % DAY;
    let end = begin + STEP * DAY;
    let mut group = Group::default();
    let mut found = Found::default();
    for point in 0..end + DAY {
        for (member, series) in (0..).zip(&mut series) {
            let is_slower = (begin..end).contains(&point) && member < line.slower;
            let factor = if is_slower { line.factor } else { 1.0 };
            if point % line.every != 0 {
                continue;
            }
            if let Some(micros) = series.next(point, factor) {
                group.add(member, point * POINT, micros);
            }
        }
        for event in group.judge((point + 1) * POINT) {
            match event {
                Event::Began(_) if point < begin => found.false_alarms += 1,
                Event::Began(_) if found.began.is_none() && point < end => {
                    found.began = Some(point - begin + 1);
                }
                Event::Recovered { .. } if point >= end && found.ended.is_none() => {
                    found.ended = Some(point - end + 1);
                }
                // the end of a false alarm
                Event::Recovered { .. } if point < begin || found.began.is_none() => {}
                _ => found.flaps += 1,
            }
        }
    }
    found
}
