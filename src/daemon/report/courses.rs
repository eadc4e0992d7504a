//! How measurements went over a span: what charts are drawn from.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Span;
use super::measured::{answered, asked};
use crate::latency::{Cover, Resolution, Sketch, Statement};
use crate::render::report::{CourseLine, CoursePoint, SpeedLine, StripBar, StripLine, Strips};
use crate::store::{AllSeries, Error, Questions, SeriesKind};

/// Lines of speed whose course is drawn.
const COURSES: usize = 3;
/// Spans up to this are told hour by hour, longer ones day by day.
const FINE: SignedDuration = SignedDuration::from_hours(10 * 24);
/// Spans up to this are read hour by hour where their days are not those of UTC.
const READ_BY_HOUR: SignedDuration = SignedDuration::from_hours(93 * 24);

/// The windows that tell the course of a span, and the bars that they fall into. No window begins before the span or ends after
/// it: what happened on the days around it is not told of it.
struct Bars {
    cover: Cover,
    /// How long a bar is, in seconds.
    every: i64,
    /// How many there are.
    count: i64,
}

impl Bars {
    fn of(since: Timestamp, until: Timestamp, now: Timestamp) -> Self {
        let length = until.duration_since(since);
        let hours = Resolution::Hour.kept_since(now);
        let has_hours = hours.is_none_or(|kept| since >= kept);
        let (day, is_running) = (Resolution::Day, until >= now);
        let is_edge = |at: Timestamp| at.duration_since(begin_of(day, at)).is_zero();
        let has_days = is_edge(since) && (is_running || is_edge(until));
        let (windows, every) = match has_hours {
            true if length <= FINE => (Resolution::Hour, Resolution::Hour),
            true if length <= READ_BY_HOUR && !has_days => (Resolution::Hour, day),
            _ => (day, day),
        };
        let first = begin_of(windows, since);
        let step = SignedDuration::from_secs(windows.seconds());
        let from = match first < since {
            true => first.checked_add(step).unwrap_or(since),
            false => first,
        };
        // nothing has come yet after a moment that is now
        let until = match is_running {
            true => until,
            false => begin_of(windows, until),
        };
        let cover = Cover::even(windows, from, until);
        let (every, length) = (every.seconds(), cover.until - cover.from);
        // a month in which clocks are put back is an hour longer than its days
        let length = match every > windows.seconds() {
            true => length - Resolution::Hour.seconds(),
            false => length,
        };
        Self {
            cover,
            every,
            count: ((length + every - 1) / every).max(1),
        }
    }

    /// The bar of a window that begins then.
    fn bar_of(&self, begin: i64) -> i64 {
        ((begin - self.cover.from) / self.every).clamp(0, self.count - 1)
    }

    fn from(&self, since: Timestamp) -> Timestamp {
        Timestamp::from_second(self.cover.from).unwrap_or(since)
    }
}

fn begin_of(resolution: Resolution, at: Timestamp) -> Timestamp {
    Timestamp::from_second(resolution.begin(at)).unwrap_or(at)
}

/// The course of the first of `speeds`: what is watched, and models before endpoints.
pub fn courses(
    store: &impl Questions,
    span: &Span<'_>,
    speeds: &[SpeedLine],
    now: Timestamp,
) -> Result<Vec<CourseLine>, Error> {
    let mut drawn: Vec<&SpeedLine> = speeds.iter().filter(|line| line.n > 1).collect();
    drawn.sort_by_key(|line| (!span.is_watched(&line.provider), !line.is_model));
    drawn.truncate(COURSES);
    if drawn.is_empty() {
        return Ok(Vec::new());
    }
    let bars = Bars::of(span.since, span.until, now);
    let mut found: Vec<BTreeMap<i64, Sketch>> = vec![BTreeMap::new(); drawn.len()];
    store.windows(&bars.cover, |series, begin, figures| {
        let Some((provider, is_model, name)) = asked(series) else {
            return;
        };
        let is_it = |line: &&SpeedLine| {
            line.provider == provider && line.is_model == is_model && line.name == name
        };
        if let Some(at) = drawn.iter().position(is_it)
            && let Some(points) = found.get_mut(at)
            && let Some(durations) = answered(series, &figures)
        {
            let begin = bars.cover.from + bars.bar_of(begin) * bars.every;
            points.entry(begin).or_default().merge(durations);
        }
    })?;
    let lines = drawn.iter().zip(found).map(|(line, points)| CourseLine {
        provider: line.provider.clone(),
        name: line.name.clone(),
        is_model: line.is_model,
        n: line.n,
        from: span.since,
        until: span.until,
        every: SignedDuration::from_secs(bars.every),
        points: points.into_iter().filter_map(point).collect(),
    });
    Ok(lines.collect())
}

fn point((begin, sketch): (i64, Sketch)) -> Option<CoursePoint> {
    Some(CoursePoint {
        at: Timestamp::from_second(begin).ok()?,
        p50: sketch.percentile(50)?,
        p95: sketch.percentile(95)?,
        p99: sketch.percentile(99)?,
    })
}

/// How endpoints and models of each provider stood, hour by hour or day by day; what is watched first.
pub fn strips(store: &impl Questions, span: &Span<'_>, now: Timestamp) -> Result<Strips, Error> {
    let bars = Bars::of(span.since, span.until, now);
    let count = usize::try_from(bars.count).unwrap_or(0);
    let mut found: BTreeMap<String, Vec<StripBar>> = BTreeMap::new();
    store.windows(&bars.cover, |series, begin, figures| {
        if series.kind == SeriesKind::Source {
            return;
        }
        let strip = found
            .entry(series.provider.clone())
            .or_insert_with(|| vec![StripBar::default(); count]);
        let bar = usize::try_from(bars.bar_of(begin)).unwrap_or(0);
        let Some(bar) = strip.get_mut(bar) else {
            return;
        };
        for (outcome, n) in &figures.outcomes {
            match Statement::of(outcome, series.kind.question()) {
                Statement::Good => bar.good += n,
                Statement::Bad => bar.bad += n,
                Statement::Nothing => bar.unsaid += n,
            }
        }
    })?;
    let mut lines: Vec<StripLine> = found
        .into_iter()
        .map(|(provider, bars)| StripLine { provider, bars })
        .collect();
    lines.sort_by_key(|line| !span.is_watched(&line.provider));
    Ok(Strips {
        from: bars.from(span.since),
        every: SignedDuration::from_secs(bars.every),
        lines,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(since: &str, until: &str, now: &str) -> Bars {
        let moment = |text: &str| text.parse::<Timestamp>().expect("a time");
        Bars::of(moment(since), moment(until), moment(now))
    }

    fn second(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a time").as_second()
    }

    #[test]
    fn a_week_has_as_many_bars_as_hours() {
        let now = "2026-12-10T07:00:00Z";
        let week = bars("2026-11-08T23:00:00Z", "2026-11-15T23:00:00Z", now);
        assert_eq!((week.every, week.count), (3_600, 168));
        assert_eq!(week.bar_of(second("2026-11-15T22:00:00Z")), 167);
        // the hour that goes on is one of them
        let running = bars(
            "2026-12-09T23:00:00Z",
            "2026-12-10T06:20:00Z",
            "2026-12-10T06:20:00Z",
        );
        assert_eq!(running.count, 8);
    }

    #[test]
    fn a_month_is_told_by_its_own_days() {
        let now = "2026-12-10T07:00:00Z";
        let berlin = bars("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z", now);
        assert_eq!((berlin.every, berlin.count), (86_400, 30));
        // nothing of noon on 31 October, nothing of 1 December
        assert_eq!(berlin.cover.from, second("2026-10-31T23:00:00Z"));
        assert_eq!(berlin.cover.until, second("2026-11-30T23:00:00Z"));
        assert_eq!(berlin.cover.runs[0].resolution, Resolution::Hour);
        assert_eq!(berlin.bar_of(second("2026-11-02T11:00:00Z")), 1);
        // clocks are put back in it
        let october = bars("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z", now);
        assert_eq!(october.count, 31);
        let utc = bars("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", now);
        assert_eq!((utc.every, utc.count), (86_400, 30));
        assert_eq!(utc.cover.runs[0].resolution, Resolution::Day);
    }

    #[test]
    fn days_that_no_hour_tells_of_lie_within_the_span() {
        let year = bars(
            "2025-12-31T23:00:00Z",
            "2026-11-30T23:00:00Z",
            "2026-12-10T07:00:00Z",
        );
        assert_eq!(year.cover.from, second("2026-01-01T00:00:00Z"));
        assert_eq!(year.cover.until, second("2026-11-30T00:00:00Z"));
        assert_eq!(year.count, 333);
    }
}
