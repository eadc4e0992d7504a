//! From what sources said, and for how long, to the courses of models.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use rust_decimal::Decimal;

use super::{Course, First, History, Presence, Step, is_offered_at, is_there_at};
use crate::landscape::matrix::{believed, cell, stage};
use crate::landscape::offer::{Heard, Said, of_provider};
use crate::market::{
    Attribute, Authority, DateKind, FORGOTTEN_AFTER, Identity, Interface, OfferingFact,
    ProviderKind, Spell, Stage, Subject, Value, day_start,
};

/// When a source first said anything of a provider.
type Baselines<'a> = HashMap<(&'a str, &'a str, &'a str), Timestamp>;

impl History {
    /// The attributes that it is made of, besides who lists what.
    pub fn attributes() -> Vec<Attribute> {
        vec![
            Attribute::Stage,
            Attribute::Interface,
            Attribute::Date(DateKind::Launch),
            Attribute::Date(DateKind::Retires),
            Attribute::price("input"),
            Attribute::price("output"),
        ]
    }

    /// The history up to `now` that spells tell; they stand offering by offering. `kinds` tells what kind of place each provider
    /// is.
    pub fn new(spells: &[Spell], kinds: BTreeMap<String, ProviderKind>, now: Timestamp) -> Self {
        let baselines = baselines(spells);
        let mut begins: BTreeMap<String, Date> = BTreeMap::new();
        for ((_, _, provider), at) in &baselines {
            let day = day_of(*at);
            let begin = begins.entry((*provider).to_string()).or_insert(day);
            *begin = day.min(*begin);
        }
        let mut identities: HashMap<(&str, &str), Option<Identity>> = HashMap::new();
        for run in runs(spells) {
            let subject = &run.0.fact.subject;
            let identity = identities.entry(key(subject));
            identity.or_insert_with(|| subject.identity());
        }
        let mut groups: BTreeMap<(&str, &str), Vec<Run<'_>>> = BTreeMap::new();
        for (first, spells) in runs(spells) {
            let key = key(&first.fact.subject);
            let identity = identities.get(&key).and_then(Option::as_ref);
            if let Some(identity) = identity
                && let Some(model) = &identity.model
            {
                let group = groups.entry((model, key.0)).or_default();
                group.push(Run { spells, identity });
            }
        }
        let mut models: BTreeMap<String, BTreeMap<String, Course>> = BTreeMap::new();
        for ((model, provider), runs) in groups {
            let group = Group {
                runs: &runs,
                baselines: &baselines,
            };
            let course = group.course(now);
            let of_model = models.entry(model.to_string()).or_default();
            of_model.insert(provider.to_string(), course);
        }
        Self {
            models,
            kinds,
            begins,
            late: BTreeSet::new(),
        }
    }
}

fn baselines(spells: &[Spell]) -> Baselines<'_> {
    let mut baselines = Baselines::new();
    // most of what is said of an offering one source says: its names are looked up once
    let is_beside = |one: &Spell, next: &Spell| {
        Arc::ptr_eq(&one.fact.subject, &next.fact.subject)
            && Arc::ptr_eq(&one.fact.source, &next.fact.source)
    };
    for alike in spells.chunk_by(is_beside) {
        let at = alike.iter().map(|spell| spell.fact.since).min();
        if let (Some(spell), Some(at)) = (alike.first(), at) {
            let first = baselines.entry(told_by(&spell.fact)).or_insert(at);
            *first = at.min(*first);
        }
    }
    baselines
}

/// What was said of each offering, with the first of it.
fn runs(spells: &[Spell]) -> impl Iterator<Item = (&Spell, &[Spell])> {
    let runs = spells.chunk_by(|one, next| Arc::ptr_eq(&one.fact.subject, &next.fact.subject));
    runs.filter_map(|run| Some((run.first()?, run)))
}

fn key(subject: &Subject) -> (&str, &str) {
    (subject.provider.as_str(), subject.native_id.as_str())
}

fn told_by(fact: &OfferingFact) -> (&str, &str, &str) {
    (
        fact.source.probe.as_str(),
        fact.source.scope.as_str(),
        fact.subject.provider.as_str(),
    )
}

/// Everything that was ever said of one offering.
struct Run<'a> {
    spells: &'a [Spell],
    identity: &'a Identity,
}

/// Everything that was ever said of one model at one provider.
struct Group<'a> {
    runs: &'a [Run<'a>],
    baselines: &'a Baselines<'a>,
}

impl Group<'_> {
    fn course(&self, now: Timestamp) -> Course {
        let mut course = Course::default();
        for day in self.days(now) {
            let presence = self.presence(moment(day, now));
            if let Some(presence) = presence.as_ref().filter(|presence| presence.is_offered())
                && course.offered.is_none()
            {
                let last = course.steps.last();
                let was_known = last.is_some_and(|step| step.presence.is_some());
                course.offered = Some(First {
                    day,
                    is_censored: !presence.seen.is_some_and(is_offered_at)
                        || !was_known && presence.is_listed_late(day),
                    is_unstated: presence.cell.stage == Stage::Unknown,
                });
            }
            let last = course.steps.last().and_then(|step| step.presence.as_ref());
            if last != presence.as_ref() {
                course.steps.push(Step { day, presence });
            }
        }
        course
    }

    /// The days on whose end something may be otherwise than on the day before.
    fn days(&self, now: Timestamp) -> BTreeSet<Date> {
        let mut days: BTreeSet<Date> = BTreeSet::new();
        let mut may = |at: Timestamp| {
            if at <= now {
                days.insert(day_of(at));
            }
        };
        let mut heard: BTreeSet<Timestamp> = BTreeSet::new();
        for spell in self.runs.iter().flat_map(|run| run.spells) {
            may(spell.fact.since);
            if let Some(until) = spell.until {
                may(until);
            }
            let is_end =
                spell.fact.attribute.as_deref() == Some(&Attribute::Date(DateKind::Retires));
            if let Some(Value::Date(date)) = spell.fact.value.as_deref()
                && is_end
            {
                may(date.ends());
            }
            heard.extend(spell.fact.confirmed_at);
        }
        // a source that is not read for long stands back behind others
        if heard.len() > 1 {
            for at in heard {
                may(at
                    .saturating_add(FORGOTTEN_AFTER + SignedDuration::from_millis(1))
                    .unwrap_or(Timestamp::MAX));
            }
        }
        days
    }

    /// What was believed at a moment.
    fn presence(&self, at: Timestamp) -> Option<Presence> {
        let mut facts: Vec<(OfferingFact, &Identity)> = Vec::new();
        for run in self.runs {
            for spell in run.spells {
                if spell.fact.since <= at && spell.until.is_none_or(|until| until > at) {
                    let mut fact = spell.fact.clone();
                    fact.confirmed_at = fact.confirmed_at.map(|confirmed| confirmed.min(at));
                    facts.push((fact, run.identity));
                }
            }
        }
        let said: Vec<Said<'_>> = facts
            .iter()
            .map(|(fact, identity)| Said { fact, identity })
            .collect();
        let heard = of_provider(&said);
        if heard.is_empty() {
            return None;
        }
        let facts = || facts.iter().map(|(fact, _)| fact);
        let lists = facts().any(|fact| fact.attribute.is_none());
        let telling = || facts().filter(move |fact| fact.attribute.is_none() || !lists);
        let launched =
            facts().filter_map(
                |fact| match (fact.attribute.as_deref(), fact.value.as_deref()) {
                    (Some(Attribute::Date(DateKind::Launch)), Some(Value::Date(date))) => {
                        Some(day_of(date.starts()))
                    }
                    _ => None,
                },
            );
        let cell = cell(&heard, at);
        Some(Presence {
            seen: self.seen(&said, cell.stage, at),
            cell,
            blended: blended(&heard, at),
            interfaces: interfaces(&heard, at),
            authority: telling()
                .map(|fact| fact.authority)
                .max()
                .unwrap_or(Authority::Registry),
            launched: launched.min(),
        })
    }

    /// The stage at which it would be without the baselines of the day; `None`: it would not be known there.
    fn seen(&self, said: &[Said<'_>], stage: Stage, at: Timestamp) -> Option<Stage> {
        let today = day_of(at);
        let is_baseline = |said: &&Said<'_>| {
            let since = &said.fact.since;
            self.baselines.get(&told_by(said.fact)) == Some(since) && day_of(*since) == today
        };
        let others: Vec<Said<'_>> = said
            .iter()
            .filter(|said| !is_baseline(said))
            .copied()
            .collect();
        if others.len() == said.len() {
            return Some(stage);
        }
        let heard = of_provider(&others);
        (!heard.is_empty()).then(|| cell(&heard, at).stage)
    }
}

/// What is called at the offerings that can be.
fn interfaces(heard: &[Heard<'_>], at: Timestamp) -> BTreeSet<Interface> {
    let of = |offering: &Heard<'_>| match believed(offering, &Attribute::Interface) {
        Some(Value::Interface(interface)) => Some(*interface),
        _ => None,
    };
    callable(heard, at).filter_map(of).collect()
}

/// The offerings that are neither announced nor retired.
fn callable<'a, 'b>(heard: &'b [Heard<'a>], at: Timestamp) -> impl Iterator<Item = &'b Heard<'a>> {
    let is_there = move |of: &&Heard<'_>| is_there_at(stage(of, at));
    heard.iter().filter(is_there)
}

/// The lowest price of three parts of input and one of output, at the offerings that can be called.
fn blended(heard: &[Heard<'_>], at: Timestamp) -> Option<Decimal> {
    let (input, output) = (Attribute::price("input"), Attribute::price("output"));
    let price = |offering: &Heard<'_>, attribute: &Attribute| match believed(offering, attribute) {
        // what costs nothing is a trial or a slip, and no price that a market moves by
        Some(Value::Price(price))
            if price.is_usd_per_million_tokens() && price.amount > Decimal::ZERO =>
        {
            Some(price.amount)
        }
        _ => None,
    };
    let of = |offering: &Heard<'_>| {
        let (input, output) = (price(offering, &input)?, price(offering, &output)?);
        let sum = input.checked_mul(Decimal::from(3))?.checked_add(output)?;
        Some(sum / Decimal::from(4))
    };
    callable(heard, at).filter_map(of).min()
}

/// The UTC day of a moment.
fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The last moment of a day, or now.
fn moment(day: Date, now: Timestamp) -> Timestamp {
    let next = day_start(day.saturating_add(1.day()));
    next.saturating_sub(SignedDuration::from_millis(1))
        .unwrap_or(next)
        .min(now)
}
