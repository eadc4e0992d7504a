//! How a provider stands: incidents, how much it was up, how soon its endpoints answer from here.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::latency::percent;
use crate::outlook::by::By;
use crate::outlook::incidents::{Row, evidence, measured, page, rows};
use crate::outlook::{availability, speeds};
use crate::render::{link, one_line};
use crate::store::{AllIncidents, Series, SeriesKind};
use crate::web::page::Moment;
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shown::{address, told_at};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Incidents of so long are told.
const INCIDENTS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Incidents that are told at most.
const MOST: usize = 20;
/// Characters of what an incident is called.
const NAME: usize = 300;

/// How a provider stands.
#[derive(Serialize)]
pub(super) struct Standing {
    incidents: Vec<Incident>,
    more: usize,
    all_incidents: String,
    uptimes: Vec<Uptime>,
    speeds: Vec<Speed>,
    all_speeds: String,
}

#[derive(Serialize)]
struct Incident {
    what: String,
    by: &'static str,
    evidence: Option<String>,
    link: Option<String>,
    began: Moment,
    ended: Option<Moment>,
    lasted: String,
}

/// How much it was up over some days.
#[derive(Serialize)]
struct Uptime {
    days: i64,
    by_duration: Option<String>,
    by_request: Option<String>,
    down: String,
    n: u64,
}

/// How soon a host answered in a day.
#[derive(Serialize)]
struct Speed {
    region: String,
    host: String,
    p50: Option<String>,
    p95: Option<String>,
    n: u64,
    failed: u64,
}

impl Standing {
    pub fn of(asked: &Asked<'_>, provider: &str) -> Result<Self, Refusal> {
        let (store, now) = (asked.store, asked.now);
        let since = now.checked_sub(INCIDENTS).unwrap_or(Timestamp::MIN);
        let mut own = store.own_incidents(since, now)?;
        own.retain(|incident| incident.provider == provider);
        let mut stated = store.stated_incidents(since, now)?;
        stated.retain(|incident| incident.provider == provider);
        let mut all = rows(own, stated);
        // what goes on comes first
        all.sort_by_key(|row| !row.goes_on());
        let is_its = |series: &Series| series.provider == provider;
        let mut uptimes = Vec::new();
        for days in [30, 90] {
            let since = now.checked_sub(DAY * days).unwrap_or(Timestamp::MIN);
            let is_wanted = |series: &Series| is_its(series) && series.kind != SeriesKind::Source;
            let groups = availability::groups(store, (since, now), now, is_wanted, |_| Vec::new())?;
            uptimes.extend(groups.first().map(|group| Uptime {
                days: i64::from(days),
                by_duration: group.found.by_duration().map(percent),
                by_request: group.found.by_request().map(percent),
                down: crate::render::lasting(group.found.down),
                n: group.found.good + group.found.bad,
            }));
        }
        let is_endpoint = |series: &Series| is_its(series) && series.kind == SeriesKind::Endpoint;
        let by = [By::Region, By::Host];
        let yesterday = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
        let hosts = speeds::hosts(store, [yesterday, now], now, is_endpoint, &by)?;
        let speeds = hosts.courses.groups().iter().map(|(names, course)| {
            let told = |percent: u8| {
                let time = course.whole.total.percentile(percent)?;
                Some(format!("{:.0}", speeds::millis(time)))
            };
            Speed {
                region: names.first().cloned().unwrap_or_default(),
                host: names.get(1).cloned().unwrap_or_default(),
                p50: told(50),
                p95: told(95),
                n: course.whole.good(),
                failed: course.whole.failed(),
            }
        });
        Ok(Self {
            more: all.len().saturating_sub(MOST),
            incidents: all
                .iter()
                .take(MOST)
                .map(|row| incident(asked, row))
                .collect(),
            all_incidents: address("/incidents", [("provider", provider)]),
            uptimes,
            speeds: speeds.collect(),
            all_speeds: address("/latency", [("provider", provider)]),
        })
    }
}

fn incident(asked: &Asked<'_>, row: &Row) -> Incident {
    let (own, stated) = (row.own.as_ref(), row.stated.as_ref());
    let what = own.map(measured).into_iter().chain(stated.map(page));
    let what: Vec<String> = what.map(|what| one_line(&what, NAME)).collect();
    Incident {
        what: what.join(" / "),
        by: match (own, stated) {
            (Some(_), Some(_)) => "measured here and stated by a status page",
            (Some(_), None) => "measured here",
            (None, _) => "stated by a status page",
        },
        evidence: own.map(evidence),
        link: stated.and_then(|stated| link(stated.link.as_deref()?)),
        began: told_at(asked, row.begin()),
        ended: row.end().map(|at| told_at(asked, at)),
        lasted: row.lasted_in_words(asked.now),
    }
}
