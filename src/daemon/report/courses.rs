//! How measurements went over a span: what charts are drawn from.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Span;
use super::measured::{answered, asked};
use crate::latency::Sketch;
use crate::outlook::availability::{self, Bars};
use crate::render::report::{CourseLine, CoursePoint, SpeedLine, Strips};
use crate::store::{AllSeries, Error, Questions, Series, SeriesKind};

/// Lines of speed whose course is drawn.
const COURSES: usize = 3;
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
    let is_wanted = |series: &Series| series.kind != SeriesKind::Source;
    let mut strips = availability::strips(store, (span.since, span.until), now, is_wanted)?;
    let lines = &mut strips.lines;
    lines.sort_by_key(|line| !span.is_watched(&line.provider));
    Ok(strips)
}
