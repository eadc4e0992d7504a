//! How much of a time targets were up: what the samples of a span say of each of them.

mod bars;

pub use bars::{Bars, strips};

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::latency::{Cover, Resolution, Statement, Uptime, Window, uptime};
use crate::store::{
    AllIncidents, AllSeries, Error, OwnIncident, OwnKind, Questions, Series, SeriesKind,
};

/// The windows of each target, by their begin.
type Targets = HashMap<Series, BTreeMap<i64, Window>>;

/// Targets that are summed up together.
#[derive(Debug, Clone)]
pub struct Group {
    /// What they have in common.
    pub names: Vec<String>,
    /// How much they were up.
    pub found: Uptime,
    /// Whose they are.
    pub providers: BTreeSet<String>,
}

/// How much the wanted targets were up in a span that does not end after `now`, summed up by what `names` gives of each.
pub fn groups(
    store: &impl Questions,
    (since, until): (Timestamp, Timestamp),
    now: Timestamp,
    is_wanted: impl Fn(&Series) -> bool,
    names: impl Fn(&Series) -> Vec<String>,
) -> Result<Vec<Group>, Error> {
    let (cover, resolution) = windows_of(since, until, now);
    let mut targets = Targets::new();
    store.windows(&cover, |series, begin, figures| {
        if !is_wanted(series) {
            return;
        }
        let question = series.kind.question();
        let begin = begin - begin.rem_euclid(resolution.seconds());
        let windows = targets.entry(target(series)).or_default();
        let window = windows.entry(begin).or_insert(Window {
            begin,
            length: resolution.seconds(),
            good: 0,
            bad: 0,
        });
        for (outcome, n) in &figures.outcomes {
            match Statement::of(outcome, question) {
                Statement::Good => window.good += n,
                Statement::Bad => window.bad += n,
                Statement::Nothing => {}
            }
        }
    })?;
    let incidents = store.own_incidents(since, until)?;
    Ok(summed(targets, &incidents, (since, until), names))
}

/// What is up or down as one: whatever it is asked for, and in whichever way.
fn target(series: &Series) -> Series {
    Series {
        kind: SeriesKind::default(),
        way: String::new(),
        http: String::new(),
        ip: String::new(),
        ..series.clone()
    }
}

/// Whether an incident says that a target is down.
fn is_of(incident: &OwnIncident, target: &Series) -> bool {
    let own = [
        (&target.vantage, &incident.vantage),
        (&target.provider, &incident.provider),
        (&target.region, &incident.region),
        (&target.probe, &incident.probe),
        (&target.host, &incident.host),
        (&target.model, &incident.model),
    ];
    incident.kind == OwnKind::Down && own.iter().all(|(ours, its)| ours == its)
}

/// Spans up to this are told by windows of five minutes, longer ones by hours, and what is older than those by days.
const FINE: SignedDuration = SignedDuration::from_hours(48);

/// The windows that tell of a span, all of one length.
fn windows_of(since: Timestamp, until: Timestamp, now: Timestamp) -> (Cover, Resolution) {
    let is_kept = |resolution: Resolution| {
        let kept = resolution.kept_since(now);
        kept.is_none_or(|kept| since >= kept)
    };
    let is_short = until.duration_since(since) <= FINE;
    let resolution = match () {
        () if is_short && is_kept(Resolution::FiveMinutes) => Resolution::FiveMinutes,
        () if is_kept(Resolution::Hour) => Resolution::Hour,
        () => Resolution::Day,
    };
    (Cover::even(resolution, since, until), resolution)
}

fn summed(
    targets: Targets,
    incidents: &[OwnIncident],
    (since, until): (Timestamp, Timestamp),
    names: impl Fn(&Series) -> Vec<String>,
) -> Vec<Group> {
    let span = (since.as_second(), until.as_second());
    let mut groups: BTreeMap<Vec<String>, Group> = BTreeMap::new();
    for (target, windows) in targets {
        let down: Vec<(i64, i64)> = incidents
            .iter()
            .filter(|incident| is_of(incident, &target))
            .map(|incident| {
                let ended = incident.ended.unwrap_or(until);
                (incident.begin.as_second(), ended.as_second())
            })
            .collect();
        let found = uptime(windows.into_values().collect(), &down, span);
        let names = names(&target);
        let group = groups.entry(names.clone()).or_insert_with(|| Group {
            names,
            found: Uptime::default(),
            providers: BTreeSet::new(),
        });
        group.found.add(&found);
        group.providers.insert(target.provider);
    }
    groups.into_values().collect()
}
