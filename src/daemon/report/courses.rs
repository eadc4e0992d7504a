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

/// The windows that tell the course of a span.
fn windows(span: &Span<'_>, now: Timestamp) -> (Cover, Resolution) {
    let hours = Resolution::Hour.kept_since(now);
    let is_fine = span.until.duration_since(span.since) <= FINE
        && hours.is_none_or(|kept| span.since >= kept);
    let resolution = match is_fine {
        true => Resolution::Hour,
        false => Resolution::Day,
    };
    (Cover::even(resolution, span.since, span.until), resolution)
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
    let (cover, resolution) = windows(span, now);
    let mut found: Vec<BTreeMap<i64, Sketch>> = vec![BTreeMap::new(); drawn.len()];
    store.windows(&cover, |series, begin, figures| {
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
        every: SignedDuration::from_secs(resolution.seconds()),
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
    let (cover, resolution) = windows(span, now);
    let bars = usize::try_from((cover.until - cover.from) / cover.cell.max(1) + 1).unwrap_or(0);
    let mut found: BTreeMap<String, Vec<StripBar>> = BTreeMap::new();
    store.windows(&cover, |series, begin, figures| {
        if series.kind == SeriesKind::Source {
            return;
        }
        let strip = found
            .entry(series.provider.clone())
            .or_insert_with(|| vec![StripBar::default(); bars]);
        let Some(bar) = strip.get_mut(cover.cell_of(begin)) else {
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
        from: Timestamp::from_second(cover.from).unwrap_or(span.since),
        every: SignedDuration::from_secs(resolution.seconds()),
        lines,
    })
}
