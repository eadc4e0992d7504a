//! Every indicator of one day.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Baskets, Horizon, Lines, Way, coverage, exclusive, horizons, moves, sources, typical};
use crate::landscape::history::History;
use crate::landscape::reference::Reference;
use crate::market::Indicator;

/// What all days of one reckoning have in common.
#[derive(Debug)]
pub struct Reckoning<'a> {
    history: &'a History,
    reference: &'a Reference,
    lines: Lines<'a>,
    baskets: &'a Baskets,
}

impl<'a> Reckoning<'a> {
    /// Prepares to count days of a history.
    pub fn new(history: &'a History, reference: &'a Reference, baskets: &'a Baskets) -> Self {
        Self {
            history,
            reference,
            lines: Lines::new(history, reference),
            baskets,
        }
    }

    /// Every indicator of a day; what nothing is known of has none.
    pub fn on(&self, day: Date) -> Vec<Indicator> {
        let mut all = Figures(Vec::new());
        self.models(day, &mut all);
        self.moves(day, &mut all);
        self.coverage(day, &mut all);
        self.sources(day, &mut all);
        self.prices(day, &mut all);
        self.ends(day, &mut all);
        all.0
    }

    /// What can be called, by provider, lab, stage and interface, and in how many regions.
    fn models(&self, day: Date, all: &mut Figures) {
        #[derive(Default)]
        struct Sold<'a> {
            models: usize,
            labs: BTreeMap<&'a str, usize>,
            stages: BTreeMap<&'static str, usize>,
            interfaces: BTreeMap<&'static str, usize>,
            regions: std::collections::BTreeSet<&'a str>,
        }
        let mut sold: BTreeMap<&str, Sold<'_>> = self
            .history
            .providers(day)
            .map(|provider| (provider, Sold::default()))
            .collect();
        for (model, provider, presence) in self.history.on(day) {
            let Some(sold) = sold.get_mut(provider) else {
                continue;
            };
            *sold.stages.entry(presence.cell.stage.word()).or_default() += 1;
            if !presence.is_there() {
                continue;
            }
            sold.models += 1;
            let lab = model.split_once('/').map_or(model, |(lab, _)| lab);
            *sold.labs.entry(lab).or_default() += 1;
            for interface in &presence.interfaces {
                *sold.interfaces.entry(interface.word()).or_default() += 1;
            }
            sold.regions
                .extend(presence.cell.regions.iter().map(|region| &**region));
        }
        for (provider, sold) in sold {
            all.count("models", provider, "", sold.models);
            all.count("regions", provider, "", sold.regions.len());
            for (lab, models) in sold.labs {
                all.count("models_by_lab", provider, lab, models);
            }
            for (stage, models) in sold.stages {
                all.count("models_by_stage", provider, stage, models);
            }
            for (interface, models) in sold.interfaces {
                all.count("models_by_interface", provider, interface, models);
            }
        }
    }

    fn moves(&self, day: Date, all: &mut Figures) {
        let mut moved: BTreeMap<&str, [usize; 2]> = self
            .history
            .providers(day)
            .map(|provider| (provider, [0, 0]))
            .collect();
        let moves = moves(self.history, day, day);
        for one in &moves {
            if let Some([added, removed]) = moved.get_mut(one.provider.as_str()) {
                match one.way {
                    Way::Added => *added += 1,
                    Way::Removed => *removed += 1,
                }
            }
        }
        for (provider, [added, removed]) in moved {
            all.count("added", provider, "", added);
            all.count("removed", provider, "", removed);
        }
    }

    fn coverage(&self, day: Date, all: &mut Figures) {
        let flagships = self.lines.flagships(self.history, day);
        for (provider, coverage) in coverage(self.history, &flagships, day) {
            if let Some(share) = coverage.share() {
                all.add("coverage", &provider, "", share, coverage.of);
            }
        }
        for (provider, typical) in typical(self.history, day) {
            if let Some(median) = typical.median {
                all.add("parity_lag", &provider, "", median, typical.n);
            }
        }
    }

    fn sources(&self, day: Date, all: &mut Figures) {
        if self.history.first_day().is_none_or(|first| first > day) {
            return;
        }
        let exclusive = exclusive(self.history, day);
        all.count("single_source", "", "", exclusive.values().sum());
        for (provider, models) in exclusive {
            all.count("exclusive", &provider, "", models);
        }
    }

    fn prices(&self, day: Date, all: &mut Figures) {
        if let Some(level) = self.baskets.market.at(day) {
            all.add("basket", "", "", level.value, level.priced);
        }
        for (provider, index) in &self.baskets.providers {
            if let Some(level) = index.at(day) {
                all.add("basket", provider, "", level.value, level.priced);
            }
        }
        let mut cheapest: BTreeMap<String, usize> = BTreeMap::new();
        let mut of = 0;
        let basket = self.reference.basket(day);
        for model in basket.iter().flat_map(|basket| &basket.models) {
            let courses = self.history.model(model);
            let Some((_, by)) = courses.and_then(|all| sources(self.history, all, day).cheapest)
            else {
                continue;
            };
            of += 1;
            for provider in by {
                *cheapest.entry(provider).or_default() += 1;
            }
        }
        for (provider, models) in cheapest {
            all.add("cheapest", &provider, "", models as f64, of);
        }
    }

    fn ends(&self, day: Date, all: &mut Figures) {
        for (provider, horizon) in horizons(self.history, day) {
            for (at, days) in Horizon::DAYS.into_iter().enumerate() {
                for (what, counts) in [
                    ("retiring_firm", horizon.firm),
                    ("retiring_not_before", horizon.not_before),
                ] {
                    let models = counts.get(at).copied().unwrap_or(0);
                    all.count(what, &provider, &format!("{days}d"), models);
                }
            }
        }
    }
}

struct Figures(Vec<Indicator>);

impl Figures {
    fn count(&mut self, name: &str, provider: &str, of: &str, count: usize) {
        self.0.push(Indicator {
            name: name.into(),
            provider: provider.into(),
            of: of.into(),
            value: count as f64,
            n: None,
        });
    }

    fn add(&mut self, name: &str, provider: &str, of: &str, value: f64, n: usize) {
        self.count(name, provider, of, 0);
        if let Some(last) = self.0.last_mut() {
            last.value = value;
            last.n = u64::try_from(n).ok();
        }
    }
}
