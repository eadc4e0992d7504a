//! The indicators of a day that come of our own samples and of incidents.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::landscape::indicator::{Speed, median_between, ranks};
use crate::latency::{Cover, Resolution, Sketch, covered};
use crate::market::{Indicator, day_start};
use crate::outlook::availability;
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
        let over = incident.over();
        add(incident.provider, "stated", begin, over);
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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::civil::date;

    use super::*;
    use crate::latency::KeptSample;
    use crate::market::Phases;
    use crate::store::{EndedBy, OwnIncident, Store};

    /// A day on which `fast` answers in 100 ms and `slow` in 300, asked once a minute until noon; at ten `slow` is down for half
    /// an hour.
    fn measured_day() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(&folder.path().join("a.db")).expect("a database");
        let begin = day_start(date(2026, 11, 9));
        let minute = SignedDuration::from_mins(1);
        let kept = store.transaction(|transaction| {
            for (provider, millis) in [("fast", 100), ("slow", 300)] {
                let series = transaction.series_id(&Series {
                    kind: SeriesKind::Endpoint,
                    vantage: "here".to_string(),
                    provider: provider.to_string(),
                    probe: format!("{provider}.endpoint"),
                    host: format!("api.{provider}.test"),
                    way: "fresh".to_string(),
                    ..Series::default()
                })?;
                for n in 0..720 {
                    let is_down = provider == "slow" && (600..630).contains(&n);
                    let total = SignedDuration::from_millis(millis + i64::from(n % 7));
                    let sample = KeptSample {
                        at: begin + minute * n,
                        outcome: if is_down { "timeout" } else { "ok" }.to_string(),
                        phases: Phases {
                            total: (!is_down).then_some(total),
                            ..Phases::default()
                        },
                        first_token: None,
                    };
                    transaction.append_sample(series, &sample)?;
                }
            }
            let incident = transaction.begin_incident(&OwnIncident {
                kind: OwnKind::Down,
                vantage: "here".to_string(),
                provider: "slow".to_string(),
                region: String::new(),
                probe: "slow.endpoint".to_string(),
                host: "api.slow.test".to_string(),
                model: String::new(),
                begin: begin + minute * 600,
                seen: begin + minute * 605,
                ended: None,
                ended_by: None,
                n: 5,
                of: 5,
                before: None,
                during: None,
                samples: None,
            })?;
            transaction.end_incident(incident, begin + minute * 630, EndedBy::Recovered)?;
            while transaction.roll_up()? > 0 {}
            Ok::<_, Error>(())
        });
        kept.expect("kept");
        (folder, store)
    }

    #[test]
    fn a_day_is_told_by_speed_uptime_and_incidents() {
        let (_folder, store) = measured_day();
        let day = date(2026, 11, 9);
        let now = day_start(date(2026, 11, 12));
        let all = measured(&store, day, now).expect("indicators");
        let of = |name: &str, provider: &str, of: &str| {
            let is_it =
                |one: &&Indicator| (&*one.name, &*one.provider, &*one.of) == (name, provider, of);
            all.iter().find(is_it).map(|one| (one.value, one.n))
        };
        for (provider, place) in [("fast", 1.0), ("slow", 2.0)] {
            for side in ["best", "worst"] {
                let rank = of("latency_rank", provider, side).expect("a place");
                assert_eq!(rank.0, place, "{provider} {side}");
            }
        }
        let (median, n) = of("latency_median_ms", "fast", "").expect("a median");
        assert!((101.0..106.0).contains(&median), "{median}");
        assert_eq!(n, Some(720));
        assert_eq!(of("uptime", "fast", ""), Some((1.0, Some(720))));
        let (uptime, _) = of("uptime", "slow", "").expect("uptime");
        assert!((uptime - 690.0 / 720.0).abs() < 0.002, "{uptime}");
        let minutes = of("incident_minutes", "slow", "measured");
        assert_eq!(minutes, Some((30.0, None)));
        assert_eq!(of("incident_minutes", "fast", "measured"), None);
        let before = measured(&store, date(2026, 11, 8), now).expect("indicators");
        assert_eq!(before, [], "of what was not measured there is no number");
    }
}
