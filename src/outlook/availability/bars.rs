//! How targets stood in the course of a span, bar by bar.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::is_of;
use crate::latency::{Cover, Resolution, Statement};
use crate::render::report::{StripBar, StripLine, Strips};
use crate::store::{AllIncidents, AllSeries, Error, OwnKind, Questions, Series};

/// Spans up to this are told hour by hour, longer ones day by day.
const FINE: SignedDuration = SignedDuration::from_hours(10 * 24);
/// Spans up to this are read hour by hour where their days are not those of UTC.
const READ_BY_HOUR: SignedDuration = SignedDuration::from_hours(93 * 24);

/// The windows that tell the course of a span, and the bars that they fall into. No window begins before the span or ends after
/// it: what happened on the days around it is not told of it.
pub struct Bars {
    /// The windows.
    pub cover: Cover,
    /// How long a bar is, in seconds.
    pub every: i64,
    /// How many there are.
    pub count: i64,
}

impl Bars {
    /// Those of a span.
    pub fn of(since: Timestamp, until: Timestamp, now: Timestamp) -> Self {
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
    pub fn bar_of(&self, begin: i64) -> i64 {
        ((begin - self.cover.from) / self.every).clamp(0, self.count - 1)
    }

    /// When the first one begins.
    pub fn from(&self, since: Timestamp) -> Timestamp {
        Timestamp::from_second(self.cover.from).unwrap_or(since)
    }
}

fn begin_of(resolution: Resolution, at: Timestamp) -> Timestamp {
    Timestamp::from_second(resolution.begin(at)).unwrap_or(at)
}

/// How the wanted targets of each provider stood, hour by hour or day by day.
///
/// # Errors
/// Those of the store.
pub fn strips(
    store: &impl Questions,
    (since, until): (Timestamp, Timestamp),
    now: Timestamp,
    is_wanted: impl Fn(&Series) -> bool,
) -> Result<Strips, Error> {
    let bars = Bars::of(since, until, now);
    let count = usize::try_from(bars.count).unwrap_or(0);
    let mut down = store.own_incidents(since, until)?;
    down.retain(|incident| incident.kind == OwnKind::Down);
    let mut found: BTreeMap<String, Vec<StripBar>> = BTreeMap::new();
    store.windows(&bars.cover, |series, begin, figures| {
        if !is_wanted(series) {
            return;
        }
        let strip = found
            .entry(series.provider.clone())
            .or_insert_with(|| vec![StripBar::default(); count]);
        let nth = bars.bar_of(begin);
        let Some(bar) = strip.get_mut(usize::try_from(nth).unwrap_or(0)) else {
            return;
        };
        let from = bars.cover.from + nth * bars.every;
        bar.has_down |= down.iter().any(|incident| {
            let is_over = |end: Timestamp| end.as_second() <= from;
            incident.begin.as_second() < from + bars.every
                && !incident.ended.is_some_and(is_over)
                && is_of(incident, series)
        });
        for (outcome, n) in &figures.outcomes {
            match Statement::of(outcome, series.kind.question()) {
                Statement::Good => bar.good += n,
                Statement::Bad => bar.bad += n,
                Statement::Nothing => bar.unsaid += n,
            }
        }
    })?;
    let lines = found.into_iter();
    Ok(Strips {
        from: bars.from(since),
        every: SignedDuration::from_secs(bars.every),
        lines: lines
            .map(|(provider, bars)| StripLine { provider, bars })
            .collect(),
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
