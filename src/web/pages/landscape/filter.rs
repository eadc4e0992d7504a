//! What part of the landscape is asked for.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::market::{Interface, Place, RegionSet, Stage};
use crate::outlook::known::Known;
use crate::outlook::landscape::{Found, Part, lab_of};
use crate::web::refusal::Refusal;
use crate::web::route::Asked;
use crate::web::shared::ticked;
use crate::web::shown::{Choice, choices, one_of};

/// What part of the landscape is asked for.
pub(super) struct Filter(Part);

/// The form that asks, filled in as it was.
#[derive(Serialize)]
pub(super) struct Form {
    model: String,
    region: String,
    labs: Vec<Choice>,
    stages: Vec<Choice>,
    interfaces: Vec<Choice>,
    providers: Vec<Choice>,
    /// How many providers are chosen.
    chosen: usize,
    places: Vec<&'static str>,
    retiring: bool,
    /// Whether anything is asked for.
    narrows: bool,
}

/// What can be called.
pub(in crate::web) const INTERFACES: [Interface; 3] = [
    Interface::Stateless,
    Interface::Stateful,
    Interface::Platform,
];

impl Filter {
    /// Reads it; what nothing is known of is refused.
    pub fn read(asked: &Asked<'_>, whole: &Found) -> Result<Self, Refusal> {
        let query = &asked.query;
        let stage = one_of(query, "stage", Stage::ALL.map(Stage::word))?;
        let interface = one_of(query, "interface", INTERFACES.map(Interface::word))?;
        let lab = one_of(query, "lab", labs(whole))?;
        let part = Part {
            model: query.one("model")?.map(str::to_string),
            labs: lab.into_iter().map(str::to_string).collect(),
            providers: known_of(query.all("provider"), &whole.spoken_of)?,
            stage: stage.and_then(Stage::from_word),
            region: query.parsed("region", "a region", Place::from_word)?,
            interface: interface.and_then(Interface::from_word),
            retiring: query.flag("retiring")?,
        };
        if let Some(place) = &part.region {
            check_place(asked, place)?;
        }
        Ok(Self(part))
    }

    /// Which part that is.
    pub fn part(&self) -> &Part {
        &self.0
    }

    /// The form that asks for it.
    pub fn form(&self, whole: &Found) -> Form {
        let part = &self.0;
        let providers = whole.spoken_of.iter().map(String::as_str);
        Form {
            model: part.model.clone().unwrap_or_default(),
            region: part.region.as_ref().map_or(String::new(), Place::to_string),
            labs: choices(labs(whole), part.labs.first().map(String::as_str)),
            stages: choices(Stage::ALL.map(Stage::word), part.stage.map(Stage::word)),
            interfaces: choices(
                INTERFACES.map(Interface::word),
                part.interface.map(Interface::word),
            ),
            providers: ticked(providers, |name| {
                part.providers.iter().any(|asked| asked == name)
            }),
            chosen: part.providers.len(),
            places: RegionSet::all()
                .iter()
                .map(|set| set.name.as_str())
                .collect(),
            retiring: part.retiring,
            narrows: *part != Part::default(),
        }
    }
}

/// The labs of which models are known.
pub(in crate::web) fn labs(whole: &Found) -> BTreeSet<&str> {
    let rows = whole.matrix.rows.iter();
    rows.map(|row| lab_of(&row.model)).collect()
}

/// Providers by their names; one that no source speaks of is refused.
pub(in crate::web) fn known_of(
    names: Vec<&str>,
    spoken_of: &BTreeSet<String>,
) -> Result<Vec<String>, Refusal> {
    match names.iter().find(|name| !spoken_of.contains(**name)) {
        None => Ok(names.into_iter().map(str::to_string).collect()),
        Some(name) => {
            let found: String = name.chars().take(80).collect();
            let all = Vec::from_iter(spoken_of.iter().map(String::as_str)).join(", ");
            Err(Refusal::Wrong(format!(
                "provider: expected one that sources speak of ({all}), found '{found}'"
            )))
        }
    }
}

/// Refuses a place that nothing is known of.
pub(in crate::web) fn check_place(asked: &Asked<'_>, place: &Place) -> Result<(), Refusal> {
    let means = &asked.site.means;
    let known = Known::of_history(asked.store)?;
    let known = known.with_declared(&means.probes, &means.endpoints);
    match known.place_problem(place) {
        None => Ok(()),
        Some(problem) => Err(Refusal::Wrong(format!("region: {problem}"))),
    }
}
