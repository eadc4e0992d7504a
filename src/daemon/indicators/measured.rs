//! The indicators of a day that come of our own samples and of incidents.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::daemon::availability;
use crate::landscape::indicator::{Speed, median_between, ranks};
use crate::latency::{Cover, Resolution, Sketch, covered};
use crate::market::{Indicator, day_start};
use crate::store::{AllIncidents, AllSeries, Error, OwnKind, Questions, Series, SeriesKind};

/// Speed, uptime and incidents of a day, as far as it has passed; of what was not measured there is none.
///
/// # Errors
/// Those of the store.
pub fn measured(
    store: &impl Questions,
    day: Date,
    now: Timestamp,
) -> Result<Vec<Indicator>, Error> {
    let since = day_start(day);
    let until = day_start(day.saturating_add(1.day())).min(now);
    let mut all = Vec::new();
    speeds(store, (since, until), &mut all)?;
    let is_asked = |series: &Series| series.kind != SeriesKind::Source;
    let by_provider = |series: &Series| vec![series.provider.clone()];
    for group in availability::groups(store, (since, until), now, is_asked, by_provider)? {
        let n = group.found.good + group.found.bad;
        if let (Some(share), [provider]) = (group.found.by_duration(), group.names.as_slice()) {
            all.push(indicator("uptime", provider, share, Some(n)));
        }
    }
    incidents(store, (since, until), &mut all)?;
    Ok(all)
}

/// How fast endpoints answered on connections that were opened for it, until the last byte, and the places that come of it.
fn speeds(
    store: &impl Questions,
    (since, until): (Timestamp, Timestamp),
    all: &mut Vec<Indicator>,
) -> Result<(), Error> {
    let mut found: BTreeMap<String, Sketch> = BTreeMap::new();
    let cover = Cover::even(Resolution::Day, since, until);
    store.windows(&cover, |series, _, figures| {
        if series.kind == SeriesKind::Endpoint && series.way == "fresh" {
            let total = found.entry(series.provider.clone()).or_default();
            total.merge(&figures.total);
        }
    })?;
    let speeds = found.into_iter().filter_map(|(provider, total)| {
        let (low, high) = median_between(total.n());
        let millis = |percent| Some(total.percentile(percent)?.as_secs_f64() * 1_000.0);
        Some(Speed {
            provider,
            median: millis(50)?,
            low: millis(low)?,
            high: millis(high)?,
            n: total.n(),
        })
    });
    for ranked in ranks(speeds.collect()) {
        let (provider, n) = (&ranked.speed.provider, Some(ranked.speed.n));
        let speed = &ranked.speed;
        for (name, of, value) in [
            ("latency_median_ms", "", speed.median),
            ("latency_median_ms", "low", speed.low),
            ("latency_median_ms", "high", speed.high),
            ("latency_rank", "best", ranked.best as f64),
            ("latency_rank", "worst", ranked.worst as f64),
        ] {
            all.push(Indicator {
                of: of.into(),
                ..indicator(name, provider, value, n)
            });
        }
    }
    Ok(())
}

/// Minutes of the day with an open incident, by the page and by our own samples.
fn incidents(
    store: &impl Questions,
    (since, until): (Timestamp, Timestamp),
    all: &mut Vec<Indicator>,
) -> Result<(), Error> {
    let mut open: BTreeMap<(String, &str), Vec<(i64, i64)>> = BTreeMap::new();
    let mut add = |provider: String, by, begin: Timestamp, ended: Option<Timestamp>| {
        let begin = begin.max(since).as_second();
        let end = ended.map_or(until, |ended| ended.min(until)).as_second();
        if begin < end {
            open.entry((provider, by)).or_default().push((begin, end));
        }
    };
    for incident in store.stated_incidents(since, until)? {
        let begin = incident.begin.unwrap_or(incident.seen);
        add(incident.provider, "stated", begin, incident.ended);
    }
    for incident in store.own_incidents(since, until)? {
        if incident.kind == OwnKind::Down {
            add(
                incident.provider,
                "measured",
                incident.begin,
                incident.ended,
            );
        }
    }
    for ((provider, by), stretches) in open {
        let minutes = covered(stretches) as f64 / 60.0;
        all.push(Indicator {
            of: by.into(),
            ..indicator("incident_minutes", &provider, minutes, None)
        });
    }
    Ok(())
}

fn indicator(name: &str, provider: &str, value: f64, n: Option<u64>) -> Indicator {
    Indicator {
        name: name.into(),
        provider: provider.into(),
        of: "".into(),
        value,
        n,
    }
}
