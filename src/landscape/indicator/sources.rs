//! From how many places a model can be had, and at what price.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::landscape::history::{Course, History};

/// Where a model can be had on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// Providers at which it can be called; resellers do not count.
    pub providers: Vec<String>,
    /// Who asks least for three parts of input and one of output, and how much, in USD per 1M tokens; several ask the same.
    pub cheapest: Option<(Decimal, Vec<String>)>,
}

/// Where one model can be had on a day.
pub fn sources(history: &History, courses: &BTreeMap<String, Course>, day: Date) -> Sources {
    let there = courses.iter().filter_map(|(provider, course)| {
        let presence = course.at(day).filter(|presence| presence.is_there())?;
        (!history.resells(provider)).then_some((provider, presence))
    });
    let mut cheapest: Option<(Decimal, Vec<String>)> = None;
    for (provider, presence) in there.clone() {
        let Some(price) = presence.blended else {
            continue;
        };
        match &mut cheapest {
            Some((lowest, by)) if *lowest == price => by.push(provider.clone()),
            Some((lowest, _)) if *lowest < price => {}
            _ => cheapest = Some((price, vec![provider.clone()])),
        }
    }
    Sources {
        providers: there.map(|(provider, _)| provider.clone()).collect(),
        cheapest,
    }
}

/// How many models can be had at each provider and nowhere else.
pub fn exclusive(history: &History, day: Date) -> BTreeMap<String, usize> {
    let mut all: BTreeMap<String, usize> = history
        .providers(day)
        .filter(|provider| !history.resells(provider))
        .map(|provider| (provider.to_string(), 0))
        .collect();
    for (_, courses) in history.models() {
        if let [only] = sources(history, courses, day).providers.as_slice()
            && let Some(count) = all.get_mut(only)
        {
            *count += 1;
        }
    }
    all
}
