//! From samples to incidents of our own: whoever is down, degraded or slow, by what `latency` judges, kept with its evidence and
//! told as changes.

mod away;
mod tell;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

pub use away::{is_away, mark};

use super::writer::{Gone, Writer};
use crate::alerting::Policy;
use crate::latency::{Broken, Slow, Turned};
use crate::latency::{
    Condition, Event, Group, Health, KeptSample, Own, Spell, Statement, UNREACHED,
};
use crate::store::{
    EndedBy, Error, Judged, OwnIncident, OwnKind, Remembering, Series, SeriesId, SeriesKind, Store,
    Transaction, Unjudged,
};

/// Samples that are judged in one transaction: whoever waits for the writer must not wait for long.
const SAMPLES_AT_ONCE: u32 = 5_000;

/// Judges all samples that have come since the last time, in parts between which others may write. `references` are the
/// endpoints that only tell whether our own network is there. Gives how many incidents began or ended.
pub async fn judge(
    writer: &Writer,
    policy: &std::sync::Arc<Policy>,
    references: &std::sync::Arc<HashSet<String>>,
    now: Timestamp,
) -> Result<u32, Gone> {
    let mut turned = 0;
    loop {
        let (policy, references) = (policy.clone(), references.clone());
        let (judged, part) = writer
            .run(move |store| judge_part(store, &policy, &references, now))
            .await?;
        turned += part;
        if judged < SAMPLES_AT_ONCE as usize {
            return Ok(turned);
        }
    }
}

/// Judges the oldest samples that are not judged yet. Gives how many they were, and how many incidents began or ended.
pub fn judge_part(
    store: &mut Store,
    policy: &Policy,
    references: &HashSet<String>,
    now: Timestamp,
) -> Result<(usize, u32), Error> {
    store.transaction(|transaction| {
        let samples = transaction.take_unjudged(SAMPLES_AT_ONCE)?;
        if samples.is_empty() {
            return Ok((0, 0));
        }
        let judging = Judging {
            transaction,
            policy,
            series: transaction.series_by_id()?,
            now,
        };
        let own = judging.ourselves(&samples, references)?;
        let is_said = |unjudged: &&Unjudged| {
            let series = judging.series.get(&unjudged.series);
            series.is_some_and(|series| !references.contains(&series.probe))
        };
        let said: Vec<&Unjudged> = samples.iter().filter(is_said).collect();
        let turned = judging.targets(&said, &own)? + judging.groups(&said)?;
        Ok((samples.len(), turned))
    })
}

/// What a judgement of samples needs.
struct Judging<'a> {
    transaction: &'a Transaction<'a>,
    policy: &'a Policy,
    series: HashMap<SeriesId, Series>,
    now: Timestamp,
}

/// What is judged to be up or down: what several ways of asking have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Target<'a> {
    kind: &'static str,
    names: [&'a str; 6],
}

impl<'a> Target<'a> {
    fn of(series: &'a Series) -> Self {
        Self {
            kind: series.kind.word(),
            names: [
                &series.vantage,
                &series.provider,
                &series.region,
                &series.probe,
                &series.host,
                &series.model,
            ],
        }
    }

    fn name(&self) -> String {
        let all: Vec<&str> = [self.kind].into_iter().chain(self.names).collect();
        serde_json::json!(all).to_string()
    }

    /// An incident of it that nothing is said of yet.
    fn incident(&self, kind: OwnKind, now: Timestamp) -> OwnIncident {
        let [vantage, provider, region, probe, host, model] = self.names.map(str::to_string);
        OwnIncident {
            kind,
            vantage,
            provider,
            region,
            probe,
            host,
            model,
            begin: now,
            seen: now,
            ended: None,
            ended_by: None,
            n: 0,
            of: 0,
            before: None,
            during: None,
            samples: None,
        }
    }
}

/// A state as it was kept; one that cannot be read begins anew, since the samples behind it are still there for people.
fn recalled<T: Default>(
    kept: Option<&Remembering>,
    read: impl Fn(&[u8]) -> Result<T, Broken>,
    name: &str,
) -> T {
    let Some(kept) = kept else {
        return T::default();
    };
    read(&kept.state).unwrap_or_else(|broken| {
        tracing::warn!("what was known of {name} is forgotten: {broken}");
        T::default()
    })
}

/// To the first byte, or to the first content token where a model was asked: what the size of an answer has no part in. In
/// microseconds.
fn until_first(sample: &KeptSample) -> Option<f64> {
    let phases = &sample.phases;
    let first = phases.first_byte?;
    let opening = [phases.dns, phases.connect, phases.tls];
    let opening: i128 = opening
        .iter()
        .flatten()
        .map(|phase| phase.as_micros())
        .sum();
    let whole = match sample.first_token {
        Some(token) => token.as_micros(),
        None => opening + first.as_micros(),
    };
    (whole > 0).then_some(whole as f64)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MIN)
}

impl Judging<'_> {
    /// Whether we are to blame ourselves, by all samples of late.
    fn ourselves(
        &self,
        samples: &[Unjudged],
        references: &HashSet<String>,
    ) -> Result<Vec<Spell>, Error> {
        let kept = self.transaction.judgement(Judged::Ourselves, "")?;
        let mut own = recalled(kept.as_ref(), Own::decode, "our own network");
        for unjudged in samples {
            let Some(series) = self.series.get(&unjudged.series) else {
                continue;
            };
            let outcome = unjudged.sample.outcome.as_str();
            // the request was not made
            if matches!(outcome, "credential_missing" | "internal") {
                continue;
            }
            let is_reached = !UNREACHED.contains(&outcome);
            let is_reference = references.contains(&series.probe);
            let when = unjudged.sample.at.as_millisecond();
            own.feed(&series.provider, is_reference, is_reached, when);
        }
        let kept = Remembering {
            state: own.encode(),
            incident: None,
        };
        self.transaction
            .keep_judgement(Judged::Ourselves, "", &kept)?;
        Ok(own.spells())
    }

    fn targets(&self, samples: &[&Unjudged], own: &[Spell]) -> Result<u32, Error> {
        let mut targets: BTreeMap<Target<'_>, Vec<(i64, bool)>> = BTreeMap::new();
        for unjudged in samples {
            let Some(series) = self.series.get(&unjudged.series) else {
                continue;
            };
            let sample = &unjudged.sample;
            let statement = Statement::of(&sample.outcome, series.kind.question());
            let is_bad = match statement {
                Statement::Good => false,
                Statement::Bad => true,
                Statement::Nothing => continue,
            };
            let said = targets.entry(Target::of(series)).or_default();
            said.push((sample.at.as_millisecond(), is_bad));
        }
        let mut turned = 0;
        for (target, mut said) in targets {
            said.sort_unstable();
            turned += self.target(&target, &said, own)?;
        }
        Ok(turned)
    }

    fn target(
        &self,
        target: &Target<'_>,
        said: &[(i64, bool)],
        own: &[Spell],
    ) -> Result<u32, Error> {
        let name = target.name();
        let kept = self.transaction.judgement(Judged::Target, &name)?;
        let mut health = recalled(kept.as_ref(), Health::decode, &name);
        let mut incident = kept.and_then(|kept| kept.incident);
        let mut turns = 0;
        for (when, is_bad) in said {
            health.add(*when, *is_bad);
            let Some(turned) = health.judge(|at| own.iter().any(|spell| spell.is_ours(at))) else {
                continue;
            };
            turns += 1;
            let since = Timestamp::from_millisecond(turned.since).unwrap_or(self.now);
            let mut begun = None;
            if let Some(before) = incident.take() {
                begun = self
                    .transaction
                    .end_incident(before, since, EndedBy::Recovered)?
                    .map(|ended| ended.begin);
            }
            if let Some(kind) = kind_of(turned.to) {
                let began = began(target.incident(kind, self.now), &turned, since);
                incident = Some(self.transaction.begin_incident(&began)?);
            }
            // what is wrong with a source is told as a broken probe
            if target.kind != SeriesKind::Source.word() {
                let told = target.incident(OwnKind::Down, self.now);
                self.tell_turn(&told, &turned, since, begun)?;
            }
        }
        let state = health.encode();
        let kept = Remembering { state, incident };
        self.transaction
            .keep_judgement(Judged::Target, &name, &kept)?;
        Ok(turns)
    }

    /// Slowness, by provider and region: of endpoints and of models, since a source's answer is no measure of anything.
    fn groups(&self, samples: &[&Unjudged]) -> Result<u32, Error> {
        let mut groups: BTreeMap<Target<'_>, Vec<(i64, i64, f64)>> = BTreeMap::new();
        for unjudged in samples {
            let Some(series) = self.series.get(&unjudged.series) else {
                continue;
            };
            let sample = &unjudged.sample;
            let question = series.kind.question();
            let is_good = Statement::of(&sample.outcome, question) == Statement::Good;
            let Some(micros) = until_first(sample).filter(|_| is_good) else {
                continue;
            };
            if series.kind == SeriesKind::Source {
                continue;
            }
            let names = [&series.vantage, &series.provider, &series.region].map(String::as_str);
            let [vantage, provider, region] = names;
            let group = Target {
                kind: series.kind.word(),
                names: [vantage, provider, region, "", "", ""],
            };
            let second = sample.at.as_millisecond().div_euclid(1_000);
            let durations = groups.entry(group).or_default();
            durations.push((unjudged.series.number(), second, micros));
        }
        let mut turned = 0;
        for (group, durations) in groups {
            turned += self.group(&group, durations)?;
        }
        Ok(turned)
    }

    fn group(&self, names: &Target<'_>, durations: Vec<(i64, i64, f64)>) -> Result<u32, Error> {
        let name = names.name();
        let kept = self.transaction.judgement(Judged::Group, &name)?;
        let mut group = recalled(kept.as_ref(), Group::decode, &name);
        let mut incident = kept.and_then(|kept| kept.incident);
        let latest = durations.iter().map(|(_, second, _)| *second).max();
        for (series, second, micros) in durations {
            group.add(series, second, micros);
        }
        // a clock that was set back must not leave points open for ever
        let end = self.now.as_second().max(latest.unwrap_or(i64::MIN));
        let mut turns = 0;
        for event in group.judge(end) {
            turns += 1;
            match event {
                Event::Began(slow) => {
                    let began = slower(names.incident(OwnKind::Slow, self.now), &slow);
                    incident = Some(self.transaction.begin_incident(&began)?);
                    self.tell_slow(&began, &slow, &self.ways(&slow))?;
                }
                Event::Recovered { since } => {
                    self.end_slow(names, incident.take(), at(since), EndedBy::Recovered)?;
                }
                Event::NewNormal { at: when } => {
                    self.end_slow(names, incident.take(), at(when), EndedBy::NewNormal)?;
                }
            }
        }
        let state = group.encode();
        let kept = Remembering { state, incident };
        self.transaction
            .keep_judgement(Judged::Group, &name, &kept)?;
        Ok(turns)
    }

    fn end_slow(
        &self,
        names: &Target<'_>,
        incident: Option<crate::store::IncidentId>,
        at: Timestamp,
        by: EndedBy,
    ) -> Result<(), Error> {
        let ended = match incident {
            Some(incident) => self.transaction.end_incident(incident, at, by)?,
            None => None,
        };
        let ended = ended.unwrap_or_else(|| names.incident(OwnKind::Slow, self.now));
        self.tell_recovered(&ended, at, by)
    }

    /// The hosts or models of the series that are slower, each once.
    fn ways(&self, slow: &Slow) -> BTreeSet<String> {
        let series = self
            .series
            .iter()
            .filter(|(id, _)| slow.slower.contains(&id.number()));
        series
            .map(|(_, series)| match series.model.as_str() {
                "" => series.host.clone(),
                model => model.to_string(),
            })
            .collect()
    }
}

fn kind_of(condition: Condition) -> Option<OwnKind> {
    match condition {
        Condition::Up => None,
        Condition::Degraded => Some(OwnKind::Degraded),
        Condition::Down => Some(OwnKind::Down),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn began(incident: OwnIncident, turned: &Turned, since: Timestamp) -> OwnIncident {
    OwnIncident {
        begin: since,
        n: count(turned.bad),
        of: count(turned.of),
        ..incident
    }
}

fn slower(incident: OwnIncident, slow: &Slow) -> OwnIncident {
    OwnIncident {
        begin: at(slow.since),
        n: count(slow.slower.len()),
        of: count(slow.of),
        before: Some(slow.before.round() as i64),
        during: Some(slow.during.round() as i64),
        samples: Some(slow.n),
        ..incident
    }
}

#[cfg(test)]
mod tests;
