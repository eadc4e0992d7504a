//! From numbers and times to pixels, and the round places at which axes are labelled.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::render::line::grouped;

/// What is not drawn as a number: what is none, and what no axis could be read with.
pub fn sane(value: f64) -> Option<f64> {
    (value.is_finite() && value.abs() <= 1e12).then_some(value)
}

/// A range of numbers with round ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Whether equal factors are equal distances.
    pub is_log: bool,
    /// Where labels stand, rising.
    pub ticks: Vec<f64>,
}

impl Range {
    /// Of equal distances, round ends around all numbers and about `ticks` labels.
    pub fn linear(numbers: impl IntoIterator<Item = f64>, ticks: usize) -> Self {
        let (mut low, mut high) = extremes(numbers).unwrap_or((0.0, 1.0));
        if high - low <= high.abs().max(low.abs()) * 1e-9 {
            let room = if high == 0.0 { 1.0 } else { high.abs() * 0.5 };
            (low, high) = match low {
                0.0 => (0.0, room),
                _ => (low - room, high + room),
            };
        }
        let step = round_step((high - low) / ticks.max(1) as f64);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        // a range that its numbers make has few steps: this bounds what rounding could do
        let n = ((last - first).round() as usize).min(50);
        let ticks: Vec<f64> = (0..=n).map(|at| (first + at as f64) * step).collect();
        Self {
            low: first * step,
            high: (first + n as f64) * step,
            is_log: false,
            ticks,
        }
    }

    /// Of equal factors; its labels are 1, 2 and 5 times powers of ten. Numbers must be above zero.
    pub fn logarithmic(numbers: impl IntoIterator<Item = f64>, ticks: usize) -> Self {
        let above = numbers.into_iter().filter(|number| *number > 0.0);
        let (low, high) = extremes(above).unwrap_or((1.0, 10.0));
        let (from, to) = (low.log10().floor() as i32, high.log10().ceil() as i32);
        let candidates: Vec<f64> = (from - 1..=to + 1)
            .flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * 10_f64.powi(power)))
            .collect();
        let low = candidates
            .iter()
            .rev()
            .find(|tick| **tick <= low * 1.000_001);
        let high = candidates.iter().find(|tick| **tick >= high * 0.999_999);
        let (low, mut high) = (low.copied().unwrap_or(1.0), high.copied().unwrap_or(10.0));
        if high <= low {
            high = low * 10.0;
        }
        let within = |tick: &f64| *tick >= low * 0.999_999 && *tick <= high * 1.000_001;
        let mut all: Vec<f64> = candidates.into_iter().filter(within).collect();
        if all.len() > ticks + 2 {
            all.retain(|tick| {
                let power = tick.log10();
                (power - power.round()).abs() < 1e-9
            });
        }
        let every = all.len().div_ceil(ticks.max(2) + 1).max(1);
        Self {
            low,
            high,
            is_log: true,
            ticks: all.into_iter().step_by(every).collect(),
        }
    }

    /// Where a number stands between 0 and 1; outside is moved to the ends.
    pub fn share(&self, number: f64) -> f64 {
        let share = if self.is_log {
            (number.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (number - self.low) / (self.high - self.low)
        };
        if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// What stands beside a tick.
    pub fn label(&self, tick: f64) -> String {
        let step = match self.ticks.as_slice() {
            [first, second, ..] if !self.is_log => second - first,
            _ => tick,
        };
        number(tick, step)
    }
}

fn extremes(numbers: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    numbers
        .into_iter()
        .filter_map(sane)
        .fold(None, |so_far, number| {
            let (low, high) = so_far.unwrap_or((number, number));
            Some((low.min(number), high.max(number)))
        })
}

/// 1, 2 or 5 times a power of ten, not below `step`.
fn round_step(step: f64) -> f64 {
    if !step.is_finite() || step <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|round| *round >= step * 0.999_999)
        .unwrap_or(step)
}

/// A number with the decimals that a step of `step` needs; thousands in groups.
pub fn number(value: f64, step: f64) -> String {
    let step = step.abs();
    let decimals = if step > 0.0 && step.is_finite() {
        (-(step * 1.000_001).log10().floor()).clamp(0.0, 9.0) as usize
    } else {
        0
    };
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole
        .parse::<usize>()
        .map_or_else(|_| whole.to_string(), grouped);
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = if value < 0.0 && !is_zero { "−" } else { "" };
    match rest {
        "" => format!("{sign}{whole}"),
        rest => format!("{sign}{whole}.{rest}"),
    }
}

/// A span of time, begin before end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The left side.
    pub from: Timestamp,
    /// The right side.
    pub to: Timestamp,
}

/// A labelled moment of an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// When.
    pub at: Timestamp,
    /// `9 Nov`, `06:00`, `Nov`, `2026`.
    pub label: String,
    /// What it belongs to, where that begins: a day below hours, a year below days and months.
    pub below: Option<String>,
}

impl Span {
    /// From one moment to another; a day where they are in no order.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        if from < to {
            return Self { from, to };
        }
        let later = from.checked_add(24.hours());
        let earlier = from.checked_sub(24.hours());
        match (later, earlier) {
            (Ok(to), _) => Self { from, to },
            (Err(_), Ok(earlier)) => Self {
                from: earlier,
                to: from,
            },
            _ => Self {
                from: Timestamp::UNIX_EPOCH,
                to: Timestamp::MAX,
            },
        }
    }

    /// Of whole days in UTC.
    pub fn of_days(from: Date, to: Date) -> Self {
        Self::new(midnight(from), midnight(to))
    }

    /// Where a moment stands between 0 and 1; outside is moved to the ends.
    pub fn share(&self, at: Timestamp) -> f64 {
        self.open_share(at).clamp(0.0, 1.0)
    }

    /// The same, with what is outside left there.
    pub fn open_share(&self, at: Timestamp) -> f64 {
        let from = self.from.as_millisecond();
        let length = (self.to.as_millisecond() - from).max(1);
        (at.as_millisecond() - from) as f64 / length as f64
    }

    /// Round moments in UTC, so few that their labels fit into `room` pixels.
    pub fn ticks(&self, room: f64) -> Vec<Tick> {
        let step = Step::ALL.into_iter().find(|step| {
            let seconds = (self.to.as_second() - self.from.as_second()) as f64;
            seconds / step.seconds() <= (room / step.label_room()).clamp(1.0, 14.0)
        });
        let step = step.unwrap_or(Step::Years(5_000));
        let mut ticks: Vec<Tick> = Vec::new();
        let mut before = None;
        let mut at = step.first(self.from);
        while let Some(moment) = at {
            let stamp = moment
                .to_zoned(TimeZone::UTC)
                .map(|zoned| zoned.timestamp());
            let Ok(stamp) = stamp else { break };
            if stamp > self.to || ticks.len() > 40 {
                break;
            }
            if stamp >= self.from {
                let belongs = step.belongs(moment);
                ticks.push(Tick {
                    at: stamp,
                    label: step.label(moment),
                    below: (belongs != before).then(|| belongs.clone()).flatten(),
                });
                before = belongs;
            }
            at = step.next(moment);
        }
        ticks
    }

    /// Whether hours are told apart, so that the zone has to be said.
    pub fn has_hours(&self, room: f64) -> bool {
        self.ticks(room).iter().any(|tick| tick.label.contains(':'))
    }
}

/// 00:00 UTC of a day.
pub fn midnight(day: Date) -> Timestamp {
    let since = day.duration_since(jiff::civil::date(1970, 1, 1));
    Timestamp::UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(if since.is_negative() {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
}

#[derive(Clone, Copy)]
enum Step {
    Minutes(i32),
    Hours(i32),
    Days(i32),
    Weeks(i32),
    Months(i32),
    Years(i32),
}

impl Step {
    const ALL: [Self; 26] = [
        Self::Minutes(1),
        Self::Minutes(5),
        Self::Minutes(15),
        Self::Minutes(30),
        Self::Hours(1),
        Self::Hours(3),
        Self::Hours(6),
        Self::Hours(12),
        Self::Days(1),
        Self::Days(2),
        Self::Weeks(1),
        Self::Weeks(2),
        Self::Months(1),
        Self::Months(2),
        Self::Months(3),
        Self::Months(6),
        Self::Years(1),
        Self::Years(2),
        Self::Years(5),
        Self::Years(10),
        Self::Years(20),
        Self::Years(50),
        Self::Years(100),
        Self::Years(500),
        Self::Years(1_000),
        Self::Years(5_000),
    ];

    fn seconds(self) -> f64 {
        let (n, unit) = match self {
            Self::Minutes(n) => (n, 60.0),
            Self::Hours(n) => (n, 3_600.0),
            Self::Days(n) => (n, 86_400.0),
            Self::Weeks(n) => (n, 604_800.0),
            Self::Months(n) => (n, 2_592_000.0),
            Self::Years(n) => (n, 31_536_000.0),
        };
        f64::from(n) * unit
    }

    /// Pixels of a label with what parts it from the next.
    fn label_room(self) -> f64 {
        match self {
            Self::Minutes(_) | Self::Hours(_) | Self::Days(_) | Self::Weeks(_) => 60.0,
            Self::Months(_) | Self::Years(_) => 46.0,
        }
    }

    /// A round moment at or before `from`.
    fn first(self, from: Timestamp) -> Option<DateTime> {
        let moment = from.to_zoned(TimeZone::UTC).datetime();
        let day = moment.date();
        match self {
            Self::Minutes(_) => Some(day.at(moment.hour(), 0, 0, 0)),
            Self::Hours(_) | Self::Days(1) => Some(day.at(0, 0, 0, 0)),
            Self::Days(_) => Some(day.first_of_month().at(0, 0, 0, 0)),
            Self::Weeks(_) => {
                let back = i32::from(day.weekday().since(Weekday::Monday));
                day.checked_sub(back.days())
                    .ok()
                    .map(|day| day.at(0, 0, 0, 0))
            }
            Self::Months(_) => Some(day.first_of_year().at(0, 0, 0, 0)),
            Self::Years(n) => {
                let year = i32::from(day.year());
                let year = i16::try_from(year - year.rem_euclid(n)).ok()?;
                Date::new(year, 1, 1).ok().map(|day| day.at(0, 0, 0, 0))
            }
        }
    }

    fn next(self, moment: DateTime) -> Option<DateTime> {
        let span = match self {
            Self::Minutes(n) => n.minutes(),
            Self::Hours(n) => n.hours(),
            Self::Days(n) => n.days(),
            Self::Weeks(n) => n.weeks(),
            Self::Months(n) => n.months(),
            Self::Years(n) => n.years(),
        };
        let next = moment.checked_add(span).ok()?;
        // a month begins with its first day again
        match self {
            Self::Days(2..) if next.day() < moment.day() || next.day() > 30 => {
                let first = moment.date().first_of_month().checked_add(1.month()).ok()?;
                Some(first.at(0, 0, 0, 0))
            }
            _ => Some(next),
        }
    }

    fn label(self, moment: DateTime) -> String {
        let format = match self {
            Self::Minutes(_) | Self::Hours(_) => "%H:%M",
            Self::Days(_) | Self::Weeks(_) => "%-d %b",
            Self::Months(_) => "%b",
            Self::Years(_) => "%Y",
        };
        moment.strftime(format).to_string()
    }

    fn belongs(self, moment: DateTime) -> Option<String> {
        let format = match self {
            Self::Minutes(_) | Self::Hours(_) => "%-d %b",
            Self::Days(_) | Self::Weeks(_) | Self::Months(_) => "%Y",
            Self::Years(_) => return None,
        };
        Some(moment.strftime(format).to_string())
    }
}

#[cfg(test)]
mod tests;
